/* Messages, options, files and processes for the commands. */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { RUN_OUTPUT_MAX_BYTES = 4 << 20 };

/* --- messages ------------------------------------------------------------ */

int
cli_fail(const char *fmt, ...)
{
    va_list args;
    fflush(stdout);
    fputs("pyaot: ", stderr);
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputc('\n', stderr);
    return CLI_EXIT_FAILED;
}

int
cli_usage(const char *command, const char *fmt, ...)
{
    va_list args;
    fflush(stdout);
    fputs("pyaot: ", stderr);
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fprintf(stderr, "; see pyaot %s%s--help\n", command ? command : "",
            command ? " " : "");
    return CLI_EXIT_USAGE;
}

const char *
cli_size_text(uint64_t bytes, char text[32])
{
    static const char *const units[] = {"bytes", "kB", "MB", "GB"};
    double value = (double)bytes;
    size_t unit = 0;
    while (value >= 1000 && unit < 3) {
        value /= 1000;
        unit++;
    }
    snprintf(text, 32, unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
    return text;
}

double
cli_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* --- options ------------------------------------------------------------- */

void
cli_args_init(CliArgs *args, int argc, char **argv, const CliOption *options)
{
    *args = (CliArgs){
        .command = argv[0],
        .options = options,
        .argc = argc,
        .argv = argv,
        .next = 1,
    };
}

static int
args_done(CliArgs *args, int exit_status)
{
    args->exit = exit_status;
    return CLI_DONE;
}

static int
args_unknown(CliArgs *args, const char *arg)
{
    if (args->takes_python) {
        args->value = arg;
        return CLI_PYTHON;
    }
    return args_done(args, cli_usage(args->command, "unknown option %s", arg));
}

/* Take the option's value: what is attached to it, or the next argument. */
static int
args_value(CliArgs *args, const CliOption *option, const char *shown,
           const char *attached)
{
    args->value = NULL;
    if (option->value == NULL) {
        if (attached != NULL) {
            return args_done(args, cli_usage(args->command,
                                             "%s takes no value", shown));
        }
        return option->id;
    }
    if (attached != NULL) {
        args->value = attached;
    }
    else if (args->next < args->argc) {
        args->value = args->argv[args->next++];
    }
    else {
        return args_done(args,
                         cli_usage(args->command, "%s needs a value", shown));
    }
    return option->id;
}

static int
args_long(CliArgs *args, const char *arg)
{
    const char *name = arg + 2;
    size_t len = strcspn(name, "=");
    if (len == 4 && strncmp(name, "help", 4) == 0) {
        cli_print_help(args->command, args->options);
        return args_done(args, CLI_EXIT_OK);
    }
    for (const CliOption *o = args->options; o != NULL && o->id; o++) {
        if (o->name != NULL && strlen(o->name) == len
            && strncmp(o->name, name, len) == 0) {
            return args_value(args, o, arg,
                              name[len] == '=' ? name + len + 1 : NULL);
        }
    }
    return args_unknown(args, arg);
}

int
cli_args_next(CliArgs *args)
{
    if (args->next >= args->argc) {
        return CLI_END;
    }
    const char *arg = args->argv[args->next++];
    if (args->only_operands || arg[0] != '-' || arg[1] == '\0') {
        args->value = arg;
        return CLI_OPERAND;
    }
    if (strcmp(arg, "--") == 0) {
        args->only_operands = !args->takes_python || args->only_python;
        args->only_python = args->takes_python;
        return cli_args_next(args);
    }
    if (args->only_python) {
        return args_unknown(args, arg);
    }
    if (arg[1] == '-') {
        return args_long(args, arg);
    }
    for (const CliOption *o = args->options; o != NULL && o->id; o++) {
        if (o->id == arg[1]) {
            return args_value(args, o, arg, arg[2] ? arg + 2 : NULL);
        }
    }
    if (strcmp(arg, "-h") == 0) {
        cli_print_help(args->command, args->options);
        return args_done(args, CLI_EXIT_OK);
    }
    return args_unknown(args, arg);
}

char **
cli_args_program(CliArgs *args, int id, int *n)
{
    size_t rest = (size_t)(args->argc - args->next);
    char **program = calloc(rest + 3, sizeof(*program));
    if (program == NULL) {
        cli_fail("out of memory");
        exit(CLI_EXIT_FAILED);
    }
    *n = 0;
    if (id == 'm' || id == 'c') {
        program[(*n)++] = (char *)(id == 'm' ? "-m" : "-c");
    }
    if (id != CLI_END) {
        program[(*n)++] = (char *)args->value;
    }
    memcpy(program + *n, args->argv + args->next, rest * sizeof(*program));
    *n += (int)rest;
    return program;
}

/* --- texts and files ----------------------------------------------------- */

char *
cli_text(const char *fmt, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, fmt);
    int n = vasprintf(&text, fmt, args);
    va_end(args);
    if (n < 0) {
        cli_fail("out of memory");
        exit(CLI_EXIT_FAILED);
    }
    return text;
}

