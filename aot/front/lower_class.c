/* Calls of classes: the instance is made here, and either its members are
 * stored at once, if that is all that __init__ does, or __init__ is called
 * directly.
 *
 * Everything that may fail is looked at before the instance is made: nobody
 * may see one that the interpreter would not have made. */
#include "lower_call.h"

#include <stdio.h>
#include <string.h>

#include "exit_kinds.h"
#include "initialiser.h"

/* "class:<key>:<type>": the __init__, and the type in *type. */
static const CalleeInfo *
init_of(Builder *b, const char *callee, const char **type)
{
    static const char prefix[] = "class:";
    char hex[2 * PYAOT_KEY_BYTES + 1];
    if (strncmp(callee, prefix, strlen(prefix)) != 0
        || strlen(callee) < strlen(prefix) + sizeof hex
        || callee[strlen(prefix) + sizeof hex - 1] != ':') {
        return NULL;
    }
    snprintf(hex, sizeof hex, "%s", callee + strlen(prefix));
    *type = callee + strlen(prefix) + sizeof hex;
    return build_callee(b->req, hex);
}

static uint32_t
class_slot(Builder *b, const CalleeInfo *init, const char *type,
           const Initialiser *members)
{
    uint32_t n = members != NULL ? members->n : 0, before = b->req->slots->n;
    uint32_t slot = slot_add(b, (SlotReq){.kind = SLOT_CLASS,
                                          .name = n,
                                          .text = type,
                                          .key = &init->key,
                                          .sig = members == NULL ? init->sig
                                                                 : NULL,
                                          .callee = init->index});
    for (uint32_t i = 0; i < n && slot == before; i++) {
        slot_add(b, (SlotReq){.kind = SLOT_MEMBER,
                              .name = members->members[i].name});
    }
    return slot;
}

/* An instance with these members. */
static void
make_instance(Builder *b, const Call *c, uint32_t slot,
              const Initialiser *init)
{
    IrRef args[INITIALISER_MAX + 1];
    char text[INITIALISER_MAX * 12 + 1] = "";
    uint32_t n = 0, len = 0;
    args[n++] = c->fn.a;
    IrSnapId snap = snap_pre(b, EXIT_CALLEE);
    for (uint32_t i = 0; i < init->n && b->block != NO_BLOCK; i++) {
        uint32_t index = init->members[i].index;
        switch ((MemberKind)init->members[i].kind) {
        case MEMBER_PARAM:
            args[n++] = as_object(b, &c->args[index - 1]);
            len += (uint32_t)snprintf(text + len, sizeof text - len, "v");
            break;
        case MEMBER_LIST:
            args[n] = emit(b, IR_LIST_NEW, NULL, 0);
            ins_of(b, args[n++])->snap = snap;
            len += (uint32_t)snprintf(text + len, sizeof text - len, "v");
            break;
        case MEMBER_CONST:
            len += (uint32_t)snprintf(text + len, sizeof text - len, "c%u",
                                      index);
            break;
        }
    }
    if (b->block == NO_BLOCK || b->failed) {
        return;
    }
    IrRef r = emit(b, IR_OBJECT_NEW, args, n);
    IrIns *ins = ins_of(b, r);
    ir_set_slot(ins, slot);
    ins->snap = snap;
    ir_set_members(ins, arena_strndup(b->arena, text, len));
    if (ir_members(ins) == NULL) {
        b->failed = true;
        return;
    }
    push(b, v_obj(r, IR_CLASS_ANY));
}

/* An instance, and a call of its __init__.
 *
 * exact  the call gives all parameters, by position */
static bool
call_init(Builder *b, Call *c, uint32_t slot, const CalleeInfo *init,
          bool exact)
{
    IrRef args[80];
    if (init->argcount + 1 > sizeof args / sizeof *args) {
        return false;
    }
    if (init->framed) {
        need_frame(b);
        if (b->failed) {
            return true;
        }
    }
    if (!direct_args(b, c, init, true, args)) {
        return false;
    }
    if (b->block == NO_BLOCK || b->failed) {
        return true;
    }
    args[0] = c->fn.a; /* where self would be */
    if (init->framed) {
        flush_locals(b);
    }
    IrSnapId snap = snap_pre(b, EXIT_CALLEE);
    IrSnapId after = snap_now(b, b->ins->off, EXIT_KIND_INIT, EXIT_CALLEE);
    b->fn->snaps[after].resume = b->ins->next;
    IrRef r = emit(b, IR_CALL_INIT, args, init->argcount);
    IrIns *ins = ins_of(b, r);
    ir_set_slot(ins, slot);
    ir_set_callee(ins, init->index);
    ir_set_signature(ins, init->sig);
    ir_set_mode(ins, callee_kind(init) | (exact ? IR_CALL_EXACT : 0));
    ins->snap = snap;
    ins->raise = after;
    b->escaped |= init->framed;
    push(b, v_obj(r, IR_CLASS_ANY));
    return true;
}

bool
call_class(Builder *b, const Call *call, const char *callee)
{
    const char *type;
    const CalleeInfo *init = init_of(b, callee, &type);
    if (init == NULL || init->sig == NULL || init->argcount == 0
        || (init->sig[0] != 'o' && init->sig[0] != 'O')
        || init->sig[init->argcount + 1] != 'o' || call->self.kind != K_NULL
        || call->fn.kind != K_OBJ || !initialiser_returns_none(init->code)) {
        return false;
    }
    Initialiser members;
    bool plain = initialiser_read(init->code, &members);
    uint32_t slot = class_slot(b, init, type, plain ? &members : NULL);
    Call c = *call;
    b->retry_end = NULL;
    b->pre_snap = 0;
    IrRef function = guard1(b, IR_CLASS_INIT, c.fn.a, EXIT_CALLEE);
    ir_set_slot(ins_of(b, function), slot);
    c.fn = v_obj(function, IR_CLASS_ANY);
    bool exact = c.names == NULL && c.n + 1 == init->argcount;
    if (!exact && !place_arguments(b, &c, init, true)) {
        return false;
    }
    if (!plain) {
        return call_init(b, &c, slot, init, exact);
    }
    make_instance(b, &c, slot, &members);
    return true;
}
