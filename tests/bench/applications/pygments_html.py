"""Modules of the standard library highlighted."""
# install: python3-pygments
# import: pygments.formatters.html
# args: textwrap csv json/decoder argparse
import os
import sys

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import CLexer, PythonLexer

length = 0
for name in sys.argv[1:]:
    with open(os.path.join(os.path.dirname(os.__file__), name + ".py")) as file:
        text = file.read()
    for lexer in PythonLexer(), CLexer():
        length += len(highlight(text, lexer, HtmlFormatter(linenos=True)))
print(length)
