"""A small manual with cross references, built by sphinx."""
# install: python3-sphinx
# import: sphinx.application
# args: 8
import os
import sys
import tempfile

from sphinx.cmd.build import main

with tempfile.TemporaryDirectory() as folder:
    pages = int(sys.argv[1])
    os.mkdir(os.path.join(folder, "src"))
    source = os.path.join(folder, "src")
    with open(os.path.join(source, "conf.py"), "w") as file:
        file.write("project = 'Manual'\nextensions = []\n"
                   "html_theme = 'basic'\n")
    with open(os.path.join(source, "index.rst"), "w") as file:
        file.write("Manual\n======\n\n.. toctree::\n\n"
                   + "".join(f"   page{k}\n" for k in range(pages)))
    for k in range(pages):
        with open(os.path.join(source, f"page{k}.rst"), "w") as file:
            file.write(f"Page {k}\n=======\n\n.. _place{k}:\n\nPart\n----\n\n")
            for n in range(10):
                file.write(f"See :ref:`the place <place{(k + 1) % pages}>` and "
                           f":py:func:`f{n}`.\n\n.. py:function:: f{k}_{n}(a, "
                           f"b={n})\n\n   Does *things*.\n\n   :param a: one\n"
                           "   :returns: the other\n\n")
    status = main(["-q", "-E", "-b", "html", source,
                   os.path.join(folder, "out")])
    names = sorted(os.listdir(os.path.join(folder, "out")))
print(status, *names)
