/* A unit as the compiler makes them, written by hand for loader_kit.py, which
 * generates loader_unit_facts.h: for each function F of loader_prog.py
 * KEY_F, F_UNITS, F_<OPNAME>_<k> (first unit of its k-th such instruction),
 * F_<OPNAME>_<k>_NEXT (the next instruction) and F_<OPNAME>_<k>_TO (the target
 * of a jump), F_NAME_<name> (index into co_names).  Its exits are stated at
 * the end, as the compiler states them. */
#include "cache/abi/pyaot_native.h"
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

/* --- total: frameless, leaves in the middle of the loop at 1000 ---------- */

static PyaotRetI
total_direct(PyaotThread *th, PyaotInst *in, PyObject *func, int64_t n)
{
    int64_t s = 0, i = 0;
    EXIT_LEFT;
    while (i < n) {
        if (i == 1000) {
            EXIT("0|%1|%2|%3|%4|%5|%6", Q(in), Q(func), B(1), Q(n), Q(s),
                 Q(i));
        }
        s += i;
        i++;
        if (BREAK_WANTED(th) && i < n) {
            EXIT("1|%1|%2|%3|%4|%5|%6", Q(in), Q(func), B(1), Q(n), Q(s),
                 Q(i));
        }
    }
    return (PyaotRetI){s, PYAOT_ST_OK};
LEFT:
    return (PyaotRetI){0, PYAOT_ST_DEOPT};
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
    {.kind = PYAOT_REGION_ENTRY,
     .sig = "i:i",
     .direct = total_direct,
     .vec = total_vec},
};

/* --- leaf: always leaves at once ----------------------------------------- */

static PyObject *
leaf_vec(PyaotThread *th, PyaotInst *in, PyObject *func, PyObject *const *args)
{
    if (!PyLong_CheckExact(args[0])) {
        return runtime->vec_refused(th, in);
    }
    EXIT_LEFT;
    EXIT("2|%1|%2|%3|%4", Q(in), Q(func), B(0), Q(args[0]));
LEFT:
    return runtime->deopt_resume(th, 1);
}

static const PyaotRegionDesc leaf_regions[] = {
    {.kind = PYAOT_REGION_ENTRY,
     .sig = "i:i",
     .direct = NULL,
     .vec = leaf_vec},
};

/* --- down, depth: direct recursion; what it cannot do leaves ------------- */
#define RECURSION(F, AT_BOTTOM, TWO_FRAMES_AT)                                \
    static const PyaotSlotDesc F##_slots[] = {                                \
        {.kind = PYAOT_SLOT_CALLEE,                                           \
         .name = F##_NAME_##F,                                                \
         .key = (const uint8_t[])KEY_##F,                                     \
         .sig = "i:i"},                                                       \
    };                                                                        \
    static PyaotRetI F##_direct(PyaotThread *th, PyaotInst *in,               \
                                PyObject *func, int64_t n)                    \
    {                                                                         \
        PyaotSlot *slot = &in->slots[0];                                      \
        EXIT_LEFT;                                                            \
        if (n == 0) {                                                         \
            AT_BOTTOM;                                                        \
        }                                                                     \
        if (slot->entry == NULL && !runtime->slot_callee(th, in, 0)) {        \
            goto guard;                                                       \
        }                                                                     \
        PyObject *callee = slot->value;                                       \
        if (n == TWO_FRAMES_AT) { /* as if the callee were inlined */         \
            EXIT("12|%1|%2|%3|%4|%5|%6", Q(in), Q(func), B(0), Q(callee),     \
                 Q(n - 1), Q(n));                                             \
        }                                                                     \
        PyaotRetI (*entry)(PyaotThread *, PyaotInst *, PyObject *,            \
                           int64_t) = (PyaotRetI(*)(PyaotThread *,            \
                                                    PyaotInst *, PyObject *,  \
                                                    int64_t))slot->entry;     \
        if (!enter(th)) {                                                     \
            goto guard;                                                       \
        }                                                                     \
        PyaotRetI r = entry(th, slot->inst, callee, n - 1);                   \
        leave(th);                                                            \
        if (r.st == PYAOT_ST_OK) {                                            \
            return (PyaotRetI){r.v + 1, PYAOT_ST_OK};                         \
        }                                                                     \
        EXIT("4|%1|%2|%3|%4|%5", Q(in), Q(func), B(0), Q(r.st), Q(n));        \
    guard:                                                                    \
        EXIT("3|%1|%2|%3|%4", Q(in), Q(func), B(0), Q(n));                    \
    LEFT:                                                                     \
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
        {.kind = PYAOT_REGION_ENTRY,                                          \
         .sig = "i:i",                                                        \
         .direct = F##_direct,                                                \
         .vec = F##_vec},                                                     \
    };

RECURSION(down, goto guard, 1001)
RECURSION(depth, return ((PyaotRetI){0, PYAOT_ST_OK}), -1)

/* --- apply: framed; calls anything --------------------------------------- */

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
    EXIT_LEFT;
    frame->localsplus[0] = Py_NewRef(args[0]);
    frame->localsplus[1] = Py_NewRef(args[1]);
    frame->instr_ptr = in->units + apply_CALL_1;
    for (int64_t i = 0; i < n; i++) {
        PyObject *item = PyLong_FromLongLong(i);
        PyObject *value = PyObject_CallOneArg(args[0], item);
        int64_t v;
        Py_XSETREF(frame->localsplus[3], item);
        if (value == NULL) {
            EXIT("6|%1|%2|%3|%4", Q(in), Q(frame), B(0), Q(s));
        }
        if (!as_int(value, &v)) {
            EXIT("5|%1|%2|%3|%4|%5|%6|%7|%8|%7", Q(in), Q(frame), B(i > 0),
                 Q(i + 1), Q(1), Q(n - i - 1), Q(s), Q(value));
        }
        Py_DECREF(value);
        s += v;
    }
    runtime->pop_frame(th, frame);
    return PyLong_FromLongLong(s);
LEFT:
    return (PyObject *)left;
}

