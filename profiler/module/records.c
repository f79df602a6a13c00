/* One record for each code object that has run, found by the object's address,
 * and its table of feedback rows.
 *
 * Not in the code object's extra slot: that would make CPython call the free
 * functions of all other users of such slots for every code object, and
 * change sys.getsizeof.  A code watcher says when an object dies. */
#define PYAOT_PROF_INTERNAL
#include "prof_int.h"

#include <stdlib.h>
#include <string.h>

#include "cache/base/hash.h"
#include "cache/abi/pyaot_shared_code.h"
#include "cache/pycode/pycode.h"

/* Rows of one code object are limited: a site whose types never settle must
 * not eat the memory. */
enum { MAX_ROWS = 1 << 16, FIRST_ROW_SLOTS = 64 };

/* prof.table: open addressing by address; only touched with the GIL. */

static size_t
slot_of(const PyCodeObject *code)
{
    const uint64_t bits = (uint64_t)(uintptr_t)code >> 4;
    return (size_t)(bits * UINT64_C(0x9e3779b97f4a7c15) >> 20)
           & (prof.table_slots - 1);
}

static bool
table_grow(void)
{
    const size_t old_slots = prof.table_slots;
    CodeRecord **old = prof.table;
    CodeRecord **grown = calloc(old_slots ? 2 * old_slots : 2048,
                                sizeof(*grown));
    if (grown == NULL) {
        return false;
    }
    prof.table = grown;
    prof.table_slots = old_slots ? 2 * old_slots : 2048;
    for (size_t i = 0; i < old_slots; i++) {
        if (old[i] != NULL) {
            size_t at = slot_of(old[i]->code);
            while (prof.table[at] != NULL) {
                at = (at + 1) & (prof.table_slots - 1);
            }
            prof.table[at] = old[i];
        }
    }
    free(old);
    return true;
}

/* Take slot `hole` out and move up what would not be found any more. */
static void
table_remove(size_t hole)
{
    size_t at = hole;
    prof.table_count--;
    for (;;) {
        at = (at + 1) & (prof.table_slots - 1);
        if (prof.table[at] == NULL) {
            break;
        }
        const size_t home = slot_of(prof.table[at]->code);
        const size_t distance = (at - home) & (prof.table_slots - 1);
        if (distance >= ((at - hole) & (prof.table_slots - 1))) {
            prof.table[hole] = prof.table[at];
            hole = at;
        }
    }
    prof.table[hole] = NULL;
}

static char *
copy_utf8(PyObject *text)
{
    PyObject *utf8 = PyUnicode_AsUTF8String(text); /* new */
    if (utf8 == NULL) {
        PyErr_Clear();
        return strdup("?");
    }
    char *copy = strdup(PyBytes_AS_STRING(utf8));
    Py_DECREF(utf8);
    return copy;
}

/* --- what earlier recordings have counted -------------------------------- */

static uint64_t
name_of(const char *filename, const char *qualname)
{
    const uint64_t names[2] = {pyaot_hash64(filename, strlen(filename)),
                               pyaot_hash64(qualname, strlen(qualname))};
    const uint64_t name = pyaot_hash64(names, sizeof(names));
    return name != 0 ? name : 1;
}

static Carried *
find_carried(uint64_t name)
{
    uint32_t at = (uint32_t)name;
    while (prof.carried[at & (prof.cap_carried - 1)].name != 0
           && prof.carried[at & (prof.cap_carried - 1)].name != name) {
        at++;
    }
    return &prof.carried[at & (prof.cap_carried - 1)];
}

static void
add_carried(void *unused, const char *filename, const char *qualname,
            uint64_t count)
{
    (void)unused;
    if (2 * (prof.n_carried + 1) > prof.cap_carried) {
        const uint32_t old_cap = prof.cap_carried;
        Carried *old = prof.carried;
        Carried *grown = calloc(old_cap ? 4 * (size_t)old_cap : 256,
                                sizeof(*grown));
        if (grown == NULL) {
            return;
        }
        prof.carried = grown;
        prof.cap_carried = old_cap ? 4 * old_cap : 256;
        for (uint32_t i = 0; i < old_cap; i++) {
            if (old[i].name != 0) {
                *find_carried(old[i].name) = old[i];
            }
        }
        free(old);
    }
    const uint64_t name = name_of(filename, qualname);
    Carried *carried = find_carried(name);
    prof.n_carried += carried->name == 0;
    carried->name = name;
    carried->count = carried->count > count ? carried->count : count;
}

void
prof_carry_counts(void)
{
    char err[PYAOT_ERR_MAX];
    free(prof.carried);
    prof.carried = NULL;
    prof.n_carried = prof.cap_carried = 0;
    /* Without them each recording is the first; what is wrong with the
     * database the first batch says. */
    pyaot_profile_counts(prof.path, PROF_KEPT_FROM, add_carried, NULL, err);
}

static uint64_t
carried_count(const PyCodeObject *code, const char *filename)
{
    uint64_t count = 0;
    char *qualname = prof.n_carried > 0 && filename != NULL
                         ? copy_utf8(code->co_qualname)
                         : NULL;
    if (qualname != NULL) {
        count = find_carried(name_of(filename, qualname))->count;
    }
    free(qualname);
    return count;
}

