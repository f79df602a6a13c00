"""Reads numbers from standard input and sums them in a hot loop."""
# stdin: 1 2 3 4 5
# stdin: 10 20 30
# stdin: 2.5 -7
# stdin: bad 9
# stdin: 99999999999999999999 1
import sys

total = 0
bad = 0
for line in sys.stdin:
    for word in line.split():
        try:
            total += float(word) if "." in word else int(word)
        except ValueError:
            bad += 1
        for digit in word * 20:
            if "0" <= digit <= "9":
                total += ord(digit) - 48
print(total, bad)
print(input.__name__, sys.stdin.readline() == "")
