"""Differential tests on small random programs, packed many to a file.

Usage: run_random.py [options]
  --count N       programs (default 200)
  --seconds T     stop starting packs after so long
  --first-seed S  seed of the first (default 1)
  --pack K        programs in one file (default 20)
  --features L    of tools/random_small.py: names, or -name for all but it
  --seeds A,B     stress seeds (default 1; empty for none)
  --jobs N        packs at a time (default: processors, at most 2)
  --found DIR     where failing programs are written, whole and reduced
                  (default: none are reduced)
  --tries N       runs of one reduction (default 300)
  --optimise N    compile each N-th pack as users do (default 0: none)
  --build DIR, --python PY    as of run_diff.py
  -v              a line for each pack

Each pack runs plain, under `pyaot profile`, and, after a build without
optimisation, with the cache and in stress mode. Where a pack differs, the
program is found that does so alone; it is reported by its seed, and the pack
runs again without it. The last line is 'N passed, N failed'.
"""

import concurrent.futures
import os
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(TESTS, "tools"))

import harness  # noqa: E402  (needs the path above)
import random_small  # noqa: E402
from shrink import Shrinker  # noqa: E402
from trial import Trial  # noqa: E402

ENTRIES_FLOOR = 50      # of native code, for each program, at least
MOST_CULPRITS = 6       # of one pack, before the rest is passed over


class Options:
    def __init__(self, words):
        self.count, self.first_seed, self.pack = 200, 1, 20
        self.seconds = self.tries = self.optimise = 0
        self.tries = 300
        self.features = None
        self.seeds = ["1"]
        self.jobs = min(2, os.cpu_count() or 1)
        self.found = self.build = self.python = None
        self.verbose = False
        words = list(words)
        while words:
            word = words.pop(0)
            if word in ("-h", "--help"):
                print(__doc__.strip())
                sys.exit(0)
            elif word == "-v":
                self.verbose = True
            elif word == "--features":
                self.features = random_small.parse_features(words.pop(0))
            elif word == "--seeds":
                self.seeds = [s for s in words.pop(0).split(",") if s]
            elif word in ("--found", "--build", "--python"):
                setattr(self, word[2:], words.pop(0))
            elif word in ("--count", "--seconds", "--first-seed", "--pack",
                          "--jobs", "--tries", "--optimise"):
                setattr(self, word[2:].replace("-", "_"), int(words.pop(0)))
            else:
                sys.exit(f"run_random.py: unknown option {word}")


