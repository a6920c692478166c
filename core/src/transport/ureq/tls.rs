//! TLS set-up from the options: whom to trust, and who we are.

use std::fs;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};

use crate::config::Config;
use crate::error::ConfigError;

pub(super) fn tls_config(config: &Config) -> Result<TlsConfig, ConfigError> {
    let mut builder = TlsConfig::builder()
        .root_certs(RootCerts::PlatformVerifier)
        .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()));
    if let Some(path) = config.ca_file() {
        let (certificates, _) = read_pem("ca_file", path)?;
        if certificates.is_empty() {
            return Err(ConfigError::new("ca_file", format!("holds no certificate: {path}")));
        }
        let mut roots = RootCertStore::empty();
        if roots.add_parsable_certificates(certificates.iter().map(der)).0 == 0 {
            let problem = format!("holds no certificate that can be read: {path}");
            return Err(ConfigError::new("ca_file", problem));
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
        check_client_cert(&certificates, &key).map_err(|error| {
            let problem = format!(
                "must hold a certificate (X.509 v3) and its own private key, of a kind TLS uses: {path}: {error}"
            );
            ConfigError::new("client_cert", problem)
        })?;
        builder = builder.client_cert(Some(ClientCert::new_with_certs(&certificates, key)));
    }
    Ok(builder.build())
}

/// Checks that TLS can use the certificates and the key, and that these belong together: ureq takes that for granted.
fn check_client_cert(certificates: &[Certificate<'static>], key: &PrivateKey<'static>) -> Result<(), rustls::Error> {
    let chain = certificates
        .iter()
        .map(|certificate| der(certificate).into_owned())
        .collect();
    let key =
        PrivateKeyDer::try_from(key.der().to_vec()).map_err(|problem| rustls::Error::General(problem.to_owned()))?;
    CertifiedKey::from_der(chain, key, &ring::default_provider()).map(drop)
}

fn der<'c>(certificate: &'c Certificate<'static>) -> CertificateDer<'c> {
    CertificateDer::from(certificate.der())
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