static const PyaotRegionDesc apply_regions[] = {
    {.kind = PYAOT_REGION_ENTRY, .framed = 1, .sig = "oi:o", .vec = apply_vec},
};

/* --- spin: a loop on the live frame -------------------------------------- */
enum { SPIN_END, SPIN_BREAKER, SPIN_GUARD };

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
    {.kind = PYAOT_REGION_BACK_EDGE,
     .offset = spin_JUMP_BACKWARD_0_TO,
     .osr = spin_osr},
};

/* --- calls, calls_try: loops that call; exceptions ----------------------- */
#define CALLS_LEAVE(number)                                                   \
    do {                                                                      \
        Py_DECREF(frame->localsplus[4]);                                      \
        EXIT(number "|%1|%2|%3|%4|%5|%6|%7", Q(in), Q(frame), B(turns),       \
             Q(next), Q(step), Q(remaining), Q(s));                           \
    } while (0)
#define CALLS(F, CALL_AT)                                                     \
    static int32_t F##_osr(PyaotThread *th, PyaotInst *in, PyaotFrame *frame) \
    {                                                                         \
        int64_t next, step, remaining, s, v;                                  \
        uint32_t turns = 0;                                                   \
        EXIT_LEFT;                                                            \
        if (!runtime->range_iter_take(frame->localsplus[4], &next, &step,     \
                                      &remaining)                             \
            || !as_int(frame->localsplus[2], &s)) {                           \
            return PYAOT_OSR_REFUSED;                                         \
        }                                                                     \
        frame->instr_ptr = in->units + F##_##CALL_AT;                         \
        while (remaining > 0) {                                               \
            PyObject *item = PyLong_FromLongLong(next);                       \
            next += step;                                                     \
            remaining--;                                                      \
            PyObject *value = PyObject_CallOneArg(frame->localsplus[0],       \
                                                  item);                      \
            Py_XSETREF(frame->localsplus[3], item);                           \
            if (value == NULL) {                                              \
                CALLS_LEAVE("11");                                            \
            }                                                                 \
            if (!as_int(value, &v)) {                                         \
                Py_FatalError("the tests return numbers only");               \
            }                                                                 \
            Py_DECREF(value);                                                 \
            s += v;                                                           \
            turns = 1;                                                        \
            if (BREAK_WANTED(th)) {                                           \
                CALLS_LEAVE("10");                                            \
            }                                                                 \
        }                                                                     \
        CALLS_LEAVE("9");                                                     \
    LEFT:                                                                     \
        return (int32_t)left;                                                 \
    }                                                                         \
    static const PyaotRegionDesc F##_regions[] = {                            \
        {.kind = PYAOT_REGION_BACK_EDGE,                                      \
         .offset = F##_FOR_ITER_0,                                            \
         .n_stack = 1,                                                        \
         .osr = F##_osr},                                                     \
    };
CALLS(calls, CALL_1)
CALLS(calls_try, CALL_1)
CALLS(gen_calls, CALL_1)

