/* Which slots rest on what.
 *
 * A slot of an instance holds borrowed pointers to what it was bound to: a
 * value that a dict keeps under a name, a type, a function, another instance.
 * For each such thing there is a list (SlotRefs) of the slots that rest on it,
 * and for each slot one of the lists that it is in.  One SlotRef is in both,
 * and leaves both at once: when the thing dies (refs_clear), or when the
 * instance does (refs_forget).  So whoever dies first, nothing is left that
 * points to it, and no flag has to be kept for that.
 *
 * A list may name slots that have since been bound to something else; who
 * revokes looks. */
#ifndef PYAOT_LOADER_REFS_H
#define PYAOT_LOADER_REFS_H

#include "cache/abi/pyaot_abi.h"
#include "ptrmap.h"

typedef struct SlotRef SlotRef;

typedef struct {
    SlotRef *first;
    PtrMap *map;     /* where the list itself is kept while it is not empty, */
    const void *key; /* and under which key; NULL: it is part of something */
} SlotRefs;

struct SlotRef {
    PyaotInst *inst;
    uint32_t slot;
    SlotRefs *refs;        /* the list of the thing, */
    SlotRef *next, **link; /* and its neighbours there */
    SlotRef *also;         /* the same slot rests on this, too */
};

/* The slot rests on it; once is enough.  False: out of memory. */
bool refs_add(SlotRefs *refs, PyaotInst *inst, uint32_t slot);
/* The same, in the list that map has for key, made if there is none.  The key
 * is to live until the list is empty. */
bool refs_add_to(PtrMap *map, const void *key, PyaotInst *inst, uint32_t slot);
/* Nothing rests on it any more.  A list that a map keeps is gone then. */
void refs_clear(SlotRefs *refs);
/* The same for all lists of a map, which is empty then. */
void refs_clear_map(PtrMap *map);
/* The instance, and each of its slots, rests on nothing any more. */
void refs_forget(PyaotInst *inst);

#endif
