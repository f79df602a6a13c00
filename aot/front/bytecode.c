/* Decoding: EXTENDED_ARG folded, jump targets resolved, leaders marked, and a
 * backward liveness analysis of the locals.  Exception handlers are not part
 * of it: whatever compiled code cannot do leaves to the interpreter, and an
 * exit writes all locals, so a handler always finds its variables. */
#include "bytecode.h"

#include <string.h>

enum { LIVE = 1, BOUND = 2 }; /* BcCode.live */

static const uint8_t cache_units[256] = {
#define BYTECODE(name, number, caches) [number] = caches,
#include "bytecode_313.def"
#undef BYTECODE
};

static const char *const names[256] = {
#define BYTECODE(name, number, caches) [number] = #name,
#include "bytecode_313.def"
#undef BYTECODE
};

const char *
bytecode_name(uint8_t op)
{
    return names[op] != NULL ? names[op] : "?";
}

static bool
has_target(uint8_t op)
{
    switch (op) {
    case BC_JUMP_FORWARD: case BC_JUMP_BACKWARD:
    case BC_JUMP_BACKWARD_NO_INTERRUPT: case BC_FOR_ITER:
    case BC_POP_JUMP_IF_FALSE: case BC_POP_JUMP_IF_TRUE:
    case BC_POP_JUMP_IF_NONE: case BC_POP_JUMP_IF_NOT_NONE: case BC_SEND:
        return true;
    default:
        return false;
    }
}

bool
bytecode_ends_block(uint8_t op)
{
    switch (op) {
    case BC_JUMP_FORWARD: case BC_JUMP_BACKWARD:
    case BC_JUMP_BACKWARD_NO_INTERRUPT: case BC_RETURN_VALUE:
    case BC_RETURN_CONST: case BC_RAISE_VARARGS: case BC_RERAISE:
        return true;
    default:
        return false;
    }
}

/* Does the argument name a local, a name or a constant that there is? */
static bool
argument_fits(const PyaotImage *im, const BcIns *ins)
{
    switch (ins->op) {
    case BC_LOAD_FAST: case BC_LOAD_FAST_CHECK: case BC_LOAD_FAST_AND_CLEAR:
    case BC_STORE_FAST: case BC_DELETE_FAST: case BC_MAKE_CELL:
    case BC_LOAD_DEREF: case BC_STORE_DEREF: case BC_DELETE_DEREF:
    case BC_LOAD_FROM_DICT_OR_DEREF:
        return ins->arg < im->nlocalsplus;
    case BC_LOAD_FAST_LOAD_FAST: case BC_STORE_FAST_STORE_FAST:
    case BC_STORE_FAST_LOAD_FAST:
        return ins->arg >> 4 < im->nlocalsplus && (ins->arg & 15) < im->nlocalsplus;
    case BC_LOAD_NAME: case BC_STORE_NAME: case BC_DELETE_NAME:
    case BC_STORE_GLOBAL: case BC_DELETE_GLOBAL: case BC_STORE_ATTR:
    case BC_DELETE_ATTR: case BC_IMPORT_NAME: case BC_IMPORT_FROM:
    case BC_LOAD_FROM_DICT_OR_GLOBALS:
        return ins->arg < im->n_names;
    case BC_LOAD_GLOBAL: case BC_LOAD_ATTR:
        return ins->arg >> 1 < im->n_names;
    case BC_LOAD_SUPER_ATTR:
        return ins->arg >> 2 < im->n_names;
    case BC_LOAD_CONST: case BC_RETURN_CONST:
        return ins->arg < im->n_consts;
    default:
        return true;
    }
}

static bool
decode_instructions(BcCode *code)
{
    const PyaotImage *im = code->image;
    uint32_t u = 0;
    while (u < im->n_units) {
        BcIns *ins = &code->ins[code->n];
        ins->off = u;
        uint32_t arg = 0;
        while (im->code[2 * u] == BC_EXTENDED_ARG) {
            arg = (arg | im->code[2 * u + 1]) << 8;
            if (++u >= im->n_units) {
                return false;
            }
        }
        ins->op = im->code[2 * u];
        ins->arg = arg | im->code[2 * u + 1];
        ins->next = u + 1 + cache_units[ins->op];
        if (names[ins->op] == NULL || ins->next > im->n_units || !argument_fits(im, ins)) {
            return false;
        }
        code->at[ins->off] = (int32_t)code->n++;
        u = ins->next;
    }
    return true;
}

