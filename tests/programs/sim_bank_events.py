"""A discrete event simulation with classes, heap and pseudo-random times."""
import heapq


class Random:
    def __init__(self, seed):
        self.state = seed

    def uniform(self):
        self.state = (self.state * 6364136223846793005
                      + 1442695040888963407) % 2 ** 64
        return (self.state >> 11) / 2 ** 53

    def below(self, n):
        return int(self.uniform() * n)


class Customer:
    __slots__ = ("number", "arrived", "started")

    def __init__(self, number, arrived):
        self.number = number
        self.arrived = arrived
        self.started = None


class Bank:
    def __init__(self, tellers, random):
        self.free = tellers
        self.random = random
        self.now = 0.0
        self.events = []
        self.queue = []
        self.served = 0
        self.waited = 0.0
        self.longest = 0

    def at(self, delay, action, *arguments):
        heapq.heappush(self.events, (self.now + delay, len(self.events),
                                     action.__name__, action, arguments))

    def arrive(self, number):
        customer = Customer(number, self.now)
        self.queue.append(customer)
        self.longest = max(self.longest, len(self.queue))
        self.serve()
        if number < 1500:
            self.at(self.random.uniform() * 2, self.arrive, number + 1)

    def serve(self):
        while self.free and self.queue:
            self.free -= 1
            customer = self.queue.pop(0)
            customer.started = self.now
            self.waited += customer.started - customer.arrived
            self.at(1 + self.random.below(5) * 0.5, self.leave, customer)

    def leave(self, customer):
        self.free += 1
        self.served += 1
        self.serve()

    def run(self):
        while self.events:
            self.now, _, _, action, arguments = heapq.heappop(self.events)
            action(*arguments)


for tellers in (2, 3):
    bank = Bank(tellers, Random(7))
    bank.at(0, bank.arrive, 1)
    bank.run()
    print(tellers, bank.served, round(bank.now, 6),
          round(bank.waited / bank.served, 6), bank.longest)
