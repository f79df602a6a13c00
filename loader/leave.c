/* Out of native code: one routine for all exits.
 *
 * Native code calls leave_routine() (leave_<machine>.c), which saves the
 * registers and comes here.  The unit's exit table says what lies behind the
 * call: which frames are to be made of which values, and where the C compiler
 * has these, in registers, on the stack or as numbers.  All values are read
 * first, then the frames are written: a value may lie in what is written.
 *
 * Frameless code gets an exit record for each of its frames and returns
 * PYAOT_ST_DEOPT; a frame that is there is written, and goes on in the
 * interpreter here, or in the executor it was entered through. */
#include "loader_int.h"

#include "cache/abi/pyaot_native.h"
#include "leave.h"

typedef struct {
    Thread *th;
    const Unit *unit;
    PyaotExitRecord record;
    PyaotExitFrame frame;
    const uint8_t *frames;  /* those behind it, innermost first */
    const uint64_t *values; /* not used yet */
} Leave;

/* --- values -------------------------------------------------------------- */

/* A value of 32 bits is read with what lies behind it. */
static __attribute__((no_sanitize("address"))) uint64_t
read_value(const Unit *unit, const uint8_t **at, const LeaveRegs *regs)
{
    uint8_t first = *(*at)++;
    uint32_t number = first >> EXIT_PLACE_SHIFT;
    uint64_t address, value;
    switch ((ExitPlaceKind)(first & EXIT_PLACE_KIND)) {
    case EXIT_PLACE_GENERAL:
        return regs->general[number];
    case EXIT_PLACE_VECTOR:
        return regs->vector[number].low;
    case EXIT_PLACE_MEMORY:
        address = regs->general[number];
        break;
    case EXIT_PLACE_INDEXED: {
        uint64_t index = pyaot_exit_number(at);
        address = regs->general[number]
                  + (regs->general[index >> 3] << (index & 7));
        break;
    }
    case EXIT_PLACE_NUMBER:
        return (uint64_t)pyaot_exit_signed(at);
    case EXIT_PLACE_BITS:
        memcpy(&value, *at, sizeof value);
        *at += sizeof value;
        return value;
    default:
        return unit->symbols[pyaot_exit_number(at)];
    }
    address += (uint64_t)pyaot_exit_signed(at);
    memcpy(&value, (const void *)address, sizeof value);
    return value;
}

static inline PyObject *
take_object(Leave *l)
{
    return (PyObject *)*l->values++;
}

/* --- cells --------------------------------------------------------------- */

/* A tuple of these. */
static PyObject *
make_tuple(PyObject *const *parts, uint32_t n)
{
    PyObject *tuple = pyaot_must(PyTuple_New((Py_ssize_t)n));
    for (uint32_t i = 0; i < n; i++) {
        PyTuple_SET_ITEM(tuple, i, Py_NewRef(parts[i]));
    }
    return tuple;
}

/* The object of one cell: new, or NULL.
 *
 * parts   of tuples, ranges and slices, as far as they are made
 * old     the local that is replaced, or NULL
 * kept    set to true if it stays, or has become the number itself */
