#include "loader_int.h"

#include <stdlib.h>

/* Where a slot's list starts; slot n_slots stands for the instance itself. */
static SlotRef **
rests_of(PyaotInst *inst, uint32_t slot)
{
    return &((CodeState *)inst->owner)->rests[slot];
}

bool
refs_add(SlotRefs *refs, PyaotInst *inst, uint32_t slot)
{
    SlotRef **rests = rests_of(inst, slot);
    for (SlotRef *r = *rests; r != NULL; r = r->also) {
        if (r->refs == refs) {
            return true;
        }
    }
    SlotRef *r = malloc(sizeof *r);
    if (r == NULL) {
        return false;
    }
    *r = (SlotRef){.inst = inst,
                   .slot = slot,
                   .refs = refs,
                   .next = refs->first,
                   .link = &refs->first,
                   .also = *rests};
    if (r->next != NULL) {
        r->next->link = &r->next;
    }
    refs->first = *rests = r;
    return true;
}

/* Nothing is in the list: a map's is gone then. */
static void
list_emptied(SlotRefs *refs)
{
    if (refs->map != NULL) {
        ptrmap_take(refs->map, refs->key);
        free(refs);
    }
}

bool
refs_add_to(PtrMap *map, const void *key, PyaotInst *inst, uint32_t slot)
{
    SlotRefs *refs = ptrmap_get(map, key);
    if (refs != NULL) {
        return refs_add(refs, inst, slot);
    }
    refs = malloc(sizeof *refs);
    if (refs == NULL) {
        return false;
    }
    *refs = (SlotRefs){.map = map, .key = key};
    if (!ptrmap_put(map, key, refs)) {
        free(refs);
        return false;
    }
    if (!refs_add(refs, inst, slot)) {
        list_emptied(refs);
        return false;
    }
    return true;
}

/* Take it out of its slot's list. */
static void
leave_slot(SlotRef *ref)
{
    SlotRef **link = rests_of(ref->inst, ref->slot);
    while (*link != ref) {
        link = &(*link)->also;
    }
    *link = ref->also;
}

static void
clear(SlotRefs *refs)
{
    while (refs->first != NULL) {
        SlotRef *ref = refs->first;
        refs->first = ref->next;
        leave_slot(ref);
        free(ref);
    }
}

void
refs_clear(SlotRefs *refs)
{
    clear(refs);
    list_emptied(refs);
}

void
refs_clear_map(PtrMap *map)
{
    for (size_t i = 0; i < map->n_slots; i++) {
        if (map->entries[i].key != NULL) {
            clear(map->entries[i].value);
            free(map->entries[i].value);
        }
    }
    ptrmap_free(map);
}

void
refs_forget(PyaotInst *inst)
{
    for (uint32_t i = 0; inst->desc != NULL && i <= inst->desc->n_slots; i++) {
        SlotRef **rests = rests_of(inst, i);
        while (*rests != NULL) {
            SlotRef *ref = *rests;
            SlotRefs *refs = ref->refs;
            *rests = ref->also;
            *ref->link = ref->next;
            if (ref->next != NULL) {
                ref->next->link = ref->link;
            }
            free(ref);
            if (refs->first == NULL) {
                list_emptied(refs);
            }
        }
    }
}
