/* Function entry: the vectorcall of functions whose code has an executor, and
 * what is known of each thread.
 *
 * Accounting of recursion: whoever calls a native function (here, or native
 * code in a direct call) takes one off py_recursion_remaining before and gives
 * it back after; resume_frame and raise_frame, which continue in the
 * interpreter, which counts for itself, work between the two, and so does
 * deopt_resume when a boxed entry calls it (framed code calls it after).  The C recursion counter is
 * kept as if the interpreter had called without recursing in C; the C stack is
 * guarded by stack_limit instead. */
#include "loader_int.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Of the C stack, what native code leaves to CPython: its own limit of 10,000
 * units of C recursion was made for a stack of 8 MiB. */
#define STACK_RESERVE_MAX ((size_t)5 << 20)
#define STACK_DEFAULT ((size_t)8 << 20)
/* What the main thread's stack can surely grow to, whatever its limit says:
 * the kernel keeps at least 128 MiB free below it. */
#define STACK_MAIN_MAX ((size_t)64 << 20)
#define EVAL_C_UNITS 2

__thread Thread *thread_current __attribute__((tls_model("initial-exec")));

static pthread_key_t thread_key;
static pthread_once_t thread_key_once = PTHREAD_ONCE_INIT;

uint64_t
clock_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* ---- threads ------------------------------------------------------------------- */

static void
threads_free(void *first)
{
    Thread *th = first;
    while (th != NULL) {
        Thread *next = th->next;
        free(th->records);
        free(th->cells);
        free(th->marks);
        free(th);
        th = next;
    }
}

static void
make_thread_key(void)
{
    (void)pthread_key_create(&thread_key, threads_free);
}

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

static char *
find_stack_limit(void)
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

Thread *
thread_new(PyThreadState *ts)
{
    static Thread nobody = {.pub = {.ok_breaker = 1, .rt = &loader.runtime}};
    for (Thread **link = &thread_current; *link != NULL;
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
        nobody.pub.ts = ts;
        nobody.pub.stack_limit = (char *)UINTPTR_MAX; /* refuses everything */
        return &nobody;
    }
    th->pub.ts = ts;
    th->pub.rt = &loader.runtime;
    th->pub.ok_breaker = 1; /* equal to no eval_breaker at rest */
    th->pub.stack_limit = find_stack_limit();
    th->pub.stress = loader.stress ? loader.stress_seed : 0;
    th->seen_version = 1;
    th->next = thread_current;
    thread_current = th;
    pthread_setspecific(thread_key, th);
    return th;
}

int
thread_refresh(Thread *th, bool handle)
{
    PyThreadState *ts = th->pub.ts;
    for (;;) {
        uintptr_t breaker =
            __atomic_load_n(&ts->eval_breaker, __ATOMIC_RELAXED);
        uintptr_t bits = breaker & ABI_EVENT_BITS;
        if (!loader.active) {
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
            th->seen_watched = abi_interp_watched(ts->interp);
        }
        if (th->seen_watched) {
            return 0;
        }
        th->pub.ok_breaker = breaker;
        return 1;
    }
}

