# args: run
# profile-args: train
"""String building in loops: += with other references held, width changes (ascii/latin-1/UCS2/UCS4) in mid-loop, indexing and slicing of all kinds, identity of one-char strings."""
import sys
RUN = sys.argv[1:] == ['run']

class S(str):
    def __add__(self, o): return 'S.add(' + str(o) + ')'
    def __getitem__(self, k): return '<' + str.__getitem__(self, k) + '>'
    def __len__(self): return 3
    def __iter__(self): return iter(['i', 'j'])
    def __eq__(self, o): return o == 'magic'
    __hash__ = str.__hash__
class R:
    def __radd__(self, o): return o + '[R]'
    def __iadd__(self, o): return ('iadd', o)

def build(parts):
    s = ''
    for p in parts: s += p
    return s
def build_pre(parts):
    s = ''
    for p in parts: s = p + s
    return s
def build_refs(parts, every):
    """older values stay referenced: += must never change them in place"""
    s = ''; kept = []; alias = {}; t = None
    for i, p in enumerate(parts):
        old = s
        s += p
        if i % every == 0: kept.append(s); alias[i] = old
        t = s
        t += '!'
        if len(s) > 60: s = s[-5:]
    return s, kept[-3:], list(alias.items())[-2:], t
def build_attr(parts):
    class O: pass
    o = O(); o.s = ''; d = {'k': ''}; l = ['']
    for p in parts:
        o.s += p; d['k'] += p; l[0] += p
        if len(o.s) > 50: o.s = o.s[:2]; d['k'] = d['k'][-2:]; l[0] = ''
    return o.s, d, l
def build_global(parts):
    global G
    G = ''
    def inner(p):
        nonlocal c
        c += p
        return c
    c = ''
    for p in parts:
        G += p
        inner(p)
    return len(G), len(c), G == c, G[-3:]
def size_trace(parts):
    s = ''; out = []
    for p in parts:
        s = s + p
        out.append(sys.getsizeof(s) - len(s))
    return s, sorted(set(out))
def chars(s):
    out = []
    for i in range(len(s)): out.append(s[i])
    return out
def back(s):
    r = ''
    for i in range(len(s) - 1, -1, -1): r = r + s[i] if i % 2 else r + s[-len(s) + i]
    return r
def codes(s):
    n = 0
    for ch in s: n = (n * 31 + ord(ch)) & 0xffffffff
    return n
def same(s):
    """one-char latin-1 strings are shared, wider ones are not"""
    k = 0
    for i in range(len(s)):
        a = s[i]; b = s[i]
        if a is b: k += 1
        if a == b and s[i:i + 1] == a: k += 1000
    return k
def caesar(s, k):
    out = []
    for c in s:
        if 'a' <= c <= 'z': out.append(chr((ord(c) - 97 + k) % 26 + 97))
        elif 'A' <= c <= 'Z': out.append(chr((ord(c) - 65 + k) % 26 + 65))
        else: out.append(c)
    return ''.join(out)
def pal(s):
    i, j = 0, len(s) - 1
    while i < j:
        if s[i] != s[j]: return False, i, j
        i += 1; j -= 1
    return True, i, j
def rle(s):
    out = ''; i = 0
    while i < len(s):
        j = i
        while j < len(s) and s[j] == s[i]: j += 1
        out += s[i] + str(j - i)
        i = j
    return out
def cmps(a, bs): return [(a < b, a == b, a >= b, a in b) for b in bs]
def bump(s): return ''.join([chr(ord(c) + 1) for c in s])
def rep(s, n): return s * n + n * s

A = [chr(97 + i % 26) for i in range(2500)]; T = ''.join(A)
for _ in range(2):
    print(len(build(A)), build_pre(A[:900])[:5], build_refs(A, 100), build_attr(A), build_global(A), size_trace(A[:300])[1], chars(T)[-3:], back(T)[:4], codes(T), same(T), caesar(T, 3)[:5], pal(T + T[::-1]), rle('aabbb' * 300)[:8], len([cmps('b', A[:9]) for i in range(300)]), bump(T)[:3], rep('ab', 3))
