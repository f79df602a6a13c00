"""Numbers, dates and messages of several languages."""
# install: python3-babel
# import: babel.numbers babel.dates
# args: 1500
import io
import sys
from datetime import datetime

from babel.dates import format_datetime
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from babel.numbers import format_currency, format_decimal

words = []
for k in range(int(sys.argv[1])):
    for locale in "de", "en_US", "fr":
        words.append(format_decimal(k * 1234.567, locale=locale))
        words.append(format_currency(k * 9.5, "EUR", locale=locale))
        words.append(format_datetime(datetime(2020, 1 + k % 12, 5, 6, k % 60),
                                     locale=locale))
catalog = Catalog(locale="de")
for k in range(int(sys.argv[1])):
    catalog.add(f"message {k} of %(n)s", f"Nachricht {k} von %(n)s",
                locations=[(f"file{k % 7}.py", k)])
out = io.BytesIO()
write_po(out, catalog)
out.seek(0)
again = read_po(out)
print(len(words), words[-1], len(again))
