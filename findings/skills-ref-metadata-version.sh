#!/usr/bin/env bash
# Package:  skills-ref 0.1.1 (PyPI) and its port skills-ref 0.1.5 (npm)
# Input:    a SKILL.md with `metadata:` and below it `version: 1.10`.
# Expected: one answer from both; the format says that metadata maps strings to strings.
# Seen:     PyPI's strictyaml keeps the text, "1.10". npm's js-yaml reads a number, which is written back as "1.1".
#           Both call the skill valid.
# Matters:  a version in the frontmatter identifies nothing; a commit or a digest does.
source "$(dirname "$0")/lib.sh"

cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts skills-ref@0.1.5 1>&2
python3 -m venv venv 1>&2
venv/bin/pip install --quiet --disable-pip-version-check skills-ref==0.1.1 1>&2

mkdir photo-dates
cat > photo-dates/SKILL.md <<'SKILL'
---
name: photo-dates
description: Sorts photos by date.
metadata:
  version: 1.10
---
# Photo dates
SKILL

version() {
  "$1" validate photo-dates 1>&2
  "$1" read-properties photo-dates | python3 -c 'import json, sys; print(json.load(sys.stdin)["metadata"]["version"])'
}
expect "PyPI, skills-ref 0.1.1" 1.10 "$(version venv/bin/agentskills)"
expect "npm, skills-ref 0.1.5" 1.1 "$(version node_modules/.bin/skills-ref)"
