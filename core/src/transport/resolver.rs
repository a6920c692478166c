//! Name look-ups, remembered for a while. ureq resolves the host for every request, on a fresh thread whenever a time-out applies,
//! even when it then takes a pooled connection.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use super::watch;

/// How long a look-up is trusted; as long as resolvers commonly cache.
const FRESH_FOR: Duration = Duration::from_secs(30);

/// One remembered look-up.
#[derive(Debug)]
struct Known {
    name: String,
    addresses: ResolvedSocketAddrs,
    since: Instant,
}

/// The look-ups of the few hosts a client talks to: the server and perhaps a proxy.
#[derive(Clone, Debug, Default)]
pub(super) struct LookUps(Arc<Mutex<Vec<Known>>>);

impl LookUps {
    fn known(&self) -> MutexGuard<'_, Vec<Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn recall(&self, name: &str) -> Option<ResolvedSocketAddrs> {
        let mut known = self.known();
        known.retain(|known| known.since.elapsed() < FRESH_FOR);
        known
            .iter()
            .find(|known| known.name == name)
            .map(|known| known.addresses.clone())
    }

    /// Every name is looked up again.
    pub(super) fn forget(&self) {
        self.known().clear();
    }
}

/// Looks up what is not remembered.
#[derive(Debug)]
pub(super) struct CachingResolver {
    look_ups: LookUps,
    /// Looked up in place of the server: the proxy that requests are handed to. It may know names that nobody here does.
    instead: Option<Uri>,
    inner: DefaultResolver,
}

impl Resolver for CachingResolver {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let uri = self.instead.as_ref().unwrap_or(uri);
        let (Some(host), Some(port)) = (uri.host(), port(uri)) else {
            return Err(ureq::Error::BadUri(uri.to_string()));
        };
        if let Ok(address) = host.trim_matches(['[', ']']).parse::<IpAddr>() {
            let mut addresses = self.empty();
            addresses.push(SocketAddr::new(address, port));
            return Ok(addresses);
        }
        let name = format!("{host}:{port}");
        if let Some(addresses) = self.look_ups.recall(&name) {
            return Ok(addresses);
        }
        let started = Instant::now();
        let addresses = match self.inner.resolve(uri, config, timeout) {
            Ok(addresses) => addresses,
            Err(error @ ureq::Error::Timeout(_)) => return Err(error),
            Err(_) => return Err(ureq::Error::HostNotFound),
        };
        watch::note_resolved(started.elapsed());
        let known = Known {
            name,
            addresses: addresses.clone(),
            since: Instant::now(),
        };
        self.look_ups.known().push(known);
        Ok(addresses)
    }
}

impl CachingResolver {
    pub(super) fn new(instead: Option<Uri>, look_ups: LookUps) -> Self {
        Self {
            look_ups,
            instead,
            inner: DefaultResolver::default(),
        }
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
