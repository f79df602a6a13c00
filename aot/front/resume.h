/* Where generator bodies are entered natively after a yield, and whether that
 * pays. */
#ifndef PYAOT_RESUME_H
#define PYAOT_RESUME_H

#include "bytecode.h"
#include "feedback.h"

/* Is ins where a generator goes on after a yield of its own?  (Not one that
 * only passes on what another iterator yields.) */
bool resume_is_entry(const BcIns *ins);

/* How often the code is likely to pass there: the back-edges of the innermost
 * loop around it, or the entries of its function; 0 if the profile never saw
 * the yield in front of it. */
uint64_t resume_count(const BcCode *code, const ProfileCode *profile,
                      uint32_t off);

/* About how much faster, in nanoseconds, native code is than the interpreter
 * on its way from off to wherever it leaves: the next yield, a return, what is
 * not compiled. */
uint32_t resume_gain_ns(const BcCode *code, const ProfileCode *profile,
                        uint32_t off, Arena *arena);
#endif
