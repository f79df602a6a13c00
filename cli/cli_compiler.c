/* The C compiler and the flags that native code is built with. */
#include "cli.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -ffp-contract=off: floats bit for bit as CPython's.  -fwrapv: generated
 * code relies on wrapping where it has checked.  x86-64-v2: what
 * cache_target.c checks as level 2.  No red zone: exits are calls that the
 * compiler does not know of.  NDEBUG: Py_SIZE and its like in
 * CPython's headers assert.  Loops with side exits cannot be vectorised, and
 * the stores of exits that can be would be moved into the hot path. */
static const char *const FLAGS[] = {
    "-std=gnu11",
    "-shared",
    "-fPIC",
    "-fno-plt",
    "-ffp-contract=off",
    "-fno-strict-aliasing",
    "-fwrapv",
    "-fvisibility=hidden",
    "-march=x86-64-v2",
    "-mno-red-zone",
    "-fno-math-errno",
    "-DNDEBUG",
    "-w",
    "-s",
    "-fno-tree-vectorize",
    "-Wl,--build-id=none",
};
enum { N_FLAGS = sizeof(FLAGS) / sizeof(FLAGS[0]), N_INCLUDES = 8 };

static const char *const LEVELS[CLI_LEVELS] = {"-O0", "-O1", "-O2", "-O3"};
enum { HEADER_MAX_BYTES = 1 << 20 };

static char *
compiler_own(CliCompiler *compiler, char *text)
{
    assert(compiler->n_owned < CLI_COMPILER_OWNED);
    compiler->owned[compiler->n_owned++] = text;
    return text;
}

bool
cli_compiler_find(CliCompiler *compiler, char err[PYAOT_ERR_MAX])
{
    static const char *const names[] = {"cc", "gcc", "clang"};
    const char *cc = getenv("CC");
    memset(compiler, 0, sizeof(*compiler));
    if (cc != NULL && cc[strspn(cc, " \t")] != '\0') {
        /* A command with arguments, or one path that may have spaces. */
        char *path = cli_find_program(cc);
        compiler->argv = cli_split_command(path != NULL ? "cc" : cc,
                                           N_FLAGS + N_INCLUDES + 9,
                                           &compiler->n);
        compiler->name = cc;
        if (path == NULL) {
            path = cli_find_program(compiler->argv[0]);
        }
        if (path == NULL) {
            pyaot_error(err, PYAOT_E_COMPILER,
                        "there is no compiler %s (from CC); install it or "
                        "unset CC",
                        cc);
            cli_compiler_free(compiler);
            return false;
        }
        compiler->argv[0] = compiler_own(compiler, path);
        return true;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *path = cli_find_program(names[i]);
        if (path != NULL) {
            compiler->argv = cli_split_command("cc", N_FLAGS + N_INCLUDES + 9,
                                               &compiler->n);
            compiler->argv[0] = compiler_own(compiler, path);
            compiler->name = names[i];
            return true;
        }
    }
    pyaot_error(err, PYAOT_E_COMPILER,
                "there is no C compiler (cc, gcc or clang); install one "
                "(Debian: apt-get install gcc libc6-dev) or set CC");
    return false;
}

/* Guards that can be made to fail at random (cache/abi/pyaot_native.h). */
static const char STRESS_FLAG[] = "-DPYAOT_STRESS";

const char *
cli_compiler_level(int level)
{
    return LEVELS[level];
}

void
cli_compiler_add_flags(CliCompiler *compiler, const char *python_include,
                       const char *share, const CliFlags *flags)
{
    char **argv = compiler->argv;
    if (flags->stress) {
        argv[compiler->n++] = (char *)STRESS_FLAG;
    }
    for (size_t i = 0; i < N_FLAGS; i++) {
        argv[compiler->n++] = (char *)FLAGS[i];
    }
    argv[compiler->n++] = compiler_own(compiler,
                                       cli_text("-I%s/include", share));
    argv[compiler->n++] = compiler_own(compiler,
                                       cli_text("-I%s", python_include));
    argv[compiler->n++] = compiler_own(compiler, cli_text("-I%s/internal",
                                                          python_include));
}

void
cli_compiler_free(CliCompiler *compiler)
{
    for (size_t i = 0; i < compiler->n_owned; i++) {
        free(compiler->owned[i]);
    }
    free(compiler->argv);
    memset(compiler, 0, sizeof(*compiler));
}

/* Its version text, not its path or date: the same compiler elsewhere gives
 * the same.  One that cannot tell has only its name. */
void
cli_compiler_identity(CliCompiler *compiler, StrBuf *out)
{
    StrBuf said;
    char **argv = calloc(compiler->n + 2, sizeof(*argv));
    if (argv == NULL) {
        cli_fail("out of memory");
        exit(CLI_EXIT_FAILED);
    }
    for (size_t i = 0; i < compiler->n; i++) {
        argv[i] = compiler->argv[i];
        strbuf_printf(out, "%s ", i > 0 ? argv[i] : "");
    }
    argv[compiler->n] = (char *)"--version";
    const bool ok = cli_run(argv, &said, NULL) == 0 && said.len > 0;
    strbuf_adds(out, ok ? said.data : compiler->name);
    if (ok && strstr(said.data, "clang") != NULL) {
        compiler->kind = CLI_COMPILER_CLANG;
    }
    else if (ok && strstr(said.data, "Free Software Foundation") != NULL) {
        compiler->kind = CLI_COMPILER_GCC;
    }
    strbuf_free(&said);
    free(argv);
}

void
cli_compiler_flags_text(StrBuf *out, const CliFlags *flags)
{
    if (flags->stress) {
        strbuf_printf(out, "%s ", STRESS_FLAG);
    }
    for (size_t i = 0; i < N_FLAGS; i++) {
        strbuf_printf(out, "%s ", FLAGS[i]);
    }
}

const char *
cli_compiler_complaint(StrBuf *output)
{
    if (output->len == 0) {
        return "it said nothing";
    }
    char *line = strstr(output->data, "error");
    if (line == NULL) {
        line = output->data;
    }
    while (line > output->data && line[-1] != '\n') {
        line--;
    }
    line[strcspn(line, "\n")] = '\0';
    return line;
}

uint32_t
cli_abi_minor(const char *abi)
{
    const char *digits = strstr(abi, "-3");
    return digits != NULL ? (uint32_t)strtoul(digits + 2, NULL, 10) : 0;
}

uint32_t
cli_headers_minor(const char *python_include)
{
    static const char macro[] = "#define PY_MINOR_VERSION";
    if (!cli_has_headers(python_include)) {
        return 0;
    }
    char *path = cli_text("%s/patchlevel.h", python_include);
    size_t len = 0;
    char *text = cli_read_file(path, HEADER_MAX_BYTES, &len);
    char *at = text != NULL ? strstr(text, macro) : NULL;
    uint32_t minor = 0;
    if (at != NULL) {
        minor = (uint32_t)strtoul(at + sizeof(macro) - 1, NULL, 10);
    }
    free(text);
    free(path);
    return minor;
}

bool
cli_has_headers(const char *python_include)
{
    char *plain = cli_text("%s/Python.h", python_include);
    char *inner = cli_text("%s/internal/pycore_frame.h", python_include);
    bool ok = python_include[0] != '\0' && cli_is_file(plain)
              && cli_is_file(inner);
    free(plain);
    free(inner);
    return ok;
}
