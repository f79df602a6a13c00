"""Run one text plain, profiled, built, cached and stressed, and say where it
first differs: what run_random.py and shrink.py share."""

import itertools
import os

import harness

CRASHES = (-4, -6, -7, -8, -11)     # SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV
PLAIN_SECONDS = 10
OTHER_SECONDS = 60
DIFF_LINES = 4
DIFF_COLUMNS = 240
BEFORE = 3      # words


class Difference:
    """kind: the run and the manner, as in "cached crash"; what a reduction
    keeps.  text: for people."""

    def __init__(self, stage, manner, text, got=None):
        self.stage = stage
        self.kind = f"{stage} {manner}"
        self.text = text
        self.got = got


def first_lines(name, plain, other):
    """The first lines that differ, from a little before where they do."""
    lines = []
    for a, b in itertools.zip_longest(plain.splitlines(), other.splitlines(),
                                      fillvalue="(no more lines)"):
        if a == b:
            continue
        # The third word of most lines is a check sum of the rest.
        x, y = ([word for k, word in enumerate(text.split(" ")) if k != 2]
                for text in (a, b))
        at = 0
        while at < min(len(x), len(y)) and x[at] == y[at]:
            at += 1
        if x == y:
            lines.append(f"{name}: {a[:DIFF_COLUMNS]} (its check sum)")
        else:
            start = max(0, at - BEFORE)
            for mark, words in (("-", x), ("+", y)):
                lines.append(f"{name}: {mark} {' '.join(words[:2])} ... "
                             + " ".join(words[start:])[:DIFF_COLUMNS])
        if len(lines) >= DIFF_LINES:
            break
    return lines


class Trial:
    """folder  for this one alone: program, database, cache
    seeds    of stress; none: no such runs
    only     the one stage that is looked at (reduction)"""

    def __init__(self, bench, folder, seeds=(), only=None, words=None):
        self.bench = bench
        self.folder = folder
        self.seeds = list(seeds)
        self.only = only
        # Arguments of the profiled run and of the others.
        self.train, self.late = words or (["train"], [])
        self.path = os.path.join(folder, "program.py")
        self.unstable = False
        self.entered = 0        # executors, in the cached run
        self.plain_out = b""
        os.makedirs(folder, exist_ok=True)

    def plain(self, words):
        return self.bench.plain([self.path, *words], PLAIN_SECONDS,
                                self.folder)

    def compare(self, stage, words, plain, got):
        if (got.status, got.out, got.err) == (plain.status, plain.out,
                                              plain.err):
            return None
        again = self.plain(words)
        if (again.status, again.out, again.err) != (plain.status, plain.out,
                                                    plain.err):
            self.unstable = True
            return None
        if got.status in CRASHES:
            manner = "crash"
        elif got.status == "timeout":
            manner = "timeout"
        elif got.status != plain.status:
            manner = "status"
        else:
            manner = "output"
        lines = [f"status {plain.status} became {got.status}"]
        for name, a, b in (("stdout", plain.out, got.out),
                           ("stderr", plain.err, got.err)):
            if a != b:
                lines += first_lines(name, a.decode(errors="replace"),
                                     b.decode(errors="replace"))
        return Difference(stage, manner, "\n".join(lines), got)

    def run(self, text):
        """The first difference, or None."""
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(text)
        plain = {}
        for words in (self.train, self.late):
            plain[tuple(words)] = self.plain(words)
        late = plain[tuple(self.late)]
        self.plain_out = late.out
        if "timeout" in (late.status, plain[tuple(self.train)].status):
            return Difference("plain", "timeout", "takes too long")
        database = os.path.join(self.folder, "p.db")
        for suffix in ("", "-wal", "-shm"):
            if os.path.exists(database + suffix):
                os.remove(database + suffix)
        profiled = self.bench.profile(database, [self.path, *self.train],
                                      OTHER_SECONDS, True, self.folder)
        if self.only in (None, "profiled"):
            found = self.compare("profiled", self.train,
                                 plain[tuple(self.train)], profiled)
            if found or self.only:
                return found
        cache = os.path.join(self.folder, "cache")
        built = self.bench.build(database, cache, stress=bool(self.seeds))
        if built.status != 0:
            return Difference("build", "status",
                              built.err.decode(errors="replace")[-2000:])
        if self.only in (None, "cached"):
            stats = os.path.join(self.folder, "stats.json")
            found = self.compare("cached", self.late, late, self.bench.cached(
                cache, [self.path, *self.late], OTHER_SECONDS, self.folder,
                PYAOT_STATS=stats))
            self.entered += (harness.read_stats(stats) or {}).get(
                "executors_entered", 0)
            if found or self.only:
                return found
        for seed in self.seeds:
            found = self.compare("stress", self.late, late, self.bench.cached(
                cache, [self.path, *self.late], OTHER_SECONDS, self.folder,
                PYAOT_STRESS=str(seed)))
            if found:
                return found
        return None
