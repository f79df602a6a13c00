#!/usr/bin/env bash
# The quick modules of CPython's own tests, on Debian 13, as CI runs them after
# tests/run.sh:
#
#     tests/suites/cpython-quick.sh [options of cpython.py]
#
# Installs their package if it is missing; that takes root.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/../../cli/setup-lib.sh"

PACKAGE=libpython3.13-testsuite
dpkg -s "$PACKAGE" >/dev/null 2>&1 ||
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y \
        --no-install-recommends "$PACKAGE" >&2
setup_all
PYAOT_BUILD="$BUILD" "$PYTHON" "$ROOT/tests/suites/cpython.py" --quick "$@"
