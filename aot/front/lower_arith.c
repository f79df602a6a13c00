/* Numbers: binary and unary operators, comparisons, truth. */
#include "build_int.h"

#include "exit_kinds.h"

_Static_assert((int)BC_ADD == (int)IR_PYOP_ADD
                   && (int)BC_XOR == (int)IR_PYOP_XOR
                   && (int)BC_OPERATOR_COUNT == (int)IR_PYOP_IADD
                   && 2 * (int)BC_OPERATOR_COUNT - 1 == (int)IR_PYOP_IXOR
                   && (int)BC_LT == (int)IR_LT && (int)BC_GE == (int)IR_GE,
               "operators and comparisons are in the bytecode's order");

static bool
is_int(IrClass cls)
{
    return cls == IR_CLASS_INT || cls == IR_CLASS_BOOL;
}

static bool
is_num(IrClass cls)
{
    return is_int(cls) || cls == IR_CLASS_FLOAT;
}

/* Operators on int and bool; bool & | ^ bool stay bool. */
static bool
int_op(Builder *b, uint32_t nb, AbsVal *l, AbsVal *r)
{
    bool both_bool = l->kind == K_BOOL && r->kind == K_BOOL;
    IrRef x = as_i64(b, l), y = as_i64(b, r), v;
    switch (nb) {
    case BC_ADD:
        v = guard2(b, IR_IADD, x, y, EXIT_ARITH);
        break;
    case BC_SUB:
        v = guard2(b, IR_ISUB, x, y, EXIT_ARITH);
        break;
    case BC_MUL:
        v = guard2(b, IR_IMUL, x, y, EXIT_ARITH);
        break;
    case BC_FLOORDIV:
        v = guard2(b, IR_IFDIV, x, y, EXIT_ARITH);
        break;
    case BC_REM:
        v = guard2(b, IR_IMOD, x, y, EXIT_ARITH);
        break;
    case BC_TRUEDIV:
        push(b, v_f64(guard2(b, IR_ITRUEDIV, x, y, EXIT_ARITH)));
        return true;
    case BC_POW:
        v = guard2(b, IR_IPOW, x, y, EXIT_ARITH);
        break;
    case BC_LSHIFT:
        v = guard2(b, IR_ISHL, x, y, EXIT_ARITH);
        break;
    case BC_RSHIFT:
        v = guard2(b, IR_ISHR, x, y, EXIT_ARITH);
        break;
    case BC_AND:
    case BC_OR:
    case BC_XOR:
        v = emit2(b,
                  nb == BC_AND  ? IR_IAND
                  : nb == BC_OR ? IR_IOR
                                : IR_IXOR,
                  x, y);
        if (both_bool) {
            v = emit2(b, IR_ICMP, v, const_i64(b, 0));
            ir_set_cond(ins_of(b, v), IR_NE);
            push(b, v_bool(v));
            return true;
        }
        break;
    default:
        return false;
    }
    push(b, v_i64(v));
    return true;
}

static bool
float_op(Builder *b, uint32_t nb, AbsVal *l, AbsVal *r)
{
    static const struct {
        IrOp op;
        bool guard;
    } ops[] = {
        [BC_ADD] = {IR_FADD, false},      [BC_SUB] = {IR_FSUB, false},
        [BC_MUL] = {IR_FMUL, false},      [BC_TRUEDIV] = {IR_FDIV, true},
        [BC_FLOORDIV] = {IR_FFDIV, true}, [BC_REM] = {IR_FMOD, true},
        [BC_POW] = {IR_FPOW, true},       [BC_XOR] = {IR_NOP, false},
    };
    if (ops[nb].op == IR_NOP) {
        return false;
    }
    IrRef x = as_f64(b, l), y = as_f64(b, r);
    IrRef v = ops[nb].guard ? guard2(b, ops[nb].op, x, y, EXIT_ARITH)
                            : emit2(b, ops[nb].op, x, y);
    push(b, v_f64(v));
    return true;
}

static void
complex_product(Builder *b, const IrRef x[2], const IrRef y[2], IrRef out[2])
{
    IrRef rr = emit2(b, IR_FMUL, x[0], y[0]),
          ii = emit2(b, IR_FMUL, x[1], y[1]);
    IrRef ri = emit2(b, IR_FMUL, x[0], y[1]),
          ir = emit2(b, IR_FMUL, x[1], y[0]);
    out[0] = emit2(b, IR_FSUB, rr, ii);
    out[1] = emit2(b, IR_FADD, ri, ir);
}

