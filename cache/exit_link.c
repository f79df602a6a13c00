/* From what the C compiler wrote about the exits of a unit to its exit table.
 *
 * A unit's shared object has two sections that are never loaded
 * (abi/pyaot_native_exit.h):
 *
 *   .pyaot.states  what pyaot knows of its exits, numbers of seven bits a
 * byte: n_codes, for each: n_locals, n_rows, for each: offset, resume,
 * n_stack, kind, reason; n_reasons, their texts, each with a NUL; the size of
 * the shapes and their bytes, as in the table; n_exits, for each: the head of
 * its record and its frames, as there. .pyaot.exits   at each exit, once for
 * each copy that the compiler made of it: the address behind it, eight bytes,
 * and a text, with a NUL: number of the exit, then for each value "|" and
 * where the compiler has it,
 *       "|8:" in front of a value that lies that far into an array.
 *
 * Both are taken out of the object again. */
#include "exit_table.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SYMBOLS = 1 << 16, MAX_PLACE_TEXT = 128 };

typedef struct {
    const uint8_t *at, *end;
} Span;

typedef struct {
    uint64_t address;
    const char *text;
    uint32_t record;
} Point;

typedef struct {
    uint32_t machine;
    Span states, exits;
    StrBuf codes, rows, records, symbols;
    uint32_t n_codes, n_rows, n_symbols, n_reasons, n_exits;
    uint32_t max_values;
    Span shapes, reasons;
    Span *heads; /* by exit */
    Point *points;
    uint32_t n_points;
    char *err;
} Link;

/* --- the object ---------------------------------------------------------- */

typedef struct {
    Elf64_Ehdr *head;
    Elf64_Shdr *sections;
    const char *names;
    uint64_t loaded; /* bytes of the file that are mapped */
} Object;

static bool
object_open(uint8_t *so, size_t len, Object *o)
{
    Elf64_Ehdr *head = (Elf64_Ehdr *)so;
    if (len < sizeof(*head) || memcmp(head->e_ident, ELFMAG, SELFMAG) != 0
        || head->e_ident[EI_CLASS] != ELFCLASS64
        || head->e_ident[EI_DATA] != ELFDATA2LSB
        || head->e_shentsize != sizeof(Elf64_Shdr)
        || head->e_phentsize != sizeof(Elf64_Phdr) || head->e_shoff % 8 != 0
        || head->e_shoff > len
        || head->e_shnum > (len - head->e_shoff) / sizeof(Elf64_Shdr)
        || head->e_phoff % 8 != 0 || head->e_phoff > len
        || head->e_phnum > (len - head->e_phoff) / sizeof(Elf64_Phdr)
        || head->e_shstrndx >= head->e_shnum) {
        return false;
    }
    o->head = head;
    o->sections = (Elf64_Shdr *)(so + head->e_shoff);
    o->loaded = sizeof(*head);
    const Elf64_Phdr *parts = (const Elf64_Phdr *)(so + head->e_phoff);
    for (uint32_t i = 0; i < head->e_phnum; i++) {
        uint64_t end = parts[i].p_offset + parts[i].p_filesz;
        if (parts[i].p_offset > len
            || parts[i].p_filesz > len - parts[i].p_offset) {
            return false;
        }
        o->loaded = end > o->loaded ? end : o->loaded;
    }
    for (uint32_t i = 0; i < head->e_shnum; i++) {
        const Elf64_Shdr *s = &o->sections[i];
        if (s->sh_type != SHT_NOBITS
            && (s->sh_offset > len || s->sh_size > len - s->sh_offset)) {
            return false;
        }
    }
    const Elf64_Shdr *names = &o->sections[head->e_shstrndx];
    if (names->sh_type != SHT_STRTAB || names->sh_size == 0
        || so[names->sh_offset + names->sh_size - 1] != 0) {
        return false;
    }
    o->names = (const char *)so + names->sh_offset;
    for (uint32_t i = 0; i < head->e_shnum; i++) {
        if (o->sections[i].sh_name >= names->sh_size) {
            return false;
        }
    }
    return true;
}

