"""Simple statements of small random programs (see random_small.py)."""


class StatementWriter:
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
            choices.append(f"log(sys.getrefcount({name}))"
                           if self.variables[name] in ("list", "obj", "dict")
                           else f"log({name})")
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
        elif self.chance(0.1):
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
            end = self.pick("0", self.expression("int") + " % 2")
            self.emit(f"for u in range({end}): pass")
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
