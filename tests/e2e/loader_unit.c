/* A unit as the compiler makes them, written by hand for test_loader.py, which
 * generates loader_unit_facts.h: for each function F of loader_prog.py
 * KEY_F, F_UNITS, F_<OPNAME>_<k> (first unit of its k-th such instruction),
 * F_<OPNAME>_<k>_NEXT (the next instruction) and F_<OPNAME>_<k>_TO (the target
 * of a jump), F_NAME_<name> (index into co_names). */
#include "cache/abi/pyaot_abi.h"
#include "internal/pycore_dict.h"
#include "loader_unit_facts.h"

static const PyaotRuntime *runtime;

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define BREAK_WANTED(th)                                                      \
    (__atomic_load_n(&(th)->ts->eval_breaker, __ATOMIC_RELAXED)               \
     != (th)->ok_breaker)

static int
as_int(PyObject *obj, int64_t *value)
{
    if (!PyLong_CheckExact(obj)) {
        return 0;
    }
    int overflow;
    *value = PyLong_AsLongLongAndOverflow(obj, &overflow);
    return !overflow;
}

/* May a direct call be made?  The caller's half of the accounting. */
static int
enter(PyaotThread *th)
{
    if (th->ts->py_recursion_remaining <= 0 || BREAK_WANTED(th)
        || (char *)__builtin_frame_address(0) < th->stack_limit) {
        return 0;
    }
    th->ts->py_recursion_remaining--;
    return 1;
}

static void
leave(PyaotThread *th)
{
    th->ts->py_recursion_remaining++;
}

/* The end of a boxed entry whose direct entry returned r. */
static PyObject *
boxed(PyaotThread *th, PyaotRetI r)
{
    if (r.st == PYAOT_ST_OK) {
        return PyLong_FromLongLong(r.v);
    }
    if (r.st == PYAOT_ST_DEOPT) {
        return runtime->deopt_resume(th, 1);
    }
    return r.st == PYAOT_ST_RAISE ? NULL : (PyObject *)r.st;
}

/* ---- total: frameless, leaves in the middle of the loop at 1000 ----------- */
enum { TOTAL_GUARD, TOTAL_BREAKER };
static const PyaotExitDesc total_exits[] = {
    [TOTAL_GUARD] = {.offset = total_JUMP_BACKWARD_0_TO, .n_locals = 3,
                     .kind = PYAOT_EXIT_GUARD, .reason = 1,
                     .reason_name = "guard"},
    [TOTAL_BREAKER] = {.offset = total_JUMP_BACKWARD_0, .n_locals = 3,
                       .kind = PYAOT_EXIT_BREAKER, .reason = 2,
                       .reason_name = "breaker"},
};

static PyaotRetI
total_direct(PyaotThread *th, PyaotInst *in, PyObject *func, int64_t n)
{
    int64_t s = 0, i = 0;
    while (i < n) {
        uint32_t exit = UINT32_MAX;
        if (i == 1000) {
            exit = TOTAL_GUARD;
        }
        else {
            s += i;
            i++;
            if (BREAK_WANTED(th) && i < n) {
                exit = TOTAL_BREAKER;
            }
        }
        if (exit != UINT32_MAX) {
            th->progress = i > 0;
            PyObject **cells = runtime->deopt_push(th, in, func, exit);
            cells[0] = PyLong_FromLongLong(n);
            runtime->deopt_mark(th, 0, 0);
            cells[1] = PyLong_FromLongLong(s);
            cells[2] = PyLong_FromLongLong(i);
            return (PyaotRetI){0, PYAOT_ST_DEOPT};
        }
    }
    return (PyaotRetI){s, PYAOT_ST_OK};
}

static PyObject *
total_vec(PyaotThread *th, PyaotInst *in, PyObject *func,
          PyObject *const *args)
{
    int64_t n;
    if (!as_int(args[0], &n)) {
        return runtime->vec_refused(th, in);
    }
    PyaotRetI r = total_direct(th, in, func, n);
    if (r.st == PYAOT_ST_DEOPT) {
        runtime->deopt_param(th, 0, args[0]);
    }
    return boxed(th, r);
}

