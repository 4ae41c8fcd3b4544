"""The profile `restricted` of the Pod Security Standards, asked of every pod that rendered manifests make, and of those that
Strimzi's operator makes of them (https://kubernetes.io/docs/concepts/security/pod-security-standards/).

    pod_security.py MANIFEST.yaml...
"""

import sys

from rendered import containers, of_kind, pods, read, title

VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
SECCOMP = {"RuntimeDefault", "Localhost"}
# Which containers Strimzi makes of which resource: the field of `template` for each.
STRIMZI = {"KafkaNodePool": [("template", "kafkaContainer"), ("template", "initContainer")],
           "Kafka": [("entityOperator", "template", "topicOperatorContainer"),
                     ("entityOperator", "template", "userOperatorContainer")]}


def of_container(context, pod_context):
    """What a security context, with that of its pod behind it, lacks."""
    merged = {**pod_context, **context}
    if context.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation is not false"
    if context.get("privileged"):
        yield "it is privileged"
    if merged.get("runAsNonRoot") is not True:
        yield "runAsNonRoot is not true"
    if merged.get("runAsUser") == 0:
        yield "runAsUser is 0"
    if merged.get("seccompProfile", {}).get("type") not in SECCOMP:
        yield f"seccompProfile is none of {sorted(SECCOMP)}"
    capabilities = context.get("capabilities", {})
    if "ALL" not in capabilities.get("drop", []):
        yield "capabilities do not drop ALL"
    if set(capabilities.get("add", [])) - {"NET_BIND_SERVICE"}:
        yield f"capabilities are added: {capabilities['add']}"
    if context.get("procMount", "Default") != "Default":
        yield "procMount is not Default"


def of_pod(pod):
    context = pod.get("securityContext", {})
    for sharing in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.get(sharing):
            yield f"it has {sharing}"
    if context.get("sysctls"):
        yield "it sets sysctls"
    for volume in pod.get("volumes", []):
        for kind in volume.keys() - {"name"} - VOLUMES:
            yield f"volume {volume['name']} is a {kind}"
    for container in containers(pod):
        for problem in of_container(container.get("securityContext", {}), context):
            yield f"container {container['name']}: {problem}"
        if any(port.get("hostPort") for port in container.get("ports", [])):
            yield f"container {container['name']}: it takes a port of the node"


def problems(resources):
    namespaces = of_kind(resources, "Namespace")
    if not any(n["metadata"].get("labels", {}).get("pod-security.kubernetes.io/enforce") == "restricted" for n in namespaces):
        yield "no namespace enforces restricted"
    for workload, pod in pods(resources):
        for problem in of_pod(pod):
            yield f"{title(workload)}: {problem}"
    for resource in of_kind(resources, *STRIMZI):
        for path in STRIMZI[resource["kind"]]:
            field = resource["spec"]
            for key in path:
                field = field.get(key, {})
            # By container alone: the operator has a pod's context of its own, which says nothing of these.
            for problem in of_container(field.get("securityContext", {}), {}):
                yield f"{title(resource)}: {'.'.join(path)}: {problem}"


def main():
    bad = [f"{path}: {problem}" for path in sys.argv[1:] for problem in problems(read(path))]
    print("\n".join(bad))
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
