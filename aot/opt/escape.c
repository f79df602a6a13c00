/* Tuples that nobody keeps: `p = a, b` that is only taken apart again.
 *
 * Requires: SSA, no counts.  Keeps: SSA.  Breaks: nothing.
 *
 * A tuple.new whose object is seen by nobody but loads of its elements, block
 * parameters that always get such a tuple of the same length, elements of other
 * such tuples, and snapshots, is not made.  Its elements stand for it: a
 * parameter becomes one for each element, and an exit makes the tuple
 * (SNAP_TUPLE), once for all slots that hold it.  Its drop becomes those of its
 * elements, from the last to the first, as a tuple lets go of them.
 *
 * An element that is a number made an object for the tuple alone is passed as
 * the number.  Numbers have one object, though: one that is seen elsewhere, too,
 * stays the object it is.
 *
 * One that is returned is made there, whatever happened to it before.
 *
 * What is stored anywhere, a frame's local among them, is left alone: there
 * others may look.  Which values are such tuples is found optimistically: all
 * that could be are taken to be, until a use is found that says otherwise. */
#include "pass.h"

#include <string.h>

#include "ir_graph.h"

enum {
    MOST_ELEMENTS = 7, /* parts of all slots, with tuples in tuples, have 16-bit numbers */
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
    bool *moves;       /* the same: passed over an edge */
    bool *solid;       /* by IrRef: an object that is seen as such */
    bool *in_tuple;    /* by IrRef: a number's object that is in one */
    Element **element; /* by IrRef, of parameters */
    IrRef *rep;        /* replacements */
    uint32_t n_refs;
    IrSnapId memory; /* what a tuple.new does without memory */
    bool any, changed;
} Escape;

static bool
is_object_param(const IrIns *ins)
{
    return ins->op == IR_BLOCK_O;
}

/* --- taking apart what was just made ------------------------------------------ */

/* The place that ins takes from a tuple of n elements; n: none, or not known. */
static uint32_t
place_of(const IrFn *fn, const IrIns *get, uint32_t n)
{
    const IrIns *index = &fn->ins[get->args[1]];
    if (index->op != IR_CONST_I64) {
        return n;
    }
    int64_t i = ir_value(index);
    i = i < 0 ? i + n : i;
    return i >= 0 && i < n ? (uint32_t)i : n;
}

static void
make_number(Escape *e, IrIns *ins, int64_t value)
{
    ir_become(ins, IR_CONST_I64);
    ir_set_value(ins, value);
    ins->n_args = 0;
    ins->snap = 0;
    e->changed = true;
}

static void
make_bool(Escape *e, IrIns *ins, bool value)
{
    ir_become(ins, IR_CONST_BOOL);
    ir_set_value(ins, value);
    ins->n_args = 0;
    e->changed = true;
}

/* The instruction's result is value; it goes. */
static void
replace(Escape *e, IrRef ref, IrRef value)
{
    e->rep[ref] = value;
    e->fn->ins[ref].op = IR_NOP;
    e->changed = true;
}

static void
take_apart(Escape *e, IrRef ref)
{
    IrFn *fn = e->fn;
    IrIns *ins = &fn->ins[ref];
    for (uint32_t k = 0; k < ins->n_args; k++) {
        while (e->rep[ins->args[k]] != 0) {
            ins->args[k] = e->rep[ins->args[k]];
        }
    }
    if (ins->op != IR_TUPLE_LEN && ins->op != IR_TUPLE_GET) {
        return;
    }
    const IrIns *made = &fn->ins[ins->args[0]];
    if (made->op != IR_TUPLE_NEW) {
        return;
    }
    if (ins->op == IR_TUPLE_LEN) {
        make_number(e, ins, made->n_args);
    }
    else if (place_of(fn, ins, made->n_args) < made->n_args) {
        replace(e, ref, made->args[place_of(fn, ins, made->n_args)]);
    }
}

