"""Tools and threads, while generators run natively."""
import sys
import threading


def work(n):
    a = 1
    for i in range(n):
        a = (a * 75 + 74) % 65537
        yield a + i % 7


def drain(g):
    s = 0
    for v in g:
        s += v
    return s


def watch_local(n):
    mon = sys.monitoring
    tool = 1
    counts = {}

    def count(name):
        def callback(code, offset, *rest):
            counts[name] = counts.get(name, 0) + 1
        return callback

    g = work(n)
    s = 0
    for _ in range(n // 2):
        s += next(g)
    mon.use_tool_id(tool, "watcher")
    for event, name in ((mon.events.PY_RESUME, "resume"), (mon.events.PY_YIELD, "yield"),
                        (mon.events.PY_RETURN, "return"), (mon.events.LINE, "line")):
        mon.register_callback(tool, event, count(name))
    mon.set_local_events(tool, work.__code__, mon.events.PY_RESUME | mon.events.PY_YIELD
                         | mon.events.PY_RETURN | mon.events.LINE)
    for _ in range(10):
        s += next(g)
    s += sum(next(g) for _ in range(10))
    print(sorted(counts.items()))
    mon.set_local_events(tool, work.__code__, 0)
    mon.free_tool_id(tool)
    s += drain(g)
    print(sorted(counts.items()), s)


def in_threads():
    shared = work(4000)
    lock = threading.Lock()
    sums = [0] * 4

    def own(k):
        for _ in range(3):
            sums[k] += drain(work(2000 + k))
        while True:
            with lock:
                v = next(shared, None)
            if v is None:
                return
            sums[k] += v

    threads = [threading.Thread(target=own, args=(k,)) for k in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    print(sum(sums))


def main():
    print(drain(work(3000)), sum(work(3000)), max(work(100)))
    watch_local(2000)
    print(drain(work(3000)), sum(work(3000)))
    in_threads()
    print(drain(work(3000)), sum(work(3000)))


main()
