"""Every alert has `for`, a severity, a summary, a description and an anchor that docs/operations.md has."""

import re
import sys
from pathlib import Path

document = Path("docs/operations.md").read_text()
anchors = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).strip().replace(" ", "-")
           for heading in re.findall(r"^#+ (.*)$", document, re.M)}
problems = []
alerts = re.split(r"^ {6}- alert: ", Path("deploy/prometheus/rules/alerts.yml").read_text(), flags=re.M)[1:]
for alert in alerts:
    name = alert.splitlines()[0].strip()
    for part in (r"^ {8}for: \d+[smh]$", r"^ {10}severity: (critical|warning)$", r"^ {10}summary: .", r"^ {10}description: ."):
        if not re.search(part, alert, re.M):
            problems.append(f"{name} lacks {part}")
    anchor = re.search(r"runbook_url: docs/operations.md#(\S+)", alert)
    if not anchor or anchor[1] not in anchors:
        problems.append(f"{name}: its runbook is not in docs/operations.md")
tests = Path("deploy/prometheus/tests/alerts.test.yml").read_text()
problems += [f"{name} has no test that fires" for name in (a.splitlines()[0].strip() for a in alerts)
             if not re.search(rf"alertname: {name}\n\s+exp_alerts:\n", tests)]
print("\n".join(problems) or f"{len(alerts)} alerts")
sys.exit(bool(problems))
