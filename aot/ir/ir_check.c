/* The verifier: structure, types, dominance, snapshots.
 *
 * Stops at the first fault; a later one often follows from it. */
#include "ir_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ir_graph.h"
#include "ir_text.h"

typedef struct {
    const IrFn *fn;
    const IrGraph *g;
    uint32_t *place; /* by IrRef: position + 1 in its block, parameters 1 */
    uint32_t block;  /* being checked */
    IrRef ref;       /* instruction being checked, 0: the block itself */
    char *err;
    jmp_buf failed;
} Check;

static _Noreturn void fault(Check *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static _Noreturn void
fault(Check *c, const char *fmt, ...)
{
    char what[160];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof(what), fmt, args);
    va_end(args);
    if (c->ref != 0) {
        pyaot_error(c->err, PYAOT_E_INTERNAL, "b%u v%u %s: %s", c->block,
                    c->ref, ir_ops[c->fn->ins[c->ref].op].text, what);
    }
    else {
        pyaot_error(c->err, PYAOT_E_INTERNAL, "b%u: %s", c->block, what);
    }
    longjmp(c->failed, 1);
}

static bool
is_param_op(uint16_t op)
{
    return op >= IR_BLOCK_I && op <= IR_BLOCK_O;
}

/* --- places: who is defined where ---------------------------------------- */

static void
place(Check *c, IrRef ref, uint32_t b, uint32_t at)
{
    c->block = b;
    c->ref = 0;
    if (ref == 0 || ref >= c->fn->n_ins) {
        fault(c, "names v%u, which is not there", ref);
    }
    c->ref = ref;
    if (c->place[ref] != 0) {
        fault(c, "in two places");
    }
    if (c->fn->ins[ref].block != b) {
        fault(c, "believes to be in b%u", c->fn->ins[ref].block);
    }
    c->place[ref] = at;
}

static void
place_all(Check *c)
{
    const IrFn *fn = c->fn;
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        const IrBlock *block = &fn->blocks[b];
        for (uint32_t k = 0; k < block->n_params; k++) {
            place(c, block->params[k], b, 1);
            if (!is_param_op(fn->ins[block->params[k]].op)) {
                fault(c, "is no block parameter");
            }
        }
        for (uint32_t i = 0; i < block->n_ins; i++) {
            place(c, block->ins[i], b, i + 2);
            uint16_t op = fn->ins[block->ins[i]].op;
            if (op == IR_NOP || op >= IR_OP_COUNT || is_param_op(op)) {
                fault(c, "is no instruction");
            }
        }
    }
}

/* Can the instruction at c->block, position `at`, read ref? */
static void
check_visible(Check *c, IrRef ref, uint32_t at, const char *what)
{
    if (ref == 0 || ref >= c->fn->n_ins || c->place[ref] == 0) {
        fault(c, "%s v%u is not defined", what, ref);
    }
    if (!ir_graph_reachable(c->g, c->block)) {
        return;
    }
    uint32_t from = c->fn->ins[ref].block;
    bool visible = from == c->block
                       ? c->place[ref] < at
                       : ir_graph_reachable(c->g, from)
                             && ir_graph_dominates(c->g, from, c->block);
    if (!visible) {
        fault(c, "%s v%u does not dominate it", what, ref);
    }
}

static void
check_type(Check *c, IrRef ref, IrType want, const char *what)
{
    uint8_t type = c->fn->ins[ref].type;
    if (type != want) {
        fault(c, "%s v%u is %c, not %c", what, ref, ir_type_letter[type],
              ir_type_letter[want]);
    }
}

/* --- snapshots ----------------------------------------------------------- */

static void
check_snap_val(Check *c, const IrSnapVal *val, bool is_local, uint32_t at)
{
    static const IrType types[][3] = {
        [SNAP_DYN] = {IR_I64, IR_I64, IR_VOID},
        [SNAP_RANGE] = {IR_I64, IR_I64, IR_I64},
        [SNAP_LISTIT] = {IR_OBJ, IR_I64, IR_VOID},
        [SNAP_TUPIT] = {IR_OBJ, IR_I64, IR_VOID},
        [SNAP_STRIT] = {IR_OBJ, IR_I64, IR_VOID},
        [SNAP_ENUM] = {IR_OBJ, IR_I64, IR_I64},
        [SNAP_COMPLEX] = {IR_F64, IR_F64, IR_VOID},
        [SNAP_ZIP] = {IR_OBJ, IR_I64, IR_OBJ},
    };
    const IrRef refs[3] = {val->a, val->b, val->c};
    if (val->kind > SNAP_SLICE) {
        fault(c, "snapshot entry of no kind");
    }
    if (val->kind == SNAP_MEM) {
        if (!is_local || !c->fn->framed) {
            fault(c, "only a framed function's locals are in memory");
        }
        if (val->a == 0) {
            return;
        }
    }
    uint32_t n = ir_snap_refs(val);
    for (uint32_t i = 0; i < n; i++) {
        check_visible(c, refs[i], at, "snapshot value");
        if (val->kind == SNAP_MEM) {
            check_type(c, refs[i], IR_OBJ, "snapshot value");
        }
        else if (val->kind == SNAP_REF) {
            if (c->fn->ins[refs[i]].type == IR_VOID) {
                fault(c, "snapshot value v%u has no value", refs[i]);
            }
        }
        else {
            check_type(c, refs[i], types[val->kind][i], "snapshot value");
        }
    }
}

