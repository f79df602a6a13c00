/* Environment variables, read in one place. */
#include "env.h"

#include <stdlib.h>
#include <string.h>

static const char *
env_text(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

static bool
env_is(const char *name, const char *wanted)
{
    const char *value = getenv(name);
    return value != NULL && strcmp(value, wanted) == 0;
}

PyaotEnv
pyaot_env_read(void)
{
    PyaotEnv env = {
        .enabled = !env_is("PYAOT", "0"),
        .strict = env_is("PYAOT_MODE", "strict"),
        .trust_any = env_is("PYAOT_TRUST", "any"),
        .cache_dir = env_text("PYAOT_CACHE"),
        .profile = env_text("PYAOT_PROFILE"),
        .stats_file = env_text("PYAOT_STATS"),
    };
    const char *verbose = env_text("PYAOT_VERBOSE");
    if (verbose != NULL) {
        env.verbose = verbose[0] >= '0' && verbose[0] <= '9' ? verbose[0] - '0'
                                                             : 1;
    }
    return env;
}
