/* The vectorcall of functions whose code has an executor with `call`.
 *
 * Each code object has one of its own out of a fixed stock, which differ only
 * in the address of their gate: so what to call is known without following the
 * function to its code and to what is kept there.  When the stock is used up
 * the others share one that looks for the gate.
 *
 * The aim is to cost less than the interpreter's own inlined call, of which
 * some 60 instructions are left; so whatever is not the common case is told
 * apart by as few comparisons as possible, and found out elsewhere.
 *
 * The host counts py_recursion_remaining around the executor.  The C recursion
 * counter is kept as if the interpreter had called without recursing in C; the
 * C stack is guarded by stack_limit instead. */
#include "loader/host/host_int.h"

#define EVAL_C_UNITS 2

/* --- the interpreter's way ----------------------------------------------- */

/* The C stack is low.  In plain CPython a Python function that calls another
 * uses none of it; so all functions get the plain vectorcall until the
 * outermost such call returns, and programs recurse as deep as without us. */
static PyObject *
call_low_stack(PyObject *callable, PyObject *const *args, size_t nargsf,
               PyObject *kwnames)
{
    host.low_entries++;
    if (host.low_depth++ == 0) {
        settle();
    }
    PyObject *r = host.plain_vectorcall(callable, args, nargsf, kwnames);
    if (--host.low_depth == 0) {
        settle();
    }
    return r;
}

/* There is no room under the recursion limit, but the interpreter's
 * specialised call would not look.  What it calls finds no room either way. */
static PyObject *
call_general(PyThreadState *ts, PyObject *callable, PyObject *const *args,
             size_t nargsf)
{
    int given = 1 - ts->py_recursion_remaining;
    ts->py_recursion_remaining += given;
    ts->c_recursion_remaining += EVAL_C_UNITS;
    PyObject *r = host.plain_vectorcall(callable, args, nargsf, NULL);
    ts->c_recursion_remaining -= EVAL_C_UNITS;
    ts->py_recursion_remaining -= given;
    return r;
}

static PyObject *
call_plain(HostThread *th, PyObject *callable, PyObject *const *args,
           size_t nargsf, PyObject *kwnames)
{
    PyThreadState *ts = th->ts;
    if (ts->py_recursion_remaining <= 0
        && abi_call_is_general(ts, callable, args, nargsf, kwnames)) {
        return call_general(ts, callable, args, nargsf);
    }
    if (abi_frames_hooked()) { /* nor does the interpreter inline the call */
        return host.plain_vectorcall(callable, args, nargsf, kwnames);
    }
    if (host_stack_low(th)) {
        return call_low_stack(callable, args, nargsf, kwnames);
    }
    ts->c_recursion_remaining += EVAL_C_UNITS;
    PyFunctionObject *func = (PyFunctionObject *)callable;
    Py_ssize_t n = PyVectorcall_NARGS(nargsf);
    Py_ssize_t n_all = n + (kwnames != NULL ? PyTuple_GET_SIZE(kwnames) : 0);
    uint64_t given = n_all > 0 && n_all <= ABI_MAX_MOVED
                             && (((PyCodeObject *)func->func_code)->co_flags
                                 & CO_OPTIMIZED)
                                    != 0
                         ? abi_args_stacked(ts, callable, args)
                         : 0;
    PyObject *r = given != 0
                      ? abi_call_moving(ts, func, args, n, given, kwnames)
                      : host.plain_vectorcall(callable, args, nargsf, kwnames);
    ts->c_recursion_remaining -= EVAL_C_UNITS;
    return r;
}

/* --- the executor's ------------------------------------------------------ */

/* The executor was taken away while it ran, or refused. */
static __attribute__((noinline, cold)) PyObject *
call_unusual(PyObject *callable, PyObject *const *args, size_t nargsf,
             PyObject *kwnames, PyObject *r, HostLink *link)
{
    if (link->running < 0) {
        executors_left(link); /* ESCAPES */
    }
    return r != PYAOT_CALL_REFUSED
               ? r
               : call_plain(host_thread(abi_thread_state()), callable, args,
                            nargsf, kwnames);
}

/* py_recursion_remaining counts the call already. */
static inline __attribute__((always_inline)) PyObject *
call_link(PyThreadState *ts, HostLink *link, PyObject *callable,
          PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    /* Kept in memory, or there would be a register to save for each. */
    struct {
        PyObject *callable;
        PyObject *const *args;
        size_t nargsf;
        PyObject *kwnames;
    } p = {callable, args, nargsf, kwnames};
    __asm__ volatile("" : "+m"(p));
    link->entries++;
    link->running++;
    PyObject *r = link->call(link->executor, callable, args, nargsf, kwnames);
    ts->py_recursion_remaining++;
    if (__builtin_expect(--link->running < 0, 0)) {
        return call_unusual(p.callable, p.args, p.nargsf, p.kwnames, r, link);
    }
    if (__builtin_expect(r == PYAOT_CALL_REFUSED, 0)) {
        return call_unusual(p.callable, p.args, p.nargsf, p.kwnames, r, link);
    }
    return r;
}

