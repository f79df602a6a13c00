"""Edges of operations that compiled code does natively or by C functions."""

import math
import traceback


def unpack(rows):
    total = 0
    for row in rows:
        try:
            a, b = row
            total += a - b
        except ValueError as error:
            total += len(str(error))
    return total


def slices(n):
    data = list(range(10))
    for i in range(n):
        data[2:4] = [i, i + 1, i + 2]
        del data[0]
        data[-1] += 1
        if len(data) > 30:
            data[5:] = data[:5]
    return data


def keys(table, names):
    found = missing = 0
    for name in names:
        try:
            found += table[name]
        except KeyError as error:
            missing += len(error.args[0])
    return found, missing


def free_variable():
    def inner(n):
        s = 0
        for i in range(n):
            if i == 90:
                try:
                    s += late
                except NameError as error:
                    s += len(str(error))
            s += i
        return s
    first = inner(100)
    late = 7
    return first, inner(100)


def unbound(n):
    out = []
    for i in range(n):
        x = i * 2
        if i % 50 == 49:
            del x
        try:
            out.append(x)
        except UnboundLocalError as error:
            out.append(len(str(error)))
    return sum(out)


def special(values):
    s = []
    for v in values:
        for f in (math.floor, math.ceil, int, abs):
            try:
                s.append(f(v))
            except (ValueError, OverflowError) as error:
                s.append(type(error).__name__)
    return s


def compare(values):
    result = 0
    for a in values:
        for b in values:
            result = result * 3 % 1000003 + (a < b) + 2 * (a == b) + (max(a, b) is a)
    return result


def formats(n):
    parts = []
    for i in range(n):
        parts.append(f"{i:>4}|{i / 3:.3f}|{i!s}|{'x' * (i % 3)}")
    return len("".join(parts)), parts[-1]


def failing(n):
    table = {}
    for i in range(n):
        table[i] = i
        if i == n - 1:
            return table[i + 1] + [1][i]
    return None


for _ in range(4):
    print(unpack([(i, 1) if i % 7 else (i,) for i in range(300)]))
    print(slices(200))
    print(keys({f"k{i}": i for i in range(50)}, [f"k{i % 60}" for i in range(400)]))
    print(free_variable(), unbound(200))
    print(special([1.5, -2.5, 1e300, -0.0, 3.0] * 20)[-24:])
    print(special([float("nan"), float("inf"), -1e19]))
    print(compare([1, 2.0, 2, True, 0.5, -1, 2**60, 2.0**60, float("nan")]))
    print(formats(150))
    try:
        failing(150)
    except KeyError as error:
        print("".join(traceback.format_exception(error))[-200:])
