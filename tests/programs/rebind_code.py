"""__code__, __defaults__, __kwdefaults__ and __globals__ tricks."""
import types


def f(x, y=1, *, z=2):
    return x + y + z


def g(x, y=1, *, z=2):
    return x * 100 - y - z


def fail(x, y=1, *, z=2):
    raise ValueError(x, y, z)


def run(n, at=None, change=None):
    total = 0
    for i in range(n):
        if i == at:
            change()
        total += f(i)
    return total


def set_code(code):
    def change():
        f.__code__ = code
    return change


original = f.__code__
print(run(200))
print(run(200, 100, set_code(g.__code__)))
print(run(200))
print(run(200, 50, set_code(original)))
f.__defaults__ = (10,)
print(run(200))
f.__kwdefaults__ = {"z": 0.5}
print(run(200))
print(run(200, 100, lambda: setattr(f, "__defaults__", (2 ** 70,))))
f.__defaults__ = None
try:
    run(10)
except TypeError as error:
    print(error)
f.__defaults__ = (1,)
f.__kwdefaults__ = None
try:
    run(10)
except TypeError as error:
    print(error)
f.__kwdefaults__ = {"z": 2}
try:
    run(200, 100, set_code(fail.__code__))
except ValueError as error:
    print(error, error.__traceback__.tb_next.tb_lineno)
f.__code__ = original


def recursive(n):
    return n if n < 2 else recursive(n - 1) + recursive(n - 2)


print(recursive(15))
saved = recursive
recursive = lambda n: 1
print(saved(10))
recursive = saved
code = saved.__code__.replace(co_consts=tuple(
    3 if c == 2 else c for c in saved.__code__.co_consts))
recursive.__code__ = code
print(recursive(12))


def body():
    return value * 2


value = 21
clone = types.FunctionType(body.__code__, {"value": "x"})
print([body() for _ in range(50)][-1], [clone() for _ in range(50)][-1])


class C:
    def m(self):
        return 1


c = C()
total = 0
for i in range(200):
    total += c.m()
    if i == 100:
        C.m.__code__ = (lambda self: 50).__code__
print(total)
total = 0
for i in range(200):
    total += c.m()
    if i == 100:
        c.m = types.MethodType(lambda self: 7, c)
print(total)
print(f.__code__ is original, original.co_name, len(original.co_code) > 10)
