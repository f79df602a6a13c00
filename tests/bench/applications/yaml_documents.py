"""Documents written and read by the pure Python YAML library."""
# install: python3-yaml
# import: yaml
# args: 350
import sys

import yaml

data = [{"name": f"host{k}", "roles": ["web", "db"][:k % 3], "weight": k / 3,
         "active": k % 2 == 0, "text": "several\nlines\n" * (k % 3),
         "limits": {"cpu": k, "memory": f"{k}Gi", "none": None}}
        for k in range(int(sys.argv[1]))]
text = yaml.dump(data, Dumper=yaml.SafeDumper)
again = yaml.load(text, Loader=yaml.SafeLoader)
print(len(text), again == data)
