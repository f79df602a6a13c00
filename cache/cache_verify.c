/* Full integrity walk, for people and for the fuzzer. */
#include "cache_file.h"
#include "exit_table.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct {
    PyaotCacheProblemFn fn;
    void *arg;
    PyaotStatus first;
} Verify;

static void
verify_problem(Verify *verify, PyaotStatus status, const char *text)
{
    if (verify->first == PYAOT_OK) {
        verify->first = status;
    }
    if (verify->fn != NULL) {
        verify->fn(verify->arg, status, text);
    }
}

PyaotStatus
pyaot_cache_verify(const char *dir, PyaotCacheProblemFn problem, void *arg)
{
    Verify verify = {problem, arg, PYAOT_OK};
    char err[PYAOT_ERR_MAX] = "";
    PyaotCache *cache = NULL;
    PyaotStatus status = pyaot_cache_open(dir, NULL, 0, &cache, err);
    if (status != PYAOT_OK) {
        verify_problem(&verify, status, err);
        return status;
    }
    PyaotCacheInfo info;
    pyaot_cache_info(cache, &info);
    uint32_t *n_codes = calloc((size_t)info.n_units + 1, sizeof(*n_codes));
    if (n_codes == NULL) {
        verify_problem(&verify, PYAOT_E_NOMEM, "out of memory");
        info.n_units = 0;
    }
    uint32_t n = 0;
    const PyaotCacheCode *codes = pyaot_cache_codes(cache, &n);
    for (uint32_t i = 0; n_codes != NULL && i < n; i++) {
        n_codes[codes[i].unit]++;
    }
    for (uint32_t i = 0; i < info.n_units; i++) {
        uint8_t *so = NULL, *exits = NULL;
        size_t len = 0, exits_len = 0;
        PyaotExitTable table;
        PyaotCacheUnitInfo unit;
        pyaot_cache_unit_info(cache, i, &unit);
        if (unit.n_codes != n_codes[i]) {
            snprintf(err, sizeof(err), "unit %u: wrong number of codes", i);
            verify_problem(&verify, PYAOT_E_FORMAT, err);
        }
        status = pyaot_cache_unit(cache, i, &so, &len, &exits, &exits_len,
                                  NULL, err);
        if (status == PYAOT_OK) {
            status = cache_image_check(cache, i, err);
        }
        if (status != PYAOT_OK && !(status == PYAOT_E_NOENT && so != NULL)) {
            verify_problem(&verify, status, err);
        }
        else if (!pyaot_exit_table_open(exits, exits_len, &table)
                 || !pyaot_exit_table_check(&table)) {
            snprintf(err, sizeof(err), "unit %u: malformed exits", i);
            verify_problem(&verify, PYAOT_E_FORMAT, err);
        }
        free(so);
        free(exits);
    }
    free(n_codes);
    pyaot_cache_close(cache);
    return verify.first;
}
