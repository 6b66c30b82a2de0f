//! Whose host an address names.

use crate::value::UNKNOWN;

/// Hosts without a name: `host<TAB>kind`.
const THROWAWAY: &str = include_str!("../data/hosts.tsv");
/// Installers that their makers publish for piping into a shell.
const INSTALLERS: &str = include_str!("../data/installers.txt");

/// What can be said of the host of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// This machine, or an address or name of a private network.
    Local,
    /// A public IP address in place of a name.
    BareAddress,
    /// A paste site, file drop, tunnel or request bin, where nobody answers for the content.
    Throwaway,
    /// The published installer of a known tool.
    Installer,
    /// A host of source code that serves files in base64 only.
    Encoded,
    /// Any other name.
    Named,
    /// It depends on what is not known before it runs.
    Unknown,
}

impl Host {
    /// Whose host `address` names: a URL, or a host with or without a port and a path.
    #[must_use]
    pub fn of(address: &str) -> Self {
        of(address, UNKNOWN)
    }

    /// The host that `address` names, in lower case; empty where it names none.
    #[must_use]
    pub fn name_of(address: &str) -> String {
        parts(address).0
    }

    /// Whether the place is fixed, foreign, and not of a known maker.
    #[must_use]
    pub const fn is_fixed(&self) -> bool {
        matches!(self, Self::BareAddress | Self::Throwaway | Self::Encoded | Self::Named)
    }

    /// Whether nobody's name stands for what it serves.
    #[must_use]
    pub const fn is_nameless(&self) -> bool {
        matches!(self, Self::BareAddress | Self::Throwaway)
    }
}

/// Whose host `address` names: a URL, or a host with or without a port and a path. `unknown` marks what is not known
/// before it runs.
pub(crate) fn of(address: &str, unknown: char) -> Host {
    let (host, path) = parts(address);
    if host.is_empty() || host.contains(unknown) {
        // The end of a name says whose it is.
        let end = host.rsplit(unknown).next().unwrap_or_default();
        let known = end.strip_prefix('.').filter(|end| end.contains('.'));
        return match known {
            Some(end) if is_throwaway(end) => Host::Throwaway,
            Some(_) => Host::Named,
            None => Host::Unknown,
        };
    }
    if let Some(address) = ipv4(&host) {
        return of_ipv4(address);
    }
    if host.contains(':') {
        return match host.parse::<std::net::Ipv6Addr>() {
            Ok(address) if is_local_ipv6(address) => Host::Local,
            Ok(_) => Host::BareAddress,
            Err(_) => Host::Unknown,
        };
    }
    let local = !host.contains('.')
        || [".local", ".internal", ".lan", ".localhost", ".home.arpa"]
            .iter()
            .any(|end| host.ends_with(end));
    if local {
        Host::Local
    } else if is_throwaway(&host) {
        Host::Throwaway
    } else if is_or_below(&host, "googlesource.com") || host == "api.github.com" {
        Host::Encoded
    } else if is_installer(&host, path) {
        Host::Installer
    } else {
        Host::Named
    }
}

/// Whether an address is a place for messages of a chat service that its own secret opens: whoever wrote it down reads
/// what is sent there.
pub(crate) fn is_inbox(address: &str) -> bool {
    let (host, path) = parts(address);
    let begin = match host.as_str() {
        "api.telegram.org" => "/bot",
        "discord.com" | "discordapp.com" | "canary.discord.com" | "ptb.discord.com" => {
            "/api/webhooks/"
        }
        "hooks.slack.com" => "/services/",
        _ => return false,
    };
    let key = path.strip_prefix(begin).map(|rest| rest.split('/').next().unwrap_or_default());
    key.is_some_and(|key| key.len() > 4 && !key.contains(UNKNOWN))
}

/// Whether a host serves code of many authors, which programs load from it as the custom is.
pub(crate) fn serves_code(address: &str) -> bool {
    const HOSTS: [&str; 14] = [
        "githubusercontent.com",
        "github.io",
        "github.com",
        "gitlab.com",
        "jsdelivr.net",
        "unpkg.com",
        "esm.sh",
        "skypack.dev",
        "cdnjs.cloudflare.com",
        "googleapis.com",
        "deno.land",
        "jsr.io",
        "pypa.io",
        "python.org",
    ];
    let (host, _) = parts(address);
    HOSTS.iter().any(|known| is_or_below(&host, known))
}

