"""A program that takes all tool ids of sys.monitoring, the optimizer's too,
from within hot code, and gives them back: each gets its own events and no
others."""
import sys

M = sys.monitoring
E = M.events


def helper(x):
    return x * 2


def hot(n, at=-1, act=None):
    total = 0
    for i in range(n):
        if i == at:
            act()
        total += helper(i)
    return total


def generated(n, at=-1, act=None):
    for i in range(n):
        if i == at:
            act()
        yield helper(i)


def drain(n, at=-1, act=None):
    total = 0
    for x in generated(n, at, act):
        total += x
    return total


def attempt(function, *args):
    try:
        return function(*args)
    except Exception as error:
        return type(error).__name__, str(error)


for _ in range(300):
    hot(30)
    drain(10)
    sum(generated(10))

print([M.get_tool(i) for i in range(6)])
print([attempt(M.get_events, i) for i in range(6)])
print([attempt(M.get_local_events, i, hot.__code__) for i in range(6)])
print([attempt(M.set_local_events, i, hot.__code__, E.JUMP)
       for i in range(6)])
print([attempt(M.set_events, i, E.PY_START) for i in range(6)])
print(hot(200), drain(100))

counts = {}


def count(tool, event):
    def callback(*args):
        key = tool, event
        counts[key] = counts.get(key, 0) + 1
    return callback


def claim():
    for i in range(6):
        M.use_tool_id(i, f"tool {i}")
        M.register_callback(i, E.PY_START, count(i, "start"))
        M.register_callback(i, E.JUMP, count(i, "jump"))
        M.register_callback(i, E.PY_RESUME, count(i, "resume"))


def start(which):
    for i in range(6):
        M.set_events(i, which)


def local(code, which):
    for i in range(6):
        M.set_local_events(i, code, which)


def show(what, *more):
    print(what, sorted(counts.items()), *more)
    counts.clear()


print(hot(100, 50, claim))
print([M.get_tool(i) for i in range(6)],
      [M.get_local_events(i, hot.__code__) for i in range(6)],
      attempt(M.use_tool_id, 5, "again"))
show("claimed", hot(50), drain(20))
show("start", hot(100, 50, lambda: start(E.PY_START)), hot(10))
start(0)
show("none", hot(100), drain(20))
show("jump", hot(100, 50, lambda: start(E.JUMP)), drain(20))
start(0)
show("resume", drain(100, 50, lambda: start(E.PY_RESUME)), drain(20))
start(0)
show("local", hot(100, 50, lambda: local(hot.__code__, E.JUMP)), hot(10))
show("none", hot(100, 50, lambda: local(hot.__code__, 0)))
show("generator", drain(100, 50, lambda: local(generated.__code__,
                                               E.JUMP | E.PY_RESUME)))
local(generated.__code__, 0)


def watched():
    """Watched code that was left in its middle goes on being watched."""
    local(helper.__code__, E.PY_START)


show("helper", hot(100, 50, watched), hot(10), drain(10))
local(helper.__code__, 0)
for i in range(6):
    M.free_tool_id(i)
print([M.get_tool(i) for i in range(6)])
show("free", hot(300), drain(100))


def tracer(frame, event, arg):
    counts[event] = counts.get(event, 0) + 1
    return tracer


show("trace", hot(100, 95, lambda: sys.settrace(tracer)))
sys.settrace(None)
counts.clear()
show("end", hot(300), drain(100))
