/* Leaving native code: exit records, frames handed to the interpreter, the
 * counts of exits. */
#include "loader_int.h"

#include <stdlib.h>
#include <string.h>

/* --- counts -------------------------------------------------------------- */

void
exit_count(const CodeState *cs, const PyaotExitRow *exit,
           const RegionState *region)
{
    loader.exits[exit->reason]++;
    const char *reason = exit_reason(cs, exit);
    loader.exit_names[exit->reason] = reason;
    if (region != NULL && region->executor != NULL) {
        api->note_exit(region->executor, reason);
    }
    if (__builtin_expect(loader.debug >= 3, 0)) {
        api->debug(3, "exit at %u: %s", exit->offset * 2, reason);
    }
}

PyObject *
rt_vec_refused(PyaotThread *Py_UNUSED(pub), PyaotInst *in)
{
    governor_refused(((CodeState *)in->owner)->entry,
                     "values of other types than compiled for");
    return PYAOT_CALL_REFUSED;
}

/* An activation of this instance's function leaves through exit. */
static void
entry_left(const Thread *th, PyaotInst *in, const PyaotExitRow *exit)
{
    CodeState *cs = in->owner;
    exit_count(cs, exit, cs->entry);
    slots_refresh(in);
    if (exit->kind == PYAOT_EXIT_GUARD && !th->pub.progress
        && cs->entry != NULL) {
        governor_early(cs->entry);
        if (cs->entry->off && cs->entry->executor == NULL) {
            /* nobody else tells those that call it directly */
            watch_unlink(cs);
        }
    }
}

/* --- for tests: what exits have written ---------------------------------- */

PyObject *
exit_frame_cells(PyaotFrame *frame, uint32_t n)
{
    PyObject *cells = PyTuple_New((Py_ssize_t)n);
    for (uint32_t i = 0; cells != NULL && i < n; i++) {
        PyObject *o = pyaot_frame_cells(frame)[i];
        PyTuple_SET_ITEM(cells, i,
                         Py_NewRef(o != NULL ? o : Py_NotImplemented));
    }
    return cells;
}

void
exit_tell_hook(PyaotFrame *frame, uint32_t n)
{
    PyObject *hook = loader.exit_hook, *told = PyList_New(0);
    loader.exit_hook = NULL; /* not of its own exits */
    for (uint32_t i = 0; told != NULL && i < n; i++) {
        PyObject *one = Py_BuildValue(
            "(OnN)", pyaot_frame_executable(frame),
            (Py_ssize_t)(pyaot_frame_place(frame)
                         - _PyCode_CODE(pyaot_frame_code(frame)))
                * 2,
            exit_frame_cells(frame, (uint32_t)pyaot_frame_n_cells(frame)));
        if (one == NULL || PyList_Append(told, one) < 0) {
            Py_CLEAR(told);
        }
        Py_XDECREF(one);
        frame = pyaot_frame_caller(frame);
    }
    PyObject *r = told != NULL ? PyObject_CallOneArg(hook, told) : NULL;
    if (r == NULL) {
        PyErr_WriteUnraisable(hook);
    }
    Py_XDECREF(r);
    Py_XDECREF(told);
    loader.exit_hook = hook;
}

/* --- records ------------------------------------------------------------- */

/* Grow an array of the record stack.  Exits have no way to fail. */
static void *
grow(void *items, uint32_t *cap, uint32_t need, size_t size)
{
    uint32_t bigger = *cap ? *cap : 64;
    while (bigger < need) {
        bigger *= 2;
    }
    items = realloc(items, bigger * size);
    if (items == NULL) {
        Py_FatalError("pyaot: out of memory for a side exit");
    }
    *cap = bigger;
    return items;
}

/* The chain's first record is complete, th->progress is its own. */
static void
first_left(const Thread *th)
{
    const ExitRecord *r = &th->records[th->base];
    entry_left(th, r->inst, exit_row(r->inst, r->exit_id));
}

