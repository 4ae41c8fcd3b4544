"""What a schema does not see in rendered manifests: whether what they name is there, whether they fit any cluster, and
whether docs/operations.md says what they expect of one.

    manifests.py DIRECTORY     with base.yaml, overlays/NAME.yaml, components/NAME.yaml, each of them upon the base, and
                               together.yaml, of several components
"""

import re
import sys
from pathlib import Path

from images import moving
from rendered import containers, group, labels, names, of_kind, pods, read, selects, title

BUILT_IN = {"", "apps", "autoscaling", "batch", "networking.k8s.io", "policy"}
# A resource of the last apply is kept in an annotation, which may have no more.
LARGEST = 262_144
RESOLVERS = ["169.254.0.0/16", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]


def images(resources):
    """By digest, or by a tag that stays what it is."""
    for workload, pod in pods(resources):
        for container in containers(pod):
            problem = moving(container["image"])
            if problem:
                yield f"{title(workload)}: {problem}"


def references(resources):
    """ConfigMaps, claims and accounts that pods name are there."""
    maps, claims = names(resources, "ConfigMap"), names(resources, "PersistentVolumeClaim")
    for workload, pod in pods(resources):
        for name in sorted(config_maps(pod) - maps):
            yield f"{title(workload)}: no ConfigMap {name}"
        for volume in pod.get("volumes", []):
            claim = volume.get("persistentVolumeClaim", {}).get("claimName")
            if claim and claim not in claims:
                yield f"{title(workload)}: no claim {claim}"
        account = pod.get("serviceAccountName")
        if account and account not in names(resources, "ServiceAccount"):
            yield f"{title(workload)}: no ServiceAccount {account}"
        mounted = {volume["name"] for volume in pod.get("volumes", [])}
        mounted |= {claim["metadata"]["name"] for claim in workload["spec"].get("volumeClaimTemplates", [])}
        used = {mount["name"] for container in containers(pod) for mount in container.get("volumeMounts", [])}
        for name in sorted(used ^ mounted):
            yield f"{title(workload)}: volume {name} is mounted or declared alone"


def config_maps(pod):
    found = {source["configMapRef"]["name"] for c in containers(pod) for source in c.get("envFrom", []) if "configMapRef" in source}
    for volume in pod.get("volumes", []):
        for source in [volume, *volume.get("projected", {}).get("sources", [])]:
            if "configMap" in source:
                found.add(source["configMap"]["name"])
    return found


def selectors(resources):
    """Services, policies, budgets and monitors take some pod; ports that Services and policies name are ports of it."""
    templates = [(labels(workload), {port["name"] for c in containers(pod) for port in c.get("ports", [])})
                 for workload, pod in pods(resources)]
    for resource in of_kind(resources, "Service", "NetworkPolicy", "PodDisruptionBudget", "PodMonitor"):
        spec = resource["spec"]
        selector = {"matchLabels": spec["selector"]} if resource["kind"] == "Service" else spec.get("selector", spec.get("podSelector"))
        if any(key.startswith("strimzi.io/") for key in selector.get("matchLabels", {})):
            continue
        taken = [ports for found, ports in templates if selects(selector, found)]
        if not taken:
            yield f"{title(resource)} takes no pod"
        for port in ports_named(resource):
            if not all(port in ports for ports in taken):
                yield f"{title(resource)}: a pod that it takes has no port {port}"


def ports_named(resource):
    spec = resource["spec"]
    if resource["kind"] == "Service":
        ports = [port["targetPort"] for port in spec["ports"]]
    elif resource["kind"] == "NetworkPolicy":
        ports = [port["port"] for rule in spec.get("ingress", []) for port in rule.get("ports", [])]
    else:
        ports = [end["port"] for end in spec.get("podMetricsEndpoints", [])]
    return [port for port in ports if isinstance(port, str)]


def scaling(resources):
    """An autoscaler has one who is scaled, who does not say how many there are; budgets let nodes be drained."""
    for scaler in of_kind(resources, "HorizontalPodAutoscaler"):
        target = scaler["spec"]["scaleTargetRef"]
        scaled = [r for r in of_kind(resources, target["kind"]) if r["metadata"]["name"] == target["name"]]
        if not scaled:
            yield f"{title(scaler)} scales nothing"
        if any("replicas" in r["spec"] for r in scaled):
            yield f"{title(scaler)}: what it scales says its replicas, too, and goes back to them with every apply"
    for budget in of_kind(resources, "PodDisruptionBudget"):
        if budget["spec"].get("maxUnavailable") in (None, 0, "0%"):
            yield f"{title(budget)}: only maxUnavailable lets a node be drained whatever the number of replicas"
        if budget["spec"].get("unhealthyPodEvictionPolicy") != "AlwaysAllow":
            yield f"{title(budget)}: pods that are not ready keep a node from being drained"


