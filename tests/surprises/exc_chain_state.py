# sys.exception()/exc_info in nested handlers and generators, bare raise, raise from, context surgery
# args: run
# profile-args: train
import sys, traceback
RUN = sys.argv[1:] == ['run']


def chain(e):
    out = []
    seen = set()
    while e is not None and id(e) not in seen:
        seen.add(id(e))
        out.append((type(e).__name__, e.args, type(e.__cause__).__name__, e.__suppress_context__,
                    [(f.name, f.lineno) for f in traceback.extract_tb(e.__traceback__)]))
        e = e.__cause__ or e.__context__
    return out


def now():
    e = sys.exception()
    return (type(e).__name__, e.args) if e else None


def level3(x):
    try:
        return 100 // x
    except ZeroDivisionError:
        raise LookupError(x, now())
    except TypeError as t:
        raise OSError('from') from t


def level2(x):
    try:
        return level3(x) + 1
    except LookupError as e:
        try:
            e.no_such_attribute
        except AttributeError:
            if x is False:
                raise
            raise RuntimeError(now()) from None
    except OSError:
        try:
            raise
        finally:
            try:
                int('z')
            except ValueError as v:
                v.add_note('n')


def level1(xs):
    ok = 0
    got = []
    for x in xs:
        try:
            ok += level2(x)
        except Exception as e:
            got.append(chain(e))
            got.append(now())
            e.__context__ = None if x is False else e.__context__
    got.append(now())
    return ok, got


def gen():
    k = 0
    while True:
        try:
            r = yield (k, now())
            k += r
        except ValueError as e:
            inner = yield ('caught', e.args, now())
            try:
                raise KeyError(inner)
            except KeyError as ke:
                yield (repr(ke.__context__), now())
            yield ('after inner', now())


def bare(n):
    if n % 5 == 4:
        raise
    return n


def reraiser(n):
    t = 0
    for i in range(n):
        try:
            t += bare(i)
        except RuntimeError as e:
            t += len(e.args[0])
    return t


def cyc(n):
    last = None
    for i in range(n):
        try:
            if last is not None and i % 3 == 0:
                raise last
            raise ValueError(i)
        except ValueError as e:
            last = e
    return last


s = 0
g = gen()
next(g)
for i in range(2500):
    s += level1([1, 2, 5])[0]
    s += g.send(1)[0]
    s += reraiser(6)
print(s)
ok, got = level1([1, 0, 2, 'x', False, None, 2.5, 3] if RUN else [1, 0, 2])
print(ok)
for line in got:
    print(' ', line)
try:
    1 / 0
except ZeroDivisionError:
    print(g.send(1), g.throw(ValueError('thrown')), now())
    print(g.send('inner'), now(), next(g), next(g))
    try:
        print(reraiser(4), reraiser(6))
    except ZeroDivisionError as e:
        print('same', chain(e))
print(g.send(2), now())
for k in (5, 8):
    e = cyc(k)
    print(k, e.args, repr(e.__context__), len(traceback.extract_tb(e.__traceback__)), now())
try:
    try:
        raise ValueError(1)
    except ValueError as a:
        try:
            raise KeyError(2) from a
        except KeyError as b:
            raise a from b
except ValueError as e:
    print(chain(e), e.__context__ is None, e.__cause__.__cause__ is e)
for bad in (1, int, 'str', None, KeyError, KeyError('x', 1), StopIteration):
    try:
        raise bad
    except BaseException as e:
        print(type(e).__name__, e, now())
    try:
        raise ValueError from bad
    except BaseException as e:
        print(type(e).__name__, e, repr(e.__cause__), repr(e.__context__))
print(now())
