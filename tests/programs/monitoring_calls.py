"""Tools that are told of calls: a Python function never looks like a C function,
before, while and after somebody listens."""
import sys
import types

monitoring = sys.monitoring
E = monitoring.events
TOOL = 2


def leaf(x):
    return x + 1


def middle(x):
    return leaf(x) + len((x,))


def fails(x):
    raise KeyError(x)


class Point:
    def __init__(self, x):
        self.x = x

    def total(self):
        return leaf(self.x)


def work(n):
    total = 0
    for i in range(n):
        total += middle(i) + Point(i).total()
        try:
            fails(i)
        except KeyError:
            total += 1
    return total


def listen(events, n):
    heard = []

    def listener(name):
        def note(code, offset, what, first):
            kind = "py" if isinstance(
                what, (types.FunctionType, types.MethodType)) else "c"
            heard.append((name, kind, getattr(what, "__name__", "?")))
        return note

    monitoring.use_tool_id(TOOL, "listener")
    for name in events:
        monitoring.register_callback(TOOL, getattr(E, name), listener(name))
    monitoring.set_events(TOOL, E.CALL)
    total = work(n)
    monitoring.set_events(TOOL, 0)
    for name in events:
        monitoring.register_callback(TOOL, getattr(E, name), None)
    monitoring.free_tool_id(TOOL)
    return total, heard


for _ in range(300):
    work(10)
print(work(50))
for events in ("CALL", "C_RETURN", "C_RAISE"), ("C_RETURN",), ("CALL",):
    total, heard = listen(events, 3)
    print(total, len(heard), sorted(set(heard)))
    for _ in range(100):
        work(10)
    print(work(50))
