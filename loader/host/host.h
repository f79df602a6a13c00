/* What the rest of loader/ sees of the host: its table, and the few things
 * the extension module needs to make it part of the process. */
#ifndef PYAOT_HOST_H
#define PYAOT_HOST_H

#include "loader/pyaot_optimizer.h"

#include <stdbool.h>

extern const PyaotOptimizerApi pyaot_host_api;

/* Make the table and its types ready.  -1 with an exception set. */
int pyaot_host_init(void);
/* The module pyaot.optimizer: new, or NULL with an exception set. */
PyObject *pyaot_host_view(void);
/* The program ends: nothing is entered any more.  Cheap: events stay set. */
void pyaot_host_quit(void);
/* Has the program taken the optimizer's tool id for itself? */
bool pyaot_host_gave_way(void);
/* Executors are entered although this tool watches, which is not told of what
 * they do: the recorder, of what the interpreter is left with. */
void pyaot_host_tolerate(int tool);
/* Calls made when the C stack was low. */
uint64_t pyaot_host_low_stack_entries(void);

/* Do calls of the function run its code, so that native code may call that
 * directly?  Not if somebody else has set its vectorcall. */
bool gate_runs_code(const PyFunctionObject *func);

#endif
