"""Templates with inheritance, macros, filters and loops."""
# install: python3-jinja2
# import: jinja2
# args: 500
import sys

import jinja2

TEMPLATES = {
    "base": "<title>{% block title %}{% endblock %}</title>\n"
            "{% block body %}{% endblock %}\n",
    "macros": "{% macro field(name, value='') %}<input name='{{ name }}' "
              "value='{{ value|e }}'>{% endmacro %}",
    "page": "{% extends 'base' %}{% import 'macros' as m %}"
            "{% block title %}{{ title|upper }}{% endblock %}"
            "{% block body %}{% for row in rows if row.stock %}"
            "<li class={{ loop.cycle('a', 'b') }}>{{ loop.index }} "
            "{{ row.name|title }} {{ '%.2f'|format(row.price) }}"
            "{% if row.tags %} {{ row.tags|join(', ') }}{% else %} none"
            "{% endif %}{{ m.field(row.name, row.price) }}</li>\n"
            "{% endfor %}{% set total = rows|sum(attribute='price') %}"
            "{{ total|round(2) }}{% endblock %}",
}


class Row:
    def __init__(self, k):
        self.name = f"item {k}"
        self.price = k * 1.37
        self.stock = k * 7 % 5
        self.tags = [f"t{k % n}" for n in range(1, k % 4)]


environment = jinja2.Environment(loader=jinja2.DictLoader(TEMPLATES),
                                 autoescape=True)
length = 0
for k in range(int(sys.argv[1])):
    page = environment.get_template("page")
    length += len(page.render(title=f"page {k}",
                              rows=[Row(n) for n in range(60 + k % 7)]))
print(length)
