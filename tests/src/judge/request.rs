//! What holds for every request: method, path, headers, envelope, event, and the four properties of every event.
//!
//! Bodies are compared as parsed JSON, after undoing gzip; whether they are gzip must agree with `Content-Encoding`.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::{Judge, notes};
use crate::line;
use crate::pattern::short;
use crate::text;
use crate::vector::RequestExpected;

/// PostHog's US cloud, where requests go without a `host`.
const DEFAULT_HOST: &str = "https://us.i.posthog.com";
const V0_PATH: &str = "/batch/";
const V1_PATH: &str = "/i/v1/analytics/events";

/// A request, however it was seen: built and not sent, or received.
#[derive(Clone, Debug, Default)]
pub struct SeenRequest {
    /// The method.
    pub method: String,
    /// The whole URL of a built request; the path of a received one.
    pub url: String,
    /// Names and values in order.
    pub headers: Vec<(String, String)>,
    /// The bytes.
    pub body: Vec<u8>,
    /// When the receiver had it; nothing for a built one.
    pub received_at_ms: u64,
}

impl SeenRequest {
    /// Reads the `request` of a reply.
    ///
    /// # Errors
    /// What it lacks.
    pub fn built(request: &Value) -> Result<Self, String> {
        let text = |key: &str| request.get(key).and_then(Value::as_str);
        let body = match (text("Body"), text("BodyBase64")) {
            (Some(body), None) => body.as_bytes().to_vec(),
            (None, Some(body)) => STANDARD.decode(body).map_err(|error| format!("BodyBase64: {error}"))?,
            _ => return Err("a request has either Body or BodyBase64".to_owned()),
        };
        let headers = request.get("Headers").cloned().unwrap_or_default();
        Ok(Self {
            method: text("Method").unwrap_or_default().to_owned(),
            url: text("Url").unwrap_or_default().to_owned(),
            headers: serde_json::from_value(headers).map_err(|error| format!("Headers: {error}"))?,
            body,
            received_at_ms: 0,
        })
    }

    /// Every value of a header, in any case.
    fn header(&self, name: &str) -> Vec<&str> {
        let named = |(seen, _): &&(String, String)| seen.eq_ignore_ascii_case(name);
        self.headers
            .iter()
            .filter(named)
            .map(|(_, value)| value.as_str())
            .collect()
    }

    /// The coding the body is in, told from its bytes: JSON begins with a brace, and deflate has no mark of its own.
    fn coding(&self) -> Option<&'static str> {
        match self.body.as_slice() {
            [0x1f, 0x8b, ..] => Some("gzip"),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("zstd"),
            [b'{', ..] | [] => None,
            _ => Some("deflate"),
        }
    }

    /// The one value of a header.
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        match self.header(name).as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }

    /// Whether it is v1.
    pub(super) fn is_v1(&self) -> bool {
        self.url.ends_with(V1_PATH)
    }

    /// The body as JSON, after undoing its coding.
    ///
    /// # Errors
    /// Why it is none.
    pub fn json(&self) -> Result<Value, String> {
        let mut plain = Vec::new();
        let body = self.body.as_slice();
        let read = match self.coding() {
            Some("gzip") => flate2::read::GzDecoder::new(body).read_to_end(&mut plain),
            Some("deflate") => flate2::read::DeflateDecoder::new(body).read_to_end(&mut plain),
            Some(_) => zstd::stream::read::Decoder::new(body).and_then(|mut decoder| decoder.read_to_end(&mut plain)),
            None => {
                plain = self.body.clone();
                Ok(plain.len())
            }
        };
        read.map_err(|error| format!("does not decompress: {error}"))?;
        let plain = std::str::from_utf8(&plain).map_err(|error| format!("not UTF-8: {error}"))?;
        // Strictly: serde_json folds a value of its own that was taken for an object back into what it had been.
        text::strict(plain).map_err(|error| format!("not JSON: {error}"))
    }
}

