/* Binding slots: from a name, a type text or a key to what it means now. */
#include "loader_int.h"

#include <stddef.h>
#include <string.h>

static bool
slot_volatile(const PyaotSlot *slot)
{
    return slot->state >= LOADER_VOLATILE_REVOKES;
}

/* A slot that is bound to something else is bound anew: counts as revoked. */
static bool
slot_rebind(PyaotSlot *slot)
{
    slot_revoke(slot);
    return !slot_volatile(slot);
}

static PyObject *
slot_name(const PyaotInst *in, uint32_t index)
{
    return PyTuple_GET_ITEM(in->code->co_names, in->desc->slots[index].name);
}

/* --- names --------------------------------------------------------------- */

/* borrowed: from the dict.  Runs no Python code: plain dicts only. */
static PyObject *
plain_lookup(PyObject *dict, PyObject *name)
{
    return abi_dict_plain(dict) ? PyDict_GetItemWithError(dict, name) : NULL;
}

static PyObject *
lookup_global(const PyaotInst *in, PyObject *name)
{
    if (in->globals == NULL || !abi_dict_plain(in->globals)) {
        return NULL; /* unplain globals may hide the name */
    }
    PyObject *value = plain_lookup(in->globals, name);
    if (value == NULL) {
        value = plain_lookup(in->builtins, name);
    }
    if (value == NULL) {
        PyErr_Clear();
    }
    return value;
}

static bool
watch_global(PyaotInst *in, uint32_t index, PyObject *name)
{
    return loader.active && watch_name(in->globals, name, in, index)
           && watch_name(in->builtins, name, in, index);
}

/* Bind a slot to where its name's value is kept. */
static bool
bind_cell(PyaotInst *in, PyaotSlot *slot, uint32_t index, bool store)
{
    PyObject *name = slot_name(in, index);
    void *keys;
    if (!loader.active || slot->state >= LOADER_CELL_REVOKES
        || in->globals == NULL
        || abi_dict_watched(in->globals, loader.dict_watcher)) {
        return false;
    }
    PyObject **cell = abi_dict_cell(in->globals, name, &keys);
    if (cell == NULL || !watch_cell(in->globals, name, in, index, store)) {
        return false;
    }
    slot->entry = cell;
    slot->inst = keys;
    slot->offset = 1u << loader.dict_watcher;
    return true;
}

int
rt_slot_cell(PyaotThread *Py_UNUSED(th), PyaotInst *in, uint32_t index)
{
    return bind_cell(in, &in->slots[index], index, true);
}

PyObject *
rt_slot_global(PyaotThread *Py_UNUSED(th), PyaotInst *in, uint32_t index)
{
    PyaotSlot *slot = &in->slots[index];
    PyObject *name = slot_name(in, index);
    PyObject *value = lookup_global(in, name);
    if (value != NULL && watch_is_written(in->globals, name)) {
        bind_cell(in, slot, index, false);
        return value;
    }
    if (value != NULL && !slot_volatile(slot)
        && watch_global(in, index, name)) {
        slot->value = value;
    }
    return value;
}

/* The state of func's code, if it is what the slot describes, or NULL. */
static CodeState *
described_entry(const PyaotSlotDesc *desc, PyObject *func)
{
    if (!PyFunction_Check(func) || desc->key == NULL || desc->sig == NULL) {
        return NULL;
    }
    CodeState *cs = region_linkable((PyFunctionObject *)func);
    return cs != NULL
                   && memcmp(cs->key.bytes, desc->key, sizeof cs->key.bytes)
                          == 0
                   && strcmp(cs->entry->desc->sig, desc->sig) == 0
               ? cs
               : NULL;
}

/* Bind the direct entry of a function, if it is the one expected. */
static bool
bind_entry(PyaotInst *in, PyaotSlot *slot, uint32_t index, PyObject *func)
{
    CodeState *cs = described_entry(&in->desc->slots[index], func);
    if (cs == NULL || !watch_function(func, in, index)
        || !watch_link(cs, in, index)) {
        return false;
    }
    cs->entry->direct = true;
    slot->entry = cs->entry->desc->direct;
    slot->inst = &cs->inst;
    return true;
}

int
rt_slot_callee(PyaotThread *Py_UNUSED(th), PyaotInst *in, uint32_t index)
{
    PyaotSlot *slot = &in->slots[index];
    PyObject *name = slot_name(in, index);
    if (slot_volatile(slot)) {
        return 0;
    }
    PyObject *value = lookup_global(in, name);
    if (value == NULL || watch_is_written(in->globals, name)
        || !watch_global(in, index, name)
        || !bind_entry(in, slot, index, value)) {
        return 0;
    }
    slot->value = value;
    return 1;
}

