"""sys.exit with a status out of a hot loop, finally blocks run."""
import sys


def run(n):
    total = 0
    try:
        for i in range(n):
            total += i
            if total > 100000:
                sys.exit(7)
    finally:
        print("finally", i, total)


try:
    run(100)
    run(1000)
finally:
    print("outer finally")
