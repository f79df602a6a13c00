"""pyaot's own commands: help, bad input, enable and disable, failing and
interrupted builds. Each mistake is one clear line on stderr, with a way out,
and a non-zero status; nothing is lost.
"""

import os
import re
import resource
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(TESTS, "tools"))

import harness  # noqa: E402  (needs the path above)

COMMANDS = ("profile", "build", "run", "enable", "disable", "doctor",
            "report", "explain", "inspect", "merge", "cache")

LOOP = """\
import sys
def work(n):
    total = 0
    i = 0
    while i < n:
        total += i * 2 %% %d
        i += 1
    return total
for _ in range(30):
    result = work(3000)
print(result, len(sys.argv))
"""


def files(folder):
    """Name and content of every file below a folder."""
    found = {}
    for where, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(where, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, folder)] = file.read()
    return found


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="pyaot cli ")
        cls.pyaot = harness.find_pyaot()
        cls.base = harness.find_python()
        cls.python = harness.make_venv(cls.base,
                                       os.path.join(cls.folder, "venv"))

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder, ignore_errors=True)

    def setUp(self):
        self.work = os.path.join(self.folder, "work")
        shutil.rmtree(self.work, ignore_errors=True)
        os.mkdir(self.work)

    def path(self, name, text=None):
        path = os.path.join(self.work, name)
        if text is not None:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        return path

    def environment(self, **more):
        return harness.clean_environment(**more)

    def pyaot_run(self, *arguments, **environment):
        return harness.run([self.pyaot, *arguments],
                           self.environment(**environment), self.work)

    def ok(self, *arguments, **environment):
        result = self.pyaot_run(*arguments, **environment)
        self.assertEqual(0, result.status, result.err)
        return result

    def fails(self, *arguments, status=1, word="", **environment):
        """One line of error, nothing on stdout."""
        result = self.pyaot_run(*arguments, **environment)
        text = result.err.decode()
        self.assertEqual(status, result.status, text)
        self.assertEqual(b"", result.out)
        self.assertTrue(text.startswith("pyaot: "), text)
        self.assertEqual(1, text.count("\n"), text)
        self.assertIn(word, text)
        return text

    def profile(self, text=LOOP % 7, db="pyaot.db"):
        self.path("app.py", text)
        return self.ok("profile", "-q", "-o", db, "--python", self.python,
                       "app.py")

    def sound(self):
        result = self.ok("cache", "verify")
        self.assertIn(b"sound", result.out)


