"""A simulation of accounts: dataclasses with defaults, made and dropped."""

from dataclasses import dataclass

N = 30_000


@dataclass
class Order:
    account: int
    amount: float
    kind: str = "buy"
    filled: bool = False


@dataclass
class Fill:
    order: Order
    price: float


def orders(n):
    state = 12345
    made = []
    for i in range(n):
        state = (state * 1103515245 + 12345) % 2147483648
        if state & 64:
            made.append(Order(state % 97, state % 1000 / 8.0))
        else:
            made.append(Order(state % 97, state % 1000 / 4.0, "sell"))
    return made


def match(made):
    total = 0.0
    price = 100.0
    for order in made:
        fill = Fill(order, price)
        order.filled = True
        if order.kind == "buy":
            price += 0.01
            total += fill.order.amount * fill.price
        else:
            price -= 0.01
            total -= fill.order.amount * fill.price
    return total


def run(n):
    return match(orders(n))


if __name__ == "__main__":
    print(f"{run(N):.6f}")
