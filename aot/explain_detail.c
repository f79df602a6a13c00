/* What was compiled and what not, in the compiler's own words. */
#include "driver_int.h"

#include "resume.h"

/* Why a loop has a region of its own although others have it, too. */
static void
explain_copies(const Code *c, const IrFn *loop, StrBuf *out)
{
    for (uint32_t r = 0; r < c->n_regions; r++) {
        const IrFn *fn = c->regions[r].fn;
        if (fn == loop || !region_has_loop(fn, loop->entry_offset)) {
            continue;
        }
        if (fn->entry_kind == REGION_ENTRY) {
            strbuf_adds(
                out, "    also in the function entry, which makes its own "
                     "frame or none;"
                     " this one is for frames that the interpreter is in\n");
        }
        else if (fn->entry_kind == REGION_BACK_EDGE) {
            strbuf_printf(
                out,
                "    also in the loop at line %d around it, whose turns have "
                "one"
                " beginning; this one is entered in the middle of a turn\n",
                c->image->lines[fn->entry_offset]);
        }
        else {
            strbuf_printf(out,
                          "    also behind the yield or start at line %d, "
                          "where there is no"
                          " jump back that could lead here\n",
                          c->image->lines[fn->entry_offset]);
        }
    }
}

/* The end of a line: the sum for one entry, if there is one. */
static void
explain_cost(const Cost *cost, StrBuf *out)
{
    if (cost != NULL && cost->entry_ns > 0) {
        strbuf_adds(out, "; ");
        cost_text(cost, out);
    }
    strbuf_adds(out, "\n");
}

static bool
has_region_at(const Code *c, uint32_t off)
{
    bool found = false;
    for (uint32_t r = 0; r < c->n_regions; r++) {
        const IrFn *fn = c->regions[r].fn;
        found |= fn->entry_kind != REGION_ENTRY && fn->entry_offset == off;
    }
    return found;
}

/* Loops and resumes that are too cheap for a region. */
static void
explain_unpaid(const Code *c, StrBuf *out)
{
    for (uint32_t i = 0; c->loop_costs != NULL && i < c->bc->n; i++) {
        const BcIns *ins = &c->bc->ins[i];
        if (c->loop_costs[i].entry_ns > 0 && !has_region_at(c, ins->off)) {
            strbuf_printf(out, "  %s line %d: not compiled: %s",
                          ins->op != BC_RESUME   ? "loop at"
                          : resume_is_entry(ins) ? "after the yield at"
                                                 : "start at",
                          c->image->lines[c->bc->ins[i].off],
                          bail_text[BAIL_UNPAID]);
            explain_cost(&c->loop_costs[i], out);
        }
    }
}

/* Loops that are in the regions of others only. */
static void
explain_shared_loops(const Code *c, StrBuf *out)
{
    for (uint32_t i = 0; c->shared != NULL && i < c->bc->n; i++) {
        if (!c->shared[i]) {
            continue;
        }
        uint32_t off = c->bc->ins[i].off;
        strbuf_printf(out, "  loop at line %d: compiled in",
                      c->image->lines[off]);
        const char *comma = "";
        for (uint32_t r = 0; r < c->n_regions; r++) {
            const IrFn *fn = c->regions[r].fn;
            if (!region_has_loop(fn, off)) {
                continue;
            }
            if (fn->entry_kind == REGION_ENTRY) {
                strbuf_adds(out, " the function entry");
            }
            else {
                strbuf_printf(out, "%s what begins at line %d", comma,
                              c->image->lines[fn->entry_offset]);
            }
            comma = ",";
        }
        strbuf_adds(out, " only: few turns at a time\n");
    }
}

void
explain_detail(const Driver *d, const Code *c)
{
    const AotOptions *o = d->options;
    StrBuf *out = o->explain;
    const PyaotImage *im = c->image;
    strbuf_printf(out,
                  "%s:%u %s: %llu entries, %llu back-edges, %llu resumes\n",
                  im->filename, im->firstlineno, im->qualname,
                  (unsigned long long)c->profile->entries,
                  (unsigned long long)c->profile->back_edges,
                  (unsigned long long)c->profile->resumes);
    if (!c->has_entry) {
        strbuf_printf(out, "  function entry: not compiled: %s",
                      bail_text[c->entry_bail]);
        explain_cost(&c->cost, out);
    }
    for (uint32_t r = 0; r < c->n_regions; r++) {
        const IrFn *fn = c->regions[r].fn;
        if (fn->entry_kind == REGION_ENTRY) {
            strbuf_printf(
                out, "  function entry: compiled, signature %s, %s%s", fn->sig,
                fn->framed ? "with a frame" : "without a frame",
                fn->called_only ? ", for calls from native code only" : "");
            explain_cost(&c->cost, out);
        }
        else {
            strbuf_printf(out, "  %s line %d: compiled%s",
                          fn->entry_kind == REGION_START ? "start at"
                          : fn->entry_kind == REGION_RESUME
                              ? "after the yield at"
                              : "loop at",
                          im->lines[fn->entry_offset],
                          fn->called_only ? ", for use by native code" : "");
            explain_cost(&c->loop_costs[c->bc->at[fn->entry_offset]], out);
            if (fn->entry_kind == REGION_BACK_EDGE) {
                explain_copies(c, fn, out);
            }
        }
        for (uint32_t b = 0; b < fn->n_blocks && o->line != 0; b++) {
            for (uint32_t i = 0; i < fn->blocks[b].n_ins; i++) {
                const IrIns *ins = &fn->ins[fn->blocks[b].ins[i]];
                if (im->lines[ins->offset] != (int32_t)o->line) {
                    continue;
                }
                const BcIns *bc = bytecode_at(c->bc, ins->offset);
                strbuf_printf(
                    out, "    @%-5u %-22s %-14s%s%s\n", 2 * ins->offset,
                    bc != NULL ? bc_name(c->bc->list.minor, bc) : "",
                    ir_ops[ins->op].text, ins->snap ? " may leave: " : "",
                    ins->snap ? exit_reason_text[fn->snaps[ins->snap].reason]
                              : "");
            }
        }
    }
    explain_unpaid(c, out);
    explain_shared_loops(c, out);
}
