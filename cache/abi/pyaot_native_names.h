/* Names: globals, variables in cells, and objects of the process that the
 * compiler knows by name.  Part of pyaot_native.h. */
#ifndef PYAOT_NATIVE_NAMES_H
#define PYAOT_NATIVE_NAMES_H

#ifndef PYAOT_NATIVE_H
#error "included by pyaot_native.h"
#endif

/* Store into a variable's cell, which may be empty; otherwise as above. */
INLINE int
pyaot_variable_set(PyaotThread *th, PyObject **cell, PyObject *value,
                   int is_new)
{
    if (UNLIKELY(*cell == NULL)) {
        *cell = is_new ? value : Py_NewRef(value);
        return 1;
    }
    return pyaot_cell_set(th, cell, value, is_new);
}

INLINE int
pyaot_variable_set_simple(PyaotThread *th, PyObject **cell, PyObject *value,
                          int is_new)
{
    if (UNLIKELY(*cell == NULL)) {
        *cell = is_new ? value : Py_NewRef(value);
        return 1;
    }
    return pyaot_cell_set_simple(th, cell, value, is_new);
}

static OUTLINE int
pyaot_variable_set_new(PyObject **cell, PyObject *value)
{
    if (UNLIKELY(value == NULL)) {
        PyErr_Clear();
        return 0;
    }
    if (LIKELY(pyaot_variable_set_simple(NULL, cell, value, 1))) {
        return 1;
    }
    Py_DECREF(value);
    return 0;
}

INLINE int
pyaot_variable_set_i(PyObject **cell, int64_t v)
{
    return pyaot_overwrite_i(cell, v)
           || pyaot_variable_set_new(cell, PyLong_FromLongLong(v));
}

INLINE int
pyaot_variable_set_f(PyObject **cell, double v)
{
    return pyaot_overwrite_f(cell, v)
           || pyaot_variable_set_new(cell, PyFloat_FromDouble(v));
}

/* A method of a builtin type: a strong reference kept in *cache, or NULL. */
static COLD PyObject *
pyaot_type_method(PyObject **cache, PyTypeObject *type, const char *name)
{
    PyObject *text = PyUnicode_InternFromString(name);
    PyObject *found = text != NULL ? _PyType_Lookup(type, text) : NULL;
    *cache = found != NULL && Py_IS_TYPE(found, &PyMethodDescr_Type)
                 ? Py_NewRef(found)
                 : NULL;
    Py_XDECREF(text);
    PyErr_Clear();
    return *cache;
}

/* Resolve "c:<module>.<name>" or "int:<small int>" to a strong reference kept
 * in *cache, or NULL.  What is found must be what CPython put there: a C
 * function of that very name. */
static COLD PyObject *
pyaot_symbol(PyObject **cache, const char *text)
{
    PyObject *found = NULL;
    const char *dot = strrchr(text, '.');
    if (strncmp(text, "int:", 4) == 0) {
        found = PyLong_FromLong(strtol(text + 4, NULL, 10));
    }
    else if (dot != NULL && strncmp(text, "c:", 2) == 0) {
        PyObject *name = PyUnicode_FromStringAndSize(text + 2, dot - text - 2);
        PyObject *module = name != NULL ? PyImport_GetModule(name) : NULL;
        if (module != NULL && PyModule_Check(module)) {
            PyObject *dict = PyModule_GetDict(module);
            found = Py_XNewRef(PyDict_GetItemString(dict, dot + 1));
        }
        if (found != NULL
            && (!PyCFunction_CheckExact(found)
                || strcmp(((PyCFunctionObject *)found)->m_ml->ml_name, dot + 1)
                       != 0
                || PyCFunction_GET_SELF(found) != module)) {
            Py_CLEAR(found);
        }
        Py_XDECREF(module);
        Py_XDECREF(name);
    }
    PyErr_Clear();
    *cache = found;
    return found;
}

/* Is the cell that a slot is bound to still where the name's value is kept, in
 * a dict that nobody but the loader watches? */
INLINE int
pyaot_cell_fits(const PyaotInst *in, const PyaotSlot *slot)
{
    const PyDictObject *d = (PyDictObject *)in->globals;
    return slot->entry != NULL && d->ma_keys == (void *)slot->inst
           && (d->ma_version_tag & DICT_WATCHER_MASK & ~(uint64_t)slot->offset)
                  == 0;
}

/* A global that is not kept in its slot: it changes too often, or is stored to
 * by native code.  Borrowed, or NULL. */
static OUTLINE PyObject *
pyaot_global(PyaotThread *th, PyaotInst *in, uint32_t index)
{
    const PyaotSlot *slot = &in->slots[index];
    return pyaot_cell_fits(in, slot) ? *(PyObject **)slot->entry
                                     : th->rt->slot_global(th, in, index);
}

/* A global function through its CALLEE slot, or if it cannot be linked through
 * the GLOBAL slot: borrowed, or NULL. */
static COLD PyObject *
pyaot_global_callee(PyaotThread *th, PyaotInst *in, uint32_t callee,
                    uint32_t global)
{
    if (th->rt->slot_callee(th, in, callee)) {
        return in->slots[callee].value;
    }
    return in->slots[global].value != NULL ? in->slots[global].value
                                           : pyaot_global(th, in, global);
}

INLINE PyObject *
pyaot_name(PyaotInst *in, int64_t index)
{
    return PyTuple_GET_ITEM(in->code->co_names, index);
}

#endif
