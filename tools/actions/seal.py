"""Seals a folder for the cache of GitHub Actions, and takes only what this seals.

Any job of a repository can put a file into its cache, also one that a tool has been broken into. The seal is a MAC under a key that
only jobs without tools have. It is of every file's name, mode and content, of what it is for, and of the cache's key: a folder that
was sealed under one key of the cache is not taken from another, so nobody can put older programs in the place of newer ones.

Open: the cache's action unpacks an entry before this checks it. An entry whose archive names files outside the folder, this one
among them, would be written first. Until the archive itself is checked before it is unpacked, leave CACHE_SIGNING_KEY away where that
matters: then nothing is taken from a cache.

seal.py key BUILT_OF     prints `key=…`, the cache's key: BUILT_OF and a digest of SEAL_KEY, so that another one asks for another
                         entry; empty without SEAL_KEY. OLD_SEAL_KEY is the secret under its old name: where it is a different one,
                         nobody knows which of the two seals, so there is no cache and a warning
seal.py make DIR KEY     writes DIR/seal for this key of the cache
seal.py check DIR KEY    removes DIR unless its seal is right for the key that was asked for
"""

import hashlib
import hmac
import json
import os
import shutil
import stat
import sys
from pathlib import Path

# Changes with what is under the MAC: an older seal is then no seal.
PURPOSE = "skillgate programs for runs of github-scan, 2"


def mac(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def seal(key: bytes, entry: str, folder: Path) -> str:
    if not key or not entry:
        return ""
    files = []
    for path in sorted(folder.rglob("*")):
        mode = path.lstat().st_mode
        if path == folder / "seal" or stat.S_ISDIR(mode):
            continue
        if not stat.S_ISREG(mode):
            return ""  # A link leads to what the seal does not cover.
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        files.append([str(path.relative_to(folder)), f"{stat.S_IMODE(mode) & 0o111:o}", digest])
    # JSON: no name and no key can be read as more than one of them.
    return mac(key, json.dumps([PURPOSE, entry, files])) if files else ""


def main() -> None:
    what, given, key = sys.argv[1], sys.argv[2:], os.environ.get("SEAL_KEY", "").encode()
    if what == "key" and len(given) == 1:
        old = os.environ.get("OLD_SEAL_KEY", "").encode()
        if old and old != key:
            said = "CACHE_SIGNING_KEY differs from CACHE_KEY, its old name: delete CACHE_KEY; until then nothing is cached"
            print(f"::warning::{said}", file=sys.stderr)
            key = b""
        elif old:
            print("::warning::rename the secret CACHE_KEY to CACHE_SIGNING_KEY", file=sys.stderr)
        print("key=" + (f"{given[0]}-{mac(key, 'skillgate-cache-name')[:16]}" if key else ""))
        return
    if what not in ("make", "check") or len(given) != 2:
        sys.exit(__doc__)
    folder, entry = Path(given[0]), given[1]
    written = folder / "seal"
    if what == "make":
        written.write_text(seal(key, entry, folder), encoding="ascii")
        return
    if not folder.exists():
        return
    found = written.read_text(encoding="ascii", errors="replace") if written.is_file() else ""
    expected = seal(key, entry, folder)
    if not expected or not hmac.compare_digest(found.encode(), expected.encode()):
        print("the cache is not ours: everything is built anew")
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
