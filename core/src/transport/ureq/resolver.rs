//! Name look-ups, remembered for a while. ureq resolves the host for every request, on a fresh thread whenever a time-out applies,
//! even when it then takes a pooled connection.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;
use ureq::{Error, ProxyProtocol};

use super::failure::wants_file;
use super::watch;

/// How long a look-up is trusted; as long as resolvers commonly cache.
const FRESH_FOR: Duration = Duration::from_secs(30);

/// As many addresses as ureq keeps of a name.
const MAX_ADDRESSES: usize = 16;

/// A name with its port, and what was found for it.
#[derive(Debug)]
struct Known {
    name: (String, u16),
    addresses: Vec<SocketAddr>,
    since: Instant,
}

/// The look-ups of the few hosts a client talks to: the server and perhaps a proxy.
#[derive(Debug, Default)]
struct State {
    known: Vec<Known>,
    /// Names that are being looked up: once at a time each, because nothing ends a look-up before the system does.
    under_way: Vec<(String, u16)>,
}

/// The look-ups that all calls of a client share.
#[derive(Clone, Debug, Default)]
pub(super) struct LookUps(Arc<(Mutex<State>, Condvar)>);

impl State {
    fn recall(&self, name: &(String, u16)) -> Option<&Known> {
        self.known.iter().find(|known| known.name == *name)
    }

    fn fresh(&self, name: &(String, u16)) -> Option<Vec<SocketAddr>> {
        let known = self.recall(name).filter(|known| known.since.elapsed() < FRESH_FOR);
        known.map(|known| known.addresses.clone())
    }

    fn is_under_way(&self, name: &(String, u16)) -> bool {
        self.under_way.contains(name)
    }

    fn end(&mut self, name: (String, u16), addresses: Vec<SocketAddr>) {
        self.under_way.retain(|other| *other != name);
        if addresses.is_empty() {
            return;
        }
        self.known.retain(|known| known.name != name);
        self.known.push(Known {
            name,
            addresses,
            since: Instant::now(),
        });
    }
}

impl LookUps {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets all addresses, so that every name is looked up again.
    pub(super) fn forget(&self) {
        self.lock().known.clear();
    }

    /// The addresses of a name. When a look-up fails or takes too long, the old ones: a connection to them may still be open.
    fn find(&self, name: &(String, u16), timeout: NextTimeout) -> Result<Vec<SocketAddr>, Error> {
        let began = Instant::now();
        let mut state = self.lock();
        if let Some(addresses) = state.fresh(name) {
            return Ok(addresses);
        }
        let mut failure = Error::HostNotFound;
        if !state.is_under_way(name)
            && let Err(error) = self.begin(&mut state, name)
        {
            failure = error.into();
        }
        while state.is_under_way(name) {
            let left = timeout.after.saturating_sub(began.elapsed());
            if left.is_zero() {
                failure = Error::Timeout(timeout.reason);
                break;
            }
            let woken = self.0.1.wait_timeout(state, left);
            (state, _) = woken.unwrap_or_else(PoisonError::into_inner);
        }
        watch::note_resolved(began.elapsed());
        let found = state.recall(name).map(|known| known.addresses.clone());
        drop(state);
        found.ok_or_else(|| want_of_files().map_or(failure, Error::from))
    }

    /// Starts a look-up on a thread of its own, which ends with it.
    fn begin(&self, state: &mut State, name: &(String, u16)) -> std::io::Result<()> {
        let (look_ups, name) = (self.clone(), name.clone());
        let under_way = name.clone();
        thread::Builder::new()
            .name("hogwire-lookup".to_owned())
            .spawn(move || {
                let found = (name.0.as_str(), name.1).to_socket_addrs();
                let addresses = found.map(|found| found.take(MAX_ADDRESSES).collect());
                look_ups.lock().end(name, addresses.unwrap_or_default());
                look_ups.0.1.notify_all();
            })?;
        state.under_way.push(under_way);
        Ok(())
    }
}

/// Why no file can be opened, if none can: the system looks names up in files and over sockets, and does not say that it had none.
fn want_of_files() -> Option<std::io::Error> {
    let opened = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0));
    opened.err().filter(wants_file)
}

/// Resolves names for ureq, and remembers them.
#[derive(Debug)]
pub(super) struct CachingResolver {
    look_ups: LookUps,
    /// The proxy that requests are handed to, which is looked up instead of the server: the server's name may be known to the proxy only.
    instead: Option<Uri>,
}

impl Resolver for CachingResolver {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let uri = self.instead.as_ref().unwrap_or(uri);
        let (Some(host), Some(port)) = (uri.host(), port(uri)) else {
            return Err(Error::BadUri(uri.to_string()));
        };
        let host = host.trim_matches(['[', ']']);
        let found = match host.parse::<IpAddr>() {
            Ok(address) => vec![SocketAddr::new(address, port)],
            Err(_) => self.look_ups.find(&(host.to_owned(), port), timeout)?,
        };
        // SOCKS4 takes IPv4 addresses only, and ureq gives it the first address.
        let is_server = matches!(uri.scheme_str(), Some("http" | "https"));
        let over_socks4 = config
            .proxy()
            .is_some_and(|proxy| proxy.protocol() == ProxyProtocol::Socks4);
        let only_ipv4 = is_server && over_socks4 && found.iter().any(SocketAddr::is_ipv4);
        let mut addresses = self.empty();
        for address in found.into_iter().filter(|address| !only_ipv4 || address.is_ipv4()) {
            addresses.push(address);
        }
        Ok(addresses)
    }
}

impl CachingResolver {
    pub(super) const fn new(instead: Option<Uri>, look_ups: LookUps) -> Self {
        Self { look_ups, instead }
    }
}

