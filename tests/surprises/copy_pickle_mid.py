# copy / deepcopy / pickle / dataclass tools in the middle of native attribute stores
# args: run
# profile-args: train
import sys, copy, pickle, dataclasses, traceback
RUN = sys.argv[1:] == ['run']

class Acc:
    def __init__(self):
        self.n = 0
        self.s = 0.0
        self.last = None
    def feed(self, v):
        self.n += 1
        self.s += v
        self.last = v

@dataclasses.dataclass
class Pt:
    x: float
    y: float
    tag: str = 'p'

class Red:
    def __init__(self, v):
        self.v = v
        self.w = v * 2
    def __reduce_ex__(self, proto):
        LOG.append(('reduce', proto, list(vars(self).items())))
        self.v += 100
        return (Red, (self.v,), {'w': -1})

class Gs:
    __slots__ = ('a', 'b', '__dict__')
    def __init__(self):
        self.a = 1
        self.b = 2.0
        self.c = 'c'
    def __getstate__(self):
        LOG.append(('getstate', self.a, self.b))
        st = object.__getstate__(self)
        self.a = self.a + 1000
        return st
    def __setstate__(self, st):
        LOG.append(('setstate', type(st).__name__, repr(st)))
        self.a = st[1]['a']
        self.b = st[1].get('b', None)
        self.__dict__.update(st[0] or {})
LOG = []

def feed_loop(n, every, tool):
    o = Acc()
    kept = []
    for i in range(n):
        o.n += 1
        o.s += i * 0.25
        if i % every == every - 1:
            kept.append(tool(o))
        o.last = i
    return o, kept

def method_loop(n, every, tool):
    o = Acc()
    kept = []
    feed = o.feed
    for i in range(n):
        feed(i * 0.5)
        if i % every == every - 1:
            k = tool(o)
            kept.append(k)
            if RUN and isinstance(k, Acc):
                o = k
    return o, kept

def pt_loop(n, tool):
    p = Pt(0.0, 1.0)
    for i in range(n):
        p.x += 0.5
        p.y = p.x * 2 + p.y
        if tool is not None and i % 10 == 9:
            p = tool(p)
    return p

def gs_loop(o, n, tool):
    for i in range(n):
        o.a = o.a + 1
        o.b = o.b * 1.0 + i
        if tool and i % 15 == 7:
            o = tool(o)
        o.c = i
    return o.a, o.b, o.c

def red_loop(o, n, tool):
    for i in range(n):
        o.v += 1
        o.w = o.v + i
        if tool and i % 15 == 7:
            o = tool(o)
    return o

def show(o):
    return list(vars(o).items()) if hasattr(o, '__dict__') else o
o, k = feed_loop(3000, 1000, lambda o: o.n)
print(show(o), k)
o, k = method_loop(3000, 1000, lambda o: o.n)
print(show(o), k)
print(pt_loop(3000, None), gs_loop(Gs(), 3000, None), show(red_loop(Red(1), 3000, None)))

if RUN:
    rt = lambda o: pickle.loads(pickle.dumps(o))
    for tool in (copy.copy, copy.deepcopy, rt, vars, lambda o: dict(o.__dict__), lambda o: o.__getstate__(),
                 lambda o: pickle.dumps(o, 2)[-25:], lambda o: o.__reduce_ex__(4)[2]):
        o, k = feed_loop(40, 13, tool)
        print(show(o), [show(x) for x in k])
        o, k = method_loop(40, 13, tool)
        print(show(o), [show(x) for x in k])
    o, k = feed_loop(30, 10, vars)
    print([x is vars(o) for x in k])
    for tool in (copy.copy, copy.deepcopy, rt, dataclasses.replace, lambda p: Pt(*dataclasses.astuple(p)),
                 lambda p: Pt(**dataclasses.asdict(p)), lambda p: dataclasses.replace(p, tag=p.tag + '!')):
        print(pt_loop(35, tool))
    for tool in (copy.copy, copy.deepcopy, rt):
        try:
            print(gs_loop(Gs(), 40, tool))
        except Exception as e:
            print(type(e).__name__, e, [(t.name, t.lineno) for t in traceback.extract_tb(e.__traceback__)][:2])
        print(show(red_loop(Red(1), 40, tool)))
    for l in LOG:
        print(l)
    try:
        print(pt_loop(35, lambda p: dataclasses.replace(p, x=int(p.x), y='s')))
    except TypeError as e:
        print(e, [(t.name, t.lineno) for t in traceback.extract_tb(e.__traceback__)])
