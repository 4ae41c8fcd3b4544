"""Topics and grants stand in docs/managed-kafka.md and, for Strimzi, in KafkaTopics and KafkaUsers: the same ones."""

import re
import sys
from pathlib import Path

page = Path("docs/managed-kafka.md").read_text()
overlay = Path("deploy/kubernetes/overlays/strimzi")


def documented_topics():
    for name, settings in re.findall(r"^\| `(millrace\.[^`<]+)` \| (`[^|]*`) \|", page, re.M):
        yield name, frozenset(re.findall(r"`([^`]+)`", settings))


def documented_grants():
    row = r"^\| (\S+-service) \| (topic|group|transactional id)(, by prefix)? \| `([^`]+)` \| ([A-Za-z, ]+) \|"
    for service, kind, prefix, name, operations in re.findall(row, page, re.M):
        kind = "transactionalId" if kind == "transactional id" else kind
        yield service, kind, "prefix" if prefix else "literal", name, operations


def strimzi_topics():
    for topic in (overlay / "20-kafka-topics.yaml").read_text().split("\n---\n"):
        name = re.search(r"^  name: (\S+)", topic, re.M).group(1)
        yield name, frozenset(f"{key}={value}" for key, value in re.findall(r"^    ([a-z.]+): (\S+)$", topic, re.M))


def strimzi_grants():
    for user in (overlay / "21-kafka-users.yaml").read_text().split("\n---\n"):
        service = re.search(r"^  name: (\S+)", user, re.M).group(1)
        rule = r"type: (\w+), patternType: (\w+), name: \"?([^\s\"}]+)\"?}\n +operations: \[(.*)\]"
        for kind, pattern, name, operations in re.findall(rule, user):
            yield service, kind, pattern, name, operations


problems = []
for what, documented, deployed in (("topic", set(documented_topics()), set(strimzi_topics())),
                                   ("grant", set(documented_grants()), set(strimzi_grants()))):
    if not documented:
        problems.append(f"docs/managed-kafka.md names no {what}")
    problems += [f"{what} that Strimzi's overlay lacks: {one}" for one in sorted(documented - deployed, key=str)]
    problems += [f"{what} that docs/managed-kafka.md lacks: {one}" for one in sorted(deployed - documented, key=str)]
print("\n".join(problems))
sys.exit(bool(problems))
