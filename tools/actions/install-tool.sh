#!/usr/bin/env bash
# Installs the one tool of a scan job, beside this script and what it needs, and tells the scanner where it is. A runner that has
# it says so itself, by SEMGREP_BIN, NJSSCAN_BIN or TRUFFLEHOG_BIN.
set -euo pipefail

here="$(cd "$(dirname "$0")" && pwd)"
case "${1:-}" in
  semgrep) setting=SEMGREP_BIN ;;
  njsscan) setting=NJSSCAN_BIN ;;
  trufflehog) setting=TRUFFLEHOG_BIN ;;
  *)
    echo "semgrep, njsscan or trufflehog" >&2
    exit 2
    ;;
esac
if [ -n "${!setting:-}" ]; then
  exit 0
fi
if [ "$1" = trufflehog ]; then
  program="$here/trufflehog"
else
  venv="$RUNNER_TEMP/tool-$1"
  python3 -m venv "$venv"
  # The pins are the whole closure, each with the digests of its files.
  "$venv/bin/python" -m pip install --no-deps --require-hashes --no-input --disable-pip-version-check \
    --requirement "$here/$1.requirements.txt"
  program="$venv/bin/$1"
fi
test -x "$program"
echo "$setting=$program" >> "$GITHUB_ENV"
