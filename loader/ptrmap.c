#include "ptrmap.h"

#include <stdint.h>
#include <stdlib.h>

#define PTRMAP_MIN_SLOTS 16u

static size_t
ptrmap_home(const PtrMap *map, const void *key)
{
    uint64_t x = (uint64_t)(uintptr_t)key;
    x = (x >> 4) * 0x9E3779B97F4A7C15u;
    return (size_t)(x >> 32) & (map->n_slots - 1);
}

static PtrMapEntry *
ptrmap_find(const PtrMap *map, const void *key)
{
    size_t i = ptrmap_home(map, key);
    while (map->entries[i].key != NULL && map->entries[i].key != key) {
        i = (i + 1) & (map->n_slots - 1);
    }
    return &map->entries[i];
}

void *
ptrmap_get(const PtrMap *map, const void *key)
{
    if (map->n_used == 0) {
        return NULL;
    }
    return ptrmap_find(map, key)->value;
}

static bool
ptrmap_grow(PtrMap *map)
{
    PtrMap bigger = {0};
    bigger.n_slots = map->n_slots ? map->n_slots * 2 : PTRMAP_MIN_SLOTS;
    bigger.entries = calloc(bigger.n_slots, sizeof *bigger.entries);
    if (bigger.entries == NULL) {
        return false;
    }
    bigger.n_used = map->n_used;
    for (size_t i = 0; i < map->n_slots; i++) {
        if (map->entries[i].key != NULL) {
            *ptrmap_find(&bigger, map->entries[i].key) = map->entries[i];
        }
    }
    free(map->entries);
    *map = bigger;
    return true;
}

bool
ptrmap_put(PtrMap *map, const void *key, void *value)
{
    if (map->n_used * 4 >= map->n_slots * 3 && !ptrmap_grow(map)) {
        return false;
    }
    PtrMapEntry *e = ptrmap_find(map, key);
    if (e->key == NULL) {
        e->key = key;
        map->n_used++;
    }
    e->value = value;
    return true;
}

void *
ptrmap_take(PtrMap *map, const void *key)
{
    if (map->n_used == 0) {
        return NULL;
    }
    PtrMapEntry *e = ptrmap_find(map, key);
    if (e->key == NULL) {
        return NULL;
    }
    void *value = e->value;
    size_t mask = map->n_slots - 1;
    size_t hole = (size_t)(e - map->entries);
    size_t i = hole;
    for (;;) {
        i = (i + 1) & mask;
        if (map->entries[i].key == NULL) {
            break;
        }
        size_t home = ptrmap_home(map, map->entries[i].key);
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            map->entries[hole] = map->entries[i];
            hole = i;
        }
    }
    map->entries[hole] = (PtrMapEntry){NULL, NULL};
    map->n_used--;
    return value;
}

void
ptrmap_free(PtrMap *map)
{
    free(map->entries);
    *map = (PtrMap){0};
}
