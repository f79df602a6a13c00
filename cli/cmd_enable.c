/* pyaot enable, disable: the start-up hook in an interpreter's or virtual
 * environment's site-packages (cli_hook.c). */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>

enum { OPT_PYTHON = CLI_LONG };

static const CliOption OPTIONS[] = {
    {OPT_PYTHON, "python", "PY",
     "interpreter or virtual environment's python (default: $PYTHON, "
     "python3)"},
    {0},
};

static int
hook_enable(const CliPaths *paths, const CliPython *python)
{
    char *loader = cli_text("%s/%s/_pyaot_loader.so", paths->lib, python->tag);
    CliHookKind kind, old_kind;
    int status = CLI_EXIT_OK;
    if (!cli_is_file(loader)) {
        status = cli_fail("the loader for Python %s is not installed: %s is "
                          "missing; build pyaot with PYAOT_PYTHON=%s",
                          python->version, loader, python->executable);
    }
    free(loader);
    if (status != CLI_EXIT_OK) {
        return status;
    }
    const CliHookState old = cli_hook_state(paths, python, &old_kind);
    status = cli_hook_enable(paths, python, &kind);
    if (status == CLI_EXIT_OK) {
        char *path = cli_hook_path(python, kind);
        printf("pyaot is %s in %s (%s)\n",
               old == CLI_HOOK_OURS && old_kind == kind ? "already enabled"
                                                        : "enabled",
               python->executable, path);
        free(path);
    }
    return status;
}

static int
hook_disable(const CliPaths *paths, const CliPython *python)
{
    bool removed;
    (void)paths;
    const int status = cli_hook_disable(python, &removed);
    if (status == CLI_EXIT_OK) {
        printf("pyaot is %s in %s (%s)\n",
               removed ? "disabled" : "not enabled", python->executable,
               python->site_packages);
    }
    return status;
}

static int
hook_command(int argc, char **argv,
             int (*act)(const CliPaths *, const CliPython *))
{
    CliArgs args;
    CliPaths paths;
    CliPython python;
    const char *py = NULL;
    int id;
    cli_args_init(&args, argc, argv, OPTIONS);
    while ((id = cli_args_next(&args)) != CLI_END) {
        switch (id) {
        case OPT_PYTHON:
            py = args.value;
            break;
        case CLI_OPERAND:
            return cli_usage(argv[0], "unexpected argument %s", args.value);
        default:
            return args.exit;
        }
    }
    if (!cli_paths_init(&paths)) {
        return CLI_EXIT_FAILED;
    }
    int status = CLI_EXIT_FAILED;
    if (cli_python_find(py, true, &python)) {
        status = act(&paths, &python);
        cli_python_free(&python);
    }
    cli_paths_free(&paths);
    return status;
}

int
cmd_enable(int argc, char **argv)
{
    return hook_command(argc, argv, hook_enable);
}

int
cmd_disable(int argc, char **argv)
{
    return hook_command(argc, argv, hook_disable);
}
