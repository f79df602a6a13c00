"""Dates parsed and recurrence rules expanded."""
# install: python3-dateutil
# import: dateutil.parser dateutil.rrule
# args: 3000
import sys
from datetime import datetime

from dateutil import parser, relativedelta, rrule

total = 0
for k in range(int(sys.argv[1])):
    for text in (f"{k % 28 + 1} March 20{k % 30:02} 10:{k % 60:02}",
                 f"2019-07-{k % 28 + 1:02}T05:06:07Z",
                 f"Thu, {k % 27 + 1} Sep 2018 01:02:03 +0200"):
        total += parser.parse(text).toordinal()
rule = rrule.rrule(rrule.MONTHLY, count=int(sys.argv[1]), byweekday=(rrule.MO(1), rrule.FR(-1)),
                   dtstart=datetime(2001, 1, 1))
for moment in rule:
    total += (moment + relativedelta.relativedelta(months=5, day=31)).toordinal()
print(total)
