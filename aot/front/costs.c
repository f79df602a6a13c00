#include "costs.h"

CostOfIns
cost_of_ins(uint8_t op)
{
    static const struct {
        bool set;
        CostOfIns cost;
    } rows[BC_COUNT] = {
#define COST(name, ns)
#define COST_INS(name, known, other, gain_known, gain_other)                  \
    [BC_##name] = {true, {known, other, gain_known, gain_other}},
#define COST_OP(name, ns)
#define COST_PYOP(name, ns)
#include "costs.def"
    };
    return rows[op].set ? rows[op].cost : rows[BC_NOP].cost;
}

double
cost_of_op(const IrIns *ins)
{
    static const struct {
        bool set;
        double ns;
    } ops[IR_OP_COUNT] =
        {
#define COST(name, ns)
#define COST_INS(name, known, other, gain_known, gain_other)
#define COST_OP(name, ns) [IR_##name] = {true, ns},
#define COST_PYOP(name, ns)
#include "costs.def"
        },
      pyops[IR_PYOP_COUNT] = {
#define COST(name, ns)
#define COST_INS(name, known, other, gain_known, gain_other)
#define COST_OP(name, ns)
#define COST_PYOP(name, ns) [IR_PYOP_##name] = {true, ns},
#include "costs.def"
      };
    if ((ir_ops[ins->op].fields & M_PYOP) != 0 && pyops[ir_pyop(ins)].set) {
        return pyops[ir_pyop(ins)].ns;
    }
    return ops[ins->op].set ? ops[ins->op].ns : ops[IR_CONST_I64].ns;
}
