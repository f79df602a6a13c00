#ifndef PYAOT_LOCAL_TYPES_H
#define PYAOT_LOCAL_TYPES_H

#include "bytecode.h"
#include "feedback.h"

/* One entry for each local; cls ANY where observations differ, seen false
 * where there are none.  Arena-owned; NULL if out of memory. */
FeedbackType *local_types(const BcCode *code, const ProfileCode *profile,
                          Arena *arena);
#endif
