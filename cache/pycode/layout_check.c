/* The probes of layout_313.def: objects are made in which each field has a
 * value that can be told, and looked at. */
#include "layout_check.h"

#include "cache/abi/pyaot_layout.h"

#include <string.h>
#include "internal/pycore_ceval.h"
#include "internal/pycore_genobject.h"
#include "internal/pycore_runtime.h"
#include "internal/pycore_setobject.h"

/* What the probes look at.  Strong references but for those marked. */
typedef struct {
    PyObject *one, *four, *key[3]; /* immortal: 1, 4, "a", "b", "c" */
    PyObject *text, *tuple, *list, *dict, *set;
    PyObject *range_iter, *list_iter, *tuple_iter, *text_iter, *dict_iter,
        *set_iter, *enumerate, *zip;
    PyObject *function, *generator, *name, *spec;
    PyCodeObject *code;
    Py_hash_t text_hash;
    PyDictKeysObject *keys;      /* of dict */
    PyDictUnicodeEntry *entries; /* the same */
    setentry *set_entry;         /* of set: that of 4 */
    PyThreadState *thread;
    PyFrameObject *frame_object; /* borrowed: the current frame's */
    PyaotFrame *frame;
    PyCodeObject *frame_code;
    PyObject *frame_globals, *frame_builtins;
    PyTypeObject *type; /* any in use */
    /* Of sys.__spec__; NULL if that is no ordinary instance: nothing is asked
     * then. */
    PyTypeObject *instance_type;
    struct _dictvalues *instance_values;
    PyObject *instance_name;
} Made;

/* --- conditions ---------------------------------------------------------- */

static bool
is_within(int value, int most)
{
    return value >= 0 && value <= most;
}

/* Watchers of code objects may have put something there. */
static bool
is_pointer(const void *p)
{
    return p == NULL || ((uintptr_t)p > UINT16_MAX && (uintptr_t)p % 8 == 0);
}

static bool
is_function_of(PyObject *function, PyCodeObject *code)
{
    return function != NULL && PyFunction_Check(function)
           && PyFunction_GET_CODE(function) == (PyObject *)code;
}

static bool
is_mapping_of(PyObject *mapping, PyCodeObject *code)
{
    return code->co_flags & CO_OPTIMIZED ? mapping == NULL
                                         : PyMapping_Check(mapping);
}

/* tuple   it may also be a small number, where something else lies there */
static bool
is_tuple_of(PyObject *tuple, Py_ssize_t n)
{
    return (uintptr_t)tuple > UINT16_MAX && PyTuple_CheckExact(tuple)
           && PyTuple_GET_SIZE(tuple) == n;
}

/* While it runs a frame may have the number of its cells, or not. */
static bool
are_cells_of(int n, PyCodeObject *code)
{
    return n == -1
           || (n >= code->co_nlocalsplus
               && n <= code->co_nlocalsplus + code->co_stacksize);
}

static bool
are_indices(const PyDictKeysObject *keys, int n)
{
    int seen = 0;
    for (int i = 0; i < 1 << keys->dk_log2_size; i++) {
        seen |= keys->dk_indices[i] >= 0 ? 1 << keys->dk_indices[i] : 0;
    }
    return seen == (1 << n) - 1;
}

static Py_ssize_t
index_of_key(PyDictKeysObject *keys, PyObject *name)
{
    if (keys == NULL || !DK_IS_UNICODE(keys)) {
        return -1;
    }
    Py_ssize_t i = keys->dk_nentries - 1;
    while (i >= 0 && DK_UNICODE_ENTRIES(keys)[i].me_key != name) {
        i--;
    }
    return i;
}

static PyObject *
value_of_key(struct _dictvalues *values, PyTypeObject *type, PyObject *name)
{
    Py_ssize_t i = index_of_key(((PyHeapTypeObject *)type)->ht_cached_keys,
                                name);
    return i >= 0 ? values->values[i] : NULL;
}

static bool
is_member_at(const PyTypeObject *type, const char *name, size_t offset)
{
    for (const PyMemberDef *m = type->tp_members; m != NULL && m->name != NULL;
         m++) {
        if (strcmp(m->name, name) == 0) {
            return (size_t)m->offset == offset;
        }
    }
    return false;
}

/* --- objects ------------------------------------------------------------- */

