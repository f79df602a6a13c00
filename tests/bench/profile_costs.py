"""Measure what `pyaot profile` costs: processor time of whole processes, as a
ratio to the same program plain.

Usage: profile_costs.py [options] [PROGRAM ...]
  --build DIR      build tree with bin/pyaot (default: build/)
  --python PY      CPython >= 3.13 under test
  --rounds N       rounds of one plain and one recorded run each (default 7)

Without names: the bench programs and the sample app. The two runs of a round
take turns at being first. Printed are the median of the ratios of the rounds
and their quartiles, and the milliseconds of the plain run. Figures only, never
a pass or a fail; a program that prints something else recorded is named.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(TESTS, "tools"))

import harness  # noqa: E402  (needs the path above)


def find(name):
    for path in (name, os.path.join(HERE, "programs", name + ".py"),
                 os.path.join(TESTS, "programs", name + ".py"),
                 os.path.join(TESTS, "apps", name + ".py")):
        if os.path.isfile(path):
            return os.path.abspath(path)
    raise harness.Failure(f"no program {name}")


def every_program():
    for folder in os.path.join(HERE, "programs"), os.path.join(TESTS, "apps"):
        for name in sorted(os.listdir(folder)):
            if name.endswith(".py"):
                yield os.path.join(folder, name)


def cost(command, folder):
    """Processor seconds and standard output of one process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE,
                          env=harness.clean_environment(), check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime + after.ru_stime
            - before.ru_stime, done.stdout)


def measure(bench, path, rounds):
    """The ratios of all rounds, the plain seconds, and whether all runs
    printed the same."""
    database = os.path.join(bench.folder, "pyaot.db")
    plain_command = [bench.python, path]
    recorded_command = [bench.pyaot, "profile", "-q", "-o", database,
                        "--python", *plain_command]
    ratios, seconds, outputs = [], [], set()
    for number in range(rounds):
        for suffix in ("", "-wal", "-shm"):
            if os.path.exists(database + suffix):
                os.unlink(database + suffix)
        pair = [plain_command, recorded_command]
        results = [cost(command, bench.folder)
                   for command in (pair[::-1] if number % 2 else pair)]
        (plain, a), (recorded, b) = results[::-1] if number % 2 else results
        ratios.append(recorded / plain)
        seconds.append(plain)
        outputs |= {a, b}
    return ratios, seconds, len(outputs) == 1


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", nargs="*", metavar="PROGRAM")
    parser.add_argument("--build")
    parser.add_argument("--python")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    paths = [find(name) for name in options.programs] or list(every_program())
    medians = []
    with tempfile.TemporaryDirectory(prefix="pyaot-costs-") as folder:
        bench = harness.Bench(folder, options.build, options.python)
        for path in paths:
            ratios, seconds, same = measure(bench, path, options.rounds)
            medians.append(statistics.median(ratios))
            low, _, high = (statistics.quantiles(ratios, n=4)
                            if len(ratios) > 1 else ratios * 3)
            name = os.path.splitext(os.path.basename(path))[0]
            print(f"{name:20} {medians[-1]:5.2f}x  ({low:.2f}..{high:.2f})"
                  f"  plain {1000 * statistics.median(seconds):.0f} ms"
                  + ("" if same else "  OTHER OUTPUT"), flush=True)
    print(f"{'geometric mean':20} {statistics.geometric_mean(medians):5.2f}x"
          f"  of {len(medians)} programs")


if __name__ == "__main__":
    try:
        main()
    except harness.Failure as failure:
        sys.exit(f"profile_costs.py: {failure}")
