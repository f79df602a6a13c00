/* Numbers of cache/abi/pyaot_abi.h that the compiler needs without including
 * Python.h; generated C checks them against it. */
#ifndef PYAOT_EXIT_KINDS_H
#define PYAOT_EXIT_KINDS_H
enum {
    EXIT_KIND_GUARD = 0,
    EXIT_KIND_CALL,
    EXIT_KIND_END,
    EXIT_KIND_BREAKER,
    EXIT_KIND_LOOP,
    EXIT_KIND_INIT
};
enum {
    REGION_ENTRY = 1,
    REGION_RESUME = 2,
    REGION_BACK_EDGE = 4,
    /* a generator's first resume: for the loader, an entry on a live frame */
    REGION_START = 8,
};

/* Is it entered where a generator or coroutine goes on? */
static inline bool
region_is_resumed(uint8_t kind)
{
    return kind == REGION_RESUME || kind == REGION_START;
}
enum {
    SLOT_GLOBAL = 1,
    SLOT_CALLEE,
    SLOT_TYPE,
    SLOT_ATTR,
    SLOT_METHOD,
    SLOT_FUNCTION,
    SLOT_CLASS,
    SLOT_MEMBER,
    SLOT_CELL
};
#endif
