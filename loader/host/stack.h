/* How far the C stack of this thread may be used. */
#ifndef PYAOT_HOST_STACK_H
#define PYAOT_HOST_STACK_H

/* The address below which native code leaves the stack to CPython. */
char *stack_find_limit(void);

#endif
