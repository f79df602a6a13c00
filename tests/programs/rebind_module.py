"""Module attributes rebound, and importlib.reload in a loop."""
import importlib
import math
import os
import sys
import tempfile
import types

helper = types.ModuleType("helper")
helper.k = 2
helper.f = lambda x: x * helper.k


def run(n, at=None, change=None):
    total = 0
    for i in range(n):
        if i == at:
            change()
        total += helper.f(i) + helper.k
    return total


def new_k():
    helper.k = 5


def new_f():
    helper.f = lambda x: 1


print(run(100), run(100, 50, new_k), run(100, 50, new_f), run(100))


def roots(n, at=None, change=None):
    total = 0.0
    for i in range(n):
        if i == at:
            change()
        total += math.sqrt(i)
    return total


real = math.sqrt
print(roots(100), roots(100, 50, lambda: setattr(math, "sqrt", lambda x: 0.0)),
      roots(100))
math.sqrt = real
print(roots(100))
del helper.k
try:
    run(10)
except AttributeError as error:
    print(error)

SOURCE = """
step = {step}


def advance(x):
    return x + step


def loop(n):
    total = 0
    for i in range(n):
        total = advance(total)
    return total
"""

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "reloaded_module.py")
    sys.path.insert(0, folder)
    for step in (1, 2.5, 10 ** 20):
        with open(path, "w") as file:
            file.write(SOURCE.format(step=step) + f"# {step}\n" * step.bit_length()
                       if isinstance(step, int) else SOURCE.format(step=step))
        if "reloaded_module" not in sys.modules:
            import reloaded_module
            loop = reloaded_module.loop
        else:
            importlib.invalidate_caches()
            importlib.reload(reloaded_module)
        print(reloaded_module.loop(300), loop(300), loop is reloaded_module.loop)
