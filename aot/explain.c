/* What was compiled and what not, for people who know Python: functions,
 * lines, types, time. */
#include "driver_int.h"

#include <string.h>

#include "resume.h"

typedef struct {
    const Driver *d;
    StrBuf *out;
    const ProfileCode *codes; /* all that was recorded */
    uint32_t n_codes;
} Explain;

/* --- words --------------------------------------------------------------- */

static void
say_time(StrBuf *out, double ns)
{
    if (ns < 1e3) {
        strbuf_printf(out, "%.0f ns", ns);
    }
    else if (ns < 1e6) {
        strbuf_printf(out, "%.1f us", ns / 1e3);
    }
    else if (ns < 1e9) {
        strbuf_printf(out, "%.1f ms", ns / 1e6);
    }
    else {
        strbuf_printf(out, "%.2f s", ns / 1e9);
    }
}

static void
say_count(StrBuf *out, uint64_t n, const char *one, const char *many)
{
    char digits[32], text[48];
    size_t len = 0;
    StrBuf number;
    strbuf_init(&number, sizeof digits);
    strbuf_printf(&number, "%llu", (unsigned long long)n);
    for (size_t i = 0; i < number.len; i++) {
        if (i > 0 && (number.len - i) % 3 == 0) {
            text[len++] = ',';
        }
        text[len++] = number.data[i];
    }
    text[len] = '\0';
    strbuf_free(&number);
    strbuf_printf(out, "%s %s", text, n == 1 ? one : many);
}

/* Why not, without the compiler's notions. */
static const char *
reason(Bail bail)
{
    switch (bail) {
    case BAIL_COLD:
        return "it ran too seldom; record a longer run";
    case BAIL_UNPROFILED:
        return "the types of its arguments were not seen";
    case BAIL_GENERATOR:
        return "it is a generator or coroutine, of which only loops and what "
               "follows a yield are compiled";
    case BAIL_SIGNATURE:
        return "it takes *args, **kwargs or keyword-only arguments";
    case BAIL_CELLS:
        return "inner functions use its variables";
    case BAIL_UNPAID:
        return "getting into native code costs more than it gains";
    case BAIL_USELESS:
        return "native code would have to be left before it has done anything";
    case BAIL_CALLEE_MODE:
        return "it calls what needs its frame";
    case BAIL_INVALID:
        return "its bytecode is not understood";
    case BAIL_YIELDS_SOON:
    case BAIL_TOO_LARGE:
    case BAIL_INTERNAL:
    case BAIL_NONE:
    case BAIL_COUNT:
        break;
    }
    return bail_text[bail];
}

/* As in Python: "app:Point" is Point. */
static void
say_type(StrBuf *out, const char *text)
{
    static const char *const names[][2] = {
        {"bigint", "int (large)"},
        {"NoneType", "None"},
        {"builtin_function_or_method", "a C function"},
        {"range_iterator", "range"},
        {"list_iterator", "list"},
        {"tuple_iterator", "tuple"},
        {"str_iterator", "str"},
        {"str_ascii_iterator", "str"},
        {"set_iterator", "set"},
        {"dict_keyiterator", "dict"},
        {"dict_valueiterator", "dict.values()"},
        {"dict_itemiterator", "dict.items()"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(text, names[i][0]) == 0) {
            strbuf_adds(out, names[i][1]);
            return;
        }
    }
    const char *colon = strchr(text, ':');
    strbuf_adds(out, colon != NULL ? colon + 1 : text);
}

/* "float", "float (90%) or int (10%)"; false if nothing was seen. */
static bool
say_types(StrBuf *out, const ProfileCode *profile, uint32_t off,
          ProfileKind kind, uint32_t slot)
{
    enum { MOST = 4 };
    uint32_t n, shown = 0;
    uint64_t total = 0;
    const ProfileRow *rows = feedback_rows(profile, off, kind, slot, &n);
    for (uint32_t i = 0; i < n; i++) {
        total += strcmp(rows[i].what, "null") != 0 ? rows[i].count : 0;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (strcmp(rows[i].what, "null") == 0) {
            continue;
        }
        if (shown++ == MOST) {
            strbuf_adds(out, " or others");
            break;
        }
        strbuf_adds(out, shown > 1 ? " or " : "");
        say_type(out, rows[i].what);
        if (rows[i].count < total) {
            strbuf_printf(out, " (%.0f%%)",
                          100.0 * (double)rows[i].count / (double)total);
        }
    }
    return shown > 0;
}

