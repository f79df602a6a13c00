/* Private CPython, 3.13.  Layouts come from the headers compiled against;
 * abi_probe* make sure at run time that the interpreter agrees
 * (layout_313.def). */
#include "cpython_abi.h"

#include <string.h>

#include "cache/bytecode/pyaot_bytecode.h"
#include "cache/pycode/layout_check.h"
#include "internal/pycore_runtime.h"

#if PY_VERSION_HEX < 0x030D0000 || PY_VERSION_HEX >= 0x030E0000
#error "cpython_313.c is for CPython 3.13"
#endif
#ifdef Py_GIL_DISABLED
#error "free-threaded builds are not supported"
#endif

/* What EvalFrameDefault takes off c_recursion_remaining. */
#define EVAL_C_UNITS 2

static const char OTHER_STRUCTURES[] =
    "interpreter structures are laid out differently";

PyThreadState *const *abi_gil_holder;
void *const *abi_eval_hook;
uint8_t abi_own_tools;

const char *
abi_probe(void)
{
    if (((Py_Version >> 4) & 0xF) == 0xA || ((Py_Version >> 4) & 0xF) == 0xB) {
        return "a pre-release of CPython";
    }
    PyInterpreterState *interp = PyInterpreterState_Get();
    if (interp != PyInterpreterState_Main()) {
        return "subinterpreter";
    }
    PyThreadState *thread = PyThreadState_Get();
    const char *other = pyaot_layout_check();
    if (other != NULL) {
        return other;
    }
#define PROBE_START(condition)                                                \
    if (!(condition)) {                                                       \
        return OTHER_STRUCTURES;                                              \
    }
#define PROBE_TOOL(condition)
#define PROBE_DICT(condition)
#include "probes_313.h"
    abi_gil_holder = &interp->ceval.gil->last_holder;
    abi_eval_hook = (void *const *)&interp->eval_frame;
    return NULL;
}

bool
abi_memory_traced(void)
{
    return _PyRuntime.tracemalloc.config.tracing != 0;
}

bool
abi_is_str_iter(PyObject *obj)
{
    PyTypeObject *type = Py_TYPE(obj);
    return type == &PyUnicodeIter_Type
           || (type->tp_basicsize == sizeof(PyaotStrIter)
               && strcmp(type->tp_name, "str_ascii_iterator") == 0
               && !PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE));
}

const char *
abi_probe_interpreter(PyObject *tool_name, PyObject *jump_callback)
{
    PyInterpreterState *interp = PyInterpreterState_Get();
    PyThreadState *thread = PyThreadState_Get();
    if (thread->interp != interp || pyaot_frame_current(thread) == NULL) {
        return OTHER_STRUCTURES;
    }
#define PROBE_START(condition)
#define PROBE_TOOL(condition)                                                 \
    if (!(condition)) {                                                       \
        return OTHER_STRUCTURES;                                              \
    }
#define PROBE_DICT(condition)
#include "probes_313.h"
    return NULL;
}

const char *
abi_probe_dicts(int dict_watcher, PyDict_WatchCallback dict_callback)
{
    PyInterpreterState *interp = PyInterpreterState_Get();
#define PROBE_START(condition)
#define PROBE_TOOL(condition)
#define PROBE_DICT(condition)                                                 \
    if (!(condition)) {                                                       \
        return OTHER_STRUCTURES;                                              \
    }
#include "probes_313.h"
    return NULL;
}

const char *
abi_probe_extra(PyCodeObject *code, Py_ssize_t index, void *value)
{
    if (abi_code_extra(code, index) != value) {
        return "code objects are laid out differently";
    }
    return NULL;
}

