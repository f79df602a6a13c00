/* Objects with reference counts, and the other code that runs around a
 * function: calls and finalisers, which change whatever they can reach. */
#include "graph.h"

#include <stdio.h>
#include <string.h>

void
world_fault(World *w, const char *what)
{
    if (!w->failed) {
        w->failed = true;
        snprintf(w->fault, sizeof(w->fault), "%s", what);
    }
}

static Obj *
obj_new(World *w, IrClass cls)
{
    Obj *o = ARENA_NEW(w->arena, Obj);
    if (o == NULL) {
        world_fault(w, "out of memory");
        w->ended = true;
        return w->none;
    }
    o->cls = (uint8_t)cls;
    o->refs = 1;
    o->next = w->all;
    w->all = o;
    return o;
}

Obj *
obj_int(World *w, int64_t value)
{
    Obj *o = obj_new(w, IR_CLASS_INT);
    o->i = value;
    return o;
}

Obj *
obj_big(World *w, __int128 value)
{
    if (value >= INT64_MIN && value <= INT64_MAX) {
        return obj_int(w, (int64_t)value);
    }
    Obj *o = obj_new(w, IR_CLASS_ANY);
    o->big = value;
    return o;
}

Obj *
world_small_int(World *w, int64_t value)
{
    if (value < -FIRST_SMALL || value > LAST_SMALL) {
        world_fault(w, "no small int");
        return w->none;
    }
    Obj **place = &w->small[value + FIRST_SMALL];
    if (*place == NULL) {
        *place = obj_int(w, value);
    }
    return *place;
}

Obj *
obj_float(World *w, double value)
{
    Obj *o = obj_new(w, IR_CLASS_FLOAT);
    o->f = value;
    return o;
}

Obj *
obj_list(World *w, Obj *const *items, uint32_t n)
{
    Obj *o = obj_new(w, IR_CLASS_LIST);
    memcpy(o->items, items, n * sizeof(*items));
    o->n_items = n;
    return o;
}

Obj *
obj_tuple(World *w, Obj *const *items, uint32_t n)
{
    Obj *o = obj_list(w, items, n);
    o->cls = IR_CLASS_TUPLE;
    return o;
}

Obj *
obj_slice(World *w, Obj *const *items, uint32_t n)
{
    Obj *o = obj_list(w, items, n);
    o->cls = IR_CLASS_SLICE;
    return o;
}

Obj *
obj_instance(World *w, bool is_seen)
{
    Obj *o = obj_new(w, IR_CLASS_USER);
    o->serial = ++w->n_instances;
    o->is_seen = is_seen;
    for (uint32_t k = 0; k < N_ATTRS; k++) {
        o->attrs[k] = k < 2 || o->serial % 3 > 0
                          ? obj_int(w, o->serial * 3 + k)
                          : NULL;
    }
    return o;
}

bool
obj_is_simple(const Obj *o)
{
    return o == NULL
           || (o->cls != IR_CLASS_LIST && o->cls != IR_CLASS_TUPLE
               && o->cls != IR_CLASS_SLICE && o->cls != IR_CLASS_USER);
}

/* References of objects that are found while it is looked what dies. */
typedef struct {
    const Obj *o[64];
    int32_t found[64];
    uint32_t n;
} Found;

static bool death_is_seen(const Obj *o, uint32_t depth, Found *f);

/* One of o's references goes: would its death, if all of them do, be seen? */
static bool
loss_is_seen(const Obj *o, uint32_t depth, Found *f)
{
    uint32_t i = 0;
    if (obj_is_simple(o)) {
        return false;
    }
    while (i < f->n && f->o[i] != o) {
        i++;
    }
    if (i == 64) {
        return true;
    }
    if (i == f->n) {
        f->o[f->n++] = o;
        f->found[i] = 0;
    }
    return ++f->found[i] == o->refs && death_is_seen(o, depth, f);
}

static bool
death_is_seen(const Obj *o, uint32_t depth, Found *f)
{
    bool seen = o->is_seen || depth > 8;
    for (uint32_t i = 0; i < o->n_items && !seen; i++) {
        seen = loss_is_seen(o->items[i], depth + 1, f);
    }
    for (uint32_t k = 0; k < N_ATTRS && !seen; k++) {
        seen = loss_is_seen(o->attrs[k], depth + 1, f);
    }
    return seen;
}

bool
obj_would_be_seen(const Obj *o)
{
    Found f = {.n = 0};
    return loss_is_seen(o, 0, &f);
}

void
obj_incref(World *w, Obj *o)
{
    if (o == NULL || o == w->none) {
        return;
    }
    if (o->dead) {
        world_fault(w, "a reference to a dead object is taken");
    }
    o->refs++;
}

static void change(World *w);