bool
cli_is_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

bool
cli_is_dir(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool
write_whole(int fd, const char *text, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t n = write(fd, text + done, len - done);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        done += (size_t)n;
    }
    return true;
}

bool
cli_write_file(const char *path, const char *text, size_t len)
{
    char *tmp = cli_text("%s.tmp-%ld", path, (long)getpid());
    int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    /* Readable whatever the umask: a hook serves every user. */
    bool ok = fd >= 0 && write_whole(fd, text, len) && fchmod(fd, 0644) == 0
              && fsync(fd) == 0;
    int saved_errno = errno;
    if (fd >= 0) {
        close(fd);
    }
    if (ok && rename(tmp, path) != 0) {
        ok = false;
        saved_errno = errno;
    }
    if (!ok && fd >= 0) {
        unlink(tmp);
    }
    free(tmp);
    errno = saved_errno;
    return ok;
}

char *
cli_read_file(const char *path, size_t max, size_t *len)
{
    StrBuf buf;
    char chunk[8192];
    strbuf_init(&buf, max);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return NULL;
    }
    ssize_t n;
    while ((n = read(fd, chunk, sizeof(chunk))) > 0
           || (n < 0 && errno == EINTR)) {
        if (n > 0) {
            strbuf_add(&buf, chunk, (size_t)n);
        }
    }
    int saved_errno = errno;
    close(fd);
    char *text = n == 0 ? strbuf_detach(&buf, len) : NULL;
    strbuf_free(&buf);
    errno = n == 0 ? EFBIG : saved_errno;
    return text;
}

/* --- own files ----------------------------------------------------------- */

/* The path of the running executable, malloc'ed; also without /proc. */
static char *
own_executable(void)
{
    char *exe = realpath("/proc/self/exe", NULL);
    const char *started_as = (const char *)getauxval(AT_EXECFN);
    if (exe == NULL && started_as != NULL) {
        exe = realpath(started_as, NULL);
    }
    return exe;
}

bool
cli_paths_init(CliPaths *paths)
{
    char *exe = own_executable();
    if (exe == NULL) {
        cli_fail("cannot find my own folder: mount /proc");
        return false;
    }
    for (int up = 0; up < 2; up++) {
        char *slash = strrchr(exe, '/');
        if (slash != NULL) {
            *slash = '\0';
        }
    }
    paths->prefix = cli_text("%s", exe);
    paths->lib = cli_text("%s/lib/pyaot", exe);
    paths->share = cli_text("%s/share/pyaot", exe);
    free(exe);
    return true;
}

void
cli_paths_free(CliPaths *paths)
{
    free(paths->prefix);
    free(paths->lib);
    free(paths->share);
}

/* --- processes ----------------------------------------------------------- */