static const ProfileCode *
find_key(const Explain *e, const char *hex)
{
    PyaotKey key;
    char text[PYAOT_KEY_HEX_BYTES] = "";
    strncpy(text, hex, sizeof text - 1);
    if (pyaot_key_from_hex(text, &key)) {
        for (uint32_t i = 0; i < e->n_codes; i++) {
            if (pyaot_key_equal(&e->codes[i].key, &key)) {
                return &e->codes[i];
            }
        }
    }
    return NULL;
}

/* What is called: "small()", "list.append()". */
static void
say_callee(const Explain *e, const char *what)
{
    static const char *const leads[] = {"bound:", "py:",   "c:",
                                        "md:",    "type:", "builtins."};
    const char *rest = what;
    bool is_python = false;
    for (size_t i = 0; i < sizeof leads / sizeof *leads; i++) {
        size_t n = strlen(leads[i]);
        if (strncmp(rest, leads[i], n) == 0) {
            rest += n;
            is_python |= i == 1;
        }
    }
    if (is_python) {
        const ProfileCode *callee = find_key(e, rest);
        strbuf_adds(e->out,
                    callee != NULL ? callee->qualname : "a Python function");
    }
    else if (strncmp(rest, "class:", 6) == 0
             && strlen(rest) > 6 + PYAOT_KEY_HEX_BYTES) {
        say_type(e->out, rest + 6 + PYAOT_KEY_HEX_BYTES);
    }
    else if (strncmp(rest, "other:", 6) == 0) {
        strbuf_adds(e->out, "an object of type ");
        say_type(e->out, rest + 6);
        return;
    }
    else {
        strbuf_adds(e->out, rest);
    }
    strbuf_adds(e->out, "()");
}

/* --- what was seen ------------------------------------------------------- */

static void
explain_arguments(const Explain *e, const Code *c)
{
    const PyaotImage *im = c->image;
    const ProfileCode *p = c->profile;
    const char *comma = "  arguments: ";
    for (uint32_t slot = 0; slot < im->argcount + im->kwonly; slot++) {
        for (uint32_t r = 0; r < p->n_rows; r++) {
            if (p->rows[r].kind == PROFILE_ARG && p->rows[r].slot == slot) {
                strbuf_printf(e->out, "%s%s: ", comma, im->localnames[slot]);
                say_types(e->out, p, p->rows[r].offset, PROFILE_ARG, slot);
                comma = ", ";
                break;
            }
        }
    }
    strbuf_adds(e->out, comma[0] == ',' ? "\n" : "");
}

static void
explain_returns(const Explain *e, const Code *c)
{
    for (uint32_t i = 0; i < c->bc->n; i++) {
        const BcIns *ins = &c->bc->ins[i];
        if (ins->op == BC_RETURN_VALUE
            && feedback_count(c->profile, ins->off, PROFILE_TYPE, 0) > 0) {
            strbuf_printf(e->out,
                          "  returns at line %d: ", c->image->lines[ins->off]);
            say_types(e->out, c->profile, ins->off, PROFILE_TYPE, 0);
            strbuf_adds(e->out, "\n");
        }
    }
}

static uint64_t
count_events(const ProfileCode *profile, uint32_t off)
{
    return feedback_count(profile, off, PROFILE_COUNT, 0)
           + feedback_count(profile, off, PROFILE_COUNT, 1);
}

/* ", over list of str" */
static void
say_iteration(const Explain *e, const Code *c, const BcIns *for_iter)
{
    const ProfileCode *p = c->profile;
    if (for_iter->op != BC_FOR_ITER
        || feedback_count(p, for_iter->off, PROFILE_TYPE, 0) == 0) {
        return;
    }
    strbuf_adds(e->out, ", over ");
    say_types(e->out, p, for_iter->off, PROFILE_TYPE, 0);
    if (feedback_count(p, for_iter->off, PROFILE_RESULT, 0) > 0) {
        strbuf_adds(e->out, " of ");
        say_types(e->out, p, for_iter->off, PROFILE_RESULT, 0);
    }
}