class Words(Case):
    def test_help_and_version(self):
        overview = self.ok("--help").out.decode()
        for command in COMMANDS:
            self.assertIn(command, overview)
            text = self.ok(command, "--help").out.decode()
            self.assertTrue(text.startswith(f"usage: pyaot {command}"))
            self.assertEqual(text, self.ok("help", command).out.decode())
        self.assertRegex(self.ok("--version").out.decode(),
                         r"^pyaot \d+\.\d+\.\d+\n$")

    def test_wrong_usage(self):
        self.fails(status=2)
        self.fails("nonsense", status=2, word="nonsense")
        for command in COMMANDS:
            self.fails(command, "--nonsense", status=2, word="--nonsense")
        self.fails("build", "-o", status=2, word="-o")
        self.fails("build", "-j", "0", status=2)
        self.fails("build", "extra", status=2, word="extra")
        self.fails("cache", status=2)
        self.fails("cache", "burn", status=2)
        self.fails("merge", "a.db", status=2)
        self.fails("explain", "app.py:x", status=2)
        self.fails("profile", status=2)
        self.fails("run", status=2)

    def test_tree_may_be_moved(self):
        build = os.path.dirname(os.path.dirname(self.pyaot))
        moved = self.path("prefix")
        for name in ("bin/pyaot", "lib/pyaot", "share/pyaot"):
            source = os.path.join(build, name)
            target = os.path.join(moved, name)
            if os.path.isdir(source):
                shutil.copytree(source, target)
            else:
                os.makedirs(os.path.dirname(target))
                shutil.copy(source, target)
        result = harness.run(
            [os.path.join(moved, "bin", "pyaot"), "doctor", "--python",
             self.python], harness.clean_environment(), self.work)
        text = result.out.decode()
        for what in ("profiler", "loader", "headers", "compiler"):
            self.assertRegex(text, rf"(?m)^ok    {what} ")
        self.assertIn(os.path.join(moved, "lib"), text)

    def test_installed_under_a_prefix(self):
        """cmake --install, then everything from there."""
        prefix = self.path("the prefix")
        build = os.path.dirname(os.path.dirname(self.pyaot))
        done = subprocess.run(["cmake", "--install", build, "--prefix",
                               prefix], capture_output=True, check=False)
        self.assertEqual(0, done.returncode, done.stderr)
        pyaot = os.path.join(prefix, "bin", "pyaot")
        python = harness.make_venv(self.base, self.path("venv"))
        self.path("app.py", LOOP % 7)
        for command in (["enable", "--python", python],
                        ["profile", "--python", python, "app.py"],
                        ["build"], ["doctor", "--python", python]):
            result = harness.run([pyaot, *command],
                                 harness.clean_environment(), self.work)
            self.assertEqual(0, result.status, (command, result))
            self.assertNotIn(build.encode() + b"/lib", result.out)
        for where, _, names in os.walk(self.path("venv")):
            for name in names:
                if "pyaot" in name:
                    with open(os.path.join(where, name), "rb") as file:
                        self.assertNotIn(build.encode() + b"/", file.read())
        stats = self.path("stats")
        result = harness.run([python, "app.py"], harness.clean_environment(
            PYAOT_CACHE="cache", PYAOT_STATS=stats), self.work)
        self.assertEqual(0, result.status)
        self.assertLess(0, harness.read_stats(stats)["executors_entered"])

    def test_output_cannot_be_written(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            process = subprocess.run(
                [self.pyaot, "--help"], stdout=full, stderr=subprocess.PIPE,
                env=harness.clean_environment(), check=False)
        self.assertEqual(1, process.returncode)
        self.assertIn(b"cannot write", process.stderr)


class Interpreters(Case):
    def script(self, name, text):
        path = self.path(name, "#!/bin/sh\n" + text)
        os.chmod(path, 0o755)
        return path

    def fake(self, minor, flags=""):
        return self.script(
            f"fake{minor}{flags}",
            f"printf '\\npyaot facts\\ncpython\\n3\\n{minor}\\n3.{minor}.1\\n.so\\n{flags}\\n"
            f"/x\\n/i\\n/s\\n/p\\n0\\n0\\n' | head -n $#0 | head -n "
            "$(if [ $# -gt 6 ]; then echo 14; else echo 9; fi)\n")

    def test_interpreter_is_missing_or_wrong(self):
        for command in (("profile", "-c", "1"), ("enable",), ("disable",)):
            name, rest = command[0], command[1:]
            self.fails(name, "--python", "/nowhere/python", *rest,
                       word="--python")
            self.fails(name, "--python", "/bin/true", *rest,
                       word="does not run")
            self.fails(name, *rest, PYTHON="/nowhere/python",
                       word="/nowhere")

    def test_interpreter_is_too_old(self):
        for minor in (6, 11, 12):
            text = self.fails("profile", "--python", self.fake(minor), "-c",
                              "1", word="too old")
            self.assertIn(f"3.{minor}.1", text)

    def test_interpreter_is_free_threaded(self):
        self.fails("profile", "--python", self.fake(13, "t"), "-c", "1",
                   word="free-threaded")

    def test_interpreter_is_too_new(self):
        self.fails("profile", "--python", self.fake(99), "-c", "1",
                   word="does not know")

    def test_doctor_says_what_is_wrong(self):
        result = self.pyaot_run("doctor", "--python", self.fake(11))
        self.assertEqual(1, result.status)
        self.assertIn(b"FAIL  python", result.out)
        result = self.pyaot_run("doctor", "--python", self.python, CC="false")
        self.assertEqual(1, result.status)
        self.assertIn(b"FAIL  compiler", result.out)
        self.assertIn(b"ok    headers", result.out)


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


class Profiles(Case):
    def test_script_is_missing(self):
        text = self.fails("profile", "nope.py", status=2, word="nope.py")
        self.assertIn("No such file", text)
        self.fails("run", "nope.py", status=2)
        self.assertFalse(os.path.exists(self.path("pyaot.db")))

    def test_database_cannot_be_written(self):
        self.fails("profile", "-o", "no/such/x.db", "-c", "1", word="-o")
        self.fails("profile", "-o", ".", "-c", "1", word="folder")

    def test_program_is_itself(self):
        self.path("app.py", "import sys\nprint(sys.argv)\n"
                            "print(sys.stdin.read())\nsys.exit(7)\n")
        command = ["app.py", "-o", "x", "--", "-q"]
        plain = harness.run([self.python, *command],
                            harness.clean_environment(), self.work,
                            stdin=b"in")
        result = harness.run(
            [self.pyaot, "profile", "-q", "--python", self.python, *command],
            harness.clean_environment(), self.work, stdin=b"in")
        self.assertEqual(plain.out, result.out)
        self.assertEqual((7, b""), (result.status, result.err))

    def test_program_as_text_or_module(self):
        for flags in (("-c", "import sys; print(sys.argv, 5)", "a", "-c"),
                      ("-cprint(5)",), ("-m", "mod", "x"), ("-mmod",)):
            self.path("mod.py", "import sys; print(sys.argv[1:], __name__)")
            plain = harness.run([self.python, *flags],
                                harness.clean_environment(), self.work)
            result = self.ok("profile", "-q", "--python", self.python, *flags)
            self.assertEqual(plain.out, result.out)

    def test_program_raises(self):
        self.path("app.py", "def f():\n    1 / 0\nf()\n")
        plain = harness.run([self.python, "app.py"],
                            harness.clean_environment(), self.work)
        result = self.pyaot_run("profile", "-q", "--python", self.python,
                                "app.py")
        self.assertEqual((1, plain.err), (result.status, result.err))

    def test_program_is_killed_by_its_signal(self):
        result = self.pyaot_run(
            "profile", "-q", "--python", self.python, "-c",
            "import os, signal; os.kill(os.getpid(), signal.SIGTERM)")
        self.assertEqual(-signal.SIGTERM, result.status)

    def bad_databases(self):
        self.profile()
        with open(self.path("pyaot.db"), "rb") as file:
            good = file.read()
        yield "none", None
        yield "empty", b""
        yield "text", b"this is no database\n" * 100
        yield "truncated", good[:len(good) // 2]
        path = self.path("other.db")
        shutil.copy(self.path("pyaot.db"), path)
        handle = sqlite3.connect(path)
        version = handle.execute("PRAGMA user_version").fetchone()[0]
        handle.execute(f"PRAGMA user_version = {version + 1}")
        handle.execute("UPDATE meta SET value = '999' "
                       "WHERE name LIKE '%version%' AND name LIKE '%schema%'")
        handle.commit()
        handle.close()
        with open(path, "rb") as file:
            yield "version", file.read()
        os.unlink(path)
        handle = sqlite3.connect(path)
        handle.execute("CREATE TABLE something (x)")
        handle.commit()
        handle.close()
        with open(path, "rb") as file:
            yield "foreign", file.read()

    def test_bad_databases(self):
        for name, content in list(self.bad_databases()):
            with self.subTest(name):
                path = self.path(f"{name}.bad.db")
                if content is not None:
                    with open(path, "wb") as file:
                        file.write(content)
                for command in ("build", "report", "explain"):
                    self.fails(command, "-i", path)
                self.fails("merge", path, "-o", "merged.db")
                self.assertFalse(os.path.exists(self.path("cache")))

    def full_disk(self, *command):
        """One line of error where no file may grow beyond 500 bytes."""
        process = subprocess.run(
            [self.pyaot, *command], cwd=self.work, capture_output=True,
            env=harness.clean_environment(), check=False,
            preexec_fn=lambda: (
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
                resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))))
        text = process.stderr.decode()
        self.assertNotEqual(0, process.returncode)
        self.assertEqual(b"", process.stdout)
        self.assertTrue(text.startswith("pyaot: "), text)
        self.assertEqual(1, text.count("\n"), text)

    def test_disk_is_full(self):
        self.profile()
        old = self.ok("report").out
        program = ["--python", self.python, "app.py"]
        self.full_disk("profile", *program)
        self.full_disk("profile", "-o", "new.db", *program)
        self.full_disk("merge", "pyaot.db", "-o", "new.db")
        self.full_disk("merge", "pyaot.db", "-o", "newer.db")
        self.assertEqual(old, self.ok("report").out)
        self.ok("profile", *program)

    @unittest.skipIf(os.geteuid() == 0, "root may read and write anything")
    def test_database_of_another(self):
        self.profile()
        os.chmod(self.path("pyaot.db"), 0)
        for command in ("build", "report", "explain"):
            self.fails(command, word="name one")
        self.fails("merge", "pyaot.db", "-o", "x.db", word="name one")
        self.fails("profile", "-c", "1", word="-o")
        os.chmod(self.path("pyaot.db"), 0o444)
        self.fails("profile", "-c", "1", word="-o")
        self.ok("report")
        self.ok("build")
        os.chmod(self.work, 0o555)
        try:
            self.fails("profile", "-o", "x.db", "-c", "1", word="-o")
        finally:
            os.chmod(self.work, 0o755)

    def test_merge_and_report(self):
        self.profile(db="a.db")
        self.profile(LOOP % 9, db="b.db")
        self.ok("merge", "a.db", "b.db", "-o", "both.db")
        report = self.ok("report", "-i", "both.db").out.decode()
        self.assertIn("2 runs", report)
        self.assertEqual(2, report.count("work ("), report)
        self.fails("merge", "a.db", "-o", "a.db", word="-o")


