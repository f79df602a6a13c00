"""Programs with functions so large that only generators of programs write them.

    big_program.py generator LINES      one generator function
    big_program.py parser LINES         one function, a loop over a chain of tests
    big_program.py straight LINES       one function without a branch
    big_program.py loops LINES          one function of loops, one behind the other
    big_program.py consumer LINES       the same, all over generators
    big_program.py calls FUNCTIONS      many functions that call each other

Each prints a program that is deterministic, ends within seconds, and is hot.
"""

import sys

MAIN = """
if __name__ == "__main__":
    for turn in range({turns}):
        result = {call}
    print(result)
"""


def generator(lines):
    """Every tenth line yields; some loops yield, too."""
    yield "def numbers(n):"
    yield "    a = b = 1"
    yield "    for turn in range(n):"
    for k in range(max(1, lines // 10)):
        yield f"        a = (a * {k % 7 + 2} + b) % 10007"
        yield f"        b = (b + a * {k % 5 + 1}) % 10009"
        yield f"        if a % {k % 11 + 2} == 0:"
        yield f"            b += {k % 3}"
        yield "        else:"
        yield f"            a += {k % 4}"
        yield "        for i in range(2):"
        yield f"            a += i * {k % 9}"
        yield f"            b -= i" if k % 4 else "            yield b + i"
        yield "        yield a + b"
    yield MAIN.format(turns=30, call="sum(numbers(5)) % 1000003")


def parser(lines):
    yield "def parse(codes):"
    yield "    stack = []"
    yield "    state = depth = 0"
    yield "    at = 0"
    yield "    while at < len(codes):"
    yield "        code = codes[at]"
    word = "if"
    kinds = max(1, lines // 9)
    for k in range(kinds):
        yield f"        {word} code == {k}:"
        yield f"            state = (state * {k % 7 + 3} + code) % 65521"
        yield f"            if state & {1 << k % 4}:"
        yield "                stack.append(state)"
        yield "                depth += 1"
        yield "            elif depth > 0:"
        yield f"                state += stack.pop() * {k % 5 + 1}"
        yield "                depth -= 1"
        yield f"            at += {k % 3 + 1}"
        word = "elif"
    yield "        else:"
    yield "            at += 1"
    yield "    return state + depth"
    yield (f"CODES = [(k * k + 7) % {kinds} for k in range(2000)]"
           if kinds > 1 else "CODES = [0] * 2000")
    yield MAIN.format(turns=30, call="parse(CODES)")


def straight(lines):
    yield "def work(a, b):"
    for k in range(max(1, lines)):
        x, y = ("a", "b") if k % 2 else ("b", "a")
        yield f"    {x} = ({x} * {k % 7 + 2} + {y}) % {10007 + k}"
    yield "    return a + b"
    yield MAIN.format(turns=300, call="work(turn % 10, 2)")


def loops(lines, over="range(n)"):
    yield "def count(n):"
    yield "    yield from range(n)"
    yield "def work(n):"
    yield "    a = b = 1"
    for k in range(max(1, lines // 5)):
        yield f"    for i in {over}:"
        yield f"        a = (a * {k % 7 + 2} + i) % 10007"
        yield f"        if a & {1 << k % 5}:"
        yield f"            b = (b + a) % {9973 + k}"
        yield f"    b += {k}"
    yield "    return a + b"
    yield MAIN.format(turns=60, call="work(9)")


def consumer(lines):
    return loops(lines, "count(n)")


def calls(functions):
    """Function k calls k + 1, and k // 2; all are the same size."""
    for k in range(functions):
        yield f"def work{k}(a, n):"
        yield "    for i in range(n):"
        for j in range(6):
            yield f"        a = (a * {k % 7 + j + 2} + i) % {9973 + j}"
        if k + 1 < functions and k % 3:
            yield f"    a += work{k + 1}(a, 3)"
        yield "    return a % 10007"
        yield ""
    yield "def run():"
    yield "    total = 0"
    for k in range(functions):
        yield f"    total += work{k}(total % 100, 20)"
    yield "    return total % 10007"
    yield MAIN.format(turns=200, call="run()")


def program(kind, size):
    return "\n".join({"generator": generator, "parser": parser, "straight": straight,
                      "loops": loops, "consumer": consumer, "calls": calls}[kind](size)) + "\n"


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.stdout.write(program(sys.argv[1], int(sys.argv[2])))
