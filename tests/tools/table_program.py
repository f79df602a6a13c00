"""Write programs that walk the tables of operations, builtins and methods.

Usage: table_program.py PART [FIRST COUNT [STEP]]

Each function of such a program does one operation, is called with operands of
one class until it is compiled for them, and then with operands of every class:
whatever has no native form for a class must say so, not be guessed. PART is one
of

  builtins   the rows of aot/front/builtins.def and cache/abi/math.def
  methods    every method of every class of aot/ir/classes.def
  operators  unary and binary operators, comparisons
  forms      subscripts, loops, unpacking, formatting, attributes, patterns

FIRST, COUNT and STEP choose some of its functions: COUNT of them, from FIRST
on, every STEP-th. Without them it says how many there are, and writes nothing.
"""

import os
import re
import sys
import warnings

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))

PRELUDE = '''\
"""Written by table_program.py."""
# args:
# profile-args: train
import math
import os
import re
import sys
import types
import warnings
import zlib

warnings.simplefilter("ignore")
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


class Plain:
    def __init__(self, n=3):
        self.n = n
        self.text = "plain"

    def __repr__(self):
        return f"Plain{vars(self)}"


class Number:
    """Takes part in everything."""

    def __init__(self, n=7):
        self.n = n

    def __repr__(self):
        return f"Number({self.n})"

    def __add__(self, other):
        return ("add", self.n, type(other).__name__)

    def __radd__(self, other):
        return ("radd", self.n, type(other).__name__)

    def __mul__(self, other):
        return ("mul", self.n, type(other).__name__)

    __rmul__ = __rsub__ = __rtruediv__ = __rmod__ = __rand__ = __radd__
    __sub__ = __truediv__ = __mod__ = __and__ = __floordiv__ = __add__

    def __iadd__(self, other):
        return ("iadd", self.n, type(other).__name__)

    def __eq__(self, other):
        return type(other) is Number and self.n == other.n

    def __hash__(self):
        return 7

    def __lt__(self, other):
        return self.n

    def __index__(self):
        return 1

    def __float__(self):
        return 1.5

    def __len__(self):
        return 3

    def __bool__(self):
        return False

    def __contains__(self, other):
        return "yes"

    def __getitem__(self, key):
        if key == 3:
            raise IndexError(key)
        return ("item", type(key).__name__)

    def __round__(self, digits=None):
        return ("round", digits)

    def __neg__(self):
        return "neg"

    def __abs__(self):
        return "abs"

    def __floor__(self):
        return "floor"


class MyInt(int):
    def __add__(self, other):
        return "MyInt.__add__"


class MyFloat(float):
    def __mul__(self, other):
        return "MyFloat.__mul__"


class MyStr(str):
    def __eq__(self, other):
        return "MyStr.__eq__"

    def __hash__(self):
        return str.__hash__(self)

    def __getitem__(self, key):
        return "MyStr item"


class MyList(list):
    def __getitem__(self, key):
        return "MyList item"

    def __iter__(self):
        return iter("MyList")

    def __len__(self):
        return 77


class MyTuple(tuple):
    def __len__(self):
        return 78


class MyDict(dict):
    def __missing__(self, key):
        return "missing"

    def get(self, key, otherwise="MyDict.get"):
        return otherwise


class MySet(set):
    def __contains__(self, key):
        return "MySet"


def gen(*values):
    yield from values


NAN = float("nan")
VALUES = {
    "int": lambda: [3, 0, -1, 1, 2, 255, 257, -70000, 1 << 40, -(1 << 62),
                    (1 << 63) - 1, -(1 << 63)],
    "bigint": lambda: [1 << 63, -(1 << 70), (1 << 64) + 5],
    "bool": lambda: [True, False],
    "float": lambda: [1.5, 2.0, -0.0, 0.0, 0.5, 2.5, -3.25, 1e300, 5e-324,
                      NAN, math.inf, -math.inf, 1e16],
    "complex": lambda: [1 + 2j, complex(-0.0, 0.0), complex(NAN, 1), 3j],
    "NoneType": lambda: [None],
    "str": lambda: ["abc", "", "3", "-17", "b", "\\u00e9t\\u00e9",
                    "\\u20acuro", "\\U0001F40D!", "n", " 12_3 ", "%s", "x" * 40],
    "bytes": lambda: [b"abc", b"", b"\\x00\\xff", b"%d"],
    "bytearray": lambda: [bytearray(b"abc"), bytearray(), bytearray(300)],
    "list": lambda: [[1, 2, 3], [], [1.5, 2.5], ["a", "b"], [3, "x"],
                     [True, 3, None], [NAN, 1.0], [[1], [2]], [2, 1]],
    "tuple": lambda: [(1, 2), (), (1, 2, 3), ("a",), (1.5, 2), (int, str),
                      (3, "b")],
    "dict": lambda: [{}, {1: 2}, {"a": 1, "b": 2}, {1: 1, "n": 2, None: 3},
                     {1.0: "f", True: "t"}, {(1, 2): 3}],
    "set": lambda: [set(), {1, 2, 3}, {"a"}, {None, 1}],
    "frozenset": lambda: [frozenset(), frozenset({1, 2})],
    "range": lambda: [range(3), range(0), range(5, -5, -2), range(1 << 65, (1 << 65) + 2)],
    "slice": lambda: [slice(1), slice(None, None, 2), slice(-2, None)],
    "type": lambda: [int, str, list, Plain],
    "function": lambda: [gen, len],
    "module": lambda: [math],
    "Plain": lambda: [Plain(), Plain(0)],
    "Number": lambda: [Number(), Number(0)],
    "MyInt": lambda: [MyInt(3), MyInt(0)],
    "MyFloat": lambda: [MyFloat(1.5)],
    "MyStr": lambda: [MyStr("abc"), MyStr("3")],
    "MyList": lambda: [MyList([1, 2]), MyList()],
    "MyTuple": lambda: [MyTuple((1, 2))],
    "MyDict": lambda: [MyDict({"a": 1}), MyDict()],
    "MySet": lambda: [MySet({1})],
    "list_iterator": lambda: [iter([1, 2, 3]), iter([])],
    "tuple_iterator": lambda: [iter((1, 2, 3))],
    "str_iterator": lambda: [iter("abc"), iter("\\u20acu")],
    "range_iterator": lambda: [iter(range(3)), iter(range(0))],
    "dict_keyiterator": lambda: [iter({1: 2, "a": 3})],
    "dict_valueiterator": lambda: [iter({1: 2, "a": 3}.values())],
    "dict_itemiterator": lambda: [iter({1: 2, "a": 3}.items())],
    "set_iterator": lambda: [iter({1, 2})],
    "enumerate": lambda: [enumerate([5, 6]), enumerate("ab", 9)],
    "zip": lambda: [zip([1], (2,)), zip([1, 2], [3, 4])],
    "generator": lambda: [gen(1, 2)],
}
LOOK_INTO = (list, tuple, dict, set, bytearray)


def show(value):
    kind = type(value).__name__
    if isinstance(value, types.GeneratorType) or (
            hasattr(value, "__next__") and hasattr(value, "__iter__")):
        try:
            return kind + repr([value for value, _ in zip(value, range(40))])
        except Exception as error:
            return kind + repr(error)
    if isinstance(value, (set, frozenset)):     # in no order
        return kind + repr(sorted(map(show, value)))
    if callable(value) and not isinstance(value, type):
        return kind + getattr(value, "__qualname__", "?")
    return kind + ADDRESS.sub("", repr(value))


def outcome(function, arguments):
    try:
        result = show(function(*arguments))
    except Exception as error:
        line = error.__traceback__.tb_next
        where = line.tb_lineno - line.tb_frame.f_code.co_firstlineno if line else 0
        result = f"{type(error).__name__}: {ADDRESS.sub('', str(error))} @{where}"
    for value in arguments:
        if isinstance(value, LOOK_INTO) or type(value) is Plain:
            result += "|" + show(value)
        elif hasattr(value, "__next__"):
            result += "|" + show(value)
    return result


def each(classes, few):
    """All combinations of values of these classes."""
    rows = [()]
    for name in classes:
        rows = [row + (name, k) for row in rows
                for k in range(min(few, len(VALUES[name]())))]
    return rows


def arguments_of(row):
    return [VALUES[row[k]]()[row[k + 1]] for k in range(0, len(row), 2)]


def train(function, classes):
    rows = each(classes, 4)
    for i in range(TURNS):
        try:
            function(*arguments_of(rows[i % len(rows)]))
        except Exception:
            pass


def compare(function, classes, verbose):
    """With operands of every class, the trained ones most."""
    names = list(VALUES)
    total, rows = 0, each(classes, 14)
    if len(classes) == 1:
        rows = [row for name in names for row in each([name], 14)]
    else:
        for place in range(len(classes)):
            for name in names:
                mixed = list(classes)
                mixed[place] = name
                rows += each(mixed, 2)
        rows += [row for a, name in enumerate(names)
                 for row in each([names[(a * 7 + 3) % len(names)]] +
                                 [name] * (len(classes) - 1), 1)]
    for row in rows:
        if (function.__name__ in FORBIDDEN and is_large(*row)
                or SKIPPED.intersection(row)):
            continue
        result = outcome(function, arguments_of(row))
        if verbose:
            print("   ", row, result)
        total = zlib.crc32(result.encode("utf-8", "backslashreplace"), total)
    return total


def is_large(*row):
    """Would some operation go on for ever, or need too much memory?"""
    return any(row[k] == "bigint" or row[k] in ("int", "range") and row[k + 1] > 2
               for k in range(0, len(row), 2))


FUNCTIONS = []
FORBIDDEN = {}
SKIPPED = set()
TURNS = 60
'''

