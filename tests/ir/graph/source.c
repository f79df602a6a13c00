/* Random programs of the small language, and the machine that runs them. */
#include "graph.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* --- programs ------------------------------------------------------------ */

/* Locals by what they usually hold; the last two count loops. */
static const char usual_types[N_LOCALS + 1] = "lliifoottii";
enum { COUNTER = N_LOCALS - N_COUNTERS };

typedef struct {
    Source *s;
    uint64_t r;
    uint32_t depth, loops;
    bool has_tuples; /* locals that always hold new ones */
    /* Programs that do a few things again and again to a few things meet
     * more of what passes look for. */
    uint8_t favourite_kinds[4];
    uint32_t favourite_local;
} Writer;

static uint32_t
below(Writer *w, uint32_t n)
{
    return random_below(&w->r, n);
}

static uint8_t
local_of(Writer *w, char type)
{
    if (below(w, 40) == 0) {
        return (uint8_t)below(w, COUNTER);
    }
    uint32_t first = below(w, 4) == 0 ? below(w, N_LOCALS)
                                      : w->favourite_local;
    for (uint32_t tries = 0; tries < N_LOCALS; tries++) {
        uint32_t k = (first + tries) % N_LOCALS;
        if (w->s->type[k] == type) {
            return (uint8_t)k;
        }
    }
    return 2;
}

/* One that may be stored to: no counter. */
static uint8_t
target_of(Writer *w, char type)
{
    for (uint32_t tries = 0; tries < 20; tries++) {
        uint8_t k = local_of(w, type);
        if (k < COUNTER) {
            return k;
        }
    }
    return 2;
}

static Stmt *
add(Writer *w, StmtKind kind)
{
    Stmt *st = &w->s->stmts[w->s->n++];
    memset(st, 0, sizeof(*st));
    st->kind = (uint8_t)kind;
    return st;
}

static bool
is_full(const Writer *w, uint32_t more)
{
    return w->s->n + more + 2 * (w->depth + 1) * 4 >= MAX_STMTS;
}

