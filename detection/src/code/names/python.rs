//! Functions of Python and of its libraries.

use super::{Encoding, Operation};

pub(super) fn operation(path: &str) -> Option<Operation> {
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
        | "importlib.util.spec_from_file_location"
        | "sys.path.insert"
        | "sys.path.append"
        | "site.addsitedir"
        | "ctypes.CDLL"
        | "ctypes.cdll.LoadLibrary" => Op::RunFile,
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
        | "ftplib.FTP_TLS" => Op::OpenRequest,
        "websocket.create_connection"
        | "websocket.WebSocketApp"
        | "websockets.connect"
        | "websockets.sync.client.connect"
        | "websockets.client.connect" => Op::WebSocket,
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
        "shutil.rmtree" => Op::Destroy,
        "glob.glob" | "glob.iglob" | "os.listdir" | "os.scandir" | "os.walk" => Op::ListFolder,
        "sqlite3.connect" => Op::Read,
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
        | "tomllib.loads"
        | "tomllib.load"
        | "tomli.loads"
        | "tomli.load"
        | "toml.loads"
        | "toml.load"
        | "yaml.safe_load"
        | "yaml.load"
        | "json5.loads"
        | "dotenv.dotenv_values"
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
        | "ssl.wrap_socket"
        | "re.compile"
        | "configparser.ConfigParser"
        | "configparser.RawConfigParser"
        | "shlex.split" => Op::Pass,
        "zipfile.ZipFile" | "zipfile.PyZipFile" | "tarfile.open" | "tarfile.TarFile" => Op::Archive,
        "shutil.make_archive" => Op::Pack,
        "shutil.copyfileobj" => Op::CopyStream,
        "browser_cookie3.load"
        | "browser_cookie3.chrome"
        | "browser_cookie3.chromium"
        | "browser_cookie3.firefox"
        | "browser_cookie3.edge"
        | "browser_cookie3.brave"
        | "browser_cookie3.opera"
        | "browser_cookie3.safari"
        | "rookiepy.load"
        | "rookiepy.chrome"
        | "rookiepy.firefox"
        | "pycookiecheat.chrome_cookies" => Op::Secret,
        _ => return None,
    })
}