fn port(uri: &Uri) -> Option<u16> {
    uri.port_u16().or_else(|| match uri.scheme_str()? {
        "http" => Some(80),
        "https" => Some(443),
        "socks4" | "socks4a" | "socks5" | "socks5h" => Some(1080),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ureq::Timeout;
    use ureq::unversioned::transport::time;

    fn within(millis: u64) -> NextTimeout {
        NextTimeout {
            after: time::Duration::from_millis(millis),
            reason: Timeout::Resolve,
            ..NextTimeout::default()
        }
    }

    #[test]
    fn a_name_that_cannot_be_looked_up_any_more_stays_what_it_was() {
        let look_ups = LookUps::default();
        let name = ("name.invalid".to_owned(), 1);
        assert!(matches!(
            look_ups.find(&name, within(30_000)),
            Err(Error::HostNotFound | Error::Timeout(_))
        ));
        let addresses = vec![SocketAddr::from(([127, 0, 0, 1], 1))];
        let since = Instant::now().checked_sub(2 * FRESH_FOR).unwrap();
        look_ups.lock().known.push(Known {
            name: name.clone(),
            addresses: addresses.clone(),
            since,
        });
        assert_eq!(look_ups.find(&name, within(30_000)).unwrap(), addresses);
        look_ups.forget();
        assert!(look_ups.find(&name, within(30_000)).is_err());
    }

    #[test]
    fn a_name_is_looked_up_once_at_a_time() {
        let look_ups = LookUps::default();
        let name = ("name.invalid".to_owned(), 1);
        look_ups.lock().under_way.push(name.clone());
        assert!(matches!(
            look_ups.find(&name, within(1)),
            Err(Error::Timeout(Timeout::Resolve))
        ));
        // Connecting has so much less time.
        assert!(watch::seen().resolved_in >= Duration::from_millis(1));
        let waiting = {
            let (look_ups, name) = (look_ups.clone(), name.clone());
            thread::spawn(move || look_ups.find(&name, within(30_000)))
        };
        let addresses = vec![SocketAddr::from(([127, 0, 0, 1], 1))];
        look_ups.lock().end(name.clone(), addresses.clone());
        look_ups.0.1.notify_all();
        assert_eq!(waiting.join().unwrap().unwrap(), addresses);
        // What is known takes no time.
        watch::start();
        assert_eq!(look_ups.find(&name, within(1)).unwrap(), addresses);
        assert_eq!(watch::seen().resolved_in, Duration::ZERO);
    }

    #[test]
    fn a_name_is_what_was_found_last_and_for_half_a_minute() {
        let name = |host: &str, port| (host.to_owned(), port);
        let addresses = |port| vec![SocketAddr::from(([127, 0, 0, 1], port))];
        let mut state = State {
            under_way: vec![name("name", 1), name("other", 1)],
            ..State::default()
        };
        assert!(state.is_under_way(&name("name", 1)) && !state.is_under_way(&name("name", 2)));
        state.end(name("name", 1), addresses(1));
        state.end(name("name", 2), addresses(2));
        state.end(name("name", 1), addresses(3));
        state.end(name("name", 1), Vec::new());
        assert_eq!(state.under_way, [name("other", 1)]);
        assert_eq!(state.fresh(&name("name", 1)), Some(addresses(3)));
        assert_eq!(state.fresh(&name("name", 2)), Some(addresses(2)));
        assert_eq!(state.fresh(&name("other", 1)), None);
        for expected in [Some(addresses(3)), None] {
            for known in &mut state.known {
                known.since = known.since.checked_sub(FRESH_FOR / 2).unwrap();
            }
            assert_eq!(state.fresh(&name("name", 1)), expected);
        }
    }

    #[test]
    fn addresses_need_no_look_up_and_socks4_takes_only_short_ones() {
        let [short, long] = ["127.0.0.1", "::1"].map(|address| address.parse::<IpAddr>().unwrap());
        let look_ups = LookUps::default();
        for (host, addresses) in [("both.invalid", &[long, short][..]), ("long.invalid", &[long])] {
            for port in [80, 443, 1080, 8000] {
                let addresses = addresses.iter().map(|address| SocketAddr::new(*address, port));
                look_ups.lock().end((host.to_owned(), port), addresses.collect());
            }
        }
        let resolver = CachingResolver::new(None, look_ups);
        for (proxy, server, port, expected) in [
            (None, "http://[::1]:8000", 8000, &[long][..]),
            (None, "http://127.0.0.1", 80, &[short]),
            (None, "https://both.invalid", 443, &[long, short]),
            (
                Some("socks5://proxy.invalid"),
                "http://both.invalid",
                80,
                &[long, short],
            ),
            (
                Some("socks4://proxy.invalid"),
                "http://both.invalid:8000",
                8000,
                &[short],
            ),
            (Some("socks4://proxy.invalid"), "https://both.invalid", 443, &[short]),
            (Some("socks4://proxy.invalid"), "http://long.invalid", 80, &[long]),
            // The proxy itself is reached as any host is.
            (
                Some("socks4://both.invalid"),
                "socks4://both.invalid",
                1080,
                &[long, short],
            ),
        ] {
            let proxy = proxy.map(|proxy| ureq::Proxy::new(proxy).unwrap());
            let config = ureq::Agent::config_builder().proxy(proxy).build();
            let found = resolver
                .resolve(&server.parse().unwrap(), &config, within(30_000))
                .unwrap();
            let expected: Vec<_> = expected.iter().map(|address| SocketAddr::new(*address, port)).collect();
            assert_eq!(found[..], expected, "{server}");
        }
    }
}