PyObject **
exit_push(Thread *th, PyaotInst *in, PyObject *func, uint32_t exit_id)
{
    uint32_t n = exit_cells(in, exit_row(in, exit_id));
    if (th->n_records == th->base + 1) {
        first_left(th);
    }
    if (th->n_records == th->cap_records) {
        th->records = grow(th->records, &th->cap_records, th->n_records + 1,
                           sizeof *th->records);
    }
    if (th->n_cells + n > th->cap_cells) {
        th->cells = grow(th->cells, &th->cap_cells, th->n_cells + n,
                         sizeof *th->cells);
    }
    th->records[th->n_records++] = (ExitRecord){
        .inst = in,
        .func = Py_NewRef(func),
        .exit_id = exit_id,
        .cells = th->n_cells,
        .marks = th->n_marks,
        .releases = th->n_releases,
    };
    PyObject **cells = th->cells + th->n_cells;
    memset(cells, 0, n * sizeof *cells);
    th->n_cells += n;
    return cells;
}

void
exit_release_later(Thread *th, PyObject *o, uint32_t unit)
{
    if (o == NULL) {
        return;
    }
    if (th->n_releases == th->cap_releases) {
        th->releases = grow(th->releases, &th->cap_releases,
                            th->n_releases + 1, sizeof *th->releases);
    }
    th->releases[th->n_releases++] = (ExitRelease){o, unit, th->n_records - 1};
}

uint64_t
rt_args_stacked(PyaotThread *pub, PyObject *func, PyObject *const *args)
{
    return abi_args_stacked(pub->ts, func, args);
}

PyObject *
rt_call_giving(PyaotThread *pub, PyObject *fn, PyObject **args, size_t n,
               uint64_t given, PyObject *names)
{
    PyThreadState *ts = pub->ts;
    size_t n_all = n + (names != NULL ? (size_t)PyTuple_GET_SIZE(names) : 0);
    Py_INCREF(fn);
    if (Py_TYPE(fn) == &PyMethod_Type) {
        /* the interpreter takes it apart, too */
        PyObject *method = fn;
        fn = Py_NewRef(PyMethod_GET_FUNCTION(method));
        *--args = Py_NewRef(PyMethod_GET_SELF(method));
        given = given << 1 | 1;
        n++, n_all++;
        Py_DECREF(method);
    }
    PyObject *r;
    if (PyFunction_Check(fn) && n_all <= ABI_MAX_MOVED
        && abi_is_plain_function((PyFunctionObject *)fn)) {
        r = abi_call_moving(ts, (PyFunctionObject *)fn, args, (Py_ssize_t)n,
                            given, names);
    }
    else {
        AbiGiven before = abi_given;
        abi_given = (AbiGiven){args, fn, given};
        r = PyObject_Vectorcall(fn, args, n | PY_VECTORCALL_ARGUMENTS_OFFSET,
                                names);
        abi_given = before;
    }
    for (size_t i = 0; i < n_all && i < 64; i++) {
        if (given >> i & 1) {
            Py_DECREF(args[i]); /* None, if the callee took it */
        }
    }
    Py_DECREF(fn);
    return r;
}

void
rt_deopt_args(PyaotThread *pub, PyObject *const *args, uint32_t n,
              uint64_t stacked)
{
    for (uint32_t i = 0; i < n && i < 64; i++) {
        if ((stacked >> i & 1) == 0) {
            continue;
        }
        exit_release_later((Thread *)pub, args[i], EXIT_NO_UNIT);
        ((PyObject **)args)[i] = Py_None;
    }
}

/* Give back what the chain of records from first on held, in the order in
 * which it was noted, with their frames as they are to be seen: innermost
 * first.
 *
 * frame  of the record first, or NULL: there are none
 *
 * ESCAPES */
static void
release_all(Thread *th, uint32_t first, uint32_t start, PyaotFrame *frame)
{
    uint32_t n = th->n_releases;
    for (uint32_t i = start; i < n; i++) {
        ExitRelease r = th->releases[i];
        if (frame == NULL || r.record != first || r.unit == EXIT_NO_UNIT) {
            Py_DECREF(r.o);
            continue;
        }
        _Py_CODEUNIT *at = pyaot_frame_place(frame);
        pyaot_frame_set_place(frame, th->records[first].inst->units + r.unit);
        Py_DECREF(r.o);
        pyaot_frame_set_place(frame, at);
    }
    th->n_releases = start;
}

