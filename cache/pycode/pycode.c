/* Writer of code images.  Works on public API and PyCodeObject's own fields;
 * PyCode_GetCode gives the bytecode without specialisation and
 * instrumentation whatever state the live code is in. */
#define PY_SSIZE_T_CLEAN
#include "pycode.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cache/code_image.h"

#define TEXT_OF_(x) #x
#define TEXT_OF(x) TEXT_OF_(x)

#ifdef Py_DEBUG
#define ABI_DEBUG "d"
#else
#define ABI_DEBUG ""
#endif
#if !defined(__x86_64__) || !defined(__linux__)
#error "pyaot supports x86-64 Linux"
#endif
#define MINOR_TEXT TEXT_OF(PY_MAJOR_VERSION) "." TEXT_OF(PY_MINOR_VERSION)
#define ABI_TEXT                                                              \
    "cpython-" TEXT_OF(PY_MAJOR_VERSION) TEXT_OF(PY_MINOR_VERSION) ABI_DEBUG  \
        "-x86_64-linux-gnu"

/* An image larger than this is not recorded: generated tables, not code. */
static const size_t IMAGE_MAX_BYTES = (size_t)32 << 20;

#ifdef Py_GIL_DISABLED
#error "free-threaded builds are not supported"
#endif
/* Only free-threaded builds have it. */
extern void _Py_DecRefShared(PyObject *);
#pragma weak _Py_DecRefShared

int
pyaot_pycode_check_host(void)
{
    /* Py_Version came with 3.11. */
    if (&Py_Version == NULL || Py_Version >> 16 != PY_VERSION_HEX >> 16) {
        PyErr_SetString(PyExc_ImportError,
                        "pyaot: this is not CPython " MINOR_TEXT
                        ", for which the extension module was built");
        return -1;
    }
    if (_Py_DecRefShared != NULL) {
        PyErr_SetString(PyExc_ImportError,
                        "pyaot: free-threaded builds are not supported; use "
                        "an ordinary CPython");
        return -1;
    }
    return 0;
}

const char *
pyaot_pycode_abi(void)
{
    return ABI_TEXT;
}

static int put_const(StrBuf *out, PyObject *value, int depth);
static int put_keyed(StrBuf *out, PyCodeObject *code);

static int
put_blob(StrBuf *out, const void *data, Py_ssize_t len)
{
    if (len > (Py_ssize_t)IMAGE_MAX_BYTES) {
        PyErr_SetString(PyExc_OverflowError, "code object too large");
        return -1;
    }
    strbuf_u32(out, (uint32_t)len);
    strbuf_add(out, data, (size_t)len);
    return 0;
}

/* The bytes of a string, lone surrogates included: its own, or what *kept, a
 * new reference or NULL, holds.  (PyUnicode_AsUTF8 would leave them in the
 * string, whose size the program can ask for.)  NULL: an exception is set. */
static const char *
utf8_of(PyObject *text, Py_ssize_t *len, PyObject **kept)
{
    *kept = NULL;
    if (PyUnicode_IS_COMPACT_ASCII(text)) {
        *len = PyUnicode_GET_LENGTH(text);
        return (const char *)PyUnicode_1BYTE_DATA(text);
    }
    /* new */
    *kept = PyUnicode_AsEncodedString(text, "utf-8", "surrogatepass");
    if (*kept == NULL) {
        return NULL;
    }
    *len = PyBytes_GET_SIZE(*kept);
    return PyBytes_AS_STRING(*kept);
}

static int
put_str(StrBuf *out, PyObject *text)
{
    Py_ssize_t len;
    PyObject *kept;
    const char *utf8 = utf8_of(text, &len, &kept);
    if (utf8 == NULL) {
        return -1;
    }
    const int result = put_blob(out, utf8, len);
    Py_XDECREF(kept);
    return result;
}

static void
put_double(StrBuf *out, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    strbuf_u64(out, bits);
}

