/* The C of each operation: by its row in ops.def, or by a function here, in
 * c_data.c or in c_call.c. */
#include "c_emit_int.h"

#include <math.h>

/* --- symbols ------------------------------------------------------------- */

/* The C of each operation. */
#include "c_emit_int.h"

#include <math.h>
#include <stdlib.h>

static uint32_t
symbol_index(Emit *e, const char *text)
{
    Symbols *s = &e->symbols;
    for (uint32_t i = 0; i < s->n; i++) {
        if (strcmp(s->text[i], text) == 0) {
            return i;
        }
    }
    if (s->n == s->cap) {
        uint32_t cap = s->cap ? s->cap * 2 : 32;
        const char **more = ARENA_NEW_ARRAY(e->arena, const char *, cap);
        if (more == NULL) {
            return 0;
        }
        if (s->n) {
            memcpy(more, s->text, s->n * sizeof *more);
        }
        s->text = more;
        s->cap = cap;
    }
    s->text[s->n] = text;
    return s->n++;
}

/* --- by the table -------------------------------------------------------- */

void
fail_if(Emit *e, IrRef ref, const char *fmt, ...)
{
    char label[32];
    va_list args;
    va_start(args, fmt);
    OUT("    if (FAIL(");
    strbuf_vprintf(e->out, fmt, args);
    OUT(")) %s;\n", exit_goto(e, ref, label));
    va_end(args);
}

static const char *const c_cond[6] = {"<", "<=", "==", "!=", ">", ">="};

/* What $<what> of a template stands for; the list is in ops.def. */
static void
emit_part(Emit *e, IrRef ref, char what)
{
    const IrIns *ins = at(e, ref);
    char label[32];
    switch (what) {
    case 'r':
        OUT("v%u", ref);
        return;
    case 'i':
        OUT("%" PRId64, ins->imm); /* whatever it means */
        return;
    case 'a':
        OUT("%u", ins->aux); /* whatever it means */
        return;
    case 't':
        OUT("%s", ins->text);
        return;
    case 'c':
        OUT("%s", c_cond[ir_cond(ins)]);
        return;
    case 'C':
        OUT("%s", ir_class_ctype[ir_class(ins)]);
        return;
    case 'x':
        OUT("%s", exit_goto(e, ref, label));
        return;
    default:
        OUT("v%u", ins->args[what - '0']);
    }
}

static void
emit_by_table(Emit *e, IrRef ref, const char *c)
{
    char label[32];
    while (*c != '\0') {
        const bool leaves = *c == '?';
        c += leaves;
        OUT(leaves ? "    if (FAIL(" : "    ");
        for (; *c != '\0' && *c != '\n'; c++) {
            if (*c == '$') {
                emit_part(e, ref, *++c);
            }
            else {
                strbuf_addc(e->out, *c);
            }
        }
        if (leaves) {
            OUT(")) %s;", exit_goto(e, ref, label));
        }
        OUT("\n");
        c += *c == '\n';
    }
}

/* --- constants and conversions ------------------------------------------- */

static void
emit_i64(Emit *e, IrRef ref, const IrIns *ins)
{
    if (ir_value(ins) == INT64_MIN) {
        OUT("    v%u = INT64_MIN;\n", ref);
    }
    else {
        OUT("    v%u = INT64_C(%" PRId64 ");\n", ref, ir_value(ins));
    }
}

static void
emit_f64(Emit *e, IrRef ref, const IrIns *ins)
{
    uint64_t bits;
    const double number = ir_number(ins);
    memcpy(&bits, &number, sizeof bits);
    if (isfinite(number)) {
        OUT("    v%u = %a;\n", ref, number);
    }
    else {
        OUT("    v%u = pyaot_f64(UINT64_C(0x%" PRIx64 "));\n", ref, bits);
    }
}

static void
emit_symbol(Emit *e, IrRef ref, const IrIns *ins)
{
    static const char type[] = "type:";
    if (ins->op == IR_SYMBOL
        && strncmp(ir_symbol(ins), type, strlen(type)) == 0) {
        for (int c = 1; c < IR_CLASS_COUNT; c++) {
            if (strcmp(ir_class_text[c], ir_symbol(ins) + strlen(type)) == 0) {
                OUT("    v%u = (PyObject *)&%s;\n", ref, ir_class_ctype[c]);
                return;
            }
        }
    }
    if (ins->op == IR_SYMBOL) {
        uint32_t s = symbol_index(e, ir_symbol(ins));
        OUT("    v%u = sym%u ? sym%u : pyaot_symbol(&sym%u, \"%s\");\n", ref,
            s, s, s, ir_symbol(ins));
        return;
    }
    const char *text = arena_printf(e->arena, "%s.%s",
                                    ir_class_text[ir_class(ins)],
                                    ir_method(ins));
    uint32_t s = symbol_index(e, text != NULL ? text : ir_method(ins));
    OUT("    v%u = sym%u ? sym%u : pyaot_type_method(&sym%u, &%s, \"%s\");\n",
        ref, s, s, s, ir_class_ctype[ir_class(ins)], ir_method(ins));
    fail_if(e, ref, "v%u == NULL", ref);
}

