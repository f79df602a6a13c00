"""Write small random programs, many of them in one file.

Usage: random_small.py [--features LIST] SEED [COUNT]

A program is a few classes and functions about what surrounds numbers: objects
with __del__ and weak references, properties, slots and dicts that are looked
at, the same number in several places, exceptions and their places,
generators, `with`, closures, unbound locals, names and methods that are bound
anew, and arguments of other types after training. Each is a function of its
seed (and of the features, which leave out statements), is deterministic and
ends: loops count, a call is written only where the product of all turns
stays small, and what grows is cut.

A pack is a module of COUNT programs behind random_support.py. Functions and
classes carry the seed in their names, so that programs do not meet.
"""

import ast
import os
import random
import sys

from random_blocks import BlockWriter
from random_classes import ClassWriter
from random_statements import StatementWriter
from random_values import ValueWriter

HERE = os.path.dirname(os.path.abspath(__file__))

# What may be left out, to find out about the rest.
FEATURES = {
    "lifetimes": "finalisers and weak references, and what they note",
    "effects": "finalisers that change lists, attributes and globals",
    "identity": "whether two names are one number",
    "frames": "locals written by callees",
    "finaliser_frames": "locals written by finalisers",
    "refcounts": "sys.getrefcount",
    "dicts": "__dict__ looked at, replaced, copied",
    "unbound": "names that may be unbound",
    "generators": "generators, with send, throw and close",
    "late": "other types and other bindings after training",
}

MOST_COST = 1500        # loop turns and statements of one call, roughly
TURNS_COST = 9000       # the same of all calls of one function


