"""Which complex number is which: equal ones that were made apart, and one in
several variables, also after code has left for the interpreter."""


def made_twice(a, b):
    x, y = a * 0.5, b * 2.5
    first = complex(x, y)
    second = complex(x, y)
    again = first
    product = first * 1j
    same = first * 1j
    both = [first, second, again]
    return (first is second, first is again, product is same,
            both[0] is both[1], both[0] is both[2], -first is -first,
            -(-first) is first)


def kept(a, b):
    x, y = a * 0.5, b * 2.5
    first = complex(x, y)
    second = complex(x, y)
    return [first, second, first]


def left(a, items):
    first = complex(a * 0.5, 1.5)
    second = complex(a * 0.5, 1.5)
    again = first
    total = 0
    for item in items:      # now and then of another type
        total += item
        first = first + 1
        other, second = second, first
    return (first is second, again is first, other is first, first == second,
            total)


def in_loop(n):
    z = c = complex(n * 0.01, 0.25)
    for turn in range(n):
        z = z * z + c
        before = z
    return z is before if n else z is c


for k in range(150):
    trio = kept(k, k + 1)
    print(made_twice(k, k + 1), trio[0] is trio[1], trio[0] is trio[2],
          left(k, [1, 2, 3.5 if k % 7 == 6 else 3, 4]), left(k, [k]),
          in_loop(k % 20))
