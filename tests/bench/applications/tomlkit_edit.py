"""A TOML file changed without losing its style."""
# install: python3-tomlkit
# import: tomlkit
# args: 7
import sys

import tomlkit

text = "# A file\n" + "".join(
    f"\n[package.p{k}] # note {k}\nname = 'p{k}'\nversion = \"1.{k}\"\n"
    f"needs = [\"a\", \"b{k}\", # why\n  \"c\"]\nweight = {k}.5\n"
    f"when = 2024-01-{k % 28 + 1:02}\ninline = {{a = {k}, b = true}}\n"
    for k in range(25))
length = 0
for k in range(int(sys.argv[1])):
    document = tomlkit.parse(text)
    for name, table in document["package"].items():
        table["version"] = f"2.{k}"
        table["needs"].append(name)
    length += len(tomlkit.dumps(document))
print(length)
