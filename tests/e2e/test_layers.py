"""Who may include what: the rooms depend on each other in one direction."""

import collections
import glob
import os
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "tools"))
import harness  # noqa: E402  (needs the path above)

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
ROOMS = ("cache", "profiler", "aot", "loader", "cli")
# What a room must not include from.
FORBIDDEN = {
    "cache": ("profiler", "aot", "loader", "cli"),
    "profiler": ("aot", "loader", "cli"),
    "aot": ("loader", "cli", "profiler/module"),
    "loader": ("aot", "profiler", "cli"),
    "cli": ("loader", "profiler/module"),
}
PYTHON_H = ("cache/pycode/", "cache/abi/", "profiler/module/", "loader/")
INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]', re.MULTILINE)


def sources(endings=(".c", ".h")):
    for room in ROOMS:
        for folder, _, names in os.walk(os.path.join(ROOT, room)):
            for name in names:
                if name.endswith(endings):
                    path = os.path.join(folder, name)
                    with open(path, encoding="utf-8") as file:
                        yield room, os.path.relpath(path, ROOT), file.read()


def symbols(path):
    """Names that an object file defines for others, and those it takes."""
    lines = subprocess.run(["nm", path], check=True, capture_output=True,
                           text=True).stdout.splitlines()
    rows = [line.split()[-2:] for line in lines]
    return ({name for kind, name in rows if kind in "TDBRVW"},
            {name for kind, name in rows if kind == "U"})


def uses(objects):
    """{file: the others of these object files whose names it takes}."""
    tables = {os.path.basename(path).split(".")[0]: symbols(path)
              for path in objects}
    home = {name: file for file, (defined, _) in tables.items()
            for name in defined}
    return {file: {home[name] for name in taken if name in home} - {file}
            for file, (_, taken) in tables.items()}


def circles(graph):
    """Groups of files each of which leads to all others of its group."""
    reached = {}
    for start in graph:
        seen, waiting = set(), collections.deque(graph[start])
        while waiting:
            file = waiting.popleft()
            if file not in seen:
                seen.add(file)
                waiting.extend(graph[file])
        reached[start] = seen
    return sorted({tuple(sorted(b for b in reached[a] if a in reached[b]))
                   for a in graph} - {()})


# ---- what only a minor's own files may know --------------------------------------

OPCODE = re.compile(r"^OPCODE\((\w+),", re.MULTILINE)
OF_A_MINOR = re.compile(r"^cache/bytecode/|_3\d\d\.(c|h|def)$")
# Rows of the compiler's own operations and builtins have names of their own; of
# costs.def the canonical instructions'.
OWN_NAMES = ("aot/ir/", "aot/front/builtins.def", "aot/costs.def")
# In code: instructions as they lie in memory, and what is known of them.
UNITS = re.compile(
    r"\bop\.(?:code|arg)\b|\boparg\b|\b_PyOpcode_\w+|\bINLINE_CACHE_ENTRIES\w*"
    r"|\b_Py\w+Cache\b|\bEXTENDED_ARG\b|\bRESUME_OPARG_\w+"
    r"|(?:->|\.)arg\s*(?:>>|&|/|%)|\bopcode(?:_ids)?\.h\b|\bpycore_opcode\w*\.h\b"
    r"|(?:->|\.)[ab]\s*(?:>>|&\s*(?:0x)?\d|%)")
# Everywhere, texts that native code is made of included.
FRAME = re.compile(
    r"(?:->|\.)(?:f_executable|f_funcobj|instr_ptr|localsplus|stacktop|frame_obj"
    r"|return_offset)\b"
    r"|\bfr(?:ame)?(?:->|\.)(?:previous|owner|f_globals|f_builtins|f_locals)\b"
    r"|\b_PyInterpreterFrame_\w+")
COMMENT_OR_TEXT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.DOTALL)
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)


def opcode_names():
    names = {"EXTENDED_ARG"}
    for minor in ("313", "314"):
        with open(os.path.join(ROOT, f"cache/bytecode/bytecode_{minor}.def"),
                  encoding="utf-8") as file:
            names.update(OPCODE.findall(file.read()))
    return re.compile(r"\b(?:" + "|".join(sorted(names)) + r")\b")


def known_of_a_minor(path, text, opcodes):
    """What this file knows of bytecode or frames, which it should not."""
    if OF_A_MINOR.search(path):
        return []
    includes = "\n".join(INCLUDE.findall(text))
    code = COMMENT_OR_TEXT.sub(" ", text)
    found = UNITS.findall(code + "\n" + includes)
    found += FRAME.findall(COMMENT.sub(" ", text))
    if not path.startswith(OWN_NAMES):
        found += opcodes.findall(code)
    return [f"{path}: {word}" for word in found]


class Circles(unittest.TestCase):
    """Which file of a folder calls which, from the object files."""

    def test_the_host_has_none(self):
        build = os.path.dirname(os.path.dirname(harness.find_pyaot()))
        objects = glob.glob(os.path.join(
            build, "loader", "CMakeFiles", "_pyaot_loader.dir", "host",
            "*.o"))
        graph = uses(objects)
        files = glob.glob(os.path.join(ROOT, "loader", "host", "*.c"))
        self.assertEqual({os.path.basename(path)[:-2] for path in files},
                         set(graph))
        self.assertIn("settle", graph["executors"])
        self.assertEqual([], circles(graph))

    def test_one_is_found(self):
        """Three files in a circle, one of which is in data; a fourth that only
        uses them is not part of it."""
        texts = {
            "a": "int b(void); int a(void) { return b(); }",
            "b": "extern int (*const table[])(void);"
                 "int b(void) { return table[0](); }",
            "c": "int a(void); int (*const table[])(void) = {a};",
            "d": "int a(void); int d(void) { return a(); }"}
        with tempfile.TemporaryDirectory() as folder:
            for name, text in texts.items():
                path = os.path.join(folder, name)
                with open(path + ".c", "w", encoding="utf-8") as file:
                    file.write(text)
                subprocess.run([os.environ.get("CC", "cc"), "-c", "-O2", "-o",
                                path + ".c.o", path + ".c"], check=True)
            graph = uses(glob.glob(os.path.join(folder, "*.o")))
        self.assertEqual([("a", "b", "c")], circles(graph))


