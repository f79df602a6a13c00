#!/usr/bin/env python3
"""Independent decoder of pyaot's cache, written from cache/FORMAT.md alone.

    cache_decode.py DIR [--json] [--extract UNIT FILE]

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
    check(version == 1, f"{name} has version {version}")
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
     dir_at, strings_at, strings_size, reserved) = struct.unpack_from(
         "<Q10I", data, 24)
    check(1 <= dir_bits <= 24, "dir_bits out of range")
    check(units_at == HEADER, "units_offset")
    check(codes_at == units_at + 64 * n_units, "codes_offset")
    check(dir_at == codes_at + 40 * n_codes, "dir_offset")
    check(strings_at == dir_at + 4 * ((1 << dir_bits) + 1), "strings_offset")
    check(strings_at + strings_size + 16 == len(data), "strings_bytes")
    check(reserved == 0 and not data[168:256].strip(b"\0"),
          "reserved bytes are not zero")
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
        at = codes_at + 40 * number
        unit, qualname, line, regions = struct.unpack_from("<4I", data,
                                                           at + 24)
        check(unit < n_units, "a code names no unit")
        codes.append({
            "filter": struct.unpack_from("<Q", data, at)[0],
            "key": data[at + 8:at + 24].hex(), "unit": unit,
            "qualname": text_at(strings, qualname), "firstlineno": line,
            "n_regions": regions,
        })
    check_order(units, codes)
    directory = struct.unpack_from(f"<{(1 << dir_bits) + 1}I", data, dir_at)
    check_directory(directory, dir_bits, codes)
    return {
        "abi": zero_padded(data[72:136], "abi"),
        "producer": zero_padded(data[136:168], "producer"),
        "abi_hash": f"{abi_hash:016x}", "cpu_level": cpu_level,
        "index_bytes": len(data), "units": units, "codes": codes,
    }


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
    check(not data[128:256].strip(b"\0"), f"{name}: reserved bytes")
    payload = data[HEADER:-16]
    check(payload[:4] == b"\x28\xb5\x2f\xfd", f"{name}: no zstd frame")
    if shutil.which("zstd") is None:
        return None
    result = subprocess.run(["zstd", "-dcq"], input=payload,
                            capture_output=True, check=False)
    check(result.returncode == 0, f"{name}: does not unpack")
    check(len(result.stdout) == object_size, f"{name}: unpacked size")
    check_image(folder, unit["file_hash"], result.stdout)
    return result.stdout


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
        for code in index["codes"]:
            print(f"  {code['key']} {code['qualname']}:"
                  f"{code['firstlineno']} unit {code['unit']}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
