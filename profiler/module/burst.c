/* Recording bursts: for a short while, INSTRUCTION and BRANCH events of one
 * code object say with which types, branches, callees and layouts it runs.
 * Each site switches itself off after a few samples, so a burst over a hot
 * loop is short, yet its rare paths are still seen when they are taken.  All
 * bursts end with the period; each code object gets further ones with growing
 * gaps, so that later phases are seen as well. */
#define PYAOT_PROF_INTERNAL
#include "prof_int.h"

#include "cache/pycode/hidden_tool.h"

#include <opcode.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_SAMPLES = 10,         /* of a site in the first burst */
    LATER_SAMPLES = 6,
    BRANCH_SAMPLES = 32,
    MAX_PENDING = 32,
    SAMPLE_COST_NS = 300,       /* estimates, for the overhead limit */
    ARM_UNIT_COST_NS = 40,
};

/* Bursts may take this much of the run: a start allowance and a share. */
static const uint64_t FIRST_GAP_NS = 4 * 1000 * 1000;
static const uint64_t MAX_GAP_NS = (uint64_t)2000 * 1000 * 1000;
static const uint64_t FIRST_ALLOWANCE_NS = 5 * 1000 * 1000;
static const uint64_t LATER_ALLOWANCE_NS = 1 * 1000 * 1000;

/* An instruction that has begun and whose result is to be seen when the next
 * one of the same frame begins. */
typedef struct {
    _PyInterpreterFrame *frame;     /* compared only */
    CodeRecord *record;
    uint32_t unit;
    uint32_t period;
} Pending;

typedef struct {
    uint32_t count;
    Pending items[MAX_PENDING];
} PendingStack;

static __thread PendingStack pending_stack;

_PyInterpreterFrame *
prof_frame(PyCodeObject *code)
{
    _PyInterpreterFrame *frame = PyThreadState_Get()->current_frame;
    if (frame == NULL || frame->f_executable != (PyObject *)code) {
        return NULL;
    }
    return frame;
}

