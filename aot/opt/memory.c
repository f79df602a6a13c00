/* Which instruction touches which memory. */
#include "memory.h"

/* The kind of an element at this index. */
static uint32_t
item_kind(const IrFn *fn, IrRef index)
{
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
memory_cell_kind(const IrIns *ins)
{
    return ir_slot(ins) < 0 ? MEM_DEREFS
                        : MEM_CELL_0 + (uint32_t)ir_slot(ins) % (MEM_CELL_LAST - MEM_CELL_0 + 1);
}

MemSet
memory_writes(const IrFn *fn, const IrIns *ins)
{
    uint32_t flags = ir_flags(ins);
    if (!(flags & (IRF_WRITE | IRF_RELEASE | IRF_ESCAPE))) {
        return 0;
    }
    if (flags & IRF_ESCAPE) {
        return MEM_ALL;
    }
    switch (ins->op) {
    case IR_LIST_SET:
    case IR_LIST_SET_F:
    case IR_LIST_SET_I: {
        uint32_t kind = item_kind(fn, ins->args[1]);
        return kind == MEM_ITEMS ? MEM_ALL_ITEMS
                                 : mem_bit(MEM_ITEMS) | mem_bit(kind);
    }
    case IR_LIST_FILL:
        return MEM_ALL_ITEMS;
    case IR_LIST_APPEND: /* items: what a negative index means changes */
        return mem_bit(MEM_ITEMS) | mem_bit(MEM_LENGTH);
    /* What these release is not seen to die, so nothing that can still be
     * reached changes with it.  An instance's dict shows its attributes. */
    case IR_ATTR_SET:
    case IR_ATTR_SET_F:
    case IR_ATTR_SET_I:
        return mem_bit(attr_kind(ins)) | mem_bit(MEM_DICTS);
    /* The dict of globals() shows them, too. */
    case IR_CELL_SET:
    case IR_CELL_SET_F:
    case IR_CELL_SET_I:
        return mem_bit(memory_cell_kind(ins)) | mem_bit(MEM_DICTS);
    case IR_DICT_SET: /* not one that holds globals: those are watched */
        return ir_class(ins) == IR_CLASS_STR /* an instance's: hides methods */
                   ? mem_bit(MEM_DICTS) | mem_bit(MEM_REST)
                   : mem_bit(MEM_DICTS);
    case IR_SET_ADD:
        return mem_bit(MEM_DICTS);
    case IR_BYTEARR_SET:
        return mem_bit(MEM_BYTES);
    case IR_ITER_NEXT_I: case IR_ITER_NEXT_O: case IR_ITER_STEP:
        return mem_bit(MEM_ITERS);
    case IR_LOCAL_APPEND:
    case IR_LOCAL_SET:
    case IR_LOCAL_REPLACE:
    case IR_LOCAL_CLEAR:
    case IR_LOCAL_FLUSH:
        return mem_bit(MEM_LOCALS);
    case IR_DROP:
    case IR_DECREF:
        return 0;
    default:
        return MEM_ALL;
    }
}

uint32_t
memory_read(const IrFn *fn, const IrIns *ins)
{
    switch (ins->op) {
    case IR_LIST_GET:
        return item_kind(fn, ins->args[1]);
    case IR_LIST_ITEM:
        return item_kind(fn, ins->args[2]);
    case IR_LIST_LEN:
    case IR_LIST_ITEMS:
        return MEM_LENGTH;
    case IR_BYTEARR_GET:
        return MEM_BYTES;
    case IR_LOCAL_GET:
    case IR_LOCAL_EMPTY:
        return MEM_LOCALS;
    case IR_ATTR_GET:
        return attr_kind(ins);
    case IR_CELL_GET:
        return memory_cell_kind(ins);
    case IR_MODULE_ATTR:
    case IR_DICT_GET:
    case IR_DICT_PEEK:
    case IR_DICT_NUMBER:
    case IR_DICT_HAS:
    case IR_SET_HAS:
    case IR_SIZED_LEN:
        return MEM_DICTS;
    case IR_ITER_MORE:
    case IR_ITER_KEY:
    case IR_ITER_VALUE:
        return MEM_ITERS;
    case IR_BYTES_LEN:
    case IR_GLOBAL:
    case IR_GLOBAL_CELL:
    case IR_DEFAULT:
    case IR_METHOD:
    case IR_CLASS_INIT:
    case IR_GUARD_TYPE: /* __class__ of such objects may be assigned */
        return MEM_REST;
    case IR_GUARD_CLASS:
    case IR_IS_CLASS:
        return ir_class(ins) == IR_CLASS_MODULE || ir_class(ins) == IR_CLASS_USER
                   ? MEM_REST
                   : MEM_NONE;
    default:
        return MEM_NONE;
    }
}
