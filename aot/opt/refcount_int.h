/* Private to the refcount pass: what it knows of object values. */
#ifndef PYAOT_REFCOUNT_INT_H
#define PYAOT_REFCOUNT_INT_H

#include "effects.h"
#include "ir_graph.h"

typedef enum {
    RC_STATIC,   /* lives as long as the activation: never counted */
    RC_BORROWED, /* somebody else's reference keeps it alive */
    RC_OWNED,    /* this value holds a reference */
} RcKind;

/* "v is of class cls once so many instructions of the block have passed". */
typedef struct RcFact {
    struct RcFact *next;
    uint32_t block, passed;
    uint8_t cls;
} RcFact;

typedef struct {
    IrFn *fn;
    const IrGraph *g;
    uint32_t n, words;
    IrRef *objs;     /* object values by index */
    uint32_t *index; /* IrRef -> index + 1; 0: not an object */
    uint8_t *kind;   /* RcKind by index */
    /* IrFrees by index: what giving back a parameter's reference can free, by
     * what comes in */
    uint8_t *frees;
    RcFact **facts;                   /* by index */
    IrWord *live_in, *live_out, *def; /* words for each block */
    /* [block][local]: the value in the frame, 0 unknown */
    IrRef *mem_in;
} Rc;

/* Fill everything in but liveness; false if memory ran out. */
bool rc_prepare(Rc *rc, IrFn *fn);
/* Liveness, by the kinds of now: a DROP uses what is owned. */
void rc_find_liveness(Rc *rc);
/* Does this DROP give a reference back?  What is borrowed has none. */
bool rc_drops(const Rc *rc, const IrIns *drop);

/* Call visit with the index of each object value the instruction reads. */
typedef void (*RcUseFn)(void *self, uint32_t index);
/* take: state of the block walk, 0 at its start: the iterator whose parts
 * TAKEN_I and TAKEN_O still read. */
void rc_each_use(const Rc *rc, IrRef ref, IrRef *take, RcUseFn visit,
                 void *self);

/* What an instruction does to the frame's locals. */
void rc_mem_step(const Rc *rc, IrRef ref, IrRef *mem);
bool rc_is_held(const Rc *rc, const IrRef *mem, IrRef value);

/* The class a value has after that many instructions of the block. */
IrClass rc_class_at(const Rc *rc, uint32_t index, uint32_t block,
                    uint32_t passed);

#endif
