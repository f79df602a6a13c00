/* The pipeline for a whole profile: choose code objects, find out how they
 * may call each other, build, optimise, emit.
 *
 * Whether a function needs a frame, and which of its arguments travel
 * unboxed, depends on its body and on its callees.  The answer is found by
 * iteration from the optimistic end: nothing needs a frame, every number
 * travels unboxed; each round takes back what turned out wrong, until
 * nothing changes.  It ends because facts only ever move one way. */
#include "pyaot_aot.h"

#include <stdio.h>
#include <string.h>

#include "c_emit.h"
#include "cache/code_image.h"
#include "exit_kinds.h"
#include "ir_text.h"
#include "params.h"
#include "pass.h"
#include "resume.h"

/* Executions below which native code does not pay for loading it. */
#define MIN_ENTRIES 100
#define MIN_BACK_EDGES 100
#define MIN_RESUMES 100
/* What an entry without an event costs beside the interpreter's own. */
#define MIN_DRAWN_GAIN_NS 5
/* Of large programs, where all that is hot is more bytecode than this, a code
 * object with less than one in so many of all events stays interpreted: it could
 * not make the program measurably faster.  Here alone estimates decide, which
 * differ between profiles of one program. */
#define MAX_HOT_UNITS 30000
#define MIN_WEIGHT_SHARE 500
#define MAX_ROUNDS 24
#define MAX_ARGS 32

typedef struct {
    const ProfileCode *profile;
    PyaotImage *image;
    BcCode *bc;
    SlotTable slots;
    char sig[MAX_ARGS + 4];
    bool has_entry;         /* still a candidate for a function entry */
    bool framed;
    bool releases;
    uint64_t returned_params; /* these as CalleeInfo */
    int32_t start_gain, resume_gain;
    Bail entry_bail;
    EmitRegion *regions;
    uint32_t n_regions;
    bool is_emitted;
} Code;

typedef struct {
    Arena *arena;
    const AotOptions *options;
    Code *codes;
    uint32_t n;
    CalleeInfo *callees;
    uint32_t refused[BAIL_COUNT];
    uint32_t n_superblocks;
    uint64_t total_weight;
} Driver;

/* Large code needs more executions to repay its compilation and loading:
 * events for each code unit below which it stays interpreted. */
#define MIN_WEIGHT_PER_UNIT 2

/* What was counted one by one decides: that is the same in each profile of a
 * deterministic program. */
static bool
is_light(const ProfileCode *profile, uint32_t n_units)
{
    return profile->exact < MIN_WEIGHT_PER_UNIT * (uint64_t)n_units &&
           profile->most < PROFILE_EXACT_EVENTS;
}

/* IR instructions of one unit, when everything is compiled. */
#define MAX_UNIT_INS 15000

static bool
is_cold(const Driver *d, const ProfileCode *profile)
{
    return !d->options->everything &&
           profile->entries < MIN_ENTRIES && profile->back_edges < MIN_BACK_EDGES &&
           profile->resumes < MIN_RESUMES;
}

/* --- what a function looks like ----------------------------------------------- */

static char
class_letter(FeedbackType t)
{
    switch (t.cls) {
    case IR_CLASS_INT:
        return t.has_big ? 'o' : 'i';
    case IR_CLASS_FLOAT:
        return 'f';
    case IR_CLASS_BOOL:
        return 'b';
    default:
        return 'o';
    }
}

static char
result_letter(const Code *c)
{
    char result = 0;
    for (uint32_t i = 0; i < c->bc->n; i++) {
        const BcIns *ins = &c->bc->ins[i];
        char one = 0;
        if (ins->op == BC_RETURN_VALUE) {
            FeedbackType t = feedback_type(c->profile, ins->off, PROFILE_TYPE, 0);
            if (!t.seen) {
                continue;
            }
            one = class_letter(t);
        }
        else if (ins->op == BC_RETURN_CONST) {
            switch (c->image->consts[ins->a].kind) {
            case PYAOT_CONST_INT:
                one = 'i';
                break;
            case PYAOT_CONST_FLOAT:
                one = 'f';
                break;
            case PYAOT_CONST_TRUE: case PYAOT_CONST_FALSE:
                one = 'b';
                break;
            default:
                continue; /* often the end that is never reached */
            }
        }
        else {
            continue;
        }
        if (result != 0 && result != one) {
            return 'o';
        }
        result = one;
    }
    return result ? result : 'o';
}