MAIN = '''

def main():
    verbose = os.environ.get("TABLE_VERBOSE")
    for function, classes in FUNCTIONS:
        train(function, classes)
    if sys.argv[1:] == ["train"]:
        return
    for function, classes in FUNCTIONS:
        print(function.__name__, classes, function.__doc__,
              compare(function, classes, verbose == function.__name__))


main()
'''

# Classes that operands are trained with.
UNARY = ("int", "bigint", "bool", "float", "complex", "NoneType", "str",
         "bytes", "bytearray", "list", "tuple", "dict", "set", "range",
         "Plain", "Number", "MyInt", "MyStr", "MyList", "MyDict",
         "list_iterator", "tuple_iterator", "str_iterator", "range_iterator",
         "dict_keyiterator", "dict_valueiterator", "dict_itemiterator",
         "set_iterator", "enumerate", "zip", "generator", "module", "slice")
BINARY = ("int", "bigint", "bool", "float", "complex", "NoneType", "str",
          "bytes", "list", "tuple", "dict", "set", "Plain", "Number")


def rows_of(table, macro):
    """The first text in each row of a .def file, or else its first name."""
    with open(os.path.join(ROOT, table), encoding="utf-8") as file:
        rows = re.findall(rf"^{macro}\((.*)", file.read(), re.M)
    return [re.search(r'"([^"]+)"', row + '"' + row.split(",")[0] + '"')[1]
            for row in rows]


