/* pyaot's intermediate representation: SSA in basic blocks with parameters.
 *
 * A function (IrFn) is one superblock: one entry, any number of exits.  A
 * value is the index of the instruction that makes it (IrRef, 0 = none), so
 * that arrays may grow.  Merges are block parameters: each edge passes one
 * argument for each parameter of its target.  Branches pass none: a branch
 * goes to blocks of their own, so no edge is critical.
 *
 * A guard names a snapshot: the interpreter state to restore when it fails.
 */
#ifndef PYAOT_IR_H
#define PYAOT_IR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "ir_assert.h"

typedef uint32_t IrRef;
typedef uint32_t IrSnapId; /* 0 = none */

typedef enum {
    IR_NOP = 0,
#define IR_OP(name, text, result, args, flags, fields, effects) IR_##name,
#include "ops.def"
#undef IR_OP
    IR_OP_COUNT
} IrOp;

typedef enum { IR_VOID, IR_I64, IR_F64, IR_BOOL, IR_OBJ } IrType;

/* What the fields of an instruction may mean; M_<NAME> is the bit of one. */
typedef enum {
#define IR_FIELD(name, accessor, field, type, what) IR_FIELD_##name,
#include "fields.def"
#undef IR_FIELD
    IR_FIELD_COUNT
} IrField;
enum {
#define IR_FIELD(name, accessor, field, type, what)                           \
    M_##name = UINT64_C(1) << IR_FIELD_##name,
#include "fields.def"
#undef IR_FIELD
};

/* What is known of an index. */
typedef enum { IR_ANY_INDEX, IR_IN_BOUNDS, IR_NOT_NEGATIVE } IrBounds;

/* What a range that is taken apart must be like. */
typedef enum { IR_RANGE_STEP_1 = 1, IR_RANGE_NOT_NEGATIVE = 2 } IrRangeShape;

typedef enum { IR_LT, IR_LE, IR_EQ, IR_NE, IR_GT, IR_GE } IrCond;

/* Exact Python classes the compiler knows by name. */
typedef enum {
    IR_CLASS_ANY = 0,
#define IR_CLASS(name, text, ctype, simple) IR_CLASS_##name,
#include "classes.def"
#undef IR_CLASS
    IR_CLASS_COUNT
} IrClass;

/* Operations of IR_PY*: interpreter semantics by a C function. */
typedef enum {
#define IR_PYOP(name, text, flags) IR_PYOP_##name,
#include "pyops.def"
#undef IR_PYOP
    IR_PYOP_COUNT
} IrPyOp;

/* Op facts, decoded from ops.def. */
enum {
    IRF_EXIT = 1 << 0,   /* X */
    IRF_NEW = 1 << 1,    /* N */
    IRF_BORROW = 1 << 2, /* B */
    IRF_STATIC = 1 << 3, /* C */
    IRF_UNREAD = 1 << 4, /* U */
    IRF_ESCAPE = 1 << 5, /* E */
    IRF_RAISE = 1 << 6,  /* L */
    IRF_PURE = 1 << 9,   /* P */
    IRF_TERM = 1 << 10,  /* T */
    IRF_STEAL = 1 << 11, /* S */
};

/* Memory in the effects of a row; effects.h tells it apart further. */
/* clang-format off */
#define IR_MEMORY(X)                                                          \
    X(NOTHING) X(ITEM) /* an element of a list */ X(ITEMS) X(LENGTH) X(BYTES) \
    X(LOCALS) X(ATTR) X(CELL) /* a variable in a cell */ X(DICTS)             \
    X(ENTRY) /* of a dict */ X(ITERS) X(CLASS) /* of an object */ X(REST)     \
    X(ALL)
/* clang-format on */
typedef enum {
#define X(name) IR_MEMORY_##name,
    IR_MEMORY(X)
#undef X
} IrMemory;
enum {
    IR_READS_AT = 0,
    IR_WRITES_AT = 4,
    IR_MEMORY_MASK = 15,
    IR_FREES_MASK = 7 << 8
};
enum {
#define X(name) E_READS_##name = IR_MEMORY_##name << IR_READS_AT,
    IR_MEMORY(X)
#undef X
#define X(name) E_WRITES_##name = IR_MEMORY_##name << IR_WRITES_AT,
        IR_MEMORY(X)
#undef X
            E_FREES_SIMPLE = 1 << 8, /* objects of simple classes */
    /* what a store replaces: simple if it stores such */
    E_FREES_REPLACED = 2 << 8,
    E_FREES_CALLEE = 3 << 8, /* as the mode of the call says */
    E_FREES_SEEN = 4 << 8,   /* any, simple if unseen */
    E_FREES_ANY = 5 << 8,
};

