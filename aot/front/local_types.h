#ifndef PYAOT_LOCAL_TYPES_H
#define PYAOT_LOCAL_TYPES_H

#include "bytecode.h"
#include "feedback.h"

/* One entry for each local; cls ANY where observations differ, seen false
 * where there are none.  Arena-owned; NULL if out of memory.
 *
 * as_object  out: for each local, whether its value is used in any way in
 *            which the identity of a number matters (kept, passed on,
 *            returned, compared by `is`); arena-owned */
FeedbackType *local_types(const BcCode *code, const ProfileCode *profile,
                          Arena *arena, bool **as_object);
#endif
