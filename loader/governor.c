/* Does a region earn its keep in this process?
 *
 * The build has estimated by the recorded run what a region gains.  Where a
 * process has other types, other branches, or loops that turn less often, it
 * may cost more than it gains; then its executor is taken away, for good, so
 * that nothing goes back and forth, and the code object is as it was before.
 *
 * Entries are judged by counts: what those that came to something gained,
 * against what those lost that left at once or were refused.  A loop is
 * judged by the clock, now and then: it gains what the interpreter would have
 * taken beyond the time that it took, and each entry costs an event. */
#include "loader_int.h"

/* Early exits and refusals before a region may be switched off. */
#define EARLY_MIN 64u
/* A refused call costs less than one that leaves: no frame is made. */
#define REFUSED_SHARE 3u
/* Of a loop more than one in so many entries must have been early. */
#define EARLY_LOOP_SHARE 4u
/* Regions entered by direct calls have no count of entries: off when this many
 * early exits in a row came less than this far apart on average. */
#define EARLY_GAP_NS 3000u
/* Of so many entries of a loop the first TIMED are timed. */
#define TIMED_OF 1024u
#define TIMED 32u
/* The gain of a loop is in such parts of the time that it takes. */
#define GAIN_PARTS 16u

static void
switch_off(RegionState *region)
{
    if (region->executor != NULL) {
        api->invalidate_executor(region->executor);
    }
    region->off = true;
    loader.executors_off++;
}

/* --- by counts ----------------------------------------------------------- */

static bool
is_loop(const RegionState *region)
{
    return region->at.kind == PYAOT_REGION_BACK_EDGE;
}

static void
judge(RegionState *region)
{
    if (loader.stress || region->off
        || region->early + region->refused < EARLY_MIN) {
        return;
    }
    uint64_t bad = region->early + region->refused;
    uint64_t lost = (region->early + region->refused / REFUSED_SHARE)
                    * region->at.loss;
    uint64_t good = region->entries > bad ? region->entries - bad : 0;
    if (is_loop(region) ? bad * EARLY_LOOP_SHARE > region->entries
                        : lost > good * region->at.gain) {
        switch_off(region);
    }
}

void
governor_early(RegionState *region)
{
    region->early++;
    if (!region->direct) {
        judge(region);
        return;
    }
    /* Direct calls are not counted: judge by how fast the exits follow. */
    if (loader.stress || region->off
        || region->early - region->early_base < EARLY_MIN) {
        return;
    }
    uint64_t now = clock_ns();
    if (region->window_ns != 0
        && now - region->window_ns < (uint64_t)EARLY_MIN * EARLY_GAP_NS) {
        switch_off(region);
    }
    region->early_base = region->early;
    region->window_ns = now;
}

void
governor_refused(RegionState *region, const char *reason)
{
    stats_refuse(reason);
    if (region->executor != NULL) {
        api->note_exit(region->executor, reason);
    }
    region->refused++;
    judge(region);
}

/* --- by the clock -------------------------------------------------------- */

/* What reading the clock twice takes, at least. */
static uint64_t
clock_cost(void)
{
    static uint64_t cost;
    for (int i = 0; i < 16 && (i > 0 || cost == 0); i++) {
        uint64_t start = clock_ns(), took = clock_ns() - start;
        cost = i == 0 || took < cost ? took : cost;
        cost += cost == 0;
    }
    return cost;
}

uint64_t
governor_begin(const RegionState *region)
{
    bool timed = region->entries % TIMED_OF < TIMED && is_loop(region)
                 && !loader.stress;
    return timed ? clock_ns() : 0;
}

void
governor_end(RegionState *region, uint64_t start)
{
    if (start == 0 || region->off) {
        return;
    }
    uint64_t took = clock_ns() - start, clock = clock_cost();
    region->timed_ns += took > clock ? took - clock : 0;
    if (++region->timed < TIMED) {
        return;
    }
    if (region->timed_ns * region->at.gain / GAIN_PARTS
        < (uint64_t)region->timed * region->at.loss) {
        switch_off(region);
    }
    region->timed = 0;
    region->timed_ns = 0;
}
