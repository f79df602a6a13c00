/* pyaot explain: what was compiled where, with which types, or why not. */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const CliOption OPTIONS[] = {
    {'i', "input", "DB", "the profile (default " CLI_DEFAULT_DB ")"},
    {'v', "verbose", NULL,
     "in the compiler's words; of a line, each of its operations"},
    {0},
};

/* "app.py:12" into file and line; a missing line is 0 = the whole file. */
static bool
split_place(char *place, uint32_t *line)
{
    char *colon = strrchr(place, ':');
    char *end = NULL;
    *line = 0;
    if (colon == NULL) {
        return true;
    }
    unsigned long number = strtoul(colon + 1, &end, 10);
    if (end == colon + 1 || *end != '\0' || number == 0
        || number > INT32_MAX) {
        return false;
    }
    *colon = '\0';
    *line = (uint32_t)number;
    return true;
}

int
cmd_explain(int argc, char **argv)
{
    CliArgs args;
    const char *db = CLI_DEFAULT_DB;
    char *place = NULL;
    uint32_t line = 0;
    bool detail = false;
    int id;
    cli_args_init(&args, argc, argv, OPTIONS);
    while ((id = cli_args_next(&args)) != CLI_END) {
        switch (id) {
        case 'i':
            db = args.value;
            break;
        case 'v':
            detail = true;
            break;
        case CLI_OPERAND:
            if (place != NULL) {
                free(place);
                return cli_usage(argv[0], "unexpected argument %s",
                                 args.value);
            }
            place = cli_text("%s", args.value);
            break;
        default:
            free(place);
            return args.exit;
        }
    }
    if (place != NULL && !split_place(place, &line)) {
        int status = cli_usage(argv[0],
                               "%s is not FILE, FILE:LINE or FUNCTION", place);
        free(place);
        return status;
    }
    StrBuf out;
    char err[PYAOT_ERR_MAX] = "";
    strbuf_init(&out, 0);
    int status = CLI_EXIT_OK;
    PyaotStatus explained = cli_plan_explain(db, place, line, detail, &out,
                                             err);
    if (explained != PYAOT_OK) {
        status = cli_fail("%s", err[0] ? err : pyaot_status_text(explained));
    }
    else if (out.len == 0 && place != NULL) {
        status = cli_fail("nothing was recorded at %s%s; see pyaot report",
                          place, line ? ", that line" : "");
    }
    else if (out.len == 0) {
        printf("nothing in %s was hot enough to compile; run longer under "
               "pyaot profile\n",
               db);
    }
    else {
        fputs(strbuf_text(&out), stdout);
    }
    strbuf_free(&out);
    free(place);
    return status;
}
