/* Units: from the bytes of a shared object to a table of compiled code.
 *
 * The dynamic linker maps the unit's image as it maps any shared object (W^X,
 * relocations), so that processes share it.  Without a usable image the bytes
 * go to a memory file; where memory files are forbidden, a private temporary
 * file serves.  What gdb and perf need is in outside.c. */
#include "loader_int.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static bool
write_all(int fd, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

/* Does the table lie within what the compiler may have made? */
static bool
unit_is_sane(const PyaotUnit *u)
{
    if (u == NULL || u->magic != PYAOT_UNIT_MAGIC
        || u->abi != PYAOT_ABI_VERSION || u->rt == NULL || u->leave == NULL
        || (u->n_codes > 0 && u->codes == NULL)) {
        return false;
    }
    return true;
}

static Unit *
unit_adopt(void *handle, const char **why)
{
    const PyaotUnit *desc = dlsym(handle, "pyaot_unit");
    struct link_map *map;
    if (!unit_is_sane(desc) || dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0) {
        dlclose(handle);
        *why = "unit of another native code ABI";
        return NULL;
    }
    Unit *unit = calloc(1, sizeof *unit);
    if (unit == NULL) {
        dlclose(handle);
        *why = "out of memory";
        return NULL;
    }
    *desc->rt = &loader.runtime;
    *desc->leave = (PyaotLeave){leave_routine, unit};
    unit->desc = desc;
    unit->handle = handle;
    unit->base = map->l_addr;
    unit->number = UINT32_MAX;
    return unit;
}

static Unit *
unit_open(const char *path, const char **why)
{
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        if (loader.verbose > 0) {
            process_say("%s", dlerror());
        }
        *why = "unit does not link";
        return NULL;
    }
    return unit_adopt(handle, why);
}

/* Not by /proc/self: a debugger under which the program runs opens the same
 * path at this moment.  Descriptors are used again, and the dynamic linker
 * takes a name it knows for the object it knows: one more slash for each unit
 * makes names differ. */
static Unit *
unit_from_fd(int fd, const char **why)
{
    char path[4096];
    size_t len = (size_t)snprintf(path, sizeof path, "/proc/%ld/fd",
                                  (long)getpid());
    for (const Unit *unit = loader.units; unit != NULL; unit = unit->next) {
        if (len > sizeof path - 16) {
            return NULL; /* unit_from_temp has no such limit */
        }
        path[len++] = '/';
    }
    snprintf(path + len, sizeof path - len, "/%d", fd);
    return unit_open(path, why);
}

static Unit *
unit_from_temp(const uint8_t *so, size_t len, const char **why)
{
    const char *dir = getenv("TMPDIR");
    char path[512];
    if (dir == NULL || *dir == '\0' || strlen(dir) > 400) {
        dir = "/tmp";
    }
    snprintf(path, sizeof path, "%s/pyaot-XXXXXX", dir);
    int fd = mkostemp(path, O_CLOEXEC); /* mode 0600, name not guessable */
    if (fd < 0) {
        *why = "no memory file and no temporary file";
        return NULL;
    }
    Unit *unit = NULL;
    if (write_all(fd, so, len)) {
        unit = unit_open(path, why);
    }
    else {
        *why = "cannot write a temporary file";
    }
    unlink(path);
    close(fd);
    return unit;
}

/* Debuggers open the file that an object is named after, when there is none
 * any more, or another one (gdb hangs if that is a terminal or a pipe).
 * Objects without a name they leave alone. */
static void
forget_name(const Unit *unit)
{
    static char no_name[] = "";
    struct link_map *map;
    if (unit != NULL && dlinfo(unit->handle, RTLD_DI_LINKMAP, &map) == 0) {
        map->l_name = no_name; /* units are never closed */
    }
}

static Unit *
unit_from_memory(const uint8_t *so, size_t len, const char **why)
{
    Unit *unit = NULL;
    int fd = memfd_create("pyaot", MFD_CLOEXEC);
    if (fd >= 0) {
        if (write_all(fd, so, len)) {
            unit = unit_from_fd(fd, why);
        }
        close(fd);
    }
    return unit;
}

static Unit *
map_object(int image, const uint8_t *so, size_t len, const char **why)
{
    Unit *unit = image >= 0 ? unit_from_fd(image, why) : NULL;
    if (unit == NULL) { /* or its file system allows no code */
        unit = unit_from_memory(so, len, why);
    }
    if (unit == NULL) {
        unit = unit_from_temp(so, len, why);
    }
    forget_name(unit);
    return unit;
}

/* The texts and symbols that the unit's exits name. */
static bool
read_exit_texts(Unit *unit)
{
    PyaotExitTable *t = &unit->exits;
    unit->symbols = calloc(t->n_symbols + 1u, sizeof *unit->symbols);
    unit->reasons = calloc(t->n_reasons + 1u, sizeof *unit->reasons);
    if (unit->symbols == NULL || unit->reasons == NULL) {
        return false;
    }
    const char *text = t->texts;
    for (uint32_t i = 0; i < t->n_symbols; i++) {
        unit->symbols[i] = (uintptr_t)dlsym(RTLD_DEFAULT, text);
        if (unit->symbols[i] == 0) {
            return false;
        }
        text += strlen(text) + 1;
    }
    for (uint32_t i = 0; i < t->n_reasons; i++) {
        unit->reasons[i] = text;
        text += strlen(text) + 1;
    }
    return true;
}

Unit *
unit_map(int image, const uint8_t *so, size_t len, uint8_t *exits,
         size_t exits_len, const char **why)
{
    Unit *unit = map_object(image, so, len, why);
    if (unit == NULL) {
        free(exits);
        return NULL;
    }
    unit->exit_bytes = exits;
    if (!pyaot_exit_table_open(exits, exits_len, &unit->exits)
        || unit->exits.n_codes != unit->desc->n_codes
        || !read_exit_texts(unit)) {
        dlclose(unit->handle);
        free(unit->exit_bytes);
        free(unit->reasons);
        free(unit->symbols);
        free(unit);
        *why = "unit's exits are not those of its code";
        return NULL;
    }
    unit->next = loader.units;
    loader.units = unit;
    outside_tell(unit);
    return unit;
}

const PyaotCodeDesc *
unit_find(const Unit *unit, const PyaotKey *key)
{
    for (uint32_t i = 0; i < unit->desc->n_codes; i++) {
        if (memcmp(unit->desc->codes[i].key, key->bytes, sizeof key->bytes)
            == 0) {
            return &unit->desc->codes[i];
        }
    }
    return NULL;
}
