/* Objects to descriptors (SCHEMA.md), by borrowed reads only: nothing here
 * runs Python code, keeps a reference or changes an object. */
#define PYAOT_PROF_INTERNAL
#include "prof_int.h"

#include <internal/pycore_dict.h>
#include <internal/pycore_long.h>
#include <internal/pycore_object.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TEXT_BYTES = 512 };

static const char *
utf8_or(PyObject *text, const char *fallback)
{
    if (text == NULL || !PyUnicode_Check(text)) {
        return fallback;
    }
    const char *utf8 = PyUnicode_AsUTF8(text);
    if (utf8 == NULL) {
        PyErr_Clear();
        return fallback;
    }
    return utf8;
}

static const char *
heap_type_module(PyTypeObject *type)
{
    PyObject *module = NULL;
    if (type->tp_dict != NULL) {
        module = PyDict_GetItemWithError(type->tp_dict,
                                         prof.module_text); /* borrowed */
        PyErr_Clear();
    }
    return utf8_or(module, "?");
}

static void
write_type_name(PyTypeObject *type, char text[MAX_TEXT_BYTES])
{
    if (type->tp_flags & Py_TPFLAGS_HEAPTYPE) {
        PyObject *qualname = ((PyHeapTypeObject *)type)->ht_qualname;
        snprintf(text, MAX_TEXT_BYTES, "%s:%s", heap_type_module(type),
                 utf8_or(qualname, type->tp_name));
        return;
    }
    const char *dot = strrchr(type->tp_name, '.');
    if (dot == NULL) {
        snprintf(text, MAX_TEXT_BYTES, "%s", type->tp_name);
    }
    else {
        snprintf(text, MAX_TEXT_BYTES, "%.*s:%s", (int)(dot - type->tp_name),
                 type->tp_name, dot + 1);
    }
}

uint32_t
prof_type_name(PyTypeObject *type)
{
    const uintptr_t bits = (uintptr_t)type >> 4;
    TypeEntry
        *entry = &prof.types[(bits ^ bits >> 10) & (PROF_TYPE_SLOTS - 1)];
    const bool is_heap = type->tp_flags & Py_TPFLAGS_HEAPTYPE;
    if (entry->type == type && entry->tp_name == type->tp_name
        && (!is_heap
            || (entry->version == type->tp_version_tag
                && entry->version != 0))) {
        return entry->id;
    }
    char text[MAX_TEXT_BYTES];
    write_type_name(type, text);
    entry->type = type;
    entry->tp_name = type->tp_name;
    entry->version = type->tp_version_tag;
    entry->id = prof_intern(text);
    return entry->id;
}

static bool
int_fits_64(PyObject *value)
{
    if (_PyLong_IsCompact((PyLongObject *)value)) {
        return true;
    }
    int overflow;
    PyLong_AsLongLongAndOverflow(value, &overflow);
    return overflow == 0;
}

uint32_t
prof_type_of(PyObject *value)
{
    if (value == NULL) {
        if (prof.id_null == 0) {
            prof.id_null = prof_intern("null");
        }
        return prof.id_null;
    }
    if (PyLong_CheckExact(value)) {
        if (prof.id_int == 0) {
            prof.id_int = prof_intern("int");
            prof.id_bigint = prof_intern("bigint");
        }
        return int_fits_64(value) ? prof.id_int : prof.id_bigint;
    }
    return prof_type_name(Py_TYPE(value));
}

static uint32_t
intern_pair(const char *prefix, uint32_t type, const char *separator,
            const char *name)
{
    char text[2 * MAX_TEXT_BYTES];
    snprintf(text, sizeof(text), "%s%s%s%s", prefix, prof_interned(type),
             separator, name);
    return prof_intern(text);
}

/* "<prefix><key>" of a Python function; 0 if its code has no image. */
static uint32_t
function_id(PyFunctionObject *function, const char *prefix)
{
    CodeRecord *record = prof_record((PyCodeObject *)function->func_code);
    if (record == NULL) {
        return 0;
    }
    uint32_t *cached = prefix[0] == 'p'   ? &record->what_py
                       : prefix[0] == 'b' ? &record->what_bound
                                          : &record->what_method;
    if (*cached != 0) {
        return *cached;
    }
    const char *module = utf8_or(function->func_module, NULL);
    if (!prof_record_ensure_image(record, module)) {
        return 0;
    }
    char text[64];
    char hex[PYAOT_KEY_HEX_BYTES];
    pyaot_key_hex(&record->key, hex);
    snprintf(text, sizeof(text), "%s%s", prefix, hex);
    *cached = prof_intern(text);
    return *cached;
}