/* Its definition is static in CPython, and its functions look at no module. */
static PyMethodDef *
find_at_exit(void)
{
    const struct _inittab *row = PyImport_Inittab;
    while (row->name != NULL && strcmp(row->name, "atexit") != 0) {
        row++;
    }
    PyObject *def = row->name != NULL ? row->initfunc() : NULL;
    if (def == NULL || Py_TYPE(def) != &PyModuleDef_Type) {
        PyErr_Clear();
        return NULL;
    }
    PyMethodDef *method = ((PyModuleDef *)def)->m_methods;
    while (method->ml_name != NULL
           && (strcmp(method->ml_name, "register") != 0
               || method->ml_flags != (METH_VARARGS | METH_KEYWORDS))) {
        method++;
    }
    return method->ml_name != NULL ? method : NULL;
}

int
abi_at_exit(PyObject *function)
{
    PyMethodDef *method = find_at_exit();
    PyObject *args = PyTuple_Pack(1, function), *atexit = NULL, *r = NULL;
    if (args != NULL && method != NULL) {
        r = ((PyCFunctionWithKeywords)(void (*)(void))method->ml_meth)(NULL,
                                                                       args,
                                                                       NULL);
    }
    else if (args != NULL
             && (atexit = PyImport_ImportModule("atexit")) != NULL) {
        r = PyObject_CallMethod(atexit, "register", "O", function);
    }
    Py_XDECREF(args);
    Py_XDECREF(atexit);
    Py_XDECREF(r);
    return r != NULL ? 0 : -1;
}

/* --- code objects -------------------------------------------------------- */

static const uint8_t *
live_units(PyCodeObject *code)
{
    return (const uint8_t *)_PyCode_CODE(code);
}

static bool
read_live(PyCodeObject *code, uint32_t unit, BcIns *ins)
{
    return bc_read(&bc_minor_313, live_units(code), (uint32_t)Py_SIZE(code),
                   unit, ins);
}

uint32_t
abi_code_skip_prefix(PyCodeObject *code, uint32_t offset)
{
    return bc_skip_prefix(&bc_minor_313, live_units(code),
                          (uint32_t)Py_SIZE(code), offset);
}

int
abi_code_call_args(PyCodeObject *code, uint32_t unit)
{
    BcIns ins;
    return read_live(code, unit, &ins) && ins.op == BC_CALL
                   && ins.form != BC_INSTRUMENTED
               ? (int)ins.a
               : -1;
}

void
abi_class_call_specialise(PyCodeObject *code, uint32_t unit,
                          PyTypeObject *type, PyFunctionObject *init)
{
    _Py_CODEUNIT *instr = _PyCode_CODE(code)
                          + abi_code_skip_prefix(code, unit);
    _PyCallCache *cache = (_PyCallCache *)(instr + 1);
    if ((instr->op.code != CALL && instr->op.code != CALL_NON_PY_GENERAL)
        || type->tp_version_tag == 0) {
        return;
    }
    ((PyHeapTypeObject *)type)->_spec_cache.init = (PyObject *)init;
    memcpy(cache->func_version, &type->tp_version_tag,
           sizeof cache->func_version);
    cache->counter = adaptive_counter_cooldown();
    instr->op.code = CALL_ALLOC_AND_ENTER_INIT;
}

bool
abi_code_back_edge(PyCodeObject *code, uint32_t offset, uint32_t *jump,
                   uint32_t *target)
{
    BcIns ins;
    if (!read_live(code, offset, &ins) || ins.op != BC_JUMP_BACKWARD
        || ins.target >= ins.next) {
        return false;
    }
    *jump = ins.unit;
    *target = ins.target;
    return true;
}

