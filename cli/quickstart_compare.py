"""Run a program plain and with a cache in turn, and print both times.

Usage: quickstart_compare.py PYTHON CACHE ROUNDS APP.PY [ARGS]
"""

import os
import statistics
import subprocess
import sys
import time


def run(command, cache):
    environment = dict(os.environ)
    environment.pop("PYAOT_CACHE", None)
    if cache:
        environment["PYAOT_CACHE"] = cache
    start = time.perf_counter()
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    seconds = time.perf_counter() - start
    return seconds, (done.returncode, done.stdout, done.stderr)


def main(python, cache, rounds, *app):
    command = [python, *app]
    plain = []
    cached = []
    outputs = []
    for number in range(int(rounds)):
        kinds = [(plain, None), (cached, cache)]
        for times, folder in kinds if number % 2 == 0 else kinds[::-1]:
            seconds, output = run(command, folder)
            times.append(seconds)
            outputs.append(output)
    ratios = [p / c for p, c in zip(plain, cached)]
    equal = all(output == outputs[0] for output in outputs)
    print(f"plain   {statistics.median(plain) * 1e3:9.1f} ms"
          f"   (median of {rounds} runs, start-up included)")
    print(f"pyaot   {statistics.median(cached) * 1e3:9.1f} ms")
    print(f"ratio   {statistics.median(ratios):9.2f}"
          f"      (from {min(ratios):.2f} to {max(ratios):.2f},"
          " runs alternating)")
    print("output  " + ("equal" if equal else "DIFFERS"))
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
