"""exec, eval and compile in loops, with their own namespaces."""

SOURCE = """
def work(n):
    total = 0
    for i in range(n):
        total += i * k
    return total
result = work(200)
"""


def run(k):
    space = {"k": k}
    exec(SOURCE, space)
    return space["result"]


print([run(k) for k in (1, 2.5, True, 10 ** 20)])
code = compile("x * x + y", "<formula>", "eval")
total = 0
for x in range(300):
    total += eval(code, {"x": x, "y": 1})
print(total)
exec("z = 0\nfor q in range(500): z += q\n")
print(z, q)
local = {}
exec("a = 1\nwhile a < 1000: a += a\n", {}, local)
print(local)


def inner():
    x = 10
    total = 0
    for i in range(100):
        total += eval("x + i")
    exec("x = 99")
    return total, x


print(inner())
counter = compile("n += 1", "<count>", "exec")
space = {"n": 0}
for _ in range(500):
    exec(counter, space)
print(space["n"])
try:
    exec("for i in range(100):\n    1 // (50 - i)\n")
except ZeroDivisionError as error:
    tb = error.__traceback__.tb_next
    print(tb.tb_lineno, tb.tb_frame.f_code.co_filename, i)
for text in ("1 +", "def", "x = = 2"):
    try:
        compile(text, "<bad>", "exec")
    except SyntaxError as error:
        print(error.msg)
functions = []
for i in range(50):
    space = {}
    exec(f"def f(x):\n    t = 0\n    for j in range(50):\n"
         f"        t += x * {i}\n    return t\n", space)
    functions.append(space["f"])
print(sum(f(2) for f in functions))


class Space(dict):
    def __missing__(self, key):
        return len(key)


print(eval("aa + bbb", {}, Space()))
space = Space()
exec("""
s = i = 0
while i < 100:
    i += 1
    s += cccc
""", {}, space)
print(space)
