/* What debuggers and profilers outside the process know of a unit.
 *
 * A unit is mapped from a memory file, which has no path that another process
 * could open, and it is stripped.  So the names of its functions, and how
 * frames are unwound from them, are put together here: for gdb as a small
 * object file in memory, which it finds by its interface for just-in-time
 * compilers (gdb's manual, "JIT Compilation Interface"); for perf, if it is
 * asked for by PYAOT_PERF=map, as /tmp/perf-PID.map.
 *
 * Where functions lie is taken from .eh_frame_hdr, which is in memory: the
 * table of all of them, sorted by address.  [LSB, "Exception Frames"] */
#include "loader_int.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cache/base/strbuf.h"

/* --- where the functions lie --------------------------------------------- */

typedef struct {
    int32_t start, fde; /* addresses from the header */
} TableRow;

typedef struct {
    uint8_t version, frame_enc, count_enc, table_enc;
    int32_t frame; /* address of .eh_frame from here */
    uint32_t n;
    TableRow rows[];
} FrameHeader;

typedef struct {
    const Unit *unit;
    uintptr_t base;
    uintptr_t text, text_end; /* all executable segments */
    const FrameHeader *header;
    const uint8_t *frames, *frames_end; /* .eh_frame */
} Layout;

enum {
    PCREL_SDATA4 = 0x1b,
    UDATA4 = 0x03,
    DATAREL_SDATA4 = 0x3b, /* DW_EH_PE_* */
};

static bool
read_layout(const Unit *unit, Layout *l)
{
    struct link_map *map;
    if (dlinfo(unit->handle, RTLD_DI_LINKMAP, &map) != 0) {
        return false;
    }
    *l = (Layout){.unit = unit, .base = map->l_addr, .text = UINTPTR_MAX};
    const ElfW(Ehdr) *elf = (const ElfW(Ehdr) *)l->base;
    const ElfW(Phdr) *ph = (const ElfW(Phdr) *)(l->base + elf->e_phoff);
    if (memcmp(elf->e_ident, ELFMAG, SELFMAG) != 0) {
        return false;
    }
    for (int i = 0; i < elf->e_phnum; i++) {
        uintptr_t start = l->base + ph[i].p_vaddr;
        if (ph[i].p_type == PT_GNU_EH_FRAME) {
            l->header = (const FrameHeader *)start;
        }
        else if (ph[i].p_type == PT_LOAD && (ph[i].p_flags & PF_X) != 0) {
            l->text = start < l->text ? start : l->text;
            if (start + ph[i].p_memsz > l->text_end) {
                l->text_end = start + ph[i].p_memsz;
            }
        }
    }
    const FrameHeader *h = l->header;
    if (h == NULL || l->text_end == 0 || h->version != 1
        || h->frame_enc != PCREL_SDATA4 || h->count_enc != UDATA4
        || h->table_enc != DATAREL_SDATA4) {
        return false;
    }
    l->frames = (const uint8_t *)&h->frame + h->frame;
    l->frames_end = l->frames;
    for (uint32_t len;; l->frames_end += len + sizeof len) {
        memcpy(&len, l->frames_end, sizeof len);
        if (len == 0 || len == UINT32_MAX) {
            l->frames_end += sizeof len;
            return len == 0;
        }
    }
}

static uintptr_t
function_start(const Layout *l, uint32_t i)
{
    return (uintptr_t)l->header
           + (uintptr_t)(intptr_t)l->header->rows[i].start;
}

static uint32_t
function_size(const Layout *l, uint32_t i)
{
    /* length, CIE, start, size: four bytes each */
    const uint8_t *fde = (const uint8_t *)l->header + l->header->rows[i].fde;
    uint32_t size;
    memcpy(&size, fde + 12, sizeof size);
    return size;
}

/* --- what they are called ------------------------------------------------ */

typedef struct {
    uintptr_t start;
    const char *name, *what;
} Name;

static void
add_name(Name *names, uint32_t *n, const void *start, const char *name,
         const char *what)
{
    if (start != NULL) {
        names[(*n)++] = (Name){(uintptr_t)start, name, what};
    }
}

static int
compare_names(const void *a, const void *b)
{
    uintptr_t x = ((const Name *)a)->start, y = ((const Name *)b)->start;
    return x < y ? -1 : x > y;
}

/* The names of a unit's regions, by address; *n: how many.  NULL: no memory.
 */
