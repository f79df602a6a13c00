/* Deaths that nobody sees.
 *
 * Native code runs no finaliser: where a reference is given back that may be
 * the last one it asks here, and leaves to the interpreter if the death would
 * be seen.  That keeps releases out of the way of the compiler: whatever dies
 * in native code could not be reached any more, and changes nothing else.
 *
 * A death is unseen if all that dies with the object is of a class known to
 * run no code in its deallocation (no `__del__`, no foreign tp_dealloc) and
 * has no weak references.  What dies with it is found as the garbage collector
 * does: an object dies if all its references come from those that do.  Objects
 * that a few steps cannot judge are said to be seen. */
#include "loader_int.h"

#include <string.h>

enum {
    MAX_PENDING = 64, /* objects found to die and not looked at yet */
    MAX_SHARED = 32,  /* objects some but not all references of are found */
    MAX_VISITED = 20000,
};

typedef struct {
    PyObject *o;
    Py_ssize_t found;
} Shared;

typedef struct {
    PyObject *pending[MAX_PENDING];
    Shared shared[MAX_SHARED];
    uint32_t n_pending, n_shared, n_visited;
} Walk;

/* tp_dealloc of classes made by Python code. */
static destructor subtype_dealloc;
/* Types of the same kind as in is_listed() that have no name in C. */
static PyTypeObject *nameless[8];
static uint32_t n_nameless;

/* --- classes ------------------------------------------------------------- */

static inline bool
is_plain(PyTypeObject *t)
{
    return t == &PyUnicode_Type || t == &PyLong_Type || t == &PyFloat_Type
           || t == &PyBytes_Type || t == &PyBool_Type || t == Py_TYPE(Py_None)
           || t == &PyComplex_Type;
}

/* Static types whose deallocation does no more than release what tp_traverse
 * visits, and plain objects.  Functions are not among them: native code may be
 * running one that nobody else holds. */
static bool
is_listed(PyTypeObject *t)
{
    PyTypeObject *const quiet[] = {
        &PyList_Type,          &PyTuple_Type,        &PyDict_Type,
        &PySet_Type,           &PyFrozenSet_Type,    &PySlice_Type,
        &PyMethod_Type,        &PyCFunction_Type,    &PyCell_Type,
        &PyListIter_Type,      &PyTupleIter_Type,    &PyListRevIter_Type,
        &PyRange_Type,         &PyRangeIter_Type,    &PyLongRangeIter_Type,
        &PyEnum_Type,          &PyReversed_Type,     &PyZip_Type,
        &PyMap_Type,           &PyFilter_Type,       &PyDictKeys_Type,
        &PyDictValues_Type,    &PyDictItems_Type,    &PyDictIterKey_Type,
        &PyDictIterValue_Type, &PyDictIterItem_Type, &PySetIter_Type,
        &PyUnicodeIter_Type,   &PySeqIter_Type,      &PyBytesIter_Type,
        &PyByteArray_Type,     &PyBaseObject_Type,
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(quiet); i++) {
        if (t == quiet[i]) {
            return true;
        }
    }
    for (uint32_t i = 0; i < n_nameless; i++) {
        if (t == nameless[i]) {
            return true;
        }
    }
    return is_plain(t);
}

/* The same, of what was asked before: static types stay as they are. */
static bool
is_quiet_static(PyTypeObject *t)
{
    enum { N_KNOWN = 64, TYPE_BYTES = 256 };
    static struct {
        PyTypeObject *type;
        bool quiet;
    } known[N_KNOWN];
    if (t->tp_flags & Py_TPFLAGS_HEAPTYPE) {
        return false;
    }
    uint32_t i = (uint32_t)((uintptr_t)t / TYPE_BYTES) % N_KNOWN;
    if (known[i].type != t) {
        known[i].quiet = is_listed(t);
        known[i].type = t;
    }
    return known[i].quiet;
}

static bool
is_quiet_class(PyTypeObject *t)
{
    if (t->tp_dealloc != subtype_dealloc) {
        return is_quiet_static(t);
    }
    if (t->tp_finalize != NULL || t->tp_del != NULL) {
        return false;
    }
    PyTypeObject *base = t->tp_base;
    while (base != NULL && base->tp_dealloc == subtype_dealloc) {
        base = base->tp_base;
    }
    return base == &PyBaseObject_Type
           || (base != NULL && is_quiet_static(base));
}

