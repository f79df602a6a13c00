/* Exits: their rows, the tables that say how a frame's state is written, and
 * the stubs that native code jumps to. */
#include "c_emit_int.h"

/* --- exits ----------------------------------------------------------------------- */

uint32_t
exit_row(Emit *e, ExitRow row)
{
    EmitCode *c = e->code;
    for (uint32_t i = 0; i < c->n_exits; i++) {
        if (memcmp(&c->exits[i], &row, sizeof row) == 0) {
            return i;
        }
    }
    if (c->n_exits == c->cap_exits) {
        uint32_t cap = c->cap_exits ? c->cap_exits * 2 : 32;
        ExitRow *more = ARENA_NEW_ARRAY(e->arena, ExitRow, cap);
        if (more == NULL) {
            return 0;
        }
        if (c->n_exits) {
            memcpy(more, c->exits, c->n_exits * sizeof *more);
        }
        c->exits = more;
        c->cap_exits = cap;
    }
    c->exits[c->n_exits] = row;
    return c->n_exits++;
}

uint32_t
exit_of_snap(Emit *e, const IrSnap *s)
{
    ExitRow row;
    memset(&row, 0, sizeof row);
    row.offset = s->offset;
    row.resume = s->resume;
    row.n_stack = s->n_stack;
    row.kind = s->kind;
    row.reason = s->reason;
    return exit_row(e, row);
}

/* --- states, as tables (PyaotCell in cache/abi/pyaot_native.h) ------------------- */

void
exit_cell(Emit *e, const char *kind, uint32_t index, uint32_t flags, uint64_t aux)
{
    strbuf_printf(&e->descs, "{PYAOT_CELL_%s, %u, %u, %" PRIu64 "}, ", kind, flags,
                  index, aux);
}

/* Store one raw value for the table to refer to. */
static void
word(Emit *e, uint32_t *w, const char *fmt, IrRef v)
{
    STUB("x[%u] = ", (*w)++);
    STUB(fmt, v);
    STUB("; ");
}

static void
snap_cell(Emit *e, const IrSnapVal *v, uint32_t index, uint32_t flags, uint32_t *w)
{
    const IrIns *x = at(e, v->a);
    switch ((IrSnapKind)v->kind) {
    case SNAP_REF:
        if (x->type == IR_OBJ) {
            exit_cell(e, "OBJ", index, flags, 0);
            word(e, w, "(uint64_t)v%u", v->a);
        }
        else if (ir_const_object(x) != 0) {
            exit_cell(e, "CONST", index, flags, ir_const_object(x) - 1);
        }
        else {
            bool mark = !e->framed && (x->op == IR_PARAM_I || x->op == IR_PARAM_F);
            exit_cell(e, x->type == IR_I64 ? "I64" : x->type == IR_F64 ? "F64" : "BOOL", index,
                 flags | (mark ? 2u : 0), mark ? (uint64_t)ir_param(x) : 0);
            word(e, w, x->type == IR_F64 ? "(uint64_t)pyaot_bits(v%u)" : "(uint64_t)v%u", v->a);
        }
        return;
    case SNAP_DYN:
        exit_cell(e, "DYN", index, flags, 0);
        word(e, w, "(uint64_t)v%u", v->a);
        word(e, w, "(uint64_t)v%u", v->b);
        return;
    case SNAP_COMPLEX:
        exit_cell(e, "COMPLEX", index, flags, 0);
        word(e, w, "(uint64_t)pyaot_bits(v%u)", v->a);
        word(e, w, "(uint64_t)pyaot_bits(v%u)", v->b);
        return;
    case SNAP_RANGE: case SNAP_ENUM: case SNAP_ZIP:
        exit_cell(e, v->kind == SNAP_RANGE ? "RANGE" : v->kind == SNAP_ENUM ? "ENUM" : "ZIP", index,
             flags, 0);
        word(e, w, "(uint64_t)v%u", v->a);
        word(e, w, "(uint64_t)v%u", v->b);
        word(e, w, "(uint64_t)v%u", v->c);
        return;
    case SNAP_LISTIT: case SNAP_TUPIT: case SNAP_STRIT:
        exit_cell(e, v->kind == SNAP_LISTIT ? "LISTIT" : v->kind == SNAP_TUPIT ? "TUPIT" : "STRIT", index, flags, 0);
        word(e, w, "(uint64_t)v%u", v->a);
        word(e, w, "(uint64_t)v%u", v->b);
        return;
    case SNAP_NULL: case SNAP_MEM:
        break;
    }
    exit_cell(e, "NULL", index, flags, 0);
}

