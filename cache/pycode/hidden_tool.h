/* A tool id of sys.monitoring of which the program notices nothing.
 *
 * There are six ids, and a program may want them all, or look who has them.
 * So to everybody else the functions of sys.monitoring say that the id is
 * free; and if the program takes it, by use_tool_id() or by a callback of its
 * own, its holder gives way.
 *
 * One for each extension module that this is linked into; with the GIL, in the
 * interpreter it was started in. */
#ifndef PYAOT_HIDDEN_TOOL_H
#define PYAOT_HIDDEN_TOOL_H

/* The id, which has been taken, is hidden from now on.
 *
 * give_way  the program takes it: let go of it, also by free_tool_id(); called
 *           once, with no exception set
 * others    or NULL: the program takes or frees an id, this one or another, or
 *           registers a callback; called afterwards, perhaps with an exception
 * set */
void pyaot_hidden_tool_start(int id, void (*give_way)(void),
                             void (*others)(void));
/* It is no longer hidden, or the holder's. */
void pyaot_hidden_tool_stop(void);
/* Around calls of sys.monitoring by the holder itself; they nest. */
void pyaot_hidden_tool_begin(void);
void pyaot_hidden_tool_end(void);

#endif