static Name *
sorted_names(const PyaotUnit *desc, uint32_t *n)
{
    size_t most = 1;
    for (uint32_t i = 0; i < desc->n_codes; i++) {
        most += 3u * (size_t)desc->codes[i].n_regions;
    }
    Name *names = malloc(most * sizeof *names);
    *n = 0;
    for (uint32_t i = 0; names != NULL && i < desc->n_codes; i++) {
        const PyaotCodeDesc *code = &desc->codes[i];
        for (uint32_t k = 0; k < code->n_regions; k++) {
            const PyaotRegionDesc *r = &code->regions[k];
            bool loop = r->kind == PYAOT_REGION_BACK_EDGE;
            add_name(names, n, r->direct, code->qualname, "");
            add_name(names, n, (const void *)(uintptr_t)r->vec, code->qualname,
                     " (called)");
            add_name(names, n, (const void *)(uintptr_t)r->osr, code->qualname,
                     loop ? " (loop)" : " (resumed)");
        }
    }
    if (names != NULL) {
        qsort(names, *n, sizeof *names, compare_names);
    }
    return names;
}

/* What is called for each function of a unit, in order of addresses. */
typedef void (*Visit)(void *arg, uintptr_t start, uint32_t size,
                      const char *name, const char *what);

static void
visit_functions(const Layout *l, Visit visit, void *arg)
{
    uint32_t n_names, at = 0;
    Name *names = sorted_names(l->unit->desc, &n_names);
    for (uint32_t i = 0; names != NULL && i < l->header->n; i++) {
        uintptr_t start = function_start(l, i);
        /* else: an operation, or the cold part of a function */
        const char *name = "pyaot", *what = "";
        while (at < n_names && names[at].start < start) {
            at++;
        }
        if (at < n_names && names[at].start == start) {
            name = names[at].name;
            what = names[at].what;
        }
        visit(arg, start, function_size(l, i), name, what);
    }
    free(names);
}

/* --- gdb ----------------------------------------------------------------- */

/* Names and layout are gdb's. */
typedef struct JitEntry {
    struct JitEntry *next, *prev;
    const void *symfile;
    uint64_t symfile_bytes;
} JitEntry;

typedef struct {
    uint32_t version;
    uint32_t action; /* 1: registered */
    JitEntry *relevant, *first;
} JitDescriptor;

JitDescriptor __jit_debug_descriptor
    __attribute__((visibility("protected"))) = {.version = 1};
__attribute__((visibility("protected"), noinline)) void
__jit_debug_register_code(void);

void
__jit_debug_register_code(void)
{
    __asm__ volatile("" ::: "memory"); /* gdb stops here */
}

enum { NO_SECTION, TEXT, FRAMES, SYMBOLS, STRINGS, N_SECTIONS };

/* Sections have their names from the same strings as symbols. */
static uint32_t
add_string(StrBuf *strings, const char *a, const char *b)
{
    uint32_t at = (uint32_t)strings->len;
    strbuf_adds(strings, a);
    strbuf_adds(strings, b);
    strbuf_addc(strings, '\0');
    return at;
}

typedef struct {
    StrBuf symbols, strings;
} Symbols;

static void
add_symbol(void *arg, uintptr_t start, uint32_t size, const char *name,
           const char *what)
{
    Symbols *s = arg;
    ElfW(Sym) symbol = {
        .st_name = add_string(&s->strings, name, what),
        .st_value = start,
        .st_size = size,
        .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
        .st_shndx = TEXT,
    };
    strbuf_add(&s->symbols, &symbol, sizeof symbol);
}

