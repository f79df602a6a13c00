/* pyaot enable, disable: the start-up hook in an interpreter's or virtual
 * environment's site-packages.
 *
 * Three files.  pyaot.pth is one line that `site` executes at each start; it
 * does nothing unless PYAOT_CACHE is set, the environment is not ignored (-E,
 * -I) and PYAOT is not 0.  Then it imports _pyaot_start.py, which loads the
 * loader from where this pyaot is.  A missing or failing loader is silent,
 * unless PYAOT_VERBOSE asks, or PYAOT_MODE=strict makes it an error.  pyaot.py
 * is for programs that say `import pyaot.optimizer`. */
#include "cli.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPT_PYTHON = CLI_LONG };

static const CliOption OPTIONS[] = {
    {OPT_PYTHON, "python", "PY",
     "interpreter or virtual environment's python (default: $PYTHON, "
     "python3)"},
    {0},
};

static const char MARK[] = "# Written by `pyaot enable`";
static const char PTH_NAME[] = "pyaot.pth";
static const char START_NAME[] = "_pyaot_start.py";
static const char MODULE_NAME[] = "pyaot.py";
enum { HOOK_MAX_BYTES = 1 << 16 };

/* Compiled at each start: the shorter, the cheaper. */
static const char PTH_TEXT[] =
    "# Written by `pyaot enable`; `pyaot disable` removes it.\n"
    "import os; os.getenv('PYAOT_CACHE') and __import__('_pyaot_start')\n";

/* Imports nothing that the interpreter has not loaded already. */
static const char START_TEXT[] =
    "# Written by `pyaot enable`; `pyaot disable` removes it.\n"
    "LIB = %s\n"
    "\n"
    "\n"
    "def start():\n"
    "    import os\n"
    "    import sys\n"
    "    environ = os.environ\n"
    "    if sys.flags.ignore_environment or environ.get('PYAOT') == '0':\n"
    "        return\n"
    "    try:\n"
    "        if 't' in sys.abiflags:     # its objects have another layout\n"
    "            raise ImportError('free-threaded builds are not supported; '\n"
    "                              'use an ordinary CPython')\n"
    "        import _frozen_importlib\n"
    "        import _frozen_importlib_external\n"
    "        import _imp\n"
    "        path = '%%s/cp%%d%%d/_pyaot_loader.so' %% (\n"
    "            (LIB,) + sys.version_info[:2])\n"
    "        loader = _frozen_importlib_external.ExtensionFileLoader(\n"
    "            '_pyaot_loader', path)\n"
    "        spec = _frozen_importlib.ModuleSpec(\n"
    "            '_pyaot_loader', loader, origin=path)\n"
    "        module = _imp.create_dynamic(spec)\n"
    "        sys.modules['_pyaot_loader'] = module\n"
    "        _imp.exec_dynamic(module)\n"
    "        module.install(environ['PYAOT_CACHE'])\n"
    "    except Exception as error:\n"
    "        strict = environ.get('PYAOT_MODE') == 'strict'\n"
    "        if strict or environ.get('PYAOT_VERBOSE', '0') not in ('', '0'):\n"
    "            try:\n"
    "                text = str(error).removeprefix('pyaot: ')\n"
    "                sys.stderr.write('pyaot: not started: %%s\\n' %% text)\n"
    "                sys.stderr.flush()\n"
    "            except Exception:\n"
    "                pass\n"
    "        if strict:\n"
    "            os._exit(1)\n"
    "\n"
    "\n"
    "start()\n";

/* The module pyaot, whose only part lives in the loader. */
static const char MODULE_TEXT[] =
    "# Written by `pyaot enable`; `pyaot disable` removes it.\n"
    "\"\"\"pyaot.optimizer: the optimizer API of this interpreter.\"\"\"\n"
    "LIB = %s\n"
    "\n"
    "\n"
    "def load():\n"
    "    import importlib.machinery\n"
    "    import importlib.util\n"
    "    import sys\n"
    "    name = '_pyaot_loader'\n"
    "    module = sys.modules.get(name)\n"
    "    if module is None:\n"
    "        path = '%%s/cp%%d%%d/%%s.so' %% (\n"
    "            (LIB,) + sys.version_info[:2] + (name,))\n"
    "        loader = importlib.machinery.ExtensionFileLoader(name, path)\n"
    "        spec = importlib.machinery.ModuleSpec(\n"
    "            name, loader, origin=path)\n"
    "        module = importlib.util.module_from_spec(spec)\n"
    "        loader.exec_module(module)\n"
    "        sys.modules[name] = module\n"
    "    sys.modules['pyaot.optimizer'] = module.optimizer_module()\n"
    "    return sys.modules['pyaot.optimizer']\n"
    "\n"
    "\n"
    "__path__ = []\n"
    "optimizer = load()\n";

