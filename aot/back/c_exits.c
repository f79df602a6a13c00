/* Exits.  What an exit is goes to the unit's states: what is done, of which
 * row, with which cells; lists of cells (shapes) that are alike are shared.
 * Native code has an EXIT() for each, whose operands are the values
 * (cache/abi/pyaot_native_exit.h, cache/exit_table.h). */
#include "c_emit_int.h"

#include "exit_table.h"
#include "hash.h"

/* --- rows ---------------------------------------------------------------- */

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

/* --- texts --------------------------------------------------------------- */

/* The place of the text among those that are there; a new one goes to the end.
 */
static uint32_t
text_place(Emit *e, Texts *s, const StrBuf *text)
{
    if (2 * s->n >= s->cap) {
        uint32_t cap = s->cap ? s->cap * 4 : 64;
        Text *more = ARENA_NEW_ARRAY(e->arena, Text, cap);
        if (more == NULL) {
            return 0;
        }
        for (uint32_t i = 0; i < s->cap; i++) {
            if (s->slots[i].len != 0) {
                uint32_t k = s->slots[i].hash & (cap - 1);
                while (more[k].len != 0) {
                    k = (k + 1) & (cap - 1);
                }
                more[k] = s->slots[i];
            }
        }
        s->slots = more;
        s->cap = cap;
    }
    uint32_t len = (uint32_t)text->len;
    uint32_t hash = (uint32_t)pyaot_hash64(text->data, len);
    uint32_t k = hash & (s->cap - 1);
    for (; s->slots[k].len != 0; k = (k + 1) & (s->cap - 1)) {
        if (s->slots[k].hash == hash && s->slots[k].len == len
            && memcmp(s->bytes.data + s->slots[k].place, text->data, len)
                   == 0) {
            return s->slots[k].place;
        }
    }
    s->slots[k] = (Text){hash, len, (uint32_t)s->bytes.len};
    strbuf_add(&s->bytes, text->data, len);
    s->n++;
    return s->slots[k].place;
}

/* --- states -------------------------------------------------------------- */

/* One exit being put together. */
typedef struct {
    Emit *e;
    StrBuf cells;
    uint32_t n_cells;
    /* of the frame: from there on cells are parts of tuples */
    uint32_t top;
    IrRef *values; /* in order; ST: the status of a call */
    uint32_t n_values, cap_values;
} State;

static const IrRef ST = UINT32_MAX;

static void
state_init(State *s, Emit *e, uint32_t top)
{
    memset(s, 0, sizeof *s);
    s->e = e;
    s->top = top;
    strbuf_init(&s->cells, 0);
}

static void
value(State *s, IrRef v)
{
    if (s->n_values == s->cap_values) {
        uint32_t cap = s->cap_values ? s->cap_values * 2 : 64;
        IrRef *more = ARENA_NEW_ARRAY(s->e->arena, IrRef, cap);
        if (more == NULL) {
            return;
        }
        if (s->n_values) {
            memcpy(more, s->values, s->n_values * sizeof *more);
        }
        s->values = more;
        s->cap_values = cap;
    }
    s->values[s->n_values++] = v;
}

static void
cell(State *s, uint32_t kind, uint32_t index, uint32_t aux)
{
    s->n_cells++;
    strbuf_u8(&s->cells, (uint8_t)kind);
    if ((kind & EXIT_CELL_KIND) < EXIT_CELL_RELEASE) {
        pyaot_exit_put(&s->cells, index);
    }
    if (pyaot_exit_cell_has_aux((uint8_t)kind)) {
        pyaot_exit_put(&s->cells, aux);
    }
}

