# Loops that only another thread ends, each entered for the first time while
# that one wants to run: a request that is there when native code is entered
# counts, too.
import sys
import threading
import time


class Flag:
    def __init__(self):
        self.up = False
        self.step = 1

    def spin(self):
        n = 0
        while not self.up:
            n += self.step
            if n > 1 << 40:
                n = 0
        return type(n).__name__


up = False


def spin_global():
    n = 0
    while not up:
        n += 1
    return n > 0


def spin_list(cells):
    n = 0
    while cells[0] == 0:
        n = (n + 1) & 0xFFF
    return cells[0]


def spin_two(flag, cells):
    n = 0.0
    while True:
        n += 0.5
        if flag.up and cells[0]:
            return type(n).__name__
        if n > 1e9:
            n = 0.0


def spin_nested(cells):
    n = 0
    while not cells[0]:
        for k in range(20):
            n = (n ^ k) + 1
    return n >= 0


def raise_flag(flag, cells):
    global up
    time.sleep(0.02)
    up = flag.up = True
    cells[0] = 7


def in_thread(function, *args):
    results = []
    thread = threading.Thread(target=lambda: results.append(function(*args)))
    thread.start()
    return thread, results


sys.setswitchinterval(1e-4)
for name in ("spin", "spin_global", "spin_list", "spin_two", "spin_nested"):
    for turn in range(3):
        up = False
        flag, cells = Flag(), [0]
        function, args = {
            "spin": (flag.spin, ()),
            "spin_global": (spin_global, ()),
            "spin_list": (spin_list, (cells,)),
            "spin_two": (spin_two, (flag, cells)),
            "spin_nested": (spin_nested, (cells,)),
        }[name]
        spinning, results = in_thread(function, *args)
        raising, _ = in_thread(raise_flag, flag, cells)
        raising.join()
        spinning.join()
        print(name, turn, results)
