"""Attribute loads and stores of ints, floats and objects in hot loops."""


class Counter:
    def __init__(self):
        self.n = 0
        self.total = 0.0
        self.best = None
        self.items = []

    def add(self, v):
        self.n += 1
        self.total += v
        if self.best is None or v > self.best:
            self.best = v
        self.items.append(v)

    def mean(self):
        return self.total / self.n


class Node:
    def __init__(self, value, next=None):
        self.value = value
        self.next = next


def build(n):
    head = None
    for i in range(n):
        head = Node(i, head)
    return head


def reverse(head):
    previous = None
    while head is not None:
        head.next, previous, head = previous, head, head.next
    return previous


def total(head):
    result = 0
    while head:
        result += head.value
        head = head.next
    return result


class Tree:
    def __init__(self, key):
        self.key = key
        self.left = None
        self.right = None
        self.size = 1


def insert(root, key):
    if root is None:
        return Tree(key)
    node = root
    while True:
        node.size += 1
        if key < node.key:
            if node.left is None:
                node.left = Tree(key)
                return root
            node = node.left
        else:
            if node.right is None:
                node.right = Tree(key)
                return root
            node = node.right


def height(node):
    if node is None:
        return 0
    return 1 + max(height(node.left), height(node.right))


def inorder(node, out):
    if node is not None:
        inorder(node.left, out)
        out.append(node.key)
        inorder(node.right, out)
    return out


c = Counter()
for i in range(500):
    c.add(i * 7 % 101)
print(c.n, c.total, c.best, c.mean(), len(c.items))
for v in (10 ** 30, 2.5, True):
    c.add(v)
print(c.n, c.total, c.best)
head = build(300)
print(total(head), total(reverse(head)))
root = None
x = 12345
for _ in range(300):
    x = (x * 1103515245 + 12345) % 2147483648
    root = insert(root, x % 1000)
keys = inorder(root, [])
print(height(root), keys == sorted(keys), root.size, keys[:5])
root = insert(root, 0.5)
try:
    insert(root, "text")
except TypeError as error:
    print(error)
broken = build(100)
broken.next.next.value = "x"
try:
    total(broken)
except TypeError as error:
    print(error)
del broken.next.value
try:
    total(broken)
except AttributeError as error:
    print(error)


class Sub(Counter):
    def mean(self):
        return super().mean() * 2


s = Sub()
for i in range(200):
    s.add(float(i))
    s.n += 0
print(s.mean(), s.best)
