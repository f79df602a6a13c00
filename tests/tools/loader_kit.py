"""What the tests of the loader share: a program, and a unit for its functions
that is written by hand (loader_unit.c).

Environment: PYAOT_PYTHON (a CPython 3.13; default: the running one),
PYAOT_TEST_INCLUDE (its headers, if elsewhere), PYAOT_BUILD (the build tree;
default: ../../build), CC.
"""

import os
import subprocess
import sys
import tempfile
import textwrap
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
E2E = os.path.join(ROOT, "tests", "e2e")
BUILD = os.environ.get("PYAOT_BUILD", os.path.join(ROOT, "build"))
PYTHON = os.environ.get("PYAOT_PYTHON", sys.executable)
MODULES = os.path.join(BUILD, "lib", "pyaot", "cp313")
PROGRAM = os.path.join(E2E, "loader_prog.py")

# Writes loader_unit_facts.h for all functions of the program.
FACTS = r'''
import collections, dis, opcode, sys, types
import _pyaot_loader
with open(sys.argv[1]) as f:
    code = compile(f.read(), sys.argv[1], "exec")
for fn in code.co_consts:
    if not isinstance(fn, types.CodeType):
        continue
    name = fn.co_name
    key = bytes.fromhex(_pyaot_loader.code_key(fn))
    print(f"#define KEY_{name} {{{', '.join(map(str, key))}}}")
    print(f"#define {name}_UNITS {len(fn.co_code) // 2}")
    for i, text in enumerate(fn.co_names):
        print(f"#define {name}_NAME_{text} {i}")
    seen = collections.Counter()
    rows = [i for i in dis.get_instructions(fn, show_caches=False)
            if i.opname != "EXTENDED_ARG"]
    for row, after in zip(rows, rows[1:] + [None]):
        label = f"{name}_{row.opname}_{seen[row.opname]}"
        seen[row.opname] += 1
        print(f"#define {label} {row.start_offset // 2}")
        if after is not None:
            print(f"#define {label}_NEXT {after.start_offset // 2}")
        if row.jump_target is not None:
            print(f"#define {label}_TO {row.jump_target // 2}")
'''

# Runs before each script: p is the program, natively where the unit has code.
PREAMBLE = r'''
import _pyaot_loader as L, sys, types, traceback, os, threading, signal
assert L.install() is True
assert L.load_unit(UNIT) > 0
p = types.ModuleType("p")
sys.modules["p"] = p
def load(module, path=PROGRAM):
    with open(path) as f:
        exec(compile(f.read(), "prog.py", "exec"), module.__dict__)
load(p)
plain = types.ModuleType("plain")
def unmatched(fn):
    """The same function, as another code object, which nothing matches."""
    return types.FunctionType(other_key(fn.__code__), p.__dict__, fn.__name__)
def other_key(code):
    return code.replace(co_stacksize=code.co_stacksize + 1)
def region(fn, kind=None):
    rows = [r for r in L.regions(fn.__code__)
            if kind is None or r["kind"] == kind]
    return rows[0]
def tb(exc):
    rows = []
    t = exc.__traceback__
    while t is not None:
        c = t.tb_frame.f_code
        pos = list(c.co_positions())[t.tb_lasti // 2]
        rows.append((c.co_name, t.tb_lineno, pos))
        t = t.tb_next
    return rows
def same_error(a, b):
    try:
        a()
    except BaseException as e:
        ea = e
    else:
        raise AssertionError("no exception")
    try:
        b()
    except BaseException as e:
        eb = e
    assert type(ea) is type(eb) and str(ea) == str(eb), (ea, eb)
    assert tb(ea)[2:] == tb(eb)[2:], (tb(ea), tb(eb))
'''


def setUpModule():
    work = tempfile.TemporaryDirectory(prefix="pyaot-test-")
    facts = run_python(FACTS, PROGRAM).stdout
    with open(os.path.join(work.name, "loader_unit_facts.h"), "w") as f:
        f.write(facts)
    include = os.environ.get("PYAOT_TEST_INCLUDE") or subprocess.run(
        [PYTHON, "-c", "import sysconfig;"
         "print(sysconfig.get_path('include'))"],
        check=True, text=True, capture_output=True).stdout.strip()
    unit = os.path.join(work.name, "unit.so")
    subprocess.run(
        [os.environ.get("CC", "cc"), "-O2", "-g", "-shared", "-fPIC",
         "-mno-red-zone", "-Wall", "-Wextra", "-Wno-missing-field-initializers", "-I", work.name,
         "-I", ROOT, "-isystem", include,
         "-isystem", os.path.join(include, "internal"),
         os.path.join(E2E, "loader_unit.c"), "-o", unit], check=True)
    LoaderTest.work, LoaderTest.unit = work, unit


def tearDownModule():
    LoaderTest.work.cleanup()


def run_python(script, *args, env=None, python=PYTHON):
    full = {k: v for k, v in os.environ.items()
            if not k.startswith("PYAOT") or k == "PYAOT_TRUST"}
    full["PYTHONPATH"] = MODULES
    full.update(env or {})
    done = subprocess.run([python, "-X", "faulthandler", "-c", script, *args],
                          text=True, capture_output=True, env=full,
                          timeout=120)
    if done.returncode != 0:
        raise AssertionError(f"exit status {done.returncode}\n"
                             f"{done.stdout}{done.stderr}")
    return done


class LoaderTest(unittest.TestCase):
    # Made once for all classes of a file, by setUpModule().
    work = unit = None

    def script(self, text, **kwargs):
        head = f"UNIT = {self.unit!r}\nPROGRAM = {PROGRAM!r}\n" + PREAMBLE
        return run_python(head + textwrap.dedent(text), **kwargs)
