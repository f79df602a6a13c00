/* IR -> C.  Each SSA value is a C variable, each block a label; the C compiler
 * allocates registers and schedules.  Exits are emitted behind the function's
 * hot part, one stub for each distinct state.  The generated text is
 * deterministic: equal input gives equal bytes. */
#include "c_emit_int.h"

/* --- functions ----------------------------------------------------------- */

static void
emit_signature(Emit *e)
{
    const IrFn *fn = e->fn;
    if (e->ret == 'x') {
        OUT("static int32_t\nf%u_%u(PyaotThread *th, PyaotInst *in, "
            "PyaotFrame *fr)",
            e->region->code_index, e->region->region_index);
        return;
    }
    OUT("static %s\nf%u_%u(PyaotThread *th, PyaotInst *in, PyObject *func",
        ret_type(e->ret), e->region->code_index, e->region->region_index);
    for (uint32_t i = 0; fn->sig[i] != ':'; i++) {
        OUT(", %s p%u",
            fn->sig[i] == 'i'   ? "int64_t"
            : fn->sig[i] == 'f' ? "double"
            : fn->sig[i] == 'b' ? "int"
                                : "PyObject *",
            i);
    }
    OUT(")");
}

static void
reachable(const IrFn *fn, uint8_t *seen, uint32_t *stack)
{
    uint32_t n = 0;
    stack[n++] = 0;
    seen[0] = 1;
    while (n > 0) {
        const IrBlock *b = &fn->blocks[stack[--n]];
        for (uint32_t i = 0; i < b->n_succ; i++) {
            if (!seen[b->succ[i].to]) {
                seen[b->succ[i].to] = 1;
                stack[n++] = b->succ[i].to;
            }
        }
    }
}

static void
emit_function(Emit *e)
{
    const IrFn *fn = e->fn;
    uint8_t *seen = ARENA_NEW_ARRAY(e->arena, uint8_t, fn->n_blocks + 1);
    uint32_t *stack = ARENA_NEW_ARRAY(e->arena, uint32_t, fn->n_blocks + 1);
    e->snap_exit = ARENA_NEW_ARRAY(e->arena, uint32_t, fn->n_snaps + 1);
    e->ref_exit = ARENA_NEW_ARRAY(e->arena, uint32_t, fn->n_ins + 1);
    if (seen == NULL || stack == NULL || e->snap_exit == NULL
        || e->ref_exit == NULL) {
        return;
    }
    find_in_place(e);
    if (e->in_place == NULL) {
        return;
    }
    reachable(fn, seen, stack);
    StrBuf *out = e->out, text;
    strbuf_init(&text, 0);
    e->out = &text;
    e->first_head = e->n_heads;
    emit_signature(e);
    /* ok: loaded anew where other code has run */
    OUT("\n{\n    PyThreadState *ts = th->ts; PyaotSlot *S = in->slots; "
        "uint32_t prog = 0;\n"
        "    uintptr_t ok = th->ok_breaker;\n"
        "    uintptr_t st = 0; int64_t taken[3]; PyObject *taken_o = NULL, "
        "*taken_o2 = NULL, *dead = NULL; int more = 0;\n"
        "    EXIT_LEFT;\n");
    if (e->framed) {
        if (e->ret != 'x') {
            OUT("    PyaotFrame *fr = th->rt->push_frame(th, in, func);\n"
                "    if (UNLIKELY(fr == NULL)) {");
            for (uint32_t i = 0; fn->sig[i] != ':'; i++) {
                if (fn->sig[i] == 'O') {
                    OUT(" Py_DECREF(p%u);", i);
                }
            }
            OUT(" return (%s){0, PYAOT_ST_RAISE}; }\n", ret_type(e->ret));
        }
        OUT("    PyObject **L = pyaot_frame_cells(fr);\n");
    }
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        const IrBlock *blk = &fn->blocks[b];
        for (uint32_t i = 0; seen[b] && i < blk->n_params; i++) {
            OUT("    %s v%u;\n", c_type(at(e, blk->params[i])->type),
                blk->params[i]);
        }
        for (uint32_t i = 0; seen[b] && i < blk->n_ins; i++) {
            const IrIns *ins = at(e, blk->ins[i]);
            if (ins->type != IR_VOID) {
                OUT("    %s v%u%s", c_type(ins->type), blk->ins[i],
                    ins->op >= IR_PARAM_I && ins->op <= IR_PARAM_OWN ? " = "
                                                                     : ";\n");
                if (ins->op >= IR_PARAM_I && ins->op <= IR_PARAM_OWN) {
                    OUT("p%" PRId64 ";\n", ir_param(ins));
                }
            }
        }
    }
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        if (!seen[b]) {
            continue;
        }
        OUT("B%u: ; /* @%u */\n", b, fn->blocks[b].offset);
        uint32_t told = UINT32_MAX;
        for (uint32_t i = 0; i < fn->blocks[b].n_ins; i++) {
            const IrIns *ins = at(e, fn->blocks[b].ins[i]);
            if (ins->op > IR_STACK_IN && ins->offset != told) {
                told = ins->offset;
                OUT("    AT(%u);\n", told);
            }
            emit_ins(e, fn->blocks[b].ins[i]);
        }
    }
    OUT("/* exits */\n");
    strbuf_add(e->out, strbuf_text(&e->stubs), e->stubs.len);
    exit_tail(e);
    OUT("}\n\n");
    e->out = out;
    strbuf_add(out, strbuf_text(&text), text.len);
    if (strbuf_status(&text) != PYAOT_OK) {
        out->status = strbuf_status(&text);
    }
    strbuf_free(&text);
}

