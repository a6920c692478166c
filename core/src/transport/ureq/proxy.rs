//! The route to the server: which proxy to use, if any, and how. It is the option's, or else the environment's for the server's scheme. (ureq
//! would take any of the variables for any scheme.)

use std::env;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::percent_decode_str;
use ureq::{Proxy, ProxyProtocol};
use url::Url;

use super::forward::Forward;
use super::no_proxy;
use crate::config::Config;
use crate::error::ConfigError;

/// How requests get to the server.
pub(super) enum Route {
    Direct,
    /// Through a connection to the server that the proxy makes: with `CONNECT`, or over SOCKS.
    Tunnel(Proxy),
    /// The proxy is handed the requests. Only plain HTTP can go this way.
    Forward(Forward),
}

pub(super) fn route(config: &Config) -> Result<Route, ConfigError> {
    let server = Url::parse(config.host()).map_err(|error| ConfigError::new("host", error.to_string()))?;
    if let Some(given) = config.proxy() {
        return through(given, &server).map_err(|problem| ConfigError::new("proxy", problem));
    }
    let variables = if server.scheme() == "https" {
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
        return Ok(Route::Direct);
    };
    let exempt = non_empty("NO_PROXY").or_else(|| non_empty("no_proxy"));
    if exempt.is_some_and(|list| no_proxy::covers(&list, &server)) {
        return Ok(Route::Direct);
    }
    through(&given, &server)
        .map_err(|problem| ConfigError::new("proxy", format!("the environment's {variable}: {problem}")))
}

fn non_empty(variable: &str) -> Option<String> {
    env::var(variable).ok().filter(|value| !value.trim().is_empty())
}

fn through(given: &str, server: &Url) -> Result<Route, String> {
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
    let port = url.port().unwrap_or(default_port);
    let user = Some(decoded(url.username())).filter(|user| !user.is_empty());
    let password = url.password().map(decoded);
    if server.scheme() == "http" && matches!(protocol, ProxyProtocol::Http | ProxyProtocol::Https) {
        let proxy = format!("{}://{host}:{port}", url.scheme())
            .parse()
            .map_err(|_| PROBLEM)?;
        let authorization = (user.is_some() || password.is_some()).then(|| {
            let pair = format!("{}:{}", user.unwrap_or_default(), password.unwrap_or_default());
            format!("Basic {}", BASE64_STANDARD.encode(pair))
        });
        let origin = server.origin().ascii_serialization();
        return Ok(Route::Forward(Forward {
            proxy,
            origin,
            authorization,
        }));
    }
    // `socks5` resolves names here, `socks5h` at the proxy, as curl has it.
    let resolve_here = matches!(url.scheme(), "socks4" | "socks5");
    let mut builder = Proxy::builder(protocol)
        .host(host)
        .port(port)
        .resolve_target(resolve_here);
    if user.is_some() || password.is_some() {
        // An empty user name, too: without one, ureq would leave the password out.
        builder = builder.username(&user.unwrap_or_default());
    }
    if let Some(password) = password {
        builder = builder.password(&password);
    }
    builder.build().map(Route::Tunnel).map_err(|_| PROBLEM.to_owned())
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}
