/* pyaot doctor: is everything there, and if not, what to do. */
#include "cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache/base/env.h"
#include "profiler/profile_db.h"

enum { OPT_PYTHON = CLI_LONG };

static const CliOption OPTIONS[] = {
    {OPT_PYTHON, "python", "PY", "interpreter (default: $PYTHON, python3)"},
    {0},
};

typedef struct {
    CliPaths paths;
    CliPython python;
    int n_failed;
} Doctor;

typedef enum { DOCTOR_OK, DOCTOR_NOTE, DOCTOR_FAIL } DoctorVerdict;

static void doctor_say(Doctor *doctor, DoctorVerdict verdict, const char *what,
                       const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static void
doctor_say(Doctor *doctor, DoctorVerdict verdict, const char *what,
           const char *fmt, ...)
{
    static const char *const words[] = {"ok", "note", "FAIL"};
    va_list args;
    printf("%-5s %-12s ", words[verdict], what);
    va_start(args, fmt);
    vprintf(fmt, args);
    va_end(args);
    putchar('\n');
    doctor->n_failed += verdict == DOCTOR_FAIL;
}

/* Does this extension module load in the interpreter? */
static void
doctor_module(Doctor *doctor, const char *what, const char *name)
{
    char *path = cli_text("%s/%s/%s.so", doctor->paths.lib, doctor->python.tag,
                          name);
    if (!cli_is_file(path)) {
        doctor_say(doctor, DOCTOR_FAIL, what,
                   "%s is missing: build pyaot with PYAOT_PYTHON=%s", path,
                   doctor->python.executable);
        free(path);
        return;
    }
    char code[] = "import sys, importlib.util as u\n"
                  "s = u.spec_from_file_location(sys.argv[1], sys.argv[2])\n"
                  "s.loader.exec_module(u.module_from_spec(s))\n";
    char *argv[] = {doctor->python.executable,
                    (char *)"-I",
                    (char *)"-S",
                    (char *)"-c",
                    code,
                    (char *)name,
                    path,
                    NULL};
    StrBuf err;
    if (cli_run(argv, NULL, &err) == 0) {
        doctor_say(doctor, DOCTOR_OK, what, "%s", path);
    }
    else {
        char *last = err.data ? err.data : (char *)"";
        size_t len = strlen(last);
        while (len > 0 && last[len - 1] == '\n') {
            last[--len] = '\0';
        }
        char *line = strrchr(last, '\n');
        doctor_say(doctor, DOCTOR_FAIL, what,
                   "%s does not load (%s): build pyaot again with "
                   "PYAOT_PYTHON=%s",
                   path, line ? line + 1 : last, doctor->python.executable);
    }
    strbuf_free(&err);
    free(path);
}

static void
doctor_headers(Doctor *doctor)
{
    if (cli_has_headers(doctor->python.include)) {
        doctor_say(doctor, DOCTOR_OK, "headers", "%s", doctor->python.include);
    }
    else {
        doctor_say(doctor, DOCTOR_FAIL, "headers",
                   "no Python.h in %s: install it (Debian: apt-get install "
                   "python3-dev)",
                   doctor->python.include);
    }
}

/* Compile one line with the flags and headers of a real unit. */
static void
doctor_compiler(Doctor *doctor)
{
    CliCompiler compiler;
    char err[PYAOT_ERR_MAX];
    char dir[] = "/tmp/pyaot-doctor-XXXXXX";
    static const char text[] = "#include \"pyaot_abi.h\"\nint x = 1;\n";
    if (!cli_compiler_find(&compiler, err)) {
        doctor_say(doctor, DOCTOR_FAIL, "compiler", "%s", err);
        return;
    }
    if (mkdtemp(dir) == NULL) {
        doctor_say(doctor, DOCTOR_FAIL, "compiler",
                   "cannot make a folder in /tmp: free some space");
        cli_compiler_free(&compiler);
        return;
    }
    cli_compiler_add_flags(&compiler, doctor->python.include,
                           doctor->paths.share, &(CliFlags){0});
    char *c = cli_text("%s/x.c", dir);
    char *so = cli_text("%s/x.so", dir);
    StrBuf said;
    compiler.argv[compiler.n++] = (char *)"-o";
    compiler.argv[compiler.n++] = so;
    compiler.argv[compiler.n++] = c;
    cli_write_file(c, text, sizeof(text) - 1);
    if (cli_run(compiler.argv, NULL, &said) == 0) {
        doctor_say(doctor, DOCTOR_OK, "compiler", "%s", compiler.argv[0]);
    }
    else {
        doctor_say(doctor, DOCTOR_FAIL, "compiler",
                   "%s cannot compile native code (%s): install gcc and "
                   "libc6-dev, or set CC",
                   compiler.name, cli_compiler_complaint(&said));
    }
    strbuf_free(&said);
    unlink(c);
    unlink(so);
    rmdir(dir);
    free(c);
    free(so);
    cli_compiler_free(&compiler);
}

static void
doctor_hook(Doctor *doctor)
{
    CliHookKind kind;
    const CliHookState state = cli_hook_state(&doctor->paths, &doctor->python,
                                              &kind);
    const char *python = doctor->python.executable;
    char *ignored = cli_hook_ignored(&doctor->python);
    if (ignored != NULL) {
        doctor_say(doctor, DOCTOR_FAIL, "hook", "%s", ignored);
        free(ignored);
        return;
    }
    if (state != CLI_HOOK_OURS) {
        doctor_say(doctor, DOCTOR_FAIL, "hook",
                   "%s %s: run pyaot enable --python %s",
                   state == CLI_HOOK_NONE ? "not in" : "of another pyaot in",
                   doctor->python.site_packages, python);
        return;
    }
    char *why = cli_hook_complaint(&doctor->python, kind);
    char *path = cli_hook_path(&doctor->python, kind);
    if (why == NULL) {
        doctor_say(doctor, DOCTOR_OK, "hook", "%s", path);
    }
    else {
        doctor_say(doctor, DOCTOR_FAIL, "hook", "%s", why);
    }
    free(path);
    free(why);
}

static void
doctor_cache(Doctor *doctor)
{
    PyaotEnv env = pyaot_env_read();
    const char *dir = env.cache_dir ? env.cache_dir : CLI_DEFAULT_CACHE;
    PyaotCache *cache = NULL;
    char err[PYAOT_ERR_MAX];
    PyaotStatus status = pyaot_cache_open(
        dir, doctor->python.abi, pyaot_cache_abi_hash(doctor->python.abi),
        &cache, err);
    if (status == PYAOT_OK) {
        PyaotCacheInfo info;
        pyaot_cache_info(cache, &info);
        doctor_say(doctor, DOCTOR_OK, "cache",
                   "%s: %u units, %u code objects, trusted", dir, info.n_units,
                   info.n_codes);
        pyaot_cache_close(cache);
    }
    else if (status == PYAOT_E_NOENT && env.cache_dir == NULL) {
        doctor_say(doctor, DOCTOR_NOTE, "cache",
                   "none in %s yet: run pyaot build", dir);
    }
    else {
        doctor_say(doctor, DOCTOR_FAIL, "cache", "%s", err);
    }
}

static void
doctor_profile(Doctor *doctor)
{
    ProfileTotals totals;
    char err[PYAOT_ERR_MAX];
    PyaotStatus status = pyaot_profile_totals(CLI_DEFAULT_DB, &totals, err);
    if (status == PYAOT_OK) {
        doctor_say(doctor, DOCTOR_OK, "profile",
                   CLI_DEFAULT_DB ": %llu code objects of %llu runs",
                   (unsigned long long)totals.codes,
                   (unsigned long long)totals.runs);
    }
    else if (status == PYAOT_E_NOENT) {
        doctor_say(doctor, DOCTOR_NOTE, "profile",
                   "no " CLI_DEFAULT_DB " yet: run pyaot profile SCRIPT");
    }
    else {
        doctor_say(doctor, DOCTOR_FAIL, "profile", "%s", err);
    }
}

static void
doctor_environment(Doctor *doctor)
{
    PyaotEnv env = pyaot_env_read();
    if (!env.enabled) {
        doctor_say(doctor, DOCTOR_FAIL, "environment",
                   "PYAOT=0 switches everything off: unset it");
    }
    else if (env.trust_any) {
        doctor_say(doctor, DOCTOR_NOTE, "environment",
                   "PYAOT_TRUST=any: caches of other users are accepted");
    }
    else if (env.cache_dir == NULL) {
        doctor_say(doctor, DOCTOR_NOTE, "environment",
                   "PYAOT_CACHE is not set: python runs without native "
                   "code");
    }
    else {
        doctor_say(doctor, DOCTOR_OK, "environment", "PYAOT_CACHE=%s",
                   env.cache_dir);
    }
    uint32_t level = pyaot_cache_cpu_level();
    if (level < 2) {
        doctor_say(doctor, DOCTOR_FAIL, "cpu",
                   "older than x86-64-v2, which native code needs");
    }
    else {
        doctor_say(doctor, DOCTOR_OK, "cpu", "x86-64-v%u", level);
    }
}

int
cmd_doctor(int argc, char **argv)
{
    CliArgs args;
    Doctor doctor = {0};
    const char *py = NULL;
    char err[PYAOT_ERR_MAX];
    int id;
    cli_args_init(&args, argc, argv, OPTIONS);
    while ((id = cli_args_next(&args)) != CLI_END) {
        switch (id) {
        case OPT_PYTHON:
            py = args.value;
            break;
        case CLI_OPERAND:
            return cli_usage(argv[0], "unexpected argument %s", args.value);
        default:
            return args.exit;
        }
    }
    if (!cli_paths_init(&doctor.paths)) {
        return CLI_EXIT_FAILED;
    }
    if (!cli_python_try(py, true, &doctor.python, err)) {
        doctor_say(&doctor, DOCTOR_FAIL, "python", "%s", err);
    }
    else {
        doctor_say(&doctor, DOCTOR_OK, "python", "%s, CPython %s, %s%s",
                   doctor.python.executable, doctor.python.version,
                   doctor.python.abi,
                   doctor.python.is_venv ? ", virtual environment" : "");
        doctor_module(&doctor, "profiler", "_pyaot_profiler");
        doctor_module(&doctor, "loader", "_pyaot_loader");
        doctor_headers(&doctor);
        doctor_compiler(&doctor);
        doctor_hook(&doctor);
        doctor_cache(&doctor);
    }
    doctor_profile(&doctor);
    doctor_environment(&doctor);
    cli_python_free(&doctor.python);
    cli_paths_free(&doctor.paths);
    return doctor.n_failed ? CLI_EXIT_FAILED : CLI_EXIT_OK;
}