class Writer:
    def __init__(self):
        self.skipped = set()    # classes that operands are not of
        self.functions = []     # (doc, classes, parameters, body, grows)

    def add(self, doc, classes, parameters, body, grows=False):
        if isinstance(body, str):
            body = ["return " + body]
        self.functions.append((doc, classes, parameters, body, grows))

    def text(self, first, count, step=1):
        out = [PRELUDE]
        for n in range(first, len(self.functions), step)[:count]:
            doc, classes, parameters, body, grows = self.functions[n]
            name = f"f{n}"
            lines = "\n".join("    " + line for line in body)
            out.append(f"\n\ndef {name}({parameters}):\n    {doc!r}\n{lines}\n"
                       f"\n\nFUNCTIONS.append(({name}, {classes!r}))\n")
            if grows:
                out.append(f"FORBIDDEN[{name!r}] = True\n")
        if self.skipped:
            out.append(f"SKIPPED.update({sorted(self.skipped)})\n")
        return "".join(out) + MAIN


# --- builtins --------------------------------------------------------------------

# How each row is called: parameters and expression. Rows of math need none.
CALLS = {
    "c:builtins.abs": [("x", "abs(x)")],
    "c:builtins.all": [("x", "all(x)")],
    "c:builtins.any": [("x", "any(x)")],
    "c:builtins.chr": [("x", "chr(x)")],
    "c:builtins.divmod": [
        ("x, y", "divmod(x, y)"),
        ("x, y", ["a, b = divmod(x, y)", "return b, a"])],
    "c:builtins.isinstance": [
        ("x", "isinstance(x, int)"), ("x", "isinstance(x, str)"),
        ("x", "isinstance(x, (int, list))"), ("x", "isinstance(x, tuple)"),
        ("x", "isinstance(x, dict)"), ("x", "isinstance(x, float)"),
        ("x", "isinstance(x, object)"), ("x", "isinstance(x, frozenset)"),
        ("x, y", "isinstance(x, y)")],
    "c:builtins.len": [("x", "len(x)"), ("x", "len(x[1:2])"),
                       ("x", "len(range(x))"), ("x", "len(x[::2])")],
    "c:builtins.max": [("x", "max(x)"), ("x, y", "max(x, y)"),
                       ("x, y", "max(x, y, 2)"), ("x", "max(x, key=repr)")],
    "c:builtins.min": [("x", "min(x)"), ("x, y", "min(x, y)"),
                       ("x, y", "min(x, y, 2)"), ("x", "min(x, default=4)")],
    "c:builtins.ord": [("x", "ord(x)")],
    "c:builtins.round": [("x", "round(x)"), ("x", "round(x, 2)"),
                         ("x", "round(x, None)"), ("x", "round(x, -1)"),
                         ("x", "round(x, ndigits=1)"), ("x, y", "round(x, y)")],
    "c:builtins.sum": [("x", "sum(x)"), ("x", "sum(x, 1.5)"),
                       ("x", "sum(e for e in x)")],
    "type:complex": [("x", "complex(x)"), ("x, y", "complex(x, y)"),
                     ("x", "complex(x).imag")],
    "type:enumerate": [
        ("x", ["return [(i, e) for i, e in enumerate(x)]"]),
        ("x, y", ["r = []", "for p in enumerate(x, y):", "    r.append(p)",
                  "    if len(r) > 5:", "        break", "return r"])],
    "type:float": [("x", "float(x)"), ("x", "float(x) + 1")],
    "type:int": [("x", "int(x)"), ("x", "int(x, 10)"), ("x", "int(x) + 1")],
    "type:range": [
        ("x", ["r = []", "for i in range(x):", "    r.append(i)",
               "    if i > 8:", "        break", "return r"]),
        ("x, y", ["r = []", "for i in range(x, y):", "    r.append(i)",
                  "    if len(r) > 8:", "        break", "return r"]),
        ("x, y", ["r = []", "for i in range(9, x, y):", "    r.append(i)",
                  "    if len(r) > 8:", "        break", "return r"]),
        ("x", ["r = range(x)", "n = 0", "for i in r:", "    n += i",
               "    if i > 8:", "        break", "return n, r"]),
        ("x, y", ["r = range(x, y, 2)", "return r, r[1], len(r), r.stop is y"])],
    "type:slice": [
        ("x", "slice(x)"), ("x", "'abcdef'[slice(x)]"),
        ("x, y", "[1, 2, 3, 4][slice(x, y)]"),
        ("x, y", ["s = slice(x, y, -1)", "return (1, 2, 3, 4)[s], s.start is x"]),
        ("x, y", "y[slice(x, None, 2)]"), ("x, y", "y[x::-1]")],
    "type:str": [("x", "str(x)"), ("x", "str(x) + '!'")],
    "type:zip": [
        ("x, y", ["r = []", "for a, b in zip(x, y):", "    r.append((a, b))",
                  "return r"]),
        ("x, y", ["return [p for p in zip(x, y)]"])],
    "md:dict.get": [
        ("x, y", "x.get(y)"), ("x, y", "x.get(y, 0)"),
        ("x, y", "x.get(y, 0) + 1"), ("x, y", "x.get(y, 'n')")],
    "md:list.append": [("x, y", "x.append(y)")],
    "md:list.count": [("x, y", "x.count(y)")],
    "md:list.index": [("x, y", "x.index(y)")],
    "md:set.add": [("x, y", "x.add(y)")],
}


