# args: run
# profile-args: train
"""Surprises that strike in the middle of an expression or statement: evaluation order, half-done augmented assignments, try/except/finally/else, with, nested loops, traceback lines, locals at the raise."""
import sys
RUN = sys.argv[1:] == ['run']
LOG = []

class T:
    """operand that logs every operation and may fail at the n-th"""
    left = 10**9
    def __init__(self, v): self.v = v
    def _op(self, name, o):
        LOG.append(f'{self.v}{name}{getattr(o, "v", o)}')
        T.left -= 1
        if T.left == 0: raise ArithmeticError(f'op {name}')
        return T(f'({self.v}{name})')
    def __add__(self, o): return self._op('+', o)
    def __radd__(self, o): return self._op('r+', o)
    def __mul__(self, o): return self._op('*', o)
    def __rmul__(self, o): return self._op('r*', o)
    def __sub__(self, o): return NotImplemented
    def __iadd__(self, o): self._op('+=', o); return self
    def __neg__(self): return self._op('neg', '')
    def __lt__(self, o): self._op('<', o); return True
    def __getitem__(self, k): return self._op('[]', k)
    def __setitem__(self, k, v): self._op('[]=', (k, getattr(v, 'v', v)))
    def __repr__(self): return f'T{self.v}'
    def __index__(self): self._op('idx', ''); return 1
    def __enter__(self): LOG.append('enter'); return self
    def __exit__(self, t, e, tb): LOG.append(f'exit {t and t.__name__}'); return self.v == 'swallow'

def note(x): LOG.append(x); return x
def f1(a, b, c, d): return a + b * c - (d + a) * (b - c) + a * a
def f2(xs, i, v):
    xs[i] += v
    xs[i] = xs[i] * 2 + v
    return xs[i]
def f3(d, k, v):
    d[k] = d.get(k, 0) + v; d[k] += d[k]; d.setdefault(k, v)
    return len(d)
def f4(a, b):
    x = y = z = 0
    try:
        x = a + b; y = a * b; z = x // y if y else x; z = z % (b + 1)
    except (TypeError, ZeroDivisionError) as e:
        return 'caught', type(e).__name__, str(e), x, y, z
    else: z = z + 1
    finally: x = None
    return x, y, z
def loop_try(xs):
    out = []; n = 0; x = 'none'
    try:
        for x in xs:
            try:
                n += 10 // x
                if x == 7: continue
                if x == 99: break
                out.append(x)
            except ZeroDivisionError: out.append('zero'); continue
            except TypeError as e: out.append(str(e)[:40]); raise RuntimeError('wrapped') from e
            else: n += 1
            finally: n += 100
        else: out.append('else')
    except RuntimeError as e: return out[-3:], n, x, repr(e.__cause__), e.__context__ is e.__cause__
    return out[-3:], n, x, len(out)
def loop_with(xs):
    n = 0
    for x in xs:
        with x if isinstance(x, T) else T(0):
            n += 1
            if isinstance(x, str): n += x
            n = n + (x if isinstance(x, int) else 1)
    return n
def order(a, b, c):
    return [note(a) + note(b) * note(c), (note(a), note(b))[0], {note(a): note(b)}, f'{note(a)}{note(b)!r:>4}', note(a) if note(b) else note(c), note(a) < note(b) < note(c)]
def targets(o, i):
    o[note(i)], o[note(i + 1)] = note(i * 2), note(i * 3)
    o[i] = o[i + 1] = i
    return o[i] + o[i + 1]
def call(f, a, b, *r, k=1, **kw):
    return f(a, b + k) + sum(r) + len(kw)
def nest(rows, m):
    t = 0; i = j = -1
    for i, row in enumerate(rows):
        for j, v in enumerate(row):
            if v > m: break
            t += v
        else:
            t -= 1; continue
        t += 1000
    return t, i, j
def gen(xs):
    t = 0
    for x in xs:
        try: t += x; y = yield t
        except ValueError as e: yield ('VE', t, str(e))
        finally: LOG.append(t) if RUN and len(LOG) < 50 else None
        if y: t = y
def deep(n, x):
    if n == 0: return x + 1
    return deep(n - 1, x) + (x if n % 2 else 0)
def info(e):
    tb = e.__traceback__; out = []
    while tb:
        fl = tb.tb_frame.f_locals
        out.append((tb.tb_frame.f_code.co_name, tb.tb_lineno - tb.tb_frame.f_code.co_firstlineno, {k: fl[k] for k in ('x', 'y', 'z', 'n', 'i', 'j', 't', 'v') if k in fl and isinstance(fl[k], (int, str, float))}))
        tb = tb.tb_next
    return out[1:4]
