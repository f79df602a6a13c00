/* Messages on stderr. */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LOG_LINE_BYTES = 1024 };

void
pyaot_log(int verbose, int level, const char *fmt, ...)
{
    static const char prefix[] = "pyaot: ";
    if (level > verbose) {
        return;
    }
    int saved_errno = errno;
    char line[LOG_LINE_BYTES];
    memcpy(line, prefix, sizeof(prefix));
    size_t len = sizeof(prefix) - 1;
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(line + len, sizeof(line) - len - 1, fmt, args);
    va_end(args);
    if (n > 0) {
        size_t room = sizeof(line) - len - 2;
        len += (size_t)n < room ? (size_t)n : room;
    }
    line[len++] = '\n';
    ssize_t ignored = write(STDERR_FILENO, line, len);
    (void)ignored;
    errno = saved_errno;
}