static void
remove_replaced(Escape *e)
{
    IrFn *fn = e->fn;
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        IrBlock *block = &fn->blocks[b];
        uint32_t kept = 0;
        for (uint32_t i = 0; i < block->n_ins; i++) {
            if (fn->ins[block->ins[i]].op != IR_NOP) {
                block->ins[kept++] = block->ins[i];
            }
        }
        block->n_ins = kept;
    }
    ir_replace_uses(fn, e->rep);
    memset(e->rep, 0, e->n_refs * sizeof(*e->rep));
}

/* Loads from what was made in a dominating place give the element. */
static void
take_all_apart(Escape *e)
{
    for (uint32_t i = 0; i < e->g->n_order; i++) {
        const IrBlock *block = &e->fn->blocks[e->g->order[i]];
        for (uint32_t k = 0; k < block->n_ins; k++) {
            take_apart(e, block->ins[k]);
        }
    }
    if (e->changed) {
        remove_replaced(e);
    }
}

/* --- which tuples nobody keeps ------------------------------------------------- */

static void
each_edge(Escape *e, void (*visit)(Escape *e, IrRef arg, IrRef param))
{
    const IrFn *fn = e->fn;
    for (uint32_t i = 0; i < e->g->n_order; i++) {
        const IrBlock *block = &fn->blocks[e->g->order[i]];
        for (uint32_t s = 0; s < block->n_succ; s++) {
            const IrEdge *edge = &block->succ[s];
            for (uint32_t k = 0; k < edge->n_args; k++) {
                IrRef param = fn->blocks[edge->to].params[k];
                if (is_object_param(&fn->ins[param])) {
                    visit(e, edge->args[k], param);
                }
            }
        }
    }
}

static void
each_ins(Escape *e, void (*visit)(Escape *e, const IrIns *ins, IrRef ref))
{
    for (uint32_t b = 0; b < e->fn->n_blocks; b++) {
        const IrBlock *block = &e->fn->blocks[b];
        for (uint32_t i = 0; i < block->n_ins; i++) {
            visit(e, &e->fn->ins[block->ins[i]], block->ins[i]);
        }
    }
}

static void
propose_new(Escape *e, const IrIns *ins, IrRef ref)
{
    bool fits = ins->op == IR_TUPLE_NEW && ins->n_args > 0
                && ins->n_args <= MOST_ELEMENTS;
    for (uint32_t k = 0; fits && k < ins->n_args; k++) {
        fits = e->fn->ins[ins->args[k]].type == IR_OBJ;
    }
    if (fits) {
        e->memory = ins->snap;
        e->is_tuple[ref] = e->any = true;
        e->length[ref] = (uint8_t)ins->n_args;
    }
}

static void
propose_param(Escape *e, IrRef arg, IrRef param)
{
    if (e->is_tuple[arg] && !e->is_tuple[param]) {
        e->is_tuple[param] = e->changed = true;
        e->length[param] = e->length[arg];
    }
}

static void
refuse(Escape *e, IrRef ref)
{
    e->changed |= e->is_tuple[ref];
    e->is_tuple[ref] = false;
}

/* Does a use as this operand leave the tuple unseen?  What depends on other
 * tuples is look_at's. */
static bool
is_harmless(const IrFn *fn, const IrIns *ins, uint32_t operand)
{
    switch (ins->op) {
    case IR_TUPLE_LEN:
    case IR_DROP:
    case IR_OIS:
    case IR_TUPLE_NEW:
    case IR_RETURN:
        return true;
    case IR_TUPLE_GET:
        return operand == 0
               && fn->ins[ins->args[1]].op == IR_CONST_I64;
    case IR_GUARD_CLASS:
    case IR_IS_CLASS:
        return ir_class(ins) == IR_CLASS_TUPLE;
    default:
        return false;
    }
}

/* Is one of the elements such a tuple itself? */
static bool
holds_tuples(const Escape *e, IrRef ref)
{
    const IrIns *ins = &e->fn->ins[ref];
    bool any = false;
    for (uint32_t k = 0; k < ins->n_args; k++) {
        any |= e->is_tuple[ins->args[k]];
    }
    return any;
}