static void
write_simple(Writer *w)
{
    static const uint8_t kinds[] = {
        ST_INT,    ST_FLOAT, ST_MOVE,  ST_BIN,  ST_BIN,  ST_BIN,
        ST_BIN,    ST_LEN,   ST_LGET,  ST_LGET, ST_LSET, ST_LSET,
        ST_APPEND, ST_LIST,  ST_AGET,  ST_AGET, ST_ASET, ST_ASET,
        ST_GGET,   ST_GSET,  ST_SAME,  ST_DEL,  ST_CALL, ST_CALL,
        ST_TUPLE,  ST_TUPLE, ST_TUPLE, ST_TGET, ST_TGET, ST_TGET,
    };
    if (w->favourite_kinds[0] == 0) {
        for (uint32_t i = 0; i < 4; i++) {
            w->favourite_kinds[i] = kinds[below(w, sizeof(kinds))];
        }
        if (w->has_tuples) {
            w->favourite_kinds[0] = ST_TUPLE;
            w->favourite_kinds[1] = ST_TGET;
            w->favourite_kinds[2] = below(w, 2) == 0 ? ST_MOVE : ST_SAME;
        }
        w->favourite_local = below(w, N_LOCALS);
    }
    StmtKind kind = (StmtKind)(below(w, 3) > 0
                                   ? w->favourite_kinds[below(w, 4)]
                                   : kinds[below(w, sizeof(kinds))]);
    if (kind == ST_CALL && !w->s->framed) {
        kind = ST_BIN;
    }
    if (kind == ST_DEL && below(w, 8) > 0) {
        kind = ST_LGET;
    }
    uint8_t index = local_of(w, 'i');
    if ((kind == ST_LGET || kind == ST_LSET) && below(w, 4) > 0) {
        /* One that is in bounds, most likely. */
        Stmt *st = add(w, ST_INT);
        st->d = index = target_of(w, 'i');
        st->k = (int64_t)below(w, 4) - 1;
    }
    Stmt *st = add(w, kind);
    char type = below(w, 4) == 0 ? 'f' : 'i';
    char stored = (w->has_tuples ? "ifottot" : "iiifolt")[below(w, 7)];
    char loaded = "iiiiiiiiiiol"[below(w, 12)];
    st->k = below(w, 4);
    switch (kind) {
    case ST_INT:
        st->d = target_of(w, 'i');
        st->k = below(w, 12) == 0 ? INT64_MAX - (int64_t)below(w, 3)
                                  : (int64_t)below(w, 12) - 3;
        break;
    case ST_FLOAT:
        st->d = target_of(w, 'f');
        st->f = 0.5 * below(w, 9) - 1;
        break;
    case ST_MOVE:
        st->a = local_of(w, stored);
        st->d = target_of(w, below(w, 5) == 0 ? type : stored);
        break;
    case ST_BIN:
        st->op = type == 'f' ? (uint8_t)below(w, 3)
                             : (uint8_t)below(w, BIN_COUNT);
        st->d = target_of(w, type);
        st->a = local_of(w, type);
        st->b = local_of(w, type);
        break;
    case ST_LEN:
        st->d = target_of(w, 'i');
        st->a = local_of(w, "lt"[below(w, 2)]);
        break;
    case ST_TUPLE: /* of two or three, or a slice */
        st->d = target_of(w, 't');
        st->a = local_of(w, stored);
        st->b = local_of(w, "ifot"[below(w, 4)]);
        st->op = (uint8_t)below(w, 2);
        st->k = st->op != 0 && below(w, 2) == 0;
        break;
    case ST_TGET:
        st->d = target_of(w, "iiifoot"[below(w, 7)]);
        st->a = local_of(w, 't');
        st->k = (int64_t)below(w, 12) / 3 - 2 + (below(w, 40) == 0);
        if (below(w, 3) == 0) {
            st->op = 1;
            st->k = below(w, 3);
        }
        break;
    case ST_LGET:
        st->d = target_of(w, loaded);
        st->a = local_of(w, 'l');
        st->b = index;
        break;
    case ST_LSET:
        st->a = local_of(w, 'l');
        st->b = index;
        st->c = local_of(w, stored);
        break;
    case ST_APPEND:
        st->a = local_of(w, 'l');
        st->b = local_of(w, stored);
        break;
    case ST_LIST:
        st->d = target_of(w, 'l');
        st->a = local_of(w, stored);
        st->b = local_of(w, 'i');
        break;
    case ST_AGET:
        st->d = target_of(w, loaded);
        st->a = local_of(w, 'o');
        st->k = below(w, N_ATTRS);
        break;
    case ST_ASET:
        st->a = local_of(w, 'o');
        st->b = local_of(w, stored);
        st->k = below(w, N_ATTRS);
        break;
    case ST_CALL:
        st->d = target_of(w, loaded);
        st->a = local_of(w, "ilo"[below(w, 3)]);
        st->b = local_of(w, stored);
        break;
    case ST_GGET:
        st->d = target_of(w, loaded);
        st->k = below(w, N_CELLS);
        break;
    case ST_GSET:
        st->a = local_of(w, stored);
        st->k = below(w, N_CELLS);
        break;
    case ST_DEL:
        st->d = target_of(w, stored);
        break;
    case ST_SAME:
        st->d = target_of(w, 'i');
        st->a = local_of(w, (w->has_tuples ? "ttt" : "lot")[below(w, 3)]);
        st->b = local_of(w, (w->has_tuples ? "tot" : "lot")[below(w, 3)]);
        break;
    default:
        break;
    }
}

static void write_block(Writer *w, uint32_t most);

static Stmt *
write_compare(Writer *w)
{
    Stmt *st = add(w, ST_LESS);
    char type = below(w, 5) == 0 ? 'f' : 'i';
    st->a = local_of(w, type);
    st->b = local_of(w, type);
    st->op = (uint8_t)below(w, 6);
    return st;
}

