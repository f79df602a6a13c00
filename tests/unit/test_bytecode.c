/* The decoder of 3.13's bytecode against the interpreter's own tables: live
 * forms of instructions, inline caches, what is popped and pushed, what
 * raises; and code that is not well made. */
#define Py_BUILD_CORE_MODULE 1
#include <Python.h>
#define NEED_OPCODE_METADATA
#include "internal/pycore_opcode_metadata.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cache/bytecode/pyaot_bytecode.h"

/* One instruction with its caches, alone. */
static bool
read_one(uint8_t op, uint8_t arg, BcIns *ins)
{
    uint8_t code[2 * 16] = {op, arg};
    return bc_read(&bc_minor_313, code, 16, 0, ins);
}

static bool
is_hidden(int op)
{
    return op == INSTRUMENTED_LINE || op == INSTRUMENTED_INSTRUCTION
           || op == ENTER_EXECUTOR;
}

/* The instruction that the compiler writes for this one. */
static int
base_of(int op)
{
    const char *name = _PyOpcode_OpName[op];
    const size_t len = strlen("INSTRUMENTED_");
    if (strncmp(name, "INSTRUMENTED_", len) != 0) {
        return _PyOpcode_Deopt[op];
    }
    for (int base = 0; base < 256; base++) {
        if (_PyOpcode_OpName[base] != NULL
            && strcmp(_PyOpcode_OpName[base], name + len) == 0) {
            return base;
        }
    }
    return -1;
}

static void
test_bytecode_live_forms(void **state)
{
    (void)state;
    int n = 0;
    for (int op = 0; op < 256; op++) {
        BcIns ins, plain;
        const char *name = _PyOpcode_OpName[op];
        if (name == NULL || op == CACHE || op == RESERVED
            || op == EXTENDED_ARG) {
            assert_false(read_one((uint8_t)op, 0, &ins));
            continue;
        }
        assert_true(read_one((uint8_t)op, 3, &ins));
        assert_string_equal(name, bc_name(&bc_minor_313, &ins));
        n++;
        if (is_hidden(op)) {
            assert_int_equal(BC_HIDDEN, ins.op);
            continue;
        }
        const int base = base_of(op);
        assert_true(read_one((uint8_t)base, 3, &plain));
        assert_int_equal(BC_PLAIN, plain.form);
        assert_int_equal(base == op                      ? BC_PLAIN
                         : op >= MIN_INSTRUMENTED_OPCODE ? BC_INSTRUMENTED
                                                         : BC_SPECIALISED,
                         ins.form);
        assert_int_equal(plain.op, ins.op);
        assert_int_equal(plain.a, ins.a);
        assert_int_equal(plain.b, ins.b);
        assert_int_equal(plain.target, ins.target);
        assert_int_equal(1 + _PyOpcode_Caches[base], ins.next);
    }
    assert_true(n > 200);
}

static void
test_bytecode_effects(void **state)
{
    (void)state;
    for (int op = 0; op < MIN_INSTRUMENTED_OPCODE; op++) {
        BcIns ins;
        if (_PyOpcode_OpName[op] == NULL || _PyOpcode_Deopt[op] != op
            || is_hidden(op)) {
            continue;
        }
        for (int arg = 1; arg < 256; arg++) {
            if (!read_one((uint8_t)op, (uint8_t)arg, &ins)) {
                break;
            }
            if (op == BUILD_SLICE && arg != 2 && arg != 3) {
                continue; /* never written */
            }
            assert_int_equal(_PyOpcode_num_popped(op, arg), ins.pops);
            assert_int_equal(_PyOpcode_num_pushed(op, arg), ins.pushes);
        }
        if (op == CACHE || op == RESERVED || op == EXTENDED_ARG) {
            continue;
        }
        const int flags = _PyOpcode_opcode_metadata[op].flags;
        const int may = HAS_ERROR_FLAG | HAS_ERROR_NO_POP_FLAG
                        | HAS_EVAL_BREAK_FLAG;
        /* 3.14's SET_FUNCTION_ATTRIBUTE may raise, 3.13's does not. */
        if (op != SET_FUNCTION_ATTRIBUTE) {
            assert_int_equal((flags & may) != 0, bc_raises(&ins));
        }
        /* FOR_ITER and SEND jump by their own counting. */
        if (op != FOR_ITER && op != SEND) {
            assert_int_equal((flags & HAS_JUMP_FLAG) != 0, bc_jumps(&ins));
        }
    }
}

