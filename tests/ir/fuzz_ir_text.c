/* Fuzz target: the IR parser, the verifier and, on what passes it, every
 * pass.  Golden inputs are changed at random (fixed seed): bytes, words,
 * lines.  Nothing may crash; what the verifier accepted must be accepted
 * after each pass.
 *
 *   fuzz_ir_text ROUNDS FILE... */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ir_check.h"
#include "ir_text.h"
#include "pass.h"

static uint64_t seed = 0x9E3779B97F4A7C15u;

static uint32_t
pick(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 20) % n);
}

static void
mutate(char *text, size_t *len, size_t cap)
{
    static const char *const words[] = {"v1", "v2",  "v3", "v5",   "b1", "b2",
                                        "s1", "s2",  "#0", "iadd", "py", "o",
                                        "i",  "mem", "[",  ")",    "\n", "-1"};
    size_t at = pick((uint32_t)*len);
    switch (pick(4)) {
    case 0: /* another byte */
        text[at] = (char)(pick(96) + 32);
        break;
    case 1: { /* a word for a piece */
        const char *word = words[pick(sizeof(words) / sizeof(words[0]))];
        size_t n = strlen(word);
        if (at + n < *len) {
            memcpy(text + at, word, n);
        }
        break;
    }
    case 2: { /* a digit */
        for (size_t i = at; i < *len; i++) {
            if (text[i] >= '0' && text[i] <= '9') {
                text[i] = (char)('0' + pick(10));
                break;
            }
        }
        break;
    }
    default: { /* a line less, or twice */
        char *end = memchr(text + at, '\n', *len - at);
        char *next = end ? memchr(end + 1, '\n',
                                  *len - (size_t)(end + 1 - text))
                         : NULL;
        if (next == NULL) {
            break;
        }
        size_t n = (size_t)(next - end);
        if (pick(2) == 0) {
            memmove(end, next, *len - (size_t)(next - text));
            *len -= n;
        }
        else if (*len + n < cap) {
            memmove(next + n, next, *len - (size_t)(next - text));
            memcpy(next, end, n);
            *len += n;
        }
        break;
    }
    }
}

/* 1 if the text got through the verifier. */
static int
try_text(const char *text, size_t len, const char *name)
{
    Arena arena;
    IrFn *fn = NULL;
    char err[PYAOT_ERR_MAX] = "";
    int accepted = 0;
    PassOptions options = {.verify = true};
    arena_init(&arena, 64 << 20);
    if (ir_parse(text, len, &arena, &fn, err) == PYAOT_OK
        && ir_check(fn, err)) {
        accepted = 1;
        PyaotStatus status = pass_run(fn, NULL, &options, err);
        /* (with counts in it already no pass may run) */
        if (status != PYAOT_OK && status != PYAOT_E_ARGUMENT
            && arena_status(&arena) == PYAOT_OK) {
            fprintf(stderr, "%s: %s\n%.*s\n", name, err, (int)len, text);
            exit(1);
        }
    }
    arena_free(&arena);
    return accepted;
}

int
main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 0, accepted = 0, tried = 0;
    for (int i = 2; i < argc; i++) {
        static char whole[1 << 16], text[1 << 17];
        FILE *file = fopen(argv[i], "r");
        if (file == NULL) {
            perror(argv[i]);
            return 2;
        }
        size_t n = fread(whole, 1, sizeof(whole) - 1, file);
        fclose(file);
        whole[n] = '\0';
        char *start = strstr(whole, "=== input\n");
        char *end = strstr(whole, "=== expect\n");
        if (start == NULL || end == NULL) {
            continue;
        }
        start += strlen("=== input\n");
        for (int round = 0; round < rounds; round++) {
            size_t len = (size_t)(end - start);
            memcpy(text, start, len);
            for (uint32_t k = round == 0 ? 0 : 1 + pick(3); k > 0; k--) {
                mutate(text, &len, sizeof(text));
            }
            accepted += try_text(text, len, argv[i]);
            tried++;
        }
    }
    printf("%d texts, %d accepted by the verifier\n", tried, accepted);
    return tried > 0 ? 0 : 2;
}
