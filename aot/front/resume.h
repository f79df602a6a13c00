/* Where generator bodies are entered natively after a yield, and whether that
 * pays. */
#ifndef PYAOT_RESUME_H
#define PYAOT_RESUME_H

#include "build.h"

/* Is ins where a generator or coroutine goes on behind a yield, its own or one
 * that passes on what another yields? */
bool resume_is_entry(const BcIns *ins);

/* The RESUME at which the body of a generator or coroutine starts; NULL in
 * other code. */
const BcIns *resume_start(const BcCode *code);

/* For each instruction of the code object, about how much faster, in
 * nanoseconds, native code is than the interpreter on its way from there to
 * wherever it leaves: the next yield, a return, what is not compiled.
 * Negative: slower.  In the arena; NULL if that is full. */
const double *resume_gains(const BuildRequest *req);
/* The gain of an entry at off, by these. */
int32_t resume_gain_ns(const BuildRequest *req, const double *gains,
                       uint32_t off);

/* Does the FOR_ITER or SEND draw from a generator or coroutine? */
bool resume_draws(const ProfileCode *profile, const BcIns *ins);

/* Is a turn of the loop with this FOR_ITER faster natively, if what it draws
 * from is a generator? */
bool resume_pays(const BuildRequest *req, const BcIns *for_iter);
#endif
