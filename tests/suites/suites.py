"""What the runners of others' test suites share: run test modules plain,
profiled and with a cache, compare the outcomes by test id, find out which
differ between plain runs too, and write the table.

A job is what recorder.py takes for one process, say one test module. Each
runs alone, and each group of jobs once more, all in one process: plain, then
profiled, then with one cache that is built from all these profiles together.
"""

import argparse
import collections
import concurrent.futures
import os
import re
import shutil
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "tools"))

import harness  # noqa: E402  (needs the path above)

RECORDER = os.path.join(HERE, "recorder.py")
KNOWN = os.path.join(HERE, "known.txt")
# A difference counts unless one of so many further plain runs shows the same.
PLAIN_RETRIES = 4
BUILD_SECONDS = 7200
PROCESS = "the process"     # stands for a test's id


class Job:
    """recorder.py's arguments for one process."""

    def __init__(self, name, kind, arguments, cwd=None, timeout=300, **more):
        self.name = name
        self.kind = kind
        self.arguments = list(arguments)
        self.cwd = cwd
        self.timeout = timeout
        self.environment = more
        self.group = False

    @staticmethod
    def together(jobs):
        """All of them in one process."""
        arguments = [word for job in jobs for word in job.arguments]
        job = Job(f"{jobs[0].name} to {jobs[-1].name}", jobs[0].kind,
                  arguments, jobs[0].cwd, sum(job.timeout for job in jobs),
                  **jobs[0].environment)
        job.group = True
        return job


class Run:
    """Outcomes of one run: test id -> words, in the order they came."""

    def __init__(self, path, result):
        self.entered = self.entered_in_tests = 0
        self.outcomes = collections.defaultdict(str)
        unfinished = None
        try:
            with open(path, encoding="utf-8") as file:
                lines = file.read().splitlines()
        except OSError:
            lines = []
        for line in lines:
            word, _, test = line.partition("\t")
            # Addresses in ids of parametrised tests.
            test = re.sub(r"\b0x[0-9a-f]{6,}", "0x...", test)
            if word == "entered":
                self.entered, self.entered_in_tests = map(int, test.split())
            elif word == "start":
                self.outcomes[test] += ""
            else:
                self.outcomes[test] += " " * bool(self.outcomes[test]) + word
            unfinished = test if word == "start" else None
        self.ending = f"status {result.status}"
        self.cut = not isinstance(result.status, int) or result.status < 0
        if self.cut and unfinished:
            self.ending += f" in {unfinished}"

    def of(self, test):
        """What came of a test. One that fails may do so in several threads, as
        many as come to it in time: that counts once."""
        if test is PROCESS:
            return self.ending
        words = self.outcomes.get(test)
        return words and " ".join(dict.fromkeys(words.split()))

    def counts(self):
        words = collections.Counter(
            word for words in self.outcomes.values()
            for word in words.split())
        return ", ".join(f"{n} {word}" for word, n in sorted(
            words.items(), key=lambda item: (item[0] != "ok", item[0])))


class Difference:
    def __init__(self, test, plain, other):
        self.test = test
        self.plain = plain
        self.other = other

    def __str__(self):
        return f"{self.test}: {self.plain or 'none'} became " \
               f"{self.other or 'none'}"


def compare(plain, other):
    """After a crash or timeout the tests that it left out are no
    differences of their own."""
    return [Difference(test, plain.of(test), other.of(test))
            for test in [PROCESS, *sorted(plain.outcomes.keys()
                                          | other.outcomes.keys())]
            if plain.of(test) != other.of(test)
            and not (other.cut and not other.of(test))]


def read_known(path=KNOWN):
    """Differences that have a reason: (way, test's id) -> the reason. A line is
    one or a reason, which holds for all below it up to the next:

        # what the documents say of it
        profiled test.test_dis.DisTests.test_loop_quicken
    """
    known, reason = {}, ""
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith("#"):
                reason = line.strip("# \n")
            elif line.strip():
                way, test = line.split(maxsplit=1)
                known[way, test.strip()] = reason
    return known


class Row:
    """One line of the table: a job in all ways."""

    def __init__(self, job):
        self.job = job
        self.name = job.name
        self.plain = None
        self.found = {}         # way -> differences
        self.known = {}         # (way, test) -> the reason
        self.unstable = set()
        self.entered = self.entered_in_tests = 0
        self.seconds = collections.Counter()

    def differences(self):
        return sum(map(len, self.found.values()))


