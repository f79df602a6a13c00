/* The C of containers, variables, attributes and iterators, as far as it
 * depends on more than the row in ops.def. */
#include "c_emit_int.h"

/* --- lists, tuples, strings ---------------------------------------------- */

/* An element. */
void
c_get(Emit *e, IrRef ref, const IrIns *ins)
{
    IrRef a = ins->args[0], b = ins->args[1];
    const char *t = ins->op == IR_LIST_GET ? "PyListObject" : "PyTupleObject";
    if (ir_bounds(ins) == IR_IN_BOUNDS) {
        OUT("    v%u = ((%s *)v%u)->ob_item[v%u];\n", ref, t, a, b);
        return;
    }
    if (ir_bounds(ins) == IR_NOT_NEGATIVE) {
        fail_if(e, ref, "v%u >= Py_SIZE(v%u)", b, a);
        OUT("    v%u = ((%s *)v%u)->ob_item[v%u];\n", ref, t, a, b);
        return;
    }
    OUT("    { int64_t i = v%u;\n", b);
    fail_if(e, ref, "!pyaot_index(&i, Py_SIZE(v%u))", a);
    OUT("    v%u = ((%s *)v%u)->ob_item[i]; }\n", ref, t, a);
}

void
c_index(Emit *e, IrRef ref, const IrIns *ins)
{
    IrRef a = ins->args[0], b = ins->args[1];
    if (ir_bounds(ins) == IR_NOT_NEGATIVE) {
        fail_if(e, ref, "v%u >= v%u", b, a);
        OUT("    v%u = v%u;\n", ref, b);
        return;
    }
    OUT("    v%u = v%u;\n", ref, b);
    fail_if(e, ref, "!pyaot_index(&v%u, v%u)", ref, a);
}

