"""sys.setprofile started in the middle of a hot loop."""
import sys

events = []


def profiler(frame, event, arg):
    if event.startswith("c_"):
        events.append((event, arg.__name__))
    elif frame.f_code.co_name in ("run", "helper", "fib"):
        events.append((event, frame.f_code.co_name))


def helper(i):
    return abs(i)


def run(n):
    total = 0
    for i in range(n):
        total += helper(-i)
        if i == 200:
            sys.setprofile(profiler)
        if i == 202:
            sys.setprofile(None)
    return total


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


print(run(400))
for e in events:
    print(*e)
events.clear()
for _ in range(20):
    fib(8)
sys.setprofile(profiler)
fib(5)
sys.setprofile(None)
print(events.count(("call", "fib")), events.count(("return", "fib")))
events.clear()
import cProfile
import pstats

p = cProfile.Profile()
p.enable()
run(50)
p.disable()
stats = pstats.Stats(p)
print(sorted((k[2], v[0]) for k, v in stats.stats.items()
             if k[2] in ("run", "helper")))
