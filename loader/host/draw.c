/* Generators that are drawn from: C code (sum, list, next, ...) calls the
 * type's tp_iternext, executors call draw().  A suspended generator that has an
 * executor where it stands is resumed without the interpreter: the executor
 * runs between what gen_send_ex2 and YIELD_VALUE do.
 *
 * tp_iternext is replaced only while there may be executors at resumes.  The
 * interpreter's own loops resume generators without any call: there, PY_RESUME
 * events lead to the same executors. */
#include "loader/host/enter.h"

/* The interpreter takes over: to the next yield, or the end. */
static __attribute__((noinline)) PyObject *
go_on_interpreted(const HostPass *e, PyGenObject *gen)
{
    HostThread *th = e->th;
    PyaotFrame *passed = th->passed;
    if (abi_frame_unit(e->frame) == e->entry) {
        th->passed = e->frame;
    }
    tool_refresh_code(e->hc->code);
    th->ts->py_recursion_remaining++;
    PyObject *result = abi_frame_eval(th->ts, e->frame);
    th->passed = passed;
    if (result != NULL && !abi_generator_is_suspended(gen)) {
        if (result != Py_None) {
            _PyGen_SetStopIterationValue(result);
        }
        Py_CLEAR(result);
    }
    return result;
}

static inline PyObject *
run(const HostPass *e, HostSite *site, PyGenObject *gen)
{
    PyThreadState *ts = e->th->ts;
    PyaotFrame *frame = e->frame;
    abi_generator_enter(ts, gen, frame);
    if (enter_run(e, site) != NULL) {
        if (abi_is_yield(frame->instr_ptr)) {
            return abi_generator_yield(ts, gen, frame);
        }
        HostPass copy = *e;
        return go_on_interpreted(&copy, gen);
    }
    if (abi_frame_raise(ts, frame)) {
        HostPass copy = *e;
        return go_on_interpreted(&copy, gen);
    }
    ts->py_recursion_remaining++;
    abi_frame_pop(ts, frame);
    return NULL;
}

static PyObject *
plain_next(PyObject *generator)
{
    iternextfunc next = host.plain_next;
    return (next != NULL ? next : PyGen_Type.tp_iternext)(generator);
}

/* The site where a suspended generator stands, if an executor is there. */
static inline HostSite *
site_of(HostCode *hc, PyaotFrame *frame)
{
    HostSite *site = hc != NULL ? codes_site(hc, abi_frame_unit(frame)) : NULL;
    return site != NULL && site->executor != NULL ? site : NULL;
}

PyObject *
draw_next(PyObject *generator)
{
    PyGenObject *gen = (PyGenObject *)generator;
    PyaotFrame *frame = abi_generator_frame(gen);
    HostCode *hc;
    HostSite *site;
    if (!host.active || !abi_generator_has_yielded(gen)
        || (hc = host_code(frame->f_executable),
            site = site_of(hc, frame)) == NULL) {
        return plain_next(generator);
    }
    PyThreadState *ts = abi_thread_state();
    HostPass e = {.th = host_thread(ts), .hc = hc, .frame = frame,
                  .source = site->unit, .entry = site->unit};
    if (ts->tracing || ts->py_recursion_remaining <= 1 || !enter_allowed(&e)
        || site->executor == NULL) {
        return plain_next(generator);
    }
    return run(&e, site, gen);
}

/* PyGen_Type's tp_iternext. */
static PyObject *
next_item(PyObject *generator)
{
    /* The type is shared by all interpreters of the process. */
    PyThreadState *ts = PyThreadState_GetUnchecked();
    if (ts != abi_thread_state() || ts->interp != host.interp) {
        return plain_next(generator);
    }
    return draw_next(generator);
}

/* May there be executors at resumes? */
static bool
is_wanted(void)
{
    return host.active
           && (host.n_resumes > 0
               || (host.optimizer != NULL
                   && (host.optimizer->capabilities
                       & PYAOT_OPTIMIZE_RESUME_AFTER_YIELD) != 0));
}

void
draw_update(void)
{
    bool wanted = is_wanted();
    if (wanted && host.plain_next == NULL) {
        host.plain_next = PyGen_Type.tp_iternext;
        PyGen_Type.tp_iternext = next_item;
    }
    /* Whoever replaced it after us may call us until the process ends. */
    else if (!wanted && PyGen_Type.tp_iternext == next_item) {
        PyGen_Type.tp_iternext = host.plain_next;
        host.plain_next = NULL;
    }
}