/* Operators with a complex operand, in the order of operations of CPython's
 * Objects/complexobject.c; the other operand may be a real number. */
static bool
complex_op(Builder *b, uint32_t nb, AbsVal *l, AbsVal *r)
{
    IrRef x[2], y[2], z[2];
    if (nb != BC_ADD && nb != BC_SUB && nb != BC_MUL) {
        return false;
    }
    if (!want_complex(b, l, 1, &x[0], &x[1])
        || !want_complex(b, r, 0, &y[0], &y[1])) {
        return false;
    }
    if (nb == BC_MUL) {
        complex_product(b, x, y, z);
    }
    else {
        IrOp op = nb == BC_ADD ? IR_FADD : IR_FSUB;
        z[0] = emit2(b, op, x[0], y[0]);
        z[1] = emit2(b, op, x[1], y[1]);
    }
    push(b, (AbsVal){.kind = K_COMPLEX, .a = z[0], .b = z[1]});
    return true;
}

/* complex ** 2, as c_powi does it: 1 times the square, and an infinite result
 * is an error. */
static bool
complex_square(Builder *b, AbsVal *l, const AbsVal *r)
{
    IrRef x[2], z[2], one[2];
    const IrIns *exponent = ins_of(b, r->b);
    if (r->kind != K_I64 || exponent->op != IR_CONST_I64
        || ir_value(exponent) != 2 || !want_complex(b, l, 1, &x[0], &x[1])) {
        return false;
    }
    one[0] = emit(b, IR_CONST_F64, NULL, 0);
    ir_set_number(ins_of(b, one[0]), 1.0);
    one[1] = emit(b, IR_CONST_F64, NULL, 0);
    complex_product(b, x, x, z);
    complex_product(b, one, z, z);
    IrRef zero = emit2(b, IR_FSUB, z[0], z[0]); /* nan unless finite */
    IrRef zeros = emit2(b, IR_FADD, zero, emit2(b, IR_FSUB, z[1], z[1]));
    IrRef finite = emit2(b, IR_FCMP, zeros, zeros);
    ir_set_cond(ins_of(b, finite), IR_EQ);
    guard1(b, IR_GUARD, finite, EXIT_ARITH);
    push(b, (AbsVal){.kind = K_COMPLEX, .a = z[0], .b = z[1]});
    return true;
}

/* s += t or s = s + t of a local str, which the interpreter does in place if
 * nobody else holds s. */
static bool
append_to_local(Builder *b, AbsVal *l, AbsVal *r)
{
    const BcIns *next = bytecode_at(b->code, b->ins->next);
    if (next == NULL || next->is_leader
        || (next->op != BC_STORE_LOCAL
            && next->op != BC_STORE_LOCAL_LOAD_LOCAL)) {
        return false;
    }
    uint32_t k = next->a;
    const AbsVal *held = &b->st.v[k];
    if (held->kind != K_OBJ || held->a != l->a
        || (b->image->localkinds[k] & (PYAOT_LOCAL_CELL | PYAOT_LOCAL_FREE))) {
        return false;
    }
    emit_append(b, k, r->a);
    if (b->block == NO_BLOCK) {
        return true;
    }
    if (next->op == BC_STORE_LOCAL
        && bytecode_at(b->code, next->next) != NULL) {
        b->go_on = bytecode_at(b->code, next->next);
        return true;
    }
    push(b, b->st.v[k]); /* and is stored there once more */
    return true;
}

/* str + str, list * int: the C function, when the classes are known.  Not
 * list *= int, which changes the list itself. */
