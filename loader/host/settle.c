/* What follows from the host's tables, and nothing else: the local events of a
 * code object, its version, its gate, the vectorcall of its functions, the
 * functions of CPython's types.
 *
 * Whoever changes a table (an executor comes or goes, a code object dies, the
 * optimizer changes, the tool id is lost, another tool wants to see calls, the
 * C stack is low) marks the code objects that it is about, by codes_mark(),
 * and then calls settle(), which compares what is with what must be.  Nothing
 * here runs code of others, so all is consistent before anybody may look.
 *
 * CPython 3.13 stamps a new function with its code's version after it told the
 * watchers, and specialised calls of a function with a version pass by its
 * vectorcall: so the code's version is zero while an executor is called there.
 * A code object that dies needs its own for the interpreter to forget it. */
#include "loader/host/host_int.h"

/* --- functions ----------------------------------------------------------- */

void
settle_function(PyFunctionObject *func, const HostCode *hc)
{
    if (hc != NULL && hc->entry != NULL && host.native) {
        if (func->vectorcall == host.plain_vectorcall) { /* nobody else's */
            PyFunction_SetVectorcall(func, hc->vectorcall);
        }
        return;
    }
    if (stock_is_ours(func)) {
        PyFunction_SetVectorcall(func, host.plain_vectorcall);
    }
    uint32_t version = ((PyCodeObject *)func->func_code)->co_version;
    if (func->vectorcall == host.plain_vectorcall && version != 0) {
        abi_function_set_version(func, version);
    }
}

/* All functions over the code; NULL: over any. */
static void
settle_functions(const PyCodeObject *code)
{
    for (size_t i = 0; i < host.functions.n_slots; i++) {
        PyFunctionObject *func = host.functions.entries[i].value;
        if (host.functions.entries[i].key != NULL
            && (code == NULL || func->func_code == (PyObject *)code)) {
            settle_function(func, host_code(func->func_code));
        }
    }
}

/* --- events -------------------------------------------------------------- */

/* Events for the site's kind, if somebody wants them. */
static int
site_events(const HostCode *hc, const HostSite *site)
{
    bool counted = hc->watched && site->passes_left > 0
                   && (host.counted & site->kind) != 0;
    if (site->executor == NULL && !counted) {
        return 0;
    }
    if (site->executor != NULL
        && ((HostLink *)site->executor->host)->drawn_only) {
        return site->executor->call != NULL && hc->late ? ABI_EVENT_START_SET
                                                        : 0;
    }
    switch (site->kind) {
    case PYAOT_OPTIMIZE_FUNCTION_ENTRY:
        /* An executor that is called needs an event only to find functions
         * that are older than the host. */
        return counted || site->executor->execute != NULL || hc->late
                   ? ABI_EVENT_START_SET
                   : 0;
    case PYAOT_OPTIMIZE_RESUME_AFTER_YIELD:
        return ABI_EVENT_RESUME_SET;
    default:
        return ABI_EVENT_JUMP_SET;
    }
}

static void
set_events(HostCode *hc, int events)
{
    if (events != hc->events && events_set_local(hc->code, events) == 0) {
        hc->events = events;
    }
}

static void
settle_events(HostCode *hc)
{
    int events = 0;
    bool again = false; /* is one wanted that was disabled? */
    for (uint32_t i = 0; i < hc->n_sites && !host.gave_way; i++) {
        HostSite *site = &hc->sites[i];
        int wanted = site_events(hc, site);
        events |= wanted;
        again = again || (site->disabled && wanted != 0);
    }
    if (host.debug >= 4 && hc->n_executors > 0 && !host.gave_way) {
        events |= ABI_EVENT_INSTRUCTION_SET;
    }
    if (again) {
        /* or the set is what it was, and nothing happens */
        set_events(hc, 0);
        for (uint32_t i = 0; i < hc->n_sites; i++) {
            hc->sites[i].disabled = false;
        }
    }
    set_events(hc, events);
}

/* --- code objects -------------------------------------------------------- */

/* The link of the executor that calls of the functions lead to, or NULL. */
static HostLink *
entry_link(const HostCode *hc)
{
    const PyaotExecutor *executor = hc->sites[0].executor;
    return executor != NULL && executor->call != NULL ? executor->host : NULL;
}

static void
settle_code(HostCode *hc)
{
    HostLink *entry = entry_link(hc);
    if (entry != hc->entry) {
        stock_set(hc, entry);
    }
    bool no_version = entry != NULL && !hc->dying;
    if (no_version != hc->no_version) {
        hc->no_version = no_version;
        if (no_version) {
            hc->version = abi_code_swap_version(hc->code, 0);
        }
        else {
            abi_code_swap_version(hc->code, hc->version);
        }
        if (!hc->dying) { /* or there are none */
            settle_functions(hc->code);
        }
    }
    if (!hc->dying) {
        settle_events(hc);
    }
}

/* --- everything ---------------------------------------------------------- */

/* May there be executors that generators are drawn from through? */
static bool
types_wanted(void)
{
    return host.active
           && (host.n_drawn > 0
               || (host.counted & PYAOT_OPTIMIZE_RESUME_AFTER_YIELD) != 0);
}

static void
settle_marked(void)
{
    PyObject *exc = PyErr_GetRaisedException();
    while (host.marked != NULL) {
        HostCode *hc = host.marked;
        host.marked = hc->next_marked;
        hc->marked = false;
        settle_code(hc);
    }
    PyErr_SetRaisedException(exc);
}

void
settle(void)
{
    if (host.marked != NULL) {
        settle_marked();
    }
    bool native = host.active && host.low_depth == 0 && !host.calls_seen;
    if (native != host.native) {
        host.native = native;
        settle_functions(NULL);
    }
    types_set(types_wanted());
}

void
settle_all(void)
{
    for (HostCode *hc = host.codes; hc != NULL; hc = hc->next) {
        codes_mark(hc);
    }
    settle();
}
