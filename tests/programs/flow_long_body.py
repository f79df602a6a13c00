"""A long loop body: far jumps, many names, constants and locals."""

SOURCE = ["def work(n):", "    total = 0"]
for k in range(300):
    SOURCE.append(f"    v{k} = {k}")
SOURCE.append("    for i in range(n):")
for k in range(300):
    SOURCE.append(f"        if i % {k + 2} == {k % 7}:")
    SOURCE.append(f"            v{k} = v{k} + {k * 1001 + 0.5 * (k % 3)}")
    SOURCE.append(f"            total += v{(k * 7) % 300} + G{k % 280}")
SOURCE.append("        if total < 0:")
SOURCE.append("            break")
SOURCE.append("    return total, v299, v150")
space = {f"G{k}": k * 3 for k in range(280)}
exec("\n".join(SOURCE), space)
print(space["work"](150))
space["G100"] = 0.25
print(space["work"](100))
space["G101"] = None
try:
    space["work"](50)
except TypeError as error:
    print(error, error.__traceback__.tb_next.tb_lineno)


def many(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p):
    return a - b + c - d + e - f + g - h + i - j + k - l + m - n + o - p


total = 0
for x in range(200):
    total += many(x, 1, x, 2, x, 3, x, 4, x, 5, x, 6, x, 7, x, 8.5)
print(total)
