//! Prepared: a call's input after validation and hooks, ready to be sent or queued.

use rand_pcg::rand_core::Rng;

use crate::config::Config;
use crate::event::Event;
use crate::finding::{Findings, Warning};
use crate::hook::Stopped;
use crate::http::Request;
use crate::operation::{Input, Operation};
use crate::outcome::{ErrorCode, Outcome};
use crate::protocol::{self, Batch, Compressor, Protocol, Subject};
use crate::time::Timestamp;
use crate::uuids::{fresh_uuid, request_id};

/// One event, ready to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    pub(crate) operation: Operation,
    pub(crate) event: Event,
    pub(crate) warnings: Vec<Warning>,
}

impl Prepared {
    /// Validates the input, assembles the event and runs the hooks.
    pub(crate) fn new(
        input: Input<'_>,
        config: &Config,
        now: Timestamp,
        rng: &mut impl Rng,
    ) -> Result<Self, Box<Outcome>> {
        let operation = input.operation();
        let (event, mut findings) = crate::operation::read(input, config, Some(config), now, || fresh_uuid(now, rng));
        findings.redact(config.api_key.reveal());
        let Some(event) = event else {
            return Err(outcome_of_stopped(operation, Stopped::Refused, findings));
        };
        match event.after_hooks(config, now, &mut findings) {
            Ok(event) => Ok(Self {
                operation,
                event,
                warnings: findings.into_warnings(),
            }),
            Err(stopped) => Err(outcome_of_stopped(operation, stopped, findings)),
        }
    }

    /// A request with this event alone.
    pub(crate) fn request(&self, config: &Config, protocol: Protocol, now: Timestamp, attempt: u32) -> Request {
        let events = [&self.event];
        let batch = Batch {
            protocol,
            events: &events,
            request_id: request_id(protocol, &events),
            attempt,
            created: now,
            now,
            queued: false,
        };
        protocol::request(config, &batch, &self.subject(), &mut Compressor::default())
    }

    pub(crate) fn subject(&self) -> Subject<'_> {
        Subject {
            operation: self.operation,
            event_uuid: self.event.uuid,
            timestamp: self.event.timestamp,
            warnings: &self.warnings,
        }
    }
}

