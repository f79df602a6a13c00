#!/usr/bin/env bash
# Both commands of the README in a bare Debian 13 tree:
#
#     tests/tools/debian13.sh [options]
#
#   --cache FOLDER   keep the bare tree and downloaded packages there for the
#                    next run (default: a temporary folder, removed at the end)
#   --variant NAME   debootstrap's: minbase (default) or - for its usual one
#   --then COMMAND   also run this shell command in the repository's copy; its
#                    closing line counts too. May be given again.
#   --only           only those of --then, not the commands of the README
#   --keep           leave the tree in the folder of --cache
#
# Makes the tree with debootstrap (installed if missing), copies the repository
# into it, to a path with spaces, and runs cli/quickstart.sh and tests/run.sh.
# The last line is 'N passed, N failed'; the exit status is 0 only if none
# failed, and 77 with the one line 'skipped: REASON' where such a tree cannot
# be made: that takes root, a network and namespaces for mounts.
#
# All mounts are made in a mount namespace and all processes run in a process
# namespace that ends with this script, whatever ends it; so none can be left
# behind, and removing the tree cannot go through a mount.
#
# Uses DEBIAN_MIRROR (default http://deb.debian.org/debian) and the proxy
# settings of apt and of the environment.
set -euo pipefail

SELF=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)/$(basename "$0")
ROOT=$(cd "$(dirname "$SELF")/../.." && pwd -P)
MIRROR=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
COPY="/root/a path with spaces/pyaot"
# sbin: root's PATH may lack it.
export PATH="$PATH:/usr/sbin:/sbin"

skip() {
    printf 'skipped: %s\n' "$*"
    exit 77
}

# --- inside the namespaces ----------------------------------------------------

