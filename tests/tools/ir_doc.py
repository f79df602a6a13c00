#!/usr/bin/env python3
"""Write aot/IR.md from the tables: ops.def, classes.def, pyops.def,
passes.def and exit.def.

    ir_doc.py [--check]

--check: say whether the file is up to date, write nothing.
"""
import pathlib
import re
import sys

AOT = pathlib.Path(__file__).resolve().parent.parent.parent / "aot"
TYPES = {"V": "–", "I": "i64", "F": "f64", "B": "bool", "O": "obj", "?": "any",
         "*": "any…"}


def table_rows(path, macro):
    section = None
    for line in (AOT / path).read_text().splitlines():
        head = re.match(r"/\* --- (.*?) ---", line)
        if head:
            section = head.group(1)
        row = re.match(macro + r"\((.*)\)\s*(?:/\*\s*(.*?)\s*(?:\*/)?\s*)?$",
                       line)
        if not row:
            continue
        quoted = re.findall(r"('.'|\"[^\"]*\"|[^,\"'\s][^,\"']*)",
                            row.group(1))
        fields = [q.strip("\"'") if q[0] in "\"'" else q.strip()
                  for q in quoted]
        yield section, fields, (row.group(2) or "").strip()


def cell(text):
    return text.replace("|", "\\|").replace("<", "&lt;")


def operations():
    out, section = [], None
    meanings = {"M_" + name: field for _, (name, _, field, *_), _ in table_rows(
        "ir/fields.def", "IR_FIELD")}
    for head, (name, text, result, args, flags, fields, effects, *_), note in table_rows(
            "ir/ops.def", "IR_OP(?:_C)?"):
        if head != section:
            section = head
            out += ["", f"### {section[0].upper()}{section[1:]}", "",
                    "| text | operands | result | flags | fields | effects | |",
                    "| --- | --- | --- | --- | --- | --- | --- |"]
        words = ", ".join(f"{meanings[f]} {f[2:].lower()}"
                          for f in fields.split(" | ") if f != "0")
        does = ", ".join(e[2:].replace("_", " ", 1).lower()
                         for e in effects.split(" | ") if e != "0")
        operands = " ".join(TYPES[a] for a in args) or "–"
        out.append(f"| `{cell(text)}` | {operands} | {TYPES[result]} "
                   f"| {flags or '–'} | {words or '–'} | {does or '–'} | {cell(note)} |")
    return out


def field_rows():
    out = ["", "| field | in | what |", "| --- | --- | --- |"]
    for _, (name, _, field, _, what), _ in table_rows("ir/fields.def",
                                                      "IR_FIELD"):
        out.append(f"| {name.lower()} | {field} | {cell(what)} |")
    return out


def document():
    out = [(AOT / "IR.md.in").read_text().rstrip(), "", "## Operations"]
    out += operations()
    out += ["", "## Fields", "",
            "What `imm`, `aux`, `fimm` and `text` of an instruction mean. An "
            "operation has at most one meaning for each; `ir_<name>(ins)` reads "
            "it. In text: `#n` or `<name>` is imm, then `aux=`, `fimm=`, "
            '`"text"`.']
    out += field_rows()
    out += ["", "## Classes", "",
            "Exact classes the compiler knows by name. Simple: deallocating an "
            "instance runs no Python code.", "",
            "| text | C type object | simple |", "| --- | --- | --- |"]
    for _, (name, text, ctype, simple), _ in table_rows("ir/classes.def",
                                                        "IR_CLASS"):
        out.append(f"| `{text}` | `{ctype}` | "
                   f"{'yes' if simple == 'true' else 'no'} |")
    out += ["", "## Interpreter operations", "",
            "The immediate of `py`, `py.void`, `py.bool` and `py.int`: done by "
            "the interpreter's own C functions. Leaf: cannot run Python code.",
            ""]
    names = {True: [], False: []}
    for _, fields, _ in table_rows("ir/pyops.def", "IR_PYOP"):
        names["L" in (fields[2] if len(fields) > 2 else "")].append(
            f"`{fields[1]}`")
    out += ["Leaf: " + ", ".join(names[True]) + ".", "",
            "Others: " + ", ".join(names[False]) + "."]
    out += ["", "## Passes", "",
            "| letter | pass | what it does |", "| --- | --- | --- |"]
    for _, (letter, name, function, *_), _ in table_rows("opt/passes.def",
                                                         "PASS"):
        source = (AOT / f"opt/{name}.c").read_text()
        head = re.match(r"/\* (.*?)\n", source).group(1)
        out.append(f"| `{letter}` | [{name}](opt/{name}.c) | {cell(head)} |")
    names = {letter: name for _, (letter, name, *_), _ in table_rows(
        "opt/passes.def", "PASS")}
    out += ["", "## The pipeline", "",
            "Run in this order, with the verifier after each step.", "",
            "| | pass | why here |", "| --- | --- | --- |"]
    for _, (letter, why), _ in table_rows("opt/passes.def", "STEP"):
        out.append(f"| `{letter}` | {names[letter]} | {cell(why)} |")
    out += ["", "## Exit reasons", "",
            "| number | text |", "| --- | --- |"]
    for i, (_, fields, _) in enumerate(table_rows("exit.def", "EXIT_REASON")):
        out.append(f"| {i} | {fields[1]} |")
    return "\n".join(out) + "\n"


def main():
    text = document()
    path = AOT / "IR.md"
    if "--check" in sys.argv[1:]:
        if not path.exists() or path.read_text() != text:
            sys.exit("aot/IR.md is out of date; run tests/tools/ir_doc.py")
        return
    path.write_text(text)


if __name__ == "__main__":
    main()
