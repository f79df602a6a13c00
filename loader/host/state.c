/* The host's state, one for the process. */
#include "loader/host/host_int.h"

Host host = {
    .extra_index = -1,
    .code_watcher = -1,
    .func_watcher = -1,
};
