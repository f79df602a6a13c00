/* pyaot profile: become the interpreter, with the profiler started first.
 *
 * execv, not a child: arguments, standard streams, signals and exit status
 * are the program's own. */
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPT_PYTHON = CLI_LONG, OPT_EVERYTHING };

static const CliOption OPTIONS[] = {
    {'q', "quiet", NULL, "say nothing at the end"},
    {'o', "output", "DB", "database to add to (default " CLI_DEFAULT_DB ")"},
    {OPT_PYTHON, "python", "PY", "interpreter (default: $PYTHON, python3)"},
    {OPT_EVERYTHING, "everything", NULL,
     "for tests: record from the first entry of all code; slow"},
    {'m', NULL, "MODULE", "run a module, as python -m does"},
    {'c', NULL, "CODE", "run a text, as python -c does"},
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

static int
profile_run(const char *db, const char *py, const char *how,
            const CliArgs *options, char **program, int n)
{
    CliPaths paths;
    CliPython python;
    if (!cli_paths_init(&paths)) {
        return CLI_EXIT_FAILED;
    }
    int status = CLI_EXIT_FAILED;
    /* Asking takes as long as starting it: the recorder checks it anyway. */
    if (!cli_python_guess(py, &python)
        && !cli_python_find(py, false, &python)) {
        cli_paths_free(&paths);
        return status;
    }
    char *modules = cli_text("%s/%s", paths.lib, python.tag);
    char *module = cli_text("%s/_pyaot_profiler.so", modules);
    char *boot = cli_text("%s/pyaot_profile_boot.py", paths.share);
    const size_t first = (size_t)options->n_python;
    char **args = calloc(first + (size_t)n + 5, sizeof(*args));
    if (args == NULL) {
        status = cli_fail("out of memory");
    }
    else if (!cli_is_file(module) || !cli_is_file(boot)) {
        status = cli_fail("the profiler for Python %s is not installed: "
                          "%s is missing; build pyaot with PYAOT_PYTHON=%s",
                          python.version, cli_is_file(module) ? boot : module,
                          python.executable);
    }
    else {
        memcpy(args, options->python, first * sizeof(*args));
        args[first] = boot;
        args[first + 1] = modules;
        args[first + 2] = (char *)db;
        args[first + 3] = (char *)how;
        memcpy(args + first + 4, program, (size_t)n * sizeof(*args));
        /* The hook would record for itself, into another database perhaps. */
        unsetenv("PYAOT_PROFILE");
        status = cli_python_exec(&python, args);
    }
    free(args);
    free(boot);
    free(module);
    free(modules);
    cli_python_free(&python);
    cli_paths_free(&paths);
    return status;
}

int
cmd_profile(int argc, char **argv)
{
    CliArgs args;
    const char *db = CLI_DEFAULT_DB;
    const char *py = NULL;
    bool quiet = false;
    bool everything = cli_everything();
    char **program = NULL;
    int n = 0;
    cli_args_init(&args, argc, argv, OPTIONS);
    for (int id = -1; program == NULL && id != CLI_END;) {
        switch (id = cli_args_next_or_python(&args)) {
        case 'q':
            quiet = true;
            break;
        case OPT_EVERYTHING:
            everything = true;
            break;
        case 'o':
            db = args.value;
            break;
        case OPT_PYTHON:
            py = args.value;
            break;
        case CLI_END:
        case CLI_OPERAND:
        case 'm':
        case 'c':
            program = cli_args_program(&args, id, &n);
            break;
        default:
            return args.exit;
        }
    }
    int status = cli_check_program("profile", program, n);
    if (status == CLI_EXIT_OK) {
        status = check_output(db);
    }
    if (status == CLI_EXIT_OK) {
        /* A digit for each, as the boot script takes them. */
        const char how[] = {quiet ? '1' : '0', everything ? '1' : '0', '\0'};
        status = profile_run(db, py, how, &args, program, n);
    }
    free(program);
    return status;
}
