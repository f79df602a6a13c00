/* Text to IR; see ir_text.h for the form.
 *
 * Recursive descent over one NUL-ended copy of the text.  The text is not
 * trusted: every number is checked against what was declared before it is an
 * index.  Values keep their numbers, so the largest one is looked for first;
 * instructions without a result take numbers above it. */
#include "ir_text.h"

#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_VALUES = 1 << 20,
    MAX_BLOCKS = 1 << 16,
    MAX_SNAPS = 1 << 20,
    MAX_OPERANDS = 1 << 12,
};

typedef struct {
    const char *p;
    uint32_t line;
    IrFn *fn;
    Arena *arena;
    uint32_t block;  /* being filled */
    uint32_t offset; /* bytecode offset of the line before */
    bool in_block;
    bool ended; /* the block has its terminator */
    IrRef refs[MAX_OPERANDS];
    IrSnapVal vals[MAX_OPERANDS];
    char *err;
    PyaotStatus status;
    jmp_buf failed;
} Parser;

static _Noreturn void
fail(Parser *ps, const char *what)
{
    char seen[24] = "";
    size_t n = strcspn(ps->p, "\n");
    snprintf(seen, sizeof(seen), "%.*s", (int)(n > 20 ? 20 : n), ps->p);
    ps->status = pyaot_error(ps->err, PYAOT_E_FORMAT, "line %u: %s at '%s'",
                             ps->line, what, seen);
    longjmp(ps->failed, 1);
}

static void
check_memory(Parser *ps)
{
    PyaotStatus status = arena_status(ps->arena);
    if (status != PYAOT_OK) {
        ps->status = pyaot_error(ps->err, status, "line %u: %s", ps->line,
                                 pyaot_status_text(status));
        longjmp(ps->failed, 1);
    }
}

/* --- tokens -------------------------------------------------------------- */

static void
skip_blanks(Parser *ps)
{
    while (*ps->p == ' ' || *ps->p == '\t') {
        ps->p++;
    }
    if (*ps->p == ';') {
        ps->p += strcspn(ps->p, "\n");
    }
}

static bool
at_line_end(Parser *ps)
{
    skip_blanks(ps);
    return *ps->p == '\n' || *ps->p == '\0';
}

static void
end_line(Parser *ps)
{
    if (!at_line_end(ps)) {
        fail(ps, "unexpected text");
    }
    if (*ps->p == '\n') {
        ps->p++;
        ps->line++;
    }
}

/* To the next line with something on it. */
static bool
next_line(Parser *ps)
{
    while (at_line_end(ps)) {
        if (*ps->p == '\0') {
            return false;
        }
        end_line(ps);
    }
    return true;
}

static bool
accept(Parser *ps, const char *token)
{
    skip_blanks(ps);
    size_t n = strlen(token);
    if (strncmp(ps->p, token, n) != 0) {
        return false;
    }
    /* A word must end here. */
    if (isalnum((unsigned char)token[n - 1])
        && (isalnum((unsigned char)ps->p[n]) || ps->p[n] == '.')) {
        return false;
    }
    ps->p += n;
    return true;
}

static void
expect(Parser *ps, const char *token)
{
    if (!accept(ps, token)) {
        char what[40];
        snprintf(what, sizeof(what), "expected '%s'", token);
        fail(ps, what);
    }
}

static uint32_t
number(Parser *ps, uint32_t limit)
{
    skip_blanks(ps);
    if (!isdigit((unsigned char)*ps->p)) {
        fail(ps, "expected a number");
    }
    uint64_t value = 0;
    const char *start = ps->p;
    while (isdigit((unsigned char)*ps->p)) {
        value = value * 10 + (uint64_t)(*ps->p - '0');
        if (value > limit) {
            ps->p = start;
            fail(ps, "number too large");
        }
        ps->p++;
    }
    return (uint32_t)value;
}

/* A letter and digits: v12, b3, s4. */
static bool
is_numbered(Parser *ps, char letter)
{
    skip_blanks(ps);
    return ps->p[0] == letter && isdigit((unsigned char)ps->p[1]);
}

