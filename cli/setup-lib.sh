# shellcheck shell=bash
# Set-up shared by cli/quickstart.sh and tests/run.sh; to be sourced by bash.
#
# Finds or installs what is needed, builds pyaot and makes a virtual
# environment with pyaot enabled. Everything is checked before it is done, so
# a second run is quick. Installing happens only as root with apt-get;
# otherwise one line names the missing packages and the script ends. A CPython
# that is built here goes to ~/.cache/pyaot (XDG_CACHE_HOME).
#
# Uses:  PYTHON (an interpreter to take), PYAOT_BUILD (build folder, default
#        build/ of the repository), PYAOT_JOBS (default 2 or the processors),
#        SETUP_CMAKE (options of cmake, as words),
#        SETUP_MORE (programs that are better to have, of packages of their
#        names: installed where that is possible).
# Sets:  ROOT, BUILD, PYTHON, PYAOT, VENV_PYTHON

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
BUILD=${PYAOT_BUILD:-$ROOT/build}
mkdir -p "$BUILD" 2>/dev/null || {
    echo "setup: cannot write $BUILD; set PYAOT_BUILD to a folder of yours" >&2
    exit 1
}
BUILD=$(cd "$BUILD" && pwd -P)
JOBS=${PYAOT_JOBS:-$(n=$(nproc 2>/dev/null || echo 1); echo $((n < 2 ? n : 2)))}
SETUP_CACHE=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/pyaot
# The one minor version that has a host so far.
PYTHON_MINOR=3.13

unset PYAOT PYAOT_CACHE PYAOT_MODE PYAOT_STATS PYAOT_STRESS PYAOT_VERBOSE \
    PYTHONHOME PYTHONPATH

say() {
    printf '%s\n' "setup: $*" >&2
}

die() {
    printf '%s\n' "setup: $*" >&2
    exit 1
}

# --- packages ----------------------------------------------------------------

has_library() {
    pkg-config --exists "$1" 2>/dev/null
}

# Does this release have a package of the wanted Python?
release_has_python() {
    local candidate codename
    candidate=$(apt-cache policy "python$PYTHON_MINOR-dev" 2>/dev/null |
        sed -n 's/^ *Candidate: *//p')
    if [ -n "$candidate" ] && [ "$candidate" != "(none)" ]; then
        return 0
    fi
    # Package lists may not have been fetched yet.
    codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release 2>/dev/null)
    [ "$codename" = trixie ]
}