static bool
resolve_targets(BcCode *code)
{
    for (uint32_t i = 0; i < code->n; i++) {
        BcIns *ins = &code->ins[i];
        if (!has_target(ins->op)) {
            continue;
        }
        bool back = ins->op == BC_JUMP_BACKWARD ||
                    ins->op == BC_JUMP_BACKWARD_NO_INTERRUPT;
        if (back && ins->arg > ins->next) {
            return false;
        }
        ins->target = back ? ins->next - ins->arg : ins->next + ins->arg;
        if (ins->op == BC_FOR_ITER) {
            ins->target += 2; /* over END_FOR and POP_TOP */
        }
        if (ins->target >= code->image->n_units || code->at[ins->target] < 0) {
            return false;
        }
    }
    return true;
}

static void
mark_leaders(BcCode *code)
{
    uint8_t *entries = NULL; /* ways into each instruction, saturating */
    entries = (uint8_t *)code->in_try; /* scratch until in_try is computed */
    memset(entries, 0, code->n);
    for (uint32_t i = 0; i < code->n; i++) {
        BcIns *ins = &code->ins[i];
        if (has_target(ins->op)) {
            uint32_t t = (uint32_t)code->at[ins->target];
            code->ins[t].is_leader = true;
            entries[t] = entries[t] < 2 ? (uint8_t)(entries[t] + 1) : 2;
            if (ins->target <= ins->off) {
                code->ins[t].is_header = true;
            }
        }
        if (i + 1 < code->n && !bytecode_ends_block(ins->op)) {
            if (has_target(ins->op)) {
                code->ins[i + 1].is_leader = true;
            }
            entries[i + 1] = entries[i + 1] < 2 ? (uint8_t)(entries[i + 1] + 1) : 2;
        }
    }
    for (uint32_t i = 0; i < code->n; i++) {
        code->ins[i].is_merge = entries[i] > 1;
        entries[i] = 0;
    }
}

/* Apply one instruction backwards to a row of liveness.
 *
 * A plain LOAD_FAST is where the compiler knew that the local is bound, so it
 * is bound wherever such a load is reached without a write between. */
static void
live_transfer(const BcIns *ins, uint8_t *row)
{
    uint32_t hi = ins->arg >> 4, lo = ins->arg & 15;
    switch (ins->op) {
    case BC_LOAD_FAST:
        row[ins->arg] = LIVE | BOUND;
        break;
    case BC_LOAD_FAST_CHECK: case BC_LOAD_FAST_AND_CLEAR:
    case BC_LOAD_DEREF: case BC_STORE_DEREF: case BC_DELETE_DEREF:
    case BC_LOAD_FROM_DICT_OR_DEREF: case BC_MAKE_CELL: case BC_DELETE_FAST:
        row[ins->arg] = LIVE;
        break;
    case BC_STORE_FAST:
        row[ins->arg] = 0;
        break;
    case BC_LOAD_FAST_LOAD_FAST:
        row[hi] = row[lo] = LIVE | BOUND;
        break;
    case BC_STORE_FAST_STORE_FAST:
        row[hi] = row[lo] = 0;
        break;
    case BC_STORE_FAST_LOAD_FAST:
        row[lo] = LIVE | BOUND;
        row[hi] = 0;
        break;
    default:
        break;
    }
}

