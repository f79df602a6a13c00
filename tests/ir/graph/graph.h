/* Graph fuzzing: a random program in a small language of locals, a machine
 * that runs it (the interpreter), its lowering to IR (the front), and an
 * interpreter of the IR after the passes.
 *
 * What an exit means is the whole point: the machine goes on from the exit's
 * offset with the locals that the snapshot gives, so exits may be taken
 * anywhere and guards may move, as long as everything that can be seen stays:
 * the log (other code that ran, with what it was given; finalisers; the
 * result) and the world at the end, reference counts included. */
#ifndef PYAOT_TESTS_GRAPH_H
#define PYAOT_TESTS_GRAPH_H

#include <stdio.h>

#include "arena.h"
#include "ir.h"
#include "strbuf.h"

enum {
    N_LOCALS = 11,
    N_COUNTERS = 2, /* the last of them: loops end by these */
    MAX_STMTS = 96,
    MAX_ITEMS = 24,
    N_ATTRS = 3,
    N_SHARED = 3, /* lists, and as many instances, that the world holds */
    N_CELLS = 2,
    FIRST_SMALL = 5, /* below zero */
    LAST_SMALL = 256,
    MAX_EVENTS = 400,
    MAX_STEPS = 20000,
};

/* --- objects ------------------------------------------------------------- */

typedef struct Obj Obj;
struct Obj {
    uint8_t cls;        /* IrClass; ANY: a number too big to unbox */
    bool dead, is_seen; /* is_seen: its death is told to other code */
    int32_t refs;
    uint32_t serial; /* instances: in the order of making */
    int64_t i;
    __int128 big; /* of those of class ANY */
    double f;
    uint32_t n_items, version;
    Obj *items[MAX_ITEMS];
    Obj *attrs[N_ATTRS];
    Obj *next;     /* all there are */
    uint32_t seen; /* scratch of world_check */
};

typedef struct {
    Arena *arena;
    uint64_t seed;
    uint32_t n_events, n_instances, n_dying;
    StrBuf log;
    bool failed; /* a fault of memory: see `fault` */
    char fault[160];
    bool ended; /* too many events */
    Obj *all, *none;
    Obj *lists[N_SHARED], *instances[N_SHARED];
    Obj *cells[N_CELLS];
    Obj *small[FIRST_SMALL + LAST_SMALL + 1]; /* ints that are there once */
    Obj *caller[N_LOCALS]; /* the arguments, as a caller holds them */
    Obj *frame[N_LOCALS];  /* NULL: unbound */
    bool frame_written;    /* by other code */
    Obj *stack;            /* a result that is not stored yet, or returned */
} World;

void world_init(World *w, Arena *arena, uint64_t seed);
Obj *obj_int(World *w, int64_t value);  /* new reference, as all of these */
Obj *obj_big(World *w, __int128 value); /* an int if it fits */
Obj *world_small_int(World *w, int64_t value); /* borrowed from the world */
Obj *obj_float(World *w, double value);
Obj *obj_list(World *w, Obj *const *items, uint32_t n);  /* takes references */
Obj *obj_tuple(World *w, Obj *const *items, uint32_t n); /* the same */
Obj *obj_slice(World *w, Obj *const *items, uint32_t n); /* n: 3 */
Obj *obj_instance(World *w, bool is_seen); /* is_seen: has a finaliser */
void obj_incref(World *w, Obj *o);
void obj_decref(World *w, Obj *o);
/* Would taking a reference away be seen by other code? */
bool obj_would_be_seen(const Obj *o);
bool obj_is_simple(const Obj *o);
void world_fault(World *w, const char *what);
/* Replace what is at place; takes the reference. */
void world_store(World *w, Obj **place, Obj *o);
bool list_insert(World *w, Obj *list, uint32_t at, Obj *o); /* takes it */
/* Other code runs: notes its operands, changes the world, gives an object
 * (NULL: it raised). */
Obj *world_event(World *w, Obj *const *args, uint32_t n);
void world_describe(World *w, const Obj *o);
/* The frame goes, the arguments go; then everything must be accounted for. */
void world_end(World *w);

/* --- programs ------------------------------------------------------------ */

typedef enum {
    ST_NOP,
    ST_INT,
    ST_FLOAT,
    ST_MOVE,
    ST_BIN,
    ST_LESS,
    ST_JUMP,
    ST_LEN,
    ST_LGET,
    ST_LSET,
    ST_APPEND,
    ST_LIST,
    ST_AGET,
    ST_ASET,
    ST_CALL,
    ST_GGET,
    ST_GSET,
    ST_DEL,
    ST_SAME,
    ST_RETURN,
    ST_TUPLE, /* or, if k, a slice of a, b, a */
    ST_TGET,  /* op: of a slice */
} StmtKind;

typedef enum {
    BIN_ADD,
    BIN_SUB,
    BIN_MUL,
    BIN_FLOORDIV,
    BIN_MOD,
    BIN_AND,
    BIN_OR,
    BIN_XOR,
    BIN_COUNT,
} BinOp;

/* d, a, b, c: locals; k: constant, name, cell, comparison or target */
typedef struct {
    uint8_t kind, d, a, b, c, op;
    bool is_target; /* of a jump */
    bool is_header; /* of a loop */
    int64_t k;
    double f;
} Stmt;

typedef struct {
    uint64_t seed;
    bool framed;
    uint32_t n;
    Stmt stmts[MAX_STMTS];
    /* what a local usually holds: i f l (list) t (tuple) o */
    char type[N_LOCALS];
    uint32_t given; /* bit k: argument k is the function's alone */
} Source;

void source_random(Source *s, uint64_t seed);
void source_print(const Source *s, FILE *file);
/* The world at the start: arguments in caller and frame. */
void source_enter(const Source *s, World *w);
/* Run to the end, on w->frame.  Statement i starts at offset 2 * i; its result
 * is on the stack and to be stored at 2 * i + 1. */
void source_run(const Source *s, World *w, uint32_t offset);

/* --- IR ------------------------------------------------------------------ */

IrFn *lower_source(const Source *s, Arena *arena);

/* Run a function with reference counts; goes on in the machine where it
 * exits.  chance: one exit in so many is taken without need; 0 none.  Returns
 * the instructions done, or UINT32_MAX if it ran to its return. */
uint32_t interp_run(const IrFn *fn, const Source *s, World *w,
                    uint32_t chance);

/* A number below n, from a seed that moves on. */
static inline uint32_t
random_below(uint64_t *seed, uint32_t n)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (uint32_t)((*seed >> 20) % n);
}

static inline uint64_t
random_start(uint64_t seed)
{
    seed = (seed + 0x9E3779B97F4A7C15u) * 0xBF58476D1CE4E5B9u;
    seed ^= seed >> 29;
    return seed | 1;
}

#endif
