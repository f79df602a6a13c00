"""Globals rebound in the middle of a hot loop, by the loop and by callees."""

factor = 2
offset = 1.5


def scaled(x):
    return x * factor + offset


def bump(i):
    global factor
    if i == 300:
        factor = 3
    elif i == 400:
        factor = 2.5
    elif i == 450:
        factor = "s"


def run(n):
    global offset
    total = 0
    for i in range(n):
        total += scaled(i)
        bump(i)
        if i == 200:
            offset = 10
    return total


print(run(440))
factor = 2
try:
    run(500)
except TypeError as error:
    print(error, factor)
factor = 1


def helper(x):
    return x + 1


def calls(n):
    global helper
    total = 0
    for i in range(n):
        total += helper(i)
        if i == 250:
            helper = other
        if i == 350:
            helper = lambda x: 1000000
    return total


def other(x):
    return x - 1


print(calls(500))
print(calls(10))


def deletes(n):
    global gone
    gone = 5
    total = 0
    for i in range(n):
        total += gone
        if i == 90:
            del gone
    return total


try:
    deletes(100)
except NameError as error:
    print(error)


def through_dict(n):
    space = globals()
    total = 0
    for i in range(n):
        total += value
        if i == 80:
            space["value"] = 7
        if i == 90:
            space.update(value=0.5)
    return total


value = 1
print(through_dict(100))
i = 0
limit = 100
count = 0
while i < limit:
    i += 1
    count += factor
    if i == 50:
        limit = 150
    if i == 100:
        factor = 10
print(i, count)
