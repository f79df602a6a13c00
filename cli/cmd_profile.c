/* pyaot profile: become the interpreter, with the profiler started first.
 *
 * execv, not a child: arguments, standard streams, signals and exit status
 * are the program's own.  Options that the interpreter knows are handed on. */
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cache/base/env.h"

enum { OPT_PYTHON = CLI_LONG, OPT_EVERYTHING, OPT_CHILDREN };

static const CliOption OPTIONS[] = {
    {'q', "quiet", NULL, "say nothing at the end"},
    {'o', "output", "DB", "database to add to (default " CLI_DEFAULT_DB ")"},
    {OPT_PYTHON, "python", "PY", "interpreter (default: $PYTHON, python3)"},
    {OPT_CHILDREN, "children", NULL,
     "also record processes that it starts (after pyaot enable)"},
    {OPT_EVERYTHING, "everything", NULL,
     "for tests: record from the first entry of all code; slow"},
    {'m', NULL, "MODULE", "run a module, as python -m does"},
    {'c', NULL, "CODE", "run a text, as python -c does"},
    {CLI_NOTE, NULL, NULL,
     "All other options in front of the program are python's (-X dev, -W "
     "error, -O,\n-u, -B, -s, -E, -I, ...); so are all behind `--`."},
    {0},
};

/* Can the database be written?  A program of an hour must not end with "the
 * folder is read-only". */
static int
check_output(const char *db)
{
    char *folder = cli_text("%s", db);
    char *slash = strrchr(folder, '/');
    int status = CLI_EXIT_OK;
    if (slash == NULL) {
        strcpy(folder, db[0] ? "." : "");
    }
    else {
        slash[slash == folder] = '\0';
    }
    if (cli_is_dir(db)) {
        status = cli_fail("%s is a folder; name a file with -o DB", db);
    }
    else if (!cli_is_dir(folder)) {
        status = cli_fail("there is no folder %s; make it, or name another "
                          "file with -o DB",
                          folder);
    }
    else if (access(folder, W_OK) != 0
             || (access(db, F_OK) == 0 && access(db, W_OK | R_OK) != 0)) {
        status = cli_fail("cannot write %s: %s; name another file with "
                          "-o DB",
                          db, strerror(errno));
    }
    free(folder);
    return status;
}

/* What was asked for. */
typedef struct {
    const char *db;
    const char *py;
    bool quiet;
    bool everything;
    bool children;
    CliPythonOptions python;
    char **program;
    int n;
} Wanted;

/* The start-up hook records children, as it records whatever starts with the
 * variable: another working directory must not matter. */
static int
follow_children(const CliPaths *paths, const CliPython *python, const char *db)
{
    char *cwd = NULL;
    int status = cli_hook_require(paths, python, true);
    if (status == CLI_EXIT_OK && !pyaot_env_read().enabled) {
        status = cli_fail("PYAOT=0 switches the recording of children off; "
                          "unset it");
    }
    if (status == CLI_EXIT_OK && db[0] != '/'
        && (cwd = getcwd(NULL, 0)) == NULL) {
        status = cli_fail("cannot tell where I am: %s; name the database from "
                          "/ on with -o DB",
                          strerror(errno));
    }
    if (status == CLI_EXIT_OK) {
        char *path = cwd != NULL ? cli_text("%s/%s", cwd, db) : NULL;
        setenv("PYAOT_PROFILE", path != NULL ? path : db, 1);
        free(path);
    }
    free(cwd);
    return status;
}

static int
profile_start(const Wanted *wanted, const CliPython *python, char *boot,
              char *modules)
{
    /* A digit for each, as the boot script takes them. */
    char how[] = {wanted->quiet ? '1' : '0', wanted->everything ? '1' : '0',
                  '\0'};
    char *own[] = {boot, modules, (char *)wanted->db, how};
    const size_t n_own = sizeof(own) / sizeof(own[0]);
    const size_t n_options = wanted->python.n;
    char **args = calloc(n_options + n_own + (size_t)wanted->n + 1,
                         sizeof(*args));
    if (args == NULL) {
        return cli_fail("out of memory");
    }
    if (n_options > 0) {
        memcpy(args, wanted->python.words, n_options * sizeof(*args));
    }
    memcpy(args + n_options, own, sizeof(own));
    memcpy(args + n_options + n_own, wanted->program,
           (size_t)wanted->n * sizeof(*args));
    const int status = cli_python_exec(python, args);
    free(args);
    return status;
}

static int
profile_run(const Wanted *wanted)
{
    CliPaths paths;
    CliPython python;
    if (!cli_paths_init(&paths)) {
        return CLI_EXIT_FAILED;
    }
    int status = CLI_EXIT_FAILED;
    /* Asking takes as long as starting it: the recorder checks it anyway. */
    if ((wanted->children || !cli_python_guess(wanted->py, &python))
        && !cli_python_find(wanted->py, wanted->children, &python)) {
        cli_paths_free(&paths);
        return status;
    }
    char *modules = cli_text("%s/%s", paths.lib, python.tag);
    char *module = cli_text("%s/_pyaot_profiler.so", modules);
    char *boot = cli_text("%s/pyaot_profile_boot.py", paths.share);
    if (!cli_is_file(module) || !cli_is_file(boot)) {
        status = cli_fail("the profiler for Python %s is not installed: "
                          "%s is missing; build pyaot with PYAOT_PYTHON=%s",
                          python.version, cli_is_file(module) ? boot : module,
                          python.executable);
    }
    else if (!wanted->children
             || (status = follow_children(&paths, &python, wanted->db))
                    == CLI_EXIT_OK) {
        status = profile_start(wanted, &python, boot, modules);
    }
    free(boot);
    free(module);
    free(modules);
    cli_python_free(&python);
    cli_paths_free(&paths);
    return status;
}

/* CLI_EXIT_OK, or -1 if there is nothing to be done but to end with
 * args->exit. */
static int
profile_options(CliArgs *args, Wanted *wanted)
{
    for (int id = -1; wanted->program == NULL && id != CLI_END;) {
        id = cli_args_next(args);
        if (id == CLI_PYTHON) {
            id = cli_python_option(args, &wanted->python);
        }
        switch (id) {
        case 'q':
            wanted->quiet = true;
            break;
        case OPT_EVERYTHING:
            wanted->everything = true;
            break;
        case OPT_CHILDREN:
            wanted->children = true;
            break;
        case 'o':
            wanted->db = args->value;
            break;
        case OPT_PYTHON:
            wanted->py = args->value;
            break;
        case CLI_PYTHON:
            break;
        case CLI_END:
        case CLI_OPERAND:
        case 'm':
        case 'c':
            wanted->program = cli_args_program(args, id, &wanted->n);
            break;
        default:
            return -1;
        }
    }
    return CLI_EXIT_OK;
}

int
cmd_profile(int argc, char **argv)
{
    CliArgs args;
    Wanted wanted = {.db = CLI_DEFAULT_DB, .everything = cli_everything()};
    cli_args_init(&args, argc, argv, OPTIONS);
    args.takes_python = true;
    int status = profile_options(&args, &wanted);
    if (status != CLI_EXIT_OK) {
        status = args.exit;
        goto out;
    }
    status = cli_check_program("profile", wanted.program, wanted.n);
    if (status == CLI_EXIT_OK) {
        status = check_output(wanted.db);
    }
    if (status == CLI_EXIT_OK) {
        status = profile_run(&wanted);
    }
out:
    free(wanted.python.words);
    free(wanted.program);
    return status;
}
