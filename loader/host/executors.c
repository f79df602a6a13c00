/* Executors on code objects: put, found, taken away.
 *
 * A link (PyaotExecutor.host) belongs to an executor exactly while that sits
 * at a site.  Taking executors away has three steps: they are unlinked from
 * the tables, all that follows is settled, and only then are they told and the
 * host's references dropped, which may run anything.  Who runs one on a frame
 * holds another reference; calls are only counted in the link, which holds it
 * until the last of them is back. */
#include "loader/host/host_int.h"

#include <stdlib.h>
#include <string.h>

/* Executors that depend on one object. */
typedef struct {
    PyaotExecutor **items; /* weak: unlinking takes them out */
    uint32_t n, cap;
} HostDepends;

/* --- dependencies -------------------------------------------------------- */

static void
depends_remove(PyObject *object, const PyaotExecutor *executor)
{
    HostDepends *d = ptrmap_get(&host.depends, object);
    if (d == NULL) {
        return;
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < d->n; i++) {
        if (d->items[i] != executor) {
            d->items[kept++] = d->items[i];
        }
    }
    d->n = kept;
    if (kept == 0) {
        ptrmap_take(&host.depends, object);
        free(d->items);
        free(d);
    }
}

static HostDepends *
depends_of(PyObject *object)
{
    HostDepends *d = ptrmap_get(&host.depends, object);
    if (d == NULL) {
        d = calloc(1, sizeof *d);
        if (d != NULL && !ptrmap_put(&host.depends, object, d)) {
            free(d);
            d = NULL;
        }
    }
    return d;
}

/* Room for one more item in an array of n, which grows by doubling. */
static bool
reserve(void *items, uint32_t n, size_t size)
{
    if (n != 0 && (n & (n - 1)) != 0) {
        return true;
    }
    void *bigger = realloc(*(void **)items, (n ? n * 2 : 1) * size);
    if (bigger == NULL) {
        return false;
    }
    *(void **)items = bigger;
    return true;
}

int
executors_add_dependency(PyaotExecutor *executor, PyObject *object)
{
    HostLink *link = executor->host;
    if (link == NULL) {
        PyErr_SetString(PyExc_ValueError, "the executor is not valid");
        return -1;
    }
    for (uint32_t i = 0; i < link->n_depends; i++) {
        if (link->depends[i] == object) {
            return 0;
        }
    }
    HostDepends *d = depends_of(object);
    if (d == NULL || !reserve(&d->items, d->n, sizeof *d->items)
        || !reserve(&link->depends, link->n_depends, sizeof *link->depends)) {
        if (d != NULL) {
            depends_remove(object, executor); /* frees it if it is empty */
        }
        PyErr_NoMemory();
        return -1;
    }
    d->items[d->n++] = executor;
    link->depends[link->n_depends++] = object;
    HOST_DEBUG(3, "%s depends on %s object at %p",
               debug_place(link->hc->code, link->hc->sites[link->site].unit),
               Py_TYPE(object)->tp_name, (void *)object);
    return 0;
}

/* --- linking ------------------------------------------------------------- */

/* Links of executors that are being taken away, in order. */
typedef struct {
    HostLink *first, **end;
} Gone;

/* Take the site's executor away; bury() does the rest. */
static void
unlink_site(HostCode *hc, HostSite *site, Gone *gone)
{
    PyaotExecutor *executor = site->executor;
    HostLink *link = executor->host;
    host.n_fleeting -= link->fleeting;
    for (uint32_t i = 0; i < link->n_depends; i++) {
        depends_remove(link->depends[i], executor);
    }
    executor->host = NULL;
    site->executor = NULL;
    hc->n_executors--;
    host.n_executors--;
    host.n_drawn -= codes_is_drawn(hc, site, executor);
    if (hc->watched) { /* the hot spot is to be found again */
        site->refusals = 0;
        site->passes_left = host.threshold + 1;
    }
    codes_mark(hc);
    link->next = NULL;
    *gone->end = link;
    gone->end = &link->next;
}

static void
link_free(HostLink *link)
{
    PyaotExecutor *executor = link->executor;
    free(link->depends);
    free(link->exits);
    free(link);
    Py_DECREF(executor);
}

void
executors_left(HostLink *link)
{
    if (link->running == HOST_RETIRED) {
        link_free(link);
    }
}

/* Tell the executor, and drop the host's reference, now or when no call of it
 * runs.  ESCAPES */
