"""Compound statements of small random programs (see random_small.py), and
what draws from generators."""


class BlockWriter:
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
        call = (f"{name}({self.expression('int', 3)},"
                f" {self.expression('int', 3)})")
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
