/* Dicts and sets looked up and changed for keys that are ints of 64 bits or
 * exact strings, as long as no code has to run to compare them.  Part of
 * pyaot_native.h.
 *
 * The functions that end in _i take an int key by its value, those in _s an
 * exact str.  They walk the tables of Objects/dictobject.c and setobject.c,
 * and report a key that could only be compared by its own code. */
#ifndef PYAOT_NATIVE_DICT_H
#define PYAOT_NATIVE_DICT_H

#ifndef PYAOT_NATIVE_H
#error "included by pyaot_native.h"
#endif

enum {
    PYAOT_NO_KEY = -1,
    PYAOT_ODD_KEY = -2
}; /* not there; not to be told here */

INLINE Py_hash_t
pyaot_hash_i(int64_t v)
{
    uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    u = LIKELY(u < (uint64_t)_PyHASH_MODULUS) ? u
                                              : u % (uint64_t)_PyHASH_MODULUS;
    Py_hash_t h = v < 0 ? -(Py_hash_t)u : (Py_hash_t)u;
    return h == -1 ? -2 : h;
}

INLINE Py_hash_t
pyaot_hash_s(PyObject *s)
{
    Py_hash_t h = ((PyASCIIObject *)s)->hash;
    return LIKELY(h != -1) ? h : PyObject_Hash(s); /* does not fail */
}

/* Keys of these are equal to an int or a string only if they are one. */
INLINE int
pyaot_is_plain_key(PyObject *key)
{
    PyTypeObject *t = Py_TYPE(key);
    return t == &PyUnicode_Type || t == &PyLong_Type || t == &PyTuple_Type
           || t == &PyBytes_Type || t == Py_TYPE(Py_None);
}

/* Are a key of the same hash and an int or string equal?  1, 0, ODD_KEY */
INLINE int
pyaot_same_i(PyObject *key, int64_t v)
{
    int64_t x;
    if (LIKELY(PyLong_CheckExact(key))) {
        return pyaot_unbox_i(key, &x) && x == v;
    }
    if (Py_TYPE(key) == &PyBool_Type) {
        return (key == Py_True) == v;
    }
    return pyaot_is_plain_key(key) ? 0 : PYAOT_ODD_KEY;
}

INLINE int
pyaot_same_s(PyObject *key, PyObject *s)
{
    if (key == s) {
        return 1;
    }
    if (LIKELY(PyUnicode_CheckExact(key))) {
        return pyaot_str_eq(key, s);
    }
    return pyaot_is_plain_key(key) || Py_TYPE(key) == &PyBool_Type
                   || PyFloat_CheckExact(key)
               ? 0
               : PYAOT_ODD_KEY;
}

/* --- dicts --------------------------------------------------------------- */

INLINE Py_ssize_t
pyaot_keys_index(const PyDictKeysObject *keys, size_t i)
{
    int log = keys->dk_log2_size;
    return log < 8    ? ((const int8_t *)keys->dk_indices)[i]
           : log < 16 ? ((const int16_t *)keys->dk_indices)[i]
           : log < 32 ? ((const int32_t *)keys->dk_indices)[i]
                      : ((const int64_t *)keys->dk_indices)[i];
}

/* Walk the table from the place of `hash`; at each entry `ix` that is in use
 * `check` says whether its key is the one. */
#define PYAOT_PROBE(keys, hash, ix, check)                                    \
    size_t mask = ((size_t)1 << (keys)->dk_log2_size) - 1;                    \
    size_t perturb = (size_t)(hash), i = ((size_t)(hash)) & mask;             \
    for (;;) {                                                                \
        Py_ssize_t ix = pyaot_keys_index(keys, i);                            \
        if (ix >= 0) {                                                        \
            int same = (check);                                               \
            if (same != 0) {                                                  \
                return same > 0 ? ix : PYAOT_ODD_KEY;                         \
            }                                                                 \
        }                                                                     \
        else if (ix == DKIX_EMPTY) {                                          \
            return PYAOT_NO_KEY;                                              \
        }                                                                     \
        perturb >>= 5;                                                        \
        i = (i * 5 + perturb + 1) & mask;                                     \
    }

