/* Places of values as assemblers write them: x86-64 as GNU tools do ("%rbx",
 * "-24(%rbp)", "8(%rax,%rcx,4)", "$7"), AArch64 ("x3", "d8", "[sp, 24]",
 * "[x1, x2, lsl 3]", "5" or "#5").  Another architecture is another function
 * here, beside the file in loader/ that saves its registers. */
#include "exit_table.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *at;
    int64_t offset;
    ExitSymbolFn symbol;
    void *arg;
    StrBuf *out;
} Parse;

static bool
accept(Parse *p, const char *text)
{
    size_t n = strlen(text);
    bool there = strncmp(p->at, text, n) == 0;
    p->at += there ? n : 0;
    return there;
}

static bool
ends(const Parse *p)
{
    return *p->at == '\0';
}

/* A whole number, decimal or hexadecimal, as 64 bits. */
static bool
integer(Parse *p, int64_t *out)
{
    char *end;
    bool minus = accept(p, "-");
    if (*p->at < '0' || *p->at > '9') {
        return false;
    }
    errno = 0;
    uint64_t value = strtoull(p->at, &end, 0);
    *out = (int64_t)(minus ? 0 - value : value);
    bool ok = errno == 0 && *end != '.' && *end != 'e';
    p->at = ok ? end : p->at;
    return ok;
}

static void
put(Parse *p, ExitPlaceKind kind, uint32_t number)
{
    strbuf_u8(p->out, (uint8_t)(kind | number << EXIT_PLACE_SHIFT));
}

/* A constant: whole, or a float that compilers write in decimal. */
static bool
constant(Parse *p)
{
    const char *start = p->at;
    int64_t value;
    if (p->offset != 0) {
        return false;
    }
    if (integer(p, &value) && ends(p)) {
        put(p, EXIT_PLACE_NUMBER, 0);
        pyaot_exit_put_signed(p->out, value);
        return true;
    }
    char *end;
    double d = strtod(start, &end);
    /* a NaN's bits are not written */
    if (end == start || *end != '\0' || d != d) {
        return false;
    }
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    put(p, EXIT_PLACE_BITS, 0);
    strbuf_u64(p->out, bits);
    return true;
}

static bool
memory(Parse *p, uint32_t base, int64_t displacement)
{
    put(p, EXIT_PLACE_MEMORY, base);
    pyaot_exit_put_signed(p->out, displacement + p->offset);
    return ends(p);
}

static bool
indexed(Parse *p, uint32_t base, uint32_t index, uint32_t shift,
        int64_t displacement)
{
    put(p, EXIT_PLACE_INDEXED, base);
    pyaot_exit_put(p->out, index << 3 | shift);
    pyaot_exit_put_signed(p->out, displacement + p->offset);
    return ends(p);
}

/* --- x86-64 -------------------------------------------------------------- */

/* As machine code numbers them, of 64, 32, 16 and 8 bits. */
static const char *const x86_names[16][4] = {
    {"rax", "eax", "ax", "al"},      {"rcx", "ecx", "cx", "cl"},
    {"rdx", "edx", "dx", "dl"},      {"rbx", "ebx", "bx", "bl"},
    {"rsp", "esp", "sp", "spl"},     {"rbp", "ebp", "bp", "bpl"},
    {"rsi", "esi", "si", "sil"},     {"rdi", "edi", "di", "dil"},
    {"r8", "r8d", "r8w", "r8b"},     {"r9", "r9d", "r9w", "r9b"},
    {"r10", "r10d", "r10w", "r10b"}, {"r11", "r11d", "r11w", "r11b"},
    {"r12", "r12d", "r12w", "r12b"}, {"r13", "r13d", "r13w", "r13b"},
    {"r14", "r14d", "r14w", "r14b"}, {"r15", "r15d", "r15w", "r15b"},
};

static bool
x86_general(Parse *p, uint32_t *number)
{
    if (!accept(p, "%")) {
        return false;
    }
    size_t n = strspn(p->at, "abcdefghijklmnopqrstuvwxyz0123456789");
    for (uint32_t i = 0; i < 16; i++) {
        for (uint32_t k = 0; k < 4; k++) {
            if (strlen(x86_names[i][k]) == n
                && memcmp(x86_names[i][k], p->at, n) == 0) {
                p->at += n;
                *number = i;
                return true;
            }
        }
    }
    return false;
}

