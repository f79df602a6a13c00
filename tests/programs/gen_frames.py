"""What can be seen of generators: frames, states, tracing that comes later."""
import gc
import inspect
import sys
import weakref


def work(n, look=None):
    a = 1
    b = 0.5
    for i in range(n):
        a = (a * 75 + 74) % 65537
        b = b * 0.5 + a * 0.25 - i
        if look is not None:
            look(i)
        yield a + i


def callee():
    frame = sys._getframe(1)
    return frame.f_code.co_name, frame.f_lineno, sorted(frame.f_locals)[:2], frame.f_back.f_code.co_name


def seen(n):
    k = 0
    last = None
    while k < n:
        k += 1
        x = k * k % 17 + k // 3 - (k ^ 5)
        last = callee()
        yield x, last[1:]


def itself(n, box):
    s = 0
    for i in range(n):
        s += (i * i + 3) % 11 - i % 2
        if i % 100 == 50:
            try:
                next(box[0])
            except ValueError as error:
                s += len(str(error))
            s += box[0].gi_running
        yield s


def drain(g):
    s = 0
    for v in g:
        s += v
    return s


def trace_some(n):
    events = []

    def tracer(frame, event, arg):
        if frame.f_code.co_name == "work":
            events.append((event, frame.f_lineno - frame.f_code.co_firstlineno))
            return tracer

    def start(i):
        if i == n - 5:
            sys.settrace(tracer)
            sys._getframe(1).f_trace = tracer

    s = drain(work(n, start))
    sys.settrace(None)
    return s, len(events), events[:24]


def profile_some(n):
    events = []

    def profiler(frame, event, arg):
        if frame.f_code.co_name == "work":
            events.append(event)

    g = work(n)
    s = 0
    for i in range(n):
        if i == n - 4:
            sys.setprofile(profiler)
        s += next(g)
    s += len(list(g))
    sys.setprofile(None)
    return s, events


def main():
    for _ in range(3):
        print(drain(work(1000)))
    g = work(400)
    print(inspect.getgeneratorstate(g), g.gi_running, g.gi_frame.f_lineno)
    s = 0
    for k in range(300):
        s += next(g)
    print(inspect.getgeneratorstate(g), g.gi_running, s)
    print(g.gi_frame.f_locals["a"], g.gi_frame.f_locals["b"], g.gi_frame.f_locals["i"],
          g.gi_frame.f_lineno - work.__code__.co_firstlineno, g.gi_frame.f_back)
    print(inspect.getgeneratorlocals(g)["a"])
    print(drain(g), inspect.getgeneratorstate(g), g.gi_frame)
    for v in seen(600):
        pass
    print(v)
    box = []
    box.append(itself(700, box))
    print(drain(box[0]))
    print(trace_some(400))
    print(drain(work(500)))
    print(profile_some(400))
    print(drain(work(500)))
    gens = [work(40 + k) for k in range(50)]
    s = 0
    while gens:
        for g in list(gens):
            v = next(g, None)
            if v is None:
                gens.remove(g)
            else:
                s += v
    print(s)
    g = work(300)
    s = sum(next(g) for _ in range(200))
    ref = weakref.ref(g)
    del g
    gc.collect()
    print(s, ref())
    g = work(300)
    frame = None
    for k in range(250):
        next(g)
        if k == 100:
            frame = g.gi_frame
        if k == 150:
            frame.f_locals["a"] = 3
    print(next(g), frame.f_lineno - work.__code__.co_firstlineno)
    g.close()
    print(frame.f_back, g.gi_frame)
    print(sys.getrefcount(work) > 0, drain(work(10)))


main()
