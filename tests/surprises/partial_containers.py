# half-built containers: errors and finalisers in comprehensions, unpacking, slices, sorts, join, dict/set displays, with what is left behind
# args: run
# profile-args: train
import sys, traceback
RUN = sys.argv[1:] == ['run']
EV = []
class D:
    def __init__(self, n): self.n = n
    def __del__(self): EV.append(self.n)
    def __lt__(self, o): return self.n < o.n
    def __repr__(self): return 'D%s' % self.n
class Pl:
    def __init__(self, n): self.n = n
    def __lt__(self, o): return self.n < o.n
    def __repr__(self): return 'D%s' % self.n
def lc(n, mk): return len([mk(i) for i in range(n)])
def lc2(n, mk): return sum([x.n for x in [mk(i) for i in range(n)] if x.n != 1])
def dc(n, mk): return len({i: mk(i) for i in range(n)})
def dck(n, mk): return [v.n for v in {i % 2: mk(i) for i in range(n)}.values()]
def sc(n, mk): return len({mk(i).n for i in range(n)})
def nest(n, mk): return [len([mk(i * 10 + j) for j in range(2)]) for i in range(n)]
def disp(n, mk): return len([mk(0), mk(1), *[mk(2), mk(3)], mk(4)]) + len((mk(5), mk(6))) + len({'a': mk(7), **{'b': mk(8)}, 'c': mk(9)})
def unp(n, mk):
    a = mk('a0'); b = mk('b0')
    a, b = [mk(i) for i in range(n)][:2]
    c, *d = (mk(i) for i in range(n))
    return a.n, b.n, c.n, len(d)
def unp_attr(n, mk):
    class O: pass
    o = O(); l = [0, 0]
    o.x, l[1], (l[0], o.y) = mk(1), mk(2), (mk(3), mk(4))
    o.x, o.y = o.y, o.x
    l[0], l[1] = l[1], l[0]
    return o.x.n, o.y.n, [q.n for q in l]
def slices(n, mk):
    l = [mk(i) for i in range(n)]
    l[1:3] = [mk('s'), mk('t'), mk('u')]
    EV.append('|')
    l[::2] = [None] * len(l[::2])
    EV.append('|')
    del l[1:4]
    EV.append('|')
    l *= 0
    EV.append('|')
    l += [mk('v')] * 2
    l.insert(0, mk('w')); l.pop(0); l.remove(l[0]); l.extend(l)
    EV.append('|')
    l = l + [mk('x')]
    l = None
    EV.append('|')
    return 0
def sorts(n, mk):
    l = [mk((i * 7) % n) for i in range(n)]
    l.sort()
    m = sorted(l, key=lambda o: -o.n)
    l.sort(key=lambda o: o.n % 2, reverse=True)
    return [o.n for o in l], [o.n for o in m]
def calls(n, mk):
    def f(a, b, *c, **k): return len(c) + len(k)
    return f(mk(1), mk(2), *[mk(3) for i in range(n)], k=mk(4), **{'z': mk(5)})
def aug(n, mk):
    d = {'k': [mk(0)]}
    for i in range(n):
        d['k'] += [mk(i + 1)]
        d['k'][0] = mk('z%d' % i)
        d.setdefault('q', mk('sd%d' % i))
        d.pop('q')
    d.update({'k': mk('last')})
    EV.append('|')
    return len(d)
def strs(n, mk): return ','.join([str(mk(i)) for i in range(n)]) + f'{mk(1)!r:>4}{mk(2)}' + '%s-%r' % (mk(3), mk(4)) + '{} {}'.format(mk(5), mk(6))
def maps(n, mk): return [o.n for o in map(mk, range(n))], list(zip([mk(1).n], [mk(2).n])), [o.n for o in filter(None, [mk(3)])], [i for i, o in enumerate(map(mk, range(2)))], any(mk(i).n for i in range(n)), sum(mk(i).n for i in range(n))
FS = (lc, lc2, dc, dck, sc, nest, disp, unp, unp_attr, slices, sorts, calls, aug, strs, maps)
def attempt(label, f, n, mk, reps):
    r = None
    try:
        for k in range(reps):
            r = f(n, mk)
            if reps < 10: EV.append('.')
    except Exception as e:
        r = (type(e).__name__, str(e), [(t.name, t.lineno) for t in traceback.extract_tb(e.__traceback__)])
        EV.append('caught')
        e = None
    EV.append('end')
    print(label, f.__name__, r, len(EV), ' '.join(map(str, EV[:50]))); del EV[:]
for f in FS: attempt('pl', f, 4, Pl, 500)
if RUN:
    for f in FS: attempt('D', f, 4, D, 2)
    cnt = [0]
    def boom(at):
        cnt[0] = 0
        def mk(n):
            cnt[0] += 1
            if cnt[0] == at: raise KeyError(n)
            return D(n)
        return mk
    for f in FS:
        for at in (1, 2, 3, 4, 5, 7, 9): attempt('boom%d' % at, f, 4, boom(at), 2)
    for f in FS: attempt('empty', f, 0, D, 1); attempt('one', f, 1, D, 1); attempt('none', f, 3, lambda n: None, 1)
    # finaliser touches the container being built, found through the frame that builds it
    class E(D):
        def __del__(self):
            fr = sys._getframe(1)
            EV.append((fr.f_code.co_name, fr.f_lineno, sorted(fr.f_locals)[:4]))
    for f in FS: attempt('E', f, 3, E, 1)
    class Big(list):
        def __del__(self): EV.append('big%d' % len(self))
    x = Big(); 
    for i in range(2000):
        y = Big([x]) if i % 500 == 0 else [x]
        x = y
    del x, y
    print(EV); del EV[:]
    def evil_sort(l):
        l.sort(key=lambda o: l.append(o) or o)
    for i in range(3):
        l = [3, 1, 2]
        try: evil_sort(l)
        except ValueError as e: print(e, l)
