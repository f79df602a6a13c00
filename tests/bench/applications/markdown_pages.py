"""Markdown pages with lists, tables, code and links to HTML."""
# install: python3-markdown
# import: markdown
# args: 60
import sys

import markdown


def page(k):
    lines = [f"# Page {k}", "", "[TOC]", ""]
    for part in range(6):
        lines += [f"## Part {part}", "",
                  f"Some *text* with **weight**, `code {k}` and a "
                  f"[link](page{part}.html \"part {part}\"), twice "
                  "over\nseveral lines & <b>inline</b> markup.", ""]
        lines += [f"{n}. item {n} of {part}\n    - below it, *{n * k}*"
                  for n in range(1, 6)]
        lines += ["", "| name | value |", "| --- | ---: |"]
        lines += [f"| row {n} | {n * part} |" for n in range(5)]
        lines += ["", "```python", f"def f{part}(x):",
                  f"    return x * {part}", "```", "",
                  f"Term {part}\n:   Its definition[^{part}]", "",
                  f"[^{part}]: A note about {part}.", ""]
    return "\n".join(lines)


length = 0
for k in range(int(sys.argv[1])):
    html = markdown.markdown(page(k), extensions=["extra", "toc"])
    length += len(html)
print(length, html[-80:])