static const PyaotRegionDesc total_regions[] = {
    {.kind = PYAOT_REGION_ENTRY, .sig = "i:i", .direct = total_direct,
     .vec = total_vec},
};

/* ---- leaf: always leaves at once ------------------------------------------- */
static const PyaotExitDesc leaf_exits[] = {
    {.offset = leaf_LOAD_FAST_0, .n_locals = 1, .kind = PYAOT_EXIT_GUARD,
     .reason = 1, .reason_name = "guard"},
};

static PyObject *
leaf_vec(PyaotThread *th, PyaotInst *in, PyObject *func, PyObject *const *args)
{
    if (!PyLong_CheckExact(args[0])) {
        return runtime->vec_refused(th, in);
    }
    th->progress = 0;
    PyObject **cells = runtime->deopt_push(th, in, func, 0);
    cells[0] = Py_NewRef(args[0]);
    return runtime->deopt_resume(th, 1);
}

static const PyaotRegionDesc leaf_regions[] = {
    {.kind = PYAOT_REGION_ENTRY, .sig = "i:i", .direct = NULL,
     .vec = leaf_vec},
};

/* ---- down, depth: direct recursion; what it cannot do leaves ---------------- */
enum { DOWN_GUARD, DOWN_CALL };
#define RECURSION(F, AT_BOTTOM)                                                     \
    static const PyaotSlotDesc F##_slots[] = {                                \
        {.kind = PYAOT_SLOT_CALLEE, .name = F##_NAME_##F,                     \
         .key = (const uint8_t[])KEY_##F, .sig = "i:i"},                      \
    };                                                                        \
    static const PyaotExitDesc F##_exits[] = {                                \
        [DOWN_GUARD] = {.offset = F##_LOAD_FAST_0, .n_locals = 1,             \
                        .kind = PYAOT_EXIT_GUARD, .reason = 1,                \
                        .reason_name = "guard"},                              \
        [DOWN_CALL] = {.offset = F##_CALL_0, .resume = F##_CALL_0_NEXT,       \
                       .n_locals = 1, .kind = PYAOT_EXIT_CALL, .reason = 3,   \
                       .reason_name = "call"},                                \
    };                                                                        \
    static PyaotRetI F##_direct(PyaotThread *th, PyaotInst *in,               \
                                PyObject *func, int64_t n)                    \
    {                                                                         \
        PyaotSlot *slot = &in->slots[0];                                      \
        PyObject **cells;                                                     \
        if (n == 0) {                                                         \
            AT_BOTTOM;                                                        \
        }                                                                     \
        if (slot->entry == NULL && !runtime->slot_callee(th, in, 0)) {        \
            goto guard;                                                       \
        }                                                                     \
        PyObject *callee = slot->value;                                       \
        PyaotRetI (*entry)(PyaotThread *, PyaotInst *, PyObject *, int64_t) = \
            (PyaotRetI(*)(PyaotThread *, PyaotInst *, PyObject *,             \
                          int64_t))slot->entry;                               \
        if (!enter(th)) {                                                     \
            goto guard;                                                       \
        }                                                                     \
        PyaotRetI r = entry(th, slot->inst, callee, n - 1);                   \
        leave(th);                                                            \
        if (r.st == PYAOT_ST_OK) {                                            \
            return (PyaotRetI){r.v + 1, PYAOT_ST_OK};                         \
        }                                                                     \
        cells = runtime->deopt_push(th, in, func, DOWN_CALL);                 \
        cells[0] = PyLong_FromLongLong(n);                                    \
        return (PyaotRetI){0, PYAOT_ST_DEOPT};                                \
    guard:                                                                    \
        th->progress = 0;                                                     \
        cells = runtime->deopt_push(th, in, func, DOWN_GUARD);                \
        cells[0] = PyLong_FromLongLong(n);                                    \
        return (PyaotRetI){0, PYAOT_ST_DEOPT};                                \
    }                                                                         \
    static PyObject *F##_vec(PyaotThread *th, PyaotInst *in, PyObject *func,  \
                             PyObject *const *args)                           \
    {                                                                         \
        int64_t n;                                                            \
        if (!as_int(args[0], &n)) {                                           \
            return runtime->vec_refused(th, in);                              \
        }                                                                     \
        return boxed(th, F##_direct(th, in, func, n));                        \
    }                                                                         \
    static const PyaotRegionDesc F##_regions[] = {                            \
        {.kind = PYAOT_REGION_ENTRY, .sig = "i:i", .direct = F##_direct,      \
         .vec = F##_vec},                                                     \
    };

RECURSION(down, goto guard)
RECURSION(depth, return ((PyaotRetI){0, PYAOT_ST_OK}))

/* ---- apply: framed; calls anything ------------------------------------------ */
enum { APPLY_ADD };
static const PyaotExitDesc apply_exits[] = {
    [APPLY_ADD] = {.offset = apply_BINARY_OP_0, .n_locals = 4, .n_stack = 3,
                   .kind = PYAOT_EXIT_GUARD, .reason = 1,
                   .reason_name = "guard"},
};

static PyObject *
apply_vec(PyaotThread *th, PyaotInst *in, PyObject *func,
          PyObject *const *args)
{
    int64_t n, s = 0;
    if (!as_int(args[1], &n)) {
        return runtime->vec_refused(th, in);
    }
    PyaotFrame *frame = runtime->push_frame(th, in, func);
    if (frame == NULL) {
        return NULL;
    }
    frame->localsplus[0] = Py_NewRef(args[0]);
    frame->localsplus[1] = Py_NewRef(args[1]);
    frame->instr_ptr = in->units + apply_CALL_1;
    for (int64_t i = 0; i < n; i++) {
        PyObject *item = PyLong_FromLongLong(i);
        PyObject *value = PyObject_CallOneArg(args[0], item);
        int64_t v;
        Py_XSETREF(frame->localsplus[3], item);
        if (value == NULL) {
            frame->localsplus[2] = PyLong_FromLongLong(s);
            return runtime->raise_frame(th, in, frame);
        }
        if (!as_int(value, &v)) {
            PyObject **stack = frame->localsplus + 4;
            frame->localsplus[2] = PyLong_FromLongLong(s);
            stack[0] = runtime->range_iter_make(i + 1, 1, n - i - 1);
            stack[1] = PyLong_FromLongLong(s);
            stack[2] = value;
            frame->stacktop = 7;
            th->progress = i > 0;
            return runtime->resume_frame(th, in, frame, APPLY_ADD);
        }
        Py_DECREF(value);
        s += v;
    }
    runtime->pop_frame(th, frame);
    return PyLong_FromLongLong(s);
}

static const PyaotRegionDesc apply_regions[] = {
    {.kind = PYAOT_REGION_ENTRY, .framed = 1, .sig = "oi:o",
     .vec = apply_vec},
};

/* ---- spin: a loop on the live frame ------------------------------------------ */
enum { SPIN_END, SPIN_BREAKER, SPIN_GUARD };
static const PyaotExitDesc spin_exits[] = {
    [SPIN_END] = {.offset = spin_RETURN_VALUE_0 - 1, .n_locals = 2,
                  .kind = PYAOT_EXIT_END, .reason = 4, .reason_name = "end"},
    [SPIN_BREAKER] = {.offset = spin_JUMP_BACKWARD_0, .n_locals = 2,
                      .kind = PYAOT_EXIT_BREAKER, .reason = 2,
                      .reason_name = "breaker"},
    [SPIN_GUARD] = {.offset = spin_JUMP_BACKWARD_0_TO, .n_locals = 2,
                    .kind = PYAOT_EXIT_GUARD, .reason = 1,
                    .reason_name = "guard"},
};

static int32_t
spin_osr(PyaotThread *th, PyaotInst *in, PyaotFrame *frame)
{
    int64_t n, i;
    (void)in;
    if (!as_int(frame->localsplus[0], &n)
        || !as_int(frame->localsplus[1], &i)) {
        return PYAOT_OSR_REFUSED;
    }
    int32_t exit = SPIN_END;
    th->progress = 0;
    if (n < 0) { /* a guard that always fails */
        return SPIN_GUARD;
    }
    for (;;) {
        i++;
        if (i >= n) {
            break;
        }
        if (BREAK_WANTED(th)) {
            exit = SPIN_BREAKER;
            break;
        }
        th->progress = 1;
    }
    Py_SETREF(frame->localsplus[1], PyLong_FromLongLong(i));
    return exit;
}

static const PyaotRegionDesc spin_regions[] = {
    {.kind = PYAOT_REGION_BACK_EDGE, .offset = spin_JUMP_BACKWARD_0_TO,
     .osr = spin_osr},
};

/* ---- calls, calls_try: loops that call; exceptions ---------------------------- */
#define CALLS(F, CALL_AT, EXIT_TO)                                            \
    static const PyaotExitDesc F##_exits[] = {                                \
        {.offset = F##_##EXIT_TO, .n_locals = 4, .n_stack = 1,                \
         .kind = PYAOT_EXIT_END, .reason = 4, .reason_name = "end"},          \
        {.offset = F##_JUMP_BACKWARD_0, .n_locals = 4, .n_stack = 1,          \
         .kind = PYAOT_EXIT_BREAKER, .reason = 2, .reason_name = "breaker"},  \
    };                                                                        \
    static int32_t F##_osr(PyaotThread *th, PyaotInst *in, PyaotFrame *frame) \
    {                                                                         \
        int64_t next, step, remaining, s, v;                                  \
        int32_t exit = 0;                                                     \
        if (!runtime->range_iter_take(frame->localsplus[4], &next, &step,     \
                                      &remaining)                             \
            || !as_int(frame->localsplus[2], &s)) {                           \
            return PYAOT_OSR_REFUSED;                                         \
        }                                                                     \
        th->progress = 0;                                                     \
        frame->instr_ptr = in->units + F##_##CALL_AT;                         \
        while (remaining > 0) {                                               \
            PyObject *item = PyLong_FromLongLong(next);                       \
            next += step;                                                     \
            remaining--;                                                      \
            PyObject *value = PyObject_CallOneArg(frame->localsplus[0], item);\
            Py_XSETREF(frame->localsplus[3], item);                           \
            if (value == NULL) {                                              \
                exit = PYAOT_OSR_RAISE;                                       \
                break;                                                        \
            }                                                                 \
            if (!as_int(value, &v)) {                                         \
                Py_FatalError("the tests return numbers only");               \
            }                                                                 \
            Py_DECREF(value);                                                 \
            s += v;                                                           \
            th->progress = 1;                                                 \
            if (BREAK_WANTED(th)) {                                           \
                exit = 1;                                                     \
                break;                                                        \
            }                                                                 \
        }                                                                     \
        Py_SETREF(frame->localsplus[2], PyLong_FromLongLong(s));              \
        Py_SETREF(frame->localsplus[4],                                       \
                  runtime->range_iter_make(next, step, remaining));           \
        frame->stacktop = 5;                                                  \
        return exit;                                                          \
    }                                                                         \
    static const PyaotRegionDesc F##_regions[] = {                            \
        {.kind = PYAOT_REGION_BACK_EDGE, .offset = F##_FOR_ITER_0,            \
         .n_stack = 1, .osr = F##_osr},                                       \
    };