/* The boxed entry around a direct one. */
static void
emit_vec(Emit *e)
{
    const IrFn *fn = e->fn;
    uint32_t c = e->region->code_index, r = e->region->region_index, i;
    OUT("static PyObject *\nf%u_%u_vec(PyaotThread *th, PyaotInst *in, "
        "PyObject *func, "
        "PyObject *const *args)\n{\n",
        c, r);
    for (i = 0; fn->sig[i] != ':'; i++) {
        switch (fn->sig[i]) {
        case 'i':
            OUT("    int64_t p%u; if (UNLIKELY(!pyaot_unbox_i(args[%u], "
                "&p%u))) return th->rt->vec_refused(th, in);\n",
                i, i, i);
            break;
        case 'f':
            OUT("    double p%u; if (UNLIKELY(!pyaot_unbox_f(args[%u], "
                "&p%u))) return th->rt->vec_refused(th, in);\n",
                i, i, i);
            break;
        case 'b':
            OUT("    int p%u; if (UNLIKELY(!pyaot_unbox_b(args[%u], &p%u))) "
                "return th->rt->vec_refused(th, in);\n",
                i, i, i);
            break;
        default:
            OUT("    PyObject *p%u = args[%u];\n", i, i);
            break;
        }
    }
    if (strchr(fn->sig, 'O') != NULL) {
        OUT("    uint64_t stacked = pyaot_args_stacked(th, func, args);\n");
        for (uint32_t k = 0; k < i; k++) {
            if (fn->sig[k] == 'O') {
                OUT("    p%u = pyaot_take_arg(args, %u, stacked);\n", k, k);
            }
        }
    }
    OUT("    %s r = f%u_%u(th, in, func", ret_type(e->ret), c, r);
    for (uint32_t k = 0; k < i; k++) {
        OUT(", p%u", k);
    }
    OUT(");\n");
    if (fn->returned_params != 0 && (e->ret == 'i' || e->ret == 'f')) {
        OUT("    if (r.st == PYAOT_ST_OK && th->returned_param != 0) "
            "return Py_NewRef(args[th->returned_param - 1]);\n");
    }
    OUT("    if (LIKELY(r.st == PYAOT_ST_OK)) ");
    switch (e->ret) {
    case 'i':
        OUT("return PyLong_FromLongLong(r.v);\n");
        break;
    case 'f':
        OUT("return PyFloat_FromDouble(r.v);\n");
        break;
    case 'b':
        OUT("return r.v ? Py_True : Py_False;\n");
        break;
    default:
        OUT("return r.v;\n");
        break;
    }
    OUT("    if (r.st == PYAOT_ST_DEOPT) {\n");
    for (uint32_t k = 0; k < i; k++) {
        if (fn->sig[k] == 'i' || fn->sig[k] == 'f') {
            OUT("        th->rt->deopt_param(th, %u, args[%u]);\n", k, k);
        }
    }
    OUT("        th->rt->deopt_args(th, args, %u, pyaot_args_stacked(th, "
        "func, args));\n"
        "        return th->rt->deopt_resume(th, 1);\n    }\n"
        "    if (r.st == PYAOT_ST_RAISE) return NULL;\n    return (PyObject "
        "*)r.st;\n}\n\n",
        i);
}

