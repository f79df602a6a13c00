/* Which call which how.
 *
 * Whether a function needs a frame, and which of its arguments travel
 * unboxed, depends on its body and on its callees.  The answer is found by
 * iteration from the optimistic end: nothing needs a frame, every number
 * travels unboxed; each round takes back what turned out wrong, until
 * nothing changes.  It ends because facts only ever move one way. */
#include "driver_int.h"

#include <string.h>

#include "local_types.h"
#include "params.h"
#include "pass.h"
#include "resume.h"

#define MAX_ROUNDS 24

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
            FeedbackType t = feedback_type(c->profile, ins->off, PROFILE_TYPE,
                                           0);
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
            case PYAOT_CONST_TRUE:
            case PYAOT_CONST_FALSE:
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
    if (flags
        & (PYAOT_CODE_GENERATOR | PYAOT_CODE_COROUTINE
           | PYAOT_CODE_ASYNC_GENERATOR)) {
        return BAIL_GENERATOR;
    }
    if ((flags & (PYAOT_CODE_VARARGS | PYAOT_CODE_VARKEYWORDS))
        || c->image->kwonly != 0 || !(flags & PYAOT_CODE_OPTIMIZED)
        || !(flags & PYAOT_CODE_NEWLOCALS) || c->image->argcount > MAX_ARGS) {
        return BAIL_SIGNATURE;
    }
    for (uint32_t k = 0; k < c->image->nlocalsplus; k++) {
        if (c->image->localkinds[k] & PYAOT_LOCAL_CELL) {
            return BAIL_CELLS;
        }
    }
    if (choice_is_cold(d, c->profile)) {
        return BAIL_COLD;
    }
    return BAIL_NONE;
}

/* The last variable that the function stores something to whose death could be
 * seen, plus 1; 0: there is none. */
static uint32_t
last_holder(const Driver *d, const Code *c)
{
    uint32_t n = c->image->nlocalsplus;
    bool *as_object;
    const FeedbackType *types = local_types(c->bc, c->profile, d->arena,
                                            &as_object);
    while (
        n > 0 && types != NULL
        && (!bytecode_rebinds(c->bc, n - 1)
            || (types[n - 1].seen && ir_class_is_simple[types[n - 1].cls]))) {
        n--;
    }
    return n;
}

/* Whose is an object argument?  A frame's, as in the interpreter; without one
 * the caller's, unless the function lets go of it by itself, or a variable
 * behind it may hold a part of it, which at the return outlives it then. */
static void
choose_owners(Code *c)
{
    for (uint32_t k = 0; k < c->image->argcount; k++) {
        if (c->sig[k] == 'o' || c->sig[k] == 'O') {
            bool owns = c->framed || k + 1 < c->holders
                        || bytecode_rebinds(c->bc, k);
            c->sig[k] = owns ? 'O' : 'o';
        }
    }
}

void
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
        c->sig[k] = class_letter(
            feedback_type(c->profile, resume, PROFILE_ARG, k));
    }
    c->sig[n] = ':';
    c->sig[n + 1] = result_letter(c);
    c->sig[n + 2] = '\0';
    c->holders = last_holder(d, c);
    choose_owners(c);
}

/* Build the entry of c with what is known now.  True: something changed. */
bool
build_entry(Driver *d, Code *c, Arena *arena, bool final, IrFn **out)
{
    BuildRequest req = region_request(d, c, arena);
    req.entry_kind = REGION_ENTRY;
    req.framed = c->framed;
    req.sig = c->sig;
    BuildResult r = build_region(&req);
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
    if (r.fn != NULL && !region_finish(d, c, r.fn, true, final, &r.bail)) {
        r.fn = NULL;
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
    c->cost = cost_of_entry(&req, r.fn, c->called_by);
    *out = r.fn;
    return false;
}

static void
note_callee(Driver *d, uint32_t i)
{
    Code *c = &d->codes[i];
    d->callees[i] = (CalleeInfo){
        .key = c->image->key,
        .image = c->image,
        .sig = c->has_entry ? c->sig : NULL,
        .framed = c->framed,
        .releases = c->releases,
        .argcount = c->image->argcount,
        .index = i,
        .returned_params = c->returned_params,
        .interpreted_ns = c->cost.interpreted_ns,
        .native_ns = c->cost.native_ns,
        .installed = c->has_entry && cost_pays(&c->cost),
        .start_gain = c->start_gain,
        .resume_gain = c->resume_gain,
        .code = c->bc,
    };
}

/* What bodies of generators gain; it depends on the generators that they
 * resume in turn, about which the second round knows. */
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
        BuildRequest req = region_request(d, c, d->arena);
        ArenaMark mark = arena_mark(d->arena);
        const double *gains = resume_gains(&req);
        int64_t sum = 0, n = 0;
        for (uint32_t i = 0; i < c->bc->n; i++) {
            if (resume_is_entry(&c->bc->ins[i])) {
                sum += resume_gain_ns(&req, gains, c->bc->ins[i].off);
                n++;
            }
        }
        c->start_gain = resume_gain_ns(&req, gains, start->off);
        c->resume_gain = n > 0 ? (int32_t)(sum / n) : 0;
        arena_release(d->arena, mark);
        note_callee(d, k % d->n);
    }
}

/* Iterate to the fixpoint; scratch memory is given back after each round. */
void
settle_call_modes(Driver *d)
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
            if (build_entry(d, c, &scratch, false, &fn)) {
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
