/* Counting function entries, resumes after a yield and back-edges.
 *
 * A JUMP, PY_RESUME or PY_START event costs some 40 ns, too much for each turn
 * of a hot loop.  Time is cut into periods; in each, a site counts until its
 * budget is used up and then switches itself off (DISABLE); the next period
 * arms all sites again.  If a site that was off fires again at once when the
 * next period begins, it is taken to have run all the while at the speed
 * measured before, and its count is raised by that estimate; if it does not,
 * nothing is added.  All times are processor time: on a busy machine the
 * budgets stay in proportion, and a sleeping program is not taken to be
 * running. */
#define PYAOT_PROF_INTERNAL
#include "prof_int.h"

#include <stdlib.h>
#include <string.h>

/* A code object is listened to from the event of this number on (of any of its
 * counters), and again from the next ones; beside it the samples that each
 * site is to give by then.  Nothing below a hundred events is compiled. */
static const struct {
    uint64_t count;
    uint8_t samples;
} LEVELS[] = {{64, 6}, {192, 12}, {640, 20}};

enum {
    N_LEVELS = sizeof(LEVELS) / sizeof(LEVELS[0]),
    MAX_SURPRISES = 4, /* more samples for arguments of new types */
    SURPRISE_SAMPLES = 6,
    ARG_SAMPLES = 64,      /* one by one, from the first level on */
    ARG_SAMPLE_EVERY = 16, /* beyond those; a power of two */
    /* in each period, of those not counted exactly */
    LATE_ARG_SAMPLES = 4,
    COUNTED_IF_CHEAP = 3000, /* events of a site, budget permitting */
    EVENT_COST_NS = 25,      /* measured: tests/e2e, 3.13.0 */
    RESUME_SLACK_NS = 20000,
    CLOCK_EVERY = 64, /* events of a site that is over its budget */
};

