"""Differential tests: nobody can tell, except by the clock.

Each program runs plain, under `pyaot profile`, and, after `pyaot build`, with
the cache, and with the cache in stress mode (PYAOT_STRESS=seed makes guards
fail at random). Exit status, standard output and standard error must be equal
byte for byte each time.

Usage: run_diff.py [options] [PROGRAM ...]
  --build DIR     build tree with bin/pyaot (default: build/)
  --python PY     CPython >= 3.13 under test
  --seeds A,B,..  stress seeds (default 1; empty for none)
  --jobs N        programs at a time (default: processors, at most 2)
  --everything    record and compile all code, however cold (`pyaot profile
                  --everything`, `pyaot build --everything`), all programs
                  in one cache, those of surprises/ too; no stress seeds
                  unless given
  --fast          compile without optimisation: much quicker to build
  --no-bench      leave out the bench programs and the sample app
  --self          plain against plain only: checks the programs themselves
  --random N      N random programs instead (tools/random_program.py)
  --first-seed S  seed of the first of them (default 1)
  --keep DIR      keep databases, caches and statistics in DIR
  -v              a line for each program

Comments on top of a program say how it is run:
  # args: WORDS           arguments; each such line is one more run
  # profile-args: WORDS   arguments of the profiled run (default: the first
                          args line), so that compiled code meets other types
  # stdin: TEXT           standard input
  # native: no            native code is not expected to be entered

The closing lines say in how many programs native code was entered, and
'N passed, N failed'. Too few entered programs count as one failure.
"""

import concurrent.futures
import difflib
import os
import shlex
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(TESTS, "tools"))

import harness  # noqa: E402  (needs the path above)
import random_program  # noqa: E402

# Programs of the folder in which native code must be entered. Raise it when
# more are covered; a fall below it means that compiled code is lost.
NATIVE_FLOOR = 125
EVERYTHING_FLOOR = 125      # the same with --everything

# The C library fills memory that is given back: whoever still looks at it, or
# takes new memory for zeroed, does not find what it was.
POISON = {"MALLOC_PERTURB_": "165"}

TIMEOUT_SECONDS = 60
RANDOM_SECONDS = 3      # random programs that take longer are passed over
DIFF_LINES = 30
CRASHES = (-4, -6, -7, -8, -11)     # by signal: SIGILL, ABRT, BUS, FPE, SEGV


class Options:
    def __init__(self, words):
        self.build = self.python = self.keep = None
        self.seeds = ["1"]
        self.jobs = min(2, os.cpu_count() or 1)
        self.bench = True
        self.random = 0
        self.first_seed = 1
        self.only_self = self.verbose = self.fast = self.everything = False
        self.programs = []
        words = list(words)
        if "--everything" in words:
            self.seeds = []
        while words:
            word = words.pop(0)
            if word in ("-h", "--help"):
                print(__doc__.strip())
                sys.exit(0)
            elif word in ("--build", "--python", "--keep"):
                setattr(self, word[2:], words.pop(0))
            elif word == "--seeds":
                self.seeds = [s for s in words.pop(0).split(",") if s]
            elif word in ("--jobs", "--random", "--first-seed"):
                setattr(self, word[2:].replace("-", "_"), int(words.pop(0)))
            elif word == "--no-bench":
                self.bench = False
            elif word == "--everything":
                self.everything = True
            elif word == "--fast":
                self.fast = True
            elif word == "--self":
                self.only_self = True
            elif word == "-v":
                self.verbose = True
            elif word.startswith("-"):
                sys.exit(f"run_diff.py: unknown option {word}")
            else:
                self.programs.append(word)

    def paths(self, top):
        if self.random:
            return self.write_random(os.path.join(top, "random"))
        folders = [os.path.join(TESTS, "programs")]
        if self.everything:
            folders.append(os.path.join(TESTS, "surprises"))
        if self.bench:
            folders += [os.path.join(TESTS, "bench", "programs"),
                        os.path.join(TESTS, "apps")]
        if not self.programs:
            return [os.path.join(folder, name) for folder in folders
                    for name in sorted(os.listdir(folder))
                    if name.endswith(".py")]
        paths = []
        for name in self.programs:
            if os.path.exists(name):
                paths.append(os.path.abspath(name))
                continue
            for folder in folders:
                path = os.path.join(folder, name + ".py")
                if os.path.exists(path):
                    paths.append(path)
        return paths

    def write_random(self, folder):
        os.makedirs(folder, exist_ok=True)
        paths = []
        for seed in range(self.first_seed, self.first_seed + self.random):
            paths.append(os.path.join(folder, f"random_{seed}.py"))
            with open(paths[-1], "w", encoding="utf-8") as file:
                file.write(random_program.write(seed))
        return paths