static uint32_t
numbered(Parser *ps, char letter, uint32_t limit)
{
    if (!is_numbered(ps, letter)) {
        char what[] = "expected v and a number";
        what[9] = letter;
        fail(ps, what);
    }
    ps->p++;
    return number(ps, limit);
}

static IrRef
value(Parser *ps)
{
    return numbered(ps, 'v', ps->fn->n_ins - 1);
}

/* Characters up to one that is in `stop`, white space or the end. */
static void
word(Parser *ps, char *out, size_t size, const char *stop)
{
    skip_blanks(ps);
    size_t n = 0;
    while (*ps->p > ' ' && strchr(stop, *ps->p) == NULL) {
        if (n + 1 == size) {
            fail(ps, "word too long");
        }
        out[n++] = *ps->p++;
    }
    out[n] = '\0';
    if (n == 0) {
        fail(ps, "expected a word");
    }
}

static int64_t
integer(Parser *ps)
{
    char text[32], *end;
    word(ps, text, sizeof(text), ",;]");
    errno = 0;
    long long result = strtoll(text, &end, 10);
    if (*end != '\0' || errno != 0) {
        fail(ps, "bad integer");
    }
    return result;
}

static double
real(Parser *ps)
{
    char text[48], *end;
    word(ps, text, sizeof(text), ",;]");
    if (strncmp(text, "bits:", 5) == 0) {
        uint64_t bits = strtoull(text + 5, &end, 16);
        double result;
        memcpy(&result, &bits, sizeof(result));
        if (*end == '\0' && end != text + 5) {
            return result;
        }
    }
    else {
        double result = strtod(text, &end);
        if (*end == '\0') {
            return result;
        }
    }
    fail(ps, "bad number");
}

static char *
quoted(Parser *ps)
{
    expect(ps, "\"");
    char *text = arena_alloc(ps->arena, strcspn(ps->p, "\n") + 1);
    check_memory(ps);
    size_t n = 0;
    while (*ps->p != '"') {
        char c = *ps->p++;
        if (c == '\n' || c == '\0') {
            ps->p--;
            fail(ps, "string without end");
        }
        if (c == '\\' && ps->p[0] == 'x') {
            char hex[3] = {ps->p[1], ps->p[1] ? ps->p[2] : '\0', '\0'};
            char *end;
            c = (char)strtoul(hex, &end, 16);
            if (end != hex + 2 || c == '\0') {
                fail(ps, "bad escape");
            }
            ps->p += 3;
        }
        else if (c == '\\') {
            c = *ps->p;
            if (c != '"' && c != '\\') {
                fail(ps, "bad escape");
            }
            ps->p++;
        }
        text[n++] = c;
    }
    ps->p++;
    text[n] = '\0';
    return text;
}

/* --- instructions -------------------------------------------------------- */

static int64_t
lookup(Parser *ps, const char *const *names, int64_t n, const char *name)
{
    for (int64_t i = 0; i < n; i++) {
        if (strcmp(names[i], name) == 0) {
            return i;
        }
    }
    fail(ps, "unknown name");
}

/* ":i" or ":list" behind a value's name. */
static bool
type_suffix(Parser *ps, IrType *type, uint8_t *cls)
{
    char text[24];
    *cls = IR_CLASS_ANY;
    if (!accept(ps, ":")) {
        return false;
    }
    word(ps, text, sizeof(text), " ,)=;");
    for (int t = IR_I64; t <= IR_OBJ; t++) {
        if (text[0] == ir_type_letter[t] && text[1] == '\0') {
            *type = (IrType)t;
            return true;
        }
    }
    *type = IR_OBJ;
    *cls = (uint8_t)lookup(ps, ir_class_text, IR_CLASS_COUNT, text);
    return true;
}

static IrRef
new_value(Parser *ps)
{
    IrRef ref = value(ps);
    if (ref == 0) {
        fail(ps, "v0 is no value");
    }
    if (ps->fn->ins[ref].op != IR_NOP) {
        fail(ps, "value defined twice");
    }
    return ref;
}

