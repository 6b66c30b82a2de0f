#!/usr/bin/env python3
"""Cold start and CPU per request of several builds of the worker, side by side in one run.

    tools/bench/worker.py NAME=DIR [NAME=DIR ...] [--rounds N] [--requests N]

DIR is a copy of `build/` after `cargo xtask build`. Each build runs on the workerd of package-lock.json, without wrangler; D1 and
Workers KV are stand-ins that answer at once with nothing, and the static file of `/rules` is in memory, so that only the worker's own work is counted.

Cold start: from the start of a workerd process to the last byte of its first answer, in wall time and in CPU time of the process.
The same of a worker of one line is measured in the same round and subtracted. CPU per request: the CPU time of the process over a
burst on one connection, after a burst that is not counted, divided by the requests; what the runtime alone takes is the column of
the trivial worker. CPU time comes from /proc/PID/task/*/schedstat
(Linux), so that other processes on the machine disturb it little. Builds take turns in each round; medians are printed, with the
lower and the upper quartile.
"""
import argparse
import gzip
import hashlib
import hmac
import http.client
import json
import os
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORKERD = ROOT / "node_modules/@cloudflare/workerd-linux-64/bin/workerd"
SECRET = "bench-secret-of-the-callbacks-000"
TRIVIAL = 'export default { fetch() { return new Response("ok"); } };\n'
STAND_INS = """import Worker from "./index.js";
import rules from "./rules.html";
const statement = { bind() { return statement; } };
const database = {
  prepare() { return statement; },
  async batch(all) { return all.map(() => ({ results: [], meta: {} })); },
};
const assets = { async fetch() { return new Response(rules); } };
const cache = { async get() { return null; }, async put() {} };
export default {
  fetch(request, env, ctx) {
    return new Worker(ctx, { ...env, DB: database, SUMMARIES: cache, ASSETS: assets }).fetch(request);
  },
};
"""
SETTINGS = {
    "PLATFORM_URL": "https://skills.example", "DISPATCH": "pull", "ALLOWED_REPO_HOSTS": "github.com",
    "ADMIN_TOKEN": "bench-token-of-the-admin-000000000", "INTERNAL_KEY": "bench-internal-key-0000000000000", "WEBHOOK_SECRET": SECRET,
}


def config(port, modules):
    """The workerd configuration of one worker."""
    listed = ",\n".join(f'      (name = "{name}", {kind} = embed "{name}")' for name, kind in modules)
    bindings = ",\n".join(f'      (name = "{name}", text = {json.dumps(value)})' for name, value in SETTINGS.items())
    return f"""using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main)],
  sockets = [(name = "http", address = "127.0.0.1:{port}", http = (), service = "main")],
);
const main :Workerd.Worker = (
    modules = [
{listed}
    ],
    bindings = [
{bindings}
    ],
    compatibilityDate = "2026-06-01",
);
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Target:
    """One build, laid out for workerd in a folder of its own."""

    def __init__(self, name, build, scratch):
        self.name, self.dir = name, scratch / name
        self.dir.mkdir()
        if build is None:
            (self.dir / "entry.mjs").write_text(TRIVIAL)
            self.modules, self.raw, self.gzip = [("entry.mjs", "esModule")], 0, 0
            return
        for file in ("index.js", "index_bg.wasm", "assets/rules.html"):
            shutil.copy(build / file, self.dir)
        (self.dir / "entry.mjs").write_text(STAND_INS)
        self.modules = [("entry.mjs", "esModule"), ("index.js", "esModule"), ("index_bg.wasm", "wasm"), ("rules.html", "text")]
        wasm = (build / "index_bg.wasm").read_bytes()
        self.raw, self.gzip = len(wasm), len(gzip.compress(wasm, 9))

    def start(self):
        self.port = free_port()
        (self.dir / "config.capnp").write_text(config(self.port, self.modules))
        began = time.perf_counter()
        with (self.dir / "log").open("w") as log:
            process = subprocess.Popen([WORKERD, "serve", "config.capnp"], cwd=self.dir, stdout=log, stderr=log)
        return process, began

    def connect(self):
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
                connection.connect()
                return connection
            except ConnectionRefusedError:
                time.sleep(0.001)
        raise SystemExit(f"{self.name} does not listen: {(self.dir / 'log').read_text()}")


def cpu(pid):
    """CPU time of a process so far, in seconds."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            total += int((task / "schedstat").read_text().split()[0])
        except FileNotFoundError:
            continue
    return total / 1e9


def ask(connection, method, path, body, headers, status):
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    text = answer.read()
    if status and answer.status != status:
        raise SystemExit(f"{method} {path}: {answer.status}, not {status}: {text[:300]!r}")


