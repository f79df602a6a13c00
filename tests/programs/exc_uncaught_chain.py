"""A chain of causes and contexts, and notes, out of a hot loop."""


def inner(values):
    total = 0
    for v in values:
        total += 100 // v
    return total


def middle(values):
    try:
        return inner(values)
    except ZeroDivisionError as error:
        error.add_note(f"while summing {len(values)} values")
        raise ValueError("bad values") from error


def outer(n):
    for i in range(n, -1, -1):
        try:
            middle(list(range(i, 300)))
        except ValueError:
            raise RuntimeError("outer failed at", i)


outer(50)
