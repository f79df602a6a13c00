/* pyaot inspect and pyaot cache: what a cache holds, whether it is sound. */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cache/pyaot_cache.h"

static const CliOption OPTIONS[] = {
    {'v', "verbose", NULL, "list every code object"},
    {0},
};

static void
list_codes(const PyaotCache *cache, uint32_t unit)
{
    uint32_t n = 0;
    const PyaotCacheCode *codes = pyaot_cache_codes(cache, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (codes[i].unit != unit) {
            continue;
        }
        char hex[PYAOT_HASH_HEX_BYTES];
        pyaot_hash_hex(codes[i].key, hex);
        printf("  %s  %3u superblocks  line %-5u %s\n", hex,
               codes[i].n_regions, codes[i].firstlineno,
               pyaot_cache_text(cache, codes[i].qualname));
    }
}

static int
list_cache(const char *dir, bool with_codes)
{
    PyaotCache *cache = NULL;
    char err[PYAOT_ERR_MAX];
    char packed[32], plain[32];
    if (pyaot_cache_open(dir, NULL, 0, &cache, err) != PYAOT_OK) {
        return cli_fail("%s", err);
    }
    PyaotCacheInfo info;
    pyaot_cache_info(cache, &info);
    bool fits = pyaot_cache_abi_hash(info.abi) == info.abi_hash;
    printf("%s: %u units, %u code objects, for %s, x86-64-v%u, by %s%s\n",
           info.dir, info.n_units, info.n_codes, info.abi, info.cpu_level,
           info.producer, fits ? "" : " (another build)");
    for (uint32_t i = 0; i < info.n_units; i++) {
        PyaotCacheUnitInfo unit;
        pyaot_cache_unit_info(cache, i, &unit);
        printf("%-24s %4u code objects %4u superblocks  %s packed, %s  %s\n",
               unit.module[0] ? unit.module : "(unnamed)", unit.n_codes,
               unit.n_regions, cli_size_text(unit.file_bytes, packed),
               cli_size_text(unit.object_bytes, plain), unit.source);
        if (with_codes) {
            list_codes(cache, i);
        }
    }
    pyaot_cache_close(cache);
    return CLI_EXIT_OK;
}

static void
print_problem(void *arg, PyaotStatus status, const char *text)
{
    (void)arg;
    (void)status;
    cli_fail("%s", text);
}

static int
verify_cache(const char *dir)
{
    if (pyaot_cache_verify(dir, print_problem, NULL) != PYAOT_OK) {
        return CLI_EXIT_FAILED;
    }
    printf("%s: sound\n", dir);
    return CLI_EXIT_OK;
}

static int
clear_cache(const char *dir)
{
    char err[PYAOT_ERR_MAX];
    if (pyaot_cache_clear(dir, err) != PYAOT_OK) {
        return cli_fail("%s", err);
    }
    printf("%s: cleared\n", dir);
    return CLI_EXIT_OK;
}

/* Operands into words; their number, or -1 with *status set. */
static int
read_operands(int argc, char **argv, const char *words[2], int max,
              bool *verbose, int *status)
{
    CliArgs args;
    int n = 0;
    int id;
    cli_args_init(&args, argc, argv, OPTIONS);
    while ((id = cli_args_next(&args)) != CLI_END) {
        if (id == 'v') {
            *verbose = true;
        }
        else if (id == CLI_OPERAND && n < max) {
            words[n++] = args.value;
        }
        else if (id == CLI_OPERAND) {
            *status = cli_usage(argv[0], "unexpected argument %s", args.value);
            return -1;
        }
        else {
            *status = args.exit;
            return -1;
        }
    }
    return n;
}

int
cmd_inspect(int argc, char **argv)
{
    const char *words[2] = {CLI_DEFAULT_CACHE, NULL};
    bool verbose = false;
    int status = CLI_EXIT_OK;
    if (read_operands(argc, argv, words, 1, &verbose, &status) < 0) {
        return status;
    }
    return list_cache(words[0], true);
}

int
cmd_cache(int argc, char **argv)
{
    const char *words[2] = {"", CLI_DEFAULT_CACHE};
    bool verbose = false;
    int status = CLI_EXIT_OK;
    int n = read_operands(argc, argv, words, 2, &verbose, &status);
    if (n < 0) {
        return status;
    }
    if (strcmp(words[0], "verify") == 0) {
        return verify_cache(words[1]);
    }
    if (strcmp(words[0], "list") == 0) {
        return list_cache(words[1], verbose);
    }
    if (strcmp(words[0], "clear") == 0) {
        return clear_cache(words[1]);
    }
    if (n == 0) {
        return cli_usage("cache", "say verify, list or clear");
    }
    return cli_usage("cache", "there is no \"cache %s\"", words[0]);
}
