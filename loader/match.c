/* From live code objects to instances: filter, key, unit, state. */
#include "loader_int.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cache/pycode/pycode.h"

/* Code that a caller's vectorcall can enter with its arguments as they are. */
static bool
takes_plain_arguments(PyCodeObject *code)
{
    const int other = CO_VARARGS | CO_VARKEYWORDS | CO_ASYNC_GENERATOR;
    return (code->co_flags & other) == 0 && code->co_kwonlyargcount == 0
           && (code->co_flags & CO_OPTIMIZED) != 0;
}

/* Is its name one of its code object's co_names? */
static bool
slot_has_name(const PyaotSlotDesc *slot)
{
    return slot->kind == PYAOT_SLOT_GLOBAL || slot->kind == PYAOT_SLOT_CALLEE
           || slot->kind == PYAOT_SLOT_ATTR || slot->kind == PYAOT_SLOT_METHOD;
}

static const PyaotExitCode *
unit_exits(const Unit *unit, const PyaotCodeDesc *desc)
{
    return &unit->exits.codes[desc - unit->desc->codes];
}

/* What the descriptor says must be true of the code, whatever its key. */
static const char *
desc_problem(const PyaotCodeDesc *desc, const Unit *unit, PyCodeObject *code)
{
    uint32_t n_units = (uint32_t)Py_SIZE(code);
    uint32_t n_names = (uint32_t)PyTuple_GET_SIZE(code->co_names);
    if (desc->argcount != (uint32_t)code->co_argcount
        || desc->nlocalsplus != (uint32_t)code->co_nlocalsplus) {
        return "unit disagrees with its code object";
    }
    const PyaotExitCode *exits = unit_exits(unit, desc);
    if (exits->n_locals != desc->nlocalsplus) {
        return "unit disagrees with its code object";
    }
    for (uint32_t i = 0; i < exits->n_rows; i++) {
        const PyaotExitRow *e = &unit->exits.rows[exits->first_row + i];
        if (e->offset >= n_units || e->n_stack > (uint32_t)code->co_stacksize
            || (e->kind == PYAOT_EXIT_INIT
                && (e->resume >= n_units || e->n_stack == 0))
            || (e->kind == PYAOT_EXIT_CALL
                && (e->resume >= n_units
                    || e->n_stack >= (uint32_t)code->co_stacksize))) {
            return "unit disagrees with its code object";
        }
    }
    for (uint32_t i = 0; i < desc->n_slots; i++) {
        const PyaotSlotDesc *s = &desc->slots[i];
        if (slot_has_name(s) ? s->name >= n_names
                             : s->kind == PYAOT_SLOT_CLASS
                                   && s->name >= desc->n_slots - i) {
            return "unit disagrees with its code object";
        }
    }
    return NULL;
}

/* Can the code be entered like this? */
static const char *
region_problem(const PyaotCacheRegion *at, PyCodeObject *code)
{
    if (at->offset >= (uint32_t)Py_SIZE(code)
        || at->n_stack > code->co_stacksize) {
        return "cache disagrees with its code object";
    }
    if ((at->flags & PYAOT_CACHE_REGION_CALLED) != 0
        && (at->kind != PYAOT_REGION_ENTRY || !takes_plain_arguments(code)
            || (code->co_flags & (CO_GENERATOR | CO_COROUTINE)) != 0)) {
        return "entry of a function with unusual arguments";
    }
    return NULL;
}

/* What the cache's index says of a region of the unit. */
static PyaotCacheRegion
region_of_desc(const PyaotRegionDesc *desc)
{
    const bool called = desc->kind == PYAOT_REGION_ENTRY && desc->vec != NULL;
    return (PyaotCacheRegion){
        .offset = desc->offset,
        .n_stack = (uint16_t)desc->n_stack,
        .kind = desc->kind,
        .flags = (uint8_t)((called ? PYAOT_CACHE_REGION_CALLED : 0)
                           | (desc->called_only
                                  ? PYAOT_CACHE_REGION_NATIVE_ONLY
                                  : 0)),
    };
}

