/* The contract between native code (made by aot, compiled by cc) and the
 * loader.  Both sides include this file; nothing else does.
 *
 * Life of a unit: the loader maps the shared object, reads the symbol
 * `pyaot_unit`, checks magic and abi, stores its PyaotRuntime in *unit->rt
 * and its way out in *unit->leave,
 * and makes one PyaotInst for each live code object whose key matches a
 * PyaotCodeDesc.  Everything runs with the GIL held.
 */
#ifndef PYAOT_ABI_H
#define PYAOT_ABI_H

#ifndef Py_BUILD_CORE_MODULE
#define Py_BUILD_CORE_MODULE 1
#endif
#include <Python.h>
#include <stdint.h>
#include "pyaot_layout.h"

#define PYAOT_UNIT_MAGIC 0x31544F41u /* "AOT1" */
#define PYAOT_ABI_VERSION 8u

typedef struct PyaotThread PyaotThread;
typedef struct PyaotInst PyaotInst;
typedef struct PyaotRuntime PyaotRuntime;

/* ---- results of direct entries -------------------------------------------
 * st tells what came back; v is meaningful only for PYAOT_ST_OK.  Any other
 * st is a PyObject * (new reference): the function returned an object that is
 * not of the declared unboxed type. */
#define PYAOT_ST_OK ((uintptr_t)0)
#define PYAOT_ST_RAISE ((uintptr_t)1) /* exception set; only framed code */
#define PYAOT_ST_DEOPT                                                        \
    ((uintptr_t)2) /* exit records pushed: deopt_resume makes frames of them  \
                    */
typedef struct {
    int64_t v;
    uintptr_t st;
} PyaotRetI; /* 'i' and 'b' */
typedef struct {
    double v;
    uintptr_t st;
} PyaotRetF; /* 'f' */
typedef struct {
    PyObject *v;
    uintptr_t st;
} PyaotRetO; /* 'o' */

/* --- per thread, made by the loader -------------------------------------- */
struct PyaotThread {
    PyThreadState *ts;
    const PyaotRuntime *rt;
    /* native code may run on while ts->eval_breaker == this */
    uintptr_t ok_breaker;
    char *stack_limit; /* no direct call when the C stack is below this */
    uint64_t stress;   /* state of the random guard failures; 0 = off */
    /* not NULL there: a frame evaluation hook (PEP 523) is installed; what
     * called other code looks */
    void *const *eval_hook;
    /* set by an exit: how many back-edges were taken natively */
    uint32_t progress;
    /* set by a return of a function that may return an unboxed parameter:
     * which, from 1; 0: none */
    uint32_t returned_param;
};

/* ---- slots: symbolic references of one code object, bound lazily ----------
 * Native code tests `type`/`value` and calls the slot_* helper when the test
 * fails; the helper binds the slot or refuses.  A watcher revokes by setting
 * type and value to NULL (and entry to NULL), so a stale slot never matches.
 */
typedef enum {
    PYAOT_SLOT_GLOBAL = 1, /* name -> value */
    /* name + key + sig -> value (function), entry, inst */
    PYAOT_SLOT_CALLEE,
    PYAOT_SLOT_TYPE, /* text -> type */
    PYAOT_SLOT_ATTR, /* name -> type, offset, valid_offset */
    /* name (+ key + sig) -> type, value, entry, inst, keys_version */
    PYAOT_SLOT_METHOD,
    /* key + sig -> value (code object), type (the vectorcall of its
       functions), entry, inst */
    PYAOT_SLOT_FUNCTION,
    /* text + key (+ sig) -> type (a class), value (its __init__), inst, with
       sig entry; without, name: how many MEMBER slots follow, bound with it */
    PYAOT_SLOT_CLASS,
    /* name, of the __init__'s co_names -> offset, valid_offset, as of ATTR, in
       a new instance */
    PYAOT_SLOT_MEMBER,
    /* name -> entry (PyObject **, the global's value in its dict), inst (the
       dict's keys), offset (bits of the watchers it may have); so may be a
       GLOBAL slot without a value */
    PYAOT_SLOT_CELL,
} PyaotSlotKind;

typedef struct {
    uint8_t kind;
    uint8_t for_store; /* ATTR: 1 if the site stores */
    uint16_t pad;
    uint32_t name; /* index into co_names */
    /* TYPE, ATTR, METHOD, CLASS: type descriptor ("module:qualname" or builtin
     * name), or NULL for any */
    const char *text;
    /* CALLEE, METHOD, FUNCTION, CLASS: 16-byte code key expected, or NULL */
    const uint8_t *key;
    const char *sig; /* with key: expected PyaotRegionDesc.sig */
} PyaotSlotDesc;

typedef struct {
    PyTypeObject *type; /* borrowed: cleared by the type watcher */
    /* borrowed: cleared by the dict/type/function watcher */
    PyObject *value;
    void *entry;     /* direct entry of the callee, or NULL */
    PyaotInst *inst; /* the callee's instance */
    /* ATTR: byte offset of the PyObject * from the object; METHOD: of its dict
     * (as int32_t), or 0; CLASS: levels of recursion that a call with all
     * arguments takes beside its __init__'s */
    uint32_t offset;
    /* ATTR, METHOD: byte offset of the inline values' `valid` byte; 0 = a
     * __slots__ member / no instance dict */
    uint32_t valid_offset;
    /* METHOD: dk_version the type's shared keys must have; 0 = not checked */
    uint32_t keys_version;
    uint32_t state; /* loader's own */
} PyaotSlot;