static void
look_at(Escape *e, const IrIns *ins, IrRef ref)
{
    for (uint32_t k = 0; k < ins->n_args; k++) {
        IrRef x = ins->args[k];
        if (!e->is_tuple[x]) {
            continue;
        }
        if (!is_harmless(e->fn, ins, k)
            || (ins->op == IR_TUPLE_GET
                && place_of(e->fn, ins, e->length[x]) == e->length[x])
            /* Elements of what moves would have to be parameters of tuples,
             * which may hold themselves; tuples in tuples in tuples are not
             * worth their number. */
            || (ins->op == IR_TUPLE_NEW
                && (!e->is_tuple[ref] || e->moves[ref]
                    || holds_tuples(e, x)))
            || (ins->op == IR_OIS && e->is_tuple[ins->args[1 - k]]
                && ins->args[0] != ins->args[1])) {
            refuse(e, x);
        }
    }
}

static void
look_at_edge(Escape *e, IrRef arg, IrRef param)
{
    if (e->is_tuple[arg] != e->is_tuple[param]
        || e->length[arg] != e->length[param]) {
        refuse(e, arg);
        refuse(e, param);
    }
    e->moves[arg] |= e->is_tuple[arg];
}

static void
look_at_snaps(Escape *e)
{
    for (IrSnapId s = 1; s < e->fn->n_snaps; s++) {
        const IrSnap *snap = &e->fn->snaps[s];
        uint32_t n_vals = ir_snap_n_vals(snap);
        for (uint32_t i = 0; i < n_vals; i++) {
            const IrSnapVal *val = &snap->vals[i];
            if (val->kind != SNAP_REF) {
                refuse(e, val->a);
                refuse(e, val->b);
                refuse(e, val->c);
            }
        }
    }
}

static void
find_tuples(Escape *e)
{
    each_ins(e, propose_new);
    e->changed = e->any;
    while (e->changed) {
        e->changed = false;
        each_edge(e, propose_param);
    }
    if (!e->any) {
        return;
    }
    look_at_snaps(e);
    do {
        e->changed = false;
        memset(e->moves, 0, e->n_refs * sizeof(*e->moves));
        each_edge(e, look_at_edge);
        each_ins(e, look_at);
    } while (e->changed);
    e->any = false;
    for (IrRef ref = 1; ref < e->n_refs; ref++) {
        e->any |= e->is_tuple[ref];
    }
}

/* --- what the elements of parameters are ---------------------------------------- */

static bool
is_number_box(const IrIns *ins)
{
    return ins->op == IR_BOX_I64 || ins->op == IR_BOX_F64;
}

/* The element that ins takes from a parameter; NULL: it takes none. */
static Element *
taken_element(const Escape *e, const IrIns *ins)
{
    if (ins->op != IR_TUPLE_GET || !e->is_tuple[ins->args[0]]) {
        return NULL;
    }
    uint32_t n = e->length[ins->args[0]];
    return &e->element[ins->args[0]][place_of(e->fn, ins, n)];
}

/* An exit in this block shows the object.  Where a number's object was made, or
 * taken from a tuple, no other parameter has got it yet: all that exits of that
 * block show of it is one number. */
static void
look_at_shown(Escape *e, IrSnapId id, uint32_t block)
{
    const IrSnap *snap = &e->fn->snaps[id];
    uint32_t n_vals = id != 0 ? ir_snap_n_vals(snap) : 0;
    for (uint32_t i = 0; i < n_vals; i++) {
        const IrSnapVal *val = &snap->vals[i];
        const IrIns *ins = &e->fn->ins[val->a];
        if (val->kind != SNAP_REF || ins->block != block) {
            e->solid[val->a] = e->solid[val->b] = e->solid[val->c] = true;
        }
    }
}

/* Not solid are objects of which the tuple is the only one that has them, and
 * what is taken from tuples, where they are used as numbers only. */
