/* Builtins that the compiler knows: the rows of builtins.def. */
#ifndef PYAOT_BUILTINS_H
#define PYAOT_BUILTINS_H

#include "ir.h"

typedef enum {
    BUILTIN_NONE,
#define BUILTIN(name, text, lower, what, sign) BUILTIN_##name,
#include "builtins.def"
#undef BUILTIN
    BUILTIN_COUNT
} BuiltinId;

typedef enum { ANY_SIGN, NOT_NEGATIVE } BuiltinSign;

typedef struct {
    const char *text; /* what the profile calls it */
    uint16_t what;
    uint8_t sign; /* BuiltinSign */
} Builtin;

extern const Builtin builtins[BUILTIN_COUNT];

/* By what the profile calls it, which may be NULL; BUILTIN_NONE: none of
 * these. */
BuiltinId builtin_find(const char *text);

#endif
