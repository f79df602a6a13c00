/* Private to aot/back: what is being emitted, and where. */
#ifndef PYAOT_C_EMIT_INT_H
#define PYAOT_C_EMIT_INT_H

#include "c_emit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "exit_kinds.h"

/* Process-wide objects named by the unit. */
typedef struct { const char **text; uint32_t n, cap; } Symbols;

typedef struct {
    const EmitUnit *unit;
    EmitCode *code;
    const EmitRegion *region;
    const IrFn *fn;
    StrBuf *out;
    StrBuf stubs;        /* exits, behind the blocks */
    StrBuf descs;        /* their tables, in front of the function */
    uint32_t n_descs;
    Arena *arena;
    uint8_t *stub_done;  /* per snapshot: a stub without releases exists */
    uint8_t *ref_done;   /* per instruction: its own stub exists */
    uint8_t *in_place;   /* per box: used only by a LOCAL_SET, which makes it */
    Symbols symbols;
    char ret;            /* o i f b; 'x': entered on a live frame */
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

/* ---- c_exits.c ---- */
/* Append a row to the code's exits; its number. */
uint32_t exit_row(Emit *e, ExitRow row);
/* The row of a snapshot. */
uint32_t exit_of_snap(Emit *e, const IrSnap *s);
/* "goto X": where a failing guard goes; its stub is emitted behind the blocks. */
const char *exit_goto(Emit *e, IrRef ref, char buf[32]);
/* Tables of PyaotCell; *w counts the words that fill them. */
uint32_t exit_table_open(Emit *e);
void exit_cell(Emit *e, const char *kind, uint32_t index, uint32_t flags, uint64_t aux);
void exit_state_cells(Emit *e, const IrSnap *s, bool locals_only, uint32_t *w);
void exit_release_cells(Emit *e, const IrIns *ins, uint32_t *w);
/* The same once the call ins has been made. */
void exit_return_cells(Emit *e, const IrIns *ins, uint32_t *w);
/* The same where the callee has left and goes on in frames: given back when
 * they are there, before they run. */
void exit_call_cells(Emit *e, const IrIns *ins, uint32_t *w);
void exit_table_close(Emit *e);
/* Words that any exit of the function needs. */
uint32_t exit_max_words(const IrFn *fn);
void exit_go_tail(Emit *e, const char *tail, uint32_t table, uint32_t exit_id,
                  uint32_t stacktop);
void exit_tails(Emit *e);
bool exit_is_plain_yield(const Emit *e, const IrIns *ins);
void exit_yield_stub(Emit *e, IrRef ref);
void exit_raise_stub(Emit *e, IrRef ref);
void exit_death_stub(Emit *e, IrRef ref);

/* ---- c_ins.c ---- */
/* Fills e->in_place. */
void find_in_place(Emit *e);
void emit_ins(Emit *e, IrRef ref);
/* Leave by the instruction's exit if this C condition holds. */
void fail_if(Emit *e, IrRef ref, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- c_data.c ---- */
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

/* ---- c_call.c ---- */
void c_call_direct(Emit *e, IrRef ref, const IrIns *ins);
void c_object_new(Emit *e, IrRef ref, const IrIns *ins);
void c_call_init(Emit *e, IrRef ref, const IrIns *ins);
void c_py(Emit *e, IrRef ref, const IrIns *ins);
void c_py_next(Emit *e, IrRef ref, const IrIns *ins);
void c_py_send(Emit *e, IrRef ref, const IrIns *ins);
#endif
