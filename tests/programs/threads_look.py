"""Other threads look at the frames of a thread that runs hot code: they see
the functions and lines where plain Python switches threads, with all callers."""
import sys
import threading
import time

sys.setswitchinterval(0.0005)


def leaf(x):
    return x * 2 + 1


def middle(x):
    y = leaf(x)
    return y + leaf(y)


def framed(f, x):
    return f(x) + 1


def generated(n):
    for i in range(n):
        yield middle(i)


class Point:
    def __init__(self, x):
        self.x = x
        self.y = leaf(x)

    def total(self):
        return self.x + self.y


def work(n):
    total = 0
    for i in range(n):
        total += middle(i)
        total += framed(middle, i)
        total += Point(i).total()
        total += sum(generated(2))
    return total


for _ in range(100):
    work(50)

# For each function, who may have called it.
CALLERS = {
    "leaf": {"middle", "__init__"},
    "middle": {"work", "framed", "generated"},
    "framed": {"work"},
    "generated": {"work"},
    "__init__": {"work"},
    "total": {"work"},
    "work": {"<module>"},
}
# And the lines on which a frame waits for what it has called.
first = {f.__name__: f.__code__.co_firstlineno
         for f in (leaf, middle, framed, generated, Point.__init__,
                   Point.total, work)}
WAITS = {
    ("middle", "leaf"): {1, 2}, ("__init__", "leaf"): {2},
    ("work", "middle"): {3}, ("framed", "middle"): {1},
    ("generated", "middle"): {2}, ("work", "framed"): {4},
    ("work", "__init__"): {5}, ("work", "total"): {5},
    ("work", "generated"): {6},
}
me = threading.main_thread().ident
wrong = set()
seen = set()
looks = 0
stop = threading.Event()


def walk():
    frames = []
    frame = sys._current_frames()[me]
    while frame is not None:
        frames.append((frame, frame.f_lasti, frame.f_lineno))
        frame = frame.f_back
    return frames


def look():
    global looks
    while not stop.is_set():
        time.sleep(0.001)
        frames = walk()
        if walk() != frames:
            continue            # the thread went on meanwhile
        chain = [(frame.f_code.co_name, line) for frame, _, line in frames]
        looks += 1
        names = [name for name, _ in chain]
        if names[-1] != "<module>" or "work" not in names:
            continue            # before and after
        for (callee, _), (caller, line) in zip(chain, chain[1:]):
            if caller not in CALLERS.get(callee, ()):
                wrong.add((callee, caller))
            elif (caller != "<module>"
                  and line - first[caller] not in WAITS[caller, callee]):
                wrong.add((callee, caller, line))
        seen.update(names)


thread = threading.Thread(target=look)
thread.start()
result = 0
while looks < 300:
    result = work(2000)
stop.set()
thread.join()
print(result, sorted(wrong), "work" in seen, seen <= {*CALLERS, "<module>"})