class Layers(unittest.TestCase):
    def test_includes(self):
        wrong = []
        for room, path, text in sources():
            folder = os.path.dirname(os.path.join(ROOT, path))
            for name in INCLUDE.findall(text):
                for base in (folder, ROOT):
                    target = os.path.normpath(os.path.join(base, name))
                    if os.path.exists(target):
                        target = os.path.relpath(target, ROOT)
                        break
                else:
                    continue
                if target.startswith(tuple(f + "/" for f in FORBIDDEN[room])):
                    wrong.append(f"{path} includes {target}")
        self.assertEqual([], wrong)

    def test_bytecode_and_frames_are_known_in_files_of_a_minor(self):
        opcodes, wrong = opcode_names(), []
        for _, path, text in sources((".c", ".h", ".def")):
            wrong += known_of_a_minor(path, text, opcodes)
        self.assertEqual([], wrong)

    def test_what_is_known_of_a_minor_is_found(self):
        opcodes = opcode_names()
        for text in ("if (op == LOAD_FAST) {", "case JUMP_BACKWARD:",
                     "unit->op.code", "unit.op.arg & 1", "ins->arg >> 1",
                     "instr->a & 1", "x = b->ins->a >> 4;", "ins->b % 13",
                     "_PyOpcode_Caches[op]", "INLINE_CACHE_ENTRIES_SEND",
                     '#include "opcode_ids.h"',
                     "#include <internal/pycore_opcode_metadata.h>",
                     "sizeof(_PyCallCache)", "frame->localsplus[0]",
                     "frame->previous", "frame->owner == 3",
                     "s->pass.frame->f_executable",
                     'OUT("fr->instr_ptr = in->units;");',
                     "_PyInterpreterFrame_LASTI(frame)"):
            with self.subTest(text):
                for path in ("aot/front/build.c", "profiler/module/listen.c",
                             "loader/exit.c", "cache/abi/pyaot_native.h"):
                    self.assertTrue(known_of_a_minor(path, text, opcodes))
        for text in ("/* LOAD_FAST */", "case BC_LOAD_CONST:", "x & 1",
                     'puts("RESUME");', "inst->owner", "IR_PYOP_CALL_KW",
                     "PYAOT_OPTIMIZE_RESUME_AFTER_YIELD"):
            with self.subTest(text):
                self.assertEqual([], known_of_a_minor("loader/exit.c", text,
                                                      opcodes))
        self.assertEqual([], known_of_a_minor("loader/cpython/cpython_313.c",
                                              "case JUMP_BACKWARD:", opcodes))

    def test_python_h(self):
        wrong = [path for _, path, text in sources()
                 if not path.startswith(PYTHON_H)
                 and ("Python.h" in INCLUDE.findall(text))]
        self.assertEqual([], wrong)

    def test_fields_of_instructions_are_read_by_their_meaning(self):
        field = re.compile(r"(->|\.)(imm|aux|fimm)\b")
        wrong = [f"{path}: {line.strip()}" for room, path, text in sources()
                 if room == "aot" and not path.startswith("aot/ir/")
                 for line in text.splitlines()
                 if field.search(line) and "whatever it means" not in line]
        self.assertEqual([], wrong)

    def test_names_of_private_cpython_headers(self):
        wrong = [path for _, path, text in sources()
                 if not path.startswith(("loader/cpython/", "cache/abi/",
                                       "cache/pycode/layout_check.c",
                                       "profiler/module/"))
                 and any("internal/pycore" in name
                         for name in INCLUDE.findall(text))]
        self.assertEqual([], wrong)

    def test_the_loader_is_a_client_of_the_host(self):
        """Events, vectorcalls, slots of CPython's types and executor tables
        are the host's alone, and the loader has no way to them but the public
        table."""
        hosts = ("loader/host/", "loader/cpython/")
        ways = re.compile(r"set_local_events|register_callback|use_tool_id"
                          r"|PyFunction_SetVectorcall|PyCode_AddWatcher"
                          r"|_co_monitoring|co_version|PyGen_Type"
                          r"|\bPy\w+_Type\s*\.\s*tp_\w+\s*=[^=]"
                          r"|->\s*[tns][pbq]_\w+\s*=[^=]")
        wrong = []
        for room, path, text in sources():
            if room != "loader":
                continue
            names = INCLUDE.findall(text)
            if path.startswith("loader/host/"):
                wrong += [f"{path} includes {name}" for name in names
                          if "loader_int.h" in name or "cache/" in name
                          and name != "cache/pycode/hidden_tool.h"]
            elif not path.startswith(hosts):
                wrong += [f"{path} includes {name}" for name in names
                          if "host_int.h" in name]
                wrong += [f"{path} uses {word}"
                          for word in ways.findall(text)]
        self.assertEqual([], wrong)


if __name__ == "__main__":
    unittest.main()