int
abi_code_walk(PyCodeObject *code, AbiVisit visit, void *arg)
{
    PyObject *bytes = PyCode_GetCode(code); /* without instrumentation */
    if (bytes == NULL) {
        return -1;
    }
    const uint8_t *text = (const uint8_t *)PyBytes_AS_STRING(bytes);
    uint32_t n = (uint32_t)(PyBytes_GET_SIZE(bytes) / 2);
    BcIns ins;
    for (uint32_t unit = 0; bc_read(&bc_minor_313, text, n, unit, &ins);
         unit = ins.next) {
        AbiInstructionKind kind = ABI_INSTRUCTION;
        if (ins.op == BC_JUMP_BACKWARD && ins.target < ins.next) {
            kind = ABI_BACK_EDGE;
        }
        else if (ins.op == BC_RESUME && ins.a != BC_AT_START) {
            kind = ABI_RESUME_AFTER_YIELD;
        }
        if (!visit(arg, unit, kind, ins.target)) {
            break;
        }
    }
    Py_DECREF(bytes);
    return 0;
}

const char *
abi_code_opname(PyCodeObject *code, uint32_t unit)
{
    PyObject *bytes = PyCode_GetCode(code);
    const char *name = "?";
    BcIns ins;
    if (bytes != NULL) {
        if (bc_read(&bc_minor_313, (const uint8_t *)PyBytes_AS_STRING(bytes),
                    (uint32_t)(PyBytes_GET_SIZE(bytes) / 2), unit, &ins)) {
            name = bc_name(&bc_minor_313, &ins);
        }
        Py_DECREF(bytes);
    }
    PyErr_Clear();
    return name;
}

/* --- frames -------------------------------------------------------------- */

PyaotFrame *
abi_frame_push(PyThreadState *ts, PyFunctionObject *func)
{
    PyCodeObject *code = (PyCodeObject *)func->func_code;
    PyaotFrame *frame;
    Py_INCREF(func);
    if (_PyThreadState_HasStackSpace(ts, code->co_framesize)) {
        frame = _PyFrame_PushUnchecked(ts, func, 0);
    }
    else {
        /* The data stack needs a new chunk, which only this function can
         * give; None for each argument, taken out again. */
        PyObject *none[256] = {NULL};
        Py_ssize_t n = code->co_argcount;
        PyObject **args = none;
        if (n > 256) {
            args = PyMem_Malloc((size_t)n * sizeof *args);
            if (args == NULL) {
                Py_DECREF(func);
                PyErr_NoMemory();
                return NULL;
            }
        }
        for (Py_ssize_t i = 0; i < n; i++) {
            args[i] = Py_None;
        }
        frame = _PyEvalFramePushAndInit(ts, func, NULL, args, (size_t)n, NULL);
        if (args != none) {
            PyMem_Free(args);
        }
        if (frame == NULL) {
            return NULL;
        }
        memset(frame->localsplus, 0,
               (size_t)code->co_nlocalsplus * sizeof(PyObject *));
    }
    frame->previous = ts->current_frame;
    ts->current_frame = frame;
    return frame;
}

/* Are args the items of a tuple that f(*args) has on this stack, and nobody
 * else holds? */
static bool
args_in_tuple(PyaotFrame *frame, PyCodeObject *code, PyObject *func,
              PyObject *const *args)
{
    if (frame->instr_ptr->op.code != CALL_FUNCTION_EX) {
        return false;
    }
    PyObject *tuple = (PyObject *)((char *)args
                                   - offsetof(PyTupleObject, ob_item));
    PyObject **stack = frame->localsplus + code->co_nlocalsplus;
    for (int i = 2; i < code->co_stacksize; i++) {
        if (stack[i] == tuple && stack[i - 1] == NULL
            && stack[i - 2] == func) {
            return PyTuple_CheckExact(tuple) && Py_REFCNT(tuple) == 1;
        }
    }
    return false;
}

__thread AbiGiven abi_given;

static vectorcallfunc plain_vectorcall;

/* What PyFunction_New sets; it has no name outside of the interpreter. */
static vectorcallfunc
find_plain_vectorcall(void)
{
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *globals = PyDict_New(), *func = NULL;
    PyObject *code = (PyObject *)PyCode_NewEmpty("", "", 1);
    if (globals != NULL && code != NULL) {
        func = PyFunction_New(code, globals);
    }
    vectorcallfunc plain = func != NULL
                               ? ((PyFunctionObject *)func)->vectorcall
                               : NULL;
    Py_XDECREF(func);
    Py_XDECREF(code);
    Py_XDECREF(globals);
    PyErr_SetRaisedException(exc);
    return plain;
}

