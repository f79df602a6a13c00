/* Pass driver: run, look at the arena, verify, dump. */
#include "pass.h"

#include <string.h>

#include "ir_check.h"

#ifdef PYAOT_DEBUG
static const bool always_verify = true;
#else
static const bool always_verify = false;
#endif

static const Pass passes[] = {
#define PASS(letter, name, function, needs, keeps)                            \
    {letter, name, function, needs, keeps},
#include "passes.def"
};

const char pass_default[] = {
#define STEP(letter, why) letter,
#include "passes.def"
    '\0',
};

const Pass *
pass_find(char letter)
{
    for (size_t i = 0; i < sizeof(passes) / sizeof(passes[0]); i++) {
        if (passes[i].letter == letter) {
            return &passes[i];
        }
    }
    return NULL;
}

/* Has the refcount pass been here? */
static bool
has_counts(const IrFn *fn)
{
    for (uint32_t i = 1; i < fn->n_ins; i++) {
        const IrIns *ins = &fn->ins[i];
        if (ins->op == IR_INCREF || ins->op == IR_DECREF || ins->n_release != 0
            || ins->steal || ins->given != 0) {
            return true;
        }
    }
    return false;
}

PyaotStatus
pass_run(IrFn *fn, const char *letters, const PassOptions *options, char *err)
{
    static const PassOptions none;
    PyaotStatus status = PYAOT_OK;
    uint8_t props = PROP_SSA | PROP_COUNTS_FREE;
    char fault[PYAOT_ERR_MAX] = "";
    options = options != NULL ? options : &none;
    letters = letters != NULL ? letters : pass_default;
    bool verify = options->verify || always_verify;
    PYAOT_CHECK_ERR(!verify || ir_check(fn, fault), err, PYAOT_E_INTERNAL,
                    "before the passes: %s", fault);
    if (has_counts(fn)) {
        props &= (uint8_t)~PROP_COUNTS_FREE;
    }
    if (options->dump != NULL) {
        options->dump(options->dump_self, NULL, fn);
    }
    for (; *letters != '\0'; letters++) {
        const Pass *pass = pass_find(*letters);
        PYAOT_CHECK_ERR(pass != NULL, err, PYAOT_E_ARGUMENT,
                        "no pass has the letter '%c'", *letters);
        PYAOT_CHECK_ERR((props & pass->needs) == pass->needs, err,
                        PYAOT_E_ARGUMENT, "pass %s may not run here",
                        pass->name);
        pass->run(fn);
        props &= pass->keeps;
        status = arena_status(fn->arena);
        PYAOT_CHECK_ERR(status == PYAOT_OK, err, status, "%s: %s", pass->name,
                        pyaot_status_text(status));
        if (options->dump != NULL) {
            options->dump(options->dump_self, pass, fn);
        }
        PYAOT_CHECK_ERR(!verify || ir_check(fn, fault), err, PYAOT_E_INTERNAL,
                        "after %s: %s", pass->name, fault);
        PYAOT_CHECK_ERR(!verify || pass->run != pass_refcount
                            || rc_check(fn, fault),
                        err, PYAOT_E_INTERNAL, "reference counts: %s", fault);
    }
out:
    return status;
}
