/* Native code that draws from a generator runs the generator's body itself,
 * from the RESUME to the next yield, without the interpreter between: what
 * gen_send_ex2 and YIELD_VALUE do around it is done here.  So does C code:
 * sum, list, next and all others call the type's tp_iternext, which is this
 * file's while the loader is installed, as a function's vectorcall is.
 *
 * The same holds as for calls through a vectorcall or a CALLEE slot: not while
 * other tools watch, not while anything is pending.  Whenever the body leaves
 * other than by its yield, the interpreter takes the frame over where it
 * stands.  (The interpreter's own loops resume generators without any call:
 * there, PY_RESUME events lead to the same regions.) */
#include "loader_int.h"

/* The region to go on with where the suspended frame stands, or NULL. */
static RegionState *
region_at(CodeState *cs, const PyaotFrame *frame)
{
    uint32_t unit = (uint32_t)(frame->instr_ptr - cs->inst.units);
    RegionState *last = cs->resumed;
    if (last != NULL && last->desc->offset == unit) {
        return last->off ? NULL : last;
    }
    for (uint32_t i = 0; i < cs->n_regions; i++) {
        RegionState *r = &cs->regions[i];
        if (r->desc->kind == PYAOT_REGION_RESUME && r->desc->offset == unit) {
            cs->resumed = r;
            return r->off ? NULL : r;
        }
    }
    return NULL;
}

/* May the body be entered here and now?  (Without foreign tools nobody watches
 * single code objects.) */
static bool
may_resume(const Thread *th, CodeState *cs, PyaotFrame *frame,
           const RegionState *region)
{
    PyThreadState *ts = th->pub.ts;
    return (char *)__builtin_frame_address(0) >= th->pub.stack_limit
           && ts->py_recursion_remaining > 1 && !abi_foreign_tools(ts->interp)
           && (cs->inst.globals == frame->f_globals
               || match_bind(cs, frame->f_globals, frame->f_builtins))
           && cs->inst.builtins == frame->f_builtins
           && frame->stacktop + 1
                  == (int)(region->desc->n_stack
                           + cs->inst.desc->nlocalsplus);
}

/* The interpreter takes over: to the next yield, or the end. */
static PyObject *
go_on_interpreted(Thread *th, CodeState *cs, PyGenObject *gen,
                  PyaotFrame *frame)
{
    uint32_t depth = native_suspend(th);
    api->refresh_code(cs->code);
    PyObject *result = abi_frame_eval(th->pub.ts, frame);
    native_continue(th, depth);
    if (result != NULL && !abi_generator_is_suspended(gen)) {
        if (result != Py_None) {
            _PyGen_SetStopIterationValue(result);
        }
        Py_CLEAR(result);
    }
    return result;
}

static PyObject *
run_body(Thread *th, CodeState *cs, RegionState *region, PyGenObject *gen,
         PyaotFrame *frame)
{
    PyThreadState *ts = th->pub.ts;
    abi_generator_enter(ts, gen, frame);
    region->entries++;
    th->pub.progress = 0;
    int32_t id = region->desc->osr(&th->pub, &cs->inst, frame);
    if (id == PYAOT_OSR_RAISE) {
        if (!abi_frame_raise(ts, frame)) {
            ts->py_recursion_remaining++;
            abi_frame_pop(ts, frame);
            return NULL;
        }
        ts->py_recursion_remaining++;
        return go_on_interpreted(th, cs, gen, frame);
    }
    if (id < 0) { /* refused */
        frame->stacktop =
            (int)(region->desc->n_stack + cs->inst.desc->nlocalsplus);
        exit_refused(region);
        ts->py_recursion_remaining++;
        return go_on_interpreted(th, cs, gen, frame);
    }
    const PyaotExitDesc *exit = &cs->inst.desc->exits[id];
    if (exit->kind == PYAOT_EXIT_END
        && abi_is_yield(cs->inst.units + exit->offset)) {
        frame->instr_ptr = cs->inst.units + exit->offset;
        loader.exits[exit->reason]++;
        loader.exit_names[exit->reason] = exit->reason_name;
        return abi_generator_yield(ts, gen, frame);
    }
    frame->instr_ptr = cs->inst.units + exit->offset;
    exit_count(exit, region);
    slots_refresh(&cs->inst);
    if (region_left_early(region, exit, th->pub.progress)) {
        exit_early(region);
    }
    ts->py_recursion_remaining++;
    return go_on_interpreted(th, cs, gen, frame);
}

/* Nothing pending, nobody watches; or it could be done without running
 * anything. */
static bool
is_quiet(Thread *th)
{
    PyThreadState *ts = th->pub.ts;
    if (ts->eval_breaker == th->pub.ok_breaker) {
        return true;
    }
    if (!api->ready()) {
        return false;
    }
    th->pub.ok_breaker = ts->eval_breaker;
    if (tools_changed(ts->interp)) {
        tools_refresh(ts->interp);
    }
    return true;
}

/* th: this thread's, or NULL. */
static PyObject *
draw(Thread *th, PyObject *object)
{
    PyGenObject *gen = (PyGenObject *)object;
    PyaotFrame *frame = abi_generator_frame(gen);
    RegionState *region;
    CodeState *cs;
    if (!abi_generator_has_yielded(gen)
        || (cs = code_state(frame->f_executable)) == NULL
        || (region = region_at(cs, frame)) == NULL || th == NULL
        || !is_quiet(th) || !may_resume(th, cs, frame, region)) {
        return loader.generator_next(object);
    }
    uint32_t base = th->base;
    PyaotFrame *entry_frame = th->entry_frame;
    th->base = th->n_records;
    th->entry_frame = NULL;
    native_begin(th);
    PyObject *result = run_body(th, cs, region, gen, frame);
    native_end(th);
    th->base = base;
    th->entry_frame = entry_frame;
    return result;
}

PyObject *
rt_gen_next(PyaotThread *pub, PyObject *gen)
{
    return draw((Thread *)pub, gen);
}

/* PyGen_Type's tp_iternext while the loader is installed. */
static PyObject *
next_item(PyObject *gen)
{
    /* The type is shared by all interpreters of the process. */
    PyThreadState *ts = PyThreadState_GetUnchecked();
    if (ts != abi_thread_state() || ts->interp != loader.interp) {
        return loader.generator_next(gen);
    }
    return draw(thread_get(ts), gen);
}

void
generators_start(void)
{
    loader.interp = PyInterpreterState_Get();
    loader.generator_next = PyGen_Type.tp_iternext;
    PyGen_Type.tp_iternext = next_item;
}

void
generators_stop(void)
{
    if (PyGen_Type.tp_iternext == next_item) {
        PyGen_Type.tp_iternext = loader.generator_next;
    }
}
