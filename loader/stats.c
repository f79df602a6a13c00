/* What happened, for people (PYAOT_VERBOSE) and for programs (PYAOT_STATS). */
#include "loader_int.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cache/base/strbuf.h"
#include "cache/pycode/early_end.h"

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
            n += cs->regions[i].entries;
        }
    }
    return n;
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
        {"low_stack_entries", pyaot_host_low_stack_entries()},
    };
    strbuf_adds(out, "{\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        strbuf_printf(out, "  \"%s\": %llu,\n", rows[i].name,
                      (unsigned long long)rows[i].value);
    }
    strbuf_printf(out, "  \"native_seconds\": %.6f,\n",
                  (double)loader.native_ns * 1e-9);
    json_counts(out);
    strbuf_adds(out, "}\n");
}

/* The file of this process: %p is its number. */
static void
stats_path(StrBuf *path)
{
    for (const char *p = loader.stats_file; *p != '\0'; p++) {
        if (p[0] == '%' && p[1] == 'p') {
            strbuf_printf(path, "%ld", (long)getpid());
            p++;
        }
        else {
            strbuf_addc(path, *p);
        }
    }
}

/* In one step: of processes that share a name the last one's is whole. */
static void
write_stats_file(void)
{
    StrBuf out, path, new_path;
    strbuf_init(&out, 0);
    strbuf_init(&path, 0);
    strbuf_init(&new_path, 0);
    json_all(&out);
    stats_path(&path);
    strbuf_printf(&new_path, "%s.%ld~", strbuf_text(&path), (long)getpid());
    bool ok = strbuf_status(&out) == PYAOT_OK
              && strbuf_status(&path) == PYAOT_OK
              && strbuf_status(&new_path) == PYAOT_OK;
    FILE *f = ok ? fopen(strbuf_text(&new_path), "we") : NULL;
    ok = f != NULL && fwrite(strbuf_text(&out), 1, out.len, f) == out.len;
    if (f != NULL && fclose(f) != 0) {
        ok = false;
    }
    if (ok && rename(strbuf_text(&new_path), strbuf_text(&path)) != 0) {
        ok = false;
    }
    if (!ok && f != NULL) {
        unlink(strbuf_text(&new_path));
    }
    if (!ok && loader.verbose > 0) {
        fprintf(stderr, "pyaot: cannot write %s\n", strbuf_text(&path));
    }
    strbuf_free(&out);
    strbuf_free(&path);
    strbuf_free(&new_path);
}

/* Which process this is, as `ps` shows it. */
static void
print_process(StrBuf *out)
{
    char line[200];
    FILE *f = fopen("/proc/self/cmdline", "re");
    size_t n = f != NULL ? fread(line, 1, sizeof line, f) : 0;
    if (f != NULL) {
        fclose(f);
    }
    strbuf_printf(out, "pyaot: process %ld:", (long)getpid());
    for (size_t i = 0; i < n; i++) {
        char before = i > 0 ? line[i - 1] : '\0';
        if (line[i] != '\0') {
            strbuf_adds(out, before == '\0' ? " " : "");
            strbuf_addc(out, line[i] >= ' ' ? line[i] : '?');
        }
    }
    strbuf_adds(out, n == sizeof line ? " ...\n" : "\n");
}

static void
print_regions(StrBuf *out)
{
    for (const CodeState *cs = loader.codes; cs != NULL; cs = cs->next) {
        const char *name = PyUnicode_AsUTF8(cs->code->co_qualname);
        PyErr_Clear();
        for (uint32_t i = 0; i < cs->n_regions; i++) {
            const RegionState *r = &cs->regions[i];
            strbuf_printf(
                out, "pyaot:   %s %s%u%s: entered %llu, left early %llu%s\n",
                name != NULL ? name : "?",
                r->at.kind == PYAOT_REGION_ENTRY    ? "entry "
                : r->at.kind == PYAOT_REGION_RESUME ? "resume at "
                                                    : "loop at ",
                r->at.offset, r->direct ? " (linked)" : "",
                (unsigned long long)r->entries, (unsigned long long)r->early,
                r->off ? ", switched off" : "");
        }
    }
}

static void
print_report(void)
{
    StrBuf out;
    strbuf_init(&out, 0);
    print_process(&out);
    strbuf_printf(
        &out,
        "pyaot: %llu code objects matched, %llu executors registered, "
        "entered %llu times, %.3f s in native code\n",
        (unsigned long long)loader.code_matched,
        (unsigned long long)loader.executors_registered,
        (unsigned long long)count_entered(), (double)loader.native_ns * 1e-9);
    for (int i = 0; i < LOADER_MAX_REASONS; i++) {
        if (loader.exits[i] > 0) {
            strbuf_printf(&out, "pyaot: left native code %llu times: %s\n",
                          (unsigned long long)loader.exits[i],
                          loader.exit_names[i] != NULL ? loader.exit_names[i]
                                                       : "unnamed");
        }
    }
    for (int i = 0; i < LOADER_MAX_REFUSALS; i++) {
        if (loader.refused[i].name != NULL) {
            strbuf_printf(&out, "pyaot: refused %llu times: %s\n",
                          (unsigned long long)loader.refused[i].count,
                          loader.refused[i].name);
        }
    }
    if (loader.executors_off > 0) {
        strbuf_printf(&out, "pyaot: %llu executors switched off\n",
                      (unsigned long long)loader.executors_off);
    }
    if (loader.verbose > 1) {
        print_regions(&out);
    }
    fwrite(strbuf_text(&out), 1, out.len, stderr);
    strbuf_free(&out);
}

void
stats_report(void)
{
    if (pyaot_host_gave_way()) {
        stats_refuse("the program took the optimizer's tool id");
    }
    if (loader.verbose > 0) {
        print_report();
    }
    if (loader.stats_file != NULL) {
        write_stats_file();
    }
}

/* --- processes ----------------------------------------------------------- */

/* os._exit, os.exec*: nobody comes by afterwards.  (If nothing could be
 * executed the process goes on, and tells of all of it again.) */
static void
ending_early(bool exits)
{
    PyObject *exc = PyErr_GetRaisedException();
    if (loader.installed && (exits || loader.stats_file != NULL)) {
        stats_report();
    }
    PyErr_SetRaisedException(exc);
}

/* A forked child tells of itself. */
static void
forget_parent(void)
{
    loader.executors_entered = loader.executors_off = 0;
    loader.code_seen = loader.code_candidates = 0;
    loader.frames_rebuilt = loader.slots_revoked = loader.native_ns = 0;
    memset(loader.exits, 0, sizeof loader.exits);
    memset(loader.refused, 0, sizeof loader.refused);
    for (CodeState *cs = loader.codes; cs != NULL; cs = cs->next) {
        for (uint32_t i = 0; i < cs->n_regions; i++) {
            RegionState *r = &cs->regions[i];
            r->entries = r->refused = r->early = r->early_base = 0;
        }
    }
}

void
stats_start(void)
{
    static bool watching;
    if (watching || (loader.verbose == 0 && loader.stats_file == NULL)) {
        return;
    }
    watching = true;
    pyaot_early_end_watch(ending_early);
    (void)pthread_atfork(NULL, NULL, forget_parent);
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
