#!/usr/bin/env bash
set -eu
if git diff --cached --name-only | grep -E "(^|/)(\.env|id_rsa|credentials)$"; then
  echo "refusing to commit a secret file" >&2
  exit 1
fi
