"""Loops over strings of all kinds, left and entered in all ways."""
import sys


class Text(str):
    pass


class Spelled(str):
    def __iter__(self):
        return iter(["<", ">"])


def vowels(text):
    n = 0
    for ch in text:
        if ch in "aeiou":
            n += 1
    return n


def words(text):
    out = []
    word = ""
    for ch in text:
        if ch == " ":
            out.append(word)
            word = ""
        else:
            word += ch
    out.append(word)
    return out


def places(text, wanted):
    return [i for i, ch in enumerate(text) if ch == wanted]


def same(a, b):
    n = 0
    for x, y in zip(a, b):
        if x == y:
            n += 1
    return n


def codes(text):
    total = 0
    for i, ch in enumerate(text, 1):
        total = (total * 31 + ord(ch) * i) % 1000003
    return total


def first_digit(text):
    for i, ch in enumerate(text):
        if ch.isdigit():
            return i, ch
    return None


def seen(text):
    it = iter(text)
    out = []
    for ch in it:
        if ch == "(":
            depth = 1
            for inner in it:
                if inner == ")":
                    break
                out.append(inner)
        else:
            out.append(ch.upper())
    return "".join(out)


def raises(text, at):
    try:
        for i, ch in enumerate(text):
            last = 10 // (i - at)
    except ZeroDivisionError:
        return i, ch, last
    return None


def frame_view(text):
    shown = None
    for ch in text:
        if ch == "\u00e9" or ch == "z":
            shown = sys._getframe().f_locals["ch"]
    return shown


def any_kind(things):
    n = 0
    for thing in things:
        n += 1
        last = thing
    return n, last


def held(text):
    kept = []
    for ch in text:
        kept.append(ch)
    return kept[0] is kept[-1] if text else None


ascii_text = "the quick brown fox jumps over the lazy dog 1 (a b) c " * 3
latin = "caf\u00e9 na\u00efve \u00e9t\u00e9 \u00e9 " * 8
wide = "\u65e5\u672c \u0430\u0431\u0432 \u20ac \U0001f600 x " * 8
for turn in range(4):
    for text in (ascii_text, latin, wide, "", "a", Text(ascii_text), Spelled("abc" * 40)):
        print(vowels(text), len(words(text)), places(text, "e")[:4], same(text, text[1:]))
        print(codes(text), first_digit(text), seen(text)[:30], frame_view(text))
        print(any_kind(text) if text else None, raises(text, 50), held(text))
    print(same(ascii_text, latin), same(latin, wide), same("ab", ascii_text))
    print(any_kind([1, 2, 3] * 30), any_kind(b"bytes" * 20), any_kind({"k": 1, "l": 2}))