class Runner:
    """Runs jobs in a folder."""

    def __init__(self, folder, options):
        self.folder = os.path.join(folder, "runs")
        self.cache = os.path.join(folder, "cache")
        self.database = os.path.join(folder, "pyaot.db")
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        self.bench = harness.Bench(folder, options.build, options.python)
        self.everything = ["--everything"] * (not options.hot)
        self.jobs = options.jobs
        self.known = read_known()

    def run(self, row, way, number=""):
        """One process."""
        job = row.job
        stem = os.path.join(self.folder, job.name)
        path = f"{stem}.{way}{number}.txt"
        words = [RECORDER, path, job.kind, *job.arguments]
        environment = harness.clean_environment(**job.environment)
        if way == "profiled":
            words = [self.bench.pyaot, "profile", "-q", *self.everything,
                     "-o", stem + ".db", "--python", self.bench.python,
                     *words]
        else:
            words.insert(0, self.bench.python)
        if way == "cached":
            environment["PYAOT_CACHE"] = self.cache
        start = time.monotonic()
        result = harness.run(words, environment, job.cwd or self.folder,
                             job.timeout)
        row.seconds[way] += time.monotonic() - start
        with open(f"{stem}.{way}{number}.log", "wb") as file:
            file.write(result.out + result.err)
        return Run(path, result)

    def check(self, row, way):
        """The differences from plain that no further plain run shows."""
        run = self.run(row, way)
        found = compare(row.plain, run)
        seen = {d.test: {d.plain} for d in found}
        if found:
            for number in range(PLAIN_RETRIES):
                again = self.run(row, "plain", number)
                for test, words in seen.items():
                    words.add(again.of(test))
        found_now = [d for d in found if d.other not in seen[d.test]]
        row.known.update({(way, d.test): self.known[way, d.test]
                          for d in found_now if (way, d.test) in self.known})
        found_now = [d for d in found_now if (way, d.test) not in row.known]
        if all(d.test is PROCESS and not run.cut for d in found_now):
            if any(known_way == way for known_way, _ in row.known):
                found_now = []          # its status tells of them
        row.found[way] = found_now
        row.unstable |= {d.test for d in found if d.other in seen[d.test]}
        return run

    def before(self, row):
        row.plain = self.run(row, "plain")
        if not row.plain.outcomes:
            raise harness.Failure(f"{row.name}: no test ran; see --folder")
        self.check(row, "profiled")
        return row

    def after(self, row):
        run = self.check(row, "cached")
        row.entered = run.entered
        row.entered_in_tests = run.entered_in_tests
        return row

    def build(self, rows):
        """One cache of all profiles. clang is three times as quick as gcc
        where it does not optimise."""
        environment = harness.clean_environment()
        if "CC" not in environment and shutil.which("clang"):
            environment["CC"] = "clang"
        databases = [path for path in (os.path.join(
            self.folder, row.name + ".db") for row in rows)
            if os.path.exists(path)]
        shutil.rmtree(self.cache, ignore_errors=True)
        for path in (self.database, self.database + "-wal",
                     self.database + "-shm"):
            if os.path.exists(path):
                os.unlink(path)
        for words in (["merge", *databases, "-o", self.database],
                      ["build", *self.everything, "-i", self.database, "-o",
                       self.cache, "-j", str(self.jobs)]):
            result = harness.run([self.bench.pyaot, *words], environment,
                                 timeout=BUILD_SECONDS)
            if result.status != 0:
                raise harness.Failure(
                    f"pyaot {words[0]}: "
                    + result.err.decode(errors="replace")[-1000:])

    def every(self, step, rows):
        """The step for all rows, some at a time; yields them as they end."""
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            for future in concurrent.futures.as_completed(
                    [pool.submit(step, row) for row in rows]):
                yield future.result()


# --- the table ---------------------------------------------------------------

def cell(row, way):
    found = row.found.get(way)
    if found is None:
        return "-"
    return f"**{len(found)} differ**" if found else "same"