static PyObject *
make_cell(Leave *l, const PyaotInst *in, uint8_t kind, uint32_t aux,
          PyObject **cells, PyObject **parts, PyObject **old, bool *kept)
{
    const uint32_t top = l->frame.top;
    const uint64_t *x = l->values;
    PyObject *none = NULL, **over = old != NULL ? old : &none;
    l->values += pyaot_exit_cell_values(kind);
    switch ((ExitCellKind)(kind & EXIT_CELL_KIND)) {
    case EXIT_CELL_OBJ:
        return Py_XNewRef((PyObject *)x[0]);
    case EXIT_CELL_I64:
        *kept = pyaot_overwrite_i(over, (int64_t)x[0]) != 0;
        return *kept ? NULL : pyaot_box_i((int64_t)x[0]);
    case EXIT_CELL_F64:
        *kept = pyaot_overwrite_f(over, pyaot_f64(x[0])) != 0;
        return *kept ? NULL : pyaot_box_f(pyaot_f64(x[0]));
    case EXIT_CELL_BOOL:
        return pyaot_box_b((int)x[0]);
    case EXIT_CELL_CONST:
        return Py_NewRef(in->consts[aux]);
    case EXIT_CELL_DUP:
        return Py_XNewRef(aux < top ? cells[aux] : parts[aux - top]);
    case EXIT_CELL_DYN: {
        PyObject *o = NULL;
        *kept = pyaot_overwrite_dyn(over, (int64_t)x[0], (int64_t)x[1]) != 0;
        if (!*kept) {
            o = pyaot_box_dyn((int64_t)x[0], (int64_t)x[1]);
            *kept = o == NULL && old != NULL;
        }
        return o;
    }
    case EXIT_CELL_RANGE:
        return pyaot_must(
            iters_make_range((int64_t)x[0], (int64_t)x[1], (int64_t)x[2]));
    case EXIT_CELL_LISTIT:
        return pyaot_must(iters_make_list((PyObject *)x[0], (int64_t)x[1]));
    case EXIT_CELL_TUPIT:
        return pyaot_must(iters_make_tuple((PyObject *)x[0], (int64_t)x[1]));
    case EXIT_CELL_STRIT:
        return pyaot_must(iters_make_str((PyObject *)x[0], (int64_t)x[1]));
    case EXIT_CELL_ENUM:
        return pyaot_must(
            iters_make_enum((PyObject *)x[0], (int64_t)x[1], (int64_t)x[2]));
    case EXIT_CELL_COMPLEX:
        return pyaot_must(
            PyComplex_FromDoubles(pyaot_f64(x[0]), pyaot_f64(x[1])));
    case EXIT_CELL_ZIP:
        return pyaot_must(
            iters_make_zip((PyObject *)x[0], (int64_t)x[1], (PyObject *)x[2]));
    case EXIT_CELL_TUPLE:
        return make_tuple(parts + (aux >> EXIT_TUPLE_SHIFT),
                          aux & EXIT_TUPLE_MOST);
    case EXIT_CELL_RANGEOBJ:
        parts += aux >> EXIT_TUPLE_SHIFT;
        return pyaot_must(pyaot_range_new(parts[0], parts[1], parts[2]));
    case EXIT_CELL_SLICE:
        parts += aux >> EXIT_TUPLE_SHIFT;
        return pyaot_must(PySlice_New(parts[0], parts[1], parts[2]));
    case EXIT_CELL_TAKE:
        return (PyObject *)x[0];
    case EXIT_CELL_NULL:
    case EXIT_CELL_RELEASE:
    case EXIT_CELL_RELEASE_LATER:
    case EXIT_CELL_COUNT:
        break;
    }
    return NULL;
}

/* Write the cells of the frame, up to those that are given back, which are
 * left for give_back(): *rest and the result, how many. */
static uint32_t
write_cells(Leave *l, const PyaotInst *in, PyObject **cells,
            const uint8_t **rest)
{
    const uint8_t *at = l->unit->exits.shapes + l->frame.shape;
    uint32_t n = (uint32_t)pyaot_exit_number(&at), n_parts = 0;
    const uint32_t top = l->frame.top;
    PyObject *parts[n + 1];
    for (; n > 0 && (*at & EXIT_CELL_KIND) < EXIT_CELL_RELEASE; n--) {
        uint8_t kind = *at++;
        uint32_t cell = (uint32_t)pyaot_exit_number(&at), aux = 0;
        if (pyaot_exit_cell_has_aux(kind)) {
            aux = (uint32_t)pyaot_exit_number(&at);
        }
        bool live = (kind & EXIT_CELL_LIVE) != 0, kept = false;
        PyObject *o = make_cell(l, in, kind, aux, cells, parts,
                                live ? &cells[cell] : NULL, &kept);
        if (kept) {
            continue;
        }
        if (cell >= top) { /* the last one comes first */
            n_parts = n_parts != 0 ? n_parts : cell - top + 1;
            parts[cell - top] = o;
            continue;
        }
        if (live) {
            pyaot_set(&cells[cell], o);
        }
        else {
            cells[cell] = o;
        }
        if (kind & EXIT_CELL_PARAM) {
            exit_mark(l->th, cell, aux);
        }
        else if ((kind & EXIT_CELL_KIND) == EXIT_CELL_DUP
                 && (l->record.how & EXIT_FRAMED) == 0) {
            exit_mark_twin(l->th, cell, aux);
        }
    }
    while (n_parts > 0) { /* what they are parts of holds them */
        Py_DECREF(parts[--n_parts]);
    }
    *rest = at;
    return n;
}

