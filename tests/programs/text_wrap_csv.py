"""Parsing CSV and JSON by hand, and wrapping text."""


def split_csv(line):
    fields = []
    field = ""
    quoted = False
    i = 0
    while i < len(line):
        c = line[i]
        if quoted:
            if c == '"':
                if i + 1 < len(line) and line[i + 1] == '"':
                    field += '"'
                    i += 1
                else:
                    quoted = False
            else:
                field += c
        elif c == '"':
            quoted = True
        elif c == ",":
            fields.append(field)
            field = ""
        else:
            field += c
        i += 1
    fields.append(field)
    return fields


class JsonError(Exception):
    pass


class Json:
    def __init__(self, text):
        self.text = text
        self.at = 0

    def peek(self):
        while self.at < len(self.text) and self.text[self.at] in " \n\t":
            self.at += 1
        if self.at == len(self.text):
            raise JsonError("unexpected end")
        return self.text[self.at]

    def expect(self, c):
        if self.peek() != c:
            raise JsonError(f"expected {c!r} at {self.at}")
        self.at += 1

    def value(self):
        c = self.peek()
        if c == "{":
            return self.object()
        if c == "[":
            return self.array()
        if c == '"':
            return self.string()
        for word, value in (("true", True), ("false", False), ("null", None)):
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return value
        return self.number()

    def object(self):
        out = {}
        self.expect("{")
        while self.peek() != "}":
            key = self.string()
            self.expect(":")
            out[key] = self.value()
            if self.peek() == ",":
                self.at += 1
        self.expect("}")
        return out

    def array(self):
        out = []
        self.expect("[")
        while self.peek() != "]":
            out.append(self.value())
            if self.peek() == ",":
                self.at += 1
        self.expect("]")
        return out

    def string(self):
        self.expect('"')
        start = self.at
        while self.text[self.at] != '"':
            self.at += 1
        self.at += 1
        return self.text[start:self.at - 1]

    def number(self):
        start = self.at
        while self.at < len(self.text) and self.text[self.at] in "+-.eE0123456789":
            self.at += 1
        word = self.text[start:self.at]
        try:
            return float(word) if "." in word or "e" in word else int(word)
        except ValueError:
            raise JsonError(f"bad value at {start}") from None


def wrap(text, width):
    lines = []
    line = ""
    for word in text.split():
        if len(line) + len(word) + 1 > width and line:
            lines.append(line)
            line = word
        else:
            line = line + " " + word if line else word
    lines.append(line)
    return lines


for _ in range(30):
    r = split_csv('a,"b,c",d""e,"say ""hi""",,1.5')
print(r)
text = '{"a": [1, 2.5, -3e2, true, null], "b": {"c": "text"}, "d": []}'
for _ in range(30):
    r = Json(text).value()
print(r)
for bad in ('{"a": }', "[1, 2", "", '{"a" 1}', "[tru]"):
    try:
        print(Json(bad).value())
    except JsonError as error:
        print(bad, error)
for line in wrap("the quick brown fox jumps over the lazy dog " * 6, 33):
    print(line)