static uint32_t
c_function_id(PyCFunctionObject *function)
{
    const char *name = function->m_ml->ml_name;
    PyObject *self = function->m_self;
    if (self == NULL || PyModule_Check(self)) {
        char text[MAX_TEXT_BYTES];
        snprintf(text, sizeof(text), "c:%s.%s",
                 utf8_or(function->m_module, "?"), name);
        return prof_intern(text);
    }
    if (PyType_Check(self)) {
        return intern_pair("c:", prof_type_name((PyTypeObject *)self), ".",
                           name);
    }
    return intern_pair("bound:md:", prof_type_name(Py_TYPE(self)), ".", name);
}

static uint32_t
other_id(PyObject *value)
{
    return intern_pair("other:", prof_type_of(value), "", "");
}

/* Descriptor of a callable, 0 if it is none of the known kinds. */
static uint32_t
callable_id(PyObject *value)
{
    PyTypeObject *type = Py_TYPE(value);
    if (type == &PyFunction_Type) {
        return function_id((PyFunctionObject *)value, "py:");
    }
    if (type == &PyMethod_Type) {
        PyObject *function = PyMethod_GET_FUNCTION(value);
        if (Py_IS_TYPE(function, &PyFunction_Type)) {
            return function_id((PyFunctionObject *)function, "bound:py:");
        }
        return 0;
    }
    if (type == &PyCFunction_Type) {
        return c_function_id((PyCFunctionObject *)value);
    }
    if (type == &PyMethodDescr_Type) {
        PyMethodDescrObject *descr = (PyMethodDescrObject *)value;
        return intern_pair("md:", prof_type_name(PyDescr_TYPE(descr)), ".",
                           descr->d_method->ml_name);
    }
    if (PyType_Check(value)) {
        return intern_pair("type:", prof_type_name((PyTypeObject *)value), "",
                           "");
    }
    return 0;
}

/* A class that has changed so often is always changing: it counts its
 * instances, say. */
enum { MAX_CLASS_CHANGES = 8 };

/* "class:<key>:<type>" of a class whose calls make an instance and pass it to
 * an __init__ in Python; 0 for all others. */
static uint32_t
class_id(PyTypeObject *type)
{
    if (!Py_IS_TYPE(type, &PyType_Type)
        || (type->tp_flags & Py_TPFLAGS_HEAPTYPE) == 0
        || type->tp_new != PyBaseObject_Type.tp_new) {
        return 0;
    }
    PyObject *init = _PyType_Lookup(type, prof.init_text); /* borrowed */
    if (init == NULL || !Py_IS_TYPE(init, &PyFunction_Type)) {
        return 0;
    }
    PyCodeObject *code = (PyCodeObject *)((PyFunctionObject *)init)->func_code;
    CodeRecord *record = prof_record(code);
    const uint32_t name = prof_type_name(type);
    if (record == NULL) {
        return 0;
    }
    if (record->what_class != 0 && record->class_name == name) {
        if (type->tp_version_tag == 0
            || record->class_version != type->tp_version_tag) {
            record->class_version = type->tp_version_tag;
            record->class_changes++;
        }
        return record->class_changes < MAX_CLASS_CHANGES ? record->what_class
                                                         : 0;
    }
    const uint32_t init_id = function_id((PyFunctionObject *)init, "py:");
    if (init_id == 0) {
        return 0;
    }
    char text[2 * MAX_TEXT_BYTES];
    snprintf(text, sizeof(text), "class:%s:%s",
             prof_interned(init_id) + strlen("py:"), prof_interned(name));
    record->class_name = name;
    record->class_version = type->tp_version_tag;
    record->class_changes = 0;
    record->what_class = prof_intern(text);
    return record->what_class;
}

uint32_t
prof_callee(PyObject *callable)
{
    if (callable == NULL) {
        return prof_type_of(NULL);
    }
    uint32_t id = 0;
    if (PyType_Check(callable)) {
        id = class_id((PyTypeObject *)callable);
    }
    if (id == 0) {
        id = callable_id(callable);
    }
    return id != 0 ? id : other_id(callable);
}

uint32_t
prof_global(PyObject *value)
{
    if (value == NULL) {
        return prof_type_of(NULL);
    }
    if (PyModule_CheckExact(value)) {
        PyObject *dict = PyModule_GetDict(value);
        PyObject *name = PyDict_GetItemWithError(dict, prof.name_text);
        PyErr_Clear();
        char text[MAX_TEXT_BYTES];
        snprintf(text, sizeof(text), "module:%s", utf8_or(name, "?"));
        return prof_intern(text);
    }
    const uint32_t id = callable_id(value);
    return id != 0 ? id : intern_pair("v:", prof_type_of(value), "", "");
}

/* --- where an attribute lies --------------------------------------------- */