#[cold]
fn outcome_of_stopped(operation: Operation, stopped: Stopped, findings: Findings) -> Box<Outcome> {
    Box::new(match stopped {
        Stopped::Refused => Outcome::refused(operation, findings),
        Stopped::Dropped { uuid, reason } => {
            let message = format!("the event was dropped {reason}");
            let mut outcome = Outcome::local(ErrorCode::Dropped, 500, message, findings);
            outcome.event_uuid = Some(uuid);
            outcome
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CreateEvent;

    fn prepared(config: crate::ConfigBuilder, input: Input<'_>) -> Result<Prepared, Box<Outcome>> {
        let (config, mut rng) = (config.build().unwrap(), rand_pcg::Pcg64::new(1, 1));
        Prepared::new(input, &config, Timestamp::from_unix_ms(1_795_420_800_000), &mut rng)
    }

    #[test]
    fn the_key_never_shows_in_what_is_said_of_an_event() {
        let config = || Config::builder("phc_zq7zq7");
        let event = || CreateEvent::new("user-1", "e");
        let failing = |_| Err("the key phc_zq7zq7 is known here".to_owned());
        let telling = |mut event: crate::AssembledEvent| {
            event["properties"]["phc_zq7zq7"] = serde_json::json!([1]);
            Ok(Some(event))
        };
        for outcome in [
            prepared(config().before_send(failing), event().into()).unwrap_err(),
            prepared(config(), event().property("phc_zq7zq7", f64::NAN).into()).unwrap_err(),
            prepared(config(), event().timestamp("phc_zq7zq7").into()).unwrap_err(),
            prepared(config().before_send(telling), event().into()).unwrap_err(),
        ] {
            let said = outcome.to_json();
            assert!(said.contains("phc_***") || !said.contains("zq7"), "{said}");
            assert!(!said.contains("zq7"), "{said}");
        }
    }

    #[test]
    fn a_hook_sees_what_stands_there_or_nothing() {
        for key in ["$serde_json::private::RawValue", "$serde_json::private::Number"] {
            let event = || CreateEvent::new("user-1", "e").property("$set", serde_json::json!({key: "[1]"}));
            let config = || Config::builder("phc_x");
            assert!(prepared(config(), event().into()).is_ok());
            let dropped = prepared(config().before_send(|event| Ok(Some(event))), event().into()).unwrap_err();
            assert_eq!(dropped.error_code, crate::ErrorCode::Dropped);
            assert!(
                dropped.error_message.ends_with(" with $serde_json::private::"),
                "{dropped:?}"
            );
        }
    }

    #[test]
    fn a_hook_that_keeps_an_event_changes_nothing_about_it_and_its_warnings() {
        let inputs = [
            r#"{"DistinctId":" user-1 ","EventName":"e","Uuid":"0190a0d8-6b2e-7c3a-9d0e-1f2a3b4c5d6e","Timestamp":1735786800000}"#,
            r#"{"DistinctId":"anonymous","EventName":"e","Properties":{"$lib":"x","said":"\ud800"}}"#,
        ];
        for (input, warnings) in inputs.into_iter().zip([1, 4]) {
            let read = |config| {
                let input = Input::from_json(Operation::Event, input.as_bytes());
                prepared(config, input).unwrap()
            };
            let config = || Config::builder("phc_x").historical_migration(true);
            let plain = read(config());
            assert_eq!(plain.warnings.len(), warnings, "{:?}", plain.warnings);
            for left_out in ["", "uuid", "timestamp"] {
                for nothing in [None, Some(serde_json::Value::Null), Some("".into())] {
                    let hooked = read(config().before_send(move |mut event| {
                        event.remove(left_out);
                        event.extend(nothing.clone().map(|nothing| (left_out.to_owned(), nothing)));
                        Ok(Some(event))
                    }));
                    assert_eq!((&hooked.event, &hooked.warnings), (&plain.event, &plain.warnings));
                }
            }
        }
    }

    #[test]
    fn what_a_hook_has_changed_is_warned_of() {
        let anonymous = |mut event: crate::AssembledEvent| {
            event.insert("distinct_id".to_owned(), "anonymous".into());
            Ok(Some(event))
        };
        let input = CreateEvent::new("user-1 ", "e");
        let warnings = prepared(Config::builder("phc_x").before_send(anonymous), input.into())
            .unwrap()
            .warnings;
        let codes: Vec<_> = warnings.iter().map(|warning| warning.code.as_str()).collect();
        assert_eq!(codes, ["trimmed", "placeholder_id"]);
    }

    #[test]
    fn what_a_hook_puts_where_an_event_has_no_place_is_refused() {
        let refused = |name: &'static str, library| {
            let config = Config::builder("phc_x").library(library).before_send(move |mut event| {
                event.insert(name.to_owned(), serde_json::json!({"plan": "pro"}));
                Ok(Some(event))
            });
            let outcome = prepared(config, CreateEvent::new("user-1", "e").into()).unwrap_err();
            let [finding] = <[_; 1]>::try_from(outcome.findings).unwrap();
            assert_eq!(
                (finding.code.as_str(), &*finding.parameter),
                ("unknown_parameter", name)
            );
            finding.message
        };
        // The official clients' spelling: an id that such a hook means to hide would go out as it is.
        let respelled = refused("distinctId", crate::binding::Library::Node);
        assert_eq!(
            respelled,
            "after beforeSend: The operation event has no parameter distinctId; did you mean distinct_id?"
        );
        let elsewhere = refused("$set", crate::binding::Library::Python);
        assert!(
            elsewhere.ends_with("$set; it takes event, distinct_id, uuid, timestamp, properties."),
            "{elsewhere}"
        );
    }

    #[test]
    fn a_hook_that_panics_has_failed() {
        let config = Config::builder("phc_x").before_send(|_| std::panic::resume_unwind(Box::new(())));
        let outcome = prepared(config, CreateEvent::new("user-1", "e").into()).unwrap_err();
        let message = "the event was dropped because a before_send hook failed: it panicked";
        assert_eq!(outcome.error_message, message);
        assert_eq!(outcome.warnings[0].code.as_str(), "before_send_failed");
    }

    #[test]
    fn an_alias_keeps_its_other_id_whatever_a_hook_does() {
        let renamed = |mut event: crate::AssembledEvent| {
            event.insert("event".to_owned(), "$create_alias".into());
            Ok(Some(event))
        };
        let config = || Config::builder("phc_x").before_send(renamed);
        let refused = prepared(config(), CreateEvent::new("user-1", "e").into()).unwrap_err();
        let found = &refused.findings[0];
        assert_eq!((found.code.as_str(), found.parameter.as_str()), ("required", "Alias"));
        let nobody = CreateEvent::new("user-1", "e").property("alias", "");
        assert_eq!(
            prepared(config(), nobody.into()).unwrap_err().findings[0].code,
            found.code
        );
        let other = CreateEvent::new("user-1", "e").property("alias", "visitor-7");
        assert!(prepared(config(), other.into()).is_ok());
    }

    #[test]
    fn requests_have_the_same_id_only_when_their_events_are_the_same() {
        let uuid = "0190a0d8-6b2e-7c3a-9d0e-1f2a3b4c5d6e";
        let event = |name| {
            prepared(
                Config::builder("phc_x"),
                CreateEvent::new("user-1", name).uuid(uuid).into(),
            )
        };
        let id = |name| request_id(Protocol::V1, &[&event(name).unwrap().event]);
        assert_eq!(id("a"), id("a"));
        assert_ne!(id("a"), id("b"));
    }

    #[test]
    fn a_size_does_not_depend_on_how_text_is_spelled_in_json() {
        let sent = |letter: &str| {
            let story = letter.repeat(300_000);
            let json = format!(r#"{{"DistinctId":"u","EventName":"e","Properties":{{"story":"{story}"}}}}"#);
            let input = Input::from_json(Operation::Event, json.as_bytes());
            prepared(Config::builder("phc_x"), input).map(|prepared| prepared.event.broker_bytes())
        };
        assert_eq!(sent("\\u00e9").unwrap(), sent("é").unwrap());
        assert!(sent("\\u0007").is_err());
    }

    #[test]
    fn a_hook_may_take_out_what_every_event_gets() {
        let without = |mut event: crate::AssembledEvent| {
            event["properties"]
                .as_object_mut()
                .unwrap()
                .retain(|key, _| key.starts_with("$lib"));
            Ok(Some(event))
        };
        let config = Config::builder("phc_x").historical_migration(true).before_send(without);
        let event = CreateEvent::new("user-1", "e").timestamp("2025-01-02T03:04:05Z");
        let event = prepared(config, event.into()).unwrap().event;
        let event: serde_json::Value = serde_json::from_slice(event.json()).unwrap();
        let left: Vec<_> = event["properties"].as_object().unwrap().keys().collect();
        assert_eq!(left, ["$lib", "$lib_version"]);
    }
}