class Program:
    """A test program and the directives on its top."""

    def __init__(self, path):
        self.path = path
        folder = os.path.basename(os.path.dirname(path))
        name = os.path.basename(path)[:-3]
        self.name = name if folder == "programs" else f"{folder}_{name}"
        if f"{os.sep}bench{os.sep}" in path:
            self.name = "bench_" + name
        self.arguments = []
        self.profile_arguments = None
        self.stdin = b""
        self.native = True
        with open(path, encoding="utf-8") as file:
            for line in file:
                if line.startswith("# args:"):
                    self.arguments.append(shlex.split(line[7:]))
                elif line.startswith("# profile-args:"):
                    self.profile_arguments = shlex.split(line[15:])
                elif line.startswith("# stdin:"):
                    self.stdin += line[8:].strip().encode() + b"\n"
                elif line.startswith("# native: no"):
                    self.native = False
        if not self.arguments:
            self.arguments.append([])
        if self.profile_arguments is None:
            self.profile_arguments = self.arguments[0]


class Outcome:
    """What came of one program."""

    def __init__(self, program):
        self.program = program
        self.problems = []
        self.entered = 0
        self.exits = 0
        self.matched = 0
        self.build_seconds = 0.0

    def compare(self, what, plain, other):
        """Note each difference; True if there is none."""
        found = []
        if plain.status != other.status:
            found.append(f"exit status {plain.status} became {other.status}")
        if other.status == "timeout" or (isinstance(other.status, int)
                                         and other.status in CRASHES):
            self.problems.append(f"{what}: {found[0] if found else 'crash'}")
            return not found
        for stream, a, b in (("stdout", plain.out, other.out),
                             ("stderr", plain.err, other.err)):
            if a != b:
                lines = list(difflib.unified_diff(
                    a.decode(errors="replace").splitlines(),
                    b.decode(errors="replace").splitlines(),
                    "plain", what, lineterm="", n=1))
                if len(lines) > DIFF_LINES:
                    lines = lines[:DIFF_LINES] + ["..."]
                found.append(f"{stream} differs:\n    "
                             + "\n    ".join(lines))
        if found:
            self.problems.append(f"{what}: " + "\n  ".join(found))
        return not found


def record(program, bench, options, folder, database):
    """Run one program plain and profiled: (outcome, results by arguments),
    without these if there is nothing more to compare."""
    outcome = Outcome(program)
    arguments = {tuple(words): None for words in program.arguments}
    arguments[tuple(program.profile_arguments)] = None
    plain_limit = RANDOM_SECONDS if options.random else TIMEOUT_SECONDS
    for words in arguments:
        arguments[words] = bench.plain([program.path, *words], plain_limit,
                                       folder, program.stdin)
        if arguments[words].status == "timeout":
            if not options.random:
                outcome.problems.append("plain: does not end")
            return outcome, None
    if options.only_self:
        for words, plain in arguments.items():
            outcome.compare("plain again", plain, bench.plain(
                [program.path, *words], TIMEOUT_SECONDS, folder,
                program.stdin))
        return outcome, None
    words = tuple(program.profile_arguments)
    profiled = bench.profile(database, [program.path, *words],
                             TIMEOUT_SECONDS, True, folder, program.stdin)
    outcome.compare("profiled", arguments[words], profiled)
    return outcome, arguments


def check(program, bench, options, folder):
    """Run one program in all ways."""
    database = os.path.join(folder, "pyaot.db")
    cache = os.path.join(folder, "cache")
    outcome, arguments = record(program, bench, options, folder, database)
    if arguments is None:
        return outcome
    start = time.monotonic()
    built = bench.build(database, cache)
    outcome.build_seconds = time.monotonic() - start
    if built.status != 0:
        outcome.problems.append(
            f"build: exit status {built.status}: "
            + built.err.decode(errors="replace").strip()[-2000:])
        return outcome
    stress_cache = os.path.join(folder, "cache-stress")
    if options.seeds:
        built = bench.build(database, stress_cache, stress=True)
        if built.status != 0:
            outcome.problems.append("build --stress failed")
    check_cached(outcome, arguments, bench, options, folder, cache,
                 stress_cache)
    return outcome


