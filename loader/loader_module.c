/* The extension module _pyaot_loader: installs the loader into the running
 * interpreter.  Whatever is not as it must be means that the program runs
 * uncompiled; the reason is counted and told to those who ask. */
#include "loader_int.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache/base/env.h"
#include "cache/pycode/pycode.h"

Loader loader = {
    .func_watcher = -1,
    .dict_watcher = -1,
    .type_watcher = -1,
    .extra_index = -1,
};

/* --- install ------------------------------------------------------------- */

static void
fill_runtime(void)
{
    if (loader.init_name == NULL) {
        loader.init_name = PyUnicode_InternFromString("__init__");
        PyErr_Clear(); /* without it no class is bound */
    }
    loader.runtime.abi = PYAOT_ABI_VERSION;
    loader.runtime.size = sizeof loader.runtime;
#define PYAOT_HELPER(result, name, parameters) loader.runtime.name = rt_##name;
#include "cache/abi/abi.def"
#undef PYAOT_HELPER
}

/* --- the optimizer ------------------------------------------------------- */

static PyTypeObject LoaderOptimizer_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "pyaot.Loader",
    .tp_basicsize = sizeof(PyaotOptimizer),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_doc = "puts compiled regions on code objects that match a cache",
};

/* What is made once, and lives as long as the process. */
static const char *
make_optimizer(void)
{
    if (loader.optimizer != NULL) {
        return NULL;
    }
    LoaderOptimizer_Type.tp_base = api->optimizer_type;
    if (region_ready() < 0 || PyType_Ready(&LoaderOptimizer_Type) < 0) {
        return "out of memory";
    }
    PyaotOptimizer *self = (PyaotOptimizer *)PyType_GenericAlloc(
        &LoaderOptimizer_Type, 0);
    if (self == NULL) {
        return "out of memory";
    }
    self->code_created = match_code_created;
    self->capabilities = PYAOT_OPTIMIZE_FUNCTION_ENTRY
                         | PYAOT_OPTIMIZE_RESUME_AFTER_YIELD
                         | PYAOT_OPTIMIZE_BACK_EDGE;
    loader.optimizer = self;
    if (loader.extra_index < 0) {
        loader.extra_index = PyUnstable_Eval_RequestCodeExtraIndex(
            match_code_freed);
    }
    return loader.extra_index >= 0
               ? NULL
               : "no index for extra data of code objects is free";
}

static const char *
open_cache(const char *dir)
{
    static char err[PYAOT_ERR_MAX];
    const char *abi = pyaot_pycode_abi();
    PyaotStatus status = pyaot_cache_open(dir, abi, pyaot_cache_abi_hash(abi),
                                          &loader.cache, err);
    if (status != PYAOT_OK) {
        loader.cache = NULL;
        return err[0] != '\0' ? err : pyaot_status_text(status);
    }
    PyaotCacheInfo info;
    pyaot_cache_info(loader.cache, &info);
    loader.by_number = calloc(info.n_units ? info.n_units : 1,
                              sizeof *loader.by_number);
    return loader.by_number != NULL ? NULL : "out of memory";
}

static void
close_cache(void)
{
    pyaot_cache_close(loader.cache);
    free(loader.by_number);
    loader.cache = NULL;
    loader.by_number = NULL;
}

/* events   take everything off code objects; at the end that is not worth the
 *          time */
static void
deactivate(bool events)
{
    if (!loader.installed) {
        return;
    }
    if (!events) {
        pyaot_host_quit();
    }
    match_switch_off_all(events);
    loader.active = false;
    loader.installed = false;
    watch_stop();
    if (events) {
        api->unregister_optimizer(loader.optimizer);
    }
    close_cache();
}

static PyObject *
at_exit(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(arg))
{
    if (loader.installed) {
        stats_report();
        deactivate(false);
    }
    Py_RETURN_NONE;
}

static PyMethodDef at_exit_method = {"pyaot_at_exit", at_exit, METH_NOARGS,
                                     NULL};

static const char *
register_at_exit(void)
{
    static bool registered;
    const char *why = NULL;
    if (registered) {
        return NULL;
    }
    PyObject *func = PyCFunction_New(&at_exit_method, NULL);
    registered = func != NULL && abi_at_exit(func) == 0;
    if (!registered) {
        PyErr_Clear();
        why = "atexit is not available";
    }
    Py_XDECREF(func);
    return why;
}

/* The program may go to another folder before it ends; malloc'ed. */
static char *
absolute_path(const char *path)
{
    StrBuf text;
    char *cwd = path != NULL && path[0] != '/' ? getcwd(NULL, 0) : NULL;
    if (path == NULL) {
        return NULL;
    }
    strbuf_init(&text, 0);
    if (cwd != NULL) {
        strbuf_printf(&text, "%s/", cwd);
        free(cwd);
    }
    strbuf_adds(&text, path);
    return strbuf_detach(&text, NULL);
}