/* Index of a name in the keys all instances of a type share; -1 if absent. */
static Py_ssize_t
shared_key_index(PyTypeObject *type, PyObject *name)
{
    PyDictKeysObject *keys = ((PyHeapTypeObject *)type)->ht_cached_keys;
    if (keys == NULL || !DK_IS_UNICODE(keys)) {
        return -1;
    }
    const PyDictUnicodeEntry *entries = DK_UNICODE_ENTRIES(keys);
    for (Py_ssize_t i = 0; i < keys->dk_nentries; i++) {
        if (entries[i].me_key == name) {
            return i;
        }
    }
    return -1;
}

static bool
inline_value_is_set(PyObject *owner, PyObject *name)
{
    const Py_ssize_t index = shared_key_index(Py_TYPE(owner), name);
    return index >= 0 && _PyObject_InlineValues(owner)->values[index] != NULL;
}

typedef enum { INSTANCE_NONE, INSTANCE_INLINE, INSTANCE_DICT } InstanceState;

/* Where the instance itself has the attribute.  Reads dictionaries only by
 * interned string keys: no __eq__ or __hash__ can run. */
static InstanceState
instance_state(PyObject *owner, PyObject *name, bool is_store)
{
    PyTypeObject *type = Py_TYPE(owner);
    if ((type->tp_flags & Py_TPFLAGS_INLINE_VALUES)
        && _PyObject_InlineValues(owner)->valid) {
        return is_store || inline_value_is_set(owner, name) ? INSTANCE_INLINE
                                                            : INSTANCE_NONE;
    }
    PyObject *dict = NULL;
    if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        dict = (PyObject *)_PyObject_GetManagedDict(owner);
    }
    else if (type->tp_dictoffset > 0) {
        dict = *(PyObject **)((char *)owner + type->tp_dictoffset);
    }
    else {
        return INSTANCE_NONE;
    }
    if (is_store) {
        return INSTANCE_DICT;
    }
    if (dict == NULL || !PyDict_CheckExact(dict)
        || !DK_IS_UNICODE(((PyDictObject *)dict)->ma_keys)) {
        return dict == NULL ? INSTANCE_NONE : INSTANCE_DICT;
    }
    PyObject *value = PyDict_GetItemWithError(dict, name); /* borrowed */
    PyErr_Clear();
    return value != NULL ? INSTANCE_DICT : INSTANCE_NONE;
}

static uint32_t
literal(const char *text)
{
    return prof_intern(text);
}

static uint32_t
instance_layout(InstanceState state)
{
    return literal(state == INSTANCE_INLINE ? "inline"
                   : state == INSTANCE_DICT ? "dict"
                                            : "other");
}

/* The attribute comes from the type. */
static uint32_t
class_layout(PyObject *descr)
{
    PyTypeObject *type = Py_TYPE(descr);
    uint32_t id = 0;
    if (type == &PyFunction_Type) {
        id = function_id((PyFunctionObject *)descr, "method:py:");
    }
    else if (type == &PyMethodDescr_Type) {
        PyMethodDescrObject *method = (PyMethodDescrObject *)descr;
        id = intern_pair("method:md:", prof_type_name(PyDescr_TYPE(method)),
                         ".", method->d_method->ml_name);
    }
    else if (type->tp_descr_get == NULL) {
        id = literal("classattr");
    }
    return id != 0 ? id : literal("other");
}

uint32_t
prof_layout(PyObject *owner, PyObject *name, bool is_store)
{
    if (owner == NULL) {
        return prof_type_of(NULL);
    }
    PyTypeObject *type = Py_TYPE(owner);
    if (type == &PyModule_Type) {
        return literal("module");
    }
    const bool is_generic = is_store
                                ? type->tp_setattro == PyObject_GenericSetAttr
                                : type->tp_getattro == PyObject_GenericGetAttr;
    if (!is_generic || !PyUnicode_CheckExact(name)
        || !PyUnicode_CHECK_INTERNED(name)) {
        return literal("other");
    }
    PyObject *descr = _PyType_Lookup(type, name); /* borrowed */
    if (descr != NULL && Py_TYPE(descr)->tp_descr_set != NULL) {
        PyTypeObject *kind = Py_TYPE(descr);
        return literal(kind == &PyMemberDescr_Type ? "slot"
                       : kind == &PyProperty_Type  ? "property"
                                                   : "other");
    }
    const InstanceState state = instance_state(owner, name, is_store);
    if (state == INSTANCE_NONE && descr != NULL && !is_store) {
        return class_layout(descr);
    }
    return instance_layout(state);
}

uint32_t
prof_layout_of_type(PyObject *owner, uint32_t layout)
{
    return intern_pair("", prof_type_of(owner), "=", prof_interned(layout));
}