void
exit_mark(Thread *th, uint32_t cell, uint32_t param)
{
    if (th->n_marks == th->cap_marks) {
        th->marks = grow(th->marks, &th->cap_marks, th->n_marks + 1,
                         sizeof *th->marks);
    }
    th->marks[th->n_marks++] = (ExitMark){cell, param};
}

void
exit_mark_twin(Thread *th, uint32_t cell, uint32_t twin)
{
    for (uint32_t i = th->records[th->n_records - 1].marks; i < th->n_marks;
         i++) {
        if (th->marks[i].cell == twin) {
            exit_mark(th, cell, th->marks[i].param);
            return;
        }
    }
}

void
rt_deopt_param(PyaotThread *pub, uint32_t param, PyObject *obj)
{
    Thread *th = (Thread *)pub;
    ExitRecord *r = &th->records[th->n_records - 1];
    for (uint32_t i = r->marks; i < th->n_marks; i++) {
        if (th->marks[i].param == param) {
            PyObject **cell = &th->cells[r->cells + th->marks[i].cell];
            Py_XSETREF(*cell, Py_NewRef(obj));
        }
    }
}

/* Memory ran out while frames were pushed: drop the records that have none,
 * and the frames of the others. */
static void
drop_chain(Thread *th, uint32_t first, uint32_t left)
{
    PyThreadState *ts = th->pub.ts;
    uint32_t n = th->n_records - first;
    PyObject *exc = PyErr_GetRaisedException();
    for (uint32_t i = left; i < n; i++) {
        abi_frame_pop(ts, pyaot_frame_current(ts));
    }
    for (uint32_t i = 0; i < left; i++) {
        ExitRecord *r = &th->records[first + i];
        uint32_t cells = exit_cells(r->inst, exit_row(r->inst, r->exit_id));
        for (uint32_t c = 0; c < cells; c++) {
            Py_XDECREF(th->cells[r->cells + c]);
        }
        Py_DECREF(r->func);
    }
    PyErr_SetRaisedException(exc);
}

/* Make the frame of one record the current one. */
static bool
rebuild_frame(Thread *th, ExitRecord *r)
{
    PyThreadState *ts = th->pub.ts;
    const PyaotExitRow *exit = exit_row(r->inst, r->exit_id);
    uint32_t cells = exit_cells(r->inst, exit);
    uint32_t offset = exit->offset;
    PyaotFrame *frame = abi_frame_push(ts, (PyFunctionObject *)r->func);
    if (frame == NULL) {
        return false;
    }
    Py_DECREF(r->func); /* the frame has its own */
    memcpy(pyaot_frame_cells(frame), th->cells + r->cells,
           cells * sizeof(PyObject *));
    pyaot_frame_set_n_cells(frame, (int)cells);
    if (exit->kind == PYAOT_EXIT_CALL || exit->kind == PYAOT_EXIT_INIT) {
        offset = abi_code_skip_prefix(r->inst->code, offset);
    }
    pyaot_frame_set_place(frame, r->inst->units + offset);
    loader.frames_rebuilt++;
    return true;
}

/* The frame of r gets the result of the call it waits for.  False: an
 * exception is set. */
static bool
deliver(const ExitRecord *r, PyaotFrame *frame, PyObject *result /* stolen */)
{
    const PyaotExitRow *exit = exit_row(r->inst, r->exit_id);
    if (result == NULL) {
        return false;
    }
    if (exit->kind != PYAOT_EXIT_INIT) {
        pyaot_frame_push(frame, result);
    }
    else if (result == Py_None) {
        Py_DECREF(result);
    }
    else {
        PyErr_Format(PyExc_TypeError,
                     "__init__() should return None, not '%.200s'",
                     Py_TYPE(result)->tp_name);
        Py_DECREF(result);
        return false;
    }
    pyaot_frame_set_place(frame, r->inst->units + exit->resume);
    return true;
}

/* Levels of recursion that the frame of record i, which waits for the result
 * of a call, holds. */
static int
levels_held(const Thread *th, uint32_t i)
{
    const ExitRecord *r = &th->records[i];
    const PyaotExitRow *exit = exit_row(r->inst, r->exit_id);
    if (exit->kind != PYAOT_EXIT_INIT) {
        return 1;
    }
    uint32_t given = th->records[i - 1].inst->desc->argcount - 1;
    PyObject *made = th->cells[r->cells + exit_cells(r->inst, exit) - 1u];
    bool exact = abi_code_call_args(r->inst->code, exit->offset) == (int)given;
    return 1 + (exact ? (int)abi_class_call_levels(Py_TYPE(made)) : 0);
}

