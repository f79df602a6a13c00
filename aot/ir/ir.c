/* Nodes of the IR: tables made from the .def files, and growth.
 *
 * Nothing here checks for memory: a failure sticks in the arena, and the
 * functions then return index 0, which is always there to be written to
 * (except the values of a snapshot). */
#include "ir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RESULT_V IR_VOID
#define RESULT_I IR_I64
#define RESULT_F IR_F64
#define RESULT_B IR_BOOL
#define RESULT_O IR_OBJ

/* The letter's bit, if the text has it; foldable, so that the table is
 * constant.  No flag text is longer than eight letters. */
#define AT(text, i) ((text "\0\0\0\0\0\0\0\0")[i])
#define HAS(text, c)                                                          \
    (AT(text, 0) == (c) || AT(text, 1) == (c) || AT(text, 2) == (c)           \
     || AT(text, 3) == (c) || AT(text, 4) == (c) || AT(text, 5) == (c)        \
     || AT(text, 6) == (c) || AT(text, 7) == (c))
#define BIT(text, c, bit) (HAS(text, c) ? (bit) : 0)
#define FLAGS(text)                                                           \
    (BIT(text, 'X', IRF_EXIT) | BIT(text, 'N', IRF_NEW)                       \
     | BIT(text, 'B', IRF_BORROW) | BIT(text, 'C', IRF_STATIC)                \
     | BIT(text, 'E', IRF_ESCAPE) | BIT(text, 'L', IRF_RAISE)                 \
     | BIT(text, 'U', IRF_UNREAD) | BIT(text, 'P', IRF_PURE)                  \
     | BIT(text, 'T', IRF_TERM) | BIT(text, 'S', IRF_STEAL))

