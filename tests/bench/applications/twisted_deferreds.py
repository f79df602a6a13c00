"""Deferreds, a protocol over memory, inline callbacks."""
# install: python3-twisted
# import: twisted.internet.defer twisted.protocols.basic
# args: 6000
import sys

from twisted.internet import defer, task
from twisted.internet.testing import StringTransport
from twisted.protocols.basic import LineReceiver


class Calculator(LineReceiver):
    def lineReceived(self, line):
        numbers = [int(word) for word in line.split()]
        self.sendLine(str(sum(numbers)).encode())


@defer.inlineCallbacks
def chain(clock, k):
    first = yield task.deferLater(clock, 1, lambda: k)
    second = yield defer.gatherResults([defer.succeed(first + n)
                                        for n in range(4)])
    return sum(second)


clock = task.Clock()
results = []
for k in range(int(sys.argv[1])):
    chain(clock, k).addCallback(lambda value: value * 2).addBoth(results.append)
    if k % 10 == 0:
        clock.advance(1)
clock.advance(1)
calculator = Calculator()
transport = StringTransport()
calculator.makeConnection(transport)
for k in range(int(sys.argv[1])):
    calculator.dataReceived(f"{k} {k + 1}\r\n{k} 5".encode() + b"\r\n")
print(len(results), sum(results), len(transport.value()))