static const char *
frame_module(PyCodeObject *code)
{
    _PyInterpreterFrame *frame = prof_frame(code);
    if (frame == NULL || frame->f_globals == NULL
        || !PyDict_CheckExact(frame->f_globals)) {
        return NULL;
    }
    PyObject *name = PyDict_GetItemWithError(frame->f_globals,
                                             prof.name_text);
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

/* The more has been spent, the hotter a code object must be for its first
 * burst; later bursts take less. */
static bool
burst_is_affordable(const CodeRecord *record, int heat, uint64_t elapsed)
{
    const uint64_t spent = prof.burst_cost_ns;
    if (record->n_bursts > 0) {
        return spent < LATER_ALLOWANCE_NS + elapsed / 32;
    }
    const uint64_t allowed = FIRST_ALLOWANCE_NS + elapsed / 14;
    return spent < allowed * (uint64_t)(heat + 1) / 3;
}

/* Listen to the code object's instructions. */
static bool
burst_arm(CodeRecord *record)
{
    PyCodeObject *code = record->code;
    if (!prof_record_ensure_info(record, frame_module(code))) {
        return false;
    }
    memset(record->seen, 0, record->info->n_units);
    memset(record->seen_branch, 0, record->info->n_units);
    if (!set_local_events(code, prof.events_burst)) {
        record->is_broken = true;
        return false;
    }
    record->burst_on = true;
    record->n_bursts++;
    prof.n_bursts++;
    prof.burst_cost_ns += (uint64_t)record->info->n_units * ARM_UNIT_COST_NS;
    return true;
}

void
prof_burst_all(CodeRecord *record)
{
    if (!record->burst_on && !record->is_broken && record->code != NULL) {
        burst_arm(record);
    }
}

void
prof_burst_begin(CodeRecord *record, int heat)
{
    PyCodeObject *code = record->code;
    if (record->burst_on || record->is_broken || code == NULL
        || prof.n_bursts_on == PROF_MAX_BURSTS_ON) {
        return;
    }
    const uint64_t now = prof_cpu_ns();
    if (now < record->burst_due_ns) {
        return;
    }
    if (!burst_is_affordable(record, heat, now - prof.start_cpu_ns)) {
        record->burst_due_ns = now;     /* not at each event: it is no 0 */
        return;
    }
    if (burst_arm(record)) {
        prof.bursts_on[prof.n_bursts_on++] = record;
    }
}

static void
burst_end(CodeRecord *record)
{
    record->burst_on = false;
    if (record->code != NULL) {
        set_local_events(record->code, prof.events_none);
    }
    if (record->n_bursts <= 2) {
        record->burst_gap_ns = FIRST_GAP_NS;
    }
    else if (record->burst_gap_ns < MAX_GAP_NS) {
        record->burst_gap_ns *= 2;
    }
    record->burst_due_ns = prof_cpu_ns() + record->burst_gap_ns;
}

void
prof_burst_end_all(void)
{
    if (prof.everything) {
        for (CodeRecord *r = prof.records; r != NULL; r = r->next) {
            if (r->burst_on) {
                burst_end(r);
            }
        }
    }
    const uint32_t count = prof.n_bursts_on;
    prof.n_bursts_on = 0;
    for (uint32_t i = 0; i < count; i++) {
        burst_end(prof.bursts_on[i]);
    }
}

/* ---- what one instruction tells ---- */

static void
record_fast(SampleList *list, const Instr *instr, unsigned slot,
            PyObject *value)
{
    prof_sample_add(list, instr->first, PROFILE_RESULT, slot,
                    prof_type_of(value));
}

/* Loads of locals: the result is known before they run. */
static bool
record_local_load(SampleList *list, const Instr *instr, PyObject **locals)
{
    switch (instr->op) {
    case LOAD_FAST:
    case LOAD_FAST_CHECK:
    case LOAD_FAST_AND_CLEAR:
        record_fast(list, instr, 0, locals[instr->arg]);
        return true;
    case LOAD_FAST_LOAD_FAST:
        record_fast(list, instr, 1, locals[instr->arg >> 4]);
        record_fast(list, instr, 0, locals[instr->arg & 15]);
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
    case NOP:
    case POP_TOP:
    case PUSH_NULL:
    case LOAD_CONST:
    case RETURN_CONST:
    case COPY:
    case SWAP:
    case JUMP_FORWARD:
    case JUMP_BACKWARD:
    case JUMP_BACKWARD_NO_INTERRUPT:
    case MAKE_CELL:
    case COPY_FREE_VARS:
    case EXTENDED_ARG:
        return true;
    default:
        return false;
    }
}

static void
record_callee(SampleList *list, const Instr *instr, PyObject **top)
{
    unsigned below = instr->arg;    /* cells above the callable's pair */
    switch (instr->op) {
    case CALL:
        break;
    case CALL_KW:
        below += 1;
        break;
    case CALL_FUNCTION_EX:
        below = 1 + (instr->arg & 1);
        break;
    default:
        return;
    }
    PyObject *callable = top[-(int)below - 2];
    prof_sample_add(list, instr->first, PROFILE_CALLEE, 0,
                    prof_callee(callable));
}

static void
record_layout(SampleList *list, const Instr *instr, PyCodeObject *code,
              PyObject **top)
{
    uint32_t index;
    if (instr->op == LOAD_ATTR) {
        index = instr->arg >> 1;
    }
    else if (instr->op == STORE_ATTR) {
        index = instr->arg;
    }
    else {
        return;
    }
    if (index < (uint32_t)PyTuple_GET_SIZE(code->co_names)) {
        PyObject *name = PyTuple_GET_ITEM(code->co_names, (Py_ssize_t)index);
        prof_sample_add(list, instr->first, PROFILE_LAYOUT, 0,
                        prof_layout(top[-1], name, instr->op == STORE_ATTR));
    }
}

static void
record_operands(SampleList *list, const Instr *instr, PyCodeObject *code,
                PyObject **top)
{
    unsigned count = instr->pops;
    if (count > PROF_MAX_SLOTS) {
        count = PROF_MAX_SLOTS;
    }
    for (unsigned slot = 0; slot < count; slot++) {
        prof_sample_add(list, instr->first, PROFILE_TYPE, slot,
                        prof_type_of(top[-(int)slot - 1]));
    }
    record_callee(list, instr, top);
    record_layout(list, instr, code, top);
}

static void
record_results(SampleList *list, const Instr *instr, PyObject **top)
{
    unsigned count = instr->pushes;
    if (count > PROF_MAX_SLOTS) {
        count = PROF_MAX_SLOTS;
    }
    for (unsigned slot = 0; slot < count; slot++) {
        prof_sample_add(list, instr->first, PROFILE_RESULT, slot,
                        prof_type_of(top[-(int)slot - 1]));
    }
    if (instr->op == LOAD_GLOBAL) {
        prof_sample_add(list, instr->first, PROFILE_GLOBAL, 0,
                        prof_global(top[-1 - (int)(instr->arg & 1)]));
    }
    else if (instr->op == LOAD_NAME) {
        prof_sample_add(list, instr->first, PROFILE_GLOBAL, 0,
                        prof_global(top[-1]));
    }
}

/* Take the frame's unfinished instruction off the stack of pending ones.
 * Whatever lies above it belongs to frames that are gone. */
static bool
pending_take(_PyInterpreterFrame *frame, Pending *taken)
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
pending_push(_PyInterpreterFrame *frame, CodeRecord *record, uint32_t unit)
{
    PendingStack *stack = &pending_stack;
    if (stack->count == MAX_PENDING) {
        memmove(stack->items, stack->items + MAX_PENDING / 2,
                MAX_PENDING / 2 * sizeof(stack->items[0]));
        stack->count = MAX_PENDING / 2;
    }
    stack->items[stack->count++] = (Pending){
        .frame = frame, .record = record, .unit = unit,
        .period = prof.period,
    };
}

/* The previous instruction of this frame has completed normally if this one
 * is the one that follows it, entered other than by an exception. */
static void
finish_pending(SampleList *list, CodeRecord *record, const Instr *instr,
               _PyInterpreterFrame *frame, PyObject **top)
{
    Pending pending;
    if (!pending_take(frame, &pending) || pending.record != record
        || pending.period != prof.period) {
        return;
    }
    const Instr *before = &record->info->instrs[pending.unit];
    const Instr *first = &record->info->instrs[instr->first];
    if (before->next == instr->first
        && !((instr->flags | first->flags) & INSTR_HANDLER)
        && before->pushes <= instr->depth) {
        record_results(list, before, top);
    }
}

static void
count_sample(CodeRecord *record, const Instr *instr, uint32_t unit)
{
    prof.n_samples++;
    prof.burst_cost_ns += SAMPLE_COST_NS;
    if (!record->ever[unit] && !is_shuffle(instr->op)) {
        record->ever[unit] = 1;
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
    if (record == NULL || !record->burst_on || !prof.active
        || unit >= record->info->n_units) {
        return Py_NewRef(prof.disable);
    }
    const Instr *instr = &record->info->instrs[unit];
    _PyInterpreterFrame *frame = prof_frame(code);
    if (instr->op == EXTENDED_ARG || instr->depth < 0
        || instr->pops > instr->depth) {
        return Py_NewRef(prof.disable);
    }
    if (frame == NULL) {
        return Py_NewRef(Py_None);
    }
    PyObject **top = frame->localsplus + code->co_nlocalsplus + instr->depth;
    SampleList list;
    list.count = 0;
    finish_pending(&list, record, instr, frame, top);
    if (!is_shuffle(instr->op)
        && !record_local_load(&list, instr, frame->localsplus)) {
        record_operands(&list, instr, code, top);
        if (instr->pushes > 0) {
            pending_push(frame, record, unit);
        }
    }
    prof_samples_commit(record, &list);
    count_sample(record, instr, unit);
    const uint8_t limit = prof.everything         ? PROF_ALL_SAMPLES
                          : record->n_bursts == 1 ? FIRST_SAMPLES
                                                  : LATER_SAMPLES;
    return Py_NewRef(++record->seen[unit] >= limit ? prof.disable : Py_None);
}

PyObject *
prof_on_branch(PyObject *self, PyObject *const *args, Py_ssize_t n_args)
{
    (void)self;
    (void)n_args;
    PyCodeObject *code = (PyCodeObject *)args[0];
    const uint32_t unit = (uint32_t)(PyLong_AsLong(args[1]) / 2);
    CodeRecord *record = prof_record(code);
    if (record == NULL || !record->burst_on || !prof.active
        || unit >= record->info->n_units) {
        return Py_NewRef(prof.disable);
    }
    const Instr *instr = &record->info->instrs[unit];
    const uint32_t target = (uint32_t)(PyLong_AsLong(args[2]) / 2);
    SampleList list;
    list.count = 0;
    prof_sample_add(&list, instr->first, PROFILE_BRANCH,
                    target != instr->next, 0);
    prof_samples_commit(record, &list);
    count_sample(record, instr, unit);
    const uint8_t limit = prof.everything ? PROF_ALL_SAMPLES : BRANCH_SAMPLES;
    return Py_NewRef(++record->seen_branch[unit] >= limit
                         ? prof.disable
                         : Py_None);
}