typedef struct {
    const char *text, *args;
    const char *c;   /* what it is in C, or NULL */
    uint64_t fields; /* M_* */
    uint16_t flags, effects;
    uint8_t result; /* IrType */
} IrOpInfo;

/* How one interpreter slot is rebuilt at an exit. */
typedef enum {
    SNAP_NULL = 0, /* unbound */
    SNAP_REF,      /* value a: boxed by its type */
    /* already in the frame; a: the value known to be there, or 0 */
    SNAP_MEM,
    /* a: tag (0 in the frame or unbound, 1 i64, 2 f64 bits, 3 bool), b: bits
     */
    SNAP_DYN,
    SNAP_RANGE,  /* range iterator: a next, b step, c remaining */
    SNAP_LISTIT, /* list iterator: a list, b index */
    SNAP_TUPIT,  /* tuple iterator: a tuple, b index */
    SNAP_STRIT,  /* str iterator: a str, b index */
    /* enumerate: a list, tuple or str, b index, c number minus index */
    SNAP_ENUM,
    SNAP_COMPLEX, /* a real, b imaginary part */
    /* zip of two lists, tuples or strs: a, c, b index in both */
    SNAP_ZIP,
    /* that the exit makes of n parts of the snapshot, from first on */
    SNAP_TUPLE,
    SNAP_RANGEOBJ, /* range: n is 3 */
    SNAP_SLICE,    /* the same */
} IrSnapKind;

typedef struct {
    uint8_t kind, n;
    uint16_t first; /* slots with the same parts hold the same tuple */
    IrRef a, b, c;
} IrSnapVal;

typedef struct {
    uint32_t offset; /* code units */
    /* PYAOT_EXIT_CALL: where the callee's result is wanted */
    uint32_t resume;
    uint8_t kind;   /* PyaotExitKind of cache/abi */
    uint8_t reason; /* ExitReason */
    uint16_t n_locals, n_stack, n_parts;
    /* locals, then stack, then parts of tuples: those of a part come behind it
     */
    IrSnapVal *vals;
} IrSnap;

/* Is it made of parts of the snapshot? */
static inline bool
ir_snap_has_parts(const IrSnapVal *val)
{
    return val->kind >= SNAP_TUPLE;
}

/* Slots of the frame. */
static inline uint32_t
ir_snap_n_slots(const IrSnap *snap)
{
    return (uint32_t)snap->n_locals + snap->n_stack;
}

/* All values. */
static inline uint32_t
ir_snap_n_vals(const IrSnap *snap)
{
    return ir_snap_n_slots(snap) + snap->n_parts;
}

typedef struct {
    uint16_t op;
    uint8_t type;
    uint8_t cls; /* IrClass of an object result, if known */
    uint32_t block;
    uint32_t n_args;
    IrRef *args;
    int64_t imm; /* what these mean is the operation's: fields.def */
    double fimm;
    const char *text;
    IrSnapId snap; /* exit before the operation */
    /* exit with the exception it raised; for calls: state after, result to be
     * pushed */
    IrSnapId raise;
    uint32_t aux;
    uint32_t offset; /* bytecode offset it came from, code units */
    /* Made by the refcount pass: object values whose reference this
     * instruction's exits must give back. */
    IrRef *release;
    uint32_t n_release;
    /* of a call: bit i: the reference of operand i is the callee's */
    uint64_t given;
    uint8_t steal; /* the last object operand's reference is given away */
    uint8_t owned; /* the result holds a reference of its own */
} IrIns;

/* The mode of calls: a set of these. */
enum {
    IR_CALL_FRAMED = 1, /* the callee is framed */
    /* it is not, but frees more than objects of simple classes */
    IR_CALL_RELEASES = 4,
    /* of a class: with as many arguments as its __init__ has parameters */
    IR_CALL_EXACT = 2,
};

typedef struct {
    uint32_t to;
    uint32_t n_args;
    IrRef *args;
} IrEdge;

typedef struct {
    uint32_t n_params, cap_params;
    IrRef *params;
    uint32_t n_ins, cap_ins;
    IrRef *ins; /* last one is the terminator */
    IrEdge succ[2];
    uint32_t n_succ;
    uint32_t offset; /* bytecode offset, code units */
    bool is_header;  /* target of a back-edge */
    /* state at its start (loop headers, may be 0): lets hoist put guards in
     * front of the loop, which then forgets it */
    IrSnapId entry;
} IrBlock;

