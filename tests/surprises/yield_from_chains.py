# yield from over lists, generators, custom iterators with send/throw/close, chains three deep
# args: run
# profile-args: train
import sys, traceback
RUN = sys.argv[1:] == ['run']
ev = []


def tb(e):
    return [(f.name, f.lineno, f.colno) for f in traceback.extract_tb(e.__traceback__)][1:]


class It:
    def __init__(self, n, opts=''):
        self.n = n
        self.opts = opts
        if 'S' in opts:
            self.send = lambda v: ev.append(('send', v)) or self.__next__()
        if 'T' in opts:
            self.throw = self._throw
        if 'C' in opts:
            self.close = lambda: ev.append('close')
        if 'X' in opts:
            self.close = lambda: 1 // 0

    def __iter__(self):
        return self

    def __next__(self):
        self.n -= 1
        if self.n < 0:
            raise StopIteration(('It', self.opts))
        if self.n == 1 and 'E' in self.opts:
            raise LookupError('next')
        return self.n

    def _throw(self, *a):
        ev.append(('throw', repr(a[0])))
        if 'R' in self.opts:
            raise StopIteration('from throw')
        if 'D' in self.opts:
            raise OSError('diff')
        return 'T'


def leaf(src):
    try:
        r = yield from src
        ev.append(('leaf', r))
        return r
    except ValueError as e:
        ev.append(('leafV', e.args))
        r = yield 'recovered'
        return r
    finally:
        ev.append('leaf fin')


def middle(src):
    x = 0
    while x < 2:
        try:
            r = yield from leaf(src)
        except LookupError as e:
            r = yield ('midL', repr(e), repr(sys.exception()))
        x += 1
    return (x, r)


def top(src):
    r = yield from middle(src)
    return [r]


def flat(t):
    for x in t:
        if isinstance(x, list):
            yield from flat(x)
        else:
            yield x


def run(g, script):
    out = []
    for s in script:
        try:
            if isinstance(s, BaseException):
                out.append(g.throw(s))
            elif s == 'close':
                out.append(g.close())
            else:
                out.append(g.send(s))
        except StopIteration as e:
            out.append(('stop', e.value))
            break
        except BaseException as e:
            out.append((type(e).__name__, e.args, repr(e.__context__), tb(e)))
            break
    c = g
    depth = []
    while c is not None:
        depth.append(getattr(c, '__name__', type(c).__name__) + ':' + str(getattr(getattr(c, 'gi_frame', None), 'f_lineno', '')))
        c = getattr(c, 'gi_yieldfrom', None)
    out.append('>'.join(depth))
    return out


sys.unraisablehook = lambda u: print('unraisable', repr(u.exc_value), u.err_msg, type(u.object).__name__)
s = 0
tree = [1, [2, [3, 4], []], [[5]]]
for k in range(1800):
    for v in top([1, 2, 3]):
        s += v
    s += sum(flat(tree)) + sum(leaf(range(4))) + sum(middle((1, 2)))
    s += sum(top(It(4)))
    del ev[:]
print(s)
V, L, G, K = ValueError('v'), LookupError('l'), GeneratorExit('g'), KeyError('k')
for script in [[None, None, None, None, None, None, None, None], [None, 5, 6], [None, V, None, None], [None, L, None, None], [None, G],
               [None, 'close', None], [None, K, 'x', None], [None, None, 'close'], [None, StopIteration('si'), None]]:
    for src in ([lambda: [1, 2], lambda: It(3, ''), lambda: It(3, 'STC'), lambda: It(3, 'TR'), lambda: It(3, 'TD'), lambda: It(3, 'X'),
                 lambda: It(3, 'SE'), lambda: 'ab', lambda: leaf([7, 8])] if RUN else [lambda: [1, 2]]):
        del ev[:]
        try:
            g = top(src())
            r = run(g, script)
            del g
            print(r, ev)
        except Exception as e:
            print('outer', repr(e))
for bad in (5, None, It, object(), 2.5):
    del ev[:]
    r = run(top(bad), [None])
    print(r[0][:2], r[1:], ev)
print(list(flat([1, ['a', [2.5, [None]]], ((3,),)])))
try:
    deep = []
    for _ in range(400):
        deep = [deep, 1]
    print(sum(flat(deep)))
    cyc = [1]
    cyc.append(cyc)
    print(sum(1 for _ in flat(cyc)))
except RecursionError as e:
    print(e, len(tb(e)) > 300, type(e.__context__))