def check_cached(outcome, arguments, bench, options, folder, cache,
                 stress_cache):
    """Run one program with its caches; arguments: from record()."""
    program = outcome.program
    for number, (words, plain) in enumerate(arguments.items()):
        label = " ".join(("cached",) + words)
        stats_path = os.path.join(folder, f"stats{number}.json")
        outcome.compare(label, plain, bench.cached(
            cache, [program.path, *words], TIMEOUT_SECONDS, folder,
            program.stdin, PYAOT_STATS=stats_path, **POISON))
        stats = harness.read_stats(stats_path) or {}
        outcome.matched += stats.get("code_matched", 0)
        outcome.entered += stats.get("executors_entered", 0)
        outcome.exits += sum(stats.get("exits", {}).values())
        for seed in options.seeds:
            if not outcome.compare(
                    f"stress {seed} " + " ".join(words), plain, bench.cached(
                        stress_cache, [program.path, *words],
                        TIMEOUT_SECONDS, folder, program.stdin,
                        PYAOT_STRESS=seed, **POISON)):
                break


def program_folder(program, top):
    folder = os.path.join(top, program.name)
    os.makedirs(folder, exist_ok=True)
    return folder


def check_in_folder(program, bench, options, top):
    try:
        return check(program, bench, options, program_folder(program, top))
    except (OSError, harness.Failure) as error:
        outcome = Outcome(program)
        outcome.problems.append(f"runner: {error}")
        return outcome


class Together:
    """--everything: one database and one cache for all programs, so that what
    they share of the standard library is compiled once."""

    def __init__(self, programs, bench, options, top):
        self.bench = bench
        self.options = options
        self.top = top
        self.problem = None
        self.cache = os.path.join(top, "cache")
        self.stress_cache = os.path.join(top, "cache-stress")
        database = os.path.join(top, "pyaot.db")
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            self.recorded = dict(zip(programs, pool.map(
                lambda program: record(program, bench, options,
                                       program_folder(program, top),
                                       database), programs)))
        start = time.monotonic()
        self.build(database, self.cache, False)
        if options.seeds:
            self.build(database, self.stress_cache, True)
        print(f"everything: built in {time.monotonic() - start:.0f} s")

    def build(self, database, cache, stress):
        built = self.bench.build(database, cache, timeout=3600,
                                 stress=stress, jobs=self.options.jobs)
        if built.status != 0:
            self.problem = (f"build: exit status {built.status}: "
                            + built.err.decode(errors="replace")[-2000:])

    def check(self, program):
        outcome, arguments = self.recorded[program]
        if self.problem is not None:
            outcome.problems.append(self.problem)
        elif arguments is not None:
            check_cached(outcome, arguments, self.bench, self.options,
                         program_folder(program, self.top), self.cache,
                         self.stress_cache)
        return outcome


class PlainOnly:
    """Stands in for a Bench when pyaot is not needed."""

    def __init__(self, python):
        self.python = harness.find_python(python)

    plain = harness.Bench.plain


def run_all(options, top):
    bench = (PlainOnly(options.python) if options.only_self
             else harness.Bench(top, options.build, options.python))
    if (options.fast or options.everything) and not options.only_self:
        bench.compiler = bench.fast_compiler
    if options.everything:
        bench.profile_options = bench.build_options = ("--everything",)
    programs = [Program(path) for path in options.paths(top)]
    passed = failed = native = 0
    lost = []
    together = None
    if options.everything and not options.only_self:
        together = Together(programs, bench, options, top)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        outcomes = [
            pool.submit(together.check, program) if together
            else pool.submit(check_in_folder, program, bench, options, top)
            for program in programs]
        for future in concurrent.futures.as_completed(outcomes):
            outcome = future.result()
            name = outcome.program.name
            if outcome.entered:
                native += 1
            elif outcome.program.native:
                lost.append(name)
            if outcome.problems:
                failed += 1
                print(f"FAIL {name}")
                for problem in outcome.problems:
                    print(f"  {problem}")
            else:
                passed += 1
                if options.verbose:
                    print(f"ok   {name}: {outcome.matched} code objects"
                          f" matched, entered {outcome.entered},"
                          f" {outcome.exits} exits, built in"
                          f" {outcome.build_seconds:.1f} s")
            sys.stdout.flush()
    floor = EVERYTHING_FLOOR if options.everything else NATIVE_FLOOR
    if not options.only_self:
        print(f"native code entered in {native} of {len(programs)} programs"
              f" (floor {floor})")
        if lost and options.verbose:
            print("not entered in: " + " ".join(lost))
        if (not options.programs and not options.random
                and native < floor):
            print("FAIL native code entered in too few programs")
            failed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def main():
    options = Options(sys.argv[1:])
    try:
        if options.keep:
            os.makedirs(options.keep, exist_ok=True)
            return run_all(options, os.path.abspath(options.keep))
        with tempfile.TemporaryDirectory(prefix="pyaot-diff-") as top:
            return run_all(options, top)
    except harness.Failure as failure:
        print(f"run_diff.py: {failure}", file=sys.stderr)
        print("0 passed, 1 failed")
        return 1


if __name__ == "__main__":
    sys.exit(main())
