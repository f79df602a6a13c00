"""A class of vectors with methods that make new vectors."""

N = 120_000


class Vector:
    def __init__(self, x, y, z):
        self.x = x
        self.y = y
        self.z = z

    def add(self, other):
        return Vector(self.x + other.x, self.y + other.y, self.z + other.z)

    def scale(self, factor):
        return Vector(self.x * factor, self.y * factor, self.z * factor)

    def dot(self, other):
        return self.x * other.x + self.y * other.y + self.z * other.z


def run(n):
    position = Vector(0.0, 0.0, 0.0)
    velocity = Vector(1.0, 0.5, 0.25)
    energy = 0.0
    for i in range(n):
        position = position.add(velocity.scale(0.01))
        if position.dot(position) > 10.0:
            velocity = velocity.scale(-1.0)
        energy += velocity.dot(velocity)
    return position.x, position.y, position.z, energy


if __name__ == "__main__":
    print(run(N))
