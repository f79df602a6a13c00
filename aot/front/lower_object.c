/* Containers, attributes. */
#include "build_int.h"

#include <string.h>

#include "exit_kinds.h"

/* Result of a load: an object, of a class known from the profile only when
 * somebody asks (a guard is placed at its use, not here). */
static void
push_obj(Builder *b, IrRef r, IrClass cls)
{
    if (b->block != NO_BLOCK && !b->failed) {
        if (cls != IR_CLASS_ANY) {
            ins_of(b, r)->cls = (uint8_t)cls;
        }
        push(b, v_obj(r, cls));
    }
}

static bool
want_index(Builder *b, AbsVal *v, uint32_t depth)
{
    IrClass cls;
    return likely_class(b, v, depth) == IR_CLASS_INT
           && want_num(b, v, depth, &cls) && cls == IR_CLASS_INT;
}

static bool
fast_subscr(Builder *b, AbsVal *container, AbsVal *index)
{
    IrClass cls = likely_class(b, container, 1);
    switch (cls) {
    case IR_CLASS_LIST:
    case IR_CLASS_TUPLE:
    case IR_CLASS_STR:
    case IR_CLASS_BYTES:
    case IR_CLASS_BYTEARRAY:
    case IR_CLASS_RANGE:
        if (likely_class(b, index, 0) != IR_CLASS_INT
            || !want_class(b, container, cls) || !want_index(b, index, 0)) {
            return false;
        }
        break;
    default:
        return false;
    }
    IrRef c = container->a, i = index->b;
    switch (cls) {
    case IR_CLASS_LIST:
        push_obj(b, guard2(b, IR_LIST_GET, c, i, EXIT_BOUNDS), IR_CLASS_ANY);
        return true;
    case IR_CLASS_TUPLE:
        push_obj(b, guard2(b, IR_TUPLE_GET, c, i, EXIT_BOUNDS), IR_CLASS_ANY);
        return true;
    case IR_CLASS_STR:
        push_obj(b, guard2(b, IR_STR_GET, c, i, EXIT_BOUNDS), IR_CLASS_STR);
        return true;
    case IR_CLASS_BYTES:
        push(b, v_i64(guard2(b, IR_BYTES_GET, c, i, EXIT_BOUNDS)));
        return true;
    case IR_CLASS_RANGE: {
        RangeParts range = range_of(b, c);
        i = guard2(b, IR_INDEX, range.len, i, EXIT_BOUNDS);
        i = guard2(b, IR_IMUL, i, range.step, EXIT_ARITH);
        push(b, v_i64(guard2(b, IR_IADD, range.start, i, EXIT_ARITH)));
        return true;
    }
    default:
        push(b, v_i64(guard2(b, IR_BYTEARR_GET, c, i, EXIT_BOUNDS)));
        return true;
    }
}

void
lower_subscr(Builder *b)
{
    if (b->ins->op == BC_GET_LEN) {
        leave_pre(b, EXIT_KIND_GUARD, EXIT_UNSUPPORTED);
        return;
    }
    if (b->ins->op == BC_BINARY_SLICE) {
        if (lower_len_of_slice(b) || lower_slice(b)) {
            return;
        }
        AbsVal stop = pop(b), start = pop(b), container = pop(b);
        need_frame(b);
        if (b->failed) {
            return;
        }
        IrRef args[3] = {as_object(b, &container), as_object(b, &start),
                         as_object(b, &stop)};
        push_obj(b, emit_py(b, IR_PY, IR_PYOP_SLICE_GET, args, 3),
                 IR_CLASS_ANY);
        return;
    }
    AbsVal index = pop(b), container = pop(b);
    if (known_class(&container) == IR_CLASS_ANY && !fb_seen(b, 2)) {
        leave_pre(b, EXIT_KIND_GUARD, EXIT_UNSEEN);
        return;
    }
    if (fast_subscr(b, &container, &index)
        || lower_stride(b, &container, &index)) {
        return;
    }
    if (likely_class(b, &container, 1) == IR_CLASS_DICT
        && dict_subscr(b, &container, &index)) {
        return;
    }
    need_frame(b);
    if (b->failed) {
        return;
    }
    IrRef args[2] = {as_object(b, &container), as_object(b, &index)};
    push_obj(b, emit_py(b, IR_PY, IR_PYOP_SUBSCR, args, 2), IR_CLASS_ANY);
}

