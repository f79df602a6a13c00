"""N-body with the bodies as instances of a class."""

import math

N = 2000


class Body:
    def __init__(self, x, y, z, vx, vy, vz, m):
        self.x = x
        self.y = y
        self.z = z
        self.vx = vx
        self.vy = vy
        self.vz = vz
        self.mass = m


def advance(bodies, dt):
    n = len(bodies)
    for i in range(n):
        b = bodies[i]
        for j in range(i + 1, n):
            c = bodies[j]
            dx = b.x - c.x
            dy = b.y - c.y
            dz = b.z - c.z
            d2 = dx*dx + dy*dy + dz*dz
            mag = dt / (d2 * math.sqrt(d2))
            b.vx -= dx * c.mass * mag
            b.vy -= dy * c.mass * mag
            b.vz -= dz * c.mass * mag
            c.vx += dx * b.mass * mag
            c.vy += dy * b.mass * mag
            c.vz += dz * b.mass * mag
    for b in bodies:
        b.x += dt * b.vx
        b.y += dt * b.vy
        b.z += dt * b.vz


def run(n):
    bodies = [Body(0.0,0.0,0.0,0.0,0.0,0.0,39.47), Body(4.8,-1.1,-.1,.6,2.8,-.02,.03), Body(8.3,4.1,-.4,-1.0,1.8,.008,.01), Body(12.8,-15.1,-.2,1.0,.8,-.01,.001)]
    for _ in range(n):
        advance(bodies, 0.01)
    return bodies[0].x


if __name__ == "__main__":
    print(run(N))
