"""A timer signal's handler runs while a hot loop spins."""
import signal
import time

fired = 0
lines = set()


def handler(number, frame):
    global fired
    fired += 1
    lines.add(frame.f_code.co_name)


def spin():
    n = 0
    x = 0.0
    start = time.monotonic()
    while fired < 3:
        n += 1
        x += n * 0.5
        if n % 4096 == 0 and time.monotonic() - start > 20:
            return "signals did not come"
    return "spun" if n > 100 and x > 0 else "too short"


def spin_for():
    for i in range(10 ** 9):
        if fired >= 6:
            return "spun"
    return "signals did not come"


def recurse(n):
    if n < 2:
        return n
    return recurse(n - 1) + recurse(n - 2)


def spin_calls():
    for _ in range(10 ** 6):
        recurse(8)
        if fired >= 9:
            return "spun"
    return "signals did not come"


class Stop(Exception):
    pass


def stop(number, frame):
    raise Stop


def forever():
    n = 0
    try:
        while True:
            n += 1
    except Stop:
        return n > 100


def forever_uncaught():
    i = 0
    while i >= 0:
        i = i + 1


signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
print(spin(), spin_for(), spin_calls())
signal.setitimer(signal.ITIMER_REAL, 0)
print(lines <= {"spin", "spin_for", "spin_calls", "recurse"})
signal.signal(signal.SIGALRM, stop)
signal.setitimer(signal.ITIMER_REAL, 0.03)
print(forever())
signal.setitimer(signal.ITIMER_REAL, 0.03)
try:
    forever_uncaught()
except Stop as error:
    tb = error.__traceback__
    names = []
    while tb:
        names.append(tb.tb_frame.f_code.co_name)
        tb = tb.tb_next
    print(names)
    frame = error.__traceback__.tb_next.tb_frame
    print(frame.f_locals["i"] > 100,
          error.__traceback__.tb_next.tb_lineno
          - frame.f_code.co_firstlineno in (2, 3))
