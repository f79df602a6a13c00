/* One region: the instructions in turn, and how it is entered. */
#include "build_int.h"

#include <string.h>

#include "exit_kinds.h"
#include "local_signs.h"
#include "local_types.h"
#include "stack_shape.h"

const char *const exit_reason_text[EXIT_REASON_COUNT] = {
#define EXIT_REASON(name, text) [EXIT_##name] = text,
#include "exit.def"
#undef EXIT_REASON
};

const char *const bail_text[BAIL_COUNT] = {
    "",
#define BAIL(name, text) [BAIL_##name] = text,
#include "bail.def"
#undef BAIL
};

/* --- dispatch ------------------------------------------------------------ */

static void
lower_stack_move(Builder *b)
{
    uint32_t n = b->ins->a;
    if (b->ins->op == BC_COPY) {
        AbsVal v = *peek(b, n - 1);
        if (is_iterator_kind(v.kind)) {
            leave_pre(b, EXIT_KIND_GUARD, EXIT_ITER);
            return;
        }
        push(b, v);
        return;
    }
    AbsVal *x = peek(b, 0), *y = peek(b, n - 1);
    AbsVal t = *x;
    *x = *y;
    *y = t;
}

static void
lower_jump_backward(Builder *b)
{
    if (b->req->entry_kind == REGION_BACK_EDGE
        && b->ins->target < b->req->entry_offset
        && !goes_to_region(b, b->ins->target)) {
        /* The next round of an outer loop, which the interpreter begins. */
        leave_pre(b, EXIT_KIND_END, EXIT_RETURN);
        return;
    }
    IrSnapId snap = snap_of(b, &b->pre, b->ins->off, EXIT_KIND_BREAKER,
                            EXIT_BREAKER);
    IrRef r = emit(b, IR_BREAKER, NULL, 0);
    ins_of(b, r)->snap = snap;
    ir_set_turn(ins_of(b, r), 1); /* of a back-edge */
    goto_off(b, b->ins->target);
}

static void
lower_resume(Builder *b)
{
    if (b->osr || b->ins->a != BC_AT_START) {
        return;
    }
    IrSnapId snap = snap_of(b, &b->pre, b->ins->off, EXIT_KIND_BREAKER,
                            EXIT_BREAKER);
    IrRef r = emit(b, IR_BREAKER, NULL, 0);
    ins_of(b, r)->snap = snap;
    for (uint32_t k = 0; k < b->image->argcount; k++) {
        AbsVal v = b->st.v[k];
        settle_class(b, &v,
                     feedback_type(b->req->profile, b->ins->off, PROFILE_ARG,
                                   k));
        b->st.v[k] = v;
    }
}

