"""Packages, runpy and zipimport: hot code in imported modules."""
import importlib
import os
import runpy
import sys
import tempfile
import zipfile

MODULE = '''
"""A module."""
TABLE = [i * i for i in range(100)]


def lookup(n):
    total = 0
    for i in range(n):
        total += TABLE[i % 100]
    return total


class Walker:
    step = 2

    def walk(self, n):
        at = 0
        while at < n:
            at += self.step
        return at


if __name__ == "__main__":
    print("main", lookup(300))
'''

with tempfile.TemporaryDirectory() as folder:
    package = os.path.join(folder, "hotpackage")
    os.mkdir(package)
    with open(os.path.join(package, "__init__.py"), "w") as file:
        file.write("from .inner import lookup\n")
    with open(os.path.join(package, "inner.py"), "w") as file:
        file.write(MODULE)
    with zipfile.ZipFile(os.path.join(folder, "zipped.zip"), "w") as archive:
        archive.writestr("zippedmodule.py", MODULE)
    sys.path[:0] = [folder, os.path.join(folder, "zipped.zip")]
    import hotpackage
    import hotpackage.inner
    import zippedmodule
    for module in (hotpackage.inner, zippedmodule):
        print(module.__name__, module.lookup(500), module.Walker().walk(333))
        module.TABLE = [1.5] * 100
        print(module.lookup(500))
        module.Walker.step = 7
        print(module.Walker().walk(333))
    print(hotpackage.lookup is hotpackage.inner.lookup)
    space = runpy.run_path(os.path.join(package, "inner.py"))
    print(space["lookup"](200))
    runpy.run_module("hotpackage.inner", run_name="__main__", alter_sys=True)
    again = importlib.import_module("hotpackage.inner")
    print(again.lookup(100))
