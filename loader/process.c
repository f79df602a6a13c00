/* The process that is told of: its number and command line, what a fork makes
 * of the counters, and the ways it ends without atexit.
 *
 * Only for those who ask for a report: to all others nothing here is done. */
#include "loader_int.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cache/base/strbuf.h"
#include "cache/pycode/process_end.h"

enum {
    MAX_COMMAND_BYTES = 1 << 20,
    SHOWN_COMMAND_BYTES = 100, /* of a line for people */
};

void
process_say(const char *fmt, ...)
{
    StrBuf line;
    va_list args;
    strbuf_init(&line, 0);
    strbuf_printf(&line, "pyaot[%d]: ", (int)getpid());
    va_start(args, fmt);
    strbuf_vprintf(&line, fmt, args);
    va_end(args);
    strbuf_addc(&line, '\n');
    process_write(STDERR_FILENO, strbuf_text(&line), line.len);
    strbuf_free(&line);
}

bool
process_write(int fd, const char *text, size_t len)
{
    while (len > 0) {
        const ssize_t n = write(fd, text, len);
        if (n <= 0) {
            return false;
        }
        text += n;
        len -= (size_t)n;
    }
    return true;
}

/* --- the command line ---------------------------------------------------- */

/* As sys.argv has it: bytes that are no UTF-8 become lone surrogates. */
static void
add_json(StrBuf *out, const char *text)
{
    PyObject *decoded = PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text),
                                             "strict"); /* new */
    if (decoded != NULL) {
        Py_DECREF(decoded);
        strbuf_json(out, text);
        return;
    }
    PyErr_Clear();
    strbuf_addc(out, '"');
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (*p >= 0x80 || *p < 0x20 || *p == '"' || *p == '\\') {
            strbuf_printf(out, "\\u%04x", *p >= 0x80 ? 0xdc00 + *p : *p);
        }
        else {
            strbuf_addc(out, (char)*p);
        }
    }
    strbuf_addc(out, '"');
}

/* For people: the arguments without the interpreter, on one line. */
static void
add_shown(StrBuf *out, const char *text)
{
    for (const char *p = text; *p && out->len < SHOWN_COMMAND_BYTES; p++) {
        strbuf_addc(out, (unsigned char)*p < 0x20 ? ' ' : *p);
    }
}

void
process_read_command(void)
{
    StrBuf raw, json, shown;
    char piece[4096];
    ssize_t n = 0;
    strbuf_init(&raw, MAX_COMMAND_BYTES);
    strbuf_init(&json, 0);
    strbuf_init(&shown, 0);
    int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && (n = read(fd, piece, sizeof piece)) > 0) {
        strbuf_add(&raw, piece, (size_t)n);
    }
    if (fd >= 0) {
        close(fd);
    }
    strbuf_addc(&json, '[');
    for (size_t at = 0; at < raw.len; at += strlen(raw.data + at) + 1) {
        const char *text = raw.data + at;
        strbuf_adds(&json, at > 0 ? ", " : "");
        add_json(&json, text);
        if (at > 0) {
            strbuf_adds(&shown, shown.len > 0 ? " " : "");
            add_shown(&shown, text);
        }
    }
    strbuf_addc(&json, ']');
    if (shown.len >= SHOWN_COMMAND_BYTES) {
        strbuf_adds(&shown, "...");
    }
    if (shown.len == 0) {
        strbuf_adds(&shown, raw.len > 0 ? raw.data : "python");
    }
    free(loader.argv_json);
    free(loader.command);
    loader.argv_json = strbuf_detach(&json, NULL);
    loader.command = strbuf_detach(&shown, NULL);
    strbuf_free(&raw);
}

/* --- fork ---------------------------------------------------------------- */

/* What has happened before is the parent's to tell; what is there (matched
 * code, executors) is the child's as well. */
static PyObject *
after_fork(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(arg))
{
    loader.executors_entered = 0;
    loader.frames_rebuilt = loader.slots_revoked = 0;
    loader.low_stack_before = pyaot_host_low_stack_entries();
    loader.native_ns = 0;
    if (thread_current->native_depth > 0) {
        thread_current->native_since = clock_ns();
    }
    memset(loader.exits, 0, sizeof loader.exits);
    memset(loader.refused, 0, sizeof loader.refused);
    for (CodeState *cs = loader.codes; cs != NULL; cs = cs->next) {
        for (uint32_t i = 0; i < cs->n_regions; i++) {
            cs->regions[i].parents_entries = cs->regions[i].entries;
            cs->regions[i].parents_early = cs->regions[i].early;
        }
    }
    stats_forked();
    Py_RETURN_NONE;
}

static PyMethodDef after_fork_method = {"pyaot_after_fork", after_fork,
                                        METH_NOARGS, NULL};

static void
hook_fork(void)
{
    PyObject *posix = PyImport_ImportModule("posix");           /* new */
    PyObject *names = Py_BuildValue("(s)", "after_in_child");   /* new */
    PyObject *hook = PyCFunction_New(&after_fork_method, NULL); /* new */
    PyObject *set = NULL, *done = NULL;
    if (posix != NULL && names != NULL && hook != NULL) {
        set = PyObject_GetAttrString(posix, "register_at_fork"); /* new */
    }
    if (set != NULL) {
        done = PyObject_Vectorcall(set, &hook, 0, names); /* new */
    }
    PyErr_Clear(); /* then children tell of their parents' doings, too */
    Py_XDECREF(done);
    Py_XDECREF(set);
    Py_XDECREF(hook);
    Py_XDECREF(names);
    Py_XDECREF(posix);
}

/* --- ends ---------------------------------------------------------------- */

static void
before_end(bool is_exec)
{
    (void)is_exec;
    /* Another interpreter's thread does not hold ours. */
    if (loader.installed
        && PyInterpreterState_Get() == PyInterpreterState_Main()) {
        stats_report();
    }
}

/* multiprocessing.Pool ends its workers by SIGTERM.  What the program does
 * with the signal replaces this; to Python it has its default meaning. */
static void
on_terminate(int number)
{
    if (loader.installed) {
        stats_report_dying();
    }
    raise(number); /* blocked until we return, and then by default */
}

static void
hook_terminate(void)
{
    struct sigaction old;
    struct sigaction new = {.sa_handler = on_terminate,
                            .sa_flags = SA_RESETHAND | SA_ONSTACK};
    sigemptyset(&new.sa_mask);
    if (stats_prepare_dying() && sigaction(SIGTERM, NULL, &old) == 0
        && !(old.sa_flags & SA_SIGINFO) && old.sa_handler == SIG_DFL) {
        sigaction(SIGTERM, &new, NULL);
    }
}

void
process_start(void)
{
    static bool is_hooked;
    process_read_command();
    if (!is_hooked) {
        is_hooked = true;
        hook_fork();
        pyaot_process_end_hook(before_end);
        hook_terminate();
    }
}
