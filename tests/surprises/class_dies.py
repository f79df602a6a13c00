# classes, functions and modules' globals that die or are replaced while code trained on them is hot
# args: run
# profile-args: train
import sys, gc, weakref, types, traceback
RUN = sys.argv[1:] == ['run']
EV = []
class V:
    def __init__(self, x): self.x = x
    def dbl(self): return self.x * 2
def helper(x): return x + 1
def make(n):
    s = 0
    for i in range(n):
        v = V(i)
        s += v.dbl() + helper(v.x)
    return s
def hold(objs, n):
    s = 0
    for i in range(n):
        for o in objs: s += o.x + o.dbl()
    return s
def nested(n):
    class L:
        k = 3
        def __init__(self, y): self.y = y
        def f(self): return self.y * L.k
    s = 0
    for i in range(n):
        s += L(i).f()
    return s, weakref.ref(L)
def rec(n, o):
    if n == 0: return o.x
    return rec(n - 1, o) + V(n).dbl()
def gen(n):
    for i in range(n):
        v = V(i)
        yield v.dbl()
        yield helper(v.x)
def attempt(label, f, *a):
    try: r = f(*a); print(label, type(r).__name__, r)
    except Exception as e: print(label, type(e).__name__, e, [(t.name, t.lineno) for t in traceback.extract_tb(e.__traceback__)])
    if EV: print('   ', EV[:8]); del EV[:]
SRC = '''
class V:
    def __init__(self, x): self.x = x %s
    def dbl(self): return self.x %s
    %s
'''
attempt('w', make, 3000); attempt('w', hold, [V(1), V(2)], 1500)
print([nested(50)[0] for _ in range(40)][-1]); attempt('w', lambda: [rec(9, V(1)) for _ in range(200)][-1]); attempt('w', lambda: sum(gen(1500)))
if RUN:
    old = V(7)
    wr = weakref.ref(V)
    def redefine(a='', b='* 3', c='pass'):
        ns = {}
        exec(SRC % (a, b, c), ns)
        globals()['V'] = ns['V']
    redefine()
    print(wr() is not None, type(old) is V, isinstance(old, V), old.dbl(), V(7).dbl())
    attempt('redef', make, 10); attempt('redef', hold, [old, V(2)], 3); attempt('rec', rec, 4, old); attempt('gen', lambda: list(gen(3)))
    old.__class__ = V
    gc.collect()
    print('old class gone', wr() is None, old.dbl())
    attempt('redef', hold, [old, V(2)], 3)
    for a, b, c in (('+ 0.5', '+ 1', 'pass'), ('', '* 2', '__slots__ = ("x",)'), ('', '* 2', 'x = property(lambda s: 4, lambda s, v: None)'),
                    ('', '* 2', 'def __getattr__(self, n): return 9'), ('; del self.x', '', 'x = 11'), ('; return 5', '', 'pass'),
                    ('', '* 2', 'def __del__(self): EV.append(1)'), ('', '* 2', 'def __new__(cls, x): return [x]'), ('', '', 'dbl = 5')):
        redefine(a, b, c)
        if '__del__' in c: V.__del__.__globals__['EV'] = EV
        attempt(repr((a, b, c)), make, 6); attempt('   gen', lambda: list(gen(2))); attempt('   rec', rec, 3, old)
        EV.clear()
    # class replaced while a loop runs: from its own method, from the helper, in the generator
    redefine('', '* 2', 'pass')
    def swap_helper(x):
        if x == 3: redefine('', '* 1000', 'pass')
        return x + 1
    H, globals()['helper'] = helper, swap_helper
    attempt('swap', make, 7); globals()['helper'] = H
    g = gen(6); out = [next(g), next(g)]
    redefine('', '* 7', 'pass'); out.append(next(g)); del globals()['helper']
    try: out.append(next(g))
    except NameError as e: out.append(str(e))
    print(out); globals()['helper'] = H
    attempt('non', lambda: make(2) if not globals().__setitem__('V', lambda x: types.SimpleNamespace(x=x, dbl=lambda: 'ns')) else 0)
    del globals()['V']
    attempt('del', make, 2)
    import builtins
    builtins.V = type('BV', (), {'__init__': lambda s, x: setattr(s, 'x', x), 'dbl': lambda s: 50})
    attempt('builtin', make, 4); del builtins.V; attempt('del', make, 2)
    redefine()
    # local class dies: its instances' finaliser and the class cell
    s, r = nested(5)
    gc.collect(); print(s, r() is None)
    def chain(n):
        keep = None
        for i in range(n):
            class K:
                p = keep
                def __del__(self): EV.append(self.n)
                def __init__(self, n): self.n = n
            keep = K(i)
        return keep.p.n
    attempt('chain', chain, 5); gc.collect(); print(EV); EV.clear()
    # function object dies while it runs; its globals dict is another one
    def suicide(n):
        s = 0
        for i in range(n):
            s += i
            if i == 50: holder.clear()
        return s + len(holder)
    holder = [suicide]; w = weakref.ref(suicide); del suicide
    print(holder[0](2000), w() is None)
    f2 = types.FunctionType(make.__code__, {'V': lambda x: types.SimpleNamespace(x=x, dbl=lambda: x * 0.5), 'helper': len and (lambda x: -x), 'range': lambda n: [1, 2, 3]})
    attempt('f2', f2, 5)
    f3 = types.FunctionType(make.__code__, {'V': lambda x: old, 'helper': str, '__builtins__': {'range': lambda n: 'ab'}})
    attempt('f3', f3, 5)
    f4 = types.FunctionType(make.__code__, {'__builtins__': {}})
    attempt('f4', f4, 5)
    make.__code__ = (lambda n: 'new code').__code__; attempt('code', make, 5)
