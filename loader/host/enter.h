/* What is done around each executor on a live frame, inlined where it is
 * entered.  What is seldom needed gets a copy of the pass, so that the pass
 * itself stays in registers. */
#ifndef PYAOT_ENTER_H
#define PYAOT_ENTER_H

#include "loader/host/host_int.h"

/* A place that a live frame passes: where it came from, and where it stands
 * for executors. */
typedef struct {
    HostThread *th;
    HostCode *hc;
    PyaotFrame *frame;
    uint32_t source; /* unit of the instruction of the event */
    uint32_t entry;  /* unit where the frame stands */
    bool is_jump;
} HostPass;

/* --- before -------------------------------------------------------------- */

/* Something is not as enter_allowed() wants it: look closer. */
bool enter_allowed_now(const HostPass *pass) __attribute__((cold));

/* Nothing pending, nobody watches, no hook (PEP 523), C stack to spare? False:
 * look closer. */
static inline bool
enter_allowed_plainly(const HostPass *pass)
{
    const HostThread *th = pass->th;
    return __builtin_expect(host.active && !host_stack_low(th)
                                && !abi_frames_hooked()
                                && th->ts->eval_breaker == th->ok_breaker
                                && !abi_code_watched(pass->hc->code),
                            1);
}

/* The same, for certain.  ESCAPES, if executors vanish */
static inline bool
enter_allowed(const HostPass *pass)
{
    if (enter_allowed_plainly(pass)) {
        return true;
    }
    HostPass copy = *pass;
    return enter_allowed_now(&copy);
}

/* --- after --------------------------------------------------------------- */

/* An executor failed, or left badly, or somebody wants to know: what
 * enter_run() returns. */
PyaotFrame *enter_left(const HostPass *pass, PyaotFrame *left, int top)
    __attribute__((cold));
void enter_debug_begin(const HostPass *pass, const HostSite *site)
    __attribute__((cold));

static inline bool
enter_is_sound(const HostPass *pass, PyaotFrame *left)
{
    PyaotFrame *frame = pass->frame;
    PyCodeObject *code = pass->hc->code;
    long unit = (long)(pyaot_frame_place(frame) - _PyCode_CODE(code));
    return left == frame && pass->th->ts->current_exception == NULL
           && codes_is_instruction(pass->hc, unit)
           && pyaot_frame_n_cells(frame) >= code->co_nlocalsplus
           && pyaot_frame_n_cells(frame)
                  <= code->co_nlocalsplus + code->co_stacksize;
}

/* --- run ----------------------------------------------------------------- */

/* Run the site's executor on the frame, which stands at the entry with its
 * stack top stored.  NULL with an exception set and the frame where it is to
 * be raised.  ESCAPES */
static inline PyaotFrame *
enter_run(const HostPass *pass, HostSite *site)
{
    PyaotFrame *frame = pass->frame;
    PyaotExecutor *executor = (PyaotExecutor *)Py_NewRef(site->executor);
    int top = pyaot_frame_n_cells(frame);
    ((HostLink *)executor->host)->entries++;
    if (__builtin_expect(host.debug >= 2, 0)) {
        HostPass copy = *pass;
        enter_debug_begin(&copy, site);
    }
    /* As while the interpreter runs a frame: the collector, which comes by a
     * generator's frame, must not look at its stack. */
    pyaot_frame_set_n_cells(frame, -1);
    PyaotFrame *left = executor->execute(executor, frame,
                                         pyaot_frame_cells(frame) + top);
    if (pyaot_frame_n_cells(frame) < 0) {
        pyaot_frame_set_n_cells(frame, top); /* it did not move */
    }
    bool sound = enter_is_sound(pass, left);
    if (sound && executor->host != NULL
        && abi_is_yield(pyaot_frame_place(frame))) {
        ((HostLink *)executor->host)->yields++;
    }
    Py_DECREF(executor); /* may be its last: ESCAPES */
    if (__builtin_expect(sound && host.debug < 2, 1)) {
        return left;
    }
    HostPass copy = *pass;
    return enter_left(&copy, left, top);
}

#endif
