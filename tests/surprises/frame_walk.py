# callees that look up the stack and read/WRITE locals of hot callers on several levels (PEP 667), f_lineno/f_lasti on the way
# args: run
# profile-args: train
import sys, traceback, inspect
RUN = sys.argv[1:] == ['run']
want = {}
seen = []


def peek(level=1):
    f = sys._getframe(level)
    out = []
    while f is not None and f.f_code.co_name != '<module>':
        out.append((f.f_code.co_name, f.f_lineno, f.f_lasti,
                    {k: v for k, v in f.f_locals.items() if isinstance(v, (int, float, str, list, tuple, type(None)))}))
        f = f.f_back
    return out


def poke(i):
    todo = want.get(i)
    if todo:
        f = sys._getframe(1)
        for level, changes in todo:
            g = f
            for _ in range(level):
                g = g.f_back
            for k, v in changes.items():
                try:
                    g.f_locals[k] = v
                    seen.append((g.f_code.co_name, g.f_lineno, k, getattr(g.f_locals[k], '__name__', g.f_locals[k])))
                except Exception as e:
                    seen.append((type(e).__name__, str(e)))
    return 1


def leaf(x, i):
    y = x + 1
    poke(i)
    return y + x


def mid(x, i):
    z = x * 2
    r = leaf(z, i)
    return r + z + x


def top(n, w):
    acc = 0
    f = 0.5
    for i in range(n):
        acc += mid(w, i)
        f = f * 0.5 + acc * 0.0
        w += 1
    return acc, f, w, i


def looped(n):
    i = 0
    step = 1
    data = [1, 2, 3, 4]
    s = 0
    while i < n:
        s += data[i & 3] * step
        poke(i)
        i += step
    return s, i, step


class Obj:
    def __init__(self):
        self.v = 1

    def run(self, n):
        k = 0
        for j in range(n):
            k += self.v
            poke(j)
        return k, self.v if isinstance(self, Obj) else self


def comp(n):
    q = 3
    return [poke(k) + k * q for k in range(n)], q


def cells(n):
    c = 0

    def inc():
        nonlocal c
        c += 1
        return c
    for i in range(n):
        inc()
        poke(i)
        c += 1
    return c, inc()


def show(label, fn, args, changes):
    want.clear()
    want.update(changes)
    try:
        r = fn(*args)
    except Exception as e:
        r = repr(e), [(x.name, x.lineno, x.colno) for x in traceback.extract_tb(e.__traceback__)][1:]
    want.clear()
    print(label, r, seen)
    del seen[:]


s = 0
for k in range(1200):
    s += top(8, 1)[0] + looped(9)[0] + Obj().run(8)[0] + sum(comp(6)[0]) + cells(5)[0]
print(s)
show('top same', top, (300, 1), {290: [(2, {'acc': 7})]})
show('cells', cells, (300,), {290: [(0, {'c': 1000})]})
if RUN:
    for lvl, ch in [(2, {'acc': 0.5}), (2, {'acc': 's'}), (2, {'w': 2.5, 'f': 1}), (2, {'i': 'eye'}), (1, {'x': 1.5}), (1, {'z': 2 ** 62}), (1, {'r': 3}),
                    (0, {'y': -0.25}), (0, {'x': []}), (2, {'f': None}), (2, {'w': 2 ** 63 - 1}), (2, {'brandnew': 1}), (1, {'x': True, 'z': True})]:
        show((lvl, ch), top, (9, 1), {6: [(lvl, ch)]})
    for ch in [{'i': 2.5}, {'step': 3}, {'data': 'abcd'}, {'data': (1.5, 2.5, 3.5, 4.5)}, {'n': 6.5}, {'step': True}, {'s': 1j}, {'data': {0: 5, 1: 6, 3: 7}},
               {'step': None}, {'i': 2 ** 64}]:
        show(ch, looped, (12,), {5: [(0, ch)]})
    for ch in [{'k': 0.5}, {'self': type('P', (), {'v': 2.5})}, {'self': None}, {'n': 2}, {'j': None, 'k': 2 ** 70}]:
        show(sorted(ch), lambda n: repr(Obj().run(n))[:8], (9,), {4: [(0, ch)]})
    show('comp', comp, (6,), {3: [(0, {'q': 0.5, 'k': 77})]})
    show('comp k', comp, (6,), {3: [(0, {'k': 'str'})]})
    for ch in [{'c': 0.5}, {'c': 'x'}, {'inc': lambda: 5}, {'c': 2 ** 70}]:
        show(sorted(map(str, ch)), cells, (9,), {4: [(0, ch)]})

    def poke(i):
        if i == 3:
            f = sys._getframe(1)
            p = f.f_locals
            seen.append((set(p.keys()) == set(p), len(p), 'i' in p, p.get('zzz', 'dflt'), sorted(p | {}), p['i']))
            try:
                del p['i']
            except Exception as e:
                seen.append((type(e).__name__, str(e)))
            try:
                p.clear()
            except Exception as e:
                seen.append((type(e).__name__, str(e)))
            p.update({'i': 10})
            seen.append(peek(1))
        return 1
    for fn in (looped, lambda n: top(n, 1), lambda n: Obj().run(n)[0]):
        show('proxy', fn, (8,), {})