/* --- which one ----------------------------------------------------------- */

/* 1: *link may be called; 0: the plain way; -1: an exception is set.
 * ESCAPES */
static int
look_closer(HostThread *th, PyFunctionObject *func, HostLink **link)
{
    PyThreadState *ts = th->ts;
    HostCode *hc = host_code(func->func_code);
    if (hc == NULL || hc->entry == NULL) {
        /* the code was replaced behind the watchers */
        call_forget(func);
        return 0;
    }
    if (!host.active || abi_frames_hooked() || host_stack_low(th)) {
        return 0;
    }
    int ready = ts->eval_breaker == th->ok_breaker
                    ? 1
                    : host_thread_refresh(th, true);
    if (ready <= 0) {
        if (ready == 0 && th->seen_watched) {
            executors_vanish(NULL);
        }
        return ready;
    }
    hc = host_code(func->func_code); /* what was pending may have changed it */
    if (abi_code_watched((PyCodeObject *)func->func_code)) {
        if (hc != NULL) {
            executors_vanish(hc);
        }
        return 0;
    }
    *link = hc != NULL ? hc->entry : NULL;
    return ts->py_recursion_remaining > 0 && *link != NULL;
}

static __attribute__((noinline, cold)) PyObject *
call_slow(PyObject *callable, PyObject *const *args, size_t nargsf,
          PyObject *kwnames)
{
    HostThread *th = host_thread(abi_thread_state());
    HostLink *link = NULL;
    int go = look_closer(th, (PyFunctionObject *)callable, &link);
    if (go > 0) {
        host_thread_is_now(th, __builtin_frame_address(0));
        th->ts->py_recursion_remaining--;
        return call_link(th->ts, link, callable, args, nargsf, kwnames);
    }
    return go < 0 ? NULL : call_plain(th, callable, args, nargsf, kwnames);
}

static __attribute__((noinline, cold)) PyObject *
call_too_deep(PyObject *callable, PyObject *const *args, size_t nargsf,
              PyObject *kwnames)
{
    abi_thread_state()->py_recursion_remaining++;
    return call_slow(callable, args, nargsf, kwnames);
}

/* All of a call: inlined, because even one more jump on the way would show. */
static inline __attribute__((always_inline)) PyObject *
pass_gate(const HostGate *gate, PyObject *callable, PyObject *const *args,
          size_t nargsf, PyObject *kwnames)
{
    PyCodeObject *code = (PyCodeObject *)PyFunction_GET_CODE(callable);
    PyThreadState *ts = abi_thread_state();
    if (__builtin_expect(gate->code != code || !host_is_now(ts)
                             || abi_code_watched(code),
                         0)) {
        return call_slow(callable, args, nargsf, kwnames);
    }
    if (__builtin_expect(--ts->py_recursion_remaining < 0, 0)) {
        return call_too_deep(callable, args, nargsf, kwnames);
    }
    return call_link(ts, gate->link, callable, args, nargsf, kwnames);
}

/* --- the stock ----------------------------------------------------------- */

/* clang-format off */
#define TIMES_16(X, n) \
    X(n##0) X(n##1) X(n##2) X(n##3) X(n##4) X(n##5) X(n##6) X(n##7) \
    X(n##8) X(n##9) X(n##a) X(n##b) X(n##c) X(n##d) X(n##e) X(n##f)
#define TIMES_256(X, n) \
    TIMES_16(X, n##0) TIMES_16(X, n##1) TIMES_16(X, n##2) TIMES_16(X, n##3) \
    TIMES_16(X, n##4) TIMES_16(X, n##5) TIMES_16(X, n##6) TIMES_16(X, n##7) \
    TIMES_16(X, n##8) TIMES_16(X, n##9) TIMES_16(X, n##a) TIMES_16(X, n##b) \
    TIMES_16(X, n##c) TIMES_16(X, n##d) TIMES_16(X, n##e) TIMES_16(X, n##f)
/* clang-format on */

#define STOCK(X) TIMES_256(X, 0x)

#define DEFINE(n)                                                             \
    static PyObject *through_##n(PyObject *callable, PyObject *const *args,   \
                                 size_t nargsf, PyObject *kwnames)            \
    {                                                                         \
        return pass_gate(&stock_gates[n], callable, args, nargsf, kwnames);   \
    }
STOCK(DEFINE)
#undef DEFINE

#define NAME(n) through_##n,
const vectorcallfunc gate_vectorcalls[HOST_N_GATES] = {STOCK(NAME)};
#undef NAME

PyObject *
gate_shared(PyObject *callable, PyObject *const *args, size_t nargsf,
            PyObject *kwnames)
{
    static const HostGate closed;
    const HostCode *hc = host_code(PyFunction_GET_CODE(callable));
    return pass_gate(hc != NULL ? &hc->own_gate : &closed, callable, args,
                     nargsf, kwnames);
}

bool
gate_runs_code(const PyFunctionObject *func)
{
    return func->vectorcall == host.plain_vectorcall || stock_is_ours(func);
}