static CodeRecord *
record_new(PyCodeObject *code)
{
    CodeRecord *record = calloc(1, sizeof(*record));
    if (record == NULL) {
        return NULL;
    }
    record->code = code;
    char *file = copy_utf8(code->co_filename);
    if (file != NULL) {
        record->ignored = prof.ignored_file != NULL
                          && strcmp(file, prof.ignored_file) == 0;
        record->imports = strncmp(file, "<frozen importlib.", 18) == 0;
    }
    record->carried = carried_count(code, file);
    free(file);
    pthread_mutex_lock(&prof.lock);
    record->next = prof.records;
    prof.records = record;
    pthread_mutex_unlock(&prof.lock);
    return record;
}

CodeRecord *
prof_record(PyCodeObject *code)
{
    if (2 * (prof.table_count + 1) > prof.table_slots && !table_grow()) {
        return NULL;
    }
    size_t at = slot_of(code);
    while (prof.table[at] != NULL) {
        if (prof.table[at]->code == code) {
            return prof.table[at];
        }
        at = (at + 1) & (prof.table_slots - 1);
    }
    CodeRecord *record = record_new(code);
    if (record != NULL) {
        prof.table[at] = record;
        prof.table_count++;
        pyaot_share_code(code);
    }
    return record;
}

/* The record of a dead code object stays until the writer has seen its last
 * counts. */
static int
on_code_event(PyCodeEvent event, PyCodeObject *code)
{
    if (event != PY_CODE_EVENT_DESTROY || prof.table_slots == 0) {
        return 0;
    }
    for (size_t at = slot_of(code); prof.table[at] != NULL;
         at = (at + 1) & (prof.table_slots - 1)) {
        CodeRecord *record = prof.table[at];
        if (record->code == code) {
            table_remove(at);
            if (record->listening) {
                prof.n_armed_units -= record->info->n_units;
            }
            pthread_mutex_lock(&prof.lock);
            record->code = NULL;
            pthread_mutex_unlock(&prof.lock);
            break;
        }
    }
    return 0;
}

int
prof_watch_code(void)
{
    return PyCode_AddWatcher(on_code_event) < 0 ? -1 : 0;
}

void
prof_record_free(CodeRecord *record)
{
    prof_code_info_free(record->info);
    free(record->image);
    free(record->filename);
    free(record->qualname);
    free(record->seen);
    free(record->passages);
    free(record->rows.slots);
    free(record);
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
    CodeInfo *info = prof_code_info(record->code);
    uint8_t *seen = NULL;
    if (info != NULL) {
        seen = calloc(info->n_units, 3);
    }
    if (seen == NULL) {
        prof_code_info_free(info);
        record->is_broken = true;
        return false;
    }
    pthread_mutex_lock(&prof.lock);
    record->seen = seen;
    record->seen_branch = seen + info->n_units;
    record->ever = seen + 2 * (size_t)info->n_units;
    record->info = info;
    pthread_mutex_unlock(&prof.lock);
    return true;
}

void
prof_sample_add(SampleList *list, uint32_t offset, ProfileKind kind,
                unsigned slot, uint32_t what)
{
    if (list->count < PROF_MAX_SAMPLES) {
        list->samples[list->count++] = (Sample){
            .offset = offset,
            .kind = (uint8_t)kind,
            .slot = (uint8_t)slot,
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

/* Under the lock.  True if there was no such row before. */
static bool
add_sample(RowTable *rows, const Sample *sample)
{
    const uint64_t key = sample_key(sample); /* never 0: kinds begin at 1 */
    if (2 * (rows->count + 1) > rows->n_slots
        && (rows->count >= MAX_ROWS || !grow_rows(rows))) {
        prof.n_dropped++;
        return false;
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
    return row->count++ == 0;
}

static bool
has_row(const RowTable *rows, const Sample *sample)
{
    const uint64_t key = sample_key(sample);
    for (uint32_t at = row_hash(key); rows->n_slots > 0; at++) {
        const Row *row = &rows->slots[at & (rows->n_slots - 1)];
        if (row->key == key || row->key == 0) {
            return row->key == key;
        }
    }
    return false;
}

bool
prof_samples_commit(CodeRecord *record, const SampleList *list)
{
    bool is_new = false;
    if (list->count == 0) {
        return false;
    }
    pthread_mutex_lock(&prof.lock);
    record->is_dirty = true;
    for (uint32_t i = 0; i < list->count; i++) {
        is_new |= add_sample(&record->rows, &list->samples[i]);
    }
    pthread_mutex_unlock(&prof.lock);
    return is_new;
}

bool
prof_samples_late(CodeRecord *record, const SampleList *list, uint8_t *ever)
{
    bool is_new = false;
    for (uint32_t i = 0; i < list->count && !is_new; i++) {
        is_new = !has_row(&record->rows, &list->samples[i]);
    }
    if (*ever & PROF_EVER_LATE) {
        prof_samples_commit(record, list);
        return is_new;
    }
    if (is_new && (*ever & PROF_EVER_ODD) == 0) {
        *ever |= PROF_EVER_ODD;
        return false;
    }
    *ever &= (uint8_t)~PROF_EVER_ODD;
    if (is_new) {
        *ever |= PROF_EVER_LATE;
        prof_samples_commit(record, list);
    }
    return is_new;
}
