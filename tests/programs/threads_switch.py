"""Threads take turns while both are in hot loops."""
import sys
import threading

stop = False
counts = [0, 0]


def spin(slot):
    n = 0
    while not stop:
        n += 1
        counts[slot] = n


def work(n, out, slot):
    total = 0
    for i in range(n):
        total += i % 7
    out[slot] = total


def waiter(event, out):
    n = 0
    while not event.is_set():
        n += 1
    out.append(n > 0)


def wait_flag(flag):
    n = 0
    while flag[0] == 0:
        n += 1
    return n >= 0


sys.setswitchinterval(0.001)
threads = [threading.Thread(target=spin, args=(i,)) for i in range(2)]
for t in threads:
    t.start()
n = 0
while min(counts) < 2000:
    n += 1
stop = True
for t in threads:
    t.join()
print(min(counts) >= 2000)
out = [None] * 4
threads = [threading.Thread(target=work, args=(100000 + i, out, i))
           for i in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(out)
event = threading.Event()
seen = []
t = threading.Thread(target=waiter, args=(event, seen))
t.start()
for i in range(50000):
    if i == 40000:
        event.set()
t.join()
print(seen)
flag = [0]
timer = threading.Timer(0.05, flag.__setitem__, (0, 1))
timer.start()
print(wait_flag(flag))
timer.join()
lock = threading.Lock()
total = 0


def locked(n):
    global total
    for i in range(n):
        with lock:
            total += 1


threads = [threading.Thread(target=locked, args=(5000,)) for _ in range(3)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(total)
local = threading.local()


def fails():
    local.x = 0
    for i in range(1000):
        local.x += i
        if i == 900:
            raise ValueError(local.x)


caught = []
threading.excepthook = lambda args: caught.append(repr(args.exc_value))
t = threading.Thread(target=fails)
t.start()
t.join()
print(caught)
