# args: run
# profile-args: train
"""Tokenizer + recursive-descent parser + tree/RPN evaluators; trained on small ints, then floats, huge ints, Fractions, strings, complex, errors with tracebacks' line numbers."""
import sys, operator, warnings
warnings.simplefilter('ignore')
from fractions import Fraction
from decimal import Decimal
RUN = sys.argv[1:] == ['run']

class Err(Exception):
    def __init__(self, msg, pos): super().__init__(msg, pos); self.pos = pos

class Lexer:
    num = int
    def __init__(self, s): self.s = s; self.i = 0; self.tok = None; self.val = None; self.next()
    def next(self):
        s = self.s; i = self.i; n = len(s)
        while i < n and s[i].isspace(): i += 1
        if i >= n:
            self.tok = 'end'; self.i = i; return
        c = s[i]; j = i + 1
        if c.isdigit():
            while j < n and (s[j].isdigit() or s[j] == '.'): j += 1
            t = s[i:j]
            self.tok = 'num'
            self.val = float(t) if '.' in t else self.num(t)
        elif c.isalpha():
            while j < n and s[j].isalnum(): j += 1
            self.tok = 'name'; self.val = s[i:j]
        elif s[i:i + 2] in ('**', '//', '<=', '==', '<<', '>>'):
            j = i + 2; self.tok = s[i:j]
        elif c in '+-*/%()<,&|^~': self.tok = c
        else: raise Err(f'bad char {c!a}', i)
        self.i = j

BIN = {'+': (4, operator.add), '-': (4, operator.sub), '*': (5, operator.mul), '/': (5, operator.truediv), '//': (5, operator.floordiv), '%': (5, operator.mod), '**': (7, operator.pow),
       '<': (1, operator.lt), '<=': (1, operator.le), '==': (1, operator.eq), '<<': (3, operator.lshift), '>>': (3, operator.rshift), '&': (2, operator.and_), '|': (2, operator.or_), '^': (2, operator.xor)}

def parse(lx, prec=0):
    t = lx.tok
    if t == 'num':
        node = ('num', lx.val); lx.next()
    elif t == 'name':
        node = ('var', lx.val); lx.next()
        if lx.tok == '(':
            args = []; lx.next()
            while lx.tok != ')':
                args.append(parse(lx))
                if lx.tok == ',': lx.next()
                elif lx.tok != ')': raise Err('expected )', lx.i)
            lx.next(); node = ('call', node[1], tuple(args))
    elif t == '(':
        lx.next(); node = parse(lx)
        if lx.tok != ')': raise Err('unclosed', lx.i)
        lx.next()
    elif t in ('-', '~', '+'):
        lx.next(); node = (t + 'u', parse(lx, 6))
    else: raise Err('unexpected ' + t, lx.i)
    while lx.tok in BIN and BIN[lx.tok][0] > prec:
        op = lx.tok; p = BIN[op][0]; lx.next()
        node = (op, node, parse(lx, p - 1 if op == '**' else p))
    return node
def ev(n, env):
    k = n[0]
    if k == 'num': return n[1]
    if k == 'var': return env[n[1]]
    if k == '+': return ev(n[1], env) + ev(n[2], env)
    if k == '-': return ev(n[1], env) - ev(n[2], env)
    if k == '*': return ev(n[1], env) * ev(n[2], env)
    if k == '-u': return -ev(n[1], env)
    if k == '~u': return ~ev(n[1], env)
    if k == '+u': return +ev(n[1], env)
    if k == 'call': return env[n[1]](*[ev(a, env) for a in n[2]])
    if k == '<': return ev(n[1], env) < ev(n[2], env)
    if k == '/':
        return ev(n[1], env) / ev(n[2], env)
    return BIN[k][1](ev(n[1], env), ev(n[2], env))
def rpn(n, out):
    if n[0] in ('num', 'var'): out.append(n)
    elif n[0] == 'call':
        for a in n[2]: rpn(a, out)
        out.append(('call', n[1], len(n[2])))
    else:
        for a in n[1:]: rpn(a, out)
        out.append((n[0], len(n) - 1))
    return out
