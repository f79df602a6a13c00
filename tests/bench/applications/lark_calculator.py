"""A grammar and a transformer: expressions parsed and computed."""
# install: python3-lark
# import: lark
# args: 250
import sys

from lark import Lark, Transformer, v_args

GRAMMAR = """
?sum: product | sum "+" product -> add | sum "-" product -> sub
?product: atom | product "*" atom -> mul
?atom: NUMBER -> number | "-" atom -> neg | "(" sum ")"
     | NAME "(" [sum ("," sum)*] ")" -> call
%import common.NUMBER
%import common.CNAME -> NAME
%ignore " "
"""


@v_args(inline=True)
class Compute(Transformer):
    number = float

    def add(self, a, b):
        return a + b

    def sub(self, a, b):
        return a - b

    def mul(self, a, b):
        return a * b % 1000003

    def neg(self, a):
        return -a

    def call(self, name, *values):
        return max(values) if name == "max" else min(values)


parser = Lark(GRAMMAR, start="sum", parser="lalr")
total = 0
for k in range(int(sys.argv[1])):
    text = " + ".join(f"{n} * ({k} - {n}) - max({n}, {k}, -(2 * {n}))"
                      for n in range(12))
    total += Compute().transform(parser.parse(text))
print(total)
