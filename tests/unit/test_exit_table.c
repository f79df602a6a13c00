/* Exit tables: places in the words of assemblers, and tables that are damaged.
 */
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cache/exit_table.h"

static uint32_t
symbol(void *arg, const char *name, size_t len)
{
    return len == strlen(arg) && memcmp(arg, name, len) == 0 ? 3 : UINT32_MAX;
}

/* The bytes of a place in hexadecimal, or "-". */
static const char *
place(uint32_t machine, const char *text, int64_t offset)
{
    static char hex[64];
    static char name[] = "PyList_Type";
    StrBuf out;
    strbuf_init(&out, 0);
    strcpy(hex, "-");
    if (exit_place_parse(machine, text, offset, symbol, name, &out)) {
        for (size_t i = 0; i < out.len; i++) {
            snprintf(hex + 2 * i, 3, "%02x", (uint8_t)out.data[i]);
        }
    }
    strbuf_free(&out);
    return hex;
}

static void
test_exit_places_of_x86_64(void **state)
{
    static const struct {
        const char *text;
        int64_t offset;
        const char *hex;
    } cases[] = {
        {"%rax", 0, "00"},
        {"%ebx", 0, "18"},
        {"%r15", 0, "78"},
        {"%sil", 0, "30"},
        {"%xmm11", 0, "59"},
        {"(%rsp)", 0, "2200"},
        {"-24(%rbp)", 0, "2a2f"},
        {"8(%rsp)", 16, "2230"},
        {"8+8(%rsp)", 0, "2220"},
        {"16(%rax,%rcx,8)", 0, "030b20"},
        {"(%r8,%r9)", 0, "434800"},
        {"$0", 0, "0400"},
        {"$-1", 0, "0401"},
        {"$9223372036854775807", 0, "04feffffffffffffffff01"},
        {"$-9223372036854775808", 0, "04ffffffffffffffffff01"},
        {"$0x10", 0, "0420"},
        {"$1.5", 0, "05000000000000f83f"},
        {"$-0.0", 0, "050000000000000080"},
        {"PyList_Type@GOTPCREL(%rip)", 0, "0603"},
        {"other@GOTPCREL(%rip)", 0, "-"},
        {".LC3(%rip)", 0, "-"},
        {"%rip", 0, "-"},
        {"%xmm16", 0, "-"},
        {"%rax", 8, "-"},
        {"8(%rsp", 0, "-"},
        {"(%rax,%rcx,3)", 0, "-"},
        {"", 0, "-"},
        {"$", 0, "-"},
        {"$nan", 0, "-"},
        {"%rax ", 0, "-"},
        {"$1e400", 0, "05000000000000f07f"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *hex = place(EM_X86_64, cases[i].text, cases[i].offset);
        if (strcmp(hex, cases[i].hex) != 0) {
            fail_msg("%s: %s", cases[i].text, hex);
        }
    }
}

static void
test_exit_places_of_aarch64(void **state)
{
    static const struct {
        const char *text;
        int64_t offset;
        const char *hex;
    } cases[] = {
        {"x0", 0, "00"},
        {"w19", 0, "98"},
        {"x30", 0, "f0"},
        {"sp", 0, "f8"},
        {"d8", 0, "41"},
        {"v31", 0, "f9"},
        {"[sp, 24]", 0, "fa30"},
        {"[x29, #-8]", 0, "ea0f"},
        {"[x1]", 8, "0a10"},
        {"[x1, x2, lsl 3]", 0, "0b1300"},
        {"[x1, x2]", 0, "0b1000"},
        {"5", 0, "040a"},
        {"#-5", 0, "0409"},
        {"xzr", 0, "0400"},
        {"x31", 0, "-"},
        {"[sp, 24", 0, "-"},
        {"[sp, 8]!", 0, "-"},
        {"d32", 0, "-"},
        {"x0", 8, "-"},
        {"", 0, "-"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *hex = place(EM_AARCH64, cases[i].text, cases[i].offset);
        if (strcmp(hex, cases[i].hex) != 0) {
            fail_msg("%s: %s", cases[i].text, hex);
        }
    }
    assert_string_equal(place(EM_RISCV, "a0", 0), "-");
}

static const uint8_t plain_shape[] = {2, EXIT_CELL_I64, 0, EXIT_CELL_OBJ, 1};

/* One code with one row, one exit of two cells, made of two values. */
static size_t
make_table_of(uint8_t *bytes, const uint8_t *shape, size_t shape_len)
{
    static const uint8_t record[] = {
        EXIT_LEAVE, 1,    0,      0,    /**/ 0, 0,
        2,          0,    /**/ 5, 0x18, 0x2a,   0x2f,
        /**/ 0x04,  0xff, 0xff,   0xff, 0xff,   0xff,
        0xff,       0xff, 0xff,   0xff, 0x01,   /* the smallest */ 0x00,
        0x06,       0,
    };
    static const char texts[] = "PyList_Type\0guard";
    const uint32_t head[] = {
        1, 1, 1, 1, 1, 5, (uint32_t)shape_len, sizeof(record)};
    const PyaotExitCode code = {0, 1, 2};
    const PyaotExitRow row = {.offset = 7};
    const PyaotExitPoint point = {0x1234, 0};
    StrBuf out;
    strbuf_init(&out, 0);
    strbuf_add(&out, head, sizeof(head));
    strbuf_add(&out, &code, sizeof(code));
    strbuf_add(&out, &row, sizeof(row));
    strbuf_add(&out, &point, sizeof(point));
    strbuf_add(&out, shape, shape_len);
    strbuf_add(&out, record, sizeof(record));
    strbuf_add(&out, texts, sizeof(texts));
    size_t len = out.len;
    memcpy(bytes, out.data, len);
    strbuf_free(&out);
    return len;
}

static size_t
make_table(uint8_t *bytes)
{
    return make_table_of(bytes, plain_shape, sizeof(plain_shape));
}

static void
test_exit_table_is_found_by_address(void **state)
{
    _Alignas(8) uint8_t bytes[256];
    PyaotExitTable table;
    (void)state;
    assert_true(pyaot_exit_table_open(bytes, make_table(bytes), &table));
    assert_true(pyaot_exit_table_check(&table));
    assert_ptr_equal(pyaot_exit_find(&table, 0x1234), table.records);
    assert_null(pyaot_exit_find(&table, 0x1233));
    assert_null(pyaot_exit_find(&table, 0x1235));
}

/* Parts of tuples: the last one first, each behind the tuple that holds it. */
static void
test_exit_table_tuples_are_made_of_parts(void **state)
{
    enum {
        PART = 2,
        OBJ = EXIT_CELL_OBJ,
        NONE = EXIT_CELL_NULL,
        DUP = EXIT_CELL_DUP,
        TUPLE = EXIT_CELL_TUPLE
    };
    static const struct {
        bool good;
        uint8_t shape[24];
    } cases[] = {
        /* cells 0 and 1 hold (a, (b, b)) and its inner tuple */
        {true,
         {6, OBJ, PART + 3, DUP, PART + 2, PART + 3, TUPLE, PART + 1,
          2 << 4 | 2, OBJ, PART, TUPLE, 0, 0 << 4 | 2, DUP, 1, PART + 1}},
        /* a part that is not there, or not yet */
        {false, {4, OBJ, PART + 1, OBJ, PART, TUPLE, 0, 0 << 4 | 3, NONE, 1}},
        {false, {4, OBJ, PART + 1, OBJ, PART, TUPLE, 0, 2 << 4 | 1, NONE, 1}},
        {false,
         {5, OBJ, PART + 2, OBJ, PART + 1, TUPLE, PART, 0 << 4 | 1, NONE, 0,
          NONE, 1}},
        {false, {4, OBJ, PART + 1, OBJ, PART, DUP, 0, PART + 2, NONE, 1}},
        /* in the wrong order, one missing, behind a cell, of no length, live
         */
        {false, {4, OBJ, PART, OBJ, PART + 1, TUPLE, 0, 0 << 4 | 2, NONE, 1}},
        {false,
         {4, OBJ, PART + 2, OBJ, PART + 1, TUPLE, 0, 1 << 4 | 2, NONE, 1}},
        {false, {4, NONE, 1, OBJ, PART + 1, OBJ, PART, TUPLE, 0, 0 << 4 | 2}},
        {false, {4, OBJ, PART + 1, OBJ, PART, TUPLE, 0, 0, NONE, 1}},
        {false,
         {4, OBJ | EXIT_CELL_LIVE, PART + 1, OBJ, PART, TUPLE, 0, 0 << 4 | 2,
          NONE, 1}},
    };
    _Alignas(8) uint8_t bytes[256];
    PyaotExitTable table;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t len = make_table_of(bytes, cases[i].shape,
                                   sizeof(cases[i].shape));
        assert_true(pyaot_exit_table_open(bytes, len, &table));
        if (pyaot_exit_table_check(&table) != cases[i].good) {
            fail_msg("shape %zu", i);
        }
    }
}

/* Every byte as every other value, and every length. */
static void
test_exit_table_that_is_damaged_is_harmless(void **state)
{
    _Alignas(8) uint8_t bytes[256];
    PyaotExitTable table;
    size_t len = make_table(bytes), refused = 0;
    (void)state;
    for (size_t i = 0; i < len; i++) {
        assert_false(pyaot_exit_table_open(bytes, i, &table)
                     && pyaot_exit_table_check(&table));
        uint8_t saved = bytes[i];
        for (uint32_t value = 0; value < 256; value++) {
            bytes[i] = (uint8_t)value;
            refused += !pyaot_exit_table_open(bytes, len, &table)
                       || !pyaot_exit_table_check(&table);
        }
        bytes[i] = saved;
    }
    assert_true(refused > 32 * 200);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exit_places_of_x86_64),
        cmocka_unit_test(test_exit_places_of_aarch64),
        cmocka_unit_test(test_exit_table_is_found_by_address),
        cmocka_unit_test(test_exit_table_tuples_are_made_of_parts),
        cmocka_unit_test(test_exit_table_that_is_damaged_is_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
