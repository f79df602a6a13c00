"""An interrupt nobody catches ends the program by the signal."""
# native: no
import os
import signal
import sys


def run(n):
    total = 0
    for i in range(n):
        total += i
        if i == 3000:
            print("now", total)
            sys.stdout.flush()
            os.kill(os.getpid(), signal.SIGTERM)
    return total


print("never", run(10 ** 9))
