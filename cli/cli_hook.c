/* The start-up hook in the site-packages of an interpreter or virtual
 * environment.
 *
 * Three files.  The hook proper is read at each start and does nothing unless
 * PYAOT_CACHE is set; then it imports _pyaot_start.py, which does nothing if
 * that is empty, the environment is ignored (-E, -I) or PYAOT is 0, and else
 * loads the loader from where this pyaot is.  A missing or failing loader is
 * silent, unless PYAOT_VERBOSE asks, or PYAOT_MODE=strict makes it an error.
 * pyaot.py is for programs that say `import pyaot.optimizer`.
 *
 * The hook proper is what costs those who do not use it, so it is of the kind
 * that is cheapest in this interpreter:
 *
 *   sitecustomize.py       `site` looks for it at each start.  Where nobody
 *                          has one, its bytecode costs little more than
 *                          finding nothing.
 *   pyaot.pth              one line, which `site` compiles at each start, in a
 *                          virtual environment twice.  Where there is no other
 *                          such file CPython also imports the codec that it
 *                          reads them with, which costs three times as much
 *                          again.
 *   apport_python_hook.py  Debian's and Ubuntu's own sitecustomize, which
 *                          would come before ours, looks for this module of a
 *                          crash reporter, and goes on if there is none.
 *                          Taken where a .pth would have to pay for the codec.
 *
 * The two modules are absent for everybody else: they end with the exception
 * that the interpreter raises when there is none, so nothing is left of them;
 * if the path has another one behind, that one is loaded in their place. */
#include "cli.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hook_absent.h"
#include "hook_module.h"
#include "hook_start.h"

static const char MARK[] = "# Written by `pyaot enable`";
static const char END_MARK[] = "# End of what `pyaot enable` wrote.\n";
static const char START_NAME[] = "_pyaot_start.py";
static const char MODULE_NAME[] = "pyaot.py";
enum {
    HOOK_MAX_BYTES = 1 << 16,
    MODULE_KINDS = CLI_HOOK_PTH, /* those that are modules come first */
};

/* Compiled at each start: the shorter, the cheaper.  posix.environ is what the
 * process was started with, a plain dict. */
static const char PTH_TEXT[] =
    "# Written by `pyaot enable`; `pyaot disable` removes it.\n"
    "import posix; "
    "b'PYAOT_CACHE' in posix.environ and __import__('_pyaot_start')\n";

/* A Python literal of a path. */
static char *
python_literal(const char *text)
{
    StrBuf buf;
    strbuf_init(&buf, 0);
    strbuf_addc(&buf, '\'');
    for (const char *p = text; *p; p++) {
        if (*p == '\'' || *p == '\\') {
            strbuf_addc(&buf, '\\');
        }
        if (*p == '\n') {
            strbuf_adds(&buf, "\\n");
        }
        else {
            strbuf_addc(&buf, *p);
        }
    }
    strbuf_addc(&buf, '\'');
    char *literal = strbuf_detach(&buf, NULL);
    if (literal == NULL) {
        cli_fail("out of memory");
        exit(CLI_EXIT_FAILED);
    }
    return literal;
}

/* A file's text, which names the folder of the extension modules. */
static char *
text_with_lib(const char *text, const CliPaths *paths)
{
    static const char place[] = "'@LIB@'";
    const char *at = strstr(text, place);
    char *literal = python_literal(paths->lib);
    char *whole = cli_text("%.*s%s%s", (int)(at - text), text, literal,
                           at + sizeof(place) - 1);
    free(literal);
    return whole;
}

/* --- the files ----------------------------------------------------------- */

typedef struct {
    const char *name;
    const char *text;
    /* others may have one of this name: it is ours only with the mark at its
     * end, so that who adds * lines keeps them */
    bool is_shared;
} HookFile;

static const HookFile KINDS[CLI_HOOK_KINDS] = {
    [CLI_HOOK_SITECUSTOMIZE] = {"sitecustomize.py", hook_absent_py, true},
    [CLI_HOOK_APPORT] = {"apport_python_hook.py", hook_absent_py, true},
    [CLI_HOOK_PTH] = {"pyaot.pth", PTH_TEXT, false},
};

