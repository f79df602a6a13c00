/* The verifier. */
#ifndef PYAOT_IR_CHECK_H
#define PYAOT_IR_CHECK_H

#include "ir.h"

/* Does the function obey the rules of IR.md?
 *
 * err   PYAOT_ERR_MAX bytes or NULL: the first fault, as in
 *       "b3 v20 iadd: operand 2 is f, not i"
 *
 * Every index must lie inside its array (as ir_parse makes sure). */
bool ir_check(const IrFn *fn, char *err);

#endif