static IrOp
operation(Parser *ps)
{
    char text[32];
    word(ps, text, sizeof(text), "<,;");
    for (int op = 1; op < IR_OP_COUNT; op++) {
        if (strcmp(ir_ops[op].text, text) == 0) {
            return (IrOp)op;
        }
    }
    ps->p -= strlen(text);
    fail(ps, "no such operation");
}

static void
immediate(Parser *ps, IrIns *ins)
{
    static const struct {
        const char *const *names;
        int64_t n;
    } tables[] = {
        [IMM_COND] = {ir_cond_text, 6},
        [IMM_CLASS] = {ir_class_text, IR_CLASS_COUNT},
        [IMM_PYOP] = {ir_pyop_text, IR_PYOP_COUNT},
    };
    IrImmKind kind = ir_imm_kind((IrOp)ins->op);
    if (*ps->p == '<') {
        char text[24];
        ps->p++;
        if (kind == IMM_NUMBER) {
            fail(ps, "this operation has no <name>");
        }
        word(ps, text, sizeof(text), ">;");
        ins->imm = lookup(ps, tables[kind].names, tables[kind].n, text);
        expect(ps, ">");
    }
    else if (accept(ps, "#")) {
        ins->imm = integer(ps);
        if (kind != IMM_NUMBER
            && (ins->imm < 0 || ins->imm >= tables[kind].n)) {
            fail(ps, "immediate out of range");
        }
    }
}

static IrRef *
copy_refs(Parser *ps, uint32_t n)
{
    IrRef *refs = arena_memdup(ps->arena, ps->refs, n * sizeof(*refs));
    check_memory(ps);
    return refs;
}

/* Values with `sep` between them up to `close` (which is read). */
static uint32_t
value_list(Parser *ps, const char *sep, const char *close)
{
    uint32_t n = 0;
    while (!accept(ps, close)) {
        if (n > 0 && *sep != ' ') {
            expect(ps, sep);
        }
        if (n == MAX_OPERANDS) {
            fail(ps, "too many values");
        }
        ps->refs[n++] = value(ps);
    }
    return n;
}

static void
edge(Parser *ps)
{
    IrBlock *block = &ps->fn->blocks[ps->block];
    if (block->n_succ == 2) {
        fail(ps, "too many successors");
    }
    IrEdge *e = &block->succ[block->n_succ++];
    e->to = numbered(ps, 'b', MAX_BLOCKS);
    if (*ps->p == '(') {
        ps->p++;
        e->n_args = value_list(ps, ",", ")");
        e->args = copy_refs(ps, e->n_args);
    }
}

static void
operands(Parser *ps, IrRef ref)
{
    uint32_t n = 0;
    bool is_term = ir_ops[ps->fn->ins[ref].op].flags & IRF_TERM;
    bool has_edge = false;
    IrRef list[3];
    IrRef *args = NULL;
    for (;;) {
        if (!has_edge && is_numbered(ps, 'v')) {
            if (n == MAX_OPERANDS) {
                fail(ps, "too many operands");
            }
            ps->refs[n++] = value(ps);
        }
        else if (is_term && is_numbered(ps, 'b')) {
            if (!has_edge && n > 3) {
                fail(ps, "too many operands");
            }
            if (!has_edge) {
                memcpy(list, ps->refs, n * sizeof(*list));
            }
            has_edge = true;
            edge(ps);
        }
        else if (n > 0 || has_edge) {
            fail(ps, "expected an operand");
        }
        else {
            return;
        }
        if (!accept(ps, ",")) {
            break;
        }
    }
    if (has_edge) {
        memcpy(ps->refs, list, n * sizeof(*list));
    }
    args = copy_refs(ps, n);
    ps->fn->ins[ref].args = args;
    ps->fn->ins[ref].n_args = n;
}