static bool
sequence_op(Builder *b, uint32_t nb, AbsVal *l, AbsVal *r, IrClass lc,
            IrClass rc)
{
    if (nb == BC_ADD && lc == IR_CLASS_STR && rc == IR_CLASS_STR
        && b->framed) {
        if (!want_class(b, l, IR_CLASS_STR)
            || !want_class(b, r, IR_CLASS_STR)) {
            return false;
        }
        if (append_to_local(b, l, r)) {
            return true;
        }
        IrRef args[2] = {l->a, r->a};
        IrRef v = emit_py(b, IR_PY, IR_PYOP_STR_CONCAT, args, 2);
        ins_of(b, v)->cls = IR_CLASS_STR;
        push(b, v_obj(v, IR_CLASS_STR));
        return true;
    }
    if (nb == BC_MUL && !b->ins->b && lc == IR_CLASS_LIST
        && rc == IR_CLASS_INT) {
        IrClass c;
        if (!want_class(b, l, IR_CLASS_LIST) || !want_num(b, r, 0, &c)) {
            return false;
        }
        IrRef v = guard2(b, IR_LIST_REPEAT, l->a, as_i64(b, r), EXIT_ARITH);
        ins_of(b, v)->cls = IR_CLASS_LIST;
        push(b, v_obj(v, IR_CLASS_LIST));
        return true;
    }
    return false;
}

void
lower_binary_op(Builder *b)
{
    uint32_t nb = b->ins->a;
    AbsVal r = pop(b), l = pop(b);
    IrClass lc = likely_class(b, &l, 1), rc = likely_class(b, &r, 0);
    if (lc == IR_CLASS_ANY && rc == IR_CLASS_ANY && !fb_seen(b, 2)) {
        leave_pre(b, EXIT_KIND_GUARD, EXIT_UNSEEN);
        return;
    }
    if (is_num(lc) && is_num(rc) && want_num(b, &l, 1, &lc)
        && want_num(b, &r, 0, &rc)) {
        if (is_int(lc) && is_int(rc)) {
            if (int_op(b, nb, &l, &r)) {
                return;
            }
        }
        else if (float_op(b, nb, &l, &r)) {
            return;
        }
    }
    if ((lc == IR_CLASS_COMPLEX && (is_num(rc) || rc == lc))
        || (rc == IR_CLASS_COMPLEX && is_num(lc))) {
        if (complex_op(b, nb, &l, &r)
            || (nb == BC_POW && complex_square(b, &l, &r))) {
            return;
        }
    }
    if (sequence_op(b, nb, &l, &r, lc, rc)) {
        return;
    }
    need_frame(b);
    if (b->failed) {
        return;
    }
    IrRef args[2] = {as_object(b, &l), as_object(b, &r)};
    IrRef v = emit_py(b, IR_PY,
                      (IrPyOp)(nb + (b->ins->b ? BC_OPERATOR_COUNT : 0)), args,
                      2);
    push(b, v_obj(v, IR_CLASS_ANY));
}

/* --- comparisons --------------------------------------------------------- */

static void
push_is(Builder *b, AbsVal *l, AbsVal *r, bool invert)
{
    IrRef v;
    IrClass lc = known_class(l), rc = known_class(r);
    if (l->kind == K_OBJ && r->kind == K_OBJ) {
        v = emit2(b, IR_OIS, l->a, r->a);
    }
    else if (l->kind == K_BOOL && r->kind == K_BOOL) {
        IrRef y = as_i64(b, r), x = as_i64(b, l);
        v = emit2(b, IR_ICMP, x, y);
        ir_set_cond(ins_of(b, v), IR_EQ);
    }
    else if ((rc == IR_CLASS_NONE && lc != IR_CLASS_ANY && lc != rc)
             || (lc == IR_CLASS_NONE && rc != IR_CLASS_ANY && lc != rc)) {
        v = emit0(b, IR_CONST_BOOL, 0);
    }
    else if (l->kind != K_I64 && l->kind != K_F64 && l->kind != K_COMPLEX
             && r->kind != K_I64 && r->kind != K_F64 && r->kind != K_COMPLEX) {
        v = emit2(b, IR_OIS, as_object(b, l), as_object(b, r));
    }
    else {
        /* A number without an object of its own: identity is the
         * interpreter's business. */
        leave_pre(b, EXIT_KIND_GUARD, EXIT_UNSUPPORTED);
        return;
    }
    if (invert) {
        v = emit1(b, IR_BNOT, v);
    }
    push(b, v_bool(v));
}