CALLS(calls, CALL_1, FOR_ITER_0)
CALLS(calls_try, CALL_1, FOR_ITER_0)
CALLS(gen_calls, CALL_1, FOR_ITER_0)

/* ---- names: a global as an assumption ------------------------------------------ */
static const PyaotSlotDesc names_slots[] = {
    {.kind = PYAOT_SLOT_GLOBAL, .name = names_NAME_step},
};
static const PyaotExitDesc names_exits[] = {
    {.offset = names_LOAD_FAST_1, .n_locals = 2, .kind = PYAOT_EXIT_GUARD,
     .reason = 1, .reason_name = "guard"},
};
static PyObject *
names_vec(PyaotThread *th, PyaotInst *in, PyObject *func,
          PyObject *const *args)
{
    int64_t n, step, s = 0;
    if (!as_int(args[0], &n)) {
        return runtime->vec_refused(th, in);
    }
    for (; n > 0; n--) {
        PyObject *value = in->slots[0].value;
        if (value == NULL) {
            value = runtime->slot_global(th, in, 0);
        }
        if (value == NULL) {
            PyObject **cells = runtime->deopt_push(th, in, func, 0);
            cells[0] = PyLong_FromLongLong(n);
            cells[1] = PyLong_FromLongLong(s);
            return runtime->deopt_resume(th, 1);
        }
        if (!as_int(value, &step)) {
            return runtime->vec_refused(th, in);
        }
        s += step;
    }
    return PyLong_FromLongLong(s);
}
static const PyaotRegionDesc names_regions[] = {
    {.kind = PYAOT_REGION_ENTRY, .sig = "i:i", .vec = names_vec},
};

