/* Versions of blocks (basic block versioning): a block of the bytecode is
 * built once for each combination of what its slots hold. */
#include "build_int.h"

#include <string.h>

#include "exit_kinds.h"

/* The IR types a slot of this kind passes along an edge. */
static uint32_t
kind_parts(uint8_t kind, IrType types[3])
{
    switch ((AbsKind)kind) {
    case K_NULL:
    case K_MEM:
        return 0;
    case K_OBJ:
    case K_MAYBE:
        types[0] = IR_OBJ;
        return 1;
    case K_OBJ_I64:
    case K_LISTIT:
    case K_TUPIT:
    case K_STRIT:
        types[0] = IR_OBJ;
        types[1] = IR_I64;
        return 2;
    case K_OBJ_F64:
        types[0] = IR_OBJ;
        types[1] = IR_F64;
        return 2;
    case K_I64:
        types[0] = IR_I64;
        return 1;
    case K_F64:
        types[0] = IR_F64;
        return 1;
    case K_BOOL:
        types[0] = IR_BOOL;
        return 1;
    case K_COMPLEX:
        types[0] = types[1] = IR_F64;
        return 2;
    case K_DYN:
        types[0] = types[1] = IR_I64;
        return 2;
    case K_RANGE:
        types[0] = types[1] = types[2] = IR_I64;
        return 3;
    case K_ENUM:
        types[0] = IR_OBJ;
        types[1] = types[2] = IR_I64;
        return 3;
    case K_ZIP:
        types[0] = types[2] = IR_OBJ;
        types[1] = IR_I64;
        return 3;
    }
    return 0;
}

static void
val_parts(const AbsVal *v, IrRef out[3])
{
    if (v->kind == K_I64 || v->kind == K_F64 || v->kind == K_BOOL) {
        out[0] = v->b;
        return;
    }
    out[0] = v->a;
    out[1] = v->b;
    out[2] = v->c;
}

static void
val_from_parts(AbsVal *v, const IrRef in[3])
{
    if (v->kind == K_I64 || v->kind == K_F64 || v->kind == K_BOOL) {
        v->b = in[0];
        return;
    }
    v->a = in[0];
    v->b = in[1];
    v->c = in[2];
}

/* A local nobody reads again may have any kind: what it holds matters only
 * to somebody who looks at the frame. */
static void
forget_dead(Builder *b, uint32_t off)
{
    for (uint32_t k = 0; k < b->nl; k++) {
        AbsVal *v = &b->st.v[k];
        if (bytecode_is_live(b->code, off, k)
            || (b->image->localkinds[k]
                & (PYAOT_LOCAL_CELL | PYAOT_LOCAL_FREE))) {
            continue;
        }
        IrRef tag, bits;
        switch ((AbsKind)v->kind) {
        case K_OBJ:
        case K_OBJ_I64:
        case K_OBJ_F64:
            if (b->framed) {
                *v = (AbsVal){.kind = K_MEM};
            }
            continue;
        case K_MEM:
            continue;
        case K_NULL:
            if (b->framed) {
                *v = (AbsVal){.kind = K_MEM};
                continue;
            }
            tag = bits = const_i64(b, 0);
            break;
        case K_I64:
            tag = const_i64(b, 1);
            bits = v->b;
            break;
        case K_F64:
            tag = const_i64(b, 2);
            bits = emit1(b, IR_BITS_F64, v->b);
            break;
        case K_BOOL:
            tag = const_i64(b, 3);
            bits = emit1(b, IR_B2I, v->b);
            break;
        default:
            continue;
        }
        *v = (AbsVal){.kind = K_DYN, .a = tag, .b = bits};
    }
}

static bool
same_value_signature(const AbsVal *p, const AbsVal *q)
{
    return p->kind == q->kind && p->cls == q->cls && p->info == q->info;
}

static bool
same_signature(const Builder *b, const State *x, const State *y)
{
    if (x->n_stack != y->n_stack) {
        return false;
    }
    for (uint32_t i = 0; i < b->nl + x->n_stack; i++) {
        if (!same_value_signature(&x->v[i], &y->v[i])) {
            return false;
        }
    }
    return true;
}

/* Box what can be boxed: the version that takes anything. */
static void
generalise(Builder *b)
{
    for (uint32_t i = 0; i < b->nl + b->st.n_stack; i++) {
        AbsVal *v = &b->st.v[i];
        switch ((AbsKind)v->kind) {
        case K_I64:
        case K_F64:
        case K_BOOL:
        case K_COMPLEX: {
            AbsVal number = *v; /* boxing changes the slot */
            IrRef obj = as_object(b, &number);
            if (b->framed && i < b->nl) {
                IrRef set = emit1(b, IR_LOCAL_SET, obj);
                ir_set_local(ins_of(b, set), i);
            }
            *v = v_obj(obj, IR_CLASS_ANY);
            break;
        }
        case K_OBJ:
        case K_OBJ_I64:
        case K_OBJ_F64:
            *v = v_obj(v->a, IR_CLASS_ANY);
            break;
        default:
            break;
        }
    }
}

