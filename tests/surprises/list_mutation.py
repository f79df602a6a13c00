# args: run
# profile-args: train
"""Lists that are changed while a hot loop walks over them; sort keys that touch the list; index loops whose list shrinks."""
import sys
RUN = sys.argv[1:] == ['run']

def walk(xs, act):
    seen = []
    for x in xs:
        seen.append(x)
        act(xs, x, len(seen))
        if len(seen) > 3000:
            break
    return seen
def nothing(xs, x, n): pass
def append_(xs, x, n):
    if n < 40: xs.append(x + 100)
def remove_(xs, x, n):
    if x % 2 == 0: xs.remove(x)
def insert0(xs, x, n):
    if n < 20: xs.insert(0, -x)
def clear_(xs, x, n):
    if n == 5: xs.clear()
def clear_refill(xs, x, n):
    if n == 5:
        xs.clear(); xs.extend(range(1000, 1010))
def slice_(xs, x, n):
    if n == 3: xs[:] = ['s'] * 6
def dele(xs, x, n):
    if n % 3 == 0: del xs[-2:]
def pop0(xs, x, n): xs.pop(0)
def rev(xs, x, n):
    if n == 4: xs.reverse()
def kinds(xs, x, n):
    if n % 4 == 0: xs[n % len(xs)] = [1.5, 'str', None, True, 2**70, (), -0.0][n % 7]
def imul(xs, x, n):
    if n == 2: xs *= 3
def sort_(xs, x, n):
    if n == 3: xs.sort(reverse=True)
def self_(xs, x, n):
    if n == 3: xs.append(xs)
ACTS = [nothing, append_, remove_, insert0, clear_, clear_refill, slice_, dele, pop0, rev, kinds, imul, sort_, self_]

def by_index(xs):
    i = 0; s = 0
    try:
        while i < len(xs):
            s += xs[i]
            if s % 7 == 3: xs.pop()
            i += 1
    except Exception as e:
        return i, s, type(e).__name__, str(e)
    return i, s, len(xs)
def fixed_len(xs, shrink):
    n = len(xs); s = 0
    try:
        for i in range(n):
            s += xs[i]
            if i == shrink: del xs[n // 2:]
    except IndexError as e:
        return i, s, str(e), len(xs)
    return i, s, len(xs)
def store(xs, ks, v):
    out = []
    for k in ks:
        try:
            xs[k] = v
            xs[k] += v
            out.append(xs[k])
        except Exception as e:
            out.append(f'{type(e).__name__}: {e}')
    return out
def neg_walk(xs):
    return [xs[-i - 1] for i in range(len(xs))]
def consume(xs):
    out = []
    while xs:
        out.append(xs.pop())
        if len(out) % 5 == 0: xs.insert(0, len(out)) if len(out) < 60 else None
    return out
def iter_states(xs):
    """exhausted list iterators stay exhausted even if the list grows later"""
    it = iter(xs)
    for x in it: pass
    xs.append('late')
    a = next(it, 'done')
    it2 = iter(xs)
    next(it2); h1 = it2.__length_hint__()
    xs.extend([1, 2]); h2 = it2.__length_hint__()
    del xs[:]
    return a, h1, h2, it2.__length_hint__(), next(it2, 'gone'), list(it2)

base = list(range(2000))
for _ in range(3):
    assert walk(base[:], nothing) == base
    print(by_index(list(range(1500))), fixed_len(base[:], -1), sum(neg_walk(base)), len(consume(base[:])), iter_states(base[:]), store(base[:], range(1500), 3)[-1])
for act in ACTS if RUN else ACTS[:2]:
    for n in (1, 2, 7, 12):
        xs = list(range(n))
        try: r = walk(xs, act)
        except Exception as e: r = f'{type(e).__name__}: {e}'
        print(act.__name__, n, r[:60], xs[:40], len(xs), sys.getsizeof(xs))
if RUN:
    print(fixed_len(list(range(100)), 30), fixed_len([1.5] * 10, 8), fixed_len([2**62] * 6, 99), fixed_len(['a'], 5) if 0 else fixed_len([True] * 4, 1))
    print(by_index([3, 1, 2, 'x']), by_index([2**62, 2**62, 2**62 + 3]), by_index([3.0] * 5), by_index([10]), by_index([]))
    print(store([1, 2, 3], [0, -1, -3, -4, 3, True, 2**63, -2**63, 1.0, '0', None, slice(0, 1)], 5), store([1, 2], [slice(0, 1), slice(0, 0)], [7, 8]), store((1, 2), [0], 1), store('ab', [0], 'c'), store([[]], [0], [4]))
    print(store({0: 1}, [0, 5, 'k', 1.0], 2), store(bytearray(3), [0, 2, 3, -4], 200), store(bytearray(3), [0, 1], 100))
    print(consume(list('abc')), consume([1.5, (2,)]), iter_states([]) if 0 else iter_states([9]), neg_walk([None]), neg_walk('xyz'), neg_walk((1, 2)))
# sort with a key function which changes the list, raises, or compares oddly
def sort_with(xs, key):
    try:
        xs.sort(key=key)
        return xs
    except Exception as e:
        return f'{type(e).__name__}: {e}', xs
calls = []
def key_plain(x): calls.append(x); return -x
for i in range(60): sort_with(list(range(30)), key_plain)
print(len(calls), sort_with([3, 1, 2], key_plain))
class L:
    def __init__(self, v, log): self.v = v; self.log = log
    def __lt__(self, o):
        self.log.append((self.v, o.v))
        if self.v == 'boom' or o.v == 'boom': raise KeyError('cmp')
        return self.v < o.v
if RUN:
    v = [5, 3, 9, 1]
    def key_append(x): v.append(x); return x
    print(sort_with(v, key_append)); v2 = [5, 3, 9, 1]
    def key_len(x): calls.append(('len', len(v2), list(v2))); return x
    print(sort_with(v2, key_len), calls[-1]); v3 = [3, 2, 1]
    def key_err(x): return 1 // (x - 2)
    print(sort_with(v3, key_err), sort_with([1, 'a', 2.5], None), sort_with([1, 2, None], key_plain), sort_with([3, 1.0, True, 2**70, -2.5], key_plain), sort_with([(1, 'b'), (1, 2)], None), sort_with([1j, 2], None))
    print(sort_with([float('nan'), 3.0, 1.0, float('nan'), 2.0], None), sort_with(['b', 'a', 'é', '\U0001f600', 'A'], None), sort_with([[2], [1, 5], []], None), sort_with([{1, 2}, {1}, {2}], None))
    for vals in ([3, 1, 2], [3, 'boom', 2], list(range(10, 0, -1))):
        log = []; print(sort_with([L(x, log) for x in vals], None).__class__.__name__, log)
    w = [(i * 7 % 5, i) for i in range(20)]
    print(sorted(w, key=lambda t: t[0]), sorted(w, key=lambda t: t[0], reverse=True))
