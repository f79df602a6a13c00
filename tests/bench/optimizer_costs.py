#!/usr/bin/env python3
"""What the optimizer API costs, beside the interpreter alone:

    tests/bench/optimizer_costs.py [--build DIR] [--python PY] [--rounds N]

back-edge   nanoseconds of one entry (an executor that does nothing) over the
            plain jump; the aim is 60 at most
vectorcall  a call through an installed vectorcall (a C function that returns
            its first argument, or None) over the interpreter's own inlined
            call of a function that does the same, for 0 to 3 arguments; the
            aim is less than 1.0
idle        a loop in a code object without executors while the host runs,
            over the same with no pyaot; 1.0 is full speed
lazy        the same with a lazy optimizer that refused, when the entry's
            events are back to none

Each figure is the median of alternating rounds; of calls, which take some 20
ns, the ratio of the lower quartiles of many short rounds, and behind it the
quartiles of the ratios of neighbours. Never a pass or a fail.
"""

import argparse
import os
import statistics
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "tools"))
import harness  # noqa: E402

SCRIPT = r'''
import statistics, sys, time
import pyaot.optimizer as o
import counter_optimizer, return_argument

N = 1_000_000

def make(source):
    names = {}
    exec(source, names)
    return next(v for k, v in names.items() if k in ("f", "caller"))

LOOP = "def f(n):\n    for i in range(n): pass"
CALLS = 10_000

def seconds(call, *args):
    start = time.perf_counter()
    call(*args)
    return time.perf_counter() - start

def median_of(rounds, *calls):
    rows = [[seconds(*call) for call in calls] for k in range(rounds)]
    return [statistics.median(column) for column in zip(*rows)]

ROUNDS = int(sys.argv[1])

# an idle code object, measured before the host ever started
idle = make(LOOP)
idle(N)
before, = median_of(ROUNDS, (idle, N))

plain, entered = make(LOOP), make(LOOP)
counter = counter_optimizer.new(0.0)
o.register(counter)
o.watch(entered)
entered(10)
o.unregister()
a, b = median_of(ROUNDS, (plain, N), (entered, N))
assert counter.count > N * ROUNDS
print(f"back-edge {(b - a) / N * 1e9:.1f} ns over {a / N * 1e9:.1f} ns")

def rounds_of_calls(arguments):
    """Nanoseconds for each call: the interpreter's, ours."""
    names = "abc"[:arguments]
    call = f"g({', '.join('ijk'[:arguments])})"
    source = (f"def caller(g, n):\n    j = k = None\n    for i in range(n):\n"
              f"        {'; '.join([call] * 4)}")
    function = f"lambda {', '.join(names)}: {names[:1] or None}"
    same, native = eval(function), eval(function)
    return_argument.install(native)
    columns = []
    for g in (same, native):
        caller = make(source)
        caller(g, 10)
        columns.append((caller, g, CALLS // 4))
    before = return_argument.count()
    rows = [[seconds(*call) / CALLS * 1e9 for call in columns]
            for k in range(ROUNDS * 50)]
    assert return_argument.count() - before >= len(rows) * CALLS
    return rows

for arguments in range(4):
    rows = rounds_of_calls(arguments)
    a, b = [statistics.quantiles(column)[0] for column in zip(*rows)]
    low, middle, high = statistics.quantiles(b / a for a, b in rows)
    print(f"vectorcall/{arguments} {b / a:.3f} ({b - a:+.1f} ns on {a:.1f} ns;"
          f" {low:.3f} {middle:.3f} {high:.3f})")

after, = median_of(ROUNDS, (idle, N))
print(f"idle {after / before:.3f}")

refuser = return_argument.refuser()
o.register(refuser)
lazy = make(LOOP)
lazy(N)
a, b = median_of(ROUNDS, (idle, N), (lazy, N))
print(f"lazy {b / a:.3f} after {return_argument.asked()} refusals")
'''