static OUTLINE Py_ssize_t
pyaot_dict_find_i(PyObject *d, int64_t v)
{
    PyDictKeysObject *keys = ((PyDictObject *)d)->ma_keys;
    if (DK_IS_UNICODE(keys)) {
        return PYAOT_NO_KEY;
    }
    const PyDictKeyEntry *e = DK_ENTRIES(keys);
    Py_hash_t hash = pyaot_hash_i(v);
    PYAOT_PROBE(keys, hash, ix,
                e[ix].me_hash == hash ? pyaot_same_i(e[ix].me_key, v) : 0)
}

static OUTLINE Py_ssize_t
pyaot_dict_find_s(PyObject *d, PyObject *s)
{
    PyDictKeysObject *keys = ((PyDictObject *)d)->ma_keys;
    Py_hash_t hash = pyaot_hash_s(s);
    if (UNLIKELY(((PyDictObject *)d)->ma_values != NULL)) {
        return PYAOT_ODD_KEY; /* an instance's */
    }
    if (LIKELY(DK_IS_UNICODE(keys))) {
        const PyDictUnicodeEntry *u = DK_UNICODE_ENTRIES(keys);
        PYAOT_PROBE(keys, hash, ix,
                    u[ix].me_key == s
                        || (((PyASCIIObject *)u[ix].me_key)->hash == hash
                            && pyaot_str_eq(u[ix].me_key, s)))
    }
    const PyDictKeyEntry *e = DK_ENTRIES(keys);
    PYAOT_PROBE(keys, hash, ix,
                e[ix].me_hash == hash ? pyaot_same_s(e[ix].me_key, s) : 0)
}

INLINE PyObject **
pyaot_dict_cell(PyObject *d, Py_ssize_t ix)
{
    PyDictKeysObject *keys = ((PyDictObject *)d)->ma_keys;
    return DK_IS_UNICODE(keys) ? &DK_UNICODE_ENTRIES(keys)[ix].me_value
                               : &DK_ENTRIES(keys)[ix].me_value;
}

/* What is there, borrowed; NULL: nothing, or an odd key. */
INLINE PyObject *
pyaot_dict_value(PyObject *d, Py_ssize_t ix)
{
    return LIKELY(ix >= 0) ? *pyaot_dict_cell(d, ix) : NULL;
}

/* The number there, or `otherwise` if there is none.  0: neither. */
INLINE int
pyaot_dict_number(PyObject *d, Py_ssize_t ix, int64_t otherwise, int64_t *out)
{
    if (ix == PYAOT_NO_KEY) {
        *out = otherwise;
        return 1;
    }
    return LIKELY(ix >= 0) && pyaot_unbox_i(*pyaot_dict_cell(d, ix), out);
}

/* May native code store into it?  Others may watch the dict. */
INLINE int
pyaot_dict_is_open(PyObject *d)
{
    return LIKELY((((PyDictObject *)d)->ma_version_tag & DICT_WATCHER_MASK)
                  == 0);
}

/* Add a key that is not there.  key and value: references that are used up,
 * or NULL: memory ran out. */
static OUTLINE int
pyaot_dict_add(PyObject *d, PyObject *key, PyObject *value, Py_hash_t hash)
{
    int ok = key != NULL && value != NULL
             && _PyDict_SetItem_KnownHash(d, key, value, hash) == 0;
    Py_XDECREF(key);
    Py_XDECREF(value);
    if (UNLIKELY(!ok)) {
        PyErr_Clear();
    }
    return ok;
}

/* Store an object at an index, as pyaot_cell_set() and _simple(). */
INLINE int
pyaot_dict_put(PyaotThread *th, PyObject *d, Py_ssize_t ix, PyObject *value,
               int simple)
{
    PyObject **cell = pyaot_dict_cell(d, ix);
    if (UNLIKELY(!_PyObject_GC_IS_TRACKED(d)
                 && _PyObject_GC_MAY_BE_TRACKED(value))) {
        PyObject_GC_Track(d);
    }
    return simple ? pyaot_cell_set_simple(th, cell, value, 0)
                  : pyaot_cell_set(th, cell, value, 0);
}

/* d[key] = value: key an int, an int that is an object, or a str; 0: the
 * interpreter has to. */
