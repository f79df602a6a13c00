/* The optimiser: passes over one IrFn, in the order of a string of letters.
 *
 * Every pass is `bool pass_x(IrFn *)`: true if it changed something.  A pass
 * never frees and never checks memory; the driver looks at the arena after
 * each. */
#ifndef PYAOT_PASS_H
#define PYAOT_PASS_H

#include "ir.h"
#include "status.h"

/* Properties of a function that passes require and keep. */
enum {
    PROP_SSA = 1 << 0,         /* ir_check passes */
    PROP_COUNTS_FREE = 1 << 1, /* no INCREF, DECREF, release, steal, owned */
};

typedef bool (*PassFn)(IrFn *fn);

typedef struct {
    char letter;
    const char *name;
    PassFn run;
    uint8_t needs, keeps;
} Pass;

#define PASS(letter, name, function, needs, keeps) bool function(IrFn *fn);
#include "passes.def"

/* The letters of the pipeline, reference counts last. */
extern const char pass_default[];

typedef struct {
    bool verify; /* after each pass; on in debug builds anyway */
    /* Called after each pass, and once before the first (pass NULL). */
    void (*dump)(void *self, const Pass *pass, const IrFn *fn);
    void *dump_self;
} PassOptions;

/* NULL if there is no such letter. */
const Pass *pass_find(char letter);

/* Run the passes named by letters (NULL = pass_default) in that order.
 *
 * options  may be NULL
 * err      PYAOT_ERR_MAX bytes or NULL
 *
 * Returns PYAOT_OK, PYAOT_E_ARGUMENT for an unknown letter,
 * PYAOT_E_INTERNAL if the verifier found something (err says the pass), or
 * the arena's status. */
PyaotStatus pass_run(IrFn *fn, const char *letters, const PassOptions *options,
                     char *err);

/* Does the function free more than objects of simple classes?  Call after the
 * refcount pass. */
bool refcount_releases(const IrFn *fn);

/* The verifier of what the refcount pass has made (rc_check.c).  False: err
 * says what is wrong. */
bool rc_check(IrFn *fn, char *err);

#endif
