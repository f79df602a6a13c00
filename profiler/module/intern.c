/* Strings with small numbers.  Numbers are never reused; the texts live until
 * the process ends. */
#define PYAOT_PROF_INTERNAL
#include "prof_int.h"

#include <stdlib.h>
#include <string.h>

#include "cache/base/hash.h"

static bool
grow_slots(StringTable *table)
{
    const uint32_t n_slots = table->n_slots ? table->n_slots * 2 : 1024;
    uint32_t *slots = calloc(n_slots, sizeof(*slots));
    if (slots == NULL) {
        return false;
    }
    for (uint32_t id = 0; id < table->count; id++) {
        const char *text = table->texts[id];
        uint32_t at = (uint32_t)pyaot_hash64(text, strlen(text));
        while (slots[at & (n_slots - 1)] != 0) {
            at++;
        }
        slots[at & (n_slots - 1)] = id + 1;
    }
    free(table->slots);
    table->slots = slots;
    table->n_slots = n_slots;
    return true;
}

static uint32_t
add_text(StringTable *table, const char *text, uint32_t slot)
{
    if (table->count == table->cap) {
        const uint32_t cap = table->cap ? table->cap * 2 : 512;
        char **texts = realloc(table->texts, cap * sizeof(*texts));
        if (texts == NULL) {
            return 0;
        }
        table->texts = texts;
        table->cap = cap;
    }
    char *copy = strdup(text);
    if (copy == NULL) {
        return 0;
    }
    const uint32_t id = table->count++;
    table->texts[id] = copy;
    table->slots[slot] = id + 1;
    return id;
}

/* Slot of a text: where it is, or the free one where it belongs. */
static uint32_t
find_slot(const StringTable *table, const char *text)
{
    uint32_t at = (uint32_t)pyaot_hash64(text, strlen(text));
    for (;; at++) {
        const uint32_t slot = at & (table->n_slots - 1);
        const uint32_t held = table->slots[slot];
        if (held == 0 || strcmp(table->texts[held - 1], text) == 0) {
            return slot;
        }
    }
}

static uint32_t
intern_new(const char *text)
{
    StringTable *table = &prof.strings;
    uint32_t id = 0;
    pthread_mutex_lock(&prof.lock);
    if (2 * (table->count + 1) <= table->n_slots || grow_slots(table)) {
        id = add_text(table, text, find_slot(table, text));
    }
    pthread_mutex_unlock(&prof.lock);
    return id;
}

/* Finding needs no lock: only holders of the GIL add. */
uint32_t
prof_intern(const char *text)
{
    const StringTable *table = &prof.strings;
    if (table->count == 0) {
        intern_new(""); /* number 0 */
    }
    if (table->n_slots > 0) {
        const uint32_t held = table->slots[find_slot(table, text)];
        if (held != 0) {
            return held - 1;
        }
    }
    return intern_new(text);
}

const char *
prof_interned(uint32_t id)
{
    return id < prof.strings.count ? prof.strings.texts[id] : "";
}
