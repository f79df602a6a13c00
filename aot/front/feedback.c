#include "feedback.h"

#include <string.h>

/* A site counts as monomorphic from this share of its observations on: the
 * rest leaves through a side exit, which costs some fifty times the guard. */
#define MAIN_SHARE_PERCENT 98

const ProfileRow *
feedback_rows(const ProfileCode *code, uint32_t off, ProfileKind kind,
              uint32_t slot, uint32_t *n)
{
    uint32_t lo = 0, hi = code->n_rows;
    while (lo < hi) {
        uint32_t mid = (lo + hi) / 2;
        const ProfileRow *r = &code->rows[mid];
        bool before = r->offset != off  ? r->offset < off
                      : r->kind != kind ? r->kind < kind
                                        : r->slot < slot;
        if (before) {
            lo = mid + 1;
        }
        else {
            hi = mid;
        }
    }
    uint32_t end = lo;
    while (end < code->n_rows && code->rows[end].offset == off
           && code->rows[end].kind == kind && code->rows[end].slot == slot) {
        end++;
    }
    *n = end - lo;
    return &code->rows[lo];
}

IrClass
class_by_text(const char *text)
{
    for (int c = 1; c < IR_CLASS_COUNT; c++) {
        if (strcmp(ir_class_text[c], text) == 0) {
            return (IrClass)c;
        }
    }
    return strchr(text, ':') != NULL ? IR_CLASS_USER : IR_CLASS_ANY;
}

/* Is a, which names something of the program's main module, the same as b,
 * recorded when that module was imported under its own name? */
static bool
same_but_for_main(const char *a, const char *b)
{
    static const char main_module[] = "__main__:";
    const char *at = strstr(a, main_module);
    if (at == NULL || strncmp(a, b, (size_t)(at - a)) != 0) {
        return false;
    }
    const char *colon = strchr(b + (at - a), ':');
    return colon != NULL && strcmp(at + strlen(main_module), colon + 1) == 0;
}

static uint64_t
count_of_same(const ProfileRow *r, uint32_t n, const char *what)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (strcmp(r[i].what, what) == 0 || same_but_for_main(r[i].what, what)
            || same_but_for_main(what, r[i].what)) {
            count += r[i].count;
        }
    }
    return count;
}

const char *
feedback_main(const ProfileCode *code, uint32_t off, ProfileKind kind,
              uint32_t slot)
{
    uint32_t n;
    const ProfileRow *r = feedback_rows(code, off, kind, slot, &n);
    uint64_t total = 0, best = 0;
    const char *main_text = NULL;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t count = count_of_same(r, n, r[i].what);
        total += r[i].count;
        if (count > best) {
            best = count;
            main_text = r[i].what;
        }
    }
    return best * 100 >= total * MAIN_SHARE_PERCENT ? main_text : NULL;
}

FeedbackType
feedback_type(const ProfileCode *code, uint32_t off, ProfileKind kind,
              uint32_t slot)
{
    FeedbackType t = {IR_CLASS_ANY, NULL, false, false};
    uint32_t n;
    const ProfileRow *r = feedback_rows(code, off, kind, slot, &n);
    t.seen = n > 0;
    for (uint32_t i = 0; i < n; i++) {
        if (strcmp(r[i].what, "bigint") == 0) {
            t.has_big = true;
        }
    }
    t.text = feedback_main(code, off, kind, slot);
    if (t.text != NULL) {
        t.cls = class_by_text(t.text);
    }
    return t;
}

uint64_t
feedback_count(const ProfileCode *code, uint32_t off, ProfileKind kind,
               uint32_t slot)
{
    uint32_t n;
    const ProfileRow *r = feedback_rows(code, off, kind, slot, &n);
    uint64_t total = 0;
    for (uint32_t i = 0; i < n; i++) {
        total += r[i].count;
    }
    return total;
}

bool
feedback_any(const ProfileCode *code, uint32_t off)
{
    uint32_t lo = 0, hi = code->n_rows;
    while (lo < hi) {
        uint32_t mid = (lo + hi) / 2;
        if (code->rows[mid].offset < off) {
            lo = mid + 1;
        }
        else {
            hi = mid;
        }
    }
    return lo < code->n_rows && code->rows[lo].offset == off;
}
