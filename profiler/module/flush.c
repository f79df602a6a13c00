/* From memory to the database: snapshots, the writer thread, periods, fork.
 *
 * The writer thread never takes the GIL.  Every interval it copies what has
 * changed, under the lock, and writes it as one transaction.  It also asks
 * the interpreter, by a pending call, to begin the next sampling period.
 * Before a fork it is stopped (a second thread would make os.fork warn) and
 * started again by an event, once the call that forked has returned. */
#define PYAOT_PROF_INTERNAL
#include "prof_int.h"

#include "cache/pycode/pycode.h"

#include <errno.h>
#include <internal/pycore_ceval.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum {
    MAX_PENDING_BATCHES = 16,
    TIMER_BUSY_MS = 500,
    FORK_BUSY_MS = 200,
    RESTART_DELAY_NS = 2 * 1000 * 1000,  /* processor time */
    OTHERS_DELAY_NS = 200 * 1000 * 1000, /* the same */
    GONE_LOOKS = 10000,
    SITE_EVENTS_PER_MS = 100, /* about 0.4 % of the time */
    ALL_EVENTS_PER_MS = 1200, /* about 5 % */
    FIRST_EVENTS = 20000,     /* once, under 1 ms */
    INSTRUMENT_UNIT_COST_NS = 4,
    ARMED_UNIT_COST_NS = 60, /* of code that is listened to */
};
static const double RUN_NEWS_SECONDS = 0.02;
static const uint64_t MS = 1000 * 1000;
static const uint64_t FIRST_PERIOD_NS = 4 * 1000 * 1000;
static const uint64_t LONG_PERIOD_NS = 50 * 1000 * 1000;
static const uint64_t FIRST_FLUSH_NS = 80 * 1000 * 1000;
static const uint64_t FLUSH_NS = 1000 * 1000 * 1000;
static const uint64_t FORK_FLUSH_NS = 200 * 1000 * 1000;

typedef struct {
    PyaotKey key;
    char *image; /* owned; NULL if stored before */
    size_t image_len;
    char *filename; /* owned */
    char *qualname; /* owned */
    uint32_t first_row;
    uint32_t n_rows;
} BatchCode;

struct Batch {
    Batch *next;
    BatchCode *codes;
    uint32_t n_codes, cap_codes;
    ProfileRow *rows; /* texts belong to the string table */
    uint32_t n_rows, cap_rows;
    ProfileRun run;
};

void
prof_warn(const char *text)
{
    if (prof.quiet || prof.warned) {
        return;
    }
    prof.warned = true;
    char line[PYAOT_ERR_MAX + 64];
    const int len = snprintf(line, sizeof(line), "pyaot: not recording: %s\n",
                             text);
    if (write(STDERR_FILENO, line, (size_t)len) < 0) {
        return;
    }
}

/* --- snapshot ------------------------------------------------------------ */

static void
batch_free(Batch *batch)
{
    if (batch == NULL) {
        return;
    }
    for (uint32_t i = 0; i < batch->n_codes; i++) {
        free(batch->codes[i].image);
        free(batch->codes[i].filename);
        free(batch->codes[i].qualname);
    }
    free(batch->codes);
    free(batch->rows);
    free(batch);
}

static bool
batch_add_row(Batch *batch, const ProfileRow *row)
{
    if (batch->n_rows == batch->cap_rows) {
        const uint32_t cap = batch->cap_rows ? batch->cap_rows * 2 : 1024;
        ProfileRow *rows = realloc(batch->rows, cap * sizeof(*rows));
        if (rows == NULL) {
            return false;
        }
        batch->rows = rows;
        batch->cap_rows = cap;
    }
    batch->rows[batch->n_rows++] = *row;
    return true;
}

/* What of a count was counted exactly. */
static uint64_t
exact_part(uint64_t count)
{
    return count < PROFILE_EXACT_EVENTS ? count : PROFILE_EXACT_EVENTS;
}

