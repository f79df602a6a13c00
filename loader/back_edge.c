/* Back-edges: the callback for local JUMP events runs a region on the live
 * frame.
 *
 * The interpreter has stored the frame's stack top before the call, and reloads
 * it and the instruction pointer after it.  An instruction pointer that still
 * stands at the jump means "go on at its target". */
#include "loader_int.h"

typedef enum {
    RUN_DONE,    /* frame->instr_ptr tells where to go on */
    RUN_RAISED,  /* exception set, no handler covers it */
} RunResult;

/* Other tools, another thread state of mind: is native code right now? */
static bool
may_run(Thread *th, CodeState *cs, PyaotFrame *frame, const RegionState *r)
{
    PyThreadState *ts = th->pub.ts;
    PyCodeObject *code = cs->code;
    if (!loader.active || stack_low(th)) {
        return false;
    }
    if (tools_changed(ts->interp)) {
        tools_refresh(ts->interp);
    }
    if (ts->eval_breaker != th->pub.ok_breaker
        && thread_refresh(th, false) <= 0) {
        return false;
    }
    if (abi_code_watched(code)
        || !match_bind(cs, frame->f_globals, frame->f_builtins)) {
        return false;
    }
    if ((code->co_flags & CO_OPTIMIZED) == 0
        && frame->f_locals != frame->f_globals) {
        return false;
    }
    return frame->stacktop == code->co_nlocalsplus + (int)r->desc->n_stack;
}

/* The region left at a back-edge because something is pending: do that, as
 * the jump would, and say which region to go on with natively.  -1: an
 * exception is set.  ESCAPES */
static int
handle_pending(Thread *th, CodeState *cs, PyaotFrame *frame, uint32_t offset,
               RegionState **region)
{
    PyThreadState *ts = th->pub.ts;
    uint32_t jump, target;
    *region = NULL;
    if ((ts->eval_breaker & ABI_EVENT_BITS) == 0
        || !abi_code_back_edge(cs->code, offset, &jump, &target)) {
        return 0;
    }
    frame->instr_ptr = cs->inst.units + jump;
    if (_Py_HandlePending(ts) < 0) {
        return -1;
    }
    RegionState *next = match_back_edge(cs, target);
    if (next != NULL && may_run(th, cs, frame, next)) {
        *region = next;
    }
    return 0;
}

static RunResult
run_region(Thread *th, CodeState *cs, PyaotFrame *frame, RegionState *region,
           uint32_t source)
{
    for (;;) {
        int top = frame->stacktop;
        region->entries++;
        th->pub.progress = 0;
        /* As while the interpreter runs a frame: the collector, which comes by
         * a generator's frame, must not look at its stack. */
        frame->stacktop = -1;
        native_begin(th);
        int32_t id = region->desc->osr(&th->pub, &cs->inst, frame);
        native_end(th);
        if (id == PYAOT_OSR_RAISE) {
            break;
        }
        if (id < 0) { /* refused */
            frame->stacktop = top;
            exit_refused(cs, region);
            frame->instr_ptr = cs->inst.units + source;
            return RUN_DONE;
        }
        const PyaotExitDesc *exit = &cs->inst.desc->exits[id];
        frame->stacktop = exit->n_locals + exit->n_stack;
        exit_count(exit);
        slots_refresh(&cs->inst);
        if (exit->kind != PYAOT_EXIT_BREAKER) {
            if (!th->pub.progress) {
                exit_early(cs, region);
            }
        }
        else {
            RegionState *next;
            if (handle_pending(th, cs, frame, exit->offset, &next) < 0) {
                break;
            }
            if (next != NULL) {
                region = next;
                source = (uint32_t)(frame->instr_ptr - cs->inst.units);
                continue;
            }
        }
        /* Back at the very jump that called us: going on at its target is
         * the same, and does not call us again. */
        uint32_t offset = exit->offset;
        if (abi_code_skip_prefix(cs->code, offset) == source) {
            offset = source;
        }
        frame->instr_ptr = cs->inst.units + offset;
        return RUN_DONE;
    }
    /* Where no handler covers the failing instruction, the interpreter adds
     * the traceback entry; it looks for a handler at the jump's target, where
     * the compiler has made sure that there is none either. */
    return abi_frame_handle(th->pub.ts, frame) ? RUN_DONE : RUN_RAISED;
}

PyObject *
back_edge_callback(PyObject *Py_UNUSED(self), PyObject *const *args,
                   Py_ssize_t nargs)
{
    if (nargs != 3 || !PyCode_Check(args[0])) {
        Py_RETURN_NONE;
    }
    CodeState *cs = code_state(args[0]);
    if (cs == NULL || cs->n_back_edges == 0) {
        return Py_NewRef(loader.disable);
    }
    long source = PyLong_AsLong(args[1]) / (long)sizeof(_Py_CODEUNIT);
    long target = PyLong_AsLong(args[2]) / (long)sizeof(_Py_CODEUNIT);
    RegionState *region = match_back_edge(cs, (uint32_t)target);
    if (region == NULL) {
        return Py_NewRef(loader.disable);
    }
    PyThreadState *ts = PyThreadState_GetUnchecked();
    PyaotFrame *frame = ts->current_frame;
    if (ts->tracing != 1 || frame->f_executable != args[0]) {
        Py_RETURN_NONE;
    }
    Thread *th = thread_get(ts);
    if (!may_run(th, cs, frame, region)) {
        Py_RETURN_NONE;
    }
    /* What runs below must not look as if it ran inside a tool. */
    int old_what = ts->what_event;
    uint32_t base = th->base;
    PyaotFrame *entry_frame = th->entry_frame;
    ts->what_event = -1;
    ts->tracing--;
    th->base = th->n_records;
    th->entry_frame = NULL;
    RunResult result = run_region(th, cs, frame, region, (uint32_t)source);
    th->base = base;
    th->entry_frame = entry_frame;
    ts->tracing++;
    ts->what_event = old_what;
    if (result == RUN_RAISED) {
        return NULL;
    }
    Py_RETURN_NONE;
}