/* --- the walk ------------------------------------------------------------ */

static int
visit(PyObject *o, void *self)
{
    Walk *w = self;
    if (_Py_IsImmortal(o) || is_plain(Py_TYPE(o)) || PyType_Check(o)) {
        return 0;
    }
    if (++w->n_visited > MAX_VISITED) {
        return -1;
    }
    Py_ssize_t references = Py_REFCNT(o);
    if (references > 1) {
        uint32_t i = 0;
        while (i < w->n_shared && w->shared[i].o != o) {
            i++;
        }
        if (i == MAX_SHARED) {
            return -1;
        }
        if (i == w->n_shared) {
            w->shared[w->n_shared++] = (Shared){o, 0};
        }
        if (++w->shared[i].found < references) {
            return 0;
        }
    }
    if (w->n_pending == MAX_PENDING) {
        return -1;
    }
    w->pending[w->n_pending++] = o;
    return 0;
}

static bool
is_quiet(PyObject *o, Walk *w)
{
    PyTypeObject *t = Py_TYPE(o);
    if (!is_quiet_class(t) && !abi_is_finished_generator(o)) {
        return false;
    }
    if (t->tp_weaklistoffset != 0
        && *(PyObject **)((char *)o + t->tp_weaklistoffset) != NULL) {
        return false;
    }
    return t->tp_traverse == NULL || t->tp_traverse(o, visit, w) == 0;
}

int
rt_dies_unseen(PyObject *o)
{
    Walk w;
    w.n_pending = w.n_shared = w.n_visited = 0;
    if (!is_quiet(o, &w)) {
        return 0;
    }
    while (w.n_pending > 0) {
        if (!is_quiet(w.pending[--w.n_pending], &w)) {
            return 0;
        }
    }
    return 1;
}

/* --- releases without an exit -------------------------------------------- */

static int
release_now(void *o)
{
    Py_DECREF((PyObject *)o);
    return 0;
}

void
rt_release_soon(PyObject *o)
{
    if (Py_AddPendingCall(release_now, o) < 0) {
        Py_DECREF(o); /* the queue is full: better here than never */
    }
}

/* Note the type of what iterates over, or reverses, o (stolen, may be NULL).
 */
static bool
note_nameless(PyObject *o, PyObject *(*make)(PyObject *))
{
    PyObject *sample = o != NULL ? make(o) : NULL;
    Py_XDECREF(o);
    if (sample == NULL) {
        return false;
    }
    assert(n_nameless < Py_ARRAY_LENGTH(nameless));
    nameless[n_nameless++] = Py_TYPE(sample);
    Py_DECREF(sample);
    return true;
}

static PyObject *
reverse(PyObject *o)
{
    return PyObject_CallFunctionObjArgs((PyObject *)&PyReversed_Type, o, NULL);
}

/* How instances of classes written in Python die, from a class that every
 * interpreter has: one made for the purpose would be seen in gc.collect(). */
static bool
find_subtype_dealloc(void)
{
    PyObject *bootstrap = PyImport_AddModule(
        "_frozen_importlib"); /* borrowed */
    PyObject *cls = bootstrap != NULL
                        ? PyObject_GetAttrString(bootstrap, "ModuleSpec")
                        : NULL; /* new */
    if (cls == NULL) {
        return false;
    }
    if (PyType_Check(cls)
        && PyType_HasFeature((PyTypeObject *)cls, Py_TPFLAGS_HEAPTYPE)
        && ((PyTypeObject *)cls)->tp_base == &PyBaseObject_Type) {
        subtype_dealloc = ((PyTypeObject *)cls)->tp_dealloc;
    }
    else {
        PyErr_SetString(
            PyExc_RuntimeError,
            "pyaot: _frozen_importlib.ModuleSpec is not as python makes it");
    }
    Py_DECREF(cls);
    return subtype_dealloc != NULL;
}

bool
death_start(void)
{
    if (subtype_dealloc != NULL) {
        return true;
    }
    n_nameless = 0;
    if (!note_nameless(PyUnicode_FromString("a"), PyObject_GetIter)
        || !note_nameless(PyUnicode_FromString("\u0100"), PyObject_GetIter)
        || !note_nameless(PyByteArray_FromStringAndSize("a", 1),
                          PyObject_GetIter)
        || !note_nameless(PyDict_New(), reverse)) {
        return false;
    }
    return find_subtype_dealloc();
}
