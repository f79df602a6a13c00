"""Planets as 2D vectors with operators: each step makes new vectors."""

import math

N = 6_000


class Vec:
    __slots__ = ("x", "y")

    def __init__(self, x=0.0, y=0.0):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Vec(self.x + other.x, self.y + other.y)

    def __sub__(self, other):
        return Vec(self.x - other.x, self.y - other.y)

    def __mul__(self, factor):
        return Vec(self.x * factor, self.y * factor)

    def length(self):
        return math.sqrt(self.x * self.x + self.y * self.y)


class Planet:
    def __init__(self, mass, place, speed):
        self.mass = mass
        self.place = place
        self.speed = speed
        self.trail = 0.0
        self.steps = 0

    def move(self, force, dt):
        self.speed = self.speed + force * (dt / self.mass)
        step = self.speed * dt
        self.place = self.place + step
        self.trail += step.length()
        self.steps += 1


def run(n):
    sun = Vec()
    planets = [Planet(1.0, Vec(1.0, 0.0), Vec(0.0, 1.0)),
               Planet(2.0, Vec(0.0, 2.0), Vec(0.7, 0.0)),
               Planet(0.5, Vec(-3.0, 0.0), Vec(0.0, -0.55))]
    for i in range(n):
        for planet in planets:
            away = planet.place - sun
            r = away.length()
            planet.move(away * (-planet.mass / (r * r * r)), 0.001)
    return [(planet.place.x, planet.place.y, planet.trail)
            for planet in planets]


if __name__ == "__main__":
    print(run(N))
