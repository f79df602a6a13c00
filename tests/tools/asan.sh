#!/usr/bin/env bash
# The differential tests under AddressSanitizer: pyaot, its modules and the
# native code are built with it, and the interpreter allocates by malloc.
#
#     tests/tools/asan.sh [options of e2e/run_diff.py]
#
# Without options: everything compiled, stress seed 1. Uses PYTHON, PYAOT_BUILD
# (the sanitised build goes to a folder asan in it) and CC for native code
# (default: clang where there is one, which is quicker, else gcc).
. "$(dirname "${BASH_SOURCE[0]}")/../../cli/setup-lib.sh"

case "${1:-}" in
-h | --help)
    sed -n '2,/^[^#]/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit 0
    ;;
esac

BUILD="$BUILD/asan"
mkdir -p "$BUILD"
look_for_python
setup_packages
setup_python
command -v gcc >/dev/null || die "asan.sh needs gcc and its libasan"
[ -e "$BUILD/CMakeCache.txt" ] ||
    cmake -S "$ROOT" -B "$BUILD" -DCMAKE_C_COMPILER=gcc -DPYAOT_SANITIZE=ON \
        -DPYAOT_TESTS=OFF -DPYAOT_PYTHON="$PYTHON" >"$BUILD/setup.log" 2>&1 ||
    die "cmake failed; see $BUILD/setup.log"
cmake --build "$BUILD" -j "$JOBS" >"$BUILD/setup.log" 2>&1 ||
    die "the build failed; see $BUILD/setup.log"

if [ -z "${CC:-}" ]; then
    CC=gcc
    ! command -v clang >/dev/null || CC=clang
fi
export CC="$CC -fsanitize=address"
# The preloaded library must be the one that the modules were linked with.
LD_PRELOAD="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)"
# Leaks are test_leaks.py's; frames that move to the heap would take away the
# stack depths by which the loader knows how much room there is.
ASAN_OPTIONS=detect_leaks=0:detect_stack_use_after_return=0:abort_on_error=1
export LD_PRELOAD ASAN_OPTIONS PYTHONMALLOC=malloc PYAOT_BUILD="$BUILD"
[ $# -gt 0 ] || set -- --everything --seeds 1
exec "$PYTHON" "$ROOT/tests/e2e/run_diff.py" --jobs "$JOBS" --python "$PYTHON" "$@"
