"""Compare the decoder of bytecode with dis: run by the interpreter whose
bytecode it is.

    python3.13 tests/tools/bytecode_check.py DECODER [--tests] [PATH...]

Compiles all modules of the standard library (or those under PATH; those of its
own tests with --tests), decodes each code object with DECODER (bytecode_decode.c), and compares places and
names of instructions, operands, jump targets, effects on the stack, exception
handlers, and the depth of the stack in front of each instruction, which is
worked out here from what dis says.  Last line: what was compared; exit status
1 if anything differs.
"""
import dis
import os
import opcode
import subprocess
import sys
import types
import warnings

OPERATORS = "+ & // << @ * % | ** >> - / ^".split()
COMPARISONS = "< <= == != > >=".split()
LOCALS = {"LOAD_LOCAL", "LOAD_LOCAL_CHECK", "LOAD_LOCAL_AND_CLEAR",
          "STORE_LOCAL", "DELETE_LOCAL", "MAKE_CELL", "LOAD_DEREF",
          "STORE_DEREF", "DELETE_DEREF", "LOAD_FROM_DICT_OR_DEREF"}
PAIRS = {"LOAD_LOCAL_LOAD_LOCAL", "STORE_LOCAL_LOAD_LOCAL",
         "STORE_LOCAL_STORE_LOCAL"}
NAMES = {"LOAD_GLOBAL", "LOAD_NAME", "STORE_GLOBAL", "STORE_NAME",
         "DELETE_GLOBAL", "DELETE_NAME", "LOAD_ATTR", "STORE_ATTR",
         "DELETE_ATTR", "LOAD_SUPER_ATTR", "IMPORT_NAME", "IMPORT_FROM",
         "LOAD_FROM_DICT_OR_GLOBALS"}
NUMBERS = {"CALL", "CALL_KW", "BUILD_LIST", "BUILD_TUPLE", "BUILD_SET",
           "BUILD_MAP", "BUILD_STRING", "BUILD_SLICE", "COPY", "SWAP",
           "UNPACK_SEQUENCE", "LIST_APPEND", "SET_ADD", "MAP_ADD",
           "RAISE_VARARGS", "RERAISE", "COPY_FREE_VARS", "LOAD_INT"}
PREFIX = opcode.opmap["EXTENDED_ARG"]


class Decoder:
    def __init__(self, path):
        self.abi = f"cpython-{sys.version_info[0]}{sys.version_info[1]}"
        # One in Python needs no interpreter of the PATH's.
        command = [sys.executable, path] if path.endswith(".py") else [path]
        self.run = subprocess.Popen(command, stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE, text=True)

    def decode(self, code):
        locals_ = len(local_names(code))
        print(self.abi, code.co_stacksize, locals_, len(code.co_names),
              len(code.co_consts), code.co_code.hex() or "-",
              code.co_exceptiontable.hex() or "-", file=self.run.stdin,
              flush=True)
        head = self.run.stdout.readline().split()
        if head[:1] != ["code"]:
            return None, 0
        return [self.run.stdout.readline().split()
                for _ in range(int(head[1]))], int(head[2])


def local_names(code):
    cells = [name for name in code.co_cellvars
             if name not in code.co_varnames]
    return [*code.co_varnames, *cells, *code.co_freevars]


