/* Generators and coroutines that are resumed without the interpreter: C code
 * (sum, list, next, an event loop, ...) calls their types' tp_iternext and
 * am_send, Python code their method send, executors draw() and send().  One
 * that has an executor where it stands is resumed here: the executor runs
 * between what gen_send_ex2 and YIELD_VALUE or RETURN_VALUE do.
 *
 * The types' functions are replaced only while there may be such executors.
 * The interpreter's own `for`, `yield from` and `await` resume generators
 * without any call: there, events lead to the same executors. */
#include "loader/host/enter.h"

/* --- resuming ------------------------------------------------------------ */

/* The interpreter takes over: to the next yield, or the end. */
static __attribute__((noinline)) PySendResult
go_on_interpreted(HostThread *th, PyGenObject *gen, PyObject **result)
{
    PyaotFrame *frame = abi_generator_frame(gen);
    events_refresh(pyaot_frame_code(frame));
    th->ts->py_recursion_remaining++;
    *result = abi_frame_eval(th->ts, frame);
    return *result == NULL                   ? PYGEN_ERROR
           : abi_generator_is_suspended(gen) ? PYGEN_NEXT
                                             : PYGEN_RETURN;
}

/* An exception is set, the frame stands at the failing instruction. */
static __attribute__((noinline)) PySendResult
go_on_raising(HostThread *th, PyGenObject *gen, PyObject **result)
{
    PyaotFrame *frame = abi_generator_frame(gen);
    if (abi_frame_raise(th->ts, frame)) {
        return go_on_interpreted(th, gen, result);
    }
    th->ts->py_recursion_remaining++;
    abi_frame_pop(th->ts, frame);
    *result = NULL;
    return PYGEN_ERROR;
}

/* The executor left elsewhere than at a yield or return. */
static __attribute__((noinline)) PySendResult
go_on_from(HostThread *th, uint32_t entry, PyGenObject *gen, PyObject **result)
{
    PyaotFrame *passed = th->passed, *frame = abi_generator_frame(gen);
    if (abi_frame_unit(frame) == entry) {
        th->passed = frame;
    }
    PySendResult status = go_on_interpreted(th, gen, result);
    th->passed = passed;
    return status;
}

/* Where a generator or coroutine stands that may be resumed here. */
typedef struct {
    HostPass pass;
    HostSite *site;
    PyGenObject *gen;
    PyObject *code;  /* borrowed: its */
    PyObject *value; /* what abi_generator_enter() wants */
} Standing;

static inline PySendResult
run(const Standing *s, PyObject **result)
{
    HostThread *th = s->pass.th;
    PyThreadState *ts = th->ts;
    PyaotFrame *frame = s->pass.frame;
    abi_generator_enter(ts, s->gen, frame, s->value);
    if (enter_run(&s->pass, s->site) == NULL) {
        return go_on_raising(th, s->gen, result);
    }
    if (abi_is_yield(pyaot_frame_place(frame))) {
        *result = abi_generator_yield(ts, s->gen, frame);
        return PYGEN_NEXT;
    }
    if (abi_is_return(pyaot_frame_place(frame))) {
        *result = abi_generator_return(ts, frame);
        return PYGEN_RETURN;
    }
    return go_on_from(th, s->pass.entry, s->gen, result);
}

/* What is known of the code of s->gen. */
static inline void
look_at_code(Standing *s)
{
    s->pass.frame = abi_generator_frame(s->gen);
    s->code = pyaot_frame_executable(s->pass.frame);
    s->pass.hc = host_code(s->code);
}

/* Is there an executor where s->gen stands? */
static inline bool
find_site(Standing *s)
{
    uint32_t unit = abi_frame_unit(s->pass.frame);
    HostCode *hc = s->pass.hc;
    s->site = NULL;
    if (hc == NULL) {
        return false;
    }
    if (abi_generator_is_suspended(s->gen)) {
        s->site = codes_site(hc, unit);
    }
    else if (s->value == Py_None
             && abi_generator_is_new(s->gen, s->pass.frame)) {
        s->site = hc->sites;
        s->value = NULL;
        unit++;
    }
    s->pass.source = s->pass.entry = unit;
    return s->site != NULL && s->site->executor != NULL
           && s->site->executor->execute != NULL;
}