/* An iterator that has been moved on once; NULL with an exception. */
static PyObject *
iterate(PyObject *over)
{
    PyObject *it = over != NULL ? PyObject_GetIter(over) : NULL;
    PyObject *first = it != NULL ? PyIter_Next(it) : NULL;
    if (first == NULL) {
        Py_CLEAR(it);
    }
    Py_XDECREF(first);
    return it;
}

static bool
make_containers(Made *m)
{
    m->text = PyUnicode_FromString("layout");
    m->tuple = Py_BuildValue("(iii)", 1, 2, 3);
    m->list = Py_BuildValue("[iii]", 1, 2, 3);
    m->dict = PyDict_New();
    PyObject *four = Py_BuildValue("(iiii)", 4, 5, 6, 7);
    PyObject *seven = PyLong_FromLong(7);
    m->set = four != NULL && seven != NULL ? PySet_New(four) : NULL;
    const bool had = m->set != NULL && PySet_Discard(m->set, seven) == 1;
    Py_XDECREF(four);
    Py_XDECREF(seven);
    if (m->text == NULL || m->tuple == NULL || m->list == NULL
        || m->dict == NULL || !had) {
        return false;
    }
    m->text_hash = PyObject_Hash(m->text);
    for (int i = 0; i < 3; i++) {
        const char name[2] = {(char)('a' + i), '\0'};
        m->key[i] = PyUnicode_InternFromString(name);
        if (m->key[i] == NULL
            || PyDict_SetItem(m->dict, m->key[i], m->one) < 0) {
            return false;
        }
    }
    m->keys = ((PyDictObject *)m->dict)->ma_keys;
    m->entries = DK_UNICODE_ENTRIES(m->keys);
    m->set_entry = ((PySetObject *)m->set)->smalltable + 4;
    return true;
}

static bool
make_iterators(Made *m)
{
    PyObject *range = PyObject_CallFunction((PyObject *)&PyRange_Type, "iii",
                                            3, 11, 2);
    m->range_iter = iterate(range);
    Py_XDECREF(range);
    m->list_iter = iterate(m->list);
    m->tuple_iter = iterate(m->tuple);
    m->text_iter = iterate(m->text);
    m->dict_iter = iterate(m->dict);
    m->set_iter = iterate(m->set);
    if (m->list_iter == NULL) {
        return false;
    }
    m->enumerate = PyObject_CallFunction((PyObject *)&PyEnum_Type, "Oi",
                                         m->list_iter, 7);
    PyObject *list = PyTuple_Pack(1, m->list_iter);
    PyObject *strict = Py_BuildValue("{sO}", "strict", Py_True);
    if (list != NULL && strict != NULL) {
        m->zip = PyObject_Call((PyObject *)&PyZip_Type, list, strict);
    }
    Py_XDECREF(list);
    Py_XDECREF(strict);
    return m->range_iter != NULL && m->tuple_iter != NULL
           && m->text_iter != NULL && m->dict_iter != NULL
           && m->set_iter != NULL && m->enumerate != NULL && m->zip != NULL;
}

static bool
make_functions(Made *m)
{
    m->code = PyCode_NewEmpty("", "", 1);
    if (m->code == NULL) {
        return false;
    }
    m->function = PyFunction_New((PyObject *)m->code, m->dict);
    if (m->function == NULL
        || PyFunction_SetDefaults(m->function, m->tuple) < 0) {
        return false;
    }
    m->code->co_flags |= CO_GENERATOR;
    m->generator = _Py_MakeCoro((PyFunctionObject *)m->function);
    if (m->generator == NULL) {
        return false;
    }
    /* As one that has ended: its frame has nothing but the code. */
    PyGenObject *generator = (PyGenObject *)m->generator;
    pyaot_frame_set_executable((PyaotFrame *)generator->gi_iframe,
                               Py_NewRef(m->code));
    return true;
}

/* sys.__spec__ keeps its attributes in itself. */
static void
find_instance(Made *m)
{
    PyObject *sys = PyImport_AddModule("sys"); /* borrowed */
    m->type = &PyLong_Type;
    m->name = PyUnicode_InternFromString("name");
    m->spec = sys != NULL ? PyObject_GetAttrString(sys, "__spec__") : NULL;
    if (m->spec == NULL || m->name == NULL) {
        PyErr_Clear();
        return;
    }
    PyTypeObject *type = Py_TYPE(m->spec);
    m->instance_name = PyObject_GetAttr(m->spec, m->name);
    PyErr_Clear();
    if (PyType_HasFeature(type, Py_TPFLAGS_INLINE_VALUES)
        && PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE)
        && _PyObject_InlineValues(m->spec)->valid) {
        m->instance_type = type;
        m->instance_values = _PyObject_InlineValues(m->spec);
    }
}