/* --- the unit ------------------------------------------------------------ */

static void
emit_key(StrBuf *out, const PyaotKey *key)
{
    for (int i = 0; i < PYAOT_KEY_BYTES; i++) {
        strbuf_printf(out, "%s0x%02x", i ? "," : "", key->bytes[i]);
    }
}

/* A C string literal with everything unusual escaped. */
static void
emit_string(StrBuf *out, const char *s)
{
    if (s == NULL) {
        strbuf_adds(out, "NULL");
        return;
    }
    strbuf_addc(out, '"');
    for (; *s != '\0'; s++) {
        unsigned char ch = (unsigned char)*s;
        if (ch < 32 || ch > 126 || ch == '"' || ch == '\\' || ch == '?') {
            strbuf_printf(out, "\\%03o", ch);
        }
        else {
            strbuf_addc(out, (char)ch);
        }
    }
    strbuf_addc(out, '"');
}

PyaotCacheRegion
c_emit_region(const IrFn *fn)
{
    const uint8_t native_only = fn->called_only
                                    ? PYAOT_CACHE_REGION_NATIVE_ONLY
                                    : 0;
    if (fn->entry_kind == REGION_ENTRY) {
        return (PyaotCacheRegion){.offset = fn->entry_offset,
                                  .kind = REGION_ENTRY,
                                  .flags = PYAOT_CACHE_REGION_CALLED
                                           | native_only};
    }
    const bool start = fn->entry_kind == REGION_START;
    return (PyaotCacheRegion){
        .offset = start ? 0 : fn->entry_offset,
        .n_stack = (uint16_t)fn->entry_depth,
        .kind = start ? REGION_ENTRY : fn->entry_kind,
        .flags = native_only,
    };
}

static void
emit_tables(Emit *e, const EmitCode *c)
{
    for (uint32_t i = 0; i < c->slots->n; i++) {
        if (c->slots->slots[i].key != NULL) {
            OUT("static const uint8_t k%u_%u[16] = {", c->index, i);
            emit_key(e->out, c->slots->slots[i].key);
            OUT("};\n");
        }
    }
    OUT("static const PyaotSlotDesc slots%u[] = {\n", c->index);
    for (uint32_t i = 0; i < c->slots->n; i++) {
        const SlotReq *s = &c->slots->slots[i];
        OUT("    {%u, %u, 0, %u, ", s->kind, s->for_store, s->name);
        emit_string(e->out, s->text);
        if (s->key != NULL) {
            OUT(", k%u_%u, ", c->index, i);
        }
        else {
            OUT(", NULL, ");
        }
        emit_string(e->out, s->sig);
        OUT("},\n");
    }
    OUT("    {0}};\nstatic const PyaotRegionDesc regions%u[] = {\n", c->index);
    for (uint32_t i = 0; i < c->n_regions; i++) {
        const IrFn *fn = c->regions[i].fn;
        uint32_t r = c->regions[i].region_index;
        const PyaotCacheRegion row = c_emit_region(fn);
        const bool native_only = (row.flags & PYAOT_CACHE_REGION_NATIVE_ONLY)
                                 != 0;
        if (row.flags & PYAOT_CACHE_REGION_CALLED) {
            OUT("    {%u, %d, %d, %u, %u, \"%s\", (void *)f%u_%u, f%u_%u_vec, "
                "NULL},\n",
                row.kind, fn->framed, native_only, row.offset, row.n_stack,
                fn->sig, c->index, r, c->index, r);
        }
        else {
            OUT("    {%u, 1, %d, %u, %u, \"\", NULL, NULL, f%u_%u},\n",
                row.kind, native_only, row.offset, row.n_stack, c->index, r);
        }
    }
    OUT("    {0}};\n\n");
}

