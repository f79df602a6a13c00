/* What an __init__ does, read off its bytecode. */
#ifndef PYAOT_INITIALISER_H
#define PYAOT_INITIALISER_H

#include "bytecode.h"

#define INITIALISER_MAX 24

typedef enum { MEMBER_PARAM, MEMBER_CONST, MEMBER_LIST } MemberKind;

/* It stores these in attributes of its first parameter, each under a name of
 * its own, and nothing else. */
typedef struct {
    uint32_t n;
    struct {
        uint32_t name; /* index into co_names */
        /* PARAM: of the parameter; CONST: into co_consts; LIST: a new empty
         * one */
        uint32_t index;
        uint8_t kind; /* MemberKind */
    } members[INITIALISER_MAX];
} Initialiser;

/* False: it is not of that kind. */
bool initialiser_read(const BcCode *code, Initialiser *init);
/* Does it return None wherever it returns? */
bool initialiser_returns_none(const BcCode *code);
#endif