uint32_t
exit_table_open(Emit *e)
{
    strbuf_printf(&e->descs, "static const PyaotCell d%u_%u_%u[] = {", e->region->code_index,
                  e->region->region_index, e->n_descs);
    return e->n_descs++;
}

void
exit_table_close(Emit *e)
{
    strbuf_adds(&e->descs, "{0}};\n");
}

/* Has the callee of this call taken the value's reference? */
static bool
was_given(const IrIns *ins, IrRef value)
{
    for (uint32_t i = 1; i < ins->n_args && i < 64; i++) {
        if (ins->args[i] == value && (ins->given >> i & 1)) {
            return true;
        }
    }
    return false;
}

static void
release_cells(Emit *e, const IrIns *ins, bool called, bool later, uint32_t *w)
{
    for (uint32_t i = 0; i < ins->n_release; i++) {
        if (called && was_given(ins, ins->release[i])) {
            continue;
        }
        if (later) {
            exit_cell(e, "RELEASE_LATER", 0, 0, PYAOT_NO_UNIT);
            word(e, w, "(uint64_t)v%u", ins->release[i]);
            continue;
        }
        bool simple = ir_class_is_simple[at(e, ins->release[i])->cls];
        exit_cell(e, e->framed || simple ? "RELEASE" : "RELEASE_LATER", 0, 0, ins->offset);
        word(e, w, "(uint64_t)v%u", ins->release[i]);
    }
}

void
exit_release_cells(Emit *e, const IrIns *ins, uint32_t *w)
{
    release_cells(e, ins, false, false, w);
}

void
exit_return_cells(Emit *e, const IrIns *ins, uint32_t *w)
{
    release_cells(e, ins, true, false, w);
}

void
exit_call_cells(Emit *e, const IrIns *ins, uint32_t *w)
{
    release_cells(e, ins, true, true, w);
}

/* Cells of a snapshot: what has to be written to the frame (framed), or all
 * of it (a fresh exit record). */
void
exit_state_cells(Emit *e, const IrSnap *s, bool locals_only, uint32_t *w)
{
    uint32_t n_stack = locals_only ? 0 : s->n_stack, n = s->n_locals + n_stack;
    /* The stack first: what a local held until now may keep alive what the
     * stack is about to hold. */
    for (uint32_t k = 0; k < n; k++) {
        uint32_t i = k < n_stack ? s->n_locals + k : k - n_stack;
        const IrSnapVal *v = &s->vals[i];
        bool local = i < s->n_locals, twin = false;
        uint32_t flags = e->framed && local ? 1 : 0;
        if (e->framed && local &&
            (v->kind == SNAP_MEM || (v->kind == SNAP_DYN && is_const(e, v->a, 0)))) {
            continue; /* the frame holds it */
        }
        for (uint32_t q = 0; v->kind == SNAP_REF && q < k && !twin; q++) {
            uint32_t j = q < n_stack ? s->n_locals + q : q - n_stack;
            if (s->vals[j].kind == SNAP_REF && s->vals[j].a == v->a &&
                at(e, v->a)->type != IR_OBJ) {
                exit_cell(e, "DUP", i, flags, j); /* one number, one object */
                twin = true;
            }
        }
        if (!twin) {
            snap_cell(e, v, i, flags, w);
        }
    }
}

/* Jump to a shared tail with table and values in place. */
void
exit_go_tail(Emit *e, const char *tail, uint32_t table, uint32_t exit_id, uint32_t stacktop)
{
    STUB("\n    xd = d%u_%u_%u; xid = %u; xsp = %u; goto %s;\n", e->region->code_index,
         e->region->region_index, table, exit_id, stacktop, tail);
}

