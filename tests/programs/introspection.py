"""co_code, dis, inspect, pickling and copying of code that is hot."""
import copy
import dis
import inspect
import io
import pickle


def work(n, k=3):
    total = 0
    for i in range(n):
        total += i * k
    return total


class Thing:
    def method(self, x):
        """A method."""
        y = x
        while y > 0:
            y -= 1
        return y


def listing(function):
    out = io.StringIO()
    dis.dis(function, file=out)
    return out.getvalue()


before = work.__code__.co_code, listing(work), listing(Thing.method)
for _ in range(200):
    work(100)
    Thing().method(30)
after = work.__code__.co_code, listing(work), listing(Thing.method)
print(before == after, len(before[0]))
print(inspect.signature(work), inspect.getsource(Thing.method).count("\n"))
print(work.__code__.co_flags, work.__code__.co_stacksize,
      work.__code__.co_varnames)
print(pickle.loads(pickle.dumps(work)) is work, copy.copy(work) is work)
other = work.__code__.replace(co_name="other")
print(other.co_code == before[0], other == work.__code__,
      work.__code__ == work.__code__.replace(co_name="work"))
print([i.opname for i in dis.get_instructions(work)][:4])
print(list(work.__code__.co_positions())[5:8], len(list(work.__code__.co_lines())))
print(Thing.method.__doc__, inspect.isfunction(work), callable(work))
print(work.__code__.co_consts, work.__name__, work.__qualname__)
print(hash(work.__code__) == hash(work.__code__), work.__defaults__)
print(isinstance(work.__call__, object), work.__call__(10))
