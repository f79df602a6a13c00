/* From live code objects to instances: filter, key, unit, state. */
#include "loader_int.h"

#include <stdio.h>
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
           || slot->kind == PYAOT_SLOT_ATTR
           || slot->kind == PYAOT_SLOT_METHOD;
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
    for (uint32_t i = 0; i < desc->n_regions; i++) {
        const PyaotRegionDesc *r = &desc->regions[i];
        if (r->offset >= n_units
            || r->n_stack > (uint32_t)code->co_stacksize) {
            return "unit disagrees with its code object";
        }
        if (r->kind == PYAOT_REGION_ENTRY && r->vec != NULL
            && (!takes_plain_arguments(code)
                || (code->co_flags & (CO_GENERATOR | CO_COROUTINE)) != 0)) {
            return "entry of a function with unusual arguments";
        }
    }
    return NULL;
}

static CodeState *
state_new(const PyaotCodeDesc *desc, const Unit *unit, PyCodeObject *code)
{
    CodeState *cs = calloc(1, sizeof *cs);
    if (cs == NULL) {
        return NULL;
    }
    cs->regions = calloc(desc->n_regions ? desc->n_regions : 1,
                         sizeof *cs->regions);
    cs->inst.slots = calloc(desc->n_slots ? desc->n_slots : 1,
                            sizeof *cs->inst.slots);
    cs->rests = calloc((size_t)desc->n_slots + 1, sizeof *cs->rests);
    cs->n_refs = 1;
    if (cs->regions == NULL || cs->inst.slots == NULL || cs->rests == NULL) {
        match_release(cs);
        return NULL;
    }
    cs->code = code;
    cs->argcount = desc->argcount;
    cs->unit = unit;
    cs->exit_rows = unit->exits.rows + unit_exits(unit, desc)->first_row;
    if (takes_plain_arguments(code)
        && (code->co_flags & (CO_GENERATOR | CO_COROUTINE)) != 0) {
        cs->start = abi_code_generator_start(code);
    }
    cs->inst.consts = ((PyTupleObject *)code->co_consts)->ob_item;
    cs->inst.units = _PyCode_CODE(code);
    cs->inst.desc = desc;
    cs->inst.code = code;
    cs->inst.owner = cs;
    cs->n_regions = desc->n_regions;
    for (uint32_t i = 0; i < desc->n_regions; i++) {
        RegionState *r = &cs->regions[i];
        r->desc = &desc->regions[i];
        r->n_cells = desc->nlocalsplus + r->desc->n_stack;
        if (r->desc->kind == PYAOT_REGION_ENTRY && r->desc->vec != NULL
            && cs->entry == NULL) {
            cs->entry = r;
        }
        else if (r->desc->osr == NULL) {
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
    int offset = (int)region->desc->offset * (int)sizeof(_Py_CODEUNIT);
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

static void
match_install(const PyaotCodeDesc *desc, const Unit *unit, PyCodeObject *code)
{
    const char *problem = desc_problem(desc, unit, code);
    if (problem != NULL) {
        stats_refuse(problem);
        return;
    }
    CodeState *cs = state_new(desc, unit, code);
    if (cs == NULL
        || abi_code_set_extra(code, loader.extra_index,
                                    cs) < 0) {
        PyErr_Clear();
        if (cs != NULL) {
            match_release(cs);
        }
        stats_refuse("out of memory");
        return;
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
        bool direct_only = &cs->regions[i] == cs->entry && cs->entry->desc->called_only;
        if (!cs->regions[i].off && !direct_only) {
            install_region(cs, &cs->regions[i]);
        }
    }
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
        PyaotStatus status =
            pyaot_cache_unit(loader.cache, number, &so, &len, &exits,
                             &exits_len, &image, err);
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
                fprintf(stderr, "pyaot: %s\n", err);
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

static const PyaotCodeDesc *
find_desc(PyCodeObject *code, const Unit **from)
{
    uint32_t n = 0;
    const PyaotCacheCode *candidates = NULL;
    if (loader.cache != NULL) {
        candidates = pyaot_cache_find_filter(
            loader.cache, pyaot_pycode_filter(code), &n);
    }
    if (n == 0 && loader.n_test_units == 0) {
        return NULL;
    }
    loader.code_candidates++;
    PyaotKey key;
    if (pyaot_pycode_key(code, &key) < 0) {
        PyErr_Clear();
        stats_refuse("code object without a key");
        return NULL;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (memcmp(candidates[i].key, key.bytes, sizeof key.bytes) == 0) {
            *from = cached_unit(candidates[i].unit);
            return *from != NULL ? unit_find(*from, &key) : NULL;
        }
    }
    if (loader.n_test_units > 0) {
        for (Unit *unit = loader.units; unit != NULL; unit = unit->next) {
            const PyaotCodeDesc *desc = unit_find(unit, &key);
            if (desc != NULL) {
                *from = unit;
                return desc;
            }
        }
    }
    return NULL;
}

void
match_code_created(PyaotOptimizer *Py_UNUSED(self), PyCodeObject *code)
{
    if (!loader.active) {
        return;
    }
    loader.code_seen++;
    const Unit *unit = NULL;
    const PyaotCodeDesc *desc = find_desc(code, &unit);
    if (desc != NULL) {
        match_install(desc, unit, code);
    }
}

void
match_function_created(PyaotOptimizer *Py_UNUSED(self), PyObject *function)
{
    PyFunctionObject *func = (PyFunctionObject *)function;
    CodeState *cs = loader.active ? code_state(func->func_code) : NULL;
    if (cs != NULL && cs->entry != NULL && !cs->entry->off) {
        match_bind(cs, func->func_globals, func->func_builtins);
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
        || !watch_tenant(globals, &cs->inst)
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
        if (r->desc->offset == offset
            && r->desc->kind == PYAOT_REGION_BACK_EDGE) {
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
    }
}
