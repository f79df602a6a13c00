# __getattr__, __getattribute__, __setattr__, __delattr__ added to a class after code on it is hot
# args: run
# profile-args: train
import sys, traceback
RUN = sys.argv[1:] == ['run']
LOG = []

class Base: pass   # has __dict__
class T(Base):
    __slots__ = ('s',)
    c = 5
    def __init__(self):
        self.a = 1
        self.s = 2
    def m(self, i):
        return self.a + self.s + i

def reads(o, n, hook, at):
    t = 0
    for i in range(n):
        if i == at: hook()
        t += o.a + o.s + o.c
        t += o.m(i)
    return t

def writes(o, n, hook, at):
    for i in range(n):
        if i == at: hook()
        o.a = i
        o.s = o.s + 1
        o.extra = i
        del o.extra
    return o.a, o.s

def missing(o, n, hook, at):
    t = 0
    for i in range(n):
        if i == at: hook()
        try:
            t += o.nope
        except AttributeError as e:
            t += 1
            if i == n - 1: LOG.append(('AE', str(e), e.name, e.obj is o))
        t += getattr(o, 'nix', 3)
        if hasattr(o, 'nada'): t += 1000
    return t

def nop(): pass
def add_getattr():
    def ga(self, name):
        LOG.append(('getattr', name))
        if name == 'nada': raise AttributeError('nada!')
        return 7
    T.__getattr__ = ga
def add_getattr_base():
    Base.__getattr__ = lambda self, name: LOG.append(('base ga', name)) or 8
def add_getattribute():
    def gb(self, name):
        LOG.append(('gattribute', name))
        return object.__getattribute__(self, name)
    T.__getattribute__ = gb
def add_gb_lie():
    def gb(self, name):
        if name == 'a': return 1.5
        if name == 's': raise AttributeError('s hidden', name=name)
        return object.__getattribute__(self, name)
    T.__getattribute__ = gb
    T.__getattr__ = lambda self, name: 100
def add_setattr():
    def sa(self, name, v):
        LOG.append(('setattr', name, v))
        object.__setattr__(self, name, v * 2)
    T.__setattr__ = sa
def add_setattr_base():
    def sa(self, name, v):
        LOG.append(('base setattr', name, v))
        if name == 'extra' and v > 12: raise ValueError('no more %d' % v)
        super(Base, self).__setattr__(name, v)
    Base.__setattr__ = sa
def add_delattr():
    T.__delattr__ = lambda self, name: LOG.append(('delattr', name))
def getattr_key_error():
    def ga(self, name): raise KeyError(name)
    T.__getattr__ = ga

def reset():
    for c in (T, Base):
        for k in ('__getattr__', '__getattribute__', '__setattr__', '__delattr__'):
            if k in c.__dict__: delattr(c, k)

def attempt(label, f, o, *a):
    del LOG[:]
    try:
        r = f(o, *a)
        print(label, type(r).__name__, r)
    except Exception as e:
        print(label, type(e).__name__, e, [(t.name, t.lineno) for t in traceback.extract_tb(e.__traceback__)])
    reset()
    print('    ', len(LOG), LOG[:7], LOG[-1:], list(vars(o).items()), o.s)

for f in (reads, writes, missing):
    attempt('warm ' + f.__name__, f, T(), 3000, nop, 5)
if RUN:
    for h in (add_getattr, add_getattr_base, add_getattribute, add_gb_lie, add_setattr, add_setattr_base, add_delattr, getattr_key_error):
        for f in (reads, writes, missing):
            attempt(h.__name__ + '/' + f.__name__, f, T(), 20, h, 10)
    # hook that removes itself when first called
    def once(self, name):
        del T.__getattribute__
        LOG.append(('once', name))
        return 50
    def put(): T.__getattribute__ = once
    attempt('once', reads, T(), 20, put, 10)
    def once_set(self, name, v):
        del T.__setattr__
        LOG.append(('once', name, v))
        vars(self)['sneak'] = v
    def put(): T.__setattr__ = once_set
    attempt('once_set', writes, T(), 20, put, 10)
    add_getattr()
    o = T(); del o.a; del o.s
    attempt('unset', reads, o, 20, nop, 10) if False else print(o.a, o.s, o.m(1), reads(o, 3, nop, 0), LOG[-6:])