/// The host in lower case, and what stands behind it.
fn parts(address: &str) -> (String, &str) {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match authority.strip_prefix('[') {
        Some(inner) => inner.split(']').next().unwrap_or_default(),
        None if authority.matches(':').count() > 1 => authority,
        None => authority.split(':').next().unwrap_or_default(),
    };
    (host.trim_end_matches('.').to_ascii_lowercase(), path)
}

/// An IPv4 address as programs read it: one to four numbers, decimal, octal or hexadecimal (WHATWG URL, "host parsing").
fn ipv4(host: &str) -> Option<u32> {
    let parts: Vec<u32> = host.split('.').map(number).collect::<Option<_>>()?;
    let (last, first) = parts.split_last()?;
    if parts.len() > 4 || first.iter().any(|part| *part > 255) {
        return None;
    }
    let room = 4 - u32::try_from(first.len()).ok()?;
    if room < 4 && *last >= 256u32.pow(room) {
        return None;
    }
    let high = first.iter().fold(0u32, |sum, part| sum << 8 | part);
    let shift = 8 * room;
    Some(if shift == 32 { *last } else { high << shift | last })
}

fn number(text: &str) -> Option<u32> {
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    match hex {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None if text.len() > 1 && text.starts_with('0') => u32::from_str_radix(text, 8).ok(),
        None if text.bytes().all(|b| b.is_ascii_digit()) => text.parse().ok(),
        None => None,
    }
}

fn of_ipv4(address: u32) -> Host {
    // The address that examples use, though it is somebody's.
    const EXAMPLE: u32 = 0x0102_0304;
    let [a, b, ..] = address.to_be_bytes();
    let local = matches!(a, 0 | 10 | 127 | 224..=255)
        || (a, b) == (192, 168)
        || (a, b) == (169, 254)
        || a == 172 && (16..32).contains(&b)
        || a == 100 && (64..128).contains(&b)
        || address == EXAMPLE
        || address < 256;
    if local { Host::Local } else { Host::BareAddress }
}

const fn is_local_ipv6(address: std::net::Ipv6Addr) -> bool {
    let first = address.segments()[0];
    address.is_loopback()
        || address.is_unspecified()
        || first & 0xfe00 == 0xfc00
        || first & 0xffc0 == 0xfe80
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn is_or_below(host: &str, known: &str) -> bool {
    host.strip_suffix(known).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

fn is_throwaway(host: &str) -> bool {
    lines(THROWAWAY)
        .filter_map(|line| line.split('\t').next())
        .any(|known| is_or_below(host, known))
}

fn is_installer(host: &str, path: &str) -> bool {
    lines(INSTALLERS).any(|known| match known.split_once('/') {
        Some((name, begin)) => {
            host == name && path.strip_prefix('/').is_some_and(|path| path.starts_with(begin))
        }
        None => is_or_below(host, known),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_bare_however_its_number_is_written() {
        for bare in [
            "http://203.0.113.9/x",
            "203.0.113.9:80/x",
            "http://3405803785/x",
            "http://0xcb007109/x",
            "http://0xCB.0.0161.9/x",
            "https://user:pass@203.0.113.9/",
            "http://[2001:db8::1]/x",
        ] {
            assert_eq!(of(bare, '~'), Host::BareAddress, "{bare}");
        }
        for local in [
            "http://127.0.0.1:8080/x",
            "10.0.0.1",
            "http://192.168.1.4/",
            "http://localhost/x",
            "172.20.0.1",
            "http://[::1]/",
            "http://100.100.1.1/",
            "http://printer.local/",
            "registry",
            "http://[fd00::1]/",
            "0.0.0.0",
        ] {
            assert_eq!(of(local, '~'), Host::Local, "{local}");
        }
    }

    #[test]
    fn a_name_counts_with_the_names_below_it_and_no_others() {
        for (address, host) in [
            ("https://pastebin.com/raw/x", Host::Throwaway),
            ("https://a-b.ngrok.io/x", Host::Throwaway),
            ("https://notpastebin.com/raw", Host::Named),
            ("https://pastebin.com.vendor.example/raw", Host::Named),
            ("https://sh.rustup.rs", Host::Installer),
            ("https://raw.githubusercontent.com/nvm-sh/nvm/v0/install.sh", Host::Installer),
            ("https://raw.githubusercontent.com/other/x", Host::Named),
            ("https://~/x", Host::Unknown),
            ("http://~.duckdns.org/x", Host::Throwaway),
            ("https://~.vendor.example/x", Host::Named),
            ("https://evil~/x", Host::Unknown),
        ] {
            assert_eq!(of(address, '~'), host, "{address}");
        }
    }
}
