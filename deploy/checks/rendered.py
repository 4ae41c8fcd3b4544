"""Reads what kustomize rendered, and finds the parts that several checks ask for."""

import yaml

WORKLOADS = {"Deployment", "StatefulSet", "DaemonSet", "Job"}


def read(path):
    with open(path) as file:
        return [resource for resource in yaml.safe_load_all(file) if resource]


def title(resource):
    return f"{resource['kind']}/{resource['metadata']['name']}"


def of_kind(resources, *kinds):
    return [resource for resource in resources if resource["kind"] in kinds]


def names(resources, *kinds):
    return {resource["metadata"]["name"] for resource in of_kind(resources, *kinds)}


def group(resource):
    return resource["apiVersion"].rpartition("/")[0]


def pods(resources):
    """Workload and the specification of its pods."""
    for resource in of_kind(resources, *WORKLOADS):
        yield resource, resource["spec"]["template"]["spec"]


def containers(pod):
    return [*pod.get("initContainers", []), *pod["containers"]]


def labels(workload):
    return workload["spec"]["template"]["metadata"].get("labels", {})


def selects(selector, found):
    """Whether a label selector of Kubernetes takes these labels."""
    for key, value in selector.get("matchLabels", {}).items():
        if found.get(key) != value:
            return False
    for expression in selector.get("matchExpressions", []):
        if expression["operator"] != "In":
            raise ValueError(f"no rule for the operator {expression['operator']}")
        if found.get(expression["key"]) not in expression["values"]:
            return False
    return True
