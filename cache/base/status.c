/* Statuses: texts, and the formatting behind PYAOT_CHECK. */
#include "status.h"

#include <stdio.h>

static const char *const STATUS_TEXT[] = {
#define STATUS(name, text) text,
#include "status.def"
};

static const char *const STATUS_NAME[] = {
#define STATUS(name, text) #name,
#include "status.def"
};

const char *
pyaot_status_text(PyaotStatus status)
{
    if ((unsigned)status >= PYAOT_STATUS_COUNT) {
        return "unknown status";
    }
    return STATUS_TEXT[status];
}

const char *
pyaot_status_name(PyaotStatus status)
{
    if ((unsigned)status >= PYAOT_STATUS_COUNT) {
        return "E_UNKNOWN";
    }
    return STATUS_NAME[status];
}

PyaotStatus
pyaot_error(char *err, PyaotStatus code, const char *fmt, ...)
{
    if (err != NULL) {
        va_list args;
        va_start(args, fmt);
        vsnprintf(err, PYAOT_ERR_MAX, fmt, args);
        va_end(args);
    }
    return code;
}

PyaotStatus
pyaot_check_failed(char *err, PyaotStatus code, const char *file, int line,
                   const char *cond, const char *fmt, ...)
{
    char text[PYAOT_ERR_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    if (err != NULL) {
        snprintf(err, PYAOT_ERR_MAX, "%s", text);
    }
#ifdef PYAOT_DEBUG
    fprintf(stderr, "%s:%d: %s: not (%s): %s\n", file, line,
            pyaot_status_name(code), cond, text);
#else
    (void)file;
    (void)line;
    (void)cond;
#endif
    return code;
}
