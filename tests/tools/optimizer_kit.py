"""What the tests of the optimizer API share: an enabled virtual environment,
the installed header, and extensions built with nothing else: the examples of
loader/examples and pyopt.c, optimizers written in Python.

Each test is a script that runs in a process of its own.
"""

import os
import re
import subprocess
import tempfile
import textwrap
import unittest

import harness

PREAMBLE = r'''
import dis, gc, signal, sys, textwrap, threading, time, traceback, types
import pyaot.optimizer as o, pyopt
from pyopt import Executor, Optimizer

def make(source, **names):
    """The function defined first in source, a new code object each time."""
    before = set(names)
    exec(textwrap.dedent(source), names)
    return next(v for k, v in names.items()
                if k not in before and isinstance(v, types.FunctionType))

def offsets(function, kind):
    return [at for at, k in o.entries(function).items() if k == kind]

def heads(function):
    return offsets(function, "back-edge")

def resumes(function):
    return offsets(function, "resume after yield")

def put(function, offset, execute=None, **more):
    executor = Executor(execute, **more)
    o.replace_executor(function, offset, executor)
    return executor

def find(function, opname, number=0):
    """Offset of the number-th such instruction."""
    found = [i.offset for i in dis.get_instructions(function)
             if i.opname == opname]
    return found[number]

def adaptive(function):
    """What the interpreter really executes."""
    return [i.opname for i in dis.get_instructions(function, adaptive=True)]

def events(function):
    return o.events(function)

def nothing(frame):
    pass

def raises(error, call, *args):
    try:
        call(*args)
    except error as e:
        return e
    raise AssertionError(f"no {error.__name__}")

def entry_of(exc, function):
    """The traceback entry of this function."""
    t = exc.__traceback__
    while t.tb_frame.f_code is not function.__code__:
        t = t.tb_next
    return t
'''


class Kit:
    """Made once for each test file."""

    def __init__(self):
        self.holder = tempfile.TemporaryDirectory(prefix="pyaot-opt-")
        self.folder = self.holder.name
        self.bench = harness.Bench(self.folder)
        self.prefix = os.path.join(self.folder, "prefix")
        build = os.path.dirname(os.path.dirname(self.bench.pyaot))
        subprocess.run(["cmake", "--install", build, "--prefix", self.prefix],
                       check=True, stdout=subprocess.DEVNULL)
        examples = os.path.join(harness.ROOT, "loader", "examples")
        self.build(os.path.join(harness.TESTS, "e2e", "pyopt.c"), "pyopt")
        for name in ("counter_optimizer", "hot_loop_optimizer"):
            self.build(os.path.join(examples, name + ".c"), name)

    def build(self, source, name):
        """As a third party would: the public header and Python's."""
        result = self.bench.plain(
            ["-c", "import sysconfig; print(sysconfig.get_path('include'))"])
        subprocess.run(
            [os.environ.get("CC", "cc"), "-O2", "-g", "-shared", "-fPIC",
             "-Wall", "-Wextra", "-Wno-missing-field-initializers", "-Werror",
             "-I", os.path.join(self.prefix, "include"), "-isystem",
             result.out.decode().strip(), source, "-o",
             os.path.join(self.folder, name + ".so")], check=True)

    def run(self, script, preamble=PREAMBLE, timeout=60, **environment):
        path = os.path.join(self.folder, "script.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write(preamble + textwrap.dedent(script))
        return harness.run(
            [self.bench.python, path],
            harness.clean_environment(PYTHONPATH=self.folder, **environment),
            timeout=timeout)


class OptimizerTest(unittest.TestCase):
    """Its subclasses' tests call self.ok(script)."""

    @classmethod
    def setUpClass(cls):
        cls.kit = Kit()

    @classmethod
    def tearDownClass(cls):
        cls.kit.holder.cleanup()

    def ok(self, script, **environment):
        """The script must end well; returns what it wrote."""
        result = self.kit.run(script, **environment)
        self.assertEqual(0, result.status,
                         (result.out + result.err).decode(errors="replace"))
        return result

    def debug(self, script, level):
        """The lines written under PYAOT_DEBUG=level."""
        result = self.ok(script, PYAOT_DEBUG=str(level))
        return re.findall(r"^pyaot (\d): (.*)$", result.err.decode(), re.M)
