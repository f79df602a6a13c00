/* Private to aot/front: the abstract state and the builder's context. */
#ifndef PYAOT_BUILD_INT_H
#define PYAOT_BUILD_INT_H

#include "build.h"
#include "pyaot_limits.h"

/* What an interpreter slot holds, and which IR values stand for it. */
typedef enum {
    K_NULL = 0, /* unbound local, NULL stack entry */
    K_MEM,      /* framed locals: whatever the frame holds, perhaps nothing */
    K_MAYBE,    /* stack entries: a: an object, or NULL; only moved about */
    K_OBJ,      /* a: object */
    K_OBJ_I64,  /* a: object, b: its value */
    K_OBJ_F64,
    K_I64, /* b: value only; boxing makes a new number */
    K_F64,
    K_BOOL, /* b */
    /* a real, b imaginary part; boxing makes a new number, which one a says */
    K_COMPLEX,
    K_DYN,    /* dead local of any kind: a tag, b bits */
    K_RANGE,  /* range iterator: a next, b step, c remaining */
    K_LISTIT, /* a list, b index */
    K_TUPIT,  /* a tuple, b index */
    K_STRIT,  /* a str, b index */
    /* enumerate: a sequence of class cls, b index, c number minus index */
    K_ENUM,
    K_ZIP, /* zip: a and c sequences of class cls, b index in both */
} AbsKind;

/* An iterator that lives as its parts: the program must not see it. */
static inline bool
is_iterator_kind(uint8_t kind)
{
    return kind >= K_RANGE;
}

/* A class whose iteration goes by index. */
static inline bool
is_sequence(IrClass cls)
{
    return cls == IR_CLASS_LIST || cls == IR_CLASS_TUPLE
           || cls == IR_CLASS_STR;
}

typedef enum { INFO_NONE = 0, INFO_SYMBOL, INFO_PYFN, INFO_METHOD } InfoKind;

typedef struct {
    InfoKind kind;
    /* SYMBOL: "c:builtins.len", "md:list.append", "type:range" */
    const char *text;
    const CalleeInfo *callee; /* PYFN, METHOD */
    uint32_t slot;            /* PYFN: CALLEE slot; METHOD: METHOD slot */
} CallInfo;

typedef struct {
    uint8_t kind;  /* AbsKind */
    uint8_t cls;   /* IrClass of an object, if known */
    uint16_t info; /* index into infos: what is known of a callable */
    IrRef a, b, c;
} AbsVal;

typedef struct {
    uint32_t n_stack;
    AbsVal *v; /* locals, then stack */
} State;

typedef struct Version {
    uint32_t off, block;
    /* block of the header of the innermost loop it belongs to, or 0 */
    uint32_t turn;
    State entry;
    /* by slot: the first slot with the same number (versions.c) */
    uint16_t *same;
    struct Version *next; /* of the same offset */
    bool built;
} Version;

#define NO_BLOCK UINT32_MAX
enum { MAX_OWED = 16, MAX_BOXES = 16 };

/* A class whose instances have an attribute: texts of the profile. */
typedef struct {
    const char *type, *layout;
    uint64_t count;
} ClassSeen;

/* An object made of a number, in a block. */
typedef struct {
    AbsVal number;
    IrRef box;
    uint32_t block;
} Box;

