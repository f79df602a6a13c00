/* The bytecode of CPython 3.14. */
#include "bytecode_int.h"

static const BcRaw raw[256] = {
#define OPCODE(name, number, canonical, caches, form)                         \
    [number] = {#name, BC_##canonical, BC_##form, caches},
#include "bytecode_314.def"
};

enum {
    EXTENDED_ARG = 69,
    LOAD_FAST_BORROW = 86,
    LOAD_FAST_BORROW_LOAD_FAST_BORROW = 87,
    INTRINSIC_ASYNC_GEN_WRAP = 4,
    NB_SUBSCR = 26,
    /* __exit__ and its self, place, old exception, exception */
    WITH_EXCEPT_ENTRIES = 5,
};

/* Jumps are relative to what follows the instruction and its inline cache. */
static void
operands(BcIns *ins, uint32_t arg)
{
    switch (ins->op) {
    case BC_LOAD_LOCAL:
        ins->a = arg;
        ins->borrows = ins->raw == LOAD_FAST_BORROW;
        return;
    case BC_LOAD_LOCAL_LOAD_LOCAL:
    case BC_STORE_LOCAL_LOAD_LOCAL:
    case BC_STORE_LOCAL_STORE_LOCAL:
        ins->a = arg >> 4;
        ins->b = arg & 15;
        ins->borrows = ins->raw == LOAD_FAST_BORROW_LOAD_FAST_BORROW;
        return;
    case BC_LOAD_GLOBAL:
    case BC_LOAD_ATTR:
        ins->a = arg >> 1;
        ins->b = arg & 1;
        return;
    case BC_LOAD_SUPER_ATTR: /* bit 1: super() had two arguments */
        ins->a = arg >> 2;
        ins->b = arg & 1;
        return;
    case BC_BINARY_OP:
        if (arg == NB_SUBSCR) {
            ins->op = BC_BINARY_SUBSCR;
            return;
        }
        ins->a = arg % BC_OPERATOR_COUNT;
        ins->b = arg >= BC_OPERATOR_COUNT;
        return;
    case BC_COMPARE_OP: /* bits 0 to 3: for specialisation */
        ins->a = arg >> 5;
        ins->b = arg >> 4 & 1;
        return;
    case BC_UNPACK_EX:
        ins->a = arg & 0xFF;
        ins->b = arg >> 8;
        return;
    case BC_CALL_FUNCTION_EX: /* always an entry for named ones, perhaps NULL
                               */
        ins->b = 1;
        return;
    case BC_CALL_INTRINSIC_1:
        ins->a = arg == INTRINSIC_ASYNC_GEN_WRAP ? BC_ASYNC_GEN_WRAP
                                                 : BC_INTRINSIC_OTHER;
        return;
    case BC_BUILD_INTERPOLATION: /* bit 0: with a format; from bit 2:
                                    conversion */
        ins->a = 2 + (arg & 1);
        ins->b = arg >> 2;
        return;
    case BC_RESUME:
        ins->a = arg & 3;
        ins->b = arg >> 2 & 1;
        return;
    case BC_WITH_EXCEPT_START:
        ins->a = WITH_EXCEPT_ENTRIES;
        return;
    case BC_END_ASYNC_FOR: /* the argument says where its SEND is, for tools */
        return;
    case BC_JUMP_FORWARD:
    case BC_POP_JUMP_IF_FALSE:
    case BC_POP_JUMP_IF_TRUE:
    case BC_POP_JUMP_IF_NONE:
    case BC_POP_JUMP_IF_NOT_NONE:
    case BC_SEND:
        ins->target = ins->next + arg;
        return;
    case BC_JUMP_BACKWARD:
    case BC_JUMP_BACKWARD_NO_INTERRUPT:
        ins->target = ins->next - arg; /* below 0: beyond the code */
        return;
    case BC_FOR_ITER: /* an exhausted loop passes END_FOR, and POP_ITER takes
                       * the iterator away */
        ins->side = ins->next + arg;
        ins->target = ins->side + 2;
        return;
    default:
        ins->a = arg;
        return;
    }
}

const BcMinor bc_minor_314 = {
    .abi = "cpython-314",
    .raw = raw,
    .extended_arg = EXTENDED_ARG,
    .operands = operands,
};