/* The element a store goes to, as `cell`, in a block that the caller ends. */
static void
open_cell(Emit *e, IrRef ref, const IrIns *ins)
{
    IrRef l = ins->args[0], i = ins->args[1];
    if (ir_is_cell(ins) != 0) {
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
    return ins->op == IR_SINGLETON
           || (ins->op == IR_SYMBOL
               && strncmp(ir_symbol(ins), "int:", 4) == 0);
}

/* Which objects a store may replace. */
static const char *
set_kind(const Emit *e, const IrIns *ins)
{
    return ir_replaces_simple(e->fn, ins) ? "_simple" : "";
}

void
c_list_set(Emit *e, IrRef ref, const IrIns *ins)
{
    IrRef x = ins->args[2];
    bool is_new = ins->steal || is_immortal(at(e, x));
    open_cell(e, ref, ins);
    if (ins->op != IR_LIST_SET) {
        fail_if(e, ref, "!pyaot_cell_set_%c(cell, v%u)",
                ins->op == IR_LIST_SET_F ? 'f' : 'i', x);
    }
    else {
        fail_if(e, ref, "!pyaot_cell_set%s(th, cell, v%u, %d)",
                set_kind(e, ins), x, is_new);
    }
    OUT("    }\n");
}

void
c_list_fill(Emit *e, IrRef ref, const IrIns *ins)
{
    const IrRef *v = ins->args;
    fail_if(e, ref, "!pyaot_list_fill(th, v%u, v%u, v%u, v%u, v%u, v%u, %d)",
            v[0], v[1], v[2], v[3], v[4], v[5], is_immortal(at(e, v[5])));
}

void
c_list_append(Emit *e, IrRef ref, const IrIns *ins)
{
    char label[32];
    fail_if(e, ref, "0");
    OUT("    if (UNLIKELY(!pyaot_list_append(v%u, v%u))) %s;\n", ins->args[0],
        ins->args[1], exit_goto(e, ref, label));
    if (ins->steal) {
        OUT("    Py_DECREF(v%u);\n", ins->args[1]);
    }
}

/* The operands as t, in a block that the caller ends. */
static void
open_array(Emit *e, const IrIns *ins)
{
    OUT("    { PyObject *t[] = {");
    for (uint32_t i = 0; i < ins->n_args; i++) {
        OUT("v%u, ", ins->args[i]);
    }
    OUT("NULL};");
}

void
c_sequence_new(Emit *e, IrRef ref, const IrIns *ins)
{
    char label[32];
    open_array(e, ins);
    OUT(" v%u = pyaot_%s_new(t, %u, %uu); if (!v%u) { PyErr_Clear(); %s; } "
        "}\n",
        ref, ins->op == IR_LIST_NEW ? "list" : "tuple", ins->n_args,
        ir_given(ins), ref, exit_goto(e, ref, label));
}

void
c_str_build(Emit *e, IrRef ref, const IrIns *ins)
{
    open_array(e, ins);
    OUT("\n");
    fail_if(e, ref, "!(v%u = pyaot_str_build(t, %u))", ref, ins->n_args);
    OUT("    }\n");
}

/* --- variables and attributes -------------------------------------------- */

void
c_global(Emit *e, IrRef ref, const IrIns *ins)
{
    OUT("    v%u = S[%" PRId64 "].value;\n", ref, ir_slot(ins));
    if (e->code->slots->slots[ir_slot(ins)].kind == SLOT_CALLEE) {
        fail_if(e, ref,
                "v%u == NULL && !(v%u = pyaot_global_callee(th, in, %" PRId64
                ", %u))",
                ref, ref, ir_slot(ins), ir_global(ins));
        return;
    }
    fail_if(e, ref,
            "v%u == NULL && !(v%u = pyaot_global(th, in, %" PRId64 "))", ref,
            ref, ir_slot(ins));
}

void
c_cell_get(Emit *e, IrRef ref, const IrIns *ins)
{
    OUT("    v%u = *(PyObject **)v%u;\n", ref, ins->args[0]);
    if (ir_slot(ins) < 0) {
        fail_if(e, ref, "v%u == NULL", ref);
    }
}

/* A variable in a cell, which may be empty (a closure's). */
void
c_cell_set(Emit *e, IrRef ref, const IrIns *ins)
{
    IrRef cell = ins->args[0], x = ins->args[1];
    if (ins->op != IR_CELL_SET) {
        fail_if(e, ref, "!pyaot_variable_set_%c((PyObject **)v%u, v%u)",
                ins->op == IR_CELL_SET_F ? 'f' : 'i', cell, x);
        return;
    }
    bool is_new = ins->steal || is_immortal(at(e, x));
    fail_if(e, ref, "!pyaot_variable_set%s(th, (PyObject **)v%u, v%u, %d)",
            set_kind(e, ins), cell, x, is_new);
}

void
c_attr(Emit *e, IrRef ref, const IrIns *ins)
{
    IrRef o = ins->args[0];
    int64_t k = ir_slot(ins);
    fail_if(e, ref,
            "Py_TYPE(v%u) != S[%" PRId64
            "].type && (!th->rt->slot_attr(th, in, "
            "%" PRId64 ", v%u) || Py_TYPE(v%u) != S[%" PRId64 "].type)",
            o, k, k, o, o, k);
    if (ins->op == IR_ATTR_GET) {
        fail_if(e, ref,
                "!pyaot_attr_is_there(v%u, S[%" PRId64 "].valid_offset)", o,
                k);
        OUT("    v%u = *(PyObject **)((char *)v%u + S[%" PRId64 "].offset);\n",
            ref, o, k);
        fail_if(e, ref, "v%u == NULL", ref);
        return;
    }
    char value[16] = "NULL"; /* a number */
    if (ins->op == IR_ATTR_SET) {
        snprintf(value, sizeof value, "v%u", ins->args[1]);
    }
    fail_if(e, ref,
            "!pyaot_attr_is_open(v%u, S[%" PRId64 "].valid_offset, %s)", o, k,
            value);
    OUT("    { PyObject **p = (PyObject **)((char *)v%u + S[%" PRId64
        "].offset);\n",
        o, k);
    if (ins->op != IR_ATTR_SET) {
        char kind = ins->op == IR_ATTR_SET_F ? 'f' : 'i';
        OUT("    if (LIKELY(*p != NULL)) {\n");
        fail_if(e, ref, "!pyaot_cell_set_%c(p, v%u)", kind, ins->args[1]);
        OUT("    } else { *p = pyaot_box_%c(v%u); pyaot_attr_added(v%u, "
            "S[%" PRId64 "].valid_offset, p); } }\n",
            kind, ins->args[1], o, k);
        return;
    }
    OUT("    if (LIKELY(*p != NULL)) {\n");
    fail_if(e, ref, "!pyaot_cell_set%s(th, p, v%u, %d)", set_kind(e, ins),
            ins->args[1], ins->steal);
    OUT("    } else { *p = %s(v%u); pyaot_attr_added(v%u, S[%" PRId64
        "].valid_offset, p); } }\n",
        ins->steal ? "" : "Py_NewRef", ins->args[1], o, k);
}

void
c_method(Emit *e, IrRef ref, const IrIns *ins)
{
    IrRef o = ins->args[0];
    int64_t k = ir_slot(ins);
    fail_if(e, ref,
            "Py_TYPE(v%u) != S[%" PRId64
            "].type && (!th->rt->slot_method(th, in, "
            "%" PRId64 ", v%u) || Py_TYPE(v%u) != S[%" PRId64 "].type)",
            o, k, k, o, o, k);
    fail_if(e, ref,
            "S[%" PRId64 "].valid_offset && !*((uint8_t *)v%u + S[%" PRId64
            "].valid_offset)",
            k, o, k);
    fail_if(e, ref,
            "S[%" PRId64 "].keys_version && ((PyHeapTypeObject *)S[%" PRId64
            "].type)->ht_cached_keys->dk_version != S[%" PRId64
            "].keys_version",
            k, k, k);
    fail_if(e, ref,
            "S[%" PRId64 "].offset && pyaot_may_shadow(v%u, S[%" PRId64
            "].offset, pyaot_name(in, in->desc->slots[%" PRId64 "].name))",
            k, o, k, k);
    OUT("    v%u = S[%" PRId64 "].value;\n", ref, k);
    fail_if(e, ref, "v%u == NULL", ref);
}

/* --- dicts and sets ------------------------------------------------------ */

/* How a key is looked up, by _i or _s, and how one that is added becomes an
 * object (n: it is one). */
static char
key_kind(const Emit *e, const IrIns *ins)
{
    return at(e, ins->args[1])->type == IR_I64 ? 'i'
           : ir_class(ins) == IR_CLASS_INT     ? 'n'
                                               : 's';
}

static void
emit_dict_set(Emit *e, IrRef ref, const IrIns *ins, char key)
{
    IrRef d = ins->args[0], k = ins->args[1], x = ins->args[2];
    uint8_t type = at(e, x)->type;
    if (type != IR_OBJ) {
        fail_if(e, ref, "!pyaot_dict_set_%c%c(v%u, v%u, v%u)", key,
                type == IR_I64 ? 'i' : 'f', d, k, x);
        return;
    }
    fail_if(e, ref, "!pyaot_dict_set_%co%s(th, v%u, v%u, v%u)", key,
            set_kind(e, ins), d, k, x);
}

void
c_dict(Emit *e, IrRef ref, const IrIns *ins)
{
    IrRef d = ins->args[0], k = ins->args[1];
    char key = key_kind(e, ins), find[64];
    snprintf(find, sizeof find,
             key == 'n'   ? "%s_find_i(v%u, pyaot_int_of(v%u))"
             : key == 'i' ? "%s_find_i(v%u, v%u)"
                          : "%s_find_s(v%u, v%u)",
             "pyaot_dict", d, k);
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
        fail_if(e, ref, "!pyaot_dict_number(v%u, %s, v%u, &v%u)", d, find,
                ins->args[2], ref);
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
        fail_if(e, ref,
                key == 's' ? "(v%u = pyaot_set_has_s(v%u, v%u)) < 0"
                : key == 'i'
                    ? "(v%u = pyaot_set_has_i(v%u, v%u)) < 0"
                    : "(v%u = pyaot_set_has_i(v%u, pyaot_int_of(v%u))) < 0",
                ref, d, k);
        return;
    default:
        fail_if(e, ref, "!pyaot_set_add_%c(v%u, v%u)", key, d, k);
        return;
    }
}

