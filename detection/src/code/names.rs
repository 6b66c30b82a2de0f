//! Names of the libraries' functions, and what each does.

use super::syntax::Dialect;
use std::borrow::Cow;

/// What a function of a library does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    /// Runs a text of the same language.
    Evaluate,
    /// Makes objects of bytes, and runs what they say.
    Load,
    /// Hands a text to a shell.
    Shell,
    /// Starts a program with arguments.
    Spawn,
    /// Runs a file of the same language.
    RunFile,
    /// Asks a host for a URL, the argument of this number.
    Request(usize),
    /// Saves what a URL serves as a file.
    Download,
    /// A request that is written afterwards, to the host of the first argument.
    OpenRequest,
    /// A socket; with an address, where it is connected at once.
    Socket,
    /// Puts a descriptor in the place of another.
    Duplicate,
    /// Looks a name up.
    Resolve,
    Open,
    Read,
    Write,
    Copy,
    MakeExecutable,
    /// The names in a folder.
    ListFolder,
    /// One variable of the environment.
    Variable,
    Decode(Encoding),
    /// Characters by their numbers.
    Characters,
    /// The same data in another form.
    Pass,
    JoinPath,
    Home,
    Temporary,
    Member,
    Module,
    /// An object whose methods are those of a library.
    Library(&'static str),
    /// Calls a function that is an argument.
    CallTarget,
    Promise,
    /// `Buffer.from`: decodes where an encoding is named.
    Buffer,
    /// Applies a function to each item.
    Map,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Base64,
    Hexadecimal,
    Rot13,
    Url,
    /// Another encoding, whose text is not known.
    Other,
    Compressed,
}

/// Where a name leads that has several.
pub(super) fn canonical(path: &str, dialect: Dialect) -> Cow<'_, str> {
    let mut path = path.strip_prefix("node:").unwrap_or(path);
    let globals: &[&str] = match dialect {
        Dialect::JavaScript => {
            &["globalThis.", "window.", "global.", "self.", "process.mainModule.", "module."]
        }
        Dialect::Python => {
            &["builtins.", "__builtins__.", "__builtin__.", "six.moves.", "globals."]
        }
    };
    for _ in 0..4 {
        let before = path;
        path = globals.iter().find_map(|global| path.strip_prefix(global)).unwrap_or(path);
        path = path.strip_suffix(".default").unwrap_or(path);
        if path == before {
            break;
        }
    }
    for (name, same) in NAMES {
        if let Some(rest) =
            path.strip_prefix(name).filter(|rest| rest.is_empty() || rest.starts_with('.'))
        {
            return Cow::Owned(format!("{same}{rest}"));
        }
    }
    Cow::Borrowed(path)
}

/// Modules that have the functions of another.
const NAMES: [(&str, &str); 16] = [
    ("fs/promises", "fs"),
    ("fs.promises", "fs"),
    ("fs-extra", "fs"),
    ("graceful-fs", "fs"),
    ("dns/promises", "dns"),
    ("dns.promises", "dns"),
    ("urllib2", "urllib.request"),
    ("cloudscraper", "requests"),
    ("curl_cffi.requests", "requests"),
    ("pip._vendor.requests", "requests"),
    ("node-fetch", "fetch"),
    ("cross-fetch", "fetch"),
    ("isomorphic-fetch", "fetch"),
    ("undici.fetch", "fetch"),
    ("posixpath", "os.path"),
    ("Path", "pathlib.Path"),
];

/// What the function at a path does; `None` for one that is not known.
pub(super) fn operation(path: &str, dialect: Dialect) -> Option<Operation> {
    match dialect {
        Dialect::Python => python(path).or_else(|| client(path)),
        Dialect::JavaScript => javascript(path).or_else(|| client(path)),
    }
}

/// Libraries that ask hosts, whose functions have the names of HTTP's methods.
fn client(path: &str) -> Option<Operation> {
    const CLIENTS: [&str; 14] = [
        "requests",
        "httpx",
        "aiohttp",
        "axios",
        "got",
        "ky",
        "superagent",
        "needle",
        "request",
        "undici",
        "phin",
        "ofetch",
        "urllib3",
        "bent",
    ];
    let (library, name) = path.split_once('.').unwrap_or((path, ""));
    let library = CLIENTS.iter().find(|known| **known == library)?;
    Some(match name {
        "Session" | "session" | "Client" | "AsyncClient" | "ClientSession" | "create"
        | "extend" | "PoolManager" | "defaults" => Operation::Library(library),
        "request" if matches!(*library, "axios" | "undici") => Operation::Request(0),
        "request" | "stream" | "urlopen" => Operation::Request(1),
        "" | "get" | "post" | "put" | "patch" | "delete" | "head" | "options" | "fetch"
        | "ofetch" => Operation::Request(0),
        _ => return None,
    })
}

