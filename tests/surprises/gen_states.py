# generators: send/throw/close at every state, GeneratorExit swallowed, return values, already executing, abandoned
# args: run
# profile-args: train
import sys, traceback, inspect, gc
RUN = sys.argv[1:] == ['run']
ev = []


def tb(e):
    return [(f.name, f.lineno) for f in traceback.extract_tb(e.__traceback__)][1:]


def worker(n, mode=0):
    got = []
    t = 0
    try:
        for i in range(n):
            try:
                r = yield t
                t += r if r is not None else i
            except ValueError as e:
                got.append(('V', e.args))
                t += 10
            except GeneratorExit:
                ev.append(('GE', i, t))
                if mode == 1:
                    yield 'ignored'
                if mode == 2:
                    return 'closed'
                if mode == 3:
                    raise KeyError('in close')
                if mode == 4:
                    continue
                raise
            else:
                if mode == 5 and i == 2:
                    raise StopIteration('inside')
                if mode == 6 and i == 2:
                    t += next(iter(()))
            finally:
                t += 1
    finally:
        ev.append(('end', t, i))
        if mode == 7:
            return 'override'
    return t, got


def steps(g, script):
    out = []
    for s in script:
        try:
            if s is next:
                out.append(next(g))
            elif isinstance(s, BaseException) or isinstance(s, type):
                out.append(('T', g.throw(s)))
            elif s == 'close':
                out.append(('C', g.close()))
            else:
                out.append(g.send(s))
        except BaseException as e:
            out.append((type(e).__name__, e.args, getattr(e, 'value', '-'), repr(e.__context__), repr(e.__cause__), tb(e)))
        out.append(inspect.getgeneratorstate(g)[4:7])
    fr = g.gi_frame
    out.append(fr and (fr.f_lineno, fr.f_lasti, {k: v for k, v in fr.f_locals.items() if k != 'got'}))
    return out


def selfish(box, n):
    for i in range(n):
        if i == n - 1:
            try:
                box[0].send(None) if n % 2 else box[0].close() if n % 3 else box[0].throw(OSError)
            except ValueError as e:
                yield str(e), box[0].gi_running, box[0].gi_frame is sys._getframe()
        yield i


def in_exprs(n):
    a = []
    for i in range(n):
        a.append((yield i) + (yield i * 2) * (yield))
        a[-1:] = [(yield a[-1]), f'{(yield 7)!r:>4}', {(yield 1): (yield 2)}]
    return a


sys.unraisablehook = lambda u: print('unraisable', type(u.exc_value).__name__, u.exc_value, u.err_msg)
s = 0
for k in range(2100):
    g = worker(6)
    next(g)
    for v in g:
        s += v
    g = worker(50)
    s += next(g) + g.send(3)
    g.close()
    box = [None]
    box[0] = selfish(box, 4)
    s += next(box[0]) + next(box[0])
    box.clear()
    g = in_exprs(2)
    next(g)
    try:
        while True:
            g.send(1)
    except StopIteration as e:
        s += len(e.value)
    del ev[:]
del g
del ev[:]
print(s)
E = ValueError('ve', 1)
scripts = [[next, 5, 2.5, 'close', next, 'close', ValueError('late')], ['close', next], [KeyError('fresh'), next], [5, next],
           [next, E, E, next, 'x', next], [next, KeyError, 1], [next, 'close', 7], [next, 1, 'close', next, next, 'close'],
           [next, 2 ** 70, -1.5, next, next, next, next, next], [next, GeneratorExit, next], [next, StopIteration('thrown'), next],
           [next, SystemExit(3)], [next, 5, None, None, None, None, None]]
for mode in range(8) if RUN else (0,):
    for sc in scripts if mode in (0, 5) else scripts[:1] + scripts[6:10]:
        g = worker(5, mode)
        print(mode, steps(g, sc))
        del g
        print('   ', ev)
        del ev[:]
for n in (1, 2, 3, 4, 6):
    box = [None]
    box[0] = selfish(box, n)
    print(n, list(box[0]))
    box.clear()
for vals in ([1] * 20, [1.5, 2, 's', 3, 4, 5, 6, [], 1], [1, 2, 3, 'a', 'b', 'c', 'd', 1, 2, 2.5, 4, 5, 6, 7, 8]):
    g = in_exprs(2)
    print(steps(g, [next] + vals))
g = worker(3, 1)
next(g)
del g
g = worker(3, 3)
next(g)
del g
print(ev)
for bad in (1, 'x', None, int, (ValueError, 3)):
    g = worker(3)
    next(g)
    try:
        g.throw(bad)
    except Exception as e:
        print(type(e).__name__, e)
    g.close()
