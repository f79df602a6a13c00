/* The C of each operation. */
#include "c_emit_int.h"

#include <math.h>
#include <stdlib.h>

/* --- symbols --------------------------------------------------------------------- */

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

/* --- instructions -------------------------------------------------------------------- */

static void
fail_if(Emit *e, IrRef ref, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void
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

static void
emit_symbol(Emit *e, IrRef ref, const IrIns *ins)
{
    static const char type[] = "type:";
    if (ins->op == IR_SYMBOL && strncmp(ins->text, type, strlen(type)) == 0) {
        for (int c = 1; c < IR_CLASS_COUNT; c++) {
            if (strcmp(ir_class_text[c], ins->text + strlen(type)) == 0) {
                OUT("    v%u = (PyObject *)&%s;\n", ref, ir_class_ctype[c]);
                return;
            }
        }
    }
    if (ins->op == IR_SYMBOL) {
        uint32_t s = symbol_index(e, ins->text);
        OUT("    v%u = sym%u ? sym%u : pyaot_symbol(&sym%u, \"%s\");\n", ref, s, s, s,
            ins->text);
        return;
    }
    const char *text = arena_printf(e->arena, "%s.%s", ir_class_text[ins->imm], ins->text);
    uint32_t s = symbol_index(e, text != NULL ? text : ins->text);
    OUT("    v%u = sym%u ? sym%u : pyaot_type_method(&sym%u, &%s, \"%s\");\n", ref, s, s, s,
        ir_class_ctype[ins->imm], ins->text);
    fail_if(e, ref, "v%u == NULL", ref);
}

static const char *const c_cond[6] = {"<", "<=", "==", "!=", ">", ">="};

/* The last reference may go here: leave if the death would be seen. */
static void
emit_drop(Emit *e, IrRef ref, IrRef value)
{
    fail_if(e, ref, "0");
    OUT("    dead = v%u; if (dead && !_Py_IsImmortal(dead) && "
        "UNLIKELY(pyaot_ref_less(dead) == 0)) goto F%u;\nC%u: ;\n", value, ref, ref);
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
        for (uint32_t k = 0; k < (uint32_t)s->n_locals + s->n_stack; k++) {
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
            bool stores = set->op == IR_LOCAL_SET || set->op == IR_LOCAL_REPLACE;
            const IrIns *box = stores ? at(e, set->args[0]) : NULL;
            if (box == NULL || (box->op != IR_BOX_I64 && box->op != IR_BOX_F64) ||
                !set->steal || uses[set->args[0]] != 1 || box->block != b ||
                at(e, box->args[0])->aux != 0) {
                continue; /* aux: a constant's own object */
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
    OUT("    if (!pyaot_overwrite_%c(&L[%" PRId64 "], v%u)) {\n", kind, ins->imm,
        box->args[0]);
    OUT("    dead = L[%" PRId64 "];\n", ins->imm);
    emit_death_guard(e, ref, ins);
    OUT("    L[%" PRId64 "] = pyaot_box_%c(v%u); Py_XDECREF(dead); }\n", ins->imm, kind,
        box->args[0]);
}

/* The element a store goes to, as `cell`, in a block that the caller ends. */
static void
open_cell(Emit *e, IrRef ref, const IrIns *ins)
{
    IrRef l = ins->args[0], i = ins->args[1];
    if (ins->aux != 0) {
        OUT("    { PyObject **cell = (PyObject **)v%u;\n", i);
        return;
    }
    OUT("    { int64_t i = v%u;\n", i);
    fail_if(e, ref, "!pyaot_index(&i, Py_SIZE(v%u))", l);
    OUT("    PyObject **cell = &((PyListObject *)v%u)->ob_item[i];\n", l);
}

/* An object of which no references are counted. */
static bool
is_immortal(const IrIns *ins)
{
    return ins->op == IR_SINGLETON ||
           (ins->op == IR_SYMBOL && strncmp(ins->text, "int:", 4) == 0);
}

/* Which objects a store may replace. */
static const char *
set_kind(const Emit *e, const IrIns *ins)
{
    return ir_replaces_simple(e->fn, ins) ? "_simple" : "";
}

static void
emit_list_set(Emit *e, IrRef ref, const IrIns *ins)
{
    IrRef x = ins->args[2];
    bool is_new = ins->steal || is_immortal(at(e, x));
    open_cell(e, ref, ins);
    fail_if(e, ref, "!pyaot_cell_set%s(th, cell, v%u, %d)", set_kind(e, ins), x, is_new);
    OUT("    }\n");
}

/* A variable in a cell, which may be empty (a closure's). */
static void
emit_cell_set(Emit *e, IrRef ref, const IrIns *ins)
{
    IrRef cell = ins->args[0], x = ins->args[1];
    if (ins->op != IR_CELL_SET) {
        fail_if(e, ref, "!pyaot_variable_set_%c((PyObject **)v%u, v%u)",
                ins->op == IR_CELL_SET_F ? 'f' : 'i', cell, x);
        return;
    }
    bool is_new = ins->steal || is_immortal(at(e, x));
    fail_if(e, ref, "!pyaot_variable_set%s(th, (PyObject **)v%u, v%u, %d)", set_kind(e, ins),
            cell, x, is_new);
}

/* How a key is looked up, by _i or _s, and how one that is added becomes an
 * object (n: it is one). */
static char
key_kind(const Emit *e, const IrIns *ins)
{
    return at(e, ins->args[1])->type == IR_I64 ? 'i' : ins->imm == IR_CLASS_INT ? 'n' : 's';
}

static void
emit_dict_set(Emit *e, IrRef ref, const IrIns *ins, char key)
{
    IrRef d = ins->args[0], k = ins->args[1], x = ins->args[2];
    uint8_t type = at(e, x)->type;
    if (type != IR_OBJ) {
        fail_if(e, ref, "!pyaot_dict_set_%c%c(v%u, v%u, v%u)", key, type == IR_I64 ? 'i' : 'f',
                d, k, x);
        return;
    }
    fail_if(e, ref, "!pyaot_dict_set_%co%s(th, v%u, v%u, v%u)", key, set_kind(e, ins), d, k, x);
}

static void
emit_dict(Emit *e, IrRef ref, const IrIns *ins)
{
    IrRef d = ins->args[0], k = ins->args[1];
    char key = key_kind(e, ins), find[64];
    snprintf(find, sizeof find, key == 'n' ? "%s_find_i(v%u, pyaot_int_of(v%u))"
                                : key == 'i' ? "%s_find_i(v%u, v%u)"
                                             : "%s_find_s(v%u, v%u)", "pyaot_dict", d, k);
    switch ((int)ins->op) {
    case IR_DICT_GET:
        fail_if(e, ref, "!(v%u = pyaot_dict_value(v%u, %s))", ref, d, find);
        return;
    case IR_DICT_PEEK:
        OUT("    { Py_ssize_t ix = %s;\n", find);
        fail_if(e, ref, "ix == PYAOT_ODD_KEY");
        OUT("    v%u = pyaot_dict_value(v%u, ix); }\n", ref, d);
        return;
    case IR_DICT_NUMBER:
        fail_if(e, ref, "!pyaot_dict_number(v%u, %s, v%u, &v%u)", d, find, ins->args[2], ref);
        return;
    case IR_DICT_HAS:
        OUT("    { Py_ssize_t ix = %s;\n", find);
        fail_if(e, ref, "ix == PYAOT_ODD_KEY");
        OUT("    v%u = ix >= 0; }\n", ref);
        return;
    case IR_DICT_SET:
        emit_dict_set(e, ref, ins, key);
        return;
    case IR_SET_HAS:
        fail_if(e, ref, key == 's' ? "(v%u = pyaot_set_has_s(v%u, v%u)) < 0"
                        : key == 'i' ? "(v%u = pyaot_set_has_i(v%u, v%u)) < 0"
                                     : "(v%u = pyaot_set_has_i(v%u, pyaot_int_of(v%u))) < 0",
                ref, d, k);
        return;
    default:
        fail_if(e, ref, "!pyaot_set_add_%c(v%u, v%u)", key, d, k);
        return;
    }
}

static void
emit_attr(Emit *e, IrRef ref, const IrIns *ins)
{
    IrRef o = ins->args[0];
    int64_t k = ins->imm;
    fail_if(e, ref, "Py_TYPE(v%u) != S[%" PRId64 "].type && (!th->rt->slot_attr(th, in, "
            "%" PRId64 ", v%u) || Py_TYPE(v%u) != S[%" PRId64 "].type)", o, k, k, o, o, k);
    if (ins->op == IR_ATTR_GET) {
        fail_if(e, ref, "!pyaot_attr_is_there(v%u, S[%" PRId64 "].valid_offset)", o, k);
        OUT("    v%u = *(PyObject **)((char *)v%u + S[%" PRId64 "].offset);\n", ref, o, k);
        fail_if(e, ref, "v%u == NULL", ref);
        return;
    }
    char value[16] = "NULL"; /* a number */
    if (ins->op == IR_ATTR_SET) {
        snprintf(value, sizeof value, "v%u", ins->args[1]);
    }
    fail_if(e, ref, "!pyaot_attr_is_open(v%u, S[%" PRId64 "].valid_offset, %s)", o, k, value);
    OUT("    { PyObject **p = (PyObject **)((char *)v%u + S[%" PRId64 "].offset);\n", o, k);
    if (ins->op != IR_ATTR_SET) {
        char kind = ins->op == IR_ATTR_SET_F ? 'f' : 'i';
        OUT("    if (LIKELY(*p != NULL)) {\n");
        fail_if(e, ref, "!pyaot_cell_set_%c(p, v%u)", kind, ins->args[1]);
        OUT("    } else { *p = pyaot_box_%c(v%u); pyaot_attr_added(v%u, S[%" PRId64
            "].valid_offset, p); } }\n", kind, ins->args[1], o, k);
        return;
    }
    OUT("    if (LIKELY(*p != NULL)) {\n");
    fail_if(e, ref, "!pyaot_cell_set%s(th, p, v%u, %d)", set_kind(e, ins), ins->args[1],
            ins->steal);
    OUT("    } else { *p = %s(v%u); pyaot_attr_added(v%u, S[%" PRId64
        "].valid_offset, p); } }\n", ins->steal ? "" : "Py_NewRef", ins->args[1], o, k);
}

static void
emit_method(Emit *e, IrRef ref, const IrIns *ins)
{
    IrRef o = ins->args[0];
    int64_t k = ins->imm;
    fail_if(e, ref, "Py_TYPE(v%u) != S[%" PRId64 "].type && (!th->rt->slot_method(th, in, "
            "%" PRId64 ", v%u) || Py_TYPE(v%u) != S[%" PRId64 "].type)", o, k, k, o, o, k);
    fail_if(e, ref, "S[%" PRId64 "].valid_offset && !*((uint8_t *)v%u + S[%" PRId64
            "].valid_offset)", k, o, k);
    fail_if(e, ref, "S[%" PRId64 "].keys_version && ((PyHeapTypeObject *)S[%" PRId64
            "].type)->ht_cached_keys->dk_version != S[%" PRId64 "].keys_version", k, k, k);
    fail_if(e, ref, "S[%" PRId64 "].offset && pyaot_may_shadow(v%u, S[%" PRId64
            "].offset, pyaot_name(in, in->desc->slots[%" PRId64 "].name))", k, o, k, k);
    OUT("    v%u = S[%" PRId64 "].value;\n", ref, k);
    fail_if(e, ref, "v%u == NULL", ref);
}

/* What comes back from a direct call that is not the declared result. */
static void
call_stub(Emit *e, IrRef ref)
{
    const IrIns *ins = at(e, ref);
    const IrSnap *s = &e->fn->snaps[ins->raise];
    ExitRow row;
    memset(&row, 0, sizeof row);
    row.offset = s->resume;
    row.n_stack = (uint16_t)(s->n_stack + 1);
    row.kind = EXIT_KIND_GUARD;
    row.reason = s->reason;
    uint32_t after = exit_row(e, row), top = s->n_locals + s->n_stack;
    uint32_t w = 0, table = exit_table_open(e), c = e->region->code_index,
             r = e->region->region_index;
    STUB("P%u: ", ref);
    exit_state_cells(e, s, false, &w);
    if (!e->framed) {
        /* Waiting for the callee's result, or holding an odd one. */
        uint32_t waiting = exit_of_snap(e, s);
        exit_return_cells(e, ins, &w);
        exit_table_close(e);
        uint32_t odd = exit_table_open(e), v = 0;
        STUB("if (st != PYAOT_ST_DEOPT) { ");
        exit_state_cells(e, s, false, &v);
        exit_cell(e, "TAKE", top, 0, 0);
        STUB("x[%u] = st; ", v++);
        exit_return_cells(e, ins, &v);
        exit_table_close(e);
        exit_go_tail(e, "LEAVE", odd, after, top + 1);
        STUB("    }");
        exit_go_tail(e, "LEAVE", table, waiting, top);
        return;
    }
    exit_table_close(e);
    uint32_t first = w, later = exit_table_open(e);
    exit_call_cells(e, ins, &w);
    exit_table_close(e);
    w = first;
    uint32_t give = exit_table_open(e);
    exit_return_cells(e, ins, &w);
    exit_table_close(e);
    STUB("\n    pyaot_frame_set_place(fr, in->units + %u); pyaot_frame_set_n_cells(fr, %u); "
         "pyaot_write(th, in, L, d%u_%u_%u, x);\n", ins->offset, top, c, r, table);
    STUB("    { const int left = st == PYAOT_ST_DEOPT; if (left) pyaot_write(th, in, L, "
         "d%u_%u_%u, x + %u);\n", c, r, later, first);
    STUB("    PyObject *o = st == PYAOT_ST_RAISE ? NULL : left ? "
         "th->rt->deopt_resume(th, 0) : (PyObject *)st;\n");
    STUB("    if (o != NULL) { L[%u] = o; pyaot_frame_set_n_cells(fr, %u); }\n", top, top + 1);
    STUB("    if (!left) pyaot_write(th, in, L, d%u_%u_%u, x + %u);\n    xid = %u;\n", c, r, give,
         first, after);
    STUB("    if (o == NULL) goto RAISE; else goto RESUME; }\n");
}

/* The condition that the slot does not lead to the callee. */
static void
entry_mismatch(const Emit *e, const IrIns *ins, char *buf, size_t size)
{
    uint32_t number = e->unit->number[ins->aux]; /* 0: in another unit */
    if (number != 0) {
        snprintf(buf, size, "S[%" PRId64 "].entry != (void *)f%u_0", ins->imm, number);
    }
    else {
        snprintf(buf, size, "S[%" PRId64 "].entry == NULL", ins->imm);
    }
}

/* Leave if a direct call must not be made now.
 *
 * levels  of recursion that must be left, as C */
static void
fail_without_room(Emit *e, IrRef ref, const IrIns *ins, const char *levels)
{
    fail_if(e, ref, "(ts->py_recursion_remaining <= %s && th->rt->no_room(th, in, %" PRId64
            ", %u)) || (char *)__builtin_frame_address(0) < th->stack_limit", levels, ins->imm,
            ins->offset);
}

/* Call the entry that the slot holds; its result is r, in a block that the
 * caller ends.
 *
 * init  the callee is an __init__, its self the new instance */
static void
emit_entry_call(Emit *e, IrRef ref, const IrIns *ins, char ret, bool init)
{
    uint32_t number = e->unit->number[ins->aux];
    if (ir_call_is_framed(ins)) {
        OUT("    pyaot_frame_set_place(fr, in->units + %u);\n", ins->offset);
    }
    if (init && ins->text[0] == 'O') {
        OUT("    Py_INCREF(v%u);\n", ref);
    }
    for (uint32_t i = 1; i < ins->n_args; i++) {
        if (ir_call_takes(ins, i) && !(ins->given >> i & 1)) {
            OUT("    Py_INCREF(v%u);\n", ins->args[i]);
        }
    }
    bool more = init && ((int)ins->fimm & IR_CALL_EXACT) != 0;
    if (more) { /* what the slot holds may change meanwhile */
        OUT("    { const int levels = 1 + (int)S[%" PRId64 "].offset; "
            "ts->py_recursion_remaining -= levels;\n    %s r = ", ins->imm, ret_type(ret));
    }
    else {
        OUT("    ts->py_recursion_remaining--;\n    { %s r = ", ret_type(ret));
    }
    if (number != 0) {
        OUT("f%u_0", number);
    }
    else {
        OUT("((%s (*)(PyaotThread *, PyaotInst *, PyObject *%s", ret_type(ret),
            init ? ", PyObject *" : "");
        for (uint32_t i = 1; i < ins->n_args; i++) {
            OUT(", %s", c_type(at(e, ins->args[i])->type));
        }
        OUT("))S[%" PRId64 "].entry)", ins->imm);
    }
    OUT("(th, S[%" PRId64 "].inst, v%u", ins->imm, ins->args[0]);
    if (init) {
        OUT(", v%u", ref);
    }
    for (uint32_t i = 1; i < ins->n_args; i++) {
        OUT(", v%u", ins->args[i]);
    }
    OUT(more ? ");\n    ts->py_recursion_remaining += levels;\n"
             : ");\n    ts->py_recursion_remaining++;\n");
    OUT("    if (UNLIKELY(r.st)) { st = r.st; goto P%u; }\n    ", ref);
}

static void
emit_call_direct(Emit *e, IrRef ref, const IrIns *ins)
{
    int64_t k = ins->imm;
    IrRef fn = ins->args[0];
    char ret = ins->text[strlen(ins->text) - 1];
    uint8_t kind = e->code->slots->slots[k].kind;
    char entry[64];
    entry_mismatch(e, ins, entry, sizeof entry);
    if (kind == SLOT_METHOD) {
        fail_if(e, ref, "%s || S[%" PRId64 "].value != v%u", entry, k, fn);
    }
    else if (kind == SLOT_FUNCTION) {
        fail_if(e, ref, "(!pyaot_is_function_of(v%u, &S[%" PRId64 "]) || %s) && "
                "(!th->rt->slot_function(th, in, %" PRId64 ", v%u) || %s)",
                fn, k, entry, k, fn, entry);
    }
    else {
        fail_if(e, ref, "(%s && (!th->rt->slot_callee(th, in, %" PRId64 ") || %s)) || S[%"
                PRId64 "].value != v%u", entry, k, entry, k, fn);
    }
    fail_without_room(e, ref, ins, "0");
    emit_entry_call(e, ref, ins, ret, false);
    OUT("v%u = r.v; }\n", ref);
    call_stub(e, ref);
}

/* --- classes ------------------------------------------------------------------------ */

static void
emit_class_init(Emit *e, IrRef ref, const IrIns *ins)
{
    IrRef cls = ins->args[0];
    int64_t k = ins->imm;
    fail_if(e, ref, "(PyTypeObject *)v%u != S[%" PRId64 "].type && "
            "!th->rt->slot_class(th, in, %" PRId64 ", v%u)", cls, k, k, cls);
    OUT("    v%u = S[%" PRId64 "].value;\n", ref, k);
}

/* The values of the new instance's members as t, and which of them are given
 * away. */
static uint32_t
emit_members(Emit *e, const IrIns *ins, uint32_t *given)
{
    uint32_t n = 0, arg = 1;
    *given = 0;
    OUT("    { PyObject *t[] = {");
    for (const char *t = ins->text; *t != '\0'; n++) {
        if (*t++ == 'v') {
            *given |= (ins->aux >> arg & 1) << n;
            OUT("v%u, ", ins->args[arg++]);
        }
        else {
            char *end;
            OUT("S[%" PRId64 "].inst->consts[%lu], ", ins->imm, strtoul(t, &end, 10));
            t = end;
        }
    }
    OUT("NULL}; ");
    return n;
}

static void
emit_object_new(Emit *e, IrRef ref, const IrIns *ins)
{
    uint32_t given;
    char label[32];
    fail_if(e, ref, "S[%" PRId64 "].value != v%u || (ts->py_recursion_remaining <= 1 && "
            "th->rt->no_room(th, in, %" PRId64 ", %u))", ins->imm, ins->args[0], ins->imm,
            ins->offset);
    uint32_t n = emit_members(e, ins, &given);
    OUT("v%u = pyaot_object_new(&S[%" PRId64 "], t, %u, %uu); if (UNLIKELY(!v%u)) { "
        "PyErr_Clear(); %s; } }\n", ref, ins->imm, n, given, ref, exit_goto(e, ref, label));
}

/* The __init__ of a new instance left: the instance is on the stack already. */
static void
init_stub(Emit *e, IrRef ref)
{
    const IrIns *ins = at(e, ref);
    const IrSnap *s = &e->fn->snaps[ins->raise];
    uint32_t top = s->n_locals + s->n_stack, w = 0, c = e->region->code_index,
             r = e->region->region_index;
    ExitRow row;
    memset(&row, 0, sizeof row);
    row.offset = e->framed ? s->resume : s->offset;
    row.resume = e->framed ? 0 : s->resume;
    row.n_stack = (uint16_t)(s->n_stack + 1);
    row.kind = e->framed ? EXIT_KIND_GUARD : EXIT_KIND_INIT;
    row.reason = s->reason;
    uint32_t after = exit_row(e, row), table = exit_table_open(e);
    STUB("P%u: ", ref);
    exit_state_cells(e, s, false, &w);
    exit_cell(e, "TAKE", top, 0, 0);
    STUB("x[%u] = (uint64_t)v%u; ", w++, ref);
    if (!e->framed) {
        exit_return_cells(e, ins, &w);
        exit_table_close(e);
        exit_go_tail(e, "LEAVE", table, after, top + 1);
        return;
    }
    exit_table_close(e);
    uint32_t first = w, later = exit_table_open(e);
    exit_call_cells(e, ins, &w);
    exit_table_close(e);
    w = first;
    uint32_t give = exit_table_open(e);
    exit_return_cells(e, ins, &w);
    exit_table_close(e);
    STUB("\n    pyaot_frame_set_place(fr, in->units + %u); pyaot_frame_set_n_cells(fr, %u); "
         "pyaot_write(th, in, L, d%u_%u_%u, x);\n", ins->offset, top + 1, c, r, table);
    STUB("    { const int more = %s(int)PyType_HasFeature(Py_TYPE(v%u), "
         "Py_TPFLAGS_INLINE_VALUES); ts->py_recursion_remaining -= more;\n",
         ((int)ins->fimm & IR_CALL_EXACT) != 0 ? "" : "0 & ", ref);
    STUB("    const int left = st == PYAOT_ST_DEOPT; if (left) pyaot_write(th, in, L, "
         "d%u_%u_%u, x + %u);\n", c, r, later, first);
    STUB("    PyObject *o = left ? th->rt->deopt_resume(th, 0) : NULL;\n"
         "    ts->py_recursion_remaining += more;\n");
    STUB("    if (!left) pyaot_write(th, in, L, d%u_%u_%u, x + %u);\n    xid = %u;\n", c, r, give,
         first, after);
    STUB("    if (o == NULL) goto RAISE; else goto RESUME; }\n"); /* o is None */
}

static void
emit_call_init(Emit *e, IrRef ref, const IrIns *ins)
{
    int64_t k = ins->imm;
    char label[32], entry[64], levels[48] = "0";
    if (((int)ins->fimm & IR_CALL_EXACT) != 0) {
        snprintf(levels, sizeof levels, "(int)S[%" PRId64 "].offset", k);
    }
    entry_mismatch(e, ins, entry, sizeof entry);
    fail_if(e, ref, "%s || S[%" PRId64 "].value != v%u", entry, k, ins->args[0]);
    fail_without_room(e, ref, ins, levels);
    OUT("    v%u = PyType_GenericAlloc(S[%" PRId64 "].type, 0); if (UNLIKELY(!v%u)) { "
        "PyErr_Clear(); %s; }\n", ref, k, ref, exit_goto(e, ref, label));
    emit_entry_call(e, ref, ins, 'o', true);
    OUT("}\n");
    init_stub(e, ref);
}

static void
c_name(const char *text, char *buf, size_t size)
{
    size_t i = 0;
    for (; text[i] != '\0' && i + 1 < size; i++) {
        buf[i] = text[i] == '.' ? '_' : text[i];
    }
    buf[i] = '\0';
}

static void
emit_py_args(Emit *e, const IrIns *ins, const char *lead)
{
    const char *sep = "";
    OUT("(%s", lead);
    if (*lead != '\0') {
        sep = ", ";
    }
    for (uint32_t i = 0; i < ins->n_args; i++) {
        OUT("%sv%u", sep, ins->args[i]);
        sep = ", ";
    }
    OUT(")");
}

static void
emit_py(Emit *e, IrRef ref, const IrIns *ins)
{
    char name[48];
    const char *lead = "";
    c_name(ir_pyop_text[ins->imm], name, sizeof name);
    bool array = false;
    switch ((IrPyOp)ins->imm) {
    case IR_PYOP_CALL: case IR_PYOP_CALL_KW: case IR_PYOP_BUILD_MAP: case IR_PYOP_BUILD_SET:
    case IR_PYOP_BUILD_SLICE: case IR_PYOP_FORMAT:
        array = true;
        break;
    case IR_PYOP_GETATTR: case IR_PYOP_SETATTR:
        lead = "in";
        break;
    case IR_PYOP_YIELD_FROM_ITER:
        lead = "fr";
        break;
    case IR_PYOP_AWAITABLE:
        lead = "ts";
        break;
    default:
        break;
    }
    OUT("    pyaot_frame_set_place(fr, in->units + %u);\n", ins->offset);
    if (array) {
        bool call = ins->imm == IR_PYOP_CALL || ins->imm == IR_PYOP_CALL_KW;
        OUT("    { PyObject *t[] = {%s", call ? "NULL, " : "");
        for (uint32_t i = 0; i < ins->n_args; i++) {
            OUT("v%u, ", ins->args[i]);
        }
        if (call) {
            OUT("NULL}; v%u = pyaot_py_%s(th, t, %u, %lluu); }\n", ref, name, ins->n_args - 1,
                (unsigned long long)(ins->given >> 1));
        }
        else {
            OUT("NULL}; v%u = pyaot_py_%s(t, %u); }\n", ref, name, ins->n_args);
        }
        OUT("    if (UNLIKELY(v%u == NULL)) goto R%u;\n", ref, ref);
    }
    else if (ins->op == IR_PY_VOID) {
        OUT("    if (UNLIKELY(pyaot_pyv_%s", name);
        emit_py_args(e, ins, lead);
        OUT(" < 0)) goto R%u;\n", ref);
    }
    else if (ins->op == IR_PY_BOOL) {
        OUT("    v%u = pyaot_pyb_%s", ref, name);
        emit_py_args(e, ins, lead);
        OUT("; if (UNLIKELY(v%u < 0)) goto R%u;\n", ref, ref);
    }
    else {
        OUT("    v%u = pyaot_py_%s", ref, name);
        emit_py_args(e, ins, lead);
        OUT("; if (UNLIKELY(v%u == NULL)) goto R%u;\n", ref, ref);
    }
    exit_raise_stub(e, ref);
}

static void
emit_edge(Emit *e, const IrBlock *from)
{
    const IrEdge *edge = &from->succ[0];
    const IrBlock *to = &e->fn->blocks[edge->to];
    OUT("    {");
    for (uint32_t i = 0; i < edge->n_args; i++) {
        if (edge->args[i] != to->params[i]) {
            OUT(" %s t%u = v%u;", c_type(at(e, to->params[i])->type), i, edge->args[i]);
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
            if (((ins->aux >> k) & 1) && t == e->ret && (t == 'i' || t == 'f')) {
                if (t == 'i') {
                    OUT(", v%u == p%u ? th->returned_param = %u : 0", r, k, k + 1);
                }
                else {
                    OUT(", pyaot_bits(v%u) == pyaot_bits(p%u) ? th->returned_param = %u : 0",
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
emit_take(Emit *e, IrRef ref, const IrIns *ins)
{
    if (ins->op == IR_RANGE_TAKE) {
        fail_if(e, ref, "!th->rt->range_iter_take(v%u, &taken[0], &taken[1], &taken[2])%s%s",
                ins->args[0], ins->imm & IR_RANGE_STEP_1 ? " || taken[1] != 1" : "",
                ins->imm & IR_RANGE_NOT_NEGATIVE ? " || taken[0] < 0" : "");
        return;
    }
    if (ins->op == IR_ENUM_TAKE || ins->op == IR_ZIP_TAKE) {
        const char *cls = ir_class_ctype[ins->imm];
        if (ins->op == IR_ENUM_TAKE) {
            fail_if(e, ref, "!th->rt->enum_iter_take(v%u, &taken_o, &taken[1], &taken[2]) || "
                    "Py_TYPE(taken_o) != &%s", ins->args[0], cls);
        }
        else {
            fail_if(e, ref, "!th->rt->zip_iter_take(v%u, &taken_o, &taken[1], &taken_o2) || "
                    "Py_TYPE(taken_o) != &%s || Py_TYPE(taken_o2) != &%s", ins->args[0], cls, cls);
        }
        return;
    }
    const char *what = ins->op == IR_LISTIT_TAKE  ? "list"
                       : ins->op == IR_TUPIT_TAKE ? "tuple"
                                                  : "str";
    fail_if(e, ref, "!th->rt->%s_iter_take(v%u, &taken_o, &taken[1]) || taken_o == NULL",
            what, ins->args[0]);
}

/* Iterators moved on in place. */
static void
emit_iter(Emit *e, IrRef ref, const IrIns *ins)
{
    const char *kind = ins->imm == IR_CLASS_RANGEIT   ? "range"
                       : ins->imm == IR_CLASS_LISTIT  ? "list"
                       : ins->imm == IR_CLASS_TUPLEIT ? "tuple"
                       : ins->imm == IR_CLASS_SETIT   ? "set"
                                                      : "dict";
    if (ins->op == IR_ITER_MORE) {
        fail_if(e, ref, "(v%u = pyaot_%s_iter_more(v%u)) < 0", ref, kind, ins->args[0]);
        return;
    }
    OUT("    v%u = pyaot_%s_iter_next(v%u);\n", ref, kind, ins->args[0]);
}

/* Result by a helper that reports failure: v = f(args) or leave. */
static void
checked(Emit *e, IrRef ref, const IrIns *ins, const char *f)
{
    if (ins->n_args == 1) {
        fail_if(e, ref, "!%s(v%u, &v%u)", f, ins->args[0], ref);
    }
    else if (ins->n_args == 2) {
        fail_if(e, ref, "!%s(v%u, v%u, &v%u)", f, ins->args[0], ins->args[1], ref);
    }
    else {
        fail_if(e, ref, "!%s(v%u, v%u, v%u, &v%u)", f, ins->args[0], ins->args[1],
                ins->args[2], ref);
    }
}

/* A turn of a loop was done natively. */
static void
emit_turn(Emit *e)
{
    OUT(region_is_resumed(e->fn->entry_kind) ? "    prog++;\n" : "    prog = 1;\n");
}

void
emit_ins(Emit *e, IrRef ref)
{
    const IrIns *ins = at(e, ref);
    IrRef a = ins->n_args > 0 ? ins->args[0] : 0;
    IrRef b = ins->n_args > 1 ? ins->args[1] : 0;
    char name[64], label[32];
    switch ((IrOp)ins->op) {
    case IR_NOP: case IR_BLOCK_I: case IR_BLOCK_F: case IR_BLOCK_B:
    case IR_BLOCK_O: case IR_PARAM_I: case IR_PARAM_F: case IR_PARAM_B:
    case IR_PARAM_O: case IR_PARAM_OWN:
        return;
    case IR_CONST_I64:
        if (ins->imm == INT64_MIN) {
            OUT("    v%u = INT64_MIN;\n", ref);
        }
        else {
            OUT("    v%u = INT64_C(%" PRId64 ");\n", ref, ins->imm);
        }
        return;
    case IR_CONST_F64: {
        uint64_t bits;
        memcpy(&bits, &ins->fimm, sizeof bits);
        if (isfinite(ins->fimm)) {
            OUT("    v%u = %a;\n", ref, ins->fimm);
        }
        else {
            OUT("    v%u = pyaot_f64(UINT64_C(0x%" PRIx64 "));\n", ref, bits);
        }
        return;
    }
    case IR_CONST_BOOL:
        OUT("    v%u = %d;\n", ref, ins->imm != 0);
        return;
    case IR_CONST_OBJ:
        OUT("    v%u = in->consts[%" PRId64 "];\n", ref, ins->imm);
        return;
    case IR_SINGLETON:
        OUT("    v%u = %s;\n", ref, ins->imm == 0 ? "Py_None" : ins->imm == 1 ? "Py_True" : "Py_False");
        return;
    case IR_SYMBOL: case IR_TYPE_METHOD:
        emit_symbol(e, ref, ins);
        return;
    case IR_LOCAL_GET:
        OUT("    v%u = L[%" PRId64 "];\n", ref, ins->imm);
        fail_if(e, ref, "v%u == NULL", ref);
        return;
    case IR_LOCAL_EMPTY:
        fail_if(e, ref, "L[%" PRId64 "] != NULL", ins->imm);
        return;
    case IR_LOCAL_SET: case IR_LOCAL_REPLACE:
        if (e->in_place[a]) {
            emit_local_number(e, ref, ins);
            return;
        }
        OUT("    dead = L[%" PRId64 "];\n", ins->imm);
        emit_death_guard(e, ref, ins);
        OUT("    L[%" PRId64 "] = %s(v%u); Py_XDECREF(dead);\n", ins->imm,
            ins->steal ? "" : "Py_XNewRef", a);
        return;
    case IR_LOCAL_CLEAR:
        OUT("    dead = L[%" PRId64 "];\n", ins->imm);
        emit_death_guard(e, ref, ins);
        if (ins->aux != 0) { /* a number may stay for now */
            OUT("    if (dead && pyaot_is_number(dead)) dead = NULL; "
                "else L[%" PRId64 "] = NULL;\n", ins->imm);
        }
        else {
            OUT("    L[%" PRId64 "] = NULL;\n", ins->imm);
        }
        OUT("    Py_XDECREF(dead);\n");
        return;
    case IR_LOCAL_APPEND:
        OUT("    pyaot_frame_set_place(fr, in->units + %u); v%u = pyaot_local_append(&L[%" PRId64 "], v%u);\n",
            ins->offset, ref, ins->imm, a);
        OUT("    if (UNLIKELY(v%u == NULL)) goto R%u;\n", ref, ref);
        exit_raise_stub(e, ref);
        return;
    case IR_LOCAL_FLUSH:
        if (is_const(e, a, 0)) {
            return;
        }
        OUT("    pyaot_flush(&L[%" PRId64 "], v%u, v%u);\n", ins->imm, a, b);
        return;
    case IR_STACK_IN:
        OUT("    v%u = L[%" PRId64 "];\n", ref, (int64_t)n_locals(e) + ins->imm);
        return;
    case IR_GUARD:
        fail_if(e, ref, "!v%u", a);
        return;
    case IR_GUARD_NOT:
        fail_if(e, ref, "v%u", a);
        return;
    case IR_GUARD_CLASS:
        if (ins->imm == IR_CLASS_NONE) {
            fail_if(e, ref, "v%u != Py_None", a);
        }
        else {
            fail_if(e, ref, "Py_TYPE(v%u) != &%s", a, ir_class_ctype[ins->imm]);
        }
        return;
    case IR_GUARD_TYPE:
        fail_if(e, ref, "Py_TYPE(v%u) != S[%" PRId64 "].type && !th->rt->slot_type(th, in, %"
                PRId64 ", v%u)", a, ins->imm, ins->imm, a);
        return;
    case IR_GUARD_SAME:
        fail_if(e, ref, "v%u != v%u", a, b);
        return;
    case IR_UNBOX_I64:
        checked(e, ref, ins, "pyaot_unbox_i");
        return;
    case IR_UNBOX_F64:
        checked(e, ref, ins, "pyaot_unbox_f");
        return;
    case IR_UNBOX_BOOL:
        checked(e, ref, ins, ins->aux != 0 ? "pyaot_unbox_b_value" : "pyaot_unbox_b");
        return;
    case IR_BOX_COMPLEX:
        OUT("    v%u = pyaot_must(PyComplex_FromDoubles(v%u, v%u));\n", ref, a, b);
        return;
    case IR_COMPLEX_RE: case IR_COMPLEX_IM:
        OUT("    v%u = ((PyComplexObject *)v%u)->cval.%s;\n", ref, a,
            ins->op == IR_COMPLEX_RE ? "real" : "imag");
        return;
    case IR_COMPLEX_ABS:
        fail_if(e, ref, "!pyaot_complex_abs(v%u, v%u, &v%u)", a, b, ref);
        return;
    case IR_BOX_I64: case IR_BOX_F64: case IR_BOX_BOOL: {
        if (e->in_place[ref]) {
            return; /* by the LOCAL_SET that is its only use */
        }
        const IrIns *x = at(e, a);
        if ((x->op == IR_CONST_I64 || x->op == IR_CONST_F64) && x->aux != 0) {
            OUT("    v%u = Py_NewRef(in->consts[%u]);\n", ref, x->aux - 1);
            return;
        }
        OUT("    v%u = pyaot_box_%c(v%u);\n", ref,
            ins->op == IR_BOX_I64 ? 'i' : ins->op == IR_BOX_F64 ? 'f' : 'b', a);
        return;
    }
    case IR_BITS_F64:
        OUT("    v%u = pyaot_bits(v%u);\n", ref, a);
        return;
    case IR_B2I:
        OUT("    v%u = v%u != 0;\n", ref, a);
        return;
    case IR_I2F:
        OUT("    v%u = (double)v%u;\n", ref, a);
        return;
    case IR_I2F_EXACT:
        fail_if(e, ref, "!pyaot_exact_double(v%u)", a);
        OUT("    v%u = (double)v%u;\n", ref, a);
        return;
    case IR_F2I:
        checked(e, ref, ins, "pyaot_f2i");
        return;
    case IR_ROUND:
        checked(e, ref, ins, "pyaot_round");
        return;
    case IR_ROUND_TO:
        checked(e, ref, ins, "pyaot_round_to");
        return;
    case IR_IADD:
        fail_if(e, ref, "__builtin_add_overflow(v%u, v%u, &v%u)", a, b, ref);
        return;
    case IR_ISUB:
        fail_if(e, ref, "__builtin_sub_overflow(v%u, v%u, &v%u)", a, b, ref);
        return;
    case IR_IMUL:
        fail_if(e, ref, "__builtin_mul_overflow(v%u, v%u, &v%u)", a, b, ref);
        return;
    case IR_IADD_IF: case IR_ISUB_IF:
        OUT("    if (FAIL_IF(v%u, __builtin_%s_overflow(v%u, v%u & -(int64_t)(v%u != 0), &v%u))) "
            "%s;\n", ins->args[2], ins->op == IR_IADD_IF ? "add" : "sub", a, b, ins->args[2], ref,
            exit_goto(e, ref, label));
        return;
    case IR_SELECT_I: case IR_SELECT_B:
        OUT("    v%u = v%u ? v%u : v%u;\n", ref, a, b, ins->args[2]);
        return;
    case IR_IFDIV:
        checked(e, ref, ins, "pyaot_ifdiv");
        return;
    case IR_IMOD:
        checked(e, ref, ins, "pyaot_imod");
        return;
    case IR_ITRUEDIV:
        checked(e, ref, ins, "pyaot_itruediv");
        return;
    case IR_IPOW:
        checked(e, ref, ins, "pyaot_ipow");
        return;
    case IR_IAND:
        OUT("    v%u = v%u & v%u;\n", ref, a, b);
        return;
    case IR_IOR:
        OUT("    v%u = v%u | v%u;\n", ref, a, b);
        return;
    case IR_IXOR:
        OUT("    v%u = v%u ^ v%u;\n", ref, a, b);
        return;
    case IR_ISHL:
        checked(e, ref, ins, "pyaot_ishl");
        return;
    case IR_ISHR:
        checked(e, ref, ins, "pyaot_ishr");
        return;
    case IR_INEG:
        fail_if(e, ref, "__builtin_sub_overflow((int64_t)0, v%u, &v%u)", a, ref);
        return;
    case IR_IINV:
        OUT("    v%u = ~v%u;\n", ref, a);
        return;
    case IR_IABS:
        fail_if(e, ref, "v%u == INT64_MIN", a);
        OUT("    v%u = v%u < 0 ? -v%u : v%u;\n", ref, a, a, a);
        return;
    case IR_IMIN:
        OUT("    v%u = v%u < v%u ? v%u : v%u;\n", ref, b, a, b, a);
        return;
    case IR_IMAX:
        OUT("    v%u = v%u > v%u ? v%u : v%u;\n", ref, b, a, b, a);
        return;
    case IR_IADD_NC: case IR_ISUB_NC: case IR_IMUL_NC:
        OUT("    v%u = (int64_t)((uint64_t)v%u %c (uint64_t)v%u);\n", ref, a,
            ins->op == IR_IADD_NC ? '+' : ins->op == IR_ISUB_NC ? '-' : '*', b);
        return;
    case IR_SLICE_LEN:
        fail_if(e, ref, "!pyaot_slice_len(v%u, v%u, v%u, v%u, &v%u)", a, b, ins->args[2],
                ins->args[3], ref);
        return;
    case IR_LIST_FILL:
        fail_if(e, ref, "!pyaot_list_fill(th, v%u, v%u, v%u, v%u, v%u, v%u, %d)", a, b,
                ins->args[2], ins->args[3], ins->args[4], ins->args[5],
                is_immortal(at(e, ins->args[5])));
        return;
    case IR_RANGE_LEN:
        checked(e, ref, ins, "pyaot_range_len");
        return;
    case IR_FADD: case IR_FSUB: case IR_FMUL:
        OUT("    v%u = v%u %c v%u;\n", ref, a,
            ins->op == IR_FADD ? '+' : ins->op == IR_FSUB ? '-' : '*', b);
        return;
    case IR_FDIV:
        fail_if(e, ref, "v%u == 0.0", b);
        OUT("    v%u = v%u / v%u;\n", ref, a, b);
        return;
    case IR_FFDIV:
        checked(e, ref, ins, "pyaot_ffdiv");
        return;
    case IR_FMOD:
        checked(e, ref, ins, "pyaot_fmod");
        return;
    case IR_FPOW:
        checked(e, ref, ins, "pyaot_fpow");
        return;
    case IR_FNEG:
        OUT("    v%u = -v%u;\n", ref, a);
        return;
    case IR_FABS:
        OUT("    v%u = fabs(v%u);\n", ref, a);
        return;
    case IR_FMATH: case IR_FMATH2:
        snprintf(name, sizeof name, "pyaot_math%s_%s", ins->op == IR_FMATH2 ? "2" : "",
                 ins->text);
        checked(e, ref, ins, name);
        return;
    case IR_FFLOOR: case IR_FCEIL:
        fail_if(e, ref, "!pyaot_f2i(%s(v%u), &v%u)",
                ins->op == IR_FFLOOR ? "floor" : "ceil", a, ref);
        return;
    case IR_ICMP: case IR_FCMP:
        OUT("    v%u = v%u %s v%u;\n", ref, a, c_cond[ins->imm], b);
        return;
    case IR_OIS:
        OUT("    v%u = v%u == v%u;\n", ref, a, b);
        return;
    case IR_IS_NULL:
        OUT("    v%u = v%u == NULL;\n", ref, a);
        return;
    case IR_BNOT:
        OUT("    v%u = !v%u;\n", ref, a);
        return;
    case IR_IS_CLASS:
        OUT("    v%u = Py_TYPE(v%u) == &%s;\n", ref, a, ir_class_ctype[ins->imm]);
        return;
    case IR_FTRUE:
        OUT("    v%u = v%u != 0.0;\n", ref, a);
        return;
    case IR_STR_EQ:
        OUT("    v%u = pyaot_str_eq(v%u, v%u);\n", ref, a, b);
        return;
    case IR_STR_CMP:
        OUT("    v%u = pyaot_str_cmp(v%u, v%u);\n", ref, a, b);
        return;
    case IR_LIST_LEN: case IR_TUPLE_LEN: case IR_BYTES_LEN:
        OUT("    v%u = Py_SIZE(v%u);\n", ref, a);
        return;
    case IR_SIZED_LEN:
        OUT("    v%u = %s(v%u);\n", ref,
            ins->imm == IR_CLASS_DICT ? "PyDict_GET_SIZE" : "PySet_GET_SIZE", a);
        return;
    case IR_STR_LEN:
        OUT("    v%u = PyUnicode_GET_LENGTH(v%u);\n", ref, a);
        return;
    case IR_LIST_GET: case IR_TUPLE_GET: {
        const char *t = ins->op == IR_LIST_GET ? "PyListObject" : "PyTupleObject";
        if (ins->imm == 1) {
            OUT("    v%u = ((%s *)v%u)->ob_item[v%u];\n", ref, t, a, b);
            return;
        }
        if (ins->imm == 2) {
            fail_if(e, ref, "v%u >= Py_SIZE(v%u)", b, a);
            OUT("    v%u = ((%s *)v%u)->ob_item[v%u];\n", ref, t, a, b);
            return;
        }
        OUT("    { int64_t i = v%u;\n", b);
        fail_if(e, ref, "!pyaot_index(&i, Py_SIZE(v%u))", a);
        OUT("    v%u = ((%s *)v%u)->ob_item[i]; }\n", ref, t, a);
        return;
    }
    case IR_LIST_SET:
        emit_list_set(e, ref, ins);
        return;
    case IR_LIST_SET_F: case IR_LIST_SET_I:
        open_cell(e, ref, ins);
        fail_if(e, ref, "!pyaot_cell_set_%c(cell, v%u)",
                ins->op == IR_LIST_SET_F ? 'f' : 'i', ins->args[2]);
        OUT("    }\n");
        return;
    case IR_LIST_CELL:
        OUT("    v%u = (int64_t)&((PyObject **)v%u)[v%u];\n", ref, a, b);
        return;
    case IR_INDEX:
        if (ins->imm == 2) {
            fail_if(e, ref, "v%u >= v%u", b, a);
            OUT("    v%u = v%u;\n", ref, b);
            return;
        }
        OUT("    v%u = v%u;\n", ref, b);
        fail_if(e, ref, "!pyaot_index(&v%u, v%u)", ref, a);
        return;
    case IR_LIST_ITEMS:
        OUT("    v%u = (int64_t)((PyListObject *)v%u)->ob_item;\n", ref, a);
        return;
    case IR_LIST_ITEM:
        OUT("    v%u = ((PyObject **)v%u)[v%u];\n", ref, b, ins->args[2]);
        return;
    case IR_LIST_APPEND:
        fail_if(e, ref, "0");
        OUT("    if (UNLIKELY(!pyaot_list_append(v%u, v%u))) %s;\n", a, b,
            exit_goto(e, ref, label));
        if (ins->steal) {
            OUT("    Py_DECREF(v%u);\n", b);
        }
        return;
    case IR_LIST_NEW: case IR_TUPLE_NEW:
        OUT("    { PyObject *t[] = {");
        for (uint32_t i = 0; i < ins->n_args; i++) {
            OUT("v%u, ", ins->args[i]);
        }
        OUT("NULL}; v%u = pyaot_%s_new(t, %u, %uu); if (!v%u) { PyErr_Clear(); %s; } }\n", ref,
            ins->op == IR_LIST_NEW ? "list" : "tuple", ins->n_args, ins->aux, ref,
            exit_goto(e, ref, label));
        return;
    case IR_LIST_REPEAT:
        OUT("    v%u = pyaot_list_repeat(v%u, v%u); if (!v%u) { PyErr_Clear(); %s; }\n", ref, a,
            b, ref, exit_goto(e, ref, label));
        return;
    case IR_LIST_SLICE: case IR_TUPLE_SLICE: case IR_STR_SLICE:
        fail_if(e, ref, "!(v%u = pyaot_%s_slice(v%u, v%u, v%u))", ref,
                ins->op == IR_LIST_SLICE ? "list" : ins->op == IR_TUPLE_SLICE ? "tuple" : "str",
                a, b, ins->args[2]);
        return;
    case IR_INT_STR: case IR_FLOAT_STR:
        fail_if(e, ref, "!(v%u = pyaot_%s_str(v%u))", ref,
                ins->op == IR_INT_STR ? "int" : "float", a);
        return;
    case IR_STR_INT:
        checked(e, ref, ins, "pyaot_str_int");
        return;
    case IR_STR_BUILD:
        OUT("    { PyObject *t[] = {");
        for (uint32_t i = 0; i < ins->n_args; i++) {
            OUT("v%u, ", ins->args[i]);
        }
        OUT("NULL};\n");
        fail_if(e, ref, "!(v%u = pyaot_str_build(t, %u))", ref, ins->n_args);
        OUT("    }\n");
        return;
    case IR_DICT_GET: case IR_DICT_PEEK: case IR_DICT_NUMBER: case IR_DICT_HAS:
    case IR_DICT_SET: case IR_SET_HAS: case IR_SET_ADD:
        emit_dict(e, ref, ins);
        return;
    case IR_STR_HAS:
        fail_if(e, ref, "(v%u = pyaot_str_has(v%u, v%u)) < 0", ref, a, b);
        return;
    case IR_STR_GET:
        OUT("    { int64_t i = v%u;\n", b);
        fail_if(e, ref, "!pyaot_index(&i, PyUnicode_GET_LENGTH(v%u))", a);
        OUT("    v%u = pyaot_chr(PyUnicode_READ_CHAR(v%u, i)); }\n", ref, a);
        fail_if(e, ref, "v%u == NULL", ref);
        return;
    case IR_STR_ORD:
        checked(e, ref, ins, "pyaot_ord");
        return;
    case IR_STR_ORD_AT:
        OUT("    { int64_t i = v%u;\n", b);
        fail_if(e, ref, "!pyaot_index(&i, PyUnicode_GET_LENGTH(v%u))", a);
        OUT("    v%u = PyUnicode_READ_CHAR(v%u, i); }\n", ref, a);
        return;
    case IR_CHR:
        fail_if(e, ref, "!(v%u = pyaot_chr(v%u))", ref, a);
        return;
    case IR_BYTES_GET: case IR_BYTEARR_GET:
        OUT("    { int64_t i = v%u;\n", b);
        fail_if(e, ref, "!pyaot_index(&i, Py_SIZE(v%u))", a);
        OUT("    v%u = (uint8_t)%s(v%u)[i]; }\n", ref,
            ins->op == IR_BYTES_GET ? "PyBytes_AS_STRING" : "PyByteArray_AS_STRING", a);
        return;
    case IR_BYTEARR_SET:
        OUT("    { int64_t i = v%u;\n", b);
        fail_if(e, ref, "!pyaot_index(&i, Py_SIZE(v%u)) || (uint64_t)v%u > 255", a,
                ins->args[2]);
        OUT("    PyByteArray_AS_STRING(v%u)[i] = (char)v%u; }\n", a, ins->args[2]);
        return;
    case IR_RANGE_TAKE: case IR_LISTIT_TAKE: case IR_TUPIT_TAKE:
    case IR_STRIT_TAKE: case IR_ENUM_TAKE: case IR_ZIP_TAKE:
        emit_take(e, ref, ins);
        return;
    case IR_TAKEN_I:
        OUT("    v%u = taken[%" PRId64 "];\n", ref, ins->imm);
        return;
    case IR_TAKEN_O:
        OUT("    v%u = Py_NewRef(taken_o%s);\n", ref, ins->imm == 2 ? "2" : "");
        return;
    case IR_ITER_MORE: case IR_ITER_NEXT_I: case IR_ITER_NEXT_O:
        emit_iter(e, ref, ins);
        return;
    case IR_ITER_KEY: case IR_ITER_VALUE:
        OUT("    v%u = *pyaot_%s_iter_%s(v%u);\n", ref, ins->imm == IR_CLASS_SETIT ? "set" : "dict",
            ins->op == IR_ITER_KEY ? "key" : "value", a);
        return;
    case IR_ITER_STEP:
        OUT("    pyaot_%s_iter_step(v%u);\n", ins->imm == IR_CLASS_SETIT ? "set" : "dict", a);
        return;
    case IR_GLOBAL:
        OUT("    v%u = S[%" PRId64 "].value;\n", ref, ins->imm);
        if (e->code->slots->slots[ins->imm].kind == SLOT_CALLEE) {
            fail_if(e, ref, "v%u == NULL && !(v%u = pyaot_global_callee(th, in, %" PRId64
                    ", %u))", ref, ref, ins->imm, ins->aux);
            return;
        }
        fail_if(e, ref, "v%u == NULL && !(v%u = pyaot_global(th, in, %" PRId64 "))", ref, ref,
                ins->imm);
        return;
    case IR_GLOBAL_CELL:
        fail_if(e, ref, "!pyaot_cell_fits(in, &S[%" PRId64 "]) && !th->rt->slot_cell(th, in, %"
                PRId64 ")", ins->imm, ins->imm);
        OUT("    v%u = (int64_t)S[%" PRId64 "].entry;\n", ref, ins->imm);
        return;
    case IR_DEREF_CELL:
        OUT("    v%u = (int64_t)&((PyCellObject *)L[%" PRId64 "])->ob_ref;\n", ref, ins->imm);
        return;
    case IR_CELL_GET:
        OUT("    v%u = *(PyObject **)v%u;\n", ref, a);
        if (ins->imm < 0) {
            fail_if(e, ref, "v%u == NULL", ref);
        }
        return;
    case IR_CELL_SET: case IR_CELL_SET_F: case IR_CELL_SET_I:
        emit_cell_set(e, ref, ins);
        return;
    case IR_ATTR_GET: case IR_ATTR_SET: case IR_ATTR_SET_F: case IR_ATTR_SET_I:
        emit_attr(e, ref, ins);
        return;
    case IR_METHOD:
        emit_method(e, ref, ins);
        return;
    case IR_MODULE_ATTR:
        OUT("    v%u = PyDict_GetItemWithError(PyModule_GetDict(v%u), pyaot_name(in, %" PRId64
            ")); if (!v%u) PyErr_Clear();\n", ref, a, ins->imm, ref);
        fail_if(e, ref, "v%u == NULL", ref);
        return;
    case IR_DEFAULT:
        fail_if(e, ref, "!(v%u = pyaot_default(v%u, %" PRId64 ", %u))", ref, a, ins->imm, ins->aux);
        return;
    case IR_CALL_DIRECT:
        emit_call_direct(e, ref, ins);
        return;
    case IR_CLASS_INIT:
        emit_class_init(e, ref, ins);
        return;
    case IR_OBJECT_NEW:
        emit_object_new(e, ref, ins);
        return;
    case IR_CALL_INIT:
        emit_call_init(e, ref, ins);
        return;
    case IR_PY: case IR_PY_VOID: case IR_PY_BOOL: case IR_PY_INT:
        emit_py(e, ref, ins);
        return;
    case IR_PY_NEXT:
        OUT("    pyaot_frame_set_place(fr, in->units + %u); v%u = pyaot_next(th, v%u);\n", ins->offset, ref, a);
        OUT("    if (UNLIKELY(v%u == NULL) && PyErr_Occurred()) goto R%u;\n", ref, ref);
        exit_raise_stub(e, ref);
        return;
    case IR_PY_SEND:
        OUT("    pyaot_frame_set_place(fr, in->units + %u); v%u = pyaot_send(th, v%u, v%u, &more);\n",
            ins->offset, ref, a, b);
        OUT("    if (UNLIKELY(v%u == NULL)) goto R%u;\n", ref, ref);
        exit_raise_stub(e, ref);
        return;
    case IR_SENT_MORE:
        OUT("    v%u = more;\n", ref);
        return;
    case IR_INCREF:
        OUT("    Py_XINCREF(v%u);\n", a);
        return;
    case IR_DROP:
        emit_drop(e, ref, a);
        return;
    case IR_DECREF:
        OUT(ins->aux != 0 ? "    Py_XDECREF(v%u);\n" : "    pyaot_give_back(th, v%u);\n", a);
        return;
    case IR_BREAKER:
        /* volatile, not atomic: other loads may be moved out of the loop around it */
        fail_if(e, ref, "*(volatile uintptr_t *)&ts->eval_breaker != ok");
        if (ins->imm == 1) {
            emit_turn(e);
        }
        return;
    case IR_BREAKER_DUE:
        OUT("    v%u = FAIL(*(volatile uintptr_t *)&ts->eval_breaker != ok);\n", ref);
        return;
    case IR_TURN:
        emit_turn(e);
        return;
    case IR_FRAME_CHECK:
        fail_if(e, ref, "pyaot_frame_is_held(fr) || "
                "*(volatile uintptr_t *)&ts->eval_breaker != (ok = th->ok_breaker) || "
                "*th->eval_hook != NULL");
        return;
    case IR_JUMP:
        emit_edge(e, &e->fn->blocks[ins->block]);
        return;
    case IR_BRANCH: {
        const IrBlock *blk = &e->fn->blocks[ins->block];
        OUT(at(e, a)->op == IR_BREAKER_DUE ? "    if (UNLIKELY(v%u)) goto B%u; else goto B%u;\n"
                                           : "    if (v%u) goto B%u; else goto B%u;\n", a, blk->succ[0].to, blk->succ[1].to);
        return;
    }
    case IR_RETURN:
        emit_return(e, ins);
        return;
    case IR_EXIT:
        if (exit_is_plain_yield(e, ins)) {
            OUT("    goto X%u;\n", ref);
            exit_yield_stub(e, ref);
            return;
        }
        OUT("    %s;\n", exit_goto(e, ref, label));
        return;
    case IR_OP_COUNT:
        return;
    }
}
