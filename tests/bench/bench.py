"""Measure plain CPython against the same interpreter with a pyaot cache.

Usage: bench.py [options] [PROGRAM ...]
  --build DIR    build tree with bin/pyaot (default: build/)
  --python PY    CPython >= 3.13 under test
  --rounds N     alternating rounds (default 5)
  --repeat N     calls of run(n) in each steady-state process (default 7)
  --app          the sample app instead of the programs, whole process
  --short        short programs only (under 100 ms plain), whole process
  --profile-cost plain against `pyaot profile`, processor time of the whole
                 process: how many times slower the profiled run is
  --csv FILE     also write the figures there
  --keep DIR     keep databases and caches in DIR

PROGRAM is a file, or a name in tests/bench/programs; all of them by default.
Each round runs plain and cached once after the other, in an order that
changes from round to round; a ratio is taken within each round. Printed are
the median of the plain and cached times, and the median of the ratios with
their quartiles. Times are never a pass or a fail; unequal outputs are a fail.
"""

import csv
import json
import os
import resource
import statistics
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "tools"))

import harness  # noqa: E402  (needs the path above)

PROGRAMS = os.path.join(HERE, "programs")
APP = os.path.join(os.path.dirname(HERE), "apps", "debgraph.py")
STEADY = os.path.join(HERE, "steady.py")
SHORT = ("short_cli", "ackermann", "scan_text")


class Options:
    def __init__(self, words):
        self.build = self.python = self.csv = self.keep = None
        self.rounds = 5
        self.repeat = 7
        self.app = self.short = self.profile_cost = False
        self.programs = []
        words = list(words)
        while words:
            word = words.pop(0)
            if word in ("-h", "--help"):
                print(__doc__.strip())
                sys.exit(0)
            elif word in ("--build", "--python", "--csv", "--keep"):
                setattr(self, word[2:], self.value(word, words))
            elif word in ("--rounds", "--repeat"):
                setattr(self, word[2:], int(self.value(word, words)))
            elif word in ("--app", "--short", "--profile-cost"):
                setattr(self, word[2:].replace("-", "_"), True)
            elif word.startswith("-"):
                sys.exit(f"bench.py: unknown option {word}")
            else:
                self.programs.append(word)

    @staticmethod
    def value(word, words):
        if not words:
            sys.exit(f"bench.py: {word} needs a value")
        return words.pop(0)

    def paths(self):
        if self.app:
            return [APP]
        names = self.programs or (SHORT if self.short else sorted(
            name[:-3] for name in os.listdir(PROGRAMS)
            if name.endswith(".py")))
        return [name if name.endswith(".py")
                else os.path.join(PROGRAMS, name + ".py") for name in names]


def quartiles(values):
    if len(values) < 2:
        return values[0], values[0]
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, high


class Row:
    """The figures of one program in one mode."""

    def __init__(self, program, mode, pairs, equal):
        self.program = program
        self.mode = mode
        self.equal = equal
        self.rounds = len(pairs)
        self.plain = statistics.median(plain for plain, _ in pairs)
        self.cached = statistics.median(cached for _, cached in pairs)
        ratios = [plain / cached for plain, cached in pairs]
        self.ratio = statistics.median(ratios)
        self.low, self.high = quartiles(ratios)

    def __str__(self):
        return (f"{self.program:16} {self.mode:7} {self.plain * 1e3:10.2f}"
                f" {self.cached * 1e3:10.2f} {self.ratio:8.2f}"
                f"  {self.low:.2f}..{self.high:.2f}"
                f"  {'equal' if self.equal else 'OUTPUT DIFFERS'}")


def alternate(rounds, plain, cached):
    """Pairs of (plain, cached) measurements, the order swapped each round."""
    pairs = []
    for number in range(rounds):
        if number % 2 == 0:
            first = plain()
            pairs.append((first, cached()))
        else:
            second = cached()
            pairs.append((plain(), second))
    return pairs


