"""Downloads what earlier runs of this repository kept under a name, as bytes: kept.py NAME FOLDER

No action for caches is used: `actions/cache/restore` unpacks an entry by `tar -x -P`, which writes a member to whatever path it names,
this checkout and the runner's own files among them, before anybody can check a seal. Here `gh` writes the newest few artifacts of that
name to FOLDER/0.zip and so on, and nothing is unpacked: seal.py does that behind its check. What cannot be had is not there, and is
built anew: no failure here ends a run.
"""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

LIMIT = 64 << 20  # bytes of a file: three times what is kept; a larger one is not ours, and its list of members could be endless
CANDIDATES = 3  # of the newest: another job may have stored one of the same name


def gh(*args: str, **kwargs: object) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(["gh", "api", *args], check=True, timeout=80, **kwargs)


def candidates(name: str, artifacts: str) -> "list[int]":
    """The ids to ask for. A fork's runs are in the list too, and have no key of ours."""
    listed = gh("--method", "GET", artifacts, "-f", f"name={name}", "-F", "per_page=30", stdout=subprocess.PIPE)
    found = []
    for artifact in json.loads(listed.stdout)["artifacts"]:
        run = artifact.get("workflow_run") or {}
        own = run.get("repository_id") is not None and run.get("repository_id") == run.get("head_repository_id")
        if own and artifact["name"] == name and not artifact["expired"] and artifact["size_in_bytes"] <= LIMIT:
            found.append(int(artifact["id"]))
    return sorted(found, reverse=True)[:CANDIDATES]


def main() -> None:
    name, folder = sys.argv[1], Path(sys.argv[2])
    folder.mkdir()
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, LIMIT))
    artifacts = f"repos/{os.environ['GITHUB_REPOSITORY']}/actions/artifacts"
    try:
        numbers = candidates(name, artifacts)
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError, AttributeError) as why:
        print(f"what was kept is not told: {type(why).__name__}")
        return
    for at, number in enumerate(numbers):
        path = folder / f"{at}.zip"
        try:
            with open(path, "wb") as file:
                gh(f"{artifacts}/{number}/zip", stdout=file)
        except (OSError, subprocess.SubprocessError) as why:
            path.unlink(missing_ok=True)
            print(f"what was kept cannot be had: {type(why).__name__}")


if __name__ == "__main__":
    main()
