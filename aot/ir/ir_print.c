/* IR to text; see ir_text.h for the form. */
#include "ir_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char ir_type_letter[5] = {[IR_VOID] = '-',
                                [IR_I64] = 'i',
                                [IR_F64] = 'f',
                                [IR_BOOL] = 'b',
                                [IR_OBJ] = 'o'};
const char *const ir_exit_kind_text[5] = {"guard", "call", "end", "breaker",
                                          "init"};

IrImmKind
ir_imm_kind(IrOp op)
{
    const uint64_t fields = ir_ops[op].fields;
    return fields & M_COND    ? IMM_COND
           : fields & M_CLASS ? IMM_CLASS
           : fields & M_PYOP  ? IMM_PYOP
                              : IMM_NUMBER;
}

static void
print_quoted(StrBuf *buf, const char *text)
{
    strbuf_addc(buf, '"');
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\') {
            strbuf_addc(buf, '\\');
            strbuf_addc(buf, (char)c);
        }
        else if (c < ' ' || c == 127) {
            strbuf_printf(buf, "\\x%02x", c);
        }
        else {
            strbuf_addc(buf, (char)c);
        }
    }
    strbuf_addc(buf, '"');
}

/* The shortest text that reads back as the same double. */
static void
print_float(StrBuf *buf, double value)
{
    char text[40];
    if (isnan(value)) {
        uint64_t bits;
        memcpy(&bits, &value, sizeof(bits));
        strbuf_printf(buf, "bits:%llx", (unsigned long long)bits);
        return;
    }
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, value);
        if (strtod(text, NULL) == value) {
            break;
        }
    }
    strbuf_adds(buf, text);
}

/* Operations whose immediate is a number that is always there. */
static bool
has_number(IrOp op)
{
    return (ir_ops[op].fields
            & (M_VALUE | M_CONST | M_SINGLETON | M_PARAM | M_LOCAL | M_STACK
               | M_SLOT | M_PART | M_NAME))
           != 0;
}

static void
print_imm(StrBuf *buf, const IrIns *ins)
{
    static const char *const *const names[] = {
        [IMM_COND] = ir_cond_text,
        [IMM_CLASS] = ir_class_text,
        [IMM_PYOP] = ir_pyop_text,
    };
    static const int64_t counts[] = {
        [IMM_COND] = 6,
        [IMM_CLASS] = IR_CLASS_COUNT,
        [IMM_PYOP] = IR_PYOP_COUNT,
    };
    IrImmKind kind = ir_imm_kind((IrOp)ins->op);
    if (kind != IMM_NUMBER && ins->imm >= 0 && ins->imm < counts[kind]
        && (ins->imm != 0 || kind != IMM_CLASS)) {
        strbuf_printf(buf, "<%s>", names[kind][ins->imm]);
    }
    else if (ins->imm != 0 || has_number((IrOp)ins->op)) {
        strbuf_printf(buf, " #%lld", (long long)ins->imm);
    }
}

static void
print_name(StrBuf *buf, const IrIns *ins, IrRef ref)
{
    strbuf_printf(buf, "v%u%s", ref, ins->owned ? "+" : "");
    if (ins->cls != IR_CLASS_ANY && ins->cls < IR_CLASS_COUNT
        && ins->type == IR_OBJ) {
        strbuf_printf(buf, ":%s", ir_class_text[ins->cls]);
    }
    else if (ins->type != ir_ops[ins->op].result
             || (ins->op >= IR_BLOCK_I && ins->op <= IR_BLOCK_O)) {
        strbuf_printf(buf, ":%c", ir_type_letter[ins->type]);
    }
}

static void
print_refs(StrBuf *buf, const IrRef *refs, uint32_t n, const char *sep)
{
    for (uint32_t i = 0; i < n; i++) {
        strbuf_printf(buf, "%sv%u", i > 0 ? sep : "", refs[i]);
    }
}

static void
print_edges(StrBuf *buf, const IrBlock *block, const IrIns *ins)
{
    const char *sep = ins->n_args > 0 ? ", " : " ";
    for (uint32_t s = 0; s < block->n_succ; s++) {
        const IrEdge *edge = &block->succ[s];
        strbuf_printf(buf, "%sb%u", sep, edge->to);
        if (edge->n_args > 0) {
            strbuf_addc(buf, '(');
            print_refs(buf, edge->args, edge->n_args, ", ");
            strbuf_addc(buf, ')');
        }
        sep = ", ";
    }
}

void
ir_print_ins(const IrFn *fn, IrRef ref, StrBuf *buf)
{
    const IrIns *ins = &fn->ins[ref];
    if (ins->type != IR_VOID) {
        print_name(buf, ins, ref);
        strbuf_adds(buf, " = ");
    }
    strbuf_adds(buf, ir_ops[ins->op].text);
    print_imm(buf, ins);
    if (ins->op == IR_CONST_F64) {
        strbuf_addc(buf, ' ');
        print_float(buf, ins->fimm);
    }
    if (ins->n_args > 0) {
        strbuf_addc(buf, ' ');
        print_refs(buf, ins->args, ins->n_args, ", ");
    }
    if ((ir_ops[ins->op].flags & IRF_TERM) && ins->block < fn->n_blocks) {
        print_edges(buf, &fn->blocks[ins->block], ins);
    }
    if (ins->text != NULL) {
        strbuf_addc(buf, ' ');
        print_quoted(buf, ins->text);
    }
    if (ins->op != IR_CONST_F64 && ins->fimm != 0) {
        strbuf_adds(buf, " fimm=");
        print_float(buf, ins->fimm);
    }
    if (ins->aux != 0) {
        strbuf_printf(buf, " aux=%u", ins->aux);
    }
    if (ins->snap != 0) {
        strbuf_printf(buf, " ? s%u", ins->snap);
    }
    if (ins->raise != 0) {
        strbuf_printf(buf, " ! s%u", ins->raise);
    }
    if (ins->steal) {
        strbuf_adds(buf, " steal");
    }
    if (ins->given != 0) {
        strbuf_printf(buf, " given=%llu", (unsigned long long)ins->given);
    }
    if (ins->n_release > 0) {
        strbuf_adds(buf, " release [");
        print_refs(buf, ins->release, ins->n_release, " ");
        strbuf_addc(buf, ']');
    }
}

