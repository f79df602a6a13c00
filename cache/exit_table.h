/* The exit table of a unit: for each place where its native code leaves, what
 * frames are to be made of which values, and where the values are.
 *
 * FORMAT.md ("Exits") specifies the bytes.  The compiler (aot/back/c_exits.c)
 * says what an exit is, the C compiler where the values are;
 * pyaot_exits_link() puts the two together when a unit has been compiled, and
 * the loader reads the table when native code leaves.  No Python.h here. */
#ifndef PYAOT_EXIT_TABLE_H
#define PYAOT_EXIT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/strbuf.h"

/* How one cell of a frame is made, or one reference given back; the values
 * behind it are taken in order. */
typedef enum {
    EXIT_CELL_NULL = 0,
    EXIT_CELL_OBJ, /* object or NULL: a new reference */
    EXIT_CELL_I64, /* to be boxed */
    EXIT_CELL_F64,
    EXIT_CELL_BOOL,    /* 32 bits */
    EXIT_CELL_CONST,   /* no value; aux: index into co_consts */
    EXIT_CELL_DUP,     /* no value; aux: the cell that holds the same number */
    EXIT_CELL_DYN,     /* tag, bits; tag 0: left alone (framed) or NULL */
    EXIT_CELL_RANGE,   /* next, step, remaining */
    EXIT_CELL_LISTIT,  /* list, index */
    EXIT_CELL_TUPIT,   /* tuple, index */
    EXIT_CELL_STRIT,   /* str, index */
    EXIT_CELL_ENUM,    /* list, tuple or str, index, number minus index */
    EXIT_CELL_COMPLEX, /* real, imaginary part */
    EXIT_CELL_ZIP,     /* list, tuple or str, index, another */
    /* no value; aux: its length, and the first of its parts (EXIT_TUPLE_SHIFT)
     */
    EXIT_CELL_TUPLE,
    EXIT_CELL_RANGEOBJ, /* a range, the same; three parts */
    EXIT_CELL_SLICE,    /* the same */
    EXIT_CELL_TAKE,     /* object whose reference is handed over */
    /* object or NULL whose reference is given back; no cell */
    EXIT_CELL_RELEASE,
    EXIT_CELL_RELEASE_LATER, /* the same, once the frames are there */
    EXIT_CELL_COUNT
} ExitCellKind;

static inline bool
pyaot_exit_cell_has_parts(uint8_t what)
{
    return what >= EXIT_CELL_TUPLE && what <= EXIT_CELL_SLICE;
}

/* In the byte of a cell's kind. */
enum {
    EXIT_CELL_KIND = 0x1f,
    /* a local of a live frame: release what it holds */
    EXIT_CELL_LIVE = 0x20,
    EXIT_CELL_PARAM = 0x40, /* the number that parameter aux was passed as */
};

/* Cells from the frame's top on are no cells of the frame, but parts of
 * tuples, ranges and slices that cells behind them hold.  In the aux of these:
 */
enum {
    EXIT_TUPLE_SHIFT = 4, /* above: the number of the first part */
    EXIT_TUPLE_MOST = 15, /* below: how many they are, at least 1 */
};

/* What is done at an exit. */
typedef enum {
    EXIT_LEAVE = 0, /* a guard failed, or the region ends */
    EXIT_RAISE,     /* an exception is set */
    /* a direct call came back with something else than its result; the first
       value is its status */
    EXIT_CALL,
    /* the same of a class's __init__; the instance is the last cell */
    EXIT_INIT,
    EXIT_ACTION = 0x3,
    EXIT_FRAMED = 0x4,   /* the outermost frame is there: the second value */
    EXIT_ON_FRAME = 0x8, /* the region was entered on it */
    /* INIT: of a call with as many arguments as parameters */
    EXIT_EXACT = 0x10,
} ExitHow;

/* Values in front of those of the cells. */
enum { EXIT_VALUE_INST, EXIT_VALUE_FUNC, EXIT_VALUE_TURNS, EXIT_VALUES_FIRST };

/* Where a value is: the low bits of a place's first byte; above them a number,
 * of a register as the machine numbers it. */
typedef enum {
    EXIT_PLACE_GENERAL = 0, /* in a general register */
    EXIT_PLACE_VECTOR,      /* in the low bits of a vector or float register */
    EXIT_PLACE_MEMORY,      /* at register + signed displacement */
    /* at register + register << shift + displacement */
    EXIT_PLACE_INDEXED,
    EXIT_PLACE_NUMBER, /* a signed number */
    EXIT_PLACE_BITS,   /* a number of eight bytes */
    EXIT_PLACE_SYMBOL, /* the address of the symbol with this number */
    EXIT_PLACE_KIND = 0x7,
    EXIT_PLACE_SHIFT = 3,
} ExitPlaceKind;