char *
cli_find_program(const char *name)
{
    if (strchr(name, '/') != NULL) {
        return cli_is_file(name) && access(name, X_OK) == 0
                   ? cli_text("%s", name)
                   : NULL;
    }
    const char *path = getenv("PATH");
    if (path == NULL) {
        path = "/usr/local/bin:/usr/bin:/bin";
    }
    while (name[0] != '\0') {
        size_t len = strcspn(path, ":");
        char *full = len == 0 ? cli_text("./%s", name)
                              : cli_text("%.*s/%s", (int)len, path, name);
        if (cli_is_file(full) && access(full, X_OK) == 0) {
            return full;
        }
        free(full);
        if (path[len] == '\0') {
            break;
        }
        path += len + 1;
    }
    return NULL;
}

static void
run_child(char *const settings[], char *const argv[], int out_fd, int err_fd)
{
    for (; settings != NULL && *settings != NULL; settings++) {
        if (strchr(*settings, '=') != NULL) {
            putenv(*settings);
        }
        else {
            unsetenv(*settings);
        }
    }
    int null = open("/dev/null", O_RDWR);
    dup2(null, 0);
    dup2(out_fd >= 0 ? out_fd : null, 1);
    dup2(err_fd >= 0 ? err_fd : null, 2);
    execv(argv[0], argv);
    _exit(127);
}

/* Read both pipes until both end. */
static void
run_drain(int fds[2], StrBuf *bufs[2])
{
    char chunk[8192];
    while (fds[0] >= 0 || fds[1] >= 0) {
        struct pollfd polls[2] = {
            {.fd = fds[0], .events = POLLIN},
            {.fd = fds[1], .events = POLLIN},
        };
        if (poll(polls, 2, -1) < 0 && errno != EINTR) {
            break;
        }
        for (int i = 0; i < 2; i++) {
            if (fds[i] < 0 || polls[i].revents == 0) {
                continue;
            }
            ssize_t n = read(fds[i], chunk, sizeof(chunk));
            if (n > 0) {
                strbuf_add(bufs[i], chunk, (size_t)n);
            }
            else if (n == 0 || errno != EINTR) {
                close(fds[i]);
                fds[i] = -1;
            }
        }
    }
}

int
cli_run(char *const argv[], StrBuf *out, StrBuf *err)
{
    return cli_run_with(NULL, argv, out, err);
}

int
cli_run_with(char *const settings[], char *const argv[], StrBuf *out,
             StrBuf *err)
{
    int pipes[2][2] = {{-1, -1}, {-1, -1}};
    StrBuf *bufs[2] = {out, err};
    for (int i = 0; i < 2; i++) {
        if (bufs[i] != NULL) {
            strbuf_init(bufs[i], RUN_OUTPUT_MAX_BYTES);
            if (pipe2(pipes[i], O_CLOEXEC) != 0) {
                return -1;
            }
        }
    }
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        run_child(settings, argv, pipes[0][1], pipes[1][1]);
    }
    int readers[2] = {pipes[0][0], pipes[1][0]};
    for (int i = 0; i < 2; i++) {
        if (pipes[i][1] >= 0) {
            close(pipes[i][1]);
        }
    }
    if (pid > 0) {
        run_drain(readers, bufs);
    }
    for (int i = 0; i < 2; i++) {
        if (readers[i] >= 0) {
            close(readers[i]);
        }
    }
    int status = 0;
    if (pid < 0) {
        return -1;
    }
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            return -1;
        }
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

char **
cli_split_command(const char *command, size_t extra, size_t *n)
{
    size_t len = strlen(command);
    size_t cells = len / 2 + 2 + extra;
    char **argv = calloc(1, cells * sizeof(*argv) + len + 1);
    if (argv == NULL) {
        cli_fail("out of memory");
        exit(CLI_EXIT_FAILED);
    }
    char *text = (char *)(argv + cells);
    memcpy(text, command, len + 1);
    *n = 0;
    for (char *save = NULL, *word = strtok_r(text, " \t", &save); word != NULL;
         word = strtok_r(NULL, " \t", &save)) {
        argv[(*n)++] = word;
    }
    return argv;
}
