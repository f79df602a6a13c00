"""CPython's own test suite, plain, profiled and cached: the same outcomes.

Usage: cpython.py [options] [MODULE ...]

Needs the interpreter's `test` package: libpython3.13-testsuite on Debian 13.
Without names it takes those of cpython_modules.txt.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import suites  # noqa: E402  (needs the path above)

ABOUT = """\
CPython's own tests, of Debian 13's libpython3.13-testsuite, run plain, under
`pyaot profile --everything`, and with a cache that `pyaot build --everything`
made of these profiles. `same`: each test had the same outcome as plain."""


def read_list(quick):
    """Lists of names, from lines of cpython_modules.txt."""
    with open(os.path.join(HERE, "cpython_modules.txt"),
              encoding="utf-8") as file:
        lines = [line.split() for line in file if not line.startswith("#")]
    groups = [[word.rstrip("*") for word in words
               if word.endswith("*") or not quick] for words in lines]
    return [group for group in groups if group]


def main():
    parser = suites.parser(__doc__)
    parser.add_argument("modules", nargs="*", metavar="MODULE")
    parser.add_argument("--quick", action="store_true",
                        help="only the quick modules")
    options = parser.parse_args()
    groups = ([options.modules] if options.modules
              else read_list(options.quick))
    return suites.run_groups(
        options, [[suites.Job(name, "regrtest", [name]) for name in group]
                  for group in groups],
        "CPython's own test suite",
        "python3.13 tests/suites/cpython.py --table tests/suites/CPYTHON.md",
        ABOUT)


if __name__ == "__main__":
    sys.exit(main())
