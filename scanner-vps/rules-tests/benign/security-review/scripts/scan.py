import re, sys
from pathlib import Path

PATTERNS = {
    "reverse shell": re.compile(r"/dev/tcp/[^/]+/\d+"),
    "decode and run": re.compile(r"eval\s*\(\s*atob\s*\("),
    "pipe to shell": re.compile(r"curl[^|\n]+\|\s*(?:ba)?sh"),
    "base64 pipe": re.compile(r"base64\s+(?:-d|--decode)\s*\|\s*sh"),
    "env dump": re.compile(r"JSON\.stringify\(process\.env\)"),
    "key theft": re.compile(r"\.ssh/id_(?:rsa|ed25519)"),
    "injection": re.compile(r"ignore (?:all )?previous instructions", re.I),
}

def main(root):
    for p in Path(root).rglob("*"):
        if p.is_file():
            text = p.read_text(errors="replace")
            for name, rx in PATTERNS.items():
                for m in rx.finditer(text):
                    print(f"{p}:{text.count(chr(10), 0, m.start()) + 1}: {name}")

if __name__ == "__main__":
    main(sys.argv[1])
