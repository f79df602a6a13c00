"""Strings that grow in a local: held elsewhere too or not, appended to
themselves, of all kinds, across exits, exceptions and frames."""
import sys
import traceback


class Text(str):
    def __add__(self, other):
        return "added"


def spell(parts):
    out = ""
    for p in parts:
        out += p
    return out


def spell_after(parts):
    out = "<"
    n = 0
    for p in parts:
        out = out + p
        n += len(out)
    return out, n


def kept(parts):
    out = ""
    seen = []
    for p in parts:
        seen.append(out)
        out += p
    return seen[-3:], out


def second_name(parts):
    out = ""
    last = None
    for p in parts:
        last = out
        out += p
    return last, out


def doubled(n):
    s = "ab"
    for i in range(n):
        s += s
        if len(s) > 1000:
            s = s[:3]
    return s


def on_the_stack(parts):
    s = ""
    out = []
    for p in parts:
        pair = (s, len(s := s + p), s)
        out.append(pair)
    return out[-1], out[1]


def hashed(parts):
    out = ""
    marks = {}
    for p in parts:
        marks[out] = len(out)
        out += p
    return len(marks), out


def by_turns(parts, other):
    a = b = ""
    for p in parts:
        a += p
        b += a[-1:]
        a, b = b, a
    return a, b


def seen_by_frame(parts):
    out = ""
    for p in parts:
        out += p
        if p == "!":
            out += sys._getframe().f_locals["out"]
    return out


def stops(parts, at):
    out = ""
    for i in range(len(parts)):
        out += parts[i]
        if i == at:
            10 // (i - at)
    return out


def nested(rows):
    text = ""
    for row in rows:
        line = ""
        for cell in row:
            line += cell
            line += "|"
        text += line + "\n"
    return text


def attempt(f, *args):
    try:
        print(f.__name__, repr(f(*args))[:80])
    except Exception as e:
        print(f.__name__, type(e).__name__, e)
        for frame, line in traceback.walk_tb(e.__traceback__):
            print("  ", line, repr(frame.f_locals.get("out"))[:60])


parts = ["a", "bc", "", "def", " "] * 12
wide = parts + ["caf\u00e9", "x", "\u65e5\u672c", "y", "\U0001f600", "z"]
for turn in range(25):
    a = spell(parts), spell_after(parts), kept(parts), second_name(parts), doubled(30)
    b = on_the_stack(parts), hashed(parts), by_turns(parts, 1), seen_by_frame(parts)
    c = nested([parts[:4], parts[1:6]] * 3)
print(a, b, c, sep="\n")
print(spell(wide), spell_after(wide)[1], kept(wide)[0], second_name(wide)[0][-5:])
print(hashed(wide)[0], by_turns(wide, 1)[0][-9:], seen_by_frame(wide + ["!", "?"])[-8:])
print(spell([Text("t"), "u"]), spell([]), spell(["a" * 5000] * 3)[-3:])
attempt(spell, ["a", 5])
attempt(spell, [Text("t"), None])
attempt(stops, parts, 7)
attempt(stops, parts, len(parts) - 1)
attempt(kept, ["a", b"b"])
attempt(spell, [5, "a"])