static void
write_branch(Writer *w)
{
    Stmt *st = write_compare(w);
    write_block(w, 3);
    if (below(w, 2) == 0) {
        Stmt *over = add(w, ST_JUMP);
        st->k = w->s->n;
        write_block(w, 3);
        over->k = w->s->n;
    }
    else {
        st->k = w->s->n;
    }
}

/* counter = 0; while counter < limit: counter += one; body.  The limit is the
 * program's list's length or small; the machine counts turns besides. */
static void
write_loop(Writer *w)
{
    uint8_t counter = (uint8_t)(COUNTER + w->loops);
    Stmt *st = add(w, ST_INT);
    st->d = counter;
    uint8_t limit = target_of(w, 'i');
    if (below(w, 3) > 0) {
        st = add(w, ST_INT);
        st->d = limit;
        st->k = 1 + below(w, 6);
    }
    uint32_t head = w->s->n;
    Stmt *test = add(w, ST_LESS);
    test->a = counter;
    test->b = limit;
    test->op = IR_LT;
    w->loops++;
    write_block(w, 5);
    w->loops--;
    /* counter = counter + 1, with a constant of its own. */
    st = add(w, ST_BIN);
    st->op = BIN_ADD;
    st->d = st->a = counter;
    st->b = UINT8_MAX;
    st = add(w, ST_JUMP);
    st->k = head;
    test->k = w->s->n;
}

static void
write_block(Writer *w, uint32_t most)
{
    w->depth++;
    for (uint32_t n = 1 + below(w, most); n > 0 && !is_full(w, 12); n--) {
        uint32_t r = below(w, 9);
        if (r == 0 && w->depth < 4) {
            write_branch(w);
        }
        else if (r == 1 && w->loops < 2 && w->depth < 4) {
            write_loop(w);
        }
        else {
            write_simple(w);
        }
    }
    w->depth--;
}

void
source_random(Source *s, uint64_t seed)
{
    Writer w = {.s = s, .r = random_start(seed)};
    memset(s, 0, sizeof(*s));
    s->seed = seed;
    s->framed = below(&w, 2) > 0;
    memcpy(s->type, usual_types, N_LOCALS);
    s->given = s->framed ? 0 : below(&w, 1 << COUNTER);
    /* Blocks have all numbers unboxed, so these must be bound. */
    for (uint8_t k = COUNTER; k < N_LOCALS; k++) {
        add(&w, ST_INT)->d = k;
    }
    w.has_tuples = !s->framed && below(&w, 2) == 0;
    for (uint8_t k = 0; k < N_LOCALS; k++) {
        if (w.has_tuples && s->type[k] == 't') {
            Stmt *tuple = add(&w, ST_TUPLE);
            tuple->d = k;
            tuple->a = local_of(&w, 'o');
            tuple->b = local_of(&w, 'i');
        }
    }
    for (uint32_t k = 0; k < 3; k++) {
        write_simple(&w);
    }
    write_loop(&w);
    write_block(&w, 4);
    Stmt *st = add(&w, ST_RETURN);
    st->a = local_of(&w, "iflot"[below(&w, 5)]);
    for (uint32_t i = 0; i < s->n; i++) {
        st = &s->stmts[i];
        if (st->kind == ST_LESS || st->kind == ST_JUMP) {
            s->stmts[st->k].is_target = true;
            s->stmts[st->k].is_header |= st->k <= i;
        }
    }
}

void
source_print(const Source *s, FILE *file)
{
    static const char *const names[] = {
        "nop",  "int",  "float",  "move",   "bin",   "unless", "jump", "len",
        "lget", "lset", "append", "list",   "aget",  "aset",   "call", "gget",
        "gset", "del",  "same",   "return", "tuple", "tget",
    };
    fprintf(file, "; seed %llu, %s\n", (unsigned long long)s->seed,
            s->framed ? "framed" : "frameless");
    for (uint32_t i = 0; i < s->n; i++) {
        const Stmt *st = &s->stmts[i];
        if (st->kind != ST_NOP || st->is_target) {
            fprintf(file, "; %3u%s %-7s d%u a%u b%u c%u op%u k%lld f%g\n", i,
                    st->is_header   ? "*"
                    : st->is_target ? ":"
                                    : " ",
                    names[st->kind], st->d, st->a, st->b, st->c, st->op,
                    (long long)st->k, st->f);
        }
    }
}

