"""Records validated against a schema with references and alternatives."""
# install: python3-jsonschema
# import: jsonschema
# args: 1200
import sys

from jsonschema import Draft7Validator

SCHEMA = {
    "definitions": {
        "money": {"type": "object", "required": ["amount", "currency"],
                  "properties": {"amount": {"type": "number", "minimum": 0},
                                 "currency": {"enum": ["EUR", "CHF", "USD"]}}},
        "line": {"type": "object", "required": ["sku", "price"],
                 "properties": {"sku": {"type": "string",
                                        "pattern": "^[A-Z]{2}-[0-9]+$"},
                                "count": {"type": "integer",
                                          "exclusiveMinimum": 0},
                                "price": {"$ref": "#/definitions/money"}}}},
    "type": "object", "required": ["id", "lines"],
    "properties": {
        "id": {"anyOf": [{"type": "integer"},
                         {"type": "string", "minLength": 3}]},
        "lines": {"type": "array", "minItems": 1,
                  "items": {"$ref": "#/definitions/line"}},
        "notes": {"type": ["string", "null"], "maxLength": 40}},
    "additionalProperties": False}


def record(k):
    return {"id": k if k % 3 else f"n{k}", "notes": None if k % 2 else "x" * (k % 50),
            "lines": [{"sku": f"AB-{n}" if n % 9 else "bad", "count": n - 1,
                       "price": {"amount": n * 1.5,
                                 "currency": ("EUR", "CHF", "GBP")[n % 3]}}
                      for n in range(k % 6)]}


validator = Draft7Validator(SCHEMA)
messages = [error.message for k in range(int(sys.argv[1]))
            for error in sorted(validator.iter_errors(record(k)), key=str)]
print(len(messages), *messages[:3], sep="\n")
