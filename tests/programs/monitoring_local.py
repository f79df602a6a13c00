"""A tool that is made within hot code, and wants local events of functions
that are called there directly: it sees each call from then on."""
import sys

M = sys.monitoring
E = M.events
calls = []


def leaf(x):
    return x * 2


def middle(x):
    return leaf(x) + leaf(x + 1)


class Point:
    def __init__(self, x):
        self.x = x
        self.y = leaf(x)

    def method(self, k):
        return self.x + k


def nothing():
    pass


def hot(n, at, act, stop):
    total = 0
    for i in range(n):
        if i == at:
            act()
        if i == stop:
            end()
        total += middle(i)
        p = Point(i)
        total += p.method(2)
    return total


def on_start(code, offset):
    calls.append(code.co_name)


def begin(*codes):
    M.use_tool_id(3, "local")
    M.register_callback(3, E.PY_START, on_start)
    for code in codes:
        M.set_local_events(3, code, E.PY_START)
    watched.extend(codes)


def end():
    for code in watched:
        M.set_local_events(3, code, 0)
    watched.clear()
    if M.get_tool(3):
        M.free_tool_id(3)


watched = []
for _ in range(200):
    hot(50, -1, nothing, -1)
for codes in ([leaf], [middle], [Point.__init__], [Point.method],
              [leaf, Point.__init__]):
    codes = [f.__code__ for f in codes]
    for _ in range(2):
        result = hot(100, 50, lambda: begin(*codes), 90)
        end()
        print(result, len(calls), sorted(set(calls)))
        calls.clear()
        print(hot(100, -1, nothing, -1), calls)