static bool
snapshot_counter(Batch *batch, Counter *counter, uint32_t offset,
                 const char *what)
{
    const uint64_t count = counter->count;
    const uint64_t stored = counter->stored;
    const uint64_t exact = exact_part(count) - exact_part(stored);
    ProfileRow row = {
        .offset = offset,
        .kind = PROFILE_COUNT,
        .slot = 0,
        .what = what,
        .count = exact,
    };
    if (exact > 0 && !batch_add_row(batch, &row)) {
        return false;
    }
    row.slot = 1;
    row.count = count - stored - exact;
    if (row.count > 0 && !batch_add_row(batch, &row)) {
        return false;
    }
    counter->stored = count;
    return true;
}

static bool
snapshot_rows(Batch *batch, CodeRecord *record)
{
    for (uint32_t i = 0; i < record->rows.n_slots; i++) {
        Row *slot = &record->rows.slots[i];
        if (slot->key == 0 || slot->count == slot->stored) {
            continue;
        }
        const ProfileRow row = {
            .offset = (uint32_t)(slot->key >> 40),
            .kind = (uint8_t)(slot->key >> 36 & 15),
            .slot = (uint8_t)(slot->key >> 32 & 15),
            .what = prof_interned((uint32_t)slot->key),
            .count = slot->count - slot->stored,
        };
        if (!batch_add_row(batch, &row)) {
            return false;
        }
        slot->stored = slot->count;
    }
    record->is_dirty = false;
    return true;
}

static int
compare_rows(const void *a, const void *b)
{
    const ProfileRow *x = a;
    const ProfileRow *y = b;
    if (x->offset != y->offset) {
        return x->offset < y->offset ? -1 : 1;
    }
    if (x->kind != y->kind) {
        return x->kind - y->kind;
    }
    return x->slot - y->slot;
}

static BatchCode *
batch_new_code(Batch *batch)
{
    if (batch->n_codes == batch->cap_codes) {
        const uint32_t cap = batch->cap_codes ? batch->cap_codes * 2 : 64;
        BatchCode *codes = realloc(batch->codes, cap * sizeof(*codes));
        if (codes == NULL) {
            return NULL;
        }
        batch->codes = codes;
        batch->cap_codes = cap;
    }
    BatchCode *code = &batch->codes[batch->n_codes];
    memset(code, 0, sizeof(*code));
    return code;
}

static bool
snapshot_record(Batch *batch, CodeRecord *record)
{
    const uint32_t first_row = batch->n_rows;
    bool ok = true;
    if (record->info != NULL) {
        ok = snapshot_counter(batch, &record->entry, record->info->entry,
                              "entry");
        for (uint32_t i = 0; ok && i < record->n_passages; i++) {
            Passage *passage = &record->passages[i];
            const Instr *instr = prof_instr(record->info, passage->unit);
            if (instr != NULL) {
                ok = snapshot_counter(batch, &passage->counter, instr->bc.off,
                                      passage->resume ? "resume" : "back");
            }
        }
    }
    if (ok && record->is_dirty) {
        ok = snapshot_rows(batch, record);
    }
    /* A forked child names only what it has run itself. */
    const bool is_needed = batch->n_rows > first_row
                           || (!record->is_stored
                               && prof.pid == prof.first_pid);
    if (!ok || !is_needed) {
        return ok;
    }
    BatchCode *code = batch_new_code(batch);
    if (code == NULL) {
        return false;
    }
    code->key = record->key;
    code->first_row = first_row;
    code->n_rows = batch->n_rows - first_row;
    code->filename = strdup(record->filename);
    code->qualname = strdup(record->qualname);
    if (!record->is_stored) {
        code->image = malloc(record->image_len);
        code->image_len = record->image_len;
        if (code->image != NULL) {
            memcpy(code->image, record->image, record->image_len);
            record->is_stored = true;
        }
    }
    batch->n_codes++;
    return code->filename != NULL && code->qualname != NULL;
}

static void
fill_run(ProfileRun *run)
{
    *run = prof.run;
    run->seconds = (double)(prof_wall_ns() - prof.start_ns) / 1e9;
    const uint64_t own = prof.sample_cost_ns + prof.flush_cost_ns;
    const uint64_t all = prof_cpu_ns() - prof.start_cpu_ns;
    run->cpu_seconds = all > own ? (double)(all - own) / 1e9 : 0;
    run->samples = prof.n_samples;
}

/* Everything new since the last snapshot; NULL if there is nothing. Frees
 * the records of dead code objects. */
