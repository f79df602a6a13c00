/* The profiles that go into a cache: several become one, and what the cache
 * held of others is not lost without a word. */
#include "build_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "profiler/profile_db.h"

enum { MAX_LOST_NAMES = 3 };

static char *
join_names(const BuildOptions *options)
{
    StrBuf text;
    strbuf_init(&text, 0);
    for (uint32_t i = 0; i < options->n_inputs; i++) {
        strbuf_adds(&text, i == 0                       ? ""
                           : i + 1 == options->n_inputs ? " and "
                                                        : ", ");
        strbuf_adds(&text, options->inputs[i]);
    }
    char *names = cli_text("%s", strbuf_text(&text));
    strbuf_free(&text);
    return names;
}

PyaotStatus
build_open_inputs(BuildOptions *options, char *err)
{
    PyaotStatus status = PYAOT_OK;
    if (options->n_inputs == 0) {
        options->inputs[options->n_inputs++] = CLI_DEFAULT_DB;
    }
    options->db = options->inputs[0];
    options->shown = join_names(options);
    if (options->n_inputs == 1) {
        return PYAOT_OK;
    }
    const char *folder = getenv("TMPDIR");
    char *path = cli_text("%s/pyaot-profiles-XXXXXX",
                          folder != NULL && folder[0] ? folder : "/tmp");
    int fd = mkstemp(path);
    PYAOT_CHECK_ERR(fd >= 0, err, PYAOT_E_IO,
                    "cannot make %s; name another folder with TMPDIR", path);
    close(fd);
    options->db = path;
    path = NULL;
    for (uint32_t i = 0; i < options->n_inputs; i++) {
        PYAOT_TRY(pyaot_profile_merge(options->inputs[i], options->db, err));
    }
out:
    free(path);
    return status;
}

void
build_close_inputs(BuildOptions *options, char *err)
{
    if (options->n_inputs > 1 && options->db != options->inputs[0]) {
        char *at = strstr(err, options->db);
        if (at != NULL) {
            char *text = cli_text("%.*s%s%s", (int)(at - err), err,
                                  options->shown, at + strlen(options->db));
            pyaot_error(err, PYAOT_OK, "%s", text);
            free(text);
        }
        unlink(options->db);
        free((char *)options->db);
    }
    free((char *)options->shown);
}

static int
compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The files of all that was recorded, in order; malloc'ed. */
static const char **
recorded_files(const CliPlan *plan)
{
    const char **names = calloc(plan->n_profiled + 1, sizeof(*names));
    for (uint32_t i = 0; names != NULL && i < plan->n_profiled; i++) {
        names[i] = plan->codes[i].filename;
    }
    if (names != NULL) {
        qsort(names, plan->n_profiled, sizeof(*names), compare_names);
    }
    return names;
}

void
build_note_lost(Build *build)
{
    PyaotCache *old = NULL;
    PyaotCacheInfo info;
    char err[PYAOT_ERR_MAX];
    if (build->options->source != NULL
        || pyaot_cache_open(build->options->dir, NULL, 0, &old, err)
               != PYAOT_OK) {
        return;
    }
    const char **names = recorded_files(build->plan);
    StrBuf text;
    uint32_t n = 0;
    strbuf_init(&text, 0);
    pyaot_cache_info(old, &info);
    for (uint32_t i = 0; names != NULL && i < info.n_units; i++) {
        PyaotCacheUnitInfo unit;
        pyaot_cache_unit_info(old, i, &unit);
        if (bsearch(&unit.source, names, build->plan->n_profiled,
                    sizeof(*names), compare_names)
            == NULL) {
            build->n_lost += unit.n_codes;
            if (n++ < MAX_LOST_NAMES) {
                strbuf_printf(&text, "%s%s", n > 1 ? ", " : "", unit.source);
            }
        }
    }
    if (n > MAX_LOST_NAMES) {
        strbuf_printf(&text, " and %u more", n - MAX_LOST_NAMES);
    }
    build->lost = cli_text("%s", strbuf_text(&text));
    strbuf_free(&text);
    free(names);
    pyaot_cache_close(old);
}

void
build_tell_lost(Build *build)
{
    if (build->n_lost > 0) {
        cli_fail("%s held %u code object%s more, of files that %s %s not "
                 "know (%s): gone from it now; to serve both, build with -i "
                 "for each profile, or to another folder with -o DIR",
                 build->options->dir, build->n_lost,
                 build->n_lost == 1 ? "" : "s", build->options->shown,
                 build->options->n_inputs == 1 ? "does" : "do", build->lost);
    }
    free(build->lost);
}
