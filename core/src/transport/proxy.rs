//! Which proxy to use: the option's, else the environment's for the server's scheme. ureq would take any of the variables for any scheme.

use std::env;

use ureq::{Proxy, ProxyProtocol};
use url::Url;

use super::no_proxy;
use crate::config::Config;
use crate::error::ConfigError;

pub(super) fn proxy(config: &Config) -> Result<Option<Proxy>, ConfigError> {
    if let Some(given) = config.proxy() {
        return parse(given)
            .map(Some)
            .map_err(|problem| ConfigError::new("proxy", problem));
    }
    let variables = if config.host().starts_with("https:") {
        ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
    } else {
        // CGI servers set HTTP_PROXY from a request header, so the upper-case form is not to be trusted there.
        let http_proxy = if env::var_os("REQUEST_METHOD").is_some() {
            "http_proxy"
        } else {
            "HTTP_PROXY"
        };
        [http_proxy, "http_proxy", "ALL_PROXY", "all_proxy"]
    };
    let Some((variable, given)) = variables.iter().find_map(|name| Some((*name, non_empty(name)?))) else {
        return Ok(None);
    };
    let exempt = non_empty("NO_PROXY").or_else(|| non_empty("no_proxy"));
    let server = Url::parse(config.host()).map_err(|error| ConfigError::new("host", error.to_string()))?;
    if exempt.is_some_and(|list| no_proxy::covers(&list, &server)) {
        return Ok(None);
    }
    let problem = |problem| ConfigError::new("proxy", format!("the environment's {variable}: {problem}"));
    parse(&given).map(Some).map_err(problem)
}

fn non_empty(variable: &str) -> Option<String> {
    env::var(variable).ok().filter(|value| !value.trim().is_empty())
}

fn parse(given: &str) -> Result<Proxy, String> {
    const PROBLEM: &str = "is not a proxy URL like http://proxy.example:3128";
    let given = given.trim();
    let with_scheme = if given.contains("://") {
        given.to_owned()
    } else {
        format!("http://{given}")
    };
    let url = Url::parse(&with_scheme).map_err(|_| PROBLEM)?;
    let (protocol, default_port) = match url.scheme() {
        "http" => (ProxyProtocol::Http, 80),
        "https" => (ProxyProtocol::Https, 443),
        "socks4" => (ProxyProtocol::Socks4, 1080),
        "socks4a" => (ProxyProtocol::Socks4A, 1080),
        "socks5" | "socks5h" => (ProxyProtocol::Socks5, 1080),
        _ => return Err(PROBLEM.to_owned()),
    };
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or(PROBLEM)?;
    let mut builder = Proxy::builder(protocol)
        .host(host)
        .port(url.port().unwrap_or(default_port));
    // `socks5` resolves names here, `socks5h` at the proxy, as curl has it.
    builder = builder.resolve_target(matches!(url.scheme(), "socks4" | "socks5"));
    if !url.username().is_empty() {
        builder = builder.username(&decoded(url.username()));
    }
    if let Some(password) = url.password() {
        builder = builder.password(&decoded(password));
    }
    builder.build().map_err(|_| PROBLEM.to_owned())
}

/// Percent-decoding, borrowed from the form decoder; a plus sign is no space here.
fn decoded(text: &str) -> String {
    let escaped = text.replace('+', "%2B");
    url::form_urlencoded::parse(format!("v={escaped}").as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}
