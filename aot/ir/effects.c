/* Effects: the rows of ops.def, and what operands and fields add to them. */
#include "effects.h"

#include <string.h>

/* The kind of an element at this index. */
static uint32_t
item_kind(const IrFn *fn, IrRef index)
{
    IR_ASSERT(index < fn->n_ins);
    const IrIns *ins = &fn->ins[index];
    while (ins->op == IR_LIST_CELL || ins->op == IR_INDEX) {
        ins = &fn->ins[ins->args[1]];
    }
    if (ins->op != IR_CONST_I64 || ir_value(ins) < 0) {
        return MEM_ITEMS;
    }
    return ir_value(ins) < MEM_ITEM_LAST - MEM_ITEM_0
               ? MEM_ITEM_0 + (uint32_t)ir_value(ins)
               : MEM_ITEM_LAST;
}

static uint32_t
attr_kind(const IrIns *ins)
{
    return MEM_ATTR_0 + ir_attr_name(ins) % (MEM_ATTR_LAST - MEM_ATTR_0 + 1);
}

uint32_t
ir_cell_kind(const IrIns *ins)
{
    return ir_slot(ins) < 0 ? MEM_DEREFS
                            : MEM_CELL_0
                                  + (uint32_t)ir_slot(ins)
                                        % (MEM_CELL_LAST - MEM_CELL_0 + 1);
}

/* The memory that the row names. */
static IrMemory
memory_at(const IrIns *ins, int at)
{
    return (IrMemory)(ir_ops[ins->op].effects >> at & IR_MEMORY_MASK);
}

static MemSet
writes_of(const IrFn *fn, const IrIns *ins)
{
    switch (memory_at(ins, IR_WRITES_AT)) {
    case IR_MEMORY_ITEM: {
        IR_ASSERT(ins->n_args == strlen(ir_ops[ins->op].args));
        uint32_t kind = item_kind(fn, ins->args[1]);
        return kind == MEM_ITEMS ? MEM_ALL_ITEMS
                                 : mem_bit(MEM_ITEMS) | mem_bit(kind);
    }
    case IR_MEMORY_ITEMS:
        return MEM_ALL_ITEMS;
    case IR_MEMORY_LENGTH: /* what a negative index means changes */
        return mem_bit(MEM_ITEMS) | mem_bit(MEM_LENGTH);
    case IR_MEMORY_BYTES:
        return mem_bit(MEM_BYTES);
    case IR_MEMORY_LOCALS:
        return mem_bit(MEM_LOCALS);
    case IR_MEMORY_ATTR: /* an instance's dict shows it */
        return mem_bit(attr_kind(ins)) | mem_bit(MEM_DICTS);
    case IR_MEMORY_CELL: /* the dict of globals() shows it, too */
        return mem_bit(ir_cell_kind(ins)) | mem_bit(MEM_DICTS);
    case IR_MEMORY_ENTRY: /* dicts that hold globals are watched */
        return ir_class(ins) == IR_CLASS_STR /* an instance's: hides methods */
                   ? mem_bit(MEM_DICTS) | mem_bit(MEM_REST)
                   : mem_bit(MEM_DICTS);
    case IR_MEMORY_DICTS:
        return mem_bit(MEM_DICTS);
    case IR_MEMORY_ITERS:
        return mem_bit(MEM_ITERS);
    case IR_MEMORY_CLASS:
    case IR_MEMORY_REST:
        return mem_bit(MEM_REST);
    case IR_MEMORY_ALL:
        return MEM_ALL;
    case IR_MEMORY_NOTHING:
        break;
    }
    return 0;
}

static uint32_t
reads_of(const IrFn *fn, const IrIns *ins)
{
    switch (memory_at(ins, IR_READS_AT)) {
    case IR_MEMORY_ITEM:
        IR_ASSERT(ins->n_args == strlen(ir_ops[ins->op].args));
        return item_kind(fn, ins->args[ins->n_args - 1]);
    case IR_MEMORY_LENGTH:
        return MEM_LENGTH;
    case IR_MEMORY_BYTES:
        return MEM_BYTES;
    case IR_MEMORY_LOCALS:
        return MEM_LOCALS;
    case IR_MEMORY_ATTR:
        return attr_kind(ins);
    case IR_MEMORY_CELL:
        return ir_cell_kind(ins);
    case IR_MEMORY_DICTS:
    case IR_MEMORY_ENTRY:
        return MEM_DICTS;
    case IR_MEMORY_ITERS:
        return MEM_ITERS;
    case IR_MEMORY_REST:
        return MEM_REST;
    case IR_MEMORY_CLASS: /* __class__ of such objects may be assigned */
        return ir_class(ins) == IR_CLASS_MODULE
                       || ir_class(ins) == IR_CLASS_USER
                   ? MEM_REST
                   : MEM_NONE;
    case IR_MEMORY_ITEMS:
    case IR_MEMORY_ALL:
    case IR_MEMORY_NOTHING:
        break;
    }
    return MEM_NONE;
}

static IrFrees
frees_of(const IrFn *fn, const IrIns *ins)
{
    switch (ir_ops[ins->op].effects & IR_FREES_MASK) {
    case E_FREES_SIMPLE:
        return FREES_SIMPLE;
    case E_FREES_REPLACED:
        return ir_replaces_simple(fn, ins) ? FREES_SIMPLE : FREES_ANY;
    case E_FREES_CALLEE:
        return (ir_mode(ins) & (IR_CALL_FRAMED | IR_CALL_RELEASES)) == 0
                   ? FREES_SIMPLE
                   : FREES_ANY;
    case E_FREES_SEEN:
        return ir_unseen(ins) != 0 ? FREES_SIMPLE : FREES_ANY;
    case E_FREES_ANY: /* a leaf frees nothing that others hold */
        return (ir_ops[ins->op].fields & M_PYOP) != 0
                       && ir_pyop_is_leaf(ir_pyop(ins))
                   ? FREES_NOTHING
                   : FREES_ANY;
    default:
        return FREES_NOTHING;
    }
}

IrEffects
ir_effects(const IrFn *fn, const IrIns *ins)
{
    const uint32_t flags = ir_flags(ins);
    const IrEffects effects = {
        .writes = writes_of(fn, ins),
        .reads = (uint8_t)reads_of(fn, ins),
        .frees = (uint8_t)frees_of(fn, ins),
        .leaves = (flags & IRF_EXIT) != 0,
        .leaves_unread = (flags & IRF_UNREAD) != 0,
        .raises = (flags & IRF_RAISE) != 0,
        .runs_code = (flags & IRF_ESCAPE) != 0,
        .ends = (flags & IRF_TERM) != 0,
        .is_pure = (flags & IRF_PURE) != 0,
        .is_new = (flags & IRF_NEW) != 0,
        .is_static = (flags & IRF_STATIC) != 0,
        .steals = (flags & IRF_STEAL) != 0,
    };
    IR_ASSERT(!effects.runs_code || effects.writes == MEM_ALL);
    IR_ASSERT(!effects.runs_code || effects.frees == FREES_ANY);
    IR_ASSERT(!effects.is_pure || !ir_acts(&effects));
    return effects;
}
