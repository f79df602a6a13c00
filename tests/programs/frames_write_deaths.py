"""A callee writes a local of its caller through f_locals: what the local held dies
at that moment, however often native code looks at it before and after."""
import sys

LOG = []


class Token:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        frame = sys._getframe(1)
        LOG.append((self.n, frame.f_code.co_name))

    def __bool__(self):
        return True

    def __add__(self, other):
        return self.n + other


def poke(name, value):
    sys._getframe(1).f_locals[name] = value


def idle(*values):
    return len(values)


def looked_at_behind(n, value):
    token = Token(n)
    poke("token", value)
    if token:
        pass
    return token


def looked_at_around(n, value):
    token = Token(n)
    total = token + 1
    idle()
    poke("token", value)
    idle()
    return total, token


def in_a_loop(n, value):
    token = Token(n)
    seen = []
    for k in range(6):
        if k == n % 6:
            poke("token", value)
        if token:
            seen.append(k)
    return seen


def on_the_stack(n, value):
    token = Token(n)
    idle(token)
    # The stack holds it, too, over the call.
    result = idle(token, poke("token", value), token)
    LOG.append("behind")
    return result


def argument_as_well(token, value):
    idle()
    poke("token", value)
    idle(token)
    return token


def attribute(n, value):
    token = Token(n)
    n = token.n
    poke("token", value)
    try:
        return token.n
    except AttributeError as error:
        return str(error)


def poked_by_another_name(n, value):
    token = Token(n)
    other = token
    poke("token", value)
    LOG.append("one name less")
    idle(other)
    poke("other", None)
    return token, other


KINDS = (looked_at_behind, looked_at_around, in_a_loop, on_the_stack,
         attribute, poked_by_another_name)
VALUES = (1, "s", None, 2.5, (), [3])

for turn in range(60):
    for kind in KINDS:
        result = kind(turn, VALUES[turn % 6])
        if turn % 7 == 0 or turn > 54:
            print(turn, kind.__name__, result, LOG)
        LOG.clear()
    result = argument_as_well(Token(turn), VALUES[turn % 6])
    if turn % 7 == 0 or turn > 54:
        print(turn, "argument", result, LOG)
    LOG.clear()