static void
emit_guard_class(Emit *e, IrRef ref, const IrIns *ins)
{
    if (ir_class(ins) == IR_CLASS_NONE) {
        fail_if(e, ref, "v%u != Py_None", ins->args[0]);
    }
    else {
        fail_if(e, ref, "Py_TYPE(v%u) != &%s", ins->args[0],
                ir_class_ctype[ir_class(ins)]);
    }
}

static void
emit_box(Emit *e, IrRef ref, const IrIns *ins)
{
    if (e->in_place[ref]) {
        return; /* by the LOCAL_SET that is its only use */
    }
    const IrIns *x = at(e, ins->args[0]);
    if (ir_const_object(x) != 0) {
        OUT("    v%u = Py_NewRef(in->consts[%u]);\n", ref,
            ir_const_object(x) - 1);
        return;
    }
    OUT("    v%u = pyaot_box_%c(v%u);\n", ref,
        ins->op == IR_BOX_I64   ? 'i'
        : ins->op == IR_BOX_F64 ? 'f'
                                : 'b',
        ins->args[0]);
}

/* --- locals -------------------------------------------------------------- */

/* The last reference may go here: leave if the death would be seen. */
static void
emit_drop(Emit *e, IrRef ref, IrRef value)
{
    fail_if(e, ref, "0");
    OUT("    dead = v%u; if (dead && !_Py_IsImmortal(dead) && "
        "UNLIKELY(pyaot_ref_less(dead) == 0)) goto F%u;\nC%u: ;\n",
        value, ref, ref);
    exit_death_stub(e, ref);
}

/* Boxes that only a LOCAL_SET of the same block uses. */
void
find_in_place(Emit *e)
{
    const IrFn *fn = e->fn;
    uint8_t *uses = ARENA_NEW_ARRAY(e->arena, uint8_t, fn->n_ins + 1);
    e->in_place = ARENA_NEW_ARRAY(e->arena, uint8_t, fn->n_ins + 1);
    if (uses == NULL || e->in_place == NULL) {
        return;
    }
#define USE(r) (uses[r] = uses[r] < 2 ? (uint8_t)(uses[r] + 1) : 2)
    for (uint32_t i = 1; i < fn->n_ins; i++) {
        const IrIns *ins = &fn->ins[i];
        for (uint32_t k = 0; k < ins->n_args; k++) {
            USE(ins->args[k]);
        }
        for (uint32_t k = 0; k < ins->n_release; k++) {
            USE(ins->release[k]);
        }
    }
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        for (uint32_t s = 0; s < fn->blocks[b].n_succ; s++) {
            for (uint32_t k = 0; k < fn->blocks[b].succ[s].n_args; k++) {
                USE(fn->blocks[b].succ[s].args[k]);
            }
        }
    }
    for (uint32_t i = 1; i < fn->n_snaps; i++) {
        const IrSnap *s = &fn->snaps[i];
        for (uint32_t k = 0; k < ir_snap_n_vals(s); k++) {
            if (s->vals[k].kind != SNAP_MEM) {
                USE(s->vals[k].a);
                USE(s->vals[k].b);
                USE(s->vals[k].c);
            }
        }
    }
#undef USE
    for (uint32_t b = 0; b < fn->n_blocks && e->framed; b++) {
        for (uint32_t i = 0; i < fn->blocks[b].n_ins; i++) {
            const IrIns *set = at(e, fn->blocks[b].ins[i]);
            bool stores = set->op == IR_LOCAL_SET
                          || set->op == IR_LOCAL_REPLACE;
            const IrIns *box = stores ? at(e, set->args[0]) : NULL;
            if (box == NULL || (box->op != IR_BOX_I64 && box->op != IR_BOX_F64)
                || !set->steal || uses[set->args[0]] != 1 || box->block != b
                || ir_const_object(at(e, box->args[0])) != 0) {
                continue;
            }
            e->in_place[set->args[0]] = 1;
        }
    }
}

