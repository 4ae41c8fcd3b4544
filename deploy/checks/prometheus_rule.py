"""The rules of deploy/prometheus as the Prometheus operator takes them; a ConfigMap it would never load.

    prometheus_rule.py           says whether the component's PrometheusRule is made of today's rules
    prometheus_rule.py --write   makes it
"""

import sys
from pathlib import Path

RULES = [Path(f"deploy/prometheus/rules/{name}.yml") for name in ("recording", "alerts")]
RESOURCE = Path("deploy/kubernetes/components/prometheus-operator/20-prometheusrule.yaml")
HEAD = """# Made of deploy/prometheus/rules by deploy/checks/prometheus_rule.py --write.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: millrace
  labels:
    app.kubernetes.io/name: millrace
    app.kubernetes.io/instance: millrace
spec:
  groups:
"""


def resource():
    groups = (path.read_text().partition("\ngroups:\n")[2] for path in RULES)
    lines = (line for group in groups for line in group.splitlines())
    return HEAD + "".join(f"  {line}\n" if line else "\n" for line in lines)


if sys.argv[1:] == ["--write"]:
    RESOURCE.write_text(resource())
elif not RESOURCE.exists() or RESOURCE.read_text() != resource():
    sys.exit(f"{RESOURCE} is not made of today's rules: python3 deploy/checks/prometheus_rule.py --write")