class Runner:
    def __init__(self, options, top):
        self.options = options
        self.top = top
        self.bench = harness.Bench(top, options.build, options.python)
        self.optimising = self.bench.copy()
        self.bench.compile_everything("/program.py")
        self.optimising.profile_options = self.bench.profile_options
        self.optimising.build_options = (*self.bench.build_options, "-O2")
        self.deadline = (time.monotonic() + options.seconds
                         if options.seconds else None)
        self.lock = threading.Lock()
        self.passed = self.failed = self.passed_over = self.entered = 0
        self.kinds = {}

    def text(self, seeds):
        return random_small.pack(seeds, self.options.features)

    def say(self, text):
        with self.lock:
            print(text, flush=True)

    def trial(self, number, what):
        every = self.options.optimise
        bench = (self.optimising if every and number % every == every - 1
                 else self.bench)
        return Trial(bench, os.path.join(self.top, f"{what}{number}"),
                     self.options.seeds)

    # --- whose difference it is

    def suspects(self, trial, found, seeds):
        """The programs, the likeliest first: where the output changes."""
        if found.got is None:
            return list(seeds)
        same = 0
        plain, got = trial.plain_out, found.got.out
        if found.stage == "profiled":
            plain = trial.plain(trial.train).out
        for a, b in zip(plain, got):
            if a != b:
                break
            same += 1
        named = got[:same + 1].rfind(b"# program ")
        first = 0
        if named >= 0:
            word = plain[named + 10:named + 40].split()[0]
            if word.isdigit() and int(word) in seeds:
                first = seeds.index(int(word))
        order = list(range(len(seeds)))
        order.sort(key=lambda at: abs(at - first))
        return [seeds[at] for at in order]

    def isolate(self, trial, found, seeds):
        """A smallest list of seeds that differs, and its difference."""
        suspects = self.suspects(trial, found, seeds)
        alone = trial.run(self.text(suspects[:1]))
        if alone:
            return suspects[:1], alone
        at = seeds.index(suspects[0])
        for part in (seeds[:at + 1], seeds[:len(seeds) // 2],
                     seeds[len(seeds) // 2:]):
            if len(part) < len(seeds) and part:
                alone = trial.run(self.text(part))
                if alone:
                    return self.isolate(trial, alone, part)
        for at in range(len(seeds)):
            part = seeds[:at] + seeds[at + 1:]
            if not part:
                break
            less = trial.run(self.text(part))
            if less:
                return self.isolate(trial, less, part)
        return seeds, found

    # --- one pack

    def report(self, seeds, found):
        name = "_".join(map(str, seeds[:3])) + ("_etc" if len(seeds) > 3
                                                else "")
        with self.lock:
            self.kinds.setdefault(found.kind, []).append(name)
        text = "".join(f"\n    {line}" for line in found.text.splitlines())
        self.say(f"FAIL {','.join(map(str, seeds))}: {found.kind}{text}")
        folder = self.options.found
        if not folder:
            return
        os.makedirs(folder, exist_ok=True)
        whole = self.text(seeds)
        with open(os.path.join(folder, f"{name}.py"), "w",
                  encoding="utf-8") as file:
            file.write(whole)
        with open(os.path.join(folder, f"{name}.txt"), "w",
                  encoding="utf-8") as file:
            file.write(f"seeds {seeds}\n{found.kind}\n{found.text}\n")
        small = os.path.join(folder, f"{name}_small.py")

        def save(text):
            with open(small, "w", encoding="utf-8") as out:
                out.write(text)

        if self.options.tries:
            trial = Trial(self.bench, os.path.join(self.top, "s" + name),
                          self.options.seeds, found.stage)
            Shrinker(trial, found.kind, save, self.options.tries,
                     random_small.head_statements(whole)).shrink(whole)

    def run_pack(self, number, seeds):
        trial = self.trial(number, "pack")
        start = time.monotonic()
        left = list(seeds)
        culprits = over = 0
        while left:
            found = trial.run(self.text(left))
            if found is None:
                over += len(left) if trial.unstable else 0
                break
            if found.kind == "plain timeout":
                if len(left) == 1:
                    over += 1
                    break
                for seed in left[:]:
                    if trial.run(self.text([seed])) is not None:
                        left.remove(seed)
                        over += 1
                continue
            if culprits >= MOST_CULPRITS:
                over += len(left)
                break
            guilty, alone = self.isolate(trial, found, left)
            culprits += 1
            self.report(guilty, alone)
            left = [seed for seed in left if seed not in guilty]
        with self.lock:
            self.entered += trial.entered
            self.failed += culprits
            self.passed_over += over
            self.passed += len(seeds) - culprits - over
        if self.options.verbose:
            self.say(f"pack {number}: seeds {seeds[0]} to {seeds[-1]}:"
                     f" {culprits} differ, {over} passed over,"
                     f" {time.monotonic() - start:.1f} s")

    def guarded(self, number, seeds):
        if self.deadline and time.monotonic() > self.deadline:
            return
        try:
            self.run_pack(number, seeds)
        except (OSError, harness.Failure) as error:
            self.say(f"FAIL pack {number}: runner: {error}")
            with self.lock:
                self.failed += 1

    def run(self):
        options = self.options
        end = options.first_seed + options.count
        packs = [range(at, min(at + options.pack, end))
                 for at in range(options.first_seed, end, options.pack)]
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            list(pool.map(lambda item: self.guarded(item[0], list(item[1])),
                          enumerate(packs)))
        for kind, names in sorted(self.kinds.items()):
            print(f"{kind}: {' '.join(names)}")
        if self.passed_over:
            print(f"{self.passed_over} programs passed over (too slow, or in"
                  " a pack with too many failures)")
        print(f"native code was entered {self.entered} times")
        if self.entered < ENTRIES_FLOOR * self.passed:
            print("FAIL too rarely: these programs prove nothing")
            self.failed += 1
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed or not self.passed else 0


def main():
    options = Options(sys.argv[1:])
    try:
        with tempfile.TemporaryDirectory(prefix="pyaot-random-") as top:
            return Runner(options, top).run()
    except harness.Failure as failure:
        print(f"run_random.py: {failure}", file=sys.stderr)
        print("0 passed, 1 failed")
        return 1


if __name__ == "__main__":
    sys.exit(main())
