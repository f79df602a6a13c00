/* Listening to code objects: INSTRUCTION and BRANCH events say with which
 * types, branches, callees and layouts a code object runs.
 *
 * Each site gives its first samples, some more when the code object has become
 * hotter (counters.c), and switches itself off in between, so a hot loop is
 * done within microseconds.  Rare paths stay armed for good: their first
 * execution is seen whenever it comes.  All that is decided by counts, so that
 * each run of a deterministic program gives the same.
 *
 * Each new sampling period wakes the sites up once more.  In code that has run
 * more often than is counted one by one, such a late sample, which comes by
 * chance, adds what was never seen at its site before: a later phase of the
 * program, with other types.  From then on the site's late samples
 * are all added. */
#define PYAOT_PROF_INTERNAL
#include "prof_int.h"

#include "cache/pycode/hidden_tool.h"

#include <stdlib.h>
#include <string.h>

enum {
    BRANCH_SAMPLES = 3, /* as many as of others, times this */
    MAX_PENDING = 32,
    SAMPLE_COST_NS = 250, /* estimates, for the overhead limit */
    ARM_UNIT_COST_NS = 40,
    KEEP_COST_NS = 10000,
    KEEP_UNIT_COST_NS = 150,
};

/* What samples may cost in all: far more than any ordinary program needs, for
 * only here do the counts give way to the clock. */
static const uint64_t ALLOWANCE_NS = 100 * 1000 * 1000;
enum { ALLOWED_PART = 10 }; /* one in so many of the processor time */
/* What remembering code may cost that is not hot in this recording; the
 * estimate is of sizes, the same each time. */
static const uint64_t KEEP_ALLOWANCE_NS = 5 * 1000 * 1000;

/* An instruction that has begun and whose result is to be seen when the next
 * one of the same frame begins. */
typedef struct {
    PyaotFrame *frame; /* compared only */
    CodeRecord *record;
    uint32_t unit;
    bool late;
} Pending;

typedef struct {
    uint32_t count;
    Pending items[MAX_PENDING];
} PendingStack;

static __thread PendingStack pending_stack;

PyaotFrame *
prof_frame(PyCodeObject *code)
{
    PyaotFrame *frame = pyaot_frame_current(PyThreadState_Get());
    if (frame == NULL || pyaot_frame_executable(frame) != (PyObject *)code) {
        return NULL;
    }
    return frame;
}

static const char *
frame_module(PyCodeObject *code)
{
    PyaotFrame *frame = prof_frame(code);
    PyObject *globals = frame != NULL ? pyaot_frame_globals(frame) : NULL;
    if (globals == NULL || !PyDict_CheckExact(globals)) {
        return NULL;
    }
    PyObject *name = PyDict_GetItemWithError(globals, prof.name_text);
    PyErr_Clear();
    if (name == NULL || !PyUnicode_CheckExact(name)) {
        return NULL;
    }
    const char *text = PyUnicode_AsUTF8(name);
    if (text == NULL) {
        PyErr_Clear();
    }
    return text;
}

static bool
set_local_events(PyCodeObject *code, PyObject *events)
{
    PyObject *args[] = {prof.tool_id_object, (PyObject *)code, events};
    pyaot_hidden_tool_begin();
    PyObject *result = PyObject_Vectorcall(prof.set_local_events, args, 3,
                                           NULL); /* new */
    pyaot_hidden_tool_end();
    if (result == NULL) {
        PyErr_Clear();
        return false;
    }
    Py_DECREF(result);
    return true;
}

static bool
is_affordable(void)
{
    return prof.sample_cost_ns
           < ALLOWANCE_NS + (prof_cpu_ns() - prof.start_cpu_ns) / ALLOWED_PART;
}

void
prof_keep(CodeRecord *record)
{
    if (record->is_broken || record->code == NULL
        || prof.keep_cost_ns > KEEP_ALLOWANCE_NS) {
        return;
    }
    prof.keep_cost_ns += KEEP_COST_NS
                         + (uint64_t)Py_SIZE(record->code) * KEEP_UNIT_COST_NS;
    prof_record_ensure_info(record, frame_module(record->code));
}

void
prof_listen(CodeRecord *record, uint8_t limit)
{
    PyCodeObject *code = record->code;
    if (record->is_broken || code == NULL
        || (!prof.everything && !is_affordable())
        || !prof_record_ensure_info(record, frame_module(code))) {
        return;
    }
    /* Off and on: that wakes up those that have switched themselves off. */
    if ((record->listening && !set_local_events(code, prof.events_off))
        || !set_local_events(code, prof.events_on)) {
        record->is_broken = true;
        return;
    }
    const uint32_t n_units = record->info->n_units;
    if (!record->listening) {
        record->listening = true;
        prof.n_armed_units += n_units;
    }
    if (!record->is_counted) {
        record->is_counted = true;
        prof.n_codes++;
    }
    record->limit = limit;
    prof.n_armings++;
    prof.sample_cost_ns += (uint64_t)n_units * ARM_UNIT_COST_NS;
}

