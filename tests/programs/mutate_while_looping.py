"""Containers that change while a native loop moves over them."""


def attempt(f, *a):
    try:
        r = f(*a)
        r = repr(r)
        print(f.__name__, r[:150], len(r))
    except Exception as e:
        print(f.__name__, repr(e))


def list_grow(l, n):
    for x in l:
        if len(l) < n:
            l.append(x + 1)
    return l


def list_shrink(l):
    out = []
    for x in l:
        out.append(x)
        if x % 3 == 0:
            del l[0]
    return out


def list_clear(l, at):
    out = []
    for i, x in enumerate(l):
        out.append((i, x))
        if i == at:
            l.clear()
            l.extend([7] * (at + 3))
    return out


def list_replace(l):
    out = []
    for x in l:
        out.append(x)
        l[len(out) % len(l)] = str(x)
        if len(out) > 20:
            l[:] = []
    return out


def zip_grow(a, b, n):
    out = []
    for x, y in zip(a, b):
        out.append(x + y)
        if len(a) < n:
            a.append(1)
        if len(b) < n - 1:
            b.append(2)
    return len(out), len(a), len(b)


def dict_set(d, n):
    for k in d:
        d[k] = n
    return d


def dict_add(d, n):
    for k in d:
        if len(d) > n:
            d[k + 1000] = 1
    return d


def dict_swap(d, at):
    out = []
    for k, v in d.items():
        out.append((k, v))
        if k == at:
            del d[k]
            d[k + 1000] = v
        if len(out) > 3000:
            break
    return out


def dict_values(d, at):
    t = 0
    for v in d.values():
        t += v
        if t == at:
            d.clear()
            for q in range(5):
                d[q] = q
    return t


def set_add(s, n):
    t = 0
    for x in s:
        t += x
        if t > n:
            s.add(t)
    return t


def set_swap(s, n):
    out = []
    for x in s:
        out.append(x)
        if x == n:
            s.discard(n)
            s.add(n + 1000)
        if len(out) > 2000:
            break
    return len(out), x


def comp_self(l, n):
    return [l.append(x) or x for x in l if len(l) < n]


def sort_key(l):
    def key(x):
        if len(l):
            l.append(1)
        return -x
    l.sort(key=key)
    return l


def index_shift(l, n):
    t = 0
    i = 0
    while i < n:
        t += l[i]
        if i == n - 5:
            l.pop()
            l.pop()
        i += 1
    return t


def nested(l):
    n = 0
    for x in l:
        for y in l:
            n += 1
            if n == 100:
                l.append(0)
                l.insert(0, 5)
            if n > 3000:
                return n
    return n


def slices(l):
    out = 0
    for x in l[1:]:
        l.append(x)
        out += len(l[2:])
    return out


def shared(l):
    it = iter(l)
    out = []
    for x in it:
        out.append(x)
        for y in it:
            out.append(-y)
            if y % 3:
                break
    return out


def unpack_list(pairs):
    t = 0
    for p in pairs:
        a, b = p
        p.append(b)
        t += a * b
    return t


def bytearr(b):
    t = 0
    for i in range(len(b)):
        t += b[i]
        if i == len(b) - 3:
            del b[-1:]
    return t


R = range(40)


def calls(k):
    yield list_grow, [1, 2, 3], 30
    yield list_shrink, list(R)
    yield list_clear, list(R), k
    yield list_replace, list(R)
    yield zip_grow, list(R), [1], 60
    yield dict_set, dict.fromkeys(R, 0), k
    yield dict_add, dict.fromkeys(R, 0), 100
    yield dict_values, dict.fromkeys(R, 1), 999
    yield dict_swap, dict.fromkeys(R, 1), 999
    yield set_add, set(R), 10 ** 6
    yield set_swap, set(R), 999
    yield comp_self, [1, 2, 3], 30
    yield sort_key, list(R)[:0]
    yield index_shift, list(R), 30
    yield nested, list(range(6))
    yield slices, list(range(5))
    yield shared, list(R)
    yield unpack_list, [[1, 2] for _ in R]
    yield bytearr, bytearray(40)


def main():
    for turn in range(40):
        for f, *a in calls(turn % 7):
            try:
                f(*a)
            except Exception:
                pass
    for f, *a in calls(5):
        attempt(f, *a)
    for k in (0, 1, 17, 38, 39):
        attempt(list_clear, list(R), k)
        attempt(dict_swap, dict.fromkeys(R, 1), k)
        attempt(dict_values, dict.fromkeys(R, 1), k)
        attempt(set_swap, set(R), k)
    attempt(dict_add, dict.fromkeys(R, 0), 5)
    attempt(set_add, set(R), 5)
    attempt(sort_key, list(R))
    attempt(dict_set, {}, 3)
    attempt(dict_set, {"a": 1, 2: 3, 1.5: 2}, 3)
    attempt(index_shift, list(R), 40)
    attempt(nested, list(R))
    attempt(bytearr, bytearray(b"\xff" * 300))
    attempt(list_shrink, tuple(R))
    attempt(list_clear, "abc", 1)
    attempt(unpack_list, [[1, 2], [3]])
    attempt(unpack_list, [[1, 2], (3, 4)])


main()
