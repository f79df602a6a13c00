# sys.monitoring: LINE/BRANCH/JUMP/CALL/PY_START/PY_RETURN/PY_YIELD/RAISE... globally and per code, turned on and off in hot loops
# args: run
# profile-args: train
import sys
RUN = sys.argv[1:] == ['run']
mon = sys.monitoring
E = mon.events
TOOL = 3
events = []
mon.use_tool_id(TOOL, 'adv')


def rec(name):
    def cb(code, *args):
        if code.co_filename != __file__ or code.co_name in ('set', 'cb', 'show', 'where', '<module>', 'rec'):
            return
        a = []
        for x in args:
            if isinstance(x, int):
                a.append(x)
            elif isinstance(x, BaseException):
                a.append(repr(x))
            else:
                a.append(getattr(x, '__qualname__', None) or (x if isinstance(x, (str, float)) else type(x).__name__))
        events.append((name, code.co_name, *a))
        return DIS if name == disable else None
    return cb


DIS = mon.DISABLE
disable = None
names = ['PY_START', 'PY_RESUME', 'PY_RETURN', 'PY_YIELD', 'CALL', 'C_RETURN', 'C_RAISE', 'LINE', 'JUMP', 'BRANCH', 'STOP_ITERATION', 'RAISE',
         'EXCEPTION_HANDLED', 'PY_UNWIND', 'PY_THROW', 'RERAISE', 'INSTRUCTION']
for n in names:
    mon.register_callback(TOOL, getattr(E, n), rec(n))


def set(*evs, code=None):
    m = 0
    for e in evs:
        m |= getattr(E, e)
    if code is None:
        mon.set_events(TOOL, m)
    else:
        mon.set_local_events(TOOL, code.__code__, m)


def small(x):
    if x % 3 == 0:
        return x
    elif x > 4 and x < 9:
        x += 1
    return x * 2


def loop(n, start=-1, stop=-1, evs=()):
    t = 0
    i = 0
    while i < n:
        if i == start:
            set(*evs)
        t += small(i)
        for j in range(2):
            t += j
            if j == 1 and i == 3:
                break
        if i == stop:
            set()
        i += 1
    return t


def gen(n):
    try:
        for i in range(n):
            yield i * 2
    except ValueError:
        yield 'v'


def usegen(n, start=-1, evs=()):
    r = []
    g = gen(n)
    for v in g:
        if v == start:
            set(*evs)
            r.append(g.throw(ValueError('x')))
        else:
            r.append(v)
    r.append(sum(gen(2)))
    set()
    return r


def exc(n, start=-1, evs=()):
    c = 0
    for i in range(n):
        if i == start:
            set(*evs)
        try:
            try:
                c += 10 // (i % 4)
            finally:
                c += 1
        except ZeroDivisionError:
            c += len('abc')
        else:
            c += small(i)
    set()
    return c


def show(label, r, m=45):
    set()
    print(label, r, len(events))
    for e in events[:m]:
        print('  ', *e)
    del events[:]


s = 0
for k in range(900):
    s += loop(12) + len(usegen(6)) + exc(9)
print(s, len(events))
for evs in ([('LINE',), ('BRANCH', 'JUMP'), ('CALL', 'C_RETURN', 'C_RAISE', 'PY_START', 'PY_RETURN'), ('INSTRUCTION',)] if RUN else [('LINE',)]):
    show(('loop', evs), loop(900, 896, 897, evs))
for evs in [('PY_RESUME', 'PY_YIELD', 'PY_THROW', 'PY_UNWIND', 'STOP_ITERATION', 'PY_RETURN', 'PY_START'), ('RAISE', 'EXCEPTION_HANDLED', 'RERAISE', 'LINE')]:
    show(('gen', evs), usegen(6, 6, evs))
    show(('exc', evs), exc(9, 4, evs))
for fn, evs in [(small, ('LINE',)), (small, ('BRANCH',)), (small, ('PY_START', 'PY_RETURN')), (loop, ('JUMP',)), (loop, ('CALL',))]:
    set(*evs, code=fn)
    r = loop(4)
    set(code=fn)
    show((fn.__name__, evs), r)
disable = 'LINE'
show('disabled', loop(50, 40, 48, ('LINE', 'PY_START')))
mon.restart_events()
show('restarted', loop(50, 44, 48, ('LINE',)))
disable = 'BRANCH'
show('dis branch', loop(50, 40, 48, ('BRANCH',)))
mon.restart_events()
if RUN:
    def cb(code, line):
        if code is loop.__code__ and sys._getframe(1).f_locals.get('i') == 5:
            raise KeyError('from callback', line - code.co_firstlineno)
    mon.register_callback(TOOL, E.LINE, cb)
    set('LINE')
    try:
        loop(20)
    except KeyError as e:
        set()
        print(e.args, e.__traceback__.tb_next.tb_lineno, e.__traceback__.tb_next.tb_frame.f_locals)

    def cb2(code, line):
        f = sys._getframe(1)
        if f.f_code is loop.__code__ and f.f_locals.get('i') == 7:
            f.f_locals['i'] = 18.5
            f.f_locals['t'] = 2 ** 64
    mon.register_callback(TOOL, E.LINE, cb2)
    set('LINE', code=loop)
    print(loop(20))
    set(code=loop)
mon.free_tool_id(TOOL)
set = lambda *a, **k: None
print(loop(12), exc(9), usegen(6))