void
prof_listen_end_all(void)
{
    for (CodeRecord *r = prof.records; r != NULL; r = r->next) {
        if (r->listening && r->code != NULL) {
            r->listening = false;
            set_local_events(r->code, prof.events_off);
        }
    }
    prof.n_armed_units = 0;
}

/* --- what one instruction tells ------------------------------------------ */

static void
record_local(SampleList *list, const Instr *instr, unsigned slot,
             PyObject *value)
{
    prof_sample_add(list, instr->bc.off, PROFILE_RESULT, slot,
                    prof_type_of(value));
}

/* Loads of locals: the result is known before they run. */
static bool
record_local_load(SampleList *list, const Instr *instr, PyObject **locals)
{
    switch (instr->bc.op) {
    case BC_LOAD_LOCAL:
    case BC_LOAD_LOCAL_CHECK:
    case BC_LOAD_LOCAL_AND_CLEAR:
        record_local(list, instr, 0, locals[instr->bc.a]);
        return true;
    case BC_LOAD_LOCAL_LOAD_LOCAL:
        record_local(list, instr, 1, locals[instr->bc.a]);
        record_local(list, instr, 0, locals[instr->bc.b]);
        return true;
    default:
        return false;
    }
}

/* Instructions whose operands or results tell nothing. */
static bool
is_shuffle(uint8_t op)
{
    switch (op) {
    case BC_NOP:
    case BC_POP_TOP:
    case BC_PUSH_NULL:
    case BC_LOAD_CONST:
    case BC_RETURN_CONST:
    case BC_COPY:
    case BC_SWAP:
    case BC_JUMP_FORWARD:
    case BC_JUMP_BACKWARD:
    case BC_JUMP_BACKWARD_NO_INTERRUPT:
    case BC_MAKE_CELL:
    case BC_COPY_FREE_VARS:
        return true;
    default:
        return false;
    }
}

static void
record_callee(SampleList *list, const Instr *instr, PyObject **top)
{
    unsigned below = instr->bc.a; /* cells above the callable's pair */
    switch (instr->bc.op) {
    case BC_CALL:
        break;
    case BC_CALL_KW:
        below += 1;
        break;
    case BC_CALL_FUNCTION_EX:
        below = 1 + instr->bc.b;
        break;
    default:
        return;
    }
    PyObject *callable = top[-(int)below - 2];
    prof_sample_add(list, instr->bc.off, PROFILE_CALLEE, 0,
                    prof_callee(callable));
}

static void
record_layout(SampleList *list, const Instr *instr, PyCodeObject *code,
              PyObject **top)
{
    const bool is_store = instr->bc.op == BC_STORE_ATTR;
    if (is_store || instr->bc.op == BC_LOAD_ATTR) {
        PyObject *name = PyTuple_GET_ITEM(code->co_names,
                                          (Py_ssize_t)instr->bc.a);
        const uint32_t layout = prof_layout(top[-1], name, is_store);
        prof_sample_add(list, instr->bc.off, PROFILE_LAYOUT, 0, layout);
        prof_sample_add(list, instr->bc.off, PROFILE_LAYOUT, 1,
                        prof_layout_of_type(top[-1], layout));
    }
}

static void
record_operands(SampleList *list, const Instr *instr, PyCodeObject *code,
                PyObject **top)
{
    unsigned count = instr->bc.pops;
    if (count > PROF_MAX_SLOTS) {
        count = PROF_MAX_SLOTS;
    }
    for (unsigned slot = 0; slot < count; slot++) {
        prof_sample_add(list, instr->bc.off, PROFILE_TYPE, slot,
                        prof_type_of(top[-(int)slot - 1]));
    }
    record_callee(list, instr, top);
    record_layout(list, instr, code, top);
}

static void
record_results(SampleList *list, const Instr *instr, PyObject **top)
{
    unsigned count = instr->bc.pushes;
    if (count > PROF_MAX_SLOTS) {
        count = PROF_MAX_SLOTS;
    }
    for (unsigned slot = 0; slot < count; slot++) {
        prof_sample_add(list, instr->bc.off, PROFILE_RESULT, slot,
                        prof_type_of(top[-(int)slot - 1]));
    }
    if (instr->bc.op == BC_LOAD_GLOBAL || instr->bc.op == BC_LOAD_NAME) {
        prof_sample_add(list, instr->bc.off, PROFILE_GLOBAL, 0,
                        prof_global(top[-1 - (int)instr->bc.b]));
    }
}

/* Take the frame's unfinished instruction off the stack of pending ones.
 * Whatever lies above it belongs to frames that are gone. */
static bool
pending_take(PyaotFrame *frame, Pending *taken)
{
    PendingStack *stack = &pending_stack;
    for (uint32_t i = stack->count; i-- > 0;) {
        if (stack->items[i].frame == frame) {
            *taken = stack->items[i];
            stack->count = i;
            return true;
        }
    }
    return false;
}

