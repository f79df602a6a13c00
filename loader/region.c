/* The loader's executors: compiled regions, one executor each.
 *
 * The host has made sure that nothing is pending and nobody watches; so the
 * eval breaker of that moment, without what has become pending since, is the
 * value that native code may go on with. */
#include "loader_int.h"

typedef struct {
    PyaotExecutor base;
    CodeState *cs;       /* counted */
    RegionState *region; /* of cs */
    PyaotVecFn vec;      /* a function entry's */
    size_t twice_argcount;
    bool links; /* its code may call others directly */
} RegionExecutor;

/* --- entering ------------------------------------------------------------ */

/* What is pending is asked for by other threads at any time, also since the
 * host looked: native code that took it for usual would never leave. The rest
 * of the eval breaker, the tools' version, changes only with the GIL. */
static inline void
go_on_with(Thread *th, const PyThreadState *ts)
{
    uintptr_t breaker = __atomic_load_n(&ts->eval_breaker, __ATOMIC_RELAXED);
    th->pub.ok_breaker = breaker & ~ABI_EVENT_BITS;
}

static void
tools_look(PyInterpreterState *interp)
{
    if (tools_changed(interp)) {
        tools_refresh(interp);
    }
}

void
tools_refresh(PyInterpreterState *interp)
{
    loader.foreign_tools = abi_foreign_tools(interp);
    if (loader.foreign_tools) {
        for (CodeState *cs = loader.codes; cs != NULL; cs = cs->next) {
            watch_unlink(cs);
        }
    }
}

/* Does the frame look as the region was compiled for? */
static inline __attribute__((always_inline)) bool
frame_fits(CodeState *cs, PyaotFrame *frame, const RegionState *region,
           PyObject **stack_pointer)
{
    PyCodeObject *code = cs->code;
    if ((cs->inst.globals != pyaot_frame_globals(frame)
         || cs->inst.builtins != pyaot_frame_builtins(frame))
        && !match_bind(cs, pyaot_frame_globals(frame),
                       pyaot_frame_builtins(frame))) {
        return false;
    }
    if ((code->co_flags & CO_OPTIMIZED) == 0
        && pyaot_frame_mapping(frame) != pyaot_frame_globals(frame)) {
        return false;
    }
    return stack_pointer - pyaot_frame_cells(frame)
           == (ptrdiff_t)region->n_cells;
}

/* --- live frames: back-edges and resumes --------------------------------- */

static int
to_bytes(uint32_t unit)
{
    return (int)unit * (int)sizeof(_Py_CODEUNIT);
}

/* The region left at a back-edge because something is pending: do that, as
 * the jump would, and say which region to go on with natively.  -1: an
 * exception is set.  ESCAPES */
static int
handle_pending(RegionExecutor *self, Thread *th, PyaotFrame *frame,
               uint32_t offset, PyObject **stack_pointer, RegionState **region)
{
    CodeState *cs = self->cs;
    uint32_t jump, target;
    *region = NULL;
    if (!abi_code_back_edge(cs->code, offset, &jump, &target)) {
        return 0;
    }
    int go = api->handle_pending(&self->base, frame, to_bytes(jump),
                                 stack_pointer);
    if (go <= 0) {
        return go;
    }
    go_on_with(th, th->pub.ts);
    tools_look(th->pub.ts->interp);
    RegionState *next = match_back_edge(cs, target);
    if (next != NULL && frame_fits(cs, frame, next, stack_pointer)) {
        *region = next;
        api->frame_leave(frame, to_bytes(target), stack_pointer);
    }
    else {
        api->frame_leave(frame, to_bytes(offset), stack_pointer);
    }
    return 0;
}

/* The region left for another loop of its code: that one's region, if it can
 * go on natively.  (Other code may have run: the exit gave references back.)
 */
static RegionState *
other_loop(CodeState *cs, PyaotFrame *frame, Thread *th, uint32_t header,
           PyObject **stack_pointer)
{
    RegionState *next = match_back_edge(cs, header);
    if (next == NULL || !api->ready()) {
        return NULL;
    }
    go_on_with(th, th->pub.ts);
    tools_look(th->pub.ts->interp);
    return frame_fits(cs, frame, next, stack_pointer) ? next : NULL;
}

/* A loop must have turned; what is entered after a yield must have come to the
 * next one, and the first back-edge on its way there is no loop's yet. */
bool
region_left_early(const RegionState *region, const PyaotExitRow *exit,
                  uint32_t progress)
{
    if (region->at.kind != PYAOT_REGION_BACK_EDGE) {
        return exit->kind == PYAOT_EXIT_GUARD && progress <= 1;
    }
    return progress == 0;
}

