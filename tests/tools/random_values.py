"""Expressions of small random programs (see random_small.py).

`expression(kind)` writes one of about that kind. What is multiplied has one
small side, and nothing is longer than a few dozen items, whatever types the
names hold at run time.
"""

NUMBERS = ("0", "1", "2", "3", "7", "-1", "10", "255", "256", "257", "1000",
           "2147483648", "4611686018427387904", "9223372036854775807")


class ValueWriter:
    def expression(self, kind, depth=0):
        if depth < 2 and self.chance(0.2):
            call = self.call(kind, depth)
            if call:
                return call
        name = self.variable(kind)
        if name and self.chance(0.5 + 0.15 * depth):
            return name
        return getattr(self, "make_" + kind)(depth + 1)

    def affordable(self, *kinds):
        """A function that may be called here, with such a parameter."""
        found = [f for f in self.functions
                 if self.afford(f[3]) and f[0][0] == "h"
                 and all(kind in f[1] for kind in kinds)]
        return self.random.choice(found) if found else None

    def call(self, kind, depth):
        if self.closures and kind == "int" and self.chance(0.4):
            return (f"{self.random.choice(self.closures)}"
                    f"({self.expression('int', depth + 2)})")
        pool = [f for f in self.functions
                if f[2] == kind and self.afford(f[3])]
        if not pool:
            return None
        name, kinds, _, cost = self.random.choice(pool)
        self.cost += self.weight * cost
        return (f"{name}("
                + ", ".join(self.expression(k, depth + 2) for k in kinds)
                + ")")

    def number(self):
        return f"G{self.seed}{self.pick('I', 'F')}"

    def make_int(self, depth):
        if depth > 3:
            return self.pick(*NUMBERS, f"G{self.seed}I")
        e = self.expression
        r = self.random.randrange(26)
        if r < 5:
            return (f"({e('int', depth)} {self.pick('+', '-')}"
                    f" {e('int', depth)})")
        if r == 5:
            return f"({e('int', depth)} * ({e('int', depth)} & 15))"
        if r == 6:
            return (f"({e('int', depth)} * ({e('int', depth)} % 1009)"
                    " % 1000003)")
        if r == 7:
            return (f"({e('int', depth)} {self.pick('&', '|', '^')}"
                    f" {e('int', depth)})")
        if r == 8:
            by = e("int", 3)
            by = self.pick("3", "7", "-5", f"({by} or 3)", by)
            return f"({e('int', depth)} {self.pick('//', '%')} {by})"
        if r == 9:
            return (f"(({e('int', depth)} & 0xffffffff)"
                    f" {self.pick('<<', '>>')} {self.pick(1, 3, 31, 40)})")
        if r == 10:
            return f"{self.pick('-', '~', 'abs', '+')}({e('int', depth)} + 0)"
        if r == 11:
            return f"len({e(self.pick('list', 'str', 'dict'), depth)})"
        if r == 12:
            name = self.variable("list") or f"G{self.seed}L"
            return f"{name}[{e('int', depth)} % len({name})]"
        if r == 13:
            return f"{e('list', depth)}[{self.pick(0, 1, -1, 2)}]"
        if r == 14:
            return (f"{self.pick('min', 'max')}({e('int', depth)},"
                    f" {e('int', depth)})")
        if r == 15:
            return f"int({e('float', depth)} % 1e6)"
        if r < 19:
            name = self.variable("obj")
            if name:
                return self.pick(
                    f"{name}.n", f"{name}.n", f"{name}.p", f"{name}.scale",
                    f"{name}.get({e('int', depth)})",
                    f"{name}.bump({e('int', depth)})",
                    f"{name}.items[{self.pick(0, 1, -1)}]")
        if r == 19:
            return (f"({e('int', depth)} if {e('bool', depth)}"
                    f" else {e('int', depth)})")
        if r == 20:
            name = self.variable("dict")
            if name:
                return self.pick(f"{name}[{e('int', depth)} % 2]",
                                 f"{name}.get({e('int', depth)} % 6, 1)",
                                 f"{name}['a']")
        if r == 21:
            return f"sum({e('list', depth)})"
        if r == 22:
            return f"({e('int', depth)} + {e('bool', depth)})"
        if r == 23:
            return self.pick(f"ord({e('str', depth)}[0])",
                             f"int(str({e('int', depth)})[-5:])",
                             f"round({e('float', depth)})")
        if r == 24:
            return (f"({e('int', depth)} {self.pick('or', 'and')}"
                    f" {e('int', depth)})")
        return self.pick(*NUMBERS, f"G{self.seed}I")

    def make_float(self, depth):
        if depth > 3:
            return self.pick("0.5", "1.0", "2.0", "-1.25", "1e3", "-0.0",
                             "NAN", f"G{self.seed}F")
        e = self.expression
        r = self.random.randrange(14)
        if r < 6:
            pair = [e("float", depth),
                    e(self.pick("float", "float", "int"), depth)]
            self.random.shuffle(pair)
            return f"({pair[0]} {self.pick('+', '-', '+', '-')} {pair[1]})"
        if r == 6:
            return (f"({e('float', depth)} *"
                    f" {self.pick('0.5', '2.0', '-1.5', f'{e('float', 3)}')})")
        if r == 7:
            return (f"({e('int', depth)} /"
                    f" {self.pick('7', '2.5', e('int', 3))})")
        if r == 8:
            return self.pick(f"math.sqrt(abs({e('float', depth)}))",
                             f"math.sin({e('float', depth)})",
                             f"abs({e('float', depth)})",
                             f"-{e('float', depth)}",
                             f"math.floor({e('float', depth)}) * 0.5")
        if r == 9:
            return f"float({e('int', depth)})"
        if r < 12:
            name = self.variable("obj")
            if name:
                return self.pick(f"{name}.x", f"{name}.x",
                                 f"{name}.weight()")
        if r == 12:
            return (f"{self.pick('min', 'max')}({e('float', depth)},"
                    f" {e('float', depth)})")
        return self.pick("0.0", "-0.0", "0.1", "1e100", "3.75", "NAN")

    def make_bool(self, depth):
        if depth > 3:
            return self.pick("True", "False")
        e = self.expression
        op = self.pick("<", "<=", ">", ">=", "==", "!=")
        r = self.random.randrange(12)
        if r < 4:
            return f"{e('int', depth)} {op} {e('int', depth)}"
        if r == 4:
            return f"{e('float', depth)} {op} {e('float', depth)}"
        if r == 5:
            return (f"({e('int', depth)} < {e('int', depth)} <="
                    f" {e('int', depth)})")
        if r == 6:
            return (f"({e('bool', depth)} {self.pick('and', 'or')}"
                    f" {e('bool', depth)})")
        if r == 7:
            return f"(not {e('bool', depth)})"
        if r == 8:
            return self.pick(
                f"({e('int', depth)} in {e('list', depth)})",
                f"({e('int', depth)} % 4 in {e('dict', depth)})",
                f"isinstance({e('any', depth)}, int)",
                f"({e('str', depth)} {op} {e('str', depth)})",
                f"({e('any', depth)} is None)",
                f"type({e('any', depth)}) is float",
                f"({e('obj', depth)} == {e('obj', depth)})")
        if r == 9:
            return f"({e('int', depth)} & {self.pick(1, 2, 3)} == 0)"
        if r == 10:
            return f"({e('float', depth)} {op} {e('int', depth)})"
        return f"(({e('int', depth)}) % {self.pick(2, 3, 5)} == 1)"

    def make_str(self, depth):
        if depth > 3:
            return self.pick("'a'", "'zed'", "'B7'", "'\\u00e9x'")
        e = self.expression
        return self.pick(
            f"chr(65 + {e('int', depth)} % 26)",
            f"str({e('int', depth)})[:6]", f"str({e('float', depth)})[:8]",
            f"({e('str', depth)}[:9] + {e('str', depth)}[:9])",
            f"{e('str', depth)}[{self.pick('1:', ':3', '::-1', '-2:')}]",
            f"f'{{{self.variable('int') or 0}}}:"
            f"{{{self.variable('float') or 0.5}!r:.7}}'",
            f"'-'.join([{e('str', depth)}[:5], {e('str', depth)}[:5]])",
            f"{e('str', depth)}[:9].replace('a', 'bc')",
            f"{e('str', depth)}.{self.pick('upper', 'title', 'strip')}()")

    def make_list(self, depth):
        if depth > 3:
            return self.pick("[1, 2, 3]", f"G{self.seed}L[:]", "[2.5, 1, 4]")
        e = self.expression
        return self.pick(
            f"[{e('int', depth)}, {e('int', depth)}, 4]",
            f"[{e('float', depth)}, {e('float', depth)}]",
            f"([{e('int', depth)}] * 3)",
            f"[j * {self.pick('2', '0.5')} for j in range(4)]",
            f"({e('list', depth)} + [1])[:8]",
            f"{e('list', depth)}[{self.pick('-4:', '1:', '::2', ':')}]",
            f"sorted([{e('int', depth)}, {e('int', depth)}, 3])",
            f"list(range({e('int', depth)} % 7))",
            f"{self.variable('obj') or self.make_obj(4)}.items[-5:]",
            f"[{e('int', depth)}, {e('any', depth)}, {e('int', depth)}]")

    def make_dict(self, depth):
        if depth > 3:
            return self.pick("{0: 1, 1: 2, 'a': 3}", "{}")
        e = self.expression
        return self.pick(
            f"{{0: {e('int', depth)}, 1: {e('int', depth)}, 'a': 5}}",
            f"{{j: {e('int', 3)} for j in range(4)}}",
            f"dict(a={e('int', depth)}, b={e('float', depth)})")

    def make_obj(self, depth):
        name = self.random.choice(self.classes)
        if depth > 3:
            return f"{name}(3, 1.5)"
        e = self.expression
        return f"{name}({e('int', depth)}, {e('float', depth)})"

    def make_any(self, depth):
        kind = self.pick("int", "float", "int", "str", "list", "obj")
        if depth > 3 and kind in ("list", "obj") or self.chance(0.15):
            return self.pick("None", "True", "1.5", "'any'")
        return self.expression(kind, depth)