static void
read_settings(const PyaotEnv *env)
{
    loader.verbose = env->verbose;
    loader.strict = env->strict;
    free(loader.stats_file);
    loader.stats_file = absolute_path(env->stats_file);
    loader.timing = env->verbose > 0 || env->stats_file != NULL;
    const char *stress = getenv("PYAOT_STRESS");
    loader.stress = stress != NULL && *stress != '\0';
    if (loader.stress) {
        loader.stress_seed = (strtoull(stress, NULL, 0) + 1)
                                 * 0x9E3779B97F4A7C15u
                             | 1;
    }
}

/* NULL, or the reason why the program runs uncompiled. */
static const char *
install(const char *dir)
{
    PyaotEnv env = pyaot_env_read();
    const char *why;
    read_settings(&env);
    if (!env.enabled) {
        return "switched off by PYAOT=0";
    }
    if ((why = abi_probe()) != NULL || (why = make_optimizer()) != NULL) {
        return why;
    }
    if (dir == NULL) {
        dir = env.cache_dir;
    }
    if (dir != NULL && (why = open_cache(dir)) != NULL) {
        close_cache();
        return why;
    }
    fill_runtime();
    loader.foreign_tools = abi_foreign_tools(PyInterpreterState_Get());
    if (api->register_optimizer(loader.optimizer) < 0) {
        PyErr_Clear();
        why = api->refusal();
    }
    else if (watch_start(&why) == 0) {
        loader.debug = api->debug_level();
        if ((why = watch_probe()) == NULL
            && (why = register_at_exit()) == NULL) {
            loader.installed = loader.active = true;
            if (loader.timing) {
                process_start();
            }
            return NULL;
        }
        watch_stop();
    }
    api->unregister_optimizer(loader.optimizer);
    close_cache();
    return why;
}

static PyObject *
py_install(PyObject *Py_UNUSED(self), PyObject *args)
{
    PyObject *path = NULL;
    const char *dir = NULL;
    if (!PyArg_ParseTuple(args, "|O&:install", PyUnicode_FSConverter, &path)) {
        return NULL;
    }
    if (path != NULL) {
        dir = PyBytes_AS_STRING(path);
    }
    if (loader.installed) {
        Py_XDECREF(path);
        Py_RETURN_TRUE;
    }
    const char *why = install(dir);
    Py_XDECREF(path);
    if (why == NULL) {
        Py_RETURN_TRUE;
    }
    PyErr_Clear();
    stats_refuse(why);
    if (loader.strict) {
        PyErr_Format(PyExc_RuntimeError, "pyaot: %s", why);
        return NULL;
    }
    if (loader.verbose > 0) {
        process_read_command();
        process_say("%s: running uncompiled: %s", loader.command, why);
    }
    Py_RETURN_FALSE;
}

static PyObject *
py_uninstall(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(arg))
{
    if (loader.installed) {
        deactivate(true);
    }
    Py_RETURN_NONE;
}

/* --- looking inside; used by the tests ----------------------------------- */

static PyObject *
py_stats(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(arg))
{
    return stats_dict();
}

