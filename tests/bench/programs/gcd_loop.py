"""How many pairs are coprime, by Euclid's algorithm."""

N = 450


def gcd(a, b):
    while b:
        a, b = b, a % b
    return a


def run(n):
    coprime = 0
    for a in range(1, n):
        for b in range(a, n):
            if gcd(a, b) == 1:
                coprime += 1
    return coprime


if __name__ == "__main__":
    print(run(N))
