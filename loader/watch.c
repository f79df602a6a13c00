/* Watchers: what slots were bound to changes, so the slots are revoked.  Each
 * watched thing has the list of slots that rest on it (refs.h). */
#include "loader_int.h"

#include <stdlib.h>
#include <string.h>

void
slot_revoke(PyaotSlot *slot)
{
    if (slot->type == NULL && slot->value == NULL && slot->entry == NULL) {
        return;
    }
    slot->type = NULL;
    slot->value = NULL;
    slot->entry = NULL;
    slot->inst = NULL;
    slot->offset = 0;
    slot->valid_offset = 0;
    slot->keys_version = 0;
    if (slot->state < SLOT_MAX_REVOKES) {
        slot->state++;
    }
    loader.slots_revoked++;
}

static void
revoke_all(const SlotRefs *refs)
{
    for (const SlotRef *r = refs->first; r != NULL; r = r->next) {
        slot_revoke(&r->inst->slots[r->slot]);
    }
}

bool
watch_link(CodeState *cs, PyaotInst *inst, uint32_t slot)
{
    return refs_add(&cs->links, inst, slot);
}

void
watch_unlink(CodeState *cs)
{
    for (const SlotRef *r = cs->links.first; r != NULL; r = r->next) {
        PyaotSlot *slot = &r->inst->slots[r->slot];
        if (slot->inst == &cs->inst) {
            slot_revoke(slot);
        }
    }
    refs_clear(&cs->links);
}

/* --- dicts --------------------------------------------------------------- */

static int on_dict(PyDict_WatchEvent event, PyObject *dict, PyObject *key,
                   PyObject *value);

static DictWatch *
dict_watch(PyObject *dict)
{
    DictWatch *w = ptrmap_get(&loader.dicts, dict);
    if (w != NULL) {
        return w;
    }
    w = calloc(1, sizeof *w);
    if (w == NULL) {
        return NULL;
    }
    w->dict = dict;
    if (!ptrmap_put(&loader.dicts, dict, w)) {
        free(w);
        return NULL;
    }
    if (PyDict_Watch(loader.dict_watcher, dict) < 0) {
        PyErr_Clear();
        ptrmap_take(&loader.dicts, dict);
        free(w);
        return NULL;
    }
    return w;
}

bool
watch_name(PyObject *dict, PyObject *name, PyaotInst *inst, uint32_t slot)
{
    DictWatch *w = dict_watch(dict);
    return w != NULL && refs_add_to(&w->by_name, name, inst, slot);
}

bool
watch_tenant(PyObject *dict, PyaotInst *inst)
{
    DictWatch *w = dict_watch(dict);
    return w != NULL && refs_add(&w->tenants, inst, inst->desc->n_slots);
}

bool
watch_cell(PyObject *dict, PyObject *name, PyaotInst *inst, uint32_t slot,
           bool store)
{
    DictWatch *w = dict_watch(dict);
    if (w == NULL || !refs_add(&w->cells, inst, slot)) {
        return false;
    }
    if (store && ptrmap_get(&w->written, name) == NULL) {
        SlotRefs *refs = ptrmap_get(&w->by_name, name);
        if (!ptrmap_put(&w->written, name, name)) {
            return false;
        }
        Py_INCREF(name);
        if (refs != NULL) {
            revoke_all(refs);
        }
    }
    return true;
}

bool
watch_is_written(PyObject *dict, PyObject *name)
{
    const DictWatch *w = ptrmap_get(&loader.dicts, dict);
    return w != NULL && ptrmap_get(&w->written, name) != NULL;
}

/* A key that is not one of our interned names: it may equal one of them. */
static void
revoke_equal(const DictWatch *w, PyObject *key)
{
    bool text = key != NULL && PyUnicode_CheckExact(key);
    for (size_t i = 0; i < w->by_name.n_slots; i++) {
        const PtrMapEntry *e = &w->by_name.entries[i];
        if (e->key == NULL) {
            continue;
        }
        PyObject *name = (PyObject *)e->key;
        if (!text || PyUnicode_Compare(name, key) == 0) {
            revoke_all(e->value);
        }
    }
}

static void
dict_watch_free(DictWatch *w)
{
    refs_clear_map(&w->by_name);
    refs_clear(&w->tenants);
    refs_clear(&w->cells);
    for (size_t i = 0; i < w->written.n_slots; i++) {
        Py_XDECREF((PyObject *)w->written.entries[i].value); /* a str */
    }
    ptrmap_free(&w->written);
    free(w);
}

/* The globals or builtins of an instance are gone, so no function over them is
 * left: the instance is free for other dicts. */
static void
end_tenancy(PyaotInst *inst)
{
    CodeState *cs = inst->owner;
    watch_unlink(cs);
    for (uint32_t i = 0; i < inst->desc->n_slots; i++) {
        slot_revoke(&inst->slots[i]);
        inst->slots[i].state = 0;
    }
    refs_forget(inst);
    inst->globals = NULL;
    inst->builtins = NULL;
    cs->bound = false;
}

static void
on_dict_freed(DictWatch *w)
{
    ptrmap_take(&loader.dicts, w->dict);
    while (w->tenants.first != NULL) {
        end_tenancy(w->tenants.first->inst);
    }
    dict_watch_free(w);
}

