/* The optimizer's tool id: claimed, given way, released; what other tools do.
 */
#include "loader/host/host_int.h"

#include "cache/pycode/hidden_tool.h"

/* --- callbacks ----------------------------------------------------------- */

/* The cheapest callable there is: no built-in function's checks. */
typedef struct {
    PyObject_HEAD vectorcallfunc vectorcall;
} Callback;

static PyTypeObject Callback_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "pyaot.Callback",
    .tp_basicsize = sizeof(Callback),
    .tp_vectorcall_offset = offsetof(Callback, vectorcall),
    .tp_call = PyVectorcall_Call,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL
                | Py_TPFLAGS_DISALLOW_INSTANTIATION,
};

static const struct {
    size_t function; /* in HostCalls */
    size_t offset;   /* in Host */
    int event;
} callbacks[] = {
    {offsetof(HostCalls, jump), offsetof(Host, on_jump), ABI_EVENT_JUMP_SET},
    {offsetof(HostCalls, start), offsetof(Host, on_start),
     ABI_EVENT_START_SET},
    {offsetof(HostCalls, resume), offsetof(Host, on_resume),
     ABI_EVENT_RESUME_SET},
    {offsetof(HostCalls, instruction), offsetof(Host, on_instruction),
     ABI_EVENT_INSTRUCTION_SET},
};
#define N_CALLBACKS (sizeof callbacks / sizeof callbacks[0])

static int
register_callback(int event, PyObject *callable)
{
    PyObject *set = PyLong_FromLong(event);
    PyObject *r = set == NULL ? NULL
                              : events_call("register_callback", host.tool_id,
                                            set, callable);
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
    host.set_local_events = events_function("set_local_events");
    if (PyType_Ready(&Callback_Type) < 0) {
        return -1;
    }
    for (size_t i = 0; i < N_CALLBACKS; i++) {
        Callback *callback = PyObject_New(Callback, &Callback_Type);
        if (callback == NULL) {
            return -1;
        }
        callback->vectorcall = *(
            const vectorcallfunc *)((const char *)host.calls
                                    + callbacks[i].function);
        *(PyObject **)((char *)&host
                       + callbacks[i].offset) = (PyObject *)callback;
    }
    if (host.tool_id == NULL || host.tool_name == NULL
        || host.set_local_events == NULL) {
        return -1;
    }
    host.disable = events_function("DISABLE");
    return host.disable != NULL ? 0 : -1;
}

/* --- the id -------------------------------------------------------------- */

static void
free_id(void)
{
    for (size_t i = 0; i < N_CALLBACKS; i++) {
        register_callback(callbacks[i].event, Py_None);
        PyErr_Clear();
    }
    PyObject *r = events_call("free_tool_id", host.tool_id, NULL, NULL);
    Py_XDECREF(r);
    PyErr_Clear();
    abi_own_tools = host.tolerated;
}

/* The program takes the tool id: executors are entered by calls and draws
 * only. */
static void
give_way(void)
{
    HOST_DEBUG(1, "the program takes the optimizer's tool id");
    host.gave_way = true;
    settle_all();
    for (HostCode *hc = host.codes; hc != NULL; hc = hc->next) {
        hc->events = 0; /* whatever came of it: they are the program's now */
    }
    free_id();
}

/* Another tool has taken or freed an id, or registered a callback. */
static void
others_changed(void)
{
    host.calls_seen = abi_others_see_calls();
    settle();
    events_new_version();
}

void
pyaot_host_tolerate(int tool)
{
    host.tolerated = (uint8_t)(1u << tool);
    abi_own_tools |= host.tolerated;
    others_changed();
}

int
tool_claim(const char **why)
{
    *why = "sys.monitoring is not as expected";
    if (make_objects() < 0) {
        PyErr_Clear();
        return -1;
    }
    PyObject *r = events_call("use_tool_id", host.tool_id, host.tool_name,
                              NULL);
    if (r == NULL) {
        PyErr_Clear();
        *why = "the optimizer tool id belongs to another tool";
        return -1;
    }
    Py_DECREF(r);
    host.gave_way = false;
    host.calls_seen = abi_others_see_calls();
    abi_own_tools = (uint8_t)(1u << ABI_TOOL_ID) | host.tolerated;
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

void
tool_release(void)
{
    pyaot_hidden_tool_stop();
    if (!host.gave_way) {
        free_id();
    }
}