impl Judge<'_> {
    /// Judges the `request` of a reply: what any request has to be, and what only a built one carries.
    pub(super) fn built(&self, expected: &RequestExpected, reply: &Value) -> Vec<String> {
        let Some(request) = reply.get("request") else {
            return vec![format!("reply: expected a request, got {}", short(reply))];
        };
        let seen = match SeenRequest::built(request) {
            Ok(seen) => seen,
            Err(problem) => return vec![format!("request: {problem}")],
        };
        let mut found = self.request(expected, &seen, "request");
        let event = seen
            .json()
            .unwrap_or_default()
            .pointer("/batch/0")
            .cloned()
            .unwrap_or_default();
        let body_key = if request.get("Body").is_some() {
            "Body"
        } else {
            "BodyBase64"
        };
        let any = json!({"$match": "any"});
        let carried = json!({
            "request": {
                "Method": any, "Url": any, "Headers": any, (body_key): any,
                "Operation": self.vector.given.operation, "Protocol": self.protocol(expected),
                "EventUuid": event.get("uuid"), "Timestamp": event.get("timestamp"),
                "Attempt": self.vector.given.attempt.unwrap_or(1),
                "Warnings": notes(&expected.warnings),
            },
        });
        found.extend(self.compare(&carried, reply, "reply"));
        found
    }

    /// Judges any request.
    pub(super) fn request(&self, expected: &RequestExpected, seen: &SeenRequest, path: &str) -> Vec<String> {
        let mut found = Vec::new();
        let url = expected.url.clone().unwrap_or_else(|| self.usual_url(expected).into());
        found.extend(self.compare(&json!("POST"), &seen.method.clone().into(), &format!("{path}.method")));
        found.extend(self.compare(&url, &seen.url.clone().into(), &format!("{path}.url")));
        found.extend(self.headers(expected, seen, path));
        match seen.json() {
            Ok(body) => found.extend(self.compare(&self.envelope(expected), &body, &format!("{path}.body"))),
            Err(problem) => found.push(format!("{path}.body: {problem}")),
        }
        found
    }

    /// The protocol the request has to speak.
    fn protocol(&self, expected: &RequestExpected) -> &'static str {
        let config = self.vector.given.config.as_ref();
        let asked = config.and_then(|config| config.get("protocol")).and_then(Value::as_str);
        match expected.protocol.as_deref().or(asked) {
            Some("v1" | "auto") => "v1",
            _ => "v0",
        }
    }

    fn usual_url(&self, expected: &RequestExpected) -> String {
        let path = if self.protocol(expected) == "v1" {
            V1_PATH
        } else {
            V0_PATH
        };
        if self.vector.action().sends() {
            path.to_owned()
        } else {
            format!("{DEFAULT_HOST}{path}")
        }
    }

    fn api_key(&self) -> String {
        let config = line::config(&self.vector.given, self.placeholders);
        config
            .get("api_key")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .trim()
            .to_owned()
    }

    fn headers(&self, expected: &RequestExpected, seen: &SeenRequest, path: &str) -> Vec<String> {
        let mut required = json!({
            "Content-Type": "application/json",
            "User-Agent": {"$match": "text", "starts": "{lib}/{lib_version}"},
        });
        let mut forbidden = Vec::new();
        let v1 = json!({
            "Authorization": format!("Bearer {}", self.api_key()),
            "PostHog-Sdk-Info": "{lib}/{lib_version}",
            "PostHog-Attempt": match self.vector.action().sends() {
                true => json!({"$match": "text"}),
                false => json!(self.vector.given.attempt.unwrap_or(1).to_string()),
            },
            "PostHog-Request-Id": {"$match": "uuid"},
            "PostHog-Request-Timestamp": {"$match": "now"},
        });
        for (name, pattern) in v1.as_object().into_iter().flatten() {
            if self.protocol(expected) == "v1" {
                extend(&mut required, &Map::from_iter([(name.clone(), pattern.clone())]));
            } else {
                forbidden.push(name.as_str());
            }
        }
        match seen.coding() {
            Some(coding) => extend(
                &mut required,
                &Map::from_iter([("Content-Encoding".to_owned(), coding.into())]),
            ),
            None => forbidden.push("Content-Encoding"),
        }
        let own = expected.headers.as_ref();
        let own = own.cloned().unwrap_or_default();
        forbidden.extend(own.forbidden.iter().map(String::as_str));
        let mut found = Vec::new();
        for (name, pattern) in required.as_object().into_iter().flatten().chain(&own.required) {
            let path = format!("{path}.headers.{name}");
            match seen.header(name).as_slice() {
                [one] => found.extend(self.compare(pattern, &Value::from(*one), &path)),
                several => found.push(format!("{path}: expected once, got {several:?}")),
            }
        }
        let present = forbidden.iter().filter(|name| !seen.header(name).is_empty());
        found.extend(present.map(|name| format!("{path}.headers.{name}: must not be there")));
        found
    }

    fn envelope(&self, expected: &RequestExpected) -> Value {
        let now = json!({"$match": "now"});
        let batch: Vec<_> = match &expected.events {
            Some(events) => events.iter().map(|own| self.event(expected, own)).collect(),
            None => vec![self.event(expected, &Map::new())],
        };
        let mut body = match self.protocol(expected) {
            "v1" => json!({"batch": batch, "created_at": now}),
            _ => json!({"api_key": self.api_key(), "batch": batch, "sent_at": now}),
        };
        extend(&mut body, &expected.body);
        body
    }

    fn event(&self, expected: &RequestExpected, own: &Map<String, Value>) -> Value {
        let given = &self.vector.given;
        let input = |name: &str| given.input.as_ref().and_then(|input| input.get(name)).cloned();
        let text = || json!({"$match": "text"});
        let name = match given.operation.as_deref() {
            Some("alias") => json!("$create_alias"),
            Some("identity") => json!("$identify"),
            Some("page") => json!("$pageview"),
            Some("screen") => json!("$screen"),
            Some("group") => json!("$groupidentify"),
            _ => input("EventName").unwrap_or_else(text),
        };
        let mut event = json!({
            "event": name,
            "distinct_id": input("DistinctId").unwrap_or_else(text),
            "uuid": {"$match": "uuid_v7"},
            "timestamp": {"$match": "now"},
            "properties": self.properties(expected),
        });
        extend(&mut event, &expected.event);
        extend(&mut event, own);
        event
    }

    /// The properties of every event (v1 has the library in a header), with what the case says of the others.
    fn properties(&self, expected: &RequestExpected) -> Value {
        let mut properties = json!({"$is_server": true, "$geoip_disable": true});
        let absent = json!({"$match": "absent"});
        let library = match self.protocol(expected) {
            "v1" => json!({"$lib": absent, "$lib_version": absent}),
            _ => json!({"$lib": "{lib}", "$lib_version": "{lib_version}"}),
        };
        extend(&mut properties, library.as_object().unwrap_or(&Map::new()));
        match (&expected.properties, &expected.some_properties) {
            (Some(all), _) => {
                extend(&mut properties, all);
                properties
            }
            (None, some) => {
                extend(&mut properties, some.as_ref().unwrap_or(&Map::new()));
                json!({"$match": "includes", "value": properties})
            }
        }
    }
}

fn extend(object: &mut Value, more: &Map<String, Value>) {
    if let Value::Object(object) = object {
        object.extend(more.clone());
    }
}
