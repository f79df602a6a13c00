/* The table of the API, and what CPython calls of the host: the one file that
 * knows all others. */
#include "loader/host/enter.h"

#include "loader/host/host.h"

static const HostCalls calls = {
    .jump = enter_jump,
    .start = enter_start,
    .resume = enter_resume,
    .instruction = debug_on_instruction,
    .code_event = hot_code_event,
    .function_event = call_function_event,
    .code_freed = executors_code_freed,
    .next = draw_next_item,
    .send = draw_send_value,
    .send_method = draw_send_method,
    .gates = gate_vectorcalls,
    .shared_gate = gate_shared,
};

/* --- the table ----------------------------------------------------------- */

static PyaotOptimizer *
get_optimizer(void)
{
    return (PyaotOptimizer *)Py_XNewRef(host.optimizer);
}

const PyaotOptimizerApi pyaot_host_api = {
    .version = PYAOT_OPTIMIZER_API_VERSION,
    .size = sizeof(PyaotOptimizerApi),
    .executor_type = &HostExecutor_Type,
    .optimizer_type = &HostOptimizer_Type,
    .register_optimizer = hot_register,
    .get_optimizer = get_optimizer,
    .unregister_optimizer = hot_unregister,
    .refusal = life_refusal,
    .watch = hot_watch,
    .replace_executor = executors_replace,
    .get_executor = executors_get,
    .executor_is_valid = executors_is_valid,
    .add_dependency = executors_add_dependency,
    .invalidate = executors_invalidate,
    .invalidate_executor = executors_invalidate_one,
    .invalidate_all = executors_invalidate_all,
    .note_exit = executors_note_exit,
    .frame_code = frames_code,
    .frame_function = frames_function,
    .frame_globals = frames_globals,
    .frame_builtins = frames_builtins,
    .frame_offset = frames_offset,
    .frame_locals = frames_locals,
    .frame_stack = frames_stack,
    .frame_leave = frames_leave,
    .ready = frames_ready,
    .handle_pending = frames_handle_pending,
    .refresh_code = events_refresh,
    .debug_level = debug_level,
    .debug = debug_line,
    .trace = debug_trace,
    .draw = draw_next,
    .send = draw_send,
};

int
pyaot_host_init(void)
{
    host.calls = &calls;
    return objects_init();
}

void
pyaot_host_quit(void)
{
    life_quit();
}

bool
pyaot_host_gave_way(void)
{
    return host.gave_way;
}

uint64_t
pyaot_host_low_stack_entries(void)
{
    return host.low_entries;
}