# What building Python's sources needs, as "package file-that-it-brings".
PYTHON_BUILD_NEEDS='
zlib1g-dev        /usr/include/zlib.h
libffi-dev        /usr/include/*/ffi.h
libssl-dev        /usr/include/openssl/ssl.h
libbz2-dev        /usr/include/bzlib.h
liblzma-dev       /usr/include/lzma.h
libreadline-dev   /usr/include/readline/readline.h
uuid-dev          /usr/include/uuid/uuid.h
xz-utils          /usr/bin/xz
debian-archive-keyring /usr/share/keyrings/debian-archive-keyring.gpg'

missing_python_packages() {
    local package file
    if release_has_python; then
        echo "python$PYTHON_MINOR-dev"
        echo "python$PYTHON_MINOR-venv"
        return
    fi
    while read -r package file; do
        # shellcheck disable=SC2086  # a pattern
        [ -z "$package" ] || ls -d $file >/dev/null 2>&1 || echo "$package"
    done <<<"$PYTHON_BUILD_NEEDS"
}

can_install() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null
}

# Debian packages that are missing, one per line.
missing_packages() {
    command -v gcc >/dev/null || command -v cc >/dev/null || echo gcc
    [ -e /usr/include/stdio.h ] || echo libc6-dev
    command -v make >/dev/null || echo make
    command -v cmake >/dev/null || echo cmake
    command -v zstd >/dev/null || echo zstd
    if ! command -v pkg-config >/dev/null; then
        echo pkg-config libzstd-dev libsqlite3-dev libxxhash-dev \
            libcmocka-dev | tr ' ' '\n'
    else
        has_library libzstd || echo libzstd-dev
        has_library sqlite3 || echo libsqlite3-dev
        has_library libxxhash || echo libxxhash-dev
        has_library cmocka || echo libcmocka-dev
    fi
    local program
    for program in ${SETUP_MORE:-}; do
        command -v "$program" >/dev/null || ! can_install || echo "$program"
    done
    [ -n "$FOUND_PYTHON" ] || missing_python_packages
}

setup_packages() {
    local missing
    missing=$(missing_packages)
    [ -z "$missing" ] && return
    # shellcheck disable=SC2086  # one word per package
    set -- $missing
    can_install ||
        die "packages are missing; as root: apt-get install $*"
    say "installing $*"
    apt-get -qq update >&2 || say "apt-get update failed; going on"
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y \
        --no-install-recommends "$@" >&2 ||
        die "apt-get could not install: $*"
}

# --- the interpreter ---------------------------------------------------------

# Print the full path of $1 if it is a CPython of the wanted minor with
# headers and the venv module, and not free-threaded.
check_python() {
    "$1" -I -c '
import os, sys, sysconfig
import venv
good = (sys.implementation.name == "cpython"
        and "%d.%d" % sys.version_info[:2] == sys.argv[1]
        and not sysconfig.get_config_var("Py_GIL_DISABLED")
        and os.path.exists(os.path.join(sysconfig.get_path("include"),
                                        "Python.h")))
if not good:
    sys.exit(1)
print(os.path.realpath(sys.executable))' "$PYTHON_MINOR" 2>/dev/null
}

find_python() {
    local candidate
    for candidate in "python$PYTHON_MINOR" python3 \
        "/usr/bin/python$PYTHON_MINOR" \
        "${PYENV_ROOT:-${HOME:-/nonexistent}/.pyenv}"/versions/"$PYTHON_MINOR"*/bin/python3 \
        "/usr/local/bin/python$PYTHON_MINOR" \
        "$SETUP_CACHE/python-$PYTHON_MINOR/bin/python3" \
        "$BUILD/python-$PYTHON_MINOR/bin/python3"; do
        check_python "$candidate" && return
    done
    return 1
}

# A folder that CPython can be installed in: its makefile takes no spaces.
python_prefix() {
    local folder
    for folder in "$SETUP_CACHE" "$BUILD"; do
        case "$folder" in
        *[[:space:]]*) continue ;;
        esac
        if mkdir -p "$folder" 2>/dev/null && [ -w "$folder" ]; then
            echo "$folder/python-$PYTHON_MINOR"
            return
        fi
    done
    return 1
}

# On a release without it: build the sources of the next release. apt fetches
# and verifies them through a sources list of its own, so that nothing of the
# system's changes and no rights are needed.
build_python() {
    local folder prefix archive
    local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    command -v apt-get >/dev/null ||
        die "no CPython $PYTHON_MINOR with headers here; name one with" \
            "PYTHON=/path/to/python"
    prefix=$(python_prefix) ||
        die "no place to build CPython $PYTHON_MINOR in; set XDG_CACHE_HOME" \
            "to a folder of yours without spaces in its path"
    folder=$(mktemp -d /tmp/pyaot-python.XXXXXX) ||
        die "cannot make a folder in /tmp to build CPython in"
    # shellcheck disable=SC2064  # the folder's name of now
    trap "rm -rf '$folder'; exit 130" INT TERM
    say "no CPython $PYTHON_MINOR here: building Debian's sources of it into" \
        "$prefix, once (a few minutes)"
    mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial" \
        "$folder/tree"
    echo "deb-src [signed-by=$keyring] http://deb.debian.org/debian trixie main" \
        >"$folder/sources.list"
    cat >"$folder/apt.conf" <<END
Dir::Etc::sourcelist "$folder/sources.list";
Dir::Etc::sourceparts "/nonexistent";
Dir::State::lists "$folder/lists";
Dir::Cache "$folder/cache";
APT::Sandbox::User "root";
END
    (
        cd "$folder" && export APT_CONFIG="$folder/apt.conf" &&
            apt-get -qq update &&
            apt-get -qq source --download-only "python$PYTHON_MINOR"
    ) >&2 || die "cannot fetch the sources of python$PYTHON_MINOR; name a" \
        "CPython $PYTHON_MINOR with PYTHON=/path/to/python"
    for archive in "$folder"/python*.orig.tar.*z; do
        tar -xf "$archive" -C "$folder/tree" --strip-components 1 ||
            die "cannot unpack $archive"
    done
    (
        cd "$folder/tree" &&
            ./configure -q --prefix="$prefix" --without-ensurepip \
                --disable-test-modules CFLAGS="-O3" &&
            make -s -j"$JOBS" && make -s install
    ) >"$folder/log" 2>&1 || {
        tail -n 5 "$folder/log" >&2
        die "building Python failed; see $folder/log"
    }
    rm -rf "$folder"
    trap - INT TERM
}