static void
emit_codes(Emit *e, const EmitUnit *unit)
{
    OUT("static const PyaotCodeDesc codes[] = {\n");
    for (uint32_t i = 0; i < unit->n_codes; i++) {
        const EmitCode *c = &unit->codes[i];
        OUT("    {{");
        emit_key(e->out, &c->image->key);
        OUT("}, ");
        emit_string(e->out, c->image->qualname);
        OUT(", %u, %u, %u, %u, slots%u, regions%u},\n", c->image->argcount,
            c->image->nlocalsplus, c->slots->n, c->n_regions, c->index,
            c->index);
    }
    OUT("    {{0}}};\n");
    OUT("_Static_assert(PYAOT_EXIT_CALL == %d && PYAOT_EXIT_END == %d && "
        "PYAOT_EXIT_BREAKER == %d"
        " && PYAOT_EXIT_LOOP == %d && PYAOT_EXIT_INIT == %d && "
        "PYAOT_SLOT_MEMBER == %d,"
        " \"tables of compiler and ABI differ\");\n",
        EXIT_KIND_CALL, EXIT_KIND_END, EXIT_KIND_BREAKER, EXIT_KIND_LOOP,
        EXIT_KIND_INIT, SLOT_MEMBER);
    OUT("static const PyaotRuntime *runtime;\n"
        "__attribute__((visibility(\"default\"))) const PyaotUnit pyaot_unit "
        "= {\n"
        "    PYAOT_UNIT_MAGIC, PYAOT_ABI_VERSION, %u, codes, &runtime, "
        "&pyaot_leave_to};\n",
        unit->n_codes);
}

void
c_emit_unit(const EmitUnit *unit, StrBuf *out)
{
    StrBuf body;
    strbuf_init(&body, 0);
    Emit emit = {.unit = unit, .out = &body, .arena = unit->arena}, *e = &emit;
    strbuf_init(&e->heads, 0);
    strbuf_init(&e->shapes.bytes, 0);
    strbuf_printf(out, "/* Generated by pyaot build.  Do not edit. */\n"
                       "#include \"pyaot_native.h\"\n\n");
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < unit->n_codes; i++) {
            EmitCode *c = &unit->codes[i];
            e->code = c;
            for (uint32_t r = 0; r < c->n_regions; r++) {
                e->region = &c->regions[r];
                e->fn = e->region->fn;
                e->framed = e->fn->framed;
                e->ret = e->fn->entry_kind != REGION_ENTRY
                             ? 'x'
                             : e->fn->sig[strlen(e->fn->sig) - 1];
                if (pass == 0) {
                    emit_signature(e);
                    OUT(";\n");
                    continue;
                }
                strbuf_init(&e->stubs, 0);
                e->guards = (Texts){0};
                strbuf_init(&e->guards.bytes, 0);
                emit_function(e);
                if (strbuf_status(&e->guards.bytes) != PYAOT_OK) {
                    body.status = strbuf_status(&e->guards.bytes);
                }
                strbuf_free(&e->stubs);
                strbuf_free(&e->guards.bytes);
                if (e->ret != 'x') {
                    emit_vec(e);
                }
            }
        }
    }
    for (uint32_t i = 0; i < unit->n_codes; i++) {
        emit_tables(e, &unit->codes[i]);
    }
    emit_codes(e, unit);
    exit_states(e);
    for (uint32_t i = 0; i < e->symbols.n; i++) {
        strbuf_printf(out, "static PyObject *sym%u; /* %s */\n", i,
                      e->symbols.text[i]);
    }
    strbuf_add(out, strbuf_text(&body), body.len);
    if (strbuf_status(&body) != PYAOT_OK) {
        out->status = strbuf_status(&body);
    }
    strbuf_free(&body);
    strbuf_free(&e->heads);
    strbuf_free(&e->shapes.bytes);
}