/* What may follow the operands, in any order. */
static void
attributes(Parser *ps, IrIns *ins)
{
    skip_blanks(ps);
    if (*ps->p == '"') {
        ins->text = quoted(ps);
    }
    while (!at_line_end(ps)) {
        if (accept(ps, "aux=")) {
            ins->aux = number(ps, UINT32_MAX);
        }
        else if (accept(ps, "fimm=")) {
            ins->fimm = real(ps);
        }
        else if (accept(ps, "?")) {
            ins->snap = numbered(ps, 's', MAX_SNAPS);
        }
        else if (accept(ps, "!")) {
            ins->raise = numbered(ps, 's', MAX_SNAPS);
        }
        else if (accept(ps, "steal")) {
            ins->steal = 1;
        }
        else if (accept(ps, "given=")) {
            ins->given = number(ps, UINT32_MAX);
        }
        else if (accept(ps, "release")) {
            expect(ps, "[");
            ins->n_release = value_list(ps, " ", "]");
            ins->release = copy_refs(ps, ins->n_release);
        }
        else if (accept(ps, "@")) {
            ps->offset = number(ps, UINT32_MAX);
        }
        else {
            fail(ps, "unexpected text");
        }
    }
    ins->offset = ps->offset;
}

static void
instruction(Parser *ps)
{
    IrFn *fn = ps->fn;
    IrRef ref = 0;
    bool owned = false, has_type = false;
    IrType type = IR_VOID;
    uint8_t cls = IR_CLASS_ANY;
    if (!ps->in_block) {
        fail(ps, "instruction outside a block");
    }
    if (ps->ended) {
        fail(ps, "instruction behind the terminator");
    }
    if (is_numbered(ps, 'v')) {
        ref = new_value(ps);
        owned = accept(ps, "+");
        has_type = type_suffix(ps, &type, &cls);
        expect(ps, "=");
    }
    IrOp op = operation(ps);
    if (op >= IR_BLOCK_I && op <= IR_BLOCK_O) {
        fail(ps, "a block parameter is no instruction");
    }
    if ((ir_ops[op].result != IR_VOID) != (ref != 0)) {
        fail(ps, ref != 0 ? "operation without a result"
                          : "operation with a result");
    }
    if (ref == 0) {
        ref = ir_add(fn, ps->block, op, NULL, 0);
        check_memory(ps);
    }
    else {
        /* A place of its own first, then the numbered one instead. */
        IrRef spare = ir_add(fn, ps->block, op, NULL, 0);
        check_memory(ps);
        fn->ins[ref] = fn->ins[spare];
        fn->n_ins--;
        IrBlock *block = &fn->blocks[ps->block];
        block->ins[block->n_ins - 1] = ref;
    }
    fn->ins[ref].owned = owned;
    fn->ins[ref].cls = cls;
    if (has_type) {
        fn->ins[ref].type = (uint8_t)type;
    }
    immediate(ps, &fn->ins[ref]);
    if (op == IR_CONST_F64) {
        fn->ins[ref].fimm = real(ps);
    }
    operands(ps, ref);
    attributes(ps, &fn->ins[ref]);
    ps->ended = ir_ops[op].flags & IRF_TERM;
}

/* --- blocks, snapshots, function ----------------------------------------- */

static void
block_param(Parser *ps)
{
    static const IrOp ops[] = {[IR_I64] = IR_BLOCK_I,
                               [IR_F64] = IR_BLOCK_F,
                               [IR_BOOL] = IR_BLOCK_B,
                               [IR_OBJ] = IR_BLOCK_O};
    IrFn *fn = ps->fn;
    IrType type;
    uint8_t cls;
    IrRef ref = new_value(ps);
    bool owned = accept(ps, "+");
    if (!type_suffix(ps, &type, &cls)) {
        fail(ps, "a block parameter needs a type");
    }
    IrRef spare = ir_param_add(fn, ps->block, type);
    check_memory(ps);
    fn->ins[ref] = fn->ins[spare];
    fn->ins[ref].op = (uint16_t)ops[type];
    fn->ins[ref].cls = cls;
    fn->ins[ref].owned = owned;
    fn->n_ins--;
    IrBlock *block = &fn->blocks[ps->block];
    block->params[block->n_params - 1] = ref;
}