static void
build_object(const Layout *l, StrBuf *out)
{
    static const ElfW(Sym) no_symbol;
    Symbols s;
    strbuf_init(&s.symbols, 0);
    strbuf_init(&s.strings, 0);
    strbuf_addc(&s.strings, '\0');
    strbuf_add(&s.symbols, &no_symbol, sizeof no_symbol);
    visit_functions(l, add_symbol, &s);
    ElfW(Shdr) sections[N_SECTIONS] = {
        [TEXT] = {.sh_name = add_string(&s.strings, ".text", ""),
                  .sh_type = SHT_NOBITS,
                  .sh_flags = SHF_ALLOC | SHF_EXECINSTR,
                  .sh_addr = l->text,
                  .sh_size = l->text_end - l->text,
                  .sh_addralign = 1},
        [FRAMES] = {.sh_name = add_string(&s.strings, ".eh_frame", ""),
                    .sh_type = SHT_PROGBITS,
                    .sh_flags = SHF_ALLOC,
                    .sh_addr = (uintptr_t)l->frames,
                    .sh_size = (size_t)(l->frames_end - l->frames),
                    .sh_addralign = 1},
        [SYMBOLS] = {.sh_name = add_string(&s.strings, ".symtab", ""),
                     .sh_type = SHT_SYMTAB,
                     .sh_size = s.symbols.len,
                     .sh_link = STRINGS,
                     .sh_info = 1,
                     .sh_addralign = 8,
                     .sh_entsize = sizeof(ElfW(Sym))},
        [STRINGS] = {.sh_name = add_string(&s.strings, ".strtab", ""),
                     .sh_type = SHT_STRTAB,
                     .sh_addralign = 1},
    };
    sections[STRINGS].sh_size = s.strings.len;
    uint64_t at = sizeof(ElfW(Ehdr)) + sizeof sections;
    for (int i = SYMBOLS; i > 0; i = i == SYMBOLS   ? STRINGS
                                     : i == STRINGS ? FRAMES
                                                    : 0) {
        sections[i].sh_offset = at;
        at += sections[i].sh_size;
    }
    sections[TEXT].sh_offset = sizeof(ElfW(Ehdr));
    ElfW(Ehdr) elf = {
        .e_type = ET_EXEC,
        .e_machine = EM_X86_64,
        .e_version = EV_CURRENT,
        .e_shoff = sizeof elf,
        .e_ehsize = sizeof elf,
        .e_shentsize = sizeof(ElfW(Shdr)),
        .e_shnum = N_SECTIONS,
        .e_shstrndx = STRINGS,
    };
    memcpy(elf.e_ident, ELFMAG, SELFMAG);
    elf.e_ident[EI_CLASS] = ELFCLASS64;
    elf.e_ident[EI_DATA] = ELFDATA2LSB;
    elf.e_ident[EI_VERSION] = EV_CURRENT;
    strbuf_add(out, &elf, sizeof elf);
    strbuf_add(out, sections, sizeof sections);
    strbuf_add(out, s.symbols.data, s.symbols.len);
    strbuf_add(out, s.strings.data, s.strings.len);
    strbuf_add(out, l->frames, sections[FRAMES].sh_size);
    strbuf_free(&s.symbols);
    strbuf_free(&s.strings);
}

static void
tell_gdb(const Layout *l)
{
    StrBuf object;
    strbuf_init(&object, 0);
    build_object(l, &object);
    JitEntry *entry = malloc(sizeof *entry);
    if (entry == NULL || strbuf_status(&object) != PYAOT_OK) {
        free(entry);
        strbuf_free(&object);
        return;
    }
    JitDescriptor *d = &__jit_debug_descriptor;
    *entry = (JitEntry){.next = d->first,
                        .symfile = object.data,
                        /* kept, as the unit is */
                        .symfile_bytes = object.len};
    if (d->first != NULL) {
        d->first->prev = entry;
    }
    d->first = d->relevant = entry;
    d->action = 1;
    __jit_debug_register_code();
}

/* --- perf ---------------------------------------------------------------- */

/* perf takes names from the map for memory without a file only: the text is
 * moved to such. */
static bool
make_anonymous(const Layout *l)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t start = l->text & ~(page - 1);
    size_t size = ((l->text_end + page - 1) & ~(page - 1)) - start;
    void *copy = malloc(size);
    if (copy == NULL) {
        return false;
    }
    memcpy(copy, (void *)start, size);
    /* Executable from the start, or perf is not told of it.  Nothing runs
     * there yet. */
    void *moved = mmap((void *)start, size, PROT_READ | PROT_WRITE | PROT_EXEC,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (moved == MAP_FAILED) {
        free(copy);
        return false;
    }
    memcpy(moved, copy, size);
    free(copy);
    return mprotect(moved, size, PROT_READ | PROT_EXEC) == 0;
}

static void
write_line(void *file, uintptr_t start, uint32_t size, const char *name,
           const char *what)
{
    fprintf(file, "%lx %x py::%s%s\n", (unsigned long)start, size, name, what);
}

static void
tell_perf(const Layout *l)
{
    char path[64];
    snprintf(path, sizeof path, "/tmp/perf-%ld.map", (long)getpid());
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC,
                  0644);
    FILE *f = fd >= 0 ? fdopen(fd, "a") : NULL;
    if (f == NULL) {
        if (fd >= 0) {
            close(fd);
        }
        return;
    }
    visit_functions(l, write_line, f);
    fclose(f);
}

void
outside_tell(const Unit *unit)
{
    Layout l;
    if (!read_layout(unit, &l)) {
        return;
    }
    tell_gdb(&l);
    const char *perf = getenv("PYAOT_PERF");
    if (perf != NULL && strcmp(perf, "map") == 0 && make_anonymous(&l)) {
        tell_perf(&l);
    }
}
