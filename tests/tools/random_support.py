"""Head of a pack of small random programs: what all of them use.

random_small.py puts this text in front of the programs of one pack, so it is
compiled with them. `train` as the first argument leaves out what is only to
be met after training.
"""

import copy
import gc
import math
import sys
import weakref
import zlib

LATE = sys.argv[1:2] != ["train"]
LOG = []
WATCHED = {}
LEFT = [0]
NAN = float("nan")
BIG = 1 << 70

# When a cycle is collected depends on how many containers were made, which
# is not what these programs compare.
gc.disable()


class Fault(Exception):
    """Raised by the programs themselves."""


class Other(Fault):
    """One that is caught on its own."""


def show(value, depth=0):
    """A text without addresses; says nothing of unknown classes."""
    kind = type(value)
    if kind is float:
        return repr(value)
    if kind in (int, bool, str, bytes, complex) or value is None:
        return repr(value)[:160]
    if depth > 3:
        return kind.__name__
    if kind is list or kind is tuple:
        return kind.__name__[0] + "[" + ",".join(
            [show(item, depth + 1) for item in value[:9]]) + f"]{len(value)}"
    if kind is dict:
        return "{" + ",".join(
            [show(key, depth + 1) + ":" + show(item, depth + 1)
             for key, item in list(value.items())[:9]]) + f"}}{len(value)}"
    if kind is set:
        return "s" + show(sorted(map(repr, value)), depth + 1)
    if isinstance(value, BaseException):
        return kind.__name__ + show(value.args, depth + 1)
    return kind.__name__


def log(*words):
    """Note an effect, with the values as they are now."""
    LEFT[0] -= 1
    if LEFT[0] > 0:
        LOG.append(show(words))


def where(error):
    """Class, text and places of an exception and of its context."""
    words = []
    while error is not None and len(words) < 3:
        places = []
        step = error.__traceback__
        while step is not None:
            code = step.tb_frame.f_code
            at = list(code.co_positions())[step.tb_lasti // 2]
            places.append(f"{code.co_name}:{step.tb_lineno}:{at[2:]}")
            step = step.tb_next
        words.append(f"{type(error).__name__}({str(error)[:60]})"
                     f" {' < '.join(places[-4:])}")
        error = error.__context__
    return " / ".join(words)


def look(value):
    """What vars() shows of an instance, in its order."""
    names = getattr(value, "__dict__", None)
    if names is None:
        return "no dict"
    return show([[key, names[key]] for key in list(names)[:9]]) + str(
        len(names))


def unraisable(what):
    """Failing finalisers belong to the program's output."""
    log("unraisable", where(what.exc_value))


sys.unraisablehook = unraisable


def watch(value, word):
    """Have the death of an object noted."""
    try:
        WATCHED[word] = weakref.ref(value, lambda ref: log("died", word))
    except TypeError:
        log("no weakref", word)


def poke(name, value):
    """Write a local of the caller."""
    sys._getframe(1).f_locals[name] = value


def poke_up(name, value):
    """Write a local of the caller's caller, if it has such a one."""
    frame = sys._getframe(2)
    if name in frame.f_locals:
        frame.f_locals[name] = value


class Within:
    """A context manager that notes, and swallows if told to."""

    def __init__(self, eats):
        self.eats = eats

    def __enter__(self):
        log("enter")
        return self.eats

    def __exit__(self, kind, error, trace):
        log("exit", None if kind is None else kind.__name__)
        return self.eats and kind is not None


ODD = {
    "int": [2 ** 63 - 1, -2 ** 63, 10 ** 20, 1.5, True, None, "odd", NAN,
            [1, 2], -7],
    "float": [3, float("inf"), NAN, None, "odd", True, 10 ** 30, -0.0, [1.0]],
    "bool": [0, 1.5, None, "", [], 7],
    "str": ["", 5, None, b"bytes", ["a", "b"], "\u00e9\u4e00"],
    "list": [[], (1, 2, 3), [1.5, None, "x"], {3: 4}, "text", None,
             [10 ** 20, True, NAN]],
    "dict": [{}, {"a": 1}, None, [3, 4, 5], {1: "x", 2: 2.5}],
    "obj": [None, 3, "odd", [1]],
    "any": [None, 2.5, "odd", 1 << 80, (), [[]]],
}


def usual(kind, k, classes):
    """The argument of turn k."""
    if kind == "int":
        return k * 7 % 23 - 5
    if kind == "float":
        return k * 0.75 - 3.0
    if kind == "bool":
        return k % 3 == 0
    if kind == "str":
        return "abcdefgh"[k % 8:] + "xyz"
    if kind == "list":
        return [k, k + 1, -k, 5, k * 300]
    if kind == "dict":
        return {0: k, 1: k + 1, "a": k * 300, 3: 2}
    if kind == "obj":
        return classes[0](k, k * 0.25)
    return [k, k * 0.5, "s", None][k % 4]


def odd_one(values, kinds, k, classes):
    """Replace one of the usual values."""
    at = k % len(values)
    choice = ODD[kinds[at]]
    pick = k // len(values) % (len(choice) + 1)
    if pick < len(choice):
        values[at] = copy.copy(choice[pick])
    elif len(classes) > 1:
        values[at] = classes[1](k, 2)


def call(function, values):
    """Not f(*values): a tuple may or may not hold them during the call."""
    if len(values) == 1:
        return function(values[0])
    if len(values) == 2:
        return function(values[0], values[1])
    if len(values) == 3:
        return function(values[0], values[1], values[2])
    return function(values[0], values[1], values[2], values[3])


def drive(function, kinds, classes, first, last, odd):
    """Call a function with the usual values, or odd ones among them."""
    name = function.__name__
    check = 0
    for k in range(first, last):
        del LOG[:]
        LEFT[0] = 60
        values = []
        try:
            for kind in kinds:
                values.append(usual(kind, k, classes))
            if odd:
                odd_one(values, kinds, k, classes)
            result = show(call(function, values))
        except (ArithmeticError, LookupError, TypeError, ValueError,
                AttributeError, NameError, Fault, RuntimeError,
                AssertionError, StopIteration) as error:
            result = where(error)
        del values
        check = zlib.crc32(repr((result, LOG)).encode(), check)
        if odd or k % 8 == 7 or last - k < 3:
            print(name, k, check, result[:200], " ".join(LOG)[:300])
