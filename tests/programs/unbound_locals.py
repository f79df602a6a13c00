"""Locals that lose their value, or never get one: del, loops without a turn,
exceptions, `except as`, match, with; numbers and objects; the error names the
variable and the line."""
# args:
# profile-args: train
import sys
import traceback


class Quiet:
    def __enter__(self):
        return 3

    def __exit__(self, *what):
        return True


class Told:
    log = []

    def __init__(self, n):
        self.n = n

    def __del__(self):
        Told.log.append(self.n)


def deleted_number(n, at):
    total = 0
    for i in range(n):
        x = i * 2
        if i == at:
            del x
        total += x
    return total


def deleted_float(n, at):
    y = 0.5
    for i in range(n):
        if i == at:
            del y
        y += 1.5
    return y


def deleted_object(n, at):
    for i in range(n):
        o = Told(i)
        if i == at:
            del o
            Told.log.append("deleted")
        try:
            o.n
        except UnboundLocalError as error:
            Told.log.append(str(error))
    return len(Told.log)


def deleted_twice(n, at):
    x = [n]
    for i in range(n):
        if i >= at:
            del x
        else:
            x.append(i)
    return x


def deleted_parameter(a, b):
    r = 0
    for i in range(5):
        r += a
        if i == b:
            del a
    return r


def deleted_in_try(n, at):
    out = []
    x = 1
    for i in range(n):
        try:
            if i == at:
                del x
            out.append(x)
            x = i
        except UnboundLocalError as error:
            out.append(str(error))
            x = -1
        finally:
            out.append("f")
    return out[-12:]


def except_as(n, at):
    seen = 0
    for i in range(n):
        try:
            if i == at:
                raise KeyError(i)
            e = i
        except KeyError as e:
            seen += 1
        if i == at + 1:
            seen += e
    return seen


def except_as_used(n, at):
    for i in range(n):
        e = i
        try:
            1 // (i - at)
        except ZeroDivisionError as e:
            pass
        e
    return e


def matched(values):
    for v in values:
        match v:
            case [a, b]:
                r = a + b
            case {"k": c}:
                r = c
            case int(d):
                r = d
        r
    return r, a, b, c, d


def managed(n, at):
    for i in range(n):
        with Quiet() as q:
            if i == at:
                1 // 0
            w = i + q
    return w, q


def for_else(values, wanted):
    for v in values:
        if v == wanted:
            found = v
            break
    else:
        other = 1
    try:
        return found
    except UnboundLocalError as error:
        return str(error), other


def one_branch(n, at):
    for i in range(n):
        if i < at:
            z = i
        elif i == at:
            del z
        else:
            z += 1
    return z


def two_names(n, first, second):
    if first:
        a = 1
    if second:
        b = 2.5
    t = 0
    for i in range(n):
        t += a
        t += b
    return t


def swapped(n, at):
    a, b = 1, 2.0
    for i in range(n):
        a, b = b, a
        if i == at:
            del a
    return a, b


def stored_late(n, at):
    for i in range(n):
        if i > at:
            t = t + i
        elif i == at:
            t = 0
    return t


def names(n, at):
    x = 1
    for i in range(n):
        if i == at:
            del x
        if i > n - 2:
            return sorted(locals())
    return None


def generator(n, at):
    x = 0
    for i in range(n):
        if i == at:
            del x
        yield x
        x = i


def drawn(n, at):
    out = []
    for v in generator(n, at):
        out.append(v)
    return sum(out)


def nested(n, at):
    def inner():
        return x + 1

    x = 1
    t = 0
    for i in range(n):
        if i == at:
            del x
        t += inner()
        x = i
    return t


def long_names(n, at):
    q0 = q1 = q2 = q3 = q4 = q5 = q6 = q7 = q8 = q9 = 1
    for i in range(n):
        if i == at:
            del q7, q9
        q0, q1, q2, q3, q4 = q5, q6, q7, q8, q9
    return q0, q1, q2, q3, q4


def show(function, *arguments):
    try:
        print(function.__name__, arguments, function(*arguments))
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        print(function.__name__, arguments, repr(error),
              [(f.lineno, f.name) for f in frames[1:]],
              error.__context__ and repr(error.__context__))
    if Told.log:
        print(Told.log[-9:])
        Told.log.clear()


USUAL = (deleted_number, deleted_float, deleted_object, deleted_twice,
         deleted_parameter, deleted_in_try, except_as, except_as_used,
         managed, one_branch, swapped, stored_late, names, drawn, nested,
         long_names)
MATCHES = ([[1, 2], {"k": 3}, 4], [4], [[1, 2]], [{"k": 3}] * 50, ["s"], [],
           [[1, 2], 4] * 30)


def main():
    for turn in range(200):
        for function in USUAL:
            if function in (one_branch, stored_late):
                function(30, 29 if function is one_branch else 0) \
                    if function is stored_late else function(29, 99)
            else:
                function(30, 99)
        matched(MATCHES[0])
        for_else([1, 2, 3], 3)
        two_names(4, True, True)
        Told.log.clear()
    if sys.argv[1:] == ["train"]:
        return
    for n in (0, 1, 2, 30, 300):
        for at in (-1, 0, 1, 2, 29, 150, 299, 1000):
            for function in USUAL:
                show(function, n, at)
    for values in MATCHES:
        show(matched, values)
    for values in ([], [1], [2, 3] * 40):
        show(for_else, values, 3)
        show(for_else, values, 9)
    for first in (True, False):
        for second in (True, False):
            show(two_names, 0, first, second)
            show(two_names, 500, first, second)
    show(deleted_parameter, 1.5, 2)
    show(deleted_parameter, "a", 9)


main()
try:
    for turn in range(400):
        if turn > 390:
            del value
        else:
            value = turn
        value += 1
except NameError as error:
    print(error)
traceback.print_exc()
deleted_number(500, 400)