/* From where the frame stands, to the number of an exit, or PYAOT_OSR_*. */
static inline int32_t
run_once(CodeState *cs, RegionState *region, Thread *th, PyaotFrame *frame)
{
    region->entries++;
    th->pub.progress = 0;
    pyaot_frame_set_n_cells(frame, -1);
    native_begin(th);
    int32_t id = region->desc->osr(&th->pub, &cs->inst, frame);
    native_end(th);
    return id;
}

/* The region came back with id; go on natively as long as possible. */
static __attribute__((noinline)) PyaotFrame *
region_left(RegionExecutor *self, Thread *th, PyaotFrame *frame, int32_t id)
{
    CodeState *cs = self->cs;
    RegionState *region = self->region;
    for (;;) {
        if (id == PYAOT_OSR_RAISE) {
            return NULL;
        }
        if (id < 0) { /* refused */
            governor_refused(region,
                             "values of other types than compiled for");
            return frame;
        }
        const PyaotExitRow *exit = &cs->exit_rows[id];
        PyObject **stack_pointer = pyaot_frame_cells(frame)
                                   + exit_cells(&cs->inst, exit);
        api->frame_leave(frame, to_bytes(exit->offset), stack_pointer);
        exit_tell(frame, 1);
        exit_count(cs, exit,
                   abi_is_yield(pyaot_frame_place(frame)) ? NULL : region);
        slots_refresh(&cs->inst);
        if (exit->kind == PYAOT_EXIT_LOOP) {
            region = other_loop(cs, frame, th, exit->offset, stack_pointer);
        }
        else if (exit->kind != PYAOT_EXIT_BREAKER) {
            if (region_left_early(region, exit, th->pub.progress)) {
                governor_early(region);
            }
            return frame;
        }
        else if (handle_pending(self, th, frame, exit->offset, stack_pointer,
                                &region)
                 < 0) {
            return NULL;
        }
        if (region == NULL) {
            return frame;
        }
        id = run_once(cs, region, th, frame);
        if (id < 0 && id != PYAOT_OSR_RAISE) { /* stays where it was left */
            pyaot_frame_set_n_cells(frame, (int)(stack_pointer
                                                 - pyaot_frame_cells(frame)));
        }
    }
}

static PyaotFrame *
region_execute(PyaotExecutor *executor, PyaotFrame *frame,
               PyObject **stack_pointer)
{
    RegionExecutor *self = (RegionExecutor *)executor;
    PyThreadState *ts = abi_thread_state();
    Thread *th = thread_get(ts);
    tools_look(ts->interp);
    if (th == NULL
        || !frame_fits(self->cs, frame, self->region, stack_pointer)) {
        return frame;
    }
    uint32_t base = th->base;
    th->base = th->n_records;
    go_on_with(th, ts);
    uint64_t start = governor_begin(self->region);
    int32_t id = run_once(self->cs, self->region, th, frame);
    PyaotFrame *left = region_left(self, th, frame, id);
    governor_end(self->region, start);
    th->base = base;
    return left;
}

/* It came to a yield or the end, as most resumes do: nothing else is to be
 * done. (The host notes yields by itself.) */
static inline bool
leave_at_yield(const CodeState *cs, PyaotFrame *frame, int32_t id)
{
    const PyaotExitRow *exit = &cs->exit_rows[id];
    _Py_CODEUNIT *unit = cs->inst.units + exit->offset;
    if (exit->kind != PYAOT_EXIT_END
        || !(abi_is_yield(unit) || abi_is_return(unit))) {
        return false;
    }
    /* as frame_leave() does, without the call: once for each item */
    pyaot_frame_set_place(frame, unit);
    pyaot_frame_set_n_cells(frame, exit_cells(&cs->inst, exit));
    loader.exits[exit->reason]++;
    loader.exit_names[exit->reason] = exit_reason(cs, exit);
    return true;
}

/* region_execute() where generators and coroutines are resumed: once for each
 * item, so what is as it was the last time is not done again. */