static void
block_head(Parser *ps)
{
    uint32_t b = numbered(ps, 'b', MAX_BLOCKS);
    if (b != ps->fn->n_blocks) {
        fail(ps, "blocks must be numbered from 0 without gaps");
    }
    ps->block = ir_block_new(ps->fn, 0);
    check_memory(ps);
    ps->in_block = true;
    ps->ended = false;
    if (accept(ps, "(") && !accept(ps, ")")) {
        do {
            block_param(ps);
        } while (accept(ps, ","));
        expect(ps, ")");
    }
    expect(ps, ":");
    ps->offset = 0;
    if (accept(ps, "@")) {
        ps->offset = number(ps, UINT32_MAX);
    }
    ps->fn->blocks[b].offset = ps->offset;
    ps->fn->blocks[b].is_header = accept(ps, "header");
    if (accept(ps, "entry")) {
        ps->fn->blocks[b].entry = numbered(ps, 's', MAX_SNAPS);
    }
}

static IrSnapVal
snap_value(Parser *ps)
{
    static const struct {
        const char *text;
        IrSnapKind kind;
    } kinds[] = {
        {"null", SNAP_NULL},     {"mem", SNAP_MEM},
        {"dyn", SNAP_DYN},       {"range", SNAP_RANGE},
        {"listit", SNAP_LISTIT}, {"tupit", SNAP_TUPIT},
        {"strit", SNAP_STRIT},   {"enum", SNAP_ENUM},
        {"zip", SNAP_ZIP},       {"complex", SNAP_COMPLEX},
        {"tuple", SNAP_TUPLE},   {"rangeobj", SNAP_RANGEOBJ},
        {"slice", SNAP_SLICE},
    };
    IrSnapVal val = {.kind = SNAP_REF};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (accept(ps, kinds[i].text)) {
            val.kind = (uint8_t)kinds[i].kind;
            break;
        }
    }
    if (val.kind == SNAP_MEM && !is_numbered(ps, 'v')) {
        return val;
    }
    if (ir_snap_has_parts(&val)) {
        val.n = (uint8_t)number(ps, UINT8_MAX);
        expect(ps, "of");
        val.first = (uint16_t)number(ps, UINT16_MAX);
    }
    IrRef *refs[3] = {&val.a, &val.b, &val.c};
    uint32_t n = ir_snap_refs(&val);
    for (uint32_t i = 0; i < n; i++) {
        *refs[i] = value(ps);
    }
    return val;
}

static uint32_t
snap_values(Parser *ps, uint32_t n)
{
    expect(ps, "[");
    if (accept(ps, "]")) {
        return n;
    }
    do {
        if (n == MAX_OPERANDS) {
            fail(ps, "too many values");
        }
        ps->vals[n++] = snap_value(ps);
    } while (accept(ps, ","));
    expect(ps, "]");
    return n;
}

static uint8_t
exit_kind(Parser *ps)
{
    for (uint8_t i = 0; i < 5; i++) {
        if (accept(ps, ir_exit_kind_text[i])) {
            return i;
        }
    }
    return (uint8_t)number(ps, UINT8_MAX);
}

static void
snapshot(Parser *ps)
{
    uint32_t id = numbered(ps, 's', MAX_SNAPS);
    if (id != ps->fn->n_snaps) {
        fail(ps, "snapshots must be numbered from 1 without gaps");
    }
    expect(ps, "@");
    uint32_t offset = number(ps, UINT32_MAX);
    uint8_t kind = exit_kind(ps);
    expect(ps, "/");
    uint8_t reason = (uint8_t)number(ps, UINT8_MAX);
    uint32_t resume = accept(ps, "resume=") ? number(ps, UINT32_MAX) : 0;
    uint32_t n_locals = snap_values(ps, 0);
    uint32_t n_slots = snap_values(ps, n_locals);
    uint32_t n = at_line_end(ps) ? n_slots : snap_values(ps, n_slots);
    ir_snap_new(ps->fn, offset, n_locals, n_slots - n_locals, n - n_slots);
    check_memory(ps);
    IrSnap *snap = &ps->fn->snaps[id];
    snap->kind = kind;
    snap->reason = reason;
    snap->resume = resume;
    memcpy(snap->vals, ps->vals, n * sizeof(*ps->vals));
}