/* Numbers are stored without an object of their own where they have none. */
static bool
store_list(Builder *b, AbsVal *value, AbsVal *list, AbsVal *index)
{
    if (!want_class(b, list, IR_CLASS_LIST) || !want_index(b, index, 0)) {
        return false;
    }
    keep_one_object(b, value);
    if (value->kind == K_F64) {
        guard3(b, IR_LIST_SET_F, list->a, index->b, value->b, EXIT_BOUNDS);
        return true;
    }
    guard3(b, IR_LIST_SET, list->a, index->b, as_object(b, value),
           EXIT_BOUNDS);
    return true;
}

void
lower_store_subscr(Builder *b)
{
    IrRef args[4];
    if (b->ins->op == BC_DELETE_SUBSCR) {
        AbsVal i = pop(b), c = pop(b);
        need_frame(b);
        if (b->failed) {
            return;
        }
        args[0] = as_object(b, &c);
        args[1] = as_object(b, &i);
        emit_py(b, IR_PY_VOID, IR_PYOP_DELETE_SUBSCR, args, 2);
        return;
    }
    if (b->ins->op == BC_STORE_SLICE) {
        AbsVal stop = pop(b), start = pop(b), c = pop(b), v = pop(b);
        need_frame(b);
        if (b->failed) {
            return;
        }
        args[0] = as_object(b, &c);
        args[1] = as_object(b, &start);
        args[2] = as_object(b, &stop);
        args[3] = as_object(b, &v);
        emit_py(b, IR_PY_VOID, IR_PYOP_SLICE_SET, args, 4);
        return;
    }
    AbsVal index = pop(b), container = pop(b), value = pop(b);
    if (known_class(&container) == IR_CLASS_ANY && !fb_seen(b, 2)) {
        leave_pre(b, EXIT_KIND_GUARD, EXIT_UNSEEN);
        return;
    }
    IrClass cls = likely_class(b, &container, 1);
    if (cls == IR_CLASS_LIST && likely_class(b, &index, 0) == IR_CLASS_INT
        && store_list(b, &value, &container, &index)) {
        return;
    }
    if (cls == IR_CLASS_BYTEARRAY && likely_class(b, &index, 0) == IR_CLASS_INT
        && likely_class(b, &value, 2) == IR_CLASS_INT) {
        IrClass c;
        if (want_class(b, &container, cls) && want_index(b, &index, 0)
            && want_num(b, &value, 2, &c)) {
            guard3(b, IR_BYTEARR_SET, container.a, index.b, as_i64(b, &value),
                   EXIT_BOUNDS);
            return;
        }
    }
    if (cls == IR_CLASS_DICT && dict_store(b, &container, &index, &value)) {
        return;
    }
    need_frame(b);
    if (b->failed) {
        return;
    }
    args[0] = as_object(b, &container);
    args[1] = as_object(b, &index);
    args[2] = as_object(b, &value);
    emit_py(b, IR_PY_VOID, IR_PYOP_STORE_SUBSCR, args, 3);
}

/* --- building ------------------------------------------------------------ */

static IrRef *
pop_objects(Builder *b, uint32_t n)
{
    IrRef *args = ARENA_NEW_ARRAY(b->arena, IrRef, n + 1);
    if (args == NULL || n > b->st.n_stack) {
        b->failed = true;
        b->bail = BAIL_INVALID;
        return NULL;
    }
    for (uint32_t i = 0; i < n; i++) {
        args[i] = as_object(b, peek(b, n - 1 - i));
    }
    b->st.n_stack -= n;
    return args;
}