static int
on_dict(PyDict_WatchEvent event, PyObject *dict, PyObject *key,
        PyObject *Py_UNUSED(value))
{
    DictWatch *w = ptrmap_get(&loader.dicts, dict);
    if (w == NULL) {
        return 0;
    }
    if (w->cells.first != NULL
        && (event != PyDict_EVENT_MODIFIED || !PyUnicode_CheckExact(key))) {
        revoke_all(&w->cells); /* the keys may move, or be of another kind */
        refs_clear(&w->cells);
    }
    switch (event) {
    case PyDict_EVENT_ADDED:
    case PyDict_EVENT_MODIFIED:
    case PyDict_EVENT_DELETED: {
        SlotRefs *refs = ptrmap_get(&w->by_name, key);
        if (refs != NULL) {
            revoke_all(refs);
        }
        else if (!PyUnicode_CheckExact(key)
                 || !PyUnicode_CHECK_INTERNED(key)) {
            revoke_equal(w, key);
        }
        break;
    }
    case PyDict_EVENT_CLONED:
    case PyDict_EVENT_CLEARED:
        revoke_equal(w, NULL);
        break;
    case PyDict_EVENT_DEALLOCATED:
        on_dict_freed(w);
        break;
    }
    return 0;
}

/* --- types --------------------------------------------------------------- */

bool
watch_type(PyTypeObject *type, PyaotInst *inst, uint32_t slot)
{
    if (PyType_HasFeature(type, Py_TPFLAGS_IMMUTABLETYPE)
        && !PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE)) {
        return true; /* static: neither changes nor dies */
    }
    /* Also after an event: a type without a version tag sends none. */
    if (PyType_Watch(loader.type_watcher, (PyObject *)type) < 0) {
        PyErr_Clear();
        return false;
    }
    return type->tp_version_tag != 0
           && refs_add_to(&loader.types, type, inst, slot);
}

static int
on_type(PyTypeObject *type)
{
    SlotRefs *refs = ptrmap_get(&loader.types, type);
    if (refs != NULL) {
        for (const SlotRef *r = refs->first; r != NULL; r = r->next) {
            PyaotSlot *slot = &r->inst->slots[r->slot];
            if (slot->type == type) {
                slot_revoke(slot);
            }
        }
        refs_clear(refs);
    }
    return 0;
}

/* --- functions ----------------------------------------------------------- */

bool
watch_function(PyObject *func, PyaotInst *inst, uint32_t slot)
{
    return refs_add_to(&loader.functions, func, inst, slot);
}

static void
revoke_function(PyFunctionObject *func)
{
    SlotRefs *refs = ptrmap_get(&loader.functions, func);
    if (refs != NULL) {
        for (const SlotRef *r = refs->first; r != NULL; r = r->next) {
            PyaotSlot *slot = &r->inst->slots[r->slot];
            if (slot->value == (PyObject *)func) {
                slot_revoke(slot);
            }
        }
        refs_clear(refs);
    }
}

static int
on_function(PyFunction_WatchEvent event, PyFunctionObject *func,
            PyObject *Py_UNUSED(new_value))
{
    if (event != PyFunction_EVENT_CREATE && loader.functions.n_used > 0) {
        revoke_function(func);
    }
    return 0;
}

/* --- start and stop ------------------------------------------------------ */

int
watch_start(const char **why)
{
    *why = "no watcher id is free";
    loader.dict_watcher = PyDict_AddWatcher(on_dict);
    if (loader.dict_watcher < 0) {
        goto fail;
    }
    loader.type_watcher = PyType_AddWatcher(on_type);
    if (loader.type_watcher < 0) {
        goto no_type;
    }
    loader.func_watcher = PyFunction_AddWatcher(on_function);
    if (loader.func_watcher < 0) {
        goto no_func;
    }
    return 0;

no_func:
    PyType_ClearWatcher(loader.type_watcher);
no_type:
    PyDict_ClearWatcher(loader.dict_watcher);
fail:
    PyErr_Clear();
    return -1;
}

const char *
watch_probe(void)
{
    return abi_probe_dicts(loader.dict_watcher, on_dict);
}

void
watch_stop(void)
{
    for (CodeState *cs = loader.codes; cs != NULL; cs = cs->next) {
        for (uint32_t i = 0; cs->unit != NULL && i < cs->inst.desc->n_slots;
             i++) {
            slot_revoke(&cs->inst.slots[i]);
        }
        refs_forget(&cs->inst);
        cs->bound = false;
    }
    for (size_t i = 0; i < loader.dicts.n_slots; i++) {
        DictWatch *w = loader.dicts.entries[i].value;
        if (loader.dicts.entries[i].key != NULL) {
            PyDict_Unwatch(loader.dict_watcher, w->dict);
            dict_watch_free(w);
        }
    }
    ptrmap_free(&loader.dicts);
    refs_clear_map(&loader.types);
    refs_clear_map(&loader.functions);
    PyFunction_ClearWatcher(loader.func_watcher);
    PyType_ClearWatcher(loader.type_watcher);
    PyDict_ClearWatcher(loader.dict_watcher);
    PyErr_Clear();
}