typedef struct {
    Arena *arena;
    const char *name;
    bool framed;
    uint8_t entry_kind; /* PyaotRegionKind */
    bool called_only;   /* as PyaotRegionDesc */
    uint32_t entry_offset, entry_depth;
    uint32_t n_locals;
    char sig[72];             /* "if:o" */
    uint64_t returned_params; /* bit k: may return the unboxed parameter k */
    uint32_t n_ins, cap_ins;
    IrIns *ins; /* ins[0] unused */
    uint32_t n_blocks, cap_blocks;
    IrBlock *blocks; /* blocks[0] is the entry */
    uint32_t n_snaps, cap_snaps;
    IrSnap *snaps; /* snaps[0] unused */
} IrFn;

extern const IrOpInfo ir_ops[IR_OP_COUNT];
extern const char *const ir_class_text[IR_CLASS_COUNT];
extern const char *const ir_class_ctype[IR_CLASS_COUNT];
/* its deallocation runs no Python code */
extern const bool ir_class_is_simple[IR_CLASS_COUNT];
extern const char *const ir_pyop_text[IR_PYOP_COUNT];
extern const char *const ir_cond_text[6];

/* The comparison of the operands the other way round. */
IrCond ir_cond_swapped(IrCond cond);
/* The comparison that is true exactly when this one is not (integers: of
 * floats none is, for NaN). */
IrCond ir_cond_negated(IrCond cond);

/* True if pyop cannot run Python code (given guarded operand classes). */
bool ir_pyop_is_leaf(IrPyOp op);

IrFn *ir_fn_new(Arena *arena, const char *name, uint32_t n_locals);
uint32_t ir_block_new(IrFn *fn, uint32_t offset);
/* Append to a block (block UINT32_MAX: to none).  args are copied. */
IrRef ir_add(IrFn *fn, uint32_t block, IrOp op, const IrRef *args,
             uint32_t n_args);
IrRef ir_param_add(IrFn *fn, uint32_t block, IrType type);
IrSnapId ir_snap_new(IrFn *fn, uint32_t offset, uint32_t n_locals,
                     uint32_t n_stack, uint32_t n_parts);
/* Number of IrRef operands of a snapshot value (0 to 3), at &val->a. */
uint32_t ir_snap_refs(const IrSnapVal *val);
/* Take the instructions that have become NOP out of a block. */
void ir_block_drop_nops(IrFn *fn, uint32_t block);
/* Replace every use (operands, edges, snapshots) v by map[v] where nonzero. */
void ir_replace_uses(IrFn *fn, const IrRef *map);

static inline IrIns *
ir_ins(const IrFn *fn, IrRef ref)
{
    return &fn->ins[ref];
}

/* ir_<accessor>(ins) and ir_set_<accessor>(ins, value), for each row of
 * fields.def. */
#define IR_FIELD(name, accessor, field, type, what)                           \
    static inline type ir_##accessor(const IrIns *ins)                        \
    {                                                                         \
        IR_ASSERT(ir_ops[ins->op].fields &(M_##name));                        \
        return (type)ins->field;                                              \
    }                                                                         \
    static inline void ir_set_##accessor(IrIns *ins, type value)              \
    {                                                                         \
        IR_ASSERT(ir_ops[ins->op].fields &(M_##name));                        \
        ins->field = value;                                                   \
    }
#include "fields.def"
#undef IR_FIELD

static inline bool
ir_call_is_framed(const IrIns *ins)
{
    return (ir_mode(ins) & IR_CALL_FRAMED) != 0;
}

/* The object in co_consts that this number is, as its index plus 1; 0: it is
 * no constant, or a new number. */
static inline uint32_t
ir_const_object(const IrIns *ins)
{
    return ins->op == IR_CONST_I64 || ins->op == IR_CONST_F64
               ? ir_own_const(ins)
               : 0;
}

/* The meanings that lie in each field, as sets of M_*. */
typedef struct {
    uint64_t imm, aux, fimm, text;
} IrFieldSets;
extern const IrFieldSets ir_fields_of;

/* The operation becomes another, whose fields are 0; operands, snapshots and
 * result stay. */
void ir_become(IrIns *ins, IrOp op);
/* Do the same operations have the same fields and result? */
bool ir_same_fields(const IrIns *x, const IrIns *y);

/* The flags of its row, refined by its fields.  Passes read effects.h. */
uint32_t ir_flags(const IrIns *ins);
/* Does this store of its last operand replace objects of simple classes only,
 * and leave where another would die?  Where a number or a string is stored,
 * one is replaced as a rule. */
bool ir_replaces_simple(const IrFn *fn, const IrIns *ins);
/* Does ins make an object that keeps operand i, whose reference may be given
 * to it (bit i of aux)? */
bool ir_new_takes(const IrIns *ins, uint32_t i);
/* Is ins a call whose callee takes over the reference of operand i, if that
 * ends there?  One of its own it gets in any case. */
bool ir_call_takes(const IrIns *ins, uint32_t i);

#endif