static void
build_sequence(Builder *b)
{
    uint32_t n = b->ins->a;
    bool list = b->ins->op == BC_BUILD_LIST;
    if (list) {
        begin_fill(b);
    }
    IrSnapId snap = snap_pre(b, EXIT_ARITH);
    IrRef *args = pop_objects(b, n);
    if (args == NULL) {
        return;
    }
    IrRef r = emit(b, list ? IR_LIST_NEW : IR_TUPLE_NEW, args, n);
    ins_of(b, r)->snap = snap;
    push_obj(b, r, list ? IR_CLASS_LIST : IR_CLASS_TUPLE);
}

IrRef
text_of(Builder *b, AbsVal *v, uint32_t depth)
{
    IrClass cls = likely_class(b, v, depth);
    if (cls == IR_CLASS_STR) {
        return want_class(b, v, cls) ? v->a : 0;
    }
    if ((cls != IR_CLASS_INT && cls != IR_CLASS_FLOAT)
        || !want_num(b, v, depth, &cls)) {
        return 0;
    }
    IrRef r = guard1(b, cls == IR_CLASS_INT ? IR_INT_STR : IR_FLOAT_STR, v->b,
                     EXIT_ARITH);
    ins_of(b, r)->cls = IR_CLASS_STR;
    return r;
}

static void
build_string(Builder *b)
{
    IrSnapId snap = snap_pre(b, EXIT_ARITH);
    IrRef *args = pop_objects(b, b->ins->a);
    if (args == NULL) {
        return;
    }
    IrRef r = emit(b, IR_STR_BUILD, args, b->ins->a);
    ins_of(b, r)->snap = snap;
    push_obj(b, r, IR_CLASS_STR);
}

static void
build_escaping(Builder *b, IrPyOp pyop, uint32_t n, IrClass cls)
{
    need_frame(b);
    if (b->failed) {
        return;
    }
    IrRef *args = pop_objects(b, n);
    if (args != NULL) {
        push_obj(b, emit_py(b, IR_PY, pyop, args, n), cls);
    }
}

/* LIST_APPEND, SET_ADD, MAP_ADD, LIST_EXTEND: the container stays where it is,
 * arg entries below the operands. */
static void
add_to(Builder *b)
{
    uint8_t op = b->ins->op;
    uint32_t n = op == BC_MAP_ADD ? 2 : 1;
    if (op == BC_LIST_APPEND) {
        IrSnapId snap = snap_pre(b, EXIT_ARITH);
        AbsVal v = pop(b);
        IrRef args[2] = {peek(b, b->ins->a - 1)->a, as_object(b, &v)};
        IrRef r = emit(b, IR_LIST_APPEND, args, 2);
        ins_of(b, r)->snap = snap;
        return;
    }
    need_frame(b);
    if (b->failed) {
        return;
    }
    IrRef args[3] = {0};
    for (uint32_t i = n; i > 0; i--) {
        AbsVal v = pop(b);
        args[i] = as_object(b, &v);
    }
    args[0] = peek(b, b->ins->a - 1)->a;
    emit_py(b, IR_PY_VOID,
            op == BC_SET_ADD   ? IR_PYOP_SET_ADD
            : op == BC_MAP_ADD ? IR_PYOP_MAP_ADD
                               : IR_PYOP_LIST_EXTEND,
            args, n + 1);
}

