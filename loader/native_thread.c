/* What native code knows of each thread (PyaotThread), and the clock of the
 * time spent in it. */
#include "loader_int.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "host/stack.h"

static Thread nobody; /* the end of each thread's list */

__thread Thread *thread_current
    __attribute__((tls_model("initial-exec"))) = &nobody;

static pthread_key_t thread_key;
static pthread_once_t thread_key_once = PTHREAD_ONCE_INIT;

uint64_t
clock_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void
threads_free(void *first)
{
    Thread *th = first;
    while (th != &nobody) {
        Thread *next = th->next;
        free(th->records);
        free(th->cells);
        free(th->marks);
        free(th->releases);
        free(th);
        th = next;
    }
}

static void
make_thread_key(void)
{
    (void)pthread_key_create(&thread_key, threads_free);
}

Thread *
thread_new(PyThreadState *ts)
{
    for (Thread **link = &thread_current; *link != &nobody;
         link = &(*link)->next) {
        if ((*link)->pub.ts == ts) { /* to the front */
            Thread *th = *link;
            *link = th->next;
            th->next = thread_current;
            thread_current = th;
            pthread_setspecific(thread_key, th);
            return th;
        }
    }
    pthread_once(&thread_key_once, make_thread_key);
    Thread *th = calloc(1, sizeof *th);
    if (th == NULL) {
        return NULL;
    }
    th->pub.ts = ts;
    th->pub.rt = &loader.runtime;
    th->pub.eval_hook = abi_eval_hook;
    th->pub.stack_limit = stack_find_limit();
    th->pub.stress = loader.stress ? loader.stress_seed : 0;
    th->next = thread_current;
    thread_current = th;
    pthread_setspecific(thread_key, th);
    return th;
}

uint32_t
native_suspend(Thread *th)
{
    uint32_t depth = th->native_depth;
    if (loader.timing && depth > 0) {
        loader.native_ns += clock_ns() - th->native_since;
        th->native_depth = 0;
    }
    return depth;
}

void
native_continue(Thread *th, uint32_t depth)
{
    if (loader.timing && depth > 0) {
        th->native_depth = depth;
        th->native_since = clock_ns();
    }
}
