"""Dicts and sets with int and string keys: counted, looked up, filled, with odd
keys among them, watched, of instances and modules, and what raises."""
import sys
import traceback


class Same:
    """Equal to 5 and to "k", with their hashes."""

    def __init__(self, like, log=None):
        self.like, self.log = like, log

    def __hash__(self):
        return hash(self.like)

    def __eq__(self, other):
        if self.log is not None:
            self.log.append(("eq", other))
        return self.like == other


class Angry(Same):
    __hash__ = Same.__hash__

    def __eq__(self, other):
        raise RuntimeError("compared")


class Text(str):
    def __hash__(self):
        return str.__hash__(self)

    def __eq__(self, other):
        return str.__eq__(self, other) or other == "other"


class Noisy:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("gone", self.name)


class Counting(dict):
    def __missing__(self, key):
        return 100

    def __setitem__(self, key, value):
        dict.__setitem__(self, key, value + 1)

    def get(self, key, default=None):
        return "subclass"


class Thing:
    kind = "class"

    def __init__(self):
        self.x = 1

    def name(self):
        return "method"


def count(items):
    d = {}
    for x in items:
        d[x] = d.get(x, 0) + 1
    return d


def count_in(items, d):
    for x in items:
        if x in d:
            d[x] += 1
        else:
            d[x] = 1
    return d


def gets(d, keys, other):
    out = []
    for k in keys:
        out.append((d.get(k), d.get(k, other), d.get(k, 7)))
    return out


def compares(d, keys):
    n = 0
    for k in keys:
        if d.get(k, 0) > 2:
            n += 1
        n += 10 * d.get(k, 5)
    return n


def look(d, keys):
    out = []
    for k in keys:
        out.append(d[k])
    return out


def store(d, keys, values):
    for i in range(len(keys)):
        d[keys[i]] = values[i]
    return d


def floats(d, keys):
    for k in keys:
        d[k] = 0.5
        d[k] += k * 0.25
    return d


def collect(items, s):
    for x in items:
        s.add(x)
    return s


def held(items, s):
    n = 0
    for x in items:
        if x in s:
            n += 1
        if x not in s:
            n += 1000
    return n


def caught(items, d):
    misses = 0
    for x in items:
        try:
            d[x] += 1
        except KeyError as e:
            misses += 1
            d[e.args[0]] = 1
    return misses, d


def identity(d, keys):
    same = 0
    for k in keys:
        v = d.get(k, 0)
        w = d[k] if k in d else v
        if v is w:
            same += 1
    return same


def kept_numbers(d, keys):
    kept = []
    for k in keys:
        kept.append(d[k])
        d[k] += 1000
    return kept, d


def while_walking(d, keys):
    out = []
    for k in d:
        d[k] += 1
        out.append(k)
    for k in d:
        if k == keys[0]:
            d[keys[1]] = 1
    return out


def memo(n):
    seen = {}
    total = 0
    for i in range(n):
        k = i * 7919 % 101
        if k in seen:
            v = seen[k]
        else:
            v = k * k
            seen[k] = v
        total += v
    return total, len(seen)


def visited(start):
    seen = set()
    x = start
    while x not in seen:
        seen.add(x)
        x = (x * 1103515245 + 12345) % 2039
    return len(seen), x


def of_instance(turns):
    t = Thing()
    d = t.__dict__
    out = []
    for i in range(turns):
        d["x"] = i
        out.append(t.x)
        if i == turns - 3:
            d["name"] = lambda: "hidden"
        out.append(t.name())
        if i == turns - 2:
            d["y"] = 5
    return out[-8:], sorted(d), t.y


shared = 1


def of_module(turns):
    g = globals()
    m = sys.modules[__name__].__dict__
    total = 0
    for i in range(turns):
        g["shared"] = i
        total += shared
        m["shared"] = i + 1
        total += shared
    return total


def attempt(f, *args):
    try:
        print(f.__name__, f(*args))
    except Exception as e:
        print(f.__name__, type(e).__name__, e)
        for entry in traceback.extract_tb(e.__traceback__):
            print("  ", entry.name, entry.lineno, entry.colno, entry.end_colno)


ints = [i * i % 17 - 3 for i in range(120)]
words = ["k%d" % (i % 13) for i in range(120)]
wide = [-1, -2, 0, 2 ** 31, 2 ** 61 - 1, 2 ** 61, 2 ** 61 - 2, -2 ** 61, 2 ** 63 - 1, -2 ** 63, 1, 10 ** 18] * 9
for turn in range(20):
    a = count(ints), count(words), count(wide), count_in(ints, {}), count_in(words, {})
    b = gets(count(ints), range(-4, 30), None), gets(count(words), words[:20] + ["x"], "none")
    c = compares(count(ints), range(20)), compares(count(words), words + ["q"])
    d = look(count(wide), wide)[:12], look(count(words), words)[:5]
    e = store({}, words, ints), store({}, ints, words), store({}, wide, [[i] for i in range(108)])
    f = floats({}, ints), collect(ints, set()), collect(words, set()), collect(wide, set())
    g = held(ints, {1, 2, 3}), held(words, {"k1", "k2"}), held(wide, set(wide)), held(ints, {"a": 1})
    h = caught(ints, {}), caught(words, {}), memo(200), visited(turn)
print(a, b, c, d, e, sep="\n")
print(f[0], [sorted(s) for s in f[1:]], g, h, sep="\n")
print(identity(dict.fromkeys(range(50), 10 ** 6), range(60)), kept_numbers({1: 500, 2: 2 ** 40}, [1, 2, 1] * 40))
print(of_instance(60), of_module(60), shared)

mixed = {1: "int", "k": "str", 2.0: "float", True: "bool", None: 0, (1, 2): "t", 3 + 0j: "c", b"k": "b"}
print(gets(mixed, [1, 2, 3, 4, 0, True], 9), gets(mixed, ["k", "", "1"], 9), held([1, 2, 3, 9], mixed))
log = []
odd = {Same(5, log): "odd", Same("k", log): "odd k"}
print(gets(odd, [5, 6], 0), gets(odd, ["k", "l"], 0), held([5, 6], set(odd)), log)
print(look({Text("key"): 1, "a": 2}, ["key", "a"]), held(["key", "b"], {Text("key")}))
print(sorted(map(str, store({Text("key"): 1}, ["key", "z"], [5, 6]).items())))
attempt(look, {Angry(5): 1}, [5])
attempt(held, ["k"], {Angry("k")})
attempt(look, {1: 2}, [1, 2])
attempt(look, {"a": 2}, ["a", "b"])
attempt(look, {1: 2}, [1, [2]])
attempt(count, [1, 2, {}])
attempt(store, (1, 2), [0], [1])
attempt(while_walking, {1: 1, 2: 2}, [2, 3])
attempt(while_walking, {"a": 1, "b": 2}, ["b", "c"])
attempt(compares, {1: "text"}, [1])
attempt(count_in, [1, 1], Counting())
print(gets(Counting(), [1, 2], 3), look(Counting(), [5]), count(["a", 1, "a", 2.5, True, 1]))
print(store({}, [1, True, 1.0], ["a", "b", "c"]), store({"x": 1}, [5, "y"], [2, 3]))
for turn in range(2):
    box = {1: Noisy(f"one {turn}"), "k": Noisy(f"k {turn}")}
    store(box, [1, 2], [5, Noisy("two")])
    store(box, ["k", "l"], [[1], None])
    print("stored", sorted(map(str, box)))
    del box