/* --- the machine --------------------------------------------------------- */

static Obj *
some_tuple(World *w)
{
    Obj *items[2] = {obj_int(w, 5), w->instances[0]};
    obj_incref(w, items[1]);
    return obj_tuple(w, items, 2);
}

void
source_enter(const Source *s, World *w)
{
    for (uint32_t k = 0; k < COUNTER; k++) {
        bool fresh = s->type[k] == 'o' && s->seed % 4 == 1;
        Obj *o = fresh               ? obj_instance(w, true)
                 : s->type[k] == 'l' ? w->lists[s->seed % 2 ? 0 : k]
                 : s->type[k] == 'o' ? w->instances[s->seed % 3 ? 0 : k - 5]
                 : s->type[k] == 't' ? some_tuple(w)
                 : s->type[k] == 'f' ? obj_float(w, 0.5 * k)
                                     : obj_int(w, k);
        if (!fresh && (s->type[k] == 'l' || s->type[k] == 'o')) {
            obj_incref(w, o);
        }
        w->frame[k] = o;
        if (!((s->given >> k) & 1)) {
            obj_incref(w, o);
            w->caller[k] = o;
        }
    }
}

static bool
is_int(const Obj *o)
{
    return o->cls == IR_CLASS_INT || o->cls == IR_CLASS_ANY;
}

static __int128
int_of(const Obj *o)
{
    return o->cls == IR_CLASS_INT ? o->i : o->big;
}

static double
number_of(const Obj *o)
{
    return is_int(o) ? (double)int_of(o) : o->f;
}

/* Both are numbers. */
static bool
are_numbers(const Obj *a, const Obj *b)
{
    return (is_int(a) || a->cls == IR_CLASS_FLOAT)
           && (is_int(b) || b->cls == IR_CLASS_FLOAT);
}

/* New reference, or NULL: an error. */
static Obj *
bin_ints(World *w, BinOp op, __int128 a, __int128 b)
{
    __int128 out = 0;
    bool big = false;
    switch (op) {
    case BIN_ADD:
        big = __builtin_add_overflow(a, b, &out);
        break;
    case BIN_SUB:
        big = __builtin_sub_overflow(a, b, &out);
        break;
    case BIN_MUL:
        big = __builtin_mul_overflow(a, b, &out);
        break;
    case BIN_FLOORDIV:
    case BIN_MOD: {
        if (b == 0) {
            return NULL;
        }
        __int128 q = b == -1 ? -a : a / b, m = b == -1 ? 0 : a % b;
        if (m != 0 && (m < 0) != (b < 0)) {
            q--;
            m += b;
        }
        out = op == BIN_MOD ? m : q;
        break;
    }
    case BIN_AND:
        out = a & b;
        break;
    case BIN_OR:
        out = a | b;
        break;
    case BIN_XOR:
        out = a ^ b;
        break;
    case BIN_COUNT:
        break;
    }
    w->ended |= big; /* no program for this machine */
    return obj_big(w, out);
}

static Obj *
machine_bin(World *w, const Stmt *st, const Obj *a, const Obj *b)
{
    if (is_int(a) && is_int(b)) {
        return bin_ints(w, (BinOp)st->op, int_of(a), int_of(b));
    }
    if (!are_numbers(a, b) || st->op > BIN_MUL) {
        return NULL;
    }
    double x = number_of(a), y = number_of(b);
    return obj_float(w, st->op == BIN_ADD   ? x + y
                        : st->op == BIN_SUB ? x - y
                                            : x * y);
}

