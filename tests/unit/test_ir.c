/* Unit tests of aot/ir and the pass driver; what single passes do is tested
 * by the goldens under tests/ir. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "effects.h"
#include "ir.h"
#include "ir_check.h"
#include "ir_graph.h"
#include "ir_text.h"
#include "pass.h"

static IrFn *
parse(Arena *arena, const char *text)
{
    char err[PYAOT_ERR_MAX] = "";
    IrFn *fn = NULL;
    if (ir_parse(text, strlen(text), arena, &fn, err) != PYAOT_OK) {
        fail_msg("%s", err);
    }
    return fn;
}

#define HEAD "fn \"f\" kind=1 framed=0 locals=0 at=0 depth=0 sig=\"i:i\"\n"

static void
test_ir_tables_are_complete(void **state)
{
    (void)state;
    for (int op = 1; op < IR_OP_COUNT; op++) {
        assert_non_null(ir_ops[op].text);
        assert_non_null(ir_ops[op].args);
        for (int other = 1; other < op; other++) {
            assert_string_not_equal(ir_ops[op].text, ir_ops[other].text);
        }
        /* An object result says whose reference it is. */
        if (ir_ops[op].result == IR_OBJ && op != IR_BLOCK_O) {
            uint16_t whose = ir_ops[op].flags
                             & (IRF_NEW | IRF_BORROW | IRF_STATIC);
            assert_true(whose != 0 && (whose & (whose - 1)) == 0);
        }
        /* What escapes also releases and writes everything. */
        if (ir_ops[op].flags & IRF_ESCAPE) {
            assert_true(ir_ops[op].effects & IR_FREES_MASK);
            assert_int_equal(ir_ops[op].effects >> IR_WRITES_AT
                                 & IR_MEMORY_MASK,
                             IR_MEMORY_ALL);
        }
        /* Only what may exit can have an exit that nobody needs. */
        assert_true(!(ir_ops[op].flags & IRF_UNREAD)
                    || (ir_ops[op].flags & IRF_EXIT));
    }
}

/* No operation has two meanings of one field. */
static void
test_ir_fields_have_one_meaning(void **state)
{
    (void)state;
    const uint64_t sets[] = {ir_fields_of.imm, ir_fields_of.aux,
                             ir_fields_of.fimm, ir_fields_of.text};
    assert_int_equal(sets[0] | sets[1] | sets[2] | sets[3],
                     (UINT64_C(1) << IR_FIELD_COUNT) - 1);
    for (int op = 1; op < IR_OP_COUNT; op++) {
        for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
            uint64_t both = ir_ops[op].fields & sets[i];
            assert_true((both & (both - 1)) == 0);
        }
    }
}

/* The C of a row names only what the operation has, and leaves exactly if it
 * says that it may. */
static void
test_ir_rows_of_c_are_sound(void **state)
{
    (void)state;
    for (int op = 1; op < IR_OP_COUNT; op++) {
        const char *c = ir_ops[op].c;
        bool leaves = false;
        if (c == NULL) {
            continue;
        }
        assert_string_not_equal(c, "");
        for (const char *p = c; *p != '\0'; p++) {
            leaves |= *p == '?' && (p == c || p[-1] == '\n');
            if (*p != '$') {
                continue;
            }
            p++;
            if (*p >= '0' && *p <= '9') {
                assert_true((size_t)(*p - '0') < strlen(ir_ops[op].args));
                assert_int_not_equal(ir_ops[op].args[0], '*');
            }
            else {
                assert_true(*p != '\0' && strchr("riatcCx", *p) != NULL);
                assert_true(*p != 'r' || ir_ops[op].result != IR_VOID);
                uint64_t need = *p == 'i'   ? ir_fields_of.imm
                                : *p == 'a' ? ir_fields_of.aux
                                : *p == 't' ? ir_fields_of.text
                                : *p == 'c' ? M_COND
                                            : M_CLASS;
                assert_true(strchr("iatcC", *p) == NULL
                            || (ir_ops[op].fields & need) != 0);
                leaves |= *p == 'x';
            }
        }
        assert_int_equal(leaves, (ir_ops[op].flags & IRF_EXIT) != 0);
    }
}

