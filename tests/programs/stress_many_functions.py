"""Hundreds of generated functions calling each other in a chain."""

space = {}
lines = []
for k in range(200):
    body = ("x + 1", "x * 2 % 1009", "x - 3 if x > 3 else x + 7",
            "x / 2", "int(x) ^ 5")[k % 5]
    following = f"f{k + 1}({body})" if k < 199 else body
    lines.append(f"def f{k}(x):\n    return {following}\n")
exec("\n".join(lines), space)
f0 = space["f0"]
results = []
for i in range(150):
    results.append(f0(i))
print(results[:10], sum(results))
space["f100"] = lambda x: -1
print(f0(5))
functions = [space[f"f{k}"] for k in range(150, 200)]
total = 0
for i in range(20):
    for f in functions:
        total += f(i)
print(total)