/* --- names: a global as an assumption ------------------------------------ */
static const PyaotSlotDesc names_slots[] = {
    {.kind = PYAOT_SLOT_GLOBAL, .name = names_NAME_step},
};
static PyObject *
names_vec(PyaotThread *th, PyaotInst *in, PyObject *func,
          PyObject *const *args)
{
    int64_t n, step, s = 0;
    EXIT_LEFT;
    if (!as_int(args[0], &n)) {
        return runtime->vec_refused(th, in);
    }
    for (; n > 0; n--) {
        PyObject *value = in->slots[0].value;
        if (value == NULL) {
            value = runtime->slot_global(th, in, 0);
        }
        if (value == NULL) {
            EXIT("7|%1|%2|%3|%4|%5", Q(in), Q(func), B(0), Q(n), Q(s));
        }
        if (!as_int(value, &step)) {
            return runtime->vec_refused(th, in);
        }
        s += step;
    }
    return PyLong_FromLongLong(s);
LEFT:
    return runtime->deopt_resume(th, 1);
}
static const PyaotRegionDesc names_regions[] = {
    {.kind = PYAOT_REGION_ENTRY, .sig = "i:i", .vec = names_vec},
};

/* --- accumulate: a generator, from its start and from each resume -------- */
enum { ACC_YIELD, ACC_END, ACC_GUARD };

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
    if (!as_int(stack[1], &sent)
        || __builtin_add_overflow(total, sent, &sum)) {
        return ACC_GUARD;
    }
    Py_DECREF(stack[0]);
    Py_DECREF(stack[1]);
    return accumulate_turn(th, frame, sum, n);
}
static const PyaotRegionDesc accumulate_regions[] = {
    {.kind = PYAOT_REGION_ENTRY, .osr = accumulate_start},
    {.kind = PYAOT_REGION_RESUME,
     .offset = accumulate_RESUME_1,
     .n_stack = 2,
     .osr = accumulate_resume},
};

/* --- attrs, methods ------------------------------------------------------ */
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
    if (slot->type != type || ((char *)args[0])[slot->valid_offset] == 0
        || ((PyHeapTypeObject *)type)->ht_cached_keys->dk_version
               != slot->keys_version) {
        if (!runtime->slot_method(th, in, 0, args[0])) {
            return runtime->vec_refused(th, in);
        }
    }
    PyaotFrame *frame = runtime->push_frame(th, in, func);
    frame->localsplus[0] = Py_NewRef(args[0]);
    frame->instr_ptr = in->units + methods_CALL_0;
    EXIT_LEFT;
    PyObject *r = PyObject_CallOneArg(slot->value, args[0]);
    if (r == NULL) {
        EXIT("8|%1|%2|%3", Q(in), Q(frame), B(0));
    }
    runtime->pop_frame(th, frame);
    return r;
LEFT:
    return (PyObject *)left;
}
static const PyaotRegionDesc methods_regions[] = {
    {.kind = PYAOT_REGION_ENTRY,
     .framed = 1,
     .sig = "o:o",
     .vec = methods_vec},
};