static Elf64_Shdr *
object_section(const Object *o, const char *name)
{
    for (uint32_t i = 1; i < o->head->e_shnum; i++) {
        if (strcmp(o->names + o->sections[i].sh_name, name) == 0) {
            return &o->sections[i];
        }
    }
    return NULL;
}

/* Behind what is mapped only the sections that stay, then their table. */
static bool
object_drop(uint8_t *so, size_t *len, Object *o, Elf64_Shdr *const *drop,
            uint32_t n_drop)
{
    uint32_t n = o->head->e_shnum;
    size_t at = (size_t)o->loaded;
    uint8_t *copy = malloc(*len);
    if (copy == NULL) {
        return false;
    }
    memcpy(copy, so, *len);
    Elf64_Shdr *sections = (Elf64_Shdr *)(copy + o->head->e_shoff);
    const Elf64_Shdr *old = o->sections;
    for (uint32_t i = 0; i < n; i++) {
        Elf64_Shdr *s = &sections[i];
        for (uint32_t k = 0; k < n_drop; k++) {
            if (drop[k] != NULL && i == (uint32_t)(drop[k] - old)) {
                s->sh_size = 0;
            }
        }
    }
    memset(so + at, 0, *len - at);
    for (uint32_t i = 0; i < n; i++) {
        Elf64_Shdr *s = &sections[i];
        if (s->sh_offset < o->loaded || s->sh_type == SHT_NULL
            || s->sh_type == SHT_NOBITS) {
            continue;
        }
        size_t align = s->sh_addralign > 1 ? (size_t)s->sh_addralign : 1;
        at = (at + align - 1) / align * align;
        if (at > s->sh_offset) { /* sections in another order: leave all */
            memcpy(so, copy, *len);
            free(copy);
            return true;
        }
        memcpy(so + at, copy + s->sh_offset, s->sh_size);
        s->sh_offset = at;
        at += (size_t)s->sh_size;
    }
    at = (at + 7) / 8 * 8;
    memcpy(so + at, sections, n * sizeof(*sections));
    o->head->e_shoff = at;
    *len = at + n * sizeof(*sections);
    free(copy);
    return true;
}

/* --- states -------------------------------------------------------------- */

static bool
read_number(Span *s, uint64_t *out)
{
    const uint8_t *end = s->at;
    while (end < s->end && (*end & 0x80) && end - s->at < 9) {
        end++;
    }
    if (end >= s->end || (*end & 0x80)) {
        return false;
    }
    *out = pyaot_exit_number(&s->at);
    return true;
}

static bool
read_codes(Link *l)
{
    Span *s = &l->states;
    uint64_t n, n_locals, n_rows, row[5];
    if (!read_number(s, &n)) {
        return false;
    }
    for (uint64_t i = 0; i < n; i++) {
        if (!read_number(s, &n_locals) || !read_number(s, &n_rows)) {
            return false;
        }
        strbuf_u32(&l->codes, l->n_rows);
        strbuf_u32(&l->codes, (uint32_t)n_rows);
        strbuf_u32(&l->codes, (uint32_t)n_locals);
        l->n_codes++;
        for (uint64_t k = 0; k < n_rows; k++) {
            for (int j = 0; j < 5; j++) {
                if (!read_number(s, &row[j])) {
                    return false;
                }
            }
            strbuf_u32(&l->rows, (uint32_t)row[0]);
            strbuf_u32(&l->rows, (uint32_t)row[1]);
            strbuf_u16(&l->rows, (uint16_t)row[2]);
            strbuf_u8(&l->rows, (uint8_t)row[3]);
            strbuf_u8(&l->rows, (uint8_t)row[4]);
            l->n_rows++;
        }
    }
    return true;
}

static bool
read_texts(Link *l)
{
    Span *s = &l->states;
    uint64_t n, n_bytes;
    if (!read_number(s, &n)) {
        return false;
    }
    l->reasons.at = s->at;
    for (; l->n_reasons < n; l->n_reasons++) {
        const uint8_t *end = s->at < s->end
                                 ? memchr(s->at, 0, (size_t)(s->end - s->at))
                                 : NULL;
        if (end == NULL) {
            return false;
        }
        s->at = end + 1;
    }
    l->reasons.end = s->at;
    if (!read_number(s, &n_bytes) || n_bytes > (size_t)(s->end - s->at)) {
        return false;
    }
    l->shapes = (Span){s->at, s->at + n_bytes};
    s->at += n_bytes;
    return true;
}

