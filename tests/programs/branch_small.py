"""Branches around a single addition or assignment, gone either way without a
pattern: numbers that overflow there, exceptions, signals, tracing, identity."""
import signal
import sys
import traceback


def noise(n, seed=12345):
    out = []
    for _ in range(n):
        seed = (seed * 1103515245 + 12345) % 2147483648
        out.append(seed >> 16)
    return out


def count(flags):
    n = 0
    for flag in flags:
        if flag:
            n += 1
    return n, flag


def count_down(flags, n):
    for i in range(len(flags)):
        if flags[i]:
            n -= 1
    return n, i


def both(xs, limit):
    low = high = 0
    for x in xs:
        if x < limit:
            low += x
        else:
            high += 1
    return low, high


def clamp(xs, limit):
    total = 0
    for x in xs:
        if x > limit:
            x = limit
        total += x
    return total


def largest(xs):
    best = -1
    for x in xs:
        if x > best:
            best = x
    return best


def last_true(flags):
    at = -1
    seen = False
    for i, flag in enumerate(flags):
        if flag:
            at = i
        if not flag:
            seen = True
    return at, seen


def twins(flags):
    n = 0
    for i in range(len(flags) - 2):
        if flags[i] and flags[i + 2]:
            n += 1
    return n


def add_if(flags, xs, start):
    total = start
    i = 0
    while i < len(flags):
        if flags[i]:
            total += xs[i]
        i += 1
    return total


def step_back(flags, start):
    for flag in flags:
        if flag:
            start -= 4611686018427387904
    return start


def either(a, b, take):
    if take:
        a += b
    return a


def choose(a, b, first):
    if first:
        b = a
    return b


def calls(xs):
    same = 0
    big = 1000000
    for x in xs:
        r = either(big, x, x & 1 == 1)
        if r is big:
            same += 1
        s = choose(big, x, x & 2 == 2)
        if s is big:
            same += 100000
    return same


def same_object(flags):
    base = 100000
    n = base
    held = n
    kept = 0
    for flag in flags:
        if flag:
            n = base
        if n is held:
            kept += 1
    return kept


def raises(flags, xs):
    n = 0
    for i in range(len(xs)):
        if flags[i]:
            n += 1
        10 // xs[i]
    return n


def interrupted(flags, turns):
    n = 0
    for _ in range(turns):
        for flag in flags:
            if flag:
                n += 1
    return n


def attempt(f, *args):
    try:
        print(f.__name__, f(*args))
    except Exception as e:
        print(f.__name__, type(e).__name__, e)
        for frame, line in traceback.walk_tb(e.__traceback__):
            names = sorted(k for k, v in frame.f_locals.items()
                           if isinstance(v, (int, bool)))
            print("  ", line, [(k, frame.f_locals[k]) for k in names])


xs = noise(400)
flags = [x % 3 == 0 for x in xs]
for turn in range(30):
    a = count(flags), count_down(flags, 7), both(xs, 9000), clamp(xs, 20000)
    b = largest(xs), last_true(flags), twins(flags), add_if(flags, xs, 5)
    c = calls(xs), same_object(flags)
print(a, b, c)
top = 2 ** 63 - 1
print(add_if(flags, xs, top - 200), add_if(flags, [top] * 400, 1))
print(count_down(flags, -2 ** 63 + 3), step_back(flags, 0), step_back(flags, -1))
print(both([top] * 5 + xs, top), both([2 ** 70, 1, 2.5], 3), both([1.5] * 3 + xs, 9000))
print(count([True] * 50 + [None, 0, 1, "x", "", 2.0, []]), count([1, 0, 3]), count([""]))
print(clamp([True, 2 ** 65, 5.5] + xs, 20000), largest([2 ** 64, 3]), largest([1.5, 3, 2]))
print(last_true([1, "", 3]), twins([1, 0, 1, 0, 1, 1, 1]), add_if([1, 0, 2], [1, 2, 3], 0.5))
for zero in (0, 1, 150, 399):
    ys = [x + 1 for x in xs]
    ys[zero] = 0
    attempt(raises, flags, ys)
attempt(raises, flags, xs[:5] + ["no"])
attempt(count, [])
attempt(add_if, flags, xs[:300], 0)

seen = []


def on_alarm(signum, frame):
    while frame is not None and frame.f_code is not interrupted.__code__:
        frame = frame.f_back
    if frame is None:       # between two calls
        return
    local = frame.f_locals
    seen.append((local.get("n", 0) >= 0, type(local.get("flag", True)) is bool,
                 frame.f_lineno - interrupted.__code__.co_firstlineno in range(6)))
    if len(seen) == 6:
        signal.setitimer(signal.ITIMER_REAL, 0)


signal.signal(signal.SIGALRM, on_alarm)
signal.setitimer(signal.ITIMER_REAL, 0.004, 0.003)
total = 0
while len(seen) < 6:
    total = interrupted(flags, 40)
print(seen[:6], total == 40 * sum(flags))

lines = []


def tracer(frame, event, arg):
    if frame.f_code is count.__code__ and event == "line":
        lines.append(frame.f_lineno - count.__code__.co_firstlineno)
    return tracer


sys.settrace(tracer)
count([True, False, True])
sys.settrace(None)
print(lines, count(flags))