def run(code, env):
    st = []; push = st.append; depth = 0
    for ins in code:
        k = ins[0]
        if k == 'num': push(ins[1])
        elif k == 'var': push(env[ins[1]])
        elif k == 'call':
            a = [st.pop() for _ in range(ins[2])][::-1]; push(env[ins[1]](*a))
        elif ins[1] == 1:
            x = st.pop(); push(-x if k == '-u' else ~x if k == '~u' else +x)
        else:
            b = st.pop(); a = st.pop()
            if k == '+': a += b
            elif k == '-': a -= b
            elif k == '*': a *= b
            else: a = BIN[k][1](a, b)
            push(a)
        if len(st) > depth: depth = len(st)
    return st, depth
def where(e):
    tb = e.__traceback__; out = []
    while tb: out.append((tb.tb_frame.f_code.co_name, tb.tb_lineno)); tb = tb.tb_next
    return out[1:][-3:]

ENV = {'x': 3, 'y': 10, 'max': max, 'abs': abs, 'f': lambda a, b=2: a * b}
SRC = ['1+2*3-4', '(x+y)*(x-y)', '-x*2+~y', 'max(x,y,7)%4', '2**x**1', 'f(x)+f(y,3)', 'x<y', '(y//x)<<2', 'x*x*x-y*y+(5&6|1^2)', '100/4']
tot = 0
for i in range(250):
    for s in SRC:
        t = parse(Lexer(s)); ENV['x'] = i % 7 + 1; a = ev(t, ENV); b, d = run(rpn(t, []), ENV)
        assert a == b[0]
        tot = (tot * 31 + int(a)) % 1000003
print(tot, t, b, d)
if RUN:
    SRC += ['x+y*x', 'x*y-y', 'x/y', 'y/0', 'x//0', 'x%0', '1.5.2', '2.5*x', 'x<<(y&63)', 'x>>(0-1)', '9223372036854775807+1', '0-9223372036854775808*1', '4611686018427387904*2-1', '3037000500*3037000500', '2**64-2**64+x', '2**0.5', '(0-8)**(1/3)', '0**(0-1)', '1e5', 'q+1', '(1', '1)', '', '$', '1+', 'max()', 'max(1,)', 'f()', 'x(1)', '\u0663+\u0664', '\u00b2+1', 'abs(0-9223372036854775808)', '-x', '--x', '~~x', 'x==y', 'x<=y<1', 'f(x,y', 'x&1', 'max(x,y)', '10%(0-3)', '0.1+0.2', '-0.0', '1.0//0.3', '7.0%0.0', '123456789012345678901234567890%97']
    VALS = [(3, 4), (2**62, 2**62), (-2**63, -1), (2.5, -0.0), (True, False), (float('nan'), float('inf')), (1j, 2), (Fraction(1, 3), 2), (Decimal('1.1'), 3), ('ab', 3), ([1], 2), ('a', 'b'), (None, 1), ({1}, {2}), ((1,), (2,)), (b'x', 2), ('%s-%s', ('p', 'q'))]
    for s in SRC:
        for lex in (int, Fraction, Decimal, float):
            Lexer.num = lex
            for vals in VALS if lex is int and ('x' in s or 'y' in s) else VALS[:1]:
                if '**' in s and type(vals[0]) is int and abs(vals[0]) > 99: continue
                ENV['x'], ENV['y'] = vals
                try: t = parse(Lexer(s))
                except Exception as e: print(ascii(s), lex.__name__, type(e).__name__, e, where(e), getattr(e, 'pos', None)); break
                for f in (lambda: ev(t, ENV), lambda: run(rpn(t, []), ENV)):
                    try: r = repr(f()); print(ascii(s), lex.__name__, ascii(r)[:100] if ' at 0x' not in r else 'addr')
                    except Exception as e: print(ascii(s), lex.__name__, type(e).__name__, e if ' at 0x' not in str(e) else '', where(e))
    Lexer.num = int; x = [1]; ENV['x'] = x; ENV['y'] = [2]
    t = parse(Lexer('x+y')); print(ev(t, ENV), run(rpn(t, []), ENV), x, ENV['x'] is x)
    try: print(ev(parse(Lexer('(' * 50 + '1' + ')' * 50)), ENV), ev(('+', ('num', 1)), ENV))
    except Exception as e: print(type(e).__name__, e, where(e))
