/* Tuples, ranges and slices that nobody keeps are not made.
 *
 * So `p = a, b` that is only taken apart again, `r = range(n)` that is only
 * gone through.
 *
 * Requires: SSA, no counts.  Keeps: SSA.  Breaks: nothing.
 *
 * Below, a tuple is any of these; the elements of a range or slice are its
 * start, stop and step.
 *
 * A tuple.new whose object is seen by nobody but loads of its elements, block
 * parameters that always get such a tuple of the same length, elements of
 * other such tuples, and snapshots, is not made.  Its elements stand for it: a
 * parameter becomes one for each element, and an exit makes the tuple
 * (SNAP_TUPLE), once for all slots that hold it.  Its drop becomes those of
 * its elements, from the last to the first, as a tuple lets go of them.
 *
 * An element that is a number made an object for the tuple alone is passed as
 * the number.  Numbers have one object, though: one that is seen elsewhere,
 * too, stays the object it is.
 *
 * One that is returned is made there, whatever happened to it before.  So is
 * one that a return lets go of with several objects in it, for its death: the
 * exit leaves that to the interpreter, which is to find all of it.
 *
 * What is stored anywhere, a frame's local among them, is left alone: there
 * others may look.  Which values are such tuples is found optimistically: all
 * that could be are taken to be, until a use is found that says otherwise. */
#include "pass.h"

#include <string.h>

#include "escape_int.h"

/* --- taking apart what was just made ------------------------------------- */

/* The place that ins takes from a tuple of n elements; n: none, or not known.
 */
uint32_t
escape_place_of(const IrFn *fn, const IrIns *get, uint32_t n)
{
    if (get->op != IR_TUPLE_GET) {
        const uint32_t part = (uint32_t)ir_part(get);
        return part < n ? part : n;
    }
    const IrIns *index = &fn->ins[get->args[1]];
    if (index->op != IR_CONST_I64) {
        return n;
    }
    int64_t i = ir_value(index);
    i = i < 0 ? i + n : i;
    return i >= 0 && i < n ? (uint32_t)i : n;
}

void
escape_make_number(Escape *e, IrIns *ins, int64_t value)
{
    ir_become(ins, IR_CONST_I64);
    ir_set_value(ins, value);
    ins->n_args = 0;
    ins->snap = 0;
    e->changed = true;
}

void
escape_make_bool(Escape *e, IrIns *ins, bool value)
{
    ir_become(ins, IR_CONST_BOOL);
    ir_set_value(ins, value);
    ins->n_args = 0;
    e->changed = true;
}

/* The instruction's result is value; it goes. */
void
escape_replace(Escape *e, IrRef ref, IrRef value)
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
    if (ins->n_args == 0) {
        return;
    }
    const IrIns *made = &fn->ins[ins->args[0]];
    if (ins->op == IR_TUPLE_LEN && made->op == IR_TUPLE_NEW) {
        escape_make_number(e, ins, made->n_args);
    }
    else if (escape_is_get(ins, made->op)
             && escape_place_of(fn, ins, made->n_args) < made->n_args) {
        escape_replace(e, ref,
                       made->args[escape_place_of(fn, ins, made->n_args)]);
    }
}

