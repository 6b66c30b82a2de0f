#!/usr/bin/env bash
# Package:  in-toto-attestation 0.9.3 (PyPI)
# Input:    a Statement v1 without `predicate`, and two ResourceDescriptors: one with `content` alone, one with `name` alone.
# Expected: the specification of the in-toto Attestation Framework v1. `predicate` is optional: "Unset is treated the same
#           as set-but-empty. MAY be omitted if predicateType fully describes the predicate." A ResourceDescriptor "MUST
#           specify one of uri, digest or content at a minimum".
# Seen:     `validate()` refuses the Statement and the descriptor with `content`, and accepts the descriptor with `name`.
# Matters:  a signed verdict that others check with this library needs a predicate that is not empty, and a digest.
source "$(dirname "$0")/lib.sh"

cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check in-toto-attestation==0.9.3 1>&2
expect version 0.9.3 "$(venv/bin/python -c 'import importlib.metadata as m; print(m.version("in-toto-attestation"))')"

cat > validate.py <<'PY'
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
from in_toto_attestation.v1.statement import Statement


def said(thing):
    try:
        thing.validate()
        return "valid"
    except ValueError as error:
        return str(error)


subject = ResourceDescriptor(name="skill", digest={"sha256": "0" * 64}).pb
print(said(Statement([subject], "https://example.invalid/scanned/v1", {})))
print(said(ResourceDescriptor(content=b"text")))
print(said(ResourceDescriptor(name="skill")))
PY
venv/bin/python validate.py > said
expect "statement without predicate" "Predicate object required" "$(sed -n 1p said)"
expect "descriptor with content" "At least one of name, URI, or digest need to be set" "$(sed -n 2p said)"
expect "descriptor with name" "valid" "$(sed -n 3p said)"
