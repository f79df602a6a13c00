"""Lookups by string in dicts and strings: keys of all kinds, missing ones."""


class Odd:
    """Equal to a string, with its hash; sees who asks."""

    def __init__(self, text):
        self.text = text
        self.asked = 0

    def __hash__(self):
        return hash(self.text)

    def __eq__(self, other):
        self.asked += 1
        return self.text == other


class Default(dict):
    def __missing__(self, key):
        return "<" + key + ">"


def count(words):
    counts = {}
    for w in words:
        if w in counts:
            counts[w] += 1
        else:
            counts[w] = 1
    return counts


def known(table, words):
    n = 0
    for w in words:
        if w not in table:
            n += 1
    return n


def fetch(table, words):
    out = []
    for w in words:
        try:
            out.append(table[w])
        except KeyError as e:
            out.append(repr(e))
    return out


def loose(table, words):
    total = 0
    for w in words:
        total += table[w]
    return total


def letters(text, wanted):
    n = 0
    for ch in text:
        if ch in wanted:
            n += 1
        if wanted not in ch:
            n += 2
    return n


def grows(table, words):
    total = 0
    for w in words:
        total += table["a"]
        table[w] = total % 7
        table["a"] = table["a"] + 1
    return total, len(table)


words = ["alpha", "beta", "gam\u00e9", "\u65e5\u672c", "eps"] * 30
for turn in range(4):
    c = count(words)
    print(sorted(c.items()), known(c, words + ["x"] * 5))
    mixed = dict(c)
    mixed[1] = 2
    mixed[None] = 3
    odd = Odd("beta")
    strange = {odd: 5, "alpha": 1, "eps": 2}
    print(known(mixed, words), known(strange, words), odd.asked > 0)
    print(loose(c, words), loose(mixed, words), loose(strange, ["beta", "alpha"] * 50))
    print(fetch(c, words + ["gone", "gone"])[-3:], fetch(Default(c), ["no"] * 70 + words)[68:72])
    print(fetch(strange, ["beta", "alpha", "none"] * 30)[-3:])
    try:
        loose(c, words + ["missing"])
    except KeyError as e:
        print("KeyError", e)
    print(letters("the quick brown fox " * 20, "aeiou"), letters("\u65e5\u672c\u00e9x" * 30, "\u00e9\u65e5"),
          letters("abc" * 40, ""))
    print(grows({"a": 1}, words))
    print(known({k: 1 for k in range(9)}, [str(k) for k in range(90)]), known(c, list(range(80))))
