/* Private to the escape pass: what it knows of values.  "Tuple" stands for
 * ranges and slices, too. */
#ifndef PYAOT_ESCAPE_INT_H
#define PYAOT_ESCAPE_INT_H

#include "ir_graph.h"

enum {
    MOST_ELEMENTS =
        7, /* parts of all slots, with tuples in tuples, have 16-bit numbers */
};

/* An element of a tuple that a block parameter stands for. */
typedef struct {
    bool known;
    uint8_t type, cls;
    IrRef ref; /* the parameter */
} Element;

typedef struct {
    IrFn *fn;
    const IrGraph *g;
    bool *is_tuple;    /* by IrRef: a tuple that nobody keeps */
    uint8_t *length;   /* the same: its elements, 0 not known yet */
    uint16_t *made_by; /* the same: the operation that would make it */
    bool *moves;       /* the same: passed over an edge */
    bool *solid;       /* by IrRef: an object that is seen as such */
    bool *in_tuple;    /* by IrRef: a number's object that is in one */
    Element **element; /* by IrRef, of parameters */
    IrRef *rep;        /* replacements */
    IrSnap *shown;     /* the snapshots as they were */
    uint32_t n_refs;
    IrSnapId memory; /* what a tuple.new does without memory */
    bool any, changed;
} Escape;

/* Does it make a tuple, or what else only consists of its operands: a range or
 * slice, whose elements are start, stop and step? */
static inline bool
escape_is_new(const IrIns *ins)
{
    return ins->op == IR_TUPLE_NEW || ins->op == IR_RANGE_NEW
           || ins->op == IR_SLICE_NEW;
}

/* Does it take an element from what that operation makes? */
static inline bool
escape_is_get(const IrIns *ins, uint32_t made_by)
{
    switch (ins->op) {
    case IR_TUPLE_GET:
        return made_by == IR_TUPLE_NEW;
    case IR_RANGE_GET:
        return made_by == IR_RANGE_NEW;
    case IR_SLICE_GET:
        return made_by == IR_SLICE_NEW;
    default:
        return false;
    }
}

/* The class of what this operation makes. */
static inline IrClass
escape_class(uint32_t made_by)
{
    return made_by == IR_RANGE_NEW   ? IR_CLASS_RANGE
           : made_by == IR_SLICE_NEW ? IR_CLASS_SLICE
                                     : IR_CLASS_TUPLE;
}

static inline bool
escape_is_param(const IrIns *ins)
{
    return ins->op == IR_BLOCK_O;
}

/* The place that an instruction takes from a tuple of n elements; n: none, or
 * not known. */
uint32_t escape_place_of(const IrFn *fn, const IrIns *get, uint32_t n);
/* The element that ins takes from a parameter; NULL: it takes none. */
Element *escape_taken_element(const Escape *e, const IrIns *ins);
/* Is one of the elements a tuple that nobody keeps, too? */
bool escape_holds_tuples(const Escape *e, IrRef ref);

void escape_make_number(Escape *e, IrIns *ins, int64_t value);
void escape_make_bool(Escape *e, IrIns *ins, bool value);
/* The instruction's result is value; it goes. */
void escape_replace(Escape *e, IrRef ref, IrRef value);

/* Put the elements in the place of the tuples that were found. */
void escape_rewrite(Escape *e);

#endif
