"""What sys.getrefcount shows of an object that a function has made and keeps in
a variable: made in another block than stored, looked at in loops and behind
steps of iterators, overwritten, deleted, under two names, dying in a callee."""
import sys


class Thing:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("dies", self.name)


seen = []
count = sys.getrefcount


def log(*values):
    seen.append(values)


def numbers(k):
    yield k
    yield -k


def made_by_loop(k):
    made = [j for j in range(4)]
    log(count(made))
    return made


def looked_at_in_loop(k):
    made = [j for j in range(k % 4)]
    for turn in range(3):
        log(turn, count(made))
        if turn == 1:
            log(count(made), len(made))


def behind_steps(k, made):
    log(count(made))
    for number in numbers(k):
        log(number, count(made))
    return made


def parameter_again(k, made):
    made = [made, k]
    for number in numbers(k):
        log(number, count(made), count(made[0]))
    log(count(made))


def on_one_way(k):
    made = [k]
    if k % 3:
        other = made
        log(count(made), count(other))
    log(count(made))
    return made


def in_each_turn(k):
    kept = None
    for turn in range(4):
        made = [turn]
        log(count(made), kept is None or count(kept))
        if turn % 2:
            kept = made
        log(count(made))
    return kept


def overwritten(k):
    thing = Thing(k)
    log(count(thing))
    name = thing.name
    thing = Thing(-k)
    log(name, count(thing))
    del thing
    log(name)


def last_in_callee(k):
    thing = Thing(k)
    log(thing.name, count(thing))
    rebind()
    log("behind", k)


def rebind():
    sys._getframe(1).f_locals["thing"] = None


def caught(k):
    made = [k]
    try:
        log(count(made), made[k % 2])
    except IndexError as error:
        log(type(error).__name__, count(made))
    log(count(made))


def by_generator(k):
    made = {k: [k]}
    yield count(made)
    made = made[k]
    yield count(made)


for k in range(1, 60):
    made_by_loop(k)
    looked_at_in_loop(k)
    behind_steps(k, [])
    parameter_again(k, [])
    on_one_way(k)
    in_each_turn(k)
    overwritten(k)
    last_in_callee(k)
    caught(k)
    log(*by_generator(k))
    print(k, *seen)
    seen.clear()


def put_away(k):
    made = [k]
    kept = sys
    log(count(made), count(kept) - count(sys))
    numbers = [made for made in range(3)]
    both = [kept for kept in (made, numbers)]
    log(count(made), count(kept) - count(sys), count(numbers), len(both))
    log(count(numbers))
    again = [numbers for numbers in numbers]
    pairs = [made for made in zip(made, numbers)]
    log(count(made), count(numbers), count(again), len(pairs))
    return [made for made in [made]][0] is made


for k in range(60):
    print(put_away(k), *seen)
    seen.clear()
