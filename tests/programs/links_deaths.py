"""Callers, callees, classes, functions and globals that die in every order:
what native code was linked to must not be reached any more, nor the one who
was linked be written to.  Freed memory is used for something else."""
import ctypes
import gc
import itertools

SOURCES = {
    "callee": """
def callee(x, y):
    z = x * y + 1.0
    if z > 1e9:
        z = z - 1e9
    return z
""",
    "by_value": """
def by_value(f, n):
    total = 0.0
    for i in range(n):
        total = total + f(i, 0.5)
    return total
""",
    "by_name": """
def by_name(n):
    total = 0.0
    for i in range(n):
        total = total + callee(i, 0.25)
    return total
""",
    "classes": """
class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def weight(self, k):
        return self.x * k + self.y


class Counter:
    def __init__(self, start):
        self.n = start
        self.add(1)

    def add(self, k):
        self.n += k
        return self.n
""",
    "objects": """
def objects(n):
    total = 0.0
    for i in range(n):
        total += Point(i, 0.5).weight(2)
        total += Counter(i).add(3)
    return total
""",
    "stores": """
def stores(n):
    global last
    for i in range(n):
        last = i * 2
    return last
last = 0
""",
}
CODES = {name: compile(text, name + "_module.py", "exec")
         for name, text in SOURCES.items()}

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]


def use_freed_memory():
    blocks = []
    for size in range(16, 513, 16):
        for _ in range(12):
            block = libc.malloc(size)
            ctypes.memset(block, 0xA5, size)
            blocks.append(block)
    for block in blocks[::2]:
        libc.free(block)


def fresh(name):
    """The code of a module as one that nobody else has."""
    return compile(SOURCES[name], name + "_module.py", "exec")


def load(name, *others, code=None):
    module = {}
    for other in others:
        module.update(other)
    exec(code or CODES[name], module)
    return module


def end(*modules):
    for module in modules:
        module.clear()
    gc.collect()
    use_freed_memory()


def value_links(order):
    """A callee that comes as a value; then caller and callee die."""
    callee = load("callee", code=fresh("callee"))
    caller = load("by_value", code=fresh("by_value"))
    result = caller["by_value"](callee["callee"], 400)
    second = load("callee", code=fresh("callee"))
    result += caller["by_value"](second["callee"], 400)
    modules = [callee, caller, second]
    for i in order:
        end(modules[i])
        if i != 1 and caller and second:
            result += caller["by_value"](second["callee"], 10)
        if i != 1 and caller and callee:
            result += caller["by_value"](callee["callee"], 10)
    return result


def name_links(order):
    """A callee, and two callers that know it by its name."""
    callee = load("callee", code=fresh("callee"))
    first = load("by_name", callee, code=fresh("by_name"))
    second = load("by_name", callee, code=fresh("by_name"))
    result = first["by_name"](300) + second["by_name"](300)
    modules = [callee, first, second]
    for i in order:
        end(modules[i])
        for module in modules[1:]:
            if module:
                result += module["by_name"](10)
    return result


def class_links(order):
    """Classes, whose __init__ and methods are called directly or in place."""
    classes = load("classes", code=fresh("classes"))
    first = load("objects", classes, code=fresh("objects"))
    second = load("objects", classes, code=fresh("objects"))
    result = first["objects"](300) + second["objects"](300)
    modules = [classes, first, second]
    for i in order:
        end(modules[i])
        for module in modules[1:]:
            if module:
                result += module["objects"](10)
    return result


def reloaded():
    """The same globals, in which everything is made anew all the time."""
    module, results = {}, []
    for _ in range(6):
        for name in ("callee", "by_name", "by_value", "classes", "objects"):
            exec(fresh(name), module)
        results.append(module["by_name"](200))
        results.append(module["by_value"](module["callee"], 200))
        results.append(module["objects"](100))
        use_freed_memory()
    del module["callee"], module["Point"]
    for name in ("by_name", "objects"):
        try:
            module[name](3)
        except NameError as error:
            results.append(str(error))
    return results


def code_replaced():
    """The code of a caller, and of its callee, is replaced by an equal one."""
    module = load("by_name", load("callee"))
    results = [module["by_name"](200)]
    for name in ("callee", "by_name", "by_name", "callee"):
        other = load(name, code=fresh(name))
        module[name].__code__ = other[name].__code__
        del other
        gc.collect()
        use_freed_memory()
        results.append(module["by_name"](50))
    module["callee"].__code__ = (lambda x, y: x - y).__code__
    results.append(module["by_name"](50))
    return results


def other_builtins():
    """One code object over globals and builtins that come and go."""
    code = compile("def f(n):\n t = 0\n for i in range(n):\n"
                   "  t += twice(i)\n return t\n", "builtins_module.py", "exec")
    results = []
    globals_ = {}
    for turn in range(6):
        import builtins
        mine = dict(vars(builtins))
        exec(f"def twice(x):\n return x * {turn + 2}\n", mine)
        globals_["__builtins__"] = mine
        exec(code, globals_)
        results.append(globals_["f"](300))
        mine["twice"] = abs
        results.append(globals_["f"](20))
        globals_.pop("f")
        del mine
        globals_.pop("__builtins__")
        gc.collect()
        use_freed_memory()
    return results


def names_that_die():
    """Names that only a dead code object knew, then keys that may equal
    them: a look at all names the dict is watched for."""
    results = []
    module = {}
    for turn in range(8):
        name = f"only_here_{turn}"
        exec(compile(f"{name} = {turn}\n"
                     f"def f(n):\n t = 0\n for i in range(n):\n"
                     f"  t += {name} + i\n return t\n", "names.py", "exec"),
             module)
        results.append(module["f"](200))
        del module["f"], module[name]
        gc.collect()
        use_freed_memory()
        module["".join(["not ", "interned ", str(turn)])] = turn
    return results


def stored_names(order):
    """Globals that native code writes where the dict keeps them."""
    first = load("stores", code=fresh("stores"))
    second = load("stores", code=fresh("stores"))
    results = [first["stores"](300), second["stores"](300)]
    modules = [first, second]
    for i in order:
        end(modules[i])
        for module in modules:
            if module:
                results.append(module["stores"](20))
    return results


def running_caller():
    """A callee that makes the interpreter forget caller and callee."""
    module = {}
    exec(compile("""
def callee(x, stop):
    global callee, caller
    if stop:
        del callee, caller
        collect()
    return x * 2

def caller(n, at):
    t = 0
    f = callee
    for i in range(n):
        t += f(i, i == at)
    return t
""", "running_module.py", "exec"), module)

    def collect():
        gc.collect()
        use_freed_memory()

    module["collect"] = collect
    results = [module["caller"](300, -1)]
    results.append(module["caller"](300, 100))
    results.append(sorted(k for k in module if not k.startswith("__")))
    return results


for order in itertools.permutations(range(3)):
    print(order, value_links(order), name_links(order), class_links(order))
for order in itertools.permutations(range(2)):
    print(order, stored_names(order))
print(reloaded())
print(code_replaced())
print(other_builtins())
print(names_that_die())
print(running_caller())
