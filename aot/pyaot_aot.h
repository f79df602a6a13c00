/* The compiler's public interface: profile in, C units out.
 *
 * A pure function of its arguments: no interpreter, no files, no clock.  Equal
 * profiles give equal bytes. */
#ifndef PYAOT_AOT_H
#define PYAOT_AOT_H

#include "cache/base/arena.h"
#include "cache/base/status.h"
#include "cache/base/strbuf.h"
#include "cache/code_key.h"
#include "cache/pyaot_cache.h"
#include "profiler/profile_db.h"

typedef struct {
    PyaotKey key;
    uint64_t filter; /* pyaot_image_filter */
    const char *qualname;
    uint32_t firstlineno;
    uint32_t n_regions;
    PyaotCacheRegion *regions;
} AotCode;

typedef struct {
    /* for humans: the first source file's base name, and how many more */
    const char *module;
    const char *source; /* the path of that file when profiled */
    const char *c_text;
    size_t c_len;
    AotCode *codes;
    uint32_t n_codes;
    uint64_t weight;  /* recorded events of these */
    bool is_hot;      /* worth the compiler's best */
    uint32_t size;    /* IR instructions */
    uint32_t largest; /* of its largest region */
} AotUnit;

typedef struct {
    const char *text; /* a row of bail.def */
    uint32_t count;
} AotRefusal;

/* What a code object took in the recorded runs, and will take: estimates, of
 * what it does itself in the interpreter, calls of others not counted, and
 * only in proportion to each other. */
typedef struct {
    double run_ns;     /* all of it */
    double covered_ns; /* the part that is compiled */
    double native_ns;  /* what that part takes natively, entering included */
    const char *why;   /* the rest is not compiled; a row of bail.def */
} AotWorth;

typedef struct {
    /* of the profiled interpreter; NULL: nothing profiled */
    const char *abi;
    AotUnit *units;
    uint32_t n_units;
    uint32_t n_codes; /* code objects with at least one superblock */
    uint32_t n_superblocks;
    uint32_t n_refused;
    AotRefusal *refusals; /* most frequent first */
    uint32_t n_refusals;
    AotWorth *worth; /* of each code object of the profile */
} AotPlan;

/* What the profile's reference loop takes for a turn (profiler/SCHEMA.md,
 * turn_ns), in the nanoseconds of AotWorth. */
double pyaot_aot_turn_ns(void);
/* AotWorth.why of what could be compiled if it had run more often. */
const char *pyaot_aot_cold(void);

typedef struct {
    /* for tests: compile all that can be, however cold */
    bool everything;
    const char *passes;      /* pass letters (aot/opt/passes.def); NULL: all */
    StrBuf *dump;            /* the IR after each pass goes here, or NULL */
    const char *dump_passes; /* letters of the passes to dump; NULL: all */
    const char *only; /* dump only code objects of this qualified name */
    /* what was compiled and why not goes here, or NULL */
    StrBuf *explain;
    /* explain: end of a source path, or of a function's qualified name; NULL:
     * all */
    const char *place;
    uint32_t line; /* explain: 0 = all */
    bool detail;   /* explain: what the IR is */
} AotOptions;

/* Decide what to compile and generate it.
 *
 * codes    from pyaot_profile_load
 * arena    everything in *plan lives there
 *
 * Returns PYAOT_OK (also when nothing is worth compiling: no units);
 * PYAOT_E_ABI if the profile mixes interpreters; PYAOT_E_NOMEM, PYAOT_E_LIMIT;
 * PYAOT_E_INTERNAL if a verifier found a fault of the compiler's own (that
 * region is then refused, not compiled). */
PyaotStatus pyaot_aot_plan(const ProfileCode *codes, uint32_t n_codes,
                           const AotOptions *options, Arena *arena,
                           AotPlan *plan, char err[PYAOT_ERR_MAX]);

#endif
