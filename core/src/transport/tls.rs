//! TLS set-up from the options: whom to trust, and who we are.

use std::fs;

use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};

use crate::config::Config;
use crate::error::ConfigError;

pub(super) fn tls_config(config: &Config) -> Result<TlsConfig, ConfigError> {
    let mut builder = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier);
    if let Some(path) = config.ca_file() {
        let (certificates, _) = read_pem("ca_file", path)?;
        if certificates.is_empty() {
            return Err(ConfigError::new("ca_file", format!("holds no certificate: {path}")));
        }
        builder = builder.root_certs(RootCerts::new_with_certs(&certificates));
    }
    if let Some(path) = config.client_cert() {
        let (certificates, key) = read_pem("client_cert", path)?;
        let Some(key) = key.filter(|_| !certificates.is_empty()) else {
            let problem =
                format!("must hold the certificate chain and its private key in PEM, both in one file: {path}");
            return Err(ConfigError::new("client_cert", problem));
        };
        builder = builder.client_cert(Some(ClientCert::new_with_certs(&certificates, key)));
    }
    Ok(builder.build())
}

type Pem = (Vec<Certificate<'static>>, Option<PrivateKey<'static>>);

fn read_pem(option: &str, path: &str) -> Result<Pem, ConfigError> {
    let refuse = |problem: String| ConfigError::new(option, problem);
    let bytes = fs::read(path).map_err(|error| refuse(format!("cannot be read: {path}: {error}")))?;
    let mut pem = (Vec::new(), None);
    for item in parse_pem(&bytes) {
        match item.map_err(|error| refuse(format!("is not valid PEM: {path}: {error}")))? {
            PemItem::Certificate(certificate) => pem.0.push(certificate),
            PemItem::PrivateKey(key) => pem.1 = Some(key),
            _ => {}
        }
    }
    Ok(pem)
}