def builtins(writer):
    texts = rows_of("aot/front/builtins.def", "BUILTIN")
    missing = [text for text in texts
               if not text.startswith("c:math.") and text not in CALLS]
    if missing:
        sys.exit(f"table_program.py: no calls of {missing}: add to CALLS")
    for text in texts:
        for parameters, body in CALLS.get(text, ()):
            if parameters == "x":
                for name in UNARY:
                    writer.add(text, (name,), parameters, body)
                continue
            first = BINARY if text[:3] != "md:" else (
                re.match(r"md:(\w+)", text).group(1),)
            for x in first:
                for y in BINARY:
                    if text == "c:builtins.round" and y == "bigint":
                        continue    # would never end
                    writer.add(text, (x, y), parameters, body,
                               text == "c:builtins.round")
    numbers = ("int", "bigint", "bool", "float", "complex", "Number", "MyFloat")
    for name in rows_of("cache/abi/math.def", "MATH1") + ["floor", "ceil"]:
        for cls in numbers:
            writer.add("c:math." + name, (cls,), "x", f"math.{name}(x)")
    for name in rows_of("cache/abi/math.def", "MATH2"):
        for x in numbers:
            for y in numbers:
                writer.add("c:math." + name, (x, y), "x, y",
                           f"math.{name}(x, y)")


