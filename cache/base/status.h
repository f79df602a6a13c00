/* The one error type of pyaot's libraries, and the two macros that use it.
 *
 * A library function returns PyaotStatus, leaves its out-parameters untouched
 * on failure, declares `PyaotStatus status = PYAOT_OK;` and has one `out:`
 * label.  Functions whose failure a user reads also take `char err[256]`
 * (PYAOT_ERR_MAX; may be NULL) and fill it with one line without newline. */
#ifndef PYAOT_BASE_STATUS_H
#define PYAOT_BASE_STATUS_H

#include <stdarg.h>
#include <stddef.h>

typedef enum {
#define STATUS(name, text) PYAOT_##name,
#include "status.def"
    PYAOT_STATUS_COUNT
} PyaotStatus;

#define PYAOT_ERR_MAX 256

/* The text of a status; never NULL. */
const char *pyaot_status_text(PyaotStatus status);
/* Its name, as in "E_NOMEM"; never NULL. */
const char *pyaot_status_name(PyaotStatus status);

/* Format a message into err (may be NULL) and return code. */
PyaotStatus pyaot_error(char *err, PyaotStatus code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Used by the macros: says file, line and condition in debug builds
 * (-DPYAOT_DEBUG), fills err, returns code. */
PyaotStatus pyaot_check_failed(char *err, PyaotStatus code, const char *file,
                               int line, const char *cond, const char *fmt,
                               ...) __attribute__((format(printf, 6, 7)));

/* At the origin of an error, without and with a message buffer. */
#define PYAOT_CHECK(cond, code, ...)                                          \
    PYAOT_CHECK_ERR(cond, NULL, code, __VA_ARGS__)
#define PYAOT_CHECK_ERR(cond, err, code, ...)                                 \
    do {                                                                      \
        if (!(cond)) {                                                        \
            status = pyaot_check_failed((err), (code), __FILE__, __LINE__,    \
                                        #cond, __VA_ARGS__);                  \
            goto out;                                                         \
        }                                                                     \
    } while (0)

/* Forward a callee's failure. */
#define PYAOT_TRY(expr)                                                       \
    do {                                                                      \
        status = (expr);                                                      \
        if (status != PYAOT_OK) {                                             \
            goto out;                                                         \
        }                                                                     \
    } while (0)

#endif
