"""Measure real applications and libraries: plain CPython, plain again (the
noise), and the same interpreter with a pyaot cache.

Usage: applications.py [options] [APPLICATION ...]
  --build DIR    build tree with bin/pyaot (default: build/)
  --python PY    CPython >= 3.13 under test (default: Debian 13's)
  --rounds N     alternating rounds (default 7)
  --profiles N   recorded runs (default 1)
  --no-imports   leave the imports out
  --csv FILE     also write the figures there
  --keep DIR     keep databases and caches in DIR
  --list         name the applications and what they need, run nothing

An application is a program of tests/bench/applications; all by default. It
drives a library or a tool of Debian's packages, which are installed with
apt-get where missing (as root, on Debian 13). Lines on top of it say how:
  # install: PACKAGES     of Debian
  # args: WORDS           arguments
  # import: MODULES       what the import cost is taken of

Each round runs plain, plain and cached, in an order that goes round; ratios are
taken within each round. Printed are the processor time and the wall time of the
plain run, the ratio plain / plain of processor time (the noise), plain / cached
of processor time and of wall time, each as median and quartiles, and the
processor time of importing, plain, with the application's own cache and with
another one's. A ratio below 0.98 that the noise does not explain, one whose
quartiles lie under those of the noise, is marked `slower`. Times are never a pass
or a fail; unequal outputs are a fail.
"""

import argparse
import csv
import os
import resource
import statistics
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
for folder in ("tools", "suites"):
    sys.path.insert(0, os.path.join(os.path.dirname(HERE), folder))

import harness  # noqa: E402  (needs the path above)
import packages  # noqa: E402

import bench as programs  # noqa: E402  (from this folder)

APPLICATIONS = os.path.join(HERE, "applications")
LIMIT = 0.98
IMPORT_ROUNDS = 7
TIMEOUT = 300


class Application:
    def __init__(self, name):
        self.name = name
        self.path = os.path.join(APPLICATIONS, name + ".py")
        self.install = self.arguments = self.imports = ""
        words = {"install": "install", "args": "arguments",
                 "import": "imports"}
        with open(self.path, encoding="utf-8") as file:
            for line in file:
                key, _, value = line.removeprefix("# ").partition(": ")
                if line.startswith("# ") and key in words:
                    setattr(self, words[key], value.strip())

    @property
    def command(self):
        return [self.path, *self.arguments.split()]

    @property
    def import_command(self):
        return ["-c", "import " + ", ".join(self.imports.split())]


class Times:
    """Of one run: processor seconds, wall seconds, and what it wrote."""

    def __init__(self, call):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.perf_counter()
        result = call()
        self.wall = time.perf_counter() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.cpu = (after.ru_utime + after.ru_stime
                    - before.ru_utime - before.ru_stime)
        if result.status != 0:
            raise harness.Failure(result.err.decode(errors="replace").strip()
                                  or f"exit status {result.status}")
        self.output = result.out, result.err


def rotate(rounds, calls):
    """So many rounds of one Times for each call; each round begins with the
    next one."""
    found = []
    for number in range(rounds):
        times = {}
        for k in range(len(calls)):
            which = (number + k) % len(calls)
            times[which] = Times(calls[which])
        found.append([times[which] for which in range(len(calls))])
    return found


class Ratio:
    """Median and quartiles."""

    def __init__(self, values):
        self.median = statistics.median(values)
        self.low, self.high = programs.quartiles(values)

    def __str__(self):
        return f"{self.median:5.2f} {self.low:.2f}..{self.high:.2f}"


class Row:
    def __init__(self, name, rounds, imports):
        self.name = name
        self.cpu = statistics.median(plain.cpu for plain, _, _ in rounds)
        self.wall = statistics.median(plain.wall for plain, _, _ in rounds)
        self.noise = Ratio([a.cpu / b.cpu for a, b, _ in rounds])
        self.gain = Ratio([(a.cpu + b.cpu) / 2 / c.cpu for a, b, c in rounds])
        self.gain_wall = Ratio([(a.wall + b.wall) / 2 / c.wall
                                for a, b, c in rounds])
        self.equal = len({times.output for turn in rounds
                          for times in turn}) == 1
        self.imports = [statistics.median(turn[k].cpu for turn in imports)
                        for k in range(3)] if imports else []

    @property
    def slower(self):
        return self.gain.median < LIMIT and self.gain.high < self.noise.low

    def __str__(self):
        imports = "".join(f" {seconds * 1e3:7.1f}" for seconds in self.imports)
        return (f"{self.name:20} {self.cpu * 1e3:7.0f} {self.wall * 1e3:7.0f}"
                f"  {self.noise}  {self.gain}  {self.gain_wall} {imports}"
                f"{'  slower' if self.slower else ''}"
                f"{'' if self.equal else '  OUTPUT DIFFERS'}")