uint32_t
loop_end(const BcCode *code, uint32_t header)
{
    uint32_t last = header;
    for (uint32_t i = header; i < code->n; i++) {
        if (code->ins[i].op == BC_JUMP_BACKWARD
            && code->ins[i].target == code->ins[header].off) {
            last = i;
        }
    }
    return last;
}

/* For each instruction in a loop without inner loops: the index of the
 * header, plus 1; 0 for all others. */
uint32_t *
innermost_loops(const BcCode *code, Arena *arena)
{
    uint32_t *loop = ARENA_NEW_ARRAY(arena, uint32_t, code->n + 1);
    for (uint32_t i = 0; i < code->n && loop != NULL; i++) {
        const BcIns *ins = &code->ins[i];
        if (ins->op != BC_JUMP_BACKWARD) {
            continue;
        }
        uint32_t first = (uint32_t)code->at[ins->target];
        bool is_innermost = true;
        for (uint32_t k = first + 1; k <= i; k++) {
            is_innermost &= !code->ins[k].is_header;
        }
        for (uint32_t k = first; k <= i && is_innermost; k++) {
            loop[k] = first + 1;
        }
    }
    return loop;
}

/* The turn that the instruction belongs to when it is reached from here.
 *
 * The peeled first turn of an inner loop and the later ones share no blocks,
 * even where their states agree: a loop that is entered in its middle has no
 * place in front of it to which anything could move. */
static uint32_t
turn_of(const Builder *b, uint32_t index)
{
    uint32_t loop = b->inner_loop[index];
    return loop == 0 || loop == index + 1 || loop != b->loop ? 0 : b->turn;
}

enum { ANY_TURN = UINT32_MAX };

/* Numbers without an object that are the same one stay so over an edge: they
 * share a parameter.  By slot, the first slot that holds the same number;
 * itself if there is none, or nobody could tell. */
static uint16_t *
same_numbers(const Builder *b, uint32_t off)
{
    uint32_t n = b->nl + b->st.n_stack;
    uint16_t *same = ARENA_NEW_ARRAY(b->arena, uint16_t, n + 1);
    for (uint32_t i = 0; i < n && same != NULL; i++) {
        const AbsVal *v = &b->st.v[i];
        same[i] = (uint16_t)i;
        if ((v->kind != K_I64 && v->kind != K_F64)
            || !shows_identity(b, i, off)) {
            continue;
        }
        for (uint32_t k = 0; k < i; k++) {
            if (is_same_number(&b->st.v[k], v) && shows_identity(b, k, off)) {
                same[i] = (uint16_t)k;
                break;
            }
        }
    }
    return same;
}

static Version *
version_find(Builder *b, uint32_t index, uint32_t turn, const uint16_t *same,
             uint32_t *count)
{
    *count = 0;
    for (Version *v = b->versions[index]; v != NULL; v = v->next) {
        if ((turn == ANY_TURN || v->turn == turn)
            && same_signature(b, &v->entry, &b->st)
            && memcmp(v->same, same, (b->nl + b->st.n_stack) * sizeof *same)
                   == 0) {
            return v;
        }
        ++*count;
    }
    return NULL;
}

/* May the slot's number go without its object from off on, as nobody can tell?
 */
static bool
may_forget_object(const Builder *b, uint32_t slot, uint32_t off)
{
    uint8_t kind = b->st.v[slot].kind;
    return (kind == K_OBJ_I64 || kind == K_OBJ_F64)
           && !shows_identity(b, slot, off);
}

static void
drop_object(AbsVal *v)
{
    *v = v->kind == K_OBJ_I64 ? v_i64(v->b) : v_f64(v->b);
}

static bool
fits(const Builder *b, const Version *v, uint32_t off)
{
    for (uint32_t i = 0; i < b->nl + b->st.n_stack; i++) {
        const AbsVal *have = &b->st.v[i], *want = &v->entry.v[i];
        bool same = same_value_signature(have, want);
        if (!same
            && !(may_forget_object(b, i, off)
                 && want->kind == (have->kind == K_OBJ_I64 ? K_I64 : K_F64))) {
            return false;
        }
    }
    return true;
}

/* A version that the state fits into when numbers forget their objects, which
 * they then have: else each set of those that were boxed on the way here had
 * its own. */
