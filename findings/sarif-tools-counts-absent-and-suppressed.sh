#!/usr/bin/env bash
# Package:  sarif-tools 3.0.5 (PyPI)
# Input:    a SARIF 2.1.0 file with two results of level "error". One has `baselineState` "absent", one has an entry in
#           `suppressions`.
# Expected: no open error. SARIF 2.1.0 section 3.27.24: "absent" is a result of the baseline that is not in this run.
#           Section 3.27.23: a result with an accepted suppression is suppressed.
# Seen:     `sarif summary` counts two errors, and `sarif --check error` ends with exit code 2.
# Matters:  a gate in CI that reads our report with this tool fails for a finding that is gone or was lifted.
source "$(dirname "$0")/lib.sh"

cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check sarif-tools==3.0.5 1>&2
expect version 3.0.5 "$(venv/bin/python -c 'import importlib.metadata as m; print(m.version("sarif-tools"))')"

cat > report.sarif <<'JSON'
{
  "version": "2.1.0",
  "runs": [{
    "tool": {"driver": {"name": "example", "rules": [{"id": "EX1"}]}},
    "results": [
      {"ruleId": "EX1", "level": "error", "baselineState": "absent", "message": {"text": "it was in the last run"},
       "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": 1}}}]},
      {"ruleId": "EX1", "level": "error", "suppressions": [{"kind": "external", "status": "accepted"}],
       "message": {"text": "an admin has lifted it"},
       "locations": [{"physicalLocation": {"artifactLocation": {"uri": "b.py"}, "region": {"startLine": 1}}}]}
    ]
  }]
}
JSON

expect "errors counted" "error: 2" "$(venv/bin/sarif summary report.sarif | grep '^error')"
code=0
venv/bin/sarif --check error summary report.sarif > /dev/null || code=$?
expect "exit code of --check error" 2 "$code"
