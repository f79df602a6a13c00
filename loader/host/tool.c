/* sys.monitoring: the optimizer's tool id and its local events.  Through the
 * Python-level functions, which is the interface CPython keeps. */
#include "loader/host/host_int.h"

#include "cache/pycode/hidden_tool.h"

static PyObject *
monitoring_function(const char *name /* new */)
{
    PyObject *monitoring = PySys_GetObject("monitoring"); /* borrowed */
    if (monitoring == NULL) {
        return NULL;
    }
    return PyObject_GetAttrString(monitoring, name);
}

static PyObject *
monitoring_call(const char *name, PyObject *a, PyObject *b, PyObject *c)
{
    PyObject *function = monitoring_function(name);
    if (function == NULL) {
        return NULL;
    }
    pyaot_hidden_tool_begin();
    PyObject *r = PyObject_CallFunctionObjArgs(function, a, b, c, NULL);
    pyaot_hidden_tool_end();
    Py_DECREF(function);
    return r;
}

/* ---- callbacks ---------------------------------------------------------------- */

/* The cheapest callable there is: no built-in function's checks. */
typedef struct {
    PyObject_HEAD
    vectorcallfunc vectorcall;
} Callback;

static PyTypeObject Callback_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "pyaot.Callback",
    .tp_basicsize = sizeof(Callback),
    .tp_vectorcall_offset = offsetof(Callback, vectorcall),
    .tp_call = PyVectorcall_Call,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL
                | Py_TPFLAGS_DISALLOW_INSTANTIATION,
};

static const struct {
    vectorcallfunc function;
    size_t offset; /* in Host */
    int event;
} callbacks[] = {
    {enter_jump, offsetof(Host, on_jump), ABI_EVENT_JUMP_SET},
    {enter_start, offsetof(Host, on_start), ABI_EVENT_START_SET},
    {enter_resume, offsetof(Host, on_resume), ABI_EVENT_RESUME_SET},
    {debug_on_instruction, offsetof(Host, on_instruction),
     ABI_EVENT_INSTRUCTION_SET},
};
#define N_CALLBACKS (sizeof callbacks / sizeof callbacks[0])

static int
register_callback(int event, PyObject *callable)
{
    PyObject *set = PyLong_FromLong(event);
    PyObject *r = set == NULL ? NULL
                              : monitoring_call("register_callback",
                                                host.tool_id, set, callable);
    Py_XDECREF(set);
    Py_XDECREF(r);
    return r != NULL ? 0 : -1;
}

/* What is needed once, and lives as long as the process. */
static int
make_objects(void)
{
    if (host.disable != NULL) {
        return 0;
    }
    host.tool_id = PyLong_FromLong(ABI_TOOL_ID);
    host.tool_name = PyUnicode_InternFromString("pyaot");
    host.set_local_events = monitoring_function("set_local_events");
    if (PyType_Ready(&Callback_Type) < 0) {
        return -1;
    }
    for (size_t i = 0; i < N_CALLBACKS; i++) {
        Callback *callback = PyObject_New(Callback, &Callback_Type);
        if (callback == NULL) {
            return -1;
        }
        callback->vectorcall = callbacks[i].function;
        *(PyObject **)((char *)&host + callbacks[i].offset) =
            (PyObject *)callback;
    }
    if (host.tool_id == NULL || host.tool_name == NULL
        || host.set_local_events == NULL) {
        return -1;
    }
    host.disable = monitoring_function("DISABLE");
    return host.disable != NULL ? 0 : -1;
}

static void give_way(void);
static void others_changed(void);

int
tool_claim(const char **why)
{
    *why = "sys.monitoring is not as expected";
    if (make_objects() < 0) {
        PyErr_Clear();
        return -1;
    }
    PyObject *r = monitoring_call("use_tool_id", host.tool_id, host.tool_name,
                                  NULL);
    if (r == NULL) {
        PyErr_Clear();
        *why = "the optimizer tool id belongs to another tool";
        return -1;
    }
    Py_DECREF(r);
    host.gave_way = false;
    abi_own_tools = (uint8_t)(1u << ABI_TOOL_ID);
    /* Links between compiled functions pass by other tools' local events: what
     * runs leaves, and is looked at anew. */
    pyaot_hidden_tool_start(ABI_TOOL_ID, give_way, others_changed);
    for (size_t i = 0; i < N_CALLBACKS; i++) {
        PyObject **slot = (PyObject **)((char *)&host + callbacks[i].offset);
        if (register_callback(callbacks[i].event, *slot) < 0) {
            PyErr_Clear();
            tool_release();
            return -1;
        }
    }
    return 0;
}

/* Another tool has taken or freed an id, or registered a callback. */
static void
others_changed(void)
{
    bool seen = abi_others_see_calls();
    if (seen != host.calls_seen) {
        host.calls_seen = seen;
        call_set_all(!seen);
    }
    tool_new_version();
}

static void
free_id(void)
{
    for (size_t i = 0; i < N_CALLBACKS; i++) {
        register_callback(callbacks[i].event, Py_None);
        PyErr_Clear();
    }
    PyObject *r = monitoring_call("free_tool_id", host.tool_id, NULL, NULL);
    Py_XDECREF(r);
    PyErr_Clear();
    abi_own_tools = 0;
}

void
tool_release(void)
{
    pyaot_hidden_tool_stop();
    if (!host.gave_way) {
        free_id();
    }
}

/* ---- local events ---------------------------------------------------------------- */