static void
lower(Builder *b)
{
    uint32_t x = b->ins->a, y = b->ins->b;
    switch (b->ins->op) {
    case BC_NOP:
        return;
    case BC_RESUME:
        lower_resume(b);
        return;
    case BC_COPY_FREE_VARS:
        need_frame(b); /* pushing the frame copied them */
        return;
    case BC_LOAD_LOCAL:
    case BC_LOAD_LOCAL_CHECK:
        load_local(b, x);
        return;
    case BC_LOAD_LOCAL_LOAD_LOCAL:
        load_local(b, x);
        if (b->block != NO_BLOCK) {
            load_local(b, y);
        }
        return;
    case BC_LOAD_LOCAL_AND_CLEAR:
        put_local_away(b, x);
        return;
    case BC_STORE_LOCAL:
        store_local(b, x, pop(b), 0);
        return;
    case BC_STORE_LOCAL_LOAD_LOCAL:
        store_local(b, x, pop(b), 0);
        if (b->block != NO_BLOCK) {
            load_local(b, y);
        }
        return;
    case BC_STORE_LOCAL_STORE_LOCAL:
        store_local(b, x, pop(b), 0);
        if (b->block != NO_BLOCK) {
            store_local(b, y, pop(b), 1);
        }
        return;
    case BC_DELETE_LOCAL:
        delete_local(b, x);
        return;
    case BC_LOAD_CONST:
        load_const(b, x);
        return;
    case BC_POP_TOP:
    case BC_END_FOR:
        pop(b);
        return;
    case BC_PUSH_NULL:
        push(b, (AbsVal){.kind = K_NULL});
        return;
    case BC_COPY:
    case BC_SWAP:
        lower_stack_move(b);
        return;
    case BC_JUMP_FORWARD:
    case BC_JUMP_BACKWARD_NO_INTERRUPT:
        goto_off(b, b->ins->target);
        return;
    case BC_JUMP_BACKWARD:
        lower_jump_backward(b);
        return;
    case BC_POP_JUMP_IF_FALSE:
    case BC_POP_JUMP_IF_TRUE:
    case BC_POP_JUMP_IF_NONE:
    case BC_POP_JUMP_IF_NOT_NONE:
        lower_cond_jump(b);
        return;
    case BC_GET_ITER:
        lower_get_iter(b);
        return;
    case BC_FOR_ITER:
        lower_for_iter(b);
        return;
    case BC_RETURN_VALUE:
        lower_return(b, pop(b));
        return;
    case BC_RETURN_CONST:
        load_const(b, x);
        if (!b->failed) {
            lower_return(b, pop(b));
        }
        return;
    case BC_BINARY_OP:
        lower_binary_op(b);
        return;
    case BC_COMPARE_OP:
    case BC_IS_OP:
        lower_compare(b);
        return;
    case BC_CONTAINS_OP:
        lower_contains(b);
        return;
    case BC_TO_BOOL:
        lower_to_bool(b);
        return;
    case BC_UNARY_NEGATIVE:
    case BC_UNARY_INVERT:
    case BC_UNARY_NOT:
        lower_unary(b);
        return;
    case BC_BINARY_SUBSCR:
    case BC_BINARY_SLICE:
    case BC_GET_LEN:
        lower_subscr(b);
        return;
    case BC_STORE_SUBSCR:
    case BC_STORE_SLICE:
    case BC_DELETE_SUBSCR:
        lower_store_subscr(b);
        return;
    case BC_BUILD_LIST:
    case BC_BUILD_TUPLE:
    case BC_BUILD_MAP:
    case BC_BUILD_SET:
    case BC_BUILD_STRING:
    case BC_BUILD_SLICE:
    case BC_LIST_APPEND:
    case BC_SET_ADD:
    case BC_MAP_ADD:
    case BC_LIST_EXTEND:
    case BC_FORMAT_SIMPLE:
    case BC_CONVERT_VALUE:
    case BC_FORMAT_WITH_SPEC:
        lower_build(b);
        return;
    case BC_UNPACK_SEQUENCE:
        lower_unpack(b);
        return;
    case BC_LOAD_ATTR:
        lower_load_attr(b);
        return;
    case BC_STORE_ATTR:
        lower_store_attr(b);
        return;
    case BC_LOAD_GLOBAL:
    case BC_LOAD_NAME:
        lower_load_global(b);
        return;
    case BC_STORE_GLOBAL:
    case BC_STORE_NAME:
        lower_store_global(b);
        return;
    case BC_LOAD_DEREF:
    case BC_STORE_DEREF:
        lower_deref(b);
        return;
    case BC_CALL:
    case BC_CALL_KW:
        lower_call(b);
        return;
    case BC_CALL_INTRINSIC_1:
        if (x != BC_ASYNC_GEN_WRAP) {
            leave_pre(b, EXIT_KIND_GUARD, EXIT_UNSUPPORTED);
            return;
        }
        leave_pre(b, EXIT_KIND_END, EXIT_YIELD); /* the next one yields */
        return;
    case BC_GET_AWAITABLE:
    case BC_GET_YIELD_FROM_ITER:
        lower_delegate(b);
        return;
    case BC_GET_ANEXT:
        lower_anext(b);
        return;
    case BC_SEND:
        lower_send(b);
        return;
    case BC_END_SEND:
        lower_end_send(b);
        return;
    case BC_YIELD_VALUE:
    case BC_RETURN_GENERATOR:
        leave_pre(b, EXIT_KIND_END, EXIT_YIELD);
        return;
    default:
        leave_pre(b, EXIT_KIND_GUARD, EXIT_UNSUPPORTED);
        return;
    }
}

