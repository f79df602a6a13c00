"""fork in the middle of a hot loop: both go on with their own values."""
# native: no
import os
import sys


def run(n, fork_at):
    total = 0
    child = None
    for i in range(n):
        total += i * 2
        if i == fork_at:
            sys.stdout.flush()
            child = os.fork()
            if child == 0:
                total += 1000000
    return total, child


total, child = run(2000, 1000)
if child == 0:
    print("child", total)
    sys.stdout.flush()
    os._exit(total % 100)
_, status = os.waitpid(child, 0)
print("parent", total, os.waitstatus_to_exitcode(status))


def worker(n):
    x = 0.0
    for i in range(n):
        x += i * 0.5
    return x


results = []
for k in range(3):
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(writing, repr(worker(1000 * (k + 1))).encode())
        os._exit(0)
    os.close(writing)
    results.append(os.read(reading, 100).decode())
    os.close(reading)
    os.waitpid(pid, 0)
print(results, worker(1000))
