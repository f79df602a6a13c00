/* Dicts and sets with keys that are ints or strings. */
#include "build_int.h"

#include <string.h>

#include "exit_kinds.h"

/* A key: its class, and what stands for it. */
typedef struct {
    IrClass cls;
    IrRef number, object;
} Key;

/* wants_object: the key may become part of the container. */
static bool
want_key(Builder *b, AbsVal *v, uint32_t depth, bool wants_object, Key *key)
{
    key->cls = likely_class(b, v, depth);
    if (key->cls == IR_CLASS_STR && want_class(b, v, IR_CLASS_STR)) {
        key->number = key->object = v->a;
        return true;
    }
    if (key->cls != IR_CLASS_INT || !want_num(b, v, depth, &key->cls)) {
        return false;
    }
    key->number = v->b;
    key->object = v->kind == K_OBJ_I64 && wants_object ? v->a : v->b;
    return true;
}

static IrRef
emit_dict(Builder *b, IrOp op, const IrRef *args, uint32_t n, const Key *key)
{
    IrSnapId snap = snap_pre(b, EXIT_BOUNDS);
    IrRef r = emit(b, op, args, n);
    ins_of(b, r)->snap = snap;
    ir_set_class(ins_of(b, r), key->cls);
    return r;
}

bool
dict_subscr(Builder *b, AbsVal *dict, AbsVal *index)
{
    Key key;
    if (!want_class(b, dict, IR_CLASS_DICT)
        || !want_key(b, index, 0, false, &key)) {
        return false;
    }
    IrRef args[2] = {dict->a, key.number};
    push(b, v_obj(emit_dict(b, IR_DICT_GET, args, 2, &key), IR_CLASS_ANY));
    return true;
}

bool
dict_store(Builder *b, AbsVal *dict, AbsVal *index, AbsVal *value)
{
    Key key;
    if (!want_class(b, dict, IR_CLASS_DICT)
        || !want_key(b, index, 0, true, &key)) {
        return false;
    }
    keep_one_object(b, value);
    IrRef args[3] = {dict->a, key.object, value->b};
    if (value->kind != K_I64 && value->kind != K_F64) {
        args[2] = as_object(b, value);
    }
    emit_dict(b, IR_DICT_SET, args, 3, &key);
    return true;
}

bool
dict_contains(Builder *b, AbsVal *container, AbsVal *item, IrRef *has)
{
    Key key;
    IrClass cls = likely_class(b, container, 0);
    if ((cls != IR_CLASS_DICT && cls != IR_CLASS_SET)
        || !want_class(b, container, cls)
        || !want_key(b, item, 1, false, &key)) {
        return false;
    }
    IrRef args[2] = {container->a, key.number};
    *has = emit_dict(b, cls == IR_CLASS_DICT ? IR_DICT_HAS : IR_SET_HAS, args,
                     2, &key);
    return true;
}

bool
set_add(Builder *b, AbsVal *set, AbsVal *item)
{
    Key key;
    if (set->kind != K_OBJ || set->cls != IR_CLASS_SET
        || !want_key(b, item, 0, true, &key)) {
        return false;
    }
    IrRef args[2] = {set->a, key.object};
    emit_dict(b, IR_SET_ADD, args, 2, &key);
    return true;
}

/* --- dict.get() ---------------------------------------------------------- */

/* Is the value that the instruction at hand pushes an operand of arithmetic or
 * of a comparison right after it? */
static bool
is_operand(const Builder *b)
{
    enum { MOST = 4 };
    uint32_t above = 0; /* entries on top of it */
    const BcIns *ins = bytecode_at(b->code, b->ins->next);
    for (int i = 0; i < MOST && ins != NULL && !ins->is_leader; i++) {
        switch (ins->op) {
        case BC_LOAD_CONST:
        case BC_LOAD_LOCAL:
        case BC_LOAD_LOCAL_CHECK:
        case BC_LOAD_NAME:
            above++;
            break;
        case BC_LOAD_LOCAL_LOAD_LOCAL:
            above += 2;
            break;
        case BC_BINARY_OP:
        case BC_COMPARE_OP:
            if (above <= 1) {
                return true;
            }
            above--;
            break;
        default:
            return false;
        }
        ins = bytecode_at(b->code, ins->next);
    }
    return false;
}

/* Two ways on, with and without a value. */
static void
peek_branch(Builder *b, IrRef value, AbsVal otherwise)
{
    uint32_t none, some, n = b->st.n_stack;
    AbsVal *copy = ARENA_NEW_ARRAY(b->arena, AbsVal, b->nl + b->ns + 1);
    if (copy == NULL) {
        b->failed = true;
        return;
    }
    memcpy(copy, b->st.v, (b->nl + n) * sizeof *copy);
    branch(b, emit1(b, IR_IS_NULL, value), &none, &some);
    switch_to(b, some);
    push(b, v_obj(value, IR_CLASS_ANY));
    goto_off(b, b->ins->next);
    memcpy(b->st.v, copy, (b->nl + n) * sizeof *copy);
    b->st.n_stack = n;
    switch_to(b, none);
    push(b, otherwise);
    goto_off(b, b->ins->next);
}

bool
dict_get(Builder *b, AbsVal *dict, AbsVal *args, uint32_t n)
{
    Key key;
    AbsVal otherwise = n == 2 ? args[1] : (AbsVal){0};
    if (n < 1 || n > 2 || dict->kind != K_OBJ || dict->cls != IR_CLASS_DICT
        || is_iterator_kind(otherwise.kind)
        || !want_key(b, &args[0], n - 1, false, &key)) {
        return false;
    }
    IrRef operands[3] = {dict->a, key.number, otherwise.b};
    if (otherwise.kind == K_I64 && is_operand(b)) {
        push(b, v_i64(emit_dict(b, IR_DICT_NUMBER, operands, 3, &key)));
        return true;
    }
    if (n == 1) {
        IrRef none = emit0(b, IR_SINGLETON, 0);
        ins_of(b, none)->cls = IR_CLASS_NONE;
        otherwise = v_obj(none, IR_CLASS_NONE);
    }
    peek_branch(b, emit_dict(b, IR_DICT_PEEK, operands, 2, &key), otherwise);
    return true;
}
