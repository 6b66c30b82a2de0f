# Shared by the scripts of this folder: `source`d, never run.
set -euo pipefail

# A folder that is removed at the end.
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

# expect WHAT EXPECTED SEEN: ends the script where the two differ.
expect() {
  printf '%s: %s\n' "$1" "$3"
  if [ "$2" != "$3" ]; then
    printf 'CHANGED: %s was %s when this was written\n' "$1" "$2" >&2
    exit 1
  fi
}

# Builds trufflehog 3.92.5 as "$work/trufflehog". Its go.mod replaces modules, which `go install` refuses.
install_trufflehog() {
  mkdir "$work/build"
  (
    cd "$work/build"
    cat > go.mod <<'MOD'
module findings.invalid/trufflehog

go 1.24.0

require github.com/trufflesecurity/trufflehog/v3 v3.92.5

replace github.com/jpillora/overseer => github.com/trufflesecurity/overseer v1.2.8

replace github.com/trufflesecurity/waas-client-library-go => github.com/trufflesecurity/waas-client-library-go v1.0.9

replace gitlab.com/gitlab-org/api/client-go => gitlab.com/gitlab-org/api/client-go v0.129.0
MOD
    printf '//go:build tools\n\npackage tools\n\nimport _ "github.com/trufflesecurity/trufflehog/v3"\n' > tools.go
    go mod tidy
    CGO_ENABLED=0 go build -trimpath -o "$work/trufflehog" github.com/trufflesecurity/trufflehog/v3
  ) 1>&2
  expect version "trufflehog 3.92.5" "trufflehog $(go version -m "$work/trufflehog" | awk '$1 == "mod" && $2 ~ /trufflehog\/v3$/ {sub("v", "", $3); print $3; exit}')"
}

# The lines of what trufflehog finds in a file, with blanks between.
found_lines() {
  "$work/trufflehog" filesystem --json --no-verification --no-update "$1" 2>/dev/null |
    python3 -c 'import json, sys
rows = map(json.loads, sys.stdin)
print(*(row["SourceMetadata"]["Data"]["Filesystem"]["line"] for row in rows if "SourceMetadata" in row))'
}
