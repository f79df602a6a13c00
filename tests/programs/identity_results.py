"""Which results of builtins, slices and conversions are the operand itself."""
def f(n, s, l, t, x):
    a = str(n); b = str(n)
    c = f"{n}"; d = f"{s}"
    e = s[0:1]; g = s[:]; h = t[:]; i = l[:]; j = s[1:1]; k = t[1:1]
    m = chr(n + 48); o = chr(n + 48)
    p = s + ""; q = "" + s
    r = str(s); u = int(n); v = float(x); w = round(n); y = abs(n)
    z = s * 1; aa = t * 1; ab = t + ()
    return [a is b, c is a, d is s, e is s[0:1], g is s, h is t, i is l, j is "", k is (), m is o, p is s, q is s, r is s, u is n, v is x, w is n, y is n, z is s, aa is t, ab is t, m is a, e is m, s[0] is s[0], s[-1] is s[len(s) - 1], max(n, 0) is n, min(x, 1e9) is x, complex(x) is x, (n, s) is (n, s)]
def g(s, t):
    out = []
    for c in s:
        out.append(c is s[0])
    for i, c in enumerate(t):
        out.append((c is t[i], i is i))
    return out
def h(k):
    d = {k: k}
    for q in d:
        a = q is k
    for q, v in d.items():
        b = (q is k, v is k)
    return a, b, d[k] is k, d.get(k) is k, [k][0] is k, (k,)[-1] is k, {k}.pop() is k
for turn in range(300):
    f(5, "abc", [1], (1, 2), 1.5); g("aba", (1, 2, 3)); h(turn); h(str(turn))
for n in (0, 5, 9, 10, 300, -1):
    for s in ("a", "abc", "", "\xe9", "\u20acx"):
        try: print(f(n, s or "z", [n], (n, s), n + .5))
        except Exception as e: print(repr(e))
print(g("aab\u20ac\u20ac", (1000, 2000)), g("", ()), h(5), h(5000), h(1.5), h("a"), h("\u20ac"))