/* ---- accumulate: a generator, from its start and from each resume ------------- */
enum { ACC_YIELD, ACC_END, ACC_GUARD };
static const PyaotExitDesc accumulate_exits[] = {
    [ACC_YIELD] = {.offset = accumulate_YIELD_VALUE_0, .n_locals = 2,
                   .n_stack = 2, .kind = PYAOT_EXIT_END, .reason = 3,
                   .reason_name = "yield"},
    [ACC_END] = {.offset = accumulate_POP_JUMP_IF_FALSE_0_TO, .n_locals = 2,
                 .kind = PYAOT_EXIT_END, .reason = 4, .reason_name = "end"},
    [ACC_GUARD] = {.offset = accumulate_BINARY_OP_0, .n_locals = 2,
                   .n_stack = 2, .kind = PYAOT_EXIT_GUARD, .reason = 1,
                   .reason_name = "guard"},
};

/* The loop's test, and the way to its yield. */
static int32_t
accumulate_turn(PyaotThread *th, PyaotFrame *frame, int64_t total, int64_t n)
{
    PyObject **stack = frame->localsplus + 2;
    PyObject *boxed_total = PyLong_FromLongLong(total);
    th->progress = 1;
    Py_XSETREF(frame->localsplus[1], boxed_total);
    if (total >= n) {
        return ACC_END;
    }
    stack[0] = Py_NewRef(boxed_total);
    stack[1] = Py_NewRef(boxed_total);
    return ACC_YIELD;
}

