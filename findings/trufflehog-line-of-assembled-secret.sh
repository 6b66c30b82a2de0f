#!/usr/bin/env bash
# Package:  github.com/trufflesecurity/trufflehog/v3 v3.92.5
# Input:    a file with a made-up Postgres address on line 43, once with the port 5432 and once without a port.
# Expected: line 43 both times.
# Seen:     43 with the port, 1 without.
# Why:      the detector assembles the value that it reports (host, port 5432, no database). The line is found by a search for that very text,
#           and where the text does not stand in the file, the first line of the chunk is reported, without a mark.
# Matters:  a report, a baseline or an allow-list that goes by file and line points at a line that holds no secret.
source "$(dirname "$0")/lib.sh"

install_trufflehog
python3 - "$work" <<'PY'
import sys
for name, port in (("with", ":5432"), ("without", "")):
    text = "# notes\n\n" + "a line of plain text\n" * 40
    text += f"url = postgres://app:Kq7vT2mZx9Lw@db.vendor.example{port}/app\n" + "more text\n" * 10
    open(f"{sys.argv[1]}/{name}.md", "w", encoding="utf-8").write(text)
PY
expect "line of the address with its port, 43 is right" 43 "$(found_lines "$work/with.md")"
expect "line of the address without a port, 43 is right" 1 "$(found_lines "$work/without.md")"
