/* os._exit and os.exec* end a program without any clean-up; what a module has
 * to do before that is called by their C functions, which are replaced behind
 * the same Python objects.  The program sees no difference.
 *
 * One for each extension module that this is linked into; for good. */
#ifndef PYAOT_PROCESS_END_H
#define PYAOT_PROCESS_END_H

#include <stdbool.h>

/* is_exec  another program takes the process over, if that does not fail:
 *          then it goes on */
typedef void PyaotBeforeEnd(bool is_exec);

/* With the GIL, in any interpreter of the process; failing is harmless.  The
 * function is called with the GIL and must leave no exception. */
void pyaot_process_end_hook(PyaotBeforeEnd *before);

#endif