static const uint8_t kind_of_snap[] = {
    [SNAP_NULL] = EXIT_CELL_NULL,         [SNAP_REF] = EXIT_CELL_OBJ,
    [SNAP_MEM] = EXIT_CELL_NULL,          [SNAP_DYN] = EXIT_CELL_DYN,
    [SNAP_RANGE] = EXIT_CELL_RANGE,       [SNAP_LISTIT] = EXIT_CELL_LISTIT,
    [SNAP_TUPIT] = EXIT_CELL_TUPIT,       [SNAP_STRIT] = EXIT_CELL_STRIT,
    [SNAP_ENUM] = EXIT_CELL_ENUM,         [SNAP_COMPLEX] = EXIT_CELL_COMPLEX,
    [SNAP_ZIP] = EXIT_CELL_ZIP,           [SNAP_TUPLE] = EXIT_CELL_TUPLE,
    [SNAP_RANGEOBJ] = EXIT_CELL_RANGEOBJ, [SNAP_SLICE] = EXIT_CELL_SLICE,
};

static void
snap_cell(State *s, const IrSnapVal *v, uint32_t index, uint32_t flags)
{
    const Emit *e = s->e;
    if (v->kind != SNAP_REF) {
        uint32_t kind = kind_of_snap[v->kind],
                 n = pyaot_exit_cell_values((uint8_t)kind);
        const IrRef refs[3] = {v->a, v->b, v->c};
        IR_ASSERT(v->n <= EXIT_TUPLE_MOST);
        cell(s, kind | flags, index,
             (uint32_t)v->first << EXIT_TUPLE_SHIFT | v->n);
        for (uint32_t i = 0; i < n; i++) {
            value(s, refs[i]);
        }
        return;
    }
    const IrIns *x = at(e, v->a);
    if (ir_const_object(x) != 0) {
        cell(s, EXIT_CELL_CONST | flags, index, ir_const_object(x) - 1);
        return;
    }
    bool mark = !e->framed && index < s->top
                && (x->op == IR_PARAM_I || x->op == IR_PARAM_F);
    uint32_t kind = x->type == IR_OBJ   ? EXIT_CELL_OBJ
                    : x->type == IR_I64 ? EXIT_CELL_I64
                    : x->type == IR_F64 ? EXIT_CELL_F64
                                        : EXIT_CELL_BOOL;
    cell(s, kind | flags | (mark ? EXIT_CELL_PARAM : 0), index,
         mark ? ir_param(x) : 0);
    value(s, v->a);
}

/* The value of a snapshot that is made k-th.  Parts of tuples first, from the
 * last on: a part's own parts come behind it.  Then the stack: what a local
 * held until now may keep alive what the stack is about to hold. */
static uint32_t
made_at(const IrSnap *snap, uint32_t k)
{
    uint32_t n_parts = snap->n_parts;
    return k < n_parts                   ? ir_snap_n_vals(snap) - 1 - k
           : k < n_parts + snap->n_stack ? snap->n_locals + k - n_parts
                                         : k - n_parts - snap->n_stack;
}

/* Are these one computed number, or one tuple, range or slice?  (A real part
 * is that of one complex number only.) */
static bool
is_twin(const Emit *e, const IrSnapVal *x, const IrSnapVal *y)
{
    if (x->kind != y->kind) {
        return false;
    }
    return x->kind == SNAP_REF
               ? x->a == y->a && at(e, x->a)->type != IR_OBJ
               : (ir_snap_has_parts(x) && x->first == y->first)
                     || (x->kind == SNAP_COMPLEX && x->a == y->a);
}

/* Cells of a snapshot: what has to be written to the frame (framed), or all
 * of it (a fresh exit record). */
