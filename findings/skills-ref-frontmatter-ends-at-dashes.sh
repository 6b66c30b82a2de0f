#!/usr/bin/env bash
# Package:  skills-ref 0.1.1 (PyPI), the reference library of the Agent Skills format, and its port skills-ref 0.1.5 (npm)
# Input:    a SKILL.md with the plain scalar `description: Renames folders such as 2024 --- trip by date.` and a field
#           `license` after it. YAML gives dashes in the middle of a line no meaning.
# Expected: the whole description, and the licence.
# Seen:     both cut the text at the first "---" wherever it stands: the description is "Renames folders such as 2024",
#           the licence is gone, and `validate` calls the skill valid.
# Matters:  a file that the validator passes was not read as a YAML parser reads it.
source "$(dirname "$0")/lib.sh"

cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts skills-ref@0.1.5 1>&2
python3 -m venv venv 1>&2
venv/bin/pip install --quiet --disable-pip-version-check skills-ref==0.1.1 1>&2
expect "npm version" 0.1.5 "$(node -p 'JSON.parse(require("fs").readFileSync("node_modules/skills-ref/package.json")).version')"
expect "PyPI version" 0.1.1 "$(venv/bin/python -c 'import importlib.metadata as m; print(m.version("skills-ref"))')"

mkdir trip-names
cat > trip-names/SKILL.md <<'SKILL'
---
name: trip-names
description: Renames folders such as 2024 --- trip by date.
license: MIT
---
# Trip names
SKILL

for tool in venv/bin/agentskills node_modules/.bin/skills-ref; do
  expect "$tool validate" "Valid skill: trip-names" "$("$tool" validate trip-names)"
  expect "$tool read-properties" '{"name": "trip-names", "description": "Renames folders such as 2024"}' \
    "$("$tool" read-properties trip-names | python3 -c 'import json, sys; print(json.dumps(json.load(sys.stdin)))')"
done
