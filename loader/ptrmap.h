/* Hash map from pointers to pointers; open addressing, no tombstones. */
#ifndef PYAOT_LOADER_PTRMAP_H
#define PYAOT_LOADER_PTRMAP_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    const void *key; /* NULL: free */
    void *value;
} PtrMapEntry;

typedef struct {
    PtrMapEntry *entries;
    size_t n_slots; /* 0 or a power of two */
    size_t n_used;
} PtrMap;

/* NULL if key is not there. */
void *ptrmap_get(const PtrMap *map, const void *key);
/* Set key (not NULL) to value (not NULL); false if out of memory. */
bool ptrmap_put(PtrMap *map, const void *key, void *value);
/* Take key out; returns its value or NULL. */
void *ptrmap_take(PtrMap *map, const void *key);
void ptrmap_free(PtrMap *map);

#endif
