"""Breaks rendered manifests in one way each and sees that the check which is for it says so.

    faults.py DIRECTORY        as for manifests.py
"""

import copy
import sys
from pathlib import Path

import manifests
import pod_security
from rendered import of_kind, read

DIRECTORY = Path(sys.argv[1])
FAULTS = []


def fault(overlay, check, said):
    """Registers what breaks a copy of an overlay; the check has to answer with a problem that has these words."""
    def register(breaks):
        FAULTS.append((overlay, check, said, breaks))
        return breaks
    return register


def one(resources, kind, name):
    return next(r for r in of_kind(resources, kind) if r["metadata"]["name"] == name)


def trainer(resources):
    return one(resources, "Deployment", "trainer-service")["spec"]["template"]["spec"]


@fault("base", pod_security.problems, "allowPrivilegeEscalation")
def a_container_that_may_gain_privileges(resources):
    del trainer(resources)["containers"][0]["securityContext"]["allowPrivilegeEscalation"]


@fault("base", pod_security.problems, "seccompProfile")
def a_pod_without_seccomp(resources):
    del trainer(resources)["securityContext"]["seccompProfile"]


@fault("base", pod_security.problems, "runAsNonRoot")
def a_pod_that_may_be_root(resources):
    trainer(resources)["securityContext"]["runAsNonRoot"] = False


@fault("base", pod_security.problems, "drop ALL")
def a_container_that_keeps_capabilities(resources):
    trainer(resources)["containers"][0]["securityContext"]["capabilities"] = {"drop": ["NET_RAW"]}


@fault("base", pod_security.problems, "is a hostPath")
def a_directory_of_the_node(resources):
    trainer(resources)["volumes"].append({"name": "node", "hostPath": {"path": "/"}})


@fault("overlays/strimzi", pod_security.problems, "kafkaContainer")
def brokers_as_strimzi_makes_them_by_default(resources):
    del of_kind(resources, "KafkaNodePool")[0]["spec"]["template"]


@fault("overlays/strimzi", pod_security.problems, "userOperatorContainer")
def an_entity_operator_as_strimzi_makes_it_by_default(resources):
    del of_kind(resources, "Kafka")[0]["spec"]["entityOperator"]["template"]["userOperatorContainer"]


@fault("base", manifests.images, "another one tomorrow")
def an_image_that_moves(resources):
    trainer(resources)["containers"][0]["image"] = "registry.example.org:5000/trainer-service:latest"


@fault("base", manifests.images, "neither tag nor digest")
def an_image_without_a_tag(resources):
    trainer(resources)["containers"][0]["image"] = "registry.example.org:5000/trainer-service"


@fault("base", manifests.references, "no claim")
def a_claim_that_is_not_there(resources):
    resources.remove(one(resources, "PersistentVolumeClaim", "dataset-cache"))


@fault("base", manifests.references, "mounted or declared alone")
def a_volume_that_nobody_mounts(resources):
    trainer(resources)["volumes"].append({"name": "alone", "emptyDir": {}})


@fault("base", manifests.selectors, "takes no pod")
def a_service_that_finds_nobody(resources):
    one(resources, "Service", "inference")["spec"]["selector"]["app.kubernetes.io/name"] = "inference"


@fault("base", manifests.selectors, "no port web")
def a_port_that_nobody_has(resources):
    one(resources, "Service", "inference")["spec"]["ports"][0]["targetPort"] = "web"


@fault("base", manifests.scaling, "drained")
def a_budget_that_holds_up_a_drain(resources):
    budget = of_kind(resources, "PodDisruptionBudget")[0]["spec"]
    del budget["maxUnavailable"]
    budget["minAvailable"] = 1


@fault("base", manifests.scaling, "says its replicas, too")
def replicas_that_two_decide(resources):
    one(resources, "Deployment", "inference-service")["spec"]["replicas"] = 1


@fault("base", manifests.network, "169.254.0.0/16")
def no_way_to_a_cache_of_names(resources):
    one(resources, "NetworkPolicy", "dns")["spec"]["egress"] = one(resources, "NetworkPolicy", "dns")["spec"]["egress"][1:]


@fault("base", manifests.mirrors, "mirrors at port 80")
def a_data_set_that_is_out_of_reach(resources):
    resources.remove(one(resources, "NetworkPolicy", "downloads-of-datasets"))


@fault("base", manifests.placement, "may land on a node")
def any_processor(resources):
    del trainer(resources)["nodeSelector"]


@fault("base", manifests.expects, "custom.metrics.k8s.io")
def an_autoscaler_that_needs_an_adapter(resources):
    of_kind(resources, "HorizontalPodAutoscaler")[0]["spec"]["metrics"].append({"type": "Pods"})


@fault("base", manifests.expects, "monitoring.coreos.com")
def an_operator_that_nobody_asked_for(resources):
    resources.extend(of_kind(read(DIRECTORY / "components/prometheus-operator.yaml"), "PodMonitor"))


def main():
    bad = []
    for overlay, check, said, breaks in FAULTS:
        resources = read(DIRECTORY / f"{overlay}.yaml")
        before = set(check(resources))
        broken = copy.deepcopy(resources)
        breaks(broken)
        if not any(said in problem for problem in set(check(broken)) - before):
            bad.append(f"{breaks.__name__}: {check.__name__} does not say \"{said}\"")
    print("\n".join(bad) or f"{len(FAULTS)} faults found")
    sys.exit(bool(bad))


main()
