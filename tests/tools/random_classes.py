"""Classes and globals of small random programs (see random_small.py)."""


class ClassWriter:
    def globals(self):
        r, seed = self.random, self.seed
        self.indent = 0
        self.lines += ["", ""]
        self.emit(f"G{seed}I = {self.pick(3, 17, 2 ** 40, -9)}")
        self.emit(f"G{seed}F = {self.pick(0.5, -3.25, 1e6)}")
        self.emit(f"G{seed}L = [{r.randint(-9, 99)}, {r.randint(-9, 99)},"
                  f" {self.pick('2.5', '7')}]")
        if self.has("effects"):
            # What finalisers change: lists and objects that others use.
            self.emit(f"G{seed}S = []")

    def effect(self):
        """What a finaliser does besides noting; one statement."""
        seed = self.seed
        choices = [f"G{seed}L[0] = self.n", f"G{seed}L[1] += 1",
                   f"globals()['G{seed}I'] = self.n",
                   f"globals()['G{seed}F'] = self.x",
                   f"G{seed}L.append(1); del G{seed}L[:-5]",
                   f"G{seed}L.insert(0, 9); del G{seed}L[4:]",
                   f"G{seed}S.append(self); del G{seed}S[:-2]",
                   f"{self.name_of_first()}.scale = self.n % 7",
                   "if self.n == 7: raise Fault('in a finaliser')"]
        if self.has("finaliser_frames"):
            choices += [f"poke_up('{self.pick('i', 'f', 'l', 'o')}"
                        f"{self.pick(1, 2, 3)}', self.n)"] * 3
        return self.random.choice(choices)

    def name_of_first(self):
        return f"A{self.seed}"

    def a_class(self, number):
        name = f"{'AB'[number]}{self.seed}"
        base = f"({self.classes[0]})" if number and self.chance(0.7) else ""
        self.lines += ["", ""]
        self.indent = 0
        self.emit(f"class {name}{base}:")
        self.indent = 1
        start = len(self.lines)
        if self.chance(0.15):
            if not base:
                self.emit("__slots__ = ('n', 'x', 'w', 'items'"
                          + self.pick("", ", '__weakref__'", ", '__dict__'")
                          + ")")
            elif self.chance(0.5):
                self.emit("__slots__ = ('more',)")
        slots = len(self.lines) > start
        if not base or self.chance(0.4):
            self.emit(f"{'scale'} = {self.pick('2', '0.5', '-1')}")
        if not base:
            # Without an address.
            self.emit(f"def __repr__(self): return '<{name}>'")
        if not base or self.chance(0.4):
            self.initialiser(name, base)
        if self.has("lifetimes") and self.chance(0.45):
            self.emit("def __del__(self):")
            self.emit(f"    log('{name} dies', self.n)")
            if self.has("effects") and self.chance(0.45):
                self.emit(f"    {self.effect()}")
        if not base or self.chance(0.3):
            self.methods(bool(base))
        if not base and not slots and self.chance(0.5):
            self.emit("@property")
            self.emit("def p(self):")
            self.emit("    return " + self.pick(
                "self.n + 1", "self.scale", "self.items[0]",
                "self.x * 2"))
            if self.chance(0.5):
                self.emit("@p.setter")
                self.emit("def p(self, v):")
                self.emit("    " + self.pick("self.n = v % BIG",
                                             "self.x = v", "self.w = v",
                                             "log('set', v)"))
        self.operators()
        if len(self.lines) == start:
            self.emit("pass")
        self.classes.append(name)

    def initialiser(self, name, base):
        self.emit("def __init__(self, n, x):")
        if base and self.chance(0.6):
            self.emit("    " + self.pick("super().__init__(n, x)",
                                         f"super({name}, self)."
                                         "__init__(n, x)"))
            self.emit(f"    self.w = {self.pick('n', 'x', '1', '[n]')}")
            return
        order = [f"self.n = {self.pick('n', 'n % BIG', 'n + 1')}",
                 f"self.x = {self.pick('x', 'x', 'x * 0.5', 'n')}",
                 f"self.items = {self.pick('[n, 2, 3]', '[n, n, x]')}"]
        if self.chance(0.3):
            order.append("self.w = 1")
        self.random.shuffle(order)
        for line in order:
            self.emit("    " + line)
        if self.has("lifetimes") and self.chance(0.1):
            self.emit(f"    watch(self, '{name}')")

    def methods(self, derived):
        if not derived or self.chance(0.5):
            self.get(derived)
        if self.chance(0.6):
            self.bump(derived)
        if self.chance(0.3):
            self.emit("def weight(self):")
            self.emit("    return " + self.pick(
                "self.n * 0.5", "self.x", "self.scale + self.x",
                "self.n + self.scale"))

    def get(self, derived):
        self.emit("def get(self, k):")
        self.emit("    return " + self.pick(
            "self.items[k % 3] + self.n", "self.n - k", "self.n",
            "self.x + k", "k if k < self.n else self.x",
            *(["super().get(k) + 1"] * 3 if derived else [])))

    def bump(self, derived):
        self.emit("def bump(self, v):")
        self.emit("    " + self.pick(
            "self.n = (self.n + v) % 1000003", "self.n += v",
            "self.x = self.x * 0.5 + v", "self.items[0] = v",
            "self.w = v", *(["super().bump(v)"] * 3 if derived else [])))
        self.emit("    return " + self.pick("self.n", "self.x", "v", "self"))

    def operators(self):
        if self.chance(0.1):
            self.emit("def __eq__(self, other):")
            self.emit("    return " + self.pick(
                "type(other) is type(self) and self.n == other.n",
                "NotImplemented", "self.n == other", "True"))
            self.emit("__hash__ = object.__hash__")
        if self.chance(0.15):
            self.emit("def __add__(self, other):")
            self.emit("    return " + self.pick(
                "self.n + other", "self", "NotImplemented",
                "type(self)(self.n, self.x)"))
        if self.chance(0.1):
            self.emit(f"def __lt__(self, other): return self.x <"
                      f" {self.pick('other', '3')}")
        if self.chance(0.1):
            self.emit(f"def __len__(self): return "
                      f"{self.pick('3', 'len(self.items)', 'self.n')}")
        if self.chance(0.1):
            self.emit(f"def __bool__(self): return "
                      f"{self.pick('self.n > 3', 'False', 'self.x')}")
        if self.chance(0.1):
            self.emit("def __getattr__(self, name):")
            self.emit("    if name in ('w', 'p'): return " + self.pick(
                "1", "2.5", "name"))
            self.emit("    raise AttributeError(name)")
        if self.chance(0.05):
            self.emit("def __setattr__(self, name, value):")
            self.emit("    object.__setattr__(self, name, value)")
            self.emit("    log(name)")
        if self.chance(0.1):
            self.emit("def __iter__(self): return iter(self.items)")
        if self.chance(0.1):
            self.emit("def __getitem__(self, k): return self.items[k]")