static void
look_at_uses(Escape *e, const IrIns *ins, IrRef ref)
{
    for (uint32_t k = 0; k < ins->n_args; k++) {
        IrRef x = ins->args[k];
        bool is_only = ins->op == IR_TUPLE_NEW && e->is_tuple[ref]
                       && is_number_box(&e->fn->ins[x]) && !e->in_tuple[x];
        e->in_tuple[x] |= is_only;
        e->solid[x] |= !is_only && ins->op != IR_DROP
                       && ins->op != IR_UNBOX_I64 && ins->op != IR_UNBOX_F64;
    }
    look_at_shown(e, ins->snap, ins->block);
    look_at_shown(e, ins->raise, ins->block);
}

static void
look_at_blocks(Escape *e)
{
    for (uint32_t b = 0; b < e->fn->n_blocks; b++) {
        const IrBlock *block = &e->fn->blocks[b];
        look_at_shown(e, block->entry, UINT32_MAX);
        for (uint32_t s = 0; s < block->n_succ; s++) {
            for (uint32_t k = 0; k < block->succ[s].n_args; k++) {
                e->solid[block->succ[s].args[k]] = true;
            }
        }
    }
}

/* What an element of a new tuple is like for a parameter. */
static Element
element_like(const Escape *e, IrRef ref)
{
    const IrIns *ins = &e->fn->ins[ref];
    bool is_number = is_number_box(ins) && !e->solid[ref]
                     && ir_const_object(&e->fn->ins[ins->args[0]]) == 0;
    return (Element){.known = true,
                     .type = is_number ? e->fn->ins[ins->args[0]].type : IR_OBJ,
                     .cls = ins->cls};
}

static void
narrow(Escape *e, Element *to, const Element *from)
{
    if (!from->known) {
        return;
    }
    Element was = *to;
    if (!to->known) {
        *to = *from;
    }
    else {
        to->type = to->type == from->type ? to->type : IR_OBJ;
        to->cls = to->cls == from->cls ? to->cls : IR_CLASS_ANY;
    }
    e->changed |= was.known != to->known || was.type != to->type
                  || was.cls != to->cls;
}

static void
narrow_edge(Escape *e, IrRef arg, IrRef param)
{
    const IrIns *ins = &e->fn->ins[arg];
    for (uint32_t k = 0; e->is_tuple[param] && k < e->length[param]; k++) {
        Element *to = &e->element[param][k];
        if (is_object_param(ins)) {
            narrow(e, to, &e->element[arg][k]);
            if (to->known && to->type == IR_OBJ
                && e->element[arg][k].type != IR_OBJ) {
                e->element[arg][k].type = IR_OBJ;
                e->changed = true;
            }
            continue;
        }
        const Element from = element_like(e, ins->args[k]);
        narrow(e, to, &from);
        if (to->type == IR_OBJ && from.type != IR_OBJ) {
            e->solid[ins->args[k]] = e->changed = true;
        }
    }
}

static void
narrow_taken(Escape *e, const IrIns *ins, IrRef ref)
{
    Element *element = taken_element(e, ins);
    if (element != NULL && e->solid[ref] && element->type != IR_OBJ) {
        element->type = IR_OBJ;
        e->changed = true;
    }
    if (ins->op != IR_UNBOX_I64 && ins->op != IR_UNBOX_F64) {
        return;
    }
    element = taken_element(e, &e->fn->ins[ins->args[0]]);
    if (element != NULL && element->type != IR_OBJ
        && element->type != ins->type) {
        element->type = IR_OBJ;
        e->changed = true;
    }
}

static bool
find_elements(Escape *e)
{
    IrFn *fn = e->fn;
    for (IrRef ref = 1; ref < e->n_refs; ref++) {
        if (!e->is_tuple[ref] || !is_object_param(&fn->ins[ref])) {
            continue;
        }
        e->element[ref] = ARENA_NEW_ARRAY(fn->arena, Element, e->length[ref]);
        if (e->element[ref] == NULL) {
            return false;
        }
    }
    each_ins(e, look_at_uses);
    look_at_blocks(e);
    do {
        e->changed = false;
        each_edge(e, narrow_edge);
        each_ins(e, narrow_taken);
    } while (e->changed);
    return true;
}