/* The parts are there, behind it; only values, and what has parts, are. */
static void
check_parts(Check *c, const IrSnap *snap, uint32_t i)
{
    const IrSnapVal *val = &snap->vals[i];
    uint32_t n_slots = ir_snap_n_slots(snap);
    if (i >= n_slots && val->kind != SNAP_REF && !ir_snap_has_parts(val)) {
        fault(c, "a part that is no value");
    }
    if (ir_snap_has_parts(val)
        && (val->n == 0 || (val->kind != SNAP_TUPLE && val->n != 3)
            || (uint32_t)val->first + val->n > snap->n_parts
            || (i >= n_slots && val->first <= i - n_slots))) {
        fault(c, "the parts of a value are not there");
    }
}

static void
check_snap(Check *c, IrSnapId id, uint32_t at)
{
    if (id == 0) {
        return;
    }
    if (id >= c->fn->n_snaps) {
        fault(c, "s%u is not there", id);
    }
    const IrSnap *snap = &c->fn->snaps[id];
    if (snap->n_locals != c->fn->n_locals) {
        fault(c, "s%u has %u locals, not %u", id, snap->n_locals,
              c->fn->n_locals);
    }
    uint32_t n_vals = ir_snap_n_vals(snap);
    for (uint32_t i = 0; i < n_vals; i++) {
        check_snap_val(c, &snap->vals[i], i < snap->n_locals, at);
        check_parts(c, snap, i);
    }
}

/* --- instructions -------------------------------------------------------- */

static IrType
letter_type(char letter)
{
    return letter == 'I'   ? IR_I64
           : letter == 'F' ? IR_F64
           : letter == 'B' ? IR_BOOL
                           : IR_OBJ;
}

static void
check_operands(Check *c, const IrIns *ins, uint32_t at)
{
    const char *want = ir_ops[ins->op].args;
    bool any_number = strcmp(want, "*") == 0;
    bool optional = strcmp(want, "?") == 0;
    if (!any_number && !(optional && ins->n_args == 0)
        && ins->n_args != strlen(want)) {
        fault(c, "has %u operands", ins->n_args);
    }
    for (uint32_t i = 0; i < ins->n_args; i++) {
        char what[24];
        snprintf(what, sizeof(what), "operand %u", i + 1);
        check_visible(c, ins->args[i], at, what);
        if (!any_number && want[i] != '?') {
            check_type(c, ins->args[i], letter_type(want[i]), what);
        }
        else if (c->fn->ins[ins->args[i]].type == IR_VOID) {
            fault(c, "%s v%u has no value", what, ins->args[i]);
        }
    }
}

static void
check_imm(Check *c, const IrIns *ins)
{
    static const int64_t limit[] = {[IMM_NUMBER] = INT64_MAX,
                                    [IMM_COND] = 6,
                                    [IMM_CLASS] = IR_CLASS_COUNT,
                                    [IMM_PYOP] = IR_PYOP_COUNT};
    IrImmKind kind = ir_imm_kind((IrOp)ins->op);
    if (kind != IMM_NUMBER && (ins->imm < 0 || ins->imm >= limit[kind])) {
        fault(c, "immediate %lld out of range", (long long)ins->imm);
    }
    bool is_local = (ir_ops[ins->op].fields & M_LOCAL) != 0;
    if (is_local && (ins->imm < 0 || ins->imm >= c->fn->n_locals)) {
        fault(c, "no local %lld", (long long)ins->imm);
    }
    if (ins->op == IR_CONST_BOOL && ins->imm != 0 && ins->imm != 1) {
        fault(c, "a bool is 0 or 1");
    }
    const uint64_t fields = ir_ops[ins->op].fields;
    if ((ins->imm != 0 && !(fields & ir_fields_of.imm))
        || (ins->aux != 0 && !(fields & ir_fields_of.aux))
        || (ins->fimm != 0 && !(fields & ir_fields_of.fimm))
        || (ins->text != NULL && !(fields & ir_fields_of.text))) {
        fault(c, "a field that has no meaning is set");
    }
}