/* What became of the loop with the header ins[at]. */
static void
say_loop_state(const Explain *e, const Code *c, uint32_t at, uint64_t turns)
{
    const uint32_t off = c->bc->ins[at].off;
    bool in_another = false;
    for (uint32_t r = 0; r < c->n_regions; r++) {
        const IrFn *fn = c->regions[r].fn;
        if (fn->entry_kind == REGION_BACK_EDGE && fn->entry_offset == off) {
            strbuf_adds(e->out, "compiled");
            return;
        }
        in_another |= region_has_loop(fn, off);
    }
    if (in_another) {
        strbuf_adds(e->out, "compiled with what is around it");
    }
    else {
        const bool unpaid = c->loop_costs != NULL
                            && c->loop_costs[at].entry_ns > 0;
        strbuf_printf(e->out, "not compiled: %s",
                      turns < MIN_BACK_EDGES ? reason(BAIL_COLD)
                      : unpaid               ? reason(BAIL_UNPAID)
                               : "native code would be left in each turn");
    }
}

static void
explain_loops(const Explain *e, const Code *c)
{
    for (uint32_t i = 0; i < c->bc->n; i++) {
        const BcIns *ins = &c->bc->ins[i];
        uint64_t turns = 0;
        for (uint32_t k = i; ins->is_header && k < c->bc->n; k++) {
            const BcIns *jump = &c->bc->ins[k];
            if (jump->op == BC_JUMP_BACKWARD && jump->target == ins->off) {
                turns += count_events(c->profile, jump->off);
            }
        }
        if (turns == 0) {
            continue;
        }
        strbuf_printf(e->out,
                      "  loop at line %d: ", c->image->lines[ins->off]);
        say_count(e->out, turns, "turn", "turns");
        say_iteration(e, c, ins);
        strbuf_adds(e->out, "; ");
        say_loop_state(e, c, i, turns);
        strbuf_adds(e->out, "\n");
    }
}

/* --- a line -------------------------------------------------------------- */

static const char *const operators[BC_OPERATOR_COUNT] = {
    [BC_ADD] = "+",     [BC_AND] = "&",    [BC_FLOORDIV] = "//",
    [BC_LSHIFT] = "<<", [BC_MATMUL] = "@", [BC_MUL] = "*",
    [BC_REM] = "%",     [BC_OR] = "|",     [BC_POW] = "**",
    [BC_RSHIFT] = ">>", [BC_SUB] = "-",    [BC_TRUEDIV] = "/",
    [BC_XOR] = "^",
};

static const char *const comparisons[] = {
    [BC_LT] = "<",  [BC_LE] = "<=", [BC_EQ] = "==",
    [BC_NE] = "!=", [BC_GT] = ">",  [BC_GE] = ">=",
};

/* Where native code hands over to the interpreter whenever it gets here; NULL:
 * it does not, or there is none. */
static const char *
left_at(const Code *c, uint32_t off)
{
    bool stays = false;
    const char *why = NULL;
    for (uint32_t r = 0; r < c->n_regions; r++) {
        const IrFn *fn = c->regions[r].fn;
        for (uint32_t b = 0; b < fn->n_blocks; b++) {
            for (uint32_t i = 0; i < fn->blocks[b].n_ins; i++) {
                const IrIns *ins = &fn->ins[fn->blocks[b].ins[i]];
                if (ins->op != IR_EXIT) {
                    stays |= ins->offset == off;
                    continue;
                }
                const IrSnap *snap = &fn->snaps[ins->snap];
                if (snap->offset == off) {
                    why = snap->reason == EXIT_UNSUPPORTED ? "not compiled"
                          : snap->reason == EXIT_UNSEEN
                              ? "no types were seen there"
                          : snap->reason == EXIT_COLD ? "it was never reached"
                                                      : why;
                }
            }
        }
    }
    return stays ? NULL : why;
}

static void
say_operands(const Explain *e, const Code *c, const BcIns *ins)
{
    StrBuf *out = e->out;
    strbuf_adds(out, " of ");
    say_types(out, c->profile, ins->off, PROFILE_TYPE, 1);
    strbuf_adds(out, " and ");
    say_types(out, c->profile, ins->off, PROFILE_TYPE, 0);
}