void
tools_refresh(PyInterpreterState *interp)
{
    loader.foreign_tools = abi_foreign_tools(interp);
    if (loader.foreign_tools) {
        for (CodeState *cs = loader.codes; cs != NULL; cs = cs->next) {
            refs_unlink(&cs->links, &cs->inst);
        }
    }
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

/* ---- functions -------------------------------------------------------------------- */

static void
set_vectorcall(PyFunctionObject *func, vectorcallfunc vectorcall)
{
    PyFunction_SetVectorcall(func, vectorcall);
}

void
entry_attach(PyFunctionObject *func, PyObject *code)
{
    CodeState *cs = code_state(code);
    if (cs == NULL || cs->vec == NULL
        || func->vectorcall != loader.plain_vectorcall) {
        return;
    }
    match_bind(cs, func->func_globals, func->func_builtins);
    if (ptrmap_put(&loader.natives, func, func) && loader.low_depth == 0) {
        set_vectorcall(func, entry_vectorcall);
    }
}

/* The function has the plain vectorcall for good. */
static void
make_plain(PyFunctionObject *func)
{
    CodeState *cs = code_state(func->func_code);
    if (func->vectorcall == entry_vectorcall) {
        set_vectorcall(func, loader.plain_vectorcall);
    }
    if (cs != NULL && func->vectorcall == loader.plain_vectorcall) {
        abi_function_set_version(func, cs->code_version);
    }
}

void
entry_detach(PyFunctionObject *func)
{
    if (ptrmap_take(&loader.natives, func) != NULL) {
        make_plain(func);
    }
}

static void
set_all(vectorcallfunc from, vectorcallfunc to)
{
    for (size_t i = 0; i < loader.natives.n_slots; i++) {
        PyFunctionObject *func = loader.natives.entries[i].value;
        if (loader.natives.entries[i].key != NULL
            && func->vectorcall == from) {
            set_vectorcall(func, to);
        }
    }
}

void
entry_detach_all(void)
{
    for (size_t i = 0; i < loader.natives.n_slots; i++) {
        if (loader.natives.entries[i].key != NULL) {
            make_plain(loader.natives.entries[i].value);
        }
    }
    ptrmap_free(&loader.natives);
}

CodeState *
entry_linkable(PyFunctionObject *func)
{
    CodeState *cs = code_state(func->func_code);
    if (!loader.active || loader.foreign_tools || cs == NULL
        || cs->vec == NULL || cs->entry->desc->direct == NULL
        || abi_code_watched((PyCodeObject *)func->func_code)
        || !match_bind(cs, func->func_globals, func->func_builtins)) {
        return NULL;
    }
    return cs;
}

void
entry_switch_off(CodeState *cs)
{
    /* The vectorcalls of its functions go one by one, at their next call. */
    if (cs->vec == NULL) {
        return;
    }
    cs->vec = NULL;
    cs->entry->off = true;
    abi_code_swap_version(cs->code, cs->code_version);
    loader.executors_off++;
    refs_unlink(&cs->links, &cs->inst);
}

/* ---- calls ------------------------------------------------------------------------- */

/* The C stack is low.  In plain CPython a Python function that calls another
 * uses none of it; so all functions get the plain vectorcall until the
 * outermost such call returns, and programs recurse as deep as without us. */
static PyObject *
entry_low_stack(PyObject *callable, PyObject *const *args, size_t nargsf,
                PyObject *kwnames)
{
    loader.low_stack_entries++;
    if (loader.low_depth++ == 0) {
        set_all(entry_vectorcall, loader.plain_vectorcall);
    }
    PyObject *r = loader.plain_vectorcall(callable, args, nargsf, kwnames);
    if (--loader.low_depth == 0 && loader.active) {
        set_all(loader.plain_vectorcall, entry_vectorcall);
    }
    return r;
}

static PyObject *
entry_plain(Thread *th, PyObject *callable, PyObject *const *args,
            size_t nargsf, PyObject *kwnames)
{
    PyThreadState *ts = th->pub.ts;
    if (stack_low(th)) {
        return entry_low_stack(callable, args, nargsf, kwnames);
    }
    ts->c_recursion_remaining += EVAL_C_UNITS;
    PyObject *r = loader.plain_vectorcall(callable, args, nargsf, kwnames);
    ts->c_recursion_remaining -= EVAL_C_UNITS;
    return r;
}

static inline PyObject *
entry_native(Thread *th, CodeState *cs, PyObject *callable,
             PyObject *const *args)
{
    PyThreadState *ts = th->pub.ts;
    uint32_t base = th->base;
    PyaotFrame *frame = th->entry_frame;
    th->base = th->n_records;
    th->entry_frame = ts->current_frame;
    th->pub.progress = 0;
    cs->entry->entries++;
    native_begin(th);
    ts->py_recursion_remaining--;
    PyObject *r = cs->vec(&th->pub, &cs->inst, callable, args);
    ts->py_recursion_remaining++;
    native_end(th);
    assert(th->n_records == th->base);
    th->base = base;
    th->entry_frame = frame;
    return r;
}

/* Something is not as the fast path wants it. */
static PyObject *
entry_slow(Thread *th, PyObject *callable, PyObject *const *args,
           size_t nargsf)
{
    PyFunctionObject *func = (PyFunctionObject *)callable;
    PyThreadState *ts = th->pub.ts;
    if (loader.active && !ts->tracing && !stack_low(th)) {
        int ready = ts->eval_breaker == th->pub.ok_breaker
                        ? 1 : thread_refresh(th, true);
        if (ready < 0) {
            return NULL;
        }
        if (tools_changed(ts->interp)) {
            tools_refresh(ts->interp);
        }
        CodeState *cs = code_state(func->func_code);
        if (ready && cs != NULL && cs->vec != NULL
            && (size_t)PyVectorcall_NARGS(nargsf) == cs->argcount
            && ts->py_recursion_remaining > 0
            && !abi_code_watched((PyCodeObject *)func->func_code)
            && match_bind(cs, func->func_globals, func->func_builtins)) {
            PyObject *r = entry_native(th, cs, callable, args);
            if (r != PYAOT_VEC_REFUSED) {
                return r;
            }
            exit_refused(cs, cs->entry);
        }
    }
    return entry_plain(th, callable, args, nargsf, NULL);
}

PyObject *
entry_vectorcall(PyObject *callable, PyObject *const *args, size_t nargsf,
                 PyObject *kwnames)
{
    PyFunctionObject *func = (PyFunctionObject *)callable;
    PyThreadState *ts = PyThreadState_GetUnchecked();
    Thread *th = thread_get(ts);
    CodeState *cs = code_state(func->func_code);
    if (cs == NULL || cs->vec == NULL) {
        /* switched off, or the code was replaced behind the watchers */
        entry_detach(func);
        return entry_plain(th, callable, args, nargsf, kwnames);
    }
    if (kwnames != NULL
        || (size_t)PyVectorcall_NARGS(nargsf) != cs->argcount) {
        return entry_plain(th, callable, args, nargsf, kwnames);
    }
    if (ts->eval_breaker != th->pub.ok_breaker || stack_low(th)
        || ts->py_recursion_remaining <= 0 || ts->tracing
        || cs->inst.globals != func->func_globals
        || cs->inst.builtins != func->func_builtins
        || abi_code_watched((PyCodeObject *)func->func_code)
        || tools_changed(ts->interp)) {
        return entry_slow(th, callable, args, nargsf);
    }
    PyObject *r = entry_native(th, cs, callable, args);
    if (__builtin_expect(r == PYAOT_VEC_REFUSED, 0)) {
        exit_refused(cs, cs->entry);
        return entry_plain(th, callable, args, nargsf, NULL);
    }
    return r;
}