/* Give back n references; later: when the frames are there. */
static void
give_back(Leave *l, const uint8_t *at, uint32_t n, bool later)
{
    for (; n > 0; n--) {
        uint8_t kind = *at++ & EXIT_CELL_KIND;
        PyObject *o = take_object(l);
        if (later) {
            exit_release_later(l->th, o, EXIT_NO_UNIT);
        }
        else if (kind == EXIT_CELL_RELEASE_LATER) {
            exit_release_later(l->th, o, l->record.unit - 1);
        }
        else {
            Py_XDECREF(o);
        }
    }
}

/* --- frames -------------------------------------------------------------- */

static void
next_frame(Leave *l)
{
    l->frame.who = (uint32_t)pyaot_exit_number(&l->frames);
    l->frame.row = (uint32_t)pyaot_exit_number(&l->frames);
    l->frame.top = (uint32_t)pyaot_exit_number(&l->frames);
    l->frame.shape = (uint32_t)pyaot_exit_number(&l->frames);
}

/* A record of a frame that is not there. */
static void
push_record(Leave *l, PyaotInst *in, PyObject *func, uint32_t row,
            PyObject *result /* stolen, or NULL */)
{
    const uint8_t *rest;
    PyObject **cells = exit_push(l->th, in, func, row);
    uint32_t n = write_cells(l, in, cells, &rest);
    if (result != NULL) {
        cells[l->frame.top] = result;
    }
    give_back(l, rest, n, false);
}

/* Records of the frames that the region has made itself inside its own. */
static void
push_inner(Leave *l, const PyaotInst *in)
{
    for (uint32_t i = 1; i < l->record.n_frames; i++) {
        PyaotInst *inner = in->slots[l->frame.who - 1].inst;
        push_record(l, inner, take_object(l), l->frame.row, NULL);
        next_frame(l);
    }
}

static uintptr_t
leave_frameless(Leave *l, PyaotInst *in, PyObject *func, uint32_t turns)
{
    PyObject *result = NULL;
    uint32_t row;
    uint32_t action = l->record.how & EXIT_ACTION;
    uintptr_t status = PYAOT_ST_DEOPT;
    if (action >= EXIT_CALL) {
        status = (uintptr_t)*l->values++;
    }
    push_inner(l, in);
    row = l->frame.row;
    if (action == EXIT_CALL && status != PYAOT_ST_DEOPT) {
        row = l->record.after;
        result = (PyObject *)status;
    }
    push_record(l, in, func, row, result);
    l->th->pub.progress = turns;
    return PYAOT_ST_DEOPT;
}

/* What the region returns where its frame goes on at row, or raises. */
static uintptr_t
frame_goes_on(Leave *l, PyaotInst *in, PyaotFrame *frame, uint32_t row)
{
    if (l->record.how & EXIT_ON_FRAME) {
        return row;
    }
    return (uintptr_t)exit_resume_frame(l->th, in, frame, row);
}

static uintptr_t
frame_raises(Leave *l, PyaotInst *in, PyaotFrame *frame)
{
    if (l->record.how & EXIT_ON_FRAME) {
        return (uintptr_t)(intptr_t)PYAOT_OSR_RAISE;
    }
    return (uintptr_t)exit_raise_frame(l->th, in, frame);
}

/* Levels of recursion that a call of the new instance's class holds beside its
 * __init__'s while that goes on. */
static int
init_levels(const Leave *l, PyaotFrame *frame)
{
    PyObject *made = pyaot_frame_cells(frame)[l->frame.top - 1];
    return (l->record.how & EXIT_EXACT) != 0
           && PyType_HasFeature(Py_TYPE(made), Py_TPFLAGS_INLINE_VALUES);
}

