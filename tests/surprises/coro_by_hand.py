# coroutines driven by hand: awaitables, send/throw/close, async with/for, cr_frame, never awaited
# args: run
# profile-args: train
import sys, traceback, types, warnings, inspect
RUN = sys.argv[1:] == ['run']
ev = []


def tb(e):
    return [(f.name, f.lineno, f.colno) for f in traceback.extract_tb(e.__traceback__)][1:]


class Aw:
    def __init__(self, *vals, ret=None):
        self.vals, self.ret = vals, ret

    def __await__(self):
        for v in self.vals:
            got = yield v
            if got is not None:
                ev.append(got)
        return self.ret


class Ready:
    def __init__(self, v):
        self.v = v

    def __await__(self):
        return iter(())

    async def __aenter__(self):
        await Aw('enter')
        return self.v

    async def __aexit__(self, t, v, b):
        ev.append((t and t.__name__, str(v)))
        await Aw('exit')
        return self.v == 'swallow'

    def __aiter__(self):
        self.i = 0
        return self

    async def __anext__(self):
        self.i += 1
        if self.i > 3:
            raise StopAsyncIteration
        if self.i == 2:
            await Aw('pause')
        if self.v == 'bad' and self.i == 3:
            raise LookupError('anext')
        return self.i


@types.coroutine
def old(n):
    r = 0
    for i in range(n):
        x = yield i
        r += x or 0
    return r


async def add(a, b):
    return a + b


async def main(v, n):
    t = 0
    for i in range(n):
        t += await add(i, 1)
        try:
            t += await old(2)
        except ValueError as e:
            t += 500
            ev.append(repr(e))
    async with Ready(v) as w:
        async for k in Ready(w):
            t += k
            if v == 'brk' and k == 2:
                break
            if v == 'swallow' and k == 3:
                t += await add(1, 'x')
        else:
            t += 1000
        r = [y async for y in Ready(w) if y % 2]
        t += sum(r) + (await Aw(ret=7)) + len([await add(z, z) for z in r])
    return t


def drive(c, sends=(), lim=200):
    out = []
    it = iter(sends)
    try:
        v = c.send(None)
        for _ in range(lim):
            out.append(v)
            s = next(it, None)
            v = c.throw(s) if isinstance(s, BaseException) else c.close() if s == 'close' else c.send(s)
        out.append('limit')
    except BaseException as e:
        out.append((type(e).__name__, e.args, repr(e.__context__)[:70], tb(e)))
    out.append((c.cr_frame and c.cr_frame.f_lineno, c.cr_running, c.cr_suspended, inspect.getcoroutinestate(c)[5:]))
    return out


s = 0
for k in range(1800):
    s += drive(main(k, 3), [1, 2, 3])[-2][1][0]
    del ev[:]
print(s)
big = 2 ** 66
for v in ('ok', 'brk', 'swallow', 'bad') if RUN else ('ok',):
    for sends in [(), (5, 1.5, 2.5), (ValueError('v'),), (None, KeyError('k')), (None,) * 6 + (OSError('late'),), ('s',), ('close',), (big, big),
                  (None,) * 6 + ('close',), (None,) * 7 + (StopIteration('si'),), (None,) * 6 + (StopAsyncIteration('sai'),)]:
        print(v, drive(main(v, 3), sends), ev)
        del ev[:]


async def awaits(x):
    try:
        return await x
    finally:
        ev.append('fin')

for bad in (lambda: 5, lambda: None, lambda: [], lambda: iter([1]), lambda: (i for i in ()), lambda: Aw, lambda: Aw(1, ret=3)):
    print(drive(awaits(bad())))
c = add(1, 2)
print(drive(awaits(c)), drive(awaits(c)))
c = awaits(Aw(1, 2))
print(c.send(None), c.cr_await.__name__, c.cr_frame.f_locals['x'].vals)
try:
    c.cr_frame.f_locals['x'] = 9
    d = awaits(c)
    print(drive(d))
except RuntimeError as e:
    print(e)
print(drive(c), drive(c))
with warnings.catch_warnings(record=True) as w:
    warnings.simplefilter('always')
    for i in range(3):
        add(i, i)
        x = main(i, i)
        del x
    print([(str(m.message), m.category.__name__, m.lineno) for m in w])
for t in ('for', 'with'):
    async def wrong(o):
        if t == 'for':
            async for q in o:
                pass
        async with o:
            pass
    for o in (5, [1], Aw()):
        print(t, drive(wrong(o)))