static int32_t
accumulate_start(PyaotThread *th, PyaotInst *in, PyaotFrame *frame)
{
    int64_t n;
    (void)in;
    if (!as_int(frame->localsplus[0], &n)) {
        return PYAOT_OSR_REFUSED;
    }
    return accumulate_turn(th, frame, 0, n);
}

static int32_t
accumulate_resume(PyaotThread *th, PyaotInst *in, PyaotFrame *frame)
{
    PyObject **stack = frame->localsplus + 2;
    int64_t n, total, sent, sum;
    (void)in;
    if (!as_int(frame->localsplus[0], &n) || !as_int(stack[0], &total)) {
        return PYAOT_OSR_REFUSED;
    }
    if (!as_int(stack[1], &sent) || __builtin_add_overflow(total, sent, &sum)) {
        return ACC_GUARD;
    }
    Py_DECREF(stack[0]);
    Py_DECREF(stack[1]);
    return accumulate_turn(th, frame, sum, n);
}
static const PyaotRegionDesc accumulate_regions[] = {
    {.kind = PYAOT_REGION_ENTRY, .osr = accumulate_start},
    {.kind = PYAOT_REGION_RESUME, .offset = accumulate_RESUME_1, .n_stack = 2,
     .osr = accumulate_resume},
};

/* ---- attrs, methods -------------------------------------------------------------- */
static const PyaotSlotDesc attrs_slots[] = {
    {.kind = PYAOT_SLOT_ATTR, .name = attrs_NAME_x},
};
static PyObject *
attrs_vec(PyaotThread *th, PyaotInst *in, PyObject *func,
          PyObject *const *args)
{
    PyaotSlot *slot = &in->slots[0];
    char *obj = (char *)args[0];
    (void)func;
    if (slot->type != Py_TYPE(args[0])
        && !runtime->slot_attr(th, in, 0, args[0])) {
        return runtime->vec_refused(th, in);
    }
    if (slot->valid_offset != 0 && !obj[slot->valid_offset]) {
        return runtime->vec_refused(th, in);
    }
    PyObject *value = *(PyObject **)(obj + slot->offset);
    return value != NULL ? Py_NewRef(value) : runtime->vec_refused(th, in);
}
static const PyaotRegionDesc attrs_regions[] = {
    {.kind = PYAOT_REGION_ENTRY, .sig = "o:o", .vec = attrs_vec},
};

