"""Seals what a run has built for later runs, and takes only what this seals.

Any job of a repository can store an artifact, also one that a tool has been broken into. What is kept is one file: a MAC under a key
that only jobs without tools have, then a tar. The MAC is of the tar's bytes, of what it is for, and of the name that it is kept under:
what was sealed under one name is not taken from another, so nobody can put older programs in the place of newer ones. No member of
an archive is written anywhere before the MAC is right.

seal.py key BUILT_OF          prints `key=…`, the name to keep it under: BUILT_OF and a digest of SEAL_KEY, so that another key asks
                              for another name; empty without SEAL_KEY. OLD_SEAL_KEY is the secret under its old name: where it is a
                              different one, nobody knows which of the two seals, so nothing is kept and there is a warning
seal.py make DIR NAME         writes the regular files of DIR, sealed for this name, into ./kept.sealed
seal.py open DIR NAME FOLDER  makes DIR of the first artifact in FOLDER (zip files, as GitHub serves them) with the right seal for this
                              name; without one there is no DIR
"""

import hashlib
import hmac
import io
import json
import os
import resource
import shutil
import sys
import tarfile
import zipfile
from pathlib import Path

# Changes with what is under the MAC: an older seal is then no seal.
PURPOSE = "skillgate programs for runs of github-scan, 3"
SEALED = "kept.sealed"
MAC_BYTES = 64
LIMIT = 512 << 20  # bytes of the sealed file, and of the files in it
MEMORY = 2 << 30  # bytes of address space to open one in: a stranger's list of members may be endless
FILES = 16


def mac(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def seal(key: bytes, name: str, tar: bytes) -> bytes:
    # JSON: no name can be read as more than one of them.
    return mac(key, json.dumps([PURPOSE, name, hashlib.sha256(tar).hexdigest()])).encode()


def pack(folder: Path) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path in sorted(folder.iterdir()):
            if path.is_symlink() or not path.is_file():
                sys.exit(f"{path.name} is no regular file: nothing is kept")
            archive.add(path, arcname=path.name, recursive=False)
    return packed.getvalue()


def checked(key: bytes, name: str, artifact: Path) -> bytes:
    """The tar of an artifact whose seal is right. Fails in any way with any other: a stranger may have written it."""
    if not key or not name:
        raise ValueError("there is no key")
    with zipfile.ZipFile(artifact) as archive, archive.open(SEALED) as file:
        sealed = file.read(LIMIT + 1)
    found, tar = sealed[:MAC_BYTES], sealed[MAC_BYTES:]
    if len(sealed) > LIMIT or not hmac.compare_digest(found, seal(key, name, tar)):
        raise ValueError("its seal is not ours")
    return tar


def unpack(tar: bytes, folder: Path) -> None:
    """Writes the files of a tar that was checked: regular ones alone, and none of another folder."""
    with tarfile.open(fileobj=io.BytesIO(tar), mode="r:") as archive:
        members = archive.getmembers()
        if len(members) > FILES or sum(member.size for member in members) > LIMIT:
            raise ValueError("it is too large")
        for member in members:
            if not member.isreg() or Path(member.name).name != member.name:
                raise ValueError("it has more than files of one folder")
        folder.mkdir()
        archive.extractall(folder, members=members, filter="data")


def main() -> None:
    what, given, key = sys.argv[1], sys.argv[2:], os.environ.get("SEAL_KEY", "").encode()
    if what == "key" and len(given) == 1:
        old = os.environ.get("OLD_SEAL_KEY", "").encode()
        if old and old != key:
            said = "CACHE_SIGNING_KEY differs from CACHE_KEY, its old name: delete CACHE_KEY; until then nothing is kept"
            print(f"::warning::{said}", file=sys.stderr)
            key = b""
        elif old:
            print("::warning::rename the secret CACHE_KEY to CACHE_SIGNING_KEY", file=sys.stderr)
        print("key=" + (f"{given[0]}-{mac(key, 'skillgate-cache-name')[:16]}" if key else ""))
    elif what == "make" and len(given) == 2:
        if not key or not given[1]:
            sys.exit("there is no key: nothing is kept")
        tar = pack(Path(given[0]))
        Path(SEALED).write_bytes(seal(key, given[1], tar) + tar)
    elif what == "open" and len(given) == 3:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        folder = Path(given[0])
        # Whatever is there came from no checked artifact.
        if folder.is_symlink() or folder.exists():
            shutil.rmtree(folder)
        for artifact in sorted(Path(given[2]).glob("*.zip")):
            try:
                unpack(checked(key, given[1], artifact), folder)
                return
            except Exception as why:  # A stranger's archive may fail in any way, and must not end the run.
                print(f"what was kept is not ours: {type(why).__name__}: {why}")
                shutil.rmtree(folder, ignore_errors=True)
        print("everything is built anew")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