static void
print_snap_val(StrBuf *buf, const IrSnapVal *val)
{
    static const char *const text[] = {
        [SNAP_NULL] = "null",
        [SNAP_REF] = "",
        [SNAP_MEM] = "mem",
        [SNAP_DYN] = "dyn ",
        [SNAP_RANGE] = "range ",
        [SNAP_LISTIT] = "listit ",
        [SNAP_TUPIT] = "tupit ",
        [SNAP_STRIT] = "strit ",
        [SNAP_ENUM] = "enum ",
        [SNAP_ZIP] = "zip ",
        [SNAP_COMPLEX] = "complex ",
        [SNAP_TUPLE] = "tuple ",
        [SNAP_RANGEOBJ] = "rangeobj ",
        [SNAP_SLICE] = "slice ",
    };
    if (val->kind == SNAP_MEM && val->a == 0) {
        strbuf_adds(buf, "mem");
        return;
    }
    const IrRef refs[3] = {val->a, val->b, val->c};
    strbuf_adds(buf, text[val->kind]);
    if (ir_snap_has_parts(val)) {
        strbuf_printf(buf, "%u of %u", val->n, val->first);
    }
    if (val->kind == SNAP_MEM) {
        strbuf_addc(buf, ' ');
    }
    print_refs(buf, refs, ir_snap_refs(val), " ");
}

static void
print_snap_vals(StrBuf *buf, const IrSnapVal *vals, uint32_t n)
{
    strbuf_adds(buf, " [");
    for (uint32_t i = 0; i < n; i++) {
        strbuf_adds(buf, i > 0 ? ", " : "");
        print_snap_val(buf, &vals[i]);
    }
    strbuf_addc(buf, ']');
}

static void
print_snap(StrBuf *buf, const IrFn *fn, IrSnapId id)
{
    const IrSnap *snap = &fn->snaps[id];
    strbuf_printf(buf, "s%u @%u ", id, snap->offset);
    if (snap->kind < 5) {
        strbuf_adds(buf, ir_exit_kind_text[snap->kind]);
    }
    else {
        strbuf_printf(buf, "%u", snap->kind);
    }
    strbuf_printf(buf, "/%u", snap->reason);
    if (snap->resume != 0) {
        strbuf_printf(buf, " resume=%u", snap->resume);
    }
    print_snap_vals(buf, snap->vals, snap->n_locals);
    print_snap_vals(buf, snap->vals + snap->n_locals, snap->n_stack);
    if (snap->n_parts > 0) {
        print_snap_vals(buf, snap->vals + ir_snap_n_slots(snap),
                        snap->n_parts);
    }
    strbuf_addc(buf, '\n');
}

static void
print_block(StrBuf *buf, const IrFn *fn, uint32_t b)
{
    const IrBlock *block = &fn->blocks[b];
    strbuf_printf(buf, "b%u", b);
    if (block->n_params > 0) {
        strbuf_addc(buf, '(');
        for (uint32_t i = 0; i < block->n_params; i++) {
            strbuf_adds(buf, i > 0 ? ", " : "");
            print_name(buf, &fn->ins[block->params[i]], block->params[i]);
        }
        strbuf_addc(buf, ')');
    }
    strbuf_printf(buf, ": @%u%s", block->offset,
                  block->is_header ? " header" : "");
    if (block->entry != 0) {
        strbuf_printf(buf, " entry s%u", block->entry);
    }
    strbuf_addc(buf, '\n');
    uint32_t offset = block->offset;
    for (uint32_t i = 0; i < block->n_ins; i++) {
        const IrIns *ins = &fn->ins[block->ins[i]];
        strbuf_adds(buf, "  ");
        ir_print_ins(fn, block->ins[i], buf);
        if (ins->offset != offset) {
            strbuf_printf(buf, " @%u", ins->offset);
            offset = ins->offset;
        }
        strbuf_addc(buf, '\n');
    }
}

void
ir_print(const IrFn *fn, StrBuf *buf)
{
    strbuf_adds(buf, "fn ");
    print_quoted(buf, fn->name);
    strbuf_printf(buf, " kind=%u framed=%u locals=%u at=%u depth=%u sig=",
                  fn->entry_kind, fn->framed, fn->n_locals, fn->entry_offset,
                  fn->entry_depth);
    print_quoted(buf, fn->sig);
    strbuf_addc(buf, '\n');
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        print_block(buf, fn, b);
    }
    for (IrSnapId s = 1; s < fn->n_snaps; s++) {
        print_snap(buf, fn, s);
    }
}