fn python(path: &str) -> Option<Operation> {
    use Operation as Op;
    Some(match path {
        "eval" | "exec" | "execfile" => Op::Evaluate,
        "pickle.loads" | "pickle.load" | "cPickle.loads" | "dill.loads" | "cloudpickle.loads" => {
            Op::Load
        }
        "os.system"
        | "os.popen"
        | "subprocess.getoutput"
        | "subprocess.getstatusoutput"
        | "commands.getoutput"
        | "asyncio.create_subprocess_shell"
        | "asyncio.subprocess.create_subprocess_shell" => Op::Shell,
        "subprocess.run"
        | "subprocess.call"
        | "subprocess.Popen"
        | "subprocess.check_call"
        | "subprocess.check_output"
        | "asyncio.create_subprocess_exec"
        | "os.execl"
        | "os.execlp"
        | "os.execv"
        | "os.execvp"
        | "os.execve"
        | "os.execvpe"
        | "os.startfile"
        | "pty.spawn"
        | "os.posix_spawn" => Op::Spawn,
        "runpy.run_path"
        | "importlib.machinery.SourceFileLoader"
        | "importlib.util.spec_from_file_location" => Op::RunFile,
        "urllib.request.urlopen" | "urllib.urlopen" | "urllib.request.Request" | "urlopen" => {
            Op::Request(0)
        }
        "urllib.request.urlretrieve" | "urllib.urlretrieve" | "wget.download" => Op::Download,
        "http.client.HTTPSConnection"
        | "http.client.HTTPConnection"
        | "httplib.HTTPConnection"
        | "smtplib.SMTP"
        | "smtplib.SMTP_SSL"
        | "ftplib.FTP"
        | "ftplib.FTP_TLS"
        | "websocket.create_connection"
        | "websockets.connect" => Op::OpenRequest,
        "socket.socket" | "socket.create_connection" | "asyncio.open_connection" => Op::Socket,
        "os.dup2" => Op::Duplicate,
        "socket.gethostbyname"
        | "socket.getaddrinfo"
        | "dns.resolver.resolve"
        | "dns.resolver.query" => Op::Resolve,
        "open" | "io.open" | "codecs.open" | "aiofiles.open" | "os.open" => Op::Open,
        "shutil.copy" | "shutil.copyfile" | "shutil.copy2" | "shutil.move" | "os.rename"
        | "os.replace" => Op::Copy,
        "os.chmod" => Op::MakeExecutable,
        "glob.glob" | "glob.iglob" | "os.listdir" | "os.scandir" | "os.walk" => Op::ListFolder,
        "os.getenv" => Op::Variable,
        "base64.b64decode"
        | "base64.urlsafe_b64decode"
        | "base64.standard_b64decode"
        | "base64.decodebytes"
        | "base64.decodestring"
        | "binascii.a2b_base64" => Op::Decode(Encoding::Base64),
        "bytes.fromhex" | "bytearray.fromhex" | "binascii.unhexlify" | "binascii.a2b_hex"
        | "base64.b16decode" => Op::Decode(Encoding::Hexadecimal),
        "base64.b85decode" | "base64.a85decode" | "base64.b32decode" | "marshal.loads" => {
            Op::Decode(Encoding::Other)
        }
        "zlib.decompress" | "gzip.decompress" | "bz2.decompress" | "lzma.decompress" => {
            Op::Decode(Encoding::Compressed)
        }
        "urllib.parse.unquote" | "urllib.parse.unquote_plus" => Op::Decode(Encoding::Url),
        "codecs.decode" => Op::Buffer,
        "chr" => Op::Characters,
        "os.path.join" | "pathlib.Path" | "pathlib.PurePath" | "os.path.abspath"
        | "os.path.realpath" | "os.path.normpath" | "os.path.expanduser" | "os.path.expandvars"
        | "os.fspath" => Op::JoinPath,
        "pathlib.Path.home" => Op::Home,
        "tempfile.mktemp"
        | "tempfile.mkstemp"
        | "tempfile.NamedTemporaryFile"
        | "tempfile.mkdtemp" => Op::Temporary,
        "getattr" => Op::Member,
        "__import__" | "importlib.import_module" => Op::Module,
        "threading.Thread" | "multiprocessing.Process" | "threading.Timer" | "atexit.register" => {
            Op::CallTarget
        }
        "map" => Op::Map,
        "str"
        | "bytes"
        | "bytearray"
        | "repr"
        | "list"
        | "tuple"
        | "dict"
        | "set"
        | "sorted"
        | "reversed"
        | "json.dumps"
        | "json.loads"
        | "json.dump"
        | "json.load"
        | "compile"
        | "io.BytesIO"
        | "io.StringIO"
        | "base64.b64encode"
        | "base64.urlsafe_b64encode"
        | "base64.b32encode"
        | "base64.b16encode"
        | "binascii.hexlify"
        | "binascii.b2a_base64"
        | "zlib.compress"
        | "gzip.compress"
        | "bz2.compress"
        | "lzma.compress"
        | "urllib.parse.quote"
        | "urllib.parse.urlencode"
        | "urllib.parse.quote_plus"
        | "copy.copy"
        | "copy.deepcopy"
        | "asyncio.run"
        | "asyncio.wait_for"
        | "asyncio.gather"
        | "enumerate"
        | "zip"
        | "filter"
        | "next"
        | "iter"
        | "yaml.dump"
        | "pickle.dumps"
        | "email.mime.text.MIMEText"
        | "shlex.quote"
        | "textwrap.dedent"
        | "print"
        | "memoryview"
        | "shlex.split" => Op::Pass,
        _ => return None,
    })
}

