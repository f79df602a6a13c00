"""Loops at module level: names that come, go, change type and are changed by
others while native code counts in them."""
import builtins
import signal
import sys
import threading
import time

total = 0
for i in range(500):
    total += i * 2
print(total, i)

i = 0
s = 0.0
while i < 400:
    s += i * 0.5
    i += 1
print(s, i)

big = 1
for i in range(90):
    big *= 3
    big -= i
print(big)

n = 2 ** 62
for i in range(300):
    n += 2 ** 55
print(n)

small = 0
for i in range(600):
    small = i % 7 - 3
    if small == 2:
        flag = True
    else:
        flag = None
    word = "x" * small if small > 0 else ""
print(small, flag, word)


def peek():
    return total, count


def bump(by):
    global total
    total += by
    return total


def forget():
    global gone
    del gone


count = 0
total = 0
seen = []
for i in range(400):
    total += 1
    count += 2
    if i % 97 == 0:
        seen.append(peek())
    if i % 50 == 0:
        bump(1000)
print(seen, total, count)

total = 0
for i in range(300):
    total = bump(1) + bump(2)
    total -= 1
print(total)

names = 0
for i in range(300):
    globals()["new%d" % (i % 40)] = i
    names += 1
    if i % 60 == 0:
        globals()["names"] = names + 10
print(names, new3, new39)


class Sub(str):
    pass


total = 0
for i in range(300):
    total += i
    if i == 150:
        globals()[Sub("total")] = 5
    if i == 200:
        globals()[17] = "no name"
print(total, 17 in globals(), [k for k in globals() if type(k) is Sub])
del globals()[17]

hits = 0
for i in range(300):
    gone = i
    if i % 3 == 0:
        forget()
    try:
        gone += 1
    except NameError as e:
        hits += 1
        if i < 10:
            print(e)
print(hits, gone)

lens = 0
for i in range(300):
    lens += len([i, i])
    if i == 100:
        len = lambda x: 1000
    if i == 200:
        del len
print(lens)

real = builtins.abs
for i in range(300):
    if i == 120:
        builtins.abs = lambda x: 7
    a = abs(-i)
    if i in (119, 121, 299):
        print(a)
builtins.abs = real


class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        global total
        total += 100
        print("del", self.name, total)


total = 0
thing = None
for i in range(300):
    total += 1
    if i % 100 == 0:
        thing = Loud(i)
    if i % 100 == 50:
        thing = i
    total += 1
print(total, thing)

same = 0
for i in range(300):
    x = y = i * 1000
    z = x
    if x is y and y is z:
        same += 1
    held = x
    x += 1
    if held is y and x is not y:
        same += 1000
print(same)

kept = []
value = 1000
for i in range(300):
    kept.append(value)
    value += 1
print(kept[:3], kept[-1], value, sum(kept))

pair = None
for i in range(300):
    pair = (value, value := value + 1, value)
print(pair, value)

grid = [[0] * 5 for _ in range(5)]
for row in range(5):
    line = grid[row]
    for col in range(5):
        line[col] = row * col
        cell = line
print(grid, cell is grid[4])

text = ""
for ch in "abc" * 60:
    text += ch
    last = ch
print(text[-4:], last)

mixed = 0
for i in range(300):
    if i == 100:
        mixed = 1.5
    if i == 200:
        mixed = "s"
    mixed = mixed + (1 if i < 200 else "t")
print(mixed[-3:])

# names of other modules and of exec
source = """
acc = start
for k in range(200):
    acc += k
result = acc * factor
"""
code = compile(source, "made", "exec")
for start in (1, 2.5, 10):
    space = {"start": start, "factor": 2}
    for _ in range(3):
        exec(code, space)
    print(space["result"], sorted(k for k in space if k != "__builtins__"))
inner = {}
outer = {"start": 1, "factor": 3}
exec(code, outer, inner)
print(inner["result"], "result" in outer)
bare = {"start": 0, "factor": 1, "__builtins__": {"range": range}}
for _ in range(4):
    exec(code, bare)
print(bare["acc"])


class Body:
    acc = 0
    for k in range(300):
        acc += k
    total = acc


print(Body.acc, Body.total, Body.k, total)

done = False


def finish():
    global done
    time.sleep(0.02)
    while turns == 0:
        time.sleep(0.001)
    done = True


turns = 0
thread = threading.Thread(target=finish)
thread.start()
while not done:
    turns += 1
thread.join()
print(turns > 0)

rung = 0


def ring(signum, frame):
    global rung
    rung += 1
    frame.f_globals["ticks"] = -1


signal.signal(signal.SIGALRM, ring)
signal.setitimer(signal.ITIMER_REAL, 0.01, 0.005)
ticks = low = 0
while rung < 4:
    ticks += 1
    if ticks < low:
        low = ticks
signal.setitimer(signal.ITIMER_REAL, 0)
print(low, ticks >= -1)

lines = 0


def tracer(frame, event, arg):
    global lines
    lines += event == "line"
    return tracer


def start_tracing():
    sys.settrace(tracer)
    sys._getframe(1).f_trace = tracer


t = 0
for i in range(300):
    t += i
    if i == 250:
        start_tracing()
sys.settrace(None)
print(t, lines)
for i in range(200):
    t += missing if i == 150 else 1
