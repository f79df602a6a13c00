/* Decoding, behind which the minors look alike: instructions with their stack
 * effects (canonical.def), exception tables, blocks, depths of the stack. */
#include "bytecode_int.h"

#include <assert.h>
#include <string.h>

enum { JUMPS = 1, ENDS = 2, RAISES = 4 };

static const uint8_t flags_of[BC_COUNT] = {
#define CANONICAL(name, a, b, pops, pushes, jump_pushes, flags)               \
    [BC_##name] = flags,
#include "canonical.def"
};

typedef enum { NOTHING, NUMBER, PLACE, LOCAL, NAME, CONST } Operand;

static const struct {
    uint8_t a, b;
} operands_of[BC_COUNT] = {
#define CANONICAL(name, a, b, pops, pushes, jump_pushes, flags)               \
    [BC_##name] = {a, b},
#include "canonical.def"
};

static const char *const names[BC_COUNT] = {
#define CANONICAL(name, a, b, pops, pushes, jump_pushes, flags)               \
    [BC_##name] = #name,
#include "canonical.def"
};

const BcMinor *
bc_minor(const char *abi)
{
    static const BcMinor *const minors[] = {&bc_minor_313, &bc_minor_314};
    for (size_t i = 0; i < sizeof minors / sizeof *minors; i++) {
        size_t len = strlen(minors[i]->abi);
        if (strncmp(abi, minors[i]->abi, len) == 0
            && (abi[len] < '0' || abi[len] > '9')) {
            return minors[i];
        }
    }
    return NULL;
}

bool
bc_jumps(const BcIns *ins)
{
    return (flags_of[ins->op] & JUMPS) != 0;
}

bool
bc_ends(const BcIns *ins)
{
    return (flags_of[ins->op] & ENDS) != 0;
}

bool
bc_raises(const BcIns *ins)
{
    return (flags_of[ins->op] & RAISES) != 0;
}

const char *
bc_name(const BcMinor *minor, const BcIns *ins)
{
    const char *name = minor->raw[ins->raw].name;
    return name != NULL ? name : "?";
}

const char *
bc_canonical_name(uint8_t op)
{
    return op < BC_COUNT && names[op] != NULL ? names[op] : "?";
}

/* --- one instruction ----------------------------------------------------- */

static void
set_effect(BcIns *ins)
{
    const uint32_t a = ins->a, b = ins->b;
    (void)a;
    (void)b;
    switch ((BcOp)ins->op) {
#define CANONICAL(name, ka, kb, n_pops, n_pushes, n_jump_pushes, flags)       \
    case BC_##name:                                                           \
        ins->pops = n_pops;                                                   \
        ins->pushes = n_pushes;                                               \
        ins->jump_pushes = n_jump_pushes;                                     \
        return;
#include "canonical.def"
    case BC_NONE:
    case BC_COUNT:
        return;
    }
}

uint32_t
bc_skip_prefix(const BcMinor *minor, const uint8_t *code, uint32_t n_units,
               uint32_t off)
{
    while (off + 1 < n_units && code[2 * (size_t)off] == minor->extended_arg) {
        off++;
    }
    return off;
}

bool
bc_read(const BcMinor *minor, const uint8_t *code, uint32_t n_units,
        uint32_t off, BcIns *ins)
{
    uint32_t unit = off, arg = 0;
    while (unit < n_units && code[2 * (size_t)unit] == minor->extended_arg) {
        arg = (arg | code[2 * (size_t)unit + 1]) << 8;
        unit++;
    }
    if (unit >= n_units) {
        return false;
    }
    const uint8_t op = code[2 * (size_t)unit];
    const BcRaw *raw = &minor->raw[op];
    if (raw->op == BC_NONE || raw->caches >= n_units - unit) {
        return false;
    }
    *ins = (BcIns){.off = off,
                   .unit = unit,
                   .next = unit + 1 + raw->caches,
                   .op = raw->op,
                   .form = raw->form,
                   .raw = op};
    minor->operands(ins, arg | code[2 * (size_t)unit + 1]);
    set_effect(ins);
    return true;
}

/* --- exception tables ---------------------------------------------------- */

/* Varints of 6 bits, bit 6 = more, bit 7 = an entry begins. */
static uint32_t
read_varint(const uint8_t *table, uint32_t len, uint32_t *at)
{
    uint32_t value = 0;
    while (*at < len) {
        const uint8_t byte = table[(*at)++];
        value = value << 6 | (byte & 63);
        if (!(byte & 64)) {
            break;
        }
    }
    return value;
}

bool
bc_next_handler(const uint8_t *table, uint32_t len, uint32_t *at,
                BcHandler *handler)
{
    if (*at >= len) {
        return false;
    }
    handler->start = read_varint(table, len, at);
    const uint32_t size = read_varint(table, len, at);
    handler->end = size <= UINT32_MAX - handler->start ? handler->start + size
                                                       : UINT32_MAX;
    handler->target = read_varint(table, len, at);
    const uint32_t depth_lasti = read_varint(table, len, at);
    handler->depth = depth_lasti >> 1;
    handler->lasti = depth_lasti & 1;
    return true;
}

bool
bc_find_handler(const uint8_t *table, uint32_t len, uint32_t unit,
                BcHandler *handler)
{
    uint32_t at = 0;
    while (bc_next_handler(table, len, &at, handler)) {
        if (handler->start > unit) {
            return false;
        }
        if (unit < handler->end) {
            return true;
        }
    }
    return false;
}

/* --- all of them --------------------------------------------------------- */

static bool
operand_fits(Operand kind, uint32_t value, const BcSource *source)
{
    switch (kind) {
    case LOCAL:
        return value < source->n_locals;
    case NAME:
        return value < source->n_names;
    case CONST:
        return value < source->n_consts;
    case PLACE:
        return value > 0;
    case NOTHING:
    case NUMBER:
        return true;
    }
    return false;
}

static bool
read_all(const BcSource *source, BcList *list)
{
    for (uint32_t unit = 0; unit < source->n_units;) {
        BcIns *ins = &list->ins[list->n];
        if (!bc_read(source->minor, source->code, source->n_units, unit, ins)
            || !operand_fits(operands_of[ins->op].a, ins->a, source)
            || !operand_fits(operands_of[ins->op].b, ins->b, source)) {
            return false;
        }
        list->at[unit] = (int32_t)list->n++;
        unit = ins->next;
    }
    return true;
}

static bool
is_instruction(const BcList *list, uint32_t unit)
{
    return unit < list->n_units && list->at[unit] >= 0;
}

static bool
targets_fit(const BcList *list)
{
    for (uint32_t i = 0; i < list->n; i++) {
        const BcIns *ins = &list->ins[i];
        if ((bc_jumps(ins) && !is_instruction(list, ins->target))
            || (ins->side != 0 && !is_instruction(list, ins->side))) {
            return false;
        }
    }
    return true;
}

static bool
read_handlers(const BcSource *source, Arena *arena, BcList *list)
{
    BcHandler handler;
    uint32_t n = 0;
    for (uint32_t at = 0;
         bc_next_handler(source->exctable, source->exctable_len, &at,
                         &handler);) {
        n++;
    }
    list->handlers = ARENA_NEW_ARRAY(arena, BcHandler, n);
    if (list->handlers == NULL) {
        return false;
    }
    for (uint32_t at = 0;
         bc_next_handler(source->exctable, source->exctable_len, &at,
                         &handler);) {
        list->handlers[list->n_handlers++] = handler;
    }
    for (uint32_t h = 0; h < list->n_handlers; h++) {
        const BcHandler *covers = &list->handlers[h];
        if (!is_instruction(list, covers->target)) {
            return false;
        }
        for (uint32_t unit = covers->start;
             unit < covers->end && unit < list->n_units; unit++) {
            if (list->at[unit] >= 0
                && list->ins[list->at[unit]].handler == 0) {
                list->ins[list->at[unit]].handler = h + 1;
            }
        }
    }
    return true;
}

static void
count_way(BcIns *to, uint8_t *ways)
{
    *ways = *ways < 2 ? (uint8_t)(*ways + 1) : 2;
    to->is_merge = *ways > 1;
}

static bool
mark_blocks(BcList *list, Arena *arena)
{
    uint8_t *ways = ARENA_NEW_ARRAY(arena, uint8_t, list->n); /* into each */
    for (uint32_t i = 0; i < list->n && ways != NULL; i++) {
        const BcIns *ins = &list->ins[i];
        const bool falls = i + 1 < list->n && !bc_ends(ins);
        if (bc_jumps(ins)) {
            const uint32_t to = (uint32_t)list->at[ins->target];
            list->ins[to].is_leader = true;
            list->ins[to].is_header |= ins->target <= ins->off;
            count_way(&list->ins[to], &ways[to]);
            if (falls) {
                list->ins[i + 1].is_leader = true;
            }
        }
        if (falls) {
            count_way(&list->ins[i + 1], &ways[i + 1]);
        }
    }
    return ways != NULL;
}

bool
bc_decode(const BcSource *source, Arena *arena, BcList *out)
{
    const uint32_t n = source->n_units;
    BcList list = {.minor = source->minor,
                   .n_units = n,
                   .ins = ARENA_NEW_ARRAY(arena, BcIns, n),
                   .at = ARENA_NEW_ARRAY(arena, int32_t, n)};
    if (n == 0 || list.ins == NULL || list.at == NULL) {
        return false;
    }
    memset(list.at, 0xFF, n * sizeof *list.at);
    if (!read_all(source, &list) || !targets_fit(&list)
        || !read_handlers(source, arena, &list)
        || !mark_blocks(&list, arena)) {
        return false;
    }
    *out = list;
    return true;
}

/* --- depths -------------------------------------------------------------- */

typedef struct {
    const BcList *list;
    int32_t *depth;
    uint32_t *work; /* indices still to be followed */
    uint32_t n_work, stacksize, errors;
} Walk;

static void
walk_to(Walk *walk, uint32_t unit, int64_t depth)
{
    if (unit >= walk->list->n_units || walk->list->at[unit] < 0 || depth < 0
        || depth > walk->stacksize) {
        walk->errors++;
        return;
    }
    const uint32_t i = (uint32_t)walk->list->at[unit];
    if (walk->depth[i] < 0) {
        walk->depth[i] = (int32_t)depth;
        walk->work[walk->n_work++] = i;
    }
    else {
        walk->errors += walk->depth[i] != depth;
    }
}

static void
walk_on(Walk *walk)
{
    while (walk->n_work > 0) {
        const uint32_t i = walk->work[--walk->n_work];
        const BcIns *ins = &walk->list->ins[i];
        const int64_t kept = (int64_t)walk->depth[i] - ins->pops;
        if (kept < 0) {
            walk->errors++;
            continue;
        }
        if (bc_jumps(ins)) {
            walk_to(walk, ins->target, kept + ins->jump_pushes);
        }
        if (ins->side != 0) {
            walk_to(walk, ins->side, kept + ins->pushes);
        }
        if (!bc_ends(ins)) {
            walk_to(walk, ins->next, kept + ins->pushes);
        }
    }
}

uint32_t
bc_depths(const BcList *list, uint32_t stacksize, int32_t *depth,
          Arena *scratch)
{
    Walk walk = {.list = list,
                 .depth = depth,
                 .stacksize = stacksize,
                 .work = ARENA_NEW_ARRAY(scratch, uint32_t, list->n)};
    if (walk.work == NULL) {
        return UINT32_MAX;
    }
    memset(depth, 0xFF, list->n * sizeof *depth);
    walk_to(&walk, 0, 0);
    walk_on(&walk);
    for (uint32_t h = 0; h < list->n_handlers; h++) {
        walk_to(&walk, list->handlers[h].target,
                bc_handler_depth(&list->handlers[h]));
        walk_on(&walk);
    }
    return walk.errors;
}
