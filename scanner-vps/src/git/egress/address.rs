//! Which addresses a public git host may have, from IANA's registries of special-purpose addresses
//! (RFC 6890 and its updates), and the addresses at which clouds give out credentials.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Who is reached under an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum AddressKind {
    /// Anybody on the internet.
    Public,
    /// A network of the operator's, or a translator in it; only where a setting names the host.
    Private,
    /// This machine, its link, a cloud's metadata, several receivers, or nobody.
    Forbidden,
}

type Network<A> = (A, u32);

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u32) -> Network<Ipv4Addr> {
    (Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(head: [u16; 4], last: u16, prefix: u32) -> Network<Ipv6Addr> {
    let [a, b, c, d] = head;
    (Ipv6Addr::new(a, b, c, d, 0, 0, 0, last), prefix)
}

const PRIVATE_V4: [Network<Ipv4Addr>; 4] =
    [v4(10, 0, 0, 0, 8), v4(100, 64, 0, 0, 10), v4(172, 16, 0, 0, 12), v4(192, 168, 0, 0, 16)];

const FORBIDDEN_V4: [Network<Ipv4Addr>; 13] = [
    v4(0, 0, 0, 0, 8),
    // Metadata of Alibaba Cloud, within the range of carriers; of Azure, within the public one.
    v4(100, 100, 100, 200, 32),
    v4(168, 63, 129, 16, 32),
    v4(127, 0, 0, 0, 8),
    // The link, with the metadata of most clouds.
    v4(169, 254, 0, 0, 16),
    v4(192, 0, 0, 0, 24),
    v4(192, 0, 2, 0, 24),
    v4(192, 88, 99, 0, 24),
    v4(198, 18, 0, 0, 15),
    v4(198, 51, 100, 0, 24),
    v4(203, 0, 113, 0, 24),
    v4(224, 0, 0, 0, 4),
    v4(240, 0, 0, 0, 4),
];

/// What is given out to networks; all else is special.
const UNICAST_V6: Network<Ipv6Addr> = v6([0x2000, 0, 0, 0], 0, 3);
const UNIQUE_LOCAL_V6: Network<Ipv6Addr> = v6([0xfc00, 0, 0, 0], 0, 7);
/// NAT64: the last four bytes are an IPv4 address.
const NAT64: Network<Ipv6Addr> = v6([0x64, 0xff9b, 0, 0], 0, 96);

const FORBIDDEN_V6: [Network<Ipv6Addr>; 6] = [
    // Protocols, Teredo among them; documentation; 6to4; documentation again.
    v6([0x2001, 0, 0, 0], 0, 23),
    v6([0x2001, 0xdb8, 0, 0], 0, 32),
    v6([0x2002, 0, 0, 0], 0, 16),
    v6([0x3fff, 0, 0, 0], 0, 20),
    // Metadata of AWS and of Google Cloud, within the private range.
    v6([0xfd00, 0xec2, 0, 0], 0x254, 128),
    v6([0xfd20, 0xce, 0, 0], 0x254, 128),
];

/// Who is reached under this address.
pub(super) fn kind_of(address: IpAddr) -> AddressKind {
    match address {
        IpAddr::V4(address) => kind_of_v4(address),
        IpAddr::V6(address) => kind_of_v6(address),
    }
}

fn kind_of_v4(address: Ipv4Addr) -> AddressKind {
    let within = |networks: &[Network<Ipv4Addr>]| networks.iter().any(|n| holds_v4(*n, address));
    if within(&FORBIDDEN_V4) {
        AddressKind::Forbidden
    } else if within(&PRIVATE_V4) {
        AddressKind::Private
    } else {
        AddressKind::Public
    }
}

fn kind_of_v6(address: Ipv6Addr) -> AddressKind {
    let [.., a, b, c, d] = address.octets();
    if FORBIDDEN_V6.iter().any(|n| holds_v6(*n, address)) {
        AddressKind::Forbidden
    } else if holds_v6(UNICAST_V6, address) {
        AddressKind::Public
    } else if holds_v6(UNIQUE_LOCAL_V6, address)
        || (holds_v6(NAT64, address)
            && kind_of_v4(Ipv4Addr::new(a, b, c, d)) == AddressKind::Public)
    {
        AddressKind::Private
    } else {
        AddressKind::Forbidden
    }
}

const fn holds_v4((network, prefix): Network<Ipv4Addr>, address: Ipv4Addr) -> bool {
    let rest = 32 - prefix;
    network.to_bits() >> rest == address.to_bits() >> rest
}

const fn holds_v6((network, prefix): Network<Ipv6Addr>, address: Ipv6Addr) -> bool {
    let rest = 128 - prefix;
    network.to_bits() >> rest == address.to_bits() >> rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g59_only_addresses_that_anybody_may_have_are_public() {
        for (kind, addresses) in [
            (
                AddressKind::Public,
                "140.82.121.3 1.1.1.1 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 172.15.0.1 172.32.0.0 \
                 192.167.0.1 192.169.0.0 198.17.0.0 198.20.0.0 223.255.255.255 2606:50c0:8000::154 2a0c::1",
            ),
            (
                AddressKind::Private,
                "10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.1.1 100.64.0.1 100.127.255.255 \
                 fc00::1 fdff::1 64:ff9b::8c52:7903",
            ),
            (
                AddressKind::Forbidden,
                "0.0.0.0 0.1.2.3 127.0.0.1 127.255.255.255 169.254.169.254 169.254.0.1 192.0.0.192 192.0.2.1 \
                 192.88.99.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.1.1.1 240.0.0.1 \
                 255.255.255.255 100.100.100.200 168.63.129.16 :: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 \
                 64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2002:7f00:1::1 3fff::1 \
                 fd00:ec2::254 fd20:ce::254 fe80::1 febf::1 fec0::1 ff02::1 5f00::1",
            ),
        ] {
            for address in addresses.split_whitespace() {
                assert_eq!(kind_of(address.parse().unwrap()), kind, "{address}");
            }
        }
    }
}
