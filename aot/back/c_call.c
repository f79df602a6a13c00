/* The C of calls: direct ones and their exits, instances of classes, and what
 * the interpreter's own C functions do. */
#include "c_emit_int.h"

#include <stdlib.h>

/* The condition that the slot does not lead to the callee. */
static void
entry_mismatch(const Emit *e, const IrIns *ins, char *buf, size_t size)
{
    uint32_t number = e->unit->number[ir_callee(ins)]; /* 0: in another unit */
    if (number != 0) {
        snprintf(buf, size, "S[%" PRId64 "].entry != (void *)f%u_0",
                 ir_slot(ins), number);
    }
    else {
        snprintf(buf, size, "S[%" PRId64 "].entry == NULL", ir_slot(ins));
    }
}

/* Leave if a direct call must not be made now.
 *
 * levels  of recursion that must be left, as C */
static void
fail_without_room(Emit *e, IrRef ref, const IrIns *ins, const char *levels)
{
    fail_if(
        e, ref,
        "(ts->py_recursion_remaining <= %s && th->rt->no_room(th, in, %" PRId64
        ", %u)) || (char *)__builtin_frame_address(0) < th->stack_limit",
        levels, ir_slot(ins), ins->offset);
}

/* References for the arguments that the callee takes and that do not end here;
 * returns all that are given to it (bit i: operand i). */
static uint64_t
give_arguments(Emit *e, const IrIns *ins)
{
    uint64_t given = ins->given;
    for (uint32_t i = 1; i < ins->n_args; i++) {
        if (ir_call_takes(ins, i) && !(given >> i & 1)) {
            OUT("    Py_INCREF(v%u);\n", ins->args[i]);
            given |= (uint64_t)1 << i;
        }
    }
    return given;
}

/* Call the entry that the slot holds; its result is r, in a block that the
 * caller ends.
 *
 * init  the callee is an __init__, its self the new instance */
