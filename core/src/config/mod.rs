//! Configuration: checked once, frozen afterwards, shared by everything a client does.
//!
//! Knows no environment, file or socket: `proxy`, `ca_file` and `client_cert` are only carried here; the transport reads them.

use std::sync::Arc;
use std::time::Duration;

use crate::error::ConfigError;
use crate::hook::BeforeSend;
use crate::properties::Properties;
use crate::protocol::Protocol;
use crate::redaction::Secret;
use crate::words::words;

mod check;
mod library;

pub(crate) use check::{MAX_TIME, check_compression, check_max_retries};
use check::{
    check_api_key, check_header, check_host, check_path, check_properties, check_proxy, check_timeout, user_agent,
};
pub use library::Library;

/// PostHog's US cloud, used when no host is given (protocol.md §5).
pub const DEFAULT_HOST: &str = "https://us.i.posthog.com";

words! {
    /// How bodies are compressed.
    pub enum Compression {
        /// Not at all.
        None = "none",
        /// gzip, which every server version understands.
        Gzip = "gzip",
        /// Raw deflate; only v1 takes it.
        Deflate = "deflate",
        /// Zstandard; only v1 takes it.
        Zstd = "zstd",
    }
}

words! {
    /// Which protocol a client speaks.
    pub enum ProtocolChoice {
        /// The batch route, which every server version has.
        V0 = "v0",
        /// The verdict route: the server answers for each event.
        V1 = "v1",
        /// v1, and v0 for good once the server has answered 404.
        Auto = "auto",
    }
}

impl ProtocolChoice {
    /// The protocol that is tried first.
    pub(crate) const fn first(self) -> Protocol {
        match self {
            Self::V0 => Protocol::V0,
            Self::V1 | Self::Auto => Protocol::V1,
        }
    }
}

/// Everything a client is told once. Made by [`Config::builder`].
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) api_key: Secret,
    pub(crate) base_url: String,
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) max_retries: u32,
    pub(crate) max_connections: usize,
    pub(crate) protocol: ProtocolChoice,
    pub(crate) compression: Option<Compression>,
    pub(crate) nested_properties: bool,
    pub(crate) geoip_disable: bool,
    pub(crate) is_server: bool,
    pub(crate) properties: Properties,
    pub(crate) headers: Vec<(String, Secret)>,
    pub(crate) user_agent: String,
    pub(crate) before_send: Vec<BeforeSend>,
    pub(crate) disabled: Option<String>,
    pub(crate) historical_migration: bool,
    pub(crate) proxy: Option<Secret>,
    pub(crate) ca_file: Option<String>,
    pub(crate) client_cert: Option<Secret>,
    pub(crate) library: Library,
}

impl Config {
    /// Starts a configuration with this project key (`phc_...`).
    ///
    /// ```
    /// let config = hogwire::Config::builder("phc_example").host("https://eu.i.posthog.com").build()?;
    /// assert_eq!(config.host(), "https://eu.i.posthog.com");
    ///
    /// let refused = hogwire::Config::builder("phx_personal").build().unwrap_err();
    /// assert_eq!(refused.option(), "api_key");
    /// # Ok::<(), hogwire::ConfigError>(())
    /// ```
    pub fn builder(api_key: impl Into<String>) -> ConfigBuilder {
        ConfigBuilder::new(api_key.into())
    }

    /// The base URL events go to, without a trailing slash.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.base_url
    }

    /// The time a direct call may take, retries included.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// The time connecting may take, name look-up included.
    #[must_use]
    pub fn connect_timeout(&self) -> Duration {
        self.connect_timeout
    }

    /// Connections a client has open at most.
    #[must_use]
    pub fn max_connections(&self) -> usize {
        self.max_connections
    }

    /// The protocol it speaks.
    #[must_use]
    pub fn protocol(&self) -> ProtocolChoice {
        self.protocol
    }

    /// The proxy's URL, when one was given.
    #[must_use]
    pub fn proxy(&self) -> Option<&str> {
        self.proxy.as_ref().map(Secret::reveal)
    }

    /// The file of certificate authorities in PEM that are trusted instead of the system's, when one was given.
    #[must_use]
    pub fn ca_file(&self) -> Option<&str> {
        self.ca_file.as_deref()
    }

    /// The file with the client's certificate chain and key in PEM, when one was given.
    #[must_use]
    pub fn client_cert(&self) -> Option<&str> {
        self.client_cert.as_ref().map(Secret::reveal)
    }
}

/// Collects options; [`build`](Self::build) checks them all.
///
/// Every setter replaces what was set before, except that headers and hooks are added. Each names its default.
#[derive(Clone, Debug)]
#[must_use]
pub struct ConfigBuilder {
    api_key: Secret,
    /// Not shown: arguments get swapped, and a URL may hold a password.
    host: Option<Secret>,
    /// The environment variables that key and host came from, if any, for sentences about them.
    api_key_variable: Option<&'static str>,
    host_variable: Option<&'static str>,
    app_info: Option<String>,
    config: Config,
}