# --- methods ----------------------------------------------------------------------

SKIPPED = ("__init__", "__new__", "__init_subclass__", "__subclasshook__",
           "__sizeof__", "__dir__", "__class_getitem__", "__getstate__",
           "__reduce_ex__", "__getattribute__", "__del__", "__hash__")
GROWS = ("__mul__", "__rmul__", "__imul__", "__pow__", "__rpow__",
         "__lshift__", "__rlshift__", "ljust", "rjust", "center", "zfill",
         "expandtabs", "to_bytes", "fromhex", "resize", "__round__")
SAMPLES = {     # an instance of each class, for finding out what calls work
    "int": "5", "float": "1.5", "bool": "True", "NoneType": "None",
    "str": "'abc'", "bytes": "b'abc'", "bytearray": "bytearray(b'abc')",
    "list": "[1, 2, 3]", "tuple": "(1, 2)", "dict": "{'a': 1}",
    "set": "{1, 2}", "range": "range(3)", "complex": "(1+2j)",
    "slice": "slice(1)", "module": "re", "frozenset": "frozenset({1})",
    "range_iterator": "iter(range(3))", "list_iterator": "iter([1, 2])",
    "tuple_iterator": "iter((1, 2))", "enumerate": "enumerate([1])",
    "zip": "zip([1], [2])", "dict_keyiterator": "iter({1: 2})",
    "dict_valueiterator": "iter({1: 2}.values())",
    "dict_itemiterator": "iter({1: 2}.items())",
    "set_iterator": "iter({1, 2})", "str_iterator": "iter('abc')",
    "generator": "(i for i in [1])",
}
ARGUMENTS = (("int", "1"), ("str", "'a'"), ("bytes", "b'a'"),
             ("list", "[1]"), ("tuple", "(1, 2)"), ("dict", "{'a': 1}"),
             ("set", "{1}"), ("float", "1.5"), ("slice", "slice(1)"))


