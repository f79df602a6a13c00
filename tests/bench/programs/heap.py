"""A binary heap in a list: push all, pop all."""

N = 20_000


def push(heap, value):
    heap.append(value)
    i = len(heap) - 1
    while i > 0:
        parent = (i - 1) // 2
        if heap[parent] <= heap[i]:
            break
        heap[parent], heap[i] = heap[i], heap[parent]
        i = parent


def pop(heap):
    top = heap[0]
    last = heap.pop()
    if heap:
        heap[0] = last
        i = 0
        n = len(heap)
        while True:
            child = 2 * i + 1
            if child >= n:
                break
            if child + 1 < n and heap[child + 1] < heap[child]:
                child += 1
            if heap[i] <= heap[child]:
                break
            heap[i], heap[child] = heap[child], heap[i]
            i = child
    return top


def run(n):
    heap = []
    for i in range(n):
        push(heap, i * 7919 % 100003)
    checksum = 0
    previous = -1
    while heap:
        value = pop(heap)
        assert value >= previous
        previous = value
        checksum = (checksum * 31 + value) % 1000000007
    return checksum


if __name__ == "__main__":
    print(run(N))