/* The tails themselves. */
void
exit_tails(Emit *e)
{
    const char *ret = e->ret == 'x' ? "" : ret_type(e->ret);
    if (!e->framed) {
        OUT("LEAVE:\n    pyaot_write(th, in, th->rt->deopt_push(th, in, func, xid), xd, x);\n"
            "    th->progress = prog;\n    return (%s){0, PYAOT_ST_DEOPT};\n", ret);
        return;
    }
    OUT("LEAVE:\n    pyaot_frame_set_n_cells(fr, xsp);\n    pyaot_write(th, in, L, xd, x);\n"
        "RESUME:\n    th->progress = prog;\n");
    if (e->ret == 'x') {
        OUT("    return (int32_t)xid;\n");
    }
    else if (e->ret == 'o') {
        OUT("    { PyObject *r = th->rt->resume_frame(th, in, fr, xid);"
            " return (PyaotRetO){r, r ? PYAOT_ST_OK : PYAOT_ST_RAISE}; }\n");
    }
    else {
        OUT("    { PyObject *r = th->rt->resume_frame(th, in, fr, xid);"
            " return (%s){0, r ? (uintptr_t)r : PYAOT_ST_RAISE}; }\n", ret);
    }
    OUT("LEAVE_RAISE:\n    pyaot_frame_set_n_cells(fr, xsp);\n    pyaot_write(th, in, L, xd, x);\nRAISE:\n");
    if (e->ret == 'x') {
        OUT("    return PYAOT_OSR_RAISE;\n");
    }
    else if (e->ret == 'o') {
        OUT("    { PyObject *r = th->rt->raise_frame(th, in, fr);"
            " return (PyaotRetO){r, r ? PYAOT_ST_OK : PYAOT_ST_RAISE}; }\n");
    }
    else {
        OUT("    { PyObject *r = th->rt->raise_frame(th, in, fr);"
            " return (%s){0, r ? (uintptr_t)r : PYAOT_ST_RAISE}; }\n", ret);
    }
}

/* Most raw values one exit of fn can have. */
uint32_t
exit_max_words(const IrFn *fn)
{
    uint32_t most = 0, release = 0;
    for (uint32_t i = 1; i < fn->n_snaps; i++) {
        uint32_t n = 0;
        for (uint32_t k = 0; k < (uint32_t)fn->snaps[i].n_locals + fn->snaps[i].n_stack; k++) {
            n += ir_snap_refs(&fn->snaps[i].vals[k]);
        }
        most = n > most ? n : most;
    }
    for (uint32_t i = 1; i < fn->n_ins; i++) {
        release = fn->ins[i].n_release > release ? fn->ins[i].n_release : release;
    }
    return most + release + 1;
}

/* The stub a failing guard jumps to. */
static void
exit_stub(Emit *e, IrRef ref)
{
    const IrIns *ins = at(e, ref);
    const IrSnap *s = &e->fn->snaps[ins->snap];
    bool shared = ins->n_release == 0;
    uint8_t *done = shared ? &e->stub_done[ins->snap] : &e->ref_done[ref];
    if (*done) {
        return;
    }
    *done = 1;
    uint32_t id = exit_of_snap(e, s), w = 0, table = exit_table_open(e);
    if (shared) {
        STUB("XS%u: ", ins->snap);
    }
    else {
        STUB("X%u: ", ref);
    }
    if (e->framed && !shared) { /* what is released may look at the frame */
        STUB("pyaot_frame_set_place(fr, in->units + %u); ", ins->offset);
    }
    exit_state_cells(e, s, false, &w);
    exit_release_cells(e, ins, &w);
    exit_table_close(e);
    exit_go_tail(e, "LEAVE", table, id, s->n_locals + s->n_stack);
}

/* One cell of a yield's state, written by code of its own. */
static void
yield_cell(Emit *e, const IrSnapVal *v, uint32_t i, bool local)
{
    const IrIns *x = at(e, v->a);
    char kind = x->type == IR_I64 ? 'i' : x->type == IR_F64 ? 'f' : 'b';
    char value[96];
    switch ((IrSnapKind)v->kind) {
    case SNAP_REF:
        if (x->type == IR_OBJ) {
            snprintf(value, sizeof value, "Py_XNewRef(v%u)", v->a);
        }
        else if (ir_const_object(x) != 0) {
            snprintf(value, sizeof value, "Py_NewRef(in->consts[%u])", ir_const_object(x) - 1);
        }
        else {
            snprintf(value, sizeof value, "pyaot_box_%c(v%u)", kind, v->a);
            if (local && kind != 'b') {
                STUB("if (!pyaot_overwrite_%c(&L[%u], v%u)) ", kind, i, v->a);
            }
        }
        break;
    case SNAP_DYN:
        if (local) {
            STUB("pyaot_flush(&L[%u], v%u, v%u); ", i, v->a, v->b);
            return;
        }
        snprintf(value, sizeof value, "pyaot_box_dyn(v%u, v%u)", v->a, v->b);
        break;
    default:
        snprintf(value, sizeof value, "NULL");
        break;
    }
    if (local) {
        STUB("pyaot_set(&L[%u], %s); ", i, value);
    }
    else {
        STUB("L[%u] = %s; ", i, value);
    }
}