/* "displacement(base,index,scale)" */
static bool
x86_memory(Parse *p)
{
    int64_t displacement = 0, scale = 1;
    uint32_t base, index;
    if (*p->at != '(' && !integer(p, &displacement)) {
        return false;
    }
    if (accept(p, "+")) { /* "8+8(%rsp)" */
        int64_t more;
        if (!integer(p, &more)) {
            return false;
        }
        displacement += more;
    }
    if (!accept(p, "(") || !x86_general(p, &base)) {
        return false;
    }
    if (accept(p, ")")) {
        return memory(p, base, displacement);
    }
    if (!accept(p, ",") || !x86_general(p, &index)
        || (accept(p, ",") && !integer(p, &scale)) || !accept(p, ")")) {
        return false;
    }
    uint32_t shift = scale == 1 ? 0 : scale == 2 ? 1 : scale == 4 ? 2 : 3;
    return scale == 1 << shift && indexed(p, base, index, shift, displacement);
}

/* "name@GOTPCREL(%rip)": memory that holds a symbol's address. */
static bool
x86_symbol(Parse *p)
{
    const char *end = strstr(p->at, "@GOTPCREL(%rip)");
    if (end == NULL || strcmp(end, "@GOTPCREL(%rip)") != 0 || p->offset != 0) {
        return false;
    }
    uint32_t number = p->symbol(p->arg, p->at, (size_t)(end - p->at));
    put(p, EXIT_PLACE_SYMBOL, 0);
    pyaot_exit_put(p->out, number);
    return number != UINT32_MAX;
}

static bool
x86_place(Parse *p)
{
    uint32_t number;
    int64_t vector;
    if (accept(p, "$")) {
        return constant(p);
    }
    if (accept(p, "%xmm")) {
        if (!integer(p, &vector) || !ends(p) || vector < 0 || vector > 15
            || p->offset != 0) {
            return false;
        }
        put(p, EXIT_PLACE_VECTOR, (uint32_t)vector);
        return true;
    }
    if (*p->at == '%') {
        if (!x86_general(p, &number) || !ends(p) || p->offset != 0) {
            return false;
        }
        put(p, EXIT_PLACE_GENERAL, number);
        return true;
    }
    return x86_symbol(p) || x86_memory(p);
}

/* --- AArch64 ------------------------------------------------------------- */

/* x0 to x30 (also as w), sp as 31. */
static bool
arm_general(Parse *p, uint32_t *number)
{
    int64_t value;
    if (accept(p, "sp")) {
        *number = 31;
        return true;
    }
    if (!accept(p, "x") && !accept(p, "w")) {
        return false;
    }
    if (!integer(p, &value) || value < 0 || value > 30) {
        return false;
    }
    *number = (uint32_t)value;
    return true;
}

/* "[base]", "[base, 8]", "[base, index]", "[base, index, lsl 3]" */
static bool
arm_memory(Parse *p)
{
    uint32_t base, index;
    int64_t displacement = 0, shift = 0;
    if (!arm_general(p, &base)) {
        return false;
    }
    if (accept(p, "]")) {
        return memory(p, base, 0);
    }
    if (!accept(p, ", ")) {
        return false;
    }
    if (arm_general(p, &index)) {
        if (accept(p, ", lsl ")) {
            accept(p, "#");
            if (!integer(p, &shift) || shift < 0 || shift > 4) {
                return false;
            }
        }
        return accept(p, "]") && indexed(p, base, index, (uint32_t)shift, 0);
    }
    accept(p, "#");
    return integer(p, &displacement) && accept(p, "]")
           && memory(p, base, displacement);
}

static bool
arm_place(Parse *p)
{
    uint32_t number;
    if (accept(p, "[")) {
        return arm_memory(p);
    }
    if (strcmp(p->at, "xzr") == 0 || strcmp(p->at, "wzr") == 0) {
        p->at = "0";
    }
    if (strchr("xws", *p->at) != NULL && *p->at != '\0') {
        if (!arm_general(p, &number) || !ends(p) || p->offset != 0) {
            return false;
        }
        put(p, EXIT_PLACE_GENERAL, number);
        return true;
    }
    if (accept(p, "d") || accept(p, "v") || accept(p, "q")) {
        int64_t vector;
        if (!integer(p, &vector) || !ends(p) || vector < 0 || vector > 31
            || p->offset != 0) {
            return false;
        }
        put(p, EXIT_PLACE_VECTOR, (uint32_t)vector);
        return true;
    }
    accept(p, "#");
    return constant(p);
}

bool
exit_place_parse(uint32_t machine, const char *text, int64_t offset,
                 ExitSymbolFn symbol, void *arg, StrBuf *out)
{
    Parse p = {text, offset, symbol, arg, out};
    switch (machine) {
    case EM_X86_64:
        return x86_place(&p);
    case EM_AARCH64:
        return arm_place(&p);
    default:
        return false;
    }
}
