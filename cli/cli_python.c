/* Finding and examining the interpreter. */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The minors this pyaot has a host for. */
enum { PYTHON_MIN_MINOR = 13, PYTHON_MAX_MINOR = 13 };

/* Prints one fact per line, after a line that tells them from what the
 * interpreter's own customisation prints; must run on any Python, from 2.7
 * on. */
static const char QUERY[] =
    "import sys\n"
    "try:\n"
    "    import _imp\n"
    "    suffix = _imp.extension_suffixes()[0]\n"
    "except Exception:\n"
    "    suffix = ''\n"
    "implementation = getattr(sys, 'implementation', None)\n"
    "facts = [getattr(implementation, 'name', 'cpython'),\n"
    "         '%d' % sys.version_info[0], '%d' % sys.version_info[1],\n"
    "         '%d.%d.%d' % tuple(sys.version_info[:3]),\n"
    "         suffix, getattr(sys, 'abiflags', ''), sys.executable or '']\n"
    "if len(sys.argv) > 1:\n"
    "    import site, sysconfig\n"
    "    packages = sysconfig.get_path('purelib')\n"
    "    known = getattr(site, 'getsitepackages', list)()\n"
    "    if known and packages not in known:\n"
    "        packages = known[0]\n"
    "    facts += [sysconfig.get_path('include') or '', packages, "
    "sys.prefix,\n"
    "              '1' if sys.prefix != getattr(sys, 'base_prefix', '')\n"
    "              else '0']\n"
    "    import os\n"
    "    names = []\n"
    "    for folder in known:\n"
    "        try:\n"
    "            names += os.listdir(folder)\n"
    "        except OSError:\n"
    "            pass\n"
    "    facts.append('01'[any(\n"
    "        name.endswith('.pth') and name[0] != '.' and name != "
    "'pyaot.pth'\n"
    "        for name in names)])\n"
    "sys.stdout.write('\\npyaot facts\\n' + '\\n'.join(facts) + '\\n')\n";

enum { FACTS_SHORT = 7, FACTS_FULL = 12 };

void
cli_python_free(CliPython *python)
{
    free(python->command);
    free(python->executable);
    free(python->version);
    free(python->abi);
    free(python->tag);
    free(python->include);
    free(python->site_packages);
    free(python->prefix);
    memset(python, 0, sizeof(*python));
}

/* ".cpython-313-x86_64-linux-gnu.so" -> "cpython-313-x86_64-linux-gnu" */
static char *
abi_of_suffix(const char *suffix)
{
    size_t len = strlen(suffix);
    if (len < 5 || suffix[0] != '.' || strcmp(suffix + len - 3, ".so") != 0) {
        return cli_text("%s", suffix);
    }
    return cli_text("%.*s", (int)(len - 4), suffix + 1);
}

static bool
python_check(char **facts, const char *shown, char *err)
{
    int major = atoi(facts[1]);
    int minor = atoi(facts[2]);
    if (strcmp(facts[0], "cpython") != 0) {
        pyaot_error(err, PYAOT_E_UNSUPPORTED,
                    "%s is %s, not CPython; give a CPython 3.%d with "
                    "--python PY",
                    shown, facts[0], PYTHON_MIN_MINOR);
        return false;
    }
    if (major != 3 || minor < PYTHON_MIN_MINOR) {
        pyaot_error(err, PYAOT_E_UNSUPPORTED,
                    "%s is Python %s, too old: pyaot needs CPython 3.%d; "
                    "give one with --python PY",
                    shown, facts[3], PYTHON_MIN_MINOR);
        return false;
    }
    if (strchr(facts[5], 't') != NULL) {
        pyaot_error(err, PYAOT_E_UNSUPPORTED,
                    "%s is a free-threaded build, which pyaot does not "
                    "support; give an ordinary CPython 3.%d with --python PY",
                    shown, PYTHON_MIN_MINOR);
        return false;
    }
    if (minor > PYTHON_MAX_MINOR) {
        pyaot_error(err, PYAOT_E_UNSUPPORTED,
                    "%s is Python %s, which this pyaot does not know yet; "
                    "give a CPython 3.%d with --python PY",
                    shown, facts[3], PYTHON_MAX_MINOR);
        return false;
    }
    return true;
}

size_t
cli_split_facts(char *text, char *facts[], size_t max)
{
    static const char mark[] = "\npyaot facts\n";
    size_t n = 0;
    text = text != NULL ? strstr(text, mark) : NULL;
    if (text != NULL) {
        text += sizeof(mark) - 1;
    }
    while (text != NULL && n < max) {
        char *end = strchr(text, '\n');
        if (end == NULL) {
            break;
        }
        *end = '\0';
        facts[n++] = text;
        text = end + 1;
    }
    return n;
}

