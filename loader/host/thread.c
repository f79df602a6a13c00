/* What the host knows of each thread: the value of its eval breaker with which
 * executors may be entered.
 *
 * The eval breaker holds bits for all that may be pending, and the version of
 * the tools' global events; so one comparison with the value last found clean
 * covers everything but local events. */
#include "loader/host/host_int.h"

#include <pthread.h>
#include <stdlib.h>

static HostThread nobody; /* the end of each thread's list */

__thread HostThread *host_thread_current
    __attribute__((tls_model("initial-exec"))) = &nobody;

HostNow host_now;

static pthread_key_t thread_key;
static pthread_once_t thread_key_once = PTHREAD_ONCE_INIT;

static void
threads_free(void *first)
{
    HostThread *th = first;
    /* Another thread may get this stack.  Without the GIL; but the one that
     * has it writes the span last. */
    __atomic_store_n(&host_now.stack_span, 0, __ATOMIC_RELAXED);
    while (th != &nobody) {
        HostThread *next = th->next;
        free(th);
        th = next;
    }
}

static void
make_thread_key(void)
{
    (void)pthread_key_create(&thread_key, threads_free);
}

HostThread *
host_thread_new(PyThreadState *ts)
{
    static HostThread refusing = {.ok_breaker = 1};
    for (HostThread **link = &host_thread_current; *link != &nobody;
         link = &(*link)->next) {
        if ((*link)->ts == ts) { /* to the front */
            HostThread *th = *link;
            *link = th->next;
            th->next = host_thread_current;
            host_thread_current = th;
            pthread_setspecific(thread_key, th);
            return th;
        }
    }
    pthread_once(&thread_key_once, make_thread_key);
    HostThread *th = calloc(1, sizeof *th);
    if (th == NULL) {
        refusing.ts = ts;
        refusing.stack_limit = (char *)UINTPTR_MAX;
        return &refusing;
    }
    th->ts = ts;
    th->ok_breaker = 1; /* equal to no eval_breaker at rest */
    th->stack_limit = stack_find_limit();
    th->seen_version = 1;
    th->next = host_thread_current;
    host_thread_current = th;
    pthread_setspecific(thread_key, th);
    return th;
}

void
host_thread_is_now(HostThread *th, char *here)
{
    if (here > th->stack_top) {
        th->stack_top = here;
    }
    host_now.ok_breaker = th->ok_breaker;
    host_now.stack_limit = th->stack_limit;
    __atomic_store_n(&host_now.stack_span,
                     (uintptr_t)(th->stack_top - th->stack_limit),
                     __ATOMIC_RELAXED);
}

int
host_thread_refresh(HostThread *th, bool handle)
{
    PyThreadState *ts = th->ts;
    for (;;) {
        uintptr_t breaker = __atomic_load_n(&ts->eval_breaker,
                                            __ATOMIC_RELAXED);
        uintptr_t bits = breaker & ABI_EVENT_BITS;
        if (!host.active) {
            return 0;
        }
        if (bits != 0) {
            if (!handle || (bits & ~ABI_QUIET_BITS) != 0) {
                return 0;
            }
            if (_Py_HandlePending(ts) < 0) {
                return -1;
            }
            continue;
        }
        if (th->seen_version != breaker) {
            th->seen_version = breaker;
            th->seen_watched = abi_interp_watched(ts->interp)
                               || abi_memory_traced();
        }
        if (th->seen_watched) {
            return 0;
        }
        th->ok_breaker = breaker;
        return 1;
    }
}