static CodeState *
state_new(const PyaotKey *key, const PyaotCacheRegion *regions, uint32_t n,
          PyCodeObject *code)
{
    CodeState *cs = calloc(1, sizeof *cs);
    if (cs == NULL) {
        return NULL;
    }
    cs->regions = calloc(n ? n : 1, sizeof *cs->regions);
    cs->n_refs = 1;
    if (cs->regions == NULL) {
        match_release(cs);
        return NULL;
    }
    cs->code = code;
    cs->key = *key;
    cs->argcount = (uint32_t)code->co_argcount;
    if (takes_plain_arguments(code)
        && (code->co_flags & (CO_GENERATOR | CO_COROUTINE)) != 0) {
        cs->start = abi_code_generator_start(code);
    }
    cs->inst.consts = ((PyTupleObject *)code->co_consts)->ob_item;
    cs->inst.units = _PyCode_CODE(code);
    cs->inst.code = code;
    cs->inst.owner = cs;
    cs->n_regions = n;
    for (uint32_t i = 0; i < n; i++) {
        RegionState *r = &cs->regions[i];
        r->at = regions[i];
        r->n_cells = (uint32_t)code->co_nlocalsplus + r->at.n_stack;
        if ((r->at.flags & PYAOT_CACHE_REGION_CALLED) == 0) {
            continue;
        }
        if (cs->entry == NULL) {
            cs->entry = r;
        }
        else {
            r->off = true;
        }
    }
    return cs;
}

void
match_release(CodeState *cs)
{
    if (--cs->n_refs == 0) {
        free(cs->regions);
        free(cs->inst.slots);
        free(cs->rests);
        free(cs);
    }
}

/* Its code object has died.  An executor may still be running. */
static void
state_end(CodeState *cs)
{
    refs_forget(&cs->inst);
    watch_unlink(cs);
    for (uint32_t i = 0; i < cs->n_regions; i++) {
        loader.executors_entered += cs->regions[i].entries;
    }
    *cs->link = cs->next;
    if (cs->next != NULL) {
        cs->next->link = cs->link;
    }
    cs->code = NULL;
    match_release(cs);
}

static void
install_region(CodeState *cs, RegionState *region)
{
    PyaotExecutor *executor = region_new(cs, region);
    int offset = (int)region->at.offset * (int)sizeof(_Py_CODEUNIT);
    if (executor != NULL
        && api->replace_executor(cs->code, offset, executor) == 0) {
        region->executor = executor;
        loader.executors_registered++;
    }
    else {
        PyErr_Clear();
        stats_refuse("no executor can be put there");
        region->off = true;
    }
    Py_XDECREF(executor);
}

/* The state has what the unit says of its code. */
static const char *
state_load(CodeState *cs, const Unit *unit, const PyaotCodeDesc *desc)
{
    const char *problem = desc_problem(desc, unit, cs->code);
    if (problem != NULL) {
        return problem;
    }
    bool agree = desc->n_regions == cs->n_regions;
    for (uint32_t i = 0; agree && i < cs->n_regions; i++) {
        const PyaotCacheRegion at = region_of_desc(&desc->regions[i]);
        const bool called = (at.flags & PYAOT_CACHE_REGION_CALLED) != 0;
        agree = memcmp(&at, &cs->regions[i].at, sizeof at) == 0
                && (called || desc->regions[i].osr != NULL);
    }
    if (!agree) {
        return "unit disagrees with its index";
    }
    PyaotSlot *slots = calloc(desc->n_slots ? desc->n_slots : 1,
                              sizeof *slots);
    SlotRef **rests = calloc((size_t)desc->n_slots + 1, sizeof *rests);
    if (slots == NULL || rests == NULL) {
        free(slots);
        free(rests);
        return "out of memory";
    }
    cs->unit = unit;
    cs->exit_rows = unit->exits.rows + unit_exits(unit, desc)->first_row;
    cs->rests = rests;
    cs->inst.slots = slots;
    cs->inst.desc = desc;
    for (uint32_t i = 0; i < cs->n_regions; i++) {
        cs->regions[i].desc = &desc->regions[i];
        region_loaded(&cs->regions[i]);
    }
    return NULL;
}

