# __del__ that raises (unraisable hook), resurrects, replaces exceptions in flight, or raises while another is handled
# args: run
# profile-args: train
import sys, traceback
RUN = sys.argv[1:] == ['run']
EV = []
SAVED = []

def hook(u):
    tb = [(t.name, t.lineno) for t in traceback.extract_tb(u.exc_traceback)] if u.exc_traceback else None
    EV.append(('unraisable', u.exc_type.__name__, str(u.exc_value), getattr(u.object, '__qualname__', type(u.object).__name__), tb,
               type(u.exc_value.__context__).__name__))
sys.unraisablehook = hook

class R:
    mode = 'quiet'
    __slots__ = ('n', '__weakref__')
    def __init__(self, n): self.n = n
    def __del__(self):
        m = R.mode
        if m == 'quiet': return
        if m == 'raise': raise ValueError('del %d' % self.n)
        if m == 'save': SAVED.append(self)
        elif m == 'save1':
            self.n += 100
            if self.n < 300: SAVED.append(self)
        elif m == 'exc':
            EV.append((self.n, type(sys.exc_info()[1]).__name__, str(sys.exc_info()[1])))
        elif m == 'try':
            try: {}['k%d' % self.n]
            except KeyError as e: EV.append(str(e))
        elif m == 'exit': sys.exit(self.n)
        elif m == 'stop': raise StopIteration(self.n)
        elif m == 'kbd': raise KeyboardInterrupt
        elif m == 'frame':
            f = sys._getframe(1)
            EV.append((f.f_code.co_name, f.f_lineno))

def loop(n, mk):
    s = 0
    x = None
    for i in range(n):
        x = mk(i)
        s += x.n
    return s

def in_try(n, mk):
    s = 0
    for i in range(n):
        try:
            x = mk(i)
            if i % 5 == 3:
                raise KeyError(i)
            s += x.n
        except KeyError as e:
            x = None
            s += e.args[0] * 1000
        finally:
            x = None
            s += 1
    return s

def raising(n, mk):
    x = mk(n)
    y = [mk(n + 1), mk(n + 2)]
    if n % 7 == 6:
        raise LookupError('lk%d' % n)
    return x.n

def outer(n, mk):
    s = 0
    for i in range(n):
        try:
            s += raising(i, mk)
        except LookupError as e:
            s += len(str(e)) + e.__traceback__.tb_next.tb_lineno
    return s

def gen(n, mk):
    for i in range(n):
        x = mk(i)
        yield x.n

def consume(n, mk):
    s = 0
    for v in gen(n, mk):
        s += v
    g = gen(3, mk)
    s += next(g)
    g = None
    return s

class Pl:
    def __init__(self, n): self.n = n
def attempt(label, f, *a):
    try: r = f(*a); print(label, type(r).__name__, r)
    except BaseException as e:
        print(label, type(e).__name__, e, [(t.name, t.lineno) for t in traceback.extract_tb(e.__traceback__)], type(e.__context__).__name__)
    print('    ', len(EV), *EV[:4], EV[-1:]); del EV[:]
    print('    saved', len(SAVED), [s.n for s in SAVED[:5]])
FS = (loop, in_try, outer, consume)
for f in FS:
    attempt('pl ' + f.__name__, f, 1500, Pl)
    attempt('quiet ' + f.__name__, f, 1500, R)
if RUN:
    for m in ('raise', 'save', 'save1', 'exc', 'try', 'exit', 'stop', 'kbd', 'frame'):
        for f in FS:
            R.mode = m
            attempt(m + ' ' + f.__name__, f, 8, R)
            R.mode = 'save' if m == 'save' else 'quiet'
            n = len(SAVED)
            SAVED.clear()
            if m == 'save': print('    second', n, len(SAVED)); R.mode = 'quiet'; SAVED.clear()
    # hook itself raising / hook holding the object
    held = []
    sys.unraisablehook = lambda u: held.append((u.object.__name__, u.exc_value))
    R.mode = 'raise'
    attempt('held', loop, 5, R)
    print([(n, str(v), v.__traceback__.tb_frame.f_locals['self'].n) for n, v in held])
    R.mode = 'quiet'; held.clear()
    # __del__ replaced by non-callable / wrong arity / deleted from within
    sys.unraisablehook = hook
    keep = R.__del__
    for bad in (None, 5, lambda: None, lambda self, x: None, staticmethod(lambda: EV.append('static')), classmethod(lambda c: EV.append(c.__name__)), len):
        R.__del__ = bad
        attempt('bad', loop, 3, R)
    def suicide(self):
        EV.append('suicide'); del R.__del__
    R.__del__ = suicide
    attempt('suicide', loop, 4, R)
    attempt('after', in_try, 6, R)
