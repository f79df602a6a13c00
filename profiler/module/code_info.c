/* Instructions and stack depths of a code object.
 *
 * In INSTRUCTION events CPython 3.13 has not stored the frame's stack top, so
 * the depth of each offset is worked out here, by walking all paths from the
 * start and from the exception table. */
#define PYAOT_PROF_INTERNAL
#include "prof_int.h"

#include <opcode.h>
#define NEED_OPCODE_METADATA
#include <internal/pycore_opcode_metadata.h>
#include <internal/pycore_opcode_utils.h>

typedef struct {
    CodeInfo *info;
    uint32_t *work;         /* units still to be walked */
    uint32_t n_work;
    int errors;
} Walker;

static void
walk_to(Walker *walker, uint32_t unit, int depth)
{
    CodeInfo *info = walker->info;
    if (unit >= info->n_units || depth < 0 || depth > info->stacksize) {
        walker->errors++;
        return;
    }
    /* A jump names the first unit; events name the instruction itself. */
    while (info->instrs[unit].op == EXTENDED_ARG) {
        info->instrs[unit].depth = (int16_t)depth;
        if (++unit >= info->n_units) {
            return;
        }
    }
    Instr *instr = &info->instrs[unit];
    if (instr->depth >= 0) {
        if (instr->depth != depth) {
            walker->errors++;
        }
        return;
    }
    instr->depth = (int16_t)depth;
    walker->work[walker->n_work++] = unit;
}

static void
walk_instr(Walker *walker, const Instr *instr)
{
    const int depth = instr->depth;
    const int after = depth - instr->pops + instr->pushes;
    switch (instr->op) {
    case RETURN_VALUE:
    case RETURN_CONST:
    case RAISE_VARARGS:
    case RERAISE:
    case INTERPRETER_EXIT:
        return;
    case JUMP_FORWARD:
        walk_to(walker, instr->next + instr->arg, depth);
        return;
    case JUMP_BACKWARD:
    case JUMP_BACKWARD_NO_INTERRUPT:
        walk_to(walker, instr->next - instr->arg, depth);
        return;
    case POP_JUMP_IF_FALSE:
    case POP_JUMP_IF_TRUE:
    case POP_JUMP_IF_NONE:
    case POP_JUMP_IF_NOT_NONE:
        walk_to(walker, instr->next + instr->arg, depth - 1);
        break;
    case FOR_ITER:
        /* At the end the iterator is popped, END_FOR and POP_TOP skipped;
         * only a generator inlined into the loop comes through END_FOR. */
        walk_to(walker, instr->next + instr->arg, depth + 1);
        walk_to(walker, instr->next + instr->arg + 2, depth - 1);
        break;
    case SEND:
        walk_to(walker, instr->next + instr->arg, depth);
        break;
    default:
        break;
    }
    walk_to(walker, instr->next, after);
}

static void
walk(Walker *walker, uint32_t unit, int depth)
{
    walk_to(walker, unit, depth);
    while (walker->n_work > 0) {
        const uint32_t at = walker->work[--walker->n_work];
        walk_instr(walker, &walker->info->instrs[at]);
    }
}

static unsigned
table_varint(const uint8_t **at, const uint8_t *end)
{
    unsigned value = 0;
    while (*at < end) {
        const uint8_t byte = *(*at)++;
        value = value << 6 | (byte & 63);
        if (!(byte & 64)) {
            break;
        }
    }
    return value;
}

static void
walk_handlers(Walker *walker, PyCodeObject *code)
{
    const uint8_t *at
        = (const uint8_t *)PyBytes_AS_STRING(code->co_exceptiontable);
    const uint8_t *end = at + PyBytes_GET_SIZE(code->co_exceptiontable);
    while (at < end) {
        table_varint(&at, end);
        table_varint(&at, end);
        const uint32_t target = table_varint(&at, end);
        const unsigned depth_lasti = table_varint(&at, end);
        const int depth = (int)(depth_lasti >> 1) + (int)(depth_lasti & 1) + 1;
        if (target < walker->info->n_units) {
            walker->info->instrs[target].flags |= INSTR_HANDLER;
            walk(walker, target, depth);
        }
    }
}

/* Metadata of the few instructions the walk or the recording needs
 * differently. */
static void
set_effect(Instr *instr)
{
    const int op = instr->op;
    const int arg = (int)instr->arg;
    instr->pops = (uint16_t)_PyOpcode_num_popped(op, arg);
    instr->pushes = (uint16_t)_PyOpcode_num_pushed(op, arg);
}

static void
decode(CodeInfo *info, const uint8_t *bytes)
{
    uint32_t arg = 0;
    uint32_t first = 0;
    bool prefixed = false;
    for (uint32_t unit = 0; unit < info->n_units;) {
        Instr *instr = &info->instrs[unit];
        const uint8_t op = bytes[2 * unit];
        arg = arg << 8 | bytes[2 * unit + 1];
        if (!prefixed) {
            first = unit;
        }
        instr->op = op;
        instr->arg = arg;
        instr->first = first;
        instr->next = unit + 1;
        instr->depth = -1;
        if (op == EXTENDED_ARG) {
            prefixed = true;
            unit++;
            continue;
        }
        const uint32_t n_caches = _PyOpcode_Caches[op];
        instr->next = unit + 1 + n_caches;
        set_effect(instr);
        if (op == RESUME && (instr->arg & RESUME_OPARG_LOCATION_MASK) == 0
            && info->entry == UINT32_MAX) {
            info->entry = first;
        }
        arg = 0;
        prefixed = false;
        unit++;
        for (uint32_t i = 0; i < n_caches && unit < info->n_units; i++) {
            info->instrs[unit].depth = -1;
            info->instrs[unit].first = unit;
            unit++;
        }
    }
}

CodeInfo *
prof_code_info(PyCodeObject *code, int *merge_errors)
{
    PyObject *bytecode = PyCode_GetCode(code); /* new */
    if (bytecode == NULL) {
        PyErr_Clear();
        return NULL;
    }
    const uint32_t n_units = (uint32_t)(PyBytes_GET_SIZE(bytecode) / 2);
    CodeInfo *info = calloc(1, sizeof(*info)
                                   + n_units * sizeof(info->instrs[0]));
    Walker walker = {.info = info};
    walker.work = malloc(((size_t)n_units + 1) * sizeof(*walker.work));
    if (info == NULL || walker.work == NULL || n_units >= 1u << 24
        || code->co_stacksize > INT16_MAX) {
        free(info);
        info = NULL;
        goto out;
    }
    info->n_units = n_units;
    info->entry = UINT32_MAX;
    info->stacksize = code->co_stacksize;
    decode(info, (const uint8_t *)PyBytes_AS_STRING(bytecode));
    if (info->entry == UINT32_MAX) {
        info->entry = 0;
    }
    walk(&walker, 0, 0);
    walk_handlers(&walker, code);
    if (merge_errors != NULL) {
        *merge_errors = walker.errors;
    }
    if (walker.errors > 0) {
        free(info);
        info = NULL;
    }
out:
    free(walker.work);
    Py_DECREF(bytecode);
    return info;
}