void
lower_build(Builder *b)
{
    uint32_t n = b->ins->a;
    switch (b->ins->op) {
    case BC_BUILD_LIST:
    case BC_BUILD_TUPLE:
        build_sequence(b);
        return;
    case BC_BUILD_MAP:
        build_escaping(b, IR_PYOP_BUILD_MAP, 2 * n, IR_CLASS_DICT);
        return;
    case BC_BUILD_SET:
        build_escaping(b, IR_PYOP_BUILD_SET, n, IR_CLASS_SET);
        return;
    case BC_BUILD_STRING:
        build_string(b);
        return;
    case BC_BUILD_SLICE:
        if (lower_fill(b) || lower_len_of_slice(b) || lower_build_slice(b)) {
            return;
        }
        build_escaping(b, IR_PYOP_BUILD_SLICE, n, IR_CLASS_SLICE);
        return;
    case BC_FORMAT_SIMPLE: {
        AbsVal v = *peek(b, 0);
        IrRef text = text_of(b, &v, 0);
        if (text != 0) {
            *peek(b, 0) = v_obj(text, IR_CLASS_STR);
            return;
        }
    }
        build_escaping(b, IR_PYOP_FORMAT, 1, IR_CLASS_ANY);
        return;
    case BC_FORMAT_WITH_SPEC:
        build_escaping(b, IR_PYOP_FORMAT, 2, IR_CLASS_ANY);
        return;
    case BC_CONVERT_VALUE:
        if (n != BC_TO_STR) {
            leave_pre(b, EXIT_KIND_GUARD, EXIT_UNSUPPORTED);
            return;
        }
        build_escaping(b, IR_PYOP_STR_OF, 1, IR_CLASS_ANY);
        return;
    default:
        add_to(b);
        return;
    }
}

void
lower_unpack(Builder *b)
{
    uint32_t n = b->ins->a;
    AbsVal v = pop(b);
    IrClass cls = likely_class(b, &v, 0);
    if ((cls != IR_CLASS_TUPLE && cls != IR_CLASS_LIST)
        || !want_class(b, &v, cls)) {
        leave_pre(b, EXIT_KIND_GUARD,
                  fb_seen(b, 1) ? EXIT_UNSUPPORTED : EXIT_UNSEEN);
        return;
    }
    bool tuple = cls == IR_CLASS_TUPLE;
    IrRef len = emit1(b, tuple ? IR_TUPLE_LEN : IR_LIST_LEN, v.a);
    IrRef same = emit2(b, IR_ICMP, len, const_i64(b, n));
    ir_set_cond(ins_of(b, same), IR_EQ);
    guard1(b, IR_GUARD, same, EXIT_BOUNDS);
    for (uint32_t i = n; i > 0; i--) {
        IrRef r = guard2(b, tuple ? IR_TUPLE_GET : IR_LIST_GET, v.a,
                         const_i64(b, i - 1), EXIT_BOUNDS);
        ir_set_bounds(ins_of(b, r), IR_IN_BOUNDS);
        push_obj(b, r, IR_CLASS_ANY);
    }
}

/* --- attributes ---------------------------------------------------------- */

static const char *
layout_of(Builder *b)
{
    if (b->owner.type != NULL) {
        return b->owner.layout;
    }
    const char *l = feedback_main(b->req->profile, b->ins->off, PROFILE_LAYOUT,
                                  0);
    return l != NULL ? l : "";
}

static FeedbackType
owner_type(Builder *b)
{
    return b->owner.type != NULL
               ? (FeedbackType){IR_CLASS_USER, b->owner.type, true, false}
               : fb_operand(b, 0);
}

static void
getattr_generic(Builder *b, AbsVal *owner, bool method)
{
    need_frame(b);
    if (b->failed) {
        return;
    }
    IrRef args[2] = {as_object(b, owner), const_i64(b, b->ins->a)};
    push_obj(b, emit_py(b, IR_PY, IR_PYOP_GETATTR, args, 2), IR_CLASS_ANY);
    if (method && b->block != NO_BLOCK) {
        push(b, (AbsVal){.kind = K_NULL});
    }
}