/* `dead` is about to be let go of by a local: leave if it would be seen to
 * die. */
static void
emit_death_guard(Emit *e, IrRef ref, const IrIns *ins)
{
    if (ins->op != IR_LOCAL_SET) {
        char value[16] = "NULL";
        if (ins->op == IR_LOCAL_REPLACE && !e->in_place[ins->args[0]]) {
            snprintf(value, sizeof value, "v%u", ins->args[0]);
        }
        fail_if(e, ref, "dead && pyaot_dies_seen(th, dead, %s)", value);
    }
}

/* A number goes to a local's cell. */
static void
emit_local_number(Emit *e, IrRef ref, const IrIns *ins)
{
    const IrIns *box = at(e, ins->args[0]);
    char kind = box->op == IR_BOX_I64 ? 'i' : 'f';
    if (ins->op == IR_LOCAL_SET) {
        OUT("    pyaot_local_%c(&L[%" PRId64 "], v%u);\n", kind, ir_local(ins),
            box->args[0]);
        return;
    }
    OUT("    if (!pyaot_local_overwrite_%c(&L[%" PRId64 "], v%u)) {\n", kind,
        ir_local(ins), box->args[0]);
    OUT("    dead = L[%" PRId64 "];\n", ir_local(ins));
    emit_death_guard(e, ref, ins);
    OUT("    L[%" PRId64 "] = pyaot_box_%c(v%u); Py_XDECREF(dead); }\n",
        ir_local(ins), kind, box->args[0]);
}

static void
emit_local_set(Emit *e, IrRef ref, const IrIns *ins)
{
    if (e->in_place[ins->args[0]]) {
        emit_local_number(e, ref, ins);
        return;
    }
    OUT("    dead = L[%" PRId64 "];\n", ir_local(ins));
    emit_death_guard(e, ref, ins);
    OUT("    L[%" PRId64 "] = %s(v%u); Py_XDECREF(dead);\n", ir_local(ins),
        ins->steal ? "" : "Py_XNewRef", ins->args[0]);
}

static void
emit_local_clear(Emit *e, IrRef ref, const IrIns *ins)
{
    OUT("    dead = L[%" PRId64 "];\n", ir_local(ins));
    emit_death_guard(e, ref, ins);
    if (ir_may_stay(ins) != 0) { /* a number may stay for now */
        OUT("    if (dead && pyaot_is_number(dead)) dead = NULL; "
            "else L[%" PRId64 "] = NULL;\n",
            ir_local(ins));
    }
    else {
        OUT("    L[%" PRId64 "] = NULL;\n", ir_local(ins));
    }
    OUT("    Py_XDECREF(dead);\n");
}

static void
emit_local_append(Emit *e, IrRef ref, const IrIns *ins)
{
    OUT("    pyaot_frame_set_place(fr, in->units + %u); v%u = "
        "pyaot_local_append(&L[%" PRId64 "], v%u);\n",
        ins->offset, ref, ir_local(ins), ins->args[0]);
    OUT("    if (UNLIKELY(v%u == NULL)) goto R%u;\n", ref, ref);
    exit_raise_stub(e, ref);
}

static void
emit_local_flush(Emit *e, const IrIns *ins)
{
    if (!is_const(e, ins->args[0], 0)) {
        OUT("    pyaot_flush(&L[%" PRId64 "], v%u, v%u);\n", ir_local(ins),
            ins->args[0], ins->args[1]);
    }
}

/* --- control ------------------------------------------------------------- */

/* A turn of a loop was done natively. */
static void
emit_turn(Emit *e)
{
    OUT(region_is_resumed(e->fn->entry_kind) ? "    prog++;\n"
                                             : "    prog = 1;\n");
}

static void
emit_edge(Emit *e, const IrBlock *from)
{
    const IrEdge *edge = &from->succ[0];
    const IrBlock *to = &e->fn->blocks[edge->to];
    OUT("    {");
    for (uint32_t i = 0; i < edge->n_args; i++) {
        if (edge->args[i] != to->params[i]) {
            OUT(" %s t%u = v%u;", c_type(at(e, to->params[i])->type), i,
                edge->args[i]);
        }
    }
    for (uint32_t i = 0; i < edge->n_args; i++) {
        if (edge->args[i] != to->params[i]) {
            OUT(" v%u = t%u;", to->params[i], i);
        }
    }
    OUT(" goto B%u; }\n", edge->to);
}