static void
remove_replaced(Escape *e)
{
    IrFn *fn = e->fn;
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        ir_block_drop_nops(fn, b);
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

/* --- which tuples nobody keeps ------------------------------------------- */

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
                if (escape_is_param(&fn->ins[param])) {
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
    bool fits = escape_is_new(ins) && ins->n_args > 0
                && ins->n_args <= MOST_ELEMENTS;
    for (uint32_t k = 0; fits && k < ins->n_args; k++) {
        fits = e->fn->ins[ins->args[k]].type == IR_OBJ;
    }
    if (fits) {
        e->memory = ins->snap;
        e->is_tuple[ref] = e->any = true;
        e->length[ref] = (uint8_t)ins->n_args;
        e->made_by[ref] = ins->op;
    }
}

static void
propose_param(Escape *e, IrRef arg, IrRef param)
{
    if (e->is_tuple[arg] && !e->is_tuple[param]) {
        e->is_tuple[param] = e->changed = true;
        e->length[param] = e->length[arg];
        e->made_by[param] = e->made_by[arg];
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
is_harmless(const Escape *e, const IrIns *ins, uint32_t operand)
{
    const uint32_t made_by = e->made_by[ins->args[operand]];
    switch (ins->op) {
    case IR_DROP:
    case IR_OIS:
    case IR_TUPLE_NEW:
    case IR_RETURN:
        return true;
    case IR_TUPLE_LEN:
        return made_by == IR_TUPLE_NEW;
    case IR_TUPLE_GET:
        return operand == 0 && made_by == IR_TUPLE_NEW
               && e->fn->ins[ins->args[1]].op == IR_CONST_I64;
    case IR_RANGE_GET:
    case IR_SLICE_GET:
        return escape_is_get(ins, made_by);
    case IR_GUARD_CLASS:
    case IR_IS_CLASS:
        return ir_class(ins) == escape_class(made_by);
    default:
        return false;
    }
}

/* Is one of the elements such a tuple itself? */
bool
escape_holds_tuples(const Escape *e, IrRef ref)
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
        if (!is_harmless(e, ins, k)
            || (escape_is_get(ins, e->made_by[x])
                && escape_place_of(e->fn, ins, e->length[x]) == e->length[x])
            /* Elements of what moves would have to be parameters of tuples,
             * which may hold themselves; tuples in tuples in tuples are not
             * worth their number. */
            || (ins->op == IR_TUPLE_NEW
                && (!e->is_tuple[ref] || e->moves[ref]
                    || escape_holds_tuples(e, x)))
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
        || e->length[arg] != e->length[param]
        || e->made_by[arg] != e->made_by[param]) {
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

/* --- what the elements of parameters are --------------------------------- */

static bool
is_number_box(const IrIns *ins)
{
    return ins->op == IR_BOX_I64 || ins->op == IR_BOX_F64;
}

/* The element that ins takes from a parameter; NULL: it takes none. */
Element *
escape_taken_element(const Escape *e, const IrIns *ins)
{
    IrRef x = ins->n_args > 0 ? ins->args[0] : 0;
    if (!e->is_tuple[x] || !escape_is_get(ins, e->made_by[x])) {
        return NULL;
    }
    uint32_t n = e->length[x];
    return &e->element[ins->args[0]][escape_place_of(e->fn, ins, n)];
}

/* An exit in this block shows the object.  Where a number's object was made,
 * or taken from a tuple, no other parameter has got it yet: all that exits of
 * that block show of it is one number. */
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
        bool is_only = escape_is_new(ins) && e->is_tuple[ref]
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
                     .type = is_number ? e->fn->ins[ins->args[0]].type
                                       : IR_OBJ,
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
        if (escape_is_param(ins)) {
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
    Element *element = escape_taken_element(e, ins);
    if (element != NULL && e->solid[ref] && element->type != IR_OBJ) {
        element->type = IR_OBJ;
        e->changed = true;
    }
    if (ins->op != IR_UNBOX_I64 && ins->op != IR_UNBOX_F64) {
        return;
    }
    element = escape_taken_element(e, &e->fn->ins[ins->args[0]]);
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
        if (!e->is_tuple[ref] || !escape_is_param(&fn->ins[ref])) {
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

/* --- the pass ------------------------------------------------------------ */

bool
pass_escape(IrFn *fn)
{
    Escape e = {.fn = fn, .n_refs = fn->n_ins};
    bool has_tuples = false;
    for (IrRef ref = 1; ref < fn->n_ins && !has_tuples; ref++) {
        has_tuples = escape_is_new(&fn->ins[ref]);
    }
    if (!has_tuples) {
        return false;
    }
    ir_drop_unreachable(fn);
    e.g = ir_graph_new(fn);
    e.is_tuple = ARENA_NEW_ARRAY(fn->arena, bool, fn->n_ins);
    e.length = ARENA_NEW_ARRAY(fn->arena, uint8_t, fn->n_ins);
    e.made_by = ARENA_NEW_ARRAY(fn->arena, uint16_t, fn->n_ins);
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
    escape_rewrite(&e);
    IrRef *rep = ARENA_NEW_ARRAY(fn->arena, IrRef, fn->n_ins);
    if (rep != NULL) { /* with what is new */
        memcpy(rep, e.rep, e.n_refs * sizeof(*rep));
        ir_replace_uses(fn, rep);
    }
    return true;
}
