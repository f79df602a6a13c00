#!/usr/bin/env python3
"""Independent decoder of pyaot's cache, written from cache/FORMAT.md alone.

    cache_decode.py DIR [--json] [--exits] [--extract UNIT FILE]

Checks every rule the format states and prints what is inside; exits 1 with
one line on the first thing that is wrong. Standard library only: XXH3 is
implemented here; payloads are unpacked by the zstd command if it is there.
"""

import json
import os
import shutil
import struct
import subprocess
import sys

HEADER = 256
MASK = (1 << 64) - 1

# XXH3 (the published algorithm, inputs longer than 240 bytes only: every
# file of the format is longer).
SECRET = bytes.fromhex(
    "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f"
    "cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c"
    "3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8"
    "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364"
    "eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e"
    "2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e")
P32_1, P32_2, P32_3 = 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D
P64_1, P64_2, P64_3 = (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F,
                       0x165667B19E3779F9)
P64_4, P64_5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5


def read64(data, at):
    return int.from_bytes(data[at:at + 8], "little")


def accumulate(acc, data, at, key_at):
    for i in range(8):
        value = read64(data, at + 8 * i)
        key = value ^ read64(SECRET, key_at + 8 * i)
        acc[i ^ 1] = (acc[i ^ 1] + value) & MASK
        acc[i] = (acc[i] + (key & 0xFFFFFFFF) * (key >> 32)) & MASK


def scramble(acc):
    for i in range(8):
        value = acc[i] ^ (acc[i] >> 47) ^ read64(SECRET, 128 + 8 * i)
        acc[i] = (value * P32_1) & MASK


def merge(acc, key_at, start):
    result = start
    for i in range(4):
        product = ((acc[2 * i] ^ read64(SECRET, key_at + 16 * i))
                   * (acc[2 * i + 1] ^ read64(SECRET, key_at + 16 * i + 8)))
        result += (product & MASK) ^ (product >> 64)
    result &= MASK
    result ^= result >> 37
    result = (result * 0x165667919E3779F9) & MASK
    return result ^ (result >> 32)


