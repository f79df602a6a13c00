/* Bump arena.  Blocks double from 4 KiB to 1 MiB; a larger request gets a
 * block of its own. */
#include "arena.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"

enum {
    ARENA_ALIGN_BYTES = 16,
    ARENA_FIRST_BLOCK_BYTES = 4096,
    ARENA_LAST_BLOCK_BYTES = 1024 * 1024,
};
static const size_t ARENA_DEFAULT_MAX_BYTES = (size_t)1 << 30;

struct ArenaBlock {
    ArenaBlock *older;
    size_t size; /* of data */
    size_t used;
    size_t pad; /* keeps data aligned to 16 */
    unsigned char data[];
};

_Static_assert(sizeof(ArenaBlock) % ARENA_ALIGN_BYTES == 0,
               "block data must be aligned");

void
arena_init(Arena *arena, size_t max_bytes)
{
    memset(arena, 0, sizeof(*arena));
    arena->max_bytes = max_bytes ? max_bytes : ARENA_DEFAULT_MAX_BYTES;
}

static void
arena_drop_block(Arena *arena)
{
    ArenaBlock *block = arena->block;
    arena->block = block->older;
    arena->total_bytes -= sizeof(*block) + block->size;
    free(block);
}

void
arena_free(Arena *arena)
{
    while (arena->block != NULL) {
        arena_drop_block(arena);
    }
    arena->status = PYAOT_OK;
}

static bool
arena_grow(Arena *arena, size_t size)
{
    size_t want = ARENA_FIRST_BLOCK_BYTES;
    if (arena->block != NULL) {
        want = arena->block->size * 2;
    }
    if (want > ARENA_LAST_BLOCK_BYTES) {
        want = ARENA_LAST_BLOCK_BYTES;
    }
    if (want < size) {
        want = size;
    }
    size_t room = arena->max_bytes - arena->total_bytes;
    if (room < sizeof(ArenaBlock) || room - sizeof(ArenaBlock) < size) {
        arena->status = PYAOT_E_LIMIT;
        return false;
    }
    if (want > room - sizeof(ArenaBlock)) {
        want = room - sizeof(ArenaBlock);
    }
    ArenaBlock *block = NULL;
    if (!pyaot_fault(PYAOT_FAULT_ALLOC)) {
        block = malloc(sizeof(*block) + want);
    }
    if (block == NULL) {
        arena->status = PYAOT_E_NOMEM;
        return false;
    }
    block->older = arena->block;
    block->size = want;
    block->used = 0;
    arena->block = block;
    arena->total_bytes += sizeof(*block) + want;
    return true;
}

void *
arena_alloc(Arena *arena, size_t size)
{
    if (arena->status != PYAOT_OK) {
        return NULL;
    }
    if (size > arena->max_bytes) {
        arena->status = PYAOT_E_LIMIT;
        return NULL;
    }
    size_t rounded = (size + ARENA_ALIGN_BYTES - 1)
                     & ~(size_t)(ARENA_ALIGN_BYTES - 1);
    if (rounded == 0) {
        rounded = ARENA_ALIGN_BYTES;
    }
    ArenaBlock *block = arena->block;
    if (block == NULL || block->used > block->size
        || block->size - block->used < rounded) {
        if (!arena_grow(arena, rounded)) {
            return NULL;
        }
        block = arena->block;
    }
    void *data = block->data + block->used;
    block->used += rounded;
    memset(data, 0, rounded);
    return data;
}

void *
arena_calloc(Arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        if (arena->status == PYAOT_OK) {
            arena->status = PYAOT_E_LIMIT;
        }
        return NULL;
    }
    return arena_alloc(arena, bytes);
}

void *
arena_memdup(Arena *arena, const void *data, size_t size)
{
    void *copy = arena_alloc(arena, size);
    if (copy != NULL && size != 0) {
        memcpy(copy, data, size);
    }
    return copy;
}

char *
arena_strndup(Arena *arena, const char *text, size_t len)
{
    assert(len < SIZE_MAX);
    char *copy = arena_alloc(arena, len + 1);
    if (copy != NULL && len != 0) {
        memcpy(copy, text, len);
    }
    return copy;
}

char *
arena_strdup(Arena *arena, const char *text)
{
    return arena_strndup(arena, text, strlen(text));
}

char *
arena_printf(Arena *arena, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (len < 0) {
        arena->status = PYAOT_E_INTERNAL;
        return NULL;
    }
    char *text = arena_alloc(arena, (size_t)len + 1);
    if (text != NULL) {
        va_start(args, fmt);
        vsnprintf(text, (size_t)len + 1, fmt, args);
        va_end(args);
    }
    return text;
}

ArenaMark
arena_mark(const Arena *arena)
{
    ArenaMark mark = {arena->block, arena->block ? arena->block->used : 0};
    return mark;
}

void
arena_release(Arena *arena, ArenaMark mark)
{
    while (arena->block != mark.block) {
        assert(arena->block != NULL);
        arena_drop_block(arena);
    }
    if (arena->block != NULL) {
        assert(mark.used <= arena->block->used);
        arena->block->used = mark.used;
    }
}
