/* Executors on live frames: the callbacks for local JUMP, PY_START and
 * PY_RESUME events.
 *
 * The interpreter has stored the frame's stack top before the call, and
 * reloads it and the instruction pointer after it.  An instruction pointer
 * that still stands at the instruction of the event means "go on behind it":
 * at the jump's target, after the RESUME. */
#include "loader/host/enter.h"

/* --- may it be entered? -------------------------------------------------- */

bool
enter_allowed_now(const HostPass *e)
{
    PyThreadState *ts = e->th->ts;
    if (!host.active || host_stack_low(e->th) || abi_frames_hooked()) {
        return false;
    }
    if (ts->eval_breaker != e->th->ok_breaker
        && host_thread_refresh(e->th, false) <= 0) {
        if (e->th->seen_watched) {
            executors_vanish(NULL);
        }
        return false;
    }
    if (abi_code_watched(e->hc->code)) {
        executors_vanish(e->hc);
        return false;
    }
    return true;
}

/* --- running ------------------------------------------------------------- */

/* An exception is set, the frame stands at the failing instruction. */
static PyObject *
raise_there(const HostPass *e)
{
    PyThreadState *ts = e->th->ts;
    if (abi_frame_handle(ts, e->frame)) {
        Py_RETURN_NONE;
    }
    /* No handler covers it.  Told of the exception, the interpreter would
     * look for one elsewhere: at a RESUME, and after a jump at a place
     * computed from a null pointer, which may be anywhere. */
    PyCodeObject *code = e->hc->code;
    bool found = e->is_jump ? PyBytes_GET_SIZE(code->co_exceptiontable) > 0
                            : abi_code_is_covered(code, e->source);
    if (found && abi_frame_abandon(ts, e->frame)) {
        Py_RETURN_NONE;
    }
    return NULL; /* it adds the traceback entry */
}

/* Is the frame as it must be?  -1 with SystemError, and it stands where that
 * can be raised. */
static int
check_frame(const HostPass *e, PyaotFrame *left, int top)
{
    PyaotFrame *frame = e->frame;
    PyCodeObject *code = e->hc->code;
    const char *wrong = NULL;
    long unit = (long)(pyaot_frame_place(frame) - _PyCode_CODE(code));
    if (left != NULL && left != frame) {
        wrong = "an executor returned another frame";
    }
    else if (left != NULL && e->th->ts->current_exception != NULL) {
        wrong = "an executor returned with an exception set";
    }
    else if (left == NULL && e->th->ts->current_exception == NULL) {
        wrong = "an executor failed without an exception";
    }
    else if (!codes_is_instruction(e->hc, unit) && unit != (long)e->source) {
        wrong = "an executor left at no instruction";
    }
    else if (pyaot_frame_n_cells(frame) < code->co_nlocalsplus
             || pyaot_frame_n_cells(frame)
                    > code->co_nlocalsplus + code->co_stacksize) {
        wrong = "an executor left with an impossible stack";
    }
    if (wrong == NULL) {
        return 0;
    }
    PyErr_Clear();
    PyErr_SetString(PyExc_SystemError, wrong);
    abi_frame_set_unit(frame, e->entry);
    if (pyaot_frame_n_cells(frame) < code->co_nlocalsplus
        || pyaot_frame_n_cells(frame)
               > code->co_nlocalsplus + code->co_stacksize) {
        pyaot_frame_set_n_cells(frame, top);
    }
    return -1;
}

void
enter_debug_begin(const HostPass *e, const HostSite *site)
{
    debug_line(2, "entering %s (%s)", debug_place(e->hc->code, site->unit),
               codes_kind_name(site->kind));
}

PyaotFrame *
enter_left(const HostPass *e, PyaotFrame *left, int top)
{
    if (check_frame(e, left, top) < 0) {
        left = NULL;
    }
    HOST_DEBUG(2, "left %s %s", left != NULL ? "for" : "by an exception at",
               debug_place(e->hc->code, abi_frame_unit(e->frame)));
    return left;
}

static PyObject *
run(const HostPass *e, HostSite *site)
{
    PyaotFrame *frame = e->frame;
    abi_frame_set_unit(frame, e->entry);
    if (enter_run(e, site) == NULL) {
        return raise_there(e);
    }
    /* Back at the very jump that led here: going on at its target is the
     * same, and does not come here again. */
    if (e->is_jump
        && abi_code_skip_prefix(e->hc->code, abi_frame_unit(frame))
               == e->source) {
        abi_frame_set_unit(frame, e->source);
    }
    Py_RETURN_NONE;
}

/* --- events -------------------------------------------------------------- */

static PyObject *
site_disable(HostSite *site)
{
    if (site != NULL) {
        site->disabled = true;
    }
    return Py_NewRef(host.disable);
}

