"""Hot loops on module level: every variable is a global."""

i = 0
total = 0
while i < 1000:
    total += i * i % 7
    i += 1
print(i, total)

values = []
for i in range(300):
    if i % 3 == 0:
        continue
    values.append(i * 0.5)
print(len(values), sum(values), i)

matrix = [[0] * 10 for _ in range(10)]
for i in range(10):
    for j in range(10):
        matrix[i][j] = i * j
print(sum(map(sum, matrix)))

for name in ("alpha", "beta"):
    globals()[name] = len(name)
for k in range(100):
    alpha += beta
    beta, alpha = alpha % 1009, beta
print(alpha, beta)


class Body:
    squares = []
    for n in range(100):
        squares.append(n * n)
    total = 0
    while n > 0:
        total += squares[n]
        n -= 1


print(Body.total, Body.n)
try:
    for q in range(200):
        if q == 150:
            del q
        q + 1
except NameError as error:
    print(error)
x = 1
for _ in range(70):
    x *= 2
print(x)
text = ""
for c in "module" * 30:
    if c not in text:
        text += c
print(text)
