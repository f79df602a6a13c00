"""KeyboardInterrupt sent by the program to itself in a hot loop."""
import os
import signal
import threading


def kill_later(delay):
    timer = threading.Timer(delay, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    return timer


def spin(n):
    total = 0
    try:
        for i in range(n):
            total += i & 3
    except KeyboardInterrupt:
        return "interrupted", total > 0
    return "never", total


def at_once(n):
    done = 0
    for i in range(n):
        done = i
        if i == 500:
            os.kill(os.getpid(), signal.SIGINT)
    return done


def nested(n):
    for i in range(n):
        for j in range(n):
            k = i ^ j
    return k


signal.signal(signal.SIGINT, signal.default_int_handler)
timer = kill_later(0.03)
print(spin(10 ** 10))
timer.join()
try:
    print("no interrupt", at_once(10 ** 6))
except KeyboardInterrupt as error:
    print("interrupted", error.__traceback__.tb_next.tb_frame.f_locals["i"])
timer = kill_later(0.03)
try:
    nested(10 ** 6)
except KeyboardInterrupt:
    print("interrupted")
timer.join()
