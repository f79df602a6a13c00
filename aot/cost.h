/* What a region is worth (costs.def). */
#ifndef PYAOT_COST_H
#define PYAOT_COST_H

#include "build.h"
#include "pyaot_cache.h"
#include "exit_kinds.h"
#include "strbuf.h"

/* How a function is called where that is not done natively, as far as the
 * profile tells; it decides what a native entry replaces. */
typedef enum {
    CALLED_BY_C, /* by C code alone: no call of it was seen */
    /* the interpreter's calls, which go there without one of C */
    CALLED_BY_CALL,
    CALLED_BY_CLASS,     /* as the __init__ of a class that is called */
    CALLED_BY_ATTRIBUTE, /* as a property's getter, or __getitem__ */
} CalledBy;

/* Expected nanoseconds of one entry, all that follows it included. */
typedef struct {
    double call_ns; /* the interpreter's call; a loop: 0 */
    /* what the interpreter takes from there to the end */
    double interpreted_ns;
    /* the same natively, exits and what follows them included */
    double native_ns;
    /* what of both comes when the region has been left */
    double rest_ns;
    double entry_ns; /* to get there, and what callers lose */
} Cost;

/* Of a function's entry, called so. */
Cost cost_of_entry(const BuildRequest *req, const IrFn *fn, CalledBy by);
/* Of a region on the interpreter's frame, a loop's or one behind a yield,
 * entered through an event.
 *
 * loops  by instruction: what is known of the code's other loops (entry_ns >
 * 0), where it may go on */
Cost cost_of_loop(const BuildRequest *req, const IrFn *fn, const Cost *loops);
double cost_gain_ns(const Cost *cost);
/* Is it worth it, with a margin for the estimate? */
bool cost_pays(const Cost *cost);
/* What the loader's governor expects of an entry to it: the region's gain and
 * loss.  (Where no costs are known these stay as they are.) */
void cost_expect(const Cost *cost, PyaotCacheRegion *region);
void cost_text(const Cost *cost, StrBuf *out);
#endif
