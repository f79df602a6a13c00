"""yamllint over generated files."""
# install: yamllint
# import: yamllint.cli
# args: 350
import sys

from yamllint import linter
from yamllint.config import YamlLintConfig

config = YamlLintConfig("extends: default")
text = ["---"]
for k in range(int(sys.argv[1])):
    text += [f"service{k}:", f"  image: registry/{k}:latest", "  ports:",
             f"    - {8000 + k}", f"    -   '{k}:{k}'", "  environment: {a: 1,"
             f" b: {k}}}", "  command: >", "    run this " + "and that " * (k % 9),
             "  enabled: yes " if k % 5 == 0 else "  enabled: true"]
problems = list(linter.run("\n".join(text) + "\n", config))
print(len(problems), *problems[:5], sep="\n")