static bool
decodes(const char *bytes, size_t len, const char *table, size_t table_len)
{
    const BcSource source = {
        .minor = &bc_minor_313,
        .code = (const uint8_t *)bytes,
        .n_units = (uint32_t)(len / 2),
        .exctable = (const uint8_t *)table,
        .exctable_len = (uint32_t)table_len,
        .n_locals = 2,
        .n_names = 1,
        .n_consts = 1,
    };
    Arena arena;
    BcList list;
    arena_init(&arena, 0);
    const bool ok = bc_decode(&source, &arena, &list);
    arena_free(&arena);
    return ok;
}

#define DECODES(...)                                                          \
    decodes((const char[]){__VA_ARGS__}, sizeof((const char[]){__VA_ARGS__}), \
            "", 0)

static void
test_bytecode_malformed(void **state)
{
    (void)state;
    const char re = (char)RESUME;
    assert_true(DECODES(re, 0, RETURN_CONST, 0));
    /* no such constant */
    assert_false(DECODES(re, 0, RETURN_CONST, 1));
    /* no such local */
    assert_false(DECODES(LOAD_FAST, 2, RETURN_VALUE, 0));
    assert_true(DECODES(LOAD_FAST_LOAD_FAST, 0x10, RETURN_VALUE, 0));
    assert_false(DECODES(LOAD_FAST_LOAD_FAST, 0x12, RETURN_VALUE, 0));
    assert_false(DECODES(LOAD_NAME, 1, RETURN_VALUE, 0)); /* no such name */
    /* no such place */
    assert_false(DECODES(SWAP, 0, RETURN_VALUE, 0));
    assert_false(DECODES(EXTENDED_ARG, 0)); /* of nothing */
    /* cache cut off */
    assert_false(DECODES(LOAD_GLOBAL, 0, 0, 0));
    assert_false(DECODES(CACHE, 0, RETURN_CONST, 0));
    /* beyond the end */
    assert_false(DECODES(JUMP_FORWARD, 1, RETURN_CONST, 0));
    assert_true(DECODES(JUMP_FORWARD, 0, RETURN_CONST, 0));
    /* before the start */
    assert_false(DECODES(JUMP_BACKWARD, 3, 0, 0));
    assert_true(DECODES(JUMP_BACKWARD, 2, 0, 0));
    assert_false(DECODES(re, 0, JUMP_BACKWARD, 1, 0, 0)); /* into a cache */
    /* no instruction */
    assert_false(DECODES((char)235, 0, RETURN_CONST, 0));
    const char code[] = {re, 0, RETURN_CONST, 0};
    assert_true(decodes(code, sizeof code, "\x80\x01\x01\x00", 4));
    /* handler outside */
    assert_false(decodes(code, sizeof code, "\x80\x01\x05\x00", 4));
    assert_false(decodes("", 0, "", 0));
}

static void
test_bytecode_minors(void **state)
{
    (void)state;
    assert_ptr_equal(&bc_minor_313, bc_minor("cpython-313-x86_64-linux-gnu"));
    assert_ptr_equal(&bc_minor_313, bc_minor("cpython-313d-x86_64-linux-gnu"));
    assert_ptr_equal(&bc_minor_314, bc_minor("cpython-314-x86_64-linux-gnu"));
    assert_null(bc_minor("cpython-3130-x86_64-linux-gnu"));
    assert_null(bc_minor("cpython-312-x86_64-linux-gnu"));
    assert_null(bc_minor(""));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytecode_live_forms),
        cmocka_unit_test(test_bytecode_effects),
        cmocka_unit_test(test_bytecode_malformed),
        cmocka_unit_test(test_bytecode_minors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
