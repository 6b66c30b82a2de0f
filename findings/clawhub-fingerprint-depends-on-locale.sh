#!/usr/bin/env bash
# Package:  clawhub 0.23.3 (npm), on a Node.js with full ICU data (the default build)
# Input:    three files of a skill, SKILL.md, templates/day.md and zones.md, with their SHA-256.
# Expected: one fingerprint, on every machine.
# Seen:     buildSkillFingerprint() and buildGitHubFolderContentHash() sort the paths by String.localeCompare() without a
#           locale. Estonian sorts z before t: a machine with LC_ALL=et_EE.UTF-8 computes other digests than one with
#           C or English, for the same bytes.
# Matters:  a digest over files can be compared between machines only if the paths are sorted by their bytes.
source "$(dirname "$0")/lib.sh"

cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts clawhub@0.23.3 1>&2
expect version 0.23.3 "$(node -p 'JSON.parse(require("fs").readFileSync("node_modules/clawhub/package.json")).version')"

cat > hash.mjs <<'JS'
import { buildGitHubFolderContentHash, buildSkillFingerprint } from "./node_modules/clawhub/dist/skills.js";

const files = ["SKILL.md", "templates/day.md", "zones.md"].map((path, at) => ({ path, size: 1, sha256: String(at).repeat(64) }));
console.log(buildSkillFingerprint(files).slice(0, 16), buildGitHubFolderContentHash(files).slice(0, 16));
JS

english=$(LC_ALL=en_US.UTF-8 node hash.mjs)
expect "C beside English" "$english" "$(LC_ALL=C node hash.mjs)"
estonian=$(LC_ALL=et_EE.UTF-8 node hash.mjs)
printf 'English:  %s\nEstonian: %s\n' "$english" "$estonian"
for field in 1 2; do
  expect "digest $field differs by locale" yes \
    "$([ "$(cut -d' ' -f$field <<<"$english")" != "$(cut -d' ' -f$field <<<"$estonian")" ] && echo yes || echo no)"
done
