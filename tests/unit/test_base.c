/* Unit tests of cache/base: arena, buffer, status, hash, environment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cache/base/arena.h"
#include "cache/base/env.h"
#include "cache/base/fault.h"
#include "cache/base/hash.h"
#include "cache/base/strbuf.h"

static void
test_arena_memory_is_zeroed_and_aligned(void **state)
{
    (void)state;
    Arena arena;
    arena_init(&arena, 0);
    for (size_t size = 0; size < 10000; size += 37) {
        unsigned char *p = arena_alloc(&arena, size);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(p[i], 0);
        }
        memset(p, 0xff, size);
    }
    arena_free(&arena);
}

static void
test_arena_limit_is_sticky(void **state)
{
    (void)state;
    Arena arena;
    arena_init(&arena, 10000);
    assert_non_null(arena_alloc(&arena, 100));
    assert_null(arena_alloc(&arena, 20000));
    assert_int_equal(arena_status(&arena), PYAOT_E_LIMIT);
    assert_null(arena_alloc(&arena, 1));
    arena_free(&arena);
    assert_int_equal(arena_status(&arena), PYAOT_OK);
    assert_null(arena_calloc(&arena, SIZE_MAX / 2, 3));
    assert_int_equal(arena_status(&arena), PYAOT_E_LIMIT);
    arena_free(&arena);
}

static void
test_arena_release_gives_memory_back(void **state)
{
    (void)state;
    Arena arena;
    arena_init(&arena, 0);
    char *kept = arena_strdup(&arena, "kept");
    ArenaMark mark = arena_mark(&arena);
    size_t before = arena.total_bytes;
    char *first = arena_alloc(&arena, 64);
    for (int i = 0; i < 1000; i++) {
        arena_alloc(&arena, 5000);
    }
    arena_release(&arena, mark);
    assert_int_equal(arena.total_bytes, before);
    assert_ptr_equal(arena_alloc(&arena, 64), first);
    assert_string_equal(kept, "kept");
    arena_free(&arena);
}

static void
test_arena_printf(void **state)
{
    (void)state;
    Arena arena;
    arena_init(&arena, 0);
    assert_string_equal(arena_printf(&arena, "%d-%s", 7, "x"), "7-x");
    assert_string_equal(arena_strndup(&arena, "abcdef", 3), "abc");
    arena_free(&arena);
}

static void
test_strbuf_grows_and_ends_with_nul(void **state)
{
    (void)state;
    StrBuf buf;
    strbuf_init(&buf, 0);
    assert_string_equal(strbuf_text(&buf), "");
    for (int i = 0; i < 1000; i++) {
        strbuf_printf(&buf, "%d,", i % 10);
    }
    assert_int_equal(buf.len, 2000);
    assert_int_equal(strlen(strbuf_text(&buf)), 2000);
    strbuf_reset(&buf);
    strbuf_u32(&buf, 0x01020304);
    strbuf_u16(&buf, 0x0506);
    strbuf_u64(&buf, 1);
    assert_memory_equal(buf.data, "\4\3\2\1\6\5\1\0\0\0\0\0\0\0", 14);
    strbuf_free(&buf);
}

static void
test_strbuf_limit_is_sticky(void **state)
{
    (void)state;
    StrBuf buf;
    strbuf_init(&buf, 8);
    strbuf_adds(&buf, "12345678");
    assert_int_equal(strbuf_status(&buf), PYAOT_OK);
    strbuf_addc(&buf, '9');
    assert_int_equal(strbuf_status(&buf), PYAOT_E_LIMIT);
    assert_null(strbuf_detach(&buf, NULL));
    assert_string_equal(strbuf_text(&buf), "12345678");
    strbuf_free(&buf);
}

static void
test_strbuf_detach_of_empty(void **state)
{
    (void)state;
    StrBuf buf;
    size_t len = 99;
    strbuf_init(&buf, 0);
    char *text = strbuf_detach(&buf, &len);
    assert_string_equal(text, "");
    assert_int_equal(len, 0);
    free(text);
}

static void
test_strbuf_json_escapes(void **state)
{
    (void)state;
    StrBuf buf;
    strbuf_init(&buf, 0);
    strbuf_json(&buf, "a\"b\\c\n");
    assert_string_equal(strbuf_text(&buf), "\"a\\\"b\\\\c\\u000a\"");
    strbuf_free(&buf);
}

static PyaotStatus
check_positive(int value, char *err)
{
    PyaotStatus status = PYAOT_OK;
    PYAOT_CHECK_ERR(value > 0, err, PYAOT_E_ARGUMENT, "%d is not positive",
                    value);
out:
    return status;
}

static PyaotStatus
check_forwarded(int value, char *err)
{
    PyaotStatus status = PYAOT_OK;
    PYAOT_TRY(check_positive(value, err));
out:
    return status;
}

static void
test_status_check_and_try(void **state)
{
    (void)state;
    char err[PYAOT_ERR_MAX] = "";
    assert_int_equal(check_forwarded(1, err), PYAOT_OK);
    assert_string_equal(err, "");
    assert_int_equal(check_forwarded(-1, err), PYAOT_E_ARGUMENT);
    assert_string_equal(err, "-1 is not positive");
    assert_int_equal(check_forwarded(-1, NULL), PYAOT_E_ARGUMENT);
    for (int i = 0; i < PYAOT_STATUS_COUNT; i++) {
        assert_true(strlen(pyaot_status_text((PyaotStatus)i)) > 0);
    }
    assert_string_equal(pyaot_status_name(PYAOT_E_CPU), "E_CPU");
    assert_string_equal(pyaot_status_text((PyaotStatus)999), "unknown status");
}

static void
test_hash_of_known_text(void **state)
{
    (void)state;
    uint8_t hash[PYAOT_HASH_BYTES];
    char hex[PYAOT_HASH_HEX_BYTES];
    /* The published XXH3-128 of the empty string. */
    pyaot_hash128("", 0, hash);
    pyaot_hash_hex(hash, hex);
    assert_string_equal(hex, "99aa06d3014798d86001c324468d497f");
}

