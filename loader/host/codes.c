/* What the host knows of a code object: its entries, and what sits there.
 *
 * Made for code objects with executors or counters only, and kept in their
 * extra data until they die: a frame may be running there.  The index makes
 * finding an executor one load, however many there are. */
#include "loader/host/host_int.h"

#include <stdlib.h>

const char *
codes_kind_name(uint32_t kind)
{
    switch (kind) {
    case PYAOT_OPTIMIZE_FUNCTION_ENTRY:
        return "function entry";
    case PYAOT_OPTIMIZE_RESUME_AFTER_YIELD:
        return "resume after yield";
    default:
        return "back-edge";
    }
}

/* --- making -------------------------------------------------------------- */

typedef struct {
    HostCode *hc;
    uint32_t cap;
    bool failed;
} Scan;

static bool
add_site(Scan *scan, uint32_t unit, uint32_t kind)
{
    HostCode *hc = scan->hc;
    if (hc->n_sites == scan->cap) {
        uint32_t cap = scan->cap ? scan->cap * 2 : 4;
        HostSite *sites = realloc(hc->sites, cap * sizeof *sites);
        if (sites == NULL) {
            scan->failed = true;
            return false;
        }
        hc->sites = sites;
        scan->cap = cap;
    }
    if (hc->n_sites == HOST_MAX_SITES) {
        scan->failed = true;
        return false;
    }
    hc->sites[hc->n_sites++] = (HostSite){.unit = unit, .kind = (uint8_t)kind};
    hc->index[unit] = (uint16_t)hc->n_sites;
    return true;
}

static bool
visit(void *arg, uint32_t unit, AbiInstructionKind kind, uint32_t target)
{
    Scan *scan = arg;
    HostCode *hc = scan->hc;
    if (unit >= hc->n_units) {
        scan->failed = true;
        return false;
    }
    if (hc->index[unit] == HOST_NOT_INSTRUCTION) {
        hc->index[unit] = HOST_NO_SITE;
    }
    switch (kind) {
    case ABI_RESUME_AFTER_YIELD:
        return add_site(scan, unit, PYAOT_OPTIMIZE_RESUME_AFTER_YIELD);
    case ABI_BACK_EDGE:
        /* Loops jump back to what has been visited; several jumps may share
         * one head. */
        if (hc->index[target] == HOST_NO_SITE) {
            return add_site(scan, target, PYAOT_OPTIMIZE_BACK_EDGE);
        }
        return true;
    case ABI_INSTRUCTION:
        return true;
    }
    return true;
}

void
codes_delete(HostCode *hc)
{
    stock_give_back(hc);
    free(hc->index);
    free(hc->sites);
    free(hc);
}

HostCode *
codes_new(PyCodeObject *code)
{
    if ((code->co_flags & CO_NO_MONITORING_EVENTS) != 0
        || code->_co_firsttraceable >= Py_SIZE(code)) {
        PyErr_SetString(PyExc_ValueError,
                        "this code object has no monitoring events");
        return NULL;
    }
    HostCode *hc = calloc(1, sizeof *hc);
    if (hc == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    Scan scan = {.hc = hc};
    hc->code = code;
    hc->n_units = (uint32_t)Py_SIZE(code);
    hc->index = malloc(hc->n_units * sizeof *hc->index);
    if (hc->index == NULL) {
        free(hc);
        PyErr_NoMemory();
        return NULL;
    }
    for (uint32_t i = 0; i < hc->n_units; i++) {
        hc->index[i] = HOST_NOT_INSTRUCTION;
    }
    if (!add_site(&scan, 0, PYAOT_OPTIMIZE_FUNCTION_ENTRY)
        || abi_code_walk(code, visit, &scan) < 0 || scan.failed) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_MemoryError,
                            "too many entries in a code object");
        }
        codes_delete(hc);
        return NULL;
    }
    return hc;
}

HostCode *
codes_get(PyCodeObject *code, bool late)
{
    HostCode *hc = host_code((PyObject *)code);
    if (hc != NULL) {
        return hc;
    }
    hc = codes_new(code);
    if (hc == NULL) {
        return NULL;
    }
    hc->late = late;
    if (abi_code_set_extra(code, host.extra_index, hc) < 0) {
        codes_delete(hc);
        return NULL;
    }
    hc->next = host.codes;
    hc->link = &host.codes;
    if (hc->next != NULL) {
        hc->next->link = &hc->next;
    }
    host.codes = hc;
    return hc;
}

void
codes_forget(HostCode *hc)
{
    HostCode **marked = &host.marked;
    while (hc->marked && *marked != hc) {
        marked = &(*marked)->next_marked;
    }
    if (hc->marked) {
        *marked = hc->next_marked;
    }
    *hc->link = hc->next;
    if (hc->next != NULL) {
        hc->next->link = hc->link;
    }
    codes_delete(hc);
}

/* --- counters ------------------------------------------------------------ */

bool
codes_wanted(const HostCode *hc, uint32_t capabilities)
{
    for (uint32_t i = 0; i < hc->n_sites; i++) {
        if ((hc->sites[i].kind & capabilities) != 0) {
            return true;
        }
    }
    return false;
}

void
codes_count(HostCode *hc)
{
    for (uint32_t i = 0; i < hc->n_sites; i++) {
        hc->sites[i].refusals = 0;
        hc->sites[i].passes_left = host.threshold + 1;
    }
    codes_mark(hc);
}