/* May a generator of this code that delegates be left out, as one that only
 * passes on what is sent and yielded? */
static inline bool
may_pass(const Standing *s)
{
    const HostCode *hc = s->pass.hc;
    return !abi_code_watched((PyCodeObject *)s->code)
           && (hc == NULL || !hc->watched
               || (host.counted & PYAOT_OPTIMIZE_RESUME_AFTER_YIELD) == 0);
}

/* Chains in which no executor was found are not searched at each resume again,
 * but only as often as costs nothing to speak of.  By the outermost code
 * object; one that takes another's place only has it searched sooner. */
typedef struct {
    PyObject *code; /* only its address */
    uint16_t skip, gap;
} Futile;

enum { N_FUTILE = 64, MOST_SKIPPED = 255 };
static Futile futile[N_FUTILE];

static inline Futile *
futile_of(PyObject *code)
{
    return &futile[((uintptr_t)code >> 5) % N_FUTILE];
}

static inline bool
is_futile(PyObject *code)
{
    Futile *f = futile_of(code);
    if (f->code != code || f->skip == 0) {
        return false;
    }
    f->skip--;
    return true;
}

static inline void
note_search(PyObject *code, bool found)
{
    Futile *f = futile_of(code);
    if (f->code != code || found) {
        f->gap = 0;
    }
    else if (f->gap < MOST_SKIPPED) {
        f->gap = f->gap * 2 + 1;
    }
    f->code = code;
    f->skip = f->gap;
}

/* Go down to what s->gen delegates to, as far as there are no executors on the
 * way, to one that has; how many were left out, -1 if there is no such. */
static int
find_delegate(Standing *s)
{
    PyObject *outer = s->code;
    if (s->gen->gi_frame_state != FRAME_SUSPENDED_YIELD_FROM
        || is_futile(outer) || !may_pass(s)) {
        return -1;
    }
    for (int n = 1;; n++) {
        PyGenObject *to = abi_generator_delegate(s->gen, s->pass.frame);
        if (to == NULL) {
            break;
        }
        s->gen = to;
        s->pass.frame = abi_generator_frame(to);
        bool recursion = pyaot_frame_executable(s->pass.frame) == s->code;
        if (!recursion) {
            look_at_code(s);
        }
        if (find_site(s)) {
            note_search(outer, true);
            return n;
        }
        if (!recursion && !may_pass(s)) {
            break;
        }
    }
    note_search(outer, false);
    return -1;
}

/* What gen delegates to has returned *result, or failed: gen goes on. */
static __attribute__((noinline)) PySendResult
end_delegation(HostThread *th, PyGenObject *gen, PyObject **result)
{
    if (*result == NULL) {
        return go_on_raising(th, gen, result);
    }
    abi_delegate_return(abi_generator_frame(gen), *result);
    return go_on_interpreted(th, gen, result);
}

/* Resume the innermost, s->gen, and all those outside of it, of which outer is
 * the outermost. */
static __attribute__((noinline)) PySendResult
run_delegate(const Standing *s, PyGenObject *outer, PyObject **result)
{
    HostThread *th = s->pass.th;
    for (PyGenObject *gen = outer; gen != s->gen;) {
        gen = abi_delegate_enter(th->ts, gen, abi_generator_frame(gen));
    }
    PySendResult status = run(s, result);
    for (PyGenObject *gen = NULL; gen != outer;) {
        gen = abi_frame_generator(pyaot_frame_current(th->ts));
        if (status == PYGEN_NEXT) {
            abi_delegate_yield(th->ts, gen, abi_generator_frame(gen));
        }
        else {
            status = end_delegation(th, gen, result);
        }
    }
    return status;
}

/* Where gen is resumed with value, borrowed: at an executor where it stands,
 * or where what it delegates to does; how many were left out then.  -1:
 * nowhere, or it may not be entered; nothing has happened. */