static Batch *
snapshot(void)
{
    Batch *batch = calloc(1, sizeof(*batch));
    if (batch == NULL) {
        return NULL;
    }
    bool ok = true;
    pthread_mutex_lock(&prof.lock);
    CodeRecord **link = &prof.records;
    while (*link != NULL && ok) {
        CodeRecord *record = *link;
        if (record->image != NULL) {
            ok = snapshot_record(batch, record);
        }
        if (ok && record->code == NULL) {
            *link = record->next;
            prof_record_free(record);
        }
        else {
            link = &record->next;
        }
    }
    fill_run(&batch->run);
    prof.flushed_ns = prof_wall_ns();
    pthread_mutex_unlock(&prof.lock);
    /* What the run has taken is news as well. */
    const double news = batch->run.cpu_seconds - prof.run.cpu_seconds;
    if (batch->n_codes == 0 && news < RUN_NEWS_SECONDS) {
        batch_free(batch);
        return NULL;
    }
    prof.run.cpu_seconds = batch->run.cpu_seconds;
    return batch;
}

/* --- writing ------------------------------------------------------------- */

/* The image is gone from the database: give it again with the next batch. */
static void
forget_stored(const PyaotKey *key)
{
    pthread_mutex_lock(&prof.lock);
    for (CodeRecord *r = prof.records; r != NULL; r = r->next) {
        if (r->image != NULL && pyaot_key_equal(&r->key, key)) {
            r->is_stored = false;
        }
    }
    pthread_mutex_unlock(&prof.lock);
}

/* True the first time that a file is named. */
static bool
is_new_source(const char *filename)
{
    const uint64_t name = pyaot_hash64(filename, strlen(filename));
    for (uint32_t i = 0; i < prof.n_sources; i++) {
        if (prof.sources[i] == name) {
            return false;
        }
    }
    if (prof.n_sources == prof.cap_sources) {
        const uint32_t cap = prof.cap_sources ? prof.cap_sources * 2 : 64;
        uint64_t *sources = realloc(prof.sources, cap * sizeof(*sources));
        if (sources == NULL) {
            return false;
        }
        prof.sources = sources;
        prof.cap_sources = cap;
    }
    prof.sources[prof.n_sources++] = name;
    return true;
}

/* Note what is in the file by now.  Its time would say less: files are copied,
 * and checked out again. */
static void
write_source(ProfileWriter *writer, const char *filename)
{
    uint8_t hash[PYAOT_HASH_BYTES];
    if (filename[0] == '/' && is_new_source(filename)
        && pyaot_hash_file(filename, PYAOT_PROFILE_SOURCE_MAX_BYTES, hash)) {
        pyaot_profile_writer_source(writer, filename, hash);
    }
}

static PyaotStatus
write_code(ProfileWriter *writer, Batch *batch, const BatchCode *code)
{
    PyaotStatus status = PYAOT_OK;
    int64_t id = 0;
    if (code->filename == NULL || code->qualname == NULL) {
        return PYAOT_OK;
    }
    PYAOT_TRY(pyaot_profile_writer_code(writer, &code->key,
                                        (const uint8_t *)code->image,
                                        code->image_len, code->filename,
                                        code->qualname, &id));
    if (id == 0) {
        forget_stored(&code->key);
        prof.n_dropped += code->n_rows;
        return PYAOT_OK;
    }
    if (code->image != NULL) {
        write_source(writer, code->filename);
    }
    /* Nearly the order of the table: neighbours share pages. */
    qsort(&batch->rows[code->first_row], code->n_rows, sizeof(*batch->rows),
          compare_rows);
    for (uint32_t i = 0; i < code->n_rows; i++) {
        PYAOT_TRY(pyaot_profile_writer_row(writer, id,
                                           &batch->rows[code->first_row + i]));
    }
out:
    return status;
}

static PyaotStatus
write_batch(Batch *batch, int busy_ms, char *err)
{
    PyaotStatus status = PYAOT_OK;
    ProfileWriter *writer = NULL;
    PYAOT_TRY(pyaot_profile_writer_open(prof.path, busy_ms, &writer, err));
    for (uint32_t i = 0; i < batch->n_codes; i++) {
        if (write_code(writer, batch, &batch->codes[i]) != PYAOT_OK) {
            break; /* the commit below says what was wrong */
        }
    }
    pyaot_profile_writer_run(writer, &batch->run);
    status = pyaot_profile_writer_commit(writer, err);
out:
    return status;
}

