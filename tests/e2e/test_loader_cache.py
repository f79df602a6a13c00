"""Code objects, globals and units of a cache."""

import os
import shutil
import subprocess
import sys
import textwrap
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "tools"))
from loader_kit import (  # noqa: E402, F401
    BUILD, E2E, LoaderTest, PROGRAM, ROOT, run_python, setUpModule,
    tearDownModule)


# Puts the unit into a cache: DIR UNIT, and on stdin "key filter qualname"
# lines.
WRITER = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cache/code_key.h"
#include "cache/exit_table.h"
#include "cache/pyaot_cache.h"
int main(int argc, char **argv)
{
    const char *abi = "cpython-313-x86_64-linux-gnu";
    static PyaotCacheCodeSpec codes[100];
    static PyaotCacheRegion regions[100][8];
    static char names[100][64];
    PyaotCacheUnitSpec spec = {.module = "prog", .source = "prog.py",
                               .codes = codes};
    char err[PYAOT_ERR_MAX] = "", hex[40];
    unsigned long long filter;
    PyaotCacheWriter *w;
    unsigned n;
    while (argc == 3 && spec.n_codes < 100
           && scanf("%39s %llu %63s %u", hex, &filter,
                    names[spec.n_codes], &n) == 4 && n <= 8) {
        PyaotCacheCodeSpec *c = &codes[spec.n_codes];
        PyaotCacheRegion *r = regions[spec.n_codes];
        c->n_regions = n;
        c->regions = r;
        for (; n > 0; n--, r++) {
            if (scanf("%u %hu %hhu %hhu", &r->offset, &r->n_stack, &r->kind,
                      &r->flags) != 4) return 2;
        }
        PyaotKey key;
        if (!pyaot_key_from_hex(hex, &key)) return 2;
        memcpy(c->key, key.bytes, sizeof c->key);
        c->filter = filter;
        c->qualname = names[spec.n_codes++];
    }
    FILE *f = fopen(argv[2], "rb");
    static uint8_t so[10000000];
    StrBuf exits;
    strbuf_init(&exits, 0);
    size_t len = f ? fread(so, 1, sizeof so, f) : 0;
    if (pyaot_cache_writer_open(argv[1], abi, pyaot_cache_abi_hash(abi), 1,
                                &w, err)
        || pyaot_exits_link(so, &len, &exits, err)
        || pyaot_cache_writer_add_unit(w, &spec, so, len,
                                       (const uint8_t *)exits.data, exits.len,
                                       err)
        || pyaot_cache_writer_commit(w, NULL, err)) {
        fprintf(stderr, "%s\n", err);
        return 1;
    }
    pyaot_cache_writer_close(w);
    return 0;
}
"""
KEYS = r"""
import sys, types, _pyaot_loader as L
L.install()
L.load_unit(sys.argv[2])
with open(sys.argv[1]) as f:
    code = compile(f.read(), sys.argv[1], "exec")
for fn in code.co_consts:
    if isinstance(fn, types.CodeType):
        if regions := L.regions(fn):
            print(L.code_key(fn), L.code_filter(fn), fn.co_qualname,
                  len(regions), *(r[what] for r in regions for what in
                                  ("offset", "n_stack", "kind", "flags")))