/* --- rewriting --------------------------------------------------------------------- */

/* Element k of a tuple that nobody keeps. */
static IrRef
element_of(const Escape *e, IrRef tuple, uint32_t k)
{
    const IrIns *ins = &e->fn->ins[tuple];
    return is_object_param(ins) ? e->element[tuple][k].ref : ins->args[k];
}

static void
split_params(Escape *e, uint32_t b)
{
    IrFn *fn = e->fn;
    IrBlock *block = &fn->blocks[b];
    uint32_t n = block->n_params;
    for (uint32_t k = 0; k < n; k++) {
        IrRef param = fn->blocks[b].params[k];
        for (uint32_t i = 0; e->is_tuple[param] && i < e->length[param]; i++) {
            Element *element = &e->element[param][i];
            element->ref = ir_param_add(fn, b, (IrType)element->type);
            fn->ins[element->ref].cls = element->type == IR_OBJ ? element->cls : 0;
        }
    }
    block = &fn->blocks[b];
    uint32_t kept = 0;
    for (uint32_t k = 0; k < block->n_params; k++) {
        IrRef param = block->params[k];
        if (param >= e->n_refs || !e->is_tuple[param]) {
            block->params[kept++] = param;
        }
    }
    block->n_params = kept;
}

/* The arguments of the edge: those that stay, then elements, as split_params
 * has the parameters. */
static void
split_args(Escape *e, IrEdge *edge, const IrRef *params)
{
    IrFn *fn = e->fn;
    uint32_t n = 0;
    IrRef *args = ARENA_NEW_ARRAY(fn->arena, IrRef,
                                  fn->blocks[edge->to].n_params + 1);
    if (args == NULL) {
        return;
    }
    for (uint32_t k = 0; k < edge->n_args; k++) {
        if (!e->is_tuple[params[k]]) {
            args[n++] = edge->args[k];
        }
    }
    for (uint32_t k = 0; k < edge->n_args; k++) {
        IrRef param = params[k];
        for (uint32_t i = 0; e->is_tuple[param] && i < e->length[param]; i++) {
            IrRef arg = element_of(e, edge->args[k], i);
            bool unbox = e->element[param][i].type != IR_OBJ
                         && fn->ins[arg].type == IR_OBJ;
            args[n++] = unbox ? fn->ins[arg].args[0] : arg;
        }
    }
    edge->args = args;
    edge->n_args = n;
}

static void
split_all(Escape *e)
{
    IrFn *fn = e->fn;
    IrRef **params = ARENA_NEW_ARRAY(fn->arena, IrRef *, fn->n_blocks);
    if (params == NULL) {
        return;
    }
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        const IrBlock *block = &fn->blocks[b];
        params[b] = arena_memdup(fn->arena, block->params,
                                 block->n_params * sizeof(IrRef));
        if (params[b] == NULL && block->n_params > 0) {
            return;
        }
        split_params(e, b);
    }
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        for (uint32_t s = 0; s < fn->blocks[b].n_succ; s++) {
            IrEdge *edge = &fn->blocks[b].succ[s];
            split_args(e, edge, params[edge->to]);
        }
    }
}

/* The parts of tuples of one snapshot, while they grow. */
typedef struct {
    IrSnapVal *vals;
    IrRef *tuple; /* by part: the tuple whose first part it is */
    uint32_t n, cap;
} Parts;

/* The tuple as a value of the snapshot: its parts get their places. */
static IrSnapVal
parts_of(const Escape *e, Parts *parts, IrRef tuple)
{
    uint32_t n = e->length[tuple], first = 0;
    while (first < parts->n && parts->tuple[first] != tuple) {
        first++;
    }
    if (first == parts->n) {
        IR_ASSERT(first + n <= parts->cap && first + n <= UINT16_MAX);
        parts->tuple[first] = tuple;
        parts->n += n;
    }
    return (IrSnapVal){.kind = SNAP_TUPLE, .n = (uint8_t)n,
                       .first = (uint16_t)first};
}