/* A Python literal of a path. */
static char *
python_literal(const char *text)
{
    StrBuf buf;
    strbuf_init(&buf, 0);
    strbuf_addc(&buf, '\'');
    for (const char *p = text; *p; p++) {
        if (*p == '\'' || *p == '\\') {
            strbuf_addc(&buf, '\\');
        }
        if (*p == '\n') {
            strbuf_adds(&buf, "\\n");
        }
        else {
            strbuf_addc(&buf, *p);
        }
    }
    strbuf_addc(&buf, '\'');
    char *literal = strbuf_detach(&buf, NULL);
    if (literal == NULL) {
        cli_fail("out of memory");
        exit(CLI_EXIT_FAILED);
    }
    return literal;
}

/* A file's text, which names the folder of the extension modules. */
static char *
text_with_lib(const char *format, const CliPaths *paths)
{
    char *literal = python_literal(paths->lib);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    char *text = cli_text(format, literal);
#pragma GCC diagnostic pop
    free(literal);
    return text;
}

/* 1 the file is as wanted, 0 absent, -1 ours but different, -2 not ours. */
static int
file_state(const char *path, const char *wanted)
{
    size_t len = 0;
    char *text = cli_read_file(path, HOOK_MAX_BYTES, &len);
    if (text == NULL) {
        return errno == ENOENT || errno == ENOTDIR ? 0 : -2;
    }
    int state = -1;
    if (strcmp(text, wanted) == 0) {
        state = 1;
    }
    else if (strncmp(text, MARK, sizeof(MARK) - 1) != 0) {
        state = -2;
    }
    free(text);
    return state;
}

int
cli_hook_state(const CliPaths *paths, const CliPython *python)
{
    char *pth = cli_text("%s/%s", python->site_packages, PTH_NAME);
    char *start = cli_text("%s/%s", python->site_packages, START_NAME);
    char *text = text_with_lib(START_TEXT, paths);
    int pth_state = file_state(pth, PTH_TEXT);
    int start_state = file_state(start, text);
    free(text);
    free(start);
    free(pth);
    if (pth_state == 0) {
        return 0;
    }
    return pth_state == 1 && start_state == 1 ? 1 : -1;
}

static int
hook_write_failed(const CliPython *python, int error)
{
    return cli_fail("cannot write to %s: %s; use a virtual environment "
                    "(%s -m venv DIR) or ask the administrator",
                    python->site_packages, strerror(error),
                    python->executable);
}

static int
hook_put(const CliPython *python, const char *name, const char *text)
{
    char *path = cli_text("%s/%s", python->site_packages, name);
    int state = file_state(path, text);
    int status = CLI_EXIT_OK;
    if (state == -2) {
        status = cli_fail("%s exists and is not pyaot's; move it away", path);
    }
    else if (state != 1 && !cli_write_file(path, text, strlen(text))) {
        status = hook_write_failed(python, errno);
    }
    free(path);
    return status;
}

/* Debian's /usr/local/.../dist-packages may not exist yet. */
static void
make_folders(const char *path)
{
    char *copy = cli_text("%s", path);
    for (char *p = copy + 1; *p; p++) {
        if (*p == '/') {
            *p = '\0';
            mkdir(copy, 0755);
            *p = '/';
        }
    }
    mkdir(copy, 0755);
    free(copy);
}

/* Compile the start file now: a program that never writes bytecode would
 * compile it at each start, which costs more than all the rest of loading.
 * Failing is harmless. */
static void
make_bytecode(const CliPython *python)
{
    char *path = cli_text("%s/%s", python->site_packages, START_NAME);
    char *argv[] = {python->executable, "-I", "-c",
                    "import py_compile, sys; "
                    "py_compile.compile(sys.argv[1], quiet=2)", path, NULL};
    cli_run(argv, NULL, NULL);
    free(path);
}

