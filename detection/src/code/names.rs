//! Names of the libraries' functions, and what each does.

mod javascript;
mod python;

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
    /// A socket to a URL, for messages both ways.
    WebSocket,
    /// A socket; with an address, where it is connected at once.
    Socket,
    /// Puts a descriptor in the place of another.
    Duplicate,
    /// Opens an archive.
    Archive,
    /// Packs a folder, the third argument, into the file of the first.
    Pack,
    /// Copies what one stream gives into another.
    CopyStream,
    /// Gives what other programs of the user keep secret.
    Secret,
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
    /// Deletes a folder with all that is in it.
    Destroy,
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
        path = path.strip_suffix(".default").or_else(|| path.strip_suffix(".*")).unwrap_or(path);
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
        Dialect::Python => python::operation(path).or_else(|| client(path)),
        Dialect::JavaScript => javascript::operation(path).or_else(|| client(path)),
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