/* The parts of the tuple whose first part this is. */
static void
fill_parts(const Escape *e, Parts *parts, uint32_t first)
{
    IrRef tuple = parts->tuple[first];
    for (uint32_t k = 0; tuple != 0 && k < e->length[tuple]; k++) {
        IrRef ref = element_of(e, tuple, k);
        parts->vals[first + k] =
            ref < e->n_refs && e->is_tuple[ref]
                ? parts_of(e, parts, ref)
                : (IrSnapVal){.kind = SNAP_REF, .a = ref};
    }
}

/* How many parts this tuple has at most, with those of its elements. */
static uint32_t
count_parts(const Escape *e, IrRef tuple)
{
    uint32_t n = e->length[tuple], all = n;
    for (uint32_t k = 0; k < n; k++) {
        IrRef ref = element_of(e, tuple, k);
        all += ref < e->n_refs && e->is_tuple[ref] ? count_parts(e, ref) : 0;
    }
    return all;
}

static void
show_in_snap(Escape *e, IrSnap *snap)
{
    Arena *arena = e->fn->arena;
    uint32_t n_slots = ir_snap_n_slots(snap), n_vals = ir_snap_n_vals(snap);
    Parts parts = {.n = snap->n_parts, .cap = snap->n_parts};
    for (uint32_t i = 0; i < n_vals; i++) {
        const IrSnapVal *val = &snap->vals[i];
        if (val->kind == SNAP_REF && e->is_tuple[val->a]) {
            parts.cap += count_parts(e, val->a);
        }
    }
    if (parts.cap == snap->n_parts) {
        return;
    }
    IrSnapVal *vals = ARENA_NEW_ARRAY(arena, IrSnapVal, n_slots + parts.cap);
    parts.tuple = ARENA_NEW_ARRAY(arena, IrRef, parts.cap);
    if (vals == NULL || parts.tuple == NULL) {
        return;
    }
    memcpy(vals, snap->vals, n_vals * sizeof(*vals));
    parts.vals = vals + n_slots;
    /* Tuples that hold others first: parts of a part come behind it. */
    for (int outer = 1; outer >= 0; outer--) {
        for (uint32_t i = 0; i < n_vals; i++) {
            if (vals[i].kind == SNAP_REF && e->is_tuple[vals[i].a]
                && (!outer || holds_tuples(e, vals[i].a))) {
                vals[i] = parts_of(e, &parts, vals[i].a);
            }
        }
    }
    for (uint32_t i = snap->n_parts; i < parts.n; i++) {
        fill_parts(e, &parts, i);
    }
    snap->vals = vals;
    snap->n_parts = (uint16_t)parts.n;
}

/* A block's instructions, while they are written anew. */
typedef struct {
    IrRef *ins;
    uint32_t n, cap;
} Out;

static void
put(Escape *e, Out *out, IrRef ref)
{
    if (out->n == out->cap) {
        uint32_t cap = out->cap * 2 + 16;
        IrRef *more = ARENA_NEW_ARRAY(e->fn->arena, IrRef, cap);
        if (more == NULL) {
            return;
        }
        if (out->n > 0) {
            memcpy(more, out->ins, out->n * sizeof(*more));
        }
        out->ins = more;
        out->cap = cap;
    }
    out->ins[out->n++] = ref;
}

