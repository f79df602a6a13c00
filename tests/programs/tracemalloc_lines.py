"""tracemalloc, started in the middle of hot code, shows each allocation with
the lines of all frames, and what is allocated afterwards, too."""
import sys
import tracemalloc

kept = []


class Point:
    def __init__(self, x):
        self.x = [x]
        self.y = x * 1000000007


def made(x):
    return [x, x + 1]


def through(x):
    return made(x)


def scaled(x):
    return x * 123456789.5 + 0.25


def generated(n):
    for i in range(n):
        yield made(i)


def hot(n, at, action):
    for i in range(n):
        if i == at:
            action()
        kept.append(through(i))
        kept.append(Point(i))
        kept.append(scaled(i))
        kept.append((i * 1000003, str(i)))
        kept.extend(generated(2))
        kept.append({i: i * 1000033})
    return len(kept)


def nothing():
    pass


def start():
    tracemalloc.start(8)


def report():
    snapshot = tracemalloc.take_snapshot()
    tracemalloc.stop()
    rows = {}
    for trace in snapshot.traces:
        lines = [(f.filename.rpartition("/")[2], f.lineno)
                 for f in trace.traceback]
        if lines[-1][0] != "tracemalloc_lines.py" or len(lines) < 2:
            continue
        key = " > ".join(f"{line}" for file, line in lines
                         if file == "tracemalloc_lines.py")
        rows[key] = rows.get(key, 0) + 1
    for key in sorted(rows):
        if rows[key] > 50:  # free lists and caches change the exact number
            print(key)


for _ in range(30):
    hot(50, -1, nothing)
    kept.clear()
print("_tracemalloc" in sys.modules, tracemalloc.is_tracing())
print(hot(400, 100, start), tracemalloc.is_tracing())
report()
kept.clear()
print(hot(400, -1, nothing), tracemalloc.is_tracing())
kept.clear()
start()
print(hot(300, -1, nothing))
report()
kept.clear()
for _ in range(20):
    hot(50, -1, nothing)
    kept.clear()
start()
print(hot(300, 100, tracemalloc.stop), tracemalloc.is_tracing())
