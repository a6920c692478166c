//! The kinds of certificate, as a careful client sees them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use hogwire_receiver::{Receiver, Settings, Tls};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

/// Sends one event and tells the answer, or what the client has against the server.
fn ask(receiver: &Receiver, identified: bool) -> Result<String, String> {
    let mut roots = RootCertStore::empty();
    let authority = receiver.certificate_authority_pem().unwrap();
    roots
        .add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = builder.with_root_certificates(roots);
    let (certificate, key) = receiver.client_certificate_pem().unwrap();
    let config = match identified {
        true => builder
            .with_client_auth_cert(
                vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()],
                PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap(),
            )
            .unwrap(),
        false => builder.with_no_client_auth(),
    };
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let socket = TcpStream::connect(receiver.url().replace("https://localhost", "127.0.0.1")).unwrap();
    let mut stream = StreamOwned::new(connection, socket);
    let body = r#"{"api_key":"phc_a","event":"e","distinct_id":"u"}"#;
    let request = format!(
        "POST /e/ HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream
        .write_all(request.as_bytes())
        .map_err(|error| error.to_string())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map_err(|error| error.to_string())?;
    Ok(answer)
}

fn start(tls: Tls, client_certificate: bool) -> Receiver {
    Receiver::start(Settings {
        tls: Some(tls),
        client_certificate,
        ..Settings::default()
    })
    .unwrap()
}

#[test]
fn a_trusted_certificate_is_accepted() {
    let receiver = start(Tls::Trusted, false);
    assert!(ask(&receiver, false).unwrap().starts_with("HTTP/1.1 200 "));
    assert_eq!(receiver.stored().len(), 1);
}

#[test]
fn other_certificates_are_refused_for_their_reason() {
    for (kind, reason) in [
        (Tls::Expired, "expired"),
        (Tls::WrongName, "not valid for name"),
        (Tls::UnknownAuthority, "UnknownIssuer"),
    ] {
        let receiver = start(kind, false);
        let refusal = ask(&receiver, false).unwrap_err();
        assert!(refusal.contains(reason), "{kind:?}: {refusal}");
        assert!(receiver.requests().is_empty());
    }
}

#[test]
fn a_client_certificate_can_be_required() {
    let receiver = start(Tls::Trusted, true);
    assert!(ask(&receiver, false).unwrap_err().contains("CertificateRequired"));
    assert!(ask(&receiver, true).unwrap().starts_with("HTTP/1.1 200 "));
}
