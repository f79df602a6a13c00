/* _pyaot_profiler: record what the running program does.
 *
 *   start(path, options)   begin; options: quiet, ignore (a file name)
 *   flush()                write everything new now
 *   stop() -> dict         end; also done at exit
 *   stats() -> dict        totals so far
 *   run(kind, target)      run a program as __main__ (boot script only)
 */
#define PYAOT_PROF_INTERNAL
#include "prof_int.h"

#include <internal/pycore_runtime.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cache/pycode/hidden_tool.h"
#include "cache/pycode/layout_check.h"
#include "cache/pycode/pycode.h"

enum { FINAL_BUSY_MS = 10000 };

ProfState prof;

static const struct {
    const char *name;
    PyCFunctionFast function;
} callbacks[] = {
    {"PY_START", prof_on_start}, {"PY_RESUME", prof_on_resume},
    {"JUMP", prof_on_jump},      {"INSTRUCTION", prof_on_instruction},
    {"BRANCH", prof_on_branch},
};

static PyMethodDef callback_methods[] = {
    {"on_start", (PyCFunction)(void (*)(void))prof_on_start, METH_FASTCALL,
     NULL},
    {"on_resume", (PyCFunction)(void (*)(void))prof_on_resume, METH_FASTCALL,
     NULL},
    {"on_jump", (PyCFunction)(void (*)(void))prof_on_jump, METH_FASTCALL,
     NULL},
    {"on_instruction", (PyCFunction)(void (*)(void))prof_on_instruction,
     METH_FASTCALL, NULL},
    {"on_branch", (PyCFunction)(void (*)(void))prof_on_branch, METH_FASTCALL,
     NULL},
};

enum { N_CALLBACKS = sizeof(callbacks) / sizeof(callbacks[0]) };

static PyObject * /* new */
monitoring_module(void)
{
    PyObject *monitoring = PySys_GetObject("monitoring"); /* borrowed */
    if (monitoring == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "sys.monitoring is missing");
        return NULL;
    }
    return Py_NewRef(monitoring);
}

static long
event_bit(PyObject *monitoring, const char *name)
{
    PyObject *events = PyObject_GetAttrString(monitoring, "events"); /* new */
    if (events == NULL) {
        return -1;
    }
    PyObject *bit = PyObject_GetAttrString(events, name); /* new */
    Py_DECREF(events);
    if (bit == NULL) {
        return -1;
    }
    const long value = PyLong_AsLong(bit);
    Py_DECREF(bit);
    return value;
}

static int
call_and_drop(PyObject *result /* steals; may be NULL */)
{
    if (result == NULL) {
        return -1;
    }
    Py_DECREF(result);
    return 0;
}

static int
take_tool_id(PyObject *monitoring)
{
    static const int ids[] = {PROF_TOOL_ID, PROF_TOOL_ID_SECOND};
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        PyObject *result = PyObject_CallMethod(monitoring, "use_tool_id", "is",
                                               ids[i], "pyaot profile");
        if (result != NULL) {
            Py_DECREF(result);
            prof.tool_id = ids[i];
            return 0;
        }
        if (!PyErr_ExceptionMatches(PyExc_ValueError)) {
            return -1;
        }
        PyErr_Clear();
    }
    PyErr_SetString(PyExc_RuntimeError,
                    "other tools use sys.monitoring ids 3 and 4; switch one "
                    "of them off");
    return -1;
}

