/* How functions are called where that is not done natively.
 *
 * The interpreter has calls of its own for functions, which a native entry
 * replaces by a call through C; C code gains where it calls one.  The profile
 * names the callees of each call that it saw, but only some of those of a call
 * that goes to many: if there is one of those, a function that was seen
 * nowhere may be called there. */
#include "driver_int.h"

#include <string.h>

/* Different callees, from which on a call may have others that were not seen.
 */
#define MANY_CALLEES 4

static Code *
code_of(const Driver *d, const char *hex)
{
    PyaotKey key;
    char text[PYAOT_KEY_HEX_BYTES] = "";
    strncpy(text, hex, sizeof text - 1); /* a class's name may follow */
    const uint32_t n = pyaot_key_from_hex(text, &key) ? d->n : 0;
    for (uint32_t i = 0; i < n; i++) {
        if (pyaot_key_equal(&d->codes[i].image->key, &key)) {
            return &d->codes[i];
        }
    }
    return NULL;
}

static void
note_called(const Driver *d, const char *what)
{
    static const struct {
        const char *lead;
        CalledBy by;
    } leads[] = {
        {"py:", CALLED_BY_CALL},
        {"bound:py:", CALLED_BY_CALL},
        {"class:", CALLED_BY_CLASS},
    };
    for (size_t i = 0; i < sizeof leads / sizeof *leads; i++) {
        size_t n = strlen(leads[i].lead);
        Code *c = strncmp(what, leads[i].lead, n) == 0 ? code_of(d, what + n)
                                                       : NULL;
        if (c != NULL) {
            c->called_by = leads[i].by;
        }
    }
}

/* The getters of this name, or __getitem__ methods: the profile of who uses
 * them does not say which. */
static void
note_used(const Driver *d, const char *name)
{
    size_t n = strlen(name);
    for (uint32_t i = 0; i < d->n; i++) {
        const char *whole = d->codes[i].image->qualname;
        size_t m = strlen(whole);
        if (d->codes[i].called_by == CALLED_BY_C && m > n
            && whole[m - n - 1] == '.' && strcmp(whole + m - n, name) == 0) {
            d->codes[i].called_by = CALLED_BY_ATTRIBUTE;
        }
    }
}

static void
find_users(const Driver *d, const Code *c)
{
    for (uint32_t i = 0; i < c->bc->n; i++) {
        const BcIns *ins = &c->bc->ins[i];
        if (ins->op == BC_LOAD_ATTR) {
            const char *layout = feedback_main(c->profile, ins->off,
                                               PROFILE_LAYOUT, 0);
            if (layout != NULL && strcmp(layout, "property") == 0) {
                note_used(d, c->image->names[ins->a]);
            }
        }
        else if (ins->op == BC_BINARY_SUBSCR
                 && feedback_type(c->profile, ins->off, PROFILE_TYPE, 1).cls
                        == IR_CLASS_USER) {
            note_used(d, "__getitem__");
        }
    }
}

/* Is the global of this row loaded for a call? */
static bool
is_for_call(const ProfileCode *profile, const ProfileRow *row)
{
    const char *top = feedback_main(profile, row->offset, PROFILE_RESULT, 0);
    return top != NULL && strcmp(top, "null") == 0;
}

/* Do its calls go where nobody knows?  Notes where they were seen to go. */
static bool
find_calls(const Driver *d, const ProfileCode *profile, bool *is_value)
{
    bool many = false;
    for (uint32_t r = 0, n; r < profile->n_rows; r++) {
        const ProfileRow *row = &profile->rows[r];
        if (row->kind == PROFILE_CALLEE) {
            note_called(d, row->what);
            feedback_rows(profile, row->offset, PROFILE_CALLEE, 0, &n);
            many |= n >= MANY_CALLEES;
        }
        else if (row->kind == PROFILE_GLOBAL
                 && strncmp(row->what, "py:", 3) == 0
                 && !is_for_call(profile, row)) {
            const Code *c = code_of(d, row->what + 3);
            if (c != NULL) {
                is_value[c - d->codes] = true;
            }
        }
    }
    return many;
}

/* "__name__"? */
static bool
is_special(const char *qualname)
{
    const char *dot = strrchr(qualname, '.');
    const char *name = dot != NULL ? dot + 1 : qualname;
    size_t n = strlen(name);
    return n > 4 && strncmp(name, "__", 2) == 0
           && strcmp(name + n - 2, "__") == 0;
}

PyaotStatus
find_callers(Driver *d, const ProfileCode *codes, uint32_t n)
{
    bool *is_value = ARENA_NEW_ARRAY(d->arena, bool, d->n + 1);
    bool many = false;
    if (is_value == NULL) {
        return PYAOT_E_NOMEM;
    }
    for (uint32_t i = 0; i < n; i++) {
        many |= find_calls(d, &codes[i], is_value);
    }
    for (uint32_t i = 0; i < d->n; i++) {
        find_users(d, &d->codes[i]);
    }
    for (uint32_t i = 0; i < d->n && many; i++) {
        Code *c = &d->codes[i];
        if (c->called_by == CALLED_BY_C && !is_value[i]
            && !is_special(c->image->qualname)) {
            c->called_by = CALLED_BY_CALL;
        }
    }
    return PYAOT_OK;
}
