//! The three messages of a SOCKS5 client (RFC 1928, and RFC 1929 for user and password). Pure: bytes in,
//! a message or what is missing out. Nothing here is longer than [`MAX_MESSAGE`].

use skillgate_contract::text;
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// Bytes of the longest message: a login with a user and a password of 255 bytes each.
pub(super) const MAX_MESSAGE: usize = 3 + 2 * 255;
/// The method "user and password".
pub(super) const BY_PASSWORD: u8 = 2;
/// No method that the client offers will do.
pub(super) const NO_METHOD: u8 = 0xff;
/// The command to open a TCP connection, the only one that is served.
pub(super) const CONNECT: u8 = 1;

const VERSION: u8 = 5;
const LOGIN_VERSION: u8 = 1;
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;
/// Characters of a name that are shown.
const SHOWN: usize = 100;

/// Why bytes are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// So far they may become one, of at least this many bytes.
    Incomplete(usize),
    /// They never become one.
    Invalid,
}

/// What a request asks for, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) command: u8,
    pub(super) host: Host,
    pub(super) port: u16,
}

/// The host of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Host {
    Address(IpAddr),
    /// As it came: any bytes.
    Name(Vec<u8>),
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Address(address) => write!(f, "{address}")?,
            Host::Name(name) => f.write_str(&text::line(&String::from_utf8_lossy(name), SHOWN))?,
        }
        write!(f, " port {}", self.port)
    }
}

/// What the proxy answers to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reply {
    Connected = 0,
    NotAllowed = 2,
    HostUnreachable = 4,
    CommandNotSupported = 7,
}

/// The message of a reply; the address in it means nothing to a client that connects.
pub(super) const fn reply(reply: Reply) -> [u8; 10] {
    [VERSION, reply as u8, 0, IPV4, 0, 0, 0, 0, 0, 0]
}

/// The answer to a greeting.
pub(super) const fn method(chosen: u8) -> [u8; 2] {
    [VERSION, chosen]
}

/// The answer to a login.
pub(super) const fn login_answer(welcome: bool) -> [u8; 2] {
    [LOGIN_VERSION, if welcome { 0 } else { 1 }]
}

/// A greeting: whether it offers a login by user and password.
pub(super) fn greeting(bytes: &[u8]) -> Result<bool, Fault> {
    let mut fields = Fields::new(bytes);
    fields.expect(VERSION)?;
    Ok(fields.counted()?.contains(&BY_PASSWORD))
}

/// A login: its user and its password.
pub(super) fn login(bytes: &[u8]) -> Result<(&[u8], &[u8]), Fault> {
    let mut fields = Fields::new(bytes);
    fields.expect(LOGIN_VERSION)?;
    Ok((fields.counted()?, fields.counted()?))
}

/// A request.
pub(super) fn request(bytes: &[u8]) -> Result<Request, Fault> {
    let mut fields = Fields::new(bytes);
    fields.expect(VERSION)?;
    let command = fields.byte()?;
    fields.expect(0)?;
    let host = match fields.byte()? {
        IPV4 => Host::Address(Ipv4Addr::from(fields.array::<4>()?).into()),
        IPV6 => Host::Address(Ipv6Addr::from(fields.array::<16>()?).into()),
        NAME => Host::Name(fields.counted()?.to_vec()),
        _ => return Err(Fault::Invalid),
    };
    Ok(Request { command, host, port: u16::from_be_bytes(fields.array()?) })
}

/// Takes a message apart from its front.
struct Fields<'a> {
    left: &'a [u8],
    taken: usize,
}

impl<'a> Fields<'a> {
    const fn new(bytes: &'a [u8]) -> Self {
        Self { left: bytes, taken: 0 }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        self.bytes(N)?.try_into().map_err(|_| Fault::Invalid)
    }

    fn bytes(&mut self, count: usize) -> Result<&'a [u8], Fault> {
        self.taken += count;
        let (field, left) =
            self.left.split_at_checked(count).ok_or(Fault::Incomplete(self.taken))?;
        self.left = left;
        Ok(field)
    }

    fn byte(&mut self) -> Result<u8, Fault> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn expect(&mut self, byte: u8) -> Result<(), Fault> {
        if self.byte()? == byte { Ok(()) } else { Err(Fault::Invalid) }
    }

    /// A field behind its length.
    fn counted(&mut self) -> Result<&'a [u8], Fault> {
        let count = self.byte()?;
        self.bytes(count.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What each parser says of these bytes, without the message.
    fn verdicts(bytes: &[u8]) -> [Result<(), Fault>; 3] {
        [greeting(bytes).map(drop), login(bytes).map(drop), request(bytes).map(drop)]
    }

    #[test]
    fn what_curl_sends_is_understood() {
        assert_eq!(greeting(&[5, 3, 0, 1, 2]), Ok(true));
        assert_eq!(greeting(&[5, 1, 0]), Ok(false));
        assert_eq!(login(b"\x01\x02u1\x03pw2"), Ok((&b"u1"[..], &b"pw2"[..])));
        let named = request(b"\x05\x01\x00\x03\x0agithub.com\x01\xbb").unwrap();
        assert_eq!(named.to_string(), "github.com port 443");
        let address = request(b"\x05\x01\x00\x01\x7f\x00\x00\x01\x11\\").unwrap();
        assert_eq!(address.to_string(), "127.0.0.1 port 4444");
        assert_eq!(request(&[5, 1, 0, 9]), Err(Fault::Invalid));
        assert_eq!(request(&[4, 1]), Err(Fault::Invalid));
        let odd = request(b"\x05\x01\x00\x03\x06a\n\x1b[1b\x00\x01").unwrap();
        assert!(!odd.to_string().contains(['\n', '\u{1b}']), "{odd}");
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_message_or_lack_a_bounded_number(bytes in any::<Vec<u8>>()) {
            for verdict in verdicts(&bytes) {
                if let Err(Fault::Incomplete(needed)) = verdict {
                    prop_assert!(needed > bytes.len() && needed <= MAX_MESSAGE);
                }
            }
        }

        #[test]
        fn a_message_is_whole_with_its_last_byte_and_not_before(
            user in prop::collection::vec(any::<u8>(), 0..256),
            password in prop::collection::vec(any::<u8>(), 0..256),
        ) {
            let (user_length, length) = (user.len() as u8, password.len() as u8);
            let message = [&[1, user_length][..], &user, &[length], &password].concat();
            prop_assert_eq!(login(&message), Ok((&user[..], &password[..])));
            for cut in 0..message.len() {
                prop_assert!(matches!(login(&message[..cut]), Err(Fault::Incomplete(_))));
            }
        }
    }
}