/* --- iterators ----------------------------------------------------------- */

void
c_take(Emit *e, IrRef ref, const IrIns *ins)
{
    if (ins->op == IR_RANGE_TAKE) {
        fail_if(e, ref,
                "!th->rt->range_iter_take(v%u, &taken[0], &taken[1], "
                "&taken[2])%s%s",
                ins->args[0],
                ir_shape(ins) & IR_RANGE_STEP_1 ? " || taken[1] != 1" : "",
                ir_shape(ins) & IR_RANGE_NOT_NEGATIVE ? " || taken[0] < 0"
                                                      : "");
        return;
    }
    if (ins->op == IR_ENUM_TAKE || ins->op == IR_ZIP_TAKE) {
        const char *cls = ir_class_ctype[ir_class(ins)];
        if (ins->op == IR_ENUM_TAKE) {
            fail_if(e, ref,
                    "!th->rt->enum_iter_take(v%u, &taken_o, &taken[1], "
                    "&taken[2]) || "
                    "Py_TYPE(taken_o) != &%s",
                    ins->args[0], cls);
        }
        else {
            fail_if(e, ref,
                    "!th->rt->zip_iter_take(v%u, &taken_o, &taken[1], "
                    "&taken_o2) || "
                    "Py_TYPE(taken_o) != &%s || Py_TYPE(taken_o2) != &%s",
                    ins->args[0], cls, cls);
        }
        return;
    }
    const char *what = ins->op == IR_LISTIT_TAKE  ? "list"
                       : ins->op == IR_TUPIT_TAKE ? "tuple"
                                                  : "str";
    fail_if(
        e, ref,
        "!th->rt->%s_iter_take(v%u, &taken_o, &taken[1]) || taken_o == NULL",
        what, ins->args[0]);
}

/* Iterators moved on in place. */
void
c_iter(Emit *e, IrRef ref, const IrIns *ins)
{
    const char *kind = ir_class(ins) == IR_CLASS_RANGEIT   ? "range"
                       : ir_class(ins) == IR_CLASS_LISTIT  ? "list"
                       : ir_class(ins) == IR_CLASS_TUPLEIT ? "tuple"
                       : ir_class(ins) == IR_CLASS_SETIT   ? "set"
                                                           : "dict";
    if (ins->op == IR_ITER_MORE) {
        fail_if(e, ref, "(v%u = pyaot_%s_iter_more(v%u)) < 0", ref, kind,
                ins->args[0]);
        return;
    }
    if (ins->op == IR_ITER_STEP) {
        OUT("    pyaot_%s_iter_step(v%u);\n", kind, ins->args[0]);
        return;
    }
    if (ins->op == IR_ITER_KEY || ins->op == IR_ITER_VALUE) {
        OUT("    v%u = *pyaot_%s_iter_%s(v%u);\n", ref, kind,
            ins->op == IR_ITER_KEY ? "key" : "value", ins->args[0]);
        return;
    }
    OUT("    v%u = pyaot_%s_iter_next(v%u);\n", ref, kind, ins->args[0]);
}
