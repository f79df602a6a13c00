/* The optimizer, and when it is asked.
 *
 * A stock interpreter has no counters that an extension could use, so lazy
 * optimizers are served by events: each code object that is created while one
 * is registered gets local events at the entries it has a capability for, and
 * each event counts the entry down.  An entry that was asked for in vain often
 * enough gives its events back. */
#include "loader/host/host_int.h"

/* --- asking -------------------------------------------------------------- */

/* Asked in vain: wait twice as long, at last for good. */
static void
back_off(HostCode *hc, HostSite *site)
{
    uint64_t passes = host.threshold ? host.threshold : 1;
    site->refusals++;
    if (site->refusals >= HOST_MAX_REFUSALS) {
        site->passes_left = 0;
        HOST_DEBUG(3, "%s: refused %d times, not asked for again",
                   debug_place(hc->code, site->unit), site->refusals);
        return;
    }
    passes <<= site->refusals;
    site->passes_left = passes > HOST_MAX_THRESHOLD ? HOST_MAX_THRESHOLD
                                                    : (uint32_t)passes;
    codes_mark(hc); /* its events may have gone while it was being asked */
    settle();
}

static int
install(HostCode *hc, HostSite *site, PyaotExecutor *executor)
{
    if (!PyObject_TypeCheck(executor, &HostExecutor_Type)) {
        PyErr_Format(PyExc_TypeError,
                     "compile() made a %.100s, not an "
                     "executor",
                     Py_TYPE(executor)->tp_name);
        return -1;
    }
    return executors_replace(hc->code, (int)site->unit * 2, executor);
}

static int
ask(HostCode *hc, HostSite *site)
{
    PyaotOptimizer *optimizer = (PyaotOptimizer *)Py_NewRef(host.optimizer);
    PyaotExecutor *executor = NULL;
    HOST_DEBUG(3, "%s (%s) is hot: asking %s",
               debug_place(hc->code, site->unit), codes_kind_name(site->kind),
               Py_TYPE(optimizer)->tp_name);
    int result = optimizer->compile(optimizer, hc->code, (int)site->unit * 2,
                                    &executor);
    if (result == 0 && PyErr_Occurred()) {
        result = -1;
    }
    if (result > 0 && executor == NULL) {
        PyErr_SetString(PyExc_SystemError, "compile() made no executor");
        result = -1;
    }
    if (result > 0) {
        result = install(hc, site, executor) < 0 ? -1 : 1;
    }
    else if (result < 0 && !PyErr_Occurred()) {
        PyErr_SetString(PyExc_SystemError,
                        "compile() failed without an exception");
    }
    if (result <= 0) {
        HOST_DEBUG(3, "%s: %s", debug_place(hc->code, site->unit),
                   result == 0 ? "nothing" : "error");
        back_off(hc, site);
    }
    Py_XDECREF(executor);
    Py_DECREF(optimizer);
    return result < 0 ? -1 : site->executor != NULL;
}

int
hot_pass(HostCode *hc, HostSite *site)
{
    if (!hc->watched || (host.counted & site->kind) == 0
        || site->passes_left == 0) {
        return 2;
    }
    if (site->passes_left > 1) {
        site->passes_left--;
        return 0;
    }
    if (host.asking) { /* the optimizer's own code, if it runs any */
        return 0;
    }
    site->passes_left = 0;
    host.asking = true;
    int result = ask(hc, site);
    host.asking = false;
    return result == 0 && site->passes_left == 0 ? 2 : result;
}

/* --- code objects -------------------------------------------------------- */

/* Count its entries, if it has any of the kinds that are counted. */
static int
count_code(PyCodeObject *code, bool late)
{
    HostCode *hc = host_code((PyObject *)code);
    if (hc == NULL) {
        hc = codes_get(code, late);
    }
    if (hc == NULL) {
        return -1;
    }
    hc->watched = true;
    if (codes_wanted(hc, host.counted)) {
        codes_count(hc);
        settle();
    }
    return 0;
}