static void
test_env_is_read(void **state)
{
    (void)state;
    setenv("PYAOT", "0", 1);
    setenv("PYAOT_VERBOSE", "2", 1);
    setenv("PYAOT_CACHE", "", 1);
    setenv("PYAOT_MODE", "strict", 1);
    PyaotEnv env = pyaot_env_read();
    assert_false(env.enabled);
    assert_true(env.strict);
    assert_int_equal(env.verbose, 2);
    assert_null(env.cache_dir);
    unsetenv("PYAOT");
    unsetenv("PYAOT_MODE");
    setenv("PYAOT_VERBOSE", "yes", 1);
    setenv("PYAOT_CACHE", "/x", 1);
    env = pyaot_env_read();
    assert_true(env.enabled);
    assert_int_equal(env.verbose, 1);
    assert_string_equal(env.cache_dir, "/x");
    unsetenv("PYAOT_VERBOSE");
    unsetenv("PYAOT_CACHE");
}

#ifdef PYAOT_FAULT
static void
test_arena_survives_no_memory(void **state)
{
    (void)state;
    Arena arena;
    arena_init(&arena, 0);
    pyaot_fault_arm(PYAOT_FAULT_ALLOC, 1);
    assert_null(arena_alloc(&arena, 1));
    assert_int_equal(arena_status(&arena), PYAOT_E_NOMEM);
    pyaot_fault_arm(PYAOT_FAULT_ALLOC, 0);
    assert_null(arena_alloc(&arena, 1));
    arena_free(&arena);
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena_memory_is_zeroed_and_aligned),
        cmocka_unit_test(test_arena_limit_is_sticky),
        cmocka_unit_test(test_arena_release_gives_memory_back),
        cmocka_unit_test(test_arena_printf),
        cmocka_unit_test(test_strbuf_grows_and_ends_with_nul),
        cmocka_unit_test(test_strbuf_limit_is_sticky),
        cmocka_unit_test(test_strbuf_detach_of_empty),
        cmocka_unit_test(test_strbuf_json_escapes),
        cmocka_unit_test(test_status_check_and_try),
        cmocka_unit_test(test_hash_of_known_text),
        cmocka_unit_test(test_env_is_read),
#ifdef PYAOT_FAULT
        cmocka_unit_test(test_arena_survives_no_memory),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