def methods(writer):
    # CPython 3.13.0 looks at the first argument of a specialised call of an
    # unbound method that has none.
    writer.skipped.add("type")
    texts = rows_of("aot/ir/classes.def", "IR_CLASS")
    for text in texts + ["frozenset", "str_iterator", "generator"]:
        if text == "*":
            continue
        if text not in SAMPLES:
            sys.exit(f"table_program.py: no sample of {text}: add to SAMPLES")
        make = eval("lambda: " + SAMPLES[text])
        for name in sorted(dir(make())):
            if name in SKIPPED or not callable(getattr(make(), name)):
                continue
            found = 0
            for n in range(3):
                pool = [[]]
                for _ in range(n):
                    pool = [have + [more] for have in pool
                            for more in ARGUMENTS]
                for chosen in pool:
                    values = [eval(value) for _, value in chosen]
                    try:
                        with warnings.catch_warnings():
                            warnings.simplefilter("ignore")
                            getattr(make(), name)(*values)
                    except Exception:
                        continue
                    found += 1
                    classes = (text,) + tuple(cls for cls, _ in chosen)
                    parameters = ", ".join("xyz"[:n + 1])
                    inner = ", ".join("xyz"[1:n + 1])
                    writer.add(
                        f"{text}.{name}", classes, parameters,
                        f"x.{name}({inner})",
                        name in GROWS)
                    if found > 2:
                        break
                if found > 2:
                    break


# --- operators ----------------------------------------------------------------------

TWO = ("+", "-", "*", "/", "//", "%", "**", "<<", ">>", "&", "|", "^", "@")
COMPARISONS = ("<", "<=", "==", "!=", ">", ">=", "is", "is not", "in", "not in")


def operators(writer):
    for text in ("-x", "+x", "~x", "not x", "1 if x else 2", "x and 5",
                 "x or 5", "bool(x)", "x is None"):
        for cls in UNARY:
            writer.add(text, (cls,), "x", text)
    for op in TWO + COMPARISONS:
        grows = op in ("**", "<<", "*")
        for x in BINARY:
            for y in BINARY:
                if grows and y == "bigint":
                    continue
                writer.add(op, (x, y), "x, y", f"x {op} y", grows)
                if op in TWO:
                    writer.add(op + "=", (x, y), "x, y",
                               [f"x {op}= y", "return x"], grows)
                elif op[0] != "i":
                    writer.add("if " + op, (x, y), "x, y",
                               [f"if x {op} y:", "    return 1", "return 0"])


# --- forms ------------------------------------------------------------------------------

