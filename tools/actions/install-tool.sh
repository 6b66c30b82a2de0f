#!/usr/bin/env bash
# Installs the one tool of a scan job and tells the scanner where it is: by the setting NAME_BIN, such as SEMGREP_BIN. A runner
# that has the tool says so itself, by that setting. Else it is a program beside this script, or what pip installs from the pins
# beside this script.
set -euo pipefail

here="$(cd "$(dirname "$0")" && pwd)"
tool="${1:-}"
if ! [[ "$tool" =~ ^[a-z]+$ ]]; then
  echo "which tool? its name is lower-case letters" >&2
  exit 2
fi
setting="${tool^^}_BIN"
if [ -n "${!setting:-}" ]; then
  exit 0
fi
if [ -f "$here/$tool.requirements.txt" ]; then
  venv="$RUNNER_TEMP/tool-$tool"
  python3 -m venv "$venv"
  # The pins are the whole closure, each with the digests of its files. What is not a wheel would run its own code to be built.
  "$venv/bin/python" -m pip install --no-deps --require-hashes --only-binary :all: --no-input --disable-pip-version-check \
    --requirement "$here/$tool.requirements.txt"
  program="$venv/bin/$tool"
else
  program="$here/$tool"
fi
if ! [ -x "$program" ]; then
  echo "there is no $tool here" >&2
  exit 2
fi
echo "$setting=$program" >> "$GITHUB_ENV"