static Version *
version_find_forgetting(Builder *b, uint32_t off, uint32_t index,
                        uint32_t turn, const uint16_t *same)
{
    uint32_t n = b->nl + b->st.n_stack;
    for (Version *v = b->versions[index]; v != NULL; v = v->next) {
        if (v->turn != turn || v->entry.n_stack != b->st.n_stack
            || memcmp(v->same, same, n * sizeof *same) != 0
            || !fits(b, v, off)) {
            continue;
        }
        for (uint32_t i = 0; i < n; i++) {
            if (b->st.v[i].kind != v->entry.v[i].kind) {
                drop_object(&b->st.v[i]);
            }
        }
        return v;
    }
    return NULL;
}

static Version *
version_new(Builder *b, uint32_t off, uint32_t index, uint32_t turn,
            uint16_t *same)
{
    Version *v = ARENA_NEW(b->arena, Version);
    if (v == NULL || b->n_queue >= b->cap_queue) {
        b->failed = true;
        b->bail = BAIL_TOO_LARGE;
        return NULL;
    }
    v->off = off;
    v->turn = turn;
    v->same = same;
    v->block = ir_block_new(b->fn, off);
    v->entry = state_new(b);
    state_copy(b, &v->entry, &b->st);
    for (uint32_t i = 0; i < b->nl + b->st.n_stack; i++) {
        AbsVal *s = &v->entry.v[i];
        IrType types[3];
        IrRef parts[3] = {0, 0, 0};
        uint32_t n = kind_parts(s->kind, types);
        if (same[i] != i) {
            IR_ASSERT(same[i] < i && same[same[i]] == same[i]);
            IR_ASSERT(v->entry.v[same[i]].kind == s->kind);
            s->b = v->entry.v[same[i]].b;
            continue;
        }
        for (uint32_t k = 0; k < n; k++) {
            parts[k] = ir_param_add(b->fn, v->block, types[k]);
            if (types[k] == IR_OBJ) {
                ins_of(b, parts[k])->cls = s->kind == K_LISTIT ? IR_CLASS_LIST
                                           : s->kind == K_TUPIT
                                               ? IR_CLASS_TUPLE
                                           : s->kind == K_STRIT ? IR_CLASS_STR
                                                                : s->cls;
            }
        }
        val_from_parts(s, parts);
    }
    if (bytecode_at(b->code, off)->is_header) {
        /* For guards that move in front of the loop. */
        IrSnapId entry = snap_of(b, &v->entry, off, EXIT_KIND_GUARD,
                                 EXIT_TYPE);
        b->fn->blocks[v->block].entry = entry;
        b->fn->blocks[v->block].is_header = true;
    }
    v->next = b->versions[index];
    b->versions[index] = v;
    b->queue[b->n_queue++] = v;
    return v;
}

/* Is the local stored by instruction i, with the result of an operator? */
static bool
accumulates(const BcCode *code, uint32_t i, uint32_t local)
{
    const BcIns *ins = &code->ins[i];
    if (i == 0 || code->ins[i - 1].op != BC_BINARY_OP) {
        return false;
    }
    switch (ins->op) {
    case BC_STORE_LOCAL:
    case BC_STORE_LOCAL_LOAD_LOCAL:
    case BC_STORE_LOCAL_STORE_LOCAL:
        return ins->a == local;
    default:
        return false;
    }
}

/* A variable that a loop counts or sums up in has no object of its own from
 * the second turn on; it need not bring one along into the first, which would
 * make versions of the loop for each set of such variables, unless the object
 * that it has may be seen. */
static void
forget_counted(Builder *b, const BcIns *header)
{
    uint32_t first = (uint32_t)(header - b->code->ins),
             last = loop_end(b->code, first);
    for (uint32_t k = 0; k < b->nl; k++) {
        AbsVal *v = &b->st.v[k];
        bool counted = false;
        if ((v->kind != K_OBJ_I64 && v->kind != K_OBJ_F64)
            || b->as_object[k]) {
            continue;
        }
        for (uint32_t i = first; i <= last && !counted; i++) {
            counted = accumulates(b->code, i, k);
        }
        if (counted) {
            *v = v->kind == K_OBJ_I64 ? v_i64(v->b) : v_f64(v->b);
        }
    }
}

/* Code that ran may have started tracing, or may write to this frame's
 * locals through f_locals: then the interpreter goes on at off. */
void
check_frame(Builder *b, uint32_t off)
{
    if (b->escaped && b->framed && b->block != NO_BLOCK) {
        IrSnapId snap = snap_now(b, off, EXIT_KIND_GUARD, EXIT_FRAME);
        IrRef r = emit(b, IR_FRAME_CHECK, NULL, 0);
        ins_of(b, r)->snap = snap;
    }
    b->escaped = false;
}

