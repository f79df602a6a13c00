"""Numbers that are stored and passed on are the same objects afterwards."""


class Box:
    def __init__(self, x, n):
        self.x = x
        self.n = n


def put(o, x):
    o.x = x


def put_item(items, x):
    items[0] = x


def given(n):
    bad = [0, 0, 0, 0]
    floats = [i * 1.5 for i in range(n)]
    ints = [i + 1000 for i in range(n)]
    o = Box(1.0, 2)
    items = [0.0]
    for i in range(n):
        f = floats[i]
        k = ints[i]
        p = Box(f, k)
        bad[0] += p.x is not f
        bad[1] += p.n is not k
        put(o, f)
        bad[2] += o.x is not floats[i]
        put_item(items, f)
        bad[3] += items[0] is not floats[i]
    return bad


def computed(n):
    bad = [0, 0, 0, 0]
    items = [0.0, None]
    o = Box(0.0, 1)
    kept = []
    for i in range(n):
        v = i * 0.5
        items[0] = v
        bad[0] += items[0] is not v
        w = i * 1000
        o.n = w
        bad[1] += o.n is not w
        z = complex(i, 1) * 2
        kept.append(z)
        bad[2] += kept[-1] is not z
        items[1] = w
        bad[3] += o.n is not items[1]
    return bad


def counted(n):
    seen = []
    same = 0
    total = 0
    for i in range(n):
        total += 300
        seen.append(total)
        last = seen[-1]
        same += last is total
    return same


def small(n):
    same = 0
    for i in range(n):
        k = i % 5
        items = [k, k + 0]
        same += items[0] is items[1]
        same += k is (i % 5)
    return same


for turn in range(4):
    print(given(90), computed(90), counted(90), small(90))
