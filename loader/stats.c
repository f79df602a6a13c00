/* What happened, for people (PYAOT_VERBOSE) and for programs (PYAOT_STATS). */
#include "loader_int.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cache/base/strbuf.h"

void
stats_refuse_n(const char *reason, uint64_t n)
{
    if (reason == NULL) {
        reason = "unknown";
    }
    for (int i = 0; i < LOADER_MAX_REFUSALS; i++) {
        Counted *c = &loader.refused[i];
        if (c->name == NULL || c->name == reason
            || strcmp(c->name, reason) == 0) {
            c->name = reason;
            c->count += n;
            return;
        }
    }
}

void
stats_refuse(const char *reason)
{
    stats_refuse_n(reason, 1);
}

static void
json_counts(StrBuf *out)
{
    const char *comma = "";
    strbuf_adds(out, "  \"exits\": {");
    for (int i = 0; i < LOADER_MAX_REASONS; i++) {
        if (loader.exits[i] > 0) {
            strbuf_adds(out, comma);
            strbuf_json(out, loader.exit_names[i] != NULL
                                 ? loader.exit_names[i]
                                 : "unnamed");
            strbuf_printf(out, ": %llu", (unsigned long long)loader.exits[i]);
            comma = ", ";
        }
    }
    comma = "";
    strbuf_adds(out, "},\n  \"refused\": {");
    for (int i = 0; i < LOADER_MAX_REFUSALS; i++) {
        if (loader.refused[i].name != NULL) {
            strbuf_adds(out, comma);
            strbuf_json(out, loader.refused[i].name);
            strbuf_printf(out, ": %llu",
                          (unsigned long long)loader.refused[i].count);
            comma = ", ";
        }
    }
    strbuf_adds(out, "}\n");
}

static uint64_t
count_entered(void)
{
    uint64_t n = loader.executors_entered;
    for (const CodeState *cs = loader.codes; cs != NULL; cs = cs->next) {
        for (uint32_t i = 0; i < cs->n_regions; i++) {
            n += cs->regions[i].entries - cs->regions[i].parents_entries;
        }
    }
    return n;
}

/* What is native at this moment counts up to now. */
static double
native_seconds(void)
{
    const Thread *th = thread_current;
    uint64_t ns = loader.native_ns;
    if (loader.timing && th->native_depth > 0) {
        ns += clock_ns() - th->native_since;
    }
    return (double)ns * 1e-9;
}

static void
json_all(StrBuf *out)
{
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
        {"code_seen", loader.code_seen},
        {"code_candidates", loader.code_candidates},
        {"code_matched", loader.code_matched},
        {"executors_registered", loader.executors_registered},
        {"executors_entered", count_entered()},
        {"switched_off", loader.executors_off},
        {"frames_rebuilt", loader.frames_rebuilt},
        {"slots_revoked", loader.slots_revoked},
        {"low_stack_entries",
         pyaot_host_low_stack_entries() - loader.low_stack_before},
    };
    strbuf_adds(out, "{\n");
    if (loader.argv_json != NULL) {
        strbuf_printf(out, "  \"pid\": %d,\n  \"argv\": ", (int)getpid());
        strbuf_adds(out, loader.argv_json);
        strbuf_adds(out, ",\n");
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        strbuf_printf(out, "  \"%s\": %llu,\n", rows[i].name,
                      (unsigned long long)rows[i].value);
    }
    strbuf_printf(out, "  \"native_seconds\": %.6f,\n", native_seconds());
    json_counts(out);
    strbuf_adds(out, "}\n");
}

/* --- the file ------------------------------------------------------------ */

/* The file that this process has written, if its name is the process's own. */
static char own_file[PATH_MAX];

void
stats_forked(void)
{
    own_file[0] = '\0';
}

static const char PID_MARK[] = "%p";

/* PYAOT_STATS with the process's number; false if it is too long. */
static bool
stats_file_name(char name[PATH_MAX], bool *is_own)
{
    size_t len = 0;
    *is_own = false;
    for (const char *p = loader.stats_file; *p;) {
        int n;
        if (strncmp(p, PID_MARK, sizeof PID_MARK - 1) == 0) {
            n = snprintf(name + len, PATH_MAX - len, "%d", (int)getpid());
            p += sizeof PID_MARK - 1;
            *is_own = true;
        }
        else {
            n = snprintf(name + len, PATH_MAX - len, "%c", *p++);
        }
        len += (size_t)n;
        if (len >= PATH_MAX) {
            return false;
        }
    }
    return true;
}

static bool
write_to(const char *path, int flags, const StrBuf *text)
{
    int fd = open(path, flags | O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) {
        return false;
    }
    bool ok = process_write(fd, strbuf_text(text), text->len);
    return close(fd) == 0 && ok;
}

/* A file of the process's own is never one that is there already: a program
 * that was replaced by this one, in the same process, has left its own, too.
 */
static bool
keep_as_own(const char *temporary, const char *name)
{
    enum { MOST = 10000 };
    snprintf(own_file, sizeof own_file, "%s", name);
    for (int i = 2; i < MOST; i++) {
        if (link(temporary, own_file) == 0) {
            unlink(temporary);
            return true;
        }
        if (errno != EEXIST
            || snprintf(own_file, sizeof own_file, "%s.%d", name, i)
                   >= (int)sizeof own_file) {
            break;
        }
    }
    return rename(temporary, own_file) == 0; /* no links here */
}

/* All at once: others see the old file or the new one, and of several
 * processes that write to one name the last one stays.  What is no plain file,
 * or in a folder that may not be written to, is written in place. */