static int
put_int(StrBuf *out, PyObject *value)
{
    int overflow;
    const long long small = PyLong_AsLongLongAndOverflow(value, &overflow);
    if (overflow == 0) {
        strbuf_u8(out, PYAOT_CONST_INT);
        strbuf_u64(out, (uint64_t)small);
        return 0;
    }
    enum { LITTLE_ENDIAN_SIGNED = 1 };
    const Py_ssize_t len = PyLong_AsNativeBytes(value, NULL, 0,
                                                LITTLE_ENDIAN_SIGNED);
    if (len < 0) {
        return -1;
    }
    uint8_t *bytes = malloc((size_t)len);
    if (bytes == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    PyLong_AsNativeBytes(value, bytes, len, LITTLE_ENDIAN_SIGNED);
    strbuf_u8(out, PYAOT_CONST_BIGINT);
    const int result = put_blob(out, bytes, len);
    free(bytes);
    return result;
}

static int
put_tuple(StrBuf *out, PyObject *tuple, int depth)
{
    const Py_ssize_t count = PyTuple_GET_SIZE(tuple);
    strbuf_u32(out, (uint32_t)count);
    for (Py_ssize_t i = 0; i < count; i++) {
        if (put_const(out, PyTuple_GET_ITEM(tuple, i), depth) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
compare_encoded(const void *a, const void *b)
{
    const StrBuf *x = a;
    const StrBuf *y = b;
    const size_t common = x->len < y->len ? x->len : y->len;
    const int order = common > 0 ? memcmp(x->data, y->data, common) : 0;
    if (order != 0) {
        return order;
    }
    return (x->len > y->len) - (x->len < y->len);
}

/* Iteration order depends on the hash seed: sort by the encoded bytes. */
static int
put_frozenset(StrBuf *out, PyObject *set, int depth)
{
    int result = -1;
    PyObject *items = PySequence_List(set); /* new */
    if (items == NULL) {
        return -1;
    }
    const size_t count = (size_t)PyList_GET_SIZE(items);
    StrBuf *encoded = calloc(count + 1, sizeof(*encoded));
    if (encoded == NULL) {
        PyErr_NoMemory();
        goto out;
    }
    for (size_t i = 0; i < count; i++) {
        strbuf_init(&encoded[i], IMAGE_MAX_BYTES);
    }
    for (size_t i = 0; i < count; i++) {
        PyObject *item = PyList_GET_ITEM(items, (Py_ssize_t)i);
        if (put_const(&encoded[i], item, depth) < 0) {
            goto out;
        }
    }
    qsort(encoded, count, sizeof(*encoded), compare_encoded);
    strbuf_u32(out, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        strbuf_add(out, encoded[i].data, encoded[i].len);
        if (out->status == PYAOT_OK) {
            out->status = encoded[i].status;
        }
    }
    result = 0;
out:
    if (encoded != NULL) {
        for (size_t i = 0; i < count; i++) {
            strbuf_free(&encoded[i]);
        }
        free(encoded);
    }
    Py_DECREF(items);
    return result;
}

static int
put_const(StrBuf *out, PyObject *value, int depth)
{
    PyTypeObject *type = Py_TYPE(value);
    if (depth < PYAOT_IMAGE_MAX_DEPTH) {
        if (type == &PyTuple_Type) {
            strbuf_u8(out, PYAOT_CONST_TUPLE);
            return put_tuple(out, value, depth + 1);
        }
        if (type == &PyFrozenSet_Type) {
            strbuf_u8(out, PYAOT_CONST_FROZENSET);
            return put_frozenset(out, value, depth + 1);
        }
    }
    if (value == Py_None) {
        strbuf_u8(out, PYAOT_CONST_NONE);
    }
    else if (value == Py_True) {
        strbuf_u8(out, PYAOT_CONST_TRUE);
    }
    else if (value == Py_False) {
        strbuf_u8(out, PYAOT_CONST_FALSE);
    }
    else if (value == Py_Ellipsis) {
        strbuf_u8(out, PYAOT_CONST_ELLIPSIS);
    }
    else if (type == &PyLong_Type) {
        return put_int(out, value);
    }
    else if (type == &PyFloat_Type) {
        strbuf_u8(out, PYAOT_CONST_FLOAT);
        put_double(out, PyFloat_AS_DOUBLE(value));
    }
    else if (type == &PyComplex_Type) {
        const Py_complex c = PyComplex_AsCComplex(value);
        strbuf_u8(out, PYAOT_CONST_COMPLEX);
        put_double(out, c.real);
        put_double(out, c.imag);
    }
    else if (type == &PyUnicode_Type) {
        strbuf_u8(out, PYAOT_CONST_STR);
        return put_str(out, value);
    }
    else if (type == &PyBytes_Type) {
        strbuf_u8(out, PYAOT_CONST_BYTES);
        return put_blob(out, PyBytes_AS_STRING(value),
                        PyBytes_GET_SIZE(value));
    }
    else if (type == &PyCode_Type) {
        PyaotKey key;
        if (pyaot_pycode_key((PyCodeObject *)value, &key) < 0) {
            return -1;
        }
        strbuf_u8(out, PYAOT_CONST_CODE);
        strbuf_add(out, key.bytes, PYAOT_KEY_BYTES);
    }
    else {
        strbuf_u8(out, PYAOT_CONST_OTHER);
        return put_blob(out, type->tp_name, (Py_ssize_t)strlen(type->tp_name));
    }
    return 0;
}

static int
put_strs(StrBuf *out, PyObject *tuple)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); i++) {
        if (put_str(out, PyTuple_GET_ITEM(tuple, i)) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
put_keyed(StrBuf *out, PyCodeObject *code)
{
    PyObject *bytecode = PyCode_GetCode(code); /* new */
    if (bytecode == NULL) {
        return -1;
    }
    put_blob(out, ABI_TEXT, (Py_ssize_t)strlen(ABI_TEXT));
    strbuf_u32(out, (uint32_t)code->co_argcount);
    strbuf_u32(out, (uint32_t)code->co_posonlyargcount);
    strbuf_u32(out, (uint32_t)code->co_kwonlyargcount);
    strbuf_u32(out, (uint32_t)code->co_nlocalsplus);
    strbuf_u32(out, (uint32_t)code->co_stacksize);
    strbuf_u32(out, (uint32_t)code->co_flags);
    strbuf_u32(out, (uint32_t)(PyBytes_GET_SIZE(bytecode) / 2));
    strbuf_add(out, PyBytes_AS_STRING(bytecode),
               (size_t)PyBytes_GET_SIZE(bytecode));
    Py_DECREF(bytecode);
    if (put_tuple(out, code->co_consts, 0) < 0) {
        return -1;
    }
    strbuf_u32(out, (uint32_t)PyTuple_GET_SIZE(code->co_names));
    if (put_strs(out, code->co_names) < 0
        || put_strs(out, code->co_localsplusnames) < 0) {
        return -1;
    }
    strbuf_add(out, PyBytes_AS_STRING(code->co_localspluskinds),
               (size_t)PyBytes_GET_SIZE(code->co_localspluskinds));
    if (put_blob(out, PyBytes_AS_STRING(code->co_exceptiontable),
                 PyBytes_GET_SIZE(code->co_exceptiontable))
        < 0) {
        return -1;
    }
    return put_str(out, code->co_qualname);
}

static int
check_buffer(const StrBuf *buf)
{
    if (strbuf_status(buf) == PYAOT_OK) {
        return 0;
    }
    if (strbuf_status(buf) == PYAOT_E_NOMEM) {
        PyErr_NoMemory();
    }
    else {
        PyErr_SetString(PyExc_OverflowError, "code object too large");
    }
    return -1;
}

int
pyaot_pycode_key(PyCodeObject *code, PyaotKey *key)
{
    StrBuf keyed;
    strbuf_init(&keyed, IMAGE_MAX_BYTES);
    int result = -1;
    if (put_keyed(&keyed, code) == 0 && check_buffer(&keyed) == 0) {
        *key = pyaot_key_of_bytes(keyed.data, keyed.len);
        result = 0;
    }
    strbuf_free(&keyed);
    return result;
}

/* One entry of the location table (Objects/locations.md of CPython): how
 * many units it covers and how the line moves. */
typedef struct {
    const uint8_t *at;
    const uint8_t *end;
    int line;
} LineReader;

static unsigned
line_varint(LineReader *r)
{
    unsigned value = 0;
    unsigned shift = 0;
    while (r->at < r->end) {
        const uint8_t byte = *r->at++;
        if (shift < 32) {
            value |= (unsigned)(byte & 63) << shift;
        }
        shift += 6;
        if (!(byte & 64)) {
            break;
        }
    }
    return value;
}

static int
line_signed_varint(LineReader *r)
{
    const unsigned value = line_varint(r);
    return value & 1 ? -(int)(value >> 1) : (int)(value >> 1);
}

/* Returns the number of units; *line -1 for none. */
static int
line_next(LineReader *r, int *line)
{
    const uint8_t first = *r->at++;
    const int form = (first >> 3) & 15;
    const int units = (first & 7) + 1;
    if (form == 15) {
        *line = -1;
    }
    else {
        if (form == 13 || form == 14) {
            r->line += line_signed_varint(r);
        }
        else if (form >= 10) {
            r->line += form - 10;
        }
        *line = r->line;
    }
    while (r->at < r->end && !(*r->at & 128)) {
        r->at++;
    }
    return units;
}

static void
put_lines(StrBuf *out, PyCodeObject *code)
{
    const uint8_t *table = (const uint8_t *)PyBytes_AS_STRING(
        code->co_linetable);
    LineReader r = {
        .at = table,
        .end = table + PyBytes_GET_SIZE(code->co_linetable),
        .line = code->co_firstlineno,
    };
    const Py_ssize_t n_units = Py_SIZE(code);
    Py_ssize_t unit = 0;
    while (unit < n_units) {
        int line = -1;
        Py_ssize_t units = n_units - unit;
        if (r.at < r.end) {
            units = line_next(&r, &line);
        }
        for (; units > 0 && unit < n_units; units--, unit++) {
            strbuf_u32(out, (uint32_t)line);
        }
    }
}

static int
put_unkeyed(StrBuf *out, PyCodeObject *code, const char *module)
{
    if (put_str(out, code->co_name) < 0 || put_str(out, code->co_filename) < 0
        || put_blob(out, module != NULL ? module : "",
                    module != NULL ? (Py_ssize_t)strlen(module) : 0)
               < 0) {
        return -1;
    }
    strbuf_u32(out, (uint32_t)code->co_firstlineno);
    put_lines(out, code);
    return 0;
}

int
pyaot_pycode_image(PyCodeObject *code, const char *module, StrBuf *image,
                   PyaotKey *key)
{
    int result = -1;
    StrBuf keyed;
    StrBuf unkeyed;
    strbuf_init(&keyed, IMAGE_MAX_BYTES);
    strbuf_init(&unkeyed, IMAGE_MAX_BYTES);
    if (put_keyed(&keyed, code) < 0 || put_unkeyed(&unkeyed, code, module) < 0
        || check_buffer(&keyed) < 0 || check_buffer(&unkeyed) < 0) {
        goto out;
    }
    const PyaotKey image_key = pyaot_key_of_bytes(keyed.data, keyed.len);
    strbuf_add(image, PYAOT_IMAGE_MAGIC, PYAOT_IMAGE_MAGIC_BYTES);
    strbuf_u32(image, PYAOT_IMAGE_VERSION);
    strbuf_u32(image, (uint32_t)keyed.len);
    strbuf_u32(image, (uint32_t)unkeyed.len);
    strbuf_add(image, image_key.bytes, PYAOT_KEY_BYTES);
    strbuf_add(image, keyed.data, keyed.len);
    strbuf_add(image, unkeyed.data, unkeyed.len);
    if (check_buffer(image) < 0) {
        goto out;
    }
    if (key != NULL) {
        *key = image_key;
    }
    result = 0;
out:
    strbuf_free(&keyed);
    strbuf_free(&unkeyed);
    return result;
}

uint64_t
pyaot_pycode_filter(PyCodeObject *code)
{
    PyObject *name = code->co_qualname, *kept = NULL;
    Py_ssize_t len = PyUnicode_GET_LENGTH(name);
    const char *utf8 = PyUnicode_IS_COMPACT_ASCII(name)
                           ? (const char *)PyUnicode_1BYTE_DATA(name)
                           : utf8_of(name, &len, &kept);
    if (utf8 == NULL) {
        PyErr_Clear();
        utf8 = "";
        len = 0;
    }
    const PyaotFilterFields fields = {
        .qualname = utf8,
        .qualname_len = (size_t)len,
        .n_units = (uint32_t)Py_SIZE(code),
        .argcount = (uint32_t)code->co_argcount,
        .flags = (uint32_t)code->co_flags,
        .nlocalsplus = (uint32_t)code->co_nlocalsplus,
        .stacksize = (uint32_t)code->co_stacksize,
    };
    const uint64_t filter = pyaot_filter_of_fields(&fields);
    Py_XDECREF(kept);
    return filter;
}
