/* The figures of costs.def. */
#ifndef PYAOT_COSTS_H
#define PYAOT_COSTS_H

#include "bytecode.h"
#include "ir.h"

enum {
#define COST(name, ns) COST_##name##_NS = ns,
#define COST_INS(name, known, other, gain_known, gain_other)
#define COST_OP(name, ns)
#define COST_PYOP(name, ns)
#include "costs.def"
};

typedef struct {
    double known_ns, other_ns;           /* interpreted */
    double known_gain_ns, other_gain_ns; /* of native code over that */
} CostOfIns;

/* Of a canonical instruction (BcOp). */
CostOfIns cost_of_ins(uint8_t op);
/* Of an operation where it runs, a callee's body not counted. */
double cost_of_op(const IrIns *ins);
#endif
