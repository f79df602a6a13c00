/* Instances and their attributes in inline values and __slots__.  Part of
 * pyaot_native.h. */
#ifndef PYAOT_NATIVE_OBJECT_H
#define PYAOT_NATIVE_OBJECT_H

#ifndef PYAOT_NATIVE_H
#error "included by pyaot_native.h"
#endif

/* Has the instance whose dict lies at this offset an attribute of that name,
 * or a dict in which that could only be found out by running Python code? */
INLINE int
pyaot_may_shadow(PyObject *o, int32_t offset, PyObject *name)
{
    PyDictObject *dict = *(PyDictObject **)((char *)o + offset);
    if (dict == NULL) {
        return 0;
    }
    return !PyDict_CheckExact(dict) || !DK_IS_UNICODE(dict->ma_keys)
           || PyDict_GetItemWithError((PyObject *)dict, name) != NULL;
}

/* Are o's attributes in its inline values?  valid_offset as in PyaotSlot; 0
 * for __slots__. */
INLINE int
pyaot_attr_is_there(PyObject *o, uint32_t valid_offset)
{
    return valid_offset == 0 || LIKELY(((uint8_t *)o)[valid_offset]);
}

/* Somebody has seen o's dict, which shows the inline values: may a value be
 * stored there?  (NULL: a number.)  Not if others watch the dict, or the
 * collector may have to be shown it with the first container in it. */
static OUTLINE int
pyaot_attr_dict_is_open(PyObject *o, PyObject *value)
{
    PyDictObject *d = _PyObject_GetManagedDict(o);
    return (d->ma_version_tag & DICT_WATCHER_MASK) == 0
           && (value == NULL || _PyObject_GC_IS_TRACKED(d)
               || !_PyObject_GC_MAY_BE_TRACKED(value));
}

/* May native code store there? */
INLINE int
pyaot_attr_is_open(PyObject *o, uint32_t valid_offset, PyObject *value)
{
    return valid_offset == 0
           || (LIKELY(((uint8_t *)o)[valid_offset])
               && (LIKELY(_PyObject_GetManagedDict(o) == NULL)
                   || pyaot_attr_dict_is_open(o, value)));
}

/* An attribute came into being in cell p of o's inline values: their order
 * must know, and the dict that shows them.  Nothing to do for __slots__. */
INLINE void
pyaot_attr_added(PyObject *o, uint32_t valid_offset, PyObject **p)
{
    if (valid_offset != 0) {
        PyDictValues *values = (PyDictValues *)((char *)o + valid_offset
                                                - offsetof(PyDictValues,
                                                           valid));
        PyDictObject *d = _PyObject_GetManagedDict(o);
        _PyDictValues_AddToInsertionOrder(values, p - values->values);
        if (UNLIKELY(d != NULL)) {
            d->ma_used++;
        }
    }
}

/* An instance of a CLASS slot's class, with the values of its MEMBER slots.
 * Bit i of given: value i's reference is given away, unless there is no memory
 * (NULL). */
INLINE PyObject *
pyaot_object_new(const PyaotSlot *slot, PyObject **values, uint32_t n,
                 uint32_t given)
{
    PyObject *o = PyType_GenericAlloc(slot->type, 0);
    for (uint32_t i = 0; LIKELY(o != NULL) && i < n; i++) {
        const PyaotSlot *member = &slot[i + 1];
        PyObject **p = (PyObject **)((char *)o + member->offset);
        *p = given >> i & 1 ? values[i] : Py_NewRef(values[i]);
        pyaot_attr_added(o, member->valid_offset, p);
    }
    return o;
}

#endif