/* One operation of a line; false if there is nothing to say of it. */
static bool
say_operation(const Explain *e, const Code *c, const BcIns *ins)
{
    const ProfileCode *p = c->profile;
    StrBuf *out = e->out;
    const char *name = "";
    uint32_t n;
    switch (ins->op) {
    case BC_BINARY_OP:
        strbuf_printf(out, "    %s", operators[ins->a]);
        say_operands(e, c, ins);
        break;
    case BC_COMPARE_OP:
        strbuf_printf(out, "    %s", comparisons[ins->a]);
        say_operands(e, c, ins);
        break;
    case BC_BINARY_SUBSCR:
    case BC_STORE_SUBSCR:
        strbuf_adds(out, ins->op == BC_BINARY_SUBSCR ? "    [] of "
                                                     : "    [] = of ");
        say_types(out, p, ins->off, PROFILE_TYPE, 1);
        strbuf_adds(out, " by ");
        say_types(out, p, ins->off, PROFILE_TYPE, 0);
        break;
    case BC_LOAD_ATTR:
    case BC_STORE_ATTR:
        name = c->image->names[ins->a];
        strbuf_printf(out, "    .%s%s of ", name,
                      ins->op == BC_STORE_ATTR ? " =" : "");
        say_types(out, p, ins->off, PROFILE_TYPE, 0);
        break;
    case BC_CALL:
    case BC_CALL_KW: {
        const ProfileRow *rows = feedback_rows(p, ins->off, PROFILE_CALLEE, 0,
                                               &n);
        strbuf_adds(out, "    call of ");
        for (uint32_t i = 0; i < n && i < 3; i++) {
            strbuf_adds(out, i > 0 ? " or " : "");
            say_callee(e, rows[i].what);
        }
        strbuf_adds(out, n > 3 ? " or others" : n == 0 ? "?" : "");
        break;
    }
    case BC_FOR_ITER:
        strbuf_adds(out, "    next turn");
        say_iteration(e, c, ins);
        break;
    default:
        return false;
    }
    if (ins->op != BC_FOR_ITER && ins->pushes > 0
        && feedback_count(p, ins->off, PROFILE_RESULT,
                          ins->op == BC_LOAD_ATTR && ins->b)
               > 0
        && !(ins->op == BC_LOAD_ATTR && ins->b)) {
        strbuf_adds(out, ": ");
        say_types(out, p, ins->off, PROFILE_RESULT, 0);
    }
    return true;
}

static void
explain_line(const Explain *e, const Code *c, uint32_t line)
{
    for (uint32_t i = 0; i < c->bc->n; i++) {
        const BcIns *ins = &c->bc->ins[i];
        if (c->image->lines[ins->off] != (int32_t)line) {
            continue;
        }
        const char *left = left_at(c, ins->off);
        if (!feedback_any(c->profile, ins->off) && left == NULL) {
            continue;
        }
        if (!say_operation(e, c, ins)) {
            if (left == NULL) {
                continue;
            }
            strbuf_printf(e->out, "    %s", bc_name(c->bc->list.minor, ins));
        }
        if (left != NULL) {
            strbuf_printf(e->out, "; native code is left here: %s", left);
        }
        strbuf_adds(e->out, "\n");
    }
}

/* --- a function ---------------------------------------------------------- */

static void
explain_head(const Explain *e, const PyaotImage *im, const char *state)
{
    strbuf_printf(e->out, "%s (%s, line %u): %s", im->qualname, im->filename,
                  im->firstlineno, state);
}

static void
explain_runs(const Explain *e, const ProfileCode *p, const AotWorth *worth)
{
    strbuf_printf(e->out, "  ran %s", p->exact < p->weight ? "about " : "");
    say_count(e->out, p->entries, "time", "times");
    if (p->resumes > 0) {
        strbuf_adds(e->out, ", went on after ");
        say_count(e->out, p->resumes, "yield or await", "yields or awaits");
    }
    if (p->back_edges > 0) {
        strbuf_adds(e->out, ", its loops turned ");
        say_count(e->out, p->back_edges, "time", "times");
    }
    strbuf_adds(e->out, "; by estimate ");
    say_time(e->out, worth->run_ns);
    const double saved = worth->covered_ns - worth->native_ns;
    if (worth->covered_ns > 0) {
        strbuf_adds(e->out, ", compiled ");
        say_time(e->out, worth->run_ns - saved);
        const double now = worth->run_ns - saved;
        if (now > 0 && worth->run_ns / now >= 1.1) {
            strbuf_printf(e->out, " (%.1f times as fast)",
                          worth->run_ns / now);
        }
    }
    strbuf_adds(e->out, "\n");
}