def xxh3_128(data):
    """The canonical 16 bytes of XXH3-128, seed 0."""
    length = len(data)
    if length <= 240:
        raise Wrong("too short to be a file of the cache")
    acc = [P32_3, P64_1, P64_2, P64_3, P64_4, P32_2, P64_5, P32_1]
    blocks = (length - 1) // 1024
    for block in range(blocks):
        for stripe in range(16):
            accumulate(acc, data, block * 1024 + stripe * 64, stripe * 8)
        scramble(acc)
    for stripe in range((length - 1 - blocks * 1024) // 64):
        accumulate(acc, data, blocks * 1024 + stripe * 64, stripe * 8)
    accumulate(acc, data, length - 64, 192 - 64 - 7)
    low = merge(acc, 11, (length * P64_1) & MASK)
    high = merge(acc, 192 - 64 - 11, ~(length * P64_2) & MASK)
    return high.to_bytes(8, "big") + low.to_bytes(8, "big")


REGION_KINDS = {1: "entry", 2: "resume", 4: "back-edge"}


class Wrong(Exception):
    """The cache breaks a rule of the format."""


def check(condition, text):
    if not condition:
        raise Wrong(text)


def zero_padded(raw, what):
    text, _, rest = raw.partition(b"\0")
    check(not rest.strip(b"\0"), f"{what} is not zero-padded")
    return text.decode()


def check_frame(data, name, magic):
    """Magic, version, sizes and hash: rules 1 to 4."""
    check(len(data) > HEADER + 16, f"{name} is too short")
    check(data[:8] == magic, f"{name} has the wrong magic")
    version, header, size = struct.unpack_from("<IIQ", data, 8)
    check(version == 5, f"{name} has version {version}")
    check(header == HEADER, f"{name} has a header of {header} bytes")
    check(size == len(data), f"{name} says {size} bytes, has {len(data)}")
    check(xxh3_128(data[:-16]) == data[-16:], f"{name} has the wrong hash")


def read(folder, name):
    try:
        with open(os.path.join(folder, name), "rb") as file:
            return file.read()
    except OSError as error:
        raise Wrong(f"{name}: {error.strerror}") from None


def text_at(strings, offset):
    check(offset < len(strings), "a text lies outside the strings")
    return strings[offset:strings.index(b"\0", offset)].decode()


def decode_index(data):
    check_frame(data, "index.pyaot", b"PYAOTIDX")
    (abi_hash, cpu_level, n_units, n_codes, dir_bits, units_at, codes_at,
     dir_at, strings_at, strings_size, n_regions) = struct.unpack_from(
         "<Q10I", data, 24)
    regions_at, = struct.unpack_from("<I", data, 168)
    check(1 <= dir_bits <= 24, "dir_bits out of range")
    check(units_at == HEADER, "units_offset")
    check(codes_at == units_at + 64 * n_units, "codes_offset")
    check(regions_at == codes_at + 48 * n_codes, "regions_offset")
    check(dir_at == regions_at + 12 * n_regions, "dir_offset")
    check(strings_at == dir_at + 4 * ((1 << dir_bits) + 1), "strings_offset")
    check(strings_at + strings_size + 16 == len(data), "strings_bytes")
    check(not data[172:256].strip(b"\0"), "reserved bytes are not zero")
    strings = data[strings_at:strings_at + strings_size]
    check(strings[:1] == b"\0" and strings[-1:] == b"\0", "strings")
    units = []
    for number in range(n_units):
        at = units_at + 64 * number
        size, object_size, module, source, codes, regions = (
            struct.unpack_from("<QQ4I", data, at + 32))
        units.append({
            "file_hash": data[at:at + 16].hex(),
            "input_hash": data[at + 16:at + 32].hex(),
            "file_bytes": size, "object_bytes": object_size,
            "module": text_at(strings, module),
            "source": text_at(strings, source),
            "n_codes": codes, "n_regions": regions,
        })
    codes = []
    for number in range(n_codes):
        at = codes_at + 48 * number
        unit, qualname, line, regions, first, flags = struct.unpack_from(
            "<6I", data, at + 24)
        check(first == sum(code["n_regions"] for code in codes),
              "regions of a code")
        check(flags < 2, "flags of a code")
        check(unit < n_units, "a code names no unit")
        codes.append({
            "filter": struct.unpack_from("<Q", data, at)[0],
            "key": data[at + 8:at + 24].hex(), "unit": unit,
            "qualname": text_at(strings, qualname), "firstlineno": line,
            "flags": flags,
            "n_regions": regions,
            "regions": decode_regions(data, regions_at + 12 * first, regions),
        })
    check(n_regions == sum(code["n_regions"] for code in codes), "n_regions")
    check_order(units, codes)
    directory = struct.unpack_from(f"<{(1 << dir_bits) + 1}I", data, dir_at)
    check_directory(directory, dir_bits, codes)
    return {
        "abi": zero_padded(data[72:136], "abi"),
        "producer": zero_padded(data[136:168], "producer"),
        "abi_hash": f"{abi_hash:016x}", "cpu_level": cpu_level,
        "index_bytes": len(data), "units": units, "codes": codes,
    }


def decode_regions(data, at, count):
    regions = []
    for offset, n_stack, kind, flags, gain, loss in struct.iter_unpack(
            "<IHBBHH", data[at:at + 12 * count]):
        check(kind in REGION_KINDS and flags < 4
              and (kind == 1 or flags & 1 == 0), "a region")
        regions.append({"offset": offset, "n_stack": n_stack,
                        "kind": REGION_KINDS[kind], "flags": flags,
                        "gain": gain, "loss": loss})
    return regions


def check_order(units, codes):
    keys = [(unit["module"].encode(), unit["source"].encode(),
             unit["input_hash"]) for unit in units]
    check(keys == sorted(keys), "units are not sorted")
    keys = [(code["filter"], code["key"], code["unit"]) for code in codes]
    check(keys == sorted(keys), "codes are not sorted")
    for number, unit in enumerate(units):
        own = [code for code in codes if code["unit"] == number]
        check(len(own) == unit["n_codes"], "n_codes of a unit")
        check(sum(code["n_regions"] for code in own) == unit["n_regions"],
              "n_regions of a unit")


def check_directory(directory, bits, codes):
    tops = [code["filter"] >> (64 - bits) for code in codes]
    position = 0
    for slot, entry in enumerate(directory):
        while position < len(tops) and tops[position] < slot:
            position += 1
        check(entry == position, f"directory entry {slot}")


def decode_unit(folder, unit, index):
    """Check a unit file; its object as bytes, or None without zstd."""
    name = f"unit-{unit['file_hash']}.pyaot"
    data = read(folder, name)
    check_frame(data, name, b"PYAOTUNI")
    check(data[-16:].hex() == unit["file_hash"], f"{name}: another hash")
    check(len(data) == unit["file_bytes"], f"{name}: another size")
    abi_hash, cpu_level, compression, object_size = struct.unpack_from(
        "<QIIQ", data, 24)
    check(f"{abi_hash:016x}" == index["abi_hash"], f"{name}: abi_hash")
    check(cpu_level == index["cpu_level"], f"{name}: cpu_level")
    check(compression == 1, f"{name}: compression")
    check(object_size == unit["object_bytes"], f"{name}: object_bytes")
    check(data[48:64].hex() == unit["input_hash"], f"{name}: input_hash")
    check(zero_padded(data[64:128], "abi") == index["abi"], f"{name}: abi")
    exits_size, = struct.unpack_from("<Q", data, 128)
    check(exits_size < object_size, f"{name}: exits_bytes")
    check(not data[136:256].strip(b"\0"), f"{name}: reserved bytes")
    payload = data[HEADER:-16]
    check(payload[:4] == b"\x28\xb5\x2f\xfd", f"{name}: no zstd frame")
    if shutil.which("zstd") is None:
        return None
    result = subprocess.run(["zstd", "-dcq"], input=payload,
                            capture_output=True, check=False)
    check(result.returncode == 0, f"{name}: does not unpack")
    check(len(result.stdout) == object_size, f"{name}: unpacked size")
    check_image(folder, unit["file_hash"], result.stdout)
    table = decode_exits(result.stdout[object_size - exits_size:], name)
    check(len(table["codes"]) == unit["n_codes"], f"{name}: codes of exits")
    unit["exits"] = table
    return result.stdout[:object_size - exits_size]


# ---- exits ----

CELL_NAMES = ("null", "obj", "i64", "f64", "bool", "const", "dup", "dyn",
              "range", "listit", "tupit", "strit", "enum", "complex", "zip",
              "tuple", "rangeobj", "slice", "take", "release", "release_later")
CELL_VALUES = (0, 1, 1, 1, 1, 0, 0, 2, 3, 2, 2, 2, 3, 2, 3, 0, 0, 0, 1, 1, 1)
ACTIONS = ("leave", "raise", "call", "init")


class Bytes:
    """Numbers of seven bits a byte."""

    def __init__(self, data, at=0):
        self.data = data
        self.at = at

    def byte(self):
        check(self.at < len(self.data), "exits end too early")
        self.at += 1
        return self.data[self.at - 1]

    def number(self):
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def signed(self):
        value = self.number()
        return -(value >> 1) - 1 if value & 1 else value >> 1


def decode_place(data, symbols):
    """Where a value is, as text."""
    first = data.byte()
    kind, number = first & 7, first >> 3
    if kind == 0:
        return f"r{number}"
    if kind == 1:
        return f"v{number}"
    if kind == 2:
        return f"[r{number}{data.signed():+}]"
    if kind == 3:
        index = data.number()
        return (f"[r{number}+(r{index >> 3}<<{index & 7})"
                f"{data.signed():+}]")
    if kind == 4:
        return str(data.signed())
    if kind == 5:
        raw = bytes(data.byte() for _ in range(8))
        return repr(struct.unpack("<d", raw)[0])
    check(kind == 6, "a place of an unknown kind")
    return symbols[data.number()]


def decode_shape(shapes, place, top):
    """(cells, values they take)."""
    data = Bytes(shapes, place)
    cells, n_values = [], 0
    n_parts = made = 0
    in_frame = False
    for _ in range(data.number()):
        byte = data.byte()
        kind = byte & 31
        check(kind < len(CELL_NAMES) and byte < 128, "a cell's kind")
        cell = {"kind": CELL_NAMES[kind]}
        if kind < 19:
            cell["cell"] = data.number()
        if kind in (5, 6, 15, 16, 17) or byte & 64:
            cell["aux"] = data.number()
        if cell.get("cell", 0) >= top:
            cell["part"] = cell["cell"] - top
            n_parts = n_parts or cell["part"] + 1
            made += 1
            check(cell["part"] == n_parts - made and byte < 32
                  and not in_frame, "the order of parts")
        elif kind < 19:
            in_frame = True
            check(made == n_parts, "a part that is not made")
        if cell["kind"] in ("tuple", "rangeobj", "slice"):
            n, first = cell["aux"] & 15, cell["aux"] >> 4
            check(n > 0 and (n == 3 or cell["kind"] == "tuple")
                  and first + n <= n_parts
                  and first > cell.get("part", -1), "the parts of a cell")
            cell["parts"] = list(range(first, first + n))
        cell["live"] = bool(byte & 32)
        cell["param"] = bool(byte & 64)
        cells.append(cell)
        n_values += CELL_VALUES[kind]
    return cells, n_values


def decode_record(data, shapes, symbols):
    how, n_frames, unit, after = (data.number() for _ in range(4))
    check(how < 32 and n_frames > 0, "an exit's head")
    expected = 3 + (how & 3 >= 2)
    frames = []
    for number in range(n_frames):
        who, row, top, shape = (data.number() for _ in range(4))
        check((who == 0) == (number == n_frames - 1), "an exit's frames")
        cells, n_values = decode_shape(shapes, shape, top)
        expected += n_values + (who != 0)
        frames.append({"who": who, "row": row, "top": top, "cells": cells})
    n_values = data.number()
    check(n_values == expected, "an exit's values")
    return {"action": ACTIONS[how & 3], "framed": bool(how & 4),
            "on_frame": bool(how & 8), "exact": bool(how & 16),
            "unit": unit - 1, "after": after, "frames": frames,
            "values": [decode_place(data, symbols) for _ in range(n_values)]}


def decode_exits(data, name):
    """The exit table of a unit."""
    check(len(data) >= 32, f"{name}: exits are cut off")
    (n_codes, n_rows, n_points, n_symbols, n_reasons, max_values, n_shapes,
     n_records) = struct.unpack_from("<8I", data)
    at = 32
    codes = [dict(zip(("first_row", "n_rows", "n_locals"),
                      struct.unpack_from("<3I", data, at + 12 * i)))
             for i in range(n_codes)]
    at += 12 * n_codes
    rows = [dict(zip(("offset", "resume", "n_stack", "kind", "reason"),
                     struct.unpack_from("<IIHBB", data, at + 12 * i)))
            for i in range(n_rows)]
    at += 12 * n_rows
    points = [struct.unpack_from("<II", data, at + 8 * i)
              for i in range(n_points)]
    at += 8 * n_points
    shapes = data[at:at + n_shapes]
    records = data[at + n_shapes:at + n_shapes + n_records]
    check(len(shapes) == n_shapes and len(records) == n_records,
          f"{name}: exits are cut off")
    texts = data[at + n_shapes + n_records:].split(b"\0")
    check(texts.pop() == b"" and len(texts) == n_symbols + n_reasons,
          f"{name}: texts of exits")
    texts = [text.decode() for text in texts]
    check(points == sorted(points)
          and len({address for address, _ in points}) == n_points,
          f"{name}: exits are not sorted")
    check(sum(code["n_rows"] for code in codes) == n_rows
          and all(code["first_row"] == sum(c["n_rows"] for c in codes[:i])
                  for i, code in enumerate(codes)), f"{name}: rows of exits")
    for row in rows:
        check(row["reason"] < n_reasons, f"{name}: a reason")
        row["reason"] = texts[n_symbols + row["reason"]]
    exits = []
    for address, record in points:
        exits.append(decode_record(Bytes(records, record), shapes,
                                   texts[:n_symbols]))
        exits[-1]["address"] = address
        check(len(exits[-1]["values"]) <= max_values, f"{name}: max_values")
    return {"codes": codes, "rows": rows, "exits": exits, "bytes": len(data)}


def print_exits(unit):
    for leaving in unit["exits"]["exits"]:
        flags = [flag for flag in ("framed", "on_frame", "exact")
                 if leaving[flag]]
        print(f"  exit at {leaving['address']:#x}: {leaving['action']} "
              f"{' '.join(flags)} unit {leaving['unit']} "
              f"after {leaving['after']} inst {leaving['values'][0]} "
              f"of {leaving['values'][1]} turns {leaving['values'][2]}")
        values = iter(leaving["values"][3:])
        if leaving["action"] in ("call", "init"):
            print(f"    status {next(values)}")
        for frame in leaving["frames"]:
            function = f" of {next(values)}" if frame["who"] else ""
            print(f"    frame{function}: row {frame['row']}, "
                  f"{frame['top']} cells")
            for cell in frame["cells"]:
                n = CELL_VALUES[CELL_NAMES.index(cell["kind"])]
                where = ", ".join(next(values) for _ in range(n))
                aux = f" ({cell['aux']})" if "aux" in cell else ""
                live = " live" if cell["live"] else ""
                print(f"      {cell.get('cell', '-')}: {cell['kind']}{aux}"
                      f"{live} {where}")


def check_image(folder, file_hash, unpacked):
    """The image of a unit, if it has one, is what the unit unpacks to."""
    name = f"image-{file_hash}.pyaot"
    if os.path.exists(os.path.join(folder, name)):
        data = read(folder, name)
        check(data[:-32] == unpacked, f"{name}: not what its unit is")
        check(data[-32:-16].hex() == file_hash, f"{name}: of another unit")
        check(data[-16:] == xxh3_128(data[:-16]), f"{name}: hash")


def decode(folder):
    """Check the cache in folder: (index as a dictionary, list of objects)."""
    index = decode_index(read(folder, "index.pyaot"))
    objects = [decode_unit(folder, unit, index) for unit in index["units"]]
    return index, objects


def main(arguments):
    if not arguments or arguments[0].startswith("-"):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    folder, *options = arguments
    try:
        index, objects = decode(folder)
    except Wrong as error:
        print(f"{folder}: {error}", file=sys.stderr)
        return 1
    if options[:1] == ["--extract"]:
        with open(options[2], "wb") as file:
            file.write(objects[int(options[1])])
    elif options == ["--json"]:
        print(json.dumps(index, indent=1))
    else:
        print(f"{index['abi']} x86-64-v{index['cpu_level']} "
              f"{index['producer']}")
        for number, unit in enumerate(index["units"]):
            print(f"unit {number}: {unit['module']} ({unit['source']}) "
                  f"{unit['n_codes']} code objects, {unit['n_regions']} "
                  f"superblocks, {unit['file_bytes']} bytes")
            if options == ["--exits"] and "exits" in unit:
                print_exits(unit)
        for code in index["codes"]:
            print(f"  {code['key']} {code['qualname']}:"
                  f"{code['firstlineno']} unit {code['unit']}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