/* --- exits --------------------------------------------------------------- */
typedef enum {
    /* a guard failed: re-execute the instruction at offset */
    PYAOT_EXIT_GUARD = 0,
    /* frameless caller of a callee that left: a record waiting for the
       callee's result; offset = the CALL, resume = the instruction after it;
       the result is pushed on n_stack */
    PYAOT_EXIT_CALL,
    /* the region ends here (return, yield, cold or unsupported code): not
       early */
    PYAOT_EXIT_END,
    /* signals, GC, thread switch or monitoring asked for: not early */
    PYAOT_EXIT_BREAKER,
    /* on to another loop of the code, whose header is at offset and which has
       a region of its own: not early */
    PYAOT_EXIT_LOOP,
    /* as CALL, of a class whose __init__ left: its result is dropped, the
       instance is on the stack already */
    PYAOT_EXIT_INIT,
} PyaotExitKind;

/* What the unit's exits are is in its exit table (cache/exit_table.h), which
 * pyaot build makes; native code leaves through a routine of the loader. */
typedef struct {
    /* saves all registers; at its entry: loader/leave_<machine>.c */
    void (*routine)(void);
    void *unit; /* the loader's */
} PyaotLeave;

/* --- regions ------------------------------------------------------------- */
typedef enum {
    PYAOT_REGION_ENTRY = 1,
    /* after a yield: at a RESUME, the value sent on top of the stack */
    PYAOT_REGION_RESUME = 2,
    PYAOT_REGION_BACK_EDGE = 4,
} PyaotRegionKind;

/* Executor for back-edges and resumes: runs on the live frame, whose stack has
 * the region's depth; takes ownership of the stack entries, leaves locals,
 * stack and stacktop written.  Returns an exit id, PYAOT_OSR_RAISE (exception
 * set, frame->instr_ptr at the failing instruction, stack and stacktop
 * written), or PYAOT_OSR_REFUSED (nothing changed). */
#define PYAOT_OSR_RAISE (-1)
#define PYAOT_OSR_REFUSED (-2)
typedef int32_t (*PyaotOsrFn)(PyaotThread *th, PyaotInst *in,
                              PyaotFrame *frame);

/* Boxed function entry: exactly argcount borrowed arguments.  Returns a new
 * reference, NULL with an exception set, or what vec_refused() returns
 * (arguments of other types than compiled for; nothing has happened).  The
 * caller (the loader's vectorcall) counts py_recursion_remaining down and up
 * around it. */
typedef PyObject *(*PyaotVecFn)(PyaotThread *th, PyaotInst *in, PyObject *func,
                                PyObject *const *args);

typedef struct {
    uint8_t kind;   /* PyaotRegionKind */
    uint8_t framed; /* 1: pushes its frame and may run arbitrary code */
    /* 1: does too little to be entered but by native code: no event for a
     * RESUME, which only native code that draws from the generator enters; no
     * vectorcall for an ENTRY, whose functions stay as they are for the
     * interpreter */
    uint16_t called_only;
    /* code units: 0, the RESUME, or the loop header the back-edge jumps to */
    uint32_t offset;
    uint32_t n_stack; /* stack depth at entry; RESUME: with the value sent */
    /* ENTRY: one of o i f b for each argument, ':' and one for the result,
     * e.g. "ii:i" */
    const char *sig;
    /* ENTRY: Ret fn(PyaotThread *, PyaotInst *, PyObject *func, args...) */
    void *direct;
    PyaotVecFn vec; /* ENTRY: without a frame; or NULL */
    /* RESUME, BACK_EDGE; ENTRY without vec: on the frame, which stands at the
     * RESUME of the function's start (after it, for exits) */
    PyaotOsrFn osr;
} PyaotRegionDesc;

typedef struct {
    uint8_t key[16];
    const char *qualname;
    uint32_t argcount, nlocalsplus;
    uint32_t n_slots, n_regions;
    const PyaotSlotDesc *slots;
    const PyaotRegionDesc *regions;
} PyaotCodeDesc;

typedef struct {
    uint32_t magic, abi;
    uint32_t n_codes;
    const PyaotCodeDesc *codes;
    const PyaotRuntime **rt; /* where the loader stores its helper table */
    PyaotLeave *leave;       /* and its way out */
} PyaotUnit;

/* --- instance: one code descriptor bound to one live code object --------- */
struct PyaotInst {
    PyaotSlot *slots; /* desc->n_slots, zeroed at creation */
    /* items of co_consts (borrowed: the code object owns them) */
    PyObject **consts;
    _Py_CODEUNIT *units; /* first instruction of the live code */
    const PyaotCodeDesc *desc;
    /* borrowed: the code watcher ends the instance */
    PyCodeObject *code;
    /* borrowed: the only globals this instance serves */
    PyObject *globals;
    PyObject *builtins; /* borrowed */
    void *owner;        /* loader's own */
};

struct PyaotRuntime {
    uint32_t abi;
    uint32_t size;
#define PYAOT_HELPER(result, name, parameters) result(*name) parameters;
#include "abi.def"
#undef PYAOT_HELPER
};

#endif
