"""Loops whose locals may be unbound when they are entered."""


def filter_after(limit):
    flags = [True] * (limit + 1)
    for i in range(2, limit):
        j = i * i
        while j <= limit:
            flags[j] = False
            j += i
    return [i for i, p in enumerate(flags) if p]


def first_sets(n):
    total = 0
    for i in range(n):
        if i == 0:
            last = 1
        else:
            total += last
            last = i
    return total


def deleted(n):
    x = 1
    out = []
    for i in range(n):
        if i % 3 == 0:
            x = i
        elif i % 3 == 1:
            out.append(x)
            del x
        else:
            try:
                out.append(x)
            except UnboundLocalError as e:
                out.append(str(e)[:20])
    return out[:8], len(out)


def after_loop(n):
    for i in range(n):
        if i == 70:
            found = i
    try:
        return found
    except UnboundLocalError:
        return None


for size in (3, 40, 300, 3000):
    print(size, len(filter_after(size)), first_sets(size), deleted(size),
          after_loop(size))
