"""Every metric of Millrace that dashboards and rules name is a constant of a service. (That it is scraped: metrics.py.)"""

import re
import sys
from pathlib import Path

files = [*Path("deploy/grafana/dashboards").glob("*.json"), *Path("deploy/prometheus/rules").glob("*.yml")]
named = set(re.findall(r"\bmillrace_[a-z_]+\b", " ".join(f.read_text() for f in files)))
meters = {name.replace(".", "_")
          for source in Path().glob("*-service/src/main/java/**/*.java")
          for name in re.findall(r'"(millrace\.[a-z.]+)"', source.read_text())}
unknown = sorted(n for n in named if n not in meters
                 and re.sub(r"_(total|seconds(_(sum|count|bucket))?|bucket|count|sum)$", "", n) not in meters)
print("\n".join(f"no service has {name}" for name in unknown) or f"{len(named)} metrics")
sys.exit(bool(unknown))
