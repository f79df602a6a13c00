"""Measure what an enabled interpreter's start costs a program that does not
use pyaot (its variables unset), against the same interpreter without the hook.

Usage: startup.py [options]
  --build DIR      build tree with bin/pyaot (default: build/)
  --python PY      CPython >= 3.13 under test
  --pairs N        alternating pairs of starts in each row (default 300)
  --first          the first row only: the environment as it is
  --cache DIR      also with PYAOT_CACHE=DIR
  --instructions   also count instructions, by valgrind's callgrind

Two identical virtual environments, one of them enabled, start an empty program
in turn, in an order that changes from pair to pair. Printed are the median of
the plain starts, and of the differences within each pair the median, the
quartiles, and the mean with its standard error, a tenth cut off at each end.
The rows are the kinds of hook that enable chooses where nothing stands in its
way, where somebody has a sitecustomize, where there is another .pth file, too,
and where the sitecustomize is Debian's. Figures only, never a pass or a fail.
"""

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "tools"))

import harness  # noqa: E402  (needs the path above)

DEBIAN = """\
try:
    import apport_python_hook
except ImportError:
    pass
else:
    apport_python_hook.install()
"""

# name, its sitecustomize in front, another .pth file
ROWS = (("as it is", None, False),
        ("own sitecustomize", "", False),
        ("the same, and a .pth", "", True),
        ("Debian's sitecustomize", DEBIAN, False))


def read_options(words):
    options = {"--build": None, "--python": None, "--pairs": "300",
               "--cache": None, "--instructions": False, "--first": False}
    words = list(words)
    while words:
        word = words.pop(0)
        if word in ("-h", "--help"):
            print(__doc__.strip())
            sys.exit(0)
        if word not in options:
            sys.exit(f"startup.py: unknown option {word}")
        if word in ("--instructions", "--first"):
            options[word] = True
        elif words:
            options[word] = words.pop(0)
        else:
            sys.exit(f"startup.py: {word} needs a value")
    return options


def start(python, environment):
    """Wall and processor seconds of one empty program."""
    begin = time.perf_counter()
    pid = os.posix_spawn(python, [python, "-c", "pass"], environment)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - begin
    if status != 0:
        raise harness.Failure(f"{python} ended with status {status}")
    return wall, usage.ru_utime + usage.ru_stime


def measure(plain, enabled, pairs):
    """Pairs of (wall, processor) times; each side is (python, environment)."""
    rows = []
    for number in range(pairs + 5):
        if number % 2:
            first = start(*plain)
            rows.append((first, start(*enabled)))
        else:
            second = start(*enabled)
            rows.append((start(*plain), second))
    return rows[5:]     # files are in memory by then


def say(name, what, rows):
    for column, clock in ((0, "wall"), (1, "cpu")):
        plain = statistics.median(a[column] for a, _ in rows) * 1e3
        differences = sorted((b[column] - a[column]) * 1e3 for a, b in rows)
        low, middle, high = statistics.quantiles(differences, n=4)
        tenth = len(differences) // 10
        inner = differences[tenth:len(differences) - tenth]
        error = statistics.stdev(inner) / len(inner) ** 0.5
        print(f"{name:23} {what:21} {clock:4} {plain:8.3f} {middle:+8.3f}"
              f"  {low:+.3f}..{high:+.3f}  {statistics.fmean(inner):+.3f}"
              f" +-{error:.3f}", flush=True)


def instructions(side):
    python, environment = side
    result = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
         python, "-c", "pass"], env={**environment, "PYTHONHASHSEED": "0"},
        capture_output=True, check=True)
    return int(re.search(rb"Collected : (\d+)", result.stderr).group(1))


def site_packages(python):
    result = harness.run(
        [python, "-I", "-c",
         "import sysconfig; print(sysconfig.get_path('purelib'))"],
        harness.clean_environment())
    return result.out.decode().strip()


def prepare(bench, folder, row):
    """Both interpreters in a row's environment; the hook's file name."""
    _, customize, has_pth = row
    more = {}
    if customize is not None:
        more["PYTHONPATH"] = tempfile.mkdtemp(dir=folder)
        path = os.path.join(more["PYTHONPATH"], "sitecustomize.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write(customize)
        subprocess.run([bench.base_python, "-m", "py_compile", path],
                       check=True)
    sides = []
    for name in ("plain", "enabled"):
        venv = os.path.join(folder, name)
        shutil.rmtree(venv, ignore_errors=True)
        sides.append(harness.make_venv(bench.base_python, venv))
        if has_pth:
            path = os.path.join(site_packages(sides[-1]), "another.pth")
            with open(path, "w", encoding="utf-8") as file:
                file.write("\n")
    environment = harness.clean_environment(**more)
    result = harness.run([bench.pyaot, "enable", "--python", sides[1]],
                         environment)
    if result.status != 0:
        raise harness.Failure(result.err.decode(errors="replace").strip())
    hook = re.search(r"([\w.]+)\)\n$", result.out.decode()).group(1)
    return hook, [(python, environment) for python in sides]


def main():
    options = read_options(sys.argv[1:])
    pairs = int(options["--pairs"])
    try:
        with tempfile.TemporaryDirectory(prefix="pyaot-start-") as folder:
            bench = harness.Bench(folder, options["--build"],
                                  options["--python"])
            version = bench.plain(["-VV"]).out.decode().strip()
            print(f"{version}; {pairs} pairs; times in ms")
            print(f"{'environment':23} {'hook':21} {'':4} {'plain':>8}"
                  f" {'median':>8}  quartiles         mean")
            for row in ROWS[:1] if options["--first"] else ROWS:
                hook, (plain, enabled) = prepare(bench, folder, row)
                say(row[0], hook, measure(plain, enabled, pairs))
                if options["--instructions"]:
                    before, after = instructions(plain), instructions(enabled)
                    print(f"{row[0]:23} {hook:21} {before} instructions"
                          f" {after - before:+}", flush=True)
                if row is ROWS[0] and options["--cache"]:
                    cached = (enabled[0], {
                        **enabled[1],
                        "PYAOT_CACHE": os.path.abspath(options["--cache"])})
                    say("with a cache", hook, measure(plain, cached, pairs))
    except harness.Failure as failure:
        print(f"startup.py: {failure}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
