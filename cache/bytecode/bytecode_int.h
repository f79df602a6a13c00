/* Private to cache/bytecode: what a minor says of its bytecode. */
#ifndef PYAOT_BYTECODE_INT_H
#define PYAOT_BYTECODE_INT_H

#include "pyaot_bytecode.h"

typedef struct {
    const char *name;
    uint8_t op;     /* BcOp; BC_NONE: no instruction */
    uint8_t form;   /* BcForm */
    uint8_t caches; /* units behind it */
} BcRaw;

struct BcMinor {
    const char *abi;  /* how its ABI texts begin */
    const BcRaw *raw; /* 256 */
    uint8_t extended_arg;
    /* Operands and targets; ins has its place and op already, and arg as a. */
    void (*operands)(BcIns *ins, uint32_t arg);
};

#endif
