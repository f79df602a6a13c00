"""An exception in __del__ in a hot loop is printed, the loop goes on."""
import sys
import traceback


class Bad:
    def __init__(self, i):
        self.i = i

    def __del__(self):
        if self.i % 60 == 30:
            raise ValueError(self.i)


def run(n):
    total = 0
    for i in range(n):
        b = Bad(i)
        total += b.i
    return total


def hook(args):
    print(args.err_msg, args.object.__qualname__, file=sys.stderr)
    traceback.print_exception(args.exc_value)


sys.unraisablehook = hook
print(run(200))