static int
hook_enable(const CliPaths *paths, const CliPython *python)
{
    char *loader = cli_text("%s/%s/_pyaot_loader.so", paths->lib,
                            python->tag);
    int status = CLI_EXIT_OK;
    if (!cli_is_file(loader)) {
        status = cli_fail("the loader for Python %s is not installed: %s is "
                          "missing; build pyaot with PYAOT_PYTHON=%s",
                          python->version, loader, python->executable);
    }
    free(loader);
    if (status != CLI_EXIT_OK) {
        return status;
    }
    bool was_enabled = cli_hook_state(paths, python) == 1;
    make_folders(python->site_packages);
    char *text = text_with_lib(START_TEXT, paths);
    char *module = text_with_lib(MODULE_TEXT, paths);
    /* The .pth last: it must never name a module that is not there. */
    status = hook_put(python, MODULE_NAME, module);
    if (status == CLI_EXIT_OK) {
        status = hook_put(python, START_NAME, text);
    }
    free(module);
    if (status == CLI_EXIT_OK) {
        status = hook_put(python, PTH_NAME, PTH_TEXT);
    }
    free(text);
    if (status == CLI_EXIT_OK) {
        make_bytecode(python);
        printf("pyaot is %s in %s (%s)\n",
               was_enabled ? "already enabled" : "enabled",
               python->executable, python->site_packages);
    }
    return status;
}

/* Remove a file of ours; *removed tells whether there was one. */
static int
hook_remove(const CliPython *python, const char *name, bool *removed)
{
    char *path = cli_text("%s/%s", python->site_packages, name);
    int state = file_state(path, "");
    int status = CLI_EXIT_OK;
    if (state == -2) {
        status = cli_fail("%s is not pyaot's; left as it is", path);
    }
    else if (state == -1) {
        *removed = true;
        if (unlink(path) != 0) {
            status = cli_fail("cannot remove %s: %s; ask the owner of the "
                              "interpreter", path, strerror(errno));
        }
    }
    free(path);
    return status;
}

/* What the interpreter compiled of our files. */
static void
remove_bytecode(const CliPython *python)
{
    char *folder = cli_text("%s/__pycache__", python->site_packages);
    DIR *stream = opendir(folder);
    if (stream != NULL) {
        for (struct dirent *item; (item = readdir(stream)) != NULL;) {
            if (strncmp(item->d_name, "_pyaot_start.", 13) == 0
                || strncmp(item->d_name, "pyaot.", 6) == 0) {
                unlinkat(dirfd(stream), item->d_name, 0);
            }
        }
        closedir(stream);
        (void)rmdir(folder);    /* only if it was ours alone */
    }
    free(folder);
}

static int
hook_disable(const CliPaths *paths, const CliPython *python)
{
    bool removed = false;
    (void)paths;
    int status = hook_remove(python, PTH_NAME, &removed);
    if (status == CLI_EXIT_OK) {
        status = hook_remove(python, START_NAME, &removed);
    }
    if (status == CLI_EXIT_OK) {
        status = hook_remove(python, MODULE_NAME, &removed);
    }
    if (status == CLI_EXIT_OK) {
        if (removed) {
            remove_bytecode(python);
        }
        printf("pyaot is %s in %s (%s)\n",
               removed ? "disabled" : "not enabled", python->executable,
               python->site_packages);
    }
    return status;
}

static int
hook_command(int argc, char **argv,
             int (*act)(const CliPaths *, const CliPython *))
{
    CliArgs args;
    CliPaths paths;
    CliPython python;
    const char *py = NULL;
    int id;
    cli_args_init(&args, argc, argv, OPTIONS);
    while ((id = cli_args_next(&args)) != CLI_END) {
        switch (id) {
        case OPT_PYTHON: py = args.value; break;
        case CLI_OPERAND:
            return cli_usage(argv[0], "unexpected argument %s", args.value);
        default: return args.exit;
        }
    }
    if (!cli_paths_init(&paths)) {
        return CLI_EXIT_FAILED;
    }
    int status = CLI_EXIT_FAILED;
    if (cli_python_find(py, true, &python)) {
        status = act(&paths, &python);
        cli_python_free(&python);
    }
    cli_paths_free(&paths);
    return status;
}

int
cmd_enable(int argc, char **argv)
{
    return hook_command(argc, argv, hook_enable);
}

int
cmd_disable(int argc, char **argv)
{
    return hook_command(argc, argv, hook_disable);
}
