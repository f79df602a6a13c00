/* Common subexpressions, loads and guards: global value numbering.
 *
 * Requires: SSA, no counts.  Keeps: SSA.  Breaks: nothing.
 *
 * Blocks are visited in reverse postorder; an instruction equal to one in a
 * dominating place is replaced by it.  Equal means: same operation, operands
 * and immediates and, for reads, the same state of the memory they look at.
 * An equal guard has passed already.
 *
 * Memory is split into a few kinds, each with a version that writes replace.
 * A block begins with its immediate dominator's versions, except for kinds
 * that something on a way between them writes (for a loop header: in the
 * loop), so loads survive loops that write other things only.
 *
 * What a branch or a guard showed of a condition is a fact of the same table,
 * so a second test of it goes.
 *
 * Floats are not commuted: which NaN comes out depends on the order.
 * Numbers that an exit may show keep their identity (identity.h). */
#include "pass.h"

#include <string.h>

#include "identity.h"
#include "ir_graph.h"
#include "effects.h"

enum { MAX_BLOCKS_FOR_KILLS = 4096 };

typedef struct {
    uint32_t next; /* in its bucket: index + 1 */
    IrRef ref;     /* the instruction, or of a fact: any with its form */
    uint32_t block;
    uint32_t version;
    uint16_t op; /* of a fact: IR_GUARD or IR_GUARD_NOT */
    IrRef arg;   /* of a fact: the condition */
} Entry;

/* The number that was last stored into a cell, good while its kind of memory
 * has this version. */
typedef struct {
    IrRef cell, number;
    uint32_t version;
} Stored;

typedef struct {
    IrFn *fn;
    const IrGraph *g;
    IrRef *rep; /* replacements */
    uint32_t *buckets, n_buckets;
    Entry *entries;
    uint32_t n_entries, cap_entries;
    uint32_t *out;  /* [block][kind]: versions at its end */
    MemSet *writes; /* [block]: kinds it writes */
    uint32_t version[MEM_KINDS];
    uint32_t last_version;
    const bool *shown; /* by IrRef: an exit may make an object of it */
    Stored stored[MEM_KINDS];
    IrRef *number; /* by CELL_GET: the number that is known to be there */
    uint32_t *mark, *work; /* for the search between dominator and block */
    bool changed;
} Gvn;

/* --- memory -------------------------------------------------------------- */

static void
write_memory(Gvn *gvn, MemSet kinds)
{
    IR_ASSERT((kinds & ~MEM_ALL) == 0);
    for (uint32_t k = 0; k < MEM_KINDS; k++) {
        if (kinds & mem_bit(k)) {
            gvn->version[k] = ++gvn->last_version;
        }
    }
}

/* Kinds written on some way from the end of b's immediate dominator to the
 * start of b. */
static MemSet
kills_on_way(Gvn *gvn, uint32_t b)
{
    const IrGraph *g = gvn->g;
    if (gvn->fn->n_blocks > MAX_BLOCKS_FOR_KILLS) {
        return MEM_ALL;
    }
    MemSet kinds = 0;
    uint32_t n = 0;
    gvn->work[n++] = b;
    while (n > 0) {
        uint32_t at = gvn->work[--n];
        for (uint32_t p = g->pred_at[at]; p < g->pred_at[at + 1]; p++) {
            uint32_t from = g->preds[p].block;
            if (from == g->idom[b] || gvn->mark[from] == b + 1) {
                continue;
            }
            gvn->mark[from] = b + 1;
            kinds |= gvn->writes[from];
            gvn->work[n++] = from;
        }
    }
    return kinds;
}

static void
enter_memory(Gvn *gvn, uint32_t b)
{
    if (b == 0) {
        write_memory(gvn, MEM_ALL);
        return;
    }
    IR_ASSERT(gvn->g->number[gvn->g->idom[b]]
              < gvn->g->number[b]); /* done before */
    memcpy(gvn->version, gvn->out + (size_t)gvn->g->idom[b] * MEM_KINDS,
           sizeof(gvn->version));
    write_memory(gvn, kills_on_way(gvn, b));
}

