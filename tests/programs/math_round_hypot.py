"""round() and math.hypot bit for bit, over all of the floats."""
# args:
# profile-args: train
import math
import random
import struct
import sys
import zlib


def hypot(x, y):
    return math.hypot(x, y)


def whole(x):
    return round(x)


def cents(x):
    return round(x, 2)


def digits(x, n):
    return round(x, n)


def of_int(n):
    return round(n) + 1


def loop(values):
    total = 0
    for x in values:
        total += round(x) + round(x * 0.1, 1) + math.hypot(x, 3.0)
    return total


def text(function, *arguments):
    try:
        return repr(function(*arguments))
    except Exception as error:
        return repr(error)


def floats(seed):
    pick = random.Random(seed)
    special = (0.0, -0.0, math.inf, -math.inf, math.nan, 5e-324, -5e-324,
               sys.float_info.max, sys.float_info.min, 0.5, -0.5, 1.5, 2.5,
               2.675, 1e16, 2 ** 52 + 0.5, 2 ** 53 - 0.5, 9.2e18, 1e19,
               0.49999999999999994, 1e22, 1e23)
    while True:
        yield pick.uniform(-10, 10)
        yield math.ldexp(pick.random(), pick.randrange(-1080, 1024))
        yield struct.unpack("d", struct.pack("Q", pick.getrandbits(64)))[0]
        yield pick.randrange(-50, 50) * 0.5
        yield pick.choice(special)
        yield float(pick.randrange(-10 ** 6, 10 ** 6))
        yield pick.randrange(-9999, 9999) / 200


def main():
    for i in range(300):
        hypot(i * 0.5, i + 0.25)
        whole(i * 0.5)
        cents(i * 0.1)
        digits(i * 0.1, 3)
        of_int(i)
        loop([i * 0.5, 2.5])
    if sys.argv[1:] == ["train"]:
        return
    check = dict.fromkeys(("hypot", "whole", "cents", "digits"), 0)
    xs, ys = floats(1), floats(2)
    for i in range(20000):
        x, y = next(xs), next(ys)
        for function, arguments in ((hypot, (x, y)), (whole, (x,)),
                                    (cents, (x,)), (digits, (x, i % 27 - 3))):
            check[function.__name__] = zlib.crc32(
                text(function, *arguments).encode(),
                check[function.__name__])
    print(check)
    for value in (True, 2 ** 70, -2 ** 63, "x", None, 1.5, 2, 2 + 1j):
        print([text(function, value) for function in (whole, cents, of_int)],
              text(hypot, value, 1), text(digits, value, None),
              text(digits, value, 1.5), text(digits, value, True))
    print(text(loop, [1.5, 2, True]), text(loop, [1e300, 2.0]),
          text(loop, [math.nan]))


main()