uint16_t
info_add(Builder *b, CallInfo info)
{
    for (uint32_t i = 1; i < b->n_infos; i++) {
        const CallInfo *x = &b->infos[i];
        if (x->kind == info.kind && x->slot == info.slot
            && x->callee == info.callee
            && (x->text == info.text
                || (x->text && info.text
                    && strcmp(x->text, info.text) == 0))) {
            return (uint16_t)i;
        }
    }
    if (b->n_infos >= MAX_INFOS) {
        return 0;
    }
    b->infos[b->n_infos] = info;
    return (uint16_t)b->n_infos++;
}

static bool
is_identifier(const char *text)
{
    return text[0] != '\0'
           && text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrs"
                                "tuvwxyz_0123456789")]
                  == '\0';
}

/* A method of a builtin class whose exact class is guarded: the descriptor is
 * a constant of the process. */
static bool
builtin_method(Builder *b, AbsVal *owner, const char *layout)
{
    const char *name = layout + strlen("method:");
    const char *dot = strchr(name, '.');
    if (strncmp(name, "md:", 3) != 0 || dot == NULL
        || !is_identifier(dot + 1)) {
        return false;
    }
    char cls_text[64];
    size_t len = (size_t)(dot - name) - 3;
    if (len >= sizeof cls_text) {
        return false;
    }
    memcpy(cls_text, name + 3, len);
    cls_text[len] = '\0';
    IrClass cls = class_by_text(cls_text);
    if (cls == IR_CLASS_ANY || cls == IR_CLASS_USER || cls == IR_CLASS_INT
        || cls == IR_CLASS_FLOAT || cls == IR_CLASS_BOOL
        || likely_class(b, owner, 0) != cls || !want_class(b, owner, cls)) {
        return false;
    }
    IrRef r = guard0(b, IR_TYPE_METHOD, EXIT_LAYOUT);
    ir_set_class(ins_of(b, r), cls);
    ir_set_method(ins_of(b, r), dot + 1);
    AbsVal f = v_obj(r, IR_CLASS_ANY);
    f.info = info_add(b, (CallInfo){.kind = INFO_SYMBOL, .text = name});
    push(b, f);
    push(b, *owner);
    return true;
}

/* A method found on the type of an instance, in Python or in C. */
static bool
type_method(Builder *b, AbsVal *owner, const char *layout)
{
    FeedbackType t = owner_type(b);
    bool one_type = t.cls == IR_CLASS_USER
                    || (t.cls == IR_CLASS_ANY && t.text != NULL);
    if (strncmp(layout, "method:", 7) != 0 || !one_type
        || owner->kind != K_OBJ) {
        return false;
    }
    const CalleeInfo *callee = strncmp(layout, "method:py:", 10) == 0
                                   ? build_callee(b->req, layout + 10)
                                   : NULL;
    bool direct = callee != NULL && callee->sig != NULL;
    uint32_t slot = slot_add(b,
                             (SlotReq){.kind = SLOT_METHOD,
                                       .name = b->ins->a,
                                       .text = t.text,
                                       .key = direct ? &callee->key : NULL,
                                       .sig = direct ? callee->sig : NULL,
                                       .callee = direct ? callee->index : 0});
    IrRef r = guard1(b, IR_METHOD, owner->a, EXIT_LAYOUT);
    ir_set_slot(ins_of(b, r), slot);
    AbsVal f = v_obj(r, IR_CLASS_ANY);
    if (direct) {
        f.info = info_add(b, (CallInfo){.kind = INFO_METHOD,
                                        .callee = callee,
                                        .slot = slot});
    }
    push(b, f);
    push(b, *owner);
    return true;
}

/* A name that the module's own type may have an attribute of, which goes
 * first: __dict__, __class__. */
static bool
is_special_name(const char *name)
{
    return name[0] == '_' && name[1] == '_';
}

static void
module_attr(Builder *b, AbsVal *owner, bool method)
{
    IrRef r = guard1(b, IR_MODULE_ATTR, owner->a, EXIT_GLOBAL);
    ir_set_name(ins_of(b, r), b->ins->a);
    push_obj(b, r, IR_CLASS_ANY);
    if (method) {
        push(b, (AbsVal){.kind = K_NULL});
    }
}

