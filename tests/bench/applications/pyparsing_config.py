"""Configuration files parsed by combinators."""
# install: python3-pyparsing
# import: pyparsing
# args: 60
import sys

import pyparsing as pp

number = pp.common.number
text = pp.QuotedString('"')
name = pp.Word(pp.alphas, pp.alphanums + "_")
value = pp.Forward()
array = pp.Suppress("[") + pp.Optional(pp.DelimitedList(value)) + pp.Suppress("]")
value <<= number | text | pp.Group(array) | pp.Keyword("true") | pp.Keyword("false")
entry = pp.Group(name("key") + pp.Suppress("=") + value("value") + pp.Suppress(";"))
block = pp.Forward()
block <<= pp.Group(name("name") + pp.Suppress("{")
                   + pp.ZeroOrMore(entry | block) + pp.Suppress("}"))
config = pp.OneOrMore(block).ignore(pp.pythonStyleComment)
total = 0
for k in range(int(sys.argv[1])):
    source = "".join(
        f"block{n} {{ # note\n  width = {n * k}; name = \"n{n}\";\n"
        f"  list = [1, 2.5, [{k}], \"x\"]; inner {{ on = true; }}\n}}\n"
        for n in range(8))
    for found in config.parse_string(source, parse_all=True):
        total += len(found) + found[1].value
print(total)
