"""reStructuredText to HTML."""
# install: python3-docutils
# import: docutils.core
# args: 12
import sys

from docutils.core import publish_string


def text(k):
    lines = [f"Document {k}", "=" * 20, "", ".. contents::", ""]
    for part in range(8):
        title = f"Section {part} of {k}"
        lines += [title, "-" * len(title), "",
                  f"Text with *emphasis*, **strong**, ``literal {part}`` and "
                  f"a link_ to `another place <http://example.org/{part}>`_.",
                  "", f".. _link: http://example.org/{k}", ""]
        lines += [f"* item {n}\n\n  - nested *{n}*" for n in range(4)]
        lines += ["", "=====  =====", "  A      B", "=====  ====="]
        lines += [f"{n:5}  {n * part:5}" for n in range(1, 5)]
        lines += ["=====  =====", "", ".. note:: Take care.", "",
                  ":field: value", "", "::", "", "    verbatim", ""]
    return "\n".join(lines)


length = 0
for k in range(int(sys.argv[1])):
    html = publish_string(text(k), writer_name="html5", settings_overrides={
        "report_level": 5, "embed_stylesheet": False})
    length += len(html)
print(length)
