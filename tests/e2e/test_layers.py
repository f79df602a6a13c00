"""Who may include what: the rooms depend on each other in one direction."""

import os
import re
import unittest

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


def sources():
    for room in ROOMS:
        for folder, _, names in os.walk(os.path.join(ROOT, room)):
            for name in names:
                if name.endswith((".c", ".h")):
                    path = os.path.join(folder, name)
                    with open(path, encoding="utf-8") as file:
                        yield room, os.path.relpath(path, ROOT), file.read()


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