typedef enum {
    FILE_ABSENT,
    FILE_AS_WANTED,
    FILE_OURS,    /* but different */
    FILE_CHANGED, /* ours once, and somebody else's by now */
    FILE_FOREIGN,
} FileState;

static char *
hook_file_path(const CliPython *python, const HookFile *file)
{
    return cli_text("%s/%s", python->site_packages, file->name);
}

static bool
ends_with(const char *text, size_t len, const char *end)
{
    const size_t end_len = strlen(end);
    return len >= end_len && memcmp(text + len - end_len, end, end_len) == 0;
}

static FileState
hook_file_state(const CliPython *python, const HookFile *file)
{
    char *path = hook_file_path(python, file);
    struct stat st;
    size_t len = 0;
    FileState state = FILE_FOREIGN;
    char *text = NULL;
    if (lstat(path, &st) != 0) {
        state = errno == ENOENT || errno == ENOTDIR ? FILE_ABSENT
                                                    : FILE_FOREIGN;
    }
    else if (S_ISREG(st.st_mode)) {
        text = cli_read_file(path, HOOK_MAX_BYTES, &len);
    }
    if (text != NULL && strncmp(text, MARK, sizeof(MARK) - 1) == 0) {
        state = strcmp(text, file->text) == 0 ? FILE_AS_WANTED
                : !file->is_shared || ends_with(text, len, END_MARK)
                    ? FILE_OURS
                    : FILE_CHANGED;
    }
    free(text);
    free(path);
    return state;
}

static int
hook_file_write(const CliPython *python, const HookFile *file)
{
    const FileState state = hook_file_state(python, file);
    char *path = hook_file_path(python, file);
    int status = CLI_EXIT_OK;
    if (state == FILE_FOREIGN || state == FILE_CHANGED) {
        status = cli_fail("%s exists and is not pyaot's; move it away", path);
    }
    else if (state != FILE_AS_WANTED
             && !cli_write_file(path, file->text, strlen(file->text))) {
        status = cli_fail("cannot write to %s: %s; use a virtual environment "
                          "(%s -m venv DIR) or ask the administrator",
                          python->site_packages, strerror(errno),
                          python->executable);
    }
    free(path);
    return status;
}

/* What the interpreter compiled of a file of ours. */
static void
hook_remove_bytecode(const CliPython *python, const HookFile *file)
{
    const size_t stem = strcspn(file->name, ".") + 1;
    if (strcmp(file->name + stem, "py") != 0) {
        return;
    }
    char *folder = cli_text("%s/__pycache__", python->site_packages);
    DIR *stream = opendir(folder);
    if (stream != NULL) {
        for (struct dirent *item; (item = readdir(stream)) != NULL;) {
            if (strncmp(item->d_name, file->name, stem) == 0) {
                unlinkat(dirfd(stream), item->d_name, 0);
            }
        }
        closedir(stream);
        (void)rmdir(folder); /* only if it was ours alone */
    }
    free(folder);
}

/* Remove a file of ours, if it is; *removed tells whether there was one. */
static int
hook_file_remove(const CliPython *python, const HookFile *file, bool *removed)
{
    const FileState state = hook_file_state(python, file);
    char *path = hook_file_path(python, file);
    int status = CLI_EXIT_OK;
    if (state == FILE_FOREIGN && !file->is_shared) {
        status = cli_fail("%s is not pyaot's; left as it is", path);
    }
    else if (state == FILE_OURS || state == FILE_AS_WANTED) {
        *removed = true;
        if (unlink(path) != 0) {
            status = cli_fail("cannot remove %s: %s; ask the owner of the "
                              "interpreter",
                              path, strerror(errno));
        }
    }
    if (status == CLI_EXIT_OK && hook_file_state(python, file) == FILE_ABSENT
        && (state != FILE_ABSENT || !file->is_shared)) {
        hook_remove_bytecode(python, file);
    }
    free(path);
    return status;
}

