#!/usr/bin/env bash
# Package:  github.com/trufflesecurity/trufflehog/v3 v3.92.5
# Input:    a Markdown file of 302 lines of Chinese text, about 23 kB, with a made-up token on its last line; and the same with one or two
#           ASCII letters in front, which shift every later byte.
# Expected: the token is reported on line 302 each time.
# Seen:     302 without a shift, 261 with a shift of one or two bytes.
# Why:      files are read in chunks of 10 KiB with 3 KiB of the next. A chunk that begins or ends inside a character is no valid UTF-8; its
#           control characters are then replaced before lines are counted, line ends among them. All lines of that chunk count as one.
# Matters:  a link to the reported line leads elsewhere, and "the last line was reported" does not prove that a file was read to its end.
source "$(dirname "$0")/lib.sh"

install_trufflehog
python3 - "$work" <<'PY'
import sys
for shift in range(3):
    text = "a" * shift + "\n" + "这个技能按照拍摄日期整理照片并为每个月建立一个文件夹\n" * 300
    text += "token = gh" + "p_x7Qm2LwV9bKd4RtY6nHc1ZsPf8JgUa3EoT5i\n"
    assert text.count("\n") == 302
    open(f"{sys.argv[1]}/shift{shift}.md", "w", encoding="utf-8").write(text)
PY
expect "line without a shift, 302 is right" 302 "$(found_lines "$work/shift0.md")"
expect "line with a shift of 1 byte, 302 is right" 261 "$(found_lines "$work/shift1.md")"
expect "line with a shift of 2 bytes, 302 is right" 261 "$(found_lines "$work/shift2.md")"
