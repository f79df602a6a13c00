# signals in hot loops: handlers that raise, that change locals of the interrupted frame, timers that end loops without calls
# args: run
# profile-args: train
import sys, signal, traceback
RUN = sys.argv[1:] == ['run']
log = []
flag = False


class Stop(Exception):
    pass


def spin_flag():
    n = 0
    while not flag:
        n += 1
    return n > 0, type(n).__name__


def spin_forever(step):
    n = 0
    f = 0.0
    try:
        while True:
            n += step
            f = f + 0.5
    except Stop as e:
        return 'stopped', e.args, n == f * 2, e.__traceback__.tb_lineno


def spin_for(rng):
    t = 0
    lim = -1
    for i in rng:
        t = (t + i) & 0xffff
        if t < lim:
            break
    else:
        return 'ran out'
    return t


def spin_nested():
    n = 0
    while 1:
        for i in range(10):
            for j in range(10):
                n ^= i * j
                if n < 0:
                    return 'never'


def spin_gen():
    k = 0
    while True:
        k += 1
        yield k & 7


def spin_pass():
    while True:
        pass


def quick(n, at, sig):
    a = 0
    out = []
    for i in range(n):
        a += i
        if i == at:
            signal.raise_signal(sig)
            out.append(a)
        a -= 1
    return a, out


def h_flag(s, f):
    global flag
    flag = True
    log.append((s, f.f_code.co_name))


def h_raise(s, f):
    raise Stop(s, f.f_code.co_name)


def h_local(s, f):
    log.append((f.f_code.co_name, f.f_lineno, f.f_locals['i'], f.f_locals['a']))
    f.f_locals['a'] = 0.5
    f.f_locals['i'] = 1000


def h_end(s, f):
    # make the loop variable such that the loop ends by itself
    log.append(f.f_code.co_name)
    f.f_locals['lim'] = 10 ** 9


def with_timer(handler, fn, *a):
    old = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.03)
    try:
        return fn(*a)
    except Stop as e:
        return 'Stop', e.args, e.__traceback__.tb_next.tb_frame.f_code.co_name
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)


def drain(g):
    s = 0
    for v in g:
        s += v
    return s


# heat
flag = True
for k in range(300):
    spin_flag()
s = 0
for k in range(200):
    s += spin_for(range(20)) == 'ran out'
    s += quick(10, -1, signal.SIGUSR1)[0]
flag = False
print(s)
print(with_timer(h_flag, spin_flag), log)
for step in (1, 1.0) if RUN else (1,):
    print(with_timer(h_raise, spin_forever, step))
print(with_timer(h_raise, spin_for, iter(int, 1)))
del log[:]
if RUN:
    print(with_timer(h_raise, spin_for, range(10 ** 12)))
    print(with_timer(h_raise, spin_nested))
    print(with_timer(h_raise, spin_pass))
    print(with_timer(h_raise, drain, spin_gen())[:2][0])
    print(with_timer(h_raise, sum, spin_gen())[0])
    r = with_timer(h_end, spin_for, range(10 ** 12))
    print(type(r).__name__, isinstance(r, int), log)
    del log[:]
signal.signal(signal.SIGUSR1, h_local)
print(quick(12, 7, signal.SIGUSR1), log)
signal.signal(signal.SIGUSR1, h_raise)
try:
    quick(3000, 2990, signal.SIGUSR1)
except Stop as e:
    print(e.args, [(f.name, f.lineno) for f in traceback.extract_tb(e.__traceback__)])
    print(e.__traceback__.tb_next.tb_frame.f_locals)
if RUN:
    signal.signal(signal.SIGUSR1, lambda s, f: f.f_locals.__setitem__('a', 's'))
    try:
        print(quick(12, 7, signal.SIGUSR1))
    except TypeError as e:
        print(e, e.__traceback__.tb_next.tb_lineno)
    signal.signal(signal.SIGUSR1, lambda s, f: sys.exit(3) if f.f_locals['i'] > 5 else None)
    try:
        print(quick(12, 2, signal.SIGUSR1))
        print(quick(12, 8, signal.SIGUSR1))
    except SystemExit as e:
        print('exit', e.code)
    try:
        quick(12, 2, signal.SIGINT)
    except KeyboardInterrupt as e:
        print(repr(e), [(f.name, f.lineno) for f in traceback.extract_tb(e.__traceback__)])
signal.signal(signal.SIGUSR1, signal.SIG_IGN)
print(quick(12, 7, signal.SIGUSR1))
