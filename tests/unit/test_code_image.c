/* Code images and keys: live code object -> image -> parsed form. */
#include <Python.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cache/code_image.h"
#include "cache/pycode/pycode.h"

static const char SOURCE[] =
    "def f(a, b=2, /, c=3, *args, d, **kw):\n"
    "    'doc'\n"
    "    t = (1, -5, 1180591620717411303424, -9223372036854775808, 1.5,\n"
    "         -0.0, 2j, b'by\\0t', 's\\udc80',\n"
    "         (None, True, ..., (False, ())), 'h\\u00e9')\n"
    "    if a in {1, 2, 'x'}:\n"
    "        return lambda: (a, b)\n"
    "    for i in range(c):\n"
    "        d += i * 0.5\n"
    "    return d\n";

static PyObject *globals;

static PyCodeObject *
code_of(const char *source, const char *name, const char *file)
{
    PyObject *module = Py_CompileString(source, file, Py_file_input);
    assert_non_null(module);
    PyObject *done = PyEval_EvalCode(module, globals, globals);
    assert_non_null(done);
    Py_DECREF(done);
    Py_DECREF(module);
    PyObject *function = PyDict_GetItemString(globals, name);
    assert_non_null(function);
    PyObject *code = PyFunction_GetCode(function);
    return (PyCodeObject *)Py_NewRef(code);
}

typedef struct {
    StrBuf bytes;
    PyaotKey key;
    Arena arena;
    PyaotImage *image;
} Made;

static void
make(Made *made, PyCodeObject *code)
{
    strbuf_init(&made->bytes, 0);
    arena_init(&made->arena, 0);
    assert_int_equal(pyaot_pycode_image(code, "mod", &made->bytes, &made->key),
                     0);
    assert_int_equal(pyaot_image_parse((const uint8_t *)made->bytes.data,
                                       made->bytes.len, &made->arena,
                                       &made->image),
                     PYAOT_OK);
}

static void
drop(Made *made)
{
    strbuf_free(&made->bytes);
    arena_free(&made->arena);
}

static const PyaotConst *
find_const(const PyaotImage *image, PyaotConstKind kind, uint32_t min_items)
{
    for (uint32_t i = 0; i < image->n_consts; i++) {
        if (image->consts[i].kind == kind
            && image->consts[i].n_items >= min_items) {
            return &image->consts[i];
        }
    }
    fail_msg("no constant of kind %d", (int)kind);
    return NULL;
}

static void
test_code_image_fields(void **state)
{
    (void)state;
    PyCodeObject *code = code_of(SOURCE, "f", "dir/x.py");
    Made made;
    make(&made, code);
    const PyaotImage *image = made.image;
    assert_memory_equal(&image->key, &made.key, sizeof(made.key));
    assert_string_equal(image->abi, pyaot_pycode_abi());
    assert_string_equal(image->abi, "cpython-313-x86_64-linux-gnu");
    assert_int_equal(image->argcount, 3);
    assert_int_equal(image->posonly, 2);
    assert_int_equal(image->kwonly, 1);
    assert_int_equal(image->firstlineno, 1);
    assert_int_equal(image->n_units, Py_SIZE(code));
    assert_string_equal(image->localnames[0], "a");
    assert_int_equal(image->localkinds[2] & PYAOT_LOCAL_LOCAL,
                     PYAOT_LOCAL_LOCAL);
    assert_string_equal(image->name, "f");
    assert_string_equal(image->qualname, "f");
    assert_string_equal(image->filename, "dir/x.py");
    assert_string_equal(image->module, "mod");
    assert_string_equal(image->names[0], "range");
    drop(&made);
    Py_DECREF(code);
}

