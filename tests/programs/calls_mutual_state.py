"""A state machine and a small virtual machine with a dispatch loop."""


def run_vm(program, limit):
    stack = []
    memory = [0] * 16
    pc = 0
    steps = 0
    while steps < limit:
        op, arg = program[pc]
        pc += 1
        steps += 1
        if op == "push":
            stack.append(arg)
        elif op == "add":
            b = stack.pop()
            stack.append(stack.pop() + b)
        elif op == "sub":
            b = stack.pop()
            stack.append(stack.pop() - b)
        elif op == "mul":
            b = stack.pop()
            stack.append(stack.pop() * b)
        elif op == "load":
            stack.append(memory[arg])
        elif op == "store":
            memory[arg] = stack.pop()
        elif op == "jump":
            pc = arg
        elif op == "jz":
            if not stack.pop():
                pc = arg
        elif op == "halt":
            break
        else:
            raise ValueError(f"bad op {op}")
    return memory[:3], steps, stack


FACTORIAL = [("push", 1), ("store", 1), ("load", 0), ("jz", 12),
             ("load", 1), ("load", 0), ("mul", None), ("store", 1),
             ("load", 0), ("push", 1), ("sub", None), ("jump", 13),
             ("halt", None), ("store", 0), ("jump", 2)]


def with_input(n):
    return [("push", n), ("store", 0)] + [
        (op, arg + 2 if op in ("jump", "jz") else arg) for op, arg in FACTORIAL]


for n in (5, 20, 30, 2.0):
    print(run_vm(with_input(n), 1000))
print(run_vm([("jump", 0)], 500))
try:
    run_vm([("push", 1)] * 100 + [("what", 0)], 1000)
except ValueError as error:
    print(error)
try:
    run_vm([("push", 1)] * 100, 1000)
except IndexError as error:
    print(error)


def lexer(text):
    state = "start"
    counts = {"word": 0, "number": 0, "space": 0, "other": 0}
    for c in text:
        if state == "word" and (c.isalnum() or c == "_"):
            continue
        if state == "number" and c.isdigit():
            continue
        if c.isalpha():
            state = "word"
        elif c.isdigit():
            state = "number"
        elif c.isspace():
            state = "space"
        else:
            state = "other"
        counts[state] += 1
    return counts


print(lexer("for i in range(100): x_1 = y2 * 33 + foo(bar) # note\n" * 10))