/* The program passes an entry on a live frame. */
static PyObject *
pass(const HostPass *e, HostSite *site)
{
    if (site->executor == NULL) {
        if (!enter_allowed(e)) {
            Py_RETURN_NONE;
        }
        int result = hot_pass(e->hc, site);
        if (result < 0) {
            return raise_there(e);
        }
        if (result != 1) {
            return result == 2 ? site_disable(site) : Py_NewRef(Py_None);
        }
    }
    if (site->kind == PYAOT_OPTIMIZE_FUNCTION_ENTRY
        && call_attach(e->frame, e->hc, site)
        && site->executor->execute == NULL) {
        Py_RETURN_NONE;
    }
    if (!enter_allowed(e) || site->executor == NULL) {
        Py_RETURN_NONE;
    }
    return run(e, site);
}

/* What happens below must not look as if it happened inside a tool. */
static PyObject *
pass_untraced(const HostPass *e, HostSite *site)
{
    PyThreadState *ts = e->th->ts;
    int old_what = ts->what_event;
    ts->what_event = -1;
    ts->tracing--;
    PyObject *result = pass(e, site);
    ts->tracing++;
    ts->what_event = old_what;
    return result;
}

/* An offset, as the interpreter makes it, in units. */
static inline bool
is_offset(PyObject *arg)
{
    return PyLong_CheckExact(arg)
           && PyUnstable_Long_IsCompact((PyLongObject *)arg);
}

static inline uint32_t
event_unit(PyObject *offset)
{
    return (uint32_t)PyUnstable_Long_CompactValue((PyLongObject *)offset)
           / (uint32_t)sizeof(_Py_CODEUNIT);
}

/* Is this call of a callback the interpreter's, for its current frame, which
 * stands at the instruction of the event? */
static inline bool
is_event(PyThreadState *ts, PyObject *const *args, size_t nargsf,
         Py_ssize_t wanted)
{
    PyaotFrame *frame = pyaot_frame_current(ts);
    return PyVectorcall_NARGS(nargsf) == wanted && ts->tracing == 1
           && pyaot_frame_executable(frame) == args[0]
           && pyaot_frame_n_cells(frame) >= 0 && is_offset(args[1])
           && is_offset(args[wanted - 1])
           && abi_frame_unit(frame) == event_unit(args[1]);
}

PyObject *
enter_jump(PyObject *Py_UNUSED(self), PyObject *const *args, size_t nargsf,
           PyObject *Py_UNUSED(kwnames))
{
    PyThreadState *ts = abi_thread_state();
    if (!is_event(ts, args, nargsf, 3)) {
        Py_RETURN_NONE;
    }
    HostCode *hc = host_code(args[0]);
    uint32_t source = event_unit(args[1]), target = event_unit(args[2]);
    if (hc == NULL || target > source) {
        return Py_NewRef(host.disable);
    }
    HostSite *site = codes_site(hc, target);
    if (site == NULL || (site->executor == NULL && !hc->watched)) {
        return site_disable(site);
    }
    HostPass e = {.th = host_thread(ts),
                  .hc = hc,
                  .frame = pyaot_frame_current(ts),
                  .source = source,
                  .entry = target,
                  .is_jump = true};
    return pass_untraced(&e, site);
}

static PyObject *
enter_at_resume(PyObject *const *args, size_t nargsf, bool start)
{
    PyThreadState *ts = abi_thread_state();
    if (!is_event(ts, args, nargsf, 2)) {
        Py_RETURN_NONE;
    }
    HostCode *hc = host_code(args[0]);
    uint32_t unit = event_unit(args[1]);
    if (hc == NULL) {
        return Py_NewRef(host.disable);
    }
    HostSite *site = start ? hc->sites : codes_site(hc, unit);
    if (site == NULL || (site->executor == NULL && !hc->watched)) {
        return site_disable(site);
    }
    if (site->executor != NULL
        && ((HostLink *)site->executor->host)->drawn_only) {
        return start && call_attach(pyaot_frame_current(ts), hc, site)
                   ? Py_NewRef(Py_None)
                   : site_disable(site);
    }
    HostThread *th = host_thread(ts);
    if (th->passed == pyaot_frame_current(ts)) {
        th->passed = NULL;
        Py_RETURN_NONE;
    }
    HostPass e = {.th = th,
                  .hc = hc,
                  .frame = pyaot_frame_current(ts),
                  .source = unit,
                  .entry = unit};
    return pass_untraced(&e, site);
}

PyObject *
enter_start(PyObject *Py_UNUSED(self), PyObject *const *args, size_t nargsf,
            PyObject *Py_UNUSED(kwnames))
{
    return enter_at_resume(args, nargsf, true);
}

PyObject *
enter_resume(PyObject *Py_UNUSED(self), PyObject *const *args, size_t nargsf,
             PyObject *Py_UNUSED(kwnames))
{
    return enter_at_resume(args, nargsf, false);
}