static void
tell_created(PyThreadState *ts, PyCodeObject *code)
{
    PyaotOptimizer *optimizer = host.optimizer;
    PyCodeObject *before = host.creating;
    if (optimizer->code_created == NULL) {
        return;
    }
    Py_INCREF(optimizer);
    host.creating = code;
    optimizer->code_created(optimizer, code);
    host.creating = before;
    if (ts->current_exception != NULL) {
        PyErr_WriteUnraisable((PyObject *)optimizer);
    }
    Py_DECREF(optimizer);
}

static void
tell_dying(HostCode *hc /* or NULL */)
{
    if (hc != NULL && hc->no_version) {
        hc->dying = true;
        codes_mark(hc);
        settle();
    }
}

int
hot_code_event(PyCodeEvent event, PyCodeObject *code)
{
    if (event == PY_CODE_EVENT_DESTROY) {
        if (host.codes != NULL) { /* all code objects die at the end */
            tell_dying(host_code((PyObject *)code));
        }
        return 0;
    }
    if (event != PY_CODE_EVENT_CREATE || !host.active
        || host.optimizer == NULL) {
        return 0;
    }
    if (!objects_is_eager(host.optimizer) && host.counted == 0) {
        return 0;
    }
    /* Once for each code object of the program: what is nearly always NULL is
     * not taken and given back. */
    PyThreadState *ts = abi_thread_state();
    PyObject *exc = ts->current_exception;
    ts->current_exception = NULL;
    if (objects_is_eager(host.optimizer)) {
        tell_created(ts, code);
    }
    else if (count_code(code, false) < 0) {
        PyErr_Clear(); /* runs uncounted */
    }
    ts->current_exception = exc;
    return 0;
}

int
hot_watch(PyCodeObject *code)
{
    if (life_need() < 0) {
        return -1;
    }
    int result = count_code(code, true);
    life_rest();
    return result;
}

/* --- registering --------------------------------------------------------- */

static void
set_optimizer(PyaotOptimizer *optimizer /* borrowed, or NULL */)
{
    PyaotOptimizer *old = host.optimizer;
    bool lazy = optimizer != NULL && !objects_is_eager(optimizer);
    host.optimizer = (PyaotOptimizer *)Py_XNewRef(optimizer);
    host.counted = lazy ? optimizer->capabilities : 0;
    host.threshold = lazy ? objects_threshold(optimizer) : 0;
    for (HostCode *hc = host.codes; hc != NULL; hc = hc->next) {
        if (!hc->watched) {
            continue;
        }
        if (lazy) {
            codes_count(hc);
        }
        codes_mark(hc);
    }
    settle();
    Py_XDECREF(old); /* ESCAPES */
}

int
hot_register(PyaotOptimizer *optimizer)
{
    if (!objects_is_eager(optimizer) && optimizer->compile == NULL) {
        PyErr_SetString(PyExc_ValueError,
                        "the optimizer has neither compile nor code_created");
        return -1;
    }
    if ((optimizer->capabilities & ~7u) != 0 || optimizer->capabilities == 0) {
        PyErr_Format(PyExc_ValueError, "unknown capabilities 0x%x",
                     optimizer->capabilities);
        return -1;
    }
    if (life_need() < 0) {
        return -1;
    }
    set_optimizer(optimizer);
    HOST_DEBUG(1, "optimizer %s registered: capabilities %u, threshold %u%s",
               Py_TYPE(optimizer)->tp_name, optimizer->capabilities,
               objects_threshold(optimizer),
               objects_is_eager(optimizer) ? ", eager" : "");
    return 0;
}

int
hot_unregister(PyaotOptimizer *optimizer)
{
    if (host.optimizer != NULL && host.optimizer == optimizer) {
        HOST_DEBUG(1, "optimizer %s unregistered",
                   Py_TYPE(optimizer)->tp_name);
        set_optimizer(NULL);
        life_rest();
    }
    return 0;
}
