# args: run
# profile-args: train
"""Debuggers that start in the middle: they stop at the line where they stop
without native code, whoever asked for them, and see the same values."""
import io
import pdb
import re
import sys

RUN = "run" in sys.argv


def debug(commands):
    """A debugger that reads these commands, and its output."""
    out = io.StringIO()
    debugger = pdb.Pdb(stdin=io.StringIO("\n".join(commands) + "\nc\n"),
                       stdout=out, nosigint=True, readrc=False)
    debugger.use_rawinput = 0
    return debugger, out


def show(what, result, out):
    text = re.sub(r"\S*/", "", out.getvalue())
    print(f"== {what}: {result}")
    print(text)


debugger = None


def leaf(x):
    y = x * 2
    return y + 1


def ask():
    debugger.set_trace()


def asks_at(x, at):
    if x == at:
        debugger.set_trace()
    return x + 1


def asks_deep(x, at, depth):
    if depth:
        z = asks_deep(x, at, depth - 1)
        return z + 1
    return asks_at(x, at)


def in_loop(xs, at):
    s = 0
    for x in xs:
        s += leaf(x)
        if x == at:
            debugger.set_trace()
    return s


def at_loops_end(n, at):
    s = 0
    i = 0
    while i < n:
        i += 1
        if i == at:
            debugger.set_trace()
        else:
            s += i * 3
    return s


def in_callee(n, at):
    s = 0
    for i in range(n):
        s += asks_at(i, at)
        s += leaf(i)
    return s


def deep_callee(n, at):
    s = 0
    for i in range(n):
        s += asks_deep(i, at, 3)
        s -= leaf(s)
    return s


def generated(n, at):
    for i in range(n):
        if i == at:
            debugger.set_trace()
        yield leaf(i)


def draws(n, at):
    s = 0
    for v in generated(n, at):
        s += v
    return s


def sums(n, at):
    return sum(generated(n, at))


class Thing:
    def __init__(self, x, at):
        self.x = x
        if x == at:
            debugger.set_trace()
        self.y = x + 1

    @property
    def asks(self):
        if self.y == self.x:
            debugger.set_trace()
        return self.x

    def __add__(self, other):
        if other is None:
            debugger.set_trace()
            return 0
        return self.x + other


def in_init(n, at):
    s = 0
    for i in range(n):
        s += Thing(i, at).y
    return s


def in_property(n, at):
    s = 0
    t = Thing(1, -1)
    for i in range(n):
        if i == at:
            t.y = t.x
        s += t.asks
        t.y = 0
    return s


def in_operator(n, at):
    s = 0
    t = Thing(1, -1)
    for i in range(n):
        s += t + (None if i == at else i)
    return s


def by_hook(n, at):
    s = 0
    for i in range(n):
        if i == at:
            breakpoint()
        s += leaf(i)
    return s


def stored_by_debugger(n, at):
    """The debugger changes what native code holds in registers."""
    s = 0
    k = 2
    for i in range(n):
        if i == at:
            debugger.set_trace()
        s += k
    return s


KINDS = [
    (in_loop, range(300)), (at_loops_end, 300), (in_callee, 300),
    (deep_callee, 300), (draws, 300), (sums, 300), (in_init, 300),
    (in_property, 300), (in_operator, 300), (by_hook, 300),
    (stored_by_debugger, 300),
]
SCRIPTS = [
    ["n", "n", "n", "n", "p sorted(locals().items(), key=str)[:1]"],
    ["s", "s", "s", "s", "s", "s", "s", "w"],
    ["r", "n", "n", "n", "s", "s", "w"],
    ["up", "p s", "down", "n", "unt", "n"],
    ["b leaf", "c", "w", "r", "n", "cl 1", "n"],
]

for kind, xs in KINDS:
    for _ in range(40):
        kind(xs, -1)
    print(kind.__name__, kind(xs, -1))
if RUN:
    sys.breakpointhook = lambda: debugger.set_trace(sys._getframe(1))
    for kind, xs in KINDS:
        for commands in SCRIPTS:
            debugger, out = debug(commands)
            try:
                result = kind(xs, 120)
            except Exception as error:
                result = repr(error)
            sys.settrace(None)
            show(f"{kind.__name__} {' '.join(commands)}", result, out)
    debugger, out = debug(["s = 1000", "k = 5", "n", "n", "p s, k"])
    show("stores", stored_by_debugger(300, 100), out)
    for kind, xs in KINDS:
        print(kind.__name__, kind(xs, -1))
