# try/except/else/finally with break/continue/return in nested loops; finally that overrides
# args: run
# profile-args: train
import sys, traceback
RUN = sys.argv[1:] == ['run']
log = []


def tb(e):
    return [(f.name, f.lineno, f.colno, f.end_colno) for f in traceback.extract_tb(e.__traceback__)]


def maze(items, how):
    total = 0
    where = []
    for i, x in enumerate(items):
        try:
            for j in range(4):
                try:
                    if how == 1 and j == 2:
                        continue
                    if how == 2 and j == 1:
                        break
                    if how == 3 and i == 3 and j == 3:
                        return ('ret', total, where)
                    total += x // (j + 1 - (how == 4 and i == 2))
                except ZeroDivisionError as e:
                    where.append(('zde', i, j, str(e), sys.exception() is e))
                    if i == 2:
                        break
                except TypeError as e:
                    where.append(('te', i, j, str(e), tb(e)))
                    raise KeyError(i, j)
                else:
                    total += 1
                    if how == 5 and j == 2:
                        raise IndexError('else', i)
                finally:
                    total += 2
                    if how == 6 and i == 1:
                        continue
                    if how == 7 and i == 5:
                        return ('fin', total, where, type(sys.exception()).__name__)
            else:
                total += 1000
                continue
            total += 5
        except KeyError as e:
            where.append(('ke', e.args, repr(e.__context__), tb(e)))
            if how == 8:
                break
        finally:
            total += 7
            if how == 9:
                break
    else:
        where.append('full')
    try:
        e
    except UnboundLocalError as u:
        where.append(str(u))
    return ('end', total, where, i, j)


def overriding(n, bad):
    out = []
    for i in range(n):
        try:
            try:
                x = 10 // (bad - i)
            finally:
                out.append(i)
                if i == bad:
                    break
        finally:
            out.append(-i)
    else:
        return sum(out)
    return out[-3:], sys.exception()


def fin_return(x):
    try:
        return 1 / x
    finally:
        if x == 0 or x != x:
            return 'swallowed', type(sys.exception()).__name__


def while_fin(n, step):
    seen = 0
    while True:
        try:
            n -= step
            if n < 0:
                return seen, n
            try:
                continue
            finally:
                seen += 1
        finally:
            seen += n & 1


warm = list(range(10))
acc = 0
for r in range(1500):
    acc += maze(warm, 0)[1]
    acc += overriding(12, 20)
    acc += int(fin_return(4) * 8)
    acc += while_fin(9, 2)[0]
print('warm', acc)
for how in range(10):
    odd = warm[:]
    if RUN or how > 4:
        odd[4] = 'str' if how % 2 else 4.5
        odd[6] = 2 ** 70
    try:
        print(how, maze(odd, how))
    except BaseException as e:
        print(how, 'out', repr(e), repr(e.__context__), repr(e.__cause__), tb(e))
for bad in (20, 5, 0, 11, 12):
    print(overriding(12, bad))
for v in (2, 0, 0.0, float('nan'), 2.5, True, False):
    print(v, fin_return(v))
try:
    print(fin_return('s'))
except TypeError as e:
    print(e, tb(e))
print(while_fin(9, 2), while_fin(9, 4), while_fin(2 ** 65, 2 ** 62), while_fin(True, True))
print(sys.exception())
