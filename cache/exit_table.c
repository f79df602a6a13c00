/* Reading exit tables. */
#include "exit_table.h"

#include <string.h>

enum { N_COUNTS = 8, MAX_NUMBER_BYTES = 10 };

_Static_assert(sizeof(PyaotExitCode) == 12, "exit table");
_Static_assert(sizeof(PyaotExitRow) == 12, "exit table");
_Static_assert(sizeof(PyaotExitPoint) == 8, "exit table");

void
pyaot_exit_put(StrBuf *out, uint64_t value)
{
    for (; value > 0x7f; value >>= 7) {
        strbuf_u8(out, (uint8_t)(value | 0x80));
    }
    strbuf_u8(out, (uint8_t)value);
}

void
pyaot_exit_put_signed(StrBuf *out, int64_t value)
{
    pyaot_exit_put(out, (uint64_t)value << 1 ^ (uint64_t)(value >> 63));
}

bool
pyaot_exit_cell_has_aux(uint8_t kind)
{
    uint8_t what = kind & EXIT_CELL_KIND;
    return what == EXIT_CELL_CONST || what == EXIT_CELL_DUP
           || pyaot_exit_cell_has_parts(what) || (kind & EXIT_CELL_PARAM) != 0;
}

uint32_t
pyaot_exit_cell_values(uint8_t kind)
{
    switch ((ExitCellKind)(kind & EXIT_CELL_KIND)) {
    case EXIT_CELL_NULL:
    case EXIT_CELL_CONST:
    case EXIT_CELL_DUP:
    case EXIT_CELL_TUPLE:
    case EXIT_CELL_RANGEOBJ:
    case EXIT_CELL_SLICE:
    case EXIT_CELL_COUNT:
        return 0;
    case EXIT_CELL_OBJ:
    case EXIT_CELL_I64:
    case EXIT_CELL_F64:
    case EXIT_CELL_BOOL:
    case EXIT_CELL_TAKE:
    case EXIT_CELL_RELEASE:
    case EXIT_CELL_RELEASE_LATER:
        return 1;
    case EXIT_CELL_DYN:
    case EXIT_CELL_LISTIT:
    case EXIT_CELL_TUPIT:
    case EXIT_CELL_STRIT:
    case EXIT_CELL_COMPLEX:
        return 2;
    case EXIT_CELL_RANGE:
    case EXIT_CELL_ENUM:
    case EXIT_CELL_ZIP:
        return 3;
    }
    return 0;
}

bool
pyaot_exit_table_open(const uint8_t *bytes, size_t len, PyaotExitTable *out)
{
    uint32_t n[N_COUNTS];
    if (len < sizeof(n)) {
        return false;
    }
    memcpy(n, bytes, sizeof(n));
    /* 64-bit sums of 32-bit counts times small sizes cannot overflow. */
    uint64_t rows = sizeof(n) + (uint64_t)n[0] * sizeof(PyaotExitCode);
    uint64_t points = rows + (uint64_t)n[1] * sizeof(PyaotExitRow);
    uint64_t shapes = points + (uint64_t)n[2] * sizeof(PyaotExitPoint);
    uint64_t records = shapes + n[6];
    uint64_t texts = records + n[7];
    if (texts > len
        || (n[3] + (uint64_t)n[4] > 0
            && (texts == len || bytes[len - 1] != 0))) {
        return false;
    }
    *out = (PyaotExitTable){
        .n_codes = n[0],
        .n_rows = n[1],
        .n_points = n[2],
        .n_symbols = n[3],
        .n_reasons = n[4],
        .max_values = n[5],
        .codes = (const void *)(bytes + sizeof(n)),
        .rows = (const void *)(bytes + rows),
        .points = (const void *)(bytes + points),
        .shapes = bytes + shapes,
        .records = bytes + records,
        .records_end = bytes + texts,
        .texts = (const char *)bytes + texts,
    };
    uint64_t n_texts = 0;
    for (uint64_t i = texts; i < len; i++) {
        n_texts += bytes[i] == 0;
    }
    return n_texts == n[3] + (uint64_t)n[4];
}

const uint8_t *
pyaot_exit_find(const PyaotExitTable *table, uint64_t address)
{
    uint32_t low = 0, high = table->n_points;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (table->points[middle].address < address) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    return low < table->n_points && table->points[low].address == address
               ? table->records + table->points[low].record
               : NULL;
}

/* --- checking ------------------------------------------------------------ */

/* A number that must lie in front of end. */
static bool
number_there(const uint8_t **at, const uint8_t *end, uint64_t *out)
{
    size_t n = 0;
    while (*at + n < end && n < MAX_NUMBER_BYTES && (*at)[n] & 0x80) {
        n++;
    }
    if (*at + n >= end || n == MAX_NUMBER_BYTES) {
        return false;
    }
    *out = pyaot_exit_number(at);
    return true;
}

/* The same that must be smaller than limit. */
static bool
number_below(const uint8_t **at, const uint8_t *end, uint64_t limit,
             uint64_t *out)
{
    return number_there(at, end, out) && *out < limit;
}

/* Cells that are made one after the other: n_parts parts, from the last one
 * on, then those of the frame. */
typedef struct {
    uint64_t top, n_parts, made;
    bool in_frame; /* those of the frame have begun */
} CellsMade;

/* May a cell of this kind and number come now, and is what it is made of
 * there? */