static bool
is_permanent(PyaotStatus status)
{
    return status == PYAOT_E_FORMAT || status == PYAOT_E_VERSION;
}

static void
drop_batches(void)
{
    while (prof.pending != NULL) {
        Batch *batch = prof.pending;
        prof.pending = batch->next;
        prof.n_dropped += batch->n_rows;
        batch_free(batch);
    }
    prof.n_pending = 0;
}

static void
queue_batch(Batch *batch)
{
    Batch **link = &prof.pending;
    while (*link != NULL) {
        link = &(*link)->next;
    }
    *link = batch;
    if (++prof.n_pending > MAX_PENDING_BATCHES) {
        Batch *oldest = prof.pending;
        prof.pending = oldest->next;
        prof.n_pending--;
        prof.n_dropped += oldest->n_rows;
        batch_free(oldest);
    }
}

void
prof_flush(int busy_ms)
{
    pthread_mutex_lock(&prof.write_lock);
    const uint64_t start = prof_thread_ns();
    if (prof.writing_failed || prof.path == NULL) {
        goto out;
    }
    Batch *batch = snapshot();
    if (batch != NULL) {
        queue_batch(batch);
    }
    while (prof.pending != NULL) {
        char err[PYAOT_ERR_MAX] = "";
        const PyaotStatus status = write_batch(prof.pending, busy_ms, err);
        if (status != PYAOT_OK) {
            if (status != PYAOT_E_BUSY) {
                prof_warn(err);
            }
            if (is_permanent(status)) {
                prof.writing_failed = true;
                drop_batches();
            }
            break;
        }
        Batch *written = prof.pending;
        prof.pending = written->next;
        prof.n_pending--;
        prof.n_flushes++;
        batch_free(written);
    }
out:
    prof.flush_cost_ns += prof_thread_ns() - start;
    pthread_mutex_unlock(&prof.write_lock);
}

static void
new_run(void)
{
    memset(&prof.run, 0, sizeof(prof.run));
    if (getrandom(prof.run.id, sizeof(prof.run.id), 0)
        != (ssize_t)sizeof(prof.run.id)) {
        const uint64_t words[2] = {prof_wall_ns(), (uint64_t)getpid()};
        memcpy(prof.run.id, words, sizeof(prof.run.id));
    }
    prof.run.started = (int64_t)time(NULL);
    prof.run.python = PY_VERSION;
    prof.run.executable = prof.executable;
    prof.run.cwd = prof.cwd;
    prof.run.turn_ns = prof.turn_ns;
    if (getpid() == prof.first_pid) { /* not a part of a program */
        prof.run.argv = prof.argv;
        prof.run.argv_len = prof.argv_len;
    }
    prof.start_ns = prof_wall_ns();
    prof.start_cpu_ns = prof_cpu_ns();
    prof.pid = getpid();
    prof.flushed_ns = prof.start_ns;
}

PyaotStatus
prof_open_database(char err[PYAOT_ERR_MAX])
{
    PyaotStatus status = PYAOT_OK;
    ProfileWriter *writer = NULL;
    new_run();
    PYAOT_TRY(pyaot_profile_writer_open(prof.path, 10000, &writer, err));
    pyaot_profile_writer_run(writer, &prof.run);
    if (prof.include != NULL) {
        pyaot_profile_writer_meta(writer, "python_include", prof.include);
    }
    pyaot_profile_writer_meta(writer, "python_abi", pyaot_pycode_abi());
    status = pyaot_profile_writer_commit(writer, err);
out:
    return status;
}

/* --- periods ------------------------------------------------------------- */

/* How long the next period is to be: growing, and never so short that arming
 * everything again costs more than a twentieth. */
