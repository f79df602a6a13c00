/* What shapes the units: compiler, flags, headers, their own text.  Its hash
 * tells whether a unit of the old cache can stay. */
#include "build_int.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "profiler/profile_db.h"

enum {
    MAX_HEADER_BYTES = 1 << 24,
    EVERYTHING_LEVEL = 0, /* -O0: only to be right */
    BEST_LEVEL = 2,
    /* for what is cold, or so large that it takes long */
    CHEAP_LEVEL = 1,
    /* In IR instructions: the first of a function, on which compilers get
     * slow, the second of a unit; what is larger is one code object. */
    MAX_BEST_FUNCTION = 3000,
    MAX_BEST_UNIT = 10000,
};

/* --- where the headers are ----------------------------------------------- */

/* The first of the folders that needs no interpreter to ask: the profiled
 * interpreter's, the one pyaot was built with, the system's; malloc'ed. */
static char *
build_known_include(const char *db, const char *abi)
{
    char *places[] = {
        pyaot_profile_meta(db, "python_include"),
        cli_text("%s", PYAOT_PYTHON_INCLUDE),
        cli_text("/usr/include/python3.%u", cli_abi_minor(abi)),
        cli_text("/usr/local/include/python3.%u", cli_abi_minor(abi)),
    };
    char *found = NULL;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (found == NULL && places[i] != NULL
            && cli_headers_minor(places[i]) == cli_abi_minor(abi)) {
            found = places[i];
        }
        else {
            free(places[i]);
        }
    }
    return found;
}

/* The include folder to compile with, malloc'ed; NULL: err says why not. */
static char *
build_find_include(const BuildOptions *options, const char *abi, char *err)
{
    CliPython python;
    char said[PYAOT_ERR_MAX] = "";
    char *include = NULL;
    if (options->python == NULL) {
        include = build_known_include(options->db, abi);
        if (include != NULL) {
            return include;
        }
    }
    if (!cli_python_try(options->python, true, &python, said)) {
        if (options->python != NULL) {
            pyaot_error(err, PYAOT_E_NOENT, "%s", said);
            return NULL;
        }
        pyaot_error(err, PYAOT_E_NOENT,
                    "no headers of CPython 3.%u here; install them (Debian: "
                    "apt-get install python3-dev), or name an interpreter "
                    "with --python PY",
                    cli_abi_minor(abi));
        return NULL;
    }
    if (strcmp(python.abi, abi) != 0) {
        pyaot_error(err, PYAOT_E_ABI,
                    "the profile is of %s, %s is %s; name another with "
                    "--python PY",
                    abi, python.executable, python.abi);
    }
    else if (!cli_has_headers(python.include)) {
        pyaot_error(err, PYAOT_E_NOENT,
                    "the headers of Python %s are not installed (no %s/"
                    "Python.h); Debian: apt-get install python3-dev",
                    python.version, python.include);
    }
    else {
        include = cli_text("%s", python.include);
    }
    cli_python_free(&python);
    return include;
}

/* The compiler, without flags yet, and the headers. */
PyaotStatus
build_find_compiler(Build *build)
{
    PyaotStatus status = PYAOT_OK;
    PYAOT_CHECK_ERR(cli_compiler_find(&build->compiler, build->err), NULL,
                    PYAOT_E_COMPILER, "no compiler");
    build->include = build_find_include(build->options, build->plan->abi,
                                        build->err);
    PYAOT_CHECK_ERR(build->include != NULL, NULL, PYAOT_E_NOENT, "no headers");
    PYAOT_CHECK_ERR(cli_paths_init(&build->paths), build->err, PYAOT_E_IO,
                    "cannot find my own folder");
out:
    return status;
}

/* --- hashes -------------------------------------------------------------- */

void
build_add_file(StrBuf *text, char *path)
{
    size_t len = 0;
    char *content = cli_read_file(path, MAX_HEADER_BYTES, &len);
    strbuf_add(text, content != NULL ? content : "", len);
    free(content);
    free(path);
}