/* The tuple is let go of, and lets go of its elements. */
static void
put_drops(Escape *e, Out *out, IrRef drop, IrRef tuple)
{
    IrFn *fn = e->fn;
    for (uint32_t k = e->length[tuple]; k-- > 0;) {
        IrRef ref = element_of(e, tuple, k);
        const IrIns *ins = &fn->ins[ref];
        if (ref < e->n_refs && e->is_tuple[ref]) {
            put_drops(e, out, drop, ref);
            continue;
        }
        if (ins->type != IR_OBJ
            || (ins->cls != IR_CLASS_ANY && ir_class_is_simple[ins->cls])) {
            continue; /* these may die at any time */
        }
        IrRef made = ir_add(fn, UINT32_MAX, IR_DROP, &ref, 1);
        fn->ins[made].block = fn->ins[drop].block;
        fn->ins[made].snap = fn->ins[drop].snap;
        fn->ins[made].offset = fn->ins[drop].offset;
        put(e, out, made);
    }
}

/* The state in which the tuple is about to be returned: what the locals held
 * has been dropped, or is the frame's. */
static IrSnapId
returning(Escape *e, const IrIns *ins)
{
    IrFn *fn = e->fn;
    IrSnapId id = ir_snap_new(fn, ins->offset, fn->n_locals, 1, 0);
    IrSnap *snap = &fn->snaps[id];
    if (id == 0) {
        return 0;
    }
    snap->kind = fn->snaps[e->memory].kind;
    snap->reason = fn->snaps[e->memory].reason;
    for (uint32_t i = 0; i < fn->n_locals; i++) {
        snap->vals[i].kind = fn->framed ? SNAP_MEM : SNAP_NULL;
    }
    snap->vals[fn->n_locals] =
        (IrSnapVal){.kind = SNAP_REF, .a = ins->args[0]};
    show_in_snap(e, snap);
    return id;
}

static IrRef
put_new(Escape *e, Out *out, const IrIns *at, IrOp op, const IrRef *args,
        uint32_t n)
{
    static const IrClass classes[] = {[IR_BOX_I64] = IR_CLASS_INT,
                                      [IR_BOX_F64] = IR_CLASS_FLOAT,
                                      [IR_TUPLE_NEW] = IR_CLASS_TUPLE};
    uint32_t block = at->block, offset = at->offset;
    IrRef ref = ir_add(e->fn, UINT32_MAX, op, args, n);
    IrIns *ins = &e->fn->ins[ref];
    ins->block = block;
    ins->offset = offset;
    ins->cls = (uint8_t)classes[op];
    put(e, out, ref);
    return ref;
}

/* Make the tuple after all, for the instruction at hand. */
static IrRef
put_tuple(Escape *e, Out *out, IrRef at, IrRef tuple, IrSnapId snap)
{
    IrFn *fn = e->fn;
    IrRef made[MOST_ELEMENTS];
    uint32_t n = e->length[tuple];
    for (uint32_t k = 0; k < n; k++) {
        IrRef ref = element_of(e, tuple, k), same = 0;
        for (uint32_t i = 0; i < k; i++) {
            same = element_of(e, tuple, i) == ref ? made[i] : same;
        }
        IrType type = (IrType)fn->ins[ref].type;
        made[k] = same != 0         ? same
                  : type == IR_I64  ? put_new(e, out, &fn->ins[at], IR_BOX_I64, &ref, 1)
                  : type == IR_F64  ? put_new(e, out, &fn->ins[at], IR_BOX_F64, &ref, 1)
                  : ref < e->n_refs && e->is_tuple[ref]
                      ? put_tuple(e, out, at, ref, snap)
                      : ref;
    }
    IrRef ref = put_new(e, out, &fn->ins[at], IR_TUPLE_NEW, made, n);
    fn->ins[ref].snap = snap;
    return ref;
}