static void
emit_entry_call(Emit *e, IrRef ref, const IrIns *ins, char ret, bool init)
{
    uint32_t number = e->unit->number[ir_callee(ins)];
    if (ir_call_is_framed(ins)) {
        OUT("    pyaot_frame_set_place(fr, in->units + %u);\n", ins->offset);
    }
    if (init && ir_signature(ins)[0] == 'O') {
        OUT("    Py_INCREF(v%u);\n", ref);
    }
    give_arguments(e, ins);
    bool more = init && (ir_mode(ins) & IR_CALL_EXACT) != 0;
    if (more) { /* what the slot holds may change meanwhile */
        OUT("    { const int levels = 1 + (int)S[%" PRId64 "].offset; "
            "ts->py_recursion_remaining -= levels;\n    %s r = ",
            ir_slot(ins), ret_type(ret));
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
        OUT("))S[%" PRId64 "].entry)", ir_slot(ins));
    }
    OUT("(th, S[%" PRId64 "].inst, v%u", ir_slot(ins), ins->args[0]);
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

void
c_call_direct(Emit *e, IrRef ref, const IrIns *ins)
{
    int64_t k = ir_slot(ins);
    IrRef fn = ins->args[0];
    char ret = ir_signature(ins)[strlen(ir_signature(ins)) - 1];
    uint8_t kind = e->code->slots->slots[k].kind;
    char entry[64];
    entry_mismatch(e, ins, entry, sizeof entry);
    if (kind == SLOT_METHOD) {
        fail_if(e, ref, "%s || S[%" PRId64 "].value != v%u", entry, k, fn);
    }
    else if (kind == SLOT_FUNCTION) {
        fail_if(e, ref,
                "(!pyaot_is_function_of(v%u, &S[%" PRId64 "]) || %s) && "
                "(!th->rt->slot_function(th, in, %" PRId64 ", v%u) || %s)",
                fn, k, entry, k, fn, entry);
    }
    else {
        fail_if(e, ref,
                "(%s && (!th->rt->slot_callee(th, in, %" PRId64
                ") || %s)) || S[%" PRId64 "].value != v%u",
                entry, k, entry, k, fn);
    }
    fail_without_room(e, ref, ins, "0");
    emit_entry_call(e, ref, ins, ret, false);
    OUT("v%u = r.v; }\n", ref);
    exit_call_stub(e, ref);
}

/* --- classes ------------------------------------------------------------- */

/* The values of the new instance's members as t, and which of them are given
 * away. */
static uint32_t
emit_members(Emit *e, const IrIns *ins, uint32_t *given)
{
    uint32_t n = 0, arg = 1;
    *given = 0;
    OUT("    { PyObject *t[] = {");
    for (const char *t = ir_members(ins); *t != '\0'; n++) {
        if (*t++ == 'v') {
            *given |= (ir_given(ins) >> arg & 1) << n;
            OUT("v%u, ", ins->args[arg++]);
        }
        else {
            char *end;
            OUT("S[%" PRId64 "].inst->consts[%lu], ", ir_slot(ins),
                strtoul(t, &end, 10));
            t = end;
        }
    }
    OUT("NULL}; ");
    return n;
}

void
c_object_new(Emit *e, IrRef ref, const IrIns *ins)
{
    uint32_t given;
    char label[32];
    fail_if(e, ref,
            "S[%" PRId64
            "].value != v%u || (ts->py_recursion_remaining <= 1 && "
            "th->rt->no_room(th, in, %" PRId64 ", %u))",
            ir_slot(ins), ins->args[0], ir_slot(ins), ins->offset);
    uint32_t n = emit_members(e, ins, &given);
    OUT("v%u = pyaot_object_new(&S[%" PRId64
        "], t, %u, %uu); if (UNLIKELY(!v%u)) { "
        "PyErr_Clear(); %s; } }\n",
        ref, ir_slot(ins), n, given, ref, exit_goto(e, ref, label));
}

void
c_call_init(Emit *e, IrRef ref, const IrIns *ins)
{
    int64_t k = ir_slot(ins);
    char label[32], entry[64], levels[48] = "0";
    if ((ir_mode(ins) & IR_CALL_EXACT) != 0) {
        snprintf(levels, sizeof levels, "(int)S[%" PRId64 "].offset", k);
    }
    entry_mismatch(e, ins, entry, sizeof entry);
    fail_if(e, ref, "%s || S[%" PRId64 "].value != v%u", entry, k,
            ins->args[0]);
    fail_without_room(e, ref, ins, levels);
    OUT("    v%u = PyType_GenericAlloc(S[%" PRId64
        "].type, 0); if (UNLIKELY(!v%u)) { "
        "PyErr_Clear(); %s; }\n",
        ref, k, ref, exit_goto(e, ref, label));
    emit_entry_call(e, ref, ins, 'o', true);
    OUT("}\n");
    exit_init_stub(e, ref);
}

/* --- the interpreter's operations ---------------------------------------- */

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

void
c_py(Emit *e, IrRef ref, const IrIns *ins)
{
    char name[48];
    const char *lead = "";
    c_name(ir_pyop_text[ir_pyop(ins)], name, sizeof name);
    bool array = false;
    switch (ir_pyop(ins)) {
    case IR_PYOP_CALL:
    case IR_PYOP_CALL_KW:
    case IR_PYOP_BUILD_MAP:
    case IR_PYOP_BUILD_SET:
    case IR_PYOP_BUILD_SLICE:
    case IR_PYOP_FORMAT:
        array = true;
        break;
    case IR_PYOP_GETATTR:
    case IR_PYOP_SETATTR:
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
        bool call = ir_pyop(ins) == IR_PYOP_CALL
                    || ir_pyop(ins) == IR_PYOP_CALL_KW;
        OUT("    { PyObject *t[] = {%s", call ? "NULL, " : "");
        for (uint32_t i = 0; i < ins->n_args; i++) {
            OUT("v%u, ", ins->args[i]);
        }
        if (call) {
            OUT("NULL}; ");
            uint64_t given = give_arguments(e, ins);
            OUT("v%u = pyaot_py_%s(th, t, %u, %lluu); }\n", ref, name,
                ins->n_args - 1, (unsigned long long)(given >> 1));
        }
        else {
            OUT("NULL}; v%u = pyaot_py_%s(t, %u); }\n", ref, name,
                ins->n_args);
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

/* The next item of an iterator, or NULL at its end. */
void
c_py_next(Emit *e, IrRef ref, const IrIns *ins)
{
    OUT("    pyaot_frame_set_place(fr, in->units + %u); v%u = pyaot_next(th, "
        "v%u);\n",
        ins->offset, ref, ins->args[0]);
    OUT("    if (UNLIKELY(v%u == NULL) && PyErr_Occurred()) goto R%u;\n", ref,
        ref);
    exit_raise_stub(e, ref);
}

void
c_py_send(Emit *e, IrRef ref, const IrIns *ins)
{
    OUT("    pyaot_frame_set_place(fr, in->units + %u); v%u = pyaot_send(th, "
        "v%u, v%u, &more);\n",
        ins->offset, ref, ins->args[0], ins->args[1]);
    OUT("    if (UNLIKELY(v%u == NULL)) goto R%u;\n", ref, ref);
    exit_raise_stub(e, ref);
}
