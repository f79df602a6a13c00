/* The table's view of a frame in which an executor runs. */
#include "loader/host/host_int.h"

PyCodeObject *
frames_code(PyaotFrame *frame)
{
    return pyaot_frame_code(frame);
}

PyObject *
frames_function(PyaotFrame *frame)
{
    return pyaot_frame_function(frame);
}

PyObject *
frames_globals(PyaotFrame *frame)
{
    return pyaot_frame_globals(frame);
}

PyObject *
frames_builtins(PyaotFrame *frame)
{
    return pyaot_frame_builtins(frame);
}

int
frames_offset(PyaotFrame *frame)
{
    return (int)abi_frame_unit(frame) * (int)sizeof(_Py_CODEUNIT);
}

PyObject **
frames_locals(PyaotFrame *frame)
{
    return pyaot_frame_cells(frame);
}

PyObject **
frames_stack(PyaotFrame *frame)
{
    return pyaot_frame_stack(frame);
}

void
frames_leave(PyaotFrame *frame, int offset, PyObject **stack_pointer)
{
    /* An offset that is no instruction is found out when the executor
     * returns. */
    int size = (int)sizeof(_Py_CODEUNIT);
    pyaot_frame_set_place(frame,
                          _PyCode_CODE(pyaot_frame_code(frame))
                              + (offset % size == 0 ? offset / size : -1));
    pyaot_frame_set_n_cells(frame,
                            (int)(stack_pointer - pyaot_frame_cells(frame)));
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
    int top = pyaot_frame_n_cells(frame);
    bool go_on = executor->host != NULL && frames_ready()
                 && !abi_code_watched(pyaot_frame_code(frame))
                 && !host_stack_low(th);
    pyaot_frame_set_n_cells(frame, go_on ? -1 : top);
    return go_on;
}