/* --- the table ----------------------------------------------------------- */

static bool
is_commutative(const IrIns *ins)
{
    switch (ins->op) {
    case IR_IADD:
    case IR_IMUL:
    case IR_IADD_NC:
    case IR_IMUL_NC:
    case IR_IAND:
    case IR_IOR:
    case IR_IXOR:
    case IR_IMIN:
    case IR_IMAX:
    case IR_OIS:
    case IR_STR_EQ:
        return true;
    case IR_ICMP:
        return ir_cond(ins) == IR_EQ || ir_cond(ins) == IR_NE;
    default:
        return false;
    }
}

static uint64_t
mix(uint64_t hash, uint64_t value)
{
    hash ^= value + 0x9E3779B97F4A7C15u;
    hash *= 0xD6E8FEB86659FD93u;
    return hash ^ (hash >> 32);
}

static uint64_t
hash_ins(const IrIns *ins, uint32_t version)
{
    uint64_t hash = mix(ins->op, (uint64_t)ins->imm); /* whatever it means */
    uint64_t sum = 0;
    for (uint32_t i = 0; i < ins->n_args; i++) {
        /* A sum, so that commuted operands meet. */
        sum += mix(1, ins->args[i]);
    }
    return mix(mix(hash, sum), version);
}

static bool
same_ins(const IrIns *x, const IrIns *y)
{
    if (!ir_same_fields(x, y) || x->n_args != y->n_args) {
        return false;
    }
    bool same = x->n_args == 0
                || memcmp(x->args, y->args, x->n_args * sizeof(IrRef)) == 0;
    return same
           || (is_commutative(x) && x->args[0] == y->args[1]
               && x->args[1] == y->args[0]);
}

static void
table_add(Gvn *gvn, uint64_t hash, Entry entry)
{
    /* Sized for every instruction and branch. */
    IR_ASSERT(gvn->n_entries < gvn->cap_entries);
    if (gvn->n_entries == gvn->cap_entries) {
        return;
    }
    uint32_t *bucket = &gvn->buckets[hash % gvn->n_buckets];
    entry.next = *bucket;
    gvn->entries[gvn->n_entries++] = entry;
    *bucket = gvn->n_entries;
}

/* The equal instruction that dominates this place, or 0. */
static IrRef
table_find(const Gvn *gvn, const IrIns *ins, uint64_t hash, uint32_t version)
{
    for (uint32_t at = gvn->buckets[hash % gvn->n_buckets]; at != 0;
         at = gvn->entries[at - 1].next) {
        const Entry *entry = &gvn->entries[at - 1];
        if (entry->ref != 0 && entry->version == version
            && same_ins(&gvn->fn->ins[entry->ref], ins)
            && ir_graph_dominates(gvn->g, entry->block, ins->block)) {
            return entry->ref;
        }
    }
    return 0;
}

/* --- conditions ---------------------------------------------------------- */

static uint64_t
hash_fact(IrRef cond)
{
    return mix(0x46616374, cond);
}

/* From here on (in blocks that block dominates) cond is value. */
static void
fact_add(Gvn *gvn, uint32_t block, IrRef cond, bool value)
{
    const IrIns *ins = &gvn->fn->ins[cond];
    Entry entry = {.block = block,
                   .arg = cond,
                   .op = value ? IR_GUARD : IR_GUARD_NOT};
    table_add(gvn, hash_fact(cond), entry);
    if (ins->op == IR_BNOT) {
        entry.arg = ins->args[0];
        entry.op = value ? IR_GUARD_NOT : IR_GUARD;
        table_add(gvn, hash_fact(entry.arg), entry);
    }
}

static bool
fact_find(const Gvn *gvn, uint32_t block, IrRef cond, bool *value)
{
    const IrIns *ins = &gvn->fn->ins[cond];
    if (ins->op == IR_BNOT && fact_find(gvn, block, ins->args[0], value)) {
        *value = !*value;
        return true;
    }
    for (uint32_t at = gvn->buckets[hash_fact(cond) % gvn->n_buckets]; at != 0;
         at = gvn->entries[at - 1].next) {
        const Entry *entry = &gvn->entries[at - 1];
        if (entry->ref == 0 && entry->arg == cond
            && ir_graph_dominates(gvn->g, entry->block, block)) {
            *value = entry->op == IR_GUARD;
            return true;
        }
    }
    return false;
}

