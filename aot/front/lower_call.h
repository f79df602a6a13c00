/* One call while it is lowered: lower_call.c and what it hands over to. */
#ifndef PYAOT_LOWER_CALL_H
#define PYAOT_LOWER_CALL_H

#include "build_int.h"
#include "builtins.h"

/* Callable, self (or K_NULL), arguments; all off the stack. */
typedef struct {
    AbsVal fn, self;
    AbsVal *args;
    uint32_t n;
    const char *text; /* symbol */
    BuiltinId builtin;
    const PyaotConst *names; /* of the last arguments, or NULL */
    IrRef names_ref;
    uint32_t *depth; /* of each argument, if not in order */
} Call;

/* Distance of argument i from the top of the stack before the call. */
uint32_t call_arg_depth(const Call *c, uint32_t i);
/* A call of a builtin of builtins.def.  False: it is none, or is not done
 * natively with these arguments; nothing was changed. */
bool call_builtin(Builder *b, Call *c);

/* Put the arguments where the callee's parameters are (those behind self, if
 * has_self): the named ones by name, and defaults where there is none.  False:
 * an argument has no place. */
bool place_arguments(Builder *b, Call *c, const CalleeInfo *callee,
                     bool has_self);
/* Arguments as the callee's signature wants them, self with them unless it is
 * K_NULL; out has a place for each parameter.  False: they are known to be of
 * other types. */
bool direct_args(Builder *b, Call *c, const CalleeInfo *callee, bool has_self,
                 IrRef *out);

/* A call of the class that was called here when it was profiled, whose
 * __init__ is compiled.  callee: the profile's text.  False: it is not such a
 * call; nothing was changed. */
bool call_class(Builder *b, const Call *c, const char *callee);
#endif
