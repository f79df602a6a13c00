/* os._exit and os.exec* end the program without any clean-up.  Their C
 * functions are replaced behind the same Python objects, so that what was
 * recorded is written first; the application sees no difference.
 *
 * So does SIGTERM, which pools of processes end their workers with.  Nothing
 * can be written in a signal handler: the thread that the signal has stopped
 * stays where it is while the writer thread writes, and then ends the process
 * by the same signal.  The handler is C's, installed where the program has
 * none: signal.getsignal() shows what it shows otherwise, and a handler of the
 * program's takes its place. */
#define PYAOT_PROF_INTERNAL
#include "prof_int.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef PyObject *(*KeywordFunction)(PyObject *, PyObject *const *, Py_ssize_t,
                                     PyObject *);

typedef struct {
    const char *name;
    KeywordFunction replacement;
    PyCFunction original;
} Exit;

static PyObject *exit_exit(PyObject *, PyObject *const *, Py_ssize_t,
                           PyObject *);
static PyObject *exit_execv(PyObject *, PyObject *const *, Py_ssize_t,
                            PyObject *);
static PyObject *exit_execve(PyObject *, PyObject *const *, Py_ssize_t,
                             PyObject *);

static Exit exits[] = {
    {"_exit", exit_exit, NULL},
    {"execv", exit_execv, NULL},
    {"execve", exit_execve, NULL},
};

enum {
    EXIT_BUSY_MS = 5000,
    DEATH_BUSY_MS = 2000,
    DEATH_MS = 3000,     /* the program stays stopped no longer */
    DEATH_LOCK_MS = 100, /* longest wait for a lock */
};

static PyObject *
leave(const Exit *e, PyObject *module, PyObject *const *args,
      Py_ssize_t n_args, PyObject *names)
{
    if (prof.active) {
        Py_BEGIN_ALLOW_THREADS prof_flush(EXIT_BUSY_MS);
        Py_END_ALLOW_THREADS if (e == &exits[0])
        {
            prof_print_totals();
        }
    }
    /* A plain fastcall function ignores the fourth argument. */
    return ((KeywordFunction)(void (*)(void))e->original)(module, args, n_args,
                                                          names);
}

static PyObject *
exit_exit(PyObject *module, PyObject *const *args, Py_ssize_t n_args,
          PyObject *names)
{
    return leave(&exits[0], module, args, n_args, names);
}

static PyObject *
exit_execv(PyObject *module, PyObject *const *args, Py_ssize_t n_args,
           PyObject *names)
{
    return leave(&exits[1], module, args, n_args, names);
}

static PyObject *
exit_execve(PyObject *module, PyObject *const *args, Py_ssize_t n_args,
            PyObject *names)
{
    return leave(&exits[2], module, args, n_args, names);
}

void
prof_hook_exits(void)
{
    PyObject *posix = PyImport_ImportModule("posix"); /* new */
    if (posix == NULL) {
        PyErr_Clear();
        return;
    }
    for (size_t i = 0; i < sizeof(exits) / sizeof(exits[0]); i++) {
        PyObject *function = PyObject_GetAttrString(posix, exits[i].name);
        if (function == NULL) {
            PyErr_Clear();
            continue;
        }
        if (PyCFunction_CheckExact(function)) {
            PyMethodDef *method = ((PyCFunctionObject *)function)->m_ml;
            if ((method->ml_flags & METH_FASTCALL)
                && exits[i].original == NULL) {
                exits[i].original = method->ml_meth;
                method->ml_meth = (PyCFunction)(void (*)(void))exits[i]
                                      .replacement;
            }
        }
        Py_DECREF(function);
    }
    Py_DECREF(posix);
}

/* --- SIGTERM ------------------------------------------------------------- */

static void
wait_ms(void)
{
    const struct timespec ms = {.tv_nsec = 1000 * 1000};
    nanosleep(&ms, NULL);
}

/* Only returns if the kernel will not have it. */
static void
die(int number)
{
    struct sigaction usual = {.sa_handler = SIG_DFL};
    sigset_t one;
    sigaction(number, &usual, NULL);
    sigemptyset(&one);
    sigaddset(&one, number);
    pthread_sigmask(SIG_UNBLOCK, &one, NULL);
    raise(number);
}

/* The stopped thread may be anywhere: what it has locked stays locked. */
static bool
is_free(pthread_mutex_t *lock)
{
    for (int i = 0; i < DEATH_LOCK_MS; i++) {
        if (pthread_mutex_trylock(lock) == 0) {
            pthread_mutex_unlock(lock);
            return true;
        }
        wait_ms();
    }
    return false;
}

void
prof_die_if_asked(void)
{
    const int number = __atomic_load_n(&prof.dying, __ATOMIC_ACQUIRE);
    if (number == 0) {
        return;
    }
    if (is_free(&prof.write_lock) && is_free(&prof.lock)) {
        prof_flush(DEATH_BUSY_MS);
    }
    die(number);
}

static void
on_sigterm(int number)
{
    /* A child that C code has forked has no such thread. */
    if (prof.ticking && getpid() == prof.pid) {
        __atomic_store_n(&prof.dying, number, __ATOMIC_RELEASE);
        sem_post(&prof.tick_wake);
        for (int i = 0; i < DEATH_MS; i++) {
            wait_ms();
        }
    }
    die(number);
}

void
prof_hook_sigterm(void)
{
    struct sigaction now;
    struct sigaction ours = {.sa_handler = on_sigterm};
    sigfillset(&ours.sa_mask);
    /* The kernel keeps from process 1 the signals that it has no handler
     * for. */
    if (getpid() != 1 && sigaction(SIGTERM, NULL, &now) == 0
        && (now.sa_flags & SA_SIGINFO) == 0 && now.sa_handler == SIG_DFL) {
        sigaction(SIGTERM, &ours, NULL);
    }
}

void
prof_unhook_sigterm(void)
{
    struct sigaction now;
    struct sigaction usual = {.sa_handler = SIG_DFL};
    if (sigaction(SIGTERM, NULL, &now) == 0 && (now.sa_flags & SA_SIGINFO) == 0
        && now.sa_handler == on_sigterm) {
        sigaction(SIGTERM, &usual, NULL);
    }
}

void
prof_hold_sigterm(sigset_t *old)
{
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &one, old);
}

void
prof_release_sigterm(const sigset_t *old)
{
    pthread_sigmask(SIG_SETMASK, old, NULL);
}

void
prof_print_totals(void)
{
    if (prof.quiet || prof.warned || prof.pid != prof.first_pid) {
        return;
    }
    char line[4200];
    const int len = snprintf(
        line, sizeof(line),
        "pyaot: recorded %llu code objects, %llu hot sites, %llu samples "
        "in %s\n",
        (unsigned long long)prof.n_codes, (unsigned long long)prof.n_sites,
        (unsigned long long)prof.n_samples, prof.path);
    if (len > 0 && write(STDERR_FILENO, line, strlen(line)) < 0) {
        return;
    }
}
