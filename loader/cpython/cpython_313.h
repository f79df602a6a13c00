/* CPython 3.13: what knows its bytecode or its generators and is done for each
 * item of one, inline. */
#ifndef PYAOT_CPYTHON_313_H
#define PYAOT_CPYTHON_313_H

#include "opcode_ids.h"

/* --- generators ---------------------------------------------------------- */

static inline PyaotFrame *
abi_generator_frame(PyGenObject *gen)
{
    return (PyaotFrame *)gen->gi_iframe;
}

/* The generator that this frame, of one, is part of. */
static inline PyGenObject *
abi_frame_generator(PyaotFrame *frame)
{
    return _PyFrame_GetGenerator(frame);
}

/* Is it a new one, whose frame stands in front of the RESUME of its start?
 * [Python/bytecodes.c, RETURN_GENERATOR] */
static inline bool
abi_generator_is_new(const PyGenObject *gen, const PyaotFrame *frame)
{
    uint8_t next = frame->instr_ptr[1].op.code;
    return gen->gi_frame_state == FRAME_CREATED
           && frame->instr_ptr->op.code == POP_TOP
           && (next == RESUME || next == RESUME_CHECK
               || next == INSTRUMENTED_RESUME);
}

static inline bool
abi_generator_is_suspended(const PyGenObject *gen)
{
    return FRAME_STATE_SUSPENDED(gen->gi_frame_state);
}

/* Make its frame the current one, and it running. */
static inline void
abi_generator_link(PyThreadState *ts, PyGenObject *gen, PyaotFrame *frame)
{
    gen->gi_exc_state.previous_item = ts->exc_info;
    ts->exc_info = &gen->gi_exc_state;
    gen->gi_frame_state = FRAME_EXECUTING;
    frame->previous = ts->current_frame;
    ts->current_frame = frame;
    ts->py_recursion_remaining--;
}

/* The reverse, for one that is suspended (state). */
static inline void
abi_generator_unlink(PyThreadState *ts, PyGenObject *gen, PyaotFrame *frame,
                     PyFrameState state)
{
    gen->gi_frame_state = (int8_t)state;
    ts->exc_info = gen->gi_exc_state.previous_item;
    gen->gi_exc_state.previous_item = NULL;
    ts->py_recursion_remaining++;
    ts->current_frame = frame->previous;
    frame->previous = NULL;
}

/* Make its frame the current one, standing at its RESUME: with value sent to
 * it, or if value is NULL, which a new one must have, behind the POP_TOP that
 * takes it away.  [Objects/genobject.c, gen_send_ex2] */
static inline void
abi_generator_enter(PyThreadState *ts, PyGenObject *gen, PyaotFrame *frame,
                    PyObject *value)
{
    if (value != NULL) {
        frame->localsplus[frame->stacktop++] = Py_NewRef(value);
    }
    else {
        frame->instr_ptr++;
    }
    abi_generator_link(ts, gen, frame);
}

static inline bool
abi_is_yield(const _Py_CODEUNIT *unit)
{
    return unit->op.code == YIELD_VALUE;
}

static inline bool
abi_is_return(const _Py_CODEUNIT *unit)
{
    return unit->op.code == RETURN_VALUE || unit->op.code == RETURN_CONST;
}

/* Do the YIELD_VALUE at which its frame, the current one, stands: suspend it,
 * and hand over the value: new.  [Python/bytecodes.c, YIELD_VALUE] */
static inline PyObject *
abi_generator_yield(PyThreadState *ts, PyGenObject *gen, PyaotFrame *frame)
{
    /* the argument: 1 if it only passes on what another one yields */
    abi_generator_unlink(ts, gen, frame,
                         FRAME_SUSPENDED + frame->instr_ptr->op.arg);
    frame->instr_ptr++;
    return frame->localsplus[--frame->stacktop];
}

/* Do the return at which its frame, the current one, stands: clear it, and
 * hand over the value: new.  ESCAPES (locals die). [Python/bytecodes.c,
 * RETURN_VALUE, RETURN_CONST] */
static inline PyObject *
abi_generator_return(PyThreadState *ts, PyaotFrame *frame)
{
    _Py_CODEUNIT unit = *frame->instr_ptr;
    PyCodeObject *code = _PyFrame_GetCode(frame);
    PyObject *value;
    if (unit.op.code == RETURN_CONST) {
        value = Py_NewRef(PyTuple_GET_ITEM(code->co_consts, unit.op.arg));
    }
    else {
        value = frame->localsplus[--frame->stacktop];
    }
    ts->py_recursion_remaining++;
    abi_frame_pop(ts, frame);
    return value;
}

/* --- delegation: `yield from`, `await` ----------------------------------- */
/* The instructions are SEND, YIELD_VALUE, RESUME, JUMP_BACKWARD_NO_INTERRUPT
 * to the SEND, and END_SEND, in this order. */
enum { ABI_SEND_TO_RESUME = 3 };

/* The suspended generator or coroutine that a suspended one delegates to, and
 * sends what is sent to it; NULL if it does not, or to something else. */
static inline PyGenObject *
abi_generator_delegate(const PyGenObject *gen, const PyaotFrame *frame)
{
    if (gen->gi_frame_state != FRAME_SUSPENDED_YIELD_FROM
        || frame->instr_ptr[1].op.code != JUMP_BACKWARD_NO_INTERRUPT
        || frame->instr_ptr[1].op.arg != ABI_SEND_TO_RESUME + 2) {
        return NULL;
    }
    PyObject *to = frame->localsplus[frame->stacktop - 1];
    uint8_t send = frame->instr_ptr[-ABI_SEND_TO_RESUME].op.code;
    if ((send != SEND && send != SEND_GEN)
        || (Py_TYPE(to) != &PyGen_Type && Py_TYPE(to) != &PyCoro_Type)
        || !abi_generator_is_suspended((PyGenObject *)to)) {
        return NULL;
    }
    return (PyGenObject *)to;
}

/* Its frame, the current one from now on, stands at the SEND, and what it
 * delegates to, the result, is about to be entered. */
static inline PyGenObject *
abi_delegate_enter(PyThreadState *ts, PyGenObject *gen, PyaotFrame *frame)
{
    frame->instr_ptr -= ABI_SEND_TO_RESUME;
    abi_generator_link(ts, gen, frame);
    return (PyGenObject *)frame->localsplus[frame->stacktop - 1];
}

/* What it delegates to has yielded: so does it. */
static inline void
abi_delegate_yield(PyThreadState *ts, PyGenObject *gen, PyaotFrame *frame)
{
    frame->instr_ptr += ABI_SEND_TO_RESUME;
    abi_generator_unlink(ts, gen, frame, FRAME_SUSPENDED_YIELD_FROM);
}

/* What it delegates to has returned value, which is stolen: it goes on behind
 * the delegation. */
static inline void
abi_delegate_return(PyaotFrame *frame, PyObject *value)
{
    frame->localsplus[frame->stacktop++] = value;
    frame->instr_ptr += 1 + INLINE_CACHE_ENTRIES_SEND
                        + frame->instr_ptr->op.arg;
}

#endif
