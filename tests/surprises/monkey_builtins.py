# builtins patched in module globals or in builtins: len, isinstance, range, sum, enumerate, zip, int, abs, max, sorted, print, __build_class__, __import__
# args: run
# profile-args: train
import sys, builtins, traceback
RUN = sys.argv[1:] == ['run']
EV = []
class C:
    def __init__(self, v): self.v = v
    def __len__(self): return 3
def lens(l, n, hook, at):
    s = 0
    for i in range(n):
        if i == at: hook()
        s += len(l) + len('abc')
        if isinstance(l, list): s += 100
        if type(l) is list: s += 1000
    return s
def loops(l, n, hook, at):
    s = 0
    for i in range(n):
        if i == at: hook()
        for j in range(3): s += j
        for j, x in enumerate(l): s += j * x
        for a, b in zip(l, l): s += a * b
        for x in reversed(l): s += x
    return s
def aggs(l, n, hook, at):
    s = 0
    for i in range(n):
        if i == at: hook()
        s += sum(l) + max(l) - min(l, default=0) + max(i, 3) + abs(-i)
        s += sum(x for x in l) + len([x for x in l if any((x, 0))]) + len(sorted(l))
        s += all(l) + sum(map(abs, l))
    return s
def convs(n, hook, at):
    s = 0
    for i in range(n):
        if i == at: hook()
        s += int(i * 1.5) + float(i) + len(str(i)) + bool(i) + ord(chr(65 + (i & 7))) + len(list((1, i))) + len(tuple([1])) + len(dict(a=1)) + len(set([i])) + round(1.5) + divmod(i, 3)[1] + pow(2, 3) + hash(i) + int(hasattr(l0, 'append')) + getattr(l0, 'zz', 1)
    return s
def objs(n, hook, at):
    s = 0
    for i in range(n):
        if i == at: hook()
        o = C(i)
        s += o.v + len(o)
        s += isinstance(o, C) + callable(o) + issubclass(C, object) + (id(o) == id(o))
    return s
def meth(n, hook, at):
    s = 0
    for i in range(n):
        if i == at: hook()
        class Z:
            @property
            def p(self): return super().__hash__() * 0 + 1
            @staticmethod
            def q(): return 2
        s += Z().p + Z.q()
    return s
l0 = [1, 2, 3]
def nop(): pass
def attempt(label, f, *a):
    try: r = f(*a); x = ('ok', TYPE(r).__name__, r)
    except Exception as e:
        x = (TYPE(e).__name__, STR(e), [(t.f_code.co_name, ln) for t, ln in traceback.walk_tb(e.__traceback__)])
    return x
TYPE, STR, PRINT, LEN, REPR = type, str, print, len, repr
FS = [(lens, (l0,)), (loops, (l0,)), (aggs, (l0,)), (convs, ()), (objs, ()), (meth, ())]
for f, a in FS: print(f.__name__, attempt('w', f, *a, 1500 if f is not meth else 200, nop, 1))
FAKE = {
    'len': lambda x: 1000, 'isinstance': lambda o, c: 5, 'range': lambda n: (7, 8), 'enumerate': lambda l: [(10, 20)], 'zip': lambda *a: iter(()), 'reversed': lambda l: 'x' and [0.5],
    'sum': lambda l: 0.25, 'max': lambda *a, **k: -1, 'min': lambda *a, **k: True, 'abs': lambda x: x, 'any': lambda l: False, 'all': lambda l: 7, 'sorted': lambda l: (), 'map': lambda f, l: [f(x) * 2 for x in l],
    'int': lambda x: 'i' and 2, 'float': lambda x: 1 << 70, 'str': lambda x: 'long string', 'bool': lambda x: 9, 'ord': lambda c: 0, 'chr': lambda i: 'zz', 'list': lambda x: 'abcdef', 'tuple': dict.fromkeys, 'dict': lambda **k: k,
    'set': list, 'round': float, 'divmod': lambda a, b: (a, b), 'pow': lambda *a: LEN(a), 'hash': lambda x: -5, 'hasattr': lambda *a: 3, 'getattr': lambda *a: a[-1] + 1, 'callable': lambda o: 50, 'issubclass': lambda *a: 60,
    'id': lambda o: EV.append(1) or LEN(EV), 'super': lambda: 5, 'property': lambda f: 77, 'staticmethod': lambda f: (lambda: 88), 'type': lambda o: 1, 'C': lambda v: l0 and (1,), '__build_class__': lambda *a: l0,
}
if RUN:
    import itertools
    for where in ('globals', 'builtins'):
        for name in FAKE:
            orig = builtins.__dict__.get(name)
            def put():
                if where == 'globals': globals()[name] = FAKE[name]
                elif orig is not None: setattr(builtins, name, FAKE[name])
            def undo():
                if where == 'globals':
                    if name == 'C': globals()['C'] = ORIGC
                    else: globals().pop(name, None)
                elif orig is not None: setattr(builtins, name, orig)
            ORIGC = C
            res = []
            for f, a in FS:
                used = name in f.__code__.co_names or name == '__build_class__' or (name in ('property', 'staticmethod', 'super') and f is meth)
                if not used: continue
                x = attempt(name, f, *a, 5, put, 3)
                undo()
                res.append((f.__name__, x))
            PRINT(where, name, *res)
    # missing builtins
    for name in ('len', 'range', 'sum', 'isinstance', '__build_class__'):
        orig = getattr(builtins, name)
        def rm(): delattr(builtins, name)
        res = []
        for f, a in FS:
            if name in f.__code__.co_names or name[0] == '_' and f is meth: res.append((f.__name__, attempt(name, f, *a, 5, rm, 3)))
            setattr(builtins, name, orig)
        PRINT('missing', name, *res)
    # patch that counts and calls through, removed in the middle by itself
    real = builtins.len
    def once(x):
        EV.append(real(x)); builtins.len = real
        return real(x)
    EV.clear(); builtins.len = once
    print(attempt('once', lens, l0, 5, nop, 1), EV)
    def hook(): globals()['len'] = lambda x: globals().pop('len') and 500
    print(attempt('selfpop', lens, l0, 5, hook, 2), 'len' in globals())
    class NB(dict):
        def __missing__(self, k): EV.append(k); return real
    import types
    EV.clear()
    g = types.FunctionType(lens.__code__, {'__builtins__': {'range': range, 'len': lambda x: 1, 'isinstance': isinstance, 'type': type, 'list': tuple}})
    print(attempt('other builtins', g, l0, 4, nop, 1))
    g = types.FunctionType(lens.__code__, NB(__builtins__=builtins, range=range))
    print(attempt('NB', g, l0, 4, nop, 1), EV[:5])
for f, a in FS: print(f.__name__, attempt('end', f, *a, 20, nop, 1))
