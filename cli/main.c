/* pyaot: the command table. */
#include "cli.h"

#include <stdio.h>
#include <string.h>

#ifndef PYAOT_VERSION
#error "PYAOT_VERSION is not set"
#endif

typedef struct {
    const char *name;
    const char *operands;
    const char *summary;
    int (*run)(int argc, char **argv);
} Command;

static const Command COMMANDS[] = {
#define COMMAND(name, operands, summary)                                      \
    {#name, operands, summary, cmd_##name},
#include "cmds.def"
};
enum { N_COMMANDS = sizeof(COMMANDS) / sizeof(COMMANDS[0]) };

static const Command *
command_find(const char *name)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (strcmp(COMMANDS[i].name, name) == 0) {
            return &COMMANDS[i];
        }
    }
    return NULL;
}

static void
print_options(const CliOption *options)
{
    printf("\noptions:\n");
    for (const CliOption *option = options; option && option->id; option++) {
        char left[64];
        char letter[8] = "";
        if (option->help == NULL) {
            continue; /* only to be refused */
        }
        if (option->id < CLI_LONG) {
            snprintf(letter, sizeof(letter), "-%c%s", option->id,
                     option->name ? ", " : "");
        }
        snprintf(left, sizeof(left), "%s%s%s%s%s", letter,
                 option->name ? "--" : "", option->name ? option->name : "",
                 option->value ? " " : "", option->value ? option->value : "");
        printf("  %-22s %s\n", left, option->help);
    }
    printf("  %-22s %s\n", "-h, --help", "show this help");
}

void
cli_print_help(const char *name, const CliOption *options)
{
    const Command *command = command_find(name);
    printf("usage: pyaot %s %s\n\n%s\n", name,
           command ? command->operands : "", command ? command->summary : "");
    print_options(options);
}

static void
print_overview(void)
{
    printf("usage: pyaot COMMAND [ARGS...]\n\n"
           "Compile the hot parts of a Python program ahead of time.\n\n"
           "  pyaot profile app.py               record what is hot\n"
           "  pyaot build                        compile it into ./cache\n"
           "  PYAOT_CACHE=./cache python app.py  run it natively\n\n"
           "commands:\n");
    for (size_t i = 0; i < N_COMMANDS; i++) {
        printf("  %-8s %s\n", COMMANDS[i].name, COMMANDS[i].summary);
    }
    printf("\n`pyaot COMMAND --help` tells more; `pyaot --version` the "
           "version.\n\n"
           "environment:\n"
           "  PYAOT_CACHE=DIR    the cache to run from\n"
           "  PYAOT=0            everything off\n"
           "  PYAOT_MODE=strict  a rejected cache is an error\n"
           "  PYAOT_VERBOSE=1    say at exit what happened, on stderr\n"
           "  PYAOT_STATS=FILE   the same as JSON; %%p in the name is the "
           "process's number\n"
           "  PYAOT_PERF=map     write /tmp/perf-PID.map, names for perf\n"
           "  PYAOT_EVERYTHING=1 for tests: profile and build --everything\n"
           "  PYAOT_TRUST=any    accept caches others could have written\n"
           "  PYTHON=PY, CC=CC   interpreter and compiler to use\n");
}

static int
dispatch(int argc, char **argv)
{
    if (argc < 2) {
        return cli_usage(NULL, "no command given");
    }
    const char *name = argv[1];
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
        printf("pyaot %s\n", PYAOT_VERSION);
        return CLI_EXIT_OK;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0
        || strcmp(name, "help") == 0) {
        const Command *topic = argc > 2 ? command_find(argv[2]) : NULL;
        if (topic != NULL) {
            char *help[] = {argv[2], (char *)"--help", NULL};
            return topic->run(2, help);
        }
        print_overview();
        return CLI_EXIT_OK;
    }
    const Command *command = command_find(name);
    if (command == NULL) {
        return cli_usage(NULL, "there is no command \"%s\"", name);
    }
    return command->run(argc - 1, argv + 1);
}

int
main(int argc, char **argv)
{
    int status = dispatch(argc, argv);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        return cli_fail("cannot write the output");
    }
    return status;
}