static void
compute_liveness(BcCode *code)
{
    uint32_t nl = code->image->nlocalsplus;
    uint8_t row[65536 / 64]; /* locals beyond this are taken as live */
    if (nl > sizeof row) {
        memset(code->live, LIVE, (size_t)code->n * nl);
        return;
    }
    bool changed = true;
    while (changed) {
        changed = false;
        for (uint32_t i = code->n; i-- > 0;) {
            const BcIns *ins = &code->ins[i];
            memset(row, 0, nl);
            if (i + 1 < code->n && !bytecode_ends_block(ins->op)) {
                memcpy(row, code->live + (size_t)(i + 1) * nl, nl);
            }
            if (has_target(ins->op)) {
                const uint8_t *t =
                    code->live + (size_t)code->at[ins->target] * nl;
                for (uint32_t k = 0; k < nl; k++) {
                    row[k] |= t[k];
                }
            }
            live_transfer(ins, row);
            uint8_t *now = code->live + (size_t)i * nl;
            if (memcmp(now, row, nl) != 0) {
                memcpy(now, row, nl);
                changed = true;
            }
        }
    }
}

/* The exception table: varints of 6 bits, bit 6 = more, bit 7 = entry start. */
static uint32_t
read_varint(const uint8_t **p, const uint8_t *end)
{
    uint32_t v = 0;
    while (*p < end) {
        uint8_t b = *(*p)++;
        v = (v << 6) | (b & 63);
        if (!(b & 64)) {
            break;
        }
    }
    return v;
}

static void
mark_try(BcCode *code)
{
    const uint8_t *p = code->image->exctable;
    const uint8_t *end = p + code->image->exctable_len;
    while (p < end) {
        uint32_t start = read_varint(&p, end), size = read_varint(&p, end);
        read_varint(&p, end); /* handler */
        read_varint(&p, end); /* depth, lasti */
        for (uint32_t i = 0; i < code->n; i++) {
            if (code->ins[i].off >= start && code->ins[i].off < start + size) {
                code->in_try[i] = 1;
            }
        }
    }
}

BcCode *
bytecode_decode(const PyaotImage *image, Arena *arena)
{
    BcCode *code = ARENA_NEW(arena, BcCode);
    uint32_t n = image->n_units;
    if (code == NULL || n == 0) {
        return NULL;
    }
    code->image = image;
    code->ins = ARENA_NEW_ARRAY(arena, BcIns, n);
    code->at = ARENA_NEW_ARRAY(arena, int32_t, n);
    code->in_try = ARENA_NEW_ARRAY(arena, uint8_t, n);
    if (code->ins == NULL || code->at == NULL || code->in_try == NULL) {
        return NULL;
    }
    for (uint32_t u = 0; u < n; u++) {
        code->at[u] = -1;
    }
    if (!decode_instructions(code) || !resolve_targets(code)) {
        return NULL;
    }
    code->live = ARENA_NEW_ARRAY(arena, uint8_t,
                                 (size_t)code->n * image->nlocalsplus + 1);
    if (code->live == NULL) {
        return NULL;
    }
    mark_leaders(code);
    compute_liveness(code);
    mark_try(code);
    return code;
}

const BcIns *
bytecode_at(const BcCode *code, uint32_t off)
{
    if (off >= code->image->n_units || code->at[off] < 0) {
        return NULL;
    }
    return &code->ins[code->at[off]];
}

bool
bytecode_is_live(const BcCode *code, uint32_t off, uint32_t local)
{
    return code->live[(size_t)code->at[off] * code->image->nlocalsplus + local]
           != 0;
}

bool
bytecode_is_bound(const BcCode *code, uint32_t off, uint32_t local)
{
    return code->live[(size_t)code->at[off] * code->image->nlocalsplus + local]
           & BOUND;
}

bool
bytecode_rebinds(const BcCode *code, uint32_t local)
{
    for (uint32_t i = 0; i < code->n; i++) {
        const BcIns *ins = &code->ins[i];
        switch (ins->op) {
        case BC_STORE_FAST: case BC_DELETE_FAST: case BC_LOAD_FAST_AND_CLEAR:
            if (ins->arg == local) {
                return true;
            }
            break;
        case BC_STORE_FAST_LOAD_FAST:
            if (ins->arg >> 4 == local) {
                return true;
            }
            break;
        case BC_STORE_FAST_STORE_FAST:
            if (ins->arg >> 4 == local || (ins->arg & 15) == local) {
                return true;
            }
            break;
        default:
            break;
        }
    }
    return false;
}