class Runner:
    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        self.bench = harness.Bench(folder, options.build, options.python)
        self.bench.environment = {"PYTHONPATH": packages.INSTALLED}
        self.other = None       # a cache made for another application

    def prepare(self, application):
        """Profile and build; returns the cache."""
        database = os.path.join(self.folder, application.name + ".db")
        cache = os.path.join(self.folder, application.name + ".cache")
        steps = [lambda: self.bench.profile(database, application.command,
                                            timeout=TIMEOUT)
                 ] * self.options.profiles
        for step in steps + [lambda: self.bench.build(database, cache)]:
            result = step()
            if result.status != 0:
                raise harness.Failure(result.err.decode(
                    errors="replace").strip()[-400:])
        return cache

    def imports(self, application, cache):
        command = application.import_command
        return rotate(IMPORT_ROUNDS, [
            lambda: self.bench.plain(command),
            lambda: self.bench.cached(cache, command),
            lambda: self.bench.cached(self.other or cache, command)])

    def measure(self, application):
        cache = self.prepare(application)
        plain = lambda: self.bench.plain(  # noqa: E731
            application.command, timeout=TIMEOUT)
        rounds = rotate(self.options.rounds, [
            plain, plain, lambda: self.bench.cached(
                cache, application.command, timeout=TIMEOUT)])
        imports = []
        if application.imports and not self.options.no_imports:
            imports = self.imports(application, cache)
        self.other = cache
        return Row(application.name, rounds, imports)


def write_csv(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["application", "cpu_seconds", "wall_seconds",
                         "noise", "noise_q1", "noise_q3", "ratio", "ratio_q1",
                         "ratio_q3", "wall_ratio", "import_seconds",
                         "import_own", "import_other", "slower", "equal"])
        for row in rows:
            imports = row.imports or [0, 0, 0]
            writer.writerow([
                row.name, *(f"{x:.4f}" for x in (
                    row.cpu, row.wall, row.noise.median, row.noise.low,
                    row.noise.high, row.gain.median, row.gain.low,
                    row.gain.high, row.gain_wall.median, *imports)),
                row.slower, row.equal])


def measure(options, folder):
    runner = Runner(options, folder)
    version = runner.bench.plain(["-VV"]).out.decode().strip()
    print(f"{version}; {options.rounds} rounds; times in ms")
    print(f"{'application':20} {'cpu':>7} {'wall':>7}  {'noise':>16}"
          f"  {'plain/cached cpu':>16}  {'wall':>16}    import     own   other")
    rows, failed = [], 0
    for application in options.applications:
        try:
            rows.append(runner.measure(application))
        except harness.Failure as failure:
            print(f"{application.name:20} FAILED: {failure}", flush=True)
            failed += 1
            continue
        print(rows[-1], flush=True)
        failed += not rows[-1].equal
    if rows:
        print(f"geometric mean of {len(rows)}: processor time "
              f"{statistics.geometric_mean(r.gain.median for r in rows):.3f},"
              f" wall "
              f"{statistics.geometric_mean(r.gain_wall.median for r in rows):.3f};"
              f" slower: {sum(r.slower for r in rows)}; failed: {failed}")
    if options.csv:
        write_csv(options.csv, rows)
    return 1 if failed else 0


def parse(words):
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="APPLICATION")
    for name in "build", "python", "csv", "keep":
        parser.add_argument("--" + name)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--profiles", type=int, default=1)
    parser.add_argument("--no-imports", action="store_true")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args(words)
    known = sorted(name[:-3] for name in os.listdir(APPLICATIONS)
                   if name.endswith(".py"))
    for name in options.names:
        if name not in known:
            parser.error(f"no application {name}; there are "
                         + ", ".join(known))
    options.applications = [Application(name)
                            for name in options.names or known]
    return options


def main():
    options = parse(sys.argv[1:])
    if options.list:
        for application in options.applications:
            print(f"{application.name:20} {application.install}")
        return 0
    packages.install(sorted({name for application in options.applications
                             for name in application.install.split()}))
    return programs.run_in_folder(options, measure)


if __name__ == "__main__":
    sys.exit(main())