static bool
read_heads(Link *l)
{
    Span *s = &l->states;
    uint64_t n, number;
    if (!read_number(s, &n) || n > (size_t)(s->end - s->at)) {
        return false;
    }
    l->heads = calloc(n + 1, sizeof(*l->heads));
    if (l->heads == NULL) {
        return false;
    }
    for (; l->n_exits < n; l->n_exits++) {
        Span *head = &l->heads[l->n_exits];
        uint64_t n_frames = 0;
        head->at = s->at;
        for (uint64_t k = 0; k < 4 + 4 * n_frames; k++) {
            if (!read_number(s, &number)) {
                return false;
            }
            if (k == 1) {
                n_frames = number > UINT16_MAX ? UINT16_MAX : number;
            }
        }
        head->end = s->at;
    }
    return s->at == s->end;
}

/* --- points -------------------------------------------------------------- */

static uint32_t
symbol_number(void *self, const char *name, size_t len)
{
    Link *l = self;
    const char *at = l->symbols.data;
    for (uint32_t i = 0; i < l->n_symbols; i++) {
        if (strlen(at) == len && memcmp(at, name, len) == 0) {
            return i;
        }
        at += strlen(at) + 1;
    }
    if (l->n_symbols == MAX_SYMBOLS) {
        return UINT32_MAX;
    }
    strbuf_add(&l->symbols, name, len);
    strbuf_u8(&l->symbols, 0);
    return l->n_symbols++;
}

static PyaotStatus
link_place(Link *l, const char *text, size_t len)
{
    PyaotStatus status = PYAOT_OK;
    char place[MAX_PLACE_TEXT];
    char *at = place;
    int64_t offset = 0;
    PYAOT_CHECK_ERR(len < sizeof(place), l->err, PYAOT_E_COMPILER,
                    "the compiler has a value of an exit at %.60s...", text);
    memcpy(place, text, len);
    place[len] = '\0';
    size_t n = strspn(place, "0123456789");
    if (n > 0 && place[n] == ':') {
        offset = strtoll(place, NULL, 10);
        at = place + n + 1;
    }
    PYAOT_CHECK_ERR(exit_place_parse(l->machine, at, offset, symbol_number, l,
                                     &l->records),
                    l->err, PYAOT_E_COMPILER,
                    "the compiler has a value of an exit at %.60s, which is "
                    "not understood; set CC to another",
                    at);
out:
    return status;
}

static PyaotStatus
link_point(Link *l, Point *p)
{
    PyaotStatus status = PYAOT_OK;
    char *end;
    unsigned long number = strtoul(p->text, &end, 10);
    PYAOT_CHECK_ERR(end > p->text && number < l->n_exits, l->err,
                    PYAOT_E_COMPILER, "an exit without a state: %.60s",
                    p->text);
    const Span *head = &l->heads[number];
    p->record = (uint32_t)l->records.len;
    strbuf_add(&l->records, head->at, (size_t)(head->end - head->at));
    uint32_t n = 0;
    for (const char *c = end; *c != '\0'; c++) {
        n += *c == '|';
    }
    l->max_values = n > l->max_values ? n : l->max_values;
    pyaot_exit_put(&l->records, n);
    while (*end == '|') {
        const char *start = end + 1;
        end = (char *)start + strcspn(start, "|");
        PYAOT_TRY(link_place(l, start, (size_t)(end - start)));
    }
out:
    return status;
}

static int
by_address(const void *left, const void *right)
{
    const Point *a = left, *b = right;
    return a->address < b->address ? -1 : a->address > b->address;
}

