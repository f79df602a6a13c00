/* How fast this interpreter runs on this machine: what a build expects of
 * native code is known in proportion to that. */
#define PYAOT_PROF_INTERNAL
#include "prof_int.h"

/* The loop that SCHEMA.md names; its instructions are specialised after the
 * first rounds. */
static const char TEXT[] = "def turn(n):\n"
                           "    t = 0\n"
                           "    for i in range(n):\n"
                           "        t = t + i * 3 % 7\n"
                           "    return t\n";
enum { TURNS = 250, ROUNDS = 12 };

/* The fastest of some rounds; others may have had to wait. */
static double
fastest_round(PyObject *function, PyObject *turns)
{
    double best = 0;
    for (int i = 0; i < ROUNDS; i++) {
        const uint64_t start = prof_thread_ns();
        PyObject *sum = PyObject_CallOneArg(function, turns); /* new */
        const double took = (double)(prof_thread_ns() - start);
        if (sum == NULL) {
            return 0;
        }
        Py_DECREF(sum);
        best = best == 0 || took < best ? took : best;
    }
    return best;
}

double
prof_measure_turn(void)
{
    double best = 0;
    PyObject *names = PyDict_New();           /* new */
    PyObject *turns = PyLong_FromLong(TURNS); /* new */
    PyObject *code = Py_CompileString(TEXT, "<pyaot>",
                                      Py_file_input); /* new */
    PyObject *done = NULL;
    if (names != NULL && turns != NULL && code != NULL
        && PyDict_SetItemString(names, "__builtins__", PyEval_GetBuiltins())
               == 0) {
        done = PyEval_EvalCode(code, names, names); /* new */
    }
    if (done != NULL) {
        best = fastest_round(PyDict_GetItemString(names, "turn"), turns);
    }
    PyErr_Clear();
    if (names != NULL) {
        PyDict_Clear(names); /* the function holds it */
    }
    Py_XDECREF(done);
    Py_XDECREF(code);
    Py_XDECREF(turns);
    Py_XDECREF(names);
    return best / TURNS;
}