static const PyaotSlotDesc methods_slots[] = {
    {.kind = PYAOT_SLOT_METHOD, .name = methods_NAME_get},
};
static PyObject *
methods_vec(PyaotThread *th, PyaotInst *in, PyObject *func,
            PyObject *const *args)
{
    PyaotSlot *slot = &in->slots[0];
    PyTypeObject *type = Py_TYPE(args[0]);
    if (slot->type != type
        || ((char *)args[0])[slot->valid_offset] == 0
        || ((PyHeapTypeObject *)type)->ht_cached_keys->dk_version
               != slot->keys_version) {
        if (!runtime->slot_method(th, in, 0, args[0])) {
            return runtime->vec_refused(th, in);
        }
    }
    PyaotFrame *frame = runtime->push_frame(th, in, func);
    frame->localsplus[0] = Py_NewRef(args[0]);
    frame->instr_ptr = in->units + methods_CALL_0;
    PyObject *r = PyObject_CallOneArg(slot->value, args[0]);
    if (r == NULL) {
        return runtime->raise_frame(th, in, frame);
    }
    runtime->pop_frame(th, frame);
    return r;
}
static const PyaotRegionDesc methods_regions[] = {
    {.kind = PYAOT_REGION_ENTRY, .framed = 1, .sig = "o:o",
     .vec = methods_vec},
};

/* ---- the unit ---------------------------------------------------------------------- */
#define CODE(F, ARGS, LOCALS, ...)                                            \
    {                                                                         \
        .key = KEY_##F, .qualname = #F, .argcount = ARGS,                     \
        .nlocalsplus = LOCALS, .n_regions = COUNT(F##_regions),               \
        .regions = F##_regions, __VA_ARGS__                                   \
    }
#define EXITS(F) .n_exits = COUNT(F##_exits), .exits = F##_exits
#define SLOTS(F) .n_slots = COUNT(F##_slots), .slots = F##_slots

static const PyaotCodeDesc codes[] = {
    CODE(total, 1, 3, EXITS(total)),
    CODE(leaf, 1, 1, EXITS(leaf)),
    CODE(down, 1, 1, SLOTS(down), EXITS(down)),
    CODE(depth, 1, 1, SLOTS(depth), EXITS(depth)),
    CODE(apply, 2, 4, EXITS(apply)),
    CODE(spin, 1, 2, EXITS(spin)),
    CODE(calls, 2, 4, EXITS(calls)),
    CODE(calls_try, 2, 4, EXITS(calls_try)),
    CODE(gen_calls, 2, 4, EXITS(gen_calls)),
    CODE(accumulate, 1, 2, EXITS(accumulate)),
    CODE(names, 1, 2, SLOTS(names), EXITS(names)),
    CODE(attrs, 1, 1, SLOTS(attrs)),
    CODE(methods, 1, 1, SLOTS(methods)),
};

const PyaotUnit pyaot_unit = {
    .magic = PYAOT_UNIT_MAGIC, .abi = PYAOT_ABI_VERSION,
    .n_codes = COUNT(codes), .codes = codes, .rt = &runtime,
};
