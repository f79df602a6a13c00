/* The regions of a code object: its function entry, its loops, the places
 * where it is resumed. */
#include "driver_int.h"

#include <stdlib.h>
#include <string.h>

#include "costs.h"
#include "ir_text.h"
#include "pass.h"
#include "resume.h"
#include "walk.h"

/* IR instructions of one code object's regions, beyond which it gets no more
 * of them: each has what follows it, so of many they would be far more than
 * the code, and the C compiler works on all of them alone. */
#define MAX_CODE_INS 12000

/* Turns at a time from which on a loop has a region of its own beside a
 * function entry that has it, too, or a loop around it: so many may go to the
 * interpreter when that region has been left, or before it is first entered.
 * Of an inner loop more: the next turn of the outer one is native again, and
 * these regions are most of the code of nested loops. */
#define MIN_TURNS 16
#define MIN_INNER_TURNS 48

/* Does it get anything done: come back to a loop header, or return? */
static bool
is_useful(const IrFn *fn)
{
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        const IrBlock *blk = &fn->blocks[b];
        if (blk->n_ins == 0) {
            continue;
        }
        uint16_t op = fn->ins[blk->ins[blk->n_ins - 1]].op;
        if (op == IR_RETURN) {
            return true;
        }
        for (uint32_t i = 0; i + 1 < blk->n_ins; i++) {
            if (fn->ins[blk->ins[i]].op == IR_BREAKER
                && fn->snaps[fn->ins[blk->ins[i]].snap].offset > blk->offset) {
                return true;
            }
        }
        if (op == IR_JUMP
            && fn->blocks[blk->succ[0].to].offset < blk->offset) {
            return true;
        }
    }
    return false;
}

typedef struct {
    Driver *d;
    const Code *code;
} DumpTo;

static void
dump_pass(void *self, const Pass *pass, const IrFn *fn)
{
    DumpTo *to = self;
    const AotOptions *o = to->d->options;
    if (o->dump_passes != NULL && *o->dump_passes != '\0'
        && (pass == NULL || strchr(o->dump_passes, pass->letter) == NULL)) {
        return;
    }
    if (o->only != NULL && strcmp(o->only, to->code->image->qualname) != 0) {
        return;
    }
    strbuf_printf(o->dump, "; %s:%u %s, %s\n", to->code->image->filename,
                  to->code->image->firstlineno, to->code->image->qualname,
                  pass == NULL ? "built" : pass->name);
    ir_print(fn, o->dump);
    strbuf_adds(o->dump, "\n");
}

BuildRequest
region_request(Driver *d, Code *c, Arena *arena)
{
    return (BuildRequest){
        .arena = arena,
        .code = c->bc,
        .profile = c->profile,
        .slots = &c->slots,
        .callees = d->callees,
        .n_callees = d->n,
        .everything = d->options->everything,
        .pays = c->pays,
    };
}

bool
region_finish(Driver *d, Code *c, IrFn *fn, bool must_work, bool dump,
              Bail *bail)
{
    DumpTo to = {d, c};
    PassOptions options = {.verify = true};
    StrBuf *out = d->options->dump;
    char err[PYAOT_ERR_MAX] = "";
    if (must_work && !d->options->everything && !is_useful(fn)) {
        *bail = BAIL_USELESS;
        return false;
    }
    if (dump && out != NULL) {
        options.dump = dump_pass;
        options.dump_self = &to;
    }
    if (pass_run(fn, d->options->passes, &options, err) == PYAOT_OK) {
        return true;
    }
    if (out != NULL) {
        strbuf_printf(out, "; %s: %s\n", c->image->qualname, err);
        ir_print(fn, out);
    }
    *bail = BAIL_INTERNAL;
    return false;
}

uint32_t
region_size(const IrFn *fn)
{
    enum { ENTRY_INS = 60 };
    uint32_t size = ENTRY_INS;
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        size += fn->blocks[b].n_ins;
    }
    return size;
}

static void
add_region(Driver *d, Code *c, IrFn *fn)
{
    c->regions[c->n_regions] = (EmitRegion){.fn = fn,
                                            .region_index = c->n_regions};
    c->n_regions++;
    c->size += region_size(fn);
    d->n_superblocks++;
}

/* Build and keep a region that is entered on a live frame.  The region, or
 * NULL. */
static IrFn *
build_middle(Driver *d, Code *c, uint8_t kind, uint32_t off)
{
    if (c->size > MAX_CODE_INS) {
        d->refused[BAIL_TOO_LARGE]++;
        return NULL;
    }
    BuildRequest req = region_request(d, c, d->arena);
    req.entry_kind = kind;
    req.entry_offset = off;
    req.loops = c->loops;
    req.framed = true;
    req.sig = "";
    uint32_t slots_before = c->slots.n;
    BuildResult r = build_region(&req);
    if (r.fn != NULL
        && !region_finish(d, c, r.fn, kind == REGION_BACK_EDGE, true,
                          &r.bail)) {
        r.fn = NULL;
    }
    if (r.fn == NULL) {
        c->slots.n = slots_before;
        d->refused[r.bail]++;
        return NULL;
    }
    add_region(d, c, r.fn);
    return r.fn;
}

