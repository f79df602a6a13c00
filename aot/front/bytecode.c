/* Decoding, and a backward liveness analysis of the locals.  Exception
 * handlers are not part of it: whatever compiled code cannot do leaves to the
 * interpreter, and an exit writes all locals, so a handler always finds its
 * variables. */
#include "bytecode.h"

#include <string.h>

enum { LIVE = 1, BOUND = 2 }; /* BcCode.live */

/* Apply one instruction backwards to a row of liveness.
 *
 * A plain LOAD_LOCAL is where the compiler knew that the local is bound, so it
 * is bound wherever such a load is reached without a write between. */
static void
live_transfer(const BcIns *ins, uint8_t *row)
{
    switch (ins->op) {
    case BC_LOAD_LOCAL:
        row[ins->a] = LIVE | BOUND;
        break;
    case BC_LOAD_LOCAL_CHECK:
    case BC_LOAD_LOCAL_AND_CLEAR:
    case BC_LOAD_DEREF:
    case BC_STORE_DEREF:
    case BC_DELETE_DEREF:
    case BC_LOAD_FROM_DICT_OR_DEREF:
    case BC_MAKE_CELL:
    case BC_DELETE_LOCAL:
        row[ins->a] = LIVE;
        break;
    case BC_STORE_LOCAL:
        row[ins->a] = 0;
        break;
    case BC_LOAD_LOCAL_LOAD_LOCAL:
        row[ins->a] = row[ins->b] = LIVE | BOUND;
        break;
    case BC_STORE_LOCAL_STORE_LOCAL:
        row[ins->a] = row[ins->b] = 0;
        break;
    case BC_STORE_LOCAL_LOAD_LOCAL:
        row[ins->b] = LIVE | BOUND;
        row[ins->a] = 0;
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
            if (i + 1 < code->n && !bc_ends(ins)) {
                memcpy(row, code->live + (size_t)(i + 1) * nl, nl);
            }
            if (bc_jumps(ins)) {
                const uint8_t *t = code->live
                                   + (size_t)code->at[ins->target] * nl;
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

BcCode *
bytecode_decode(const PyaotImage *image, Arena *arena)
{
    BcSource source = {
        .minor = bc_minor(image->abi),
        .code = image->code,
        .n_units = image->n_units,
        .exctable = image->exctable,
        .exctable_len = image->exctable_len,
        .n_locals = image->nlocalsplus,
        .n_names = image->n_names,
        .n_consts = image->n_consts,
    };
    BcCode *code = ARENA_NEW(arena, BcCode);
    if (code == NULL || source.minor == NULL
        || !bc_decode(&source, arena, &code->list)) {
        return NULL;
    }
    code->image = image;
    code->n = code->list.n;
    code->ins = code->list.ins;
    code->at = code->list.at;
    code->live = ARENA_NEW_ARRAY(arena, uint8_t,
                                 (size_t)code->n * image->nlocalsplus + 1);
    if (code->live == NULL) {
        return NULL;
    }
    compute_liveness(code);
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
        case BC_STORE_LOCAL:
        case BC_DELETE_LOCAL:
        case BC_LOAD_LOCAL_AND_CLEAR:
        case BC_STORE_LOCAL_LOAD_LOCAL:
            if (ins->a == local) {
                return true;
            }
            break;
        case BC_STORE_LOCAL_STORE_LOCAL:
            if (ins->a == local || ins->b == local) {
                return true;
            }
            break;
        default:
            break;
        }
    }
    return false;
}