def report(rows, title, command, about):
    """The text of a results file."""
    alone = [row for row in rows if not row.job.group]
    tests = sum(len(row.plain.outcomes) for row in alone)
    idle = [row.name for row in alone if not row.entered_in_tests]
    differ = [row for row in rows if row.differences()]
    unstable = sorted({test for row in rows for test in row.unstable})
    lines = [f"# {title}", "", about, "", f"Made by `{command}`.", "",
             f"{len(alone)} modules, {tests} tests; outcomes differ from "
             f"plain in {len(differ)} of {len(rows)} rows.", "",
             "| module | tests | plain | profiled | cached "
             "| executors entered | in tests |",
             "| --- | ---: | --- | --- | --- | ---: | ---: |"]
    for row in rows:
        lines.append(f"| {row.name} | {len(row.plain.outcomes)} "
                     f"| {row.plain.counts()} "
                     f"| {cell(row, 'profiled')} | {cell(row, 'cached')} "
                     f"| {row.entered} | {row.entered_in_tests} |")
    if idle:
        lines += ["", "These prove little, as no executor was entered in a "
                  "function of the tests that was alive at the end: "
                  + ", ".join(idle) + "."]
    if unstable:
        lines += ["", "Not the same in plain runs either, so not compared: "
                  + ", ".join(f"`{test}`" for test in unstable) + "."]
    known = {key: reason for row in alone for key, reason in row.known.items()}
    for reason in sorted(set(known.values())):
        lines += ["", f"{reason}: " + ", ".join(
            f"`{test}` ({way})" for (way, test), why in sorted(known.items())
            if why == reason) + "."]
    for row in differ:
        lines += ["", f"## {row.name}", ""]
        for way, found in row.found.items():
            lines += [f"- {way}: {difference}" for difference in found]
    return "\n".join(lines) + "\n"


def show(row):
    print(f"{'FAIL' if row.differences() else 'ok  '} {row.name}:"
          f" {len(row.plain.outcomes)} tests, executors entered"
          f" {row.entered} times, {row.entered_in_tests} in tests ("
          + ", ".join(f"{way} {seconds:.0f} s"
                      for way, seconds in row.seconds.items()) + ")")
    for way, found in row.found.items():
        for difference in found:
            print(f"  {way}: {difference}")
    sys.stdout.flush()


def parser(description):
    result = argparse.ArgumentParser(
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    result.add_argument("--build", help="build tree with bin/pyaot")
    result.add_argument("--python", help="the CPython 3.13 under test")
    result.add_argument("--table", metavar="FILE",
                        help="write the table there")
    result.add_argument("--hot", action="store_true",
                        help="compile what is hot, as profile and build do "
                        "by default, instead of everything")
    result.add_argument("--jobs", type=int, metavar="N",
                        default=min(2, os.cpu_count() or 1),
                        help="processes at a time (default: processors, at "
                        "most 2)")
    result.add_argument("--at-once", type=int, metavar="N", default=24,
                        help="so many jobs for one cache, or one group "
                        "(default: %(default)s); 40 take 4 GB to build")
    result.add_argument("--folder", help="work there and keep what came of "
                        "it: profiles, cache, outcomes")
    result.add_argument("-v", action="store_true", dest="verbose",
                        help="a line for each step")
    return result


def chunks(groups, most):
    """The groups in lists of at most so many jobs, but at least a group."""
    chunk = []
    for group in groups:
        if chunk and sum(map(len, chunk)) + len(group) > most:
            yield chunk
            chunk = []
        chunk.append(group)
    if chunk:
        yield chunk


def run_chunk(runner, groups, verbose):
    """All ways of all jobs, with one cache; returns the rows."""
    jobs = [job for group in groups for job in group]
    jobs += [Job.together(group) for group in groups if len(group) > 1]
    rows = [Row(job) for job in jobs]
    start = time.monotonic()
    for row in runner.every(runner.before, rows):
        if verbose or row.differences():
            show(row)
    between = time.monotonic()
    runner.build(rows)
    built = time.monotonic()
    for row in runner.every(runner.after, rows):
        show(row)
    print(f"{between - start:.0f} s plain and profiled, "
          f"{built - between:.0f} s to build, "
          f"{time.monotonic() - built:.0f} s cached", flush=True)
    return rows


def run_groups(options, groups, title, command, about):
    """groups: lists of jobs that are also run together. Prints a line for
    each job and the closing line; returns the exit status."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="pyaot-suites-") as temporary:
        runner = Runner(os.path.abspath(options.folder or temporary), options)
        for chunk in chunks(groups, options.at_once):
            rows += run_chunk(runner, chunk, options.verbose)
            if options.table:
                with open(options.table, "w", encoding="utf-8") as file:
                    file.write(report(rows, title, command, about))
    failed = sum(1 for row in rows if row.differences())
    print(f"{len(rows) - failed} passed, {failed} failed")
    return 1 if failed else 0
