"""Particles bouncing in a box; attributes are stored in place."""

N = 1_500


class Particle:
    def __init__(self, x, y, vx, vy):
        self.x = x
        self.y = y
        self.vx = vx
        self.vy = vy
        self.bounces = 0

    def move(self, dt):
        self.x += self.vx * dt
        self.y += self.vy * dt
        if self.x < 0.0 or self.x > 10.0:
            self.vx = -self.vx
            self.bounces += 1
        if self.y < 0.0 or self.y > 10.0:
            self.vy = -self.vy
            self.bounces += 1


def run(n):
    particles = [Particle(i % 10 + 0.5, i // 10 + 0.5, i * 0.3 - 10.0,
                          7.0 - i * 0.2) for i in range(100)]
    for _ in range(n):
        for particle in particles:
            particle.move(0.01)
    return (sum(p.bounces for p in particles),
            sum(p.x + p.y for p in particles))


if __name__ == "__main__":
    print(run(N))