/* The result of the call that a frame waits for: new, or NULL with an
 * exception set.  ESCAPES */
static PyObject *
call_result(Leave *l, PyaotFrame *frame, uintptr_t status)
{
    PyThreadState *ts = l->th->pub.ts;
    bool init = (l->record.how & EXIT_ACTION) == EXIT_INIT;
    if (status == PYAOT_ST_RAISE) {
        return NULL;
    }
    if (status != PYAOT_ST_DEOPT) {
        return init ? NULL : (PyObject *)status;
    }
    int levels = init ? init_levels(l, frame) : 0;
    ts->py_recursion_remaining -= levels;
    PyObject *o = rt_deopt_resume(&l->th->pub, 0);
    ts->py_recursion_remaining += levels;
    return o;
}

static uintptr_t
leave_framed(Leave *l, PyaotInst *in, PyaotFrame *frame, uint32_t turns)
{
    uint32_t action = l->record.how & EXIT_ACTION;
    uintptr_t status = PYAOT_ST_DEOPT;
    const uint8_t *rest;
    bool inner = l->record.n_frames > 1;
    if (action >= EXIT_CALL) {
        status = (uintptr_t)*l->values++;
    }
    push_inner(l, in);
    if (l->record.unit != 0) {
        pyaot_frame_set_place(frame, in->units + (l->record.unit - 1));
    }
    pyaot_frame_set_n_cells(frame, (int)l->frame.top);
    uint32_t n = write_cells(l, in, pyaot_frame_cells(frame), &rest);
    if (action < EXIT_CALL && !inner) {
        give_back(l, rest, n, false);
        if (action == EXIT_RAISE) {
            return frame_raises(l, in, frame);
        }
        l->th->pub.progress = turns;
        return frame_goes_on(l, in, frame, l->frame.row);
    }
    bool left = status == PYAOT_ST_DEOPT;
    if (left) {
        give_back(l, rest, n, true);
    }
    PyObject *o = call_result(l, frame, status);
    if (o != NULL && action != EXIT_INIT) {
        pyaot_frame_cells(frame)[l->frame.top] = o;
        pyaot_frame_set_n_cells(frame, (int)l->frame.top + 1);
    }
    if (!left) {
        give_back(l, rest, n, false);
    }
    if (o == NULL) {
        return frame_raises(l, in, frame);
    }
    l->th->pub.progress = turns;
    return frame_goes_on(l, in, frame, l->record.after);
}

uintptr_t
leave_exit(void *self, uintptr_t address, const LeaveRegs *regs)
{
    const Unit *unit = self;
    const uint8_t *at = pyaot_exit_find(&unit->exits, address - unit->base);
    if (at == NULL) {
        Py_FatalError("pyaot: native code leaves where no exit is");
    }
    Leave l = {.th = thread_get(_PyThreadState_GET()), .unit = unit};
    l.record.how = (uint32_t)pyaot_exit_number(&at);
    l.record.n_frames = (uint32_t)pyaot_exit_number(&at);
    l.record.unit = (uint32_t)pyaot_exit_number(&at);
    l.record.after = (uint32_t)pyaot_exit_number(&at);
    l.frames = at;
    for (uint32_t i = 0; i < 4 * l.record.n_frames; i++) {
        pyaot_exit_number(&at);
    }
    uint32_t n = (uint32_t)pyaot_exit_number(&at);
    uint64_t values[n];
    for (uint32_t i = 0; i < n; i++) {
        values[i] = read_value(unit, &at, regs);
    }
    l.values = values + EXIT_VALUES_FIRST;
    next_frame(&l);
    PyaotInst *in = (PyaotInst *)values[EXIT_VALUE_INST];
    uint32_t turns = (uint32_t)values[EXIT_VALUE_TURNS];
    if (l.record.how & EXIT_FRAMED) {
        return leave_framed(&l, in, (PyaotFrame *)values[EXIT_VALUE_FUNC],
                            turns);
    }
    return leave_frameless(&l, in, (PyObject *)values[EXIT_VALUE_FUNC], turns);
}
