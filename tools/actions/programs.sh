#!/usr/bin/env bash
# Collects in ./programs what the other jobs of the scan workflow run: the scanner, trufflehog, the pins of the other two tools.
#
# The scanner is, in this order: the one that the runner has (SKILLGATE_SCANNER_BIN); the one of the release of these very
# sources, with its checksum and the signed statement that this repository's release workflow built it of the commit that was
# compared here; the one in ./built; or built here into ./built. trufflehog is the runner's own (TRUFFLEHOG_BIN), or built from its pinned sources likewise.
# Says `built=true` where ./built has something new.
set -euo pipefail

cd "$(dirname "$0")/../.."
mkdir -p programs built
cp tools/*.requirements.txt tools/actions/install-tool.sh programs/
new=false

version="$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)"
tag="v$version"

tagged="$(git rev-parse --quiet --verify "refs/tags/$tag^{commit}" || true)"

# Whether there is a release of what is checked out here: of an ancestor, with the whole tree the same but for documents. Who may
# push a tag, but not to this branch, makes no release that is taken.
released() {
  if [ -z "$tagged" ]; then return 1; fi
  if ! git merge-base --is-ancestor "$tagged" HEAD; then
    echo "::warning::the release $tag is not taken: its commit is no ancestor of the commit of this run"
    return 1
  fi
  git diff --quiet "$tagged" HEAD -- . ':(exclude)docs' ':(exclude)*.md' &&
    gh release view "$tag" --repo "$GITHUB_REPOSITORY" > /dev/null 2>&1
}

# A release that is there and does not verify ends the run: something is wrong with it.
from_release() {
  local folder archive
  folder="$(mktemp -d)"
  archive="skillgate-scanner-$(uname -m)-unknown-linux-musl.tar.gz"
  gh release download "$tag" --repo "$GITHUB_REPOSITORY" --dir "$folder" --pattern "$archive" --pattern SHA256SUMS
  (cd "$folder" && grep --fixed-strings "  $archive" SHA256SUMS | sha256sum --check --strict)
  gh attestation verify "$folder/$archive" --repo "$GITHUB_REPOSITORY" --source-ref "refs/tags/$tag" \
    --source-digest "$tagged" --signer-workflow "$GITHUB_REPOSITORY/.github/workflows/release.yml"
  tar --extract --gzip --file "$folder/$archive" --directory "$folder" ./skillgate-scanner
  cp "$folder/skillgate-scanner" programs/
}

if [ -n "${SKILLGATE_SCANNER_BIN:-}" ]; then
  cp "$SKILLGATE_SCANNER_BIN" programs/skillgate-scanner
elif released; then
  from_release
else
  if [ ! -f built/skillgate-scanner ]; then
    cargo build --release --locked --package skillgate-scanner
    cp target/release/skillgate-scanner built/
    new=true
  fi
  cp built/skillgate-scanner programs/
fi

if [ -z "${TRUFFLEHOG_BIN:-}" ]; then
  if [ ! -f built/trufflehog ]; then
    package=github.com/trufflesecurity/trufflehog/v3
    pinned="$(sed -n "s|^require $package v||p" tools/trufflehog/go.mod)"
    # go.sum holds the digest of every module; without the version it calls itself "dev".
    (cd tools/trufflehog && CGO_ENABLED=0 GOWORK=off GOFLAGS=-mod=readonly \
      go build -ldflags "-s -w -X $package/pkg/version.BuildVersion=$pinned" -o ../../built/trufflehog "$package")
    new=true
  fi
  cp built/trufflehog programs/
fi

echo "built=$new" >> "$GITHUB_OUTPUT"