"""


class CacheTest(LoaderTest):
    @classmethod
    def setUpClass(cls):
        library = os.path.join(BUILD, "cache", "libpyaot_cache.a")
        if not os.path.exists(library):
            raise unittest.SkipTest("no cache library in the build tree")
        source = os.path.join(cls.work.name, "writer.c")
        writer = os.path.join(cls.work.name, "writer")
        with open(source, "w") as f:
            f.write(WRITER)
        subprocess.run([os.environ.get("CC", "cc"), "-I", ROOT, source,
                        library, "-lzstd", "-o", writer], check=True)
        cls.cache = os.path.join(cls.work.name, "cache")
        cls.writer = writer
        cls.codes = run_python(KEYS, PROGRAM, cls.unit).stdout
        subprocess.run([writer, cls.cache, cls.unit], check=True, text=True,
                       input=cls.codes)

    def run_app(self, text, cache=None, **env):
        script = "import sys, _pyaot_loader as L\nok = L.install()\n" \
            f"sys.path.insert(0, {E2E!r})\n" \
            "import loader_prog as p\n" + textwrap.dedent(text)
        env.setdefault("PYTHONDONTWRITEBYTECODE", "1")
        return run_python(script, env={"PYAOT_CACHE": cache or self.cache,
                                       **env})

    def test_matched(self):
        self.run_app("""
            assert ok
            assert p.depth(50) == 50 and p.spin(1000) == 1000
            s = L.stats()
            assert s["code_matched"] == 13, s
            assert 12 <= s["code_candidates"] < s["code_seen"], s
            assert L.regions(p.depth.__code__)[0]["entries"] == 1
            assert L.regions(p.spin.__code__)[0]["entries"] >= 1
        """)

    def test_unit_is_read_when_entered(self):
        copy = os.path.join(self.work.name, "taken away")
        shutil.copytree(self.cache, copy)
        self.run_app(f"""
            import os
            assert L.stats()["code_matched"] == 13
            assert L.stats()["executors_registered"] >= 13
            for name in os.listdir({copy!r}):
                os.remove(os.path.join({copy!r}, name))
            assert p.depth(50) == 50 and p.spin(1000) == 1000
            s = L.stats()
            assert s["code_matched"] == s["executors_registered"] == 0, s
            assert s["executors_entered"] == 0 and s["refused"], s
            assert all(r["off"] for r in L.regions(p.spin.__code__))
            def again(): return 1
            assert p.depth(50) == 50 and again() == 1
        """, cache=copy)

    def test_index_and_unit_disagree(self):
        cache = os.path.join(self.work.name, "disagrees")
        lines = [line.split() for line in self.codes.splitlines()]
        for words in lines:
            for at in range(5, len(words), 4):      # n_stack
                words[at] = str(int(words[at]) + 1)
        subprocess.run([self.writer, cache, self.unit], check=True, text=True,
                       input="".join(" ".join(w) + "\n" for w in lines))
        self.run_app("""
            before = L.stats()["code_matched"]
            assert before > 0
            assert p.depth(50) == 50 and p.spin(1000) == 1000
            s = L.stats()
            assert s["code_matched"] < before, s
            assert s["executors_entered"] == 0, s
            assert "unit disagrees with its index" in s["refused"], s
        """, cache=cache)

    def test_without_memory_files(self):
        # a private temporary file serves where memory files are forbidden
        source = os.path.join(self.work.name, "forbid.c")
        shim = os.path.join(self.work.name, "forbid.so")
        with open(source, "w") as f:
            f.write("int memfd_create(const char *n, unsigned f)"
                    "{ (void)n; (void)f; return -1; }\n")
        subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC",
                        source, "-o", shim], check=True)
        directory = os.path.join(self.work.name, "tmp")
        os.mkdir(directory)
        bare = os.path.join(self.work.name, "bare")
        shutil.copytree(self.cache, bare,
                        ignore=shutil.ignore_patterns("image-*"))
        self.run_app("""
            import os
            assert p.depth(50) == 50
            assert L.stats()["code_matched"] == 13
            assert os.listdir(os.environ["TMPDIR"]) == []
        """, cache=bare, LD_PRELOAD=shim, TMPDIR=directory)
        gone = os.path.join(directory, "gone")
        self.run_app("""
            assert p.depth(50) == 50
            assert L.stats()["code_matched"] == 0
            assert L.stats()["refused"]
        """, cache=bare, LD_PRELOAD=shim, TMPDIR=gone)
        # an image needs neither
        self.run_app("""
            assert p.depth(50) == 50
            assert L.stats()["code_matched"] == 13
        """, LD_PRELOAD=shim, TMPDIR=gone)

    def test_damaged(self):
        for name in sorted(os.listdir(self.cache)):
            path = os.path.join(self.cache, name)
            if not os.path.isfile(path) or os.path.getsize(path) == 0:
                continue
            for what in "cut", "flip", "gone", "empty", "open":
                copy = os.path.join(self.work.name, "copy")
                shutil.rmtree(copy, ignore_errors=True)
                shutil.copytree(self.cache, copy)
                target = os.path.join(copy, name)
                with open(target, "rb") as f:
                    data = bytearray(f.read())
                if what == "gone":
                    os.remove(target)
                elif what == "open":
                    os.chmod(target, 0o666)
                else:
                    if what == "flip":
                        data[len(data) // 2] ^= 4
                    cut = {"cut": len(data) // 2, "empty": 0,
                           "flip": len(data)}[what]
                    with open(target, "wb") as f:
                        f.write(data[:cut])
                # without an image the unit is unpacked
                matched = 13 if name.startswith("image-") else 0
                with self.subTest(file=name, what=what):
                    done = self.run_app(f"""
                        assert p.depth(50) == 50 and p.spin(1000) == 1000
                        assert L.stats()["code_matched"] == {matched}
                    """, cache=copy)
                    self.assertEqual(done.stdout + done.stderr, "")
                    done = self.run_app("p.depth(5)", cache=copy,
                                        PYAOT_VERBOSE="1")
                    self.assertIn("pyaot[", done.stderr)


if __name__ == "__main__":
    unittest.main()
