/* What goes into one C text: a unit, which the C compiler works on alone.
 *
 * Code objects that call each other directly belong together: within a unit
 * such a call is one of C, while between units it goes through a slot.  Else
 * small units are better: compilers work on them at the same time, and one
 * that has not changed is not compiled again.  So the code objects of a source
 * are joined along their calls while they stay small, and what is then still
 * small is filled up with what stands beside it; when everything is compiled,
 * for tests, of the next sources, too.
 *
 * A change of one code object should change few units: what a unit ends with
 * follows from the names of its code objects where that is possible, not from
 * the sizes of all that stands in front of it. */
#include "driver_int.h"

#include <string.h>

#include "cache/base/hash.h"

/* Sizes are in IR instructions; each is some 150 to 300 bytes of C. */
enum {
    MIN_UNIT_INS = 500,        /* a compiler's start pays from here on */
    MAX_UNIT_INS = 1500,       /* beyond it nothing is added */
    MAX_EVERYTHING_INS = 5000, /* both, when everything is compiled: at -O0 */
    END_EVERY = 4,             /* of names, one in so many may end a unit */
};

/* Code objects that go into one unit together. */
typedef struct {
    uint32_t parent; /* union-find; a root's is itself */
    uint32_t size;   /* these two of roots only */
    bool is_hot;
    uint32_t unit;
} Group;

typedef struct {
    Driver *d;
    Group *groups; /* by code index */
    uint32_t min_ins, max_ins;
    uint32_t n_units;
    uint32_t *first, *members; /* see list_members() */
    uint32_t *number;          /* of the unit being emitted: as EmitUnit */
} Cut;

static const char *
base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static uint32_t
find_root(Group *groups, uint32_t i)
{
    while (groups[i].parent != i) {
        groups[i].parent = groups[groups[i].parent].parent;
        i = groups[i].parent;
    }
    return i;
}

/* Join the groups of two code objects if they stay small enough. */
static void
join(Cut *cut, uint32_t one, uint32_t other)
{
    const Code *codes = cut->d->codes;
    uint32_t a = find_root(cut->groups, one),
             b = find_root(cut->groups, other);
    if (a == b || codes[other].n_regions == 0
        || cut->groups[a].size + cut->groups[b].size > cut->max_ins
        || strcmp(codes[one].image->filename, codes[other].image->filename)
               != 0) {
        return;
    }
    uint32_t root = a < b ? a : b, leaf = a < b ? b : a;
    cut->groups[leaf].parent = root;
    cut->groups[root].size += cut->groups[leaf].size;
    cut->groups[root].is_hot |= cut->groups[leaf].is_hot;
}

static void
join_callees(Cut *cut, uint32_t index)
{
    const Code *c = &cut->d->codes[index];
    for (uint32_t r = 0; r < c->n_regions; r++) {
        const IrFn *fn = c->regions[r].fn;
        for (uint32_t b = 0; b < fn->n_blocks; b++) {
            for (uint32_t i = 0; i < fn->blocks[b].n_ins; i++) {
                const IrIns *ins = &fn->ins[fn->blocks[b].ins[i]];
                if (ins->op == IR_CALL_DIRECT || ins->op == IR_CALL_INIT) {
                    join(cut, index, ir_callee(ins));
                }
            }
        }
    }
}

static bool
make_groups(Cut *cut)
{
    Driver *d = cut->d;
    cut->groups = ARENA_NEW_ARRAY(d->arena, Group, d->n + 1);
    cut->number = ARENA_NEW_ARRAY(d->arena, uint32_t, d->n + 1);
    if (cut->groups == NULL || cut->number == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < d->n; i++) {
        cut->groups[i] = (Group){
            .parent = i,
            .size = d->codes[i].size,
            .is_hot = !choice_is_lukewarm(d, d->codes[i].profile)};
    }
    for (uint32_t i = 0; i < d->n; i++) {
        join_callees(cut, i);
    }
    return true;
}

