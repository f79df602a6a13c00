/* Bytecode and profile -> IR for one region.
 *
 * Blocks are versioned by the types of their entry state (basic block
 * versioning, after Chevalier-Boisvert and Feeley, "Simple and Effective Type
 * Check Removal through Lazy Basic Block Versioning", ECOOP 2015): a block is
 * built once for each combination of types it is reached with.  A loop whose
 * variables change representation in the first turn (an int start value that
 * becomes a float, an argument that is unboxed) is thereby peeled once, its
 * guards stay in the peeled turn, and values run unboxed in the rest.
 */
#ifndef PYAOT_BUILD_H
#define PYAOT_BUILD_H

#include "bytecode.h"
#include "feedback.h"
#include "ir.h"

typedef enum {
#define EXIT_REASON(name, text) EXIT_##name,
#include "exit.def"
#undef EXIT_REASON
    EXIT_REASON_COUNT
} ExitReason;

typedef enum {
    BAIL_NONE = 0,
#define BAIL(name, text) BAIL_##name,
#include "bail.def"
#undef BAIL
    BAIL_COUNT
} Bail;

extern const char *const exit_reason_text[EXIT_REASON_COUNT];
extern const char *const bail_text[BAIL_COUNT];

/* Slots of one code object, shared by its regions (PyaotSlotDesc). */
typedef struct {
    uint8_t kind, for_store;
    uint32_t name;
    const char *text;
    const PyaotKey *key;
    const char *sig;
    /* index of the callee's code, for CALLEE and METHOD with a key */
    uint32_t callee;
} SlotReq;

typedef struct {
    SlotReq *slots;
    uint32_t n, cap;
} SlotTable;

/* What the builder may know of another code object: can it be called
 * directly, how, and does it need a frame. */
typedef struct {
    PyaotKey key;
    const PyaotImage *image;
    const char *sig; /* NULL: no direct entry */
    bool framed;
    bool releases; /* frees more than objects of simple classes */
    uint32_t argcount;
    uint32_t index;           /* names its C function */
    uint64_t returned_params; /* bit k: may return parameter k itself */
    /* of one call, how it is called not counted; 0: unknown */
    double interpreted_ns, native_ns;
    /* calls of the interpreter and of C code enter it natively */
    bool installed;
    /* of a generator or coroutine: resume_gain_ns of its start, of its resumes
     * on average */
    int32_t start_gain, resume_gain;
    const BcCode *code;
} CalleeInfo;

typedef struct {
    Arena *arena;
    const BcCode *code;
    const ProfileCode *profile;
    SlotTable *slots;
    uint8_t entry_kind; /* PyaotRegionKind */
    /* resume: the RESUME; back-edge: the loop header */
    uint32_t entry_offset;
    /* by instruction: a loop header with a region of its own, which the region
     * of a loop beside or in it does * not repeat; NULL: none */
    const bool *loops;
    bool framed;
    const char *sig; /* entry: argument and result types */
    const CalleeInfo *callees;
    uint32_t n_callees;
    bool everything; /* AotOptions.everything */
    /* by instruction: what resume_pays() has said (1, -1), or * 0; NULL:
     * callees may still change, it is not kept */
    int8_t *pays;
} BuildRequest;

typedef struct {
    IrFn *fn;
    Bail bail;
    bool needs_frame; /* build again with framed = true */
    /* a result's identity matters: build again with 'o' */
    bool object_result;
} BuildResult;

BuildResult build_region(const BuildRequest *req);
/* The last jump back to a loop's header, both by instruction; the header if
 * there is none. */
uint32_t loop_end(const BcCode *code, uint32_t header);
const CalleeInfo *build_callee(const BuildRequest *req, const char *hex_key);
#endif
