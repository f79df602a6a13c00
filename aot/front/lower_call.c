/* Calls: compiled functions called directly, the rest through the
 * interpreter's call protocol.  (Builtins done natively: lower_builtin.c.) */
#include "lower_call.h"

#include <string.h>

#include "exit_kinds.h"

enum { NO_DEPTH = UINT32_MAX }; /* was not on the stack */

static bool
pop_call(Builder *b, Call *c)
{
    c->n = b->ins->a;
    c->args = ARENA_NEW_ARRAY(b->arena, AbsVal, c->n + 2);
    if (c->args == NULL || b->st.n_stack < c->n + 2) {
        b->failed = true;
        b->bail = BAIL_INVALID;
        return false;
    }
    for (uint32_t i = c->n; i > 0; i--) {
        c->args[i - 1] = pop(b);
    }
    c->self = pop(b);
    c->fn = pop(b);
    return true;
}

uint32_t
call_arg_depth(const Call *c, uint32_t i)
{
    return c->depth != NULL ? c->depth[i] : c->n - 1 - i + (c->names != NULL);
}

/* --- compiled functions -------------------------------------------------- */

bool
direct_args(Builder *b, Call *c, const CalleeInfo *callee, bool has_self,
            IrRef *out)
{
    for (uint32_t i = has_self && c->self.kind == K_NULL; i < callee->argcount;
         i++) {
        AbsVal *v = has_self ? (i == 0 ? &c->self : &c->args[i - 1])
                             : &c->args[i];
        uint32_t depth = has_self && i == 0 ? c->n + (c->names != NULL)
                                            : call_arg_depth(c, i - has_self);
        IrClass cls;
        switch (callee->sig[i]) {
        case 'i':
        case 'f':
        case 'b': {
            IrClass want = callee->sig[i] == 'i'   ? IR_CLASS_INT
                           : callee->sig[i] == 'f' ? IR_CLASS_FLOAT
                                                   : IR_CLASS_BOOL;
            /* a default, of the class it had before */
            if (depth == NO_DEPTH) {
                if ((callee->returned_params >> i) & 1) {
                    return false;
                }
                unbox(b, v, want);
                out[i] = v->b;
                break;
            }
            if (known_class(v) == IR_CLASS_ANY
                && likely_class(b, v, depth) == IR_CLASS_ANY) {
                return false;
            }
            if (likely_class(b, v, depth) != want
                || !want_num(b, v, depth, &cls)) {
                return false;
            }
            if (((v->kind != K_I64 && v->kind != K_F64 && v->kind != K_BOOL)
                 || ir_const_object(ins_of(b, v->b)) != 0)
                && ((callee->returned_params >> i) & 1)) {
                return false; /* it may come back, and is not to be a copy */
            }
            for (uint32_t k = 0; k < i; k++) {
                if (callee->sig[k] == callee->sig[i] && out[k] == v->b
                    && v->kind != K_BOOL) {
                    /* one number: an exit there would make two of it */
                    return false;
                }
            }
            out[i] = v->b;
            break;
        }
        default:
            out[i] = as_object(b, v);
            break;
        }
    }
    return true;
}