static void
function_head(Parser *ps)
{
    IrFn *fn = ps->fn;
    fn->name = quoted(ps);
    while (!at_line_end(ps)) {
        if (accept(ps, "kind=")) {
            fn->entry_kind = (uint8_t)number(ps, UINT8_MAX);
        }
        else if (accept(ps, "framed=")) {
            fn->framed = number(ps, 1) != 0;
        }
        else if (accept(ps, "locals=")) {
            fn->n_locals = number(ps, UINT16_MAX);
        }
        else if (accept(ps, "at=")) {
            fn->entry_offset = number(ps, UINT32_MAX);
        }
        else if (accept(ps, "depth=")) {
            fn->entry_depth = number(ps, UINT32_MAX);
        }
        else if (accept(ps, "sig=")) {
            const char *sig = quoted(ps);
            if (strlen(sig) >= sizeof(fn->sig)) {
                fail(ps, "signature too long");
            }
            strcpy(fn->sig, sig);
        }
        else {
            fail(ps, "unknown property");
        }
    }
}

/* Make the values that the text names, empty. */
static void
declare_values(Parser *ps)
{
    uint32_t max = 0;
    const char *start = ps->p;
    for (const char *p = start; *p != '\0'; p++) {
        if (*p != 'v' || (p > start && isalnum((unsigned char)p[-1]))) {
            continue;
        }
        uint64_t n = 0;
        for (p++; isdigit((unsigned char)*p); p++) {
            n = n * 10 + (uint64_t)(*p - '0');
            if (n > MAX_VALUES) {
                fail(ps, "a value's number is too large");
            }
        }
        p--;
        max = n > max ? (uint32_t)n : max;
    }
    while (ps->fn->n_ins <= max) {
        ir_add(ps->fn, UINT32_MAX, IR_NOP, NULL, 0);
        check_memory(ps);
    }
}

static void
check_indices(Parser *ps)
{
    const IrFn *fn = ps->fn;
    if (fn->n_blocks == 0) {
        fail(ps, "a function needs a block");
    }
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        if (fn->blocks[b].entry >= fn->n_snaps) {
            fail(ps, "a snapshot that is not there");
        }
        for (uint32_t s = 0; s < fn->blocks[b].n_succ; s++) {
            if (fn->blocks[b].succ[s].to >= fn->n_blocks) {
                fail(ps, "a jump to a block that is not there");
            }
        }
    }
    for (IrRef ref = 1; ref < fn->n_ins; ref++) {
        if (fn->ins[ref].snap >= fn->n_snaps
            || fn->ins[ref].raise >= fn->n_snaps) {
            fail(ps, "a snapshot that is not there");
        }
    }
}

static void
parse_function(Parser *ps)
{
    if (!next_line(ps)) {
        fail(ps, "expected 'fn'");
    }
    expect(ps, "fn");
    declare_values(ps);
    function_head(ps);
    while (next_line(ps)) {
        if (is_numbered(ps, 'b')) {
            block_head(ps);
        }
        else if (is_numbered(ps, 's')) {
            snapshot(ps);
        }
        else {
            instruction(ps);
        }
        end_line(ps);
    }
    check_indices(ps);
}

PyaotStatus
ir_parse(const char *text, size_t len, Arena *arena, IrFn **out, char *err)
{
    Parser *ps = ARENA_NEW(arena, Parser);
    char *copy = arena_strndup(arena, text, len);
    IrFn *fn = ir_fn_new(arena, "", 0);
    if (ps == NULL || copy == NULL || fn == NULL) {
        return pyaot_error(err, arena_status(arena), "%s",
                           pyaot_status_text(arena_status(arena)));
    }
    if (memchr(text, '\0', len) != NULL) {
        return pyaot_error(err, PYAOT_E_FORMAT, "the text has a NUL byte");
    }
    ps->p = copy;
    ps->line = 1;
    ps->fn = fn;
    ps->arena = arena;
    ps->err = err;
    if (setjmp(ps->failed) != 0) {
        return ps->status;
    }
    parse_function(ps);
    *out = fn;
    return PYAOT_OK;
}
