"""sys.monitoring tools that start before and in the middle of hot loops."""
import sys

mon = sys.monitoring
E = mon.events
TOOL = 4
events = []


def helper(i):
    return i + 1


def run(n, at=None, change=None):
    total = 0
    for i in range(n):
        total += helper(i)
        if i == at:
            change()
    return total


def on_start(code, offset):
    if code.co_name in ("run", "helper"):
        events.append(("start", code.co_name))


def on_line(code, line):
    events.append(("line", code.co_name, line - code.co_firstlineno))


def on_jump(code, source, target):
    events.append(("jump", code.co_name, target < source))


def on_return(code, offset, value):
    if code.co_name in ("run", "helper"):
        events.append(("return", code.co_name, value))


def on_call(code, offset, function, arg0):
    if code is run.__code__:
        events.append(("call", getattr(function, "__name__", "?")))


def counted():
    out = {}
    for e in events:
        out[e[:2]] = out.get(e[:2], 0) + 1
    events.clear()
    return sorted(out.items())


mon.use_tool_id(TOOL, "test")
for event, function in ((E.PY_START, on_start), (E.LINE, on_line),
                        (E.JUMP, on_jump), (E.PY_RETURN, on_return),
                        (E.CALL, on_call)):
    mon.register_callback(TOOL, event, function)
print(run(100))
mon.set_events(TOOL, E.PY_START | E.PY_RETURN)
print(run(50), counted())
mon.set_events(TOOL, 0)
print(run(50), counted())
print(run(200, 150, lambda: mon.set_events(TOOL, E.PY_START)), counted())
mon.set_events(TOOL, 0)
print(run(200, 150, lambda: mon.set_local_events(
    TOOL, run.__code__, E.LINE | E.JUMP)), counted())
mon.set_local_events(TOOL, run.__code__, 0)
print(run(100, 50, lambda: mon.set_local_events(
    TOOL, helper.__code__, E.LINE | E.PY_RETURN)), counted())
mon.set_local_events(TOOL, helper.__code__, 0)
mon.set_events(TOOL, E.CALL)
print(run(20), counted())
mon.set_events(TOOL, 0)
mon.register_callback(TOOL, E.LINE,
                      lambda code, line: events.append((code.co_name, line))
                      or mon.DISABLE)
mon.set_local_events(TOOL, run.__code__, E.LINE)
run(100)
print(len(events))
mon.set_local_events(TOOL, run.__code__, 0)
mon.free_tool_id(TOOL)
print(run(100))
