//! Which names of the libraries of these languages do what. In lower case; the last part of a name counts.

/// Words that stand for no value.
pub(super) const KEYWORDS: [&str; 44] = [
    "if", "unless", "while", "until", "and", "or", "not", "then", "do", "end", "else", "elsif",
    "elseif", "elif", "return", "my", "our", "local", "var", "val", "let", "const", "new", "in",
    "as", "begin", "rescue", "ensure", "try", "catch", "finally", "echo", "static", "final", "mut",
    "range", "when", "case", "switch", "from", "nil", "null", "true", "false",
];

/// Run their text as a program of the same language.
pub(super) const EVALUATING: [&str; 10] = [
    "eval", "instance_eval", "class_eval", "module_eval", "create_function", "loadstring",
    "dostring", "evaluate", "assert", "exec_string",
];
/// Run a file as a program of the same language.
pub(super) const LOADING: [&str; 9] = [
    "load", "require", "require_relative", "require_once", "include", "include_once", "dofile",
    "loadfile", "do",
];
/// Hand their text or their words to the system.
pub(super) const STARTING: [&str; 24] = [
    "system", "exec", "spawn", "shell_exec", "passthru", "popen", "popen2", "popen2e", "popen3",
    "proc_open", "pcntl_exec", "execute", "command", "commandcontext", "processbuilder", "start",
    "capture2", "capture2e", "capture3", "execve", "execl", "execv", "execlp", "execvp",
];
/// What a method of [`STARTING`] belongs to; other objects have methods of these names too.
pub(super) const STARTERS: [&str; 15] = [
    "kernel", "process", "os", "exec", "open3", "io", "pty", "runtime", "getruntime", "posix",
    "processbuilder", "command", "std", "ipc", "diagnostics",
];
/// Make a socket, connected or not.
pub(super) const CONNECTING: [&str; 14] = [
    "fsockopen", "pfsockopen", "stream_socket_client", "socket_connect", "dial", "dialtimeout",
    "dialtcp", "dialcontext", "tcpsocket", "tcpclient", "tcpstream", "sslsocket", "socket_create",
    "connect",
];
/// Get what a URL serves.
pub(super) const FETCHING: [&str; 36] = [
    "get", "get_response", "get_print", "getstore", "mirror", "read", "open", "open_uri", "urlopen",
    "request", "file_get_contents", "fopen", "file", "curl_exec", "curl_init", "readtext",
    "readbytes", "openstream", "openconnection", "downloadstring", "downloaddata", "downloadfile",
    "getstringasync", "getbytearrayasync", "getstreamasync", "getasync", "do", "fetch", "body",
    "content", "decoded_content", "perform", "copy", "sendasync", "text", "gettext",
];
/// Send what they are given to a URL or through a socket.
pub(super) const SENDING: [&str; 30] = [
    "post", "post_form", "postform", "put", "patch", "send", "request", "newrequest", "write",
    "print", "puts", "printf", "fwrite", "fputs", "fprintf", "fprintln", "fprint", "syswrite",
    "send_request", "curl_setopt", "curl_setopt_array", "file_get_contents", "uploadstring",
    "uploadfile", "uploaddata", "uploadvalues", "postasync", "writestring", "flush", "writeline",
];
/// Write data into the file that they are given first, or that they belong to.
pub(super) const WRITING: [&str; 20] = [
    "write", "binwrite", "file_put_contents", "writefile", "writebytes", "writetext", "print",
    "puts", "fwrite", "fputs", "writealltext", "writeallbytes", "writestring", "copy",
    "copy_stream", "appendtext", "setbytes", "syswrite", "spurt", "syscopy",
];
/// Name a file that is to be written or read.
pub(super) const FILES: [&str; 12] = [
    "open", "fopen", "create", "openfile", "createtempfile", "createtemp", "tempnam", "tmpname",
    "file", "tempfile", "path", "new",
];
/// Give a text that stands for the same data.
pub(super) const PASSING: [&str; 58] = [
    "to_s", "to_sym", "to_str", "strip", "chomp", "chop", "trim", "rtrim", "ltrim", "downcase",
    "upcase", "encode", "force_encoding", "expand_path", "tostring", "string", "str", "uri", "url",
    "parse", "tourl", "touri", "freeze", "dup", "clone", "quotemeta", "shellescape", "escapeshellarg",
    "escapeshellcmd", "strval", "to_string", "into", "lc", "uc", "path", "getpath", "absolutepath",
    "getabsolutepath", "name", "inet_aton", "sockaddr_in", "pack_sockaddr_in", "inet_pton",
    "gethostbyname", "getattribute", "fullname", "toarray", "tochararray", "getstring", "getbytes", "byte", "bytes", "rune", "newbufferstring", "newreader", "newbuffer", "tobytearray", "encodetobytearray",
];
/// Decode base64.
pub(super) const BASE64: [&str; 11] = [
    "base64_decode", "decode64", "strict_decode64", "urlsafe_decode64", "decode_base64",
    "decodestring", "frombase64string", "getdecoder", "decode_b64", "unbase64", "b64decode",
];
/// Variables of the environment that hold keys: what their names end with.
pub(super) const KEY_ENDS: [&str; 6] =
    ["_TOKEN", "_KEY", "_SECRET", "_PASSWORD", "_CREDENTIALS", "_PASSWD"];