bool
place_arguments(Builder *b, Call *c, const CalleeInfo *callee, bool has_self)
{
    const PyaotImage *image = callee->image;
    uint32_t n_names = c->names != NULL ? c->names->n_items : 0;
    uint32_t n_given = c->n - n_names, n_wanted = image->argcount - has_self;
    if (has_self > image->argcount || c->n > n_wanted) {
        return false;
    }
    AbsVal *args = ARENA_NEW_ARRAY(b->arena, AbsVal, n_wanted + 1);
    uint32_t *depth = ARENA_NEW_ARRAY(b->arena, uint32_t, n_wanted + 1);
    bool *placed = ARENA_NEW_ARRAY(b->arena, bool, n_wanted + 1);
    if (args == NULL || depth == NULL || placed == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < c->n; i++) {
        uint32_t at = i;
        if (i >= n_given) {
            const PyaotConst *name = &c->names->items[i - n_given];
            at = UINT32_MAX;
            for (uint32_t p = image->posonly; p < image->argcount; p++) {
                if (name->kind == PYAOT_CONST_STR && p >= has_self
                    && strcmp(image->localnames[p], name->bytes) == 0) {
                    at = p - has_self;
                }
            }
        }
        if (at >= n_wanted || placed[at]) {
            return false;
        }
        placed[at] = true;
        args[at] = c->args[i];
        depth[at] = call_arg_depth(c, i);
    }
    for (uint32_t at = 0; at < n_wanted; at++) {
        if (placed[at]) {
            continue;
        }
        IrRef r = guard1(b, IR_DEFAULT, c->fn.a, EXIT_CALLEE);
        ir_set_param(ins_of(b, r), at + has_self);
        ir_set_n_params(ins_of(b, r), image->argcount);
        args[at] = v_obj(r, IR_CLASS_ANY);
        depth[at] = NO_DEPTH;
    }
    c->args = args;
    c->depth = depth;
    c->n = n_wanted;
    return true;
}

static bool
call_direct(Builder *b, Call *c, const CallInfo *info)
{
    const CalleeInfo *callee = info->callee;
    bool has_self = c->self.kind != K_NULL;
    Call placed = *c;
    b->retry_end = NULL;
    b->pre_snap = 0;
    if (has_self == (info->kind == INFO_METHOD)
        && (c->names != NULL || c->n + has_self < callee->argcount)) {
        if (!place_arguments(b, &placed, callee, has_self)) {
            return false;
        }
        c = &placed;
    }
    if (c->n + has_self != callee->argcount
        || has_self != (info->kind == INFO_METHOD)) {
        return false;
    }
    if (callee->framed) {
        need_frame(b);
        if (b->failed) {
            return true;
        }
    }
    IrRef *args = ARENA_NEW_ARRAY(b->arena, IrRef, callee->argcount + 2);
    if (args == NULL || !direct_args(b, c, callee, has_self, args)) {
        return false;
    }
    if (callee->framed) {
        flush_locals(b);
    }
    IrSnapId snap = snap_pre(b, EXIT_CALLEE);
    IrSnapId after = snap_now(b, b->ins->off, EXIT_KIND_CALL, EXIT_CALLEE);
    b->fn->snaps[after].resume = b->ins->next;
    /* The callable goes along as the first operand: it must still be what the
     * slot holds. */
    IrRef all[80];
    if (callee->argcount + 1 > sizeof all / sizeof *all) {
        return false;
    }
    all[0] = c->fn.a;
    memcpy(all + 1, args, callee->argcount * sizeof *args);
    IrRef r = emit(b, IR_CALL_DIRECT, all, callee->argcount + 1);
    IrIns *ins = ins_of(b, r);
    char ret = callee->sig[callee->argcount + 1];
    ir_set_slot(ins, info->slot);
    ir_set_callee(ins, callee->index);
    ir_set_signature(ins, callee->sig);
    ir_set_mode(ins, callee_kind(callee));
    ins->snap = snap;
    ins->raise = after;
    b->escaped |= callee->framed;
    ins->type = ret == 'i'   ? IR_I64
                : ret == 'f' ? IR_F64
                : ret == 'b' ? IR_BOOL
                             : IR_OBJ;
    push(b, ret == 'i'   ? v_i64(r)
            : ret == 'f' ? v_f64(r)
            : ret == 'b' ? v_bool(r)
                         : v_obj(r, IR_CLASS_ANY));
    return true;
}

/* A call of a function that the program holds in a variable: of the code that
 * was called here when it was profiled. */
