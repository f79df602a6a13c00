#ifndef PYAOT_PARAMS_H
#define PYAOT_PARAMS_H

#include "ir.h"

/* What becomes of parameters that are passed unboxed. */
typedef struct {
    /* bit k: boxed again, other than by an exit: its identity would be lost,
     * it must be passed as an object */
    uint64_t boxed;
    /* bit k < 32: may be the result; RETURN's aux says where */
    uint64_t returned;
} ParamUse;

/* Requires trivial block parameters to be gone.  Sets aux of each RETURN to
 * the set of parameters its operand may be. */
ParamUse params_use(IrFn *fn);
#endif