/* --- the walk ------------------------------------------------------------ */

static bool
is_numbered_op(const Gvn *gvn, const IrIns *ins)
{
    const IrEffects effects = ir_effects(gvn->fn, ins);
    if (ir_acts(&effects) || effects.is_new) {
        return false;
    }
    switch (ins->op) {
    case IR_GUARD_CLASS:
    case IR_GUARD_TYPE:
    case IR_GUARD_SAME:
        return true;
    default:
        return effects.is_pure || effects.reads != MEM_NONE;
    }
}

/* True if the guard is needed no more. */
static bool
visit_condition(Gvn *gvn, const IrIns *ins)
{
    bool want = ins->op == IR_GUARD, known;
    if (fact_find(gvn, ins->block, ins->args[0], &known)) {
        return known == want; /* else it always exits: leave it */
    }
    fact_add(gvn, ins->block, ins->args[0], want);
    return false;
}

/* Numbers on their way through cells. */
static void
note_stored(Gvn *gvn, IrRef ref)
{
    const IrIns *ins = &gvn->fn->ins[ref];
    uint32_t kind;
    switch (ins->op) {
    case IR_CELL_SET_I:
    case IR_CELL_SET_F:
        kind = ir_cell_kind(ins);
        gvn->stored[kind] = (Stored){ins->args[0], ins->args[1],
                                     gvn->version[kind]};
        return;
    case IR_CELL_GET:
        kind = ir_cell_kind(ins);
        if (gvn->stored[kind].cell == ins->args[0]
            && gvn->stored[kind].version == gvn->version[kind]) {
            gvn->number[ref] = gvn->stored[kind].number;
        }
        return;
    default:
        return;
    }
}

static IrRef
known_number(const Gvn *gvn, const IrIns *ins)
{
    IrRef number = ins->op == IR_UNBOX_I64 || ins->op == IR_UNBOX_F64
                       ? gvn->number[ins->args[0]]
                       : 0;
    return number != 0 && gvn->fn->ins[number].type == ins->type ? number : 0;
}

/* True if the instruction is needed no more. */
static bool
visit(Gvn *gvn, IrRef ref)
{
    IrIns *ins = &gvn->fn->ins[ref];
    IR_ASSERT(gvn->rep[ref] == 0);
    for (uint32_t i = 0; i < ins->n_args; i++) {
        if (gvn->rep[ins->args[i]] != 0) {
            ins->args[i] = gvn->rep[ins->args[i]];
        }
    }
    if (ins->op == IR_GUARD || ins->op == IR_GUARD_NOT) {
        return visit_condition(gvn, ins);
    }
    write_memory(gvn, ir_effects(gvn->fn, ins).writes);
    note_stored(gvn, ref);
    if (known_number(gvn, ins) != 0) {
        gvn->rep[ref] = known_number(gvn, ins);
        return true;
    }
    if (!is_numbered_op(gvn, ins)) {
        return false;
    }
    uint32_t kind = ir_effects(gvn->fn, ins).reads;
    uint32_t version = kind == MEM_NONE ? 0 : gvn->version[kind];
    uint64_t hash = hash_ins(ins, version);
    IrRef equal = table_find(gvn, ins, hash, version);
    if (equal == 0 || identity_matters(ins, gvn->shown[ref])) {
        table_add(
            gvn, hash,
            (Entry){.ref = ref, .block = ins->block, .version = version});
        return false;
    }
    IR_ASSERT(equal != ref && gvn->rep[equal] == 0);
    IR_ASSERT(
        ir_graph_dominates(gvn->g, gvn->fn->ins[equal].block, ins->block));
    if (ins->type != IR_VOID) {
        gvn->rep[ref] = equal;
    }
    return true;
}