int
rt_slot_function(PyaotThread *Py_UNUSED(th), PyaotInst *in, uint32_t index,
                 PyObject *func)
{
    PyaotSlot *slot = &in->slots[index];
    CodeState *cs = slot_volatile(slot)
                        ? NULL
                        : described_entry(&in->desc->slots[index], func);
    if (cs == NULL) {
        return 0;
    }
    slot_revoke(slot); /* it may hold another code of the same key */
    if (!watch_link(cs, in, index)) {
        return 0;
    }
    cs->entry->direct = true;
    slot->value = ((PyFunctionObject *)func)->func_code;
    slot->type = (PyTypeObject *)(void *)((PyFunctionObject *)func)
                     ->vectorcall;
    slot->entry = cs->entry->desc->direct;
    slot->inst = &cs->inst;
    return 1;
}

/* --- types --------------------------------------------------------------- */

static bool
text_is(PyObject *text, const char *bytes, size_t len)
{
    return text != NULL && PyUnicode_Check(text)
           && PyUnicode_EqualToUTF8AndSize(text, bytes, (Py_ssize_t)len);
}

static bool
heap_type_fits(PyTypeObject *type, const char *colon)
{
    /* The module's name is not compared: the program that was profiled as
     * __main__ may be imported under its own name, or the other way round. */
    return colon != NULL
           && text_is(((PyHeapTypeObject *)type)->ht_qualname, colon + 1,
                      strlen(colon + 1));
}

/* "module:qualname", or the bare name of a builtin type. */
static bool
type_fits(PyTypeObject *type, const char *text)
{
    const char *colon = strchr(text, ':');
    if (PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE)) {
        return heap_type_fits(type, colon);
    }
    const char *dot = strrchr(type->tp_name, '.');
    if (colon == NULL) {
        return dot == NULL
               && (strcmp(type->tp_name, text) == 0
                   || (type == &PyLong_Type && strcmp(text, "bigint") == 0));
    }
    size_t len = (size_t)(colon - text);
    return dot != NULL && (size_t)(dot - type->tp_name) == len
           && memcmp(type->tp_name, text, len) == 0
           && strcmp(dot + 1, colon + 1) == 0;
}

/* Common to the slots that hold a type. */
static bool
type_ready(PyaotInst *in, uint32_t index, PyTypeObject *type)
{
    PyaotSlot *slot = &in->slots[index];
    const char *text = in->desc->slots[index].text;
    if (!loader.active || (text != NULL && !type_fits(type, text))) {
        return false;
    }
    return slot_rebind(slot) && watch_type(type, in, index);
}

int
rt_slot_type(PyaotThread *Py_UNUSED(th), PyaotInst *in, uint32_t index,
             PyObject *obj)
{
    PyaotSlot *slot = &in->slots[index];
    if (slot->type == Py_TYPE(obj)) {
        return 1;
    }
    if (slot->type != NULL || slot->state >= LOADER_TYPE_MISSES
        || !loader.active) {
        return 0;
    }
    if (!type_fits(Py_TYPE(obj), in->desc->slots[index].text)
        || !watch_type(Py_TYPE(obj), in, index)) {
        slot->state++; /* perhaps it is no class of this process */
        return 0;
    }
    slot->type = Py_TYPE(obj);
    return 1;
}

/* --- attributes ---------------------------------------------------------- */

static bool
is_data_descriptor(PyObject *descr)
{
    return Py_TYPE(descr)->tp_descr_set != NULL;
}

/* A writable member descriptor made by __slots__ of this very layout.  Under
 * its own name only: native code takes attributes of different names for
 * different memory. */
static uint32_t
member_offset(PyTypeObject *type, PyObject *descr, PyObject *name)
{
    if (!Py_IS_TYPE(descr, &PyMemberDescr_Type)) {
        return 0;
    }
    PyMemberDescrObject *member = (PyMemberDescrObject *)descr;
    if (member->d_member->type != Py_T_OBJECT_EX
        || member->d_member->flags != 0 || member->d_member->offset <= 0
        || PyDescr_NAME(descr) != name
        || !PyType_IsSubtype(type, PyDescr_TYPE(descr))) {
        return 0;
    }
    return (uint32_t)member->d_member->offset;
}

