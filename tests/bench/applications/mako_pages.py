"""Templates with functions, inheritance and filters."""
# install: python3-mako
# import: mako.template
# args: 1800
import sys

from mako.lookup import TemplateLookup

lookup = TemplateLookup()
lookup.put_string("base", "<h1>${self.title()}</h1>${next.body()}")
lookup.put_string("page", """<%inherit file="base"/>
<%def name="title()">Page ${k}</%def>
<%def name="cell(value)"><td>${value | h}</td></%def>
% for row in rows:
<tr>
  % for value in row:
    ${cell(value)}
  % endfor
</tr>
% endfor
""")
length = 0
for k in range(int(sys.argv[1])):
    rows = [[a * b if (a + b) % 3 else f"<{a}>" for a in range(8)]
            for b in range(8)]
    length += len(lookup.get_template("page").render(k=k, rows=rows))
print(length)