static bool
number_compare(Builder *b, uint32_t cond, AbsVal *l, AbsVal *r)
{
    IrClass lc, rc;
    if (!is_num(likely_class(b, l, 1)) || !is_num(likely_class(b, r, 0))
        || !want_num(b, l, 1, &lc) || !want_num(b, r, 0, &rc)) {
        return false;
    }
    IrRef v;
    if (is_int(lc) && is_int(rc)) {
        IrRef y = as_i64(b, r), x = as_i64(b, l);
        v = emit2(b, IR_ICMP, x, y);
    }
    else {
        /* int against float compares exactly: only where the conversion is. */
        IrRef x = is_int(lc)
                      ? guard1(b, IR_I2F_EXACT, as_i64(b, l), EXIT_ARITH)
                      : as_f64(b, l);
        IrRef y = is_int(rc)
                      ? guard1(b, IR_I2F_EXACT, as_i64(b, r), EXIT_ARITH)
                      : as_f64(b, r);
        v = emit2(b, IR_FCMP, x, y);
    }
    ir_set_cond(ins_of(b, v), cond);
    push(b, v_bool(v));
    return true;
}

void
lower_compare(Builder *b)
{
    uint32_t cond = b->ins->a;
    AbsVal r = pop(b), l = pop(b);
    if (b->ins->op == BC_IS_OP) {
        push_is(b, &l, &r, cond != 0);
        return;
    }
    IrClass lc = likely_class(b, &l, 1), rc = likely_class(b, &r, 0);
    if (lc == IR_CLASS_ANY && rc == IR_CLASS_ANY && !fb_seen(b, 2)) {
        leave_pre(b, EXIT_KIND_GUARD, EXIT_UNSEEN);
        return;
    }
    if (number_compare(b, cond, &l, &r)) {
        return;
    }
    if (lc == IR_CLASS_STR && rc == IR_CLASS_STR
        && want_class(b, &l, IR_CLASS_STR)
        && want_class(b, &r, IR_CLASS_STR)) {
        if (cond != IR_EQ && cond != IR_NE) {
            IrRef c = emit2(b, IR_STR_CMP, l.a, r.a);
            IrRef t = emit2(b, IR_ICMP, c, const_i64(b, 0));
            ir_set_cond(ins_of(b, t), cond);
            push(b, v_bool(t));
            return;
        }
        IrRef v = emit2(b, IR_STR_EQ, l.a, r.a);
        push(b, v_bool(cond == IR_EQ ? v : emit1(b, IR_BNOT, v)));
        return;
    }
    need_frame(b);
    if (b->failed) {
        return;
    }
    IrRef args[2] = {as_object(b, &l), as_object(b, &r)};
    bool to_bool = b->ins->b != 0;
    IrRef v = emit_py(b, to_bool ? IR_PY_BOOL : IR_PY,
                      (IrPyOp)(IR_PYOP_LT + cond), args, 2);
    push(b, to_bool ? v_bool(v) : v_obj(v, IR_CLASS_ANY));
}

void
lower_contains(Builder *b)
{
    AbsVal container = pop(b), item = pop(b);
    if (!fb_seen(b, 2)) {
        leave_pre(b, EXIT_KIND_GUARD, EXIT_UNSEEN);
        return;
    }
    IrClass cls = likely_class(b, &container, 0);
    IrRef has = 0;
    if (cls == IR_CLASS_STR && likely_class(b, &item, 1) == IR_CLASS_STR
        && want_class(b, &container, cls)
        && want_class(b, &item, IR_CLASS_STR)) {
        has = guard2(b, IR_STR_HAS, container.a, item.a, EXIT_BOUNDS);
    }
    if (has != 0 || dict_contains(b, &container, &item, &has)) {
        push(b, v_bool(b->ins->a ? emit1(b, IR_BNOT, has) : has));
        return;
    }
    need_frame(b);
    if (b->failed) {
        return;
    }
    IrRef args[2] = {as_object(b, &container), as_object(b, &item)};
    IrRef v = emit_py(b, IR_PY_BOOL, IR_PYOP_CONTAINS, args, 2);
    if (b->block != NO_BLOCK) {
        push(b, v_bool(b->ins->a ? emit1(b, IR_BNOT, v) : v));
    }
}

/* --- truth --------------------------------------------------------------- */

