/* Run a program as __main__ just as the python command would.
 *
 * The start script that calls this is itself a running __main__.  Its frame
 * is taken out of sight (nothing below the program's own frames), and its
 * names are cleared from the module, before the program's first instruction
 * runs.  Errors are printed by the same CPython functions as usual; SystemExit
 * goes back to where python runs the start script, which gives __main__ up
 * before it exits: finalisers then find it as they do without us. */
#define PYAOT_PROF_INTERNAL
#include "prof_int.h"

#include <errno.h>
#include <internal/pycore_runtime.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* Make __main__ what it is when python starts. */
static int
reset_main(PyObject *dict /* borrowed */)
{
    PyObject *machinery = NULL;
    PyObject *loader = NULL;
    PyObject *builtins = NULL;
    PyObject *annotations = NULL;
    int result = -1;
    machinery = PyImport_ImportModule("_frozen_importlib");
    if (machinery == NULL) {
        goto out;
    }
    loader = PyObject_GetAttrString(machinery, "BuiltinImporter");
    builtins = PyImport_ImportModule("builtins");
    annotations = PyDict_New();
    if (loader == NULL || builtins == NULL || annotations == NULL) {
        goto out;
    }
    PyDict_Clear(dict);
    PyObject *name = PyUnicode_InternFromString("__main__"); /* new */
    if (name == NULL || PyDict_SetItemString(dict, "__name__", name) < 0
        || PyDict_SetItemString(dict, "__doc__", Py_None) < 0
        || PyDict_SetItemString(dict, "__package__", Py_None) < 0
        || PyDict_SetItemString(dict, "__loader__", loader) < 0
        || PyDict_SetItemString(dict, "__spec__", Py_None) < 0
        || PyDict_SetItemString(dict, "__annotations__", annotations) < 0
        || PyDict_SetItemString(dict, "__builtins__", builtins) < 0) {
        Py_XDECREF(name);
        goto out;
    }
    Py_DECREF(name);
    result = 0;
out:
    Py_XDECREF(machinery);
    Py_XDECREF(loader);
    Py_XDECREF(builtins);
    Py_XDECREF(annotations);
    return result;
}

/* After Ctrl-C python dies of the signal, as shells expect, if this flag is
 * set when the main program has returned. */
static void
set_interrupted(int value)
{
    if (prof.runtime_is_known) {
        _PyRuntime.signals.unhandled_keyboard_interrupt = value;
    }
}

static bool
is_interrupted(void)
{
    return prof.runtime_is_known
           && _PyRuntime.signals.unhandled_keyboard_interrupt;
}

enum { EXITS = -1 }; /* a status: SystemExit is set */

static int
print_error(void)
{
    if (PyErr_ExceptionMatches(PyExc_SystemExit)) {
        return EXITS;
    }
    const bool interrupted = PyErr_ExceptionMatches(PyExc_KeyboardInterrupt);
    if (interrupted) {
        set_interrupted(1);
    }
    PyErr_Print();
    return interrupted ? 128 + SIGINT : 1;
}

static int
run_module(PyObject *name, bool alter_argv)
{
    PyObject *runpy = PyImport_ImportModule("runpy"); /* new */
    if (runpy == NULL) {
        return print_error();
    }
    set_interrupted(0);
    PyObject *result = PyObject_CallMethod(runpy, "_run_module_as_main", "OO",
                                           name,
                                           alter_argv ? Py_True : Py_False);
    Py_DECREF(runpy);
    if (result == NULL) {
        return print_error();
    }
    Py_DECREF(result);
    return 0;
}

static bool
is_compiled(const char *path, FILE *file)
{
    const size_t len = strlen(path);
    if (len > 4 && strcmp(path + len - 4, ".pyc") == 0) {
        return true;
    }
    unsigned char head[2];
    const bool read = fread(head, 1, 2, file) == 2;
    rewind(file);
    return read
           && (head[0] | head[1] << 8) == (PyImport_GetMagicNumber() & 0xFFFF);
}

static int
set_up_file(PyObject *dict, PyObject *path)
{
    PyObject *machinery = PyImport_ImportModule("_frozen_importlib_external");
    PyObject *loader = NULL;
    if (machinery != NULL) {
        loader = PyObject_CallMethod(machinery, "SourceFileLoader", "sO",
                                     "__main__", path);
    }
    const bool done = loader != NULL
                      && PyDict_SetItemString(dict, "__file__", path) == 0
                      && PyDict_SetItemString(dict, "__cached__", Py_None) == 0
                      && PyDict_SetItemString(dict, "__loader__", loader) == 0;
    Py_XDECREF(loader);
    Py_XDECREF(machinery);
    return done ? 0 : -1;
}

/* Errors do not matter; the current exception stays. */
static void
flush(const char *name)
{
    PyObject *error = PyErr_GetRaisedException(); /* new */
    PyObject *file = PySys_GetObject(name);       /* borrowed */
    PyObject *result = file != NULL ? PyObject_CallMethod(file, "flush", NULL)
                                    : NULL;
    Py_XDECREF(result);
    PyErr_Clear();
    PyErr_SetRaisedException(error);
}

/* PyRun_SimpleFile() but for SystemExit, at which that one exits. */
static int
run_source(FILE *file, const char *name, PyObject *path, PyObject *dict)
{
    if (set_up_file(dict, path) < 0) {
        fclose(file);
        return print_error();
    }
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    PyObject *result = PyRun_FileExFlags(file, name, Py_file_input, dict, dict,
                                         1, &flags); /* new */
    flush("stderr");
    flush("stdout");
    const int status = result != NULL ? 0 : print_error();
    Py_XDECREF(result);
    if (status != EXITS) { /* else they are there at the end, too */
        if (PyDict_DelItemString(dict, "__file__") < 0) {
            PyErr_Clear();
        }
        if (PyDict_DelItemString(dict, "__cached__") < 0) {
            PyErr_Clear();
        }
    }
    return status;
}