look_for_python() {
    if [ -n "${PYTHON:-}" ]; then
        FOUND_PYTHON=$(check_python "$PYTHON") ||
            die "PYTHON=$PYTHON is not a CPython $PYTHON_MINOR with headers" \
                "and the venv module; name another or unset PYTHON"
    else
        FOUND_PYTHON=$(check_python \
            "$(cat "$BUILD/.setup-python" 2>/dev/null)" || find_python) || true
    fi
}

setup_python() {
    if [ -z "$FOUND_PYTHON" ]; then
        FOUND_PYTHON=$(find_python) || build_python
    fi
    if [ -z "$FOUND_PYTHON" ]; then
        FOUND_PYTHON=$(find_python) ||
            die "the CPython just built does not work; name one with" \
                "PYTHON=/path/to/python"
    fi
    PYTHON=$FOUND_PYTHON
    printf '%s\n' "$PYTHON" >"$BUILD/.setup-python"
}

# --- pyaot -------------------------------------------------------------------

cached_value() {
    sed -n "s/^$1:[A-Z]*=//p" "$BUILD/CMakeCache.txt" 2>/dev/null | head -n 1
}

setup_build() {
    if [ -e "$BUILD/CMakeCache.txt" ] && {
        [ "$(cached_value CMAKE_HOME_DIRECTORY)" != "$ROOT" ] ||
            [ "$(cached_value CMAKE_CACHEFILE_DIR)" != "$BUILD" ]
    }; then
        rm -rf "$BUILD/CMakeCache.txt" "$BUILD/CMakeFiles"
    fi
    if [ ! -e "$BUILD/CMakeCache.txt" ] ||
        [ "$(cached_value PYAOT_PYTHON)" != "$PYTHON" ] ||
        [ "$(cached_value SETUP_CMAKE)" != "${SETUP_CMAKE:-$(cached_value SETUP_CMAKE)}" ]; then
        say "configuring for $PYTHON"
        # shellcheck disable=SC2086  # words
        cmake -S "$ROOT" -B "$BUILD" -DPYAOT_PYTHON="$PYTHON" \
            -DSETUP_CMAKE:STRING="${SETUP_CMAKE:-}" ${SETUP_CMAKE:-} \
            >"$BUILD/setup.log" 2>&1 || {
            tail -n 30 "$BUILD/setup.log" >&2
            die "cmake failed; see $BUILD/setup.log"
        }
    fi
    cmake --build "$BUILD" -j "$JOBS" >"$BUILD/setup.log" 2>&1 || {
        grep -n -m 5 -A 5 -i 'error' "$BUILD/setup.log" >&2 || true
        tail -n 15 "$BUILD/setup.log" >&2
        die "the build failed; see $BUILD/setup.log"
    }
    PYAOT="$BUILD/bin/pyaot"
    [ -x "$PYAOT" ] || die "the build made no $PYAOT"
}

setup_venv() {
    local venv="$BUILD/venv"
    VENV_PYTHON="$venv/bin/python"
    if [ "$(cat "$venv/.made-by" 2>/dev/null)" != "$PYTHON $venv" ] ||
        ! "$VENV_PYTHON" -c '' 2>/dev/null; then
        rm -rf "$venv"
        "$PYTHON" -m venv --without-pip "$venv" ||
            die "cannot make a virtual environment in $venv"
        printf '%s\n' "$PYTHON $venv" >"$venv/.made-by"
    fi
    "$PYAOT" enable --python "$VENV_PYTHON" >"$BUILD/setup.log" 2>&1 || {
        cat "$BUILD/setup.log" >&2
        die "pyaot enable failed"
    }
}

setup_all() {
    look_for_python
    setup_packages
    setup_python
    setup_build
    setup_venv
}