PyObject *
rt_deopt_resume(PyaotThread *pub, int counted)
{
    Thread *th = (Thread *)pub;
    PyThreadState *ts = th->pub.ts;
    uint32_t first = th->base, n = th->n_records - first;
    uint32_t marks = th->records[first].marks;
    uint32_t releases = th->records[first].releases;
    uint32_t depth = native_suspend(th);
    PyObject *result = NULL;
    assert(n > 0);
    if (n == 1) {
        first_left(th);
    }
    for (uint32_t i = 1; i < n; i++) {
        th->records[first + i].levels = levels_held(th, first + i);
    }
    for (uint32_t i = n; i-- > 0;) {
        if (!rebuild_frame(th, &th->records[first + i])) {
            drop_chain(th, first, i + 1);
            release_all(th, first, releases, NULL);
            goto out;
        }
    }
    th->n_cells = th->records[first].cells;
    th->n_marks = marks;
    th->base = th->n_records; /* of what is entered meanwhile */
    for (uint32_t i = 0; i < n; i++) {
        api->refresh_code(th->records[first + i].inst->code);
    }
    /* Give back the caller's count; each frame but the one that runs holds
     * what it would hold waiting in the interpreter. */
    ts->py_recursion_remaining += counted;
    for (uint32_t i = 1; i < n; i++) {
        ts->py_recursion_remaining -= th->records[first + i].levels;
    }
    release_all(th, first, releases, pyaot_frame_current(ts));
    exit_tell(pyaot_frame_current(ts), n);
    for (uint32_t i = 0; i < n; i++) {
        PyaotFrame *frame = pyaot_frame_current(ts);
        if (i > 0) {
            ExitRecord *r = &th->records[first + i];
            ts->py_recursion_remaining += r->levels;
            if (!deliver(r, frame, result) && !abi_frame_raise(ts, frame)) {
                abi_frame_pop(ts, frame);
                continue;
            }
        }
        result = abi_frame_eval(ts, frame);
    }
    ts->py_recursion_remaining -= counted;
out:
    th->base = th->n_records = first;
    native_continue(th, depth);
    return result;
}

/* --- frames -------------------------------------------------------------- */

PyaotFrame *
rt_push_frame(PyaotThread *pub, PyaotInst *Py_UNUSED(in), PyObject *func)
{
    PyaotFrame *frame = abi_frame_push(pub->ts, (PyFunctionObject *)func);
    if (frame != NULL) {
        abi_frame_copy_free(frame);
    }
    return frame;
}

void
rt_pop_frame(PyaotThread *pub, PyaotFrame *frame)
{
    /* Native code keeps its evaluation stack elsewhere, and it is empty. */
    pyaot_frame_set_n_cells(frame, pyaot_frame_code(frame)->co_nlocalsplus);
    abi_frame_pop(pub->ts, frame);
}

static PyObject *
run_frame(Thread *th, PyaotInst *in, PyaotFrame *frame)
{
    PyThreadState *ts = th->pub.ts;
    uint32_t depth = native_suspend(th);
    api->refresh_code(in->code);
    ts->py_recursion_remaining++;
    PyObject *r = abi_frame_eval(ts, frame);
    ts->py_recursion_remaining--;
    native_continue(th, depth);
    return r;
}

PyObject *
exit_resume_frame(Thread *th, PyaotInst *in, PyaotFrame *frame,
                  uint32_t exit_id)
{
    const PyaotExitRow *exit = exit_row(in, exit_id);
    entry_left(th, in, exit);
    pyaot_frame_set_place(frame, in->units + exit->offset);
    exit_tell(frame, 1);
    return run_frame(th, in, frame);
}

PyObject *
exit_raise_frame(Thread *th, PyaotInst *in, PyaotFrame *frame)
{
    if (abi_frame_raise(th->pub.ts, frame)) {
        return run_frame(th, in, frame);
    }
    abi_frame_pop(th->pub.ts, frame);
    return NULL;
}