typedef struct {
    const BuildRequest *req;
    Arena *arena;
    const BcCode *code;
    const PyaotImage *image;
    IrFn *fn;
    bool framed, osr;     /* osr: entered on a live frame */
    uint32_t nl, ns;      /* locals, stack size */
    uint32_t block;       /* being filled; NO_BLOCK: unreachable */
    const BcIns *ins;     /* being lowered */
    State st, pre;        /* now; before the instruction */
    IrSnapId pre_snap;    /* of pre, made on demand */
    Version **versions;   /* per instruction index */
    uint32_t *inner_loop; /* the same: its innermost loop */
    /* of a loop's region: the last instruction of the loop */
    uint32_t last;
    uint32_t loop, turn; /* of the version being built */
    Version **queue;
    uint32_t n_queue, cap_queue, head;
    CallInfo *infos;
    uint32_t n_infos;
    bool needs_frame, failed, object_result;
    bool escaped; /* other code ran since the last FRAME_CHECK */
    /* operations from here on belong to the instruction */
    IrRef first_ins;
    IrRef owed[MAX_OWED]; /* to be dropped once `retry` has ended */
    uint32_t n_owed;
    /* the class of the owner whose attribute is taken, where it is one of
     * several that were seen; type NULL: not known */
    ClassSeen owner;
    Box boxes[MAX_BOXES]; /* made by the instruction */
    uint32_t n_boxes;
    /* set by a lowering: where to go on, if not behind it */
    const BcIns *go_on;
    /* While retry_end is set (up to it): what exits before an instruction go
     * back to, see lower_slice.c. */
    State retry;
    uint32_t retry_off;
    const BcIns *retry_end;
    Bail bail;
    const FeedbackType *local_types;
    bool *as_object;        /* per local: see local_types.h */
    bool compares_identity; /* some `is` other than with None */
    bool *in_cell;          /* names_in_cells */
} Builder;

/* --- emission (state.c) -------------------------------------------------- */
IrRef emit(Builder *b, IrOp op, const IrRef *args, uint32_t n);
IrRef emit0(Builder *b, IrOp op, int64_t imm);
IrRef emit1(Builder *b, IrOp op, IrRef x);
IrRef emit2(Builder *b, IrOp op, IrRef x, IrRef y);
/* As emit, with a side exit to the start of the current instruction. */
IrRef guard0(Builder *b, IrOp op, ExitReason why);
IrRef guard1(Builder *b, IrOp op, IrRef x, ExitReason why);
IrRef guard2(Builder *b, IrOp op, IrRef x, IrRef y, ExitReason why);
IrRef guard3(Builder *b, IrOp op, IrRef x, IrRef y, IrRef z, ExitReason why);
IrRef const_i64(Builder *b, int64_t v);
/* The process's own object of that name, as of IR_SYMBOL. */
IrRef emit_symbol(Builder *b, const char *text);
IrIns *ins_of(Builder *b, IrRef r);
IrSnapId snap_pre(Builder *b, ExitReason why);
IrSnapId snap_now(Builder *b, uint32_t off, uint8_t kind, ExitReason why);
/* Leave to the interpreter, unconditionally, before the current instruction.
 */
void leave_pre(Builder *b, uint8_t kind, ExitReason why);
/* Note that this code needs a frame; the build is thrown away. */
void need_frame(Builder *b);
/* An operation that may run Python code: needs a frame, flushes locals. */
void flush_locals(Builder *b);
/* local += right, both str; right is off the stack in b->st. */
void emit_append(Builder *b, uint32_t local, IrRef right);
/* op with operands that are already off the stack in b->st. */
IrRef emit_py(Builder *b, IrOp op, IrPyOp pyop, const IrRef *args, uint32_t n);

/* --- state (state.c) ----------------------------------------------------- */
State state_new(Builder *b);
void state_copy(const Builder *b, State *to, const State *from);
IrSnapId snap_of(Builder *b, const State *s, uint32_t off, uint8_t kind,
                 ExitReason why);
/* Leave through this snapshot; the block ends. */
void end_with_exit(Builder *b, IrSnapId snap);
void push(Builder *b, AbsVal v);
AbsVal pop(Builder *b);
AbsVal *peek(Builder *b, uint32_t depth);
AbsVal v_obj(IrRef r, IrClass cls);
AbsVal v_none(Builder *b);
AbsVal v_i64(IrRef r);
AbsVal v_f64(IrRef r);
AbsVal v_bool(IrRef r);
uint32_t slot_add(Builder *b, SlotReq req);