static PyaotStatus
read_points(Link *l)
{
    PyaotStatus status = PYAOT_OK;
    Span s = l->exits;
    uint32_t cap = 0;
    while (s.at < s.end) {
        uint64_t address;
        const uint8_t *end = NULL;
        if ((size_t)(s.end - s.at) > sizeof(address)) {
            end = memchr(s.at + sizeof(address), 0,
                         (size_t)(s.end - s.at) - sizeof(address));
        }
        PYAOT_CHECK_ERR(end != NULL, l->err, PYAOT_E_COMPILER,
                        "the exits of a unit are cut off");
        memcpy(&address, s.at, sizeof(address));
        if (l->n_points == cap) {
            cap = cap ? cap * 2 : 256;
            Point *more = realloc(l->points, cap * sizeof(*more));
            PYAOT_CHECK_ERR(more != NULL, l->err, PYAOT_E_NOMEM,
                            "out of memory");
            l->points = more;
        }
        l->points[l->n_points++] = (Point){
            address, (const char *)s.at + sizeof(address), 0};
        s.at = end + 1;
    }
    if (l->n_points > 0) {
        qsort(l->points, l->n_points, sizeof(*l->points), by_address);
    }
    for (uint32_t i = 0; i < l->n_points; i++) {
        PYAOT_TRY(link_point(l, &l->points[i]));
    }
out:
    return status;
}

static void
write_table(const Link *l, StrBuf *out)
{
    size_t n_shapes = (size_t)(l->shapes.end - l->shapes.at);
    const uint32_t head[] = {
        l->n_codes,         l->n_rows,
        l->n_points,        l->n_symbols,
        l->n_reasons,       l->max_values,
        (uint32_t)n_shapes, (uint32_t)l->records.len,
    };
    strbuf_add(out, head, sizeof(head));
    strbuf_add(out, l->codes.data, l->codes.len);
    strbuf_add(out, l->rows.data, l->rows.len);
    for (uint32_t i = 0; i < l->n_points; i++) {
        strbuf_u32(out, (uint32_t)l->points[i].address);
        strbuf_u32(out, l->points[i].record);
    }
    strbuf_add(out, l->shapes.at, n_shapes);
    strbuf_add(out, l->records.data, l->records.len);
    strbuf_add(out, l->symbols.data, l->symbols.len);
    strbuf_add(out, l->reasons.at, (size_t)(l->reasons.end - l->reasons.at));
}

PyaotStatus
pyaot_exits_link(uint8_t *so, size_t *len, StrBuf *table,
                 char err[PYAOT_ERR_MAX])
{
    PyaotStatus status = PYAOT_OK;
    Object o;
    Link link = {.err = err}, *l = &link;
    size_t start = table->len;
    StrBuf *const parts[] = {&l->codes, &l->rows, &l->records, &l->symbols};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        strbuf_init(parts[i], 0);
    }
    PYAOT_CHECK_ERR(object_open(so, *len, &o), err, PYAOT_E_COMPILER,
                    "the compiler made no shared object of 64 bits");
    l->machine = o.head->e_machine;
    Elf64_Shdr *found[] = {object_section(&o, ".pyaot.states"),
                           object_section(&o, ".pyaot.exits")};
    PYAOT_CHECK_ERR(found[0] != NULL, err, PYAOT_E_COMPILER,
                    "the linker has dropped what the unit says of its exits");
    l->states = (Span){so + found[0]->sh_offset,
                       so + found[0]->sh_offset + found[0]->sh_size};
    if (found[1] != NULL) {
        l->exits = (Span){so + found[1]->sh_offset,
                          so + found[1]->sh_offset + found[1]->sh_size};
    }
    PYAOT_CHECK_ERR(read_codes(l) && read_texts(l) && read_heads(l), err,
                    PYAOT_E_COMPILER,
                    "what the unit says of its exits is cut off");
    PYAOT_TRY(read_points(l));
    write_table(l, table);
    PYAOT_CHECK_ERR(strbuf_status(table) == PYAOT_OK
                        && strbuf_status(&l->records) == PYAOT_OK,
                    err, PYAOT_E_NOMEM, "out of memory");
    PyaotExitTable made;
    PYAOT_CHECK_ERR(start != 0
                        || (pyaot_exit_table_open((uint8_t *)table->data,
                                                  table->len, &made)
                            && pyaot_exit_table_check(&made)),
                    err, PYAOT_E_COMPILER,
                    "what the unit says of its exits contradicts itself");
    PYAOT_CHECK_ERR(object_drop(so, len, &o, found, 2), err, PYAOT_E_NOMEM,
                    "out of memory");
out:
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        strbuf_free(parts[i]);
    }
    free(l->heads);
    free(l->points);
    return status;
}
