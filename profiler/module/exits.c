/* What is said and written when the program ends. */
#define PYAOT_PROF_INTERNAL
#include "prof_int.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cache/pycode/process_end.h"

enum { EXIT_BUSY_MS = 5000 };

static void
before_end(bool is_exec)
{
    if (!prof.active) {
        return;
    }
    prof_count_rest();
    Py_BEGIN_ALLOW_THREADS prof_flush(EXIT_BUSY_MS);
    Py_END_ALLOW_THREADS if (!is_exec)
    {
        prof_print_totals();
    }
}

void
prof_hook_exits(void)
{
    pyaot_process_end_hook(before_end);
}

void
prof_print_totals(void)
{
    if (prof.quiet || prof.warned || prof.pid != prof.first_pid) {
        return;
    }
    char line[4200];
    const int len = snprintf(
        line, sizeof(line),
        "pyaot: recorded %llu code objects, %llu hot sites, %llu samples "
        "in %s\n",
        (unsigned long long)prof.n_codes, (unsigned long long)prof.n_sites,
        (unsigned long long)prof.n_samples, prof.path);
    if (len > 0 && write(STDERR_FILENO, line, strlen(line)) < 0) {
        return;
    }
}
