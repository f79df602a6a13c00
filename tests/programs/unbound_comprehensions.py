"""Variables without a value that comprehensions of the same name put away,
entered at the function's start and in the middle of either loop."""
# args:
# profile-args: train
import sys
import traceback


def show(function, *arguments):
    try:
        print(function.__name__, function(*arguments))
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        print(function.__name__, repr(error), [f.lineno for f in frames[1:]])


def loop_then_list(it, r):
    for e in it:
        if e < 3:
            r.append(e)
    return [e for e in r]


def loop_then_list_then_use(it, r):
    for e in it:
        pass
    s = [e * 2 for e in r]
    return e, s


def loop_then_set(it, r):
    for e in it:
        if e == 2:
            break
    s = {e for e in r}
    return len(s), e


def loop_then_dict(it, r):
    for k in it:
        v = k + 1
    d = {k: v for k, v in r}
    return d, k, v


def numbers_kept(it, r):
    e = 1.5
    for x in it:
        e = e + x
    s = [e for e in r]
    return e, s, x


def nested(it, r):
    for x in it:
        y = x
    t = [x + y for x in r for y in r]
    u = [x for x in [x for x in [y for y in r]]]
    return t, u, x, y


def inside_call(it, r):
    for e in it:
        w = e
    return max(len(r), max([e + 1 for e in r]), *[w for w in r])


def inside_method(it, r, out):
    for e in it:
        pass
    out.extend([e for e in r if e])
    return out, e


def unpacked(it, r):
    for a, b in it:
        c = a
    s = [(b, a) for a, b in r]
    return s, a, b, c


def walrus(it, r):
    for e in it:
        last = e
    s = [last := e for e in r]
    return last, s, e


def filtered(it, r):
    for e in it:
        pass
    return sum([e for e in r if e > 1]), [e for e in r][-1:], e


def raises_inside(it, r):
    for e in it:
        pass
    try:
        s = [1 // e for e in r]
    except ZeroDivisionError:
        s = "zero"
    return s, e


def raises_outside(it, r):
    for e in it:
        pass
    return [1 // e for e in r], e


def outer_loop(its, r):
    total = 0
    for it in its:
        for e in it:
            total += e
        total += len([e for e in r])
        if total > 900:
            del e
        total += len([e for e in r])
    return total, e


def while_loop(n, r):
    while n > 0:
        e = n
        n -= 1
    s = [n for n in r]
    t = [e for e in r]
    return s, t, n, e


def deleted_before(it, r, kill):
    for e in it:
        x = e
    if kill:
        del x
    s = [x for x in r]
    return s, x


def in_a_comprehension(it, r):
    for e in it:
        q = e
    return [[q for q in r] + [e] for e in r], [q for e in r for q in (e,)], q


def condition_inside(it, r, flag):
    if flag:
        e = 5
    for x in it:
        x = x + 1
    s = [x for x in r] if flag else [e for e in r]
    return s, e, x


def enumerated(it, r):
    for i, e in enumerate(it):
        pass
    s = [i * e for i, e in enumerate(r)]
    t = [i + e for i, e in zip(r, r)]
    return s, t, i, e


def gen_resumed(it, r):
    for e in it:
        yield e
    yield [e for e in r]
    yield e


def drawn(it, r):
    return list(gen_resumed(it, r))


def in_handler(it, r):
    try:
        for e in it:
            if e > 90:
                raise ValueError(e)
        s = [e for e in r]
    except ValueError as e:
        s = str(e)
    return s, e


RANGE = list(range(40))
PAIRS = [(i, i + 1) for i in range(40)]
ONE = [1, 2, 3]
SIMPLE = (loop_then_list, loop_then_list_then_use, loop_then_set,
          numbers_kept, nested, inside_call, walrus, filtered, raises_inside,
          raises_outside, in_a_comprehension, enumerated, drawn, in_handler)


def kinds(values):
    yield list(values)
    yield tuple(values)
    yield iter(list(values))
    yield (v for v in values)
    yield range(len(values))
    yield dict.fromkeys(values)


def main():
    for turn in range(300):
        for function in SIMPLE:
            function(iter(RANGE), list(ONE))
        loop_then_dict(iter(RANGE), PAIRS[:3])
        unpacked(iter(PAIRS), PAIRS[:3])
        inside_method(iter(RANGE), ONE, [])
        outer_loop([RANGE[:4]] * 3, ONE)
        while_loop(5, ONE)
        deleted_before(RANGE[:5], ONE, False)
        condition_inside(RANGE[:5], ONE, turn % 2 == 0) if turn % 2 == 0 \
            else None
    if sys.argv[1:] == ["train"]:
        return
    for values in ([], [0], [1], [5, 2], RANGE, [91, 92]):
        for r in ([7], [], [3, 0, 4], [1.5, 2.5], list(range(200))):
            for function in SIMPLE:
                for it in kinds(values):
                    show(function, it, list(r))
    for it in ([], PAIRS, iter([]), [(1, 2)]):
        for r in ([], PAIRS[:2], PAIRS * 3):
            show(unpacked, it, r)
            show(loop_then_dict, [a for a, _ in it], r)
    for it in ([], [1], range(0), RANGE):
        for r in ([], [1], RANGE * 5):
            show(inside_method, it, r, [])
            show(outer_loop, [it, it, RANGE] * 40, r)
            show(outer_loop, [it] * 3, r)
            show(while_loop, len(it), r)
            show(deleted_before, it, r, True)
            show(deleted_before, it, r, False)
            show(condition_inside, it, r, True)
            show(condition_inside, it, r, False)


main()