static bool
check_cell(CellsMade *made, uint8_t kind, uint64_t cell, uint64_t aux)
{
    uint8_t what = kind & EXIT_CELL_KIND;
    bool is_part = cell >= made->top;
    if (is_part) {
        if (made->in_frame || kind & (EXIT_CELL_LIVE | EXIT_CELL_PARAM)) {
            return false;
        }
        if (made->made == 0) {
            made->n_parts = cell - made->top + 1;
        }
    }
    const uint64_t first_there = made->n_parts - made->made;
    if (pyaot_exit_cell_has_parts(what)) {
        uint64_t n = aux & EXIT_TUPLE_MOST, first = aux >> EXIT_TUPLE_SHIFT;
        if (n == 0 || (what != EXIT_CELL_TUPLE && n != 3)
            || first < first_there || first + n > made->n_parts) {
            return false;
        }
    }
    if (what == EXIT_CELL_DUP && aux >= made->top
        && (aux - made->top < first_there
            || aux - made->top >= made->n_parts)) {
        return false;
    }
    if (is_part) {
        return cell - made->top == made->n_parts - ++made->made;
    }
    made->in_frame = true;
    return made->made == made->n_parts;
}

/* The values that the cells of a shape take, or -1. */
static int64_t
check_shape(const PyaotExitTable *t, uint64_t shape, uint64_t top)
{
    const uint8_t *at = t->shapes + shape, *end = t->records;
    uint64_t n, cell, aux;
    int64_t n_values = 0;
    if (!number_below(&at, end, UINT32_MAX, &n)) {
        return -1;
    }
    CellsMade made = {.top = top};
    for (uint64_t i = 0; i < n; i++) {
        if (at >= end || (*at & EXIT_CELL_KIND) >= EXIT_CELL_COUNT) {
            return -1;
        }
        uint8_t kind = *at++;
        n_values += pyaot_exit_cell_values(kind);
        aux = 0;
        if (((kind & EXIT_CELL_KIND) < EXIT_CELL_RELEASE
             && !number_below(&at, end, top + n, &cell))
            || (pyaot_exit_cell_has_aux(kind)
                && !number_below(&at, end, UINT32_MAX, &aux))
            || ((kind & EXIT_CELL_KIND) < EXIT_CELL_RELEASE
                && !check_cell(&made, kind, cell, aux))) {
            return -1;
        }
    }
    return n_values;
}

static bool
check_place(const PyaotExitTable *t, const uint8_t **at)
{
    const uint8_t *end = t->records_end;
    uint64_t ignored;
    if (*at >= end) {
        return false;
    }
    uint8_t first = *(*at)++;
    switch ((ExitPlaceKind)(first & EXIT_PLACE_KIND)) {
    case EXIT_PLACE_GENERAL:
    case EXIT_PLACE_VECTOR:
        return true;
    case EXIT_PLACE_MEMORY:
    case EXIT_PLACE_NUMBER:
        return number_there(at, end, &ignored);
    case EXIT_PLACE_INDEXED:
        return number_below(at, end, 32 << 3, &ignored)
               && number_there(at, end, &ignored);
    case EXIT_PLACE_BITS:
        *at += 8;
        return *at <= end;
    case EXIT_PLACE_SYMBOL:
        return number_below(at, end, t->n_symbols, &ignored);
    default:
        return false;
    }
}

static bool
check_record(const PyaotExitTable *t, const uint8_t *at)
{
    const uint8_t *end = t->records_end;
    uint64_t how, n_frames, unit, after, n_values;
    if (!number_below(&at, end, EXIT_EXACT << 1, &how)
        || !number_below(&at, end, UINT16_MAX, &n_frames) || n_frames == 0
        || !number_below(&at, end, UINT32_MAX, &unit)
        || !number_below(&at, end, t->n_rows, &after)) {
        return false;
    }
    uint64_t needed = EXIT_VALUES_FIRST + ((how & EXIT_ACTION) >= EXIT_CALL);
    for (uint64_t i = 0; i < n_frames; i++) {
        uint64_t who, row, top, shape;
        if (!number_below(&at, end, UINT32_MAX, &who)
            || !number_below(&at, end, t->n_rows, &row)
            || !number_below(&at, end, UINT32_MAX, &top)
            || !number_below(&at, end, (uint64_t)(t->records - t->shapes),
                             &shape)) {
            return false;
        }
        int64_t n = check_shape(t, shape, top);
        if (n < 0 || (who == 0) != (i + 1 == n_frames)) {
            return false;
        }
        needed += (uint64_t)n + (who != 0);
    }
    if (!number_below(&at, end, (uint64_t)t->max_values + 1, &n_values)
        || n_values != needed) {
        return false;
    }
    for (uint64_t i = 0; i < n_values; i++) {
        if (!check_place(t, &at)) {
            return false;
        }
    }
    return true;
}

bool
pyaot_exit_table_check(const PyaotExitTable *t)
{
    uint32_t rows = 0;
    for (uint32_t i = 0; i < t->n_codes; i++) {
        if (t->codes[i].first_row != rows
            || t->codes[i].n_rows > t->n_rows - rows) {
            return false;
        }
        rows += t->codes[i].n_rows;
    }
    if (rows != t->n_rows) {
        return false;
    }
    for (uint32_t i = 0; i < t->n_rows; i++) {
        if (t->rows[i].reason >= t->n_reasons) {
            return false;
        }
    }
    for (uint32_t i = 0; i < t->n_points; i++) {
        const PyaotExitPoint *p = &t->points[i];
        if ((i > 0 && p[-1].address >= p->address)
            || p->record >= (size_t)(t->records_end - t->records)
            || !check_record(t, t->records + p->record)) {
            return false;
        }
    }
    return true;
}
