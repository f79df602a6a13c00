/* Instructions and stack depths of a code object.
 *
 * In INSTRUCTION events CPython 3.13 has not stored the frame's stack top, so
 * the depth in front of each instruction is worked out here (bc_depths()). */
#define PYAOT_PROF_INTERNAL
#include "prof_int.h"

#include "cache/pycode/pycode.h"

static CodeInfo *
info_new(const BcList *list, const int32_t *depth)
{
    CodeInfo *info = calloc(1,
                            sizeof(*info) + list->n * sizeof(info->instrs[0]));
    if (info == NULL) {
        return NULL;
    }
    info->at = calloc(list->n_units, sizeof(*info->at));
    if (info->at == NULL) {
        free(info);
        return NULL;
    }
    info->n_units = list->n_units;
    info->entry = UINT32_MAX;
    for (uint32_t i = 0; i < list->n; i++) {
        const BcIns *ins = &list->ins[i];
        info->instrs[i] = (Instr){.bc = *ins, .depth = depth[i]};
        info->at[ins->unit] = i + 1;
        if (ins->op == BC_RESUME && ins->a == BC_AT_START
            && info->entry == UINT32_MAX) {
            info->entry = ins->off;
        }
    }
    if (info->entry == UINT32_MAX) {
        info->entry = 0;
    }
    for (uint32_t h = 0; h < list->n_handlers; h++) {
        info->instrs[list->at[list->handlers[h].target]].is_handler = true;
    }
    return info;
}

CodeInfo *
prof_code_info(PyCodeObject *code)
{
    PyObject *bytecode = PyCode_GetCode(code); /* new */
    if (bytecode == NULL) {
        PyErr_Clear();
        return NULL;
    }
    const BcSource source = {
        .minor = bc_minor(pyaot_pycode_abi()),
        .code = (const uint8_t *)PyBytes_AS_STRING(bytecode),
        .n_units = (uint32_t)(PyBytes_GET_SIZE(bytecode) / 2),
        .exctable = (const uint8_t *)PyBytes_AS_STRING(
            code->co_exceptiontable),
        .exctable_len = (uint32_t)PyBytes_GET_SIZE(code->co_exceptiontable),
        .n_locals = (uint32_t)code->co_nlocalsplus,
        .n_names = (uint32_t)PyTuple_GET_SIZE(code->co_names),
        .n_consts = (uint32_t)PyTuple_GET_SIZE(code->co_consts),
    };
    CodeInfo *info = NULL;
    Arena arena;
    BcList list;
    arena_init(&arena, 0);
    if (source.minor != NULL && source.n_units < 1u << 24
        && bc_decode(&source, &arena, &list)) {
        int32_t *depth = ARENA_NEW_ARRAY(&arena, int32_t, list.n);
        if (depth != NULL
            && bc_depths(&list, (uint32_t)code->co_stacksize, depth, &arena)
                   == 0) {
            info = info_new(&list, depth);
        }
    }
    arena_free(&arena);
    Py_DECREF(bytecode);
    return info;
}

void
prof_code_info_free(CodeInfo *info)
{
    if (info != NULL) {
        free(info->at);
        free(info);
    }
}