/* How far a code object's regions have come. */
typedef struct {
    uint32_t n_regions, n_slots, size;
} Mark;

static Mark
mark_regions(const Code *c)
{
    return (Mark){c->n_regions, c->slots.n, c->size};
}

/* Forget those that were built since. */
static void
forget_regions(Driver *d, Code *c, Mark mark)
{
    d->n_superblocks -= c->n_regions - mark.n_regions;
    c->n_regions = mark.n_regions;
    c->slots.n = mark.n_slots;
    c->size = mark.size;
}

/* As they are now, when all that is called has settled. */
static const double *
gains_of(Code *c, const BuildRequest *req)
{
    if (c->gains == NULL) {
        c->gains = resume_gains(req);
    }
    return c->gains;
}

/* A loop header that has been jumped back to. */
typedef struct {
    uint32_t off, end; /* the last jump back */
    uint64_t count;
} Loop;

static int
compare_heat(const void *left, const void *right)
{
    const Loop *a = left, *b = right;
    return a->count != b->count ? (a->count > b->count ? -1 : 1)
                                : (a->off > b->off) - (a->off < b->off);
}

/* How often what is around a loop was run: the body of the loop around it, or
 * the function.
 *
 * loops  by instruction, end 0: none */
static uint64_t
runs_around(const Code *c, const Loop *loops, uint32_t at)
{
    uint64_t runs = c->profile->entries > 0 ? c->profile->entries : 1;
    for (uint32_t i = 0; i < at; i++) {
        /* Around each other, from the outside in. */
        if (loops[i].end > loops[at].end) {
            runs += loops[i].count;
        }
    }
    return runs;
}

/* How often it turns when it is come to: counts tell little of that where they
 * are many, since then the profile listens now and then. */
static double
turns_at_a_time(const Code *c, const Loop *loops, uint32_t at)
{
    const BcIns *header = &c->bc->ins[at];
    return header->op == BC_FOR_ITER
               ? 1 / walk_jump_odds(c->profile, header)
               : (double)loops[at].count / (double)runs_around(c, loops, at);
}

/* Does the interpreter enter the function natively? */
static bool
is_entered(const Code *c)
{
    return c->has_entry && cost_pays(&c->cost);
}

/* Is a loop to have a region of its own, if another one has it, too? */
static bool
is_worth_own(const Code *c, const Loop *loops, uint32_t at)
{
    bool is_inner = false;
    for (uint32_t i = 0; i < at; i++) {
        is_inner |= loops[i].end > loops[at].end;
    }
    if (!is_inner && !is_entered(c)) {
        return true; /* nothing else has it */
    }
    return turns_at_a_time(c, loops, at)
           >= (is_inner ? MIN_INNER_TURNS : MIN_TURNS);
}

/* The loops that are hot enough: in their order, but of many the hottest
 * first, since not all may find room. */
static uint32_t
list_loops(Driver *d, const Code *c, Loop *loops)
{
    enum { MANY = 16 };
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->bc->n; i++) {
        const BcIns *jump = &c->bc->ins[i];
        if (jump->op == BC_JUMP_BACKWARD) {
            /* Counted at the header for now. */
            Loop *loop = &loops[c->bc->at[jump->target]];
            loop->count += feedback_count(c->profile, jump->off, PROFILE_COUNT,
                                          0);
            loop->end = jump->off;
        }
    }
    Loop *list = ARENA_NEW_ARRAY(d->arena, Loop, c->bc->n + 1);
    for (uint32_t i = 0; i < c->bc->n && list != NULL; i++) {
        const Loop found = loops[i];
        /* Without a jump: a delegation, whose jump has no event. */
        if (!c->bc->ins[i].is_header || found.end == 0) {
            continue;
        }
        if (!d->options->everything && found.count < MIN_BACK_EDGES) {
            d->refused[BAIL_COLD] += found.count > 0;
            continue;
        }
        c->shared[i] = !d->options->everything && !is_worth_own(c, loops, i);
        list[n++] = (Loop){c->bc->ins[i].off, found.end, found.count};
    }
    if (list != NULL) {
        memcpy(loops, list, n * sizeof *list);
    }
    if (n > MANY) {
        qsort(loops, n, sizeof *loops, compare_heat);
    }
    return n;
}

/* What the loops are worth, each by what is known of those where it goes on.
 */
