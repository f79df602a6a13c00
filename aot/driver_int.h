/* What the files of aot's uppermost room share: driver.c (the pipeline),
 * choice.c, call_modes.c, regions.c, worth.c, units.c and explain.c. */
#ifndef PYAOT_DRIVER_INT_H
#define PYAOT_DRIVER_INT_H

#include "pyaot_aot.h"

#include "c_emit.h"
#include "cost.h"
#include "cache/code_image.h"
#include "exit_kinds.h"

/* Executions below which native code does not pay for loading it. */
#define MIN_ENTRIES 100
#define MIN_BACK_EDGES 100
#define MIN_RESUMES 100
#define MAX_ARGS 32

/* A code object on its way to C. */
typedef struct {
    const ProfileCode *profile;
    PyaotImage *image;
    BcCode *bc;
    SlotTable slots;
    char sig[MAX_ARGS + 4];
    bool has_entry; /* still a candidate for a function entry */
    bool framed;
    bool releases;
    /* variables up to the last that may hold what is seen to die */
    uint32_t holders;
    uint64_t returned_params; /* these as CalleeInfo */
    CalledBy called_by;
    Cost cost; /* of the function entry */
    /* by instruction: of a loop or resume there, if it was built */
    Cost *loop_costs;
    int32_t start_gain, resume_gain;
    const double *gains; /* resume_gains(), once somebody has asked */
    int8_t *pays;        /* as BuildRequest, once callees have settled */
    /* by instruction: a loop header that has a region, or is to */
    bool *loops;
    bool *shared;  /* ... a hot one that is in other regions only */
    uint32_t size; /* of its regions */
    Bail entry_bail;
    EmitRegion *regions;
    uint32_t n_regions;
} Code;

typedef struct {
    Arena *arena;
    const AotOptions *options;
    Code *codes;
    uint32_t n;
    CalleeInfo *callees;
    uint32_t refused[BAIL_COUNT];
    uint32_t n_superblocks;
    uint64_t total_weight; /* of all that was recorded */
    uint64_t n_units;      /* of bytecode, of all codes */
} Driver;

/* --- choice.c: which code objects are worth it --------------------------- */

/* Load what is into d->codes; plan->abi becomes the profile's. */
PyaotStatus choose_codes(Driver *d, const ProfileCode *codes, uint32_t n,
                         AotPlan *plan, char *err);
/* Too few executions of any kind? */
bool choice_is_cold(const Driver *d, const ProfileCode *profile);

/* Worth compiling, but not the compiler's best effort? */
bool choice_is_lukewarm(const Driver *d, const ProfileCode *profile);

/* --- callers.c: how functions are called --------------------------------- */

/* Set called_by of all; codes: all that was recorded. */
PyaotStatus find_callers(Driver *d, const ProfileCode *codes, uint32_t n);

/* --- call_modes.c: which call which how ---------------------------------- */

/* The signature that a function has at best, or why it has no entry. */
void choose_signature(const Driver *d, Code *c);
/* Iterate to what functions really need. */
void settle_call_modes(Driver *d);
/* Build the entry of c with what is known now.
 *
 * final   all is settled: dump it
 * out     the region
 *
 * True: something changed, there is no region. */
bool build_entry(Driver *d, Code *c, Arena *arena, bool final, IrFn **out);

/* --- regions.c: the regions of a code object ----------------------------- */

/* Its IR instructions, and what an entry takes beside them. */
uint32_t region_size(const IrFn *fn);
BuildRequest region_request(Driver *d, Code *c, Arena *arena);
/* Run the passes over a region that was built.  False, and *bail, if it is not
 * worth keeping.
 *
 * must_work   it has to come back to a loop header or return
 * dump        as the options want it */
bool region_finish(Driver *d, Code *c, IrFn *fn, bool must_work, bool dump,
                   Bail *bail);
/* Has it the loop with that header? */
bool region_has_loop(const IrFn *fn, uint32_t header);
/* Build all regions of a code object. */
PyaotStatus build_regions(Driver *d, Code *c);
/* When all are built: function entries that pay for calls from native code
 * alone are for these only, or go if there are none. */
void drop_unpaid_entries(Driver *d);

/* --- worth.c: what the recorded runs took, and will take ----------------- */

PyaotStatus find_worth(Driver *d, const ProfileCode *codes, uint32_t n,
                       AotPlan *plan);
/* What it took, of a code object whether chosen or not. */
double worth_interpreted(const BuildRequest *req);

/* --- units.c: what goes into one C text ---------------------------------- */

PyaotStatus emit_units(Driver *d, AotPlan *plan);

/* --- explain.c ----------------------------------------------------------- */

/* Append to the options' text what was compiled and what not, for those who
 * know Python.
 * codes, worth   all that was recorded */
void explain_codes(const Driver *d, const ProfileCode *codes, uint32_t n,
                   const AotWorth *worth);

/* --- explain_detail.c ---------------------------------------------------- */

/* The same of one code object in the compiler's words. */
void explain_detail(const Driver *d, const Code *c);

#endif
