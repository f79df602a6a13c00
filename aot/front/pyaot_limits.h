/* Budgets of the compiler.  Units in the names. */
#ifndef PYAOT_LIMITS_H
#define PYAOT_LIMITS_H

#define MAX_VERSIONS_PER_BLOCK                                                \
    6 /* beyond this a block is left to the interpreter */
#define MAX_TURNS_PER_BLOCK                                                   \
    3                        /* beyond this the turns of a loop share blocks */
#define MAX_REGION_INS 20000 /* IR instructions of one region */
#define SOFT_REGION_INS                                                       \
    2500 /* from here on no new versions: known blocks, or out */
#define MAX_CODE_UNITS 20000 /* bytecode of one code object */
#define MAX_STATE_SLOTS 1024 /* locals and stack of one code object */
#define MAX_INFOS 1000       /* distinct callables known in one region */
#endif
