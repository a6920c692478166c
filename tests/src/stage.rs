//! The stage of one call: a receiver of its own, set up and scripted as the case asks, and the words in braces that lead to it.
//!
//! A fresh receiver for each case costs less than a millisecond, and nothing that is late in one case can reach another.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use hogwire_receiver::{Receiver, Settings, Step, Tls};
use serde_json::Value;

use crate::judge::{Exchange, SeenRequest};
use crate::line::Placeholders;
use crate::load::Vector;

/// A URL where nothing listens: port 1 (tcpmux), which no system serves any more, so that no other test can take it.
const REFUSED: &str = "http://127.0.0.1:1";

/// How long to wait for a request that the receiver is still reading when the client has given up on it.
const LATE: Duration = Duration::from_secs(5);

/// Receivers a `config` can name, beside the plain `{receiver}`.
const RECEIVERS: &[(&str, Option<Tls>, bool, &str)] = &[
    (V1, None, false, ""),
    ("{receiver}", None, false, ""),
    ("{receiver_prefix}", None, false, "/ingest"),
    ("{receiver_tls}", Some(Tls::Trusted), false, ""),
    ("{receiver_tls_expired}", Some(Tls::Expired), false, ""),
    ("{receiver_tls_wrong_name}", Some(Tls::WrongName), false, ""),
    ("{receiver_tls_unknown}", Some(Tls::UnknownAuthority), false, ""),
    ("{receiver_tls_client}", Some(Tls::Trusted), true, ""),
];

/// The receiver that speaks v1 too; the others answer 404 there.
const V1: &str = "{receiver_v1}";

/// A receiver, ready for one call.
#[derive(Debug)]
pub struct Stage {
    receiver: Receiver,
    placeholders: Vec<(&'static str, String)>,
    files: Vec<PathBuf>,
    started: Instant,
}

impl Stage {
    /// Sets the stage for a call; `None` for everything that sends nothing.
    ///
    /// # Errors
    /// The receiver or its files could not be made.
    pub fn set(vector: &Vector) -> Result<Option<Self>, Box<dyn std::error::Error>> {
        if !vector.action().sends() {
            return Ok(None);
        }
        let config = Value::Object(crate::line::config(&vector.given, &[])).to_string();
        let named = RECEIVERS
            .iter()
            .find(|(name, ..)| config.contains(name))
            .or(RECEIVERS.get(1));
        let (name, tls, client_certificate, prefix) = named.copied().unwrap_or(("{receiver}", None, false, ""));
        let receiver = Receiver::start(Settings {
            tls,
            client_certificate,
            path_prefix: prefix.to_owned(),
            v1: name == V1,
            ..Settings::default()
        })?;
        let steps: Vec<Step> = vector
            .given
            .receiver
            .iter()
            .flatten()
            .cloned()
            .map(serde_json::from_value)
            .collect::<Result<_, _>>()?;
        receiver.script(steps);
        let mut stage = Self {
            placeholders: vec![(name, receiver.url()), ("{refused}", REFUSED.to_owned())],
            files: Vec::new(),
            started: Instant::now(),
            receiver,
        };
        stage.write_certificates(&vector.id)?;
        Ok(Some(stage))
    }

    /// `{ca_file}` and `{client_cert}`, where the receiver speaks TLS.
    fn write_certificates(&mut self, id: &str) -> std::io::Result<()> {
        let authority = self.receiver.certificate_authority_pem().map(str::to_owned);
        let client = self
            .receiver
            .client_certificate_pem()
            .map(|(certificate, key)| format!("{certificate}\n{key}"));
        let number = self.receiver.url().rsplit(':').next().unwrap_or_default().to_owned();
        for (word, pem) in [("{ca_file}", authority), ("{client_cert}", client)] {
            if let Some(pem) = pem {
                // The port makes the name unique among the cases that run now.
                let name = format!(
                    "hogwire-{}-{number}-{}.pem",
                    id.replace('/', "-"),
                    word.trim_matches(['{', '}'])
                );
                let path = std::env::temp_dir().join(name);
                fs::write(&path, pem)?;
                self.placeholders.push((word, path.to_string_lossy().into_owned()));
                self.files.push(path);
            }
        }
        Ok(())
    }

    /// What the words in braces stand for.
    #[must_use]
    pub fn placeholders(&self) -> &Placeholders {
        &self.placeholders
    }

    /// What happened, once the adapter has answered.
    #[must_use]
    pub fn exchange(&self, vector: &Vector) -> Exchange {
        let took_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        if let Some(expected) = &vector.expect.exchange {
            // A condition that stays false shows in the counts that are judged next.
            let _ = self.receiver.wait_for(LATE, |state| {
                state.requests().len() >= expected.requests
                    && state.stored().len() >= expected.stored.unwrap_or_default()
            });
        }
        let requests = self.receiver.requests().into_iter().map(|request| SeenRequest {
            method: request.method,
            url: request.path,
            headers: request.headers,
            body: request.body,
            received_at_ms: request.received_at_ms,
        });
        Exchange {
            requests: requests.collect(),
            stored: self.receiver.stored().len(),
            took_ms,
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        for file in &self.files {
            // A file left behind in the temporary folder harms nobody.
            let _ = fs::remove_file(file);
        }
    }
}
