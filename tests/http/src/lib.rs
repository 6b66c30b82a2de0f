//! A loopback HTTP server for tests that answers as a function says: what every stand-in is made of.
//!
//! Each connection has a thread of its own and carries one request.

#![expect(clippy::unwrap_used, reason = "a test ends where nothing can be listened on")]

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// No request of these tests is larger.
const MAX_BODY: usize = 1024 * 1024;

/// One request.
#[derive(Debug, Clone)]
pub struct Request {
    /// In capitals, as sent.
    pub method: String,
    /// With its query.
    pub path: String,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// Without the marks of its chunks.
    pub body: Vec<u8>,
}

impl Request {
    /// A header's value, by its lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// Status and JSON body; an empty body is none.
pub type Reply = (u16, String);

/// A reply with headers of its own.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status and body.
    pub reply: Reply,
    /// A `content-type` here takes the place of JSON's.
    pub headers: Vec<(&'static str, &'static str)>,
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Self { reply, headers: Vec::new() }
    }
}

/// What goes over the wire: an answer, or bytes as they are. No bytes close the connection without a word.
pub trait Respond {
    /// The whole response.
    fn bytes(self) -> Vec<u8>;
}

impl Respond for Vec<u8> {
    fn bytes(self) -> Vec<u8> {
        self
    }
}

impl Respond for Reply {
    fn bytes(self) -> Vec<u8> {
        Answer::from(self).bytes()
    }
}

impl Respond for Answer {
    fn bytes(self) -> Vec<u8> {
        let Self { reply: (status, body), mut headers } = self;
        if !headers.iter().any(|(name, _)| *name == "content-type") {
            headers.push(("content-type", "application/json; charset=utf-8"));
        }
        let headers: String =
            headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let length = body.len();
        let head =
            format!("HTTP/1.1 {status} Answer\r\ncontent-length: {length}\r\nconnection: close");
        format!("{head}\r\n{headers}\r\n{body}").into_bytes()
    }
}

/// Listens on loopback until it is dropped.
pub struct Server {
    address: SocketAddr,
    ended: Arc<AtomicBool>,
}

impl Server {
    /// Answers each request as this function says, on a free port.
    ///
    /// # Panics
    /// Nothing can be listened on.
    #[must_use]
    pub fn start<R: Respond>(answer: impl Fn(Request) -> R + Send + Sync + 'static) -> Self {
        Self::start_on(0, answer)
    }

    /// The same on this port.
    ///
    /// # Panics
    /// It is taken.
    #[must_use]
    pub fn start_on<R: Respond>(
        port: u16,
        answer: impl Fn(Request) -> R + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let address = listener.local_addr().unwrap();
        let (ended, answer) = (Arc::new(AtomicBool::new(false)), Arc::new(answer));
        thread::spawn({
            let ended = Arc::clone(&ended);
            move || {
                for stream in listener.incoming().flatten() {
                    if ended.load(Ordering::SeqCst) {
                        break;
                    }
                    let answer = Arc::clone(&answer);
                    // A sender that hangs up in between is its own test's business.
                    thread::spawn(move || serve(&stream, &*answer));
                }
            }
        });
        Self { address, ended }
    }

    /// Its origin.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.address.port()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for a connection.
        let _ = TcpStream::connect(self.address);
    }
}

fn serve<R: Respond>(stream: &TcpStream, answer: &impl Fn(Request) -> R) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut writer = stream;
    writer.write_all(&answer(read(stream)?).bytes())
}

fn read(stream: &TcpStream) -> io::Result<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut request = Request { method, path, headers, body: Vec::new() };
    if request.header("transfer-encoding").is_some_and(|value| value.contains("chunked")) {
        request.body = chunks(&mut reader)?;
    } else {
        let length = request.header("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
        request.body = vec![0; length.min(MAX_BODY)];
        reader.read_exact(&mut request.body)?;
    }
    Ok(request)
}

fn chunks(reader: &mut impl io::BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let length = usize::from_str_radix(line.trim(), 16).map_err(io::Error::other)?;
        let mut chunk = vec![0; length.min(MAX_BODY)];
        reader.read_exact(&mut chunk)?;
        reader.read_line(&mut String::new())?;
        if length == 0 {
            return Ok(body);
        }
        body.extend(chunk);
    }
}
