"""Write a random, deterministic, terminating program.

Usage: random_program.py SEED

The program has functions over ints, floats, bools, strings, lists and objects
with loops, branches, calls, recursion, exceptions and generators; a driver
calls them often enough to be compiled, with the usual types first and others
later, rebinds globals, methods and attributes in between, and prints results
and the places of exceptions.
"""

import random
import sys

BIG = 1 << 70
KINDS = ("int", "float", "bool", "str", "ints", "floats", "obj")

PRELUDE = '''\
"""Random program {seed}."""
import math
import traceback
import zlib

G_INT = {g_int}
G_FLOAT = {g_float}
G_LIST = [{g_list}]
CHECK = 0


def trace(*values):
    global CHECK
    CHECK = zlib.crc32(repr(values).encode(), CHECK)


class Base:
    scale = {scale}

    def __init__(self, n, x):
        self.n = n % (1 << 70)
        self.x = x
        self.items = [n, n + 1, 3]

    def weight(self):
        return self.n * self.scale

    def __repr__(self):
        return f"{{type(self).__name__}}({{self.n}}, {{self.x}})"


class Obj(Base):
    def get(self, k):
        return self.items[k % 3] + self.n

    def bump(self, v):
        self.n = (self.n + v) % 1000003
        self.x = self.x * 0.5 + v
        return self.n
'''

DRIVER = '''

def arguments(kinds, k):
    out = []
    for kind in kinds:
        if kind == "int":
            out.append(k * 7 % 23 - 5)
        elif kind == "float":
            out.append(k * 0.75 - 3.0)
        elif kind == "bool":
            out.append(k % 3 == 0)
        elif kind == "str":
            out.append("abcdefgh"[k % 8:] + "xyz")
        elif kind == "ints":
            out.append([k, k + 1, -k, 5, 0, k * k])
        elif kind == "floats":
            out.append([k * 0.5, -1.5, 2.25, 0.0, 1e10])
        else:
            out.append(Obj(k, k * 0.25))
    return out


ODD = [2 ** 63 - 1, -2 ** 63, 10 ** 20, 0.5, True, None, "odd", -0.0,
       float("inf"), [1, 2.5, "x"], 3, [], Base(1, 2)]


def drive(function, kinds, first, last, odd):
    for k in range(first, last):
        values = arguments(kinds, k)
        if odd and k % 3 == 0:
            values[k % len(values)] = ODD[k % len(ODD)]
        try:
            result = function(*values)
        except (ArithmeticError, LookupError, TypeError, ValueError,
                AttributeError, UnboundLocalError) as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            result = (type(error).__name__, str(error)[:60], where.lineno,
                      where.colno, where.end_colno)
        text = repr(result)
        if k % 8 == 0 or last - k < 3 or odd:
            print(function.__name__, k, CHECK, text[:90])


'''


