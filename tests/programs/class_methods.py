"""Instances, methods, class and static methods, inheritance, super."""


class Account:
    opened = 0
    rate = 0.01

    def __init__(self, owner, balance=0):
        self.owner = owner
        self.balance = balance
        Account.opened += 1

    def deposit(self, amount):
        if amount < 0:
            raise ValueError("negative deposit")
        self.balance += amount
        return self

    def interest(self):
        return self.balance * self.rate

    @classmethod
    def make(cls, n):
        return [cls(f"owner{i}", i) for i in range(n)]

    @staticmethod
    def fee(amount):
        return amount // 100

    def __repr__(self):
        return f"{type(self).__name__}({self.owner!r}, {self.balance})"


class Savings(Account):
    rate = 0.05

    def deposit(self, amount):
        super().deposit(amount)
        self.balance -= self.fee(amount)
        return self


class Left(Account):
    def who(self):
        return "left"


class Right(Account):
    rate = 0.5

    def who(self):
        return "right"


class Both(Left, Right):
    def who(self):
        return super().who() + "+both"


def run(accounts, n):
    total = 0.0
    for i in range(n):
        for account in accounts:
            account.deposit(i).deposit(100)
            total += account.interest()
    return total


accounts = Account.make(3) + Savings.make(3) + Both.make(2)
print(run(accounts, 100), Account.opened)
print(accounts[0], accounts[4], accounts[7], accounts[7].who())
try:
    run(accounts, 10)
    accounts[0].deposit(-1)
except ValueError as error:
    print(error)
bound = accounts[1].deposit
for i in range(100):
    bound(i)
print(accounts[1].balance, bound.__self__ is accounts[1])
unbound = Account.deposit
for i in range(100):
    unbound(accounts[5], 1)
print(accounts[5].balance, [a.who() for a in accounts[6:]])
print([c.__name__ for c in Both.__mro__])
accounts[2].extra = 1
accounts[2].rate = 10.0
print(run(accounts, 50))
del accounts[2].rate
print(run(accounts, 5))