/* May a unit that is large enough end with this code object? */
static bool
may_end(const Code *c)
{
    const char *name = c->image->qualname;
    return pyaot_hash64(name, strlen(name)) % END_EVERY == 0;
}

/* The unit that groups of one heat go to until it is full. */
typedef struct {
    bool is_open;
    uint32_t unit, size;
} Open;

static void
assign_group(Cut *cut, Open *open, uint32_t index)
{
    const Code *c = &cut->d->codes[index];
    Group *g = &cut->groups[index];
    if (open->is_open && open->size + g->size > cut->max_ins) {
        open->is_open = false;
    }
    if (!open->is_open) {
        *open = (Open){.is_open = true, .unit = cut->n_units++};
    }
    g->unit = open->unit;
    open->size += g->size;
    if (open->size >= cut->max_ins
        || (open->size >= cut->min_ins && may_end(c))) {
        open->is_open = false;
    }
}

/* Decide which unit each group goes to. */
static void
assign_units(Cut *cut)
{
    const Driver *d = cut->d;
    Open open[2] = {{0}};
    const char *source = "";
    for (uint32_t i = 0; i < d->n; i++) {
        if (d->codes[i].n_regions == 0) {
            continue;
        }
        const char *filename = d->codes[i].image->filename;
        if (!d->options->everything && strcmp(source, filename) != 0) {
            memset(open, 0, sizeof open);
        }
        source = filename;
        if (cut->groups[i].parent == i) {
            assign_group(cut, &open[cut->groups[i].is_hot], i);
        }
    }
}

/* List the code objects of each unit: those of unit u are
 * cut->members[cut->first[u]] to cut->members[cut->first[u + 1] - 1]. */
static bool
list_members(Cut *cut)
{
    const Driver *d = cut->d;
    cut->first = ARENA_NEW_ARRAY(d->arena, uint32_t, cut->n_units + 2);
    cut->members = ARENA_NEW_ARRAY(d->arena, uint32_t, d->n + 1);
    if (cut->first == NULL || cut->members == NULL) {
        return false;
    }
    for (int pass = 0; pass < 2; pass++) {
        /* Counted two places on, filled one place on: then first[] is what it
         * says. */
        for (uint32_t i = 0; i < d->n; i++) {
            uint32_t u = cut->groups[find_root(cut->groups, i)].unit;
            if (d->codes[i].n_regions == 0) {
                continue;
            }
            if (pass == 0) {
                cut->first[u + 2]++;
            }
            else {
                cut->members[cut->first[u + 1]++] = i;
            }
        }
        for (uint32_t u = 2; pass == 0 && u < cut->n_units + 2; u++) {
            cut->first[u] += cut->first[u - 1];
        }
    }
    return true;
}

/* How the region is entered, and what that is expected to gain. */
static PyaotCacheRegion
expected_region(const Driver *d, const Code *c, const IrFn *fn)
{
    PyaotCacheRegion region = c_emit_region(fn);
    region.gain = PYAOT_CACHE_REGION_GAIN;
    region.loss = PYAOT_CACHE_REGION_LOSS;
    if (d->options->everything) {
        return region; /* no costs */
    }
    if (fn->entry_kind == REGION_ENTRY) {
        cost_expect(&c->cost, &region);
    }
    else if (c->loop_costs != NULL) {
        cost_expect(&c->loop_costs[c->bc->at[fn->entry_offset]], &region);
    }
    return region;
}

