"""Shrink a program on which plain and other runs differ.

Usage: shrink.py [options] PROGRAM OUT
  --build DIR    build tree (default: build/)
  --python PY    CPython >= 3.13 under test
  --stress SEED  also runs in stress mode
  --everything   all code of the program is compiled, however cold
  --tries N      give up after so many runs (default 600)
  --args A,B     arguments of the profiled run and of the others (default:
                 train and none)

Statements are deleted, compound ones replaced by their bodies, expressions
by their parts, as long as the same run differs in the same manner. Compiles
without optimisation; OUT always holds the smallest program so far.
"""

import ast
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import harness  # noqa: E402  (needs the path above)
import random_small  # noqa: E402
from trial import Trial  # noqa: E402

MOST_TRIES = 600


class Shrinker:
    """trial   runs a text and gives its Difference or None
    kind     of the difference to keep
    save     called with each smaller text
    fixed    so many statements on top stay as they are"""

    def __init__(self, trial, kind, save, most=MOST_TRIES, fixed=0):
        self.fixed = fixed
        self.smallest = None
        self.trial = trial
        self.kind = kind
        self.save_text = save
        self.tries = 0
        self.most = most
        self.seen = set()

    def same(self, tree):
        if self.tries >= self.most:
            return False
        try:
            text = ast.unparse(ast.fix_missing_locations(tree)) + "\n"
            compile(text, "program", "exec")
        except (SyntaxError, ValueError):
            return False
        if text in self.seen:
            return False
        self.seen.add(text)
        self.tries += 1
        found = self.trial.run(text)
        if found is None or found.kind != self.kind:
            return False
        self.smallest = text
        self.save_text(text)
        return True

    def nodes(self, tree):
        """All that may change, the module itself first."""
        yield tree
        for statement in tree.body[self.fixed:]:
            yield from ast.walk(statement)

    def bodies(self, tree):
        for node in self.nodes(tree):
            for field in ("body", "orelse", "finalbody", "handlers"):
                body = getattr(node, field, None)
                if isinstance(body, list) and body:
                    yield node, field, body

    def cut(self, tree):
        """One round over all statement lists; True if something went."""
        changed = False
        for node, field, body in list(self.bodies(tree)):
            first = self.fixed if node is tree else 0
            size = len(body) - first
            while size > 0:
                at = first
                while at < len(body):
                    kept = body[:]
                    del body[at:at + size]
                    if not body and field == "body":
                        body.append(ast.Pass())
                    if body != kept and not (
                            len(kept) == 1 and isinstance(kept[0], ast.Pass)
                            ) and self.same(tree):
                        changed = True
                        continue
                    body[:] = kept
                    at += size
                size //= 2
            for at in range(len(body) - 1, first - 1, -1):
                inner = getattr(body[at], "body", None)
                if isinstance(inner, list) and not isinstance(
                        body[at], (ast.FunctionDef, ast.ClassDef,
                                   ast.ExceptHandler)):
                    kept = body[:]
                    body[at:at + 1] = inner
                    if self.same(tree):
                        changed = True
                    else:
                        body[:] = kept
        return changed

    def simplify(self, tree):
        """Replace expressions by one of their parts."""
        changed = False
        for node in list(self.nodes(tree))[1:]:
            for field, value in list(ast.iter_fields(node)):
                values = value if isinstance(value, list) else [value]
                for place, old in enumerate(values):
                    if not isinstance(old, (ast.BinOp, ast.IfExp, ast.Call,
                                            ast.BoolOp, ast.UnaryOp,
                                            ast.Subscript, ast.Compare)):
                        continue
                    parts = [p for p in ast.iter_child_nodes(old)
                             if isinstance(p, ast.expr)]
                    for part in parts:
                        if isinstance(value, list):
                            value[place] = part
                        else:
                            setattr(node, field, part)
                        if self.same(tree):
                            changed = True
                            break
                        if isinstance(value, list):
                            value[place] = old
                        else:
                            setattr(node, field, old)
        return changed

    def shrink(self, text):
        """First without touching the statements on top, then those."""
        self.shrink_rest(text)
        if self.fixed and self.tries < self.most:
            self.fixed = 0
            self.shrink_rest(self.smallest or text)

    def shrink_rest(self, text):
        tree = ast.parse(text)
        again = True
        while again and self.tries < self.most:
            again = self.cut(tree)
            again = self.simplify(tree) or again


def main(words):
    build = python = None
    seeds, most, arguments, everything = [], MOST_TRIES, None, False
    while words and words[0].startswith("--"):
        if words[0] == "--everything":
            everything = True
            words.pop(0)
            continue
        name, value = words.pop(0), words.pop(0)
        if name == "--build":
            build = value
        elif name == "--python":
            python = value
        elif name == "--stress":
            seeds = [value]
        elif name == "--tries":
            most = int(value)
        elif name == "--args":
            arguments = [part.split() for part in value.split(",")]
        else:
            sys.exit(f"shrink.py: unknown option {name}")
    if len(words) != 2:
        sys.exit(__doc__.strip())
    with open(words[0], encoding="utf-8") as file:
        text = file.read()

    def save(smaller):
        with open(words[1], "w", encoding="utf-8") as out:
            out.write(smaller)

    with tempfile.TemporaryDirectory(prefix="pyaot-shrink-") as folder:
        bench = harness.Bench(folder, build, python)
        if everything:
            bench.compile_everything("/program.py")
        else:
            bench.compiler = bench.fast_compiler
        trial = Trial(bench, os.path.join(folder, "trial"), seeds,
                      words=arguments)
        found = trial.run(text)
        if found is None:
            print("no difference")
            return 1
        print(f"differs: {found.kind}\n{found.text}", flush=True)
        trial.only = found.stage
        shrinker = Shrinker(trial, found.kind, save, most,
                            random_small.head_statements(text))
        shrinker.shrink(text)
        print(f"{shrinker.tries} tries")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