def callback(wrong_signature):
    """A result with 100 findings, which is refused before D1 is asked: by its signature, or by one field that is wrong."""
    finding = {"severity": "high", "ruleId": "skillgate.exfiltration.rule", "filePath": "scripts/tool.js", "lineNumber": 7,
               "message": "Reads a secret and sends it to an address that the skill does not name. " * 3}
    body = json.dumps({
        "scanId": "0" * 32, "skillName": "bench/repo/tool", "provider": "semgrep", "status": "completed", "commitSha": "a" * 40,
        "durationMs": "long", "findings": [finding] * 100,
    }).encode()
    return body, wrong_signature


def signed(body, wrong):
    stamp = str(int(time.time()))
    mac = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    mac = "0" * 64 if wrong else mac
    return {"content-type": "application/json", "x-webhook-signature": f"sha256={mac}", "x-webhook-timestamp": stamp}


ADMIN = {"authorization": "Bearer " + SETTINGS["ADMIN_TOKEN"], "content-type": "application/json"}
FORGED, _ = callback(True)
REQUESTS = [
    ("page of the rules", "GET", "/rules", None, lambda: {}, 200),
    ("list of skills, empty", "GET", "/api/v1/skills/search?q=tool", None, lambda: {}, 200),
    ("unknown address", "GET", "/api/v1/nothing", None, lambda: {}, 404),
    ("publish, refused by its fields", "POST", "/api/v1/admin/skills/publish", b'{"name":"a b"}', lambda: ADMIN, 422),
    ("callback of %d KB, forged" % (len(FORGED) // 1024), "POST", "/api/v1/webhooks/scan-results", FORGED, lambda: signed(FORGED, True), 401),
]


def cold(target):
    """Wall and CPU time until the first answer, in milliseconds."""
    process, began = target.start()
    try:
        connection = target.connect()
        ask(connection, "GET", "/rules", None, {}, 200)
        wall = time.perf_counter() - began
        spent = cpu(process.pid)
        connection.close()
        return wall * 1e3, spent * 1e3
    finally:
        process.kill()
        process.wait()


def warm(target, process, request, count):
    """CPU time of one request, in microseconds."""
    _, method, path, body, headers, status = request
    if target.raw == 0:
        status = None
    # A new connection for each burst: workerd ends one that has been idle for some seconds.
    connection = target.connect()
    before = cpu(process.pid)
    for _ in range(count):
        ask(connection, method, path, body, headers(), status)
    spent = cpu(process.pid) - before
    connection.close()
    return spent / count * 1e6


def spread(values):
    low, middle, high = statistics.quantiles(values, n=4) if len(values) > 1 else values * 3
    return f"{middle:.0f} ({low:.0f} to {high:.0f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("builds", nargs="+", metavar="NAME=DIR")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--requests", type=int, default=200)
    options = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        trivial = Target("trivial", None, scratch)
        targets = [Target(name, Path(dir), scratch) for name, dir in (build.split("=", 1) for build in options.builds)]
        starts = {target.name: [] for target in targets}
        for _ in range(options.rounds):
            wall0, cpu0 = cold(trivial)
            for target in targets:
                wall, spent = cold(target)
                starts[target.name].append((wall - wall0, spent - cpu0))
        running, spent = [], {}
        try:
            for target in [*targets, trivial]:
                process, _ = target.start()
                running.append((target, process))
            for target, process in running:
                for request in REQUESTS:
                    warm(target, process, request, 3 * options.requests)
            for _ in range(options.rounds):
                for request in REQUESTS:
                    for target, process in running:
                        each = warm(target, process, request, options.requests)
                        spent.setdefault((request[0], target.name), []).append(each)
        finally:
            for _, process in running:
                process.kill()
                process.wait()
    names = [target.name for target in targets]
    print(f"{os.cpu_count()} processors, load {load:.1f} before and {os.getloadavg()[0]:.1f} after, {options.rounds} rounds\n")
    print("| | " + " | ".join(names) + " | trivial worker |\n| --- |" + " --- |" * (len(names) + 1))
    row = lambda what, cells: print(f"| {what} | " + " | ".join(cells) + " |")
    row("wasm, KB", [f"{t.raw / 1024:.0f}" for t in targets] + [""])
    row("wasm gzipped, KB", [f"{t.gzip / 1024:.0f}" for t in targets] + [""])
    row("cold start, wall, ms", [spread([wall for wall, _ in starts[n]]) for n in names] + [""])
    row("cold start, CPU, ms", [spread([cpu for _, cpu in starts[n]]) for n in names] + [""])
    for request in REQUESTS:
        row(f"{request[0]}, CPU, µs", [spread(spent[request[0], n]) for n in [*names, "trivial"]])


if __name__ == "__main__":
    main()