if RUN:
    W = [['a', 'b', '\xe9', 'c'], ['\xe9', 'x'], ['a', '\u20ac', 'b'], ['\xe9', '\u20ac', '\U0001f600', 'a'], ['\U0001f600', '\ud800', 'z'], ['', 'a', '', '\x00', '\x7f', '\x80', '\xff', '\u0100', '\uffff', '\U00010000', '\U0010ffff'], [], ['abc'] * 30 + ['\u20ac'] + ['d'] * 40 + ['\U0001f600'] + ['e'] * 9, list('\xe9' * 70 + '\u0394' * 5)]
    for parts in W:
        s = ''.join(parts)
        print(ascii(build(parts)), ascii(build_pre(parts)), ascii(build_refs(parts, 2)), ascii(build_attr(parts)), ascii(build_global(parts)), ascii(size_trace(parts)))
        print(ascii(chars(s))[:150], ascii(back(s)), codes(s), same(s), ascii(caesar(s, 5)), pal(s), pal(s + s[::-1]), ascii(rle(s + s)), cmps(s, ['', 'a', '\xe9', '\u20ac', '\U0001f600', s, s + 'a']), sys.getsizeof(s), sys.getsizeof(s[:1]), sys.getsizeof(s[1:2]), ascii(rep(s, 2))[:80])
        try: print(ascii(bump(s)))
        except Exception as e: print(type(e).__name__, e)
    bad = [['a', 1], ['a', None], [b'a'], ['a', R(), 'b'], [S('x'), 'y'], ['a', S('x'), 'y'], [['a'], ['b']], ['a', 'b', ('c',)], 'plain', b'bytes', {'k': 1}, [1.5], 5]
    for b in bad:
        for f in (build, build_pre, lambda x: build_refs(x, 1), build_attr, build_global, size_trace, chars, back, codes, same, lambda x: caesar(x, 1), pal, rle, bump):
            try: r = repr(f(b)); print(f.__name__, r[:120] if ' at 0x' not in r else 'addr')
            except Exception as e: print(f.__name__, type(e).__name__, e)
    s = S('hello'); print(chars(s), back(s), caesar(s, 1), pal(s), cmps(s, ['magic', 'hello', 'a']), rep(s, 1), same(s), build([s]), type(build([s])).__name__, type(build(['', s])).__name__, type('' + s).__name__, type(s + '').__name__, bump(s))
    for a, n in (('ab', -1), ('\u20ac', 3), ('a', 2**63), ('a', 1.5), ('a', True), ('', 2**62), (3, 'z'), ('ab', None), ([1], 2)):
        try: print(ascii(rep(a, n)))
        except Exception as e: print(type(e).__name__, e)
    for k in (0, 25, -1, 2**70, 1.0, True, 2.5):
        try: print(caesar('azAZ\xe9', k))
        except Exception as e: print(type(e).__name__, e)
    for i in (0, -1, 4, 5, -5, -6, True, 2**63, -2**63, 1.0, None, '0', slice(1, None), slice(None, None, -1), (0,)):
        for t in ('abcde', 'ab\u20acde', 'abcd\U0001f600'):
            try: print(ascii(t[i]), end=' ')
            except Exception as e: print(type(e).__name__, e, end=' ')
        print()
# module level: another reference held only in the middle
s = ''; held = []
for i in range(3000):
    s += 'x' if i != 2000 or not RUN else '\u0416'
    if i in (10, 1999, 2000, 2001): held.append(s)
    if i == 2500: s = s[:5]
print(len(s), [len(h) for h in held], ascii([h[-2:] for h in held]), [sys.getsizeof(h) for h in held], s[:4])