static bool
find_frame(Made *m)
{
    m->thread = PyThreadState_Get();
    m->frame_object = PyEval_GetFrame();
    if (m->frame_object == NULL) {
        return false;
    }
    m->frame = m->frame_object->f_frame;
    m->frame_code = PyFrame_GetCode(m->frame_object);
    m->frame_globals = PyFrame_GetGlobals(m->frame_object);
    m->frame_builtins = PyFrame_GetBuiltins(m->frame_object);
    return true;
}

static void
drop(Made *m)
{
    PyObject *all[] = {
        m->text,
        m->tuple,
        m->list,
        m->range_iter,
        m->list_iter,
        m->tuple_iter,
        m->text_iter,
        m->dict_iter,
        m->set_iter,
        m->enumerate,
        m->zip,
        m->set,
        m->generator,
        m->function,
        (PyObject *)m->code,
        m->dict,
        m->name,
        m->spec,
        m->instance_name,
        (PyObject *)m->frame_code,
        m->frame_globals,
        m->frame_builtins,
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        Py_XDECREF(all[i]);
    }
}

/* --- the table ----------------------------------------------------------- */

#define SAYS(path) (_PyRuntime.debug_offsets.path == HERE)
#define MEMBER(class, name) is_member_at(&class, name, HERE)
#define AT(number) ((size_t)(number) == HERE)
#define INSTANCES(class) AT(class.tp_basicsize)
#define HOLDS(object, condition)                                              \
    (made->object == NULL                                                     \
     || ((it = (void *)((char *)made->object + shift)), (condition)))

/* wrong   a row to be taken for moved by so many bytes (tests); -1: none */
static inline const char *
look(const Made *made, int wrong, ptrdiff_t bytes)
{
    int row = 0;
    if (memcmp(_PyRuntime.debug_offsets.cookie, "xdebugpy", 8) != 0
        || _PyRuntime.debug_offsets.free_threaded != 0) {
        return "the interpreter's own description of itself is another one";
    }
#define LAYOUT_SIZE(type, bytes, probe)                                       \
    {                                                                         \
        type *it = NULL;                                                      \
        const ptrdiff_t shift = row++ == wrong ? bytes : 0;                   \
        const size_t HERE = sizeof(type) + (size_t)shift;                     \
        (void)it;                                                             \
        (void)HERE;                                                           \
        if (!(probe)) {                                                       \
            return #type " has another size";                                 \
        }                                                                     \
    }
#define LAYOUT(type, field, offset, probe)                                    \
    {                                                                         \
        type *it = NULL;                                                      \
        const ptrdiff_t shift = row++ == wrong ? bytes : 0;                   \
        const size_t HERE = offsetof(type, field) + (size_t)shift;            \
        (void)it;                                                             \
        (void)HERE;                                                           \
        if (!(probe)) {                                                       \
            return #type "." #field " lies elsewhere";                        \
        }                                                                     \
    }
#define PROBE(stage, field, condition)
#include "cache/abi/layout_313.def"
    return NULL;
}

const char *
pyaot_layout_check_moved(int wrong, ptrdiff_t bytes)
{
    PyObject *exc = PyErr_GetRaisedException();
    Made made = {.one = PyLong_FromLong(1), .four = PyLong_FromLong(4)};
    const char *why = "objects for a look at their layout could not be made";
    if (!find_frame(&made)) {
        why = "no Python code runs whose frame could be looked at";
    }
    else if (make_containers(&made) && make_iterators(&made)
             && make_functions(&made)) {
        find_instance(&made);
        why = look(&made, wrong, bytes);
    }
    drop(&made);
    PyErr_SetRaisedException(exc);
    return why;
}

const char *
pyaot_layout_check(void)
{
    /* Once: others may see objects being made, as watchers do. */
    static const char *answer;
    static bool asked;
    if (!asked) {
        answer = pyaot_layout_check_moved(-1, 0);
        asked = true;
    }
    return answer;
}