#define PYAOT_DICT_SET(suffix, KeyType, find, hash, key_object)               \
    INLINE int pyaot_dict_set_##suffix##o(PyaotThread *th, PyObject *d,       \
                                          KeyType key, PyObject *value)       \
    {                                                                         \
        Py_ssize_t ix = pyaot_dict_is_open(d) ? find : PYAOT_ODD_KEY;         \
        return LIKELY(ix >= 0) ? pyaot_dict_put(th, d, ix, value, 0)          \
               : ix == PYAOT_NO_KEY                                           \
                   ? pyaot_dict_add(d, key_object, Py_NewRef(value), hash)    \
                   : 0;                                                       \
    }                                                                         \
    INLINE int pyaot_dict_set_##suffix##o_simple(PyaotThread *th,             \
                                                 PyObject *d, KeyType key,    \
                                                 PyObject *value)             \
    {                                                                         \
        Py_ssize_t ix = pyaot_dict_is_open(d) ? find : PYAOT_ODD_KEY;         \
        return LIKELY(ix >= 0) ? pyaot_dict_put(th, d, ix, value, 1)          \
               : ix == PYAOT_NO_KEY                                           \
                   ? pyaot_dict_add(d, key_object, Py_NewRef(value), hash)    \
                   : 0;                                                       \
    }                                                                         \
    INLINE int pyaot_dict_set_##suffix##i(PyObject *d, KeyType key,           \
                                          int64_t value)                      \
    {                                                                         \
        Py_ssize_t ix = pyaot_dict_is_open(d) ? find : PYAOT_ODD_KEY;         \
        return LIKELY(ix >= 0)                                                \
                   ? pyaot_variable_set_i(pyaot_dict_cell(d, ix), value)      \
               : ix == PYAOT_NO_KEY                                           \
                   ? pyaot_dict_add(d, key_object,                            \
                                    PyLong_FromLongLong(value), hash)         \
                   : 0;                                                       \
    }                                                                         \
    INLINE int pyaot_dict_set_##suffix##f(PyObject *d, KeyType key,           \
                                          double value)                       \
    {                                                                         \
        Py_ssize_t ix = pyaot_dict_is_open(d) ? find : PYAOT_ODD_KEY;         \
        return LIKELY(ix >= 0)                                                \
                   ? pyaot_variable_set_f(pyaot_dict_cell(d, ix), value)      \
               : ix == PYAOT_NO_KEY                                           \
                   ? pyaot_dict_add(d, key_object, PyFloat_FromDouble(value), \
                                    hash)                                     \
                   : 0;                                                       \
    }

/* An exact int as a number; its own object becomes the key if there is none.
 */
INLINE int64_t
pyaot_int_of(PyObject *key)
{
    int64_t v = 0;
    pyaot_unbox_i(key, &v);
    return v;
}

PYAOT_DICT_SET(i, int64_t, pyaot_dict_find_i(d, key), pyaot_hash_i(key),
               PyLong_FromLongLong(key))
PYAOT_DICT_SET(n, PyObject *, pyaot_dict_find_i(d, pyaot_int_of(key)),
               pyaot_hash_i(pyaot_int_of(key)), Py_NewRef(key))
PYAOT_DICT_SET(s, PyObject *, pyaot_dict_find_s(d, key), pyaot_hash_s(key),
               Py_NewRef(key))

/* --- sets ---------------------------------------------------------------- */

#define PYAOT_SET_PROBE(set, hash_value, check)                               \
    const PySetObject *so = (PySetObject *)(set);                             \
    size_t mask = (size_t)so->mask, i = ((size_t)(hash_value)) & mask;        \
    size_t perturb = (size_t)(hash_value);                                    \
    enum { LINEAR_PROBES = 9 };                                               \
    for (;;) {                                                                \
        const setentry *e = &so->table[i];                                    \
        for (int probes = i + LINEAR_PROBES <= mask ? LINEAR_PROBES : 0;      \
             probes >= 0; probes--, e++) {                                    \
            if (e->hash == 0 && e->key == NULL) {                             \
                return 0;                                                     \
            }                                                                 \
            if (e->hash == (hash_value)) {                                    \
                int same = (check);                                           \
                if (same != 0) {                                              \
                    return same;                                              \
                }                                                             \
            }                                                                 \
        }                                                                     \
        perturb >>= 5;                                                        \
        i = (i * 5 + 1 + perturb) & mask;                                     \
    }

/* 1, 0, ODD_KEY */
static OUTLINE int
pyaot_set_has_i(PyObject *set, int64_t v)
{
    Py_hash_t hash = pyaot_hash_i(v);
    PYAOT_SET_PROBE(set, hash, pyaot_same_i(e->key, v))
}

