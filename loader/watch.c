/* Watchers: what slots were bound to changes, so the slots are revoked.
 *
 * Each watched thing has the list of slots that rest on it.  A list may name
 * slots that have since been bound to something else; revoking checks.  The
 * lists die with the thing or with the instance that owns the slot. */
#include "loader_int.h"

#include <stdlib.h>
#include <string.h>

static bool
refs_append(SlotRefs *refs, PyaotInst *inst, uint32_t slot)
{
    if (refs->n == refs->cap) {
        uint32_t cap = refs->cap ? refs->cap * 2 : 4;
        SlotRef *items = realloc(refs->items, cap * sizeof *items);
        if (items == NULL) {
            return false;
        }
        refs->items = items;
        refs->cap = cap;
    }
    refs->items[refs->n++] = (SlotRef){inst, slot};
    return true;
}

bool
refs_add(SlotRefs *refs, PyaotInst *inst, uint32_t slot)
{
    for (uint32_t i = 0; i < refs->n; i++) {
        if (refs->items[i].inst == inst && refs->items[i].slot == slot) {
            return true;
        }
    }
    return refs_append(refs, inst, slot);
}

static void
note_watch(PyaotInst *inst, unsigned what)
{
    ((CodeState *)inst->owner)->watches |= (uint8_t)what;
}

void
refs_remove_inst(SlotRefs *refs, const PyaotInst *inst)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < refs->n; i++) {
        if (refs->items[i].inst != inst) {
            refs->items[kept++] = refs->items[i];
        }
    }
    refs->n = kept;
}

void
refs_free(SlotRefs *refs)
{
    free(refs->items);
    *refs = (SlotRefs){0};
}

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
    if ((slot->state & SLOT_REVOKES) < SLOT_REVOKES) {
        slot->state++;
    }
    loader.slots_revoked++;
}

void
refs_unlink(SlotRefs *refs, const PyaotInst *inst)
{
    for (uint32_t i = 0; i < refs->n; i++) {
        PyaotSlot *slot = &refs->items[i].inst->slots[refs->items[i].slot];
        if (slot->inst == inst) {
            slot_revoke(slot);
        }
    }
    refs->n = 0;
}

static SlotRefs *
refs_of(PtrMap *map, const void *key)
{
    SlotRefs *refs = ptrmap_get(map, key);
    if (refs == NULL) {
        refs = calloc(1, sizeof *refs);
        if (refs != NULL && !ptrmap_put(map, key, refs)) {
            free(refs);
            refs = NULL;
        }
    }
    return refs;
}

/* ---- dicts ------------------------------------------------------------------ */

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
    if (w == NULL) {
        return false;
    }
    SlotRefs *refs = refs_of(&w->by_name, name);
    note_watch(inst, WATCHES_NAMES);
    return refs != NULL && refs_append(refs, inst, slot); /* once a slot */
}

bool
watch_globals(PyObject *dict, PyaotInst *inst)
{
    DictWatch *w = dict_watch(dict);
    return w != NULL && refs_add(&w->tenants, inst, 0);
}

static void
revoke_all(const SlotRefs *refs)
{
    for (uint32_t i = 0; i < refs->n; i++) {
        slot_revoke(&refs->items[i].inst->slots[refs->items[i].slot]);
    }
}