/* As if it had not matched. */
static void
give_up(CodeState *cs)
{
    cs->lost = true;
    loader.code_matched--;
    for (uint32_t i = 0; i < cs->n_regions; i++) {
        RegionState *r = &cs->regions[i];
        if (r->executor != NULL) {
            loader.executors_registered--;
            api->invalidate_executor(r->executor);
        }
        r->off = true;
    }
}

static CodeState *
match_install(const PyaotKey *key, const PyaotCacheRegion *regions, uint32_t n,
              PyCodeObject *code)
{
    const char *problem = NULL;
    for (uint32_t i = 0; problem == NULL && i < n; i++) {
        problem = region_problem(&regions[i], code);
    }
    if (problem != NULL) {
        stats_refuse(problem);
        return NULL;
    }
    CodeState *cs = death_start() ? state_new(key, regions, n, code) : NULL;
    if (cs == NULL || abi_code_set_extra(code, loader.extra_index, cs) < 0) {
        PyErr_Clear();
        if (cs != NULL) {
            match_release(cs);
        }
        stats_refuse("out of memory");
        return NULL;
    }
    cs->next = loader.codes;
    cs->link = &loader.codes;
    if (cs->next != NULL) {
        cs->next->link = &cs->next;
    }
    loader.codes = cs;
    loader.code_matched++;
    for (uint32_t i = 0; i < cs->n_regions; i++) {
        /* Without an executor: only native code comes there. */
        bool direct_only = &cs->regions[i] == cs->entry
                           && (cs->entry->at.flags
                               & PYAOT_CACHE_REGION_NATIVE_ONLY)
                                  != 0;
        if (!cs->regions[i].off && !direct_only) {
            install_region(cs, &cs->regions[i]);
        }
    }
    return cs;
}

static Unit *
cached_unit(uint32_t number)
{
    static Unit failed;
    Unit *unit = loader.by_number[number];
    if (unit == NULL) {
        char err[PYAOT_ERR_MAX];
        uint8_t *so = NULL, *exits = NULL;
        size_t len = 0, exits_len = 0;
        int image = -1;
        const char *why = NULL;
        PyaotStatus status = pyaot_cache_unit(loader.cache, number, &so, &len,
                                              &exits, &exits_len, &image, err);
        if (status == PYAOT_OK) {
            unit = unit_map(image, so, len, exits, exits_len, &why);
            free(so);
            if (image >= 0) {
                close(image);
            }
        }
        else {
            why = pyaot_status_text(status);
            if (loader.verbose > 0) {
                process_say("%s", err);
            }
        }
        if (unit == NULL) {
            stats_refuse(why);
            unit = &failed;
        }
        loader.by_number[number] = unit;
    }
    return unit->desc != NULL ? unit : NULL;
}

bool
match_load(CodeState *cs)
{
    if (cs->unit != NULL) {
        return true;
    }
    if (cs->lost || loader.cache == NULL) {
        return false;
    }
    const Unit *unit = cached_unit(cs->unit_number);
    if (unit == NULL) { /* nor have the others that are in it one */
        for (CodeState *other = loader.codes; other != NULL;
             other = other->next) {
            if (other->unit_number == cs->unit_number && other->unit == NULL
                && !other->lost) {
                give_up(other);
            }
        }
        return false;
    }
    const PyaotCodeDesc *desc = unit_find(unit, &cs->key);
    const char *problem = desc != NULL ? state_load(cs, unit, desc)
                                       : "unit disagrees with its index";
    if (problem != NULL) {
        stats_refuse(problem);
        give_up(cs);
    }
    return problem == NULL;
}