static void
add_code(Cut *cut, AotUnit *unit, EmitCode *codes, uint32_t index)
{
    Code *c = &cut->d->codes[index];
    const uint32_t n = unit->n_codes++;
    /* Numbers of its own: what is hot elsewhere does not change a unit. */
    cut->number[index] = c->has_entry ? n + 1 : 0;
    unit->weight += c->profile->weight;
    unit->size += c->size;
    for (uint32_t r = 0; r < c->n_regions; r++) {
        const uint32_t size = region_size(c->regions[r].fn);
        c->regions[r].code_index = n + 1;
        unit->largest = unit->largest < size ? size : unit->largest;
    }
    codes[n] = (EmitCode){.index = n + 1,
                          .image = c->image,
                          .slots = &c->slots,
                          .regions = c->regions,
                          .n_regions = c->n_regions};
    PyaotCacheRegion *regions = ARENA_NEW_ARRAY(cut->d->arena,
                                                PyaotCacheRegion,
                                                c->n_regions);
    for (uint32_t r = 0; regions != NULL && r < c->n_regions; r++) {
        regions[r] = expected_region(cut->d, c, c->regions[r].fn);
    }
    unit->codes[n] = (AotCode){
        .key = c->image->key,
        .filter = pyaot_image_filter(c->image),
        .qualname = c->image->qualname,
        .firstlineno = c->image->firstlineno,
        .flags = choice_is_frozen(c->image->filename) ? PYAOT_CACHE_CODE_FROZEN
                                                      : 0,
        .n_regions = c->n_regions,
        .regions = regions,
    };
}

/* What people call the unit: by its sources. */
static void
name_unit(Driver *d, AotUnit *unit, const uint32_t *members, uint32_t n)
{
    const char *first = d->codes[members[0]].image->filename, *last = first;
    uint32_t more = 0;
    for (uint32_t i = 1; i < n; i++) {
        const char *filename = d->codes[members[i]].image->filename;
        more += strcmp(filename, last) != 0;
        last = filename;
    }
    unit->source = first;
    unit->module = base_name(first);
    if (more > 0) {
        unit->module = arena_printf(d->arena, "%s and %u more", unit->module,
                                    more);
    }
}

static PyaotStatus
emit_unit(Cut *cut, uint32_t number, AotUnit *unit)
{
    Driver *d = cut->d;
    const uint32_t *members = cut->members + cut->first[number];
    const uint32_t n = cut->first[number + 1] - cut->first[number];
    EmitCode *codes = ARENA_NEW_ARRAY(d->arena, EmitCode, n);
    unit->codes = ARENA_NEW_ARRAY(d->arena, AotCode, n);
    if (codes == NULL || unit->codes == NULL) {
        return PYAOT_E_NOMEM;
    }
    for (uint32_t i = 0; i < n; i++) {
        add_code(cut, unit, codes, members[i]);
    }
    unit->is_hot = cut->groups[find_root(cut->groups, members[0])].is_hot;
    name_unit(d, unit, members, n);
    EmitUnit eu = {.module = unit->module,
                   .codes = codes,
                   .n_codes = n,
                   .callees = d->callees,
                   .number = cut->number,
                   .arena = d->arena};
    StrBuf text;
    strbuf_init(&text, 0);
    c_emit_unit(&eu, &text);
    PyaotStatus status = strbuf_status(&text);
    if (status == PYAOT_OK) {
        unit->c_text = arena_strndup(d->arena, strbuf_text(&text), text.len);
        unit->c_len = text.len;
    }
    strbuf_free(&text);
    for (uint32_t i = 0; i < n; i++) {
        cut->number[members[i]] = 0;
    }
    return status != PYAOT_OK ? status : arena_status(d->arena);
}

PyaotStatus
emit_units(Driver *d, AotPlan *plan)
{
    const bool everything = d->options->everything;
    Cut cut = {.d = d,
               .min_ins = everything ? MAX_EVERYTHING_INS : MIN_UNIT_INS,
               .max_ins = everything ? MAX_EVERYTHING_INS : MAX_UNIT_INS};
    if (!make_groups(&cut)) {
        return PYAOT_E_NOMEM;
    }
    assign_units(&cut);
    plan->units = ARENA_NEW_ARRAY(d->arena, AotUnit, cut.n_units);
    if (!list_members(&cut) || plan->units == NULL) {
        return PYAOT_E_NOMEM;
    }
    PyaotStatus status = PYAOT_OK;
    for (uint32_t u = 0; u < cut.n_units && status == PYAOT_OK; u++) {
        plan->n_codes += cut.first[u + 1] - cut.first[u];
        status = emit_unit(&cut, plan->n_units++, &plan->units[u]);
    }
    return status;
}
