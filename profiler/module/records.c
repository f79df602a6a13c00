/* One record for each code object that has run, kept in the code object's
 * extra slot, and its table of feedback rows. */
#define PYAOT_PROF_INTERNAL
#include "prof_int.h"

#include <stdlib.h>
#include <string.h>

#include "cache/base/hash.h"
#include "cache/pycode/pycode.h"

/* Rows of one code object are limited: a site whose types never settle must
 * not eat the memory. */
enum { MAX_ROWS = 1 << 16, FIRST_ROW_SLOTS = 64 };

CodeRecord *
prof_record(PyCodeObject *code)
{
    void *extra = NULL;
    if (PyUnstable_Code_GetExtra((PyObject *)code, prof.extra_index, &extra)
        < 0) {
        PyErr_Clear();
        return NULL;
    }
    if (extra != NULL) {
        return extra;
    }
    CodeRecord *record = calloc(1, sizeof(*record));
    if (record == NULL) {
        return NULL;
    }
    if (PyUnstable_Code_SetExtra((PyObject *)code, prof.extra_index, record)
        < 0) {
        PyErr_Clear();
        free(record);
        return NULL;
    }
    record->code = code;
    if (prof.ignored_file != NULL) {
        const char *file = PyUnicode_AsUTF8(code->co_filename);
        if (file == NULL) {
            PyErr_Clear();
        }
        else if (strcmp(file, prof.ignored_file) == 0) {
            record->ignored = true;
        }
    }
    pthread_mutex_lock(&prof.lock);
    record->next = prof.records;
    prof.records = record;
    pthread_mutex_unlock(&prof.lock);
    return record;
}

/* Called by CPython when the code object is freed, also without a record if
 * another user of extra slots has one.  The record stays until the writer has
 * seen its last counts. */
void
prof_code_died(void *extra)
{
    CodeRecord *record = extra;
    if (record == NULL) {
        return;
    }
    pthread_mutex_lock(&prof.lock);
    record->code = NULL;
    pthread_mutex_unlock(&prof.lock);
}

void
prof_record_free(CodeRecord *record)
{
    free(record->info);
    free(record->image);
    free(record->filename);
    free(record->qualname);
    free(record->seen);
    free(record->back);
    free(record->rows.slots);
    free(record);
}

static char *
copy_utf8(PyObject *text)
{
    const char *utf8 = PyUnicode_AsUTF8(text);
    if (utf8 == NULL) {
        PyErr_Clear();
        utf8 = "?";
    }
    return strdup(utf8);
}

bool
prof_record_ensure_image(CodeRecord *record, const char *module)
{
    if (record->image != NULL) {
        return true;
    }
    if (record->is_broken || record->ignored || record->code == NULL) {
        return false;
    }
    record->is_broken = true;
    StrBuf image;
    strbuf_init(&image, 0);
    if (pyaot_pycode_image(record->code, module, &image, &record->key) < 0) {
        PyErr_Clear();
        strbuf_free(&image);
        return false;
    }
    char *filename = copy_utf8(record->code->co_filename);
    char *qualname = copy_utf8(record->code->co_qualname);
    size_t len = 0;
    char *bytes = strbuf_detach(&image, &len);
    strbuf_free(&image);
    if (filename == NULL || qualname == NULL || bytes == NULL) {
        free(filename);
        free(qualname);
        free(bytes);
        return false;
    }
    pthread_mutex_lock(&prof.lock);
    record->filename = filename;
    record->qualname = qualname;
    record->image_len = len;
    record->image = bytes;
    record->is_broken = false;
    pthread_mutex_unlock(&prof.lock);
    return true;
}

bool
prof_record_ensure_info(CodeRecord *record, const char *module)
{
    if (record->info != NULL) {
        return true;
    }
    if (!prof_record_ensure_image(record, module)) {
        return false;
    }
    CodeInfo *info = prof_code_info(record->code, NULL);
    uint8_t *seen = NULL;
    if (info != NULL) {
        seen = calloc(info->n_units, 3);
    }
    if (seen == NULL) {
        free(info);
        record->is_broken = true;
        return false;
    }
    pthread_mutex_lock(&prof.lock);
    record->seen = seen;
    record->seen_branch = seen + info->n_units;
    record->ever = seen + 2 * (size_t)info->n_units;
    record->info = info;
    if (!record->is_counted) {
        record->is_counted = true;
        prof.n_codes++;
    }
    pthread_mutex_unlock(&prof.lock);
    return true;
}

void
prof_sample_add(SampleList *list, uint32_t offset, ProfileKind kind,
                unsigned slot, uint32_t what)
{
    if (list->count < PROF_MAX_SAMPLES) {
        list->samples[list->count++] = (Sample){
            .offset = offset, .kind = (uint8_t)kind, .slot = (uint8_t)slot,
            .what = what,
        };
    }
}

static uint64_t
sample_key(const Sample *sample)
{
    return (uint64_t)sample->offset << 40 | (uint64_t)sample->kind << 36
           | (uint64_t)(sample->slot & 15) << 32 | sample->what;
}

static uint32_t
row_hash(uint64_t key)
{
    return (uint32_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
}

static bool
grow_rows(RowTable *rows)
{
    const uint32_t n_slots = rows->n_slots ? rows->n_slots * 2
                                           : FIRST_ROW_SLOTS;
    Row *slots = calloc(n_slots, sizeof(*slots));
    if (slots == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < rows->n_slots; i++) {
        if (rows->slots[i].key != 0) {
            uint32_t at = row_hash(rows->slots[i].key);
            while (slots[at & (n_slots - 1)].key != 0) {
                at++;
            }
            slots[at & (n_slots - 1)] = rows->slots[i];
        }
    }
    free(rows->slots);
    rows->slots = slots;
    rows->n_slots = n_slots;
    return true;
}

/* Under the lock. */
static void
add_sample(RowTable *rows, const Sample *sample)
{
    const uint64_t key = sample_key(sample);    /* never 0: kinds begin at 1 */
    if (2 * (rows->count + 1) > rows->n_slots
        && (rows->count >= MAX_ROWS || !grow_rows(rows))) {
        prof.n_dropped++;
        return;
    }
    uint32_t at = row_hash(key);
    Row *row;
    for (;; at++) {
        row = &rows->slots[at & (rows->n_slots - 1)];
        if (row->key == key) {
            break;
        }
        if (row->key == 0) {
            row->key = key;
            rows->count++;
            break;
        }
    }
    row->count++;
}

void
prof_samples_commit(CodeRecord *record, const SampleList *list)
{
    if (list->count == 0) {
        return;
    }
    pthread_mutex_lock(&prof.lock);
    record->is_dirty = true;
    for (uint32_t i = 0; i < list->count; i++) {
        add_sample(&record->rows, &list->samples[i]);
    }
    pthread_mutex_unlock(&prof.lock);
}
