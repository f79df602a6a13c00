# exceptions in the middle of expressions with half-evaluated stacks; what dies when, positions
# args: run
# profile-args: train
import sys, traceback
RUN = sys.argv[1:] == ['run']
events = []


class T:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        events.append('del ' + self.name)

    def __add__(self, o):
        if isinstance(o, int) and o == 13:
            raise ArithmeticError('13 to ' + self.name)
        return T(self.name + '+')


def f(i):
    events.append('f%d' % i)
    return i


def boom(i):
    if i >= 100:
        raise ValueError('boom', i)
    return i


def expr_call(a, i):
    return max(f(1), a + 1, key=lambda v: boom(i) + v) + f(2)


def expr_list(a, b, i):
    return [T('x'), f(3), a[b], *range(2), boom(i), T('y')][1]


def expr_dict(a, i):
    d = {f(4): T('k'), 'z': (f(5), a + i), **{'q': boom(i)}}
    return len(d) + d['q']


def expr_fstr(a, i):
    return f'{f(6)}-{a:>{boom(i)}}-{T("in").name!r}{f(7)}'


def expr_slice(a, i, j):
    a[f(8):boom(j)] = [f(9), a[i] + 1]
    return a[boom(i)] + a[-1]


def expr_attr(o, i):
    o.val += boom(i) * (f(10) + (o.val if boom(i + 1) else 0))
    return o.val


def expr_nested(a, i):
    return (T('p') + (f(11) + a[(T('q') + boom(i)).name.count('+') - 1])).name


class O:
    val = 0


def show(fn, *args):
    del events[:]
    try:
        r = fn(*args)
        print(fn.__name__, 'ok', r if not isinstance(r, T) else r.name, end=' ')
        del r
    except Exception as e:
        at = len(events)
        rows = traceback.extract_tb(e.__traceback__)[1:]
        print(fn.__name__, repr(e), [(q.name, q.lineno, q.end_lineno, q.colno, q.end_colno) for q in rows],
              'before', events[:at], end=' ')
        fr = e.__traceback__.tb_next.tb_frame
        print(sorted(fr.f_locals), fr.f_lasti, e.__traceback__.tb_next.tb_lasti, end=' ')
        del fr, rows
    print(events)


o = O()
s = 0
for k in range(1500):
    s += expr_call(k, 3)
    s += expr_list([1, 2, 3], 1, 4)
    s += expr_dict(2, 5)
    s += len(expr_fstr(7, 5))
    s += expr_slice([1, 2, 3, 4], 1, 3)
    s += expr_attr(o, 2) & 7
    s += len(expr_nested([0, 1], 0))
    del events[:]
print(s, o.val)
big = 2 ** 64
for args in [(expr_call, 5, 100), (expr_call, 'a', 3), (expr_call, None, 3), (expr_call, 1.5, 3),
             (expr_list, [1], 1, 4), (expr_list, {1: 2}, 1, 4), (expr_list, (1, 2), 1.0, 4), (expr_list, 5, 1, 4),
             (expr_list, [1, 2], 1, 100), (expr_dict, 2, 100), (expr_dict, 's', 5), (expr_dict, 2.5, 5),
             (expr_fstr, 7, 100), (expr_fstr, [], 5), (expr_fstr, 7, -1), (expr_fstr, 1.5, 5), (expr_fstr, 'é', 5),
             (expr_slice, [1, 2, 3, 4], 1, 100), (expr_slice, [1, 'u'], 1, 3), (expr_slice, (1, 2), 1, 3),
             (expr_slice, [1] * 20, 5, 99), (expr_slice, bytearray(20), 5, 12), (expr_slice, [1] * 9, 10, 3),
             (expr_attr, o, 99), (expr_attr, o, 100), (expr_attr, object(), 2), (expr_attr, o, big),
             (expr_nested, [2], 0), (expr_nested, [], 0), (expr_nested, [2], 13), (expr_nested, [2], 200)]:
    show(*args)
if RUN:
    o.val = 's'
    show(expr_attr, o, 2)
    O.val = property(lambda self: boom(101))
    del o.__dict__['val']
    show(expr_attr, o, 2)
    T.__add__ = lambda self, q: boom(150)
    show(expr_nested, [2], 0)
    max = lambda *a, key: (key(a[0]), boom(77))[1]
    show(expr_call, 5, 3)
    show(expr_call, 5, 100)
