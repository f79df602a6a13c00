"""Run by test_frame_hook.py.  Each turn installs the hook somewhere in the
middle of hot code, and takes it out somewhere; says how many frames of each
function the hook saw."""
import signal
import sys
import threading

import frame_hook


class Point:
    def __init__(self, x):
        self.x = x

    def step(self, k):
        self.x += k
        return self.x

    def __add__(self, other):
        return Point(self.x + other)

    def __eq__(self, other):
        return self.x == other

    @property
    def twice(self):
        return double(self.x)


class Built:
    def __init__(self, at):
        self.at = at
        touch(at)


class Dying:
    def __init__(self, act):
        self.act = act

    def __del__(self):
        self.act()


def double(x):
    return x + x


def middle(x):
    return double(x) * 2


def touch(at):
    if at:
        at()
    return 1


def deep(n, act):
    if n == 0:
        return touch(act)
    return deep(n - 1, act) + 1


def generated(n, act=None, at=-1):
    for i in range(n):
        if i == at:
            act()
        yield double(i)


def delegating(n):
    yield from generated(n)
    return n


async def awaited(n):
    return middle(n)


async def awaiting(n):
    total = 0
    for i in range(n):
        total += await awaited(i)
    return total


def run_coroutine(coroutine):
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value


def nothing():
    pass


def hot(n, at=-1, act=nothing, kind="call"):
    total = 0
    p = Point(1)
    for i in range(n):
        if i == at:
            if kind == "call":
                act()
            elif kind == "deep":
                total += deep(5, act)
            elif kind == "generator":
                total += sum(generated(4, act, 2))
            elif kind == "init":
                Built(act)
            elif kind == "finaliser":
                d = Dying(act)
                d = None
            elif kind == "sorted":
                sorted([3, 1, 2], key=lambda x: act() or x)
        total += middle(i) + p.step(i) + p.twice
        q = p + i
        if q == i:
            total += 1
        for v in generated(2):
            total += v
        for v in delegating(2):
            total += v
    return total


def loops(n, at=-1, act=nothing):
    """Nothing but a loop around a small function."""
    total = 0
    for i in range(n):
        total += double(i)
        if i == at:
            act()
    return total


def rows(n, at, act):
    """The hook comes in the middle of a generator, which then goes on."""
    total = 0
    for v in generated(n, act, at):
        total += middle(v)
    return total


def spin(state):
    """Until another thread has installed the hook; then some calls more."""
    after = 0
    for i in range(100_000_000):
        double(i)
        if state["on"]:
            after += 1
            if after == 50:
                break
    return after


def show(what, result, counts):
    # The interpreter's specialised call of a class passes by the hook, and
    # when it specialises one is its own affair.
    counts.pop("__init__", None)
    print(what, result, sorted(counts.items()))


for _ in range(200):
    hot(20)
    loops(50)
    rows(10, -1, nothing)
    run_coroutine(awaiting(5))
    deep(5, None)
    Built(None)
    spin({"on": True})

if len(sys.argv) > 1:
    for kind in ("call", "deep", "generator", "init", "finaliser", "sorted"):
        counts = {}
        result = hot(40, 15, lambda: frame_hook.on(counts), kind)
        frame_hook.off()
        show("on in " + kind, result, counts)
        counts = {}
        frame_hook.on(counts)
        result = hot(40, 15, frame_hook.off, kind)
        show("off in " + kind, result, counts)
        hot(20)
    for n in range(3):
        counts = {}
        result = loops(300, 100 + n, lambda: frame_hook.on(counts))
        result += loops(100, 50, frame_hook.off)
        result += rows(50, 20, lambda: frame_hook.on(counts))
        result += rows(50, 20, frame_hook.off)
        show("loops", result, counts)
    counts = {}
    frame_hook.on(counts)
    results = [sum(generated(10)), list(map(middle, range(5))),
               sorted([3, 1], key=double), run_coroutine(awaiting(5)),
               next(generated(3)), [*delegating(3)], deep(5, None),
               max(range(5), key=Point(1).step)]
    frame_hook.off()
    show("from C", results, counts)

    counts = {}
    state = {"on": False}

    def install():
        frame_hook.on(counts)
        state["on"] = True

    thread = threading.Timer(0.05, install)
    thread.start()
    after = spin(state)
    frame_hook.off()
    thread.join()
    print("thread", counts["double"] >= after - 1)

    counts = {}
    state = {"on": False}

    def handler(number, frame):
        install()

    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    after = spin(state)
    frame_hook.off()
    print("signal", counts["double"] >= after - 1)

    print(hot(40), loops(300), rows(50, -1, nothing))
