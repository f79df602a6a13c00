# sys.settrace switched on and off in the middle of hot loops, local trace functions, f_trace_opcodes, f_trace of running frames
# args: run
# profile-args: train
import sys, threading
RUN = sys.argv[1:] == ['run']
events = []


def tracer(frame, what, arg):
    if frame.f_code.co_filename != __file__ or frame.f_code.co_name in ('tracer', 'on', 'off', 'show'):
        return None
    if what == 'exception':
        arg = (arg[0].__name__, str(arg[1]))
    loc = {k: v for k, v in frame.f_locals.items() if isinstance(v, (int, float, str)) and not k.startswith('__')}
    if frame.f_code.co_name == '<module>':
        loc = {}
    events.append((frame.f_code.co_name, what, frame.f_lineno, arg, loc))
    return tracer


def on(depth=1, ops=False):
    f = sys._getframe(depth)
    while f is not None and depth:
        if f.f_code.co_name != '<module>':
            f.f_trace = tracer
            f.f_trace_opcodes = ops
        f = f.f_back
    sys.settrace(tracer)


def off():
    sys.settrace(None)


def inner(a, i):
    if a > 3:
        return a - i
    x = a * 2
    return x + i


def loop(n, start, stop, ops=False):
    total = 0
    for i in range(n):
        if i == start:
            on(1, ops)
        total += inner(i & 7, i)
        if i == stop:
            off()
    return total


def comp(n, start):
    out = [inner(k, k) if k != start else (on(), k)[1] for k in range(n)]
    off()
    return sum(out)


def exc(n, start):
    c = 0
    for i in range(n):
        try:
            if i == start:
                on()
            c += 10 // (i - start - 1)
        except ZeroDivisionError as e:
            c += 1
            off()
        finally:
            c += 2
    return c


def gen(n, start):
    for i in range(n):
        if i == start:
            on()
        r = yield i * 2
    off()
    return n


def usegen(n, start):
    t = 0
    for v in gen(n, start):
        t += v
    return t


def whileloop(n, start):
    k = n
    f = 0.5
    while k > 0:
        k -= 1
        if k == start:
            on()
        f = f * 1.5 if k & 1 else f / 1.5; f += 1
    off()
    return round(f, 6)


class C:
    v = 1

    def meth(self, n, at):
        for self.i in range(n):
            self.v = self.step(at)
        return self.v

    def step(self, at):
        if self.i == at:
            on(2)
        if self.i == at + 1:
            off()
        return self.v + 1


def show(label, r):
    off()
    print(label, r, len(events))
    for e in events[:60]:
        print('   ', *e)
    del events[:]


s = 0
for k in range(900):
    s += loop(20, -1, -1) + comp(10, -1) + exc(10, 40) + usegen(10, -1) + C().meth(8, -5)
    s += whileloop(9, -1)
print(round(s, 3), len(events))
show('loop', loop(2000, 1990, 1993))
show('loop ops', loop(50, 48, 48, True))
show('comp', comp(8, 3))
show('exc', exc(9, 4))
show('gen', usegen(8, 5))
show('while', whileloop(12, 3))
show('meth', C().meth(9, 6))
if RUN:
    # a tracer installed by a callee only for new frames, then removed by itself after 5 events; tracer that raises
    def five(frame, what, arg, left=[5]):
        left[0] -= 1
        events.append((frame.f_code.co_name, what, frame.f_lineno))
        if left[0] <= 0:
            sys.settrace(None)
            return None
        return five

    def bad(frame, what, arg):
        if frame.f_code.co_name == 'inner' and what == 'line' and frame.f_locals['i'] == 5:
            raise KeyError('tracer')
        return bad
    sys.settrace(five)
    show('five', loop(30, -1, -1))
    sys.settrace(bad)
    try:
        print(loop(30, -1, -1))
    except KeyError as e:
        print(e, sys.gettrace(), e.__traceback__.tb_next.tb_lineno, e.__traceback__.tb_next.tb_frame.f_locals)
    off()
    print(loop(30, -1, -1))