static int
is_shown(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Append all of our headers, in the order of their names. */
static void
add_our_headers(const Build *build, StrBuf *text)
{
    struct dirent **names = NULL;
    char *folder = cli_text("%s/include", build->paths.share);
    int n = scandir(folder, &names, is_shown, alphasort);
    for (int i = 0; i < n; i++) {
        strbuf_add(text, names[i]->d_name, strlen(names[i]->d_name) + 1);
        build_add_file(text, cli_text("%s/%s", folder, names[i]->d_name));
        free(names[i]);
    }
    free(names);
    free(folder);
}

/* Append what shapes every unit: flags, the compiler and its version, the
 * interpreter's version, the operations that units include. */
static void
add_common_inputs(Build *build, StrBuf *text)
{
    cli_compiler_flags_text(text, &build->options->flags);
    cli_compiler_identity(&build->compiler, text);
    strbuf_u64(text, pyaot_cache_abi_hash(build->plan->abi));
    build_add_file(text, cli_text("%s/patchlevel.h", build->include));
    add_our_headers(build, text);
}

static int
unit_level(const BuildOptions *options, const CliUnit *unit)
{
    if (options->level >= 0) {
        return options->level;
    }
    if (options->everything) {
        return EVERYTHING_LEVEL;
    }
    return unit->is_hot && unit->largest <= MAX_BEST_FUNCTION
                   && unit->size <= MAX_BEST_UNIT
               ? BEST_LEVEL
               : CHEAP_LEVEL;
}

/* A hash of everything that shapes a unit's object. */
static void
hash_unit(BuildTask *task, const CliUnit *unit,
          const uint8_t common[PYAOT_HASH_BYTES], StrBuf *text)
{
    strbuf_reset(text);
    strbuf_add(text, common, PYAOT_HASH_BYTES);
    strbuf_adds(text, cli_compiler_level(task->level));
    strbuf_add(text, unit->module, strlen(unit->module) + 1);
    strbuf_add(text, unit->source, strlen(unit->source) + 1);
    strbuf_add(text, unit->c_text, unit->c_len);
    pyaot_hash128(text->data, text->len, task->input_hash);
}

PyaotStatus
build_make_tasks(Build *build, Arena *arena, uint8_t common[PYAOT_HASH_BYTES])
{
    PyaotStatus status = PYAOT_OK;
    const CliPlan *plan = build->plan;
    StrBuf text;
    strbuf_init(&text, 0);
    add_common_inputs(build, &text);
    PYAOT_CHECK_ERR(strbuf_status(&text) == PYAOT_OK, build->err,
                    PYAOT_E_NOMEM, "out of memory");
    pyaot_hash128(strbuf_text(&text), text.len, common);
    build->tasks = ARENA_NEW_ARRAY(arena, BuildTask, plan->n_units);
    for (uint32_t i = 0; i < plan->n_units; i++) {
        const CliUnit *unit = &plan->units[i];
        PYAOT_CHECK_ERR(strbuf_reserve(&text, unit->c_len + 4096)
                            && build->tasks != NULL,
                        build->err, PYAOT_E_NOMEM, "out of memory");
        BuildTask *task = &build->tasks[i];
        build->weight += unit->weight;
        task->level = unit_level(build->options, unit);
        task->cost = build_progress_cost(unit->c_len, task->level);
        hash_unit(task, unit, common, &text);
    }
out:
    strbuf_free(&text);
    return status;
}

/* --- what has to be compiled --------------------------------------------- */

void
build_spec(const Build *build, uint32_t unit, PyaotCacheUnitSpec *spec)
{
    const CliUnit *plan = &build->plan->units[unit];
    *spec = (PyaotCacheUnitSpec){
        .module = plan->module,
        .source = plan->source,
        .codes = plan->codes,
        .n_codes = plan->n_codes,
    };
    memcpy(spec->input_hash, build->tasks[unit].input_hash, PYAOT_HASH_BYTES);
}

/* Where the time is limited, what is hottest comes first; else what takes
 * longest, so that compilers end together. */
static int
compare_urgency(const void *left, const void *right, void *arg)
{
    const Build *build = arg;
    const uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    if (build->options->max_seconds > 0) {
        const uint64_t x = build->plan->units[a].weight;
        const uint64_t y = build->plan->units[b].weight;
        if (x != y) {
            return x > y ? -1 : 1;
        }
    }
    const double x = build->tasks[a].cost, y = build->tasks[b].cost;
    return x != y ? (x > y ? -1 : 1) : (a > b) - (a < b);
}

PyaotStatus
build_sort_units(Build *build, Arena *arena)
{
    PyaotStatus status = PYAOT_OK;
    build->queue = ARENA_NEW_ARRAY(arena, uint32_t, build->plan->n_units);
    PYAOT_CHECK_ERR(build->queue != NULL, build->err, PYAOT_E_NOMEM,
                    "out of memory");
    for (uint32_t i = 0; i < build->plan->n_units; i++) {
        PyaotCacheUnitSpec spec;
        build_spec(build, i, &spec);
        PyaotStatus reused = PYAOT_E_NOENT;
        if (!build->options->force) {
            reused = pyaot_cache_writer_reuse_unit(build->writer, &spec,
                                                   build->err);
        }
        if (reused == PYAOT_OK) {
            build->tasks[i].is_done = true;
            build->n_done++;
        }
        else {
            build->queue[build->n_queue++] = i;
        }
    }
    qsort_r(build->queue, build->n_queue, sizeof(*build->queue),
            compare_urgency, build);
out:
    return status;
}
