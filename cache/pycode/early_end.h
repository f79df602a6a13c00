/* os._exit and os.exec* end the program without any clean-up: what was counted
 * or recorded is to be written first. */
#ifndef PYAOT_EARLY_END_H
#define PYAOT_EARLY_END_H

#include <stdbool.h>

/* From now on `ending` is called first, with the GIL; it must not fail.  Once
 * for each extension module that this is linked into.
 *
 * exits  the process ends; else another program takes its place, if that can
 *        be started */
void pyaot_early_end_watch(void (*ending)(bool exits));

#endif