bool
abi_is_plain_function(const PyFunctionObject *func)
{
    if (plain_vectorcall == NULL) {
        plain_vectorcall = find_plain_vectorcall();
    }
    return func->vectorcall == plain_vectorcall
           && (((PyCodeObject *)func->func_code)->co_flags & CO_OPTIMIZED)
                  != 0;
}

uint64_t
abi_args_stacked(PyThreadState *ts, PyObject *func, PyObject *const *args)
{
    if (args == abi_given.args && func == abi_given.func) {
        return abi_given.given;
    }
    PyaotFrame *frame = ts->current_frame;
    if (frame == NULL || frame->owner == FRAME_OWNED_BY_CSTACK) {
        return false;
    }
    PyCodeObject *code = _PyFrame_GetCode(frame);
    PyObject **stack = frame->localsplus + code->co_nlocalsplus;
    bool ours = args > stack && args <= stack + code->co_stacksize
                    ? args[-1] == func
                          || (args[-1] == NULL && args > stack + 1
                              && args[-2] == func)
                    : args_in_tuple(frame, code, func, args);
    return ours ? UINT64_MAX : 0;
}

PyObject *
abi_call_moving(PyThreadState *ts, PyFunctionObject *func,
                PyObject *const *args, Py_ssize_t n, uint64_t given,
                PyObject *names)
{
    PyObject *own[ABI_MAX_MOVED];
    Py_ssize_t n_all = n + (names != NULL ? PyTuple_GET_SIZE(names) : 0);
    assert(n_all <= ABI_MAX_MOVED);
    for (Py_ssize_t i = 0; i < n_all; i++) {
        own[i] = args[i];
        if (given >> i & 1) {
            ((PyObject **)args)[i] = Py_None;
        }
        else {
            Py_INCREF(own[i]);
        }
    }
    /* uses up the references to the function and to its arguments */
    PyaotFrame *frame = _PyEvalFramePushAndInit(
        ts, (PyFunctionObject *)Py_NewRef(func), NULL, own, (size_t)n, names);
    return frame == NULL ? NULL : _PyEval_EvalFrame(ts, frame, 0);
}

void
abi_frame_copy_free(PyaotFrame *frame)
{
    PyCodeObject *code = _PyFrame_GetCode(frame);
    PyObject *closure = ((PyFunctionObject *)frame->f_funcobj)->func_closure;
    int first = code->co_nlocalsplus - code->co_nfreevars;
    for (int i = 0; i < code->co_nfreevars; i++) {
        frame->localsplus[first + i] = Py_NewRef(PyTuple_GET_ITEM(closure, i));
    }
}

uint32_t
abi_code_generator_start(PyCodeObject *code)
{
    BcIns ins;
    uint32_t first = read_live(code, 0, &ins) && ins.op == BC_COPY_FREE_VARS
                         ? ins.next
                         : 0;
    return read_live(code, first, &ins) && ins.op == BC_RETURN_GENERATOR
               ? ins.next
               : 0;
}

bool
abi_is_finished_generator(PyObject *o)
{
    return PyGen_CheckExact(o)
           && ((PyGenObject *)o)->gi_frame_state == FRAME_CLEARED;
}

PyObject *
abi_generator_new(PyFunctionObject *func, uint32_t start,
                  PyObject *const *args, size_t n)
{
    PyCodeObject *code = (PyCodeObject *)func->func_code;
    PyGenObject *gen = (PyGenObject *)_Py_MakeCoro(func);
    if (gen == NULL) {
        return NULL;
    }
    PyaotFrame *frame = abi_generator_frame(gen);
    _PyFrame_Initialize(frame, (PyFunctionObject *)Py_NewRef(func), NULL, code,
                        (int)n);
    for (size_t i = 0; i < n; i++) {
        frame->localsplus[i] = Py_NewRef(args[i]);
    }
    if (code->co_nfreevars > 0) {
        abi_frame_copy_free(frame);
    }
    frame->previous = NULL;
    frame->owner = FRAME_OWNED_BY_GENERATOR;
    frame->instr_ptr += start;
    gen->gi_frame_state = FRAME_CREATED;
    return (PyObject *)gen;
}