/* In a new instance: `*valid` as of PyaotSlot. */
static bool
member_of_new(PyTypeObject *type, PyObject *name, uint32_t *offset,
              uint32_t *valid)
{
    PyObject *descr = _PyType_Lookup(type, name); /* borrowed: from the type */
    *offset = *valid = 0;
    if (descr != NULL && is_data_descriptor(descr)) {
        *offset = member_offset(type, descr, name);
    }
    else if (PyType_HasFeature(type, Py_TPFLAGS_INLINE_VALUES)) {
        *offset = abi_inline_offset(type, name);
        *valid = abi_inline_valid_offset(type);
    }
    return *offset != 0;
}

int
rt_slot_attr(PyaotThread *Py_UNUSED(th), PyaotInst *in, uint32_t index,
             PyObject *obj)
{
    PyaotSlot *slot = &in->slots[index];
    PyTypeObject *type = Py_TYPE(obj);
    PyObject *name = slot_name(in, index);
    if (slot->type == type) {
        /* still bound; this object is not laid out as its type would have it
         */
        return slot->valid_offset == 0 || abi_inline_valid(obj);
    }
    if (in->desc->slots[index].for_store
            ? type->tp_setattro != PyObject_GenericSetAttr
            : type->tp_getattro != PyObject_GenericGetAttr) {
        return 0;
    }
    PyObject *descr = _PyType_Lookup(type, name); /* borrowed: from the type */
    uint32_t offset = 0, valid = 0;
    if (descr != NULL && is_data_descriptor(descr)) {
        offset = member_offset(type, descr, name);
    }
    else if (PyType_HasFeature(type, Py_TPFLAGS_INLINE_VALUES)
             && abi_inline_valid(obj)) {
        offset = abi_inline_offset(type, name);
        valid = abi_inline_valid_offset(type);
    }
    if (offset == 0 || !type_ready(in, index, type)) {
        return 0;
    }
    slot->type = type;
    slot->offset = offset;
    slot->valid_offset = valid;
    return 1;
}

/* --- classes ------------------------------------------------------------- */

/* Where the members that the __init__ of a class stores lie in a new instance
 * of it. */
static bool
bind_members(PyaotInst *in, uint32_t index, PyTypeObject *type,
             PyCodeObject *init)
{
    uint32_t n = in->desc->slots[index].name;
    if (n > 0 && type->tp_setattro != PyObject_GenericSetAttr) {
        return false;
    }
    for (uint32_t i = index + 1; i <= index + n; i++) {
        uint32_t at = in->desc->slots[i].name;
        if (at >= (uint32_t)PyTuple_GET_SIZE(init->co_names)) {
            return false;
        }
        PyObject *name = PyTuple_GET_ITEM(init->co_names, at);
        PyaotSlot *member = &in->slots[i];
        if (!member_of_new(type, name, &member->offset,
                           &member->valid_offset)) {
            return false;
        }
    }
    return true;
}

/* An __init__ that is done without being called: nobody may watch its code. */
static bool
bind_uncalled(PyaotInst *in, PyaotSlot *slot, uint32_t index, PyObject *init)
{
    const PyaotSlotDesc *desc = &in->desc->slots[index];
    PyCodeObject *code = (PyCodeObject *)PyFunction_GET_CODE(init);
    CodeState *cs = code_state((PyObject *)code);
    if (!loader.active || loader.foreign_tools || cs == NULL
        || desc->key == NULL || abi_code_watched(code)
        || memcmp(cs->key.bytes, desc->key, sizeof cs->key.bytes) != 0
        || !match_load(cs) || !bind_members(in, index, slot->type, code)
        || !watch_function(init, in, index) || !watch_link(cs, in, index)) {
        return false;
    }
    slot->inst = &cs->inst;
    return true;
}

int
rt_slot_class(PyaotThread *Py_UNUSED(th), PyaotInst *in, uint32_t index,
              PyObject *cls)
{
    PyaotSlot *slot = &in->slots[index];
    PyTypeObject *type = (PyTypeObject *)cls;
    if (!PyType_Check(cls) || !abi_class_is_plain(type)
        || loader.init_name == NULL) {
        return 0;
    }
    /* borrowed: from the type */
    PyObject *init = _PyType_Lookup(type, loader.init_name);
    if (init == NULL || !PyFunction_Check(init)
        || !type_ready(in, index, type)) {
        return 0;
    }
    slot->type = type;
    if (in->desc->slots[index].sig != NULL
            ? !bind_entry(in, slot, index, init)
            : !bind_uncalled(in, slot, index, init)) {
        slot->type = NULL;
        return 0;
    }
    slot->value = init;
    slot->offset = abi_class_call_levels(type);
    return 1;
}

