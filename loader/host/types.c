/* The functions of the types of generators and coroutines: CPython's own, or
 * the host's, which are in draw.c. */
#include "loader/host/host_int.h"

#include <string.h>

/* How values are sent to instances of a type. */
typedef struct {
    PyTypeObject *type;
    PyMethodDef *method;      /* its "send" */
    sendfunc plain_send;      /* its am_send; NULL: not replaced */
    PyCFunction plain_method; /* the method's function; NULL: not replaced */
} Sending;

static Sending sendings[] = {{.type = &PyGen_Type}, {.type = &PyCoro_Type}};
static iternextfunc plain_next; /* of generators; NULL: not replaced */

static Sending *
sending_of(PyObject *generator)
{
    return &sendings[Py_TYPE(generator) != &PyGen_Type];
}

/* --- CPython's own ------------------------------------------------------- */

PyObject *
types_next(PyObject *generator)
{
    return (plain_next != NULL ? plain_next
                               : PyGen_Type.tp_iternext)(generator);
}

PySendResult
types_send(PyObject *generator, PyObject *value, PyObject **result)
{
    PyTypeObject *type = Py_TYPE(generator);
    sendfunc send = sending_of(generator)->plain_send;
    return (send != NULL ? send : type->tp_as_async->am_send)(generator, value,
                                                              result);
}

PyObject *
types_send_method(PyObject *generator, PyObject *value)
{
    const Sending *s = sending_of(generator);
    return (s->plain_method != NULL ? s->plain_method
                                    : s->method->ml_meth)(generator, value);
}

/* --- which they have ----------------------------------------------------- */

static PyMethodDef *
find_method(PyTypeObject *type, const char *name)
{
    PyMethodDef *method = type->tp_methods;
    while (method->ml_name != NULL && strcmp(method->ml_name, name) != 0) {
        method++;
    }
    return method->ml_name != NULL && (method->ml_flags & METH_O) != 0 ? method
                                                                       : NULL;
}

/* Whoever replaced a function after us may call us until the process ends. */
static void
set_sending(Sending *s, bool ours)
{
    sendfunc *send = &s->type->tp_as_async->am_send;
    if (s->method == NULL) {
        s->method = find_method(s->type, "send");
    }
    if (ours && s->plain_send == NULL) {
        s->plain_send = *send;
        *send = host.calls->send;
    }
    else if (!ours && *send == host.calls->send) {
        *send = s->plain_send;
        s->plain_send = NULL;
    }
    if (s->method == NULL) {
        return;
    }
    if (ours && s->plain_method == NULL) {
        s->plain_method = s->method->ml_meth;
        s->method->ml_meth = host.calls->send_method;
    }
    else if (!ours && s->method->ml_meth == host.calls->send_method) {
        s->method->ml_meth = s->plain_method;
        s->plain_method = NULL;
    }
}

void
types_set(bool ours)
{
    if (ours && plain_next == NULL) {
        plain_next = PyGen_Type.tp_iternext;
        PyGen_Type.tp_iternext = host.calls->next;
    }
    else if (!ours && PyGen_Type.tp_iternext == host.calls->next) {
        PyGen_Type.tp_iternext = plain_next;
        plain_next = NULL;
    }
    set_sending(&sendings[0], ours);
    set_sending(&sendings[1], ours);
}
