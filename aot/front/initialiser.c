#include "initialiser.h"

typedef struct {
    Initialiser *init;
    const BcCode *code;
    struct {
        uint8_t kind;
        uint32_t index;
    } stack[4];
    uint32_t n_stack;
} Reader;

static bool
push_value(Reader *r, MemberKind kind, uint32_t index)
{
    if (r->n_stack == sizeof r->stack / sizeof *r->stack
        || (kind == MEMBER_PARAM && index >= r->code->image->argcount)) {
        return false;
    }
    r->stack[r->n_stack].kind = (uint8_t)kind;
    r->stack[r->n_stack++].index = index;
    return true;
}

static bool
is_self(const Reader *r, uint32_t at)
{
    return r->stack[at].kind == MEMBER_PARAM && r->stack[at].index == 0;
}

static bool
store_member(Reader *r, uint32_t name)
{
    Initialiser *init = r->init;
    /* self kept in itself: the instance is not made when the value is wanted
     */
    if (r->n_stack < 2 || !is_self(r, r->n_stack - 1)
        || is_self(r, r->n_stack - 2) || init->n == INITIALISER_MAX) {
        return false;
    }
    for (uint32_t i = 0; i < init->n; i++) {
        if (init->members[i].name == name) {
            return false;
        }
    }
    r->n_stack -= 2;
    init->members[init->n].name = name;
    init->members[init->n].kind = r->stack[r->n_stack].kind;
    init->members[init->n++].index = r->stack[r->n_stack].index;
    return true;
}

static bool
is_none(const BcCode *code, uint32_t constant)
{
    return code->image->consts[constant].kind == PYAOT_CONST_NONE;
}

bool
initialiser_read(const BcCode *code, Initialiser *init)
{
    Reader r = {.init = init, .code = code};
    init->n = 0;
    for (uint32_t i = 0; i < code->n; i++) {
        const BcIns *ins = &code->ins[i];
        bool fits;
        switch (ins->op) {
        case BC_RESUME:
            fits = i == 0;
            break;
        case BC_LOAD_LOCAL:
            fits = push_value(&r, MEMBER_PARAM, ins->a);
            break;
        case BC_LOAD_LOCAL_LOAD_LOCAL:
            fits = push_value(&r, MEMBER_PARAM, ins->a)
                   && push_value(&r, MEMBER_PARAM, ins->b);
            break;
        case BC_LOAD_CONST:
            fits = push_value(&r, MEMBER_CONST, ins->a);
            break;
        case BC_BUILD_LIST:
            fits = ins->a == 0 && push_value(&r, MEMBER_LIST, 0);
            break;
        case BC_STORE_ATTR:
            fits = store_member(&r, ins->a);
            break;
        case BC_RETURN_CONST:
            return r.n_stack == 0 && i + 1 == code->n && is_none(code, ins->a);
        default:
            fits = false;
            break;
        }
        if (!fits) {
            return false;
        }
    }
    return false;
}

bool
initialiser_returns_none(const BcCode *code)
{
    for (uint32_t i = 0; i < code->n; i++) {
        const BcIns *ins = &code->ins[i];
        if (ins->op == BC_RETURN_VALUE
            || (ins->op == BC_RETURN_CONST && !is_none(code, ins->a))) {
            return false;
        }
    }
    return true;
}