static uint64_t
next_period_length(void)
{
    uint64_t length = FIRST_PERIOD_NS;
    if (prof.period_len_ns > 0) {
        length = prof.period_len_ns + prof.period_len_ns / 2;
        if (length > LONG_PERIOD_NS) {
            length = LONG_PERIOD_NS;
        }
    }
    const uint64_t floor_ns = (prof.period_units * INSTRUMENT_UNIT_COST_NS
                               + prof.n_armed_units * ARMED_UNIT_COST_NS)
                              * 20;
    return length > floor_ns ? length : floor_ns;
}

void
prof_next_period(void)
{
    if (prof.everything && !prof.is_first_period) {
        return; /* all is armed, and counted by itself */
    }
    prof.period_len_ns = next_period_length();
    const uint64_t ms = prof.period_len_ns / MS + 1;
    prof.site_budget = (uint32_t)(SITE_EVENTS_PER_MS * ms + 100);
    prof.event_budget = ALL_EVENTS_PER_MS * ms;
    if (prof.is_first_period) {
        prof.event_budget += FIRST_EVENTS; /* most programs are short */
        prof.is_first_period = false;
    }
    prof.period_events = 0;
    prof.period_units = 0;
    prof.period++;
    prof.period_cpu_ns = prof_cpu_ns();
    PyObject *result = PyObject_CallNoArgs(prof.restart_events); /* new */
    if (result == NULL) {
        PyErr_Clear();
    }
    Py_XDECREF(result);
}

static int
tick(void *unused)
{
    (void)unused;
    __atomic_store_n(&prof.tick_queued, 0, __ATOMIC_RELEASE);
    if (prof.active && prof.ticking) {
        PyObject *raised = PyErr_GetRaisedException();
        prof_next_period();
        PyErr_SetRaisedException(raised);
    }
    return 0;
}

static void
queue_tick(void)
{
    if (__atomic_exchange_n(&prof.tick_queued, 1, __ATOMIC_ACQ_REL) == 0) {
        if (_PyEval_AddPendingCall(PyInterpreterState_Main(), tick, NULL, 0)
            != _Py_ADD_PENDING_SUCCESS) {
            __atomic_store_n(&prof.tick_queued, 0, __ATOMIC_RELEASE);
        }
    }
}

static void
wait_until(uint64_t deadline_ns)
{
    const struct timespec deadline = {
        .tv_sec = (time_t)(deadline_ns / UINT64_C(1000000000)),
        .tv_nsec = (long)(deadline_ns % UINT64_C(1000000000)),
    };
    while (
        !prof.tick_stop
        && pthread_cond_timedwait(&prof.tick_cond, &prof.tick_mutex, &deadline)
               != ETIMEDOUT) {
    }
}

static void *
ticker_main(void *unused)
{
    (void)unused;
    prof.ticker_tid = gettid();
    uint64_t flush_gap = FIRST_FLUSH_NS;
    uint64_t flush_at = prof_wall_ns() + flush_gap;
    pthread_mutex_lock(&prof.tick_mutex);
    while (!prof.tick_stop) {
        const uint64_t now = prof_wall_ns();
        const uint64_t used = prof_cpu_ns() - prof.period_cpu_ns;
        uint64_t next = now + prof.period_len_ns;
        if (prof.everything) {
            next = flush_at;
        }
        else if (used >= prof.period_len_ns) {
            queue_tick();
        }
        else {
            next -= used;
        }
        if (now >= flush_at) {
            pthread_mutex_unlock(&prof.tick_mutex);
            prof_flush(TIMER_BUSY_MS);
            pthread_mutex_lock(&prof.tick_mutex);
            flush_gap = flush_gap * 2 < FLUSH_NS ? flush_gap * 2 : FLUSH_NS;
            flush_at = prof_wall_ns() + flush_gap;
        }
        wait_until(next < flush_at ? next : flush_at);
    }
    pthread_mutex_unlock(&prof.tick_mutex);
    return NULL;
}

bool
prof_ticker_start(void)
{
    if (prof.ticking) {
        return true;
    }
    sigset_t all;
    sigset_t old;
    sigfillset(&all);
    prof.tick_stop = false;
    pthread_sigmask(SIG_SETMASK, &all, &old); /* signals: not for it */
    prof.ticking = pthread_create(&prof.ticker, NULL, ticker_main, NULL) == 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return prof.ticking;
}

