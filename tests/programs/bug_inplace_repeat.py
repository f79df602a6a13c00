"""`*=` on a list changes that very list: other names see it."""


def repeat(n):
    seen = 0
    for i in range(n):
        row = [i, i + 1]
        alias = row
        row *= 2
        seen += len(alias) + (alias is row)
        row = row * 2
        seen += len(alias) - (alias is row)
    return seen


def join(n):
    total = 0
    for i in range(n):
        text = "a"
        other = text
        text += "b"
        total += len(other) + len(text)
    return total


for _ in range(5):
    print(repeat(400), join(400))