/* A branch on what is known becomes a jump. */
static void
visit_branch(Gvn *gvn, uint32_t b)
{
    IrBlock *block = &gvn->fn->blocks[b];
    IrIns *ins = &gvn->fn->ins[block->ins[block->n_ins - 1]];
    bool value;
    if (ins->op == IR_BRANCH && fact_find(gvn, b, ins->args[0], &value)) {
        IR_ASSERT(block->n_succ == 2
                  && block->succ[value ? 0 : 1].n_args == 0);
        ir_become(ins, IR_JUMP);
        ins->n_args = 0;
        block->succ[0] = block->succ[value ? 0 : 1];
        block->n_succ = 1;
        gvn->changed = true;
    }
}

static void
visit_block(Gvn *gvn, uint32_t b)
{
    IrFn *fn = gvn->fn;
    IrBlock *block = &fn->blocks[b];
    enter_memory(gvn, b);
    uint32_t first = gvn->g->pred_at[b];
    if (gvn->g->pred_at[b + 1] - first == 1) {
        IrPred pred = gvn->g->preds[first];
        const IrBlock *from = &fn->blocks[pred.block];
        const IrIns *ins = &fn->ins[from->ins[from->n_ins - 1]];
        if (ins->op == IR_BRANCH) {
            fact_add(gvn, b, ins->args[0], pred.succ == 0);
        }
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < block->n_ins; i++) {
        IrRef ref = block->ins[i];
        if (visit(gvn, ref)) {
            fn->ins[ref].op = IR_NOP;
            gvn->changed = true;
            continue;
        }
        block->ins[kept++] = ref;
    }
    block->n_ins = kept;
    visit_branch(gvn, b);
    memcpy(gvn->out + (size_t)b * MEM_KINDS, gvn->version,
           sizeof(gvn->version));
}

static void
find_writes(Gvn *gvn)
{
    for (uint32_t b = 0; b < gvn->fn->n_blocks; b++) {
        const IrBlock *block = &gvn->fn->blocks[b];
        for (uint32_t i = 0; i < block->n_ins; i++) {
            gvn->writes[b] |= ir_effects(gvn->fn, &gvn->fn->ins[block->ins[i]])
                                  .writes;
        }
    }
}

bool
pass_gvn(IrFn *fn)
{
    Gvn gvn = {.fn = fn};
    ir_drop_unreachable(fn);
    gvn.g = ir_graph_new(fn);
    gvn.n_buckets = fn->n_ins * 2 + 1;
    gvn.cap_entries = fn->n_ins * 2 + fn->n_blocks * 2;
    gvn.rep = ARENA_NEW_ARRAY(fn->arena, IrRef, fn->n_ins);
    gvn.buckets = ARENA_NEW_ARRAY(fn->arena, uint32_t, gvn.n_buckets);
    gvn.entries = ARENA_NEW_ARRAY(fn->arena, Entry, gvn.cap_entries);
    const size_t n_out = (size_t)fn->n_blocks * MEM_KINDS;
    gvn.out = ARENA_NEW_ARRAY(fn->arena, uint32_t, n_out);
    gvn.writes = ARENA_NEW_ARRAY(fn->arena, MemSet, fn->n_blocks);
    gvn.shown = identity_shown(fn);
    gvn.number = ARENA_NEW_ARRAY(fn->arena, IrRef, fn->n_ins);
    gvn.mark = ARENA_NEW_ARRAY(fn->arena, uint32_t, fn->n_blocks);
    gvn.work = ARENA_NEW_ARRAY(fn->arena, uint32_t, (size_t)fn->n_blocks + 1);
    if (gvn.g == NULL || arena_status(fn->arena) != PYAOT_OK) {
        return false;
    }
    find_writes(&gvn);
    for (uint32_t i = 0; i < gvn.g->n_order; i++) {
        visit_block(&gvn, gvn.g->order[i]);
    }
    ir_replace_uses(fn, gvn.rep);
    ir_drop_unreachable(fn);
    return gvn.changed;
}
