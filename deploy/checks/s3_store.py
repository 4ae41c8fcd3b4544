"""A store in S3 is whole: whoever shares the volume of checkpoints otherwise has a bucket, keys and a way there, and no volume.

    s3_store.py RENDERED-BASE.yaml RENDERED-OVERLAY.yaml     as kustomize renders them
"""

import re
import sys
from pathlib import Path

KEYS = {"AWS_ACCESS_KEY_ID": "access-key-id", "AWS_SECRET_ACCESS_KEY": "secret-access-key"}
VOLUME = r"claimName: checkpoints$|name: checkpoints$|mountPath: /var/lib/millrace/checkpoints$"


def manifests(path):
    for manifest in Path(path).read_text().split("\n---\n"):
        kind = re.search(r"^kind: (\S+)", manifest, re.M).group(1)
        name = re.search(r"^  name: (\S+)", manifest, re.M).group(1)
        yield f"{kind}/{name}", manifest


base, overlay = (dict(manifests(path)) for path in sys.argv[1:])
sharing = {name for name, manifest in base.items() if re.search(r"claimName: checkpoints$", manifest, re.M)}
problems = [] if len(sharing) == 3 else [f"three services share checkpoints, the base has {sorted(sharing)}"]
for name in sorted(sharing):
    manifest = overlay[name]
    if re.search(VOLUME, manifest, re.M):
        problems.append(f"{name} keeps its volume")
    for variable, key in KEYS.items():
        secret = rf"- name: {variable}\n +valueFrom:\n +secretKeyRef:\n +key: {key}\n +name: checkpoints-s3\n +optional: true"
        if not re.search(secret, manifest):
            problems.append(f"{name} gets no {variable} from the Secret checkpoints-s3")
    if 'millrace.io/s3-client: "true"' not in manifest:
        problems.append(f"{name} lacks the label that lets it out to the bucket")
if "PersistentVolumeClaim/checkpoints" in overlay:
    problems.append("the claim stays")
if 'millrace.io/s3-client: "true"' not in overlay.get("NetworkPolicy/s3", ""):
    problems.append("no policy lets anybody out to the bucket")
settings = [text for name, text in overlay.items() if name.startswith("ConfigMap/millrace-settings")]
if not any(re.search(r"^  MILLRACE_CHECKPOINTS_URI: s3://[a-z]", text, re.M) for text in settings):
    problems.append("no settings name the bucket")
print("\n".join(problems))
sys.exit(bool(problems))
