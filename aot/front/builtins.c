/* Builtins by what the profile calls them. */
#include "builtins.h"

#include <string.h>

const Builtin builtins[BUILTIN_COUNT] = {
    [BUILTIN_NONE] = {.text = ""},
#define BUILTIN(name, text_, lower, what_, sign_)                             \
    [BUILTIN_##name] = {.text = text_, .what = what_, .sign = sign_},
#include "builtins.def"
#undef BUILTIN
};

BuiltinId
builtin_find(const char *text)
{
    for (int i = 1; i < BUILTIN_COUNT && text != NULL; i++) {
        if (strcmp(builtins[i].text, text) == 0) {
            return (BuiltinId)i;
        }
    }
    return BUILTIN_NONE;
}
