/* Variables that live in cells: globals that are stored to, at module level
 * too, and those of closures; and globals that are not.
 *
 * A global that nobody stores to in this code keeps its value in a slot. Of
 * one that is, native code knows the place in the globals' dict: loads and
 * stores go there at once, so that others always find it up to date. */
#include "build_int.h"

#include <string.h>

#include "exit_kinds.h"

static bool
stores_name(uint8_t op)
{
    return op == BC_STORE_NAME || op == BC_STORE_GLOBAL || op == BC_DELETE_NAME
           || op == BC_DELETE_GLOBAL;
}

static bool
is_in_loop(const BcCode *code, uint32_t off)
{
    for (uint32_t i = 0; i < code->n; i++) {
        const BcIns *ins = &code->ins[i];
        if (ins->op == BC_JUMP_BACKWARD && ins->target <= off
            && off <= ins->off) {
            return true;
        }
    }
    return false;
}

bool *
names_in_cells(const BcCode *code, Arena *arena)
{
    bool *in_cell = ARENA_NEW_ARRAY(arena, bool, code->image->n_names + 1);
    for (uint32_t i = 0; i < code->n && in_cell != NULL; i++) {
        const BcIns *ins = &code->ins[i];
        if (stores_name(ins->op)
            && (ins->op == BC_STORE_GLOBAL || is_in_loop(code, ins->off))) {
            in_cell[ins->a] = true;
        }
    }
    return in_cell;
}

/* --- cells --------------------------------------------------------------- */

typedef struct {
    IrRef address;
    int64_t kind;
} Cell;

static Cell
global_cell(Builder *b, uint32_t name)
{
    uint32_t slot = slot_add(b, (SlotReq){.kind = SLOT_CELL, .name = name});
    IrSnapId snap = snap_pre(b, EXIT_GLOBAL);
    IrRef r = emit0(b, IR_GLOBAL_CELL, slot);
    ins_of(b, r)->snap = snap;
    return (Cell){r, slot};
}

static void
push_cell(Builder *b, Cell cell)
{
    IrRef r = cell.kind >= 0
                  ? emit1(b, IR_CELL_GET, cell.address)
                  : guard1(b, IR_CELL_GET, cell.address, EXIT_UNBOUND);
    ir_set_slot(ins_of(b, r), cell.kind);
    push(b, v_obj(r, IR_CLASS_ANY));
}

static void
store_cell(Builder *b, Cell cell, AbsVal v)
{
    if (b->compares_identity) {
        as_object(b, &v);
    }
    keep_one_object(b, &v);
    IrRef r = v.kind == K_F64
                  ? guard2(b, IR_CELL_SET_F, cell.address, v.b, EXIT_GLOBAL)
              : v.kind == K_I64
                  ? guard2(b, IR_CELL_SET_I, cell.address, v.b, EXIT_GLOBAL)
                  : guard2(b, IR_CELL_SET, cell.address, as_object(b, &v),
                           EXIT_GLOBAL);
    ir_set_slot(ins_of(b, r), cell.kind);
}

/* --- globals ------------------------------------------------------------- */

static void
push_global(Builder *b, uint32_t name)
{
    const char *what = feedback_main(b->req->profile, b->ins->off,
                                     PROFILE_GLOBAL, 0);
    uint32_t slot = slot_add(b, (SlotReq){.kind = SLOT_GLOBAL, .name = name});
    IrSnapId snap = snap_pre(b, EXIT_GLOBAL);
    IrRef r = emit0(b, IR_GLOBAL, slot);
    ins_of(b, r)->snap = snap;
    AbsVal v = v_obj(r, IR_CLASS_ANY);
    if (what != NULL
        && (strncmp(what, "c:", 2) == 0 || strncmp(what, "type:", 5) == 0)) {
        v.info = info_add(b, (CallInfo){.kind = INFO_SYMBOL, .text = what});
    }
    else if (what != NULL && strncmp(what, "py:", 3) == 0) {
        const CalleeInfo *callee = build_callee(b->req, what + 3);
        if (callee != NULL && callee->sig != NULL) {
            uint32_t cs = slot_add(b, (SlotReq){.kind = SLOT_CALLEE,
                                                .name = name,
                                                .key = &callee->key,
                                                .sig = callee->sig,
                                                .callee = callee->index});
            v.info = info_add(b, (CallInfo){.kind = INFO_PYFN,
                                            .callee = callee,
                                            .slot = cs});
            /* The link to the callee tells the function as well. */
            ir_set_slot(ins_of(b, r), cs);
            ir_set_global(ins_of(b, r), slot);
        }
    }
    push(b, v);
}

void
lower_load_global(Builder *b)
{
    uint32_t name = b->ins->a;
    if (b->in_cell[name]) {
        push_cell(b, global_cell(b, name));
    }
    else {
        push_global(b, name);
    }
    if (b->ins->b != 0) {
        push(b, (AbsVal){.kind = K_NULL});
    }
}

void
lower_store_global(Builder *b)
{
    AbsVal v = pop(b);
    uint32_t name = b->ins->a;
    if (is_iterator_kind(v.kind) || v.kind == K_NULL) {
        leave_pre(b, EXIT_KIND_GUARD, EXIT_ITER);
        return;
    }
    if (!b->in_cell[name]) { /* at module level, behind the loops */
        leave_pre(b, EXIT_KIND_END, EXIT_UNSUPPORTED);
        return;
    }
    store_cell(b, global_cell(b, name), v);
}

/* --- closures ------------------------------------------------------------ */

void
lower_deref(Builder *b)
{
    need_frame(b); /* the cells lie there */
    if (b->failed) {
        return;
    }
    Cell cell = {emit0(b, IR_DEREF_CELL, b->ins->a), -1};
    if (b->ins->op == BC_LOAD_DEREF) {
        push_cell(b, cell);
        return;
    }
    AbsVal v = pop(b);
    if (is_iterator_kind(v.kind) || v.kind == K_NULL) {
        leave_pre(b, EXIT_KIND_GUARD, EXIT_ITER);
        return;
    }
    store_cell(b, cell, v);
}
