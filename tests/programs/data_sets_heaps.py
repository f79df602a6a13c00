"""Sets, deques, heaps, bisect and counters from the standard library."""
import bisect
import heapq
from collections import Counter, OrderedDict, defaultdict, deque


def bfs(grid, start, goal):
    queue = deque([(start, 0)])
    seen = {start}
    while queue:
        (r, c), d = queue.popleft()
        if (r, c) == goal:
            return d
        for nr, nc in ((r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)):
            if (0 <= nr < len(grid) and 0 <= nc < len(grid[0])
                    and grid[nr][nc] == "." and (nr, nc) not in seen):
                seen.add((nr, nc))
                queue.append(((nr, nc), d + 1))
    return None


def dijkstra(graph, start):
    distance = {start: 0}
    heap = [(0, start)]
    while heap:
        d, node = heapq.heappop(heap)
        if d > distance[node]:
            continue
        for target, weight in graph[node]:
            candidate = d + weight
            if candidate < distance.get(target, float("inf")):
                distance[target] = candidate
                heapq.heappush(heap, (candidate, target))
    return distance


grid = ["." * 20 if r % 2 == 0 else "#" * (r * 7 % 19) + "." + "#" * (
    19 - r * 7 % 19) for r in range(15)]
print(bfs(grid, (0, 0), (14, 19)), bfs(["."], (0, 0), (5, 5)))
graph = defaultdict(list)
for i in range(200):
    graph[i].append(((i * 7 + 1) % 200, i % 13 + 1))
    graph[i].append(((i + 1) % 200, 5.5))
d = dijkstra(graph, 0)
print(len(d), d[199], max(d.values()))
words = ("the cat the dog a cat " * 30).split()
print(Counter(words).most_common(), len(set(words)))
values = []
for i in range(200):
    bisect.insort(values, i * 7919 % 499)
print(values == sorted(values), bisect.bisect(values, 250))
od = OrderedDict()
for i in range(100):
    od[i % 10] = i
    od.move_to_end(i % 10, last=i % 2 == 0)
print(list(od.items()))
a, b = set(range(0, 100, 2)), set(range(0, 100, 3))
print(len(a & b), len(a | b), len(a - b), len(a ^ b), {1} < a, 4 in a)
frozen = {frozenset((i % 3, i % 5)) for i in range(100)}
print(len(frozen))
total = 0
for i in range(300):
    if i in a:
        total += 1
    elif i in frozen:
        total += 100
print(total)