#define COMPARED(x, y)                                                        \
    (st->op == IR_LT   ? (x) < (y)                                            \
     : st->op == IR_LE ? (x) <= (y)                                           \
     : st->op == IR_EQ ? (x) == (y)                                           \
     : st->op == IR_NE ? (x) != (y)                                           \
     : st->op == IR_GT ? (x) > (y)                                            \
                       : (x) >= (y))

/* 1, 0, -1 error */
static int
machine_less(const Stmt *st, const Obj *a, const Obj *b)
{
    if (!are_numbers(a, b)) {
        return -1;
    }
    if (is_int(a) && is_int(b)) {
        return COMPARED(int_of(a), int_of(b));
    }
    return COMPARED(number_of(a), number_of(b));
}

/* The place of an element, or NULL. */
static Obj **
machine_item(Obj *list, const Obj *index)
{
    if (list->cls != IR_CLASS_LIST || index->cls != IR_CLASS_INT) {
        return NULL;
    }
    int64_t at = index->i < 0 ? index->i + list->n_items : index->i;
    return at >= 0 && at < list->n_items ? &list->items[at] : NULL;
}

/* The same of a tuple or slice. */
static Obj **
machine_element(Obj *tuple, int64_t at, bool of_slice)
{
    at = at < 0 ? at + tuple->n_items : at;
    return tuple->cls == (of_slice ? IR_CLASS_SLICE : IR_CLASS_TUPLE)
                   && at >= 0 && at < tuple->n_items
               ? &tuple->items[at]
               : NULL;
}

static Obj *
new_ref(World *w, Obj *o)
{
    obj_incref(w, o);
    return o;
}

typedef struct {
    bool fails, jumps;
    Obj *result;
} Step;

static void
machine_object_step(World *w, const Stmt *st, Obj *a, Obj *b, Obj *c,
                    Step *step)
{
    Obj **place;
    switch ((StmtKind)st->kind) {
    case ST_LEN:
        step->fails = a->cls != IR_CLASS_LIST && a->cls != IR_CLASS_TUPLE;
        step->result = step->fails ? NULL : obj_int(w, a->n_items);
        break;
    case ST_TGET:
        place = machine_element(a, st->k, st->op != 0);
        step->fails = place == NULL;
        step->result = place != NULL ? new_ref(w, *place) : NULL;
        break;
    case ST_LGET:
        place = machine_item(a, b);
        step->fails = place == NULL;
        step->result = place != NULL ? new_ref(w, *place) : NULL;
        break;
    case ST_LSET:
        place = machine_item(a, b);
        step->fails = place == NULL;
        if (place != NULL) {
            world_store(w, place, new_ref(w, c));
        }
        break;
    case ST_APPEND:
        step->fails = a->cls != IR_CLASS_LIST
                      || !list_insert(w, a, a->n_items, new_ref(w, b));
        break;
    case ST_AGET:
        step->fails = a->cls != IR_CLASS_USER || a->attrs[st->k] == NULL;
        step->result = step->fails ? NULL : new_ref(w, a->attrs[st->k]);
        break;
    case ST_ASET:
        step->fails = a->cls != IR_CLASS_USER;
        if (!step->fails) {
            world_store(w, &a->attrs[st->k], new_ref(w, b));
        }
        break;
    default:
        break;
    }
}