static bool
call_variable(Builder *b, Call *c, const char *callee)
{
    if (callee == NULL || strncmp(callee, "py:", 3) != 0
        || c->self.kind != K_NULL || c->fn.kind != K_OBJ) {
        return false;
    }
    /* A method that LOAD_ATTR finds with its self is fetched as one object. */
    FeedbackType self = fb_operand(b, c->n + (c->names != NULL));
    if (self.text == NULL || strcmp(self.text, "null") != 0) {
        return false;
    }
    CallInfo info = {.kind = INFO_PYFN,
                     .callee = build_callee(b->req, callee + 3)};
    if (info.callee == NULL || info.callee->sig == NULL) {
        return false;
    }
    info.slot = slot_add(b, (SlotReq){.kind = SLOT_FUNCTION,
                                      .key = &info.callee->key,
                                      .sig = info.callee->sig,
                                      .callee = info.callee->index});
    return call_direct(b, c, &info);
}

/* --- everything else ----------------------------------------------------- */

static void
call_generic(Builder *b, Call *c)
{
    need_frame(b);
    if (b->failed) {
        return;
    }
    bool has_self = c->self.kind != K_NULL;
    uint32_t n = c->n + 1 + has_self;
    IrRef *args = ARENA_NEW_ARRAY(b->arena, IrRef, n + 1);
    if (args == NULL) {
        b->failed = true;
        return;
    }
    args[0] = as_object(b, &c->fn);
    if (has_self) {
        args[1] = as_object(b, &c->self);
    }
    for (uint32_t i = 0; i < c->n; i++) {
        args[1 + has_self + i] = as_object(b, &c->args[i]);
    }
    if (c->names != NULL) {
        args[n++] = c->names_ref;
    }
    IrRef r = emit_py(b, IR_PY,
                      c->names != NULL ? IR_PYOP_CALL_KW : IR_PYOP_CALL, args,
                      n);
    if (b->block != NO_BLOCK) {
        push(b, v_obj(r, IR_CLASS_ANY));
    }
}

void
lower_call(Builder *b)
{
    Call c = {0};
    if (b->ins->op == BC_CALL_KW) {
        AbsVal names = pop(b);
        c.names_ref = names.a;
        c.names = names.kind == K_OBJ && ins_of(b, names.a)->op == IR_CONST_OBJ
                      ? &b->image->consts[ir_const(ins_of(b, names.a))]
                      : NULL;
        if (c.names == NULL || c.names->kind != PYAOT_CONST_TUPLE
            || c.names->n_items > b->ins->a) {
            leave_pre(b, EXIT_KIND_GUARD, EXIT_UNSUPPORTED);
            return;
        }
    }
    if (!pop_call(b, &c)) {
        return;
    }
    if (c.fn.kind != K_OBJ || c.self.kind == K_MAYBE) {
        leave_pre(b, EXIT_KIND_GUARD, EXIT_UNSUPPORTED);
        return;
    }
    const char *callee = feedback_main(b->req->profile, b->ins->off,
                                       PROFILE_CALLEE, 0);
    if (callee == NULL
        && feedback_count(b->req->profile, b->ins->off, PROFILE_CALLEE, 0)
               == 0) {
        leave_pre(b, EXIT_KIND_GUARD, EXIT_UNSEEN);
        return;
    }
    const CallInfo *info = &b->infos[c.fn.info];
    c.text = info->kind == INFO_SYMBOL ? info->text : NULL;
    if (c.text == NULL && callee != NULL
        && (strncmp(callee, "c:", 2) == 0
            || strncmp(callee, "type:", 5) == 0)) {
        c.text = callee; /* through a local or a module attribute */
    }
    if (c.text != NULL && c.names == NULL && call_builtin(b, &c)) {
        return;
    }
    if ((info->kind == INFO_PYFN || info->kind == INFO_METHOD)
        && call_direct(b, &c, info)) {
        return;
    }
    if (info->kind == INFO_NONE && b->block != NO_BLOCK && !b->failed
        && call_variable(b, &c, callee)) {
        return;
    }
    if (b->block != NO_BLOCK && !b->failed && callee != NULL
        && call_class(b, &c, callee)) {
        return;
    }
    if (b->block == NO_BLOCK || b->failed) {
        return;
    }
    call_generic(b, &c);
}
