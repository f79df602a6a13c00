/* The one place that knows pyaot's environment variables.
 *
 *   PYAOT=0            everything off
 *   PYAOT_CACHE=DIR    the cache to run from
 *   PYAOT_MODE=strict  a rejected cache is an error (default: auto)
 *   PYAOT_VERBOSE=N    0 silent (default), 1 summary and reasons, 2 details
 *   PYAOT_STATS=FILE   the loader's counters as JSON; %p is the process's
 *                      number
 *   PYAOT_TRUST=any    accept caches that other users could have written
 *
 * Strings are the environment's own: valid until it changes. */
#ifndef PYAOT_BASE_ENV_H
#define PYAOT_BASE_ENV_H

#include <stdbool.h>

typedef struct {
    bool enabled; /* false if PYAOT=0 */
    bool strict;
    bool trust_any;
    int verbose;
    const char *cache_dir;  /* NULL if unset or empty */
    const char *stats_file; /* NULL if unset or empty */
} PyaotEnv;

PyaotEnv pyaot_env_read(void);

#endif