class Writer:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.seed = seed
        self.lines = []
        self.functions = []     # (name, kinds of arguments, kind of result)
        self.leaves = []
        self.indent = 1
        self.loops = 0
        self.fresh = 0
        self.variables = {}
        self.fixed = set()

    # --- small helpers

    def chance(self, share):
        return self.random.random() < share

    def pick(self, *options):
        return self.random.choice(options)

    def emit(self, text):
        self.lines.append("    " * self.indent + text)

    def new(self, kind):
        self.fresh += 1
        name = f"{kind[0]}{self.fresh}"
        self.variables[name] = kind
        return name

    def variable(self, kind):
        if self.chance(0.003):
            names = list(self.variables)
        else:
            names = [n for n, k in self.variables.items() if k == kind]
        return self.random.choice(names) if names else None

    # --- expressions

    def expression(self, kind, depth=0):
        if depth < 3 or self.chance(0.2):
            call = self.call(kind, depth)
            if call:
                return call
        name = self.variable(kind)
        if name and self.chance(0.45 + 0.15 * depth):
            return name
        return getattr(self, "make_" + kind)(depth + 1)

    def call(self, kind, depth):
        pool = self.leaves if self.loops else self.functions
        pool = [f for f in pool if f[2] == kind]
        if not pool or not self.chance(0.12) or depth > 1:
            return None
        name, kinds, _ = self.random.choice(pool)
        return (f"{name}("
                + ", ".join(self.expression(k, depth + 2) for k in kinds)
                + ")")

    def make_int(self, depth):
        if depth > 3:
            return self.pick("0", "1", "2", "3", "7", "-1", "10", "255",
                             "G_INT", "1000003")
        e = self.expression
        r = self.random.randrange(19)
        if r < 4:
            op = self.pick("+", "-", "+", "-", "*")
            return f"({e('int', depth)} {op} {e('int', depth)})"
        if r == 4:
            op = self.pick("&", "|", "^")
            return f"({e('int', depth)} {op} {e('int', depth)})"
        if r == 5:
            op = self.pick("//", "%")
            safe = "" if self.chance(0.1) else " or 3"
            return f"({e('int', depth)} {op} ({e('int', depth)}{safe}))"
        if r == 6:
            op = self.pick("//", "%")
            return f"({e('int', depth)} {op} {self.pick(2, 3, 7, -5, 1009)})"
        if r == 7:
            return (f"({e('int', depth)} {self.pick('<<', '>>')}"
                    f" ({e('int', depth)} & {self.pick(3, 7, 15)}))")
        if r == 8:
            return f"{self.pick('-', '~', 'abs', '-')}({e('int', depth)})"
        if r == 9:
            return f"len({e(self.pick('ints', 'floats', 'str'), depth)})"
        if r == 10:
            name = self.variable("ints") or "G_LIST"
            if self.chance(0.95):
                return f"{name}[{e('int', depth)} % len({name})]"
            return f"{name}[{e('int', depth)}]"
        if r == 11:
            return (f"{self.pick('min', 'max')}({e('int', depth)},"
                    f" {e('int', depth)})")
        if r == 12:
            return f"int({e('float', depth)} % 1e6)"
        if r == 13:
            name = self.variable("obj")
            if name:
                return self.pick(f"{name}.n", f"{name}.get({e('int', depth)})",
                                 f"{name}.bump({e('int', depth)})",
                                 f"{name}.weight()", f"{name}.items[1]")
        if r == 14:
            return (f"({e('int', depth)} if {e('bool', depth)}"
                    f" else {e('int', depth)})")
        if r == 15:
            return f"ord({e('str', depth)}[0])"
        if r == 16:
            return f"({e('int', depth)} + {e('bool', depth)})"
        if r == 17:
            return f"sum({e('ints', depth)})"
        return str(self.pick(0, 1, 2, 5, 100, -3, 2 ** 31, 2 ** 62, 12345))

    def make_float(self, depth):
        if depth > 3:
            return self.pick("0.5", "1.0", "2.0", "-1.25", "G_FLOAT", "1e3")
        e = self.expression
        r = self.random.randrange(13)
        if r < 5:
            op = self.pick("+", "-", "*", "+", "*")
            other = self.pick("float", "float", "float", "int")
            pair = [e("float", depth), e(other, depth)]
            self.random.shuffle(pair)
            return f"({pair[0]} {op} {pair[1]})"
        if r == 5:
            safe = "" if self.chance(0.1) else " or 0.5"
            return f"({e('float', depth)} / ({e('float', depth)}{safe}))"
        if r == 6:
            return f"({e('int', depth)} / ({e('int', depth)} or 7))"
        if r == 7:
            return self.pick(f"math.sqrt(abs({e('float', depth)}))",
                             f"math.sin({e('float', depth)})",
                             f"abs({e('float', depth)})",
                             f"-{e('float', depth)}",
                             f"math.floor({e('float', depth)}) * 0.5")
        if r == 8:
            return f"float({e('int', depth)})"
        if r == 9:
            name = self.variable("floats")
            if name:
                return f"{name}[{e('int', depth)} % len({name})]"
        if r == 10:
            name = self.variable("obj")
            if name:
                return f"{name}.x"
        if r == 11:
            return (f"{self.pick('min', 'max')}({e('float', depth)},"
                    f" {e('float', depth)})")
        return self.pick("0.0", "-0.0", "0.1", "1e100", "3.75", "-2.5")

    def make_bool(self, depth):
        if depth > 3:
            return self.pick("True", "False")
        e = self.expression
        r = self.random.randrange(9)
        op = self.pick("<", "<=", ">", ">=", "==", "!=")
        if r < 3:
            return f"{e('int', depth)} {op} {e('int', depth)}"
        if r == 3:
            return f"{e('float', depth)} {op} {e('float', depth)}"
        if r == 4:
            return (f"({e('int', depth)} < {e('int', depth)} <="
                    f" {e('int', depth)})")
        if r == 5:
            return (f"({e('bool', depth)} {self.pick('and', 'or')}"
                    f" {e('bool', depth)})")
        if r == 6:
            return f"(not {e('bool', depth)})"
        if r == 7:
            return self.pick(f"({e('int', depth)} in {e('ints', depth)})",
                             f"isinstance({e('int', depth)}, int)",
                             f"({e('str', depth)} {op} {e('str', depth)})",
                             f"({e('obj', depth)} is None)")
        return f"({e('float', depth)} {op} {e('int', depth)})"

    def make_str(self, depth):
        if depth > 3:
            return self.pick("'a'", "'zed'", "'B7'")
        e = self.expression
        return self.pick(f"chr(65 + {e('int', depth)} % 26)",
                         f"str({e('int', depth)})[:6]",
                         f"({e('str', depth)} + {e('str', depth)})[:9]",
                         f"{e('str', depth)}[:3]", "'word'")

    def make_ints(self, depth):
        if depth > 3:
            return self.pick("[1, 2, 3]", "G_LIST")
        e = self.expression
        return self.pick(
            f"[{e('int', depth)} % {BIG}, {e('int', depth)} % 99, 4]",
            f"[j * {e('int', depth)} % {BIG} for j in range(4)]",
            f"({e('ints', depth)} + [1])[:8]", f"{e('ints', depth)}[-4:]",
            f"sorted({e('ints', depth)})", "list(range(5))")

    def make_floats(self, depth):
        if depth > 3:
            return "[0.5, 1.5, -2.0]"
        e = self.expression
        return self.pick(f"[{e('float', depth)}, {e('float', depth)}, 1.0]",
                         f"[j * {e('float', depth)} for j in range(4)]",
                         f"{e('floats', depth)}[::-1]")

    def make_obj(self, depth):
        if depth > 3:
            return "Obj(3, 1.5)"
        e = self.expression
        return f"Obj({e('int', depth)}, {e('float', depth)})"

    # --- statements

    def assign(self, name=None):
        kind = self.pick("int", "int", "int", "float", "float", "float",
                         "int", "bool", "str", "ints", "floats", "obj")
        if name is None and self.chance(0.65):
            names = [n for n, k in self.variables.items()
                     if n not in self.fixed and (k in ("int", "float")
                                                 or self.chance(0.2))]
            if names:
                name = self.random.choice(names)
                kind = self.variables[name]
        if name is None:
            text = self.expression(kind)
            name = self.new(kind)
            self.emit(f"{name} = {text}")
        elif kind in ("int", "float") and self.chance(0.5):
            op = self.pick("+", "-", "+", "*" if kind == "float" else "-")
            self.emit(f"{name} {op}= {self.expression(kind)}")
        else:
            if kind == "float" and self.chance(0.04):
                kind = "int"
            self.emit(f"{name} = {self.expression(kind)}")
        if self.variables[name] == "int":
            self.emit(f"if not -{BIG} < {name} < {BIG}:")
            self.emit(f"    {name} %= 1000003")
        elif self.variables[name] == "float" and self.loops:
            self.emit(f"if not -1e60 < {name} < 1e60:")
            self.emit(f"    {name} = 0.75")

    def statement(self, depth):
        r = self.random.randrange(20)
        if r < 9 or depth > 3:
            self.assign()
        elif r < 12:
            self.branch(depth)
        elif r < 15 and self.loops < 2:
            self.loop(depth)
        elif r == 15:
            name = self.variable("ints")
            if name and self.variables[name] == "ints":
                self.pick(
                    lambda: self.emit(f"{name}[{self.expression('int')}"
                                      f" % len({name})] ="
                                      f" {self.expression('int')} % {BIG}"),
                    lambda: self.emit(f"{name} = ({name} +"
                                      f" [{self.expression('int')} % {BIG}])"
                                      "[-9:]"),
                    lambda: self.emit(f"if len({name}) < 12:\n"
                                      + "    " * (self.indent + 1)
                                      + f"{name}.append("
                                      f"{self.expression('int')} % {BIG})"),
                )()
        elif r == 16:
            name = self.variable("obj")
            if name and self.variables[name] == "obj":
                if self.chance(0.5):
                    self.emit(f"{name}.n = {self.expression('int')} % {BIG}")
                else:
                    self.emit(f"{name}.x {self.pick('=', '+=', '-=')}"
                              f" {self.expression('float')}")
        elif r == 17 and depth < 3:
            self.emit("try:")
            self.block(depth + 1, 2)
            self.emit(f"except ({self.pick('ZeroDivisionError', 'ArithmeticError')},"
                      f" {self.pick('IndexError', 'TypeError', 'ValueError')}):")
            self.block(depth + 1, 1)
            if self.chance(0.3):
                self.emit("finally:")
                self.block(depth + 1, 1)
        elif r == 18:
            names = [n for n, k in self.variables.items()
                     if k == "int" and n not in self.fixed]
            if len(names) > 1:
                a, b = self.random.sample(names, 2)
                self.emit(f"{a}, {b} = {b}, {self.expression('int')}")
        elif r == 19 and self.loops and self.chance(0.5):
            self.emit(f"if {self.expression('bool')}:")
            self.emit("    " + self.pick("break", "continue"))
        else:
            self.assign()

    def block(self, depth, most):
        self.indent += 1
        before = dict(self.variables)
        start = len(self.lines)
        for _ in range(self.random.randint(1, most)):
            self.statement(depth)
        if len(self.lines) == start:
            self.emit("pass")
        # Names first bound inside may stay unbound: use them rarely.
        for name in list(self.variables):
            if name not in before and not self.chance(0.05):
                del self.variables[name]
        self.indent -= 1

    def branch(self, depth):
        self.emit(f"if {self.expression('bool')}:")
        self.block(depth + 1, 3)
        if self.chance(0.3):
            self.emit(f"elif {self.expression('bool')}:")
            self.block(depth + 1, 2)
        if self.chance(0.5):
            self.emit("else:")
            self.block(depth + 1, 3)

    def loop(self, depth):
        count = self.pick(3, 5, 12, 25) if self.loops == 0 else self.pick(2, 5)
        r = self.random.randrange(5)
        self.fresh += 1
        name = f"k{self.fresh}"
        added = {}
        if r == 0:
            self.emit(f"{name} = 0")
            self.emit(f"while {name} < {count}:")
            self.emit(f"    {name} += {self.pick(1, 1, 2)}")
            added[name] = "int"
        elif r == 1:
            start = self.pick("0", "1", "-3")
            step = self.pick("", ", 2", ", 3")
            self.emit(f"for {name} in range({start}, {count}{step}):")
            added[name] = "int"
        elif r == 2:
            self.emit(f"for {name} in {self.expression('ints')}:")
            added[name] = "int"
        elif r == 3:
            self.emit(f"for {name} in {self.expression('floats')}:")
            added[name] = "float"
        else:
            self.emit(f"for {name}, c{name} in enumerate("
                      f"{self.expression('str')}):")
            added[name] = "int"
            added["c" + name] = "str"
        self.variables.update(added)
        self.fixed.update(added)
        self.loops += 1
        self.block(depth + 1, 4)
        self.loops -= 1
        if self.chance(0.15):
            self.emit("else:")
            self.block(depth + 1, 1)
        for added_name in added:
            self.variables.pop(added_name, None)

    def function(self, number):
        kinds = [self.pick(*KINDS, "int", "float", "int", "float")
                 for _ in range(self.random.randint(1, 4))]
        result = self.pick("int", "int", "float", "float", "bool", "ints",
                           "obj", "str")
        name = f"f{number}"
        parameters = [f"p{i}" for i in range(len(kinds))]
        self.variables = dict(zip(parameters, kinds))
        self.fixed = set()
        self.lines += ["", ""]
        recursive = number > 2 and self.chance(0.25)
        if recursive:
            self.lines.append(
                f"def {name}({', '.join(parameters)}, depth=4):")
            self.emit("if depth == 0:")
            reduced = f" % {BIG}" if result == "int" else ""
            self.emit(f"    return ({self.expression(result)}){reduced}")
        else:
            self.lines.append(f"def {name}({', '.join(parameters)}):")
        for kind in ("int", "float"):
            text = self.expression(kind, 2)
            self.emit(f"{self.new(kind)} = {text}")
        for _ in range(self.random.randint(2, 6)):
            self.statement(0)
        if recursive:
            again = ", ".join(self.expression(k, 2) for k in kinds)
            self.emit(f"again = {name}({again}, depth - 1)")
            self.variables["again"] = result
        self.emit(f"trace({', '.join(self.variables)})")
        reduced = f" % {BIG}" if result == "int" else ""
        self.emit(f"return ({self.expression(result)}){reduced}")
        self.functions.append((name, kinds, result))
        if number < 3:
            self.leaves.append(self.functions[-1])

    def program(self):
        r = self.random
        head = PRELUDE.format(
            seed=self.seed, g_int=self.pick(3, 17, 2 ** 40, -9),
            g_float=self.pick(0.5, -3.25, 1e6),
            g_list=", ".join(str(r.randint(-9, 99)) for _ in range(6)),
            scale=self.pick(2, 0.5, -1))
        count = r.randint(5, 9)
        for number in range(count):
            self.function(number)
        self.lines += ["", "", "def generate(n):"]
        self.variables = {"n": "int"}
        self.fixed = {"n"}
        self.emit("for i in range(n):")
        self.variables["i"] = "int"
        self.fixed.add("i")
        self.loops = 1
        self.block(3, 3)
        self.loops = 0
        self.emit(f"    yield {self.expression('int', 1)}")
        out = [head, "\n".join(self.lines), DRIVER]
        calls = [f"drive({name}, {tuple(kinds)!r}, {{}}, {{}}, {{}})"
                 for name, kinds, _ in self.functions]
        out += [call.format(0, 60, False) + "\n" for call in calls]
        out.append("drive(lambda n: sum(generate(n)), ('int',), 0, 40, "
                   "False)\n")
        changes = [f"G_INT = {self.pick('2.5', '10 ** 20', '4')}",
                   f"G_FLOAT = {self.pick('7', '0.125')}",
                   "Obj.get = lambda self, k: k * 3",
                   "Base.scale = 1.5", "Obj.weight = lambda self: 11",
                   f"{self.functions[0][0]} = {self.functions[-1][0]}",
                   "G_LIST = (1.5, 2, 3)", "abs = lambda v: v",
                   "Obj.n = 5", "del Base.scale"]
        r.shuffle(changes)
        for change in changes[:3]:
            out.append(change + "\n")
            call = self.random.choice(calls)
            out.append(call.format(60, 75, False) + "\n")
        out += [call.format(0, 40, True) + "\n" for call in calls]
        return "".join(out)


def write(seed):
    return Writer(seed).program()


if __name__ == "__main__":
    sys.stdout.write(write(int(sys.argv[1])))
