/* What all units include, compiled beforehand.
 *
 * CPython's headers and the inline operations are most of what a compiler
 * reads for a small unit.  gcc and clang read what they have once made of them
 * in no time, so it is kept for all builds, in the user's folder for such
 * things, by the hash of all that went into it.  Nothing depends on it:
 * whatever fails here, units include the text. */
#include "build_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    WORTH_UNITS = 2,            /* less than that, and making it costs more */
    KEPT_SECONDS = 30 * 86400,  /* after the last use */
    MAX_SCRIPT_BYTES = 1 << 16, /* a compiler's wrapper */
};

static const char NAME[] = "pyaot_native.h";
static const char LOG[] = "header.log";

/* How compilers are told of it: gcc looks for it beside the header, in each
 * folder for headers; clang wants the file's name. */
static const struct {
    const char *suffix;
    const char *flag;
    bool names_file;
} KINDS[] = {
    [CLI_COMPILER_OTHER] = {NULL, NULL, false},
    [CLI_COMPILER_GCC] = {"gch", "-iquote", false},
    [CLI_COMPILER_CLANG] = {"pch", "-include-pch", true},
};

static char *
header_file(const Build *build, const char *folder)
{
    return cli_text("%s/%s.%s", folder, NAME,
                    KINDS[build->compiler.kind].suffix);
}

/* <folder of the user's caches>/pyaot/headers, malloc'ed; NULL if there is
 * none. */
static char *
headers_folder(void)
{
    const char *caches = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (caches != NULL && caches[0] == '/') {
        return cli_text("%s/pyaot/headers", caches);
    }
    return home != NULL && home[0] == '/'
               ? cli_text("%s/.cache/pyaot/headers", home)
               : NULL;
}