/* --- the unit ------------------------------------------------------------ */
/* clang-format off */
#define CODE(F, ARGS, LOCALS, ...)                                            \
    {                                                                         \
        .key = KEY_##F, .qualname = #F, .argcount = ARGS,                     \
        .nlocalsplus = LOCALS, .n_regions = COUNT(F##_regions),               \
        .regions = F##_regions, __VA_ARGS__                                   \
    }
/* clang-format on */

#define SLOTS(F) .n_slots = COUNT(F##_slots), .slots = F##_slots

static const PyaotCodeDesc codes[] = {
    CODE(total, 1, 3),
    CODE(leaf, 1, 1),
    CODE(down, 1, 1, SLOTS(down)),
    CODE(depth, 1, 1, SLOTS(depth)),
    CODE(apply, 2, 4),
    CODE(spin, 1, 2),
    CODE(calls, 2, 4),
    CODE(calls_try, 2, 4),
    CODE(gen_calls, 2, 4),
    CODE(accumulate, 1, 2),
    CODE(names, 1, 2, SLOTS(names)),
    CODE(attrs, 1, 1, SLOTS(attrs)),
    CODE(methods, 1, 1, SLOTS(methods)),
};

const PyaotUnit pyaot_unit = {
    .magic = PYAOT_UNIT_MAGIC,
    .abi = PYAOT_ABI_VERSION,
    .n_codes = COUNT(codes),
    .codes = codes,
    .rt = &runtime,
    .leave = &pyaot_leave_to,
};

/* --- its exits ----------------------------------------------------------- */
#define TEXT_OF(...) #__VA_ARGS__
#define NUMBERS(...) "\t.uleb128 " TEXT_OF(__VA_ARGS__) "\n"
#define CODE_ROWS(n_locals, n_rows) NUMBERS(n_locals, n_rows)
/* offset, resume, entries on the stack, kind, reason */
#define ROW(...) NUMBERS(__VA_ARGS__)
#define REASON(text) "\t.asciz \"" text "\"\n"
#define CALLS_ROWS(F)                                                         \
    CODE_ROWS(4, 2)                                                           \
    ROW(F##_FOR_ITER_0, 0, 1, 2, 4) ROW(F##_JUMP_BACKWARD_0, 0, 1, 3, 2)

EXIT_STATES(
    NUMBERS(13) CODE_ROWS(3, 2) /* total */
    ROW(total_JUMP_BACKWARD_0_TO, 0, 0, 0, 1) ROW(total_JUMP_BACKWARD_0, 0, 0,
                                                  3, 2) CODE_ROWS(1, 1)
        ROW(leaf_LOAD_FAST_0, 0, 0, 0, 1) CODE_ROWS(1, 2)
            ROW(down_LOAD_FAST_0, 0, 0, 0, 1)
                ROW(down_CALL_0, down_CALL_0_NEXT, 0, 1, 3) CODE_ROWS(1, 2)
                    ROW(depth_LOAD_FAST_0, 0, 0, 0, 1)
                        ROW(depth_CALL_0, depth_CALL_0_NEXT, 0, 1, 3)
                            CODE_ROWS(4, 1) ROW(apply_BINARY_OP_0, 0, 3, 0, 1)
                                CODE_ROWS(2, 3) /* spin: end, breaker, guard */
    ROW(spin_RETURN_VALUE_0 - 1, 0, 0, 2, 4)
        ROW(spin_JUMP_BACKWARD_0, 0, 0, 3, 2) ROW(spin_JUMP_BACKWARD_0_TO, 0,
                                                  0, 0, 1) CALLS_ROWS(calls)
            CALLS_ROWS(calls_try) CALLS_ROWS(gen_calls)
                CODE_ROWS(2, 3) /* accumulate: yield, end, guard */
    ROW(accumulate_YIELD_VALUE_0, 0, 2, 2, 5)
        ROW(accumulate_POP_JUMP_IF_FALSE_0_TO, 0, 0, 2, 4)
            ROW(accumulate_BINARY_OP_0, 0, 2, 0, 1) CODE_ROWS(2, 1)
                ROW(names_LOAD_FAST_1, 0, 0, 0, 1) CODE_ROWS(1, 0) /* attrs */
    CODE_ROWS(1, 0) /* methods */
    NUMBERS(6) REASON("none") REASON("guard") REASON("breaker") REASON("call")
        REASON("end") REASON("yield")
            NUMBERS(37) /* bytes of shapes; in front of each, where it lies */
    /* 0 */ NUMBERS(3, 0x42, 0, 0, 2, 1, 2, 2) /* parameter 0, two ints */
    /* 8 */ NUMBERS(1, 1, 0)                   /* an object */
    /* 11 */ NUMBERS(1, 2, 0)                  /* an int */
    /* 14 */ NUMBERS(4, 8, 4, 2, 5, 18, 6, 0x22,
                     2) /* range, int, object given away, a live local */
    /* 23 */ NUMBERS(1, 0x22, 2)
    /* 26 */ NUMBERS(2, 2, 0, 2, 1)
    /* 31 */ NUMBERS(0)
    /* 32 */ NUMBERS(2, 8, 4, 0x22, 2)
        NUMBERS(13) /* exits: how, frames, unit, after; who, row, top, shape */
    /* 0 */ NUMBERS(0, 1, 0, 0, 0, 0, 3, 0)
    /* 1 */ NUMBERS(0, 1, 0, 0, 0, 1, 3, 0)
    /* 2 */ NUMBERS(0, 1, 0, 0, 0, 0, 1, 8)
    /* 3 */ NUMBERS(0, 1, 0, 0, 0, 0, 1, 11)
    /* 4 */ NUMBERS(2, 1, 0, 0, 0, 1, 1, 11)
    /* 5 */ NUMBERS(4, 1, 0, 0, 0, 0, 7, 14)
    /* 6 */ NUMBERS(5, 1, apply_CALL_1 + 1, 0, 0, 0, 4, 23)
    /* 7 */ NUMBERS(0, 1, 0, 0, 0, 0, 2, 26)
    /* 8 */ NUMBERS(5, 1, methods_CALL_0 + 1, 0, 0, 0, 1, 31)
    /* 9 */ NUMBERS(12, 1, 0, 0, 0, 0, 5, 32)
    /* 10 */ NUMBERS(12, 1, 0, 0, 0, 1, 5, 32)
    /* 11 */ NUMBERS(13, 1, 0, 0, 0, 0, 5, 32)
    /* 12 */ NUMBERS(0, 2, 0, 0, 1, 0, 1, 11, 0, 1, 1, 11));