static PyaotFrame *
region_resume(PyaotExecutor *executor, PyaotFrame *frame,
              PyObject **stack_pointer)
{
    RegionExecutor *self = (RegionExecutor *)executor;
    CodeState *cs = self->cs;
    RegionState *region = self->region;
    PyThreadState *ts = abi_thread_state();
    Thread *th = thread_current;
    if (__builtin_expect(
            th == NULL || th->pub.ts != ts || th->n_records != th->base
                || cs->inst.globals != pyaot_frame_globals(frame)
                || cs->inst.builtins != pyaot_frame_builtins(frame)
                || stack_pointer - pyaot_frame_cells(frame)
                       != (ptrdiff_t)region->n_cells
                || (self->links && tools_changed(ts->interp)),
            0)) {
        return region_execute(executor, frame, stack_pointer);
    }
    region->entries++;
    go_on_with(th, ts);
    th->pub.progress = 0;
    int32_t id = region->desc->osr(&th->pub, &cs->inst, frame);
    if (__builtin_expect(id < 0 || !leave_at_yield(cs, frame, id), 0)) {
        return region_left(self, th, frame, id);
    }
    return frame;
}

/* --- function entries ---------------------------------------------------- */

static inline __attribute__((always_inline)) PyObject *
run_entry(const RegionExecutor *self, Thread *th, PyObject *callable,
          PyObject *const *args)
{
    go_on_with(th, th->pub.ts);
    th->pub.progress = 0;
    self->region->entries++;
    return self->vec(&th->pub, &self->cs->inst, callable, args);
}

static inline bool
is_bound(const CodeState *cs, const PyFunctionObject *func)
{
    return cs->inst.globals == func->func_globals
           && cs->inst.builtins == func->func_builtins;
}

/* The doubled number of arguments: without PY_VECTORCALL_ARGUMENTS_OFFSET. */
static inline size_t
twice_nargs(size_t nargsf)
{
    return nargsf << 1;
}

static PyObject *
run_placed(const RegionExecutor *self, Thread *th, PyObject *callable,
           PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Arguments a;
    if (!arguments_place(&a, (PyFunctionObject *)callable, args, nargsf,
                         kwnames)) {
        governor_refused(self->region, "arguments that have no place");
        return PYAOT_CALL_REFUSED;
    }
    PyObject *r = run_entry(self, th, callable, a.placed);
    arguments_done(&a);
    return r;
}

/* Other parameters, another thread, other tools or globals than last time, or
 * a finaliser that runs while exit records are being made. */
static __attribute__((noinline, cold)) PyObject *
region_call_unusual(RegionExecutor *self, PyObject *callable,
                    PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    CodeState *cs = self->cs;
    PyFunctionObject *func = (PyFunctionObject *)callable;
    PyThreadState *ts = abi_thread_state();
    Thread *th = thread_get(ts);
    if (th == NULL) {
        return PYAOT_CALL_REFUSED;
    }
    tools_look(ts->interp);
    if (!is_bound(cs, func)
        && !match_bind(cs, func->func_globals, func->func_builtins)) {
        governor_refused(self->region, "other globals than the first");
        return PYAOT_CALL_REFUSED;
    }
    uint32_t base = th->base;
    th->base = th->n_records;
    PyObject *r = kwnames == NULL
                          && twice_nargs(nargsf) == self->twice_argcount
                      ? run_entry(self, th, callable, args)
                      : run_placed(self, th, callable, args, nargsf, kwnames);
    assert(th->n_records == th->base);
    th->base = base;
    return r;
}

static PyObject *
region_call(PyaotExecutor *executor, PyObject *callable, PyObject *const *args,
            size_t nargsf, PyObject *kwnames)
{
    RegionExecutor *self = (RegionExecutor *)executor;
    PyThreadState *ts = abi_thread_state();
    Thread *th = thread_current;
    if (__builtin_expect(
            kwnames != NULL || twice_nargs(nargsf) != self->twice_argcount
                || th->pub.ts != ts || th->n_records != th->base
                || !is_bound(self->cs, (PyFunctionObject *)callable)
                || (self->links && tools_changed(ts->interp)),
            0)) {
        return region_call_unusual(self, callable, args, nargsf, kwnames);
    }
    return run_entry(self, th, callable, args);
}

static PyObject *
region_call_timed(PyaotExecutor *executor, PyObject *callable,
                  PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Thread *th = thread_get(abi_thread_state());
    if (th == NULL) {
        return PYAOT_CALL_REFUSED;
    }
    native_begin(th);
    PyObject *r = region_call(executor, callable, args, nargsf, kwnames);
    native_end(th);
    return r;
}

/* A call of a generator or coroutine function: only makes the object, whose
 * body the executor is entered for later. */