/* Compile a file now, for all levels of -O: programs that never write
 * bytecode would compile it at each start, which costs more than all the rest.
 * Bytecode that looks at the source's content, as it is made for reproducible
 * builds, would have it read at each start.  Failing is harmless. */
static void
hook_compile(const CliPython *python, const HookFile *file)
{
    char *path = hook_file_path(python, file);
    char *argv[] = {
        python->executable,
        (char *)"-I",
        (char *)"-B",
        (char *)"-c",
        (char
             *)"import py_compile, sys\n"
               "mode = py_compile.PycInvalidationMode.TIMESTAMP\n"
               "for level in range(3):\n"
               "    py_compile.compile(sys.argv[1], quiet=2, optimize=level,\n"
               "                       invalidation_mode=mode)\n",
        path,
        NULL,
    };
    cli_run(argv, NULL, NULL);
    free(path);
}

CliHookState
cli_hook_state(const CliPaths *paths, const CliPython *python,
               CliHookKind *kind)
{
    char *text = text_with_lib(hook_start_py, paths);
    const HookFile start = {START_NAME, text, false};
    bool is_whole = hook_file_state(python, &start) == FILE_AS_WANTED;
    free(text);
    *kind = CLI_HOOK_KINDS;
    for (int i = CLI_HOOK_KINDS - 1; i >= 0; i--) {
        const FileState state = hook_file_state(python, &KINDS[i]);
        if (state == FILE_AS_WANTED || state == FILE_OURS) {
            is_whole = is_whole && state == FILE_AS_WANTED
                       && *kind == CLI_HOOK_KINDS;
            *kind = (CliHookKind)i;
        }
    }
    return *kind == CLI_HOOK_KINDS ? CLI_HOOK_NONE
           : is_whole              ? CLI_HOOK_OURS
                                   : CLI_HOOK_OTHER;
}

char *
cli_hook_path(const CliPython *python, CliHookKind kind)
{
    return hook_file_path(python, &KINDS[kind]);
}

/* --- what the interpreter says ------------------------------------------- */

/* Started as any program: prints whether -E and -S were given (-I implies -E),
 * the start file that was imported, and for each name the module that comes
 * before ours on the path. */
static const char QUERY[] =
    "import os, sys\n"
    "from importlib.machinery import PathFinder\n"
    "real = os.path.realpath\n"
    "path = [folder for folder in sys.path if folder]\n"
    "own = [n for n, folder in enumerate(path)\n"
    "       if real(folder) == real(sys.argv[1])]\n"
    "flags = sys.flags\n"
    "lines = ['01'[flags.ignore_environment] + '01'[flags.no_site],\n"
    "         getattr(sys.modules.get('_pyaot_start'), '__file__', '')]\n"
    "for name in sys.argv[2:]:\n"
    "    spec = own and PathFinder.find_spec(name, path[:own[0]])\n"
    "    lines.append(spec and spec.origin or '')\n"
    "sys.stdout.flush()\n"
    "lines = ['', 'pyaot facts', *lines, '']\n"
    "os.write(1, os.fsencode('\\n'.join(lines)))\n";

typedef struct {
    StrBuf text;
    bool answered;
    bool ignores_environment, has_no_site;
    const char *start; /* the start file that ran, "" for none */
    const char *before[MODULE_KINDS]; /* who comes before ours; "" nobody */
} HookAnswer;

static void
hook_ask(const CliPython *python, const char *command, HookAnswer *answer)
{
    /* Enough for the hook, and nothing more. */
    char *settings[] = {(char *)"PYAOT_CACHE=/", (char *)"PYAOT=0",
                        (char *)"PYTHONINSPECT", NULL};
    char *argv[] = {
        (char *)command,
        (char *)"-B",
        (char *)"-c",
        (char *)QUERY,
        python->site_packages,
        (char *)"sitecustomize",
        (char *)"apport_python_hook",
        NULL,
    };
    char *facts[2 + MODULE_KINDS];
    const int status = cli_run_with(settings, argv, &answer->text, NULL);
    const size_t n = cli_split_facts(answer->text.data, facts,
                                     2 + MODULE_KINDS);
    answer->answered = status == 0 && n == 2 + MODULE_KINDS;
    answer->ignores_environment = answer->answered && facts[0][0] == '1';
    answer->has_no_site = answer->answered && facts[0][1] == '1';
    answer->start = answer->answered ? facts[1] : "";
    for (int i = 0; i < MODULE_KINDS; i++) {
        answer->before[i] = answer->answered ? facts[2 + i] : "";
    }
}

