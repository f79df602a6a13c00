"""sys.settrace started by a callee in the middle of a hot loop."""
import sys

events = []


def tracer(frame, event, arg):
    if frame.f_code.co_name in ("run", "helper", "loop"):
        events.append((frame.f_code.co_name, event,
                       frame.f_lineno - frame.f_code.co_firstlineno))
    return tracer


def helper(i):
    return i * 2


def start():
    sys.settrace(tracer)
    sys._getframe(1).f_trace = tracer


def stop():
    sys.settrace(None)


def run(n):
    total = 0
    for i in range(n):
        total += helper(i)
        if i == 100:
            start()
        if i == 103:
            stop()
    return total


print(run(300))
for e in events:
    print(*e)
events.clear()


def loop(n):
    i = 0
    while i < n:
        i += 1
        if i == 500:
            start()
        elif i == 503:
            stop()
    return i


print(loop(1000))
print(events)
events.clear()
sys.settrace(tracer)
run_result = run(3)
sys.settrace(None)
print(run_result, len(events), events[:6])
events.clear()


def opcodes(frame, event, arg):
    if frame.f_code.co_name == "helper":
        frame.f_trace_opcodes = True
        events.append(event)
        return opcodes
    return None


sys.settrace(opcodes)
for i in range(5):
    helper(i)
sys.settrace(None)
print(events.count("opcode") > 0, events.count("call"), events.count("return"))
events.clear()


def fails(n):
    for i in range(n):
        if i == 60:
            sys.settrace(lambda f, e, a: 1 / 0)
        helper(i)


try:
    fails(100)
except ZeroDivisionError:
    print("tracer failed", sys.gettrace())
sys.settrace(None)
