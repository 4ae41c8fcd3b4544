"""Validates compose files against Compose's own schema: compose_schema.py SCHEMA FILE..."""

import json
import sys

import jsonschema
import yaml

validator = jsonschema.Draft7Validator(json.load(open(sys.argv[1])))
bad = False
for path in sys.argv[2:]:
    for error in validator.iter_errors(yaml.safe_load(open(path))):
        bad = True
        print(f"{path}: {error.json_path}: {error.message}")
sys.exit(bad)
