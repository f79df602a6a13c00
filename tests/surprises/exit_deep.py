# sys.exit in depth through finally/with/generators, atexit handlers that run hot code and raise; ends with exit status 5
# args: run
# profile-args: train
import sys, atexit, traceback, contextlib
RUN = sys.argv[1:] == ['run']
order = []


def work(n):
    t = 0
    for i in range(n):
        t += i * UNIT
    return t


UNIT = 2


@contextlib.contextmanager
def note(name):
    try:
        yield name
    except BaseException as e:
        order.append((name, repr(e)))
        raise
    finally:
        order.append(name)


def gen(n):
    try:
        for i in range(n):
            yield i
            if i == 40:
                leave(5, 'gen')
    finally:
        order.append('gen fin')


def leave(code, why):
    try:
        sys.exit(code)
    finally:
        order.append(why)


def depth(n, code):
    if n == 0:
        leave(code, 'bottom')
    try:
        return depth(n - 1, code) + 1
    except Exception:
        order.append('wrong')
    finally:
        order.append(n)


def caught(codes):
    t = 0
    for c in codes:
        try:
            with note('w'):
                if c is not None:
                    sys.exit(c)
                t += 1
        except SystemExit as e:
            t += e.code if isinstance(e.code, int) else 100
        except Exception as e:
            order.append(repr(e))
    return t


def run_gen(n):
    s = 0
    for v in gen(n):
        s += v
    return s


class Del:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        print('del', self.n, work(10))


def last():
    print('last', work(10))


def bad_atexit():
    print('bad', work(20))
    raise ValueError('in atexit')


def changing():
    global UNIT
    UNIT = 0.5
    print('changing', work(10))
    UNIT = 'u'
    try:
        work(10)
    except TypeError as e:
        print(e, [(f.name, f.lineno) for f in traceback.extract_tb(e.__traceback__)])
    UNIT = 3
    atexit.register(lambda: print('late', work(10)))


sys.unraisablehook = lambda u: print('unraisable', repr(u.exc_value), [(f.name, f.lineno) for f in traceback.extract_tb(u.exc_traceback)])
s = 0
for k in range(1500):
    s += work(12) + caught((None, None, 1)) + run_gen(5)
    try:
        depth(3, k)
    except SystemExit as e:
        s += e.code
    del order[:]
print(s)
print(caught((1, None, 'str', 2.5, (1, 2), True, 2 ** 40)), order)
del order[:]
try:
    depth(6, 'text')
except SystemExit as e:
    print(repr(e), e.code, order, len(traceback.extract_tb(e.__traceback__)))
del order[:]
atexit.register(last)
atexit.register(bad_atexit)
atexit.register(changing)
atexit.unregister(print)
keep = Del('module')
cyc = [Del('cycle')]
cyc.append(cyc)
if RUN:
    def hook(t, v, tb):
        print('hook', t.__name__, v)
    sys.excepthook = hook
    atexit.register(lambda: print('order', order))
    run_gen(60)
else:
    atexit.register(lambda: print('order', order))
    depth(4, 5)
