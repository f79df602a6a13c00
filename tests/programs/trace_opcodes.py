"""A trace function that wants each instruction is set in the middle of hot
code, for the frame that asks and its callers."""
import sys

events = []


def tracer(frame, event, arg):
    name = frame.f_code.co_name
    if name in ("hot", "helper", "generated", "outer"):
        events.append((name, event, frame.f_lineno, frame.f_lasti))
    frame.f_trace_opcodes = True
    return tracer


def start(lines=True):
    frame = sys._getframe().f_back
    while frame is not None:
        frame.f_trace = tracer
        frame.f_trace_opcodes = True
        frame.f_trace_lines = lines
        frame = frame.f_back
    sys.settrace(tracer)


def stop():
    sys.settrace(None)


def helper(x):
    return x + 1


def generated(n):
    for i in range(n):
        yield helper(i)


def hot(n, at, action):
    total = 0
    for i in range(n):
        total += helper(i)
        if i == at:
            action()
        if i == at + 2:
            stop()
    return total


def outer(n, at, action):
    total = 0
    for v in generated(n):
        if v == at:
            action()
        total += v
        if v == at + 1:
            stop()
    return total


def nothing():
    pass


for _ in range(100):
    hot(100, -5, nothing)
    outer(20, -5, nothing)
for function in (hot, outer, hot):
    for action in (start, lambda: start(False)):
        print(function(200, 100, action))
        stop()
        print(len(events))
        for event in events:
            print(*event)
        events.clear()
print(hot(200, -5, nothing), outer(200, -5, nothing))
