"""Asks a running Prometheus for everything that dashboards and rules use.

    metrics.py PROMETHEUS_URL

Two questions: is every metric that they name in the last scrapes of the services, and does the query of every panel
return data? Left out is what the run that is looked at does not do.
"""

import json
import math
import re
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

URL = sys.argv[1].rstrip("/")
WORDS = r"\b(?:millrace|jvm|process|kafka|disk)_[a-z0-9_]+\b"
# Runs that validate, average or go in rounds, a shadow, and feedback have these.
UNUSED = re.compile(r"millrace_(inference_shadow|inference_feedback_accuracy|trainer_validation|evaluator_average|trainer_round)_")
RULES = [Path(f"deploy/prometheus/rules/{name}.yml") for name in ("recording", "alerts")]


def ask(path, **parameters):
    query = urllib.parse.urlencode(parameters)
    with urllib.request.urlopen(f"{URL}/api/v1/{path}?{query}", timeout=10) as answer:
        return json.load(answer)["data"]


def has_data(expression):
    """As a panel asks: over a range. A series of nothing but NaN is no data."""
    now = time.time()
    series = ask("query_range", query=expression, start=now - 1800, end=now, step=10)["result"]
    return any(math.isfinite(float(value)) for one in series for _, value in one["values"])


def filled_in(expression):
    for name, value in (("$__rate_interval", "1m"), ("$run", ".*"), ("$model", ".*")):
        expression = expression.replace(name, value)
    return expression


def panels():
    for path in sorted(Path("deploy/grafana/dashboards").glob("*.json")):
        dashboard = json.loads(path.read_text())
        for panel in dashboard["panels"]:
            for target in panel.get("targets", []):
                yield f"{path.stem}: {panel['title']} {target['refId']}", filled_in(target["expr"])
        for annotation in dashboard["annotations"]["list"]:
            if "expr" in annotation:
                yield f"{path.stem}: annotation {annotation['name']}", filled_in(annotation["expr"])


def main():
    problems = []
    queries = list(panels())
    rules = "\n".join(re.findall(r"expr: (?:\|\n(?: {10,}.*\n)+|.*\n)", "".join(p.read_text() for p in RULES)))
    left_out = [title for title, expression in queries if UNUSED.search(expression)]
    queries = [query for query in queries if query[0] not in left_out]
    names = sorted(set(re.findall(WORDS, rules + "\n".join(e for _, e in queries))))
    names = [name for name in names if not UNUSED.match(name)]
    scraped = {m["metric"] for m in ask("targets/metadata", limit=100000)}
    series = set(ask("label/__name__/values"))
    for name in names:
        if name not in series:
            problems.append(f"not scraped: {name}")
    empty = 0
    for title, expression in queries:
        if not has_data(expression):
            empty += 1
            problems.append(f"no data: {title}: {expression}")
    print(f"{len(names)} metrics named, {len(series)} series names scraped ({len(scraped)} described), "
          f"{len(queries)} queries, {empty} without data, {len(left_out)} left out")
    print("\n".join(problems))
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