class Checker:
    def __init__(self, decoder):
        self.decoder = decoder
        self.differences = []
        self.codes = self.instructions = self.jumps = self.depths = 0
        self.handlers = 0

    def differ(self, code, place, what, ours, theirs):
        self.differences.append(
            f"{code.co_filename}:{code.co_qualname} unit {place}: {what}: "
            f"{ours}, dis says {theirs}")

    def check(self, code):
        decoded, errors = self.decoder.decode(code)
        self.codes += 1
        if decoded is None:
            self.differ(code, 0, "decoding", "not understood", "code")
            return
        if errors:
            self.differ(code, 0, "contradictions", errors, 0)
        theirs = [i for i in dis.get_instructions(code)
                  if i.opcode != PREFIX]
        if len(theirs) != len(decoded):
            self.differ(code, 0, "instructions", len(decoded), len(theirs))
            return
        depths = depths_of(code, theirs)
        table = dis._parse_exception_table(code)
        for ours, ins in zip(decoded, theirs):
            self.check_instruction(code, ours, ins, depths, table)

    def check_instruction(self, code, ours, ins, depths, table):
        self.instructions += 1
        (off, unit, following, name, op, a, b, target, side, pops, pushes,
         jump_pushes, ends, depth, *handler) = ours
        a, b, target, side = int(a), int(b), int(target), int(side)
        fall = int(pushes) - int(pops)
        unit = int(unit)

        def same(what, mine, dis_says):
            if mine != dis_says:
                self.differ(code, unit, f"{what} of {name}", mine, dis_says)

        same("first unit", int(off) * 2, ins.start_offset)
        same("unit", unit * 2, ins.offset)
        same("next", int(following) * 2, ins.end_offset)
        same("name", name, ins.opname)
        if ends == "0":
            same("effect", fall,
                 dis.stack_effect(ins.opcode, ins.arg, jump=False))
        self.check_jump(code, ins, same, target, side, fall,
                        int(jump_pushes) - int(pops))
        same("depth", int(depth), depths.get(ins.offset, -1))
        self.depths += 1
        entry = next((e for e in table if e.start <= ins.offset < e.end), None)
        same("handler", [int(x) for x in handler],
             [] if entry is None
             else [entry.target // 2, entry.depth, int(entry.lasti)])
        self.handlers += entry is not None
        self.check_operands(code, ins, same, op, a, b)

    def check_jump(self, code, ins, same, target, side, fall, jump):
        if ins.opname == "END_ASYNC_FOR":
            same("target", target, -1)  # dis says where it came from
        elif ins.jump_target is None:
            same("target", target, -1)
        elif ins.opname == "FOR_ITER":
            # behind END_FOR and what takes the iterator away
            self.jumps += 1
            same("side", side * 2, ins.jump_target)
            same("target", target * 2, ins.jump_target + 4)
            same("effect on the side", fall,
                 dis.stack_effect(ins.opcode, ins.arg, jump=True))
            same("effect jumping", jump, -1)
        else:
            self.jumps += 1
            same("target", target * 2, ins.jump_target)
            same("effect jumping", jump,
                 dis.stack_effect(ins.opcode, ins.arg, jump=True))

    def check_operands(self, code, ins, same, op, a, b):
        if op in LOCALS:
            same("local", local_names(code)[a], ins.argval)
        elif op in PAIRS:
            names = local_names(code)
            same("locals", (names[a], names[b]), ins.argval)
        elif op in NAMES:
            same("name", code.co_names[a], ins.argval)
            if op == "LOAD_GLOBAL":
                same("null", b, int("+ NULL" in ins.argrepr))
            elif op in ("LOAD_ATTR", "LOAD_SUPER_ATTR"):
                same("method", b, int("+ NULL" in ins.argrepr))
        elif op in NUMBERS:
            same("number", a, ins.arg)
        elif op in ("LOAD_CONST", "RETURN_CONST"):
            same("constant", repr(code.co_consts[a]), repr(ins.argval))
        elif op == "BINARY_OP":
            same("operator", OPERATORS[a] + "=" * b, ins.argrepr)
        elif op == "COMPARE_OP":
            same("comparison", COMPARISONS[a], ins.argval)
            same("bool", b, int("bool(" in ins.argrepr))


def depths_of(code, instructions):
    """The depth in front of each instruction, by what dis says."""
    at, depths = {i.start_offset: k for k, i in enumerate(instructions)}, {}

    def walk(offset, depth):
        work = [(offset, depth)]
        while work:
            offset, depth = work.pop()
            ins = instructions[at[offset]]
            if ins.offset in depths:
                continue
            depths[ins.offset] = depth
            name, arg = ins.opname, ins.arg
            if ins.jump_target is not None and name != "END_ASYNC_FOR":
                work.append((ins.jump_target, depth + dis.stack_effect(
                    ins.opcode, arg, jump=True)))
            if name not in ("RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS",
                            "RERAISE", "JUMP_FORWARD", "JUMP_BACKWARD",
                            "JUMP_BACKWARD_NO_INTERRUPT"):
                work.append((ins.end_offset, depth + dis.stack_effect(
                    ins.opcode, arg, jump=False)))

    walk(0, 0)
    for entry in dis._parse_exception_table(code):
        walk(entry.target, entry.depth + entry.lasti + 1)
    return depths


def all_code(code):
    yield code
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            yield from all_code(const)


def sources(paths, left_out):
    for path in paths:
        if os.path.isfile(path):
            yield path
        for folder, folders, names in os.walk(path):
            folders[:] = sorted(f for f in folders if f not in left_out)
            for name in sorted(names):
                if name.endswith(".py"):
                    yield os.path.join(folder, name)


def main():
    arguments = sys.argv[1:]
    decoder = arguments.pop(0)
    left_out = ["site-packages", "dist-packages", "__pycache__"]
    if arguments[:1] == ["--tests"]:
        arguments.pop(0)
    else:
        left_out += ["test", "tests", "idle_test"]
    warnings.simplefilter("ignore")
    checker, modules = Checker(Decoder(decoder)), 0
    paths = arguments or [os.path.dirname(os.__file__)]
    for path in sources(paths, left_out):
        try:
            with open(path, "rb") as file:
                module = compile(file.read(), path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, OSError):
            continue  # made to be wrong, or a link to nothing
        modules += 1
        for code in all_code(module):
            checker.check(code)
    for text in checker.differences[:40]:
        print(text)
    print(f"{modules} modules, {checker.codes} code objects, "
          f"{checker.instructions} instructions, {checker.jumps} jumps, "
          f"{checker.handlers} covered by handlers: "
          f"{len(checker.differences)} differences")
    return 1 if checker.differences or not checker.codes else 0


if __name__ == "__main__":
    sys.exit(main())
