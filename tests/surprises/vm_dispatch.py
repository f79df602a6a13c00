# args: run
# profile-args: train
"""A stack VM with dispatch dict, if-chain and match statement; bytecode programs trained on ints; later other operand types, patched handlers, errors inside handlers, generators as coroutines."""
import sys, operator
from fractions import Fraction
from enum import IntEnum, Enum
from collections import namedtuple
RUN = sys.argv[1:] == ['run']
Ins = namedtuple('Ins', 'op arg')
class Op(IntEnum): PUSH = 0; ADD = 1; SUB = 2; MUL = 3; JNZ = 4; DUP = 5; STORE = 6; LOAD = 7; SWAP = 8; CALL = 9; RET = 10; HALT = 11; LT = 12; MOD = 13; JMP = 14; APPEND = 15; PRINT = 16

class Halt(Exception): pass
class VM:
    def __init__(self, code, env=None, limit=20000):
        self.code = code; self.st = []; self.pc = 0; self.env = env or {}; self.frames = []; self.n = 0; self.limit = limit; self.out = []
        self.table = {Op.PUSH: self.push, Op.ADD: self.add, Op.SUB: self.sub, Op.MUL: self.mul, Op.JNZ: self.jnz, Op.DUP: lambda a: self.st.append(self.st[-1]), Op.STORE: self.store, Op.LOAD: self.load, Op.SWAP: self.swap, Op.CALL: self.call, Op.RET: self.ret, Op.HALT: self.halt, Op.LT: self.lt, Op.MOD: self.mod, Op.JMP: self.jmp, Op.APPEND: self.append, Op.PRINT: lambda a: self.out.append(repr(self.st[-1]))}
    def push(self, a): self.st.append(a)
    def add(self, a): b = self.st.pop(); self.st[-1] += b
    def sub(self, a): b = self.st.pop(); self.st[-1] = self.st[-1] - b
    def mul(self, a): b = self.st.pop(); self.st[-1] *= b
    def mod(self, a): b = self.st.pop(); self.st[-1] %= b
    def lt(self, a): b = self.st.pop(); self.st.append(self.st.pop() < b)
    def jnz(self, a):
        if self.st.pop(): self.pc = a
    def jmp(self, a): self.pc = a
    def store(self, a): self.env[a] = self.st.pop()
    def load(self, a): self.st.append(self.env[a])
    def swap(self, a): self.st[-1], self.st[-2] = self.st[-2], self.st[-1]
    def call(self, a): self.frames.append(self.pc); self.pc = a
    def ret(self, a): self.pc = self.frames.pop()
    def halt(self, a): raise Halt(a)
    def append(self, a): v = self.st.pop(); self.env[a].append(v)
    def run(self):
        code = self.code; table = self.table
        try:
            while self.n < self.limit:
                op, arg = code[self.pc]
                self.pc += 1
                self.n += 1
                table[op](arg)
        except Halt as h:
            return 'halt', h.args
        except Exception as e:
            return type(e).__name__, str(e), self.pc, self.st[-2:]
        return 'limit', self.pc
def run_chain(code, env, limit=20000):
    st = []; pc = n = 0; frames = []
    while n < limit:
        ins = code[pc]; op = ins[0]; a = ins[1]; pc += 1; n += 1
        if op == Op.PUSH: st.append(a)
        elif op == Op.LOAD: st.append(env[a])
        elif op == Op.STORE: env[a] = st.pop()
        elif op == Op.ADD: b = st.pop(); st[-1] += b
        elif op == Op.SUB: b = st.pop(); st[-1] -= b
        elif op == Op.MUL: b = st.pop(); st[-1] *= b
        elif op == Op.MOD: b = st.pop(); st[-1] %= b
        elif op == Op.LT: b = st.pop(); st[-1] = st[-1] < b
        elif op == Op.DUP: st.append(st[-1])
        elif op == Op.SWAP: st[-1], st[-2] = st[-2], st[-1]
        elif op == Op.JNZ:
            if st.pop(): pc = a
        elif op == Op.JMP: pc = a
        elif op == Op.CALL: frames.append(pc); pc = a
        elif op == Op.RET: pc = frames.pop()
        elif op == Op.HALT: return st[-3:], n, env
        else: raise NotImplementedError(op, a)
    return 'limit', pc, st[-2:]