bool
goes_to_region(const Builder *b, uint32_t off)
{
    const BuildRequest *req = b->req;
    uint32_t index = (uint32_t)b->code->at[off],
             entry = (uint32_t)b->code->at[req->entry_offset];
    /* An exception that nobody handles is delivered at the first region's
     * entry: what is true of that must be true of the other's. */
    return req->entry_kind == REGION_BACK_EDGE && req->loops != NULL
           && req->loops[index] && (index < entry || index > b->last)
           && (b->code->ins[index].handler != 0)
                  == (b->code->ins[entry].handler != 0);
}

void
goto_off(Builder *b, uint32_t off)
{
    if (b->block == NO_BLOCK || b->failed) {
        b->block = NO_BLOCK;
        return;
    }
    drops_end(b, off);
    check_frame(b, off);
    const BcIns *to = bytecode_at(b->code, off);
    if (to == NULL) {
        b->failed = true;
        b->bail = BAIL_INVALID;
        b->block = NO_BLOCK;
        return;
    }
    uint32_t index = (uint32_t)(to - b->code->ins), count;
    if (to->is_header && goes_to_region(b, off)) {
        end_with_exit(b, snap_now(b, off, EXIT_KIND_LOOP, EXIT_LOOP));
        return;
    }
    if (to->is_merge) {
        forget_dead(b, off);
    }
    if (to->is_header) {
        forget_counted(b, to);
    }
    uint32_t turn = turn_of(b, index);
    uint16_t *same = same_numbers(b, off);
    if (same == NULL) {
        b->failed = true;
        return;
    }
    Version *v = version_find(b, index, turn, same, &count);
    bool full = b->fn->n_ins > SOFT_REGION_INS;
    if (v == NULL) {
        v = version_find_forgetting(b, off, index, turn, same);
    }
    if (v == NULL && (count >= MAX_TURNS_PER_BLOCK || full)) {
        v = version_find(b, index, ANY_TURN, same, &count);
    }
    if (v == NULL
        && (count >= MAX_VERSIONS_PER_BLOCK || (full && count > 0))) {
        generalise(b);
        same = same_numbers(b, off);
        if (same == NULL) {
            b->failed = true;
            return;
        }
        v = version_find(b, index, ANY_TURN, same, &count);
        if (v == NULL && (full || count >= 2 * MAX_VERSIONS_PER_BLOCK)) {
            end_with_exit(b, snap_now(b, off, EXIT_KIND_GUARD, EXIT_VERSIONS));
            return;
        }
    }
    if (v == NULL) {
        v = version_new(b, off, index, turn, same);
        if (v == NULL) {
            b->block = NO_BLOCK;
            return;
        }
    }
    IrBlock *target = &b->fn->blocks[v->block];
    IrRef *args = ARENA_NEW_ARRAY(b->arena, IrRef, target->n_params + 1);
    if (args == NULL) {
        b->failed = true;
        b->block = NO_BLOCK;
        return;
    }
    uint32_t n = 0;
    for (uint32_t i = 0; i < b->nl + b->st.n_stack; i++) {
        IrType types[3];
        IrRef parts[3];
        uint32_t k = kind_parts(b->st.v[i].kind, types);
        val_parts(&b->st.v[i], parts);
        if (v->same[i] != i) {
            continue;
        }
        for (uint32_t j = 0; j < k; j++) {
            IR_ASSERT(arena_status(b->arena) != PYAOT_OK
                      || (n < target->n_params
                          && ins_of(b, parts[j])->type
                                 == ins_of(b, target->params[n])->type));
            args[n++] = parts[j];
        }
    }
    IR_ASSERT(arena_status(b->arena) != PYAOT_OK || n == target->n_params);
    emit(b, IR_JUMP, NULL, 0);
    IrBlock *from = &b->fn->blocks[b->block];
    from->succ[0] = (IrEdge){v->block, n, args};
    from->n_succ = 1;
    b->block = NO_BLOCK;
}

void
branch(Builder *b, IrRef cond, uint32_t *then_block, uint32_t *else_block)
{
    uint32_t off = b->ins->off;
    *then_block = ir_block_new(b->fn, off);
    *else_block = ir_block_new(b->fn, off);
    IR_ASSERT(b->block != NO_BLOCK && b->fn->blocks[b->block].n_succ == 0);
    emit1(b, IR_BRANCH, cond);
    IrBlock *from = &b->fn->blocks[b->block];
    from->succ[0] = (IrEdge){*then_block, 0, NULL};
    from->succ[1] = (IrEdge){*else_block, 0, NULL};
    from->n_succ = 2;
    b->block = NO_BLOCK;
}

void
switch_to(Builder *b, uint32_t block)
{
    IR_ASSERT(block < b->fn->n_blocks);
    b->block = block;
}