void
abi_frame_pop(PyThreadState *ts, PyaotFrame *frame)
{
    assert(ts->current_frame == frame);
    ts->current_frame = frame->previous;
    _PyEval_FrameClearAndPop(ts, frame);
}

PyObject *
abi_frame_eval(PyThreadState *ts, PyaotFrame *frame)
{
    assert(ts->current_frame == frame);
    ts->current_frame = frame->previous;
    ts->c_recursion_remaining += EVAL_C_UNITS;
    PyObject *result = _PyEval_EvalFrameDefault(ts, frame, 0);
    ts->c_recursion_remaining -= EVAL_C_UNITS;
    return result;
}

/* --- exceptions ---------------------------------------------------------- */

static bool
find_handler(PyCodeObject *code, int offset, BcHandler *handler)
{
    PyObject *table = code->co_exceptiontable;
    return bc_find_handler((const uint8_t *)PyBytes_AS_STRING(table),
                           (uint32_t)PyBytes_GET_SIZE(table), (uint32_t)offset,
                           handler);
}

bool
abi_code_is_covered(PyCodeObject *code, uint32_t unit)
{
    BcHandler handler;
    return find_handler(code, (int)unit, &handler);
}

/* Tell the tools that asked for a global event with an exception. -1: one of
 * them raised; exc is then replaced.  ESCAPES */
static int
fire_exception_event(PyThreadState *ts, int event, PyaotFrame *frame,
                     int offset)
{
    PyInterpreterState *interp = ts->interp;
    uint8_t tools = interp->monitors.tools[event];
    if (tools == 0 || ts->tracing) {
        return 0;
    }
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *where = PyLong_FromLong(offset * (long)sizeof(_Py_CODEUNIT));
    int err = where == NULL ? -1 : 0;
    for (int tool = 7; tool >= 0 && err == 0; tool--) {
        PyObject *cb = interp->monitoring_callables[tool][event];
        if ((tools & (1u << tool)) == 0 || cb == NULL) {
            continue;
        }
        PyObject *args[4] = {NULL, frame->f_executable, where, exc};
        int old_what = ts->what_event;
        ts->what_event = event;
        ts->tracing++;
        PyObject *r = PyObject_Vectorcall(cb, args + 1,
                                          3 | PY_VECTORCALL_ARGUMENTS_OFFSET,
                                          NULL);
        ts->tracing--;
        ts->what_event = old_what;
        if (r == NULL) {
            err = -1;
        }
        Py_XDECREF(r);
    }
    Py_XDECREF(where);
    if (err == 0) {
        PyErr_SetRaisedException(exc);
    }
    else {
        Py_XDECREF(exc);
    }
    return err;
}

static void
add_traceback(PyThreadState *ts, PyaotFrame *frame)
{
    if (!_PyFrame_IsIncomplete(frame)) {
        assert(_PyThreadState_GetFrame(ts) == frame);
        PyFrameObject *object = PyThreadState_GetFrame(ts);
        if (object != NULL) {
            PyTraceBack_Here(object);
            Py_DECREF(object);
        }
    }
    _PyEval_MonitorRaise(ts, frame, frame->instr_ptr);
}

static void
drop_stack_to(PyaotFrame *frame, int level)
{
    PyObject **base = _PyFrame_Stackbase(frame);
    PyObject **top = frame->localsplus + frame->stacktop;
    while (top > base + level) {
        top--;
        frame->stacktop--;
        Py_XDECREF(*top);
    }
}

