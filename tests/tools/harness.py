"""What the test and bench runners share: finding pyaot, making an enabled
virtual environment, and running a program plain, profiled, built and cached.

Standard library only. Settings come from options or the environment:
PYAOT_BUILD   the build tree (default: build/ at the top of the repository)
PYAOT_PYTHON  the CPython >= 3.13 under test
"""

import copy
import json
import os
import shutil
import subprocess
import sys

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(TESTS)

# What `pyaot build` says where one of its verifiers has refused code.
INCONSISTENT = b"inconsistent intermediate code"


class Failure(Exception):
    """A step that should have worked did not; the text says which."""


class Result:
    """Exit status and output of one run."""

    def __init__(self, status, out, err):
        self.status = status
        self.out = out
        self.err = err


def clean_environment(**more):
    """The environment without pyaot's variables, with fixed hashing."""
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith("PYAOT")
                   and (not name.startswith("PYTHON")
                        or name == "PYTHONMALLOC")}
    environment["PYTHONHASHSEED"] = "0"
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    environment.update(more)
    return environment


def run(command, environment=None, cwd=None, timeout=120, stdin=b""):
    """Run a command to its end, never raising for its exit status."""
    process = subprocess.Popen(
        command, env=environment, cwd=cwd, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True)
    try:
        out, err = process.communicate(stdin, timeout=timeout)
    except subprocess.TimeoutExpired:
        try:
            os.killpg(process.pid, 9)
        except ProcessLookupError:
            pass
        out, err = process.communicate()
        return Result("timeout", out, err)
    return Result(process.returncode, out, err)


def find_pyaot(build=None):
    build = build or os.environ.get("PYAOT_BUILD") or os.path.join(ROOT,
                                                                   "build")
    path = os.path.join(os.path.abspath(build), "bin", "pyaot")
    if not os.access(path, os.X_OK):
        raise Failure(f"no {path}; build first (tests/run.sh does)")
    return path


def find_python(python=None):
    """An interpreter that is CPython >= 3.13, as an absolute path."""
    candidates = [python] if python else [
        os.environ.get("PYAOT_PYTHON"), sys.executable, "python3.13",
        "python3"]
    for candidate in candidates:
        if not candidate:
            continue
        try:
            result = run([candidate, "-c",
                          "import sys; print(sys.executable);"
                          "sys.exit(sys.version_info < (3, 13))"],
                         clean_environment())
        except OSError:
            continue
        if result.status == 0:
            return result.out.decode().strip()
    raise Failure("no CPython >= 3.13; name one with PYAOT_PYTHON")


def make_venv(python, folder):
    """A virtual environment without pip; returns its interpreter."""
    result = run([python, "-m", "venv", "--without-pip", folder],
                 clean_environment())
    if result.status != 0:
        raise Failure("cannot make a virtual environment: "
                      + result.err.decode(errors="replace"))
    return os.path.join(folder, "bin", "python")


class Bench:
    """pyaot and an enabled interpreter in a folder of their own."""

    compiler = None     # for CC; the system's if None
    profile_options = ()
    build_options = ()
    environment = {}    # more of it, of all runs of programs

    def __init__(self, folder, build=None, python=None):
        self.folder = folder
        self.pyaot = find_pyaot(build)
        self.base_python = find_python(python)
        self.python = make_venv(self.base_python,
                                os.path.join(folder, "venv"))
        result = run([self.pyaot, "enable", "--python", self.python],
                     clean_environment())
        if result.status != 0:
            raise Failure("pyaot enable failed: "
                          + result.err.decode(errors="replace"))
        # Does not optimise: for stress builds, and where speed is no matter.
        # clang then takes a third of gcc's time.
        compiler = (os.environ.get("CC")
                    or ("clang" if shutil.which("clang") else "cc"))
        self.fast_compiler = os.path.join(folder, "cc-fast")
        with open(self.fast_compiler, "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nexec {compiler} "$@" -O0\n')
        os.chmod(self.fast_compiler, 0o755)

    def compile_everything(self, source):
        """Record and compile all code of files whose path ends so, quickly:
        to be right, not to be fast."""
        self.compiler = self.fast_compiler
        self.profile_options = ("--everything",)
        self.build_options = ("--everything", "--source", source)

    def copy(self):
        """The same folder; may have another compiler."""
        return copy.copy(self)

    def profile(self, database, arguments, timeout=120, quiet=True, cwd=None,
                stdin=b""):
        command = [self.pyaot, "profile"] + (["-q"] if quiet else [])
        command += list(self.profile_options)
        command += ["-o", database, "--python", self.python] + arguments
        return run(command, clean_environment(**self.environment),
                   timeout=timeout, cwd=cwd, stdin=stdin)

    def build(self, database, cache, timeout=600, stress=False, jobs=1):
        environment = clean_environment()
        if self.compiler or stress:
            environment["CC"] = self.compiler or self.fast_compiler
        result = run([self.pyaot, "build", "-i", database, "-o", cache, "-j",
                      str(jobs)] + ["--stress"] * stress
                     + list(self.build_options), environment, timeout=timeout)
        # Code that a verifier refuses runs right, but proves nothing.
        if result.status == 0 and INCONSISTENT in result.out + result.err:
            return Result("inconsistent", result.out, result.out + result.err)
        return result

    def plain(self, arguments, timeout=120, cwd=None, stdin=b""):
        return run([self.python] + arguments,
                   clean_environment(**self.environment),
                   timeout=timeout, cwd=cwd, stdin=stdin)

    def cached(self, cache, arguments, timeout=120, cwd=None, stdin=b"",
               **more):
        return run([self.python] + arguments,
                   clean_environment(PYAOT_CACHE=cache, **self.environment,
                                     **more),
                   timeout=timeout, cwd=cwd, stdin=stdin)


def read_stats(path):
    """The loader's statistics; None when it wrote none or not JSON."""
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        return None
