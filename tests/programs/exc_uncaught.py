"""An exception that ends the program out of nested hot loops."""


class Table:
    def __init__(self, rows):
        self.rows = rows

    def cell(self, i, j):
        return self.rows[i][j] / (i - j)


def total(table, n):
    result = 0.0
    for i in range(n):
        for j in range(i + 1):
            if i != j or i > 40:
                result += table.cell(i, j)
    return result


def main():
    table = Table([[float(i * j) for j in range(60)] for i in range(60)])
    print(total(table, 40))
    print(total(table, 60))


main()