static void
pending_push(PyaotFrame *frame, CodeRecord *record, uint32_t unit, bool late)
{
    PendingStack *stack = &pending_stack;
    if (stack->count == MAX_PENDING) {
        memmove(stack->items, stack->items + MAX_PENDING / 2,
                MAX_PENDING / 2 * sizeof(stack->items[0]));
        stack->count = MAX_PENDING / 2;
    }
    stack->items[stack->count++] = (Pending){
        .frame = frame,
        .record = record,
        .unit = unit,
        .late = late,
    };
}

/* The previous instruction of this frame has completed normally if this one
 * is the one that follows it, entered other than by an exception. */
static bool
finish_pending(SampleList *list, CodeRecord *record, const Instr *instr,
               PyaotFrame *frame, PyObject **top, bool *late)
{
    Pending pending;
    if (!pending_take(frame, &pending) || pending.record != record) {
        return false;
    }
    const Instr *before = prof_instr(record->info, pending.unit);
    if (before->bc.next == instr->bc.off && !instr->is_handler
        && (int64_t)before->bc.pushes <= instr->depth) {
        record_results(list, before, top);
        *late |= pending.late;
    }
    return list->count > 0;
}

/* Add what a site tells. */
static void
commit(CodeRecord *record, const SampleList *list, uint32_t unit, bool late)
{
    if (!late) {
        prof_samples_commit(record, list);
    }
    else {
        prof_samples_late(record, list, &record->ever[unit]);
    }
}

static void
count_sample(CodeRecord *record, const Instr *instr, uint32_t unit)
{
    prof.n_samples++;
    prof.sample_cost_ns += SAMPLE_COST_NS;
    if (!(record->ever[unit] & PROF_EVER) && !is_shuffle(instr->bc.op)) {
        record->ever[unit] |= PROF_EVER;
        prof.n_sites++;
    }
}

PyObject *
prof_on_instruction(PyObject *self, PyObject *const *args, Py_ssize_t n_args)
{
    (void)self;
    (void)n_args;
    PyCodeObject *code = (PyCodeObject *)args[0];
    const uint32_t unit = (uint32_t)(PyLong_AsLong(args[1]) / 2);
    CodeRecord *record = prof_record(code);
    if (record == NULL || !record->listening || !prof.active) {
        return Py_NewRef(prof.disable);
    }
    const Instr *instr = prof_instr(record->info, unit);
    PyaotFrame *frame = prof_frame(code);
    if (instr == NULL || instr->depth < 0) { /* a prefix, or not reached */
        return Py_NewRef(prof.disable);
    }
    if (frame == NULL) {
        return Py_NewRef(Py_None);
    }
    PyObject **top = pyaot_frame_stack(frame) + instr->depth;
    const bool late = record->seen[unit] >= record->limit;
    if (late && !record->is_endless) {
        return Py_NewRef(prof.disable);
    }
    SampleList list;
    list.count = 0;
    bool either_late = late;
    if (finish_pending(&list, record, instr, frame, top, &either_late)) {
        commit(record, &list, list.samples[0].offset, either_late);
        list.count = 0;
    }
    if (!is_shuffle(instr->bc.op)
        && !record_local_load(&list, instr, pyaot_frame_cells(frame))) {
        record_operands(&list, instr, code, top);
        /* Only if the next one tells, too: else something much later would be
         * taken for the result. */
        if (instr->bc.pushes > 0 && instr->bc.next < record->info->n_units
            && (late || record->seen[instr->bc.next] < record->limit)) {
            pending_push(frame, record, unit, late);
        }
    }
    commit(record, &list, unit, late);
    count_sample(record, instr, unit);
    if (late || ++record->seen[unit] >= record->limit) {
        return Py_NewRef(prof.disable);
    }
    return Py_NewRef(Py_None);
}

PyObject *
prof_on_branch(PyObject *self, PyObject *const *args, Py_ssize_t n_args)
{
    (void)self;
    (void)n_args;
    PyCodeObject *code = (PyCodeObject *)args[0];
    const uint32_t unit = (uint32_t)(PyLong_AsLong(args[1]) / 2);
    CodeRecord *record = prof_record(code);
    if (record == NULL || !record->listening || !prof.active) {
        return Py_NewRef(prof.disable);
    }
    const Instr *instr = prof_instr(record->info, unit);
    if (instr == NULL) {
        return Py_NewRef(prof.disable);
    }
    const uint32_t target = (uint32_t)(PyLong_AsLong(args[2]) / 2);
    SampleList list;
    list.count = 0;
    prof_sample_add(&list, instr->bc.off, PROFILE_BRANCH,
                    target != instr->bc.next, 0);
    const unsigned limit = prof.everything
                               ? PROF_ALL_SAMPLES
                               : record->limit * (unsigned)BRANCH_SAMPLES;
    const bool late = record->seen_branch[unit] >= limit;
    if (late && !record->is_endless) {
        return Py_NewRef(prof.disable);
    }
    commit(record, &list, unit, late);
    count_sample(record, instr, unit);
    if (late || ++record->seen_branch[unit] >= limit) {
        return Py_NewRef(prof.disable);
    }
    return Py_NewRef(Py_None);
}
