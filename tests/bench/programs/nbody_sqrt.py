"""Orbits with math.sqrt, pairs made beforehand and bodies unpacked."""

from math import sqrt

N = 6_000


def advance(pairs, bodies, dt, n):
    for _ in range(n):
        for (body1, body2) in pairs:
            x1, y1, z1, u1, v1, w1, m1 = body1
            x2, y2, z2, u2, v2, w2, m2 = body2
            dx = x1 - x2
            dy = y1 - y2
            dz = z1 - z2
            d2 = dx * dx + dy * dy + dz * dz
            mag = dt / (d2 * sqrt(d2))
            body1[3] = u1 - dx * m2 * mag
            body1[4] = v1 - dy * m2 * mag
            body1[5] = w1 - dz * m2 * mag
            body2[3] = u2 + dx * m1 * mag
            body2[4] = v2 + dy * m1 * mag
            body2[5] = w2 + dz * m1 * mag
        for body in bodies:
            body[0] += dt * body[3]
            body[1] += dt * body[4]
            body[2] += dt * body[5]


def run(n):
    bodies = [[float(i), i * 0.7 - 1.0, i * i * 0.1, 0.01 * i, 0.02, -0.01 * i,
               1.0 / (i + 1)] for i in range(5)]
    pairs = [(bodies[i], bodies[j]) for i in range(5) for j in range(i + 1, 5)]
    advance(pairs, bodies, 0.001, n)
    return [body[0] for body in bodies]


if __name__ == "__main__":
    print(run(N))