void
obj_decref(World *w, Obj *o)
{
    if (o == NULL || o == w->none) {
        return;
    }
    if (o->dead || o->refs <= 0) {
        world_fault(w, "a reference is given back twice");
        return;
    }
    if (--o->refs > 0) {
        return;
    }
    if (o->is_seen) {
        o->refs = 1; /* the finaliser's */
        strbuf_printf(&w->log, "dies %u\n", o->serial);
        if (++w->n_dying < 40) {
            change(w);
        }
        if (--o->refs > 0) {
            world_fault(w, "an object was resurrected");
        }
    }
    o->dead = true;
    /* a tuple's and slice's from the last on */
    for (uint32_t i = 0; i < o->n_items; i++) {
        obj_decref(w,
                   o->items[o->cls != IR_CLASS_LIST ? o->n_items - 1 - i : i]);
    }
    for (uint32_t k = 0; k < N_ATTRS; k++) {
        obj_decref(w, o->attrs[k]);
    }
}

void
world_store(World *w, Obj **place, Obj *o)
{
    Obj *old = *place;
    *place = o;
    obj_decref(w, old);
}

bool
list_insert(World *w, Obj *list, uint32_t at, Obj *o)
{
    if (list->n_items >= MAX_ITEMS) {
        obj_decref(w, o);
        return false;
    }
    memmove(&list->items[at + 1], &list->items[at],
            (list->n_items - at) * sizeof(*list->items));
    list->items[at] = o;
    list->n_items++;
    list->version++;
    return true;
}

static void
list_remove(World *w, Obj *list, uint32_t at)
{
    Obj *old = list->items[at];
    list->n_items--;
    list->version++;
    memmove(&list->items[at], &list->items[at + 1],
            (list->n_items - at) * sizeof(*list->items));
    obj_decref(w, old);
}

/* A new reference to something. */
static Obj *
any_object(World *w, uint64_t *r)
{
    switch (random_below(r, 20)) {
    case 0:
        return obj_float(w, 0.5 * random_below(r, 9));
    case 1: {
        Obj *o = w->instances[random_below(r, N_SHARED)];
        obj_incref(w, o);
        return o;
    }
    case 2:
        return obj_instance(w, random_below(r, 2) == 0);
    case 3: {
        Obj *items[2] = {obj_int(w, 7), obj_instance(w, true)};
        return obj_list(w, items, 2);
    }
    case 4: {
        Obj *o = w->lists[0];
        obj_incref(w, o);
        return o;
    }
    case 5:
        return obj_big(w, (__int128)1 << 80);
    default:
        return obj_int(w, (int64_t)random_below(r, 1000) - 20);
    }
}

/* What other code does, as its number tells. */
static void
change(World *w)
{
    uint64_t r = random_start(w->seed * 1000 + w->n_events++);
    if (w->n_events > MAX_EVENTS) {
        w->ended = true;
        return;
    }
    for (uint32_t n = random_below(&r, 3); n > 0; n--) {
        Obj *list = w->lists[random_below(&r, N_SHARED)];
        Obj *o = w->instances[random_below(&r, N_SHARED)];
        uint32_t local = random_below(&r, N_LOCALS - N_COUNTERS);
        switch (random_below(&r, 7)) {
        case 6: /* f_locals */
            if (w->frame[local] != NULL && random_below(&r, 3) == 0) {
                w->frame_written = true;
                world_store(w, &w->frame[local], any_object(w, &r));
            }
            break;
        case 0:
            if (list->n_items > 2) {
                list_remove(w, list, random_below(&r, list->n_items));
            }
            break;
        case 1:
            if (list->n_items < 8) {
                list_insert(w, list, random_below(&r, list->n_items + 1),
                            obj_int(w, random_below(&r, 50)));
            }
            break;
        case 2:
            if (list->n_items > 0) {
                uint32_t at = random_below(&r, list->n_items);
                world_store(w, &list->items[at], any_object(w, &r));
            }
            break;
        case 3:
            world_store(w, &o->attrs[random_below(&r, N_ATTRS)],
                        any_object(w, &r));
            break;
        case 4:
            world_store(w, &w->cells[random_below(&r, N_CELLS)],
                        any_object(w, &r));
            break;
        default:
            world_store(w, &o->attrs[0], obj_int(w, random_below(&r, 99)));
            break;
        }
    }
}