class Program(ValueWriter, StatementWriter, BlockWriter, ClassWriter):
    def __init__(self, seed, features=None):
        self.random = random.Random(seed)
        self.seed = seed
        self.features = frozenset(FEATURES if features is None else features)
        self.lines = []
        self.indent = 0
        self.fresh = 0
        self.weight = 1         # turns of the loops around
        self.loops = 0          # how many they are
        self.cost = 0
        self.variables = {}
        self.fixed = set()      # names that statements may not bind
        self.functions = []     # (name, kinds, result, cost)
        self.generators = []    # (name, cost)
        self.closures = []      # names of local functions of one number
        self.classes = []
        self.in_generator = False
        self.handlers = 0

    # --- helpers

    def has(self, feature):
        return feature in self.features

    def chance(self, share):
        return self.random.random() < share

    def pick(self, *options):
        return self.random.choice(options)

    def emit(self, text):
        self.lines.append("    " * self.indent + text)
        self.cost += self.weight

    def name(self, letter):
        return f"{letter}{self.seed}_{len(self.lines)}"

    def new(self, kind):
        self.fresh += 1
        name = f"{kind[0]}{self.fresh}"
        self.variables[name] = kind
        return name

    def variable(self, kind):
        if self.chance(0.01):
            names = list(self.variables)
        else:
            names = [n for n, k in self.variables.items() if k == kind]
        return self.random.choice(names) if names else None

    def bindable(self, *kinds):
        names = [n for n, k in self.variables.items()
                 if n not in self.fixed and (not kinds or k in kinds)]
        return self.random.choice(names) if names else None

    def afford(self, cost):
        return self.cost + self.weight * cost < MOST_COST

    # --- functions and the whole

    def begin(self, name, kinds, more=""):
        self.variables = {f"p{i}": k for i, k in enumerate(kinds)}
        self.fixed = set()
        self.closures = []
        self.cost = 1
        self.weight = 1
        self.fresh = 0
        self.lines += ["", ""]
        self.indent = 0
        self.emit(f"def {name}({', '.join(self.variables)}{more}):")
        self.indent = 1
        self.head = []
        for letter in "IF":
            if self.chance(0.15):
                self.emit(f"global G{self.seed}{letter}")
                self.head.append(f"global G{self.seed}{letter}")

    def helper(self, number):
        """A small function that others call in their loops."""
        name = f"h{self.seed}_{number}"
        kinds = [self.pick("obj", "int", "float", "any")
                 for _ in range(self.random.randint(1, 3))]
        result = self.pick("int", "float", "obj", "any")
        self.begin(name, kinds)
        r = self.random.randrange(7)
        if r == 0:
            self.emit("p0 = None")
            self.emit("log('dropped')")
            self.variables["p0"] = "any"
        elif r == 1 and self.has("unbound"):
            self.emit("del p0")
            self.emit("log('deleted')")
            self.variables.pop("p0")
        elif r == 2 and self.has("frames"):
            self.emit(f"poke_up('{self.pick('i', 'f')}{self.pick(1, 2, 3)}',"
                      f" {self.expression(self.pick('int', 'any'))})")
        for _ in range(self.random.randint(0, 2)):
            self.statement(3)
        self.emit(f"return {self.expression(result)}")
        self.functions.append((name, kinds, result, self.cost))

    def generator(self):
        name = f"y{self.seed}"
        self.begin(name, ["int", "int"])
        self.in_generator = True
        self.emit(f"for k in range({self.pick('p0 % 4', '3', '2')}):")
        self.variables["k"] = "int"
        self.fixed.add("k")
        self.loops, self.weight = 1, 3
        self.block(2, 3)
        self.emit(f"    yield {self.expression('int')}")
        self.loops, self.weight = 0, 1
        if self.chance(0.4):
            self.emit(f"return {self.expression('int')}")
        self.in_generator = False
        self.generators.append((name, self.cost))

    def main(self, number):
        name = f"f{self.seed}_{number}"
        kinds = [self.pick("int", "int", "float", "bool", "str", "list",
                           "list", "dict", "obj", "obj", "any")
                 for _ in range(self.random.randint(1, 4))]
        result = self.pick("int", "float", "any", "list", "obj", "str")
        self.begin(name, kinds)
        for kind in ("int", "float"):
            text = self.expression(kind, 2)
            self.emit(f"{self.new(kind)} = {text}")
        if self.chance(0.5):
            self.emit(f"{self.new('obj')} = {self.make_obj(2)}")
        for _ in range(self.random.randint(1, 4)):
            self.statement(0)
        names = list(self.variables)
        self.random.shuffle(names)
        self.emit(f"log({', '.join(names[:4])})")
        self.emit(f"return {self.expression(result)}")
        self.functions.append((name, kinds, result, self.cost))

    def changes(self):
        """Bindings that change after training."""
        seed, first = self.seed, self.classes[0]
        return [f"G{seed}I = {self.pick('2.5', '10 ** 20', 'None')}",
                f"G{seed}F = {self.pick('7', 'NAN', '\"text\"')}",
                f"G{seed}L = {self.pick('(1, 2, 3)', '[2.5, 1 << 70, 4]')}",
                f"{first}.get = lambda self, k: k * 3",
                f"{first}.scale = {self.pick('1.5', '1 << 64', '\"s\"')}",
                f"{first}.n = 5", f"del {first}.bump",
                f"{first}.bump = lambda self, v: log('bump', v)",
                f"{first}.x = property(lambda self: 4)",
                f"{first}.__init__ = lambda self, n, x: log('init', n)",
                f"{first}.{'__del__' if self.has('lifetimes') else 'get'}"
                " = lambda self: log('late')",
                f"{first}.__eq__ = lambda self, other: True",
                f"{self.functions[0][0]} = lambda *p, **q: log('other')",
                f"del G{seed}I", f"{first} = {self.classes[-1]}"]

    def text(self):
        r = self.random
        self.globals()
        for number in range(1 if self.chance(0.75) else 2):
            self.a_class(number)
        for number in range(self.pick(0, 0, 1, 1, 1)):
            self.helper(number)
        if self.has("generators") and self.chance(0.25):
            self.generator()
        for number in range(1 if self.chance(0.95) else 2):
            self.main(number)
        self.indent = 0
        self.lines += ["", ""]
        self.emit(f"print('# program {self.seed}', flush=True)")
        classes = f"({', '.join(self.classes)},)"
        calls = []
        for name, kinds, _, cost in self.functions:
            if name[0] == "f":
                turns = max(12, min(60, TURNS_COST // cost))
                calls.append((f"drive({name}, {tuple(kinds)!r}, {classes},"
                              " {}, {}, {})", turns))
        for call, turns in calls:
            self.emit(call.format(0, turns, False))
        if self.has("late"):
            self.emit(self.pick("if LATE:", "if LATE:", "if True:"))
            self.indent = 1
            for call, turns in calls:
                self.emit(call.format(0, 24, True))
            for change in r.sample(self.changes(), 2):
                # What a change breaks is the program's, not the pack's.
                self.emit(f"try: {change}")
                self.emit("except (AttributeError, TypeError) as error:"
                          " print(error)")
                call, turns = r.choice(calls)
                self.emit(call.format(turns, turns + 9, False))
        self.indent = 0
        self.emit(f"WATCHED.clear()")
        return "\n".join(self.lines) + "\n"


def write(seed, features=None):
    return Program(seed, features).text()


def head():
    with open(os.path.join(HERE, "random_support.py"),
              encoding="utf-8") as file:
        return file.read()


def head_statements(text):
    """How many statements of a pack are its head."""
    top = head()
    return len(ast.parse(top).body) if text.startswith(top) else 0


def pack(seeds, features=None):
    """The text of one module."""
    return head() + "".join(write(seed, features) for seed in seeds)


def parse_features(text):
    """A list of features; "-x" means all but x."""
    words = [word for word in text.split(",") if word]
    for word in words:
        if word.lstrip("-") not in FEATURES:
            sys.exit(f"random_small.py: no feature {word}; there are "
                     + ", ".join(FEATURES))
    out = {word[1:] for word in words if word[0] == "-"}
    named = {word for word in words if word[0] != "-"}
    return (named or set(FEATURES)) - out


def main(words):
    features = None
    if words[:1] == ["--features"]:
        features = parse_features(words[1])
        del words[:2]
    if not words:
        sys.exit(__doc__.strip())
    seed = int(words[0])
    count = int(words[1]) if len(words) > 1 else 1
    sys.stdout.write(pack(range(seed, seed + count), features))


if __name__ == "__main__":
    main(sys.argv[1:])