static int
run_file(PyObject *path, PyObject *dict)
{
    PyObject *bytes = PyUnicode_EncodeFSDefault(path); /* new */
    if (bytes == NULL) {
        return print_error();
    }
    const char *name = PyBytes_AS_STRING(bytes);
    FILE *file = fopen(name, "rbe");
    int status = 2;
    if (file == NULL) {
        PySys_FormatStderr(
            "pyaot: cannot open script %R: %s; check the path\n", path,
            strerror(errno));
    }
    else if (is_compiled(name, file)) {
        PyCompilerFlags flags = _PyCompilerFlags_INIT;
        status = PyRun_SimpleFileExFlags(file, name, 1, &flags) != 0;
    }
    else {
        status = run_source(file, name, path, dict);
    }
    Py_DECREF(bytes);
    return status;
}

/* Since 3.13 tracebacks show lines of -c; the first releases file them under
 * the file name, later ones under the code object.  Failures do not matter. */
static void
register_source(PyObject *code, PyObject *source)
{
    PyObject *linecache = PyImport_ImportModule("linecache"); /* new */
    PyObject *result = NULL;
    PyObject *name = PyUnicode_FromString("<string>"); /* new */
    if (linecache != NULL && name != NULL) {
        const int by_code = PyObject_HasAttrString(linecache,
                                                   "_interactive_cache");
        result = PyObject_CallMethod(linecache, "_register_code", "OOO",
                                     by_code ? code : name, source, name);
    }
    PyErr_Clear();
    Py_XDECREF(name);
    Py_XDECREF(result);
    Py_XDECREF(linecache);
}

static int
run_command(PyObject *source, PyObject *dict)
{
    const char *text = PyUnicode_AsUTF8(source);
    if (text == NULL) {
        PySys_WriteStderr("Unable to decode the command from the command "
                          "line:\n");
        return print_error();
    }
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    flags.cf_flags |= PyCF_IGNORE_COOKIE;
    PyObject *code = Py_CompileStringFlags(text, "<string>", Py_file_input,
                                           &flags); /* new */
    if (code == NULL) {
        return print_error();
    }
    register_source(code, source);
    set_interrupted(0);
    PyObject *result = PyEval_EvalCode(code, dict, dict); /* new */
    Py_DECREF(code);
    if (result == NULL) {
        return print_error();
    }
    Py_DECREF(result);
    return 0;
}

/* python takes these names out of __main__ when a script has ended, here the
 * start script; those of a module stay.  So they come back before anything of
 * the program's runs at exit.  Failures do not matter. */
static void
keep_file_names(PyObject *dict)
{
    PyObject *atexit = PyImport_ImportModule("atexit");        /* new */
    PyObject *update = PyObject_GetAttrString(dict, "update"); /* new */
    PyObject *names = PyDict_New();                            /* new */
    static const char *const taken[] = {"__file__", "__cached__"};
    for (size_t i = 0; names != NULL && i < 2; i++) {
        PyObject *value = PyDict_GetItemString(dict, taken[i]); /* borrowed */
        if (value != NULL) {
            PyDict_SetItemString(names, taken[i], value);
        }
    }
    if (atexit != NULL && update != NULL && names != NULL) {
        Py_XDECREF(
            PyObject_CallMethod(atexit, "register", "OO", update, names));
    }
    PyErr_Clear();
    Py_XDECREF(names);
    Py_XDECREF(update);
    Py_XDECREF(atexit);
}

/* run(kind, target); kind "file", "dir", "module" or "command".  A program
 * that ends by SystemExit raises it; one that fails comes back as
 * SystemExit, too, except after Ctrl-C, which python itself turns into the
 * signal when its main program has returned. */
PyObject *
prof_run(PyObject *self, PyObject *args)
{
    (void)self;
    const char *kind;
    PyObject *target;
    if (!PyArg_ParseTuple(args, "sU:run", &kind, &target)) {
        return NULL;
    }
    PyObject *main_module = PyImport_AddModule("__main__"); /* borrowed */
    if (main_module == NULL) {
        return NULL;
    }
    PyObject *dict = PyModule_GetDict(main_module); /* borrowed */
    Py_INCREF(target);
    if (reset_main(dict) < 0) {
        Py_DECREF(target);
        return NULL;
    }
    PyThreadState *tstate = PyThreadState_Get();
    PyaotFrame *hidden = pyaot_frame_current(tstate);
    pyaot_frame_set_current(tstate, NULL);
    tstate->py_recursion_remaining++; /* the hidden frame's share */
    int status;
    if (strcmp(kind, "module") == 0) {
        status = run_module(target, true);
    }
    else if (strcmp(kind, "dir") == 0) {
        PyObject *name = PyUnicode_FromString("__main__"); /* new */
        status = name != NULL ? run_module(name, false) : print_error();
        Py_XDECREF(name);
    }
    else if (strcmp(kind, "command") == 0) {
        status = run_command(target, dict);
    }
    else {
        status = run_file(target, dict);
    }
    tstate->py_recursion_remaining--;
    pyaot_frame_set_current(tstate, hidden);
    Py_DECREF(target);
    if (status == EXITS) {
        return NULL;
    }
    if (status == 0 && strcmp(kind, "file") != 0) {
        keep_file_names(dict);
    }
    if (status == 0 || is_interrupted()) {
        Py_RETURN_NONE;
    }
    PyObject *code = PyLong_FromLong(status); /* new */
    if (code != NULL) {
        PyErr_SetObject(PyExc_SystemExit, code);
        Py_DECREF(code);
    }
    return NULL;
}
