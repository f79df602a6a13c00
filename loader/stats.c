/* What happened, for people (PYAOT_VERBOSE) and for programs (PYAOT_STATS). */
#include "loader_int.h"

#include <stdio.h>
#include <string.h>

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

static void
write_stats_file(void)
{
    StrBuf out;
    strbuf_init(&out, 0);
    json_all(&out);
    FILE *f = fopen(loader.stats_file, "we");
    bool ok = f != NULL && strbuf_status(&out) == PYAOT_OK
              && fwrite(strbuf_text(&out), 1, out.len, f) == out.len;
    if (f != NULL && fclose(f) != 0) {
        ok = false;
    }
    if (!ok && loader.verbose > 0) {
        fprintf(stderr, "pyaot: cannot write %s\n", loader.stats_file);
    }
    strbuf_free(&out);
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