static void
emit_branch(Emit *e, const IrIns *ins)
{
    const IrBlock *block = &e->fn->blocks[ins->block];
    OUT(at(e, ins->args[0])->op == IR_BREAKER_DUE
            ? "    if (UNLIKELY(v%u)) goto B%u; else goto B%u;\n"
            : "    if (v%u) goto B%u; else goto B%u;\n",
        ins->args[0], block->succ[0].to, block->succ[1].to);
}

static void
emit_return(Emit *e, const IrIns *ins)
{
    IrRef r = ins->args[0];
    const IrIns *x = at(e, r);
    bool obj = x->type == IR_OBJ;
    if (e->framed) { /* may run other code, which returns, too */
        OUT("    th->rt->pop_frame(th, fr);\n");
    }
    if (e->fn->returned_params != 0) {
        OUT("    th->returned_param = 0");
        for (uint32_t k = 0; k < 32 && e->fn->sig[k] != ':' && !obj; k++) {
            char t = e->fn->sig[k];
            if (((ir_returned(ins) >> k) & 1) && t == e->ret
                && (t == 'i' || t == 'f')) {
                if (t == 'i') {
                    OUT(", v%u == p%u ? th->returned_param = %u : 0", r, k,
                        k + 1);
                }
                else {
                    OUT(", pyaot_bits(v%u) == pyaot_bits(p%u) ? "
                        "th->returned_param = %u : 0",
                        r, k, k + 1);
                }
            }
        }
        OUT(";\n");
    }
    if (obj && e->ret == 'o') {
        OUT("    return (PyaotRetO){v%u, PYAOT_ST_OK};\n", r);
    }
    else if (obj) {
        OUT("    return (%s){0, (uintptr_t)v%u};\n", ret_type(e->ret), r);
    }
    else {
        OUT("    return (%s){v%u, PYAOT_ST_OK};\n", ret_type(e->ret), r);
    }
}

static void
emit_exit(Emit *e, IrRef ref, const IrIns *ins)
{
    char label[32];
    if (exit_is_plain_yield(e, ins)) {
        OUT("    goto Y%u;\n", ref);
        exit_yield_stub(e, ref);
        return;
    }
    OUT("    %s;\n", exit_goto(e, ref, label));
}

/* --- all of them --------------------------------------------------------- */

/* The switch has no default: an operation without a row of IR_OP_C and without
 * a case here is a warning, one with both an error. */
