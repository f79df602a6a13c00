/* The probes of layout_313.def: they say yes of this interpreter, and no of
 * one in which a single field or size is another one. */
#include "cache/abi/pyaot_layout.h" /* before <Python.h>, as it is private */
#include <Python.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include "cache/pycode/layout_check.h"

static const char *const rows[] = {
#define LAYOUT_SIZE(type, bytes, probe) "size of " #type,
#define LAYOUT(type, field, offset, probe) #type "." #field,
#define PROBE(stage, field, condition)
#include "cache/abi/layout_313.def"
};
enum { N_ROWS = sizeof rows / sizeof *rows };

/* Numbers of which only limits are known, or that they are 0 in new objects,
 * as what lies beside them is. */
static const char *const vague[] = {
    "PyThreadState.py_recursion_remaining",
    "PyThreadState.c_recursion_remaining",
    "PyThreadState.exc_info",
    "PyThreadState.tracing",
    "PyCodeObject.co_version",
    "PyCodeObject._co_instrumentation_version",
    "PyCodeObject._co_monitoring",
    "PyCodeObject.co_extra",
    "PyFunctionObject.func_version",
    "PyDictKeysObject.dk_version",
    "struct _dictvalues.capacity",
};

static bool
is_vague(const char *row)
{
    for (size_t i = 0; i < sizeof vague / sizeof *vague; i++) {
        if (strcmp(row, vague[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Called by Python code: there has to be a frame. */
static PyObject *
check(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    int blind = 0;
    const char *why = pyaot_layout_check();
    if (why != NULL) {
        return PyUnicode_FromString(why);
    }
    for (int i = 0; i < N_ROWS; i++) {
        if (!is_vague(rows[i]) && pyaot_layout_check_moved(i, 8) == NULL
            && pyaot_layout_check_moved(i, -8) == NULL) {
            fprintf(stderr, "%s: the probe sees no difference\n", rows[i]);
            blind++;
        }
    }
    return PyUnicode_FromFormat("%d blind", blind);
}

static PyMethodDef check_method = {"check", check, METH_NOARGS, NULL};

static void
test_layout_rows(void **state)
{
    (void)state;
    Py_Initialize();
    PyObject *main_dict = PyModule_GetDict(PyImport_AddModule("__main__"));
    PyDict_SetItemString(main_dict, "check",
                         PyCFunction_New(&check_method, NULL));
    PyObject *result = PyRun_String("(lambda: check())()", Py_eval_input,
                                    main_dict, main_dict);
    assert_non_null(result);
    assert_string_equal(PyUnicode_AsUTF8(result), "0 blind");
    result = PyRun_String("check()", Py_eval_input, main_dict, main_dict);
    assert_non_null(result);
    assert_string_equal(PyUnicode_AsUTF8(result), "0 blind");
    assert_int_equal(0, Py_FinalizeEx());
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_layout_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