/* The state is the one in front of b->ins. */
static void
begin_instruction(Builder *b)
{
    state_copy(b, &b->pre, &b->st);
    b->pre_snap = 0;
    b->go_on = NULL;
    drops_begin(b);
}

static void build_on(Builder *b, const BcIns *ins, const BcIns *stop);

/* Where the paths of the owner's classes come together: behind the attribute,
 * or behind the call of the method that it is, if its arguments are made
 * without branches.  NULL: they are not. */
static const BcIns *
classes_join(const Builder *b)
{
    enum { MOST_INS = 16 };
    const BcIns *ins = b->ins, *end = b->code->ins + b->code->n;
    if (ins->op != BC_LOAD_ATTR || ins->b == 0) {
        return ins + 1 < end ? ins + 1 : NULL;
    }
    int depth = 2; /* entries from the method on */
    for (const BcIns *i = ins + 1; i + 1 < end && i <= ins + MOST_INS; i++) {
        if (i->is_leader || bc_jumps(i) || bc_ends(i)) {
            return NULL;
        }
        if ((int)i->pops > depth - 2) {
            return i->op == BC_CALL || i->op == BC_CALL_KW ? i + 1 : NULL;
        }
        depth += (int)i->pushes - (int)i->pops;
    }
    return NULL;
}

/* Build the instruction, and what follows up to where they join, for each
 * class that the owner may be of; the last one is guarded. */
static void
build_for_classes(Builder *b, const ClassSeen *seen, uint32_t n,
                  const BcIns *join)
{
    const BcIns *ins = b->ins;
    State state = state_new(b);
    state_copy(b, &state, &b->st);
    for (uint32_t i = 0; i < n && !b->failed; i++) {
        uint32_t same = 0, other = 0;
        if (i + 1 < n) {
            IrRef test = emit1(b, IR_IS_TYPE, peek(b, 0)->a);
            ir_set_slot(ins_of(b, test),
                        slot_add(b, (SlotReq){.kind = SLOT_TYPE,
                                              .text = seen[i].type}));
            branch(b, test, &same, &other);
            switch_to(b, same);
        }
        b->owner = seen[i];
        build_on(b, ins, join);
        if (i + 1 < n) {
            b->ins = ins;
            state_copy(b, &b->st, &state);
            begin_instruction(b);
            switch_to(b, other);
        }
    }
}

/* Build the instruction, and what follows for each kind of number that an
 * operand may be; for the last of them the block goes on. */
static void
build_instruction(Builder *b)
{
    ClassSeen seen[UNION_MAX_CLASSES] = {{0}};
    uint32_t depth, is_float, is_int;
    const BcIns *ins = b->ins;
    begin_instruction(b);
    while (union_operand(b, &depth)) {
        IrRef test = emit1(b, IR_IS_CLASS, peek(b, depth)->a);
        ir_set_class(ins_of(b, test), IR_CLASS_FLOAT);
        branch(b, test, &is_float, &is_int);
        State state = state_new(b);
        state_copy(b, &state, &b->st);
        switch_to(b, is_float);
        unbox(b, peek(b, depth), IR_CLASS_FLOAT);
        build_instruction(b);
        if (b->failed) {
            return;
        }
        if (b->block != NO_BLOCK) {
            goto_off(b, (b->go_on != NULL ? b->go_on : ins + 1)->off);
        }
        b->ins = ins;
        state_copy(b, &b->st, &state);
        begin_instruction(b);
        switch_to(b, is_int);
        unbox(b, peek(b, depth), IR_CLASS_INT);
    }
    uint32_t n = b->owner.type == NULL ? union_classes(b, seen) : 0;
    const BcIns *join = n > 0 ? classes_join(b) : NULL;
    if (join != NULL) {
        build_for_classes(b, seen, n, join);
        return;
    }
    lower(b);
    b->owner = (ClassSeen){0};
}