/* --- locals and constants (locals.c) ------------------------------------- */
/* Guard what the profile knows of an object at the place where it is defined:
 * its later uses then agree on its class, and need no versions. */
void settle_class(Builder *b, AbsVal *v, FeedbackType t);
void load_local(Builder *b, uint32_t k);
/* Drop the object of a number that nobody uses but as a number.  (A debugger
 * that reads the variable after an exit finds an equal number, not the same
 * object.) */
void forget_object(const Builder *b, uint32_t k, AbsVal *v);
/* depth: where the value was on the stack before the instruction. */
void store_local(Builder *b, uint32_t k, AbsVal v, uint32_t depth);
void delete_local(Builder *b, uint32_t k);
/* LOAD_LOCAL_AND_CLEAR: a comprehension uses the variable for its own. */
void put_local_away(Builder *b, uint32_t k);
void load_const(Builder *b, uint32_t index);

/* --- what instructions let go of (drops.c) ------------------------------- */
/* An instruction begins: what it lets go of is told from the state now. */
void drops_begin(Builder *b);
/* The instruction at hand has been done, and goes on at off: drop what it let
 * go of. */
void drops_end(Builder *b, uint32_t off);
/* A return of v from frameless code is about to be made: drop the locals. */
void drops_return(Builder *b, const AbsVal *v);

/* --- versions of blocks (versions.c) ------------------------------------- */
/* For each instruction in a loop without inner loops: the index of the
 * header, plus 1; 0 for all others.  Arena-owned; NULL if out of memory. */
uint32_t *innermost_loops(const BcCode *code, Arena *arena);
/* After code that ran: leave if somebody has taken hold of the frame. */
void check_frame(Builder *b, uint32_t off);
/* Is off the header of a loop around or behind the one that is built, with a
 * region of its own, which goes on there? */
bool goes_to_region(const Builder *b, uint32_t off);
/* Move to another block of the bytecode (consumes the current block). */
void goto_off(Builder *b, uint32_t off);
/* Two new blocks behind a branch; continue with switch_to. */
void branch(Builder *b, IrRef cond, uint32_t *then_block,
            uint32_t *else_block);
void switch_to(Builder *b, uint32_t block);

/* --- values (values.c) --------------------------------------------------- */
/* The class a value is known to have (ANY if not). */
IrClass known_class(const AbsVal *v);
/* Object for a value; boxes if need be, and then every slot that holds the
 * number holds that object. */
IrRef as_object(Builder *b, const AbsVal *v);
/* Are these one computed number without an object? */
bool is_same_number(const AbsVal *x, const AbsVal *y);
/* Could anybody tell at off which object the slot's number is? */
bool shows_identity(const Builder *b, uint32_t slot, uint32_t off);
/* v is about to be stored without an object of its own: give it one if the
 * number is elsewhere, too. */
void keep_one_object(Builder *b, AbsVal *v);
/* Unboxed value; guards an object and refines the state.  The position is
 * its distance from the top of b->pre's stack, for the profile. */
bool want_num(Builder *b, AbsVal *v, uint32_t depth, IrClass *cls);
/* Guard and unbox an object as int, float or bool. */
void unbox(Builder *b, AbsVal *v, IrClass cls);
/* The parts of a complex number, or of a real one taken as complex. */
bool want_complex(Builder *b, AbsVal *v, uint32_t depth, IrRef *re, IrRef *im);
IrRef as_i64(Builder *b, AbsVal *v);
IrRef as_f64(Builder *b, AbsVal *v);
/* Make sure v is an instance of cls (guard if not known).  False: the profile
 * says something else, nothing was emitted. */
bool want_class(Builder *b, AbsVal *v, IrClass cls);
/* The class of operand `depth` by static knowledge, else by the profile. */
IrClass likely_class(Builder *b, const AbsVal *v, uint32_t depth);
FeedbackType fb_operand(Builder *b, uint32_t depth);
bool fb_seen(Builder *b, uint32_t n_operands);