static void
test_code_image_constants(void **state)
{
    (void)state;
    PyCodeObject *code = code_of(SOURCE, "f", "x.py");
    Made made;
    make(&made, code);
    const PyaotConst *tuple = find_const(made.image, PYAOT_CONST_TUPLE, 11);
    const PyaotConst *c = tuple->items;
    assert_int_equal(c[0].i, 1);
    assert_int_equal(c[1].i, -5);
    assert_int_equal(c[2].kind, PYAOT_CONST_BIGINT);
    assert_int_equal(c[2].len, 9);
    assert_int_equal((uint8_t)c[2].bytes[8], 0x40);
    assert_int_equal(c[3].kind, PYAOT_CONST_INT);
    assert_true(c[3].i == INT64_MIN);
    assert_true(c[4].f == 1.5);
    assert_true(c[5].kind == PYAOT_CONST_FLOAT && 1 / c[5].f < 0);
    assert_true(c[6].kind == PYAOT_CONST_COMPLEX && c[6].imag == 2);
    assert_int_equal(c[7].len, 4);
    assert_memory_equal(c[7].bytes, "by\0t", 5);
    assert_memory_equal(c[8].bytes, "s\xed\xb2\x80", 5);
    assert_int_equal(c[9].n_items, 4);
    assert_int_equal(c[9].items[1].kind, PYAOT_CONST_TRUE);
    assert_int_equal(c[9].items[2].kind, PYAOT_CONST_ELLIPSIS);
    assert_int_equal(c[9].items[3].items[1].n_items, 0);
    assert_string_equal(c[10].bytes, "h\xc3\xa9");
    assert_int_equal(find_const(made.image, PYAOT_CONST_FROZENSET, 1)->n_items,
                     3);
    find_const(made.image, PYAOT_CONST_CODE, 0);
    drop(&made);
    Py_DECREF(code);
}

static void
test_code_image_lines(void **state)
{
    (void)state;
    PyCodeObject *code = code_of(SOURCE, "f", "x.py");
    Made made;
    make(&made, code);
    for (uint32_t unit = 0; unit < made.image->n_units; unit++) {
        assert_int_equal(made.image->lines[unit],
                         PyCode_Addr2Line(code, (int)(2 * unit)));
    }
    drop(&made);
    Py_DECREF(code);
}

static void
test_code_key_ignores_place(void **state)
{
    (void)state;
    char moved[sizeof(SOURCE) + 8];
    snprintf(moved, sizeof(moved), "\n\n\n%s", SOURCE);
    PyCodeObject *one = code_of(SOURCE, "f", "x.py");
    PyCodeObject *two = code_of(moved, "f", "elsewhere/y.py");
    PyaotKey a, b;
    assert_int_equal(pyaot_pycode_key(one, &a), 0);
    assert_int_equal(pyaot_pycode_key(two, &b), 0);
    assert_true(pyaot_key_equal(&a, &b));
    assert_true(pyaot_pycode_filter(one) == pyaot_pycode_filter(two));
    Py_DECREF(one);
    Py_DECREF(two);
}

static void
test_code_key_sees_changes(void **state)
{
    (void)state;
    static const char *const sources[] = {
        "def f(a): return a + 1",
        "def f(a): return a + 2",
        "def f(a): return a - 1",
        "def f(b): return b + 1",
        "def f(a): return a + 1.0",
        "def f(a): return a + True",
        "def f(a, /): return a + 1",
        "def f(*, a): return a + 1",
        "def f(a): return g + 1",
        "async def f(a): return a + 1",
        "def f(a):\n try: return a + 1\n except E: pass",
        "def f(a): return lambda: 1",
        "def f(a): return lambda: 2",
        "def f(a): return '1'",
        "def f(a): return b'1'",
        "def f(a): return 0.0",
        "def f(a): return -0.0",
        "def f(a): return (1, 2)",
        "def f(a): return a in {1, 2}",
    };
    enum { COUNT = sizeof(sources) / sizeof(sources[0]) };
    PyaotKey keys[COUNT];
    for (int i = 0; i < COUNT; i++) {
        PyCodeObject *code = code_of(sources[i], "f", "x.py");
        assert_int_equal(pyaot_pycode_key(code, &keys[i]), 0);
        Py_DECREF(code);
        for (int j = 0; j < i; j++) {
            assert_false(pyaot_key_equal(&keys[i], &keys[j]));
        }
    }
}

