"""Exceptions raised and caught inside hot loops."""


def parse_all(texts):
    total = bad = 0
    for text in texts:
        try:
            total += int(text)
        except ValueError:
            bad += 1
    return total, bad


def safe_divide(pairs):
    out = []
    for a, b in pairs:
        try:
            value = a / b
        except ZeroDivisionError:
            value = None
        except TypeError as error:
            value = str(error)
        else:
            value = round(value, 3)
        finally:
            out.append(len(out))
        out[-1] = value
    return out


def retry(n):
    attempts = 0
    i = 0
    while i < n:
        attempts += 1
        try:
            if attempts % 3 == 0:
                raise KeyError(i)
            if attempts % 7 == 0:
                continue
            i += 1
        except KeyError as error:
            if error.args[0] == n - 1:
                break
    return attempts, i


def returns_in_finally(n):
    total = 0
    for i in range(n):
        try:
            if i == 90:
                return total
            total += i
        finally:
            total += 1
    return -1


def overrides(n):
    for i in range(n):
        try:
            1 // (50 - i)
        finally:
            if i == 50:
                return "swallowed"
    return "never"


texts = [str(i) if i % 5 else "x" + str(i) for i in range(500)]
print(parse_all(texts))
print(safe_divide([(i, i % 4) for i in range(40)] + [("a", 1), (1, None)])[-9:])
print(retry(100), returns_in_finally(200), overrides(100))
count = 0
for i in range(300):
    try:
        try:
            [1, 2, 3][i % 5]
        except IndexError:
            count += 1
            raise ValueError(i) from None
        finally:
            count += 10
    except ValueError as error:
        count += error.args[0] % 3
print(count)
try:
    error
except NameError as e:
    print(e)