/* --- operands of several kinds (unions.c) -------------------------------- */
/* Has the instruction at hand an operand that may be an int or a float?
 * *depth: from the top of the stack. */
bool union_operand(Builder *b, uint32_t *depth);
enum { UNION_MAX_CLASSES = 4 };
/* The classes of instances whose attribute the instruction at hand takes or
 * sets, if there are several; how many (0: it is another instruction, or they
 * are too many).  seen: zeroed. */
uint32_t union_classes(Builder *b, ClassSeen seen[UNION_MAX_CLASSES]);

/* --- lowering; each handles b->ins --------------------------------------- */
void lower_binary_op(Builder *b);
void lower_compare(Builder *b);
void lower_to_bool(Builder *b);
void lower_unary(Builder *b);
void lower_contains(Builder *b);
void lower_subscr(Builder *b);
void lower_store_subscr(Builder *b);
void lower_build(Builder *b);
void lower_unpack(Builder *b);
/* --- lower_dict.c -------------------------------------------------------- */
/* Operands are off the stack; false: nothing done. */
bool dict_subscr(Builder *b, AbsVal *dict, AbsVal *index);
bool dict_store(Builder *b, AbsVal *dict, AbsVal *index, AbsVal *value);
bool dict_contains(Builder *b, AbsVal *container, AbsVal *item, IrRef *has);
bool dict_get(Builder *b, AbsVal *dict, AbsVal *args, uint32_t n);
bool set_add(Builder *b, AbsVal *set, AbsVal *item);
/* str() of an int, float or str; 0: it is something else. */
IrRef text_of(Builder *b, AbsVal *v, uint32_t depth);
/* --- slices (lower_slice.c); bool: done, together with what follows ------ */
bool lower_len_of_slice(Builder *b);
bool lower_slice(Builder *b); /* alone */
bool lower_fill(Builder *b);
/* A BUILD_LIST that may be the start of `x[a:b:c] = [v] * n`. */
void begin_fill(Builder *b);
/* Is the next instruction a len() of what the call at hand returns?  Then it
 * can be given its result. */
/* A range as numbers: its start, step and length. */
typedef struct {
    IrRef start, step, len;
} RangeParts;
/* Of an object of class range; leaves where they do not fit 64 bits. */
RangeParts range_of(Builder *b, IrRef range);
/* Make the range, if its step (the number) cannot be 0. */
bool push_range(Builder *b, const AbsVal *const bounds[3], IrRef step);
/* Make the slice of these ints and None. */
void push_slice(Builder *b, const AbsVal *const bounds[3]);
bool lower_build_slice(Builder *b);
/* container[index], where index is a slice whose bounds are in sight. */
bool lower_stride(Builder *b, AbsVal *container, const AbsVal *index);
void lower_load_attr(Builder *b);
void lower_store_attr(Builder *b);
/* --- names (lower_name.c) ------------------------------------------------ */
/* By index of a name: is it stored to, so that its place is used and not its
 * value?  Arena-owned; NULL if out of memory. */
bool *names_in_cells(const BcCode *code, Arena *arena);
void lower_load_global(Builder *b);
void lower_store_global(Builder *b);
void lower_deref(Builder *b);
/* IR_CALL_*: what the callee may do. */
static inline int
callee_kind(const CalleeInfo *callee)
{
    return callee->framed     ? IR_CALL_FRAMED
           : callee->releases ? IR_CALL_RELEASES
                              : 0;
}

/* What is known of a callable, for AbsVal.info; 0 if there is no room. */
uint16_t info_add(Builder *b, CallInfo info);
void lower_call(Builder *b);
void lower_get_iter(Builder *b);
void lower_for_iter(Builder *b);
void lower_delegate(Builder *b);
void lower_send(Builder *b);
void lower_end_send(Builder *b);
void lower_anext(Builder *b);
void lower_cond_jump(Builder *b);
void lower_return(Builder *b, AbsVal v);

#endif
