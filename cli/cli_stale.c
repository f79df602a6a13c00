/* What of a profile no longer is in its source.
 *
 * A file whose content is as it was when it was recorded needs no second look.
 * Of the others the recorded interpreter is asked, without running them, which
 * code they hold now: edits elsewhere in a file leave the keys of its
 * functions as they were, and these are compiled as before. */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "profiler/profile_db.h"

typedef enum {
    SOURCE_CHANGED,
    SOURCE_MIXED, /* several contents were recorded, it has one of them */
    SOURCE_SAME,
    SOURCE_MISSING,
} SourceState;

typedef struct {
    char *filename;
    SourceState state;
    uint8_t hash[PYAOT_HASH_BYTES]; /* by now */
    uint32_t n_recorded;            /* contents */
    bool is_known;                  /* what code it holds now */
    size_t first_key, n_keys;       /* in Sources.keys */
    uint32_t n_gone;                /* recorded functions that it has not */
} Source;

typedef struct {
    Source *files;
    size_t n;
    PyaotKey *keys;
    size_t n_keys;
} Sources;

enum { MAX_NAMES = 3, MAX_ASKED = 1000 };

/* Prints, for each file named, "=N" and the keys of all code in it; nothing
 * if it cannot be compiled. The same for each level of -O: which one was
 * recorded is not known. */
static const char QUERY[] =
    "import sys, warnings\n"
    "from importlib.machinery import ExtensionFileLoader, ModuleSpec\n"
    "warnings.simplefilter('ignore')\n"
    "name, path = '_pyaot_loader', sys.argv[1]\n"
    "loader = ExtensionFileLoader(name, path)\n"
    "module = loader.create_module(ModuleSpec(name, loader, origin=path))\n"
    "loader.exec_module(module)\n"
    "def show(code):\n"
    "    lines.append(module.code_key(code))\n"
    "    for const in code.co_consts:\n"
    "        if isinstance(const, type(code)):\n"
    "            show(const)\n"
    "for number, file in enumerate(sys.argv[2:]):\n"
    "    lines = ['=%d' % number]\n"
    "    try:\n"
    "        with open(file, 'rb') as stream:\n"
    "            text = stream.read()\n"
    "        for level in range(3):\n"
    "            show(compile(text, file, 'exec', dont_inherit=True,\n"
    "                         optimize=level))\n"
    "    except Exception:\n"
    "        continue\n"
    "    print(*lines, sep='\\n')\n";

static void
add_source(void *self, const char *filename,
           const uint8_t hash[PYAOT_HASH_BYTES])
{
    Sources *sources = self;
    Source *last = sources->n > 0 ? &sources->files[sources->n - 1] : NULL;
    if (last == NULL || strcmp(last->filename, filename) != 0) {
        Source *files = realloc(sources->files,
                                (sources->n + 1) * sizeof(*files));
        if (files == NULL) {
            return;
        }
        sources->files = files;
        last = &files[sources->n++];
        *last = (Source){.filename = cli_text("%s", filename)};
        last->state = pyaot_hash_file(filename, PYAOT_PROFILE_SOURCE_MAX_BYTES,
                                      last->hash)
                          ? SOURCE_CHANGED
                          : SOURCE_MISSING;
    }
    last->n_recorded++;
    if (last->state != SOURCE_MISSING
        && memcmp(last->hash, hash, PYAOT_HASH_BYTES) == 0) {
        last->state = SOURCE_SAME;
    }
}

static bool
is_suspect(const Source *source)
{
    return source->state == SOURCE_CHANGED || source->state == SOURCE_MIXED;
}

static int
compare_keys(const void *a, const void *b)
{
    return memcmp(a, b, PYAOT_KEY_BYTES);
}

static bool
read_key(const char *hex, PyaotKey *key)
{
    for (size_t i = 0; i < PYAOT_KEY_BYTES; i++) {
        unsigned int byte;
        if (sscanf(hex + 2 * i, "%2x", &byte) != 1) {
            return false;
        }
        key->bytes[i] = (uint8_t)byte;
    }
    return true;
}

/* What QUERY printed; asked[N] is the source that "=N" is about. */
static void
read_answer(Sources *sources, Source **asked, size_t n_asked, char *text)
{
    Source *at = NULL;
    char *rest = NULL;
    sources->keys = calloc(strlen(text) / 33 + 1, sizeof(*sources->keys));
    for (char *line = strtok_r(text, "\n", &rest);
         sources->keys != NULL && line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        if (line[0] == '=') {
            const size_t number = strtoul(line + 1, NULL, 10);
            at = number < n_asked ? asked[number] : NULL;
            if (at != NULL) {
                at->is_known = true;
                at->first_key = sources->n_keys;
            }
        }
        else if (at != NULL
                 && read_key(line, &sources->keys[sources->n_keys])) {
            sources->n_keys++;
            at->n_keys++;
        }
    }
    for (size_t i = 0; i < n_asked; i++) {
        qsort(sources->keys + asked[i]->first_key, asked[i]->n_keys,
              sizeof(*sources->keys), compare_keys);
    }
}

/* The interpreter that was recorded, or another of its kind. */
static bool
find_recorded_python(const char *db, const char *named, CliPython *python)
{
    ProfileCommand command;
    char err[PYAOT_ERR_MAX];
    bool found = false;
    if (named == NULL
        && pyaot_profile_command(db, &command, err) == PYAOT_OK) {
        found = cli_python_try(command.executable, false, python, err);
        pyaot_profile_command_free(&command);
    }
    return found || cli_python_try(named, false, python, err);
}