static void
test_code_key_survives_running(void **state)
{
    (void)state;
    PyCodeObject *code = code_of(
        "def f(n):\n s = 0\n for i in range(n):\n  s += i * 2\n return s\n",
        "f", "x.py");
    PyaotKey before, specialised, instrumented;
    assert_int_equal(pyaot_pycode_key(code, &before), 0);
    /* Another code object of the same source: no cached co_code. */
    Py_DECREF(code);
    PyObject *done = PyRun_String(
        "def f(n):\n s = 0\n for i in range(n):\n  s += i * 2\n return s\n"
        "f(5000)\n",
        Py_file_input, globals, globals);
    assert_non_null(done);
    Py_DECREF(done);
    code = (PyCodeObject *)PyFunction_GetCode(
        PyDict_GetItemString(globals, "f"));
    assert_int_equal(pyaot_pycode_key(code, &specialised), 0);
    done = PyRun_String(
        "import sys\n"
        "m = sys.monitoring\n"
        "m.use_tool_id(3, 'test')\n"
        "e = m.events\n"
        "for x in (e.INSTRUCTION, e.LINE, e.JUMP, e.BRANCH, e.PY_START):\n"
        "    m.register_callback(3, x, lambda *a: None)\n"
        "def f(n):\n s = 0\n for i in range(n):\n  s += i * 2\n return s\n"
        "m.set_local_events(3, f.__code__, e.INSTRUCTION | e.LINE | e.JUMP"
        " | e.BRANCH | e.PY_START)\n"
        "f(50)\n",
        Py_file_input, globals, globals);
    assert_non_null(done);
    Py_DECREF(done);
    code = (PyCodeObject *)PyFunction_GetCode(
        PyDict_GetItemString(globals, "f"));
    assert_int_equal(pyaot_pycode_key(code, &instrumented), 0);
    assert_true(pyaot_key_equal(&before, &specialised));
    assert_true(pyaot_key_equal(&before, &instrumented));
}

static void
test_code_image_filter_agrees(void **state)
{
    (void)state;
    static const char *const names[] = {"f", "f\xc3\xa9"};
    for (int i = 0; i < 2; i++) {
        char source[64];
        snprintf(source, sizeof(source), "def %s(a): return a", names[i]);
        PyCodeObject *code = code_of(source, names[i], "x.py");
        Made made;
        make(&made, code);
        assert_true(pyaot_image_filter(made.image)
                    == pyaot_pycode_filter(code));
        drop(&made);
        Py_DECREF(code);
    }
    PyObject *done = PyRun_String(
        "def f(): pass\n"
        "f.__code__ = f.__code__.replace(co_qualname='a\\udc80')\n",
        Py_file_input, globals, globals);
    assert_non_null(done);
    Py_DECREF(done);
    PyCodeObject *code = (PyCodeObject *)PyFunction_GetCode(
        PyDict_GetItemString(globals, "f"));
    Made made;
    make(&made, code);
    assert_true(pyaot_image_filter(made.image) == pyaot_pycode_filter(code));
    drop(&made);
}

static void
test_code_image_truncated(void **state)
{
    (void)state;
    PyCodeObject *code = code_of(SOURCE, "f", "x.py");
    Made made;
    make(&made, code);
    for (size_t len = 0; len < made.bytes.len; len++) {
        uint8_t *copy = malloc(len + 1); /* for the address sanitiser */
        memcpy(copy, made.bytes.data, len);
        Arena arena;
        PyaotImage *image = NULL;
        arena_init(&arena, 0);
        assert_int_equal(pyaot_image_parse(copy, len, &arena, &image),
                         PYAOT_E_FORMAT);
        assert_null(image);
        arena_free(&arena);
        free(copy);
    }
    drop(&made);
    Py_DECREF(code);
}