static uint64_t
read_clock(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

uint64_t
prof_wall_ns(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

uint64_t
prof_cpu_ns(void)
{
    return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

uint64_t
prof_thread_ns(void)
{
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

/* What an event of the counter's took when it was counted, itself not counted.
 */
static uint64_t
event_span(const Counter *counter)
{
    const uint64_t cost = (uint64_t)counter->in_period * EVENT_COST_NS;
    const uint64_t span = counter->span_ns;
    return span > cost + span / 4 ? span - cost : span / 4 + 1;
}

static uint64_t
estimate_unseen(const Counter *counter, uint64_t now)
{
    if (!counter->is_off || counter->period + 1 != prof.period
        || counter->span_ns == 0 || prof.period_cpu_ns <= counter->off_ns) {
        return 0;
    }
    const uint64_t span = event_span(counter);
    if (now - prof.period_cpu_ns > 4 * counter->span_ns + RESUME_SLACK_NS) {
        return 0;
    }
    const uint64_t gap = prof.period_cpu_ns - counter->off_ns;
    return (uint64_t)((double)gap / (double)span * (double)counter->in_period);
}

typedef struct {
    Counter **counters;
    uint32_t n, cap;
} OffList;

static void
note_off(OffList *list, Counter *counter)
{
    if (!counter->is_off || counter->period != prof.period
        || counter->span_ns == 0) {
        return;
    }
    if (list->n == list->cap) {
        const uint32_t cap = list->cap ? 2 * list->cap : 64;
        Counter **more = realloc(list->counters, cap * sizeof(*more));
        if (more == NULL) {
            return;
        }
        list->counters = more;
        list->cap = cap;
    }
    list->counters[list->n++] = counter;
}

/* Most programs are short: the last period is much of their time.  A site ran
 * until another one got hot that had not been seen before, as it seems. */
void
prof_count_rest(void)
{
    enum { MOST = 4096, LEAST_REST_NS = 2 * 1000 * 1000 };
    OffList list = {0};
    const uint64_t now = prof_cpu_ns();
    for (CodeRecord *r = prof.records; r != NULL && list.n < MOST;
         r = r->next) {
        note_off(&list, &r->entry);
        for (uint32_t i = 0; i < r->n_passages; i++) {
            note_off(&list, &r->passages[i].counter);
        }
    }
    for (uint32_t i = 0; i < list.n; i++) {
        Counter *counter = list.counters[i];
        uint64_t end = now;
        for (uint32_t k = 0; k < list.n; k++) {
            const uint64_t first = list.counters[k]->first_ns;
            end = first > counter->off_ns && first < end ? first : end;
        }
        const uint64_t gap = end - counter->off_ns;
        if (gap >= LEAST_REST_NS) { /* else it may well have ended itself */
            counter->count += (uint64_t)((double)gap
                                         / (double)event_span(counter)
                                         * (double)counter->in_period);
        }
        counter->span_ns = 0; /* once */
    }
    free(list.counters);
}

/* First event of a site in a period. */
static void
counter_begin_period(Counter *counter)
{
    const uint64_t now = prof_cpu_ns();
    counter->count += estimate_unseen(counter, now);
    counter->period = prof.period;
    counter->in_period = 0;
    counter->first_ns = now;
    counter->is_off = false;
}

/* True if the site is to be switched off until the next period. */
static bool
counter_is_sated(CodeRecord *record, Counter *counter)
{
    if (counter->count < PROFILE_EXACT_EVENTS) {
        return false;
    }
    record->is_endless = true;
    if (prof.period_events < prof.event_budget
        && (counter->in_period < prof.site_budget
            || counter->count < COUNTED_IF_CHEAP)) {
        return false;
    }
    if (prof.want_ticker) {
        if ((counter->in_period & (CLOCK_EVERY - 1)) == 0) {
            prof_ticker_restart();
        }
        return false; /* nobody would arm it again */
    }
    counter->off_ns = prof_cpu_ns();
    counter->span_ns = counter->in_period > 1
                           ? counter->off_ns - counter->first_ns
                           : 0;
    counter->is_off = true;
    return true;
}

/* The counter has come to the next level, what earlier recordings counted
 * added: listen to the code object. */
static void
consider_level(CodeRecord *record, const Counter *counter)
{
    const uint64_t count = counter->count + record->carried;
    if (record->level < N_LEVELS && !record->frozen
        && count >= LEVELS[record->level].count) {
        const uint8_t limit = LEVELS[record->level++].samples;
        if (limit > record->limit) {
            prof_listen(record, limit);
        }
    }
    else if (record->image == NULL && counter->count >= PROF_KEPT_FROM
             && (counter->count & (counter->count - 1)) == 0
             && !record->frozen) {
        prof_keep(record);
    }
}

static void
maybe_start_ticker(void)
{
    if (prof.want_ticker) {
        prof_ticker_restart();
    }
}

static PyObject *
cell_content(PyObject *value, char kind)
{
    if ((kind & CO_FAST_CELL) && value != NULL && PyCell_Check(value)) {
        return PyCell_GET(value);
    }
    return value;
}

/* late   not each run comes here at the same entry */
static void
record_arguments(CodeRecord *record, PyCodeObject *code, bool late)
{
    PyaotFrame *frame = prof_frame(code);
    if (frame == NULL || record->info == NULL) {
        return;
    }
    int n_args = code->co_argcount + code->co_kwonlyargcount;
    n_args += (code->co_flags & CO_VARARGS) != 0;
    n_args += (code->co_flags & CO_VARKEYWORDS) != 0;
    const char *kinds = PyBytes_AS_STRING(code->co_localspluskinds);
    PyObject **locals = pyaot_frame_cells(frame);
    SampleList list = {0};
    for (int i = 0; i < n_args && i < 16; i++) {
        PyObject *value = cell_content(locals[i], kinds[i]);
        prof_sample_add(&list, record->info->entry, PROFILE_ARG, (unsigned)i,
                        prof_type_of(value));
    }
    const bool is_new = late ? prof_samples_late(record, &list,
                                                 &record->args_ever)
                             : prof_samples_commit(record, &list);
    if (is_new && !prof.everything && record->n_surprises < MAX_SURPRISES
        && record->entry.count > LEVELS[0].count) {
        record->n_surprises++;
        prof_listen(record, (uint8_t)(record->limit + SURPRISE_SAMPLES));
    }
}

static uint32_t
offset_unit(PyObject *offset)
{
    return (uint32_t)(PyLong_AsLong(offset) / 2);
}

/* One event more, when everything is recorded: counted exactly up to a limit,
 * whatever the time.  What its callback returns. */
static PyObject *
count_all(CodeRecord *record, Counter *counter)
{
    maybe_start_ticker();
    if (!record->listening) {
        prof_listen(record, PROF_ALL_SAMPLES);
    }
    return Py_NewRef(++counter->count >= PROF_ALL_COUNTED ? prof.disable
                                                          : Py_None);
}

/* Is this entry one whose arguments are recorded? */
static bool
wants_arguments(CodeRecord *record, const Counter *counter)
{
    if (!record->listening) {
        return false;
    }
    if (counter->count > PROFILE_EXACT_EVENTS) {
        return counter->in_period <= LATE_ARG_SAMPLES;
    }
    if (record->n_entries_seen < ARG_SAMPLES) {
        record->n_entries_seen++;
        return true;
    }
    return (counter->count & (ARG_SAMPLE_EVERY - 1)) == 0;
}

PyObject *
prof_on_start(PyObject *self, PyObject *const *args, Py_ssize_t n_args)
{
    (void)self;
    (void)n_args;
    PyCodeObject *code = (PyCodeObject *)args[0];
    CodeRecord *record = prof_record(code);
    if (record == NULL || record->ignored || !prof.active) {
        return Py_NewRef(prof.disable);
    }
    Counter *counter = &record->entry;
    if (prof.everything) {
        PyObject *result = count_all(record, counter);
        record_arguments(record, code, false);
        return result;
    }
    if (counter->period != prof.period) {
        counter_begin_period(counter);
        prof.period_units += (uint64_t)Py_SIZE(code);
        maybe_start_ticker();
    }
    counter->count++;
    counter->in_period++;
    prof.period_events++;
    consider_level(record, counter);
    if (wants_arguments(record, counter)) {
        record_arguments(record, code, counter->count > PROFILE_EXACT_EVENTS);
    }
    return Py_NewRef(counter_is_sated(record, counter) ? prof.disable
                                                       : Py_None);
}

static Passage *
find_passage(CodeRecord *record, uint32_t unit, bool resume)
{
    if (record->last_passage < record->n_passages
        && record->passages[record->last_passage].unit == unit) {
        return &record->passages[record->last_passage];
    }
    for (uint32_t i = 0; i < record->n_passages; i++) {
        if (record->passages[i].unit == unit) {
            record->last_passage = i;
            return &record->passages[i];
        }
    }
    Passage *grown = malloc((record->n_passages + 1) * sizeof(*grown));
    if (grown == NULL) {
        return NULL;
    }
    pthread_mutex_lock(&prof.lock);
    if (record->n_passages > 0) {
        memcpy(grown, record->passages, record->n_passages * sizeof(*grown));
    }
    Passage *old = record->passages;
    Passage *passage = &grown[record->n_passages];
    *passage = (Passage){.unit = unit, .resume = resume};
    record->passages = grown;
    record->n_passages++;
    pthread_mutex_unlock(&prof.lock);
    free(old);
    return passage;
}

/* One passage more: what its event's callback returns. */
static PyObject *
count_passage(CodeRecord *record, uint32_t unit, bool resume)
{
    Passage *passage = find_passage(record, unit, resume);
    if (passage == NULL) {
        return Py_NewRef(prof.disable);
    }
    Counter *counter = &passage->counter;
    if (prof.everything) {
        return count_all(record, counter);
    }
    if (counter->period != prof.period) {
        counter_begin_period(counter);
        maybe_start_ticker();
    }
    counter->count++;
    counter->in_period++;
    prof.period_events++;
    consider_level(record, counter);
    return Py_NewRef(counter_is_sated(record, counter) ? prof.disable
                                                       : Py_None);
}

PyObject *
prof_on_jump(PyObject *self, PyObject *const *args, Py_ssize_t n_args)
{
    (void)self;
    (void)n_args;
    const uint32_t unit = offset_unit(args[1]);
    CodeRecord *record = prof_record((PyCodeObject *)args[0]);
    if (record == NULL || record->ignored || !prof.active
        || offset_unit(args[2]) > unit) {
        return Py_NewRef(prof.disable);
    }
    return count_passage(record, unit, false);
}

PyObject *
prof_on_resume(PyObject *self, PyObject *const *args, Py_ssize_t n_args)
{
    (void)self;
    (void)n_args;
    CodeRecord *record = prof_record((PyCodeObject *)args[0]);
    if (record == NULL || record->ignored || !prof.active) {
        return Py_NewRef(prof.disable);
    }
    return count_passage(record, offset_unit(args[1]), true);
}