void
prof_ticker_stop(void)
{
    if (!prof.ticking) {
        return;
    }
    pthread_mutex_lock(&prof.tick_mutex);
    prof.tick_stop = true;
    pthread_cond_broadcast(&prof.tick_cond);
    pthread_mutex_unlock(&prof.tick_mutex);
    pthread_join(prof.ticker, NULL);
    /* pthread_join() returns a moment before the kernel has taken the thread
     * out of what os.fork counts. */
    for (int i = 0; i < GONE_LOOKS; i++) {
        if (tgkill(getpid(), prof.ticker_tid, 0) != 0) {
            break;
        }
        sched_yield();
    }
    prof.ticking = false;
}

/* --- fork ---------------------------------------------------------------- */

void
prof_before_fork(void)
{
    if (!prof.active) {
        return;
    }
    prof_ticker_stop();
    if (prof_wall_ns() - prof.flushed_ns > FORK_FLUSH_NS) {
        prof_flush(FORK_BUSY_MS); /* the parent may now wait for long */
    }
}

/* Not at once: os.fork counts the threads after the hooks have run, and other
 * hooks may be Python functions that take their time. */
static void
want_ticker_soon(void)
{
    PyThreadState *ts = PyThreadState_Get();
    PyaotFrame *frame = pyaot_frame_current(ts);
    prof.fork_thread = ts;
    prof.fork_frame = frame;
    prof.fork_place = frame != NULL ? pyaot_frame_place(frame) : NULL;
    prof_next_period();
    prof.want_ticker = true;
    prof.ticker_cpu_ns = prof_cpu_ns() + RESTART_DELAY_NS;
}

/* Has the call that forked perhaps not returned yet?  Of another thread than
 * the one that forked nothing can be seen; it waits for longer. */
static bool
may_be_forking(uint64_t now_cpu_ns)
{
    PyThreadState *ts = PyThreadState_Get();
    if (ts != prof.fork_thread) {
        return now_cpu_ns < prof.ticker_cpu_ns + OTHERS_DELAY_NS;
    }
    prof.ticker_cpu_ns = now_cpu_ns + RESTART_DELAY_NS; /* to look again */
    const PyaotFrame *frame = pyaot_frame_current(ts);
    while (frame != NULL && frame != prof.fork_frame) {
        frame = pyaot_frame_caller(frame);
    }
    return frame != NULL && pyaot_frame_is_python(frame)
           && pyaot_frame_place(frame) == prof.fork_place;
}

void
prof_ticker_restart(void)
{
    const uint64_t now = prof_cpu_ns();
    if (now < prof.ticker_cpu_ns) {
        return;
    }
    if (may_be_forking(now)) {
        return;
    }
    prof.want_ticker = false;
    prof_ticker_start();
    prof_next_period();
}

void
prof_after_fork_parent(void)
{
    if (prof.active) {
        want_ticker_soon();
    }
}

void
prof_init_locks(void)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&prof.tick_cond, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&prof.tick_mutex, NULL);
    pthread_mutex_init(&prof.lock, NULL);
    pthread_mutex_init(&prof.write_lock, NULL);
}

/* What the parent has not yet written is the parent's to write. */
static void
forget_unwritten(void)
{
    for (CodeRecord *r = prof.records; r != NULL; r = r->next) {
        r->entry.stored = r->entry.count;
        for (uint32_t i = 0; i < r->n_passages; i++) {
            r->passages[i].counter.stored = r->passages[i].counter.count;
        }
        for (uint32_t i = 0; i < r->rows.n_slots; i++) {
            r->rows.slots[i].stored = r->rows.slots[i].count;
        }
        r->is_dirty = false;
        r->is_stored = false; /* the parent may die before it writes */
    }
}

void
prof_after_fork_child(void)
{
    if (!prof.active) {
        return;
    }
    prof_init_locks();
    prof.ticking = false;
    __atomic_store_n(&prof.tick_queued, 0, __ATOMIC_RELEASE);
    drop_batches();
    forget_unwritten();
    prof.n_sources = 0;
    prof.n_samples = 0;
    prof.sample_cost_ns = 0;
    prof.flush_cost_ns = 0;
    new_run();
    want_ticker_soon();
}
