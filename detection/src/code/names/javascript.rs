//! Functions of JavaScript, of its runtimes and of its libraries.

use super::{Encoding, Operation};

pub(super) fn operation(path: &str) -> Option<Operation> {
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
            "rm" | "rmdir" | "remove" | "emptyDir" => Some(Op::Destroy),
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
        | "GeneratorFunction"
        | "worker_threads.Worker" => Op::Evaluate,
        "crypto.createDecipheriv" | "crypto.createDecipher" => Op::Library("Decipher"),
        "Decipher.update" => Op::Decode(Encoding::Other),
        "stream.pipeline" | "stream/promises.pipeline" | "stream.promises.pipeline" => {
            Op::CopyStream
        }
        "better-sqlite3" | "sqlite3.Database" => Op::Read,
        "dgram.createSocket" => Op::Socket,
        "adm-zip" | "archiver" | "jszip" => Op::Archive,
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
        "http.request" | "https.request" | "XMLHttpRequest" | "nodemailer.createTransport" => {
            Op::OpenRequest
        }
        "WebSocket"
        | "ws"
        | "ws.WebSocket"
        | "ws.*.WebSocket"
        | "EventSource"
        | "eventsource"
        | "socket.io-client"
        | "socket.io-client.io"
        | "socket.io-client.connect"
        | "undici.WebSocket" => Op::WebSocket,
        "net.connect"
        | "net.createConnection"
        | "net.Socket"
        | "tls.connect"
        | "Deno.connect"
        | "Deno.connectTls" => Op::Socket,
        "dns.lookup" | "dns.resolve" | "dns.resolve4" | "dns.resolve6" | "dns.resolveTxt"
        | "dns.resolveAny" | "Deno.resolveDns" => Op::Resolve,
        "rimraf" | "rimraf.sync" | "rimraf.rimraf" | "rimraf.rimrafSync" | "del" => Op::Destroy,
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
        | "json5.parse"
        | "toml.parse"
        | "ini.parse"
        | "dotenv.parse"
        | "yaml.parse"
        | "js-yaml.load"
        | "js-yaml.safeLoad"
        | "String"
        | "Object.assign"
        | "Object.entries"
        | "Object.keys"
        | "RegExp"
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