static bool
write_stats_file(const StrBuf *text)
{
    char name[PATH_MAX], temporary[PATH_MAX + 64];
    struct stat st;
    struct timespec now = {0};
    bool is_own;
    if (strbuf_status(text) != PYAOT_OK || !stats_file_name(name, &is_own)) {
        return false;
    }
    if (lstat(name, &st) == 0 && !S_ISREG(st.st_mode)) {
        return write_to(name, O_TRUNC, text);
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
    snprintf(temporary, sizeof temporary, "%s.%d-%lx.tmp", name, (int)getpid(),
             (unsigned long)now.tv_nsec);
    if (!write_to(temporary, O_EXCL, text)) {
        unlink(temporary);
        return errno != ENOSPC && write_to(name, O_TRUNC, text);
    }
    bool ok = is_own && own_file[0] == '\0'
                  ? keep_as_own(temporary, name)
                  : rename(temporary, is_own ? own_file : name) == 0;
    if (!ok) {
        unlink(temporary);
    }
    return ok;
}

/* --- the report ---------------------------------------------------------- */

static void
print_regions(StrBuf *out)
{
    for (const CodeState *cs = loader.codes; cs != NULL; cs = cs->next) {
        const char *name = PyUnicode_AsUTF8(cs->code->co_qualname);
        PyErr_Clear();
        for (uint32_t i = 0; i < cs->n_regions; i++) {
            const RegionState *r = &cs->regions[i];
            strbuf_printf(
                out,
                "pyaot[%d]:   %s %s%u%s: entered %llu, left early %llu%s\n",
                (int)getpid(), name != NULL ? name : "?",
                r->at.kind == PYAOT_REGION_ENTRY    ? "entry "
                : r->at.kind == PYAOT_REGION_RESUME ? "resume at "
                                                    : "loop at ",
                r->at.offset, r->direct ? " (linked)" : "",
                (unsigned long long)(r->entries - r->parents_entries),
                (unsigned long long)(r->early - r->parents_early),
                r->off ? ", switched off" : "");
        }
    }
}

static void
print_report(StrBuf *out)
{
    const int pid = (int)getpid();
    strbuf_printf(out,
                  "pyaot[%d]: %s: %llu code objects matched, %llu executors "
                  "registered, entered %llu times, %.3f s in native code\n",
                  pid, loader.command != NULL ? loader.command : "",
                  (unsigned long long)loader.code_matched,
                  (unsigned long long)loader.executors_registered,
                  (unsigned long long)count_entered(), native_seconds());
    for (int i = 0; i < LOADER_MAX_REASONS; i++) {
        if (loader.exits[i] > 0) {
            strbuf_printf(out, "pyaot[%d]: left native code %llu times: %s\n",
                          pid, (unsigned long long)loader.exits[i],
                          loader.exit_names[i] != NULL ? loader.exit_names[i]
                                                       : "unnamed");
        }
    }
    for (int i = 0; i < LOADER_MAX_REFUSALS; i++) {
        if (loader.refused[i].name != NULL) {
            strbuf_printf(out, "pyaot[%d]: refused %llu times: %s\n", pid,
                          (unsigned long long)loader.refused[i].count,
                          loader.refused[i].name);
        }
    }
    if (loader.executors_off > 0) {
        strbuf_printf(out, "pyaot[%d]: %llu executors switched off\n", pid,
                      (unsigned long long)loader.executors_off);
    }
}

static void
report(StrBuf *out, bool with_regions)
{
    if (pyaot_host_gave_way()) {
        stats_refuse("the program took the optimizer's tool id");
    }
    if (loader.verbose > 0) {
        print_report(out);
        if (loader.verbose > 1 && with_regions) {
            print_regions(out);
        }
        process_write(STDERR_FILENO, strbuf_text(out), out->len);
        strbuf_reset(out);
    }
    if (loader.stats_file != NULL) {
        json_all(out);
        if (!write_stats_file(out) && loader.verbose > 0) {
            strbuf_reset(out);
            strbuf_printf(out, "pyaot[%d]: cannot write %s\n", (int)getpid(),
                          loader.stats_file);
            process_write(STDERR_FILENO, strbuf_text(out), out->len);
        }
    }
}

static volatile sig_atomic_t is_reporting;

void
stats_report(void)
{
    StrBuf out;
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    is_reporting = true;
    strbuf_init(&out, 0);
    report(&out, true);
    strbuf_free(&out);
    is_reporting = false;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

/* Memory for the report of a process that may not ask for any; without it, it
 * ends silently. */
static StrBuf last_words;

bool
stats_prepare_dying(void)
{
    enum { LAST_WORDS_BYTES = 1 << 16 };
    strbuf_init(&last_words, LAST_WORDS_BYTES - 1);
    return strbuf_reserve(&last_words, LAST_WORDS_BYTES - 1);
}

void
stats_report_dying(void)
{
    enum { MOST_LOOKS = 2000 };
    const struct timespec millisecond = {.tv_nsec = 1000 * 1000};
    if (!is_reporting) {
        report(&last_words, false);
        return;
    }
    /* Another thread is at it: signals wait for those in their own. */
    for (int i = 0; is_reporting && i < MOST_LOOKS; i++) {
        nanosleep(&millisecond, NULL);
    }
}

PyObject *
stats_dict(void)
{
    StrBuf out;
    strbuf_init(&out, 0);
    json_all(&out);
    PyObject *text = PyUnicode_DecodeUTF8(strbuf_text(&out),
                                          (Py_ssize_t)out.len, "replace");
    strbuf_free(&out);
    PyObject *json = text != NULL ? PyImport_ImportModule("json") : NULL;
    PyObject *r = NULL;
    if (json != NULL) {
        r = PyObject_CallMethod(json, "loads", "O", text);
    }
    Py_XDECREF(json);
    Py_XDECREF(text);
    return r;
}