static void
ask_python(Sources *sources, const char *db, const char *named)
{
    CliPaths paths = {0};
    CliPython python = {0};
    StrBuf out;
    size_t n_asked = 0;
    char **argv = calloc(sources->n + 8, sizeof(*argv));
    Source **asked = calloc(sources->n + 1, sizeof(*asked));
    if (argv == NULL || asked == NULL || !cli_paths_init(&paths)
        || !find_recorded_python(db, named, &python)) {
        goto out;
    }
    char *module = cli_text("%s/%s/_pyaot_loader.so", paths.lib, python.tag);
    char *const start[] = {python.executable, (char *)"-I",  (char *)"-S",
                           (char *)"-c",      (char *)QUERY, module};
    const size_t n_start = sizeof(start) / sizeof(start[0]);
    memcpy(argv, start, sizeof(start));
    for (size_t i = 0; i < sources->n && n_asked < MAX_ASKED; i++) {
        if (is_suspect(&sources->files[i])) {
            argv[n_start + n_asked] = sources->files[i].filename;
            asked[n_asked++] = &sources->files[i];
        }
    }
    if (cli_run(argv, &out, NULL) == 0 && out.data != NULL) {
        read_answer(sources, asked, n_asked, out.data);
    }
    strbuf_free(&out);
    free(module);
out:
    cli_python_free(&python);
    cli_paths_free(&paths);
    free(asked);
    free(argv);
}

static int
compare_source(const void *name, const void *source)
{
    return strcmp(name, ((const Source *)source)->filename);
}

/* Is this function, of that file, not there any more? */
static bool
is_gone(const Sources *sources, const Source *source, const PyaotKey *key)
{
    switch (source->state) {
    case SOURCE_MISSING:
        return true;
    case SOURCE_CHANGED:
    case SOURCE_MIXED:
        return source->is_known
               && bsearch(key, sources->keys + source->first_key,
                          source->n_keys, sizeof(*key), compare_keys)
                      == NULL;
    case SOURCE_SAME:
        break;
    }
    return false;
}

/* "a.py, b.py, c.py and 4 more" of those for which wanted holds. */
static char *
name_files(const Sources *sources, bool (*wanted)(const Source *))
{
    StrBuf text;
    size_t n = 0;
    strbuf_init(&text, 0);
    for (size_t i = 0; i < sources->n; i++) {
        const char *name = sources->files[i].filename;
        if (wanted(&sources->files[i]) && n++ < MAX_NAMES) {
            const char *slash = strrchr(name, '/');
            strbuf_adds(&text, n > 1 ? ", " : "");
            strbuf_adds(&text, slash != NULL ? slash + 1 : name);
        }
    }
    if (n > MAX_NAMES) {
        strbuf_printf(&text, " and %zu more", n - MAX_NAMES);
    }
    char *names = cli_text("%s", strbuf_text(&text));
    strbuf_free(&text);
    return names;
}

static bool
has_gone(const Source *source)
{
    return source->n_gone > 0;
}

static bool
is_unknown(const Source *source)
{
    return source->state == SOURCE_CHANGED && !source->is_known;
}

static void
say_stale(const Sources *sources, const char *shown, uint32_t n_gone,
          uint32_t n_codes)
{
    uint32_t n_unknown = 0;
    for (size_t i = 0; i < sources->n; i++) {
        n_unknown += is_unknown(&sources->files[i]);
    }
    if (n_gone > 0) {
        char *names = name_files(sources, has_gone);
        printf("%-10s %8u  of %u recorded functions are no longer in their "
               "source: %s\n",
               "stale", n_gone, n_codes, names);
        free(names);
    }
    if (n_unknown > 0) {
        char *names = name_files(sources, is_unknown);
        printf("%-10s %8u  source file%s since recorded: %s\n", "changed",
               n_unknown, n_unknown == 1 ? "" : "s", names);
        free(names);
    }
    if (n_gone + n_unknown > 0) {
        printf("%-10s %8s  what has changed runs uncompiled: remove %s and "
               "run pyaot profile again\n",
               "", "", shown);
    }
}

void
cli_tell_stale(const char *db, const char *shown, const char *python,
               const struct ProfileCode *codes, uint32_t n_codes, bool verbose)
{
    Sources sources = {0};
    char err[PYAOT_ERR_MAX];
    size_t n_suspect = 0, n_missing = 0;
    uint32_t n_gone = 0;
    if (pyaot_profile_sources(db, add_source, &sources, err) != PYAOT_OK) {
        goto out;
    }
    for (size_t i = 0; i < sources.n; i++) {
        Source *source = &sources.files[i];
        if (source->state == SOURCE_SAME && source->n_recorded > 1) {
            source->state = SOURCE_MIXED;
        }
        n_suspect += is_suspect(source);
        n_missing += source->state == SOURCE_MISSING;
    }
    if (n_missing == sources.n) {
        goto out; /* built where the program is not: nothing can be told */
    }
    if (n_suspect > 0) {
        ask_python(&sources, db, python);
    }
    for (uint32_t i = 0; n_suspect + n_missing > 0 && i < n_codes; i++) {
        Source *source = bsearch(codes[i].filename, sources.files, sources.n,
                                 sizeof(*sources.files), compare_source);
        if (source != NULL && is_gone(&sources, source, &codes[i].key)) {
            source->n_gone++;
            n_gone++;
            if (verbose) {
                fprintf(stderr, "pyaot: stale: %s (%s)\n", codes[i].qualname,
                        codes[i].filename);
            }
        }
    }
    say_stale(&sources, shown, n_gone, n_codes);
out:
    for (size_t i = 0; i < sources.n; i++) {
        free(sources.files[i].filename);
    }
    free(sources.files);
    free(sources.keys);
}