static void
point_at_instruction(PyaotFrame *frame)
{
    PyCodeObject *code = _PyFrame_GetCode(frame);
    uint32_t at = (uint32_t)_PyInterpreterFrame_LASTI(frame);
    frame->instr_ptr = _PyCode_CODE(code) + abi_code_skip_prefix(code, at);
}

int
abi_frame_handle(PyThreadState *ts, PyaotFrame *frame)
{
    PyCodeObject *code = _PyFrame_GetCode(frame);
    BcHandler handler;
    assert(PyErr_Occurred());
    point_at_instruction(frame);
    int offset = _PyInterpreterFrame_LASTI(frame);
    if (!find_handler(code, offset, &handler)) {
        return 0;
    }
    add_traceback(ts, frame);
    do {
        drop_stack_to(frame, (int)handler.depth);
        if (handler.lasti) {
            PyObject *last = PyLong_FromLong(_PyInterpreterFrame_LASTI(frame));
            if (last == NULL) {
                offset = (int)handler.target;
                continue;
            }
            _PyFrame_StackPush(frame, last);
        }
        if (fire_exception_event(ts, PY_MONITORING_EVENT_EXCEPTION_HANDLED,
                                 frame, (int)handler.target)
            < 0) {
            offset = (int)handler.target;
            continue;
        }
        _PyFrame_StackPush(frame, PyErr_GetRaisedException());
        frame->instr_ptr = _PyCode_CODE(code) + handler.target;
        return 1;
    } while (find_handler(code, offset, &handler));
    return 0;
}

void
abi_frame_unwind(PyThreadState *ts, PyaotFrame *frame)
{
    add_traceback(ts, frame);
    drop_stack_to(frame, 0);
    fire_exception_event(ts, PY_MONITORING_EVENT_PY_UNWIND, frame,
                         _PyInterpreterFrame_LASTI(frame));
}

bool
abi_frame_abandon(PyThreadState *ts, PyaotFrame *frame)
{
    /* RERAISE looks for handlers by the place it stands at itself, which must
     * lie outside the code, and takes the frame's place from the stack. */
    static _Py_CODEUNIT raise_again[] = {
        {.op = {.code = RERAISE, .arg = 1}},
        {.op = {.code = RERAISE, .arg = 1}},
    };
    PyCodeObject *code = _PyFrame_GetCode(frame);
    int seen = (int)(raise_again - _PyCode_CODE(code));
    if (code->co_stacksize < 2 || (seen >= -2 && seen <= Py_SIZE(code))) {
        return false;
    }
    PyObject *last = PyLong_FromLong(_PyInterpreterFrame_LASTI(frame));
    if (last == NULL) {
        return false;
    }
    add_traceback(ts, frame);
    drop_stack_to(frame, 0);
    _PyFrame_StackPush(frame, last);
    _PyFrame_StackPush(frame, PyErr_GetRaisedException());
    frame->instr_ptr = raise_again;
    return true;
}

int
abi_frame_raise(PyThreadState *ts, PyaotFrame *frame)
{
    if (abi_frame_handle(ts, frame)) {
        return 1;
    }
    abi_frame_unwind(ts, frame);
    return 0;
}

/* --- instance attributes ------------------------------------------------- */

static PyDictKeysObject *
shared_keys(PyTypeObject *type)
{
    if (!PyType_HasFeature(type, Py_TPFLAGS_INLINE_VALUES)
        || !PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE)) {
        return NULL;
    }
    return ((PyHeapTypeObject *)type)->ht_cached_keys;
}

uint32_t
abi_inline_offset(PyTypeObject *type, PyObject *name)
{
    PyDictKeysObject *keys = shared_keys(type);
    if (keys == NULL || !DK_IS_UNICODE(keys)) {
        return 0;
    }
    PyDictUnicodeEntry *entries = DK_UNICODE_ENTRIES(keys);
    for (Py_ssize_t i = 0; i < keys->dk_nentries; i++) {
        if (entries[i].me_key == name) {
            return (uint32_t)type->tp_basicsize
                   + (uint32_t)offsetof(struct _dictvalues, values)
                   + (uint32_t)i * (uint32_t)sizeof(PyObject *);
        }
    }
    return 0;
}

