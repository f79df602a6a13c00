/* pyaot run: become the interpreter with PYAOT_CACHE set.  Who names a cache
 * here is told if it cannot be used; python alone runs without it. */
#include "cli.h"

#include <stdlib.h>

#include "cache/base/env.h"

enum { OPT_PYTHON = CLI_LONG, OPT_CACHE };

static const CliOption OPTIONS[] = {
    {OPT_CACHE, "cache", "DIR", "the cache (default " CLI_DEFAULT_CACHE ")"},
    {OPT_PYTHON, "python", "PY", "interpreter (default: $PYTHON, python3)"},
    {'m', NULL, "MODULE", "run a module, as python -m does"},
    {'c', NULL, "CODE", "run a text, as python -c does"},
    {'E', NULL, NULL, NULL}, /* python's: known to be refused */
    {'I', NULL, NULL, NULL},
    {'S', NULL, NULL, NULL},
    {0},
};

static int
run_program(const char *dir, const char *py, char **program)
{
    CliPaths paths;
    CliPython python;
    if (!cli_paths_init(&paths)) {
        return CLI_EXIT_FAILED;
    }
    if (!cli_python_find(py, true, &python)) {
        cli_paths_free(&paths);
        return CLI_EXIT_FAILED;
    }
    if (!pyaot_env_read().enabled) { /* the switch must not stop programs */
        cli_fail("PYAOT=0 is set: no native code is run; unset it for some");
        return cli_python_exec(&python, program);
    }
    int status;
    PyaotCache *cache = NULL;
    char err[PYAOT_ERR_MAX];
    char *why = NULL;
    char *absolute = realpath(dir, NULL);
    if (absolute == NULL) {
        status = cli_fail("there is no cache folder %s; run pyaot build, or "
                          "name one with --cache DIR",
                          dir);
    }
    else if ((why = cli_hook_missing(&paths, &python)) != NULL) {
        status = cli_fail("%s", why);
    }
    else if (pyaot_cache_open(absolute, python.abi,
                              pyaot_cache_abi_hash(python.abi), &cache, err)
             != PYAOT_OK) {
        status = cli_fail("%s", err);
    }
    else {
        pyaot_cache_close(cache);
        setenv("PYAOT_CACHE", absolute, 1);
        status = cli_python_exec(&python, program);
    }
    free(why);
    free(absolute);
    cli_python_free(&python);
    cli_paths_free(&paths);
    return status;
}

int
cmd_run(int argc, char **argv)
{
    CliArgs args;
    const char *dir = CLI_DEFAULT_CACHE;
    const char *py = NULL;
    char **program = NULL;
    int n = 0;
    cli_args_init(&args, argc, argv, OPTIONS);
    for (int id = -1; program == NULL && id != CLI_END;) {
        switch (id = cli_args_next(&args)) {
        case OPT_CACHE:
            dir = args.value;
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
        case 'E':
        case 'I':
        case 'S':
            return cli_usage(argv[0],
                             "python -%c %s, so the cache would not be used: "
                             "leave it out, or run the program without pyaot",
                             id,
                             id == 'S' ? "does not read the start-up hook"
                                       : "ignores the environment");
        default:
            return args.exit;
        }
    }
    int status = cli_check_program("run", program, n);
    if (status == CLI_EXIT_OK) {
        status = run_program(dir, py, program);
    }
    free(program);
    return status;
}