static void
machine_step(World *w, const Stmt *st, Step *step)
{
    static Obj one = {.cls = IR_CLASS_INT, .i = 1, .refs = 1 << 20};
    static const uint8_t n_operands[] = {
        [ST_MOVE] = 1, [ST_BIN] = 2,    [ST_LESS] = 2,   [ST_LEN] = 1,
        [ST_LGET] = 2, [ST_LSET] = 3,   [ST_APPEND] = 2, [ST_LIST] = 2,
        [ST_AGET] = 1, [ST_ASET] = 2,   [ST_CALL] = 2,   [ST_GSET] = 1,
        [ST_SAME] = 2, [ST_RETURN] = 1, [ST_TUPLE] = 2,  [ST_TGET] = 1,
    };
    Obj *operands[3];
    const uint8_t locals[3] = {st->a, st->b, st->c};
    uint32_t n = n_operands[st->kind];
    for (uint32_t i = 0; i < n; i++) {
        operands[i] = locals[i] == UINT8_MAX ? &one : w->frame[locals[i]];
        if (operands[i] == NULL) {
            step->fails = true;
            return;
        }
    }
    /* The operand stack. */
    for (uint32_t i = 0; i < n; i++) {
        obj_incref(w, operands[i]);
    }
    Obj *a = n > 0 ? operands[0] : NULL, *b = n > 1 ? operands[1] : NULL;
    switch ((StmtKind)st->kind) {
    case ST_INT:
        step->result = obj_int(w, st->k);
        break;
    case ST_FLOAT:
        step->result = obj_float(w, st->f);
        break;
    case ST_MOVE:
        step->result = new_ref(w, a);
        break;
    case ST_BIN:
        step->result = machine_bin(w, st, a, b);
        step->fails = step->result == NULL;
        break;
    case ST_LESS: {
        int less = machine_less(st, a, b);
        step->fails = less < 0;
        step->jumps = less == 0;
        break;
    }
    case ST_JUMP:
        step->jumps = true;
        break;
    case ST_LIST: {
        Obj *items[2] = {new_ref(w, a), new_ref(w, b)};
        step->result = obj_list(w, items, 2);
        break;
    }
    case ST_TUPLE: {
        Obj *items[3] = {new_ref(w, a), new_ref(w, b), a};
        if (st->op != 0) {
            obj_incref(w, a);
        }
        step->result = st->k != 0 ? obj_slice(w, items, 3)
                                  : obj_tuple(w, items, 2 + st->op);
        break;
    }
    case ST_CALL:
        step->result = world_event(w, operands, 2);
        step->fails = step->result == NULL;
        break;
    case ST_GGET:
        step->result = new_ref(w, w->cells[st->k]);
        break;
    case ST_GSET:
        world_store(w, &w->cells[st->k], new_ref(w, a));
        break;
    case ST_SAME:
        /* Which object a number is, is not this test's. */
        step->fails = obj_is_simple(a) || obj_is_simple(b);
        step->result = step->fails ? NULL : obj_int(w, a == b);
        break;
    case ST_RETURN:
        step->result = new_ref(w, a);
        break;
    default:
        machine_object_step(w, st, a, b, n > 2 ? operands[2] : NULL, step);
        break;
    }
    for (uint32_t i = 0; i < n; i++) {
        obj_decref(w, operands[i]);
    }
}

static void
machine_failed(World *w, uint32_t at)
{
    strbuf_printf(&w->log, "fails at %u:", at);
    for (uint32_t k = 0; k < N_LOCALS; k++) {
        strbuf_printf(&w->log, " ");
        world_describe(w, w->frame[k]);
    }
    strbuf_printf(&w->log, "\n");
}

void
source_run(const Source *s, World *w, uint32_t offset)
{
    uint32_t steps = 0;
    while (offset < 2 * s->n && !w->ended && !w->failed) {
        const Stmt *st = &s->stmts[offset / 2];
        Step step = {0};
        if (++steps > MAX_STEPS) {
            w->ended = true;
        }
        else if (offset % 2 == 1 && st->kind == ST_RETURN) {
            strbuf_printf(&w->log, "returns ");
            world_describe(w, w->stack);
            strbuf_printf(&w->log, "\n");
            return;
        }
        else if (offset % 2 == 1) {
            Obj *result = w->stack;
            w->stack = NULL;
            world_store(w, &w->frame[st->d], result);
            offset++;
        }
        else {
            if (st->kind == ST_DEL) {
                step.fails = w->frame[st->d] == NULL;
                world_store(w, &w->frame[st->d], NULL);
            }
            else {
                machine_step(w, st, &step);
            }
            if (step.fails) {
                machine_failed(w, offset / 2);
                return;
            }
            w->stack = step.result;
            offset = step.jumps ? 2 * (uint32_t)st->k
                                : offset + (step.result != NULL ? 1 : 2);
        }
    }
}