static void
note_loop_costs(Driver *d, Code *c, uint32_t first)
{
    enum { ROUNDS = 2 };
    BuildRequest req = region_request(d, c, d->arena);
    for (int round = 0; round < ROUNDS; round++) {
        for (uint32_t r = first; r < c->n_regions; r++) {
            const IrFn *fn = c->regions[r].fn;
            c->loop_costs[c->bc->at[fn->entry_offset]] = cost_of_loop(
                &req, fn, c->loop_costs);
        }
    }
}

bool
region_has_loop(const IrFn *fn, uint32_t header)
{
    bool found = false;
    for (uint32_t b = 1; b < fn->n_blocks && !found; b++) {
        found = fn->blocks[b].offset == header && fn->blocks[b].n_ins > 0;
    }
    return found;
}

/* Loops without a region of their own that none has: they are to have one.
 * False: there was such a loop. */
static bool
all_shared(Code *c, const Loop *loops, uint32_t n)
{
    const uint32_t first = c->has_entry && !is_entered(c);
    bool all = true;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = (uint32_t)c->bc->at[loops[i].off];
        bool found = !c->shared[at];
        for (uint32_t r = first; r < c->n_regions && !found; r++) {
            found = region_has_loop(c->regions[r].fn, loops[i].off);
        }
        if (!found) {
            c->shared[at] = all = false;
            c->loops[at] = true;
        }
    }
    return all;
}

/* Build the loops that are still to have a region.  False: some do not pay,
 * and are not to have one, or others are; what was built may end where theirs
 * would have begun. */
static bool
try_loops(Driver *d, Code *c, const Loop *loops, uint32_t n)
{
    const uint32_t first = c->n_regions;
    bool all_pay = true;
    for (uint32_t i = 0; i < n; i++) {
        if (c->loops[c->bc->at[loops[i].off]]) {
            build_middle(d, c, REGION_BACK_EDGE, loops[i].off);
        }
    }
    if (d->options->everything) {
        return true;
    }
    note_loop_costs(d, c, first);
    for (uint32_t r = first; r < c->n_regions; r++) {
        uint32_t at = (uint32_t)c->bc->at[c->regions[r].fn->entry_offset];
        if (!cost_pays(&c->loop_costs[at])) {
            c->loops[at] = all_pay = false;
            d->refused[BAIL_UNPAID]++;
        }
    }
    return all_pay && all_shared(c, loops, n);
}

static void
build_loops(Driver *d, Code *c)
{
    Loop *loops = ARENA_NEW_ARRAY(d->arena, Loop, c->bc->n + 1);
    c->loops = ARENA_NEW_ARRAY(d->arena, bool, c->bc->n + 1);
    c->shared = ARENA_NEW_ARRAY(d->arena, bool, c->bc->n + 1);
    c->loop_costs = ARENA_NEW_ARRAY(d->arena, Cost, c->bc->n + 1);
    if (loops == NULL || c->loops == NULL || c->shared == NULL
        || c->loop_costs == NULL) {
        return;
    }
    const uint32_t n = list_loops(d, c, loops);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = (uint32_t)c->bc->at[loops[i].off];
        c->loops[at] = !c->shared[at];
    }
    const Mark mark = mark_regions(c);
    while (!try_loops(d, c, loops, n)) {
        forget_regions(d, c, mark);
    }
}

/* A region that starts where a generator is resumed: for the interpreter, too,
 * if it gains what an event takes, else for C code and native code if these
 * gain. */
static void
build_resumed(Driver *d, Code *c, uint8_t kind, uint32_t off)
{
    const Mark mark = mark_regions(c);
    BuildRequest req = region_request(d, c, d->arena);
    if (!d->options->everything
        && resume_gain_ns(&req, gains_of(c, &req), off) + COST_C_RESUME_NS
               < COST_DRAW_NS) {
        d->refused[BAIL_YIELDS_SOON]++; /* by the bytecode alone */
        return;
    }
    IrFn *fn = build_middle(d, c, kind, off);
    if (fn == NULL || d->options->everything) {
        return;
    }
    Cost *cost = &c->loop_costs[c->bc->at[off]];
    *cost = cost_of_loop(&req, fn, c->loop_costs);
    fn->called_only = !cost_pays(cost);
    if (fn->called_only) { /* the interpreter resumes it as it always does */
        cost->call_ns = COST_C_RESUME_NS;
        cost->entry_ns = COST_DRAW_NS
                         + (kind == REGION_START ? COST_DRAW_START_NS : 0);
    }
    if (!cost_pays(cost)) {
        forget_regions(d, c, mark);
        d->refused[BAIL_UNPAID]++;
    }
}