/* Write the instruction, or what is left of it. */
static void
rewrite(Escape *e, Out *out, IrRef ref)
{
    IrIns *ins = &e->fn->ins[ref];
    IrRef x = ins->n_args > 0 ? ins->args[0] : 0;
    bool of_tuple = e->is_tuple[x]
                    || (ins->op == IR_OIS && e->is_tuple[ins->args[1]]);
    if (e->is_tuple[ref]) {
        replace(e, ref, 0);
        return;
    }
    bool of_number = e->fn->ins[x].type == IR_OBJ && e->rep[x] != 0
                     && e->fn->ins[e->rep[x]].type != IR_OBJ;
    if (of_number) { /* an object no more */
        IR_ASSERT(ins->op == IR_DROP || ins->op == IR_UNBOX_I64
                  || ins->op == IR_UNBOX_F64);
        replace(e, ref, ins->op == IR_DROP ? 0 : e->rep[x]);
        return;
    }
    if (!of_tuple) {
        put(e, out, ref);
        return;
    }
    switch (ins->op) {
    case IR_TUPLE_LEN:
        make_number(e, ins, e->length[x]);
        put(e, out, ref);
        return;
    case IR_IS_CLASS:
        make_bool(e, ins, true);
        put(e, out, ref);
        return;
    case IR_OIS: /* with itself, or with what it is not */
        make_bool(e, ins, ins->args[0] == ins->args[1]);
        put(e, out, ref);
        return;
    case IR_GUARD_CLASS:
        replace(e, ref, 0);
        return;
    case IR_RETURN: {
        IrRef made = put_tuple(e, out, ref, x, returning(e, ins));
        e->fn->ins[ref].args[0] = made;
        put(e, out, ref);
        return;
    }
    case IR_TUPLE_GET:
        replace(e, ref, taken_element(e, ins)->ref);
        return;
    case IR_DROP:
        put_drops(e, out, ref, x);
        e->fn->ins[ref].op = IR_NOP;
        return;
    default:
        IR_ASSERT(false);
    }
}

static void
rewrite_all(Escape *e)
{
    IrFn *fn = e->fn;
    split_all(e);
    for (IrSnapId s = 1; s < fn->n_snaps; s++) {
        show_in_snap(e, &fn->snaps[s]);
    }
    /* In an order in which what is used comes first: replacements are known. */
    for (uint32_t i = 0; i < e->g->n_order; i++) {
        uint32_t b = e->g->order[i];
        Out out = {0};
        for (uint32_t k = 0; k < fn->blocks[b].n_ins; k++) {
            rewrite(e, &out, fn->blocks[b].ins[k]);
        }
        fn->blocks[b].ins = out.ins;
        fn->blocks[b].n_ins = out.n;
        fn->blocks[b].cap_ins = out.cap;
    }
}

bool
pass_escape(IrFn *fn)
{
    Escape e = {.fn = fn, .n_refs = fn->n_ins};
    bool has_tuples = false;
    for (IrRef ref = 1; ref < fn->n_ins && !has_tuples; ref++) {
        has_tuples = fn->ins[ref].op == IR_TUPLE_NEW;
    }
    if (!has_tuples) {
        return false;
    }
    ir_drop_unreachable(fn);
    e.g = ir_graph_new(fn);
    e.is_tuple = ARENA_NEW_ARRAY(fn->arena, bool, fn->n_ins);
    e.length = ARENA_NEW_ARRAY(fn->arena, uint8_t, fn->n_ins);
    e.moves = ARENA_NEW_ARRAY(fn->arena, bool, fn->n_ins);
    e.solid = ARENA_NEW_ARRAY(fn->arena, bool, fn->n_ins);
    e.in_tuple = ARENA_NEW_ARRAY(fn->arena, bool, fn->n_ins);
    e.element = ARENA_NEW_ARRAY(fn->arena, Element *, fn->n_ins);
    e.rep = ARENA_NEW_ARRAY(fn->arena, IrRef, fn->n_ins);
    if (e.g == NULL || arena_status(fn->arena) != PYAOT_OK) {
        return false;
    }
    take_all_apart(&e);
    bool changed = e.changed;
    find_tuples(&e);
    if (!e.any || !find_elements(&e)) {
        return changed;
    }
    rewrite_all(&e);
    IrRef *rep = ARENA_NEW_ARRAY(fn->arena, IrRef, fn->n_ins);
    if (rep != NULL) { /* with what is new */
        memcpy(rep, e.rep, e.n_refs * sizeof(*rep));
        ir_replace_uses(fn, rep);
    }
    return true;
}