static inline int
find_standing(Standing *s, PyGenObject *gen, PyObject *value)
{
    int n = 0;
    *s = (Standing){.gen = gen, .value = value};
    if (!host.active || gen->gi_frame_state >= FRAME_EXECUTING) {
        return -1;
    }
    look_at_code(s);
    if (!find_site(s) && (n = find_delegate(s)) < 0) {
        return -1;
    }
    PyThreadState *ts = abi_thread_state();
    s->pass.th = host_thread(ts);
    return ts->tracing || ts->py_recursion_remaining <= n + 1 ? -1 : n;
}

/* False: not here; nothing has happened. */
static inline bool
resume(PyGenObject *gen, PyObject *value, PySendResult *status,
       PyObject **result)
{
    Standing s;
    int n = find_standing(&s, gen, value);
    if (n < 0) {
        return false;
    }
    if (!enter_allowed_plainly(&s.pass)
        /* to look closer may change what was found */
        && (!enter_allowed(&s.pass) || (n = find_standing(&s, gen, value)) < 0
            || !enter_allowed_plainly(&s.pass))) {
        return false;
    }
    if (s.value == NULL && s.pass.hc->late) {
        call_attach(s.pass.frame, s.pass.hc, s.site);
    }
    *status = n == 0 ? run(&s, result) : run_delegate(&s, gen, result);
    return true;
}

/* --- for executors ------------------------------------------------------- */

PyObject *
draw_next(PyObject *generator)
{
    PySendResult status;
    PyObject *result;
    if (!resume((PyGenObject *)generator, Py_None, &status, &result)) {
        return types_next(generator);
    }
    if (status == PYGEN_RETURN) { /* [Objects/genobject.c, gen_iternext] */
        if (result != Py_None) {
            _PyGen_SetStopIterationValue(result);
        }
        Py_CLEAR(result);
    }
    return result;
}

int
draw_send(PyObject *generator, PyObject *value, PyObject **result)
{
    PySendResult status;
    return resume((PyGenObject *)generator, value, &status, result)
               ? status
               : types_send(generator, value, result);
}

/* --- for C code ---------------------------------------------------------- */

/* The types are shared by all interpreters of the process. */
static bool
is_ours(void)
{
    PyThreadState *ts = PyThreadState_GetUnchecked();
    return ts == abi_thread_state() && ts->interp == host.interp;
}

/* Most generators have no executor: all that they pay is this.  Asked in front
 * of find_standing(), which asks again: a frame for resume() alone would cost
 * them 10 ns. */
static inline bool
may_have_executor(PyGenObject *gen)
{
    if (gen->gi_frame_state >= FRAME_EXECUTING || !host.active) {
        return false;
    }
    if (gen->gi_frame_state == FRAME_SUSPENDED_YIELD_FROM) {
        return true; /* or what it delegates to */
    }
    const HostCode *hc = host_code(
        pyaot_frame_executable(abi_generator_frame(gen)));
    return hc != NULL && hc->n_executors > 0;
}

/* PyGen_Type's tp_iternext. */
PyObject *
draw_next_item(PyObject *generator)
{
    return is_ours() && may_have_executor((PyGenObject *)generator)
               ? draw_next(generator)
               : types_next(generator);
}

/* PyGen_Type's and PyCoro_Type's am_send. */
PySendResult
draw_send_value(PyObject *generator, PyObject *value, PyObject **result)
{
    return is_ours() ? (PySendResult)draw_send(generator, value, result)
                     : types_send(generator, value, result);
}

/* The method send of both. [Objects/genobject.c, gen_send_ex] */
PyObject *
draw_send_method(PyObject *generator, PyObject *value)
{
    PySendResult status;
    PyObject *result;
    if (!is_ours()
        || !resume((PyGenObject *)generator, value, &status, &result)) {
        return types_send_method(generator, value);
    }
    if (status == PYGEN_RETURN) {
        if (result == Py_None) {
            PyErr_SetNone(PyExc_StopIteration);
        }
        else {
            _PyGen_SetStopIterationValue(result);
        }
        Py_CLEAR(result);
    }
    return result;
}
