/* Where the C stack ends, found once for each thread. */
#include "loader/host/stack.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of the C stack, what native code leaves to CPython: its own limit of 10,000
 * units of C recursion was made for a stack of 8 MiB. */
#define STACK_RESERVE_MAX ((size_t)5 << 20)
#define STACK_DEFAULT ((size_t)8 << 20)
/* What the main thread's stack can surely grow to, whatever its limit says:
 * the kernel keeps at least 128 MiB free below it. */
#define STACK_MAIN_MAX ((size_t)64 << 20)

extern void *__libc_stack_end __attribute__((weak));

/* Is this the process's first stack?  Then where may it end?  Cheaper than
 * pthread_getattr_np, which reads /proc/self/maps for it. */
static bool
main_stack(const char *here, char **bottom, size_t *size)
{
    struct rlimit limit;
    char *end = &__libc_stack_end != NULL ? __libc_stack_end : NULL;
    *size = STACK_DEFAULT;
    if (getrlimit(RLIMIT_STACK, &limit) == 0
        && limit.rlim_cur != RLIM_INFINITY) {
        *size = limit.rlim_cur;
    }
    if (*size > STACK_MAIN_MAX) {
        *size = STACK_MAIN_MAX;
    }
    *bottom = end - *size;
    return syscall(SYS_gettid) == getpid() && here < end && here >= *bottom;
}

char *
stack_find_limit(void)
{
    char *here = __builtin_frame_address(0);
    char *bottom;
    size_t size;
    if (!main_stack(here, &bottom, &size)) {
        pthread_attr_t attr;
        void *base = here - STACK_DEFAULT / 4;
        size = STACK_DEFAULT;
        if (pthread_getattr_np(pthread_self(), &attr) == 0) {
            (void)pthread_attr_getstack(&attr, &base, &size);
            pthread_attr_destroy(&attr);
        }
        bottom = base;
    }
    size_t reserve = size / 8 * 5;
    if (reserve > STACK_RESERVE_MAX) {
        reserve = STACK_RESERVE_MAX;
    }
    return bottom + reserve;
}
