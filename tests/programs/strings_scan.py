"""Strings scanned and built character by character."""


def is_palindrome(text):
    i, j = 0, len(text) - 1
    while i < j:
        if text[i] != text[j]:
            return False
        i += 1
        j -= 1
    return True


def caesar(text, k):
    out = ""
    for c in text:
        if "a" <= c <= "z":
            out += chr((ord(c) - 97 + k) % 26 + 97)
        elif c.isupper():
            out += chr((ord(c) - 65 + k) % 26 + 65)
        else:
            out += c
    return out


def tokens(text):
    out = []
    i = 0
    while i < len(text):
        c = text[i]
        if c.isspace():
            i += 1
        elif c.isdigit():
            j = i
            while j < len(text) and text[j].isdigit():
                j += 1
            out.append(int(text[i:j]))
            i = j
        else:
            out.append(c)
            i += 1
    return out


def evaluate(text):
    def expression(pos):
        value, pos = term(pos)
        while pos < len(items) and items[pos] in ("+", "-"):
            other, after = term(pos + 1)
            value = value + other if items[pos] == "+" else value - other
            pos = after
        return value, pos

    def term(pos):
        value, pos = factor(pos)
        while pos < len(items) and items[pos] == "*":
            other, pos = factor(pos + 1)
            value *= other
        return value, pos

    def factor(pos):
        if items[pos] == "(":
            value, pos = expression(pos + 1)
            return value, pos + 1
        return items[pos], pos + 1

    items = tokens(text)
    return expression(0)[0]


print(is_palindrome("abc" * 50 + "cba" * 50), is_palindrome("xy" * 50))
print(caesar(caesar("Hello, World! " * 20, 3), 23)[:28])
print(caesar("ünïcödé \U0001f600 text", 1))
for _ in range(40):
    r = evaluate("2 * (3 + 4) - 5 * (6 - (7 + 8)) * 10")
print(r, tokens("a1 + 22*(b)"))
runs = []
previous = None
for c in "aaabbbccccd" * 10:
    if c == previous:
        runs[-1][1] += 1
    else:
        runs.append([c, 1])
        previous = c
print(runs[:5], len(runs))
total = 0
for word in ("one two  three\tfour\nfive " * 20).split():
    total += len(word) * (1 if word < "o" else 2)
print(total, "".join(reversed("stressed")), "a" * 3 + "b" * 2)
print(" ".join(f"{i:>3}|{i * 1.5:<6.2f}|{i:#x}" for i in range(5)))
