"""Seals a folder for the cache of GitHub Actions, and takes only what this seals.

Any job of a repository can put a file into its cache, also one that a tool has been broken into. The seal is a MAC of every file's
name, mode and content, under a key that only jobs without tools have.

seal.py name        prints `name=…` for the cache's key, so that another key asks for another entry; empty without SEAL_KEY.
                    OLD_SEAL_KEY is the key under its old name: where it is a different one, nobody knows which of the two
                    seals, so there is no cache and a warning
seal.py make DIR    writes DIR/seal
seal.py check DIR   removes DIR unless its seal is right
"""

import hashlib
import hmac
import os
import shutil
import stat
import sys
from pathlib import Path


def mac(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def seal(key: bytes, folder: Path) -> str:
    lines = []
    for path in sorted(folder.rglob("*")):
        mode = path.lstat().st_mode
        if path == folder / "seal" or stat.S_ISDIR(mode):
            continue
        if not stat.S_ISREG(mode):
            return ""  # A link leads to what the seal does not cover.
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        lines.append(f"{digest} {stat.S_IMODE(mode) & 0o111:o} {path.relative_to(folder)!s}\n")
    return mac(key, "skillgate-cache:" + "".join(lines)) if lines else ""


def main() -> None:
    what, key = sys.argv[1], os.environ.get("SEAL_KEY", "").encode()
    if what == "name":
        old = os.environ.get("OLD_SEAL_KEY", "").encode()
        if old and old != key:
            said = "CACHE_SIGNING_KEY differs from CACHE_KEY, its old name: delete CACHE_KEY; until then nothing is cached"
            print(f"::warning::{said}", file=sys.stderr)
            key = b""
        elif old:
            print("::warning::rename the secret CACHE_KEY to CACHE_SIGNING_KEY", file=sys.stderr)
        print("name=" + (mac(key, "skillgate-cache-name")[:16] if key else ""))
        return
    folder = Path(sys.argv[2])
    if what == "make":
        (folder / "seal").write_text(seal(key, folder), encoding="ascii")
        return
    if what != "check":
        sys.exit(__doc__)
    if not folder.exists():
        return
    written = folder / "seal"
    found = written.read_text(encoding="ascii", errors="replace") if written.is_file() else ""
    expected = seal(key, folder) if key else ""
    if not expected or not hmac.compare_digest(found.encode(), expected.encode()):
        print("the cache is not ours: everything is built anew")
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