static void
test_ir_effects_depend_on_the_fields(void **state)
{
    (void)state;
    IrIns ins[3] = {{.op = IR_NOP}, {.op = IR_CONST_F64, .type = IR_F64}};
    IrFn fn = {.ins = ins, .n_ins = 3};
    IrRef args[3] = {1, 1, 1};
    IrIns *at = &ins[2];
    *at = (IrIns){.op = IR_PY, .type = IR_OBJ, .imm = IR_PYOP_ADD};
    assert_true(ir_effects(&fn, at).runs_code);
    assert_true(ir_effects(&fn, at).raises);
    assert_int_equal(ir_effects(&fn, at).frees, FREES_ANY);
    at->imm = IR_PYOP_STR_CONCAT;
    assert_false(ir_effects(&fn, at).runs_code);
    assert_int_equal(ir_effects(&fn, at).frees, FREES_NOTHING);
    assert_true(ir_effects(&fn, at).raises);
    *at = (IrIns){.op = IR_LIST_SET, .args = args, .n_args = 3};
    assert_int_equal(ir_effects(&fn, at).frees, FREES_SIMPLE); /* a number */
    assert_false(ir_effects(&fn, at).runs_code);
    *at = (IrIns){.op = IR_CALL_DIRECT, .type = IR_F64};
    assert_false(ir_effects(&fn, at).is_new || ir_effects(&fn, at).runs_code);
    at->fimm = IR_CALL_FRAMED;
    at->type = IR_OBJ;
    assert_true(ir_effects(&fn, at).is_new && ir_effects(&fn, at).runs_code);
}

static void
test_ir_grows_and_prints(void **state)
{
    (void)state;
    Arena arena;
    arena_init(&arena, 0);
    IrFn *fn = ir_fn_new(&arena, "many", 0);
    uint32_t b = ir_block_new(fn, 0);
    IrRef sum = ir_add(fn, b, IR_CONST_I64, NULL, 0);
    for (int i = 0; i < 5000; i++) {
        IrRef args[2] = {sum, sum};
        sum = ir_add(fn, b, IR_IADD_NC, args, 2);
    }
    ir_add(fn, b, IR_RETURN, &sum, 1);
    assert_int_equal(fn->n_ins, 5003);
    assert_int_equal(fn->blocks[b].n_ins, 5002);
    assert_true(ir_check(fn, NULL));
    StrBuf text;
    strbuf_init(&text, 0);
    ir_print(fn, &text);
    IrFn *again = parse(&arena, strbuf_text(&text));
    assert_int_equal(again->n_ins, fn->n_ins);
    strbuf_free(&text);
    arena_free(&arena);
}

static void
test_ir_out_of_memory_sticks(void **state)
{
    (void)state;
    Arena arena;
    arena_init(&arena, 40000);
    IrFn *fn = ir_fn_new(&arena, "small", 0);
    assert_non_null(fn);
    uint32_t b = ir_block_new(fn, 0);
    for (int i = 0; i < 5000; i++) {
        ir_add(fn, b, IR_CONST_I64, NULL, 0);
    }
    assert_int_equal(arena_status(&arena), PYAOT_E_LIMIT);
    char err[PYAOT_ERR_MAX];
    assert_int_not_equal(pass_run(fn, "p", NULL, err), PYAOT_OK);
    arena_free(&arena);
}

static void
test_ir_graph_finds_dominators(void **state)
{
    (void)state;
    Arena arena;
    arena_init(&arena, 0);
    IrFn *fn = parse(&arena, HEAD "b0:\n v1 = bool #1\n branch v1, b1, b2\n"
                                  "b1:\n jump b3\n"
                                  "b2:\n jump b3\n"
                                  "b3: header\n branch v1, b4, b5\n"
                                  "b4:\n jump b3\n"
                                  "b5:\n return v1\n"
                                  "b6:\n jump b5\n");
    const IrGraph *g = ir_graph_new(fn);
    assert_int_equal(g->n_order, 6);
    assert_false(ir_graph_reachable(g, 6));
    assert_int_equal(g->idom[3], 0);
    assert_int_equal(g->idom[5], 3);
    assert_true(ir_graph_dominates(g, 0, 5));
    assert_true(ir_graph_dominates(g, 3, 4));
    assert_false(ir_graph_dominates(g, 1, 3));
    assert_false(ir_graph_dominates(g, 4, 5));
    assert_int_equal(g->pred_at[4] - g->pred_at[3], 3);
    assert_true(ir_drop_unreachable(fn));
    assert_int_equal(fn->n_blocks, 6);
    arena_free(&arena);
}

static void
test_ir_replace_follows_chains(void **state)
{
    (void)state;
    Arena arena;
    arena_init(&arena, 0);
    IrFn *fn = parse(&arena,
                     HEAD "b0:\n v1 = i64 #1\n v2 = i64 #2\n v3 = i64 #3\n"
                          " v4 = iadd.nc v3, v2\n return v4\n");
    IrRef *map = ARENA_NEW_ARRAY(&arena, IrRef, fn->n_ins);
    map[3] = 2;
    map[2] = 1;
    ir_replace_uses(fn, map);
    assert_int_equal(fn->ins[4].args[0], 1);
    assert_int_equal(fn->ins[4].args[1], 1);
    arena_free(&arena);
}

