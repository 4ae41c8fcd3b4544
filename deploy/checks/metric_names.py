"""Every metric of Millrace that dashboards and rules name is a constant of a service or a record of the rules. (With data:
metrics.py.)"""

import re
import sys
from pathlib import Path

files = [*Path("deploy/grafana/dashboards").glob("*.json"), *Path("deploy/prometheus/rules").glob("*.yml")]
named = set(re.findall(r"\bmillrace_[a-z_]+\b", " ".join(f.read_text() for f in files)))
meters = {name.replace(".", "_")
          for source in Path().glob("*-service/src/main/java/**/*.java")
          for name in re.findall(r'"(millrace\.[a-z.]+)"', source.read_text())}
recorded = set(re.findall(r"record: (\S+)", Path("deploy/prometheus/rules/recording.yml").read_text()))
asked = set(re.findall(r"\bmillrace:[a-z_]+:[a-z0-9]+\b", " ".join(f.read_text() for f in files)))
unknown = sorted(n for n in named if n not in meters
                 and re.sub(r"_(total|seconds(_(sum|count|bucket))?|bucket|count|sum)$", "", n) not in meters)
problems = [f"no service has {name}" for name in unknown] + [f"no rule records {name}" for name in sorted(asked - recorded)]
problems += [f"{name} is recorded for nobody" for name in sorted(recorded - set(re.findall(r"(?<!record: )\bmillrace:[a-z_]+:[a-z0-9]+\b",
             " ".join(f.read_text() for f in files))))]
print("\n".join(problems) or f"{len(named)} metrics, {len(asked)} records")
sys.exit(bool(problems))