/* From ins to the end of the block, or to stop. */
static void
build_on(Builder *b, const BcIns *ins, const BcIns *stop)
{
    const BcIns *end = b->code->ins + b->code->n;
    for (;;) {
        b->ins = ins;
        build_instruction(b);
        if (b->block == NO_BLOCK || b->failed) {
            return;
        }
        ins = b->go_on != NULL ? b->go_on : ins + 1;
        if (b->retry_end != NULL && ins > b->retry_end) {
            b->retry_end = NULL;
        }
        if (ins == end) {
            b->failed = true;
            b->bail = BAIL_INVALID;
            return;
        }
        drops_end(b, ins->off);
        drops_begin(b);
        state_copy(b, &b->pre, &b->st);
        if (ins->is_leader || (stop != NULL && ins >= stop)) {
            b->ins = ins;
            goto_off(b, ins->off);
            return;
        }
        check_frame(b, ins->off);
        if (b->fn->n_ins > MAX_REGION_INS) {
            b->failed = true;
            b->bail = BAIL_TOO_LARGE;
            return;
        }
    }
}

static void
build_version(Builder *b, Version *v)
{
    state_copy(b, &b->st, &v->entry);
    b->block = v->block;
    b->escaped = false;
    b->retry_end = NULL;
    b->n_owed = 0;
    const BcIns *ins = bytecode_at(b->code, v->off);
    uint32_t index = (uint32_t)(ins - b->code->ins);
    b->loop = b->inner_loop[index];
    b->turn = b->loop == index + 1 ? v->block : v->turn;
    build_on(b, ins, NULL);
}

/* --- entries ------------------------------------------------------------- */

static void
enter_function(Builder *b)
{
    for (uint32_t k = 0; k < b->nl; k++) {
        b->st.v[k] = (AbsVal){.kind = K_NULL};
        if (b->image->localkinds[k] & PYAOT_LOCAL_FREE) {
            b->st.v[k].kind = K_MEM;
        }
    }
    for (uint32_t k = 0; k < b->image->argcount; k++) {
        switch (b->req->sig[k]) {
        case 'i':
            b->st.v[k] = v_i64(emit0(b, IR_PARAM_I, k));
            break;
        case 'f':
            b->st.v[k] = v_f64(emit0(b, IR_PARAM_F, k));
            break;
        case 'b':
            b->st.v[k] = v_bool(emit0(b, IR_PARAM_B, k));
            break;
        default: {
            IrRef p = emit0(b,
                            b->req->sig[k] == 'O' ? IR_PARAM_OWN : IR_PARAM_O,
                            k);
            b->st.v[k] = v_obj(p, IR_CLASS_ANY);
            if (b->framed) {
                IrRef set = emit1(b, IR_LOCAL_SET, p);
                ir_set_local(ins_of(b, set), k);
            }
            break;
        }
        }
    }
}

static bool
compares_identity(const BcCode *code)
{
    for (uint32_t i = 1; i < code->n; i++) {
        const BcIns *before = &code->ins[i - 1];
        if (code->ins[i].op == BC_IS_OP
            && !(before->op == BC_LOAD_CONST
                 && code->image->consts[before->a].kind == PYAOT_CONST_NONE)) {
            return true;
        }
    }
    return false;
}

/* A loop or a generator entered in the middle: the frame holds everything.
 * What the region will read is loaded, and unboxed where the profile knows its
 * class, before the first turn, so that the turns need no versions for it. */
