"""Hot code of modules that are frozen into the interpreter, whose code objects
and functions are older than anybody who could compile them."""

import codecs
import os
import posixpath
import traceback
from collections.abc import MutableMapping, Sequence, Set


class Table(MutableMapping):
    def __init__(self):
        self.rows = {}

    def __getitem__(self, key):
        return self.rows[key]

    def __setitem__(self, key, value):
        self.rows[key] = value

    def __delitem__(self, key):
        del self.rows[key]

    def __iter__(self):
        return iter(self.rows)

    def __len__(self):
        return len(self.rows)


class Row(Sequence):
    def __init__(self, *cells):
        self.cells = cells

    def __getitem__(self, index):
        return self.cells[index]

    def __len__(self):
        return len(self.cells)


class Letters(Set):
    def __init__(self, text):
        self.text = text

    def __contains__(self, letter):
        return letter in self.text

    def __iter__(self):
        return iter(self.text)

    def __len__(self):
        return len(self.text)


def paths(n):
    total = 0
    for i in range(n):
        total += len(os.path.join("a/b", f"c{i}", "d"))
        total += len(posixpath.normpath(f"/a/../b/./c/{i}"))
        total += len(os.path.splitext("x.y.z")[i % 2])
        total += len(os.path.dirname("/q/r/s")) + len(os.path.basename("/q/r"))
        total += os.path.isabs("/a") + len(os.path.commonprefix(["ab", "ac"]))
    return total


def mixins(n):
    table, row = Table(), Row(1, 2, "x", 2)
    total = 0
    for i in range(n):
        table[i] = i
        total += table.get(i, 0) + table.get("none", 3) + (i in table)
        total += table.setdefault(i, 9) + (table.pop(i - 1, 5) if i % 3 else 0)
        total += row.index("x") + row.count(2) + (2 in row) + len(list(reversed(row)))
        total += len(Letters("abc") & Letters("bcd")) + (Letters("ab") <= Letters("abc"))
    return total, len(table), sorted(table.items())[:3], table == Table()


def decoding(n):
    decoder = codecs.getincrementaldecoder("utf-8")()
    out = []
    for i in range(n):
        out.append(decoder.decode("é€".encode()[i % 5:i % 5 + 1]))
    return len("".join(out)), decoder.getstate()


def wrong():
    calls = (lambda: os.path.join("a", 1), lambda: os.path.join("a", b"b"),
             lambda: os.path.splitext(None), lambda: Table().popitem(),
             lambda: Row(1).index(2), lambda: Letters("a") | 3,
             lambda: os.path.commonpath(["/a", "b"]))
    for call in calls:
        for _ in range(3):
            try:
                print(call())
            except Exception as error:
                shown = traceback.extract_tb(error.__traceback__)
                print(repr(error), [(f.name, f.lineno) for f in shown])


print(paths(2000))
print(mixins(1500))
print(decoding(2000))
wrong()
os.path.join = lambda *words: "".join(words)
print(paths(10), os.path.join("a", "b"))
