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

from random_classes import ClassWriter
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


class Program(ValueWriter, ClassWriter):
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

    # --- statements

    def statement(self, depth):
        table = [
            (14, self.assign), (4, self.change_list), (3, self.change_dict),
            (4, self.change_object), (2, self.make_and_drop),
            (2, self.several_places), (2, self.tell), (2, self.unpack),
            (1, self.call_for_effect), (1, self.delete_name),
            (1, self.poke_local), (1, self.with_function),
            (1, self.other_global), (1, self.several_kinds),
        ]
        if depth < 4:
            table += [(6, self.branch), (2, self.attempt), (1, self.within),
                      (2, self.comprehension), (2, self.draw)]
            if self.loops < 2 and self.weight < 100:
                table += [(8 if not self.loops else 3, self.loop)]
        if self.loops:
            table += [(2, self.leave_loop)]
        if self.has("unbound"):
            table += [(1, self.unbound)]
        if self.handlers or self.chance(0.1):
            table += [(2, self.raise_one)]
        if self.in_generator:
            table += [(3, self.give)]
        weights = [weight for weight, _ in table]
        while True:
            maker = self.random.choices(table, weights)[0][1]
            try:
                if maker in (self.branch, self.attempt, self.within,
                             self.loop):
                    done = maker(depth)
                else:
                    done = maker()
            except LookupError:
                continue
            if done is not False:
                return

    def assign(self):
        kind = self.pick("int", "int", "int", "float", "float", "bool",
                         "str", "list", "dict", "obj", "obj", "any")
        name = None
        if self.chance(0.65):
            name = self.bindable() if self.chance(0.3) else self.bindable(
                "int", "float")
        if name is None:
            text = self.expression(kind)
            self.emit(f"{self.new(kind)} = {text}")
            return
        kind = self.variables[name]
        if kind in ("int", "float", "any") and self.chance(0.5):
            self.emit(f"{name} {self.pick('+', '-', '+')}="
                      f" {self.expression('int' if kind == 'any' else kind)}")
        elif kind == "int" and self.chance(0.1):
            self.emit(f"{name} {self.pick('//', '%', '&', '^', '|', '>>')}="
                      f" {self.pick('3', '7', '15', '1')}")
        elif kind == "float" and self.chance(0.2):
            self.emit(f"{name} *= {self.pick('0.5', '-1.0', '2')}")
        elif kind == "str" and self.chance(0.5):
            self.emit(f"{name} += {self.expression('str', 3)}[:4]")
            self.emit(f"{name} = {name}[-24:]")
        else:
            if self.chance(0.05):
                kind = self.pick("int", "float", "any")
            self.emit(f"{name} = {self.expression(kind)}")
        if self.variables[name] == "int" and self.loops and self.chance(0.8):
            self.emit(f"if not -BIG < {name} < BIG:")
            self.emit(f"    {name} %= 1000003")

    def several_places(self):
        """One number in several places."""
        kind = self.pick("int", "float", "float")
        text = self.expression(kind)
        other = self.bindable(kind)
        a = self.new(kind)
        self.emit(f"{a} = {other} = {text}" if other and self.chance(0.5)
                  else f"{a} = {text}")
        b = self.new("list")
        self.emit(f"{b} = " + self.pick(
            f"[{a}, {a}, {other or a}]", f"[{a}] * 2 + [{a}]",
            f"list(({a}, {a}, {a}))"))
        if not self.has("identity"):
            return
        r = self.random.randrange(8)
        if r == 0:
            self.emit(f"log({b}[0] is {b}[1], {a} is {b}[-1])")
        elif r == 1:
            self.emit(f"log({a} in {b}, {b}.index({a}), {b}.count({a}))")
        elif r == 2:
            self.emit(f"log({b} == [{a}, {a}, {a}], ({a},) == ({b}[0],))")
        elif r == 3 and other:
            self.emit(f"log({a} is {other}, {other} is {b}[0])")
        elif r == 4:
            self.emit(f"log({{{a}: 1, {b}[0]: 2}}, {a} is {a})")
        elif r == 5 and self.variable("obj"):
            o = self.variable("obj")
            self.emit(f"{o}.x = {o}.w = {a}")
            self.emit(f"log({o}.x is {o}.w, {o}.x is {a})")
        elif r == 6:
            self.emit(f"G{self.seed}L[0] = G{self.seed}L[1] = {a}")
            self.emit(f"log(G{self.seed}L[0] is G{self.seed}L[1],"
                      f" G{self.seed}L[1] is {a})")
        else:
            self.emit(f"{a} += {self.expression(kind, 3)}")
            self.emit(f"log({a} is {b}[0], {a})")

    def change_list(self):
        name = self.variable("list")
        if not name:
            return False
        e = self.expression
        self.pick(
            lambda: self.emit(f"{name}[{e('int')} % len({name})] = "
                              + e(self.pick('int', 'float', 'any'))),
            lambda: self.emit(f"{name}[{self.pick(0, 1, -1)}] "
                              f"{self.pick('+=', '-=', '=')} {e('int')}"),
            lambda: self.emit(f"if len({name}) < 12: {name}.append("
                              f"{e(self.pick('int', 'float', 'obj'))})"),
            lambda: self.emit(f"if len({name}) > 3: {name}.pop("
                              f"{self.pick('', '0', '-2')})"),
            lambda: self.emit(f"{name}[1:2] = [{e('int')}, {e('int')}]"
                              f"[len({name}) > 9:]"),
            lambda: self.emit(f"if len({name}) < 12: {name}.insert("
                              f"{e('int')} % 4, {e('float')})"),
            lambda: self.emit(f"del {name}[{e('int')} % 2]"),
            lambda: self.emit(f"{name}.reverse()"),
            lambda: self.emit(f"{name}.extend({e('list')}[:3])"
                              if not self.loops else f"{name} = {name}[:9]"),
            lambda: self.emit(f"{name} = {name}[-9:] + [{e('int')}]"
                              if name not in self.fixed else "pass"),
        )()

    def change_dict(self):
        name = self.variable("dict")
        if not name:
            return False
        e = self.expression
        key = self.pick(f"{e('int')} % 5", "'a'", "'b'", "0",
                        f"{e('str', 3)}[:1]")
        self.pick(
            lambda: self.emit(f"{name}[{key}] = "
                              f"{e(self.pick('int', 'float', 'obj'))}"),
            lambda: self.emit(f"{name}[{key}] {self.pick('+=', '-=')} "
                              f"{e('int')}"),
            lambda: self.emit(f"{name}[{key}] = {name}.get({key}, 0)"
                              f" + {e(self.pick('int', 'float'))}"),
            lambda: self.emit(f"{name}.pop({key}, None)"),
            lambda: self.emit(f"log({name}.setdefault({key}, {e('int')}))"),
            lambda: self.emit(f"del {name}[{key}]"),
            lambda: self.emit(f"if len({name}) > 6: {name}.clear()"),
            lambda: self.emit(f"log(list({name}.items()))"),
        )()

    def change_object(self):
        name = self.variable("obj")
        if not name:
            return False
        e = self.expression
        field = self.pick("n", "n", "x", "x", "w", "p", "items")
        kind = {"n": "int", "x": "float", "p": "int", "items": "list"}.get(
            field, "any")
        text = e(kind)
        if kind == "int":
            text = f"({text}) % BIG"
        r = self.random.randrange(18)
        if r < 7:
            self.emit(f"{name}.{field} = {text}")
        elif r < 10:
            self.emit(f"{name}.{self.pick('n', 'x')} "
                      f"{self.pick('+=', '-=')} {e('int')}")
        elif r == 10:
            self.emit(f"{name}.bump({e('int')})")
        elif r == 11:
            self.emit(f"del {name}.{self.pick('w', 'x', 'n')}")
        elif r == 12 and self.has("dicts"):
            self.emit(f"log(look({name}))")
        elif r == 13 and self.has("dicts"):
            self.emit(self.pick(
                f"{name}.__dict__ = {{'n': {e('int')} % BIG, 'x': 1.5}}",
                f"vars({name})['w'] = {e('int')} % BIG",
                f"{name}.__dict__.update(x=2.5, w={e('float')})",
                f"{name}.__dict__.pop({self.pick('\"x\"', '\"n\"')}, 0)",
                f"{name}.__dict__.clear()",
                f"{name}.__dict__ = dict(vars({name}), z=1)",
                f"log(list(vars({name})), len(vars({name})))",
                f"log(vars({name}) == vars(copy.copy({name})))"))
        elif r == 14 and self.has("dicts"):
            target = self.bindable("obj")
            if target:
                self.emit(f"{target} = copy.copy({name})")
        elif r == 15 and len(self.classes) > 1:
            self.emit(f"{name}.__class__ = "
                      f"{self.random.choice(self.classes)}")
        elif r == 16:
            self.emit(f"setattr({name}, {self.pick('\"n\"', '\"v\"')},"
                      f" {text})")
        else:
            self.emit(f"{name}.items.append({e('int')} % BIG)")
            self.emit(f"del {name}.items[:-6]")

    def make_and_drop(self):
        """Objects that die at once, or when a name is bound anew."""
        made = self.make_obj(2)
        r = self.random.randrange(9)
        helper = self.affordable("obj")
        if r == 0:
            self.emit(made)
        elif r == 1 and self.variable("obj"):
            name = self.bindable("obj")
            if name:
                self.emit(f"{name} = {made}")
        elif r == 2:
            self.emit(f"log({made}.n)")
        elif r == 3 and self.variable("list"):
            name = self.variable("list")
            self.emit(f"{name}[0] = {made}")
            self.emit(f"{name}[0] = {self.expression('int')}")
        elif r == 4 and helper:
            function, kinds, _, _ = helper
            at = kinds.index("obj")
            words = [self.expression(k, 3) for k in kinds]
            words[at] = made
            self.emit(f"log({function}({', '.join(words)}))")
        elif r == 5 and self.has("lifetimes"):
            name = self.new("obj")
            self.emit(f"{name} = {made}")
            self.emit(f"watch({name}, {self.fresh})")
            if self.chance(0.4):
                self.emit(f"log(WATCHED[{self.fresh}]() is {name})")
        elif r == 6:
            name = self.bindable("obj")
            if name and self.has("unbound"):
                self.emit(f"del {name}")
                if self.chance(0.7):
                    self.emit(f"{name} = {made}")
                else:
                    self.variables.pop(name)
        elif r == 7:
            self.emit(f"[{made}, {self.make_obj(3)}].clear()")
        else:
            self.emit(f"({made}, {self.make_obj(3)}, log('both'))")

    def tell(self):
        names = list(self.variables)
        if not names:
            return False
        name = self.random.choice(names)
        choices = [f"log({name}, {self.random.choice(names)})",
                   f"log(type({name}).__name__, bool({name}))",
                   f"log(isinstance({name}, (int, str)), callable({name}))",
                   f"log(getattr({name}, 'n', 'none'))",
                   f"log(f'{{{name}!s:.6}}' if isinstance({name}, (int,"
                   f" float, str)) else 0)"]
        if self.has("refcounts"):
            # Of arguments a caller may hold one more.
            choices.append(f"log(sys.getrefcount({name}))"
                           if self.variables[name] in ("list", "obj", "dict")
                           and name[0] != "p" else f"log({name})")
        if self.has("identity"):
            choices.append(f"log({name} is {self.random.choice(names)})")
        self.emit(self.random.choice(choices))

    def unpack(self):
        e = self.expression
        a = self.bindable("int") or self.new("int")
        b = self.bindable("int", "float") or self.new("int")
        self.emit(self.pick(
            f"{a}, {b} = {b}, {e('int')}" if {a, b} <= set(self.variables)
            and self.chance(0.5) else f"{a}, {b} = {e('int')}, {e('int')}",
            f"{a}, *r = {e('list')}",
            f"{a}, {b} = {e('list')}[:2]",
            f"{a}, {b} = divmod({e('int')}, {e('int', 3)} or 3)",
            f"({a}, r), {b} = ({e('int')}, 1), 2"))
        self.variables[a] = "int"

    def call_for_effect(self):
        found = self.affordable()
        if not found:
            return False
        name, kinds, result, cost = found
        self.cost += self.weight * cost
        words = [self.expression(k, 3) for k in kinds]
        if self.chance(0.2) and words:
            words[-1] = f"p{len(words) - 1}={words[-1]}"
        elif self.chance(0.1) and not self.has("refcounts"):
            words = [f"*({', '.join(words)},)"]
        self.emit(f"{self.new(result)} = {name}({', '.join(words)})")

    def delete_name(self):
        if not self.has("unbound"):
            return False
        name = self.bindable()
        if not name:
            return False
        if self.chance(0.5):
            self.emit(f"del {name}")
            self.emit(f"{name} = {self.expression(self.variables[name])}")
        else:
            self.emit(f"if {self.expression('bool')}: del {name}")

    def poke_local(self):
        if not self.has("frames"):
            return False
        name = self.bindable("int", "float", "obj", "list")
        if not name:
            return False
        kind = self.pick(self.variables[name], "any")
        self.emit(f"poke('{name}', {self.expression(kind)})")

    def with_function(self):
        """A local function that captures and changes names."""
        if len(self.closures) > 2 or self.in_generator:
            return False
        name = f"local{len(self.closures)}_{self.seed}"
        inner = self.bindable("int", "float")
        self.closures.append(name)
        if inner and self.chance(0.7):
            self.emit(f"def {name}(v):")
            if self.chance(0.7):
                self.emit(f"    nonlocal {inner}")
                self.emit(f"    {inner} = {inner} + v")
            self.emit(f"    return {inner} - v")
        else:
            self.emit(f"{name} = lambda v, w={self.expression('int')}:"
                      f" v + w")

    def other_global(self):
        name = f"G{self.seed}{self.pick('I', 'F')}"
        kind = "int" if name[-1] == "I" else "float"
        if self.chance(0.3):
            self.emit(f"globals()['{name}'] = {self.expression(kind, 3)}")
        elif f"global {name}" in self.head:
            self.emit(f"{name} = {self.expression(kind)}"
                      + (" % BIG" if kind == "int" else ""))
        else:
            self.emit(f"G{self.seed}L[{self.expression('int')} % 3] = "
                      f"{self.expression('int')}")

    def several_kinds(self):
        """One site that meets several kinds."""
        if not self.afford(12) or self.loops > 1:
            return False
        self.fresh += 1
        v = f"q{self.fresh}"
        e = self.expression
        items = self.pick(
            f"[{e('int')}, {e('float')}, {e('int')}]",
            f"[{e('obj', 2)}, {e('obj', 2)}, {e('int', 2)}]",
            f"({e('str', 3)}, {e('list', 3)}, {e('dict', 3)})",
            f"[1, True, 2.5, 1 << 65, {e('int', 3)}]")
        self.emit(f"for {v} in {items}:")
        self.weight *= 3
        self.loops += 1
        self.indent += 1
        self.variables[v] = "any"
        self.fixed.add(v)
        self.emit(f"try: log({self.pick(f'{v} + 1', f'{v}.n', f'-{v}',
                                        f'len({v})', f'{v} * 2',
                                        f'{v} == 2', f'{v}.bump(1)',
                                        f'{v}.get(0)', f'{v} < 3',
                                        f'[*{v}][:2]', f'{v}[0]')})")
        self.emit("except (TypeError, AttributeError, LookupError) as error:"
                  " log(where(error))")
        self.indent -= 1
        self.loops -= 1
        self.weight //= 3
        self.variables.pop(v)

    def comprehension(self):
        name = self.random.choice(list(self.variables) or ["z"])
        v = self.pick("k", name)
        if v in self.fixed:
            v = "k"
        # The head is evaluated outside, the rest with the name inside.
        head = self.pick(self.expression("list"), f"range({self.pick(0, 3)})")
        saved = dict(self.variables)
        self.variables[v] = "int"
        self.weight *= 4
        e = self.expression
        text, kind = self.pick(
            (f"[{e('int', 2)} for {v} in {head}]", "list"),
            (f"[{v} for {v} in {head} if {e('bool', 2)}]", "list"),
            (f"{{{v}: {e('int', 2)} for {v} in {head}}}", "dict"),
            (f"sum({e('int', 2)} for {v} in {head})", "int"),
            (f"any({e('bool', 2)} for {v} in {head})", "bool"),
            (f"sorted({{{v} for {v} in {head}}}, key=repr)"
             if self.has("identity") else f"sorted({head})", "list"),
            (f"[{v} for {v} in {head} for {v} in ({v}, 1)]", "list"))
        self.weight //= 4
        self.variables = saved
        self.emit(f"{self.new(kind)} = {text}")

    def unbound(self):
        """A loop without a turn, a handler's name, a branch not gone."""
        a = self.bindable("int") or "u"
        r = self.random.randrange(4)
        if r == 0:
            self.emit(f"for u in range({self.pick('0', self.expression('int') + ' % 2')}): pass")
            self.emit(self.pick("log([u for u in (1, 2)])", "log(u)",
                                "log([u * 2 for u in range(3)], u)"))
        elif r == 1:
            self.emit(f"try: log({a} // ({self.expression('int')} % 2))")
            self.emit("except ZeroDivisionError as u: log(u)")
            self.emit(self.pick("log(u)", "log('after')",
                                "log([u for u in 'ab'])"))
        elif r == 2:
            self.emit(f"if {self.expression('bool')}: u = "
                      f"{self.expression(self.pick('int', 'obj', 'float'))}")
            self.emit("log(u)")
        else:
            self.emit(f"u = {self.expression('obj')}")
            self.emit("del u")
            self.emit(self.pick("log('gone')", "log([u for u in (3,)])"))

    def raise_one(self):
        self.emit(f"if {self.expression('bool')}:")
        self.emit("    raise " + self.pick(
            f"Fault({self.expression('int', 3)})", "Other('other')",
            f"ValueError({self.expression('str', 3)})", "StopIteration",
            f"KeyError({self.expression('int', 3)})"))

    def give(self):
        """A yield, in a generator."""
        r = self.random.randrange(4)
        text = self.expression(self.pick("int", "int", "float", "any"))
        if r == 0:
            self.emit(f"{self.new('any')} = yield {text}")
        elif r == 1 and self.generators and self.afford(
                self.generators[0][1]):
            self.emit(f"yield from {self.generators[0][0]}(2, 1)")
            self.cost += self.weight * self.generators[0][1]
        else:
            self.emit(f"yield {text}")

    def leave_loop(self):
        self.emit(f"if {self.expression('bool')}:")
        self.emit("    " + self.pick("break", "continue", "continue"))

    # --- compound statements

    def block(self, depth, most):
        self.indent += 1
        before = dict(self.variables)
        start = len(self.lines)
        for _ in range(self.random.randint(1, most)):
            self.statement(depth)
        if len(self.lines) == start:
            self.emit("pass")
        for name in list(self.variables):
            if name not in before and not (self.has("unbound")
                                           and self.chance(0.06)):
                del self.variables[name]
        self.indent -= 1

    def branch(self, depth):
        self.emit(f"if {self.expression('bool')}:")
        self.block(depth + 1, 2)
        if self.chance(0.1):
            self.emit(f"elif {self.expression('bool')}:")
            self.block(depth + 1, 2)
        if self.chance(0.5):
            self.emit("else:")
            self.block(depth + 1, 2)

    def attempt(self, depth):
        self.emit("try:")
        self.handlers += 1
        self.block(depth + 1, 3)
        self.handlers -= 1
        r = self.random.randrange(5)
        if r < 4:
            kinds = self.pick("Other", "Fault", "(ArithmeticError, Fault)",
                              "(TypeError, LookupError)", "ValueError",
                              "(AttributeError, NameError)",
                              "(Fault, TypeError, LookupError,"
                              " AttributeError, ValueError)")
            self.emit(f"except {kinds} as error:")
            self.indent += 1
            self.emit("log(where(error))")
            self.indent -= 1
            self.block(depth + 1, 1)
            if self.chance(0.2):
                self.emit("    raise" + self.pick("", " Fault(7) from error",
                                                  " Other(8)"))
            if self.chance(0.2):
                self.emit("else:")
                self.block(depth + 1, 1)
        if r > 2:
            self.emit("finally:")
            if self.chance(0.5):
                self.emit("    log('finally')")
            # `continue` and `break` here would swallow what is raised.
            loops, self.loops = self.loops, 0
            weight = self.weight
            self.block(depth + 3, 1)
            self.loops, self.weight = loops, weight

    def within(self, depth):
        self.emit(f"with Within({self.pick('True', 'False', 'True')})"
                  f"{self.pick('', ' as w')}:")
        self.handlers += 1
        self.block(depth + 1, 2)
        self.handlers -= 1

    def draw(self):
        """Use a generator."""
        if not self.generators:
            return False
        name, cost = self.random.choice(self.generators)
        if not self.afford(cost * 4):
            return False
        self.cost += self.weight * cost * 4
        call = f"{name}({self.expression('int', 3)}, {self.expression('int', 3)})"
        r = self.random.randrange(7)
        if r == 0:
            self.emit(f"{self.new('list')} = list({call})")
        elif r == 1:
            self.fresh += 1
            v = f"y{self.fresh}"
            self.emit(f"for {v} in {call}:")
            self.indent += 1
            self.variables[v] = "any"
            self.fixed.add(v)
            self.loops += 1
            self.weight *= 4
            self.assign()
            self.emit(self.pick(f"log({v})", "break", "pass"))
            self.weight //= 4
            self.loops -= 1
            self.indent -= 1
            self.variables.pop(v)
        else:
            self.fresh += 1
            g = f"y{self.fresh}"
            self.emit(f"{g} = {call}")
            self.emit(f"log(next({g}, None))")
            for _ in range(self.random.randint(1, 2)):
                self.emit(self.pick(
                    f"log(next({g}, 'end'))", f"{g}.close()",
                    f"try: log({g}.send({self.expression('any', 3)}))\n"
                    + "    " * self.indent
                    + "except (StopIteration, Fault) as error: "
                      "log(where(error))",
                    f"try: log({g}.throw(Other(3)))\n" + "    " * self.indent
                    + "except (StopIteration, Fault) as error: "
                      "log(where(error))",
                    f"log([*{g}])", f"log(sum({g}))"))

    def loop(self, depth):
        count = self.pick(3, 6, 12) if self.loops == 0 else self.pick(2, 4)
        r = self.random.randrange(8)
        self.fresh += 1
        k = f"k{self.fresh}"
        added = {k: "int"}
        if r == 0:
            self.emit(f"{k} = 0")
            self.emit(f"while {k} < {count}:")
            self.emit(f"    {k} += {self.pick(1, 1, 2)}")
        elif r < 4:
            start = self.pick("", "", "1, ", "-2, ")
            step = ", 2" if start and self.chance(0.3) else ""
            end = self.pick(str(count), f"{self.expression('int', 3)} % "
                            f"{count}")
            self.emit(f"for {k} in range({start}{end}{step}):")
        elif r == 4:
            count = 8
            self.emit(f"for {k} in {self.expression('list', 2)}[:9]:")
        elif r == 5:
            count = 6
            added = {k: "int", "e" + k: "any"}
            self.emit(f"for {k}, e{k} in enumerate("
                      f"{self.expression(self.pick('list', 'str'), 2)}[:7]):")
        elif r == 6:
            count = 5
            added = {k: "any", "e" + k: "int"}
            self.emit(f"for {k}, e{k} in "
                      + self.pick(
                          f"list({self.expression('dict', 2)}.items()):",
                          f"{self.expression('dict', 3)}.items():",
                          f"zip({self.expression('list', 3)}[:6],"
                          f" {self.expression('list', 3)}[:6]):"))
        else:
            count = 3
            added = {k: "obj"}
            self.emit(f"for {k} in [{self.make_obj(3)}, {self.make_obj(3)},"
                      f" {self.expression('obj', 3)}]:")
        self.variables.update(added)
        self.fixed.update(added)
        self.loops += 1
        self.weight *= count
        self.block(depth + 1, 3)
        self.weight //= count
        self.loops -= 1
        if self.chance(0.1):
            self.emit("else:")
            self.block(depth + 1, 1)
        for name in added:
            if not (self.has("unbound") and self.chance(0.15)):
                self.variables.pop(name, None)

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
