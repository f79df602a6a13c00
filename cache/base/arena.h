/* Bump arena: many small allocations, freed together.
 *
 * Failure is sticky: after a failed allocation (out of memory or past the
 * maximum) every further one returns NULL and arena_status() tells why, so a
 * caller may build a whole structure and look once at the end.  Memory is
 * zeroed.  mark/release give scratch space: release frees everything
 * allocated after the mark, but does not clear a failure. */
#ifndef PYAOT_BASE_ARENA_H
#define PYAOT_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "status.h"

typedef struct ArenaBlock ArenaBlock;

typedef struct Arena {
    ArenaBlock *block;  /* newest; older ones are chained */
    size_t max_bytes;   /* of all blocks together */
    size_t total_bytes; /* of all blocks together */
    PyaotStatus status; /* sticky */
} Arena;

typedef struct {
    ArenaBlock *block;
    size_t used;
} ArenaMark;

/* An arena without blocks; nothing is allocated yet.
 * max_bytes   limit of all memory it takes; 0 = 1 GiB */
void arena_init(Arena *arena, size_t max_bytes);
/* Free everything; the arena is as after arena_init (same maximum). */
void arena_free(Arena *arena);

/* Zeroed memory aligned to 16 bytes, or NULL (see arena_status).
 * size 0 gives a valid pointer. */
void *arena_alloc(Arena *arena, size_t size);
/* count * size with overflow check. */
void *arena_calloc(Arena *arena, size_t count, size_t size);
/* A copy of size bytes. */
void *arena_memdup(Arena *arena, const void *data, size_t size);
/* A copy of a string, NUL added. */
char *arena_strdup(Arena *arena, const char *text);
char *arena_strndup(Arena *arena, const char *text, size_t len);
/* Formatted text. */
char *arena_printf(Arena *arena, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Typed forms: NEW(arena, Type), NEW_ARRAY(arena, Type, count). */
#define ARENA_NEW(arena, Type) ((Type *)arena_alloc((arena), sizeof(Type)))
#define ARENA_NEW_ARRAY(arena, Type, count)                                   \
    ((Type *)arena_calloc((arena), (count), sizeof(Type)))

ArenaMark arena_mark(const Arena *arena);
void arena_release(Arena *arena, ArenaMark mark);

/* PYAOT_OK, PYAOT_E_NOMEM or PYAOT_E_LIMIT. */
static inline PyaotStatus
arena_status(const Arena *arena)
{
    return arena->status;
}

#endif