EXTENSION = r'''
#include <pyaot/optimizer.h>
static const PyaotOptimizerApi *api;
static long long called, asked_times;
static PyTypeObject X = {PyVarObject_HEAD_INIT(NULL, 0) .tp_name = "x.X",
                         .tp_basicsize = sizeof(PyaotExecutor)};
static PyTypeObject O = {PyVarObject_HEAD_INIT(NULL, 0) .tp_name = "x.O",
                         .tp_basicsize = sizeof(PyaotOptimizer)};
static PyObject *
call(PyaotExecutor *self, PyObject *function, PyObject *const *args,
     size_t nargsf, PyObject *kwnames)
{
    called++;
    return Py_NewRef(args[0]);
}
static PyObject *
call_without(PyaotExecutor *self, PyObject *function, PyObject *const *args,
             size_t nargsf, PyObject *kwnames)
{
    called++;
    Py_RETURN_NONE;
}
static int
compile(PyaotOptimizer *self, PyCodeObject *code, int offset,
        PyaotExecutor **executor)
{
    asked_times++;
    return 0;
}
static PyObject *
install(PyObject *self, PyObject *function)
{
    PyaotExecutor *x = (PyaotExecutor *)PyType_GenericAlloc(&X, 0);
    PyCodeObject *code = (PyCodeObject *)PyFunction_GET_CODE(function);
    x->call = code->co_argcount > 0 ? call : call_without;
    int r = api->replace_executor(code, 0, x);
    Py_DECREF(x);
    return r < 0 ? NULL : Py_NewRef(Py_None);
}
static PyObject *
refuser(PyObject *self, PyObject *arg)
{
    PyaotOptimizer *p = (PyaotOptimizer *)PyType_GenericAlloc(&O, 0);
    p->compile = compile;
    p->capabilities = PYAOT_OPTIMIZE_BACK_EDGE;
    return (PyObject *)p;
}
static PyObject *
count(PyObject *self, PyObject *arg)
{
    return PyLong_FromLongLong(called);
}
static PyObject *
asked(PyObject *self, PyObject *arg)
{
    return PyLong_FromLongLong(asked_times);
}
static PyMethodDef methods[] = {
    {"install", install, METH_O, NULL}, {"refuser", refuser, METH_NOARGS, NULL},
    {"count", count, METH_NOARGS, NULL}, {"asked", asked, METH_NOARGS, NULL},
    {NULL}};
static struct PyModuleDef def = {PyModuleDef_HEAD_INIT, "return_argument",
                                 NULL, -1, methods};
PyMODINIT_FUNC
PyInit_return_argument(void)
{
    api = pyaot_optimizer_import();
    if (api == NULL) {
        return NULL;
    }
    X.tp_base = api->executor_type;
    O.tp_base = api->optimizer_type;
    return PyType_Ready(&X) < 0 || PyType_Ready(&O) < 0
               ? NULL : PyModule_Create(&def);
}
'''


def build(bench, source, name, folder):
    include = bench.plain(
        ["-c", "import sysconfig; print(sysconfig.get_path('include'))"])
    root = os.path.dirname(os.path.dirname(bench.pyaot))
    result = harness.run(
        [os.environ.get("CC", "cc"), "-O2", "-shared", "-fPIC", "-w", "-I",
         os.path.join(root, "include"), "-I", include.out.decode().strip(),
         source, "-o", os.path.join(folder, name + ".so")])
    if result.status != 0:
        raise harness.Failure(result.err.decode(errors="replace"))


def main():
    parser = argparse.ArgumentParser(description="costs of the optimizer API")
    parser.add_argument("--build")
    parser.add_argument("--python")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--repeat", type=int, default=3,
                        help="processes (default 3)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pyaot-cost-") as folder:
        bench = harness.Bench(folder, options.build, options.python)
        source = os.path.join(folder, "return_argument.c")
        script = os.path.join(folder, "costs.py")
        with open(source, "w", encoding="utf-8") as file:
            file.write(EXTENSION)
        with open(script, "w", encoding="utf-8") as file:
            file.write(SCRIPT)
        build(bench, source, "return_argument", folder)
        build(bench, os.path.join(harness.ROOT, "loader", "examples",
                                  "counter_optimizer.c"),
              "counter_optimizer", folder)
        for number in range(options.repeat):
            result = harness.run(
                [bench.python, script, str(options.rounds)],
                harness.clean_environment(PYTHONPATH=folder), timeout=600)
            sys.stdout.write(result.out.decode())
            if result.status != 0:
                raise harness.Failure(result.err.decode(errors="replace"))
            sys.stdout.write("\n")


if __name__ == "__main__":
    try:
        main()
    except harness.Failure as failure:
        sys.exit(f"optimizer_costs.py: {failure}")