class Results(Case):
    def run_built(self, wanted):
        """The statistics of app.py, built and run, which is to print that."""
        self.ok("build")
        stats = self.path("stats")
        self.ok("enable", "--python", self.python)
        self.addCleanup(self.ok, "disable", "--python", self.python)
        result = self.ok("run", "--python", self.python, "app.py",
                         PYAOT_STATS=stats)
        self.assertEqual(wanted, result.out)
        return harness.read_stats(stats)

    def test_clear(self):
        self.profile()
        self.ok("build")
        self.ok("cache", "clear")
        self.assertFalse(os.path.exists(self.path("cache")))
        self.fails("cache", "clear")
        self.fails("cache", "verify", word="pyaot build")

    def test_explain(self):
        self.profile()
        text = self.ok("explain").out.decode()
        self.assertIn("work", text)
        text = self.ok("explain", "app.py:6").out.decode()
        self.assertTrue(text)
        self.fails("explain", "other.py:6", word="other.py")

    def test_short_runs_of_a_small_tool(self):
        self.path("app.py", """
def square(x):
    return x * x
total = 0
for i in range(12):
    total += square(i)
print(total)
""")
        for _ in range(20):
            self.ok("profile", "-q", "--python", self.python, "app.py")
        self.assertIn(b"of 2 code objects", self.ok("build").out)

    LOOPS = """
def work(n):
    total = 0
    for i in range(n):
        for j in range(n):
            total += i ^ j
    for i in range(n):
        total += i
    return total
if __name__ == "__main__":
    print(work(200))
"""

    def test_explain_says_why_a_loop_is_compiled_again(self):
        self.profile(self.LOOPS)
        lines = [line.split(";")[0]     # without what it is worth
                 for line in self.ok("explain").out.decode().splitlines()]
        inner = lines.index("  loop at line 5: compiled")
        self.assertIn("in the loop at line 4 around it", lines[inner + 1])
        behind = lines.index("  loop at line 7: compiled")
        self.assertFalse(any("also" in line and "line 5" in line
                             for line in lines[behind + 1:]), lines)

    def test_one_loop_goes_on_in_another(self):
        self.profile(self.LOOPS)
        stats = self.run_built(b"4817052\n")
        # From the inner loop to the outer, from that to the one behind it;
        # the interpreter gets to the first back-edge, and the end.
        self.assertEqual(2, stats["exits"]["another loop"])
        self.assertEqual(1, stats["exits"]["return"])

    CLASSES = """
class Pair:
    def __init__(self, a, b):
        self.a = a
        self.b = b
    def sum(self):
        return self.a + self.b
class Other(Pair):
    pass
def work(n):
    total = 0
    for i in range(n):
        total += Pair(i, 1).sum()
    return total
def mixed(n):
    total = 0
    pairs = [Pair(1, 2), Other(3, 4)]
    for i in range(n):
        total += pairs[i & 1].sum()
    return total
if __name__ == "__main__":
    print(%s(3000))
"""

    def test_class_of_the_main_module_is_the_imported_one(self):
        self.profile(self.CLASSES % "work")
        self.ok("profile", "-q", "--python", self.python, "-c",
                "import app; app.work(3000)")
        text = self.ok("explain", "app.py:13").out.decode()
        for word in ("object.new", "LOAD_ATTR              method",
                     "CALL                   call "):
            self.assertIn(word, text)

    def test_methods_of_several_classes_stay_native(self):
        self.profile(self.CLASSES % "mixed")
        self.assertEqual(0, self.run_built(b"15000\n")["switched_off"])

    def test_nothing_is_hot(self):
        self.profile("print(1)\n")
        self.fails("explain", word="run longer")
        self.assertIn(b"hot enough", self.ok("build").out)
        self.sound()
        self.ok("enable", "--python", self.python)
        self.addCleanup(self.ok, "disable", "--python", self.python)
        self.assertEqual(b"1\n", self.ok("run", "--python", self.python,
                                         "app.py").out)
        self.profile("for i in range(70): len('')\n")
        for command in ("build", "explain"):
            self.assertIn(b"hot enough", self.ok(command).out)
        self.assertIn(b"0 units", self.ok("inspect").out)
        self.sound()

    def bad_caches(self):
        yield "nowhere", None
        yield "file", "file"
        for name in ("empty", "truncated", "version", "flipped", "writable"):
            folder = self.path(name)
            shutil.copytree(self.path("cache"), folder)
            index = os.path.join(folder, "index.pyaot")
            with open(index, "rb") as file:
                data = bytearray(file.read())
            if name == "empty":
                shutil.rmtree(folder)
                os.mkdir(folder)
                continue
            if name == "truncated":
                del data[len(data) // 2:]
            elif name == "version":
                data[8] ^= 0x40
            elif name == "flipped":
                data[len(data) // 2] ^= 1
            else:
                os.chmod(folder, 0o777)
            with open(index, "wb") as file:
                file.write(data)
            yield name, folder

    def test_bad_caches(self):
        """What looks at a cache says in one line what is wrong with it."""
        self.profile()
        self.ok("build")
        self.path("file", "")
        self.ok("enable", "--python", self.python)
        for name, _ in list(self.bad_caches()):
            with self.subTest(name):
                for command in (("inspect", name), ("cache", "list", name),
                                ("cache", "verify", name),
                                ("run", "--cache", name, "--python",
                                 self.python, "app.py")):
                    text = self.fails(*command, word=name)
                    self.assertRegex(text, "run |name ")
                result = self.pyaot_run("doctor", "--python", self.python,
                                        PYAOT_CACHE=name)
                self.assertEqual(1, result.status)
                self.assertIn(b"FAIL  cache ", result.out)
        self.ok("run", "--python", self.python, "app.py")
        self.ok("disable", "--python", self.python)

    def test_wrong_interpreter_is_named(self):
        self.profile()
        self.fails("build", "--python", "/nowhere/python", word="/nowhere")
        self.fails("build", "--python", "/bin/true", word="/bin/true")

    def test_dump(self):
        self.profile()
        self.assertTrue(self.ok("build", "--dump=all").out)

    def test_run_needs_the_hook(self):
        self.profile()
        self.ok("build")
        self.fails("run", "--python", self.python, "app.py", word="enable")
        self.fails("run", "--cache", "nowhere", "--python", self.python,
                   "app.py", word="--cache")
        self.ok("enable", "--python", self.python)
        try:
            result = self.ok("run", "--python", self.python, "app.py", "x")
            self.assertTrue(result.out.endswith(b" 2\n"))
        finally:
            self.ok("disable", "--python", self.python)


if __name__ == "__main__":
    unittest.main()