static int
set_local(PyCodeObject *code, int events)
{
    PyObject *set = PyLong_FromLong(events);
    PyObject *args[4] = {NULL, host.tool_id, (PyObject *)code, set};
    PyObject *r = NULL;
    pyaot_hidden_tool_begin();
    if (set != NULL) {
        r = PyObject_Vectorcall(host.set_local_events, args + 1,
                                3 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
        Py_DECREF(set);
    }
    pyaot_hidden_tool_end();
    if (r == NULL) {
        PyErr_Clear();
        return -1;
    }
    Py_DECREF(r);
    abi_code_share(code);
    return 0;
}

void
tool_new_version(void)
{
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *mine = NULL, *other = NULL, *r;
    if (host.gave_way) {
        mine = monitoring_call("use_tool_id", host.tool_id, host.tool_name,
                               NULL);
        PyErr_Clear();
    }
    PyObject *events = monitoring_call("get_events", host.tool_id, NULL, NULL);
    if (events != NULL) {
        other = PyLong_FromLong(PyLong_AsLong(events) ^ ABI_EVENT_JUMP_SET);
    }
    if (other != NULL) {
        r = monitoring_call("set_events", host.tool_id, other, NULL);
        Py_XDECREF(r);
        r = monitoring_call("set_events", host.tool_id, events, NULL);
        Py_XDECREF(r);
    }
    Py_XDECREF(other);
    Py_XDECREF(events);
    if (mine != NULL) { /* nobody has it */
        Py_DECREF(mine);
        Py_XDECREF(monitoring_call("free_tool_id", host.tool_id, NULL, NULL));
    }
    PyErr_Clear();
    PyErr_SetRaisedException(exc);
}

/* The local events of whoever has the id. */
static int
get_local(PyCodeObject *code)
{
    PyObject *r = monitoring_call("get_local_events", host.tool_id,
                                  (PyObject *)code, NULL);
    int events = r != NULL ? (int)PyLong_AsLong(r) : 0;
    Py_XDECREF(r);
    PyErr_Clear();
    return events;
}

/* Events for the site's kind, if somebody wants them. */
static int
site_events(const HostCode *hc, const HostSite *site)
{
    bool counted = hc->watched && site->passes_left > 0
                   && (host.counted & site->kind) != 0;
    if (site->executor == NULL && !counted) {
        return 0;
    }
    if (site->executor != NULL
        && ((HostLink *)site->executor->host)->drawn_only) {
        return site->executor->call != NULL && hc->late ? ABI_EVENT_START_SET
                                                        : 0;
    }
    switch (site->kind) {
    case PYAOT_OPTIMIZE_FUNCTION_ENTRY:
        /* An executor that is called needs an event only to find functions
         * that are older than the host. */
        return counted || site->executor->execute != NULL || hc->late
                   ? ABI_EVENT_START_SET : 0;
    case PYAOT_OPTIMIZE_RESUME_AFTER_YIELD:
        return ABI_EVENT_RESUME_SET;
    default:
        return ABI_EVENT_JUMP_SET;
    }
}

static int
wanted_events(const HostCode *hc)
{
    int events = 0;
    for (uint32_t i = 0; i < hc->n_sites; i++) {
        events |= site_events(hc, &hc->sites[i]);
    }
    if (host.debug >= 4 && hc->n_executors > 0) {
        events |= ABI_EVENT_INSTRUCTION_SET;
    }
    return events;
}

static void
set_events(HostCode *hc, int events)
{
    if (events != hc->events && !host.gave_way
        && set_local(hc->code, events) == 0) {
        hc->events = events;
    }
}

/* The program takes the tool id: executors are entered by calls and draws
 * only. */
static void
give_way(void)
{
    HOST_DEBUG(1, "the program takes the optimizer's tool id");
    for (HostCode *hc = host.codes; hc != NULL; hc = hc->next) {
        set_events(hc, 0);
    }
    free_id();
    host.gave_way = true;
}

/* Is an event wanted that was disabled? */
static bool
wanted_again(const HostCode *hc)
{
    for (uint32_t i = 0; i < hc->n_sites; i++) {
        if (hc->sites[i].disabled && site_events(hc, &hc->sites[i]) != 0) {
            return true;
        }
    }
    return false;
}

void
tool_update(HostCode *hc)
{
    if (wanted_again(hc)) {
        tool_rearm(hc);
        return;
    }
    PyObject *exc = PyErr_GetRaisedException();
    set_events(hc, wanted_events(hc));
    PyErr_SetRaisedException(exc);
}

void
tool_rearm(HostCode *hc)
{
    PyObject *exc = PyErr_GetRaisedException();
    set_events(hc, 0); /* or the set is what it was, and nothing happens */
    set_events(hc, wanted_events(hc));
    for (uint32_t i = 0; i < hc->n_sites; i++) {
        hc->sites[i].disabled = false;
    }
    PyErr_SetRaisedException(exc);
}

void
tool_refresh_code(PyCodeObject *code)
{
    if (!host.started || abi_code_instrumented(abi_thread_state(), code)
        || (code->co_flags & CO_NO_MONITORING_EVENTS) != 0) {
        return;
    }
    /* Only a change of the local events instruments the code at once: change
     * them to something else and back. */
    PyObject *exc = PyErr_GetRaisedException();
    HostCode *hc = host_code((PyObject *)code);
    int events = hc != NULL ? hc->events : 0;
    PyObject *mine = NULL;
    if (host.gave_way) { /* by the events of the tool that has the id now */
        mine = monitoring_call("use_tool_id", host.tool_id, host.tool_name,
                               NULL);
        PyErr_Clear();
        events = get_local(code);
    }
    set_local(code, events ^ ABI_EVENT_JUMP_SET);
    set_local(code, events);
    if (mine != NULL) { /* nobody has it */
        Py_DECREF(mine);
        Py_XDECREF(monitoring_call("free_tool_id", host.tool_id, NULL, NULL));
        PyErr_Clear();
    }
    PyErr_SetRaisedException(exc);
}