typedef struct {
    uint32_t offset;  /* code units from the first instruction */
    uint32_t resume;  /* where the result of a call is wanted */
    uint16_t n_stack; /* entries on the evaluation stack */
    uint8_t kind;     /* PyaotExitKind */
    uint8_t reason;   /* number of its text */
} PyaotExitRow;

typedef struct {
    uint32_t first_row, n_rows, n_locals;
} PyaotExitCode;

typedef struct {
    uint32_t address; /* behind the exit, from where the unit is mapped */
    uint32_t record;  /* its place among the records */
} PyaotExitPoint;

typedef struct {
    uint32_t n_codes, n_rows, n_points, n_symbols, n_reasons;
    uint32_t max_values;        /* that any exit has */
    const PyaotExitCode *codes; /* in the unit's order */
    const PyaotExitRow *rows;
    const PyaotExitPoint *points; /* by address */
    const uint8_t *shapes, *records, *records_end;
    const char *texts; /* symbols, then reasons */
} PyaotExitTable;

/* One frame of an exit. */
typedef struct {
    /* 0: the region's own; else 1 + the slot that leads to its code, and its
     * first value is the function */
    uint32_t who;
    uint32_t row;   /* of its code */
    uint32_t top;   /* locals and stack entries */
    uint32_t shape; /* place of its cells among the shapes */
} PyaotExitFrame;

/* The head of an exit's record, of which the frames follow (innermost first),
 * then the number of values and their places. */
typedef struct {
    uint32_t how; /* ExitHow */
    uint32_t n_frames;
    /* 1 + the instruction that the frame is to show meanwhile; 0: none */
    uint32_t unit;
    uint32_t after; /* CALL, INIT: the row behind the call */
} PyaotExitRecord;

/* Look at a table in memory; bytes are borrowed, and aligned for uint32_t.
 * False: its parts do not fit. */
bool pyaot_exit_table_open(const uint8_t *bytes, size_t len,
                           PyaotExitTable *out);
/* Are all its numbers in range, to the last byte? */
bool pyaot_exit_table_check(const PyaotExitTable *table);

/* The record of the exit that address lies behind; NULL: there is none. */
const uint8_t *pyaot_exit_find(const PyaotExitTable *table, uint64_t address);

/* Read an unsigned number of seven bits a byte, low ones first, and move on.
 */
static inline uint64_t
pyaot_exit_number(const uint8_t **at)
{
    uint64_t value = 0;
    uint32_t shift = 0;
    uint8_t byte;
    do {
        byte = *(*at)++;
        value |= (uint64_t)(byte & 0x7f) << (shift & 63);
        shift += 7;
    } while (byte & 0x80);
    return value;
}

/* The same of a signed one: its low bit is the sign. */
static inline int64_t
pyaot_exit_signed(const uint8_t **at)
{
    uint64_t value = pyaot_exit_number(at);
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

void pyaot_exit_put(StrBuf *out, uint64_t value);
void pyaot_exit_put_signed(StrBuf *out, int64_t value);

/* Has a cell of this byte (kind and flags) an aux?  How many values? */
bool pyaot_exit_cell_has_aux(uint8_t kind);
uint32_t pyaot_exit_cell_values(uint8_t kind);

/* --- making -------------------------------------------------------------- */

/* Where the C compiler says that a value is: one of the texts it makes of the
 * operands of an exit.
 *
 * machine   of the ELF file
 * offset    of the value in what is at that place
 * symbol    number of a symbol by its name, or UINT32_MAX
 *
 * Appends the place to out; false: it is none that is understood. */
typedef uint32_t (*ExitSymbolFn)(void *arg, const char *name, size_t len);
bool exit_place_parse(uint32_t machine, const char *text, int64_t offset,
                      ExitSymbolFn symbol, void *arg, StrBuf *out);

/* Take what the unit says of its exits out of its shared object.
 *
 * so       as the C compiler made it; without these sections afterwards
 * len      of it; shorter afterwards
 * table    the exit table, appended
 *
 * Returns PYAOT_E_COMPILER if the compiler wrote what is not understood. */
PyaotStatus pyaot_exits_link(uint8_t *so, size_t *len, StrBuf *table,
                             char err[PYAOT_ERR_MAX]);

#endif