static void
snap_cells(State *s, const IrSnap *snap)
{
    const Emit *e = s->e;
    uint32_t n_slots = ir_snap_n_slots(snap), n = ir_snap_n_vals(snap);
    for (uint32_t k = 0; k < n; k++) {
        uint32_t i = made_at(snap, k);
        uint32_t number = i < n_slots ? i : s->top + i - n_slots;
        const IrSnapVal *v = &snap->vals[i];
        bool local = i < snap->n_locals, twin = false;
        uint32_t flags = e->framed && local ? EXIT_CELL_LIVE : 0;
        if (e->framed && local
            && (v->kind == SNAP_MEM
                || (v->kind == SNAP_DYN && is_const(e, v->a, 0)))) {
            continue; /* the frame holds it */
        }
        for (uint32_t q = 0; q < k && !twin; q++) {
            uint32_t j = made_at(snap, q);
            if (is_twin(e, &snap->vals[j], v)) { /* one number, one object */
                cell(s, EXIT_CELL_DUP | flags, number,
                     j < n_slots ? j : s->top + j - n_slots);
                twin = true;
            }
        }
        if (!twin) {
            snap_cell(s, v, number, flags);
        }
    }
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

/* What the exits of ins give back; called: once the call that it is has been
 * made. */
static void
release_cells(State *s, const IrIns *ins, bool called)
{
    for (uint32_t i = 0; i < ins->n_release; i++) {
        if (called && was_given(ins, ins->release[i])) {
            continue;
        }
        bool simple = ir_class_is_simple[at(s->e, ins->release[i])->cls];
        cell(s,
             s->e->framed || simple ? EXIT_CELL_RELEASE
                                    : EXIT_CELL_RELEASE_LATER,
             0, 0);
        value(s, ins->release[i]);
    }
}

/* --- exits --------------------------------------------------------------- */

/* Which operand holds a value, or UINT32_MAX. */
static uint32_t
operand_of(const IrRef *operands, uint32_t n, IrRef v)
{
    uint32_t i = 0;
    while (i < n && operands[i] != v) {
        i++;
    }
    return i < n ? i : UINT32_MAX;
}

static uint8_t
value_type(const Emit *e, IrRef v)
{
    return v == ST ? (uint8_t)IR_I64 : at(e, v)->type;
}

static void
put_name(StrBuf *out, IrRef v)
{
    if (v == ST) {
        strbuf_adds(out, "st");
    }
    else {
        strbuf_printf(out, "v%u", v);
    }
}

/* The values of the exit as operands, and its text, which says in which of
 * them each value is: what goes in front of the exit's number, and behind it.
 */
static void
put_operands(State *s, StrBuf *front, StrBuf *out)
{
    enum {
        BEFORE = 1 + EXIT_VALUES_FIRST,
        DIRECT_Q = 5,
        DIRECT_D = 8,
        MOST = 24
    };
    Emit *e = s->e;
    IrRef *operands = ARENA_NEW_ARRAY(e->arena, IrRef, s->n_values + 1);
    uint32_t n = 0, n_general = 0, n_vector = 0;
    if (operands == NULL) {
        return;
    }
    for (uint32_t i = 0; i < s->n_values; i++) {
        if (operand_of(operands, n, s->values[i]) == UINT32_MAX) {
            operands[n++] = s->values[i];
        }
    }
    uint32_t n_direct = n <= MOST ? n : MOST;
    strbuf_adds(front, "{ ");
    if (n > n_direct) { /* a statement has no more operands */
        strbuf_adds(front, "uint64_t more[] = {");
        for (uint32_t i = n_direct; i < n; i++) {
            strbuf_adds(front, value_type(e, operands[i]) == IR_F64
                                   ? "(uint64_t)pyaot_bits("
                                   : "(uint64_t)(");
            put_name(front, operands[i]);
            strbuf_adds(front, "), ");
        }
        strbuf_adds(front, "}; ");
    }
    strbuf_adds(front, "EXIT(\"");
    strbuf_adds(out, "|%1|%2|%3");
    for (uint32_t i = 0; i < s->n_values; i++) {
        uint32_t k = operand_of(operands, n, s->values[i]);
        if (k < n_direct) {
            strbuf_printf(out, "|%%%u", BEFORE + k);
        }
        else {
            strbuf_printf(out, "|%u:%%%u", 8 * (k - n_direct),
                          BEFORE + n_direct);
        }
    }
    strbuf_printf(out, "\", Q(in), Q(%s), B(prog)", e->framed ? "fr" : "func");
    for (uint32_t i = 0; i < n_direct; i++) {
        uint8_t type = value_type(e, operands[i]);
        bool vector = type == IR_F64;
        bool direct = vector ? n_vector++ < DIRECT_D : n_general++ < DIRECT_Q;
        strbuf_printf(out, ", %s%s(",
                      vector            ? "D"
                      : type == IR_BOOL ? "B"
                                        : "Q",
                      direct ? "" : "M");
        put_name(out, operands[i]);
        strbuf_adds(out, ")");
    }
    strbuf_adds(out, n > n_direct ? ", ARRAY(more)); }\n" : "); }\n");
}

/* The statement of an exit.
 *
 * how    ExitHow, without what the function is
 * unit   of the instruction that its frame is to show meanwhile; UINT32_MAX:
 *        of none
 * after  row behind the call (CALL, INIT)
 * row    that is left through
 *
 * guard  or NULL; what is the same as another guard's exit in all respects is
 * not stated again: *guard becomes the place, plus 1, of the one there is */
static void
put_exit(State *s, uint32_t how, uint32_t unit, uint32_t after, uint32_t row,
         uint32_t *guard)
{
    Emit *e = s->e;
    StrBuf shape, record, front, text, whole;
    strbuf_init(&shape, 0);
    strbuf_init(&record, 0);
    strbuf_init(&front, 0);
    strbuf_init(&text, 0);
    strbuf_init(&whole, 0);
    pyaot_exit_put(&shape, s->n_cells);
    strbuf_add(&shape, s->cells.data, s->cells.len);
    how |= e->framed ? EXIT_FRAMED : 0;
    how |= e->ret == 'x' ? EXIT_ON_FRAME : 0;
    const uint64_t head[] = {how,
                             1,
                             unit == UINT32_MAX ? 0 : (uint64_t)unit + 1,
                             after,
                             0,
                             row,
                             s->top,
                             text_place(e, &e->shapes, &shape)};
    for (size_t i = 0; i < sizeof head / sizeof head[0]; i++) {
        pyaot_exit_put(&record, head[i]);
    }
    put_operands(s, &front, &text);
    bool is_new = true;
    if (guard != NULL) {
        strbuf_add(&whole, record.data, record.len);
        strbuf_add(&whole, front.data, front.len);
        strbuf_add(&whole, text.data, text.len);
        size_t end = e->guards.bytes.len;
        uint32_t place = text_place(e, &e->guards, &whole);
        is_new = place == end;
        *guard = place + 1;
        if (is_new) {
            STUB("X%u: ", place);
        }
    }
    if (is_new) {
        strbuf_add(&e->stubs, front.data, front.len);
        STUB("%u", e->n_heads++);
        strbuf_add(&e->stubs, text.data, text.len);
        strbuf_add(&e->heads, record.data, record.len);
    }
    if (strbuf_status(&shape) != PYAOT_OK
        || strbuf_status(&s->cells) != PYAOT_OK
        || strbuf_status(&record) != PYAOT_OK
        || strbuf_status(&front) != PYAOT_OK
        || strbuf_status(&text) != PYAOT_OK
        || strbuf_status(&whole) != PYAOT_OK) {
        e->heads.status = PYAOT_E_NOMEM;
    }
    strbuf_free(&shape);
    strbuf_free(&record);
    strbuf_free(&front);
    strbuf_free(&text);
    strbuf_free(&whole);
    strbuf_free(&s->cells);
}

/* Where all exits of the function come to: what it returns, of what the loader
 * has said. */
void
exit_tail(Emit *e)
{
    const char *ret = e->ret == 'x' ? "" : ret_type(e->ret);
    if (e->n_heads == e->first_head) {
        return;
    }
    OUT("LEFT: ;\n");
    if (!e->framed) {
        OUT("    return (%s){0, PYAOT_ST_DEOPT};\n", ret);
    }
    else if (e->ret == 'x') {
        OUT("    return (int32_t)left;\n");
    }
    else if (e->ret == 'o') {
        OUT("    return (PyaotRetO){(PyObject *)left, left ? PYAOT_ST_OK : "
            "PYAOT_ST_RAISE};\n");
    }
    else {
        OUT("    return (%s){0, left ? left : PYAOT_ST_RAISE};\n", ret);
    }
}

/* The exit that a failing guard jumps to: its label's number. */
static uint32_t
exit_guard(Emit *e, IrRef ref)
{
    const IrIns *ins = at(e, ref);
    const IrSnap *snap = &e->fn->snaps[ins->snap];
    bool shared = ins->n_release == 0;
    uint32_t *exit = shared ? &e->snap_exit[ins->snap] : &e->ref_exit[ref];
    State s;
    if (*exit != 0) {
        return *exit - 1;
    }
    state_init(&s, e, ir_snap_n_slots(snap));
    snap_cells(&s, snap);
    release_cells(&s, ins, false);
    /* what is released may look at the frame */
    put_exit(&s, EXIT_LEAVE, shared ? UINT32_MAX : ins->offset, 0,
             exit_of_snap(e, snap), exit);
    return *exit - 1;
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
            snprintf(value, sizeof value, "Py_NewRef(in->consts[%u])",
                     ir_const_object(x) - 1);
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
    bool plain = region_is_resumed(e->fn->entry_kind)
                 && s->kind == EXIT_KIND_END;
    for (uint32_t i = 0; plain && i < ir_snap_n_slots(s); i++) {
        uint8_t kind = s->vals[i].kind;
        plain = kind == SNAP_NULL || kind == SNAP_MEM || kind == SNAP_REF
                || kind == SNAP_DYN;
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
    uint32_t n = ir_snap_n_slots(s);
    STUB("Y%u: ", ref);
    for (uint32_t k = 0; k < n; k++) {
        uint32_t i = k < s->n_stack ? s->n_locals + k : k - s->n_stack;
        const IrSnapVal *v = &s->vals[i];
        bool local = i < s->n_locals, twin = false;
        if (local
            && (v->kind == SNAP_MEM
                || (v->kind == SNAP_DYN && is_const(e, v->a, 0)))) {
            continue; /* the frame holds it */
        }
        for (uint32_t q = 0; v->kind == SNAP_REF && q < k && !twin; q++) {
            uint32_t j = q < s->n_stack ? s->n_locals + q : q - s->n_stack;
            if (s->vals[j].kind == SNAP_REF && s->vals[j].a == v->a
                && at(e, v->a)->type != IR_OBJ) {
                STUB(local ? "pyaot_set(&L[%u], Py_NewRef(L[%u])); "
                           : "L[%u] = Py_NewRef(L[%u]); ",
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
    STUB("\n    pyaot_frame_set_n_cells(fr, %u); th->progress = prog; return "
         "%u;\n",
         n, exit_of_snap(e, s));
}

/* "goto ..." to the side exit of ref. */
const char *
exit_goto(Emit *e, IrRef ref, char buf[32])
{
    snprintf(buf, 32, "goto X%u", exit_guard(e, ref));
    return buf;
}

/* An exception is set. */
void
exit_raise_stub(Emit *e, IrRef ref)
{
    const IrIns *ins = at(e, ref);
    const IrSnap *snap = &e->fn->snaps[ins->raise];
    State s;
    STUB("R%u: ", ref);
    state_init(&s, e, ir_snap_n_slots(snap));
    snap_cells(&s, snap);
    release_cells(&s, ins, true);
    put_exit(&s, EXIT_RAISE, ins->offset, 0, exit_of_snap(e, snap), NULL);
}

/* What comes back from a direct call that is not the declared result: the
 * loader waits for the callee's result, or takes an odd one. */
void
exit_call_stub(Emit *e, IrRef ref)
{
    const IrIns *ins = at(e, ref);
    const IrSnap *snap = &e->fn->snaps[ins->raise];
    ExitRow row;
    State s;
    memset(&row, 0, sizeof row);
    row.offset = snap->resume;
    row.n_stack = (uint16_t)(snap->n_stack + 1);
    row.kind = EXIT_KIND_GUARD;
    row.reason = snap->reason;
    STUB("P%u: ", ref);
    state_init(&s, e, ir_snap_n_slots(snap));
    value(&s, ST);
    snap_cells(&s, snap);
    release_cells(&s, ins, true);
    uint32_t after = exit_row(e, row);
    put_exit(&s, EXIT_CALL, ins->offset, after,
             e->framed ? after : exit_of_snap(e, snap), NULL);
}

/* The __init__ of a new instance left: the instance is on the stack already.
 */
void
exit_init_stub(Emit *e, IrRef ref)
{
    const IrIns *ins = at(e, ref);
    const IrSnap *snap = &e->fn->snaps[ins->raise];
    uint32_t made = ir_snap_n_slots(snap); /* the cell of the instance */
    bool exact = (ir_mode(ins) & IR_CALL_EXACT) != 0;
    ExitRow row;
    State s;
    memset(&row, 0, sizeof row);
    row.offset = e->framed ? snap->resume : snap->offset;
    row.resume = e->framed ? 0 : snap->resume;
    row.n_stack = (uint16_t)(snap->n_stack + 1);
    row.kind = e->framed ? EXIT_KIND_GUARD : EXIT_KIND_INIT;
    row.reason = snap->reason;
    STUB("P%u: ", ref);
    state_init(&s, e, made + 1);
    value(&s, ST);
    snap_cells(&s, snap);
    cell(&s, EXIT_CELL_TAKE, made, 0);
    value(&s, ref);
    release_cells(&s, ins, true);
    uint32_t after = exit_row(e, row);
    put_exit(&s, EXIT_INIT | (exact ? EXIT_EXACT : 0), ins->offset, after,
             after, NULL);
}

/* A detour: an object dies, and nobody sees it; else leave, alive. */
void
exit_death_stub(Emit *e, IrRef ref)
{
    char label[32];
    const char *leave = exit_goto(e, ref, label);
    STUB("F%u: if (LIKELY(pyaot_let_go(th, dead))) goto C%u; %s;\n", ref, ref,
         leave);
}

/* --- the unit's states --------------------------------------------------- */

static void
put_bytes(Emit *e, const uint8_t *bytes, size_t len)
{
    enum { A_LINE = 24 };
    for (size_t i = 0; i < len; i++) {
        OUT(i % A_LINE == 0 ? "\"\t.byte %u" : ",%u", bytes[i]);
        if (i % A_LINE == A_LINE - 1 || i + 1 == len) {
            OUT("\\n\"\n");
        }
    }
}

void
exit_states(Emit *e)
{
    StrBuf head;
    uint32_t n_reasons = 0;
    strbuf_init(&head, 0);
    pyaot_exit_put(&head, e->unit->n_codes);
    for (uint32_t i = 0; i < e->unit->n_codes; i++) {
        const EmitCode *c = &e->unit->codes[i];
        pyaot_exit_put(&head, c->image->nlocalsplus);
        pyaot_exit_put(&head, c->n_exits);
        for (uint32_t k = 0; k < c->n_exits; k++) {
            const ExitRow *x = &c->exits[k];
            const uint32_t row[] = {x->offset, x->resume, x->n_stack, x->kind,
                                    x->reason};
            for (size_t j = 0; j < sizeof row / sizeof row[0]; j++) {
                pyaot_exit_put(&head, row[j]);
            }
            n_reasons = row[4] >= n_reasons ? row[4] + 1 : n_reasons;
        }
    }
    pyaot_exit_put(&head, n_reasons);
    for (uint32_t i = 0; i < n_reasons; i++) {
        strbuf_add(&head, exit_reason_text[i],
                   strlen(exit_reason_text[i]) + 1);
    }
    pyaot_exit_put(&head, e->shapes.bytes.len);
    strbuf_add(&head, strbuf_text(&e->shapes.bytes), e->shapes.bytes.len);
    pyaot_exit_put(&head, e->n_heads);
    strbuf_add(&head, strbuf_text(&e->heads), e->heads.len);
    OUT("EXIT_STATES(\n");
    put_bytes(e, (const uint8_t *)head.data, head.len);
    OUT(");\n");
    if (strbuf_status(&head) != PYAOT_OK
        || strbuf_status(&e->heads) != PYAOT_OK
        || strbuf_status(&e->shapes.bytes) != PYAOT_OK) {
        e->out->status = PYAOT_E_NOMEM;
    }
    strbuf_free(&head);
}
