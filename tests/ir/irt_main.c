/* pyaot-irt: run passes over one function in text form.
 *
 *   pyaot-irt [-n] PASSES < in > out
 *
 * Reads IR, checks it, runs the passes (letters of passes.def; "" for none)
 * with the verifier after each, and prints the result.  The output of a
 * parse is printed and parsed again and must not change.  Faults are printed
 * as "error: …" on stdout, exit status 1.  -n: no verifier (for text that is
 * wrong on purpose).  "needs frame" is said if the reference counts of a
 * frameless function could run Python code. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ir_check.h"
#include "ir_text.h"
#include "pass.h"

static bool
read_all(FILE *file, StrBuf *buf)
{
    char chunk[4096];
    size_t n;
    while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0) {
        strbuf_add(buf, chunk, n);
    }
    return !ferror(file) && strbuf_status(buf) == PYAOT_OK;
}

/* Does print(parse(print(fn))) == print(fn)? */
static bool
survives_round_trip(const IrFn *fn, Arena *arena, char *err)
{
    StrBuf first, second;
    IrFn *again;
    bool same = false;
    strbuf_init(&first, 0);
    strbuf_init(&second, 0);
    ir_print(fn, &first);
    if (ir_parse(strbuf_text(&first), first.len, arena, &again, err)
        == PYAOT_OK) {
        ir_print(again, &second);
        same = strcmp(strbuf_text(&first), strbuf_text(&second)) == 0;
        if (!same) {
            pyaot_error(err, PYAOT_E_INTERNAL, "changed by a round trip");
        }
    }
    strbuf_free(&first);
    strbuf_free(&second);
    return same;
}

static bool
run(const char *text, size_t len, const char *passes, bool verify,
    Arena *arena, IrFn **fn, char *err)
{
    PassOptions options = {.verify = verify};
    return ir_parse(text, len, arena, fn, err) == PYAOT_OK
           && survives_round_trip(*fn, arena, err)
           && pass_run(*fn, passes, &options, err) == PYAOT_OK
           && survives_round_trip(*fn, arena, err);
}

int
main(int argc, char **argv)
{
    bool verify = true;
    char err[PYAOT_ERR_MAX] = "";
    if (argc > 1 && strcmp(argv[1], "-n") == 0) {
        verify = false;
        argv++;
        argc--;
    }
    if (argc != 2) {
        fprintf(stderr, "usage: pyaot-irt [-n] PASSES < in > out\n");
        return 2;
    }
    Arena arena;
    StrBuf buf;
    arena_init(&arena, 0);
    strbuf_init(&buf, 0);
    IrFn *fn = NULL;
    bool ok = read_all(stdin, &buf)
              && run(strbuf_text(&buf), buf.len, argv[1], verify, &arena, &fn,
                     err);
    if (ok) {
        strbuf_reset(&buf);
        ir_print(fn, &buf);
        fputs(strbuf_text(&buf), stdout);
    }
    else {
        printf("error: %s\n", err);
    }
    strbuf_free(&buf);
    arena_free(&arena);
    return ok ? 0 : 1;
}
