/* The elements of tuples, ranges and slices that nobody keeps take their
 * place: in block parameters and edges, in snapshots, in what is loaded of
 * them. */
#include "pass.h"

#include <string.h>

#include "escape_int.h"

static bool
is_unkept(const Escape *e, IrRef ref)
{
    return ref < e->n_refs && e->is_tuple[ref]; /* else it is new */
}

/* Element k of a tuple that nobody keeps. */
static IrRef
element_of(const Escape *e, IrRef tuple, uint32_t k)
{
    const IrIns *ins = &e->fn->ins[tuple];
    return escape_is_param(ins) ? e->element[tuple][k].ref : ins->args[k];
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
            fn->ins[element->ref].cls = element->type == IR_OBJ ? element->cls
                                                                : 0;
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
    const uint32_t made_by = e->made_by[tuple];
    return (IrSnapVal){.kind = made_by == IR_RANGE_NEW   ? SNAP_RANGEOBJ
                               : made_by == IR_SLICE_NEW ? SNAP_SLICE
                                                         : SNAP_TUPLE,
                       .n = (uint8_t)n,
                       .first = (uint16_t)first};
}

/* The parts of the tuple whose first part this is. */
static void
fill_parts(const Escape *e, Parts *parts, uint32_t first)
{
    IrRef tuple = parts->tuple[first];
    for (uint32_t k = 0; tuple != 0 && k < e->length[tuple]; k++) {
        IrRef ref = element_of(e, tuple, k);
        parts->vals[first + k] = is_unkept(e, ref)
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
        all += is_unkept(e, ref) ? count_parts(e, ref) : 0;
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
        if (val->kind == SNAP_REF && is_unkept(e, val->a)) {
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
            if (vals[i].kind == SNAP_REF && is_unkept(e, vals[i].a)
                && (!outer || escape_holds_tuples(e, vals[i].a))) {
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

static IrRef
put_new(Escape *e, Out *out, const IrIns *at, IrOp op, const IrRef *args,
        uint32_t n)
{
    static const IrClass classes[] = {[IR_BOX_I64] = IR_CLASS_INT,
                                      [IR_BOX_F64] = IR_CLASS_FLOAT,
                                      [IR_TUPLE_NEW] = IR_CLASS_TUPLE,
                                      [IR_RANGE_NEW] = IR_CLASS_RANGE,
                                      [IR_SLICE_NEW] = IR_CLASS_SLICE};
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
        made[k] = same != 0 ? same
                  : type == IR_I64
                      ? put_new(e, out, &fn->ins[at], IR_BOX_I64, &ref, 1)
                  : type == IR_F64
                      ? put_new(e, out, &fn->ins[at], IR_BOX_F64, &ref, 1)
                  : is_unkept(e, ref) ? put_tuple(e, out, at, ref, snap)
                                      : ref;
    }
    IrRef ref = put_new(e, out, &fn->ins[at], (IrOp)e->made_by[tuple], made,
                        n);
    fn->ins[ref].snap = snap;
    return ref;
}

/* Does the exit of a drop still show the tuple, of which more than one element
 * may be seen to die?  So it is at a return. */
static bool
dies_whole(const Escape *e, IrRef drop, IrRef tuple)
{
    const IrSnap *snap = &e->shown[e->fn->ins[drop].snap];
    bool is_shown = false;
    uint32_t n = 0;
    for (uint32_t i = 0; i < ir_snap_n_vals(snap); i++) {
        is_shown |= snap->vals[i].kind == SNAP_REF && snap->vals[i].a == tuple;
    }
    for (uint32_t k = 0; k < e->length[tuple]; k++) {
        IrRef ref = element_of(e, tuple, k);
        const IrIns *ins = &e->fn->ins[ref];
        bool is_quiet = ins->type != IR_OBJ
                        || (ins->cls != IR_CLASS_ANY
                            && ir_class_is_simple[ins->cls]);
        n += is_unkept(e, ref) ? 2 : !is_quiet;
    }
    return is_shown && n > 1;
}

/* Make the tuple for its death: an exit that leaves that to the interpreter
 * shows this one, so nothing else holds what dies with it. */
static void
put_whole_drop(Escape *e, Out *out, IrRef drop, IrRef tuple)
{
    IrFn *fn = e->fn;
    const IrSnap from = e->shown[fn->ins[drop].snap];
    IrRef made = put_tuple(e, out, drop, tuple, fn->ins[drop].snap);
    IrSnapId id = ir_snap_new(fn, from.offset, from.n_locals, from.n_stack,
                              from.n_parts);
    IrSnap *snap = &fn->snaps[id];
    if (id == 0) {
        return;
    }
    IrSnapVal *vals = snap->vals;
    *snap = from;
    snap->vals = vals;
    for (uint32_t i = 0; i < ir_snap_n_vals(snap); i++) {
        vals[i] = from.vals[i];
        if (vals[i].kind == SNAP_REF && vals[i].a == tuple) {
            vals[i].a = made;
        }
    }
    show_in_snap(e, snap);
    fn->ins[drop].args[0] = made;
    fn->ins[drop].snap = id;
    put(e, out, drop);
}

/* The tuple is let go of, and lets go of its elements. */
static void
put_drops(Escape *e, Out *out, IrRef drop, IrRef tuple)
{
    IrFn *fn = e->fn;
    for (uint32_t k = e->length[tuple]; k-- > 0;) {
        IrRef ref = element_of(e, tuple, k);
        const IrIns *ins = &fn->ins[ref];
        if (is_unkept(e, ref)) {
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
    snap->vals[fn->n_locals] = (IrSnapVal){.kind = SNAP_REF,
                                           .a = ins->args[0]};
    show_in_snap(e, snap);
    return id;
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
        escape_replace(e, ref, 0);
        return;
    }
    bool of_number = e->fn->ins[x].type == IR_OBJ && e->rep[x] != 0
                     && e->fn->ins[e->rep[x]].type != IR_OBJ;
    if (of_number) { /* an object no more */
        IR_ASSERT(ins->op == IR_DROP || ins->op == IR_UNBOX_I64
                  || ins->op == IR_UNBOX_F64);
        escape_replace(e, ref, ins->op == IR_DROP ? 0 : e->rep[x]);
        return;
    }
    if (!of_tuple) {
        put(e, out, ref);
        return;
    }
    switch (ins->op) {
    case IR_TUPLE_LEN:
        escape_make_number(e, ins, e->length[x]);
        put(e, out, ref);
        return;
    case IR_IS_CLASS:
        escape_make_bool(e, ins, true);
        put(e, out, ref);
        return;
    case IR_OIS: /* with itself, or with what it is not */
        escape_make_bool(e, ins, ins->args[0] == ins->args[1]);
        put(e, out, ref);
        return;
    case IR_GUARD_CLASS:
        escape_replace(e, ref, 0);
        return;
    case IR_RETURN: {
        IrRef made = put_tuple(e, out, ref, x, returning(e, ins));
        e->fn->ins[ref].args[0] = made;
        put(e, out, ref);
        return;
    }
    case IR_TUPLE_GET:
    case IR_RANGE_GET:
    case IR_SLICE_GET:
        escape_replace(e, ref, escape_taken_element(e, ins)->ref);
        return;
    case IR_DROP:
        if (dies_whole(e, ref, x)) {
            put_whole_drop(e, out, ref, x);
            return;
        }
        put_drops(e, out, ref, x);
        e->fn->ins[ref].op = IR_NOP;
        return;
    default:
        IR_ASSERT(false);
    }
}

void
escape_rewrite(Escape *e)
{
    IrFn *fn = e->fn;
    split_all(e);
    e->shown = ARENA_NEW_ARRAY(fn->arena, IrSnap, fn->n_snaps);
    for (IrSnapId s = 1; s < fn->n_snaps && e->shown != NULL; s++) {
        e->shown[s] = fn->snaps[s];
        show_in_snap(e, &fn->snaps[s]);
    }
    if (e->shown == NULL) {
        return;
    }
    /* In an order in which what is used comes first: replacements are known.
     */
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