def processor_seconds():
    """Of all children that have ended: as fine as the kernel counts."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def timed(call, clock=time.perf_counter):
    start = clock()
    result = call()
    seconds = clock() - start
    if result.status != 0:
        raise harness.Failure(result.err.decode(errors="replace").strip()
                              or f"exit status {result.status}")
    return seconds, result.out


def measure_whole(bench, name, path, cache, rounds):
    pairs = alternate(rounds,
                      lambda: timed(lambda: bench.plain([path])),
                      lambda: timed(lambda: bench.cached(cache, [path])))
    outputs = {out for pair in pairs for _, out in pair}
    return Row(name, "whole", [(a[0], b[0]) for a, b in pairs],
               len(outputs) == 1)


def measure_profile(bench, folder, name, path, rounds):
    """The ratio is profiled / plain here: what recording costs."""
    database = os.path.join(folder, name + ".cost.db")

    def profiled():
        for suffix in ("", "-wal", "-shm"):
            if os.path.exists(database + suffix):
                os.remove(database + suffix)
        return timed(lambda: bench.profile(database, [path]),
                     processor_seconds)

    pairs = alternate(rounds, lambda: timed(lambda: bench.plain([path]),
                                            processor_seconds), profiled)
    outputs = {out for pair in pairs for _, out in pair}
    row = Row(name, "profile", [(a[0], b[0]) for a, b in pairs],
              len(outputs) == 1)
    row.ratio, row.low, row.high = 1 / row.ratio, 1 / row.high, 1 / row.low
    return row


def steady_run(call):
    _, out = timed(call)
    figures = json.loads(out)
    return (statistics.median(figures["seconds"]), figures["value"],
            figures["same"])


def measure_steady(bench, name, path, cache, rounds, repeat):
    arguments = [STEADY, path, str(repeat)]
    pairs = alternate(
        rounds,
        lambda: steady_run(lambda: bench.plain(arguments)),
        lambda: steady_run(lambda: bench.cached(cache, arguments)))
    values = {value for pair in pairs for _, value, _ in pair}
    same = all(same for pair in pairs for _, _, same in pair)
    return Row(name, "steady", [(a[0], b[0]) for a, b in pairs],
               same and len(values) == 1)


def prepare(bench, folder, name, path, steady):
    """Profile and build one program; returns its cache."""
    database = os.path.join(folder, name + ".db")
    cache = os.path.join(folder, name + ".cache")
    runs = [[path]] + ([[STEADY, path, "2"]] if steady else [])
    for arguments in runs:
        result = bench.profile(database, arguments)
        if result.status != 0:
            raise harness.Failure("profile: " + result.err.decode(
                errors="replace").strip())
    result = bench.build(database, cache)
    if result.status != 0:
        raise harness.Failure("build: " + result.err.decode(
            errors="replace").strip())
    return cache


def measure(options, folder):
    bench = harness.Bench(folder, options.build, options.python)
    version = bench.plain(["-VV"]).out.decode().strip()
    print(f"{version}; {options.rounds} rounds; times in ms")
    print(f"{'program':16} {'mode':7} {'plain':>10} {'pyaot':>10}"
          f" {'ratio':>8}  quartiles")
    whole_only = options.app or options.short
    rows = []
    failed = False
    for path in options.paths():
        name = os.path.basename(path)[:-3]
        try:
            if options.profile_cost:
                rows.append(measure_profile(bench, folder, name, path,
                                            options.rounds))
                print(rows[-1], flush=True)
                failed = failed or not rows[-1].equal
                continue
            cache = prepare(bench, folder, name, path, not whole_only)
            found = []
            if not whole_only:
                found.append(measure_steady(bench, name, path, cache,
                                            options.rounds, options.repeat))
            found.append(measure_whole(bench, name, path, cache,
                                       options.rounds))
        except harness.Failure as failure:
            print(f"{name:16} FAILED: {failure}")
            failed = True
            continue
        for row in found:
            print(row, flush=True)
            failed = failed or not row.equal
        rows += found
    for mode in ("steady", "whole", "profile"):
        ratios = [row.ratio for row in rows if row.mode == mode]
        if len(ratios) > 1:
            print(f"{'geometric mean':16} {mode:7} {'':21}"
                  f" {statistics.geometric_mean(ratios):8.2f}")
    if options.csv:
        with open(options.csv, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["program", "mode", "rounds", "plain_seconds",
                             "pyaot_seconds", "ratio", "ratio_q1",
                             "ratio_q3", "equal"])
            for row in rows:
                writer.writerow([row.program, row.mode, row.rounds,
                                 f"{row.plain:.6f}", f"{row.cached:.6f}",
                                 f"{row.ratio:.3f}", f"{row.low:.3f}",
                                 f"{row.high:.3f}", row.equal])
    return 1 if failed else 0


def run_in_folder(options, measure):
    """measure(options, folder) in the folder of --keep, or one that goes; the
    exit status."""
    try:
        if options.keep:
            os.makedirs(options.keep, exist_ok=True)
            return measure(options, os.path.abspath(options.keep))
        with tempfile.TemporaryDirectory(prefix="pyaot-bench-") as folder:
            return measure(options, folder)
    except harness.Failure as failure:
        print(f"{os.path.basename(sys.argv[0])}: {failure}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(run_in_folder(Options(sys.argv[1:]), measure))
