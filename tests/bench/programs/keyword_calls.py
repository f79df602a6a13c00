"""Calls of functions and methods with keyword arguments."""

N = 100000


def step(x, y, scale):
    return x * scale + y


class P:
    def __init__(self, v):
        self.v = v
    def move(self, dx, dy):
        self.v = self.v * 0.5 + dx - dy
        return self.v


def run(n):
    s = 0.0
    p = P(1.0)
    for i in range(n):
        s = step(s * 0.5, scale=1.5, y=i * 0.1)
        s += p.move(dy=0.25, dx=i * 0.5)
    return s


if __name__ == "__main__":
    print(run(N))
