#ifndef PYAOT_LOCAL_SIGNS_H
#define PYAOT_LOCAL_SIGNS_H

#include "bytecode.h"
#include "feedback.h"

/* For each local, whether all that the code stores into it looks like numbers
 * that are not negative: constants, lengths, and sums and products of such. An
 * expectation, to be guarded.  Arena-owned; NULL if out of memory. */
bool *local_signs(const BcCode *code, const ProfileCode *profile,
                  Arena *arena);
#endif