static bool
make_folders(const char *path)
{
    char *text = cli_text("%s", path);
    for (char *slash = strchr(text + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(text, 0700);
        *slash = '/';
    }
    mkdir(text, 0700);
    free(text);
    return cli_is_dir(path);
}

/* With what a killed build has left there. */
static void
remove_folder(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        if (strncmp(entry->d_name, NAME, sizeof(NAME) - 1) == 0) {
            unlinkat(dirfd(dir), entry->d_name, 0);
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
    rmdir(path);
}

/* Those of compilers and versions that nobody has any more. */
static void
remove_old(const char *headers)
{
    DIR *dir = opendir(headers);
    struct dirent *entry;
    struct stat st;
    const time_t now = time(NULL);
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        if (strlen(entry->d_name) == PYAOT_HASH_HEX_BYTES - 1
            && fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW)
                   == 0
            && now - st.st_mtime > KEPT_SECONDS) {
            char *folder = cli_text("%s/%s", headers, entry->d_name);
            remove_folder(folder);
            free(folder);
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
}

/* What builds that were killed have left in a header's folder. */
static void
remove_dead(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        const char *dot = strrchr(entry->d_name, '.');
        long pid = dot != NULL ? strtol(dot + 1, NULL, 10) : 0;
        if (pid > 0 && kill((pid_t)pid, 0) != 0 && errno == ESRCH) {
            unlinkat(dirfd(dir), entry->d_name, 0);
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
}

/* Run the compiler; the file gets its name when it is whole. */
static bool
make_header(Build *build, const char *folder, const char *file, int level)
{
    int wait_status = -1;
    char **argv = build->compiler.argv;
    char *text = cli_text("%s/include/%s", build->paths.share, NAME);
    char *tmp = cli_text("%s.%ld", file, (long)getpid());
    char *log = cli_text("%s/%s", build->work_dir, LOG);
    char *more[] = {(char *)cli_compiler_level(level),
                    (char *)"-x",
                    (char *)"c-header",
                    (char *)"-c",
                    text,
                    (char *)"-o",
                    tmp,
                    NULL};
    build_progress_say(build, "compiling %s at %s, for all units", NAME,
                       more[0]);
    memcpy(argv + build->compiler.n, more, sizeof(more));
    bool made = make_folders(folder);
    remove_dead(folder);
    made = made
           && build_run_command(build, argv, LOG, &wait_status) == PYAOT_OK
           && wait_status == 0 && rename(tmp, file) == 0;
    argv[build->compiler.n] = NULL;
    if (!made) {
        unlink(tmp);
        rmdir(folder);
    }
    unlink(log);
    free(log);
    free(tmp);
    free(text);
    return made;
}

/* Append a file's identity, not its bytes. */
static void
add_stat(StrBuf *text, const char *path)
{
    struct stat st;
    if (stat(path, &st) == 0) {
        strbuf_adds(text, path);
        strbuf_u64(text, (uint64_t)st.st_size);
        strbuf_u64(text, (uint64_t)st.st_mtim.tv_sec);
        strbuf_u64(text, (uint64_t)st.st_mtim.tv_nsec);
    }
}

/* Append the identity of all headers of the interpreter: gcc does not look
 * whether they are still those that it has read. */
static void
add_python_headers(const Build *build, StrBuf *text)
{
    static const char *const folders[] = {"", "/cpython", "/internal"};
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        struct dirent **names = NULL;
        char *folder = cli_text("%s%s", build->include, folders[i]);
        int n = scandir(folder, &names, NULL, alphasort);
        for (int k = 0; k < n; k++) {
            char *path = cli_text("%s/%s", folder, names[k]->d_name);
            add_stat(text, path);
            free(path);
            free(names[k]);
        }
        free(names);
        free(folder);
    }
}

/* Append what kind of a program the compiler is: of several wrappers around
 * one, each may add flags of its own. */
static void
add_compiler(const Build *build, StrBuf *text)
{
    const char *path = build->compiler.argv[0];
    size_t len = 0;
    char *script = cli_read_file(path, MAX_SCRIPT_BYTES, &len);
    if (script != NULL && strncmp(script, "#!", 2) == 0) {
        strbuf_add(text, script, len);
    }
    else {
        add_stat(text, path);
    }
    free(script);
}

/* The folder of a level's header, made if enough units want it; NULL if there
 * is none. */
static char *
find_header(Build *build, const char *headers,
            const uint8_t common[PYAOT_HASH_BYTES], int level,
            uint32_t n_units)
{
    StrBuf text;
    uint8_t hash[PYAOT_HASH_BYTES];
    char hex[PYAOT_HASH_HEX_BYTES];
    strbuf_init(&text, 0);
    strbuf_add(&text, common, PYAOT_HASH_BYTES);
    strbuf_printf(&text, "%s %s", cli_compiler_level(level),
                  build->paths.share);
    add_compiler(build, &text);
    add_python_headers(build, &text);
    pyaot_hash128(strbuf_text(&text), text.len, hash);
    strbuf_free(&text);
    pyaot_hash_hex(hash, hex);
    char *folder = cli_text("%s/%s", headers, hex);
    char *file = header_file(build, folder);
    bool found = cli_is_file(file);
    if (found) {
        utimensat(AT_FDCWD, folder, NULL, 0); /* used today */
    }
    else if (n_units >= WORTH_UNITS) {
        remove_old(headers);
        found = make_header(build, folder, file, level);
    }
    free(file);
    if (!found) {
        free(folder);
        folder = NULL;
    }
    return folder;
}

void
build_find_headers(Build *build, const uint8_t common[PYAOT_HASH_BYTES])
{
    uint32_t n_units[CLI_LEVELS] = {0};
    char *headers = KINDS[build->compiler.kind].suffix != NULL
                        ? headers_folder()
                        : NULL;
    for (uint32_t i = 0; i < build->n_queue; i++) {
        n_units[build->tasks[build->queue[i]].level]++;
    }
    for (int level = 0; headers != NULL && level < CLI_LEVELS; level++) {
        if (n_units[level] > 0) {
            build->headers[level] = find_header(build, headers, common, level,
                                                n_units[level]);
        }
    }
    free(headers);
}

const char *
build_header_flag(const Build *build, int level, char **operand)
{
    const char *folder = build->headers[level];
    *operand = NULL;
    if (folder == NULL) {
        return NULL;
    }
    *operand = KINDS[build->compiler.kind].names_file
                   ? header_file(build, folder)
                   : cli_text("%s", folder);
    return KINDS[build->compiler.kind].flag;
}

void
build_drop_header(Build *build, int level)
{
    if (build->headers[level] != NULL) {
        remove_folder(build->headers[level]);
        free(build->headers[level]);
        build->headers[level] = NULL;
    }
}

void
build_free_headers(Build *build)
{
    for (int level = 0; level < CLI_LEVELS; level++) {
        free(build->headers[level]);
    }
}