static void
retire(HostLink *link)
{
    PyaotExecutor *executor = link->executor;
    if (executor->invalidated != NULL) {
        PyObject *exc = PyErr_GetRaisedException();
        executor->invalidated(executor);
        if (PyErr_Occurred()) {
            PyErr_WriteUnraisable((PyObject *)executor);
        }
        PyErr_SetRaisedException(exc);
    }
    link->running += HOST_RETIRED;
    executors_left(link);
}

/* What follows from the executors that are gone, and last of all their end;
 * how many they are.  ESCAPES */
static Py_ssize_t
bury(const Gone *gone)
{
    Py_ssize_t n = 0;
    settle();
    for (HostLink *link = gone->first, *next; link != NULL; link = next) {
        next = link->next;
        retire(link);
        n++;
    }
    return n;
}

static void
invalidate_site(HostCode *hc, HostSite *site, Gone *gone)
{
    unlink_site(hc, site, gone);
    HOST_DEBUG(1, "executor at %s invalidated",
               debug_place(hc->code, site->unit));
}

/* All of the code's, or those that do not come back. */
static void
invalidate_code(HostCode *hc, bool all, Gone *gone)
{
    for (uint32_t i = 0; i < hc->n_sites && hc->n_executors > 0; i++) {
        HostSite *site = &hc->sites[i];
        if (site->executor != NULL
            && (all || ((HostLink *)site->executor->host)->fleeting)) {
            invalidate_site(hc, site, gone);
        }
    }
}

static void
invalidate_everywhere(bool all, Gone *gone)
{
    for (HostCode *hc = host.codes; hc != NULL; hc = hc->next) {
        invalidate_code(hc, all, gone);
    }
}

void
executors_vanish(HostCode *hc)
{
    Gone gone = {NULL, &gone.first};
    if (host.n_fleeting == 0) { /* asked at each event while others watch */
        return;
    }
    if (hc != NULL) {
        invalidate_code(hc, false, &gone);
    }
    else {
        invalidate_everywhere(false, &gone);
    }
    bury(&gone);
}

Py_ssize_t
executors_invalidate_all(void)
{
    Gone gone = {NULL, &gone.first};
    invalidate_everywhere(true, &gone);
    Py_ssize_t n = bury(&gone);
    life_rest();
    return n;
}

void
executors_code_freed(void *record)
{
    HostCode *hc = record;
    Gone gone = {NULL, &gone.first};
    if (hc == NULL || record == &host) { /* &host: the probe's */
        return;
    }
    for (uint32_t i = 0; i < hc->n_sites; i++) {
        if (hc->sites[i].executor != NULL) {
            HOST_DEBUG(1,
                       "executor at unit %u invalidated: its code object "
                       "died",
                       hc->sites[i].unit);
            unlink_site(hc, &hc->sites[i], &gone);
        }
    }
    codes_forget(hc);
    bury(&gone);
}

/* --- the table's functions ----------------------------------------------- */

static bool
code_watched(PyCodeObject *code)
{
    return abi_code_watched(code)
           || abi_interp_watched(PyInterpreterState_Get());
}

/* The site for a public offset; NULL with ValueError. */
static HostSite *
find_site(HostCode *hc, int offset)
{
    HostSite *site = NULL;
    if (offset >= 0 && offset % 2 == 0) {
        site = codes_site(hc, (uint32_t)offset / 2);
    }
    if (site == NULL) {
        PyErr_Format(PyExc_ValueError,
                     "no executor can be entered at offset %d of %U", offset,
                     hc->code->co_qualname);
    }
    return site;
}

static int
check_executor(const HostCode *hc, const HostSite *site,
               const PyaotExecutor *executor)
{
    bool entry = site->kind == PYAOT_OPTIMIZE_FUNCTION_ENTRY;
    if (executor->host != NULL) {
        PyErr_SetString(PyExc_ValueError, "the executor sits elsewhere");
        return -1;
    }
    if ((executor->flags & PYAOT_EXECUTOR_DRAWN_ONLY) != 0
        && !codes_is_drawn(hc, site, executor)) {
        PyErr_Format(PyExc_ValueError,
                     "no generator is drawn from through this %s",
                     codes_kind_name(site->kind));
        return -1;
    }
    if (executor->execute == NULL && !(entry && executor->call != NULL)) {
        PyErr_Format(PyExc_ValueError, "the executor has no function for a %s",
                     codes_kind_name(site->kind));
        return -1;
    }
    return 0;
}

