#!/usr/bin/env python3
"""Run IR golden tests (*.irt).

    irt_run.py --tool PATH/pyaot-irt [--bless] [FILE | FOLDER]...

A file:

    ; what must happen, and why
    passes: pd
    unverified                      (optional: run the tool with -n)
    === input
    fn "f" ...
    === expect
    fn "f" ...                      or one line "error: ..."

Comments and blank lines in the parts are free.  --bless writes what the tool
says into the files' expect parts; say why in the commit message.
"""
import argparse
import difflib
import pathlib
import subprocess
import sys


def lines_of(text):
    return [line.rstrip() for line in text.splitlines()
            if line.strip() and not line.lstrip().startswith(";")]


class Golden:
    def __init__(self, path):
        self.path = path
        text = path.read_text()
        try:
            head, rest = text.split("=== input\n", 1)
            self.input, self.expect = rest.split("=== expect\n", 1)
        except ValueError:
            sys.exit(f"{path}: needs '=== input' and '=== expect'")
        self.before = head + "=== input\n" + self.input + "=== expect\n"
        self.passes, self.options = None, []
        for line in lines_of(head):
            if line.startswith("passes:"):
                self.passes = line.split(":", 1)[1].strip()
            elif line == "unverified":
                self.options.append("-n")
            else:
                sys.exit(f"{path}: unknown line: {line}")
        if self.passes is None:
            sys.exit(f"{path}: needs 'passes:'")

    def run(self, tool):
        done = subprocess.run([tool, *self.options, self.passes],
                              input=self.input, text=True, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode not in (0, 1):
            return f"status {done.returncode}\n{done.stderr}"
        return done.stdout

    def bless(self, got):
        self.path.write_text(self.before + got)

    def difference(self, got):
        # "; needs frame" is a comment of the tool that matters.
        want = [l for l in self.expect.splitlines() if l.strip()
                and (not l.lstrip().startswith(";") or "needs frame" in l)]
        have = [l.rstrip() for l in got.splitlines() if l.strip()]
        want = [l.rstrip() for l in want]
        if want == have:
            return ""
        return "\n".join(difflib.unified_diff(want, have, "expected", "got",
                                              lineterm="", n=3))


def main():
    parser = argparse.ArgumentParser(description="run IR golden tests")
    parser.add_argument("--tool", required=True)
    parser.add_argument("--bless", action="store_true")
    parser.add_argument("paths", nargs="*", default=[])
    args = parser.parse_args()
    folder = pathlib.Path(__file__).resolve().parent.parent / "ir"
    files = []
    for path in map(pathlib.Path, args.paths or [folder]):
        files += sorted(path.glob("*.irt")) if path.is_dir() else [path]
    if not files:
        sys.exit("no *.irt files")
    failed = 0
    for path in files:
        golden = Golden(path)
        got = golden.run(args.tool)
        difference = golden.difference(got)
        if difference and args.bless:
            golden.bless(got)
            print(f"blessed {path.name}")
        elif difference:
            failed += 1
            print(f"FAILED {path.name}\n{difference}\n")
    print(f"{len(files) - failed} of {len(files)} passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