def network(resources):
    """Resolvers are reached wherever they are; Millrace's pods run where their image does."""
    for policy in of_kind(resources, "NetworkPolicy"):
        if policy["metadata"]["name"] == "dns":
            peers = [peer.get("ipBlock", {}).get("cidr") for rule in policy["spec"]["egress"] for peer in rule["to"]]
            yield from (f"{title(policy)} misses resolvers at {cidr}" for cidr in RESOLVERS if cidr not in peers)
    if "dns" not in names(resources, "NetworkPolicy"):
        yield "no policy allows to ask for names"


def mirrors(resources):
    """The dataset-service reaches the servers that it fetches from unless told otherwise."""
    config = Path("dataset-service/src/main/java/io/millrace/dataset/DatasetConfig.java").read_text()
    needed = {443 if scheme == "https" else 80 for scheme in re.findall(r"[\",](https?)://", config)}
    service = {"app.kubernetes.io/name": "dataset-service", "app.kubernetes.io/instance": "millrace"}
    opened = {port["port"] for policy in of_kind(resources, "NetworkPolicy") if selects(policy["spec"]["podSelector"], service)
              for rule in policy["spec"].get("egress", []) if any("ipBlock" in peer for peer in rule.get("to", []))
              for port in rule.get("ports", [])}
    if not needed:
        yield "DatasetConfig names no mirrors any more"
    yield from (f"no policy lets the dataset-service out to mirrors at port {port}" for port in sorted(needed - opened))


def placement(resources):
    for workload, pod in pods(resources):
        if any(re.match(r".*/?[a-z]+-service[:@]", c["image"]) for c in pod["containers"]):
            if pod.get("nodeSelector", {}).get("kubernetes.io/arch") != "amd64":
                yield f"{title(workload)} may land on a node that its image does not run on"


def size(resources):
    for resource in resources:
        if len(str(resource).encode()) > LARGEST - 20_000:
            yield f"{title(resource)} is too large for kubectl apply"


CHECKS = [images, references, selectors, scaling, network, mirrors, placement, size]


def expects(resources):
    """What a cluster has to have for these, beyond Kubernetes itself."""
    made = {f"{name}-cluster-ca-cert" for name in names(resources, "Kafka")} | names(resources, "KafkaUser")
    for resource in resources:
        if group(resource) not in BUILT_IN:
            yield group(resource)
        if "ReadWriteMany" in resource["spec"].get("accessModes", []) if resource["kind"] == "PersistentVolumeClaim" else False:
            yield "ReadWriteMany"
        if resource["kind"] == "HorizontalPodAutoscaler":
            for metric in resource["spec"]["metrics"]:
                yield "metrics.k8s.io" if metric["type"] == "Resource" else "custom.metrics.k8s.io"
    for _, pod in pods(resources):
        secrets = [volume["secret"] for volume in pod.get("volumes", []) if "secret" in volume]
        yield from (s["secretName"] for s in secrets if not s.get("optional") and s["secretName"] not in made)
        for container in containers(pod):
            yield from (name for name in container.get("resources", {}).get("limits", {}) if "/" in name)
            sources = [s.get("secretRef") for s in container.get("envFrom", [])]
            sources += [e.get("valueFrom", {}).get("secretKeyRef") for e in container.get("env", [])]
            yield from (s["name"] for s in sources if s and not s.get("optional") and s["name"] not in made)


def documented():
    """The second column of the table in docs/operations.md, by what the first one names."""
    page = Path("docs/operations.md").read_text()
    for kind, name, expected in re.findall(r"^\| (base|overlay|component) ?(?:`([^`]+)`)? \| ([^|]*) \|", page, re.M):
        yield f"{kind}s/{name}" if name else kind, set(re.findall(r"`([^`]+)`", expected))


def main():
    directory = Path(sys.argv[1])
    found = {str(path.relative_to(directory).with_suffix("")): read(path) for path in sorted(directory.rglob("*.yaml"))}
    bad = [f"{name}: {problem}" for name, resources in found.items() for check in CHECKS for problem in check(resources)]
    table, base = dict(documented()), set(expects(found["base"]))
    for name in sorted(found.keys() - {"together"} | table.keys()):
        expected = set(expects(found.get(name, []))) - (base if name.startswith("components/") else set())
        if table.get(name) != expected:
            bad.append(f"{name} expects {sorted(expected)} of a cluster; docs/operations.md says {sorted(table.get(name, ['nothing']))}")
    print("\n".join(bad))
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
