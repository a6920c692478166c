//! `NO_PROXY`: the list of hosts that are reached without a proxy. There is no standard for it; this reads what curl, Python and Go read.

use std::net::IpAddr;

use url::{Host, Url};

/// Whether the list names the server: `*`, a name (which covers its subdomains), an address, a range of addresses like
/// `10.0.0.0/8`, each but the ranges perhaps with a port.
pub(super) fn covers(list: &str, server: &Url) -> bool {
    list.split([',', ' '])
        .map(str::trim)
        .any(|entry| !entry.is_empty() && names(entry, server))
}

fn names(entry: &str, server: &Url) -> bool {
    if entry == "*" {
        return true;
    }
    match server.host() {
        Some(Host::Ipv4(address)) => names_address(entry, address.into(), server),
        Some(Host::Ipv6(address)) => names_address(entry, address.into(), server),
        Some(Host::Domain(domain)) => names_domain(entry, domain, server),
        None => false,
    }
}

fn names_address(entry: &str, address: IpAddr, server: &Url) -> bool {
    if let Some((network, length)) = entry.split_once('/') {
        return network
            .parse()
            .is_ok_and(|network| length.parse().is_ok_and(|length| is_within(address, network, length)));
    }
    let bare = |text: &str| text.trim_start_matches('[').trim_end_matches(']').parse() == Ok(address);
    bare(entry) || without_port(entry, server).is_some_and(bare)
}

fn names_domain(entry: &str, domain: &str, server: &Url) -> bool {
    let name = without_port(entry, server).unwrap_or(entry);
    let name = name
        .trim_start_matches("*.")
        .trim_start_matches('.')
        .to_ascii_lowercase();
    let Some(before) = domain.trim_end_matches('.').strip_suffix(name.trim_end_matches('.')) else {
        return false;
    };
    !name.is_empty() && (before.is_empty() || before.ends_with('.'))
}

/// The entry without the port it ends with, if that is the server's.
fn without_port<'e>(entry: &'e str, server: &Url) -> Option<&'e str> {
    let (host, port) = entry.rsplit_once(':')?;
    (port.parse().ok() == server.port_or_known_default()).then_some(host)
}

fn is_within(address: IpAddr, network: IpAddr, length: u32) -> bool {
    let (address, network, bits) = match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            (u128::from(address.to_bits()), u128::from(network.to_bits()), 32)
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => (address.to_bits(), network.to_bits(), 128),
        _ => return false,
    };
    // A length of 0 covers everything; it is asked first, because a number cannot be shifted by all of its bits.
    length <= bits && (length == 0 || (address ^ network) >> (bits - length) == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(list: &str, server: &str) -> bool {
        super::covers(list, &Url::parse(server).unwrap())
    }

    #[test]
    fn names_cover_themselves_and_their_subdomains() {
        for list in [
            "example.org",
            ".example.org",
            "*.example.org",
            "a, EXAMPLE.org ,b",
            "x example.org",
            "*",
        ] {
            assert!(covers(list, "https://example.org"), "{list}");
            assert!(covers(list, "https://us.i.example.org/prefix"), "{list}");
        }
        for list in [
            "",
            " , ",
            "ample.org",
            "us.example.org",
            "org.example",
            ".",
            "*.",
            "10.0.0.0/8",
            "[::1]",
        ] {
            assert!(!covers(list, "https://example.org"), "{list}");
        }
    }

    #[test]
    fn addresses_and_ranges_are_compared_as_numbers() {
        for (list, server) in [
            ("127.0.0.1", "http://127.0.0.1:8000"),
            ("127.0.0.0/8", "http://127.0.0.1"),
            ("10.1.2.3/32", "http://10.1.2.3"),
            ("0.0.0.0/0", "http://10.1.2.3"),
            ("::1", "http://[::1]:8000"),
            ("[::1]", "http://[0:0::1]"),
            ("fd00::/8", "http://[fd12::1]"),
            ("::/0", "http://[fd12::1]"),
        ] {
            assert!(covers(list, server), "{list} {server}");
        }
        for (list, server) in [
            ("127.0.0.10", "http://127.0.0.1"),
            ("0.0.1", "http://127.0.0.1"),
            ("127.0.0.0/33", "http://127.0.0.1"),
            ("127.0.0.0/", "http://127.0.0.1"),
            ("10.0.0.0/8", "http://127.0.0.1"),
            ("::/0", "http://127.0.0.1"),
            ("fd00::/8", "http://[::1]"),
        ] {
            assert!(!covers(list, server), "{list} {server}");
        }
    }

    #[test]
    fn a_port_restricts() {
        assert!(covers("localhost:8000", "http://localhost:8000"));
        assert!(covers("localhost:443", "https://localhost"));
        assert!(covers("127.0.0.1:80", "http://127.0.0.1"));
        assert!(covers("[::1]:8000", "http://[::1]:8000"));
        assert!(!covers("localhost:8001", "http://localhost:8000"));
        assert!(!covers("[::1]:8001", "http://[::1]:8000"));
        assert!(!covers("127.0.0.1:81", "http://127.0.0.1"));
    }
}