# The bare tree, unpacked from the archive of an earlier run if there is one.
make_tree() {
    local archive="$FOLDER/debian13-$VARIANT.tar"
    mkdir -p "$TREE" "$FOLDER/archives/partial"
    if [ -e "$archive" ]; then
        tar -xpf "$archive" -C "$TREE" --numeric-owner
        return
    fi
    echo "== making a bare Debian 13 tree from $MIRROR"
    debootstrap ${VARIANT:+"--variant=$VARIANT"} trixie "$TREE" "$MIRROR" \
        >"$FOLDER/debootstrap.log" 2>&1 || {
        tail -n 5 "$FOLDER/debootstrap.log"
        skip "debootstrap cannot make a tree"
    }
    rm -f "$TREE"/var/cache/apt/archives/*.deb
    if [ -n "$KEPT" ]; then
        tar -cpf "$archive.new" -C "$TREE" --numeric-owner \
            --one-file-system . && mv "$archive.new" "$archive"
    fi
}

mount_tree() {
    local name
    mount -t proc proc "$TREE/proc"
    mount -t sysfs -o ro sysfs "$TREE/sys" 2>/dev/null || true
    mount -t tmpfs -o mode=755 tmpfs "$TREE/dev"
    for name in null zero full random urandom tty; do
        : >"$TREE/dev/$name"
        mount --bind "/dev/$name" "$TREE/dev/$name"
    done
    mkdir "$TREE/dev/shm" "$TREE/dev/pts"
    mount -t tmpfs -o mode=1777 tmpfs "$TREE/dev/shm"
    mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts \
        "$TREE/dev/pts"
    ln -s pts/ptmx "$TREE/dev/ptmx"
    ln -s /proc/self/fd "$TREE/dev/fd"
    for name in stdin:0 stdout:1 stderr:2; do
        ln -s "/proc/self/fd/${name#*:}" "$TREE/dev/${name%:*}"
    done
    mount --bind "$FOLDER/archives" "$TREE/var/cache/apt/archives"
}

# What the tree needs to know of the network outside.
copy_network() {
    cp -L /etc/resolv.conf "$TREE/etc/resolv.conf"
    cp -L /etc/hosts "$TREE/etc/hosts"
    apt-config dump |
        grep -E '^Acquire::(http|https|Check-[A-Za-z-]+|Retries)\b' \
            >"$TREE/etc/apt/apt.conf.d/90outside" || true
}

# The files of a checkout, changed and new ones too, but nothing built.
copy_repository() {
    local name
    mkdir -p "$TREE$COPY"
    if git -c safe.directory='*' -C "$ROOT" ls-files -z --cached --others \
        --exclude-standard >"$FOLDER/files" 2>/dev/null; then
        while IFS= read -r -d '' name; do
            [ ! -e "$ROOT/$name" ] || printf '%s\0' "$name"
        done <"$FOLDER/files" |
            tar -cf - -C "$ROOT" --no-recursion --null -T -
    else
        tar -cf - -C "$ROOT" --exclude=./build --exclude=./.git .
    fi | tar -xf - -C "$TREE$COPY" --no-same-owner
}

in_tree() {
    chroot "$TREE" /usr/bin/env -i HOME=/root LOGNAME=root TERM=dumb \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        ${http_proxy:+"http_proxy=$http_proxy"} \
        ${https_proxy:+"https_proxy=$https_proxy"} \
        ${PYAOT_JOBS:+"PYAOT_JOBS=$PYAOT_JOBS"} \
        /bin/bash -c "cd '$COPY' && $1" </dev/null
}

PASSED=0 FAILED=0

# Run a command; its closing line if it has one, else its exit status, counts.
count() {
    local status=0 last
    printf '== Debian 13: %s\n' "$1"
    in_tree "$1" 2>&1 | tee "$FOLDER/log" || status=$?
    last=$(tail -n 1 "$FOLDER/log")
    if [[ $last =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
        PASSED=$((PASSED + BASH_REMATCH[1]))
        FAILED=$((FAILED + BASH_REMATCH[2]))
        [ "$status" -eq 0 ] || [ "${BASH_REMATCH[2]}" -gt 0 ] ||
            FAILED=$((FAILED + 1))
    elif [ "$status" -eq 0 ]; then
        PASSED=$((PASSED + 1))
    else
        printf 'FAIL %s: exit status %s\n' "$1" "$status"
        FAILED=$((FAILED + 1))
    fi
}

inside() {
    make_tree
    mount_tree || skip "cannot mount /proc and /dev in the tree"
    copy_network
    copy_repository
    local command
    for command in "${COMMANDS[@]}"; do
        count "$command"
    done
    printf '%s passed, %s failed\n' "$PASSED" "$FAILED"
    [ "$FAILED" -eq 0 ]
}

# --- outside ------------------------------------------------------------------

install_debootstrap() {
    command -v debootstrap >/dev/null && return
    command -v apt-get >/dev/null || skip "no debootstrap and no apt-get"
    {
        apt-get -qq update || true
        DEBIAN_FRONTEND=noninteractive apt-get -qq install -y \
            --no-install-recommends debootstrap
    } >&2 || skip "apt-get cannot install debootstrap"
}

# shellcheck disable=SC2317  # called by a trap
cleanup() {
    trap '' INT TERM HUP
    if [ -n "$CHILD" ]; then
        kill -KILL "$CHILD" 2>/dev/null || true
        wait "$CHILD" 2>/dev/null || true
    fi
    if [ -z "$KEPT" ]; then
        rm -rf --one-file-system "$FOLDER"
    elif [ -z "$KEEP_TREE" ]; then
        rm -rf --one-file-system "$TREE"
    else
        echo "the tree is $TREE" >&2
    fi
}

KEPT="" KEEP_TREE="" VARIANT=minbase
COMMANDS=(cli/quickstart.sh tests/run.sh)
OUTSIDE_ARGUMENTS=("$@")
while [ $# -gt 0 ]; do
    case "$1" in
    -h | --help)
        sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$SELF"
        exit 0
        ;;
    --cache | --variant | --then)
        [ $# -gt 1 ] || {
            echo "debian13.sh: $1 needs a value" >&2
            exit 2
        }
        case "$1" in
        --cache) KEPT=$2 ;;
        --variant) VARIANT=${2#-} ;;
        --then) COMMANDS+=("$2") ;;
        esac
        shift
        ;;
    --only) COMMANDS=("${COMMANDS[@]:2}") ;;
    --keep) KEEP_TREE=1 ;;
    *)
        echo "debian13.sh: unknown option $1 (--help)" >&2
        exit 2
        ;;
    esac
    shift
done

if [ -n "${DEBIAN13_INSIDE:-}" ]; then
    FOLDER=$DEBIAN13_FOLDER TREE=$DEBIAN13_INSIDE
    unset DEBIAN13_INSIDE DEBIAN13_FOLDER
    inside
    exit
fi

[ "$(id -u)" = 0 ] || skip "a Debian 13 tree can be made by root only"
unshare --mount --pid --fork true 2>/dev/null ||
    skip "no mount and process namespaces may be made here"
install_debootstrap
if [ -n "$KEPT" ]; then
    mkdir -p "$KEPT"
    FOLDER=$(cd "$KEPT" && pwd -P)
else
    FOLDER=$(mktemp -d "${TMPDIR:-/var/tmp}/pyaot-debian13.XXXXXX")
fi
for tree in "$FOLDER"/tree.*; do    # of a run that was killed
    if [ -d "$tree" ] && ! kill -0 "${tree##*.}" 2>/dev/null; then
        rm -rf --one-file-system "$tree"
    fi
done
TREE="$FOLDER/tree.$$" CHILD=""
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
# setpriv: what kills this script kills all inside, even SIGKILL.
DEBIAN13_INSIDE=$TREE DEBIAN13_FOLDER=$FOLDER setpriv --pdeathsig KILL \
    unshare --mount --pid --fork --kill-child --propagation private \
    bash "$SELF" "${OUTSIDE_ARGUMENTS[@]}" </dev/null &
CHILD=$!
STATUS=0
wait "$CHILD" || STATUS=$?
CHILD=""
exit "$STATUS"
