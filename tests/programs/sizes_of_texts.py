"""Who reads the texts of code and classes leaves no trace in them: a string that
is not ASCII has the size it had (its UTF-8 form is kept inside once somebody
asks for that)."""
import sys


class Größe:
    def __init__(self, x):
        self.x = x

    def länge(self):
        return self.x + 1


def wörter(n):
    text = "žluťoučký kůň"
    wide = "\uffff" * 3 + "x"
    total = 0
    for i in range(n):
        if text[i % 5] == "ž":
            total += 1
        total += Größe(i).länge() + len(wide)
    return total


for _ in range(300):
    total = wörter(40)
print(total)


def sizes(code):
    texts = [code.co_name, code.co_qualname, code.co_filename]
    texts += [*code.co_consts, *code.co_names, *code.co_varnames]
    return [sys.getsizeof(text) - sys.getsizeof("" if text.isascii() else "ž")
            for text in texts if isinstance(text, str)
            and text is not code.co_filename]


for function in wörter, Größe.__init__, Größe.länge:
    print(sizes(function.__code__))
print(sys.getsizeof(Größe.__name__) - sys.getsizeof("ž"))
