#!/usr/bin/env bash
# Package:  openskills 1.5.0 (npm)
# Input:    a SKILL.md whose frontmatter says `description: >-` with the text on the next two lines, YAML's folded style.
# Expected: `openskills sync` writes the sentence into AGENTS.md; the agent chooses a skill by it.
# Seen:     `<description>>-</description>`. A regular expression reads the fields line by line; no YAML parser does.
# Matters:  the installed skill is listed, and the agent has nothing to choose it by. What a registry shows as the
#           description and what the agent is told differ by installer.
source "$(dirname "$0")/lib.sh"

cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts openskills@1.5.0 1>&2
expect version 1.5.0 "$(node -p 'require("./node_modules/openskills/package.json").version')"

mkdir -p .claude/skills/photo-dates home
cat > .claude/skills/photo-dates/SKILL.md <<'SKILL'
---
name: photo-dates
description: >-
  Sorts photos by the date
  in their metadata.
---
# Photo dates
SKILL
touch AGENTS.md
HOME="$work/home" node_modules/.bin/openskills sync --yes 1>&2

expect "skills in AGENTS.md" "<name>photo-dates</name>" "$(grep '^<name>' AGENTS.md)"
expect "description in AGENTS.md" "<description>>-</description>" "$(grep '^<description>' AGENTS.md)"