static void
test_pass_driver_refuses(void **state)
{
    (void)state;
    Arena arena;
    char err[PYAOT_ERR_MAX] = "";
    arena_init(&arena, 0);
    IrFn *fn = parse(&arena, HEAD "b0:\n v1 = param.i #0\n return v1\n");
    assert_int_equal(pass_run(fn, "z", NULL, err), PYAOT_E_ARGUMENT);
    assert_non_null(strstr(err, "'z'"));
    /* Nothing may run after the reference counts. */
    assert_int_equal(pass_run(fn, "cd", NULL, err), PYAOT_E_ARGUMENT);
    fn->ins[1].type = IR_F64;
    PassOptions options = {.verify = true};
    assert_int_equal(pass_run(fn, "p", &options, err), PYAOT_E_INTERNAL);
    assert_non_null(strstr(err, "before the passes"));
    arena_free(&arena);
}

static void
count_dumps(void *self, const Pass *pass, const IrFn *fn)
{
    (void)pass;
    (void)fn;
    ++*(int *)self;
}

static void
test_pass_driver_runs_the_default(void **state)
{
    (void)state;
    Arena arena;
    int n = 0;
    arena_init(&arena, 0);
    IrFn *fn = parse(&arena, HEAD "b0:\n v1 = param.i #0\n return v1\n");
    PassOptions options = {.verify = true,
                           .dump = count_dumps,
                           .dump_self = &n};
    assert_int_equal(pass_run(fn, NULL, &options, NULL), PYAOT_OK);
    assert_int_equal(n, strlen(pass_default) + 1);
    arena_free(&arena);
}

static void
test_parse_names_the_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"", "expected 'fn'"},
        {"fn \"f", "line 1: string without end"},
        {HEAD, "needs a block"},
        {HEAD "b1:\n", "line 2: blocks must be numbered"},
        {HEAD "b0:\n v1 = i64 #99999999999999999999\n", "bad integer"},
        {HEAD "b0:\n v1 = f64 1x\n", "line 3: bad number"},
        {HEAD "b0:\n v9999999 = f64 1\n", "number is too large"},
        {HEAD "b0:\n jump b7\n", "block that is not there"},
        {HEAD "b0:\n v1 = i64 #1 ? s4\n", "snapshot that is not there"},
        {HEAD "b0:\n v0 = i64 #1\n", "v0 is no value"},
        {HEAD "b0:\n i64 #1\n", "operation with a result"},
        {HEAD "b0:\n v1 = jump b0\n", "operation without a result"},
        {HEAD "b0:\n jump b0\n jump b0\n", "behind the terminator"},
        {HEAD "b0:\n v1 = icmp<xx> v1, v1\n", "unknown name"},
        {HEAD "b0(v1):\n", "needs a type"},
        {HEAD "s2 @0 guard/0 [] []\n", "numbered from 1"},
        {HEAD "b0:\n v1 = global #0 \"a\\q\"\n", "bad escape"},
        {"fn \"f\" speed=3\n", "unknown property"},
        {HEAD "jump b0\n", "outside a block"},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        Arena arena;
        IrFn *fn;
        char err[PYAOT_ERR_MAX] = "";
        arena_init(&arena, 0);
        assert_int_equal(ir_parse(bad[i].text, strlen(bad[i].text), &arena,
                                  &fn, err),
                         PYAOT_E_FORMAT);
        if (strstr(err, bad[i].message) == NULL) {
            fail_msg("%s: said %s", bad[i].message, err);
        }
        arena_free(&arena);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ir_tables_are_complete),
        cmocka_unit_test(test_ir_fields_have_one_meaning),
        cmocka_unit_test(test_ir_rows_of_c_are_sound),
        cmocka_unit_test(test_ir_effects_depend_on_the_fields),
        cmocka_unit_test(test_ir_grows_and_prints),
        cmocka_unit_test(test_ir_out_of_memory_sticks),
        cmocka_unit_test(test_ir_graph_finds_dominators),
        cmocka_unit_test(test_ir_replace_follows_chains),
        cmocka_unit_test(test_pass_driver_refuses),
        cmocka_unit_test(test_pass_driver_runs_the_default),
        cmocka_unit_test(test_parse_names_the_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