static void
enter_middle(Builder *b, const StackShape *entry)
{
    uint32_t depth = (uint32_t)entry->depth;
    for (uint32_t k = 0; k < b->nl; k++) {
        b->st.v[k] = (AbsVal){.kind = K_MEM};
    }
    for (uint32_t k = 0; k < depth; k++) {
        AbsVal v = v_obj(emit0(b, IR_STACK_IN, k), IR_CLASS_ANY);
        v.kind = entry->may_be_null[k] ? K_MAYBE : K_OBJ;
        push(b, v);
    }
    state_copy(b, &b->pre, &b->st);
    b->pre_snap = 0;
    const bool *signs = local_signs(b->code, b->req->profile, b->arena);
    for (uint32_t k = 0; k < b->nl && signs != NULL; k++) {
        FeedbackType t = b->local_types[k];
        if (!t.seen || t.cls == IR_CLASS_ANY
            || !bytecode_is_bound(b->code, b->req->entry_offset, k)
            || (b->image->localkinds[k]
                & (PYAOT_LOCAL_CELL | PYAOT_LOCAL_FREE))) {
            continue;
        }
        IrSnapId snap = snap_pre(b, EXIT_UNBOUND);
        IrRef r = emit0(b, IR_LOCAL_GET, k);
        ins_of(b, r)->snap = snap;
        AbsVal v = v_obj(r, IR_CLASS_ANY);
        b->st.v[k] = b->pre.v[k] = v;
        settle_class(b, &v, t);
        b->st.v[k] = v;
        if (signs[k] && (v.kind == K_OBJ_I64 || v.kind == K_I64)) {
            IrRef positive = emit2(b, IR_ICMP, v.b, const_i64(b, 0));
            ir_set_cond(ins_of(b, positive), IR_GE);
            guard1(b, IR_GUARD, positive, EXIT_ARITH);
        }
        if (b->req->entry_kind == REGION_BACK_EDGE) {
            forget_object(b, k, &b->st.v[k]);
        } /* else: what does not change until the yield stays in the frame */
    }
}

BuildResult
build_region(const BuildRequest *req)
{
    Builder b = {.req = req,
                 .arena = req->arena,
                 .code = req->code,
                 .image = req->code->image,
                 .framed = req->framed,
                 .osr = req->entry_kind != REGION_ENTRY};
    BuildResult result = {0};
    b.nl = b.image->nlocalsplus;
    b.ns = b.image->stacksize + 1;
    if (b.image->n_units > MAX_CODE_UNITS || b.nl + b.ns > MAX_STATE_SLOTS) {
        result.bail = BAIL_TOO_LARGE;
        return result;
    }
    b.fn = ir_fn_new(b.arena, b.image->qualname, b.nl);
    b.versions = ARENA_NEW_ARRAY(b.arena, Version *, b.code->n);
    b.inner_loop = innermost_loops(b.code, b.arena);
    b.compares_identity = compares_identity(b.code);
    b.in_cell = names_in_cells(b.code, b.arena);
    b.cap_queue = b.code->n * 2 * MAX_VERSIONS_PER_BLOCK + 1;
    b.queue = ARENA_NEW_ARRAY(b.arena, Version *, b.cap_queue);
    b.infos = ARENA_NEW_ARRAY(b.arena, CallInfo, MAX_INFOS + 1);
    b.n_infos = 1;
    b.st = state_new(&b);
    b.pre = state_new(&b);
    b.local_types = local_types(b.code, req->profile, b.arena, &b.as_object);
    if (b.local_types == NULL || b.fn == NULL || b.versions == NULL
        || b.inner_loop == NULL || b.in_cell == NULL || b.queue == NULL
        || b.infos == NULL || b.st.v == NULL || b.pre.v == NULL) {
        result.bail = BAIL_TOO_LARGE;
        return result;
    }
    b.fn->framed = b.framed;
    b.fn->entry_kind = req->entry_kind;
    b.fn->entry_offset = req->entry_offset;
    b.last = loop_end(b.code, (uint32_t)b.code->at[req->entry_offset]);
    b.block = ir_block_new(b.fn, req->entry_offset);
    b.ins = bytecode_at(b.code, req->entry_offset);
    if (b.osr) {
        StackShape entry;
        if (!stack_shape_at(b.code, req->entry_offset, b.arena, &entry)) {
            result.bail = BAIL_INVALID;
            return result;
        }
        b.fn->entry_depth = (uint32_t)entry.depth;
        enter_middle(&b, &entry);
    }
    else {
        strncpy(b.fn->sig, req->sig, sizeof b.fn->sig - 1);
        enter_function(&b);
    }
    state_copy(&b, &b.pre, &b.st);
    goto_off(&b, req->entry_offset);
    while (b.head < b.n_queue && !b.failed) {
        build_version(&b, b.queue[b.head++]);
    }
    result.needs_frame = b.needs_frame;
    result.object_result = b.object_result;
    if (b.failed) {
        result.bail = b.bail;
        return result;
    }
    if (arena_status(b.arena) != PYAOT_OK) {
        result.bail = BAIL_TOO_LARGE;
        return result;
    }
    result.fn = b.fn;
    return result;
}