const IrOpInfo ir_ops[IR_OP_COUNT] = {
    /* Place 0 is a nop, and is written to when memory has run out. */
    [IR_NOP] = {.text = "nop", .args = "", .fields = UINT64_MAX},
#define IR_OP(name, text_, result_, args_, flags_, fields_, effects_)         \
    [IR_##name] = {.text = text_,                                             \
                   .args = args_,                                             \
                   .fields = fields_,                                         \
                   .effects = effects_,                                       \
                   .flags = (uint16_t)FLAGS(flags_),                          \
                   .result = RESULT_##result_},
#define IR_OP_C(name, text_, result_, args_, flags_, fields_, effects_, c_)   \
    [IR_##name] = {.text = text_,                                             \
                   .args = args_,                                             \
                   .c = c_,                                                   \
                   .fields = fields_,                                         \
                   .effects = effects_,                                       \
                   .flags = (uint16_t)FLAGS(flags_),                          \
                   .result = RESULT_##result_},
#include "ops.def"
#undef IR_OP
};

#define IR_OP(name, text, result, args, flags, fields, effects)               \
    _Static_assert(sizeof(flags) <= 9, "flag text too long for FLAGS");
#include "ops.def"
#undef IR_OP

const char *const ir_class_text[IR_CLASS_COUNT] = {
    "any",
#define IR_CLASS(name, text, ctype, simple) text,
#include "classes.def"
#undef IR_CLASS
};

const char *const ir_class_ctype[IR_CLASS_COUNT] = {
    "PyBaseObject_Type",
#define IR_CLASS(name, text, ctype, simple) #ctype,
#include "classes.def"
#undef IR_CLASS
};

const bool ir_class_is_simple[IR_CLASS_COUNT] = {
    false,
#define IR_CLASS(name, text, ctype, simple) simple,
#include "classes.def"
#undef IR_CLASS
};

const char *const ir_pyop_text[IR_PYOP_COUNT] = {
#define IR_PYOP(name, text, flags) text,
#include "pyops.def"
#undef IR_PYOP
};

static const bool pyop_leaf[IR_PYOP_COUNT] = {
#define IR_PYOP(name, text, flags) HAS(flags, 'L'),
#include "pyops.def"
#undef IR_PYOP
};

const char *const ir_cond_text[6] = {"lt", "le", "eq", "ne", "gt", "ge"};

IrCond
ir_cond_swapped(IrCond cond)
{
    static const IrCond swapped[6] = {
        [IR_LT] = IR_GT, [IR_LE] = IR_GE, [IR_EQ] = IR_EQ,
        [IR_NE] = IR_NE, [IR_GT] = IR_LT, [IR_GE] = IR_LE,
    };
    IR_ASSERT(cond <= IR_GE);
    return swapped[cond];
}

IrCond
ir_cond_negated(IrCond cond)
{
    static const IrCond negated[6] = {
        [IR_LT] = IR_GE, [IR_LE] = IR_GT, [IR_EQ] = IR_NE,
        [IR_NE] = IR_EQ, [IR_GT] = IR_LE, [IR_GE] = IR_LT,
    };
    IR_ASSERT(cond <= IR_GE);
    return negated[cond];
}

bool
ir_pyop_is_leaf(IrPyOp op)
{
    return op < IR_PYOP_COUNT && pyop_leaf[op];
}

void
ir_assert_failed(const char *belief, const char *file, int line)
{
    fprintf(stderr, "pyaot: %s:%d: not so: %s\n", file, line, belief);
    abort();
}

#define IR_FIELD(name, accessor, field, type, what)                           \
    | (offsetof(IrIns, field) == offsetof(IrIns, IN) ? M_##name : 0)
const IrFieldSets ir_fields_of = {
#define IN imm
    .imm = 0
#include "fields.def"
#undef IN
#define IN aux
    ,
    .aux = 0
#include "fields.def"
#undef IN
#define IN fimm
    ,
    .fimm = 0
#include "fields.def"
#undef IN
#define IN text
    ,
    .text = 0
#include "fields.def"
#undef IN
};
#undef IR_FIELD

void
ir_become(IrIns *ins, IrOp op)
{
    IR_ASSERT(op < IR_OP_COUNT);
    ins->op = (uint16_t)op;
    ins->imm = 0;
    ins->aux = 0;
    ins->fimm = 0;
    ins->text = NULL;
}

bool
ir_same_fields(const IrIns *x, const IrIns *y)
{
    return x->op == y->op && x->type == y->type && x->imm == y->imm
           && x->aux == y->aux
           && memcmp(&x->fimm, &y->fimm, sizeof(x->fimm)) == 0
           && (x->text == y->text
               || (x->text != NULL && y->text != NULL
                   && strcmp(x->text, y->text) == 0));
}

uint32_t
ir_flags(const IrIns *ins)
{
    uint32_t flags = ir_ops[ins->op].flags;
    switch (ins->op) {
    case IR_PY:
    case IR_PY_VOID:
    case IR_PY_BOOL:
    case IR_PY_INT:
        flags |= IRF_RAISE;
        if (ir_pyop_is_leaf(ir_pyop(ins))) {
            flags &= ~(uint32_t)IRF_ESCAPE;
        }
        break;
    case IR_PY_NEXT:
    case IR_PY_SEND:
        flags |= IRF_RAISE;
        break;
    case IR_CELL_GET: /* a global's is not empty */
        if (ir_slot(ins) >= 0) {
            flags &= ~(uint32_t)IRF_EXIT;
        }
        break;
    case IR_CALL_DIRECT:
        /* An unboxed result has no reference.  A frameless callee runs no
         * Python code. */
        if (ins->type != IR_OBJ) {
            flags &= ~(uint32_t)IRF_NEW;
        }
        if (!ir_call_is_framed(ins)) {
            flags &= ~(uint32_t)IRF_ESCAPE;
        }
        break;
    case IR_CALL_INIT:
        if (!ir_call_is_framed(ins)) {
            flags &= ~(uint32_t)IRF_ESCAPE;
        }
        break;
    default:
        break;
    }
    return flags;
}

bool
ir_replaces_simple(const IrFn *fn, const IrIns *ins)
{
    IR_ASSERT(ins->n_args > 0);
    const IrIns *value = &fn->ins[ins->args[ins->n_args - 1]];
    return value->type != IR_OBJ
           || (value->cls != IR_CLASS_ANY && value->cls != IR_CLASS_NONE
               && ir_class_is_simple[value->cls]);
}

bool
ir_new_takes(const IrIns *ins, uint32_t i)
{
    switch (ins->op) {
    case IR_LIST_NEW:
    case IR_TUPLE_NEW:
        return i < 32;
    case IR_OBJECT_NEW: /* the first is the class's __init__ */
        return i > 0 && i < 32;
    default:
        return false;
    }
}

bool
ir_call_takes(const IrIns *ins, uint32_t i)
{
    if (i == 0 || i >= 64) {
        return false;
    }
    switch (ins->op) {
    case IR_CALL_DIRECT:
        IR_ASSERT(i <= strlen(ir_signature(ins)));
        return ir_signature(ins)[i - 1] == 'O';
    case IR_CALL_INIT: /* self is no operand */
        IR_ASSERT(i < strlen(ir_signature(ins)));
        return ir_signature(ins)[i] == 'O';
    case IR_PY: /* the callable is none, nor are the names */
        return ir_pyop(ins) == IR_PYOP_CALL
               || (ir_pyop(ins) == IR_PYOP_CALL_KW && i + 1 < ins->n_args);
    default:
        return false;
    }
}

/* Room for one more element: a doubled copy in the arena. */
static void *
grow(Arena *arena, void *old, uint32_t n, uint32_t *cap, size_t size)
{
    if (n < *cap) {
        return old;
    }
    uint32_t more = *cap < 8 ? 8 : *cap * 2;
    void *data = more > *cap ? arena_calloc(arena, more, size) : NULL;
    if (data == NULL) {
        return NULL;
    }
    if (n > 0) {
        memcpy(data, old, n * size);
    }
    *cap = more;
    return data;
}

/* Append one zeroed element to fn->field; leaves the index in `at`, or 0. */
#define APPEND(fn, field, n_field, cap_field, at)                             \
    do {                                                                      \
        void *grown = grow((fn)->arena, (fn)->field, (fn)->n_field,           \
                           &(fn)->cap_field, sizeof(*(fn)->field));           \
        (at) = 0;                                                             \
        if (grown != NULL) {                                                  \
            (fn)->field = grown;                                              \
            (at) = (fn)->n_field++;                                           \
            memset(&(fn)->field[(at)], 0, sizeof(*(fn)->field));              \
        }                                                                     \
    } while (0)

static void
ref_append(Arena *arena, IrRef **list, uint32_t *n, uint32_t *cap, IrRef ref)
{
    void *grown = grow(arena, *list, *n, cap, sizeof(IrRef));
    if (grown != NULL) {
        *list = grown;
        (*list)[(*n)++] = ref;
    }
}

IrFn *
ir_fn_new(Arena *arena, const char *name, uint32_t n_locals)
{
    IrFn *fn = ARENA_NEW(arena, IrFn);
    if (fn == NULL) {
        return NULL;
    }
    fn->arena = arena;
    fn->name = arena_strdup(arena, name);
    fn->n_locals = n_locals;
    fn->cap_ins = 64;
    fn->cap_blocks = 8;
    fn->cap_snaps = 16;
    fn->ins = ARENA_NEW_ARRAY(arena, IrIns, fn->cap_ins);
    fn->blocks = ARENA_NEW_ARRAY(arena, IrBlock, fn->cap_blocks);
    fn->snaps = ARENA_NEW_ARRAY(arena, IrSnap, fn->cap_snaps);
    if (fn->name == NULL || fn->ins == NULL || fn->blocks == NULL
        || fn->snaps == NULL) {
        return NULL;
    }
    fn->n_ins = 1;
    fn->n_snaps = 1;
    return fn;
}

uint32_t
ir_block_new(IrFn *fn, uint32_t offset)
{
    uint32_t block;
    APPEND(fn, blocks, n_blocks, cap_blocks, block);
    fn->blocks[block].offset = offset;
    return block;
}

/* Do as many operands fit the row?  None: they follow later. */
static inline bool
is_arity(IrOp op, uint32_t n_args)
{
    const char *args = ir_ops[op].args;
    return n_args == 0 || args[0] == '*' || n_args == strlen(args);
}

IrRef
ir_add(IrFn *fn, uint32_t block, IrOp op, const IrRef *args, uint32_t n_args)
{
    IrRef ref;
    IR_ASSERT(op < IR_OP_COUNT && is_arity(op, n_args));
    IR_ASSERT(block == UINT32_MAX || block < fn->n_blocks
              || fn->n_blocks == 0);
    for (uint32_t i = 0; i < n_args; i++) {
        IR_ASSERT(args[i] < fn->n_ins);
    }
    APPEND(fn, ins, n_ins, cap_ins, ref);
    IrIns *ins = &fn->ins[ref];
    ins->op = (uint16_t)op;
    ins->type = ir_ops[op].result;
    ins->block = block;
    if (n_args > 0) {
        ins->args = arena_memdup(fn->arena, args, n_args * sizeof(IrRef));
        ins->n_args = ins->args != NULL ? n_args : 0;
    }
    if (ref != 0 && block != UINT32_MAX) {
        IrBlock *b = &fn->blocks[block];
        ref_append(fn->arena, &b->ins, &b->n_ins, &b->cap_ins, ref);
    }
    return ref;
}

IrRef
ir_param_add(IrFn *fn, uint32_t block, IrType type)
{
    static const IrOp ops[] = {[IR_VOID] = IR_NOP,
                               [IR_I64] = IR_BLOCK_I,
                               [IR_F64] = IR_BLOCK_F,
                               [IR_BOOL] = IR_BLOCK_B,
                               [IR_OBJ] = IR_BLOCK_O};
    IrRef ref = ir_add(fn, UINT32_MAX, ops[type], NULL, 0);
    IrBlock *b = &fn->blocks[block];
    fn->ins[ref].block = block;
    if (ref != 0) {
        ref_append(fn->arena, &b->params, &b->n_params, &b->cap_params, ref);
    }
    return ref;
}

IrSnapId
ir_snap_new(IrFn *fn, uint32_t offset, uint32_t n_locals, uint32_t n_stack,
            uint32_t n_parts)
{
    IrSnapVal *vals = ARENA_NEW_ARRAY(fn->arena, IrSnapVal,
                                      (size_t)n_locals + n_stack + n_parts);
    if (vals == NULL) {
        return 0;
    }
    IrSnapId id;
    APPEND(fn, snaps, n_snaps, cap_snaps, id);
    IrSnap *snap = &fn->snaps[id];
    snap->offset = offset;
    snap->n_locals = (uint16_t)n_locals;
    snap->n_stack = (uint16_t)n_stack;
    snap->n_parts = (uint16_t)n_parts;
    snap->vals = vals;
    return id;
}

uint32_t
ir_snap_refs(const IrSnapVal *val)
{
    switch ((IrSnapKind)val->kind) {
    case SNAP_NULL:
    case SNAP_TUPLE:
    case SNAP_RANGEOBJ:
    case SNAP_SLICE:
        return 0;
    case SNAP_REF:
    case SNAP_MEM:
        return 1;
    case SNAP_DYN:
    case SNAP_LISTIT:
    case SNAP_TUPIT:
    case SNAP_STRIT:
    case SNAP_COMPLEX:
        return 2;
    case SNAP_RANGE:
    case SNAP_ENUM:
    case SNAP_ZIP:
        return 3;
    }
    return 0;
}

/* Follow the map to its end; maps may be chains, never rings. */
static IrRef
mapped(const IrRef *map, IrRef ref)
{
    while (ref != 0 && map[ref] != 0) {
        IR_ASSERT(map[ref] != ref);
        ref = map[ref];
    }
    return ref;
}

void
ir_block_drop_nops(IrFn *fn, uint32_t b)
{
    IrBlock *block = &fn->blocks[b];
    uint32_t kept = 0;
    for (uint32_t i = 0; i < block->n_ins; i++) {
        if (fn->ins[block->ins[i]].op != IR_NOP) {
            block->ins[kept++] = block->ins[i];
        }
    }
    block->n_ins = kept;
}

void
ir_replace_uses(IrFn *fn, const IrRef *map)
{
    for (IrRef ref = 1; ref < fn->n_ins; ref++) {
        IrIns *ins = &fn->ins[ref];
        for (uint32_t i = 0; i < ins->n_args; i++) {
            ins->args[i] = mapped(map, ins->args[i]);
        }
    }
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        IrBlock *block = &fn->blocks[b];
        for (uint32_t s = 0; s < block->n_succ; s++) {
            IrEdge *edge = &block->succ[s];
            for (uint32_t i = 0; i < edge->n_args; i++) {
                edge->args[i] = mapped(map, edge->args[i]);
            }
        }
    }
    for (IrSnapId s = 1; s < fn->n_snaps; s++) {
        IrSnap *snap = &fn->snaps[s];
        uint32_t n_vals = ir_snap_n_vals(snap);
        for (uint32_t i = 0; i < n_vals; i++) {
            IrSnapVal *val = &snap->vals[i];
            val->a = mapped(map, val->a);
            val->b = mapped(map, val->b);
            val->c = mapped(map, val->c);
        }
    }
}
