"""Run a bench program's run(n) several times in one process.

Usage: steady.py PROGRAM REPEAT [N]
Prints one JSON line: the seconds of each call and the value's repr.
"""

import importlib.util
import json
import sys
import time


def main(path, repeat, n=None):
    spec = importlib.util.spec_from_file_location("program", path)
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    if n is None:
        n = program.N
    seconds = []
    values = []
    for _ in range(repeat):
        start = time.perf_counter()
        value = program.run(n)
        seconds.append(time.perf_counter() - start)
        values.append(repr(value))
    print(json.dumps({"seconds": seconds, "value": values[0],
                      "same": len(set(values)) == 1}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *map(int, sys.argv[3:4]))