macro_rules! setters {
    ($( $(#[$meta:meta])* $name:ident: $type:ty = $value:expr; )+) => {
        $( $(#[$meta])*
        pub fn $name(mut self, $name: $type) -> Self {
            self.config.$name = $value;
            self
        } )+
    };
}

impl ConfigBuilder {
    fn new(api_key: String) -> Self {
        Self {
            api_key: Secret(api_key),
            host: None,
            api_key_variable: None,
            host_variable: None,
            app_info: None,
            config: Config {
                api_key: Secret(String::new()),
                base_url: String::new(),
                timeout: Duration::from_secs(10),
                connect_timeout: Duration::from_secs(5),
                max_retries: 2,
                max_connections: 32,
                protocol: ProtocolChoice::V0,
                compression: None,
                nested_properties: false,
                geoip_disable: true,
                is_server: true,
                properties: Properties::new(),
                headers: Vec::new(),
                user_agent: String::new(),
                before_send: Vec::new(),
                disabled: None,
                historical_migration: false,
                proxy: None,
                ca_file: None,
                client_cert: None,
                library: Library::Rust,
            },
        }
    }

    setters! {
        /// The whole direct call, retries included; in a queue, each request. 1 ms to a day, default 10 s.
        timeout: Duration = timeout;
        /// Connecting, name look-up included. 1 ms to a day, default 5 s.
        connect_timeout: Duration = connect_timeout;
        /// Retries after the first attempt of a direct call: 0 to 100. Default 2.
        max_retries: u32 = max_retries;
        /// Connections open at a time; waiting for one counts against `timeout`. 1 to 1,024, default 32.
        max_connections: usize = max_connections;
        /// Compresses every body. Default: queued bodies from 1 KiB with gzip, direct ones not.
        compression: Compression = Some(compression);
        /// Which protocol to speak. Default v0.
        protocol: ProtocolChoice = protocol;
        /// Marks everything as a historical import: events at least 48 hours old, each with its own Timestamp, which the server then
        /// keeps as it is (`$ignore_sent_at`, unless given). Default false.
        historical_migration: bool = historical_migration;
        /// Allows objects and arrays as property values. Default false.
        nested_properties: bool = nested_properties;
        /// Sends `$geoip_disable: true` unless `$ip` is given. Default true.
        geoip_disable: bool = geoip_disable;
        /// Sends `$is_server: true`. Default true.
        is_server: bool = is_server;
        /// Properties added to every event; the event's own win. At most 500,000 bytes of JSON. Default none.
        properties: Properties = properties;
        #[doc(hidden)]
        library: Library = library;
    }

    /// The server: an http(s) URL of at most 2,048 bytes, a path prefix allowed. Default [`DEFAULT_HOST`]; PostHog's app hosts are mapped to
    /// their ingestion hosts.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(Secret(host.into()));
        self
    }

    pub(crate) fn default_host(mut self, host: String, variable: &'static str) -> Self {
        if self.host.is_none() {
            self.host = Some(Secret(host));
            self.host_variable = Some(variable);
        }
        self
    }

    pub(crate) fn has_api_key(&self) -> bool {
        !self.api_key.reveal().trim().is_empty()
    }

    pub(crate) fn api_key_from(mut self, api_key: String, variable: &'static str) -> Self {
        self.api_key = Secret(api_key);
        self.api_key_variable = Some(variable);
        self
    }

    /// An extra request header, of 8,192 bytes at most. The protocol's own headers cannot be replaced. Default none.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.config.headers.push((name.into(), Secret(value.into())));
        self
    }

    /// A suffix for the User-Agent, for example `my-app/2.1`: at most 256 bytes of printable ASCII. Default none.
    pub fn app_info(mut self, app_info: impl Into<String>) -> Self {
        self.app_info = Some(app_info.into());
        self
    }

    /// A hook that sees each assembled event on the caller's thread, may change it, or drops it by returning `None`.
    /// Hooks run in the order they were added; the first that drops or fails ends the chain. An error is told in the outcome.
    ///
    /// ```
    /// let config = hogwire::Config::builder("phc_x").before_send(|event| Ok(Some(event)));
    /// ```
    pub fn before_send<F>(mut self, hook: F) -> Self
    where
        F: Fn(crate::AssembledEvent) -> Result<Option<crate::AssembledEvent>, String> + Send + Sync + 'static,
    {
        self.config.before_send.push(BeforeSend(Arc::new(hook)));
        self
    }

    /// Sends nothing; outcomes say `disabled`. Default false.
    pub fn disabled(mut self, disabled: bool) -> Self {
        self.config.disabled = disabled.then(|| "the client is disabled by the option `disabled`".to_owned());
        self
    }

    /// Disables the client, unless the option has; outcomes give `reason`.
    pub(crate) fn disabled_because(mut self, reason: &str) -> Self {
        self.config.disabled.get_or_insert_with(|| reason.to_owned());
        self
    }

    /// The proxy's URL (`http://`, `https://`, `socks4://`, `socks4a://`, `socks5://`, `socks5h://`). Default: the environment
    /// (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`). HTTP proxies are handed requests to `http://` hosts, and asked for
    /// a tunnel (`CONNECT`) to `https://` ones.
    pub fn proxy(mut self, proxy: impl Into<String>) -> Self {
        self.config.proxy = Some(Secret(proxy.into()));
        self
    }

    /// A PEM file of certificate authorities to trust instead of the system's. Default none.
    pub fn ca_file(mut self, path: impl Into<String>) -> Self {
        self.config.ca_file = Some(path.into());
        self
    }

    /// A PEM file with the client's certificate chain and private key. Default none.
    pub fn client_cert(mut self, path: impl Into<String>) -> Self {
        self.config.client_cert = Some(Secret(path.into()));
        self
    }

    /// Checks everything and freezes it.
    ///
    /// # Errors
    /// [`ConfigError`] names the first wrong option, the limit and the fix.
    pub fn build(self) -> Result<Config, ConfigError> {
        let Self {
            api_key,
            host,
            api_key_variable,
            host_variable,
            app_info,
            mut config,
        } = self;
        config.api_key = check_api_key(api_key.reveal(), config.disabled.is_some())
            .map_err(|error| error.of_variable(api_key_variable))?;
        config.base_url = check_host(host.as_ref().map_or("", Secret::reveal), config.library)
            .map_err(|error| error.of_variable(host_variable))?;
        check_timeout("timeout_ms", config.timeout)?;
        check_timeout("connect_timeout_ms", config.connect_timeout)?;
        if config.max_connections == 0 || config.max_connections > 1_024 {
            return Err(ConfigError::new("max_connections", "must be 1 to 1024"));
        }
        check_max_retries(config.max_retries)?;
        check_compression(config.compression, config.protocol)?;
        check_properties(&mut config)?;
        for (name, value) in &config.headers {
            check_header(name, value.reveal())?;
        }
        if let Some(proxy) = &config.proxy {
            check_proxy(proxy.reveal())?;
        }
        check_path("ca_file", config.ca_file())?;
        check_path("client_cert", config.client_cert())?;
        config.user_agent = user_agent(config.library, app_info.as_deref())?;
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_never_shows() {
        let config = Config::builder(" phc_secret_value ").build().unwrap();
        assert_eq!(config.api_key.reveal(), "phc_secret_value");
        let builder = Config::builder("phc_secret_value")
            .proxy("http://me:secret_value@proxy.example")
            .header("X-Token", "secret_value");
        let swapped = Config::builder("https://us.i.posthog.com").host("phc_secret_value");
        for shown in [
            format!("{config:?}"),
            format!("{swapped:?}"),
            format!("{builder:?}"),
            format!("{:?}", builder.build().unwrap()),
        ] {
            assert!(!shown.contains("secret_value"), "{shown}");
        }
        let error = Config::builder("phx_secret_value").build().unwrap_err();
        assert!(!error.to_string().contains("secret_value"));
        for host in ["phc_secret_value", "me:secret_value@posthog.internal", "secret_value"] {
            let error = Config::builder("https://us.i.posthog.com")
                .host(host)
                .build()
                .unwrap_err();
            assert!(!error.to_string().contains("secret_value"), "{error}");
        }
    }

    #[test]
    fn a_host_in_quotes_is_told_to_leave_them_out() {
        for host in [r#""https://eu.i.posthog.com""#, "'https://eu.i.posthog.com'"] {
            let error = Config::builder("phc_x").host(host).build().unwrap_err();
            assert!(error.problem().ends_with("without quotes"), "{error}");
        }
    }

    #[test]
    fn the_text_of_a_key_is_no_path_and_not_repeated() {
        let pem = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n";
        let builder = Config::builder("phc_x").client_cert(pem);
        assert!(!format!("{builder:?}").contains("c2VjcmV0"), "{builder:?}");
        let error = builder.build().unwrap_err();
        assert_eq!(
            error.to_string(),
            "client_cert: is the text of a PEM file; keep that in a file, and give its path"
        );
    }

    #[test]
    fn wrong_options_are_named() {
        let builder = || Config::builder("phc_x");
        for (built, option) in [
            (builder().timeout(Duration::ZERO).build(), "timeout_ms"),
            (builder().max_connections(0).build(), "max_connections"),
            (builder().header("Content-Type", "x").build(), "headers"),
            (builder().header("X-A", "a\r\nb").build(), "headers"),
            (builder().app_info("a\nb").build(), "app_info"),
            (builder().app_info("a".repeat(257)).build(), "app_info"),
            (builder().proxy("proxy:3128").build(), "proxy"),
            (builder().ca_file(" ").build(), "ca_file"),
            (builder().client_cert("").build(), "client_cert"),
            (builder().compression(Compression::Zstd).build(), "compression"),
        ] {
            assert_eq!(built.unwrap_err().option(), option);
        }
    }
}