/* Every flipped byte is refused, except in what the key does not cover. */
static void
test_code_image_any_flipped_byte(void **state)
{
    (void)state;
    PyCodeObject *code = code_of(SOURCE, "f", "x.py");
    Made made;
    make(&made, code);
    uint8_t *bytes = (uint8_t *)made.bytes.data;
    uint32_t keyed_len;
    memcpy(&keyed_len, bytes + 12, 4);
    const size_t keyed_end = PYAOT_IMAGE_HEADER_BYTES + keyed_len;
    for (size_t at = 0; at < made.bytes.len; at++) {
        for (int bit = 0; bit < 8; bit += 3) {
            bytes[at] ^= (uint8_t)(1 << bit);
            Arena arena;
            PyaotImage *image = NULL;
            arena_init(&arena, 0);
            const PyaotStatus status = pyaot_image_parse(bytes, made.bytes.len,
                                                         &arena, &image);
            if (at >= 8 && at < 12) {
                assert_int_equal(status, PYAOT_E_VERSION);
            }
            else if (at < keyed_end) {
                assert_int_equal(status, PYAOT_E_FORMAT);
            }
            arena_free(&arena);
            bytes[at] ^= (uint8_t)(1 << bit);
        }
    }
    drop(&made);
    Py_DECREF(code);
}

/* The same with the key made right again: the parser must hold on its own. */
static void
test_code_image_damaged_but_keyed(void **state)
{
    (void)state;
    PyCodeObject *code = code_of(SOURCE, "f", "x.py");
    Made made;
    make(&made, code);
    uint8_t *bytes = (uint8_t *)made.bytes.data;
    uint32_t keyed_len;
    memcpy(&keyed_len, bytes + 12, 4);
    for (size_t at = PYAOT_IMAGE_HEADER_BYTES;
         at < PYAOT_IMAGE_HEADER_BYTES + keyed_len; at++) {
        const uint8_t good = bytes[at];
        static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
        for (size_t v = 0; v < sizeof(values); v++) {
            bytes[at] = values[v];
            const PyaotKey key = pyaot_key_of_bytes(
                bytes + PYAOT_IMAGE_HEADER_BYTES, keyed_len);
            memcpy(bytes + 20, key.bytes, sizeof(key.bytes));
            Arena arena;
            PyaotImage *image = NULL;
            arena_init(&arena, 0);
            pyaot_image_parse(bytes, made.bytes.len, &arena, &image);
            arena_free(&arena);
        }
        bytes[at] = good;
    }
    drop(&made);
    Py_DECREF(code);
}

static void
test_code_key_hex(void **state)
{
    (void)state;
    PyaotKey key = {{0, 1, 0xab, 0xff}};
    PyaotKey back;
    char hex[PYAOT_KEY_HEX_BYTES];
    pyaot_key_hex(&key, hex);
    assert_string_equal(hex, "0001abff000000000000000000000000");
    assert_true(pyaot_key_from_hex(hex, &back));
    assert_true(pyaot_key_equal(&key, &back));
    assert_false(pyaot_key_from_hex("0001abff00000000000000000000000", &back));
    assert_false(pyaot_key_from_hex("", &back));
    assert_false(
        pyaot_key_from_hex("0001ABFF000000000000000000000000", &back));
}

static int
start_python(void **state)
{
    (void)state;
    Py_InitializeEx(0);
    PyObject *module = PyImport_AddModule("__main__");
    globals = PyModule_GetDict(module);
    return 0;
}

static int
end_python(void **state)
{
    (void)state;
    return Py_FinalizeEx();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_code_image_fields),
        cmocka_unit_test(test_code_image_constants),
        cmocka_unit_test(test_code_image_lines),
        cmocka_unit_test(test_code_key_ignores_place),
        cmocka_unit_test(test_code_key_sees_changes),
        cmocka_unit_test(test_code_key_survives_running),
        cmocka_unit_test(test_code_image_filter_agrees),
        cmocka_unit_test(test_code_image_truncated),
        cmocka_unit_test(test_code_image_any_flipped_byte),
        cmocka_unit_test(test_code_image_damaged_but_keyed),
        cmocka_unit_test(test_code_key_hex),
    };
    return cmocka_run_group_tests(tests, start_python, end_python);
}