/* Was it the start file in this site-packages that ran? */
static bool
hook_was_started(const CliPython *python, const HookAnswer *answer)
{
    struct stat ran, ours;
    char *path = cli_text("%s/%s", python->site_packages, START_NAME);
    const bool is_same = answer->start[0] != '\0'
                         && stat(answer->start, &ran) == 0
                         && stat(path, &ours) == 0 && ran.st_dev == ours.st_dev
                         && ran.st_ino == ours.st_ino;
    free(path);
    return is_same;
}

char *
cli_hook_ignored(const CliPython *python)
{
    HookAnswer answer = {0};
    char *why = NULL;
    hook_ask(python, python->command, &answer);
    if (answer.ignores_environment) {
        why = cli_text("%s ignores the environment (it starts Python with -E "
                       "or -I), so PYAOT_CACHE does nothing: start Python "
                       "without",
                       python->command);
    }
    else if (answer.has_no_site) {
        why = cli_text("%s starts Python with -S, so the hook is not read: "
                       "start Python without",
                       python->command);
    }
    strbuf_free(&answer.text);
    return why;
}

char *
cli_hook_complaint(const CliPython *python, CliHookKind kind)
{
    HookAnswer answer = {0};
    hook_ask(python, python->executable, &answer);
    const char *before = (int)kind < MODULE_KINDS ? answer.before[kind] : "";
    char *path = cli_hook_path(python, kind);
    char *why = NULL;
    if (!answer.answered) {
        why = cli_text("%s does not start in this environment; start it by "
                       "itself to see why",
                       python->executable);
    }
    else if (!hook_was_started(python, &answer)) {
        why = before[0] != '\0'
                  ? cli_text("%s does not run, %s comes before it; run pyaot "
                             "enable --python %s again",
                             path, before, python->executable)
                  : cli_text("%s does not run when %s starts; run pyaot "
                             "enable --python %s again",
                             path, python->executable, python->executable);
    }
    free(path);
    strbuf_free(&answer.text);
    return why;
}

char *
cli_hook_missing(const CliPaths *paths, const CliPython *python)
{
    CliHookKind kind;
    if (cli_hook_state(paths, python, &kind) == CLI_HOOK_NONE) {
        return cli_text("%s does not load pyaot yet; run pyaot enable "
                        "--python %s first",
                        python->executable, python->executable);
    }
    return cli_hook_complaint(python, kind);
}

/* --- enable and disable -------------------------------------------------- */

/* Does the file import this module, or at least speak of it? */
static bool
names_module(const char *path, const char *module)
{
    size_t len = 0;
    char *text = path[0] != '\0' ? cli_read_file(path, HOOK_MAX_BYTES, &len)
                                 : NULL;
    const bool names = text != NULL && strstr(text, module) != NULL;
    free(text);
    return names;
}

/* May the hook be of this kind, by what the interpreter says? */
static bool
hook_suits(const CliPython *python, const HookAnswer *answer, CliHookKind kind)
{
    switch (kind) {
    case CLI_HOOK_SITECUSTOMIZE:
        return answer->answered && answer->before[kind][0] == '\0';
    case CLI_HOOK_APPORT:
        return answer->answered && answer->before[kind][0] == '\0'
               && !python->reads_pth
               && names_module(answer->before[CLI_HOOK_SITECUSTOMIZE],
                               "apport_python_hook");
    case CLI_HOOK_PTH:
    case CLI_HOOK_KINDS:
        break;
    }
    return true;
}