uint32_t
abi_inline_valid_offset(PyTypeObject *type)
{
    return (uint32_t)type->tp_basicsize
           + (uint32_t)offsetof(struct _dictvalues, valid);
}

bool
abi_inline_valid(PyObject *obj)
{
    return ((uint8_t *)obj)[abi_inline_valid_offset(Py_TYPE(obj))] != 0;
}

uint32_t
abi_keys_version(PyTypeObject *type)
{
    PyDictKeysObject *keys = shared_keys(type);
    if (keys == NULL) {
        return 0;
    }
    if (keys->dk_version == 0) {
        PyInterpreterState *interp = PyInterpreterState_Get();
        if (interp->dict_state.next_keys_version == 0) {
            return 0;
        }
        keys->dk_version = interp->dict_state.next_keys_version++;
    }
    return keys->dk_version;
}

uint32_t
abi_keys_version_now(PyTypeObject *type)
{
    PyDictKeysObject *keys = shared_keys(type);
    return keys != NULL ? keys->dk_version : 0;
}

PyObject **
abi_dict_cell(PyObject *dict, PyObject *name, void **keys)
{
    PyDictObject *d = (PyDictObject *)dict;
    /* A dict that the collector does not know would have to be shown to it
     * with the first container stored. */
    if (!abi_dict_plain(dict) || d->ma_values != NULL
        || !_PyObject_GC_IS_TRACKED(dict)) {
        return NULL;
    }
    PyDictUnicodeEntry *entries = DK_UNICODE_ENTRIES(d->ma_keys);
    for (Py_ssize_t i = 0; i < d->ma_keys->dk_nentries; i++) {
        if (entries[i].me_key == name && entries[i].me_value != NULL) {
            *keys = d->ma_keys;
            return &entries[i].me_value;
        }
    }
    return NULL;
}

bool
abi_dict_watched(PyObject *dict, int but_id)
{
    uint64_t watchers = ((PyDictObject *)dict)->ma_version_tag
                        & DICT_WATCHER_MASK;
    return (watchers & ~((uint64_t)1 << but_id)) != 0;
}

bool
abi_dict_plain(PyObject *dict)
{
    return PyDict_CheckExact(dict)
           && DK_IS_UNICODE(((PyDictObject *)dict)->ma_keys);
}

int
abi_code_set_extra(PyCodeObject *code, Py_ssize_t index, void *value)
{
    PyaotCodeExtra *extra = (PyaotCodeExtra *)code->co_extra;
    const Py_ssize_t size = extra != NULL ? extra->size : 0;
    if (size <= index) {
        extra = PyMem_Realloc(extra,
                              offsetof(PyaotCodeExtra, extras)
                                  + (size_t)(index + 1) * sizeof(void *));
        if (extra == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        memset(extra->extras + size, 0,
               (size_t)(index + 1 - size) * sizeof(void *));
        extra->size = index + 1;
        code->co_extra = extra;
    }
    return PyUnstable_Code_SetExtra((PyObject *)code, index, value);
}

bool
abi_others_see_calls(void)
{
    static const int events[] = {
        PY_MONITORING_EVENT_CALL,
        PY_MONITORING_EVENT_C_RETURN,
        PY_MONITORING_EVENT_C_RAISE,
    };
    PyInterpreterState *interp = PyInterpreterState_Get();
    for (int tool = 0; tool < PY_MONITORING_SYS_PROFILE_ID; tool++) {
        for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
            if ((abi_own_tools >> tool & 1) == 0
                && interp->monitoring_callables[tool][events[i]] != NULL) {
                return true;
            }
        }
    }
    return false;
}