/* Of a unit outside any cache: loaded already. */
static void
match_test_unit(const Unit *unit, const PyaotKey *key, PyCodeObject *code)
{
    const PyaotCodeDesc *desc = unit_find(unit, key);
    PyaotCacheRegion *regions = desc != NULL ? calloc(desc->n_regions + 1u,
                                                      sizeof *regions)
                                             : NULL;
    if (regions == NULL) {
        return;
    }
    for (uint32_t i = 0; i < desc->n_regions; i++) {
        regions[i] = region_of_desc(&desc->regions[i]);
    }
    CodeState *cs = match_install(key, regions, desc->n_regions, code);
    const char *problem = cs != NULL ? state_load(cs, unit, desc) : NULL;
    if (problem != NULL) {
        stats_refuse(problem);
        give_up(cs);
    }
    free(regions);
}

void
match_code_created(PyaotOptimizer *Py_UNUSED(self), PyCodeObject *code)
{
    uint32_t n = 0;
    const PyaotCacheCode *candidates = NULL;
    if (!loader.active) {
        return;
    }
    loader.code_seen++;
    if (loader.cache != NULL) {
        candidates = pyaot_cache_find_filter(loader.cache,
                                             pyaot_pycode_filter(code), &n);
    }
    if (n == 0 && loader.n_test_units == 0) {
        return;
    }
    loader.code_candidates++;
    PyaotKey key;
    if (pyaot_pycode_key(code, &key) < 0) {
        PyErr_Clear();
        stats_refuse("code object without a key");
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        const PyaotCacheCode *found = &candidates[i];
        if (memcmp(found->key, key.bytes, sizeof key.bytes) == 0) {
            CodeState *cs = match_install(
                &key, pyaot_cache_regions(loader.cache, found),
                found->n_regions, code);
            if (cs != NULL) {
                cs->unit_number = found->unit;
            }
            return;
        }
    }
    for (Unit *unit = loader.units; loader.n_test_units > 0 && unit != NULL;
         unit = unit->next) {
        if (unit_find(unit, &key) != NULL) {
            match_test_unit(unit, &key, code);
            return;
        }
    }
}

void
match_code_freed(void *state)
{
    if (state != NULL) {
        state_end(state);
    }
}

bool
match_bind(CodeState *cs, PyObject *globals, PyObject *builtins)
{
    if (cs->bound) {
        return cs->inst.globals == globals && cs->inst.builtins == builtins;
    }
    if (!PyDict_CheckExact(globals) || !PyDict_CheckExact(builtins)
        || !match_load(cs) || !watch_tenant(globals, &cs->inst)
        || !watch_tenant(builtins, &cs->inst)) {
        refs_forget(&cs->inst);
        return false;
    }
    cs->inst.globals = globals;
    cs->inst.builtins = builtins;
    cs->bound = true;
    return true;
}

RegionState *
match_back_edge(CodeState *cs, uint32_t offset)
{
    for (uint32_t i = 0; i < cs->n_regions; i++) {
        RegionState *r = &cs->regions[i];
        if (r->at.offset == offset && r->at.kind == PYAOT_REGION_BACK_EDGE) {
            return r->off ? NULL : r;
        }
    }
    return NULL;
}

void
match_switch_off_all(bool uninstall)
{
    for (CodeState *cs = loader.codes; cs != NULL; cs = cs->next) {
        for (uint32_t i = 0; i < cs->n_regions; i++) {
            RegionState *r = &cs->regions[i];
            if (uninstall && r->executor != NULL) {
                api->invalidate_executor(r->executor);
            }
            r->off = true;
        }
        cs->lost |= cs->unit == NULL; /* another cache may come */
    }
}