/* Write the hook and see that it runs; else leave nothing of it. */
static int
hook_try(const CliPython *python, CliHookKind kind, bool *runs)
{
    HookAnswer answer = {0};
    bool removed;
    int status = hook_file_write(python, &KINDS[kind]);
    *runs = status == CLI_EXIT_OK;
    if (status != CLI_EXIT_OK || kind == CLI_HOOK_PTH) {
        return status;
    }
    hook_compile(python, &KINDS[kind]);
    hook_ask(python, python->executable, &answer);
    *runs = answer.answered && answer.before[kind][0] == '\0'
            && hook_was_started(python, &answer);
    strbuf_free(&answer.text);
    return *runs ? CLI_EXIT_OK
                 : hook_file_remove(python, &KINDS[kind], &removed);
}

static int
hook_choose(const CliPython *python, CliHookKind *kind)
{
    HookAnswer answer = {0};
    bool runs = false, removed;
    int status = CLI_EXIT_OK;
    hook_ask(python, python->executable, &answer);
    for (int i = 0; i < CLI_HOOK_KINDS && !runs; i++) {
        const FileState state = hook_file_state(python, &KINDS[i]);
        const bool is_others = KINDS[i].is_shared
                               && (state == FILE_FOREIGN
                                   || state == FILE_CHANGED);
        *kind = (CliHookKind)i;
        if (!is_others && hook_suits(python, &answer, *kind)) {
            status = hook_try(python, *kind, &runs);
        }
        if (status != CLI_EXIT_OK) {
            break;
        }
    }
    strbuf_free(&answer.text);
    for (int i = 0; i < CLI_HOOK_KINDS && status == CLI_EXIT_OK; i++) {
        const FileState state = hook_file_state(python, &KINDS[i]);
        if (i != (int)*kind
            && (state == FILE_OURS || state == FILE_AS_WANTED)) {
            status = hook_file_remove(python, &KINDS[i], &removed);
        }
    }
    return status;
}

/* Debian's /usr/local/.../dist-packages may not exist yet. */
static void
make_folders(const char *path)
{
    char *copy = cli_text("%s", path);
    for (char *p = copy + 1; *p; p++) {
        if (*p == '/') {
            *p = '\0';
            mkdir(copy, 0755);
            *p = '/';
        }
    }
    mkdir(copy, 0755);
    free(copy);
}

int
cli_hook_enable(const CliPaths *paths, const CliPython *python,
                CliHookKind *kind)
{
    char *start_text = text_with_lib(hook_start_py, paths);
    char *module_text = text_with_lib(hook_module_py, paths);
    const HookFile module = {MODULE_NAME, module_text, false};
    const HookFile start = {START_NAME, start_text, false};
    const mode_t old_umask = umask(022); /* a hook serves every user */
    make_folders(python->site_packages);
    /* The hook proper last: it must never name a module that is not there. */
    int status = hook_file_write(python, &module);
    if (status == CLI_EXIT_OK) {
        status = hook_file_write(python, &start);
    }
    if (status == CLI_EXIT_OK) {
        hook_compile(python, &start);
        status = hook_choose(python, kind);
    }
    umask(old_umask);
    free(module_text);
    free(start_text);
    return status;
}

int
cli_hook_disable(const CliPython *python, bool *removed)
{
    const HookFile files[] = {
        KINDS[0],
        KINDS[1],
        KINDS[2],
        {START_NAME, "", false},
        {MODULE_NAME, "", false},
    };
    static_assert(CLI_HOOK_KINDS == 3, "all kinds are in the list");
    const HookFile *changed = NULL;
    int status = CLI_EXIT_OK;
    *removed = false;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if (hook_file_state(python, &files[i]) == FILE_CHANGED) {
            changed = &files[i];
        }
        else if (status == CLI_EXIT_OK) {
            status = hook_file_remove(python, &files[i], removed);
        }
    }
    if (changed != NULL && status == CLI_EXIT_OK) {
        status = cli_fail("%s/%s has lines that are not pyaot's; remove "
                          "pyaot's by hand",
                          python->site_packages, changed->name);
    }
    return status;
}