/* Is this the exit at a yield, with a state that is written without tables? */
bool
exit_is_plain_yield(const Emit *e, const IrIns *ins)
{
    const IrSnap *s = &e->fn->snaps[ins->snap];
    bool plain = region_is_resumed(e->fn->entry_kind) && s->kind == EXIT_KIND_END;
    for (uint32_t i = 0; plain && i < (uint32_t)s->n_locals + s->n_stack; i++) {
        uint8_t kind = s->vals[i].kind;
        plain = kind == SNAP_NULL || kind == SNAP_MEM || kind == SNAP_REF || kind == SNAP_DYN;
    }
    return plain;
}

/* Leave for a yield: what a generator does all the time.  In the order of
 * state_cells. */
void
exit_yield_stub(Emit *e, IrRef ref)
{
    const IrIns *ins = at(e, ref);
    const IrSnap *s = &e->fn->snaps[ins->snap];
    uint32_t n = (uint32_t)s->n_locals + s->n_stack;
    STUB("X%u: ", ref);
    for (uint32_t k = 0; k < n; k++) {
        uint32_t i = k < s->n_stack ? s->n_locals + k : k - s->n_stack;
        const IrSnapVal *v = &s->vals[i];
        bool local = i < s->n_locals, twin = false;
        if (local && (v->kind == SNAP_MEM || (v->kind == SNAP_DYN && is_const(e, v->a, 0)))) {
            continue; /* the frame holds it */
        }
        for (uint32_t q = 0; v->kind == SNAP_REF && q < k && !twin; q++) {
            uint32_t j = q < s->n_stack ? s->n_locals + q : q - s->n_stack;
            if (s->vals[j].kind == SNAP_REF && s->vals[j].a == v->a &&
                at(e, v->a)->type != IR_OBJ) {
                STUB(local ? "pyaot_set(&L[%u], Py_NewRef(L[%u])); " : "L[%u] = Py_NewRef(L[%u]); ",
                     i, j); /* one number, one object */
                twin = true;
            }
        }
        if (!twin) {
            yield_cell(e, v, i, local);
        }
    }
    for (uint32_t i = 0; i < ins->n_release; i++) {
        STUB("Py_XDECREF(v%u); ", ins->release[i]);
    }
    STUB("\n    pyaot_frame_set_n_cells(fr, %u); th->progress = prog; return %u;\n", n, exit_of_snap(e, s));
}

/* "goto ..." to the side exit of ref. */
const char *
exit_goto(Emit *e, IrRef ref, char buf[32])
{
    const IrIns *ins = at(e, ref);
    exit_stub(e, ref);
    if (ins->n_release == 0) {
        snprintf(buf, 32, "goto XS%u", ins->snap);
    }
    else {
        snprintf(buf, 32, "goto X%u", ref);
    }
    return buf;
}

void
exit_raise_stub(Emit *e, IrRef ref)
{
    const IrIns *ins = at(e, ref);
    const IrSnap *s = &e->fn->snaps[ins->raise];
    uint32_t w = 0, table = exit_table_open(e);
    STUB("R%u: pyaot_frame_set_place(fr, in->units + %u); ", ref, ins->offset);
    exit_state_cells(e, s, false, &w);
    exit_return_cells(e, ins, &w);
    exit_table_close(e);
    exit_go_tail(e, "LEAVE_RAISE", table, 0, s->n_locals + s->n_stack);
}

/* A detour: an object dies, and nobody sees it; else leave, alive. */
void
exit_death_stub(Emit *e, IrRef ref)
{
    char label[32];
    STUB("F%u: if (LIKELY(pyaot_dies_unseen(th, dead))) { _Py_Dealloc(dead); goto C%u; }\n"
         "    pyaot_refs_more(dead, 1); ", ref, ref);
    STUB("%s;\n", exit_goto(e, ref, label));
}