static OUTLINE int
pyaot_set_has_s(PyObject *set, PyObject *s)
{
    Py_hash_t hash = pyaot_hash_s(s);
    PYAOT_SET_PROBE(set, hash, pyaot_same_s(e->key, s))
}

/* --- iterators, moved on in place ---------------------------------------- */

/* An iterator at its end lets go of what it goes through; where somebody else
 * holds it, that is left to the interpreter, as what has changed meanwhile. */
INLINE int
pyaot_iter_at_end(PyObject *it)
{
    return Py_REFCNT(it) == 1 ? 0 : -1;
}

INLINE PyObject **
pyaot_dict_iter_key(PyObject *o)
{
    PyaotDictIter *it = (PyaotDictIter *)o;
    PyDictKeysObject *keys = it->dict->ma_keys;
    return DK_IS_UNICODE(keys) ? &DK_UNICODE_ENTRIES(keys)[it->pos].me_key
                               : &DK_ENTRIES(keys)[it->pos].me_key;
}

INLINE PyObject **
pyaot_dict_iter_value(PyObject *o)
{
    PyaotDictIter *it = (PyaotDictIter *)o;
    return pyaot_dict_cell((PyObject *)it->dict, it->pos);
}

/* Is there another item?  1: it is at pos; 0; -1: that is the interpreter's.
 */
INLINE int
pyaot_dict_iter_more(PyObject *o)
{
    PyaotDictIter *it = (PyaotDictIter *)o;
    if (UNLIKELY(it->dict == NULL)) {
        return pyaot_iter_at_end(o);
    }
    if (UNLIKELY(it->used != it->dict->ma_used
                 || it->dict->ma_values != NULL)) {
        return -1;
    }
    for (; it->pos < it->dict->ma_keys->dk_nentries; it->pos++) {
        if (LIKELY(*pyaot_dict_iter_value(o) != NULL)) {
            return LIKELY(it->len > 0) ? 1 : -1;
        }
    }
    return pyaot_iter_at_end(o);
}

INLINE void
pyaot_dict_iter_step(PyObject *o)
{
    ((PyaotDictIter *)o)->pos++;
    ((PyaotDictIter *)o)->len--;
}

INLINE PyObject **
pyaot_set_iter_key(PyObject *o)
{
    return &((PyaotSetIter *)o)->set->table[((PyaotSetIter *)o)->pos].key;
}

INLINE int
pyaot_set_iter_more(PyObject *o)
{
    PyaotSetIter *it = (PyaotSetIter *)o;
    if (UNLIKELY(it->set == NULL)) {
        return pyaot_iter_at_end(o);
    }
    if (UNLIKELY(it->used != it->set->used)) {
        return -1;
    }
    for (; it->pos <= it->set->mask; it->pos++) {
        PyObject *key = *pyaot_set_iter_key(o);
        if (key != NULL && key != _PySet_Dummy) {
            return 1;
        }
    }
    return pyaot_iter_at_end(o);
}

INLINE void
pyaot_set_iter_step(PyObject *o)
{
    ((PyaotSetIter *)o)->pos++;
    ((PyaotSetIter *)o)->len--;
}

/* Add a key that is not there (a reference that is used up, or NULL). */
static OUTLINE int
pyaot_set_put(PyObject *set, PyObject *key)
{
    int ok = key != NULL && PySet_Add(set, key) == 0;
    Py_XDECREF(key);
    if (UNLIKELY(!ok)) {
        PyErr_Clear();
    }
    return ok;
}

INLINE int
pyaot_set_add_i(PyObject *set, int64_t v)
{
    int has = pyaot_set_has_i(set, v);
    return has == 0 ? pyaot_set_put(set, PyLong_FromLongLong(v)) : has > 0;
}

INLINE int
pyaot_set_add_n(PyObject *set, PyObject *key)
{
    int has = pyaot_set_has_i(set, pyaot_int_of(key));
    return has == 0 ? pyaot_set_put(set, Py_NewRef(key)) : has > 0;
}

INLINE int
pyaot_set_add_s(PyObject *set, PyObject *s)
{
    int has = pyaot_set_has_s(set, s);
    return has == 0 ? pyaot_set_put(set, Py_NewRef(s)) : has > 0;
}

#endif