fn javascript(path: &str) -> Option<Operation> {
    use Operation as Op;
    if let Some(name) = path.strip_prefix("fs.").or_else(|| path.strip_prefix("Deno.")) {
        let file = match name.strip_suffix("Sync").unwrap_or(name) {
            "readFile" | "createReadStream" | "readTextFile" | "readJson" => Some(Op::Read),
            "open" => Some(Op::Open),
            "writeFile" | "appendFile" | "createWriteStream" | "writeTextFile" | "outputFile" => {
                Some(Op::Write)
            }
            "copyFile" | "rename" | "copy" | "move" => Some(Op::Copy),
            "chmod" => Some(Op::MakeExecutable),
            "readdir" | "readDir" => Some(Op::ListFolder),
            _ => None,
        };
        if file.is_some() {
            return file;
        }
    }
    Some(match path {
        "eval"
        | "Function"
        | "vm.runInThisContext"
        | "vm.runInNewContext"
        | "vm.runInContext"
        | "vm.Script"
        | "vm.compileFunction"
        | "AsyncFunction"
        | "GeneratorFunction" => Op::Evaluate,
        "v8.deserialize" | "node-serialize.unserialize" => Op::Load,
        "child_process.exec"
        | "child_process.execSync"
        | "shelljs.exec"
        | "execa.command"
        | "execa.execaCommand"
        | "zx.$"
        | "bun.$"
        | "Bun.$" => Op::Shell,
        "child_process.spawn"
        | "child_process.spawnSync"
        | "child_process.execFile"
        | "child_process.execFileSync"
        | "child_process.fork"
        | "execa"
        | "execa.execa"
        | "execa.sync"
        | "execa.execaSync"
        | "cross-spawn"
        | "cross-spawn.spawn"
        | "Bun.spawn"
        | "Bun.spawnSync"
        | "Deno.run"
        | "Deno.Command"
        | "node-pty.spawn" => Op::Spawn,
        "fetch" | "http.get" | "https.get" | "navigator.sendBeacon" | "Request" => Op::Request(0),
        "http.request"
        | "https.request"
        | "XMLHttpRequest"
        | "WebSocket"
        | "ws"
        | "ws.WebSocket"
        | "nodemailer.createTransport" => Op::OpenRequest,
        "net.connect"
        | "net.createConnection"
        | "net.Socket"
        | "tls.connect"
        | "Deno.connect"
        | "Deno.connectTls" => Op::Socket,
        "dns.lookup" | "dns.resolve" | "dns.resolve4" | "dns.resolve6" | "dns.resolveTxt"
        | "dns.resolveAny" | "Deno.resolveDns" => Op::Resolve,
        "Bun.file" => Op::Read,
        "Bun.write" => Op::Write,
        "glob" | "glob.sync" | "glob.glob" | "fast-glob" | "fast-glob.sync" => Op::ListFolder,
        "atob" | "js-base64.Base64.decode" => Op::Decode(Encoding::Base64),
        "decodeURIComponent" | "unescape" | "decodeURI" => Op::Decode(Encoding::Url),
        "zlib.gunzipSync"
        | "zlib.inflateSync"
        | "zlib.unzipSync"
        | "zlib.brotliDecompressSync"
        | "zlib.gunzip"
        | "zlib.inflate"
        | "zlib.inflateRawSync" => Op::Decode(Encoding::Compressed),
        "Buffer.from" | "Buffer" | "Uint8Array.from" => Op::Buffer,
        "String.fromCharCode" | "String.fromCodePoint" => Op::Characters,
        "path.join" | "path.resolve" | "path.normalize" | "path.posix.join" | "URL" => Op::JoinPath,
        "os.homedir" => Op::Home,
        "os.tmpdir" | "fs.mkdtempSync" => Op::Temporary,
        "Reflect.get" => Op::Member,
        "require" | "import" | "createRequire" | "module.createRequire" => Op::Module,
        "Promise" => Op::Promise,
        "Deno.env.get" => Op::Variable,
        "JSON.stringify"
        | "JSON.parse"
        | "String"
        | "Object.assign"
        | "Object.entries"
        | "Object.values"
        | "Object.fromEntries"
        | "encodeURIComponent"
        | "escape"
        | "btoa"
        | "Array.from"
        | "Buffer.concat"
        | "URLSearchParams"
        | "FormData"
        | "form-data"
        | "Promise.all"
        | "Promise.resolve"
        | "Promise.race"
        | "util.promisify"
        | "util.inspect"
        | "structuredClone"
        | "Blob"
        | "File"
        | "Array"
        | "Object"
        | "Uint8Array"
        | "querystring.stringify"
        | "zlib.gzipSync"
        | "zlib.deflateSync"
        | "Deno.env.toObject"
        | "console.log"
        | "Promise.allSettled"
        | "util.format"
        | "Response"
        | "Map" => Op::Pass,
        _ => return None,
    })
}
