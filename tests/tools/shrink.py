"""Shrink a program on which plain and cached runs differ.

Usage: shrink.py [--build DIR] [--python PY] [--stress SEED] PROGRAM OUT

Statements are deleted, and compound ones replaced by their bodies, as long as
the two still differ. Compiles without optimisation; OUT always holds the
smallest program so far.
"""

import ast
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import harness  # noqa: E402  (needs the path above)


class Shrinker:
    def __init__(self, bench, folder, seed):
        self.bench = bench
        self.folder = folder
        self.seed = seed
        self.path = os.path.join(folder, "program.py")
        self.kind = None
        self.tries = 0

    def differs(self, text):
        """None if equal, else how the runs differ."""
        self.tries += 1
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(text)
        database = os.path.join(self.folder, "p.db")
        for suffix in ("", "-wal", "-shm"):
            if os.path.exists(database + suffix):
                os.remove(database + suffix)
        plain = self.bench.plain([self.path], 5)
        if plain.status == "timeout":
            return None
        if plain.status != 0:
            return None
        again = self.bench.plain([self.path], 5)
        if (again.out, again.err) != (plain.out, plain.err):
            return None
        profiled = self.bench.profile(database, [self.path], 20)
        if profiled.status != plain.status:
            return None
        cache = os.path.join(self.folder, "cache")
        if self.bench.build(database, cache,
                            stress=bool(self.seed)).status != 0:
            return None
        more = {"PYAOT_STRESS": self.seed} if self.seed else {}
        cached = self.bench.cached(cache, [self.path], 20, **more)
        if cached.status != plain.status:
            return f"status {cached.status}"
        if (cached.out, cached.err) != (plain.out, plain.err):
            return "output"
        return None

    def same(self, tree):
        try:
            text = ast.unparse(ast.fix_missing_locations(tree))
            ast.parse(text)
        except (SyntaxError, ValueError):
            return False
        return self.differs(text) == self.kind

    @staticmethod
    def bodies(tree):
        for node in ast.walk(tree):
            for field in ("body", "orelse", "finalbody"):
                body = getattr(node, field, None)
                if isinstance(body, list) and body:
                    yield node, field, body

    def cut(self, tree, out):
        """One round over all statement lists; True if something went."""
        changed = False
        for node, field, body in list(self.bodies(tree)):
            size = len(body)
            while size:
                at = 0
                while at < len(body):
                    kept = body[:]
                    del body[at:at + size]
                    if not body and field == "body":
                        body.append(ast.Pass())
                    if body != kept and not (
                            len(kept) == 1 and isinstance(kept[0], ast.Pass)
                            ) and self.same(tree):
                        changed = True
                        self.save(tree, out)
                        continue
                    body[:] = kept
                    at += size
                size //= 2
            for at in range(len(body) - 1, -1, -1):
                inner = getattr(body[at], "body", None)
                if isinstance(inner, list) and not isinstance(
                        body[at], (ast.FunctionDef, ast.ClassDef)):
                    kept = body[:]
                    body[at:at + 1] = inner
                    if self.same(tree):
                        changed = True
                        self.save(tree, out)
                    else:
                        body[:] = kept
        return changed

    def simplify(self, tree, out):
        """Replace expressions by one of their parts."""
        changed = False
        for node in list(ast.walk(tree)):
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
                            self.save(tree, out)
                            break
                        if isinstance(value, list):
                            value[place] = old
                        else:
                            setattr(node, field, old)
        return changed

    @staticmethod
    def save(tree, out):
        with open(out, "w", encoding="utf-8") as file:
            file.write(ast.unparse(tree) + "\n")

    def shrink(self, text, out):
        self.kind = self.differs(text)
        if self.kind is None:
            return False
        print(f"differs by {self.kind}", flush=True)
        tree = ast.parse(text)
        again = True
        while again:
            again = self.cut(tree, out)
            again = self.simplify(tree, out) or again
            print(f"{len(ast.unparse(tree).splitlines())} lines after"
                  f" {self.tries} tries", flush=True)
        return True


def main(words):
    build = python = seed = None
    while words and words[0].startswith("--"):
        name, value = words.pop(0), words.pop(0)
        if name == "--build":
            build = value
        elif name == "--python":
            python = value
        elif name == "--stress":
            seed = value
        else:
            sys.exit(f"shrink.py: unknown option {name}")
    if len(words) != 2:
        sys.exit(__doc__.strip())
    with open(words[0], encoding="utf-8") as file:
        text = file.read()
    with tempfile.TemporaryDirectory(prefix="pyaot-shrink-") as folder:
        bench = harness.Bench(folder, build, python)
        bench.compiler = bench.fast_compiler
        if not Shrinker(bench, folder, seed).shrink(text, words[1]):
            print("no difference")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