ONE_FORMS = {
    "loop": ["r = []", "for e in x:", "    r.append(e)", "    if len(r) > 9:",
             "        break", "return r"],
    "listcomp": ["return [e for e in x if e is not None][:9]"],
    "setcomp": ["return len({str(e) for e in x})"],
    "dictcomp": ["return {str(e): e for e in x}"],
    "unpack2": ["a, b = x", "return b, a"],
    "unpack3": ["a, b, c = x", "return c, b, a"],
    "unpackstar": ["a, *b = x", "return b, a"],
    "format": ["return f'<{x}>'"],
    "formatrepr": ["return f'<{x!r:>9}|{x!s}>'"],
    "formatspec": ["return f'{x:>5}'"],
    "formatfloat": ["return f'{x:.2f}'"],
    "percent": ["return '%s' % x"],
    "percentd": ["return '%d' % x"],
    "attr": ["return x.n"],
    "attrset": ["x.n = 5", "x.m = 6", "return x"],
    "attrreal": ["return x.real, x.imag"],
    "attrdel": ["del x.n", "return x"],
    "class": ["return x.__class__.__name__"],
    "star": ["return (lambda *a: a)(*x)"],
    "stars": ["return (lambda **a: a)(**x)"],
    "liststar": ["return [0, *x, 1]"],
    "yieldfrom": ["return list(gen(*x))"],
    "items": ["r = []", "for k, v in x.items():", "    r.append((v, k))",
              "return r"],
    "keys": ["r = 0", "for k in x.keys():", "    r += 1", "return r"],
    "values": ["r = []", "for k in x.values():", "    r.append(k)", "return r"],
    "count": ["n = 0", "while x:", "    n += 1", "    if n > 3:",
              "        break", "return n"],
    "slice": ["return x[1:]"],
    "slice2": ["return x[:-1]"],
    "slice3": ["return x[::2]"],
    "first": ["return x[0]"],
    "last": ["return x[-1]"],
    "setfirst": ["x[0] = 5", "return x"],
    "delfirst": ["del x[0]", "return x"],
    "sliceset": ["x[1:2] = [7, 8]", "return x"],
    "fill": ["x[0:2:1] = [9] * 2", "return x"],
    "fillbytes": ["x[::2] = [9] * len(x[::2])", "return x"],
    "match": ["match x:", "    case 0 | 1:", "        return 'small'",
              "    case [a, b]:", "        return ('pair', a, b)",
              "    case {'a': v}:", "        return ('a', v)",
              "    case str():", "        return 'str'",
              "    case Plain(n=k):", "        return k",
              "    case None:", "        return 'none'", "return 'other'"],
    "append": ["s = ''", "for e in (1, 2):", "    s += x", "return s"],
    "call": ["return x()"],
    "call1": ["return x(3)"],
    "hash": ["return {x: 1}[x]"],
    "inset": ["return x in {1, 2, 'a'}"],
    "indict": ["return x in {1: 2, 'a': 3}"],
    "inlist": ["return x in [1, 'a', None]"],
    "instr": ["return x in 'abc'"],
    "next": ["return next(x)"],
    "swap": ["a = b = x", "return a is b, [a, b]"],
    "raise": ["raise x"],
    "global": ["global G", "G = x", "return G"],
    "closure": ["def inner():", "    return x", "return inner()"],
}
TWO_FORMS = {
    "subscript": ["return x[y]"],
    "store": ["x[y] = 3", "return x"],
    "delete": ["del x[y]", "return x"],
    "sliceto": ["return x[:y]"],
    "slicefrom": ["return x[y:]"],
    "lenslice": ["return len(x[y:])"],
    "setslice": ["x[1:] = y", "return x"],
    "storekey": ["d = {}", "d[x] = y", "d[y] = x", "return len(d)"],
    "augment": ["d = {'a': x}", "d['a'] += y", "return d"],
    "augmentlist": ["d = [x]", "d[0] *= y", "return d"],
    "augmentattr": ["p = Plain()", "p.n = x", "p.n += y", "return p"],
    "pair": ["a, b = x, y", "a, b = b, a", "return a, b"],
    "chain": ["return x < y < 5"],
    "both": ["return x and y, x or y"],
    "extend": ["r = [1]", "r += x", "r.append(y)", "return r"],
    "concat": ["r = x", "for i in range(3):", "    r = r + y", "return r"],
    "accumulate": ["r = x", "for i in range(3):", "    r += y", "return r"],
    "while": ["n = 0", "while x < y:", "    n += 1", "    if n > 5:",
              "        break", "return n"],
    "formatspec": ["return f'{x:{y}}'"],
    "dictitem": ["return {x: 1, y: 2}"],
    "setitem": ["return len({x, y, 1, True, 1.0})"],
}


def forms(writer):
    for name, body in ONE_FORMS.items():
        for cls in UNARY:
            writer.add(name, (cls,), "x", body)
    for name, body in TWO_FORMS.items():
        grows = "*=" in " ".join(body)
        for x in ("list", "tuple", "str", "bytes", "bytearray", "dict", "set",
                  "range", "int", "float", "NoneType", "Plain", "Number",
                  "MyList", "MyDict"):
            for y in ("int", "bool", "float", "str", "NoneType", "tuple",
                      "slice", "list"):
                writer.add(name, (x, y), "x, y", body,
                           grows)


PARTS = {"builtins": builtins, "methods": methods, "operators": operators,
         "forms": forms}


def functions_of(part):
    writer = Writer()
    PARTS[part](writer)
    return writer


def main():
    if len(sys.argv) not in (2, 4, 5) or sys.argv[1] not in PARTS:
        sys.exit(__doc__.strip())
    writer = functions_of(sys.argv[1])
    if len(sys.argv) == 2:
        print(len(writer.functions))
    else:
        sys.stdout.write(writer.text(*map(int, sys.argv[2:])))


if __name__ == "__main__":
    main()
