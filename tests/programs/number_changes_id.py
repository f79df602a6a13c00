"""A number that changes is another object: for a moment there are both."""
class O:
    pass
def f(n):
    x = 1.5; k = 1000; same = 0
    for i in range(n):
        a = id(x); b = id(k)
        x += 1.0; k += 1
        same += (a == id(x)) + (b == id(k))
    return same
def g(n):
    l = [1.5, 1000]; o = O(); o.v = 2.5; d = {1: 2.5, 2: 1000}; same = 0
    for i in range(n):
        a = id(l[0]), id(l[1]), id(o.v), id(d[1]), id(d[2])
        l[0] += 1.0; l[1] += 1; o.v += 1.0; d[1] += 1.0; d[2] += 1
        b = id(l[0]), id(l[1]), id(o.v), id(d[1]), id(d[2])
        same += sum(p == q for p, q in zip(a, b))
    return same
G = 1.5
def h(n):
    global G; same = 0
    for i in range(n):
        a = id(G); G += 1.0; same += a == id(G)
    return same
for t in range(50): f(30); g(30); h(30)
print(f(300), g(300), h(300))
def gl(n):
    l = [1.5, 1000]; same = 0
    for i in range(n):
        a = id(l[0]); l[0] += 1.0; same += a == id(l[0])
    return same
def gi(n):
    l = [1.5, 1000]; same = 0
    for i in range(n):
        a = id(l[1]); l[1] += 1; same += a == id(l[1])
    return same
def ga(n):
    o = O(); o.v = 2.5; same = 0
    for i in range(n):
        a = id(o.v); o.v += 1.0; same += a == id(o.v)
    return same
def gai(n):
    o = O(); o.v = 2500; same = 0
    for i in range(n):
        a = id(o.v); o.v = o.v + 1; same += a == id(o.v)
    return same
def gd(n):
    d = {1: 2.5, 2: 1000}; same = 0
    for i in range(n):
        a = id(d[1]); d[1] += 1.0; same += a == id(d[1])
    return same
def gdi(n):
    d = {1: 2.5, 2: 1000}; same = 0
    for i in range(n):
        a = id(d[2]); d[2] = d.get(2, 0) + 1; same += a == id(d[2])
    return same
def cl(n):
    x = 1.5
    def inner():
        nonlocal x
        x += 1.0
    same = 0
    for i in range(n):
        a = id(x); inner(); same += a == id(x)
    return same
for t in range(50):
    for f in (gl, gi, ga, gai, gd, gdi, cl): f(30)
for f in (gl, gi, ga, gai, gd, gdi, cl): print(f.__name__, f(300))