static void
check_frame_rules(Check *c, const IrIns *ins, uint32_t flags)
{
    bool needs_frame = (ins->op >= IR_LOCAL_GET && ins->op <= IR_LOCAL_FLUSH)
                       || (flags & IRF_ESCAPE);
    if (needs_frame && !c->fn->framed) {
        fault(c, "needs a frame");
    }
    if ((flags & IRF_EXIT) && ins->snap == 0) {
        fault(c, "can exit, but has no snapshot");
    }
    if ((flags & IRF_RAISE) && ins->raise == 0) {
        fault(c, "can raise, but has no snapshot for that");
    }
    if (ins->op == IR_EXIT && ins->snap == 0) {
        fault(c, "has no snapshot");
    }
    if (ins->steal && !(flags & IRF_STEAL)) {
        fault(c, "cannot steal");
    }
    if ((ins->op == IR_JUMP || ins->op == IR_BRANCH)
        && (ins->snap != 0 || ins->raise != 0)) {
        fault(c, "cannot exit");
    }
}

static void
check_ins(Check *c, IrRef ref, uint32_t at)
{
    const IrIns *ins = &c->fn->ins[ref];
    uint32_t flags = ir_flags(ins);
    c->ref = ref;
    check_operands(c, ins, at);
    check_imm(c, ins);
    check_frame_rules(c, ins, flags);
    if (ins->op == IR_CALL_DIRECT ? ins->type == IR_VOID
                                  : ins->type != ir_ops[ins->op].result) {
        fault(c, "has a result of type %c", ir_type_letter[ins->type]);
    }
    check_snap(c, ins->snap, at);
    check_snap(c, ins->raise, at);
    for (uint32_t i = 0; i < ins->n_release; i++) {
        check_visible(c, ins->release[i], at, "released");
        check_type(c, ins->release[i], IR_OBJ, "released");
    }
}

/* --- blocks -------------------------------------------------------------- */

static void
check_edge(Check *c, const IrEdge *edge, bool is_branch)
{
    const IrFn *fn = c->fn;
    const IrBlock *to = &fn->blocks[edge->to];
    if (edge->to >= fn->n_blocks) {
        fault(c, "b%u is not there", edge->to);
    }
    if (edge->n_args != to->n_params) {
        fault(c, "passes %u arguments, b%u takes %u", edge->n_args, edge->to,
              to->n_params);
    }
    for (uint32_t k = 0; k < edge->n_args; k++) {
        check_visible(c, edge->args[k], UINT32_MAX, "argument");
        check_type(c, edge->args[k], (IrType)fn->ins[to->params[k]].type,
                   "argument");
    }
    if (is_branch) {
        if (edge->n_args != 0) {
            fault(c, "a branch passes no arguments");
        }
        if (ir_graph_reachable(c->g, c->block)
            && c->g->pred_at[edge->to + 1] - c->g->pred_at[edge->to] != 1) {
            fault(c, "b%u has other predecessors", edge->to);
        }
    }
}

static void
check_block(Check *c, uint32_t b)
{
    const IrFn *fn = c->fn;
    const IrBlock *block = &fn->blocks[b];
    c->block = b;
    c->ref = 0;
    if (block->n_ins == 0) {
        fault(c, "is empty");
    }
    check_snap(c, block->entry, 2);
    for (uint32_t i = 0; i < block->n_ins; i++) {
        bool is_term = ir_ops[fn->ins[block->ins[i]].op].flags & IRF_TERM;
        check_ins(c, block->ins[i], i + 2);
        if (is_term != (i + 1 == block->n_ins)) {
            fault(c, is_term ? "terminator inside the block"
                             : "the block ends without a terminator");
        }
    }
    uint16_t op = fn->ins[block->ins[block->n_ins - 1]].op;
    uint32_t n_succ = op == IR_JUMP ? 1 : op == IR_BRANCH ? 2 : 0;
    if (block->n_succ != n_succ) {
        fault(c, "has %u successors", block->n_succ);
    }
    for (uint32_t s = 0; s < n_succ; s++) {
        check_edge(c, &block->succ[s], op == IR_BRANCH);
    }
}

bool
ir_check(const IrFn *fn, char *err)
{
    Check c = {.fn = fn, .err = err};
    if (fn->n_blocks == 0) {
        pyaot_error(err, PYAOT_E_INTERNAL, "no blocks");
        return false;
    }
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        for (uint32_t s = 0; s < fn->blocks[b].n_succ; s++) {
            if (fn->blocks[b].succ[s].to >= fn->n_blocks) {
                pyaot_error(err, PYAOT_E_INTERNAL,
                            "b%u: a successor is not there", b);
                return false;
            }
        }
    }
    c.g = ir_graph_new(fn);
    c.place = ARENA_NEW_ARRAY(fn->arena, uint32_t, fn->n_ins);
    if (c.g == NULL || c.place == NULL) {
        return true; /* out of memory: the driver sees that in the arena */
    }
    if (setjmp(c.failed) != 0) {
        return false;
    }
    place_all(&c);
    c.block = 0;
    c.ref = 0;
    if (fn->blocks[0].n_params != 0 || c.g->pred_at[1] != 0) {
        fault(&c, "the entry has parameters or predecessors");
    }
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        check_block(&c, b);
    }
    return true;
}