/* A shared object as the compiler has made it, without a cache. */
static Unit *
unit_of_file(const char *path, const char **why)
{
    static char err[PYAOT_ERR_MAX];
    struct stat st;
    Unit *unit = NULL;
    uint8_t *so = NULL;
    StrBuf exits;
    size_t len = 0, exits_len = 0;
    strbuf_init(&exits, 0);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    *why = "cannot read it";
    if (fd >= 0 && fstat(fd, &st) == 0
        && (so = malloc((size_t)st.st_size + 1)) != NULL
        && read(fd, so, (size_t)st.st_size) == (ssize_t)st.st_size) {
        len = (size_t)st.st_size;
        *why = err;
        if (pyaot_exits_link(so, &len, &exits, err) == PYAOT_OK) {
            uint8_t *bytes = (uint8_t *)strbuf_detach(&exits, &exits_len);
            unit = unit_map(-1, so, len, bytes, exits_len, why);
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    strbuf_free(&exits);
    free(so);
    return unit;
}

static PyObject *
py_load_unit(PyObject *Py_UNUSED(self), PyObject *arg)
{
    PyObject *path = NULL;
    const char *why = NULL;
    if (!loader.installed) {
        PyErr_SetString(PyExc_RuntimeError, "not installed");
        return NULL;
    }
    if (!PyUnicode_FSConverter(arg, &path)) {
        return NULL;
    }
    Unit *unit = unit_of_file(PyBytes_AS_STRING(path), &why);
    Py_DECREF(path);
    if (unit == NULL) {
        PyErr_Format(PyExc_RuntimeError, "pyaot: %s", why);
        return NULL;
    }
    loader.n_test_units++;
    return PyLong_FromUnsignedLong(unit->desc->n_codes);
}

static bool
is_code(PyObject *arg)
{
    if (!PyCode_Check(arg)) {
        PyErr_SetString(PyExc_TypeError, "a code object is needed");
        return false;
    }
    return true;
}

static PyObject *
py_code_key(PyObject *Py_UNUSED(self), PyObject *arg)
{
    PyaotKey key;
    char hex[PYAOT_KEY_HEX_BYTES];
    if (!is_code(arg) || pyaot_pycode_key((PyCodeObject *)arg, &key) < 0) {
        return NULL;
    }
    pyaot_key_hex(&key, hex);
    return PyUnicode_FromString(hex);
}

static PyObject *
py_code_filter(PyObject *Py_UNUSED(self), PyObject *arg)
{
    if (!is_code(arg)) {
        return NULL;
    }
    return PyLong_FromUnsignedLongLong(
        pyaot_pycode_filter((PyCodeObject *)arg));
}

static PyObject *
py_on_exit(PyObject *Py_UNUSED(self), PyObject *arg)
{
    PyObject *old = loader.exit_hook;
    loader.exit_hook = arg != Py_None ? Py_NewRef(arg) : NULL;
    Py_XDECREF(old);
    Py_RETURN_NONE;
}

static PyObject *
py_frame_cells(PyObject *Py_UNUSED(self), PyObject *args)
{
    PyObject *frame;
    unsigned int n;
    if (!PyArg_ParseTuple(args, "O!I", &PyFrame_Type, &frame, &n)) {
        return NULL;
    }
    return exit_frame_cells(((PyFrameObject *)frame)->f_frame, n);
}

static PyObject *
py_regions(PyObject *Py_UNUSED(self), PyObject *arg)
{
    if (!is_code(arg)) {
        return NULL;
    }
    PyObject *list = PyList_New(0);
    CodeState *cs = loader.extra_index < 0 ? NULL : code_state(arg);
    for (uint32_t i = 0; list != NULL && cs != NULL && i < cs->n_regions;
         i++) {
        const RegionState *r = &cs->regions[i];
        PyObject *row = Py_BuildValue(
            "{s:i,s:I,s:i,s:i,s:K,s:K,s:O}", "kind", (int)r->at.kind, "offset",
            (unsigned)r->at.offset, "n_stack", (int)r->at.n_stack, "flags",
            (int)r->at.flags, "entries", (unsigned long long)r->entries,
            "early", (unsigned long long)r->early, "off",
            r->off ? Py_True : Py_False);
        if (row == NULL || PyList_Append(list, row) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(row);
    }
    return list;
}

static PyObject *
py_optimizer_module(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(arg))
{
    static PyObject *view;
    if (view == NULL) {
        view = pyaot_host_view();
    }
    return Py_XNewRef(view);
}

static PyMethodDef methods[] = {
    {"install", py_install, METH_VARARGS,
     "install([cache_dir]) -> bool: run natively from this cache"},
    {"uninstall", py_uninstall, METH_NOARGS,
     "uninstall(): leave everything as it was before"},
    {"stats", py_stats, METH_NOARGS, "stats() -> dict, as PYAOT_STATS"},
    {"optimizer_module", py_optimizer_module, METH_NOARGS,
     "optimizer_module() -> the module pyaot.optimizer"},
    {"load_unit", py_load_unit, METH_O,
     "load_unit(path) -> int: for tests, match a unit outside any cache"},
    {"on_exit", py_on_exit, METH_O,
     "on_exit(f): for tests, f gets [(code, offset, cells)] of the frames "
     "that "
     "an exit has left, innermost first; None: no more"},
    {"frame_cells", py_frame_cells, METH_VARARGS,
     "frame_cells(frame, n): for tests, its first cells"},
    {"code_key", py_code_key, METH_O, "code_key(code) -> str"},
    {"code_filter", py_code_filter, METH_O, "code_filter(code) -> int"},
    {"regions", py_regions, METH_O,
     "regions(code) -> list of dicts, one for each executor"},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_pyaot_loader",
    .m_size = -1,
    .m_methods = methods,
};

PyMODINIT_FUNC
PyInit__pyaot_loader(void)
{
    if (pyaot_pycode_check_host() < 0 || pyaot_host_init() < 0) {
        return NULL;
    }
    return PyModule_Create(&module);
}
