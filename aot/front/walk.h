/* A walk through bytecode with the profile's odds: what is to be expected from
 * an instruction on. */
#ifndef PYAOT_WALK_H
#define PYAOT_WALK_H

#include "build.h"

/* The odds that a jump back is followed.  A loop counts as some fifty turns at
 * most: more would change no decision, and the sums of nested loops settle. */
#define WALK_TURN_ODDS 0.98
#define WALK_MAX_SWEEPS 200
#define WALK_SETTLED_NS 0.5

typedef struct {
    const BuildRequest *req;
    /* ns, of one alone */
    double (*value)(const BuildRequest *req, const BcIns *ins);
    bool (*ends)(const BcIns *ins); /* nothing counts from it on */
    /* index of an instruction that is as an end, or UINT32_MAX */
    uint32_t end;
} Walk;

/* For each instruction the expected sum of the values from there to where the
 * way ends.  In the arena; NULL if that is full. */
double *walk_sums(const Walk *walk);

/* How probable it is that a conditional jump or FOR_ITER jumps, and that a
 * SEND's receiver returns, by what the profile saw. */
double walk_jump_odds(const ProfileCode *profile, const BcIns *ins);
double walk_return_odds(const ProfileCode *profile, const BcIns *send);

/* Is the operand (from the stack's top) a number, or a sequence, of a kind for
 * which the interpreter has specialised forms of instructions? */
bool walk_is_number(const BuildRequest *req, const BcIns *ins, uint32_t depth);
bool walk_is_sequence(const BuildRequest *req, const BcIns *ins,
                      uint32_t depth);

/* The Python function that the call goes to as a rule; NULL: none, or nothing
 * is known of it.  *is_python: it is one, *is_class: an instance is made. */
const CalleeInfo *walk_callee(const BuildRequest *req, const BcIns *ins,
                              bool *is_python, bool *is_class);

/* Nanoseconds that the interpreter takes for one instruction; a Python
 * function that it calls, frame included, and what C code does are not
 * counted. */
double walk_alone(const BuildRequest *req, const BcIns *ins);
/* Nanoseconds that the interpreter takes from each instruction on until it
 * leaves the code, calls included.  In the arena; NULL if that is full. */
double *walk_interpreted(const BuildRequest *req);
#endif
