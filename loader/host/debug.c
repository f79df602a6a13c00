/* PYAOT_DEBUG=0..4: what the host does, line by line on stderr.
 *
 *   0  nothing
 *   1  optimizers registered, executors installed and invalidated
 *   2  every entry and exit
 *   3  what the optimizer is asked and answers, dependencies, exits' reasons
 *   4  every instruction of code objects with executors: those that the
 *      interpreter executes, by INSTRUCTION events, and those that executors
 *      tell of, by trace() (compiled regions: units made with PYAOT_TRACE)
 *
 * A place is qualname@offset, the offset in bytes as `dis` prints it. */
#include "loader/host/host_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void
debug_read(void)
{
    const char *text = getenv("PYAOT_DEBUG");
    host.debug = 0;
    if (text != NULL && text[0] >= '0' && text[0] <= '4' && text[1] == '\0') {
        host.debug = text[0] - '0';
    }
}

int
debug_level(void)
{
    return host.debug;
}

void
debug_line(int level, const char *format, ...)
{
    if (host.debug < level) {
        return;
    }
    char line[512];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    fprintf(stderr, "pyaot %d: %s\n", level, line);
}

const char *
debug_place(PyCodeObject *code, uint32_t unit)
{
    static char buffers[4][160];
    static unsigned next;
    char *buffer = buffers[next++ % 4];
    PyObject *exc = PyErr_GetRaisedException();
    const char *name = PyUnicode_AsUTF8(code->co_qualname);
    PyErr_Clear();
    PyErr_SetRaisedException(exc);
    snprintf(buffer, sizeof buffers[0], "%.120s@%u", name ? name : "?",
             unit * (unsigned)sizeof(_Py_CODEUNIT));
    return buffer;
}

static void
print_instruction(const char *who, PyCodeObject *code, uint32_t unit)
{
    debug_line(4, "%s %s %s", who, debug_place(code, unit),
               abi_code_opname(code, unit));
}

void
debug_trace(PyaotFrame *frame, int offset)
{
    if (host.debug >= 4) {
        print_instruction("executor", pyaot_frame_code(frame),
                          (uint32_t)offset / 2);
    }
}

PyObject *
debug_on_instruction(PyObject *Py_UNUSED(self), PyObject *const *args,
                     size_t nargsf, PyObject *Py_UNUSED(kwnames))
{
    if (PyVectorcall_NARGS(nargsf) == 2 && PyCode_Check(args[0])) {
        print_instruction("interpreter", (PyCodeObject *)args[0],
                          (uint32_t)PyLong_AsLong(args[1]) / 2);
    }
    Py_RETURN_NONE;
}

/* HostLink.call while PYAOT_DEBUG wants to know of each entry. */
static PyObject *
call_debugged(PyaotExecutor *executor, PyObject *callable,
              PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    PyCodeObject *code = (PyCodeObject *)Py_NewRef(
        PyFunction_GET_CODE(callable));
    debug_line(2, "entering %s (call)", debug_place(code, 0));
    PyObject *r = executor->call(executor, callable, args, nargsf, kwnames);
    debug_line(2, "%s from %s (call)",
               r == NULL                 ? "exception"
               : r == PYAOT_CALL_REFUSED ? "refused"
                                         : "returned",
               debug_place(code, 0));
    Py_DECREF(code);
    return r;
}

HostCall *
debug_call(const PyaotExecutor *executor)
{
    return host.debug < 2 ? executor->call : call_debugged;
}
