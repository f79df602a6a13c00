# pdb driven by scripts: breakpoints with conditions in hot code, steps, changing locals, jump, up/down, return, until, post mortem
# args: run
# profile-args: train
import os, sys, io, pdb, traceback
RUN = sys.argv[1:] == ['run']


class Out(io.StringIO):
    def write(self, s):
        sys.__stdout__.write(s.replace(os.path.dirname(os.path.abspath(__file__)) + os.sep, ''))
        return len(s)


def debugger(script):
    p = pdb.Pdb(stdin=io.StringIO('\n'.join(script) + '\n'), stdout=Out(), nosigint=True, readrc=False)
    p.use_rawinput = False
    p.prompt = '>>'
    return p


def inner(a, b):
    c = a * b
    c += 1
    return c


def loop(n, p=None, at=-1):
    total = 0
    for i in range(n):
        if i == at:
            p.set_trace()
        total += inner(i, 2)
        total -= i
    return total


class Acc:
    def __init__(self):
        self.sum = 0

    def feed(self, x):
        self.sum += x
        return self

    def gen(self, n):
        for k in range(n):
            y = k * 2
            yield y


def feedall(n):
    a = Acc()
    for v in a.gen(n):
        a.feed(v)
    return a.sum


def crash(n):
    d = {0: 1.5, 1: 2.5, 2: 3.5}
    s = 0.0
    for i in range(n):
        s += d[i % 3] / (n - i - (n > 50))
    return s


def line(fn, k):
    return fn.__code__.co_firstlineno + k


s = 0
for k in range(1800):
    s += loop(9) + feedall(8) + crash(6)
print(round(s, 4))
sys.stdout.flush()
p = debugger(['p i, total', 'n', 'p total', 's', 's', 'a', 'n', 'p c', 'u', 'p i', 'd', 'p c', 'r', 'p __return__', 'n', 'p total', 'c'])
print(loop(900, p, 890))
p = debugger(['!total = 0.5', 'n', 'p total', '!i = 100', 'n', 'p total, i', 'c'])
print(loop(60, p, 55))
if RUN:
    p = debugger(['n', 'n', 'j %d' % line(loop, 5), 's', 'u', '!total = "s"', 'd', 'c'])
    try:
        print(loop(60, p, 50))
    except TypeError as e:
        print(e, [(f.name, f.lineno) for f in traceback.extract_tb(e.__traceback__)])
    p = debugger(['b %d, c > 100' % line(inner, 2), 'b', 'c', 'p a, b, c', '!c = -1', 'c', 'p a, c', 'cl 1', 'c'])
    print(loop(70, p, 3))
    p = debugger(['tbreak Acc.feed', 'c', 'p x, self.sum', '!self.sum = 0.25', 'c'])
    print(p.runcall(feedall, 12))
    p = debugger(['b %d' % line(Acc.gen, 3), 'ignore 3 5', 'c', 'p k, y', '!y = 1000', 'until', 'p self.sum', 'cl 3', 'r', 'p __return__', 'c'])
    print(p.runcall(feedall, 12))
    p = debugger(['p i, n', 'p d', 'u', 'p [k for k in sorted(locals()) if k[0] != "_"]', 'q'])
    try:
        crash(60)
    except ZeroDivisionError as e:
        p.reset()
        p.interaction(None, e.__traceback__)
    p = debugger(['n', 'n', 'n', 'q'])
    try:
        print(loop(30, p, 4))
    except Exception as e:
        print(type(e).__name__)
    print(loop(5) + 1)
print(loop(9), feedall(8), round(crash(6), 4), sys.gettrace())
