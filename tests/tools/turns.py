"""Run a program many times in one process and say what memory grew.

Usage: turns.py TURNS PROGRAM [ARGUMENTS]

Each turn compiles the program anew and runs it as __main__, so that its code
objects, classes and functions come and die. Prints one line of JSON: for each
measure what it was after each of the turns, once the garbage was collected.
"blocks" are those of the interpreter's allocator, "bytes" those of the C
library's, "references" the sum of all counts (debug builds only). The program's
own output is thrown away; a turn may end by an exception.
"""

import array
import builtins
import ctypes
import gc
import json
import os
import sys
import types


class Mallinfo2(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in (
        "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks",
        "fsmblks", "uordblks", "fordblks", "keepcost")]


def malloc_bytes():
    """A function that tells how many bytes malloc has given out, or None."""
    try:
        mallinfo2 = ctypes.CDLL(None).mallinfo2
    except (OSError, AttributeError):
        return None
    mallinfo2.restype = Mallinfo2

    def measure():
        info = mallinfo2()
        return info.uordblks + info.hblkhd
    return measure


MEASURES = {"blocks": sys.getallocatedblocks, "bytes": malloc_bytes(),
            "references": getattr(sys, "gettotalrefcount", None)}


def settle():
    """Let go of what a program that ended would let go of."""
    sys.settrace(None)
    sys.setprofile(None)
    for _ in range(3):
        gc.collect()
    sys._clear_internal_caches()


def turn(path, text):
    code = compile(text, path, "exec")
    module = types.ModuleType("__main__")
    module.__file__ = path
    module.__builtins__ = builtins
    sys.modules["__main__"] = module
    try:
        exec(code, module.__dict__)
    except (Exception, SystemExit):
        pass


def main():
    turns, path = int(sys.argv[1]), sys.argv[2]
    sys.argv[:] = sys.argv[2:]
    sys.path[0] = os.path.dirname(path)
    with open(path, "rb") as file:
        text = file.read()
    own_main = sys.modules["__main__"]
    out = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    measures = {name: measure for name, measure in MEASURES.items() if measure}
    # What is measured must not grow by being noted.
    seen = {name: array.array("q", bytes(8 * turns)) for name in measures}
    for number in range(turns):
        turn(path, text)
        sys.modules["__main__"] = own_main
        settle()
        for name, measure in measures.items():
            seen[name][number] = measure()
    sys.stdout.flush()
    os.write(out, json.dumps(
        {name: list(series) for name, series in seen.items()}).encode() + b"\n")


if __name__ == "__main__":
    main()
