"""Untidy HTML parsed, walked through and written again."""
# install: python3-html5lib
# import: html5lib
# args: 90
import sys

import html5lib

length = 0
for k in range(int(sys.argv[1])):
    text = f"<!DOCTYPE html><title>Page {k}</title><body class=x>" + "".join(
        f"<div id=d{n}><p>Text &amp; more <b>bold <i>both</b> italic</i>"
        f"<ul><li>one<li>two <a href='?a={n}&b={k}'>link</a></ul>"
        f"<table><tr><td>{n}<td>{n * k}</table><!-- note {n} --></div>"
        for n in range(12))
    document = html5lib.parse(text, treebuilder="etree")
    length += len(html5lib.serialize(document, tree="etree"))
    length += sum(1 for _ in document.iter())
print(length)
