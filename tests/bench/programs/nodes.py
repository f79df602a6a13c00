"""Linked nodes: a stack as a list of cells, and a binary search tree."""

N = 12_000


class Cell:
    def __init__(self, value, rest):
        self.value = value
        self.rest = rest


class Node:
    __slots__ = ("key", "left", "right", "count")

    def __init__(self, key):
        self.key = key
        self.left = None
        self.right = None
        self.count = 1


def insert(root, key):
    node = root
    while True:
        if key == node.key:
            node.count += 1
            return
        if key < node.key:
            if node.left is None:
                node.left = Node(key)
                return
            node = node.left
        else:
            if node.right is None:
                node.right = Node(key)
                return
            node = node.right


def build(n):
    state = 1
    root = Node(1 << 30)
    for i in range(n):
        state = (state * 1103515245 + 12345) % 2147483648
        insert(root, state >> 8)
    return root


def total(root):
    todo = Cell(root, None)
    keys = 0
    while todo is not None:
        node = todo.value
        todo = todo.rest
        keys += node.key * node.count % 1000
        if node.left is not None:
            todo = Cell(node.left, todo)
        if node.right is not None:
            todo = Cell(node.right, todo)
    return keys


def reverse(n):
    cells = None
    for i in range(n):
        cells = Cell(i, cells)
    back = None
    while cells is not None:
        back = Cell(cells.value, back)
        cells = cells.rest
    return back.value


def run(n):
    return total(build(n)), reverse(4 * n)


if __name__ == "__main__":
    print(run(N))
