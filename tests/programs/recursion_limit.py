"""RecursionError at the same depth, and what can be done after it."""
import sys
import traceback

reached = 0


def forever(n):
    global reached
    reached = n
    return forever(n + 1) + 1


def ping(n):
    global reached
    reached = n
    return pong(n + 1)


def pong(n):
    return ping(n + 1)


def bounded(n):
    if n == 0:
        return 0
    return bounded(n - 1) + 1


class Node:
    def __init__(self, next):
        self.next = next

    def length(self):
        return 1 + (self.next.length() if self.next else 0)


for _ in range(3):
    try:
        forever(1)
    except RecursionError as error:
        print(reached, error)
try:
    ping(1)
except RecursionError as error:
    print(reached, error)
    print(len(traceback.extract_tb(error.__traceback__)))
print(bounded(900))
deepest = 0
for n in range(900, 1100):
    try:
        deepest = bounded(n)
    except RecursionError:
        break
print(n, deepest)
chain = None
for _ in range(985):
    chain = Node(chain)
print(chain.length())
for _ in range(50):
    chain = Node(chain)
try:
    print(chain.length())
except RecursionError as error:
    print(error)
sys.setrecursionlimit(200)
try:
    forever(1)
except RecursionError:
    print(reached)
sys.setrecursionlimit(5000)
print(bounded(4900))
try:
    forever(1)
except RecursionError:
    print(reached)
try:
    sys.setrecursionlimit(1)
except (RecursionError, ValueError) as error:
    print(error)
