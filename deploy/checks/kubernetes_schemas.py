"""Validates manifests strictly: a field that the schema does not know is an error, and so is a kind without a schema.

    kubernetes_schemas.py --kubernetes 1.37 --crd CRD.yaml... -- MANIFEST.yaml...

Needs the packages kubernetes-validate (the schemas of Kubernetes), jsonschema and PyYAML.
"""

import argparse
import sys

import jsonschema
import kubernetes_validate
import yaml

OWN = {"apps", "autoscaling", "policy", "networking.k8s.io", ""}


def strict(schema):
    """The schema of a CRD with every object closed that lists its properties and is not open on purpose."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: strict(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and "type" in schema:
        if not schema.get("x-kubernetes-preserve-unknown-fields"):
            closed.setdefault("additionalProperties", False)
    if schema.get("x-kubernetes-int-or-string"):
        closed.pop("type", None)
        closed["anyOf"] = [{"type": "integer"}, {"type": "string"}]
    return closed


def custom_kinds(paths):
    kinds = {}
    for path in paths:
        for crd in yaml.safe_load_all(open(path)):
            spec = crd["spec"]
            for version in spec["versions"]:
                schema = strict(version["schema"]["openAPIV3Schema"])
                properties = schema.setdefault("properties", {})
                properties.update(apiVersion={"type": "string"}, kind={"type": "string"}, metadata={"type": "object"})
                kinds[f"{spec['group']}/{version['name']}", spec["names"]["kind"]] = schema
    return kinds


def problems(resource, kinds, version):
    key = resource["apiVersion"], resource["kind"]
    group = key[0].rpartition("/")[0]
    if group in OWN:
        try:
            kubernetes_validate.validate(resource, version, strict=True)
        except kubernetes_validate.ValidationError as e:
            yield f"{'.'.join(map(str, e.path))}: {e.message}"
        except kubernetes_validate.SchemaNotFoundError as e:
            yield str(e)
    elif key in kinds:
        for error in jsonschema.Draft202012Validator(kinds[key]).iter_errors(resource):
            yield f"{error.json_path}: {error.message}"
    else:
        yield "no schema for this kind"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kubernetes", required=True)
    parser.add_argument("--crd", nargs="*", default=[])
    parser.add_argument("manifests", nargs="+")
    arguments = parser.parse_args()
    kinds = custom_kinds(arguments.crd)
    bad = 0
    for path in arguments.manifests:
        resources = [r for r in yaml.safe_load_all(open(path)) if r]
        for resource in resources:
            for problem in problems(resource, kinds, arguments.kubernetes):
                bad += 1
                print(f"{path}: {resource['kind']}/{resource['metadata']['name']}: {problem}", file=sys.stderr)
        print(f"{path}: {len(resources)} resources")
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
