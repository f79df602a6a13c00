"""enable and disable: the hook in each of its kinds."""

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "tools"))
import harness  # noqa: E402  (needs the path above)
from cli_kit import Case, files  # noqa: E402


class HookCase(Case):
    """A virtual environment that is as it was after each test."""

    def setUp(self):
        super().setUp()
        result = harness.run(
            [self.python, "-c", "import sys, sysconfig\n"
             "print(sysconfig.get_path('purelib'))\n"
             "print('sitecustomize' in sys.modules)"],
            harness.clean_environment())
        self.site, has_own = result.out.decode().split("\n")[:2]
        # Debian's interpreter has a sitecustomize of its own.
        self.usual = ("apport_python_hook.py" if has_own == "True"
                      else "sitecustomize.py")
        self.assertEqual([], os.listdir(self.site))
        # What a test puts there itself.
        self.added = []

    def tearDown(self):
        self.pyaot_run("disable", "--python", self.python)
        for path in self.added:
            os.unlink(path)
        left = list(files(self.site))
        shutil.rmtree(self.site)
        os.mkdir(self.site)
        self.assertEqual([], left)
        super().tearDown()

    def put(self, name, text, folder=None):
        """A file of somebody else's; in site-packages if no folder is
        given."""
        path = os.path.join(folder or self.site, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        if folder is None:
            self.added.append(path)
        return path

    def folder_with(self, name, text):
        """A folder with one file, for PYTHONPATH or a .pth file."""
        folder = tempfile.mkdtemp(prefix="on path ", dir=self.work)
        self.put(name, text, folder)
        return folder

    def enable(self, kind=None, word="enabled", **environment):
        """Then the hook proper is of this kind, and there is no other."""
        result = self.ok("enable", "--python", self.python, **environment)
        self.assertIn(word, result.out.decode())
        kind = kind or self.usual
        own = [path[len(self.site) + 1:] for path in self.added]
        self.assertEqual(
            [kind], [name for name in sorted(os.listdir(self.site))
                     if name not in own and name.endswith(
                         (".pth", "customize.py", "apport_python_hook.py"))])
        self.assertIn(os.path.join(self.site, kind), result.out.decode())
        return result

    def disable(self):
        return self.ok("disable", "--python", self.python)

    def python_run(self, *arguments, **environment):
        return harness.run([self.python, *arguments],
                           harness.clean_environment(**environment),
                           self.work)

    def loaded(self, *flags, module="_pyaot_loader", **environment):
        result = self.python_run(
            *flags, "-c", f"import sys; print('{module}' in sys.modules)",
            **environment)
        self.assertEqual((0, b""), (result.status, result.err))
        return result.out.strip() == b"True"

    def doctor(self, **environment):
        result = self.pyaot_run("doctor", "--python", self.python,
                                **environment)
        return next(line for line in result.out.decode().splitlines()
                    if line[6:].startswith("hook "))

    def kinds(self):
        """Each kind of hook, enabled, with the environment that it is the
        choice of."""
        debian = self.folder_with("sitecustomize.py", DEBIAN)
        empty = self.folder_with("sitecustomize.py", "")
        for kind, environment in (
                (self.usual, {}),
                ("apport_python_hook.py", {"PYTHONPATH": debian}),
                ("pyaot.pth", {"PYTHONPATH": empty})):
            self.enable(kind, **environment)
            with self.subTest(kind):
                yield kind, environment


# Debian's and Ubuntu's /etc/python3.N/sitecustomize.py.
DEBIAN = """\
# install the apport exception handler if available
try:
    import apport_python_hook
except ImportError:
    pass
else:
    apport_python_hook.install()
"""


class Hook(HookCase):
    def test_enable_and_disable_leave_nothing(self):
        for kind, environment in self.kinds():
            enabled = files(self.site)
            new = set(enabled)
            sources = {"_pyaot_start.py", "pyaot.py", kind}
            self.assertEqual(sources,
                             {name for name in new if "cache" not in name})
            # Bytecode of what is read at each start, for each level of -O.
            self.assertEqual(3 if kind == "pyaot.pth" else 6,
                             len(new - sources))
            self.enable(kind, word="already", **environment)
            self.assertEqual(enabled, files(self.site))
            # Let the interpreter write bytecode, too.
            variables = harness.clean_environment(PYAOT_CACHE=self.work,
                                                  **environment)
            del variables["PYTHONDONTWRITEBYTECODE"]
            harness.run([self.python, "-c", "import pyaot"], variables)
            self.assertLess(len(enabled), len(files(self.site)))
            self.disable()
            self.assertEqual({}, files(self.site))
            self.assertIn(b"not enabled", self.disable().out)

    def test_nothing_is_compiled_at_start(self):
        for kind, environment in self.kinds():
            for flags in ((), ("-O",), ("-OO",)):
                result = self.python_run("-v", *flags, "-c", "1",
                                         PYAOT_CACHE=self.work, **environment)
                for name in {"_pyaot_start.py", kind} - {"pyaot.pth"}:
                    path = os.path.join(self.site, name)
                    self.assertRegex(
                        result.err.decode(),
                        rf"/{name[:-3]}\.cpython-\d+(\.opt-\d)?\.pyc matches "
                        + re.escape(path))

    def test_doctor_sees_the_hook(self):
        self.assertIn("FAIL  hook", self.doctor())
        self.enable()
        result = self.ok("doctor", "--python", self.python)
        self.assertIn(f"{self.site}/{self.usual}", self.doctor())
        self.assertNotIn(b"FAIL", result.out)
        # Whatever is set: it looks by itself.
        for variables in ({"PYAOT": "0"}, {"PYAOT_CACHE": "/nowhere"},
                          {"PYTHONINSPECT": "1"}):
            self.assertIn("ok    hook", self.doctor(**variables))
        start = os.path.join(self.site, "_pyaot_start.py")
        with open(start, "a", encoding="utf-8") as file:
            file.write("\n")
        self.assertIn("FAIL  hook         of another pyaot", self.doctor())
        self.enable(word="enabled")
        self.assertIn("ok    hook", self.doctor())
        os.unlink(start)
        self.assertIn("FAIL  hook         of another pyaot", self.doctor())

    def test_hook_starts_only_when_asked(self):
        for _, variables in self.kinds():
            cache = {"PYAOT_CACHE": self.work, **variables}
            self.assertTrue(self.loaded(**cache))
            self.assertFalse(self.loaded(module="_pyaot_start", **variables))
            self.assertFalse(self.loaded(**{**cache, "PYAOT_CACHE": ""}))
            self.assertFalse(self.loaded(**cache, PYAOT="0"))
            for flag in ("-E", "-I", "-S"):
                self.assertFalse(self.loaded(flag, **cache))
            for flag in ("-s", "-P", "-B", "-O", "-X utf8"):
                self.assertTrue(self.loaded(*flag.split(), **cache), flag)
            self.assertTrue(self.loaded(PYTHONNOUSERSITE="1", **cache))

    def test_hook_of_a_vanished_pyaot_is_silent(self):
        for _, variables in self.kinds():
            cache = {"PYAOT_CACHE": self.work, **variables}
            start = os.path.join(self.site, "_pyaot_start.py")
            with open(start, encoding="utf-8") as file:
                text = file.read()
            with open(start, "w", encoding="utf-8") as file:
                file.write(text.replace("LIB = '", "LIB = '/vanished"))
            self.assertFalse(self.loaded(**cache))
            result = self.python_run("-c", "print(1)", **cache,
                                     PYAOT_VERBOSE="1")
            self.assertEqual((0, b"1\n"), (result.status, result.out))
            self.assertIn(b"not started", result.err)
            result = self.python_run("-c", "print(1)", **cache,
                                     PYAOT_MODE="strict")
            self.assertEqual((1, b""), (result.status, result.out))
            self.assertEqual(1, result.err.count(b"\n"))

    def test_hook_without_its_start_file_is_silent(self):
        self.enable()
        os.unlink(os.path.join(self.site, "_pyaot_start.py"))
        self.assertFalse(self.loaded(PYAOT_CACHE=self.work))

    def test_strict_names_a_missing_cache(self):
        for _, variables in self.kinds():
            result = self.python_run("-c", "print(1)", **variables,
                                     PYAOT_CACHE=self.path("nowhere"),
                                     PYAOT_MODE="strict")
            self.assertEqual((1, b""), (result.status, result.out))
            self.assertIn(b"nowhere", result.err)
            self.assertEqual(1, result.err.count(b"\n"))

    def test_tool_id_of_another(self):
        """Who takes the optimizer's tool id before pyaot starts keeps it; the
        program runs uncompiled, and the reason is known."""
        self.profile()
        self.ok("build")
        self.enable()
        plain = self.python_run("app.py")
        run = {"PYAOT_CACHE": self.path("cache"),
               "PYAOT_STATS": self.path("stats")}
        result = self.python_run("app.py", **run)
        self.assertEqual((plain.status, plain.out, plain.err),
                         (result.status, result.out, result.err))
        figures = harness.read_stats(run["PYAOT_STATS"])
        self.assertLess(0, figures["executors_entered"])
        os.unlink(run["PYAOT_STATS"])
        # Read twice: site does so in a virtual environment.
        self.put("a_tool.pth", "import sys; m = sys.monitoring; "
                               "m.get_tool(5) or m.use_tool_id(5, 'tool')\n")
        result = self.python_run("app.py", **run)
        self.assertEqual((plain.status, plain.out, plain.err),
                         (result.status, result.out, result.err))
        self.assertIsNone(harness.read_stats(run["PYAOT_STATS"]))
        reason = b"the optimizer tool id belongs to another tool"
        result = self.python_run("app.py", **run, PYAOT_VERBOSE="1")
        self.assertEqual((0, plain.out), (result.status, result.out))
        self.assertIn(b"running uncompiled: " + reason, result.err)
        result = self.python_run("app.py", **run, PYAOT_MODE="strict")
        self.assertEqual((1, b""), (result.status, result.out))
        self.assertIn(reason, result.err)
        result = self.python_run("-c", "import pyaot.optimizer as o\n"
                                 "print(o.refusal())")
        self.assertEqual((0, reason + b"\n", b""),
                         (result.status, result.out, result.err))

    def test_free_threaded_interpreter_is_left_alone(self):
        """The loader could crash there: it must not even be opened."""
        self.enable()
        program = ("import sys; sys.abiflags = 't'; "
                   f"exec(open({self.site + '/_pyaot_start.py'!r}).read());"
                   "print('_pyaot_loader' in sys.modules)")
        for verbose in ("0", "1"):
            result = self.python_run("-S", "-c", program,
                                     PYAOT_CACHE=self.work,
                                     PYAOT_VERBOSE=verbose)
            self.assertEqual((0, b"False\n"), (result.status, result.out))
            self.assertEqual(int(verbose), result.err.count(b"\n"))
            self.assertEqual(verbose == "1",
                             b"free-threaded" in result.err)

    def modules(self, **environment):
        """What an empty program imports, in order, and what it then has."""
        result = self.python_run(
            "-X", "importtime", "-c", "import sys; print(*sys.modules)",
            **environment)
        self.assertEqual(0, result.status)
        return (re.findall(r"\| +([\w.]+)$", result.err.decode(), re.M),
                result.out.split())

    def test_unset_hook_imports_nothing(self):
        """To the interpreter the hook is a module that is not there: the same
        attempts, and nothing is left of it. Only where another .pth file has
        the codec loaded in any case is the hook one, too."""
        empty = self.folder_with("sitecustomize.py", "")
        debian = self.folder_with("sitecustomize.py", DEBIAN)
        for variables in ({}, {"PYTHONPATH": debian}):
            self.disable()
            plain = self.modules(**variables)
            self.assertNotIn("encodings.utf_8_sig", plain[0])
            self.enable(("apport_python_hook.py" if variables
                         else self.usual), **variables)
            self.assertEqual(plain, self.modules(**variables))
        self.disable()
        self.put("another.pth", "\n")
        for folder, kind in ((debian, "pyaot.pth"), (empty, "pyaot.pth")):
            plain = self.modules(PYTHONPATH=folder)
            self.assertIn("encodings.utf_8_sig", plain[0])
            self.enable(kind, PYTHONPATH=folder)
            self.assertEqual(plain, self.modules(PYTHONPATH=folder))
            self.disable()

    def test_module_of_the_hook_is_as_if_absent(self):
        """Also to a program, whatever pyaot does."""
        script = ("try:\n    import {0}\n"
                  "except ImportError as e:\n"
                  "    print(type(e), e, e.name)\n"
                  "else:\n    print({0})\n")
        debian = self.folder_with("sitecustomize.py", DEBIAN)
        for kind, variables in (
                (self.usual, {}),
                ("apport_python_hook.py", {"PYTHONPATH": debian})):
            self.disable()
            program = ("-c", script.format(kind[:-3]))
            plain = self.python_run(*program, **variables)
            self.assertEqual((0, b""), (plain.status, plain.err))
            self.assertIn(b"ModuleNotFoundError", plain.out)
            self.enable(kind, **variables)
            for cache in ({}, {"PYAOT_CACHE": self.work}):
                result = self.python_run(*program, **variables, **cache)
                self.assertEqual((0, plain.out, b""),
                                 (result.status, result.out, result.err))

    def test_later_modules_of_that_name_run(self):
        """One that comes on the path behind the hook runs as without it."""
        texts = ("import sys\nprint(__name__, __file__, __spec__.origin)\n"
                 "def install():\n    print('installed', __name__)\n",
                 "raise ValueError('theirs')\n",
                 "raise ModuleNotFoundError('theirs', name=__name__)\n",
                 "import nowhere_at_all\n")
        show = ("import sys; print([m.__file__ for n, m in sys.modules.items()"
                " if n in ('sitecustomize', 'apport_python_hook')])")
        debian = self.folder_with("sitecustomize.py", DEBIAN)
        for kind, variables in (
                (self.usual, {}),
                ("apport_python_hook.py", {"PYTHONPATH": debian})):
            self.enable(kind, **variables)
            for text in texts:
                with self.subTest(kind, text=text):
                    folder = self.path("later")
                    os.makedirs(folder, exist_ok=True)
                    self.put(kind, text, folder)
                    path = self.put("later.pth", folder + "\n")
                    result = self.python_run("-c", show, **variables)
                    self.assertTrue(self.loaded_quietly(**variables))
                    self.disable()
                    plain = self.python_run("-c", show, **variables)
                    self.assertEqual(
                        (plain.status, plain.out, plain.err),
                        (result.status, result.out, result.err))
                    self.assertIn(b"later" if "install" in text else b"",
                                  plain.out)
                    self.added.remove(path)
                    os.unlink(path)
                    self.enable(kind, **variables)

    def loaded_quietly(self, **environment):
        """As loaded(), whatever is said besides."""
        result = self.python_run(
            "-c", "import sys; print('_pyaot_loader' in sys.modules)",
            PYAOT_CACHE=self.work, **environment)
        return result.out.endswith(b"True\n")

    def test_packages_and_folders_of_that_name_behind_it(self):
        """A package, and a namespace that is none."""
        name = self.usual[:-3]
        folder = self.path("later")
        os.makedirs(os.path.join(folder, name))
        show = (f"import sys, {name}; print({name}.__path__, "
                f"{name}.__file__)")
        for text in (None, "print('package')\ndef install():\n    pass\n"):
            if text:
                self.put("__init__.py", text, os.path.join(folder, name))
            self.enable()
            path = self.put("later.pth", folder + "\n")
            result = self.python_run("-c", show)
            self.assertTrue(self.loaded_quietly())
            self.disable()
            plain = self.python_run("-c", show)
            self.assertEqual(text is not None, plain.status == 0
                             and b"package" in plain.out)
            self.assertEqual((plain.status, plain.out, plain.err),
                             (result.status, result.out, result.err))
            self.added.remove(path)
            os.unlink(path)


class HookKinds(HookCase):
    """Which kind of hook, and that it gives way to what others need."""

    def test_files_of_others_are_left_alone(self):
        path = self.put("pyaot.pth", "# somebody else's\n")
        self.fails("disable", "--python", self.python, word="not pyaot's")
        self.enable()
        self.fails("disable", "--python", self.python, word="not pyaot's")
        own = self.put(self.usual, "# a user's own\n")
        self.fails("enable", "--python", self.python, word="not pyaot's")
        for name, text in ((path, "# somebody else's\n"),
                           (own, "# a user's own\n")):
            with open(name, encoding="utf-8") as file:
                self.assertEqual(text, file.read())
        self.added.remove(path)
        os.unlink(path)

    def test_an_own_module_in_site_packages(self):
        own = self.put(self.usual, "print('own')\n"
                       "def install():\n    pass\n")
        before = files(self.site)
        self.enable("pyaot.pth")
        self.assertTrue(self.loaded_behind_own())
        self.disable()
        self.assertEqual(before, files(self.site))
        # Once it is gone the hook is of the usual kind again.
        self.enable("pyaot.pth")
        self.added.remove(own)
        os.unlink(own)
        self.enable()
        self.assertIn("ok    hook", self.doctor())

    def loaded_behind_own(self):
        result = self.python_run(
            "-c", "import sys; print('_pyaot_loader' in sys.modules)",
            PYAOT_CACHE=self.work)
        self.assertEqual(b"", result.err)
        return result.out == b"own\nTrue\n"

    def test_an_own_link_or_folder_in_site_packages(self):
        """Also one that leads nowhere."""
        path = os.path.join(self.site, self.usual)
        os.symlink("/nowhere/at all.py", path)
        try:
            self.enable_with_own("pyaot.pth")
            self.assertEqual("/nowhere/at all.py", os.readlink(path))
            self.disable()
        finally:
            os.unlink(path)
        package = path[:-3]
        os.mkdir(package)
        self.put("__init__.py", "", package)
        try:
            self.enable_with_own("pyaot.pth")
            self.assertEqual(["__init__.py"], os.listdir(package))
            self.assertFalse(os.path.exists(path))
            self.disable()
        finally:
            shutil.rmtree(package)

    def enable_with_own(self, kind):
        result = self.ok("enable", "--python", self.python)
        self.assertIn(kind, result.out.decode())
        self.assertIn("ok    hook", self.doctor())

    def test_lines_added_to_the_hook_are_kept(self):
        self.enable()
        path = os.path.join(self.site, self.usual)
        with open(path, encoding="utf-8") as file:
            ours = file.read()
        for text in (ours + "print('added')\n", "print('x')\n" + ours):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            self.added.append(path)
            before = files(self.site)[self.usual]
            self.enable("pyaot.pth")
            if text.startswith(ours):
                self.fails("disable", "--python", self.python,
                           word="has lines that are not pyaot's")
            else:
                self.disable()
            self.assertEqual([self.usual], [
                name for name in set(files(self.site))
                if "cache" not in name])
            self.assertEqual(before, files(self.site)[self.usual])
            self.assertFalse(self.loaded_quietly())
            self.added.remove(path)
            os.unlink(path)
            for name in set(files(self.site)):
                os.unlink(os.path.join(self.site, name))

    def loaded_quietly(self):
        result = self.python_run(
            "-c", "import sys; print('_pyaot_loader' in sys.modules)",
            PYAOT_CACHE=self.work)
        return result.out.endswith(b"True\n")

    def test_older_hooks_are_replaced(self):
        """A .pth by the kind that suits; a text of ours by today's."""
        mark = "# Written by `pyaot enable`; `pyaot disable` removes it.\n"
        old = {"pyaot.pth": mark + "import os; os.getenv('PYAOT_CACHE') and "
                                   "__import__('_pyaot_start')\n",
               "_pyaot_start.py": mark + "raise ValueError('old')\n",
               "pyaot.py": mark}
        for name, text in old.items():
            with open(os.path.join(self.site, name), "w",
                      encoding="utf-8") as file:
                file.write(text)
        self.assertIn("of another pyaot", self.doctor())
        self.enable()
        self.assertTrue(self.loaded(PYAOT_CACHE=self.work))
        self.assertIn("ok    hook", self.doctor())
        path = os.path.join(self.site, self.usual)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("import posix\n", "import posix, sys\n"))
        self.assertIn("of another pyaot", self.doctor())
        self.enable()
        self.enable(word="already")
        with open(path, encoding="utf-8") as file:
            self.assertEqual(text, file.read())
        # Two at a time: somebody's copy of an older environment.
        with open(os.path.join(self.site, "pyaot.pth"), "w",
                  encoding="utf-8") as file:
            file.write(old["pyaot.pth"])
        self.assertIn("of another pyaot", self.doctor())
        self.enable()

    def test_environment_is_ignored(self):
        """Who cannot be told by the program is told by the commands."""
        self.path("app.py", "print(1)\n")
        self.profile()
        self.ok("build")
        self.enable()
        for flag, word in (("-I", "ignores the environment"),
                           ("-E", "ignores the environment"),
                           ("-S", "does not read")):
            self.fails("run", "--python", self.python, flag, "app.py",
                       status=2, word=word)
            wrapper = self.path("wrapper", "#!/bin/sh\nexec "
                                f"'{self.python}' {flag} \"$@\"\n")
            os.chmod(wrapper, 0o755)
            result = self.pyaot_run("doctor", "--python", wrapper)
            self.assertEqual(1, result.status)
            said = result.out.decode()
            self.assertRegex(said, r"(?m)^FAIL  hook +.*/wrapper ")
            self.assertIn("start Python without", said)
        self.assertNotIn("-E", self.ok("run", "--help").out.decode())
        # The switch is said, and does not stop the program.
        result = self.ok("run", "--python", self.python, "app.py", PYAOT="0")
        self.assertEqual((1, b"pyaot: PYAOT=0"),
                         (result.err.count(b"\n"), result.err[:14]))
        self.assertEqual(0, result.status)

    def test_hook_is_missing(self):
        self.path("app.py", "print(1)\n")
        self.profile()
        self.ok("build")
        self.fails("run", "--python", self.python, "app.py",
                   word="does not load pyaot yet; run pyaot enable")
        self.assertRegex(self.doctor(), r"(?m)^FAIL  hook +not in .*: run "
                                        "pyaot enable")

    def test_a_module_in_front_of_the_hook_is_noticed(self):
        """One that comes later, and knows nothing of the next one."""
        self.enable()
        self.path("app.py", "print(1)\n")
        self.profile()
        self.ok("build")
        front = {"PYTHONPATH": self.folder_with("sitecustomize.py", "")}
        self.assertFalse(self.loaded(PYAOT_CACHE=self.work, **front))
        said = self.doctor(**front)
        self.assertIn("FAIL  hook", said)
        self.assertIn("pyaot enable", said)
        if self.usual == "sitecustomize.py":
            self.assertIn(front["PYTHONPATH"], said)
        self.fails("run", "--python", self.python, "app.py",
                   word="does not run", **front)
        self.assertIn("ok    hook", self.doctor())
        self.enable("pyaot.pth", **front)
        self.assertIn("ok    hook", self.doctor(**front))
        self.assertTrue(self.loaded(PYAOT_CACHE=self.work, **front))
        self.ok("run", "--python", self.python, "app.py", **front)

    def test_a_module_in_front_that_goes_on_to_the_next(self):
        """As the starters of monitoring tools do."""
        self.enable()
        front = {"PYTHONPATH": self.folder_with("sitecustomize.py", """if 1:
            import os, sys
            own = sys.modules.pop("sitecustomize")
            sys.path.remove(os.path.dirname(__file__))
            try:
                import sitecustomize
            except ImportError:
                sys.modules["sitecustomize"] = own
            """)}
        self.assertTrue(self.loaded(PYAOT_CACHE=self.work, **front))
        self.assertIn("ok    hook", self.doctor(**front))

    def test_kind_that_suits_a_debian(self):
        """Its own sitecustomize looks for a crash reporter's module; where
        another .pth file is read, one more is cheap and nobody's name."""
        debian = {"PYTHONPATH": self.folder_with("sitecustomize.py", DEBIAN)}
        self.enable("apport_python_hook.py", **debian)
        other = self.put("another.pth", "\n")
        self.enable("pyaot.pth", **debian)
        self.assertIn("ok    hook", self.doctor(**debian))
        self.added.remove(other)
        os.unlink(other)
        self.enable("apport_python_hook.py", **debian)
        # The reporter is there already, in front.
        both = self.folder_with("sitecustomize.py", DEBIAN)
        self.put("apport_python_hook.py", "def install():\n    pass\n", both)
        self.enable("pyaot.pth", PYTHONPATH=both)

    def test_environments_of_other_layouts(self):
        """Copied interpreters, and what virtualenv adds: a .pth that puts an
        importer in front."""
        for options, more in (
                (["--copies"], {}),
                ([], {"_virtualenv.pth": "import _virtualenv\n",
                      "_virtualenv.py": """if 1:
                          import sys
                          class Finder:
                              def find_spec(self, name, path, target=None):
                                  return None
                          sys.meta_path.insert(0, Finder())
                          """}),
                (["--system-site-packages"], {})):
            folder = self.path("other venv")
            shutil.rmtree(folder, ignore_errors=True)
            result = harness.run(
                [self.base, "-m", "venv", "--without-pip", *options, folder],
                harness.clean_environment())
            self.assertEqual(0, result.status, result.err)
            python = os.path.join(folder, "bin", "python")
            site = self.site.replace(os.path.dirname(os.path.dirname(
                self.python)), folder)
            for name, text in more.items():
                self.put(name, text, site)
            before = files(site)
            self.ok("enable", "--python", python)
            self.assertIn("already", self.ok(
                "enable", "--python", python).out.decode())
            doctor = self.ok("doctor", "--python", python)
            self.assertIn(b"ok    hook", doctor.out)
            result = harness.run(
                [python, "-c", "import sys; print('_pyaot_loader' in "
                 "sys.modules, 'sitecustomize' in sys.modules)"],
                harness.clean_environment(PYAOT_CACHE=self.work))
            self.assertEqual(
                (f"True {self.usual != 'sitecustomize.py'}\n", b""),
                (result.out.decode(), result.err))
            self.ok("disable", "--python", python)
            self.assertEqual(before, files(site))

    def test_site_packages_cannot_be_written(self):
        """One line, and nothing is left; also when the disk is full only
        for the last file."""
        for limit in (0, 100, 1000, 1400):
            process = subprocess.run(
                [self.pyaot, "enable", "--python", self.python],
                cwd=self.work, capture_output=True,
                env=harness.clean_environment(), check=False,
                preexec_fn=lambda size=limit: (
                    signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
                    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))))
            self.assertEqual((1, b""), (process.returncode, process.stdout))
            self.assertRegex(process.stderr.decode(),
                             r"^pyaot: cannot write to [^\n]*venv[^\n]*\n$")
            self.assertFalse(self.loaded(PYAOT_CACHE=self.work))
            self.disable()
            self.assertEqual({}, files(self.site))

    @unittest.skipIf(os.geteuid() == 0, "root may write anywhere")
    def test_site_packages_is_read_only(self):
        os.chmod(self.site, 0o555)
        try:
            self.fails("enable", "--python", self.python, word="venv")
        finally:
            os.chmod(self.site, 0o755)
        self.enable()
        os.chmod(self.site, 0o555)
        try:
            self.enable(word="already")
            self.fails("disable", "--python", self.python,
                       word="cannot remove")
        finally:
            os.chmod(self.site, 0o755)

    def test_hook_is_for_all_users(self):
        old = os.umask(0o077)
        try:
            self.enable()
        finally:
            os.umask(old)
        for name in set(files(self.site)):
            path = os.path.join(self.site, name)
            self.assertEqual(0o044, os.stat(path).st_mode & 0o077, name)
            folder = os.path.dirname(path)
            self.assertEqual(0o055, os.stat(folder).st_mode & 0o055)


if __name__ == "__main__":
    unittest.main()
