/* Prints what the decoder makes of code objects, for bytecode_check.py.
 *
 * Each line of input: ABI text, stack size, numbers of locals, names,
 * constants; bytecode and exception table in hexadecimal ("-" if empty).
 * Output: "code N E", or "unknown"; N lines of instructions; E is the number
 * of contradictions between depths of the stack. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cache/bytecode/pyaot_bytecode.h"

static uint32_t
from_hex(const char *text, uint8_t **bytes)
{
    size_t n = strcmp(text, "-") == 0 ? 0 : strlen(text) / 2;
    *bytes = calloc(n + 1, 1);
    for (size_t i = 0; i < 2 * n; i++) {
        const int digit = text[i] <= '9' ? text[i] - '0' : text[i] - 'a' + 10;
        (*bytes)[i / 2] = (uint8_t)((*bytes)[i / 2] << 4 | digit);
    }
    return (uint32_t)n;
}

static void
print_code(const BcSource *source, uint32_t stacksize)
{
    Arena arena;
    BcList list;
    arena_init(&arena, 0);
    int32_t *depth = NULL;
    if (source->minor == NULL || !bc_decode(source, &arena, &list)
        || (depth = ARENA_NEW_ARRAY(&arena, int32_t, list.n)) == NULL) {
        printf("unknown\n");
        arena_free(&arena);
        return;
    }
    printf("code %u %u\n", list.n, bc_depths(&list, stacksize, depth, &arena));
    for (uint32_t i = 0; i < list.n; i++) {
        const BcIns *ins = &list.ins[i];
        printf("%u %u %u %s %s %u %u %d %u %u %u %u %u %d", ins->off,
               ins->unit, ins->next, bc_name(list.minor, ins),
               bc_canonical_name(ins->op), ins->a, ins->b,
               bc_jumps(ins) ? (int)ins->target : -1, ins->side, ins->pops,
               ins->pushes, ins->jump_pushes, bc_ends(ins), depth[i]);
        if (ins->handler != 0) {
            const BcHandler *h = &list.handlers[ins->handler - 1];
            printf(" %u %u %u", h->target, h->depth, h->lasti);
        }
        printf("\n");
    }
    arena_free(&arena);
}

int
main(void)
{
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0) {
        char *abi = strtok(line, " \n"), *field[6];
        for (int i = 0; i < 6; i++) {
            field[i] = strtok(NULL, " \n");
            if (field[i] == NULL) {
                fprintf(stderr,
                        "bytecode_decode: a line with too few fields\n");
                return 2;
            }
        }
        uint8_t *code, *table;
        const uint32_t n_bytes = from_hex(field[4], &code);
        const uint32_t n_table = from_hex(field[5], &table);
        const BcSource source = {
            .minor = bc_minor(abi),
            .n_locals = (uint32_t)atoi(field[1]),
            .n_names = (uint32_t)atoi(field[2]),
            .n_consts = (uint32_t)atoi(field[3]),
            .n_units = n_bytes / 2,
            .code = code,
            .exctable_len = n_table,
            .exctable = table,
        };
        print_code(&source, (uint32_t)atoi(field[0]));
        fflush(stdout);
        free(code);
        free(table);
    }
    free(line);
    return 0;
}
