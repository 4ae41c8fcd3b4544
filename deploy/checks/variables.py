"""Every variable of the compose files stands in .env.example with the same default, and in docs/operations.md."""

import re
import sys
from pathlib import Path

used = {}
for name in ("compose.yaml", "compose.gpu.yaml", "compose.s3.yaml"):
    for variable, default in re.findall(r"\$\{(\w+):-([^}]*)\}", Path(name).read_text()):
        used.setdefault(variable, set()).add(default)
shown = dict(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=(.*)$", Path(".env.example").read_text(), re.M))
# Examples of a value, since their default is "none".
EXAMPLES = {"MILLRACE_DATA", "MILLRACE_DATASET_DATA_DIR"}
documented = Path("docs/operations.md").read_text()

problems = []
for variable, defaults in sorted(used.items()):
    # What a GPU needs differs on purpose.
    if variable not in shown:
        problems.append(f"{variable} is not in .env.example")
    elif variable not in EXAMPLES and shown[variable] not in defaults:
        problems.append(f"{variable}: .env.example says {shown[variable]!r}, compose {sorted(defaults)}")
    if variable not in documented:
        problems.append(f"{variable} is not in docs/operations.md")
problems += [f"{variable} of .env.example is used nowhere" for variable in shown.keys() - used.keys() - {"COMPOSE_PROJECT_NAME"}]
print("\n".join(problems))
sys.exit(bool(problems))
