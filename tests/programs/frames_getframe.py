"""What a callee sees of its callers: frames, lines, locals."""
import inspect
import sys


def look(depth=1):
    frame = sys._getframe(depth)
    return frame.f_code.co_name, frame.f_lineno


def names():
    out = []
    frame = sys._getframe(1)
    while frame:
        out.append(frame.f_code.co_name)
        frame = frame.f_back
    return out


def run(n):
    seen = set()
    total = 0
    for i in range(n):
        total += i
        if i % 50 == 0:
            seen.add(look())
        if i == n - 1:
            seen.add(
                look())
    return sorted(seen), total


def sees_locals(n):
    a = 0
    b = 1.5
    out = []
    for i in range(n):
        a += i
        b = b * 1.01
        if i % 60 == 59:
            out.append(peek())
    return out


def peek():
    local = sys._getframe(1).f_locals
    return local["a"], round(local["b"], 6), local["i"], sorted(local)


def deeper(n):
    if n == 0:
        return names()
    return deeper(n - 1)


def stack_depth():
    depth = 0
    frame = sys._getframe()
    while frame:
        depth += 1
        frame = frame.f_back
    return depth


def depths(n):
    return {stack_depth() for _ in range(n)}


print(run(300))
print(sees_locals(300))
for _ in range(30):
    r = deeper(5)
print(r)
print(depths(100), names())


def with_inspect(n):
    out = None
    for i in range(n):
        x = i * 2
        if i % 90 == 89:
            info = inspect.stack()[0:2]
            out = [(f.function, f.lineno, f.code_context[0].strip())
                   for f in info]
    return out


print(with_inspect(200))


def caller_line():
    return sys._getframe().f_back.f_lineno


lines = set()
for i in range(100):
    lines.add(caller_line())
    if i > 50:
        lines.add(caller_line())
print(sorted(lines))


def generator(n):
    for i in range(n):
        yield sys._getframe().f_lineno, sys._getframe().f_back.f_code.co_name


print(sorted(set(generator(100))))


def indirect(n):
    return {look(2) for _ in range(n)} | {look(1) for _ in range(n)}


print(sorted(indirect(40)))
