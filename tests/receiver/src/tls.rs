//! Certificates made on the spot: an authority, a server certificate of the wanted kind, and a client certificate. Nothing is read from disk.

use crate::settings::Tls;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use rustls::{RootCertStore, ServerConfig};
use std::sync::Arc;

/// Why certificates could not be made.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// Generating or signing failed.
    #[error(transparent)]
    Certificate(#[from] rcgen::Error),
    /// The TLS library did not take them.
    #[error(transparent)]
    Config(#[from] rustls::Error),
    /// The client verifier could not be built.
    #[error(transparent)]
    Verifier(#[from] VerifierBuilderError),
}

/// What the receiver shows, and what clients need.
#[derive(Debug)]
pub(crate) struct Identity {
    authority_pem: String,
    server_pem: (String, String),
    client_pem: (String, String),
    config: Arc<ServerConfig>,
}

impl Identity {
    pub(crate) fn new(kind: Tls, client_certificate: bool) -> Result<Self, TlsError> {
        let authority = authority("hogwire receiver test authority")?;
        let stranger = stranger(kind)?;
        let (leaf, leaf_key) = leaf(kind, stranger.as_ref().unwrap_or(&authority))?;
        let server_pem = (leaf.pem(), leaf_key.serialize_pem());
        let leaf_key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(leaf_key.serialize_der()));
        let client_key = KeyPair::generate()?;
        let client = client_params()?.signed_by(&client_key, &authority)?;
        let provider = Arc::new(default_provider());
        let builder =
            ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
        let builder = if client_certificate {
            let mut roots = RootCertStore::empty();
            roots.add(authority.der().clone())?;
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build()?;
            builder.with_client_cert_verifier(verifier)
        } else {
            builder.with_no_client_auth()
        };
        let config = builder.with_single_cert(vec![leaf.der().clone()], leaf_key)?;
        Ok(Self {
            authority_pem: authority.pem(),
            server_pem,
            client_pem: (client.pem(), client_key.serialize_pem()),
            config: Arc::new(config),
        })
    }

    pub(crate) fn authority_pem(&self) -> &str {
        &self.authority_pem
    }

    pub(crate) fn server_pem(&self) -> (&str, &str) {
        (&self.server_pem.0, &self.server_pem.1)
    }

    pub(crate) fn client_pem(&self) -> (&str, &str) {
        (&self.client_pem.0, &self.client_pem.1)
    }

    pub(crate) fn server_config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config)
    }
}

type Authority = CertifiedIssuer<'static, KeyPair>;

/// A second authority that nobody is told about, where the kind asks for it.
fn stranger(kind: Tls) -> Result<Option<Authority>, TlsError> {
    match kind {
        Tls::UnknownAuthority => Ok(Some(authority("a stranger")?)),
        Tls::Trusted | Tls::Expired | Tls::WrongName => Ok(None),
    }
}

fn authority(name: &str) -> Result<Authority, TlsError> {
    let mut params = named(name, Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    Ok(CertifiedIssuer::self_signed(params, KeyPair::generate()?)?)
}

fn leaf(kind: Tls, issuer: &Authority) -> Result<(Certificate, KeyPair), TlsError> {
    let names = match kind {
        Tls::WrongName => vec!["elsewhere.example".to_owned()],
        _ => ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec(),
    };
    let mut params = named("hogwire receiver", names)?;
    params.extended_key_usages.push(ExtendedKeyUsagePurpose::ServerAuth);
    if kind == Tls::Expired {
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2020, 12, 31);
    }
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, issuer)?;
    Ok((certificate, key))
}

fn client_params() -> Result<CertificateParams, TlsError> {
    let mut params = named("hogwire receiver test client", Vec::new())?;
    params.extended_key_usages.push(ExtendedKeyUsagePurpose::ClientAuth);
    Ok(params)
}

fn named(name: &str, alternatives: Vec<String>) -> Result<CertificateParams, TlsError> {
    let mut params = CertificateParams::new(alternatives)?;
    params.distinguished_name.push(DnType::CommonName, name);
    Ok(params)
}