/* Ask one interpreter.  is_missing: it is not there or does not run. */
static bool
python_ask(const char *name, bool full, CliPython *python, bool *is_missing,
           char *err)
{
    StrBuf out;
    char *facts[FACTS_FULL] = {0};
    size_t n_facts = 0;
    bool ok = false;
    *is_missing = true;
    char *path = cli_find_program(name);
    if (path == NULL) {
        pyaot_error(err, PYAOT_E_NOENT,
                    "there is no interpreter %s; give one with --python PY",
                    name);
        return false;
    }
    char *argv[] = {path,          (char *)"-E", (char *)"-s",
                    (char *)"-B",  (char *)"-S", (char *)"-c",
                    (char *)QUERY, NULL,         NULL};
    if (full) {
        argv[4] = (char *)"-B"; /* site tells a venv's prefix */
        argv[7] = (char *)"full";
    }
    int status = cli_run(argv, &out, NULL);
    if (status == 0) {
        n_facts = cli_split_facts(out.data, facts, FACTS_FULL);
    }
    if (n_facts != (full ? FACTS_FULL : FACTS_SHORT)) {
        pyaot_error(err, PYAOT_E_UNSUPPORTED,
                    "%s does not run as a Python interpreter; give one with "
                    "--python PY",
                    name);
        goto out;
    }
    *is_missing = false;
    if (!python_check(facts, name, err)) {
        goto out;
    }
    python->command = cli_text("%s", path);
    python->executable = cli_text("%s", facts[6][0] ? facts[6] : path);
    python->version = cli_text("%s", facts[3]);
    python->abi = abi_of_suffix(facts[4]);
    python->tag = cli_text("cp%s%s", facts[1], facts[2]);
    python->include = cli_text("%s", full ? facts[7] : "");
    python->site_packages = cli_text("%s", full ? facts[8] : "");
    python->prefix = cli_text("%s", full ? facts[9] : "");
    python->is_venv = full && facts[10][0] == '1';
    python->reads_pth = full && facts[11][0] == '1';
    ok = true;
out:
    strbuf_free(&out);
    free(path);
    return ok;
}

bool
cli_python_try(const char *named, bool full, CliPython *python,
               char err[PYAOT_ERR_MAX])
{
    static const char *const names[] = {"python3", "python3.13"};
    char other[PYAOT_ERR_MAX];
    bool is_missing = false;
    memset(python, 0, sizeof(*python));
    if (named == NULL) {
        named = getenv("PYTHON");
    }
    if (named != NULL && named[0] != '\0') {
        return python_ask(named, full, python, &is_missing, err);
    }
    if (python_ask(names[0], full, python, &is_missing, err)
        || python_ask(names[1], full, python, &is_missing, other)) {
        return true;
    }
    if (!is_missing) {
        memcpy(err, other, PYAOT_ERR_MAX);
    }
    return false;
}

/* The minor in a file name "python3.N"; -1 if it is another name. */
static int
minor_of_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    char *end = NULL;
    if (strncmp(name, "python3.", 8) != 0 || name[8] < '0' || name[8] > '9') {
        return -1;
    }
    const long minor = strtol(name + 8, &end, 10);
    return *end == '\0' && minor < 1000 ? (int)minor : -1;
}

static bool
is_elf(const char *path)
{
    char magic[4] = "";
    FILE *file = fopen(path, "rb");
    const bool ok = file != NULL
                    && fread(magic, 1, sizeof(magic), file) == sizeof(magic)
                    && memcmp(magic, "\177ELF", sizeof(magic)) == 0;
    if (file != NULL) {
        fclose(file);
    }
    return ok;
}

bool
cli_python_guess(const char *named, CliPython *python)
{
    memset(python, 0, sizeof(*python));
    if (named == NULL) {
        named = getenv("PYTHON");
    }
    char *path = cli_find_program(
        named != NULL && named[0] != '\0' ? named : "python3");
    char *file = path != NULL ? realpath(path, NULL) : NULL;
    const int minor = file != NULL ? minor_of_name(file) : -1;
    const bool ok = minor >= PYTHON_MIN_MINOR && minor <= PYTHON_MAX_MINOR
                    && is_elf(file);
    if (ok) {
        python->command = cli_text("%s", path);
        python->executable = path;
        python->version = cli_text("3.%d", minor);
        python->tag = cli_text("cp3%d", minor);
        path = NULL;
    }
    free(file);
    free(path);
    return ok;
}

bool
cli_python_find(const char *named, bool full, CliPython *python)
{
    char err[PYAOT_ERR_MAX];
    if (!cli_python_try(named, full, python, err)) {
        cli_fail("%s", err);
        return false;
    }
    return true;
}

int
cli_python_exec(const CliPython *python, char *const args[])
{
    size_t n = 0;
    while (args[n] != NULL) {
        n++;
    }
    char **argv = calloc(n + 2, sizeof(*argv));
    if (argv == NULL) {
        return cli_fail("out of memory");
    }
    argv[0] = python->executable;
    memcpy(argv + 1, args, n * sizeof(*argv));
    fflush(NULL);
    execv(python->executable, argv);
    int saved_errno = errno;
    free(argv);
    return cli_fail("cannot run %s: %s", python->executable,
                    strerror(saved_errno));
}

int
cli_check_program(const char *command, char **program, int n)
{
    if (n == 0) {
        return cli_usage(command, "no program given");
    }
    if (strcmp(program[0], "-m") == 0 || strcmp(program[0], "-c") == 0) {
        return 0;
    }
    if (access(program[0], F_OK) != 0) {
        cli_fail("cannot open %s: %s; check the path", program[0],
                 strerror(errno));
        return CLI_EXIT_USAGE;
    }
    if (access(program[0], R_OK) != 0) {
        cli_fail("cannot read %s: %s; ask its owner", program[0],
                 strerror(errno));
        return CLI_EXIT_USAGE;
    }
    return 0;
}
