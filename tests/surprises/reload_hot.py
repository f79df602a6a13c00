# modules reloaded, replaced, partly initialised while hot functions of theirs run; importlib, from-imports keep old functions
# args: run
# profile-args: train
import os, sys, importlib, importlib.util, types, traceback, tempfile, shutil
RUN = sys.argv[1:] == ['run']
sys.dont_write_bytecode = True
tmp = tempfile.mkdtemp()
sys.path.insert(0, tmp)
V1 = '''
RATE = 2
LOADED = globals().get('LOADED', 0) + 1
def rate(x):
    return x * RATE
def total(n, at=-1, act=None):
    t = 0
    for i in range(n):
        if i == at:
            act()
        t += rate(i) + Box(i).get()
    return t
class Box:
    def __init__(self, v):
        self.v = v
    def get(self):
        return self.v + 1
for q in range(300):
    total(5)
'''
V2 = V1.replace('RATE = 2', 'RATE = 0.5').replace('self.v + 1', 'str(self.v)[:0] or 0.25').replace('x * RATE', 'x * RATE + (1 if LOADED > 2 else 0)')
V3 = V1.replace('for q in range(300):', 'rate = None\ntotal(2)\nfor q in range(300):')
V4 = V1 + '\ndef total(n, *a):\n    return "v4", n, len(a)\ndel Box\n'


def write(src, name='hotmod'):
    with open(os.path.join(tmp, name + '.py'), 'w') as f:
        f.write(src)
    importlib.invalidate_caches()


def load(src, name='hotmod'):
    write(src, name)
    return importlib.reload(sys.modules[name])


def tb(e):
    return [(f.name, os.path.basename(f.filename), f.lineno) for f in traceback.extract_tb(e.__traceback__) if 'importlib' not in f.filename][1:]


def attempt(label, fn, *a):
    try:
        print(label, fn(*a))
    except Exception as e:
        print(label, type(e).__name__, e, tb(e))


write(V1)
import hotmod
from hotmod import total, rate, Box


def user(n):
    s = 0
    for i in range(n):
        s += hotmod.rate(i) + hotmod.RATE
    return s


def importer(n, name='hotmod'):
    s = 0
    for i in range(n):
        import hotmod as h
        from hotmod import RATE
        s += h.rate(i) * RATE
    return s


old_box = Box(4)
s = 0
for k in range(2400):
    s += total(6) + user(5) + importer(2)
print(s, hotmod.LOADED)
if RUN:
    for label, src in [('v2', V2), ('v2 again', V2), ('v1', V1), ('v3', V3), ('v4', V4), ('syntax', 'def x(:\n'), ('v1 end', V1)]:
        load(V1)
        attempt(label, total, 60, 50, lambda: load(src))
        attempt('  old total', total, 6)
        attempt('  new total', lambda: hotmod.total(6))
        attempt('  user', user, 5)
        attempt('  importer', importer, 3)
        print('  ', hotmod.LOADED, hotmod.RATE, total is hotmod.total, type(old_box) is getattr(hotmod, 'Box', None), old_box.get())
    real = hotmod
    fake = types.ModuleType('fake')
    fake.rate = lambda x: x / 4
    fake.RATE = 8
    fake.__getattr__ = lambda k: print('getattr', k) or 1
    hotmod = fake
    attempt('fake', user, 5)
    del fake.RATE
    attempt('fake getattr', user, 2)
    sys.modules['hotmod'] = fake
    attempt('fake importer', importer, 2)
    sys.modules['hotmod'] = None
    attempt('None importer', importer, 2)
    del sys.modules['hotmod']
    write(V2.replace('for q', 'import sys\nsys.modules[__name__] = type("X", (), {"rate": staticmethod(lambda x: 100), "RATE": 1.5})\nfor q'))
    attempt('self-replaced', importer, 3)
    hotmod = real

    class Mod(types.ModuleType):
        @property
        def RATE(self):
            return 1000

        def rate(self, x):
            return -x
    real.__class__ = Mod
    attempt('class', user, 5)
    real.__dict__.pop('rate')
    attempt('class', user, 5)
    attempt('class total', total, 3)
    real.__dict__.clear()
    attempt('cleared', total, 3)
    attempt('cleared', user, 3)
    write('import b_mod\nX = 1\ndef f():\n    return b_mod.g() + X\n', 'a_mod')
    write('import a_mod\ntry:\n    from a_mod import X\nexcept ImportError as e:\n    X = str(e).split("(")[0]\ndef g():\n    return getattr(a_mod, "X", 50)\nZ = [g() for _ in range(500)][-1]\n', 'b_mod')
    import a_mod
    attempt('circular', lambda: (a_mod.f(), sys.modules['b_mod'].Z, sys.modules['b_mod'].X))
shutil.rmtree(tmp)
