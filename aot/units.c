/* What goes into one C text. */
#include "driver_int.h"

#include <string.h>

/* IR instructions of one unit, when everything is compiled. */
#define MAX_UNIT_INS 15000

static const char *
base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* Large units take the C compiler long, and it works on one at a time. */
static bool
is_full(const Driver *d, uint64_t n_ins)
{
    return d->options->everything && n_ins > MAX_UNIT_INS;
}

static uint64_t
code_size(const Code *c)
{
    uint64_t n_ins = 0;
    for (uint32_t r = 0; r < c->n_regions; r++) {
        n_ins += c->regions[r].fn->n_ins;
    }
    return n_ins;
}

/* Do two sources go into one unit? Each file has its own. Of sources that are
 * no files (doctests, exec) there can be hundreds, of a line each. */
static bool
is_together(const Driver *d, const char *one, const char *other)
{
    return strcmp(one, other) == 0
           || (d->options->everything && one[0] == '<' && other[0] == '<');
}

/* Emit the code objects of the source that are still to do, or as many of them
 * as a unit has room for. */
static PyaotStatus
emit_unit(Driver *d, const char *source, AotUnit *unit)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < d->n; i++) {
        most += !d->codes[i].is_emitted
                && is_together(d, d->codes[i].image->filename, source);
    }
    uint32_t *number = ARENA_NEW_ARRAY(d->arena, uint32_t, d->n + 1);
    EmitCode *codes = ARENA_NEW_ARRAY(d->arena, EmitCode, most + 1);
    unit->codes = ARENA_NEW_ARRAY(d->arena, AotCode, most + 1);
    if (number == NULL || codes == NULL || unit->codes == NULL) {
        return PYAOT_E_NOMEM;
    }
    uint32_t n = 0;
    uint64_t n_ins = 0;
    for (uint32_t i = 0; i < d->n && !is_full(d, n_ins); i++) {
        Code *c = &d->codes[i];
        if (c->n_regions == 0 || c->is_emitted
            || !is_together(d, c->image->filename, source)) {
            continue;
        }
        n_ins += code_size(c);
        unit->weight += c->profile->weight;
        c->is_emitted = true;
        /* Numbers of its own: what is hot elsewhere does not change a unit. */
        number[i] = c->has_entry ? n + 1 : 0;
        for (uint32_t r = 0; r < c->n_regions; r++) {
            c->regions[r].code_index = n + 1;
        }
        codes[n] = (EmitCode){.index = n + 1, .image = c->image, .slots = &c->slots,
                              .regions = c->regions, .n_regions = c->n_regions};
        unit->codes[n] = (AotCode){c->image->key, pyaot_image_filter(c->image),
                                   c->image->qualname, c->image->firstlineno,
                                   c->n_regions};
        n++;
    }
    unit->n_codes = n;
    unit->source = source;
    unit->module = base_name(source);
    EmitUnit eu = {.module = unit->module, .codes = codes, .n_codes = n,
                   .callees = d->callees, .number = number, .arena = d->arena};
    StrBuf text;
    strbuf_init(&text, 0);
    c_emit_unit(&eu, &text);
    PyaotStatus status = strbuf_status(&text);
    if (status == PYAOT_OK) {
        unit->c_text = arena_strndup(d->arena, strbuf_text(&text), text.len);
        unit->c_len = text.len;
    }
    strbuf_free(&text);
    return status != PYAOT_OK ? status : arena_status(d->arena);
}

PyaotStatus
emit_units(Driver *d, AotPlan *plan)
{
    plan->units = ARENA_NEW_ARRAY(d->arena, AotUnit, d->n + 1);
    if (plan->units == NULL) {
        return PYAOT_E_NOMEM;
    }
    for (uint32_t i = 0; i < d->n; i++) {
        const char *source = d->codes[i].image->filename;
        plan->n_codes += d->codes[i].n_regions != 0;
        if (d->codes[i].n_regions != 0 && !d->codes[i].is_emitted) {
            PyaotStatus s = emit_unit(d, source, &plan->units[plan->n_units++]);
            if (s != PYAOT_OK) {
                return s;
            }
        }
    }
    return PYAOT_OK;
}
