/* Text form of the IR, written by ir_print, read by ir_parse.
 *
 *   fn "fib" kind=1 framed=0 locals=1 at=0 depth=0 sig="i:i"
 *   b0: @0
 *     v1 = param.i
 *     jump b1(v1)
 *   b1(v2:i): @4 header
 *     v3 = i64 #2
 *     v4 = icmp<lt> v2, v3
 *     branch v4, b2, b3
 *   b2:
 *     v7 = isub v2, v3 ? s1 ! s2 @6
 *     v8:list = list.new v9 ? s1 steal release [v9]
 *     return v2
 *   s1 @4 guard/0 [v2] []
 *   s2 @6 end/3 resume=7 [mem v1, null, dyn v4 v5, range v1 v2 v3] [listit v1
 * v2]
 *
 * A value is written v<IrRef>; one with a reference of its own (`owned`) is
 * v3+ where it is defined.  A type or class follows a colon where the
 * operation does not tell it.  `#n` is imm, `<name>` an imm that is a
 * condition, class or pyop, `? s` the exit before, `! s` the raise snapshot,
 * `@n` the bytecode offset where it differs from the line before (a block's
 * first line: from the block's), `entry s` a block's entry state.  `;` starts
 * a comment. */
#ifndef PYAOT_IR_TEXT_H
#define PYAOT_IR_TEXT_H

#include "ir.h"
#include "strbuf.h"

/* What the immediate of an operation means. */
typedef enum { IMM_NUMBER, IMM_COND, IMM_CLASS, IMM_PYOP } IrImmKind;
IrImmKind ir_imm_kind(IrOp op);

/* Letters of IrType in text: '-' void, then i f b o. */
extern const char ir_type_letter[5];
/* Texts of PyaotExitKind. */
extern const char *const ir_exit_kind_text[5];

/* Append the whole function. */
void ir_print(const IrFn *fn, StrBuf *buf);
/* Append one instruction, without indent and newline. */
void ir_print_ins(const IrFn *fn, IrRef ref, StrBuf *buf);

/* Read a function.  Values and blocks keep their numbers.
 *
 * text    need not end with NUL
 * out     arena-owned
 * err     PYAOT_ERR_MAX bytes: "line 3: no such operation: iad"
 *
 * Returns PYAOT_OK, PYAOT_E_FORMAT or the arena's status. The result is
 * well-formed in that every index lies inside its array; ir_check tells
 * whether it makes sense. */
PyaotStatus ir_parse(const char *text, size_t len, Arena *arena, IrFn **out,
                     char *err);

#endif
