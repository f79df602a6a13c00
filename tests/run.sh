#!/usr/bin/env bash
# Set everything up, build, and run all tests:
#
#     tests/run.sh [options of e2e/run_diff.py]
#
# The last line is 'N passed, N failed'; the exit status is 0 only if none
# failed. Uses PYTHON, PYAOT_BUILD, PYAOT_JOBS and SETUP_CMAKE as
# cli/setup-lib.sh says.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/setup-lib.sh"

case "${1:-}" in
-h | --help)
    sed -n '2,/^[^#]/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit 0
    ;;
esac

# What the compiler believes is looked at, and a warning is an error.
SETUP_CMAKE=${SETUP_CMAKE:-"-DPYAOT_ASSERTS=ON -DPYAOT_WERROR=ON"}
# Where nothing is optimised clang takes a third of gcc's time.
# shellcheck disable=SC2034  # read by setup_all
SETUP_MORE="clang clang-format"
setup_all
export PYAOT_BUILD="$BUILD" PYAOT_PYTHON="$PYTHON" PYTHONDONTWRITEBYTECODE=1

# A heading, with the seconds that have passed since the script began.
section() {
    echo "== $1 (after $SECONDS s)"
}

section "unit, IR and end-to-end tests"
LOG="$BUILD/ctest.log"
(cd "$BUILD" && ctest -j "$JOBS" --output-on-failure) | tee "$LOG" || true
TOTAL=$(sed -n 's/.* tests failed out of \([0-9]*\)$/\1/p' "$LOG")
FAILED=$(sed -n 's/.*, \([0-9]*\) tests failed out of .*/\1/p' "$LOG")
if [ -z "$TOTAL" ]; then
    echo "ctest ran no tests"
    TOTAL=1 FAILED=1
fi
PASSED=$((TOTAL - FAILED))

# Run a Python program of tests/e2e and add up its closing line.
run_e2e() {
    local program=$1
    shift
    "$PYTHON" "$ROOT/tests/e2e/$program" --jobs "$JOBS" "$@" | tee "$LOG" || true
    LAST=$(tail -n 1 "$LOG")
    case "$LAST" in
    *" passed, "*" failed")
        PASSED=$((PASSED + ${LAST%% passed*}))
        LAST=${LAST##*passed, }
        FAILED=$((FAILED + ${LAST%% failed*}))
        ;;
    *) FAILED=$((FAILED + 1)) ;;
    esac
}

section "differential tests: plain, profiled, cached, stressed"
LOG="$BUILD/diff.log"
run_e2e run_diff.py "$@"

section "differential tests: everything compiled"
LOG="$BUILD/diff-everything.log"
run_e2e run_diff.py --everything --no-bench "$@"

section "differential tests: small random programs"
LOG="$BUILD/diff-random.log"
run_e2e run_random.py --count 240 --pack 80

section "all done"
echo "$PASSED passed, $FAILED failed"
[ "$FAILED" -eq 0 ]
