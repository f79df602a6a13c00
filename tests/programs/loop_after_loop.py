"""Loops one behind the other and inside each other, in frames that the interpreter
has made: native code goes on from one loop to the next."""
import sys

LOG = []


class Noisy:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        LOG.append((self.name, sys._getframe(1).f_lineno - sys._getframe(1).f_code.co_firstlineno))


def in_turn(n):
    total = 0
    for i in range(n):
        total += i
    for i in range(n):
        total ^= i * 3
    j = 0
    while j < n:
        total += j & 5
        j += 1
    for c in "abc" * n:
        total += ord(c)
    return total, i, j, c


def nested(n):
    out = []
    for i in range(n):
        for j in range(i):
            if (i + j) % 7 == 0:
                break
            out.append(i * j)
        else:
            out.append(-i)
        k = i
        while k > 0:
            k -= 2
            for x in (1, 2.5, 3):
                if x > 2 and k % 3 == 0:
                    continue
                out.append(x + k)
    return len(out), sum(out)


def floats_then_ints(n):
    x = 0
    for i in range(n):
        x += 0.5
    y = x
    for i in range(n):
        y += i
    z = None
    for i in range(n):
        z = y if i % 2 else i
    return x, y, z


def unbound_between(n):
    for i in range(n):
        value = i
    del value
    for i in range(n):
        if i > n - 3:
            try:
                value
            except UnboundLocalError as e:
                LOG.append(str(e))
            value = i
    return value


def dying_between(n):
    kept = Noisy("first")
    for i in range(n):
        held = kept
    kept = held = None
    for i in range(n):
        held = Noisy(("second", i)) if i > n - 3 else held
    for held in range(n):
        pass
    return held


def raising(n, where):
    total = 0
    for i in range(n):
        total += 10 // (i - where)
    try:
        for i in range(n):
            total += 10 // (i + n - where)
    except ZeroDivisionError as e:
        total += e.__traceback__.tb_lineno - sys._getframe().f_code.co_firstlineno
    for i in range(n):
        total += 10 // (i + 2 * n - where)
    return total


def caught(n):
    for where in (-1, n // 2, n + n // 2, 2 * n + n // 2):
        try:
            LOG.append(raising(n, where))
        except ZeroDivisionError as e:
            lines = []
            tb = e.__traceback__
            while tb:
                lines.append((tb.tb_frame.f_code.co_name,
                              tb.tb_lineno - tb.tb_frame.f_code.co_firstlineno))
                tb = tb.tb_next
            LOG.append(lines)


def traced_between(n):
    lines = []

    def tracer(frame, event, arg):
        lines.append((event, frame.f_lineno - frame.f_code.co_firstlineno))
        return tracer

    total = 0
    for i in range(n):
        total += i
    sys._getframe().f_trace = tracer
    sys.settrace(tracer)
    for i in range(3):
        total += i
    sys.settrace(None)
    for i in range(n):
        total += i
    return total, lines


class Starts:
    """A finaliser that writes a variable of the frame whose loop it ends."""

    def __del__(self):
        frame = sys._getframe(1)
        frame.f_locals["total"] = 1000


def written_between(n):
    total = 0
    for i in range(n):
        held = [Starts() if i == n - 1 else None]
        held[0] = None
        total += 1
    for i in range(n):
        total += 1
    return total


def items(n):
    for i in range(n):
        pass
    for i in range(n):
        yield i
    for i in range(n):
        for j in range(3):
            pass
        yield j
    for i in range(n):
        pass


def while_else(n):
    found = []
    p = 2
    while p < n:
        q = 2
        while q * q <= p:
            if p % q == 0:
                break
            q += 1
        else:
            found.append(p)
        p += 1
    for p in found:
        if p > n // 2:
            break
    return p, len(found)


def comprehended(n):
    squares = [i * i for i in range(n)]
    odd = {i for i in squares if i & 1}
    table = {i: [j for j in range(i)] for i in range(n % 9)}
    return sum(squares), len(odd), sum(map(len, table.values()))


def big_in_second(n):
    total = 1
    for i in range(n):
        total += i
    for i in range(n):
        total = total * 3 + i
    for i in range(n):
        total //= 2
    return total


for n in (150, 3, 0, 41):
    LOG.append(in_turn(n) if n else None)
    LOG.append(nested(n % 60))
    LOG.append(floats_then_ints(n) if n else None)
    LOG.append(unbound_between(n) if n else None)
    LOG.append(dying_between(n) if n else None)
    caught(n)
    LOG.append(traced_between(n))
    LOG.append(written_between(n))
    LOG.append(list(items(n)))
    LOG.append(while_else(n) if n > 2 else None)
    LOG.append(comprehended(n))
    LOG.append(big_in_second(n) % 1000003)

count = 0
for i in range(300):
    count += i
for i in range(300):
    for j in range(3):
        count += j
    held = Noisy(i) if i % 100 == 0 else None
while count > 0:
    count -= 7
for entry in LOG:
    print(entry)
print(count, i, j)