def safe(f, *a, **k):
    LOG.clear()
    try: r = f(*a, **k); r = list(r) if hasattr(r, 'send') else r; print(f.__name__, repr(r)[:250], LOG[:16])
    except Exception as e: print(f.__name__, 'EXC', type(e).__name__, e, LOG[:16], info(e), type(e.__context__).__name__)

l = [1] * 10; d = {}
for i in range(2500):
    r = f1(i, 2, 3, 4), f2(l, i % 10, 1) % 1000, f3(d, i % 9, 1), f4(i, 7), order(1, 2, 3) and 0, targets([0] * 5, i % 3), call(lambda a, b: a * b, i, 2, 3, 4, k=2), deep(6, i)
    LOG.clear(); l[i % 10] %= 1000
    if i % 100 == 0: d.clear()
print(r, loop_try(list(range(1, 2500))), loop_with([1] * 2500), nest([[1, 2, 3]] * 900, 5), list(gen(range(2000)))[-1]); LOG.clear()
if RUN:
    V = [2**62, 2**63, 0.5, True, 'a', None, [1], (1,), 1j, T('t'), float('nan'), -2**63, b'x', {}, -1]
    for v in V:
        for pos in range(4):
            a = [2, 3, 4, 5]; a[pos] = v; T.left = 10**9; safe(f1, *a)
        for o in ([5, 6], [v, v], (1, 2), {0: 1, 1: 2}, T('o'), bytearray(2), 'st', v): safe(f2, o, 1, v); print(o if not isinstance(o, T) else '', end=' ')
        safe(f3, {'k': 5}, 'k', v); safe(f3, {}, v, 1); safe(f3, {1: v}, 1, v); safe(f4, v, 2); safe(f4, 2, v); safe(f4, v, v); safe(order, v, 2, 3); safe(order, 1, v, 3); safe(order, 3, 2, v); safe(targets, [0] * 4, v); safe(targets, {}, v); safe(deep, 3, v)
        safe(loop_try, [1, 2, v, 3]); safe(loop_with, [1, v, 2]); safe(nest, [[1, 2], [1, v, 3], [4]], 3); safe(nest, [[1], v], 3); safe(nest, [[1, 9]], v); safe(gen, [1, v, 2]); safe(call, lambda a, b: a, v, 1); safe(call, lambda a, b: b, 1, v); safe(call, max, 1, 2, v, q=3); safe(call, v, 1, 2)
    for n in range(1, 9):
        T.left = n; safe(f1, T('a'), T('b'), T('c'), 1) if n < 4 else safe(f2, [0, T('e')], 1, T('v')); T.left = n; safe(f2, T('o'), 1, T('v')); T.left = n; safe(order, T('a'), T('b'), T('c')); T.left = n; safe(f3, {0: T('z')}, 0, 1)
    T.left = 10**9
    safe(f4, 5, 0); safe(f4, 5, -1); safe(f4, 0, 0); safe(loop_try, [5, 0, 7, 99, 3]); safe(loop_try, [99]); safe(loop_try, []); safe(loop_try, [7, 7]); safe(loop_try, 5); safe(loop_try, [0, 'x']); safe(loop_try, [2**63, 0.0, 0.5])
    safe(loop_with, [T('swallow'), 1]); safe(loop_with, [1, 'bad', 2]); safe(nest, [], 1); safe(nest, [[]], 1); safe(nest, [[], [7], []], 1)
    x = [0, 0]; safe(targets, x, 1); print(x); x = [0] * 3; safe(targets, x, -3); print(x); safe(targets, (0, 0), 0); t = ([1], 2)
    try: t[0] += [5]
    except TypeError as e: print(e, t)
    g = gen([1, 2, 3, 4]); print(next(g), g.send(50), g.throw(ValueError('in')), next(g)); safe(lambda: g.throw(KeyError('k'))); safe(lambda: next(g)); print(LOG)
    safe(call, len, 1); safe(call, lambda: 0, 1, 2); safe(call, lambda a, b: a, 1, 2, k='s'); safe(call, lambda a, b: a, *'ab', k='c'); safe(call, lambda a, b: 1, 1, 2, **{'zz': 1, 'k': 5}); safe(call, divmod, 7, 2); safe(call, lambda *a: a, 1, 2); safe(call, int, '11', 1); safe(call, None, 1, 2); safe(deep, 2, 2**63 - 2); safe(deep, -1 if False else 4, 'q')
# module level: surprise inside a try in a hot loop
acc = 0; errs = []
for i in range(4000):
    try:
        v = i if not (RUN and i > 3900) else [0, 'x', 2**62, None, 0.5][i % 5]
        acc = acc + 100 // v * 2
    except (ZeroDivisionError, TypeError) as e:
        errs.append((i, type(e).__name__)); acc = int(acc)
    finally: last = v
print(acc, type(acc).__name__, errs[:4], len(errs), last, i)
