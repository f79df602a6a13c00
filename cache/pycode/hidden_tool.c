/* The built-in functions' definitions, which all their objects share, get our
 * functions, which go on to theirs. */
#include "cache/pycode/hidden_tool.h"

#include <Python.h>
#include <stdbool.h>

/* What a function does for an id that nobody has. */
typedef enum {
    TAKES,   /* goes on; it is the program's from now on */
    IS_ZERO, /* no events */
    IS_NONE, /* no name; nothing to free */
    FAILS,   /* the id is not in use */
} Answer;

#define FUNCTIONS(X)                                                          \
    X(use_tool_id, TAKES)                                                     \
    X(register_callback, TAKES)                                               \
    X(free_tool_id, IS_NONE)                                                  \
    X(get_tool, IS_NONE)                                                      \
    X(get_events, IS_ZERO)                                                    \
    X(get_local_events, IS_ZERO)                                              \
    X(set_events, FAILS)                                                      \
    X(set_local_events, FAILS)

/* They have either of these signatures. */
typedef union {
    PyCFunction plain;
    PyObject *(*one)(PyObject *, PyObject *);
    PyObject *(*fast)(PyObject *, PyObject *const *, Py_ssize_t);
} Function;

typedef struct {
    const char *name;
    Answer answer;
    bool tells;         /* of ids that are taken or freed, of callbacks */
    Function fast, one; /* ours */
    PyMethodDef *def;   /* static */
    Function theirs;    /* NULL: not replaced */
} Entry;

static int hidden = -1;
static int inside;
static PyInterpreterState *owner;
static void (*holder_gives_way)(void);
static void (*tell_others)(void);

static PyObject *
answer(const Entry *e, PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    Function theirs = e->theirs; /* who gives way may stop hiding */
    bool ours = hidden >= 0 && inside == 0 && n > 0
                && PyLong_CheckExact(args[0])
                && PyInterpreterState_Get() == owner
                && PyLong_AsLong(args[0]) == hidden;
    if (PyErr_Occurred()) {
        PyErr_Clear();
        ours = false;
    }
    if (ours && e->answer == TAKES && n > 1
        && (e->def->ml_name[0] != 'u' || PyUnicode_Check(args[1]))) {
        hidden = -1;
        inside++;
        holder_gives_way();
        inside--;
        ours = false;
    }
    if (ours && e->answer == IS_ZERO) {
        return PyLong_FromLong(0);
    }
    if (ours && e->answer == IS_NONE) {
        Py_RETURN_NONE;
    }
    if (ours && e->answer == FAILS) {
        PyErr_Format(PyExc_ValueError, "tool %d is not in use", hidden);
        return NULL;
    }
    PyObject *result = (e->def->ml_flags & METH_O) != 0
                           ? theirs.one(module, args[0])
                           : theirs.fast(module, args, n);
    if (e->tells && inside == 0 && tell_others != NULL
        && PyInterpreterState_Get() == owner) {
        tell_others();
    }
    return result;
}

enum {
#define X(name, answer) FUNCTION_##name,
    FUNCTIONS(X)
#undef X
        N_FUNCTIONS
};

static Entry entries[N_FUNCTIONS];

#define X(name, answer_)                                                      \
    static PyObject *fast_##name(PyObject *module, PyObject *const *args,     \
                                 Py_ssize_t n)                                \
    {                                                                         \
        return answer(&entries[FUNCTION_##name], module, args, n);            \
    }                                                                         \
    static PyObject *one_##name(PyObject *module, PyObject *arg)              \
    {                                                                         \
        return answer(&entries[FUNCTION_##name], module, &arg, 1);            \
    }
FUNCTIONS(X)
#undef X

static Entry entries[N_FUNCTIONS] = {
#define X(name, answer)                                                       \
    {#name,                                                                   \
     answer,                                                                  \
     FUNCTION_##name == FUNCTION_use_tool_id                                  \
         || FUNCTION_##name == FUNCTION_free_tool_id                          \
         || FUNCTION_##name == FUNCTION_register_callback,                    \
     {.fast = fast_##name},                                                   \
     {.one = one_##name},                                                     \
     NULL,                                                                    \
     {NULL}},
    FUNCTIONS(X)
#undef X
};

static PyMethodDef *
find(const char *name)
{
    PyObject *monitoring = PySys_GetObject("monitoring"); /* borrowed */
    PyObject *function = monitoring != NULL
                             ? PyObject_GetAttrString(monitoring, name)
                             : NULL;
    PyMethodDef *def = NULL;
    if (function != NULL && PyCFunction_CheckExact(function)
        && (PyCFunction_GET_FLAGS(function) == METH_FASTCALL
            || PyCFunction_GET_FLAGS(function) == METH_O)) {
        def = ((PyCFunctionObject *)function)->m_ml;
    }
    Py_XDECREF(function);
    PyErr_Clear();
    return def;
}

static PyCFunction
ours(const Entry *e)
{
    return (e->def->ml_flags & METH_O) != 0 ? e->one.plain : e->fast.plain;
}

void
pyaot_hidden_tool_start(int id, void (*give_way)(void), void (*others)(void))
{
    for (int i = 0; i < N_FUNCTIONS; i++) {
        Entry *e = &entries[i];
        if (e->def == NULL) {
            e->def = find(e->name);
        }
        if (e->def == NULL) {
            return; /* it stays to be seen */
        }
    }
    for (int i = 0; i < N_FUNCTIONS; i++) {
        Entry *e = &entries[i];
        if (e->theirs.plain == NULL) {
            e->theirs.plain = e->def->ml_meth;
            e->def->ml_meth = ours(e);
        }
    }
    hidden = id;
    owner = PyInterpreterState_Get();
    holder_gives_way = give_way;
    tell_others = others;
}

void
pyaot_hidden_tool_stop(void)
{
    hidden = -1;
    tell_others = NULL;
    /* Whoever replaced a function after us may call us until the process
     * ends. */
    for (int i = 0; i < N_FUNCTIONS; i++) {
        Entry *e = &entries[i];
        if (e->theirs.plain != NULL && e->def->ml_meth == ours(e)) {
            e->def->ml_meth = e->theirs.plain;
            e->theirs.plain = NULL;
        }
    }
}

void
pyaot_hidden_tool_begin(void)
{
    inside++;
}

void
pyaot_hidden_tool_end(void)
{
    inside--;
}
