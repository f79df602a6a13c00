/* Identity of numbers.
 *
 * Two computations of a number are two objects in Python, but an exit makes
 * one object for each IR value.  So a number that a snapshot or a block
 * parameter may show is not merged with an equal one, nor computed once for
 * all rounds of a loop.  Comparisons, unboxed objects and constants have no
 * identity of their own. */
#ifndef PYAOT_IDENTITY_H
#define PYAOT_IDENTITY_H

#include "ir.h"

/* By IrRef: may an exit make an object of it?  NULL: out of memory. */
const bool *identity_shown(const IrFn *fn);

/* Would merging or hoisting join two objects? */
bool identity_matters(const IrIns *ins, bool shown);

#endif
