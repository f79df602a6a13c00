"""Classes and instances that change under compiled code."""


class P:
    k = 3
    def __init__(self, x): self.x = x; self.y = 0
    def get(self): return self.x + self.k
    def add(self, v): self.x += v; return self.x
    @property
    def p(self): return self.x * 2
    @staticmethod
    def s(v): return v + 1
    @classmethod
    def c(cls, v): return cls.k + v


class Q(P):
    def __init__(self, x): super().__init__(x); self.z = 1
    def get(self): return super().get() * 2


class S:
    __slots__ = ("x", "y", "k")
    def __init__(self, x): self.x = x; self.y = 0; self.k = 3
    def get(self): return self.x + self.k
    def add(self, v): self.x += v; return self.x
    p = property(lambda self: self.x * 2)
    s = staticmethod(lambda v: v + 1)
    c = classmethod(lambda cls, v: v)


def work(objs, n):
    t = 0
    for o in objs:
        for i in range(n):
            t += o.get()
            o.add(i)
            o.y = o.x - i
            t += o.p + o.s(1) + o.c(2) + o.k
    return t


def make(cls, n):
    return [cls(i) for i in range(n)]


def attempt(what, f, *a):
    try:
        print(what, f(*a))
    except Exception as e:
        print(what, repr(e))


for turn in range(50):
    for cls in (P, Q, S):
        work(make(cls, 3), 3)
for cls in (P, Q, S):
    attempt("plain", work, make(cls, 3), 3)
o = P(1); o.get = lambda: 1000
attempt("shadowed", work, [P(1), o, P(2)], 3)
o = P(1); o.k = 100
attempt("own k", work, [P(1), o, P(2)], 3)
o = P(1); o.__dict__ = {"x": 5, "y": 1}
attempt("dict", work, [o, P(2)], 3)
o = P(1); o.__class__ = Q
attempt("class", work, [o, P(2)], 3)
o = P(1); del o.x
attempt("deleted", work, [P(2), o], 3)
o = S(1); del o.x
attempt("deleted slot", work, [S(2), o], 3)
o = P(1.5); attempt("float", work, [o, P(2)], 3)
o = P("s"); attempt("str", work, [P(2), o], 3)
o = P(1 << 62); attempt("big", work, [P(2), o], 5)
P.k = 4; attempt("new k", work, make(P, 3), 3)
P.get = lambda self: 50; attempt("new get", work, make(P, 3), 3)
attempt("sub", work, make(Q, 3), 3)
P.x = property(lambda self: 9, lambda self, v: None)
attempt("data descriptor", work, make(P, 3), 3)
del P.x; attempt("gone again", work, make(P, 3), 3)
P.__getattr__ = lambda self, name: 77
o = P(1); del o.x; attempt("getattr", work, [o], 3)
P.__setattr__ = lambda self, name, v: object.__setattr__(self, name, v * 2)
attempt("setattr", work, make(P, 3), 3)
del P.__setattr__, P.__getattr__
P.__getattribute__ = lambda self, name: 5 if name == "k" else object.__getattribute__(self, name)
attempt("getattribute", work, make(P, 3), 3)
del P.__getattribute__
attempt("back", work, make(P, 3), 3)
P.__init__ = lambda self, x: (setattr(self, "x", x + 1), setattr(self, "y", 0))[2:] or None
attempt("init", work, make(P, 3), 3)
P.__new__ = lambda cls, *a: S(5) if a and a[0] == 1 else object.__new__(cls)
attempt("new", work, make(P, 3), 3)
del P.__new__
attempt("new gone", lambda: work(make(P, 3), 3))
P.__init__ = lambda self: None
attempt("init arity", lambda: make(P, 3))
Q.__bases__ = (S2 := type("S2", (P,), {"__init__": lambda self, x: setattr(self, "x", x), "k": 9}),)
attempt("bases", lambda: work(make(Q, 2), 2))
class Meta(type):
    def __call__(cls, *a): return super().__call__(a[0] + 1)
class M(metaclass=Meta):
    def __init__(self, x): self.x = x; self.y = 0
    k = 1; get = P.get; add = P.add; p = P.p; s = staticmethod(lambda v: v); c = classmethod(lambda c, v: v)
attempt("meta", lambda: work(make(M, 3), 3))
def defaults(a, b=2, *, c=3): return a + b + c
def caller(n):
    t = 0
    for i in range(n): t += defaults(i) + defaults(i, 1) + defaults(i, c=5) + defaults(b=i, a=1)
    return t
for turn in range(50): caller(10)
attempt("defaults", caller, 10)
defaults.__defaults__ = (1.5,); attempt("other defaults", caller, 10)
defaults.__defaults__ = (); attempt("no defaults", caller, 10)
defaults.__defaults__ = (1, 2); attempt("two defaults", caller, 10)
defaults.__kwdefaults__ = {"c": 10}; attempt("kwdefaults", caller, 10)
defaults.__kwdefaults__ = None; attempt("no kwdefaults", caller, 10)
defaults.__defaults__ = ("s",); attempt("str default", caller, 10)