static int
register_callbacks(PyObject *monitoring, bool on)
{
    for (int i = 0; i < N_CALLBACKS; i++) {
        const long event = event_bit(monitoring, callbacks[i].name);
        if (event < 0) {
            return -1;
        }
        PyObject *function = on ? PyCFunction_New(&callback_methods[i], NULL)
                                : Py_NewRef(Py_None); /* new */
        if (function == NULL) {
            return -1;
        }
        PyObject *result = PyObject_CallMethod(monitoring, "register_callback",
                                               "ilO", prof.tool_id, event,
                                               function);
        Py_DECREF(function);
        if (call_and_drop(result) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
set_global_events(PyObject *monitoring, long events)
{
    return call_and_drop(PyObject_CallMethod(monitoring, "set_events", "il",
                                             prof.tool_id, events));
}

static void end_monitoring(void);

/* Recording ends for good; what was recorded is kept. */
static void
stop_recording(void)
{
    prof_count_rest();
    end_monitoring();
    prof.active = false;
    prof.want_ticker = false;
    Py_BEGIN_ALLOW_THREADS prof_ticker_stop();
    prof_flush(FINAL_BUSY_MS);
    Py_END_ALLOW_THREADS
}

/* The program wants the tool id for itself. */
static void
give_way(void)
{
    if (!prof.active) {
        return;
    }
    stop_recording();
    prof.gave_way = true;
    /* Sites that switched themselves off would stay so for the id's new
     * owner. */
    PyObject *monitoring = monitoring_module();
    if (monitoring == NULL
        || call_and_drop(
               PyObject_CallMethod(monitoring, "restart_events", NULL))
               < 0) {
        PyErr_Clear();
    }
    Py_XDECREF(monitoring);
}

static int
begin_monitoring(void)
{
    int result = -1;
    PyObject *monitoring = monitoring_module();
    if (monitoring == NULL || take_tool_id(monitoring) < 0) {
        goto out;
    }
    const long start = event_bit(monitoring, "PY_START");
    const long resume = event_bit(monitoring, "PY_RESUME");
    const long jump = event_bit(monitoring, "JUMP");
    const long instruction = event_bit(monitoring, "INSTRUCTION");
    const long branch = event_bit(monitoring, "BRANCH");
    prof.set_local_events = PyObject_GetAttrString(monitoring,
                                                   "set_local_events");
    prof.restart_events = PyObject_GetAttrString(monitoring, "restart_events");
    prof.disable = PyObject_GetAttrString(monitoring, "DISABLE");
    prof.tool_id_object = PyLong_FromLong(prof.tool_id);
    prof.events_on = PyLong_FromLong(instruction | branch);
    prof.events_off = PyLong_FromLong(0);
    if (start < 0 || resume < 0 || jump < 0 || instruction < 0 || branch < 0
        || prof.set_local_events == NULL || prof.restart_events == NULL
        || prof.disable == NULL || prof.tool_id_object == NULL
        || prof.events_on == NULL || prof.events_off == NULL
        || register_callbacks(monitoring, true) < 0) {
        goto out;
    }
    prof.active = true;
    prof_next_period();
    result = set_global_events(monitoring, start | resume | jump);
    pyaot_hidden_tool_start(prof.tool_id, give_way, NULL);
out:
    Py_XDECREF(monitoring);
    return result;
}

static void
end_monitoring(void)
{
    PyObject *monitoring = monitoring_module();
    pyaot_hidden_tool_stop();
    prof_listen_end_all();
    if (monitoring == NULL || set_global_events(monitoring, 0) < 0
        || register_callbacks(monitoring, false) < 0
        || call_and_drop(PyObject_CallMethod(monitoring, "free_tool_id", "i",
                                             prof.tool_id))
               < 0) {
        PyErr_Clear();
    }
    Py_XDECREF(monitoring);
    Py_CLEAR(prof.set_local_events);
    Py_CLEAR(prof.restart_events);
    Py_CLEAR(prof.tool_id_object);
    Py_CLEAR(prof.events_on);
    Py_CLEAR(prof.events_off);
    /* prof.disable stays: an event may be on its way in another thread. */
}

/* --- hooks into the interpreter's life ----------------------------------- */

static PyObject *
stats_dict(void)
{
    return Py_BuildValue("{s:K,s:K,s:K,s:K,s:K,s:K,s:K,s:I}", "codes",
                         (unsigned long long)prof.n_codes, "sites",
                         (unsigned long long)prof.n_sites, "samples",
                         (unsigned long long)prof.n_samples, "armings",
                         (unsigned long long)prof.n_armings, "dropped",
                         (unsigned long long)prof.n_dropped, "flushes",
                         (unsigned long long)prof.n_flushes, "sample_cost_ns",
                         (unsigned long long)prof.sample_cost_ns, "periods",
                         prof.period);
}

static PyObject *
module_stop(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    if (prof.active) {
        stop_recording();
        prof_print_totals();
    }
    else if (prof.gave_way) {
        prof.gave_way = false;
        prof_print_totals();
    }
    return stats_dict();
}

static PyObject *
module_flush(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    if (prof.active) {
        Py_BEGIN_ALLOW_THREADS prof_flush(FINAL_BUSY_MS);
        Py_END_ALLOW_THREADS
    }
    Py_RETURN_NONE;
}

static PyObject *
module_stats(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    return stats_dict();
}

static PyObject *
hook_before_fork(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    prof_before_fork();
    Py_RETURN_NONE;
}

static PyObject *
hook_parent(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    prof_after_fork_parent();
    Py_RETURN_NONE;
}

static PyObject *
hook_child(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    prof_after_fork_child();
    Py_RETURN_NONE;
}

static PyMethodDef hook_methods[] = {
    {"before", hook_before_fork, METH_NOARGS, NULL},
    {"after_in_parent", hook_parent, METH_NOARGS, NULL},
    {"after_in_child", hook_child, METH_NOARGS, NULL},
    {"stop", module_stop, METH_NOARGS, NULL},
};

static int
register_fork_hooks(void)
{
    int result = -1;
    PyObject *posix = PyImport_ImportModule("posix"); /* new */
    PyObject *keywords = PyDict_New();                /* new */
    PyObject *empty = PyTuple_New(0);                 /* new */
    PyObject *function = NULL;
    if (posix == NULL || keywords == NULL || empty == NULL) {
        goto out;
    }
    for (int i = 0; i < 3; i++) {
        PyObject *hook = PyCFunction_New(&hook_methods[i], NULL); /* new */
        if (hook == NULL
            || PyDict_SetItemString(keywords, hook_methods[i].ml_name, hook)
                   < 0) {
            Py_XDECREF(hook);
            goto out;
        }
        Py_DECREF(hook);
    }
    function = PyObject_GetAttrString(posix, "register_at_fork"); /* new */
    if (function == NULL) {
        goto out;
    }
    result = call_and_drop(PyObject_Call(function, empty, keywords));
out:
    Py_XDECREF(function);
    Py_XDECREF(posix);
    Py_XDECREF(keywords);
    Py_XDECREF(empty);
    return result;
}

/* The module stays out of sys.modules if the program has not imported it:
 * the list of exit functions belongs to the interpreter. */
static int
register_at_exit(void)
{
    int result = -1;
    PyObject *modules = PyImport_GetModuleDict(); /* borrowed */
    const bool was_there = PyDict_GetItemString(modules, "atexit") != NULL;
    PyObject *atexit = PyImport_ImportModule("atexit");       /* new */
    PyObject *stop = PyCFunction_New(&hook_methods[3], NULL); /* new */
    if (atexit != NULL && stop != NULL) {
        result = call_and_drop(
            PyObject_CallMethod(atexit, "register", "O", stop));
    }
    if (!was_there && PyDict_DelItemString(modules, "atexit") < 0) {
        PyErr_Clear();
    }
    if (!was_there && atexit != NULL) {
        /* Its functions hold it: a cycle that gc.collect() would count. */
        PyDict_Clear(PyModule_GetDict(atexit)); /* borrowed */
    }
    Py_XDECREF(atexit);
    Py_XDECREF(stop);
    return result;
}

/* --- start --------------------------------------------------------------- */

/* Where the headers are that native code for this interpreter includes, as
 * sysconfig has it for an installed CPython; importing sysconfig would show.
 * Left out if they are not there. */
static void
find_include(void)
{
    PyObject *prefix = PySys_GetObject("base_prefix"); /* borrowed */
    const char *text = prefix != NULL && PyUnicode_Check(prefix)
                           ? PyUnicode_AsUTF8(prefix)
                           : NULL;
    StrBuf path;
    PyErr_Clear();
    free(prof.include);
    prof.include = NULL;
    if (text == NULL || text[0] != '/') {
        return;
    }
    strbuf_init(&path, 0);
    strbuf_printf(&path, "%s/include/python%d.%d/Python.h", text,
                  PY_MAJOR_VERSION, PY_MINOR_VERSION);
    if (strbuf_status(&path) == PYAOT_OK && access(path.data, R_OK) == 0) {
        *strrchr(path.data, '/') = '\0';
        prof.include = strbuf_detach(&path, NULL);
    }
    strbuf_free(&path);
}

/* An entry of sys that is a path; malloc'ed, NULL unknown. */
static char *
path_of_sys(const char *name)
{
    PyObject *value = PySys_GetObject(name); /* borrowed */
    PyObject *bytes = value != NULL && PyUnicode_Check(value)
                          ? PyUnicode_EncodeFSDefault(value) /* new */
                          : NULL;
    char *path = bytes != NULL ? strdup(PyBytes_AS_STRING(bytes)) : NULL;
    PyErr_Clear();
    Py_XDECREF(bytes);
    return path;
}

/* How the program was started, to be started so again. */
static void
find_command(void)
{
    StrBuf argv;
    PyObject *list = PySys_GetObject("orig_argv"); /* borrowed */
    const Py_ssize_t n = list != NULL && PyList_Check(list)
                             ? PyList_GET_SIZE(list)
                             : 0;
    strbuf_init(&argv, 0);
    for (Py_ssize_t i = 1; i < n; i++) {
        PyObject *item = PyList_GET_ITEM(list, i); /* borrowed */
        PyObject *bytes = PyUnicode_Check(item)
                              ? PyUnicode_EncodeFSDefault(item) /* new */
                              : NULL;
        if (bytes == NULL) {
            PyErr_Clear();
            strbuf_reset(&argv);
            break;
        }
        strbuf_add(&argv, PyBytes_AS_STRING(bytes),
                   strlen(PyBytes_AS_STRING(bytes)) + 1);
        Py_DECREF(bytes);
    }
    free(prof.executable);
    free(prof.cwd);
    free(prof.argv);
    prof.executable = path_of_sys("executable");
    prof.cwd = getcwd(NULL, 0);
    prof.argv_len = argv.len;
    prof.argv = strbuf_detach(&argv, NULL);
    if (prof.argv == NULL) {
        prof.argv_len = 0;
    }
}

static int
read_options(PyObject *path, PyObject *options)
{
    PyObject *quiet = PyDict_GetItemString(options, "quiet");   /* borrowed */
    PyObject *ignore = PyDict_GetItemString(options, "ignore"); /* borrowed */
    const int is_quiet = quiet != NULL ? PyObject_IsTrue(quiet) : 0;
    if (is_quiet < 0) {
        return -1;
    }
    prof.quiet = is_quiet;
    PyObject *all = PyDict_GetItemString(options, "everything"); /* borrowed */
    const int is_all = all != NULL ? PyObject_IsTrue(all) : 0;
    if (is_all < 0) {
        return -1;
    }
    prof.everything = is_all;
    free(prof.path);
    free(prof.ignored_file);
    prof.path = NULL;
    prof.ignored_file = NULL;
    PyObject *encoded = PyUnicode_EncodeFSDefault(path); /* new */
    if (encoded == NULL) {
        return -1;
    }
    prof.path = strdup(PyBytes_AS_STRING(encoded));
    Py_DECREF(encoded);
    if (prof.path == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    if (prof.path[0] != '/') {
        PyErr_SetString(PyExc_ValueError, "start() needs an absolute path");
        return -1;
    }
    if (ignore != NULL && ignore != Py_None) {
        const char *text = PyUnicode_AsUTF8(ignore);
        if (text == NULL) {
            return -1;
        }
        prof.ignored_file = strdup(text);
    }
    return 0;
}

static int
register_once(void)
{
    if (prof.registered) {
        return 0;
    }
    prof_init_locks();
    if (prof_watch_code() < 0 || register_fork_hooks() < 0
        || register_at_exit() < 0) {
        return -1;
    }
    prof_hook_exits();
    prof.registered = true;
    return 0;
}

static void
reset_totals(void)
{
    prof.n_samples = 0;
    prof.n_sites = 0;
    prof.n_codes = 0;
    prof.n_armings = 0;
    prof.n_dropped = 0;
    prof.n_flushes = 0;
    prof.sample_cost_ns = 0;
    prof.keep_cost_ns = 0;
    prof.flush_cost_ns = 0;
    prof.period_len_ns = 0;
    prof.is_first_period = true;
    prof.writing_failed = false;
    prof.warned = false;
    for (CodeRecord *r = prof.records; r != NULL; r = r->next) {
        r->is_stored = false;
        r->is_counted = false;
        r->level = r->n_surprises = r->n_entries_seen = r->limit = 0;
    }
}

static PyObject *
module_start(PyObject *self, PyObject *args)
{
    (void)self;
    PyObject *path;
    PyObject *options;
    if (!PyArg_ParseTuple(args, "UO!:start", &path, &PyDict_Type, &options)) {
        return NULL;
    }
    if (prof.active) {
        PyErr_SetString(PyExc_RuntimeError, "already recording");
        return NULL;
    }
    if (PyInterpreterState_Get() != PyInterpreterState_Main()) {
        PyErr_SetString(PyExc_RuntimeError,
                        "only the main interpreter is recorded");
        return NULL;
    }
    if (read_options(path, options) < 0 || register_once() < 0) {
        return NULL;
    }
    reset_totals();
    find_include();
    find_command();
    prof.turn_ns = prof_measure_turn();
    prof.first_pid = getpid();
    char err[PYAOT_ERR_MAX] = "";
    PyaotStatus status;
    Py_BEGIN_ALLOW_THREADS status = prof_open_database(err);
    if (status == PYAOT_OK && !prof.everything) {
        prof_carry_counts();
    }
    Py_END_ALLOW_THREADS if (status != PYAOT_OK)
    {
        PyErr_SetString(PyExc_OSError, err);
        return NULL;
    }
    if (begin_monitoring() < 0) {
        prof.active = false;
        return NULL;
    }
    if (!prof_ticker_start()) {
        prof_warn("cannot start a thread");
    }
    Py_RETURN_NONE;
}

static PyMethodDef module_methods[] = {
    {"start", module_start, METH_VARARGS,
     "start(path, options): begin recording into the database at path."},
    {"flush", module_flush, METH_NOARGS, "Write everything new now."},
    {"stop", module_stop, METH_NOARGS,
     "End recording, write the rest; returns the totals."},
    {"stats", module_stats, METH_NOARGS, "Totals so far."},
    {"run", prof_run, METH_VARARGS,
     "run(kind, target): run a program as __main__."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_pyaot_profiler",
    .m_doc = "Recording part of pyaot profile.",
    .m_size = -1,
    .m_methods = module_methods,
};

PyMODINIT_FUNC
PyInit__pyaot_profiler(void)
{
    if (pyaot_pycode_check_host() < 0) {
        return NULL;
    }
    const char *other = pyaot_layout_check();
    if (other != NULL) {
        PyErr_Format(PyExc_ImportError,
                     "it was built for CPython %s, this is %lu.%lu.%lu or "
                     "another build (%s)",
                     PY_VERSION, Py_Version >> 24, Py_Version >> 16 & 0xff,
                     Py_Version >> 8 & 0xff, other);
        return NULL;
    }
    /* The runtime's own structure grows between bug-fix releases. */
    prof.runtime_is_known = _PyRuntime.debug_offsets.runtime_state.size
                            == sizeof(_PyRuntimeState);
    prof.name_text = PyUnicode_InternFromString("__name__");
    prof.module_text = PyUnicode_InternFromString("__module__");
    prof.init_text = PyUnicode_InternFromString("__init__");
    if (prof.name_text == NULL || prof.module_text == NULL
        || prof.init_text == NULL) {
        return NULL;
    }
    return PyModule_Create(&module_def);
}