static void
describe(World *w, const Obj *o, uint32_t depth)
{
    if (o == NULL) {
        strbuf_printf(&w->log, "-");
        return;
    }
    if (o->dead) {
        world_fault(w, "a dead object is looked at");
        return;
    }
    switch (o->cls) {
    case IR_CLASS_INT:
        strbuf_printf(&w->log, "%lld", (long long)o->i);
        break;
    case IR_CLASS_FLOAT:
        strbuf_printf(&w->log, "%a", o->f);
        break;
    case IR_CLASS_TUPLE:
    case IR_CLASS_SLICE:
        strbuf_adds(&w->log, o->cls == IR_CLASS_TUPLE ? "tuple " : "slice ");
        /* fall through */
    case IR_CLASS_LIST:
        strbuf_printf(&w->log, "[");
        for (uint32_t i = 0; depth < 3 && i < o->n_items; i++) {
            strbuf_printf(&w->log, i > 0 ? "," : "");
            describe(w, o->items[i], depth + 1);
        }
        strbuf_printf(&w->log, "]%u", o->n_items);
        break;
    case IR_CLASS_USER:
        strbuf_printf(&w->log, "<%u", o->serial);
        for (uint32_t k = 0; depth < 2 && k < N_ATTRS; k++) {
            strbuf_printf(&w->log, " ");
            describe(w, o->attrs[k], depth + 1);
        }
        strbuf_printf(&w->log, ">");
        break;
    case IR_CLASS_NONE:
        strbuf_printf(&w->log, "None");
        break;
    default:
        strbuf_printf(&w->log, "big %llx %llx",
                      (unsigned long long)(o->big >> 64),
                      (unsigned long long)o->big);
        break;
    }
}

void
world_describe(World *w, const Obj *o)
{
    describe(w, o, 0);
}

Obj *
world_event(World *w, Obj *const *args, uint32_t n)
{
    uint64_t r = random_start(w->seed * 77 + w->n_events);
    strbuf_printf(&w->log, "call");
    for (uint32_t i = 0; i < n; i++) {
        strbuf_printf(&w->log, " ");
        world_describe(w, args[i]);
    }
    strbuf_printf(&w->log, "\n");
    change(w);
    return w->ended || random_below(&r, 14) == 0 ? NULL : any_object(w, &r);
}

void
world_init(World *w, Arena *arena, uint64_t seed)
{
    uint64_t r = random_start(seed);
    memset(w, 0, sizeof(*w));
    w->arena = arena;
    w->seed = seed;
    strbuf_init(&w->log, 1 << 20);
    w->none = obj_new(w, IR_CLASS_NONE);
    for (uint32_t k = 0; k < N_SHARED; k++) {
        Obj *items[5];
        uint32_t n = 2 + random_below(&r, 4);
        for (uint32_t i = 0; i < n; i++) {
            items[i] = random_below(&r, 12) == 0
                           ? obj_float(w, 0.25 * random_below(&r, 20))
                           : obj_int(w, random_below(&r, 20));
        }
        w->lists[k] = obj_list(w, items, n);
        w->instances[k] = obj_instance(w, false);
    }
    for (uint32_t k = 0; k < N_CELLS; k++) {
        w->cells[k] = obj_int(w, 100 + k);
    }
}

/* --- the end ------------------------------------------------------------- */

static void
count(World *w, Obj *o)
{
    if (o != NULL && o->dead) {
        world_fault(w, "a dead object can be reached");
    }
    else if (o != NULL) {
        o->seen++;
    }
}

static void
count_all(World *w)
{
    for (uint32_t k = 0; k < N_SHARED; k++) {
        count(w, w->lists[k]);
        count(w, w->instances[k]);
    }
    for (uint32_t k = 0; k < N_CELLS; k++) {
        count(w, w->cells[k]);
    }
    for (uint32_t k = 0; k <= FIRST_SMALL + LAST_SMALL; k++) {
        count(w, w->small[k]);
    }
    for (Obj *o = w->all; o != NULL; o = o->next) {
        for (uint32_t i = 0; !o->dead && i < o->n_items; i++) {
            count(w, o->items[i]);
        }
        for (uint32_t k = 0; !o->dead && k < N_ATTRS; k++) {
            count(w, o->attrs[k]);
        }
    }
}

void
world_end(World *w)
{
    for (uint32_t k = 0; k < N_LOCALS; k++) {
        world_store(w, &w->frame[k], NULL);
    }
    world_store(w, &w->stack, NULL);
    for (uint32_t k = 0; k < N_LOCALS; k++) {
        world_store(w, &w->caller[k], NULL);
    }
    strbuf_printf(&w->log, "end\n");
    for (uint32_t k = 0; k < N_SHARED; k++) {
        world_describe(w, w->lists[k]);
        world_describe(w, w->instances[k]);
        strbuf_printf(&w->log, "\n");
    }
    for (uint32_t k = 0; k < N_CELLS; k++) {
        world_describe(w, w->cells[k]);
    }
    count_all(w);
    for (Obj *o = w->all; o != NULL; o = o->next) {
        if (!o->dead && o != w->none && (int64_t)o->seen != o->refs) {
            char what[120];
            snprintf(what, sizeof(what),
                     "an object of class %u has %d references, %u are known",
                     o->cls, o->refs, o->seen);
            world_fault(w, what);
        }
    }
}