def run_match(code, env, limit=20000):
    st = []; pc = n = 0
    while n < limit:
        n += 1; ins = code[pc]; pc += 1
        match ins:
            case (Op.PUSH, x): st.append(x)
            case (Op.LOAD, str(x)): st.append(env[x])
            case Ins(op=Op.STORE, arg=x): env[x] = st.pop()
            case (Op.ADD | Op.SUB as o, None):
                b = st.pop(); st[-1] = st[-1] + b if o is Op.ADD else st[-1] - b
            case (Op.MUL, _): b = st.pop(); st[-1] = st[-1] * b
            case (Op.MOD, _): b = st.pop(); st[-1] = st[-1] % b
            case (Op.LT, _): b = st.pop(); st[-1] = st[-1] < b
            case (Op.DUP, _): st.append(st[-1])
            case (Op.SWAP, _): st[-2:] = st[:-3:-1]
            case (Op.JNZ, int(t)) if st.pop(): pc = t
            case (Op.JNZ, _): pass
            case (Op.JMP, int(t)): pc = t
            case (Op.HALT, x): return st[-3:], n, env
            case [op, *rest]: return 'unknown', op, rest
            case {'op': o, **kw}: return 'map', o, kw
            case _: return 'bad', type(ins).__name__
    return 'limit', pc, st[-2:]
def coro(vmcode):
    acc = None
    for op, a in vmcode:
        got = yield acc
        acc = (op, a, got) if not isinstance(a, int) else (a + (got or 0))
def asm(text):
    return [Ins(Op[w[0]], (int(w[1]) if w[1].lstrip('-').isdigit() else w[1]) if len(w) > 1 else None) for w in (l.split() for l in text.split(';'))]
LOOP = asm('PUSH 0;STORE s;PUSH N;DUP;LOAD s;ADD;STORE s;PUSH 1;SUB;DUP;JNZ 3;LOAD s;HALT')
def loop(n, one=1, zero=0, first=0):
    c = LOOP[:]; c[2] = Ins(Op.PUSH, n); c[7] = Ins(Op.PUSH, one); c[0] = Ins(Op.PUSH, zero); return c
FACT = asm('PUSH 1;STORE r;LOAD n;LOAD r;MUL;STORE r;LOAD n;PUSH 1;SUB;DUP;STORE n;JNZ 2;LOAD r;HALT')
CMP = asm('LOAD x;PUSH 7;MOD;LOAD x;PUSH 3;ADD;DUP;STORE x;LOAD m;LT;JNZ 0;SWAP;LOAD x;HALT')

for _ in range(3):
    v = VM(loop(800)); print(v.run(), v.st, v.n, run_chain(loop(800), {}), run_match(loop(800), {}), run_chain(FACT, {'n': 15}), run_match(FACT, {'n': 15}), run_chain(CMP, {'x': 0, 'm': 900})[0], run_match(CMP, {'x': 0, 'm': 900})[0])
c = coro([(i % 3, i) for i in range(2500)]); next(c); print([c.send(i) for i in range(2400)][-1])
def safe(f, *a):
    try: print(f.__name__, repr(f(*a))[:260])
    except Exception as e:
        tb = e.__traceback__.tb_next; fl = dict(tb.tb_frame.f_locals) if tb else {}
        print(f.__name__, 'EXC', type(e).__name__, e, tb and tb.tb_lineno, [(k, fl[k]) for k in ('n', 'pc', 'a', 'b', 'o', 'x', 't') if k in fl])