void
emit_ins(Emit *e, IrRef ref)
{
    const IrIns *ins = at(e, ref);
    switch ((IrOp)ins->op) {
#define IR_OP(name, text, result, args, flags, fields, effects)
#define IR_OP_C(name, text, result, args, flags, fields, effects, c)          \
    case IR_##name:
#include "ops.def"
#undef IR_OP
        emit_by_table(e, ref, ir_ops[ins->op].c);
        return;
    case IR_NOP:
    case IR_BLOCK_I:
    case IR_BLOCK_F:
    case IR_BLOCK_B:
    case IR_BLOCK_O:
    case IR_PARAM_I:
    case IR_PARAM_F:
    case IR_PARAM_B:
    case IR_PARAM_O:
    case IR_PARAM_OWN:
        return;
    case IR_CONST_I64:
        emit_i64(e, ref, ins);
        return;
    case IR_CONST_F64:
        emit_f64(e, ref, ins);
        return;
    case IR_SINGLETON:
        OUT("    v%u = %s;\n", ref,
            ir_singleton(ins) == 0   ? "Py_None"
            : ir_singleton(ins) == 1 ? "Py_True"
                                     : "Py_False");
        return;
    case IR_SYMBOL:
    case IR_TYPE_METHOD:
        emit_symbol(e, ref, ins);
        return;
    case IR_LOCAL_SET:
    case IR_LOCAL_REPLACE:
        emit_local_set(e, ref, ins);
        return;
    case IR_LOCAL_CLEAR:
        emit_local_clear(e, ref, ins);
        return;
    case IR_LOCAL_APPEND:
        emit_local_append(e, ref, ins);
        return;
    case IR_LOCAL_FLUSH:
        emit_local_flush(e, ins);
        return;
    case IR_STACK_IN:
        OUT("    v%u = L[%" PRId64 "];\n", ref,
            (int64_t)n_locals(e) + ir_stack(ins));
        return;
    case IR_GUARD_CLASS:
        emit_guard_class(e, ref, ins);
        return;
    case IR_UNBOX_BOOL:
        fail_if(e, ref, "!pyaot_unbox_b%s(v%u, &v%u)",
                ir_as_value(ins) != 0 ? "_value" : "", ins->args[0], ref);
        return;
    case IR_BOX_I64:
    case IR_BOX_F64:
    case IR_BOX_BOOL:
        emit_box(e, ref, ins);
        return;
    case IR_LIST_FILL:
        c_list_fill(e, ref, ins);
        return;
    case IR_SIZED_LEN:
        OUT("    v%u = %s(v%u);\n", ref,
            ir_class(ins) == IR_CLASS_DICT ? "PyDict_GET_SIZE"
                                           : "PySet_GET_SIZE",
            ins->args[0]);
        return;
    case IR_LIST_GET:
    case IR_TUPLE_GET:
        c_get(e, ref, ins);
        return;
    case IR_LIST_SET:
    case IR_LIST_SET_F:
    case IR_LIST_SET_I:
        c_list_set(e, ref, ins);
        return;
    case IR_INDEX:
        c_index(e, ref, ins);
        return;
    case IR_LIST_APPEND:
        c_list_append(e, ref, ins);
        return;
    case IR_LIST_NEW:
    case IR_TUPLE_NEW:
        c_sequence_new(e, ref, ins);
        return;
    case IR_STR_BUILD:
        c_str_build(e, ref, ins);
        return;
    case IR_DICT_GET:
    case IR_DICT_PEEK:
    case IR_DICT_NUMBER:
    case IR_DICT_HAS:
    case IR_DICT_SET:
    case IR_SET_HAS:
    case IR_SET_ADD:
        c_dict(e, ref, ins);
        return;
    case IR_RANGE_TAKE:
    case IR_LISTIT_TAKE:
    case IR_TUPIT_TAKE:
    case IR_STRIT_TAKE:
    case IR_ENUM_TAKE:
    case IR_ZIP_TAKE:
        c_take(e, ref, ins);
        return;
    case IR_TAKEN_O:
        OUT("    v%u = Py_NewRef(taken_o%s);\n", ref,
            ir_part(ins) == 2 ? "2" : "");
        return;
    case IR_ITER_MORE:
    case IR_ITER_NEXT_I:
    case IR_ITER_NEXT_O:
    case IR_ITER_KEY:
    case IR_ITER_VALUE:
    case IR_ITER_STEP:
        c_iter(e, ref, ins);
        return;
    case IR_GLOBAL:
        c_global(e, ref, ins);
        return;
    case IR_CELL_GET:
        c_cell_get(e, ref, ins);
        return;
    case IR_CELL_SET:
    case IR_CELL_SET_F:
    case IR_CELL_SET_I:
        c_cell_set(e, ref, ins);
        return;
    case IR_ATTR_GET:
    case IR_ATTR_SET:
    case IR_ATTR_SET_F:
    case IR_ATTR_SET_I:
        c_attr(e, ref, ins);
        return;
    case IR_METHOD:
        c_method(e, ref, ins);
        return;
    case IR_CALL_DIRECT:
        c_call_direct(e, ref, ins);
        return;
    case IR_OBJECT_NEW:
        c_object_new(e, ref, ins);
        return;
    case IR_CALL_INIT:
        c_call_init(e, ref, ins);
        return;
    case IR_PY:
    case IR_PY_VOID:
    case IR_PY_BOOL:
    case IR_PY_INT:
        c_py(e, ref, ins);
        return;
    case IR_PY_NEXT:
        c_py_next(e, ref, ins);
        return;
    case IR_PY_SEND:
        c_py_send(e, ref, ins);
        return;
    case IR_DROP:
        emit_drop(e, ref, ins->args[0]);
        return;
    case IR_DECREF:
        OUT(ir_unseen(ins) != 0 ? "    Py_XDECREF(v%u);\n"
                                : "    pyaot_give_back(th, v%u);\n",
            ins->args[0]);
        return;
    case IR_BREAKER:
        /* volatile, not atomic: other loads may be moved out of the loop
         * around it */
        fail_if(e, ref, "*(volatile uintptr_t *)&ts->eval_breaker != ok");
        if (ir_turn(ins) == 1) {
            emit_turn(e);
        }
        return;
    case IR_TURN:
        emit_turn(e);
        return;
    case IR_JUMP:
        emit_edge(e, &e->fn->blocks[ins->block]);
        return;
    case IR_BRANCH:
        emit_branch(e, ins);
        return;
    case IR_RETURN:
        emit_return(e, ins);
        return;
    case IR_EXIT:
        emit_exit(e, ref, ins);
        return;
    case IR_OP_COUNT:
        return;
    }
}
