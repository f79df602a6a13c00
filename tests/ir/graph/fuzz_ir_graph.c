/* Graph fuzzing of the passes: see graph.h.
 *
 *   fuzz_ir_graph COUNT [FIRST-SEED [PASSES]]
 *
 * Each seed is a program, the letters of the passes that run over it (always
 * the reference counts last), and a world.  Where what can be seen differs
 * from the machine's, or the counts do not come out, letters and statements
 * are taken away as long as it still fails, and what is left is printed.
 * PASSES: these only, for all programs. */
#include "graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ir_check.h"
#include "ir_text.h"
#include "pass.h"

enum { MAX_LETTERS = 20 };

typedef struct {
    bool fails, skipped;
    bool returned;  /* without an exit on the way */
    uint32_t steps; /* instructions until the exit */
    char text[200];
} Result;

static void
run_machine(const Source *s, Arena *arena, World *w)
{
    world_init(w, arena, s->seed);
    source_enter(s, w);
    source_run(s, w, 0);
    world_end(w);
}

static uint32_t
run_ir(const Source *s, const IrFn *fn, uint32_t chance, Arena *arena,
       World *w)
{
    world_init(w, arena, s->seed);
    source_enter(s, w);
    uint32_t steps = interp_run(fn, s, w, chance);
    if (!w->failed && !w->ended) {
        world_end(w);
    }
    return steps;
}

static void
compare(const Source *s, const IrFn *fn, const World *want, uint32_t chance,
        Result *result)
{
    Arena arena;
    World got;
    arena_init(&arena, 64 << 20);
    uint32_t steps = run_ir(s, fn, chance, &arena, &got);
    result->returned |= steps == UINT32_MAX;
    result->steps += steps == UINT32_MAX ? 0 : steps;
    if (got.failed) {
        result->fails = true;
        snprintf(result->text, sizeof(result->text), "%s (chance %u)",
                 got.fault, chance);
    }
    else if (!got.ended
             && strcmp(strbuf_text(&got.log), strbuf_text(&want->log)) != 0) {
        result->fails = true;
        const char *a = strbuf_text(&want->log), *b = strbuf_text(&got.log);
        const char *line = b;
        while (*a != '\0' && *a == *b) {
            line = *b == '\n' ? b + 1 : line;
            a++;
            b++;
        }
        snprintf(result->text, sizeof(result->text),
                 "another log (chance %u): %.*s", chance,
                 (int)strcspn(line, "\n"), line);
    }
    strbuf_free(&got.log);
    arena_free(&arena);
}

/* Lower, run the passes, compare. */
static Result
attempt(const Source *s, const char *letters, StrBuf *text)
{
    static const uint32_t chances[] = {0, 200, 25, 6};
    Result result = {0};
    Arena arena;
    World want;
    char err[PYAOT_ERR_MAX] = "";
    PassOptions options = {.verify = true};
    arena_init(&arena, 64 << 20);
    run_machine(s, &arena, &want);
    if (want.failed) {
        result.fails = true;
        snprintf(result.text, sizeof(result.text), "the machine: %s",
                 want.fault);
    }
    result.skipped = want.ended;
    IrFn *fn = lower_source(s, &arena);
    if (text != NULL) {
        ir_print(fn, text);
        strbuf_printf(text, "; after %s\n", letters);
    }
    if (!result.fails && pass_run(fn, letters, &options, err) != PYAOT_OK) {
        result.fails = true;
        snprintf(result.text, sizeof(result.text), "passes: %.150s", err);
    }
    if (text != NULL) {
        ir_print(fn, text);
    }
    for (uint32_t i = 0; i < 4 && !result.fails && !result.skipped; i++) {
        compare(s, fn, &want, chances[i], &result);
    }
    strbuf_free(&want.log);
    arena_free(&arena);
    return result;
}

static void
shrink(Source *s, char *letters)
{
    bool again = true;
    while (again) {
        again = false;
        for (size_t i = 0; letters[i] != '\0' && letters[i + 1] != '\0'; i++) {
            char fewer[MAX_LETTERS + 1];
            strcpy(fewer, letters);
            memmove(fewer + i, fewer + i + 1, strlen(fewer + i));
            if (attempt(s, fewer, NULL).fails) {
                strcpy(letters, fewer);
                again = true;
                i--;
            }
        }
        for (uint32_t i = 0; i < s->n; i++) {
            Stmt old = s->stmts[i];
            if (old.kind == ST_NOP || old.kind == ST_JUMP) {
                continue;
            }
            s->stmts[i].kind = ST_NOP;
            if (attempt(s, letters, NULL).fails) {
                again = true;
            }
            else {
                s->stmts[i] = old;
            }
        }
    }
}

static void
random_letters(uint64_t seed, char *letters)
{
    static const char all[] = "epfgbhrdsi";
    uint64_t r = random_start(seed + 3);
    uint32_t n = 0;
    if (random_below(&r, 3) == 0) {
        strcpy(letters, pass_default);
        return;
    }
    for (uint32_t k = 1 + random_below(&r, 10); k > 0; k--) {
        letters[n++] = all[random_below(&r, sizeof(all) - 1)];
    }
    letters[n++] = 'c';
    letters[n] = '\0';
}

int
main(int argc, char **argv)
{
    uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000;
    uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    uint64_t skipped = 0, failed = 0, returned = 0, steps = 0;
    for (uint64_t seed = first; seed < first + count; seed++) {
        Source s;
        char letters[MAX_LETTERS + 1] = "";
        source_random(&s, seed);
        random_letters(seed, letters);
        if (argc > 3) {
            snprintf(letters, sizeof(letters), "%s", argv[3]);
        }
        Result result = attempt(&s, letters, NULL);
        skipped += result.skipped;
        returned += result.returned;
        steps += result.steps;
        if (!result.fails) {
            continue;
        }
        printf("seed %llu, passes %s: %s\n", (unsigned long long)seed, letters,
               result.text);
        shrink(&s, letters);
        StrBuf text;
        strbuf_init(&text, 0);
        result = attempt(&s, letters, &text);
        source_print(&s, stdout);
        printf("%s\nshrunk, passes %s: %s\n\n", strbuf_text(&text), letters,
               result.text);
        strbuf_free(&text);
        if (++failed >= 10) {
            break;
        }
    }
    printf("%llu programs, %llu ran to their return, %llu instructions up to"
           " the exits of the others; %llu passed over, %llu failed\n",
           (unsigned long long)count, (unsigned long long)returned,
           (unsigned long long)steps, (unsigned long long)skipped,
           (unsigned long long)failed);
    /* Programs that leave at once prove nothing. */
    return failed > 0 || returned * 20 < count ? 1 : 0;
}
