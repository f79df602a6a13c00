/* Private to aot/back: what is being emitted, and where. */
#ifndef PYAOT_C_EMIT_INT_H
#define PYAOT_C_EMIT_INT_H

#include "c_emit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "exit_kinds.h"

/* Process-wide objects named by the unit. */
typedef struct {
    const char **text;
    uint32_t n, cap;
} Symbols;

/* Texts, each once: lists of cells, exits of a function. */
typedef struct {
    uint32_t hash, len, place;
} Text;
typedef struct {
    StrBuf bytes;
    Text *slots;
    uint32_t n, cap;
} Texts;

typedef struct {
    const EmitUnit *unit;
    EmitCode *code;
    const EmitRegion *region;
    const IrFn *fn;
    StrBuf *out;
    StrBuf stubs; /* exits, behind the blocks */
    /* of the unit's exits: their records without places */
    StrBuf heads;
    uint32_t n_heads;
    uint32_t first_head; /* of the function */
    Texts shapes;        /* the unit's lists of cells */
    /* the function's exits of guards; an exit's label is its place */
    Texts guards;
    Arena *arena;
    /* per snapshot: place of its exit without releases, plus 1; or 0 */
    uint32_t *snap_exit;
    uint32_t *ref_exit; /* per instruction: the same, of its own exit */
    /* per box: used only by a LOCAL_SET, which makes it */
    uint8_t *in_place;
    Symbols symbols;
    char ret; /* o i f b; 'x': entered on a live frame */
    bool framed;
} Emit;

#define OUT(...) strbuf_printf(e->out, __VA_ARGS__)
#define STUB(...) strbuf_printf(&e->stubs, __VA_ARGS__)

static inline const IrIns *
at(const Emit *e, IrRef r)
{
    return ir_ins(e->fn, r);
}

/* Is v a constant? */
static inline bool
is_const(const Emit *e, IrRef v, int64_t value)
{
    return at(e, v)->op == IR_CONST_I64 && ir_value(at(e, v)) == value;
}

static inline uint32_t
n_locals(const Emit *e)
{
    return e->fn->n_locals;
}

static inline const char *
c_type(uint8_t type)
{
    switch ((IrType)type) {
    case IR_I64:
        return "int64_t";
    case IR_F64:
        return "double";
    case IR_BOOL:
        return "int";
    case IR_OBJ:
        return "PyObject *";
    case IR_VOID:
        break;
    }
    return "void";
}

static inline const char *
ret_type(char c)
{
    return c == 'f' ? "PyaotRetF" : c == 'o' ? "PyaotRetO" : "PyaotRetI";
}

/* --- c_exits.c ----------------------------------------------------------- */
/* Append a row to the code's exits; its number. */
uint32_t exit_row(Emit *e, ExitRow row);
/* The row of a snapshot. */
uint32_t exit_of_snap(Emit *e, const IrSnap *s);
/* "goto X": where a failing guard goes; its stub is emitted behind the blocks.
 */
const char *exit_goto(Emit *e, IrRef ref, char buf[32]);
/* The end of a function, where its exits come to. */
void exit_tail(Emit *e);
/* The exits of all functions, for the exit table. */
void exit_states(Emit *e);
bool exit_is_plain_yield(const Emit *e, const IrIns *ins);
void exit_yield_stub(Emit *e, IrRef ref);
void exit_raise_stub(Emit *e, IrRef ref);
/* Of a direct call that does not come back with its result, as `st`; of an
 * __init__'s. */
void exit_call_stub(Emit *e, IrRef ref);
void exit_init_stub(Emit *e, IrRef ref);
void exit_death_stub(Emit *e, IrRef ref);

/* --- c_ins.c ------------------------------------------------------------- */
/* Fills e->in_place. */
void find_in_place(Emit *e);
void emit_ins(Emit *e, IrRef ref);
/* Leave by the instruction's exit if this C condition holds. */
void fail_if(Emit *e, IrRef ref, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* --- c_data.c ------------------------------------------------------------ */
void c_get(Emit *e, IrRef ref, const IrIns *ins);
void c_index(Emit *e, IrRef ref, const IrIns *ins);
void c_list_set(Emit *e, IrRef ref, const IrIns *ins);
void c_list_fill(Emit *e, IrRef ref, const IrIns *ins);
void c_list_append(Emit *e, IrRef ref, const IrIns *ins);
void c_sequence_new(Emit *e, IrRef ref, const IrIns *ins);
void c_str_build(Emit *e, IrRef ref, const IrIns *ins);
void c_global(Emit *e, IrRef ref, const IrIns *ins);
void c_cell_get(Emit *e, IrRef ref, const IrIns *ins);
void c_cell_set(Emit *e, IrRef ref, const IrIns *ins);
void c_attr(Emit *e, IrRef ref, const IrIns *ins);
void c_method(Emit *e, IrRef ref, const IrIns *ins);
void c_dict(Emit *e, IrRef ref, const IrIns *ins);
void c_take(Emit *e, IrRef ref, const IrIns *ins);
void c_iter(Emit *e, IrRef ref, const IrIns *ins);

/* --- c_call.c ------------------------------------------------------------ */
void c_call_direct(Emit *e, IrRef ref, const IrIns *ins);
void c_object_new(Emit *e, IrRef ref, const IrIns *ins);
void c_call_init(Emit *e, IrRef ref, const IrIns *ins);
void c_py(Emit *e, IrRef ref, const IrIns *ins);
void c_py_next(Emit *e, IrRef ref, const IrIns *ins);
void c_py_send(Emit *e, IrRef ref, const IrIns *ins);
#endif