static bool
truth(Builder *b, AbsVal *v, uint32_t depth, IrRef *out)
{
    IrClass cls = likely_class(b, v, depth);
    IrRef n = 0;
    switch (cls) {
    case IR_CLASS_INT:
    case IR_CLASS_FLOAT:
    case IR_CLASS_BOOL:
        if (!want_num(b, v, depth, &cls)) {
            return false;
        }
        if (v->kind == K_BOOL) {
            *out = v->b;
            return true;
        }
        if (cls == IR_CLASS_FLOAT) {
            *out = emit1(b, IR_FTRUE, v->b);
            return true;
        }
        n = v->b;
        break;
    case IR_CLASS_NONE:
        if (!want_class(b, v, cls)) {
            return false;
        }
        *out = emit0(b, IR_CONST_BOOL, 0);
        return true;
    case IR_CLASS_STR:
    case IR_CLASS_LIST:
    case IR_CLASS_TUPLE:
    case IR_CLASS_DICT:
    case IR_CLASS_SET:
    case IR_CLASS_BYTES:
        if (!want_class(b, v, cls)) {
            return false;
        }
        n = emit1(b,
                  cls == IR_CLASS_STR     ? IR_STR_LEN
                  : cls == IR_CLASS_LIST  ? IR_LIST_LEN
                  : cls == IR_CLASS_TUPLE ? IR_TUPLE_LEN
                  : cls == IR_CLASS_BYTES ? IR_BYTES_LEN
                                          : IR_SIZED_LEN,
                  v->a);
        if (ins_of(b, n)->op == IR_BYTES_LEN
            || ins_of(b, n)->op == IR_SIZED_LEN) {
            ir_set_class(ins_of(b, n), cls);
        }
        break;
    default:
        return false;
    }
    *out = emit2(b, IR_ICMP, n, const_i64(b, 0));
    ir_set_cond(ins_of(b, *out), IR_NE);
    return true;
}

void
lower_to_bool(Builder *b)
{
    AbsVal v = pop(b);
    IrRef t;
    if (known_class(&v) == IR_CLASS_ANY && !fb_seen(b, 1)) {
        leave_pre(b, EXIT_KIND_GUARD, EXIT_UNSEEN);
        return;
    }
    if (!truth(b, &v, 0, &t)) {
        need_frame(b);
        if (b->failed) {
            return;
        }
        IrRef obj = as_object(b, &v);
        t = emit_py(b, IR_PY_BOOL, IR_PYOP_TRUTH, &obj, 1);
    }
    if (b->block != NO_BLOCK) {
        push(b, v_bool(t));
    }
}

void
lower_unary(Builder *b)
{
    AbsVal v = pop(b);
    IrClass cls;
    if (b->ins->op == BC_UNARY_NOT) {
        if (v.kind != K_BOOL) { /* always follows TO_BOOL */
            leave_pre(b, EXIT_KIND_GUARD, EXIT_UNSUPPORTED);
            return;
        }
        push(b, v_bool(emit1(b, IR_BNOT, v.b)));
        return;
    }
    if (known_class(&v) == IR_CLASS_ANY && !fb_seen(b, 1)) {
        leave_pre(b, EXIT_KIND_GUARD, EXIT_UNSEEN);
        return;
    }
    bool negate = b->ins->op == BC_UNARY_NEGATIVE;
    IrRef re, im;
    if (negate && likely_class(b, &v, 0) == IR_CLASS_COMPLEX
        && want_complex(b, &v, 0, &re, &im)) {
        push(b, (AbsVal){.kind = K_COMPLEX,
                         .a = emit1(b, IR_FNEG, re),
                         .b = emit1(b, IR_FNEG, im)});
        return;
    }
    if (is_num(likely_class(b, &v, 0)) && want_num(b, &v, 0, &cls)) {
        if (cls == IR_CLASS_FLOAT && negate) {
            push(b, v_f64(emit1(b, IR_FNEG, v.b)));
            return;
        }
        /* ~bool warns: the interpreter's business */
        if (cls == IR_CLASS_INT || (negate && cls == IR_CLASS_BOOL)) {
            IrRef x = as_i64(b, &v);
            push(b, v_i64(negate ? guard1(b, IR_INEG, x, EXIT_ARITH)
                                 : emit1(b, IR_IINV, x)));
            return;
        }
    }
    need_frame(b);
    if (b->failed) {
        return;
    }
    IrRef obj = as_object(b, &v);
    push(b, v_obj(emit_py(b, IR_PY, negate ? IR_PYOP_NEG : IR_PYOP_INVERT,
                          &obj, 1),
                  IR_CLASS_ANY));
}
