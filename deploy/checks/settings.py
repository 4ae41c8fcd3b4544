"""Every variable that compose files and rendered manifests give a service is one that this service reads, and
docs/operations.md names exactly the settings that there are.

    settings.py MANIFEST.yaml...

What a service reads is found in its sources: the interfaces with @ConfigMapping, its own and those of its modules.
"""

import re
import sys
from pathlib import Path

import yaml

from rendered import containers, of_kind, pods, read, title

SERVICES = [path.parent.name for path in sorted(Path().glob("*-service/pom.xml"))]
# Read by what a service stands on, under names of its own: the image, the SDK of AWS, PyTorch, Quarkus.
OF_OTHERS = {"AWS_ACCESS_KEY_ID", "AWS_REGION", "AWS_SECRET_ACCESS_KEY", "HEALTH_PATH", "JAVA_TOOL_OPTIONS",
             "OMP_WAIT_POLICY", "QUARKUS_HTTP_HOST", "QUARKUS_MANAGEMENT_HOST"}
# Read only to be refused, with a word about what took its place.
REFUSED = {"millrace.checkpoints.dir"}
# Where a key has a name that whoever sets it chooses: a map without a name of its own.
NAMED = "<name>"


def code(text):
    """Java without comments, strings and annotations."""
    text = re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\])*"', "", text, flags=re.S)
    arguments = r"(?:\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))?"
    return re.sub(rf"@(?!interface)[\w.]+{arguments}", "", text)


def body(text, start):
    """What stands between the brace at start and the one that closes it."""
    depth = 0
    for at in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            return text[start + 1:at]
    raise ValueError("a brace is not closed")


def kebab(name):
    return re.sub(r"([A-Z])", lambda letter: "-" + letter[1].lower(), name)


def members(text, prefix):
    """The keys of a group: its methods, those of a nested group behind the method that returns it."""
    groups = {}
    for nested in re.finditer(r"\b(interface|class|enum|record)\s+(\w+)[^{;]*", text):
        if text[:nested.start()].count("{") == text[:nested.start()].count("}"):
            groups[nested[2]] = (nested[1], body(text, nested.end()))
    own = text
    for _, inner in groups.values():
        own = own.replace(inner, "")
    for kind, name in re.findall(r"([\w.<>]+)\s+(\w+|<name>)\(\)\s*;", own):
        key = f"{prefix}.{NAMED if name == NAMED else kebab(name)}"
        if groups.get(kind, ("",))[0] == "interface":
            yield from members(groups[kind][1], key)
        else:
            yield key


def settings():
    """Keys by the module that reads them."""
    found = {}
    for path in sorted(Path().glob("*/src/main/java/**/*.java")):
        text = path.read_text()
        mapping = re.search(r'@ConfigMapping\(prefix = "([^"]+)"\)', text)
        if mapping:
            text = code(re.sub(r"@WithParentName\s+Map<String, (\w+)> \w+", rf"\1 {NAMED}", text))
            start = text.index("{", re.search(r"\binterface\b", text).start())
            keys = set(members(body(text, start), mapping[1])) - REFUSED
            found.setdefault(path.parts[0], set()).update(keys)
    return found


def variable(key):
    return re.sub(r"[^A-Z0-9]", "_", key.upper())


def read_by(service, found):
    pom = Path(service, "pom.xml").read_text()
    modules = [service, *(module for module in found if f"<artifactId>millrace-{module}</artifactId>" in pom)]
    kafka = re.findall(r"\b(?:kafka\.[a-z][a-z.]+[a-z]|KAFKA_[A-Z_]+[A-Z])\b", Path("docs/managed-kafka.md").read_text())
    return {variable(key) for module in modules for key in found.get(module, ())} | {variable(key) for key in kafka} | OF_OTHERS


def of_compose():
    """Where, which services it is for, which variable."""
    for path in [*sorted(Path().glob("compose*.yaml")), Path("deploy/checks/compose.small.yaml")]:
        for name, service in yaml.safe_load(path.read_text())["services"].items():
            for given in service.get("environment", {}):
                yield path, {name}, given


def of_manifests(path):
    resources = read(path)
    maps, sharing = {r["metadata"]["name"]: r.get("data", {}) for r in of_kind(resources, "ConfigMap")}, {}
    for workload, pod in pods(resources):
        for container in containers(pod):
            for entry in container.get("env", []):
                yield f"{path}: {title(workload)}", {container["name"]}, entry["name"]
            for source in container.get("envFrom", []):
                sharing.setdefault(source.get("configMapRef", {}).get("name"), set()).add(container["name"])
    # A map that several share holds what one of them reads.
    for name, services in sharing.items():
        for given in maps.get(name, {}):
            yield f"{path}: ConfigMap/{name}", services, given


def documented():
    """The keys in the first column of the tables: `a.b.c`, and `.d` for a.b.d."""
    for row in re.findall(r"^\| (`[a-z0-9.`, <>-]+) \|", Path("docs/operations.md").read_text(), re.M):
        last = ""
        for key in re.findall(r"`([^`]+)`", row):
            last = last.rpartition(".")[0] + key if key.startswith(".") else key
            if last.startswith("millrace."):
                yield last


def main():
    found = settings()
    known = {service: read_by(service, found) for service in SERVICES}
    given = [*of_compose(), *(one for path in sys.argv[1:] for one in of_manifests(path))]
    bad = [f"{where}: {' or '.join(sorted(services))} reads no {name}" for where, services, name in given
           if services & known.keys() and not any(name in known.get(service, ()) for service in services)]
    keys, rows = set().union(*found.values()), set(documented())
    bad += [f"docs/operations.md does not name {key}" for key in sorted(keys - rows)]
    bad += [f"docs/operations.md names {key}, which nobody reads" for key in sorted(rows - keys)]
    print("\n".join(sorted(set(bad))) or f"{len(keys)} settings, {len(given)} of them given")
    sys.exit(bool(bad) or len(keys) < 30 or not given)


if __name__ == "__main__":
    main()