/* .real and .imag of a complex number. */
static bool
complex_part(Builder *b, AbsVal *owner)
{
    const char *name = b->image->names[b->ins->a];
    bool real = strcmp(name, "real") == 0;
    IrRef re, im;
    if ((!real && strcmp(name, "imag") != 0)
        || likely_class(b, owner, 0) != IR_CLASS_COMPLEX
        || !want_complex(b, owner, 0, &re, &im)) {
        return false;
    }
    push(b, v_f64(real ? re : im));
    return true;
}

void
lower_load_attr(Builder *b)
{
    bool method = b->ins->b != 0;
    AbsVal owner = pop(b);
    const char *layout = layout_of(b);
    if (known_class(&owner) == IR_CLASS_ANY && !fb_seen(b, 1)) {
        leave_pre(b, EXIT_KIND_GUARD, EXIT_UNSEEN);
        return;
    }
    if (!method && complex_part(b, &owner)) {
        return;
    }
    if (method && strncmp(layout, "method:md:", 10) == 0
        && builtin_method(b, &owner, layout)) {
        return;
    }
    if (method && type_method(b, &owner, layout)) {
        return;
    }
    if (owner.kind == K_OBJ && strcmp(layout, "module") == 0
        && !is_special_name(b->image->names[b->ins->a])
        && want_class(b, &owner, IR_CLASS_MODULE)) {
        module_attr(b, &owner, method);
        return;
    }
    FeedbackType t = owner_type(b);
    if (owner.kind == K_OBJ && t.cls == IR_CLASS_USER
        && (strcmp(layout, "inline") == 0 || strcmp(layout, "slot") == 0)) {
        uint32_t slot = slot_add(b, (SlotReq){.kind = SLOT_ATTR,
                                              .name = b->ins->a,
                                              .text = t.text});
        IrRef r = guard1(b, IR_ATTR_GET, owner.a, EXIT_LAYOUT);
        ir_set_slot(ins_of(b, r), slot);
        ir_set_attr_name(ins_of(b, r), b->ins->a);
        push_obj(b, r, IR_CLASS_ANY);
        if (method) {
            push(b, (AbsVal){.kind = K_NULL});
        }
        return;
    }
    getattr_generic(b, &owner, method);
}

void
lower_store_attr(Builder *b)
{
    AbsVal owner = pop(b), value = pop(b);
    const char *layout = layout_of(b);
    if (!fb_seen(b, 2)) {
        leave_pre(b, EXIT_KIND_GUARD, EXIT_UNSEEN);
        return;
    }
    FeedbackType t = owner_type(b);
    if (owner.kind == K_OBJ && t.cls == IR_CLASS_USER
        && (strcmp(layout, "inline") == 0 || strcmp(layout, "slot") == 0)) {
        uint32_t slot = slot_add(b, (SlotReq){.kind = SLOT_ATTR,
                                              .for_store = 1,
                                              .name = b->ins->a,
                                              .text = t.text});
        keep_one_object(b, &value);
        IrRef r = value.kind == K_F64
                      ? guard2(b, IR_ATTR_SET_F, owner.a, value.b, EXIT_LAYOUT)
                  : value.kind == K_I64
                      ? guard2(b, IR_ATTR_SET_I, owner.a, value.b, EXIT_LAYOUT)
                      : guard2(b, IR_ATTR_SET, owner.a, as_object(b, &value),
                               EXIT_LAYOUT);
        ir_set_slot(ins_of(b, r), slot);
        ir_set_attr_name(ins_of(b, r), b->ins->a);
        return;
    }
    need_frame(b);
    if (b->failed) {
        return;
    }
    IrRef args[3] = {as_object(b, &owner), const_i64(b, b->ins->a),
                     as_object(b, &value)};
    emit_py(b, IR_PY_VOID, IR_PYOP_SETATTR, args, 3);
}
