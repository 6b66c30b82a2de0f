#!/usr/bin/env bash
# Package:  @microsoft/sarif-multitool-linux 5.7.0 (npm)
# Input:    a valid SARIF 2.1.0 log whose rule has no help text, held against `validate --rule-kind "Sarif;Ghas"`.
# Expected: an exit code that tells of the error.
# Seen:     exit code 0. The error stands in the output log alone.
# Matters:  a step of a pipeline that looks at the exit code takes each log for a good one. Read the output log, and let a log that must
#           fail go along as a control: some logs are passed over without any remark.
source "$(dirname "$0")/lib.sh"

(cd "$work" && npm init -y && npm install --ignore-scripts --no-audit --no-fund @microsoft/sarif-multitool-linux@5.7.0) >/dev/null
tool=$(find "$work/node_modules/@microsoft/sarif-multitool-linux" -type f -name Sarif.Multitool | head -n 1)
chmod +x "$tool"
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
# One of its rules asks each address in a log over the network.
export HTTP_PROXY=http://127.0.0.1:9 HTTPS_PROXY=http://127.0.0.1:9

python3 - "$work" <<'PY'
import json, sys
def log(result):
    return {"version": "2.1.0", "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "runs": [{
        "tool": {"driver": {"name": "example", "version": "1.0.0", "rules": [{"id": "a.b"}]}},
        "results": [{"ruleId": "a.b", "ruleIndex": 0, "message": {"text": "A sentence."}, **result}]}]}
place = {"physicalLocation": {"artifactLocation": {"uri": "a.js"}, "region": {"startLine": 1}}}
json.dump(log({"locations": [place]}), open(f"{sys.argv[1]}/first.sarif", "w"))
PY

# The errors in the output log, as "exit code, number of errors".
validate() {
  local code=0
  "$tool" validate "$work/$1.sarif" --rule-kind "Sarif;Ghas" --output "$work/$1.out" >"$work/$1.text" 2>&1 || code=$?
  python3 - "$code" "$work/$1.out" <<'PY'
import json, sys
runs = json.load(open(sys.argv[2], encoding="utf-8-sig"))["runs"]
errors = {r["ruleId"] for run in runs for r in run.get("results", []) if r.get("level") == "error"}
print(f"exit code {sys.argv[1]}, rules with errors: {' '.join(sorted(errors)) or 'none'}")
PY
}
expect "a rule without help" "exit code 0, rules with errors: GH2012" "$(validate first)"