bool
watch_cell(PyObject *dict, PyObject *name, PyaotInst *inst, uint32_t slot, bool store)
{
    DictWatch *w = dict_watch(dict);
    if (w == NULL || !refs_add(&w->cells, inst, slot)) {
        return false;
    }
    if (store && ptrmap_get(&w->written, name) == NULL) {
        SlotRefs *refs = ptrmap_get(&w->by_name, name);
        if (!ptrmap_put(&w->written, name, w)) {
            return false;
        }
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
    for (size_t i = 0; i < w->by_name.n_slots; i++) {
        if (w->by_name.entries[i].key != NULL) {
            refs_free(w->by_name.entries[i].value);
            free(w->by_name.entries[i].value);
        }
    }
    ptrmap_free(&w->by_name);
    ptrmap_free(&w->written);
    refs_free(&w->tenants);
    refs_free(&w->cells);
    free(w);
}

/* The globals of an instance are gone, so no function over them is left: the
 * instance is free for another dict. */
static void
end_tenancy(PyaotInst *inst)
{
    CodeState *cs = inst->owner;
    refs_unlink(&cs->links, inst);
    for (uint32_t i = 0; i < inst->desc->n_slots; i++) {
        slot_revoke(&inst->slots[i]);
        inst->slots[i].state = 0;
    }
    watch_forget_inst(inst);
    inst->globals = NULL;
    inst->builtins = NULL;
    cs->bound = false;
}

static void
on_dict_freed(DictWatch *w)
{
    ptrmap_take(&loader.dicts, w->dict);
    for (size_t i = 0; i < w->by_name.n_slots; i++) {
        if (w->by_name.entries[i].key != NULL) {
            revoke_all(w->by_name.entries[i].value);
        }
    }
    for (uint32_t i = 0; i < w->tenants.n; i++) {
        end_tenancy(w->tenants.items[i].inst);
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
    if (w->cells.n > 0
        && (event != PyDict_EVENT_MODIFIED || !PyUnicode_CheckExact(key))) {
        revoke_all(&w->cells); /* the keys may move, or be of another kind */
        w->cells.n = 0;
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

/* ---- types -------------------------------------------------------------------- */

bool
watch_type(PyTypeObject *type, PyaotInst *inst, uint32_t slot)
{
    if (PyType_HasFeature(type, Py_TPFLAGS_IMMUTABLETYPE)
        && !PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE)) {
        return true; /* static: neither changes nor dies */
    }
    SlotRefs *refs = refs_of(&loader.types, type);
    note_watch(inst, WATCHES_TYPES);
    if (refs == NULL || !refs_add(refs, inst, slot)) {
        return false;
    }
    /* Also after an event: a type without a version tag sends none. */
    if (PyType_Watch(loader.type_watcher, (PyObject *)type) < 0) {
        PyErr_Clear();
        return false;
    }
    return type->tp_version_tag != 0;
}

static int
on_type(PyTypeObject *type)
{
    SlotRefs *refs = ptrmap_take(&loader.types, type);
    if (refs != NULL) {
        for (uint32_t i = 0; i < refs->n; i++) {
            PyaotSlot *slot = &refs->items[i].inst->slots[refs->items[i].slot];
            if (slot->type == type) {
                slot_revoke(slot);
            }
        }
        refs_free(refs);
        free(refs);
    }
    return 0;
}

/* ---- functions ------------------------------------------------------------------ */

bool
watch_function(PyObject *func, PyaotInst *inst, uint32_t slot)
{
    SlotRefs *refs = refs_of(&loader.functions, func);
    note_watch(inst, WATCHES_FUNCTIONS);
    return refs != NULL && refs_add(refs, inst, slot);
}

static void
revoke_function(PyFunctionObject *func)
{
    SlotRefs *refs = ptrmap_take(&loader.functions, func);
    if (refs != NULL) {
        for (uint32_t i = 0; i < refs->n; i++) {
            PyaotSlot *slot = &refs->items[i].inst->slots[refs->items[i].slot];
            if (slot->value == (PyObject *)func) {
                slot_revoke(slot);
            }
        }
        refs_free(refs);
        free(refs);
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

/* ---- instances --------------------------------------------------------------------- */

static void
forget_in(PtrMap *map, const PyaotInst *inst)
{
    for (size_t i = 0; i < map->n_slots; i++) {
        if (map->entries[i].key != NULL) {
            refs_remove_inst(map->entries[i].value, inst);
        }
    }
}

static void
forget_in_dict(PyObject *dict, const PyaotInst *inst)
{
    DictWatch *w = dict != NULL ? ptrmap_get(&loader.dicts, dict) : NULL;
    if (w != NULL) {
        forget_in(&w->by_name, inst);
        refs_remove_inst(&w->tenants, inst);
        refs_remove_inst(&w->cells, inst);
    }
}

void
watch_forget_inst(PyaotInst *inst)
{
    CodeState *cs = inst->owner;
    if (cs->bound) {
        forget_in_dict(inst->globals, inst);
        if ((cs->watches & WATCHES_NAMES) != 0) {
            forget_in_dict(inst->builtins, inst);
        }
    }
    if ((cs->watches & WATCHES_TYPES) != 0) {
        forget_in(&loader.types, inst);
    }
    if ((cs->watches & WATCHES_FUNCTIONS) != 0) {
        forget_in(&loader.functions, inst);
        for (CodeState *other = loader.codes; other != NULL;
             other = other->next) {
            refs_remove_inst(&other->links, inst);
        }
    }
    cs->watches = 0;
}

/* ---- start and stop ------------------------------------------------------------------ */

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

static void
free_refs_map(PtrMap *map)
{
    for (size_t i = 0; i < map->n_slots; i++) {
        if (map->entries[i].key != NULL) {
            refs_free(map->entries[i].value);
            free(map->entries[i].value);
        }
    }
    ptrmap_free(map);
}

void
watch_stop(void)
{
    for (CodeState *cs = loader.codes; cs != NULL; cs = cs->next) {
        for (uint32_t i = 0; i < cs->inst.desc->n_slots; i++) {
            slot_revoke(&cs->inst.slots[i]);
        }
        refs_free(&cs->links);
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
    free_refs_map(&loader.types);
    free_refs_map(&loader.functions);
    PyFunction_ClearWatcher(loader.func_watcher);
    PyType_ClearWatcher(loader.type_watcher);
    PyDict_ClearWatcher(loader.dict_watcher);
    PyErr_Clear();
}
