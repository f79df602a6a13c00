#!/usr/bin/env bash
# From a fresh machine to a program that runs compiled:
#
#     cli/quickstart.sh [APP.PY [ARGS]]
#
# Sets everything up (see setup-lib.sh), then profiles, builds and runs the
# program and prints plain against pyaot. Without a program it takes the
# sample app, which reads this machine's package database.
#
# QUICKSTART_ROUNDS  alternating runs of each kind (default 7)
. "$(dirname "${BASH_SOURCE[0]}")/setup-lib.sh"

case "${1:-}" in
-h | --help)
    sed -n '2,/^[^#]/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit 0
    ;;
esac

if [ $# -eq 0 ]; then
    set -- "$ROOT/tests/apps/debgraph.py"
    [ -e /var/lib/dpkg/status ] ||
        die "no /var/lib/dpkg/status here: give a program, quickstart.sh APP.PY"
fi
[ -e "$1" ] || die "there is no program $1"
setup_all

WORK="$BUILD/quickstart/$(basename "$1" .py)"
mkdir -p "$WORK"
DATABASE="$WORK/pyaot.db"
CACHE="$WORK/cache"
rm -rf "$DATABASE" "$DATABASE"-* "$CACHE"

step() {
    printf '\n$ %s\n' "$*"
}

step "pyaot profile $*"
"$PYAOT" profile -o "$DATABASE" --python "$VENV_PYTHON" "$@" </dev/null ||
    say "the program ended with status $?"
step "pyaot build"
"$PYAOT" build -i "$DATABASE" -o "$CACHE" -j "$JOBS"
step "PYAOT_CACHE=./cache python $*"
"$VENV_PYTHON" -I "$ROOT/cli/quickstart_compare.py" "$VENV_PYTHON" "$CACHE" \
    "${QUICKSTART_ROUNDS:-7}" "$@"
cat <<END

To go on by hand:
  pyaot   $PYAOT
  python  $VENV_PYTHON
  cache   PYAOT_CACHE=$CACHE
END