/* --- the recursion limit ------------------------------------------------- */

int
rt_no_room(PyaotThread *pub, PyaotInst *in, uint32_t index, uint32_t unit)
{
    const PyaotSlot *slot = &in->slots[index];
    uint8_t kind = in->desc->slots[index].kind;
    bool is_class = kind == PYAOT_SLOT_CLASS;
    int n = abi_code_call_args(in->code, unit);
    bool exact = n >= 0
                 && (uint32_t)n + (is_class || kind == PYAOT_SLOT_METHOD)
                        == slot->inst->desc->argcount;
    if (is_class && exact && slot->offset > 0) {
        abi_class_call_specialise(in->code, unit, slot->type,
                                  (PyFunctionObject *)slot->value);
        return 1;
    }
    /* Of functions, specialised calls look only if they are exact. */
    return pub->ts->py_recursion_remaining <= 0
           && (is_class || exact || n < 0);
}

/* --- methods ------------------------------------------------------------- */

/* Can it be told whether instances of type shadow `name` by an attribute of
 * their own?  Fills what native code must check for each object.
 *
 * dict  out: where an instance's own dict is; 0: it has none */
static bool
shadow_checks(PyTypeObject *type, PyObject *obj, PyObject *name,
              uint32_t *valid, uint32_t *version, int32_t *dict)
{
    *valid = *version = 0;
    *dict = 0;
    if (PyType_HasFeature(type, Py_TPFLAGS_INLINE_VALUES)) {
        if (!abi_inline_valid(obj) || abi_inline_offset(type, name) != 0) {
            return false;
        }
        *valid = abi_inline_valid_offset(type);
        *version = abi_keys_version(type);
        return *version != 0;
    }
    *dict = PyType_HasFeature(type, Py_TPFLAGS_MANAGED_DICT)
                ? (int32_t)MANAGED_DICT_OFFSET
                : (int32_t)type->tp_dictoffset;
    return *dict >= 0 || PyType_HasFeature(type, Py_TPFLAGS_MANAGED_DICT);
}

int
rt_slot_method(PyaotThread *Py_UNUSED(th), PyaotInst *in, uint32_t index,
               PyObject *obj)
{
    PyaotSlot *slot = &in->slots[index];
    PyTypeObject *type = Py_TYPE(obj);
    PyObject *name = slot_name(in, index);
    uint32_t valid, version;
    int32_t dict;
    if (type->tp_getattro != PyObject_GenericGetAttr
        || !shadow_checks(type, obj, name, &valid, &version, &dict)) {
        return 0;
    }
    if (slot->type == type && slot->keys_version == version) {
        return 1;
    }
    PyObject *descr = _PyType_Lookup(type, name); /* borrowed: from the type */
    if (descr == NULL
        || (!PyFunction_Check(descr)
            && !Py_IS_TYPE(descr, &PyMethodDescr_Type))) {
        return 0;
    }
    if (slot->type == type) { /* the same, with more keys */
        slot->keys_version = version;
        return 1;
    }
    if (!type_ready(in, index, type)) {
        return 0;
    }
    if (in->desc->slots[index].key != NULL
        && !bind_entry(in, slot, index, descr)) {
        return 0;
    }
    slot->type = type;
    slot->value = descr;
    slot->valid_offset = valid;
    slot->keys_version = version;
    slot->offset = dict;
    return 1;
}

void
slots_refresh(PyaotInst *in)
{
    for (uint32_t i = 0; i < in->desc->n_slots; i++) {
        PyaotSlot *slot = &in->slots[i];
        if (slot->keys_version != 0 && slot->type != NULL
            && abi_keys_version_now(slot->type) != slot->keys_version) {
            slot->type = NULL;
            slot->value = NULL;
            slot->entry = NULL;
            slot->inst = NULL;
        }
    }
}

/* --- names that are not bound -------------------------------------------- */

PyObject *
rt_load_global(PyaotThread *th, PyaotInst *in, uint32_t index)
{
    PyObject *name = PyTuple_GET_ITEM(in->code->co_names, index);
    PyObject *value = NULL;
    if (PyDict_GetItemRef(in->globals, name, &value) == 0
        && PyDict_GetItemRef(in->builtins, name, &value) == 0) {
        _PyEval_FormatExcCheckArg(th->ts, PyExc_NameError,
                                  "name '%.200s' is not defined", name);
    }
    return value;
}
