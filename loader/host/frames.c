/* The table's view of a frame in which an executor runs. */
#include "loader/host/host_int.h"

PyCodeObject *
frames_code(PyaotFrame *frame)
{
    return _PyFrame_GetCode(frame);
}

PyObject *
frames_function(PyaotFrame *frame)
{
    return frame->f_funcobj;
}

PyObject *
frames_globals(PyaotFrame *frame)
{
    return frame->f_globals;
}

PyObject *
frames_builtins(PyaotFrame *frame)
{
    return frame->f_builtins;
}

int
frames_offset(PyaotFrame *frame)
{
    return (int)abi_frame_unit(frame) * (int)sizeof(_Py_CODEUNIT);
}

PyObject **
frames_locals(PyaotFrame *frame)
{
    return frame->localsplus;
}

PyObject **
frames_stack(PyaotFrame *frame)
{
    return _PyFrame_Stackbase(frame);
}

void
frames_leave(PyaotFrame *frame, int offset, PyObject **stack_pointer)
{
    /* An offset that is no instruction is found out when the executor
     * returns. */
    int size = (int)sizeof(_Py_CODEUNIT);
    frame->instr_ptr = _PyCode_CODE(_PyFrame_GetCode(frame))
                       + (offset % size == 0 ? offset / size : -1);
    frame->stacktop = (int)(stack_pointer - frame->localsplus);
}

int
frames_ready(void)
{
    if (!host.active || abi_frames_hooked()) {
        return 0;
    }
    PyThreadState *ts = abi_thread_state();
    HostThread *th = host_thread(ts);
    return ts->eval_breaker == th->ok_breaker
           || host_thread_refresh(th, false) > 0;
}

int
frames_handle_pending(PyaotExecutor *executor, PyaotFrame *frame, int offset,
                      PyObject **stack_pointer)
{
    PyThreadState *ts = abi_thread_state();
    HostThread *th = host_thread(ts);
    frames_leave(frame, offset, stack_pointer);
    if ((ts->eval_breaker & ABI_EVENT_BITS) != 0
        && _Py_HandlePending(ts) < 0) {
        return -1;
    }
    int top = frame->stacktop;
    bool go_on = executor->host != NULL && frames_ready()
                 && !abi_code_watched(_PyFrame_GetCode(frame))
                 && !host_stack_low(th);
    frame->stacktop = go_on ? -1 : top;
    return go_on;
}