static void
put(HostCode *hc, HostSite *site, PyaotExecutor *executor, HostLink *link)
{
    bool fleeting = (executor->flags & PYAOT_EXECUTOR_COMES_BACK) == 0;
    *link = (HostLink){
        .call = debug_call(executor),
        .executor = executor,
        .hc = hc,
        .site = (uint32_t)(site - hc->sites),
        .fleeting = fleeting,
        .drawn_only = (executor->flags & PYAOT_EXECUTOR_DRAWN_ONLY) != 0};
    host.n_fleeting += fleeting;
    executor->host = link;
    site->executor = (PyaotExecutor *)Py_NewRef(executor);
    hc->n_executors++;
    if (host.n_executors++ == 0) {
        memory_watch();
    }
    host.n_drawn += codes_is_drawn(hc, site, executor);
    codes_mark(hc);
    HOST_DEBUG(1, "executor at %s (%s) installed",
               debug_place(hc->code, site->unit), codes_kind_name(site->kind));
}

int
executors_replace(PyCodeObject *code, int offset, PyaotExecutor *executor)
{
    if (life_need() < 0) {
        return -1;
    }
    HostCode *hc = codes_get(code, code != host.creating);
    HostSite *site = hc != NULL ? find_site(hc, offset) : NULL;
    if (site == NULL || site->executor == executor) {
        if (site == NULL) {
            life_rest();
        }
        return site != NULL ? 0 : -1;
    }
    HostLink *link = NULL;
    if (executor != NULL) {
        if (check_executor(hc, site, executor) < 0) {
            life_rest();
            return -1;
        }
        link = malloc(sizeof *link);
        if (link == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    Gone gone = {NULL, &gone.first};
    if (site->executor != NULL) {
        invalidate_site(hc, site, &gone);
    }
    if (executor != NULL) {
        put(hc, site, executor, link);
    }
    bury(&gone);
    life_rest();
    return 0;
}

PyaotExecutor *
executors_get(PyCodeObject *code, int offset)
{
    HostCode *hc = host.extra_index < 0 ? NULL : host_code((PyObject *)code);
    if (hc == NULL || offset < 0 || offset % 2 != 0) {
        return NULL;
    }
    HostSite *site = codes_site(hc, (uint32_t)offset / 2);
    if (site == NULL || site->executor == NULL
        || !executors_is_valid(site->executor)) {
        return NULL;
    }
    return (PyaotExecutor *)Py_NewRef(site->executor);
}

int
executors_is_valid(PyaotExecutor *executor)
{
    HostLink *link = executor->host;
    if (link == NULL || !host.active) {
        return 0;
    }
    if (code_watched(link->hc->code)) {
        Py_INCREF(executor);
        executors_vanish(abi_code_watched(link->hc->code) ? link->hc : NULL);
        Py_DECREF(executor);
        return 0;
    }
    return 1;
}

static void
invalidate_link(const HostLink *link, Gone *gone)
{
    invalidate_site(link->hc, &link->hc->sites[link->site], gone);
}

void
executors_invalidate_one(PyaotExecutor *executor)
{
    Gone gone = {NULL, &gone.first};
    if (executor->host == NULL) {
        return;
    }
    invalidate_link(executor->host, &gone);
    bury(&gone);
    life_rest();
}

Py_ssize_t
executors_invalidate(PyObject *object)
{
    Gone gone = {NULL, &gone.first};
    HostDepends *d;
    while ((d = ptrmap_get(&host.depends, object)) != NULL) {
        invalidate_link(d->items[0]->host, &gone);
    }
    if (PyCode_Check(object) && host.extra_index >= 0) {
        HostCode *hc = host_code(object);
        if (hc != NULL) {
            invalidate_code(hc, true, &gone);
        }
    }
    Py_ssize_t n = bury(&gone);
    life_rest();
    return n;
}

void
executors_note_exit(PyaotExecutor *executor, const char *reason)
{
    HostLink *link = executor->host;
    if (link == NULL || reason == NULL) {
        return;
    }
    for (uint32_t i = 0; i < link->n_exits; i++) {
        HostExit *e = &link->exits[i];
        if (e->reason == reason || strcmp(e->reason, reason) == 0) {
            e->count++;
            return;
        }
    }
    if (strcmp(reason, HOST_YIELD) == 0) {
        link->yields++;
        return;
    }
    if (reserve(&link->exits, link->n_exits, sizeof *link->exits)) {
        link->exits[link->n_exits++] = (HostExit){reason, 1};
    }
}