static void
explain_chosen(const Explain *e, const Code *c, const AotWorth *worth)
{
    const bool is_linked = c->has_entry && c->n_regions == 1
                           && c->regions[0].fn->called_only;
    explain_head(e, c->image,
                 is_linked          ? "compiled, for calls from compiled code"
                 : c->has_entry     ? "compiled"
                 : c->n_regions > 0 ? "compiled in part"
                                    : "not compiled");
    if (!c->has_entry) {
        strbuf_printf(e->out, "%s%s",
                      c->n_regions > 0 ? "; not as a whole: " : ": ",
                      reason(c->entry_bail));
    }
    strbuf_adds(e->out, "\n");
    explain_runs(e, c->profile, worth);
    explain_arguments(e, c);
    explain_loops(e, c);
    explain_returns(e, c);
    if (e->d->options->line != 0) {
        strbuf_printf(e->out, "  line %u:\n", e->d->options->line);
        explain_line(e, c, e->d->options->line);
    }
}

/* What was not even looked at closely. */
static void
explain_other(const Explain *e, const PyaotImage *im, const ProfileCode *p,
              const AotWorth *worth)
{
    explain_head(e, im, "not compiled: ");
    strbuf_printf(e->out, "%s\n",
                  strncmp(im->filename, "<frozen ", 8) == 0
                      ? "it belongs to the interpreter's frozen modules"
                      : reason(BAIL_COLD));
    explain_runs(e, p, worth);
}

/* --- which --------------------------------------------------------------- */

/* Is end the end of text, and what stands before it one of these? */
static bool
ends_at(const char *text, const char *end, const char *before)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0
           && (n == m || strchr(before, text[n - m - 1]) != NULL);
}

/* Qualified names as people write them, without "<locals>.". */
static bool
is_function(const char *qualname, const char *name)
{
    static const char locals[] = "<locals>.";
    StrBuf plain;
    strbuf_init(&plain, 0);
    for (const char *p = qualname; *p;) {
        if (strncmp(p, locals, sizeof locals - 1) == 0) {
            p += sizeof locals - 1;
        }
        else {
            strbuf_addc(&plain, *p++);
        }
    }
    bool is = ends_at(qualname, name, ".")
              || ends_at(strbuf_text(&plain), name, ".");
    strbuf_free(&plain);
    return is;
}

static bool
is_wanted(const AotOptions *o, const ProfileCode *p)
{
    return o->place == NULL || ends_at(p->filename, o->place, "/")
           || (o->line == 0 && is_function(p->qualname, o->place));
}

static bool
has_line(const PyaotImage *im, uint32_t line)
{
    bool found = line == 0;
    for (uint32_t u = 0; u < im->n_units && !found; u++) {
        found = im->lines[u] == (int32_t)line;
    }
    return found;
}

static const Code *
find_chosen(const Driver *d, const ProfileCode *profile)
{
    for (uint32_t i = 0; i < d->n; i++) {
        if (d->codes[i].profile == profile) {
            return &d->codes[i];
        }
    }
    return NULL;
}

void
explain_codes(const Driver *d, const ProfileCode *codes, uint32_t n,
              const AotWorth *worth)
{
    const AotOptions *o = d->options;
    const Explain e = {
        .d = d, .out = o->explain, .codes = codes, .n_codes = n};
    for (uint32_t i = 0; i < n; i++) {
        if (!is_wanted(o, &codes[i])) {
            continue;
        }
        const Code *c = find_chosen(d, &codes[i]);
        ArenaMark mark = arena_mark(d->arena);
        PyaotImage *im = NULL;
        if (c != NULL && has_line(c->image, o->line)) {
            if (o->detail) {
                explain_detail(d, c);
            }
            else {
                explain_chosen(&e, c, &worth[i]);
            }
        }
        else if (c == NULL && o->place != NULL
                 && pyaot_image_parse(codes[i].image, codes[i].image_len,
                                      d->arena, &im)
                        == PYAOT_OK
                 && has_line(im, o->line)) {
            explain_other(&e, im, &codes[i], &worth[i]);
        }
        arena_release(d->arena, mark);
    }
}
