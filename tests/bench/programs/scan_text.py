"""Scanning text character by character: words, numbers, brackets."""

N = 4_000


def scan(text):
    words = numbers = depth = deepest = value = total = 0
    i = 0
    n = len(text)
    while i < n:
        c = text[i]
        if "a" <= c <= "z":
            words += 1
            while i < n and "a" <= text[i] <= "z":
                i += 1
            continue
        if "0" <= c <= "9":
            numbers += 1
            value = 0
            while i < n and "0" <= text[i] <= "9":
                value = value * 10 + ord(text[i]) - 48
                i += 1
            total += value
            continue
        if c == "(":
            depth += 1
            if depth > deepest:
                deepest = depth
        elif c == ")":
            depth -= 1
        i += 1
    return words, numbers, total, deepest


def run(n):
    text = "alpha (beta 12 (gamma, 345) delta) 6789; " * n
    return scan(text)


if __name__ == "__main__":
    print(run(N))