static Bail
entry_bail(const Driver *d, const Code *c)
{
    uint32_t flags = c->image->flags;
    if (flags & (PYAOT_CODE_GENERATOR | PYAOT_CODE_COROUTINE
                 | PYAOT_CODE_ASYNC_GENERATOR)) {
        return BAIL_GENERATOR;
    }
    if ((flags & (PYAOT_CODE_VARARGS | PYAOT_CODE_VARKEYWORDS)) ||
        c->image->kwonly != 0 || !(flags & PYAOT_CODE_OPTIMIZED) ||
        !(flags & PYAOT_CODE_NEWLOCALS) ||
        c->image->argcount > MAX_ARGS) {
        return BAIL_SIGNATURE;
    }
    for (uint32_t k = 0; k < c->image->nlocalsplus; k++) {
        if (c->image->localkinds[k] & PYAOT_LOCAL_CELL) {
            return BAIL_CELLS;
        }
    }
    if (is_cold(d, c->profile)) {
        return BAIL_COLD;
    }
    return BAIL_NONE;
}

/* Whose is an object argument?  A frame's, as in the interpreter; without one the
 * caller's, unless the function lets go of it by itself. */
static void
choose_owners(Code *c)
{
    for (uint32_t k = 0; k < c->image->argcount; k++) {
        if (c->sig[k] == 'o' || c->sig[k] == 'O') {
            c->sig[k] = c->framed || bytecode_rebinds(c->bc, k) ? 'O' : 'o';
        }
    }
}

static void
choose_signature(const Driver *d, Code *c)
{
    uint32_t n = c->image->argcount, resume = 0;
    c->entry_bail = entry_bail(d, c);
    c->has_entry = c->entry_bail == BAIL_NONE;
    if (!c->has_entry) {
        return;
    }
    for (uint32_t i = 0; i < c->bc->n; i++) {
        if (c->bc->ins[i].op == BC_RESUME) {
            resume = c->bc->ins[i].off;
            break;
        }
    }
    for (uint32_t k = 0; k < n; k++) {
        c->sig[k] = class_letter(feedback_type(c->profile, resume, PROFILE_ARG, k));
    }
    c->sig[n] = ':';
    c->sig[n + 1] = result_letter(c);
    c->sig[n + 2] = '\0';
    choose_owners(c);
}

