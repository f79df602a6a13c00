# args: run
# profile-args: train
"""Dicts changed while iterated, order after deletes and re-inserts, views, sizes, merge operators, and hot lookups whose misses/type change."""
import sys
from collections import defaultdict, OrderedDict, Counter, ChainMap
RUN = sys.argv[1:] == ['run']

def loop(d, view, act, limit=40):
    seen = []
    try:
        for x in getattr(d, view)() if view else d:
            seen.append(x)
            act(d, x, len(seen))
            if len(seen) >= limit and act is not nothing: break
    except Exception as e:
        seen.append(f'{type(e).__name__}: {e}')
    return seen
def nothing(d, x, n): pass
def add(d, x, n): d[('new', n)] = n
def add_late(d, x, n):
    if n == 4: d['late'] = 0
def delete(d, x, n):
    if n == 2: d.pop(next(iter(d)))
def swap(d, x, n):
    """same size: remove one, add one"""
    if n < 30:
        k = next(iter(d)); v = d.pop(k); d[('sw', n)] = v
def update_vals(d, x, n):
    for k in d: d[k] = n
def reinsert_self(d, x, n):
    k = x[0] if isinstance(x, tuple) and len(x) == 2 and x[0] in d else x
    if k in d and n < 25: d[k] = d.pop(k)
def clear_(d, x, n):
    if n == 3: d.clear()
def popit(d, x, n):
    if n == 1: d.popitem()
def clear_refill(d, x, n):
    if n == 2:
        items = list(d.items()); d.clear(); d.update(items)
ACTS = [nothing, add, add_late, delete, swap, update_vals, reinsert_self, clear_, popit, clear_refill]

def count(words):
    d = {}
    for w in words:
        d[w] = d.get(w, 0) + 1
    return d
def count_try(words):
    d = {}
    for w in words:
        try:
            d[w] += 1
        except KeyError as e:
            d[w] = 1
            last = e.args
    return d, last
def count_in(words):
    d = {}
    for w in words:
        if w in d: d[w] = d[w] + 1
        else: d[w] = 1
    return d
def group(pairs, d=None):
    d = {} if d is None else d
    for k, v in pairs:
        d.setdefault(k, []).append(v)
    return d
def look(d, ks):
    out = []
    for k in ks:
        try: out.append(d[k])
        except Exception as e: out.append((type(e).__name__, e.args[0] if not isinstance(e.args[0], str) else str(e)))
    return out
def churn(n):
    d = {}; sizes = []
    for i in range(n):
        d[i] = i
        if i % 3 == 0: del d[i // 2 if i // 2 in d else i]
        if i % 5 == 0 and d: d[next(iter(d))] = 'touched'
        if i % 97 == 0: sizes.append(sys.getsizeof(d))
    return list(d.items())[:3], list(d.items())[-2:], list(reversed(d))[:3], len(d), sizes[:12]
def drain(d):
    out = []
    while True:
        try: out.append(d.popitem())
        except KeyError as e:
            return out[:3], out[-2:], len(out), str(e)

words = [i * 7 % 31 for i in range(3000)]
for _ in range(2):
    a = count(words), count_try(words), count_in(words), group((w, 1) for w in words[:500])
    print(len(a[0]), a[0] == a[1][0] == a[2], list(a[0].items())[:4], a[1][1], len(a[3]), churn(2000), drain(dict.fromkeys(range(2000), 1)))
    print(len(look(a[0], words)), sum(look({i: i for i in range(100)}, [i % 100 for i in range(3000)])), len(loop(dict.fromkeys(range(2500)), '', nothing)), len(loop(dict.fromkeys(range(2500)), 'items', nothing)))
for act in ACTS if RUN else ACTS[:1]:
    for view in ('', 'keys', 'values', 'items'):
        for n in (1, 5, 6, 8, 11):
            d = {i: i * i for i in range(n)}
            r = loop(d, view, act)
            print(act.__name__, view, n, r[:12], len(r), r[-1], list(d)[:12], len(d), sys.getsizeof(d))
if RUN:
    mixed = [1, 1.0, True, '1', b'1', (1,), 1 + 0j, None, 2**70, 0, False, -0.0, -1, -2, frozenset({1}), 2.5, 'k', '\xe9', '\u20ac', '\U0001f600']
    nan = float('nan')
    for f in (count, count_try, count_in):
        print(f.__name__, f(mixed * 3))
        for bad in ([1, 2, [3]], [{}], [1, (1, [2])], [slice(1, 2), slice(1, 2)], [nan, nan, float('nan')], 'hello', b'hello', {1: 2}, 5):
            try: print(f(bad))
            except Exception as e: print(type(e).__name__, e)
    print(group([(1, 'a'), (1.0, 'b'), (True, 'c')]), group('ab cd'.split()))
    for bad in ([(1, 2, 3)], [(1,)], [5], ['abc'], [([], 1)], [(1, 2), None]):
        try: print(group(bad))
        except Exception as e: print(type(e).__name__, e)
    class Miss(dict):
        def __missing__(self, k):
            if k == 'raise': raise LookupError('nope')
            return ('missing', k)
    class Get(dict):
        def __getitem__(self, k): return ('got', k)
        def __contains__(self, k): return False
    dd = defaultdict(list, {1: [0]}); nd = defaultdict(None, {1: 2})
    ks = [1, 1.0, True, 'zz', 'raise', [], None, (2, 3), -1, slice(1)]
    for d in ({1: 'x'}, Miss({1: 'm'}), Get({1: 'g'}), dd, nd, OrderedDict({1: 'o'}), Counter([1, 1]), ChainMap({}, {1: 'c'}), [10, 11], (10, 11), 'abcd', 5, None):
        print(type(d).__name__, look(d, ks))
    print(dict(dd), len(nd), look({(2, 3): 1}, [(2, 3), (2, 3.0), (2,)]))
    d = {'a': 1, 'b': 2}; e = {'b': 3, 'c': 4}
    print(d | e, e | d, list((d | e).items()), d.keys() & e.keys(), sorted(d.keys() ^ e.keys()), d.items() - e.items() == {('a', 1), ('b', 2)}, d.keys() <= {'a', 'b', 'z'}, d.items() & [('a', 1.0)])
    for expr in (lambda: d | [('x', 1)], lambda: d.update([1]), lambda: d.update([(1, 2, 3)]), lambda: dict([['ab', 1], 'cd']), lambda: dict(1), lambda: {**d, **{1: 2}}, lambda: dict(**{1: 2}), lambda: d.pop('q'), lambda: d.pop('q', 7), lambda: {}.popitem(), lambda: dict(a=1, **{'a': 2}), lambda: d < e, lambda: hash(d), lambda: d[[]], lambda: [] in d):
        try: print(expr())
        except Exception as ex: print(type(ex).__name__, ex)
    d |= [('z', 9)]; d |= 'xy zw'.split(); print(d, sys.getsizeof(d), sys.getsizeof({}), [sys.getsizeof(dict.fromkeys(range(n))) for n in (1, 5, 6, 10, 11, 22)], sys.getsizeof({'a': 1}), sys.getsizeof({'a': 1, 2: 3}))
    print(loop(OrderedDict.fromkeys(range(5)), '', add_late), loop(OrderedDict.fromkeys(range(5)), 'items', delete), loop(defaultdict(int, {1: 1, 2: 2}), 'keys', add), loop(Counter('a'), 'elements', nothing))