static void
build_resumes(Driver *d, Code *c)
{
    const BcIns *start = resume_start(c->bc);
    if (start != NULL
        && (d->options->everything || c->profile->entries >= MIN_ENTRIES)) {
        build_resumed(d, c, REGION_START, start->off);
    }
    for (uint32_t i = 0; i < c->bc->n; i++) {
        const BcIns *ins = &c->bc->ins[i];
        if (!resume_is_entry(ins)) {
            continue;
        }
        if (!d->options->everything
            && feedback_count(c->profile, ins->off, PROFILE_COUNT, 0)
                   < MIN_RESUMES) {
            d->refused[BAIL_COLD]++;
            continue;
        }
        build_resumed(d, c, REGION_RESUME, ins->off);
    }
}

/* Functions whose arguments no native entry takes as they come, module-level
 * code: entered by an event, on the frame that the interpreter has made.  Too
 * dear for anything but tests of what the region does then. */
static void
build_start(Driver *d, Code *c)
{
    for (uint32_t i = 0; i < c->bc->n; i++) {
        const BcIns *ins = &c->bc->ins[i];
        if (ins->op == BC_RETURN_GENERATOR) {
            return; /* build_resumes() */
        }
        if (ins->op == BC_RESUME) {
            build_middle(d, c, REGION_START, ins->off);
            return;
        }
    }
}

PyaotStatus
build_regions(Driver *d, Code *c)
{
    uint32_t entries = 2; /* the function, and a generator's start */
    for (uint32_t i = 0; i < c->bc->n; i++) {
        entries += c->bc->ins[i].is_header || resume_is_entry(&c->bc->ins[i]);
    }
    c->regions = ARENA_NEW_ARRAY(d->arena, EmitRegion, entries + 1);
    c->pays = ARENA_NEW_ARRAY(d->arena, int8_t, c->bc->n + 1);
    if (c->regions == NULL || c->pays == NULL) {
        return PYAOT_E_NOMEM;
    }
    if (c->has_entry) {
        IrFn *fn = NULL;
        if (!build_entry(d, c, d->arena, true, &fn)) {
            add_region(d, c, fn);
        }
        else {
            return PYAOT_E_INTERNAL; /* settled, yet changed again */
        }
    }
    else {
        d->refused[c->entry_bail]++;
        if (d->options->everything) {
            build_start(d, c);
        }
    }
    build_loops(d, c);
    build_resumes(d, c);
    return arena_status(d->arena);
}

/* --- entries that do not pay --------------------------------------------- */

static void mark_callees(Driver *d, const Code *c, const IrFn *fn,
                         bool *needed);

static void
mark_entry(Driver *d, uint32_t index, bool *needed)
{
    Code *c = &d->codes[index];
    if (!needed[index] && c->has_entry) {
        needed[index] = true;
        mark_callees(d, c, c->regions[0].fn, needed);
    }
}

/* What a region calls directly; of a class whose __init__ is done in place the
 * loader wants to find that, too. */
static void
mark_callees(Driver *d, const Code *c, const IrFn *fn, bool *needed)
{
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        for (uint32_t i = 0; i < fn->blocks[b].n_ins; i++) {
            const IrIns *ins = &fn->ins[fn->blocks[b].ins[i]];
            if (ins->op == IR_CALL_DIRECT || ins->op == IR_CALL_INIT) {
                mark_entry(d, ir_callee(ins), needed);
            }
            else if (ins->op == IR_OBJECT_NEW) {
                mark_entry(d, c->slots.slots[ir_slot(ins)].callee, needed);
            }
        }
    }
}

static void
drop_entry(Driver *d, Code *c)
{
    c->size -= region_size(c->regions[0].fn);
    c->n_regions--;
    for (uint32_t r = 0; r < c->n_regions; r++) {
        c->regions[r] = (EmitRegion){.fn = c->regions[r + 1].fn,
                                     .region_index = r};
    }
    c->has_entry = false;
    c->entry_bail = BAIL_UNPAID;
    d->refused[BAIL_UNPAID]++;
    d->n_superblocks--;
}

void
drop_unpaid_entries(Driver *d)
{
    bool *needed = ARENA_NEW_ARRAY(d->arena, bool, d->n + 1);
    if (needed == NULL || d->options->everything) {
        return;
    }
    for (uint32_t i = 0; i < d->n; i++) {
        Code *c = &d->codes[i];
        for (uint32_t r = c->has_entry; r < c->n_regions; r++) {
            mark_callees(d, c, c->regions[r].fn, needed);
        }
        if (c->has_entry && cost_pays(&c->cost)) {
            mark_entry(d, i, needed);
        }
    }
    for (uint32_t i = 0; i < d->n; i++) {
        Code *c = &d->codes[i];
        if (c->has_entry && !needed[i]) {
            drop_entry(d, c);
        }
        else if (c->has_entry) {
            c->regions[0].fn->called_only = !cost_pays(&c->cost);
        }
    }
}