/* --- one region ------------------------------------------------------------------ */

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
            if (fn->ins[blk->ins[i]].op == IR_BREAKER &&
                fn->snaps[fn->ins[blk->ins[i]].snap].offset > blk->offset) {
                return true;
            }
        }
        if (op == IR_JUMP && fn->blocks[blk->succ[0].to].offset < blk->offset) {
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
    if (o->dump_passes != NULL && *o->dump_passes != '\0' &&
        (pass == NULL || strchr(o->dump_passes, pass->letter) == NULL)) {
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

static BuildRequest
request_for(Driver *d, Code *c, Arena *arena)
{
    return (BuildRequest){
        .arena = arena, .code = c->bc, .profile = c->profile, .slots = &c->slots,
        .callees = d->callees, .n_callees = d->n, .everything = d->options->everything,
    };
}

static PyaotStatus
optimise(Driver *d, Code *c, IrFn *fn, bool dump, char *err)
{
    DumpTo to = {d, c};
    PassOptions options = {.verify = true};
    if (dump && d->options->dump != NULL) {
        options.dump = dump_pass;
        options.dump_self = &to;
    }
    return pass_run(fn, d->options->passes, &options, err);
}

/* Build the entry of c with what is known now.  True: something changed. */
static bool
try_entry(Driver *d, Code *c, Arena *arena, bool final, IrFn **out)
{
    BuildRequest req = request_for(d, c, arena);
    req.entry_kind = REGION_ENTRY;
    req.framed = c->framed;
    req.sig = c->sig;
    BuildResult r = build_region(&req);
    char err[PYAOT_ERR_MAX] = "";
    if (r.needs_frame && !c->framed) {
        c->framed = true;
        choose_owners(c);
        return true;
    }
    bool changed = false;
    char *result = &c->sig[c->image->argcount + 1];
    if (r.object_result && *result != 'o') {
        *result = 'o';
        changed = true;
    }
    if (changed) {
        return true;
    }
    if (r.fn != NULL && !d->options->everything && !is_useful(r.fn)) {
        r.fn = NULL;
        r.bail = BAIL_USELESS;
    }
    if (r.fn != NULL && optimise(d, c, r.fn, final, err) != PYAOT_OK) {
        if (d->options->dump != NULL) {
            strbuf_printf(d->options->dump, "; %s: %s\n", c->image->qualname, err);
            ir_print(r.fn, d->options->dump);
        }
        r.fn = NULL;
        r.bail = BAIL_INTERNAL;
    }
    if (r.fn == NULL) {
        c->has_entry = false;
        c->entry_bail = r.bail != BAIL_NONE ? r.bail : BAIL_INVALID;
        return true;
    }
    ParamUse use = params_use(r.fn);
    for (uint32_t k = 0; k < c->image->argcount; k++) {
        if (((use.boxed >> k) & 1) && c->sig[k] != 'o' && c->sig[k] != 'O') {
            c->sig[k] = 'o';
            changed = true;
        }
    }
    choose_owners(c);
    if (!c->releases && refcount_releases(r.fn)) {
        c->releases = true;
        changed = true;
    }
    if ((use.returned | c->returned_params) != c->returned_params) {
        c->returned_params |= use.returned;
        changed = true;
    }
    if (changed) {
        return true;
    }
    r.fn->returned_params = c->returned_params;
    *out = r.fn;
    return false;
}

static void
note_callee(Driver *d, uint32_t i)
{
    Code *c = &d->codes[i];
    d->callees[i] = (CalleeInfo){
        .key = c->image->key, .image = c->image, .sig = c->has_entry ? c->sig : NULL,
        .framed = c->framed, .releases = c->releases, .argcount = c->image->argcount, .index = i,
        .returned_params = c->returned_params,
        .start_gain = c->start_gain, .resume_gain = c->resume_gain,
        .code = c->bc,
    };
}

/* What bodies of generators gain; it depends on the generators that they resume
 * in turn, about which the second round knows. */
static void
estimate_gains(Driver *d)
{
    enum { ROUNDS = 2 };
    for (uint32_t k = 0; k < ROUNDS * d->n; k++) {
        Code *c = &d->codes[k % d->n];
        const BcIns *start = resume_start(c->bc);
        if (start == NULL) {
            continue;
        }
        BuildRequest req = request_for(d, c, d->arena);
        int64_t sum = 0, n = 0;
        for (uint32_t i = 0; i < c->bc->n; i++) {
            if (resume_is_entry(&c->bc->ins[i])) {
                sum += resume_gain_ns(&req, c->bc->ins[i].off);
                n++;
            }
        }
        c->start_gain = resume_gain_ns(&req, start->off);
        c->resume_gain = n > 0 ? (int32_t)(sum / n) : 0;
        note_callee(d, k % d->n);
    }
}

/* Iterate to the fixpoint; scratch memory is given back after each round. */
static void
settle(Driver *d)
{
    for (uint32_t i = 0; i < d->n; i++) {
        note_callee(d, i);
    }
    estimate_gains(d);
    bool changed = true;
    for (int round = 0; changed; round++) {
        changed = false;
        for (uint32_t i = 0; i < d->n; i++) {
            Code *c = &d->codes[i];
            if (!c->has_entry) {
                continue;
            }
            Arena scratch;
            SlotTable saved = c->slots;
            IrFn *fn;
            arena_init(&scratch, 0);
            memset(&c->slots, 0, sizeof c->slots);
            if (try_entry(d, c, &scratch, false, &fn)) {
                changed = true;
            }
            c->slots = saved;
            arena_free(&scratch);
            if (round > MAX_ROUNDS && changed) {
                c->has_entry = false;
                c->entry_bail = BAIL_CALLEE_MODE;
            }
            note_callee(d, i);
        }
    }
}

static void
add_region(Driver *d, Code *c, IrFn *fn)
{
    c->regions[c->n_regions] =
        (EmitRegion){.fn = fn, .region_index = c->n_regions};
    c->n_regions++;
    d->n_superblocks++;
}

/* Build and keep a region that is entered on a live frame. */
static void
build_middle(Driver *d, Code *c, uint8_t kind, uint32_t off)
{
    BuildRequest req = request_for(d, c, d->arena);
    req.entry_kind = kind;
    req.entry_offset = off;
    req.framed = true;
    req.sig = "";
    uint32_t slots_before = c->slots.n;
    BuildResult r = build_region(&req);
    char err[PYAOT_ERR_MAX] = "";
    Bail bail = r.bail;
    if (r.fn != NULL && kind == REGION_BACK_EDGE && !d->options->everything &&
        !is_useful(r.fn)) {
        r.fn = NULL;
        bail = BAIL_USELESS;
    }
    if (r.fn != NULL && optimise(d, c, r.fn, true, err) != PYAOT_OK) {
        if (d->options->dump != NULL) {
            strbuf_printf(d->options->dump, "; %s: %s\n", c->image->qualname, err);
            ir_print(r.fn, d->options->dump);
        }
        r.fn = NULL;
        bail = BAIL_INTERNAL;
    }
    if (r.fn == NULL) {
        c->slots.n = slots_before;
        d->refused[bail]++;
        return;
    }
    add_region(d, c, r.fn);
}

/* Does a turn of the loop with this header pass a yield? */
static bool
loop_yields(const Code *c, uint32_t header)
{
    uint32_t first = (uint32_t)c->bc->at[header], last = first;
    for (uint32_t i = first; i < c->bc->n; i++) {
        const BcIns *ins = &c->bc->ins[i];
        if (ins->op == BC_JUMP_BACKWARD && ins->target == header) {
            last = i;
        }
    }
    for (uint32_t i = first; i < last; i++) {
        if (c->bc->ins[i].op == BC_YIELD_VALUE) {
            return true;
        }
    }
    return false;
}

static void
build_loops(Driver *d, Code *c)
{
    for (uint32_t i = 0; i < c->bc->n; i++) {
        const BcIns *header = &c->bc->ins[i];
        if (!header->is_header) {
            continue;
        }
        uint64_t count = 0, jumps = 0;
        for (uint32_t j = i; j < c->bc->n; j++) {
            const BcIns *jump = &c->bc->ins[j];
            if (jump->op == BC_JUMP_BACKWARD && jump->target == header->off) {
                count += feedback_count(c->profile, jump->off, PROFILE_COUNT, 0);
                jumps++;
            }
        }
        if (jumps == 0) {
            continue; /* a delegation: its jump has no event */
        }
        if (!d->options->everything && count < MIN_BACK_EDGES) {
            d->refused[BAIL_COLD] += count > 0;
            continue;
        }
        BuildRequest req = request_for(d, c, d->arena);
        if (!d->options->everything && loop_yields(c, header->off) &&
            resume_gain_ns(&req, header->off) < RESUME_EVENT_NS) {
            d->refused[BAIL_YIELDS_SOON]++;
            continue;
        }
        build_middle(d, c, REGION_BACK_EDGE, header->off);
    }
}

/* A region that starts where a generator is resumed. */
static void
build_resumed(Driver *d, Code *c, uint8_t kind, uint32_t off)
{
    uint32_t before = c->n_regions;
    BuildRequest req = request_for(d, c, d->arena);
    int32_t gain = resume_gain_ns(&req, off);
    if (!d->options->everything && gain < MIN_DRAWN_GAIN_NS) {
        d->refused[BAIL_YIELDS_SOON]++;
        return;
    }
    build_middle(d, c, kind, off);
    if (!d->options->everything && c->n_regions > before && gain < RESUME_EVENT_NS) {
        c->regions[before].fn->called_only = true;
    }
}

static void
build_resumes(Driver *d, Code *c)
{
    const BcIns *start = resume_start(c->bc);
    if (start != NULL && (d->options->everything || c->profile->entries >= MIN_ENTRIES)) {
        build_resumed(d, c, REGION_START, start->off);
    }
    for (uint32_t i = 0; i < c->bc->n; i++) {
        const BcIns *ins = &c->bc->ins[i];
        if (!resume_is_entry(ins)) {
            continue;
        }
        if (!d->options->everything &&
            feedback_count(c->profile, ins->off, PROFILE_COUNT, 0) < MIN_RESUMES) {
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

static PyaotStatus
build_code(Driver *d, uint32_t index)
{
    Code *c = &d->codes[index];
    uint32_t entries = 2; /* the function, and a generator's start */
    for (uint32_t i = 0; i < c->bc->n; i++) {
        entries += c->bc->ins[i].is_header || resume_is_entry(&c->bc->ins[i]);
    }
    c->regions = ARENA_NEW_ARRAY(d->arena, EmitRegion, entries + 1);
    if (c->regions == NULL) {
        return PYAOT_E_NOMEM;
    }
    if (c->has_entry) {
        IrFn *fn = NULL;
        if (!try_entry(d, c, d->arena, true, &fn)) {
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

/* --- explanation -------------------------------------------------------------------- */

static bool
ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

static void
explain_code(const Driver *d, const Code *c)
{
    const AotOptions *o = d->options;
    StrBuf *out = o->explain;
    const PyaotImage *im = c->image;
    if (o->file != NULL && !ends_with(im->filename, o->file)) {
        return;
    }
    bool has_line = o->line == 0;
    for (uint32_t u = 0; u < im->n_units && !has_line; u++) {
        has_line = im->lines[u] == (int32_t)o->line;
    }
    if (!has_line) {
        return;
    }
    strbuf_printf(out, "%s:%u %s: %llu entries, %llu back-edges, %llu resumes\n", im->filename,
                  im->firstlineno, im->qualname,
                  (unsigned long long)c->profile->entries,
                  (unsigned long long)c->profile->back_edges,
                  (unsigned long long)c->profile->resumes);
    if (!c->has_entry) {
        strbuf_printf(out, "  function entry: not compiled: %s\n", bail_text[c->entry_bail]);
    }
    for (uint32_t r = 0; r < c->n_regions; r++) {
        const IrFn *fn = c->regions[r].fn;
        if (fn->entry_kind == REGION_ENTRY) {
            strbuf_printf(out, "  function entry: compiled, signature %s, %s\n", fn->sig,
                          fn->framed ? "with a frame" : "without a frame");
        }
        else {
            strbuf_printf(out, "  %s line %d: compiled%s\n",
                          fn->entry_kind == REGION_START    ? "start at"
                          : fn->entry_kind == REGION_RESUME ? "after the yield at"
                                                            : "loop at",
                          im->lines[fn->entry_offset],
                          fn->called_only ? ", for use by native code" : "");
        }
        for (uint32_t b = 0; b < fn->n_blocks && o->line != 0; b++) {
            for (uint32_t i = 0; i < fn->blocks[b].n_ins; i++) {
                const IrIns *ins = &fn->ins[fn->blocks[b].ins[i]];
                if (im->lines[ins->offset] != (int32_t)o->line) {
                    continue;
                }
                const BcIns *bc = bytecode_at(c->bc, ins->offset);
                strbuf_printf(out, "    @%-5u %-22s %-14s%s%s\n", 2 * ins->offset,
                              bc != NULL ? bc_name(c->bc->list.minor, bc) : "", ir_ops[ins->op].text,
                              ins->snap ? " may leave: " : "",
                              ins->snap ? exit_reason_text[fn->snaps[ins->snap].reason] : "");
            }
        }
    }
}

/* --- output ---------------------------------------------------------------------------- */

static const char *
base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* Large units take the C compiler long, and it works on one at a time. */
static bool
is_full(const Driver *d, uint64_t n_ins)
{
    return d->options->everything && n_ins > MAX_UNIT_INS;
}

static uint64_t
code_size(const Code *c)
{
    uint64_t n_ins = 0;
    for (uint32_t r = 0; r < c->n_regions; r++) {
        n_ins += c->regions[r].fn->n_ins;
    }
    return n_ins;
}

/* Do two sources go into one unit? Each file has its own. Of sources that are
 * no files (doctests, exec) there can be hundreds, of a line each. */
static bool
is_together(const Driver *d, const char *one, const char *other)
{
    return strcmp(one, other) == 0
           || (d->options->everything && one[0] == '<' && other[0] == '<');
}

/* Emit the code objects of the source that are still to do, or as many of them
 * as a unit has room for. */
static PyaotStatus
emit_unit(Driver *d, const char *source, AotUnit *unit)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < d->n; i++) {
        most += !d->codes[i].is_emitted
                && is_together(d, d->codes[i].image->filename, source);
    }
    uint32_t *number = ARENA_NEW_ARRAY(d->arena, uint32_t, d->n + 1);
    EmitCode *codes = ARENA_NEW_ARRAY(d->arena, EmitCode, most + 1);
    unit->codes = ARENA_NEW_ARRAY(d->arena, AotCode, most + 1);
    if (number == NULL || codes == NULL || unit->codes == NULL) {
        return PYAOT_E_NOMEM;
    }
    uint32_t n = 0;
    uint64_t n_ins = 0;
    for (uint32_t i = 0; i < d->n && !is_full(d, n_ins); i++) {
        Code *c = &d->codes[i];
        if (c->n_regions == 0 || c->is_emitted
            || !is_together(d, c->image->filename, source)) {
            continue;
        }
        n_ins += code_size(c);
        c->is_emitted = true;
        /* Numbers of its own: what is hot elsewhere does not change a unit. */
        number[i] = c->has_entry ? n + 1 : 0;
        for (uint32_t r = 0; r < c->n_regions; r++) {
            c->regions[r].code_index = n + 1;
        }
        codes[n] = (EmitCode){.index = n + 1, .image = c->image, .slots = &c->slots,
                              .regions = c->regions, .n_regions = c->n_regions};
        unit->codes[n] = (AotCode){c->image->key, pyaot_image_filter(c->image),
                                   c->image->qualname, c->image->firstlineno,
                                   c->n_regions};
        n++;
    }
    unit->n_codes = n;
    unit->source = source;
    unit->module = base_name(source);
    EmitUnit eu = {.module = unit->module, .codes = codes, .n_codes = n,
                   .callees = d->callees, .number = number, .arena = d->arena};
    StrBuf text;
    strbuf_init(&text, 0);
    c_emit_unit(&eu, &text);
    PyaotStatus status = strbuf_status(&text);
    if (status == PYAOT_OK) {
        unit->c_text = arena_strndup(d->arena, strbuf_text(&text), text.len);
        unit->c_len = text.len;
    }
    strbuf_free(&text);
    return status != PYAOT_OK ? status : arena_status(d->arena);
}

static PyaotStatus
emit_all(Driver *d, AotPlan *plan)
{
    plan->units = ARENA_NEW_ARRAY(d->arena, AotUnit, d->n + 1);
    if (plan->units == NULL) {
        return PYAOT_E_NOMEM;
    }
    for (uint32_t i = 0; i < d->n; i++) {
        const char *source = d->codes[i].image->filename;
        plan->n_codes += d->codes[i].n_regions != 0;
        if (d->codes[i].n_regions != 0 && !d->codes[i].is_emitted) {
            PyaotStatus s = emit_unit(d, source, &plan->units[plan->n_units++]);
            if (s != PYAOT_OK) {
                return s;
            }
        }
    }
    return PYAOT_OK;
}

static PyaotStatus
sum_refusals(Driver *d, AotPlan *plan)
{
    plan->refusals = ARENA_NEW_ARRAY(d->arena, AotRefusal, BAIL_COUNT);
    if (plan->refusals == NULL) {
        return PYAOT_E_NOMEM;
    }
    for (uint32_t k = 1; k < BAIL_COUNT; k++) {
        if (d->refused[k] == 0) {
            continue;
        }
        uint32_t at = plan->n_refusals++;
        for (; at > 0 && plan->refusals[at - 1].count < d->refused[k]; at--) {
            plan->refusals[at] = plan->refusals[at - 1];
        }
        plan->refusals[at] = (AotRefusal){bail_text[k], d->refused[k]};
        plan->n_refused += d->refused[k];
    }
    plan->n_superblocks = d->n_superblocks;
    return PYAOT_OK;
}

/* Too much is hot to compile it all: leave out what matters least. */
static void
drop_small_shares(Driver *d)
{
    uint64_t n_units = 0;
    for (uint32_t i = 0; i < d->n; i++) {
        n_units += d->codes[i].image->n_units;
    }
    if (d->options->everything || n_units <= MAX_HOT_UNITS) {
        return;
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < d->n; i++) {
        if (d->codes[i].profile->weight < d->total_weight / MIN_WEIGHT_SHARE) {
            d->refused[BAIL_COLD]++;
        }
        else {
            d->codes[kept++] = d->codes[i];
        }
    }
    d->n = kept;
}

static PyaotStatus
load_codes(Driver *d, const ProfileCode *codes, uint32_t n, AotPlan *plan, char *err)
{
    d->codes = ARENA_NEW_ARRAY(d->arena, Code, n + 1);
    d->callees = ARENA_NEW_ARRAY(d->arena, CalleeInfo, n + 1);
    if (d->codes == NULL || d->callees == NULL) {
        return PYAOT_E_NOMEM;
    }
    for (uint32_t i = 0; i < n; i++) {
        d->total_weight += codes[i].weight;
    }
    for (uint32_t i = 0; i < n; i++) {
        Code *c = &d->codes[d->n];
        bool everything = d->options->everything;
        if (!everything && (is_cold(d, &codes[i]) ||
                            strncmp(codes[i].filename, "<frozen ", 8) == 0)) {
            d->refused[BAIL_COLD]++;
            continue; /* frozen modules exist before a loader can */
        }
        PyaotStatus s = pyaot_image_parse(codes[i].image, codes[i].image_len, d->arena,
                                          &c->image);
        if (s == PYAOT_E_NOMEM || s == PYAOT_E_LIMIT) {
            return s;
        }
        if (s == PYAOT_OK) {
            c->bc = bytecode_decode(c->image, d->arena);
        }
        if (s != PYAOT_OK || c->bc == NULL) {
            d->refused[BAIL_INVALID]++;
            memset(c, 0, sizeof *c);
            continue;
        }
        if (plan->abi == NULL) {
            plan->abi = c->image->abi;
        }
        else if (strcmp(plan->abi, c->image->abi) != 0) {
            return pyaot_error(err, PYAOT_E_ABI, "the profile mixes %s and %s; "
                               "record one interpreter to a database", plan->abi,
                               c->image->abi);
        }
        if (!everything && is_light(&codes[i], c->image->n_units)) {
            d->refused[BAIL_COLD]++;
            memset(c, 0, sizeof *c);
            continue;
        }
        c->profile = &codes[i];
        choose_signature(d, c);
        d->n++;
    }
    drop_small_shares(d);
    for (uint32_t i = 0; i < n && plan->abi == NULL; i++) {
        PyaotImage *image; /* nothing hot: still say for which interpreter */
        if (pyaot_image_parse(codes[i].image, codes[i].image_len, d->arena, &image) ==
            PYAOT_OK) {
            plan->abi = image->abi;
        }
    }
    return PYAOT_OK;
}

PyaotStatus
pyaot_aot_plan(const ProfileCode *codes, uint32_t n_codes, const AotOptions *options,
               Arena *arena, AotPlan *plan, char err[PYAOT_ERR_MAX])
{
    static const AotOptions defaults;
    Driver d = {.arena = arena, .options = options != NULL ? options : &defaults};
    memset(plan, 0, sizeof *plan);
    PyaotStatus s = load_codes(&d, codes, n_codes, plan, err);
    if (s != PYAOT_OK) {
        return s;
    }
    settle(&d);
    for (uint32_t i = 0; i < d.n && s == PYAOT_OK; i++) {
        s = build_code(&d, i);
    }
    for (uint32_t i = 0; i < d.n && s == PYAOT_OK && d.options->explain != NULL; i++) {
        explain_code(&d, &d.codes[i]);
    }
    if (s == PYAOT_OK) {
        s = emit_all(&d, plan);
    }
    return s == PYAOT_OK ? sum_refusals(&d, plan) : s;
}