static PyObject *
region_make(PyaotExecutor *executor, PyObject *callable, PyObject *const *args,
            size_t nargsf, PyObject *kwnames)
{
    RegionExecutor *self = (RegionExecutor *)executor;
    CodeState *cs = self->cs;
    PyFunctionObject *func = (PyFunctionObject *)callable;
    if (abi_thread_state()->coroutine_origin_tracking_depth != 0) {
        return PYAOT_CALL_REFUSED;
    }
    if (kwnames == NULL
        && (size_t)PyVectorcall_NARGS(nargsf) == cs->argcount) {
        return abi_generator_new(func, cs->start, args, cs->argcount);
    }
    Arguments a;
    if (!arguments_place(&a, func, args, nargsf, kwnames)) {
        return PYAOT_CALL_REFUSED;
    }
    PyObject *r = abi_generator_new(func, cs->start, a.placed, cs->argcount);
    arguments_done(&a);
    return r;
}

CodeState *
region_linkable(PyFunctionObject *func)
{
    CodeState *cs = code_state(func->func_code);
    if (!loader.active || loader.foreign_tools || cs == NULL
        || !gate_runs_code(func) || cs->entry == NULL || cs->entry->off
        || abi_code_watched((PyCodeObject *)func->func_code)
        || !match_bind(cs, func->func_globals, func->func_builtins)
        || cs->entry->desc->direct == NULL) {
        return NULL;
    }
    return cs;
}

void
rt_trace(PyaotInst *in, uint32_t unit)
{
    if (api->debug_level() >= 4) {
        api->debug(4, "native %s@%d %s", in->desc->qualname, to_bytes(unit),
                   abi_code_opname(in->code, unit));
    }
}

/* --- life ---------------------------------------------------------------- */

static void
region_invalidated(PyaotExecutor *executor)
{
    RegionExecutor *self = (RegionExecutor *)executor;
    self->region->executor = NULL;
    self->region->off = true;
    if (self->region == self->cs->entry && self->cs->code != NULL) {
        watch_unlink(self->cs);
    }
}

static void
region_dealloc(PyObject *self)
{
    match_release(((RegionExecutor *)self)->cs);
    Py_TYPE(self)->tp_free(self);
}

static PyTypeObject RegionExecutor_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "pyaot.Region",
    .tp_basicsize = sizeof(RegionExecutor),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_doc = "a compiled region",
    .tp_dealloc = region_dealloc,
};

int
region_ready(void)
{
    RegionExecutor_Type.tp_base = api->executor_type;
    return PyType_Ready(&RegionExecutor_Type);
}

/* Has it slots for direct callees? */
static bool
has_links(const PyaotCodeDesc *desc)
{
    for (uint32_t i = 0; i < desc->n_slots; i++) {
        if (desc->slots[i].key != NULL) {
            return true;
        }
    }
    return false;
}

void
region_loaded(RegionState *region)
{
    RegionExecutor *self = (RegionExecutor *)region->executor;
    if (self != NULL) {
        self->vec = region->desc->vec;
        self->links = has_links(self->cs->inst.desc);
    }
}

PyaotExecutor *
region_new(CodeState *cs, RegionState *region)
{
    RegionExecutor *self = PyObject_New(RegionExecutor, &RegionExecutor_Type);
    if (self == NULL) {
        return NULL;
    }
    /* A function entry without vec runs on the frame: generators, and
     * functions whose arguments a vectorcall cannot take as they come. */
    bool called = region == cs->entry;
    bool watched_closely = loader.timing || loader.debug >= 3;
    /* Code of modules, classes, exec and eval may have other locals than
     * globals, which only region_execute() looks at. */
    bool has_names = (cs->code->co_flags & CO_OPTIMIZED) == 0;
    bool drawn_only = (region->at.flags & PYAOT_CACHE_REGION_NATIVE_ONLY) != 0;
    self->base.execute = called ? NULL
                         : region->at.kind == PYAOT_REGION_BACK_EDGE
                                 || watched_closely || has_names
                             ? region_execute
                             : region_resume;
    self->base.call = called
                          ? (loader.timing ? region_call_timed : region_call)
                      : cs->start != 0 && region->at.kind == PYAOT_REGION_ENTRY
                              && !drawn_only
                          ? region_make
                          : NULL;
    self->base.invalidated = region_invalidated;
    /* Matching happens once, when the code object is made. */
    self->base.flags = PYAOT_EXECUTOR_COMES_BACK;
    /* and the interpreter makes the generator as it always does */
    if (drawn_only) {
        self->base.flags |= PYAOT_EXECUTOR_DRAWN_ONLY;
    }
    self->base.host = NULL;
    self->cs = cs;
    self->region = region;
    self->twice_argcount = twice_nargs(cs->argcount);
    self->vec = NULL;
    self->links = false;
    cs->n_refs++;
    return &self->base;
}