if RUN:
    def vm(code, env=None, lim=2000): v = VM(code, env, lim); return v.run(), v.st[-3:], v.n, v.pc, v.env, v.out
    for n, one, zero in ((5, 1, 0.5), (3.5, 0.5, 0), (2**62, 2**60, 2**62), (2**63, 2**59, -2**63), (-2, -1, 0), (Fraction(3, 2), Fraction(1, 2), 0), ('ab', 'b', ''), ([1, 2], [2], []), ({1, 2}, {2}, {3}), (True, True, False), (3, 2, 0), (float('nan'), 1, 0), (1j, 1j, 0), (None, 1, 0), (5, None, 0), (2, 1, 'x'), ({3}, {3}, {4}), (-0.0, 1, 0)):
        if n == 3 or n != n: lim = 60
        else: lim = 900
        safe(vm, loop(n, one, zero), None, lim); safe(run_chain, loop(n, one, zero), {}, lim); safe(run_match, loop(n, one, zero), {}, lim)
    for n in (20, 21, 25, 40, 2.5, 5.0, True, -3, 0, Fraction(4), '3', [2], 2**63, 1j, None, 0.5): safe(run_chain, FACT, {'n': n}, 400); safe(run_match, FACT, {'n': n}, 400); safe(vm, FACT, {'n': n}, 400)
    for x, m in ((2**62 - 4, 2**62 + 9), (2**63 - 4, 2**63 + 9), (-5, 5), (0.5, 9), ('a', 5), (0, float('nan')), (0, 'z'), (Fraction(1, 3), 5), ([1], 9), (0, float('inf')), ('%d', 3), (True, 9)): safe(run_chain, CMP, {'x': x, 'm': m}, 90); safe(run_match, CMP, {'x': x, 'm': m}, 90); safe(vm, CMP, {'x': x, 'm': m}, 90)
    for code in ([], [(0, 1)], [(99, 1)], [(0,)], [(0, 1, 2)], [('PUSH', 1)], [5], [None], ['ab'], [{'op': 1, 'z': 2}], [Op.ADD], [(Op.ADD, None)], [(Op.HALT, 'bye')], [(0.0, 'f'), (11.0, 1)], [(False, 'F'), (True, None), (11, 0)], [(Op.PUSH, 1), (Op.PUSH, 'a'), (Op.ADD, None), (11, 0)], [(Op.JMP, -1), (11, 'end')], [(Op.JMP, 5)], [(Op.JMP, True), (11, 'e')], [(Op.JMP, '1')], [(Op.JMP, 1.0), (11, 0)], [(Op.LOAD, 'nope')], [(Op.LOAD, 5)], [(Op.RET, 0)], [(Op.CALL, 2), (11, 'back'), (Op.RET, 0)], [(Op.PUSH, 1), (Op.SWAP, 0), (11, 0)], [(Op.PUSH, 5), (Op.STORE, []), (11, 0)], [(Op.PUSH, 3), (Op.DUP, 0), (Op.PRINT, 0), (Op.JNZ, 1)], [[0, 7], [11, 0]], [(Op.PUSH, []), (Op.DUP, 0), (Op.ADD, None), (Op.DUP, 0), (11, 0)], {0: (0, 3), 1: (11, 0)}, ((0, 4), (11, 0)), 'xy', [(1, None)] * 3, [(2, 'arg')], [(Op.PUSH, 1), (12, 0)]): safe(vm, code, {}, 30); safe(run_chain, code, {}, 30); safe(run_match, code, {}, 30)
    v = VM(loop(900)); old = v.table[Op.ADD]
    def spy(a):
        old(a)
        if v.n > 3000: v.table[Op.ADD] = old; v.st.append(0.5); v.table[Op.SUB] = lambda a: (v.st.pop(), v.st.append(0))
    v.table[Op.ADD] = spy; print(v.run(), v.st[-3:], v.n, v.env)
    class Bad(VM):
        def mod(self, a): self.code = CMP; del self.table[Op.LT]; super().mod(a)
    b = Bad(CMP, {'x': 1, 'm': 50}); print(b.run(), b.st, b.n)
    c = coro([(1, 2), ('k', 'v'), (1, 2**63), (0, 'q'), 5]); out = [next(c)]
    for g in (None, 'x', 0.5, 2**63, [1]):
        try: out.append(c.send(g))
        except Exception as e: out.append((type(e).__name__, str(e)))
    print(out)
