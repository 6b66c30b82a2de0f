#!/usr/bin/env bash
# Package:  @microsoft/sarif-multitool-linux 5.7.0 (npm)
# Input:    two valid SARIF 2.1.0 logs whose rule has no help text, held against `validate --rule-kind "Sarif;Ghas"`. They differ in one
#           number: the startLine is 1 in the one, 2^31 in the other.
# Expected: the same errors for both, and an exit code that tells of them.
# Seen:     exit code 0 both times. The first log's errors stand in the output log alone; of the second log nothing is said at all.
# Why:      line numbers are read as 32-bit integers, and a log that cannot be read so is passed over. SARIF sets no upper limit.
# Matters:  a step of a pipeline that looks at the exit code takes each log for a good one. Read the output log, and let a log that must
#           fail go along as a control.
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
for name, line in (("first", 1), ("large", 2**31)):
    place = {"physicalLocation": {"artifactLocation": {"uri": "a.js"}, "region": {"startLine": line}}}
    json.dump(log({"locations": [place]}), open(f"{sys.argv[1]}/{name}.sarif", "w"))
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
expect "a startLine of 1" "exit code 0, rules with errors: GH2012" "$(validate first)"
expect "a startLine of 2^31" "exit code 0, rules with errors: none" "$(validate large)"
