//! Verdicts: what an answer means for the events of a batch, as far as delivery has to know.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use uuid::Uuid;

use super::{Protocol, Seen, answer, v1};
use crate::finding::{Warning, WarningCode};
use crate::http::{Request, Response};
use crate::outcome::{Delivery, Outcome};
use crate::rules::MAX_ANSWER_BYTES;
use crate::time::Timestamp;

/// What the server says of one event (protocol.md §2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// `ok`, `warning`, or `limited` as older servers say.
    Stored { warning: Option<String> },
    /// Final; the server's own words.
    Dropped { detail: String },
    /// To be sent again.
    Retry,
    /// A word that is not known: accepted, never sent again.
    Unknown { word: String },
}

impl Verdict {
    pub(super) fn read(result: &Value) -> Self {
        let text = |key: &str| result.get(key).and_then(Value::as_str);
        Self::of(text("result").unwrap_or_default(), text("details"))
    }

    fn of(word: &str, detail: Option<&str>) -> Self {
        let detail = detail.filter(|text| !text.is_empty()).map(answer::on_one_line);
        match word {
            "ok" => Self::Stored { warning: detail },
            "warning" | "limited" => Self::Stored {
                warning: Some(detail.unwrap_or_else(|| word.to_owned())),
            },
            "drop" => Self::Dropped {
                detail: detail.unwrap_or_else(|| "it gave no reason".to_owned()),
            },
            "retry" => Self::Retry,
            other => Self::Unknown {
                word: answer::on_one_line(other),
            },
        }
    }
}

/// What an answer means for a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// All of it was accepted.
    Accepted,
    /// A verdict for each event.
    Verdicts(Verdicts),
    /// All of it is to be sent again.
    Again,
    /// There is none, because the connection had been left over from an earlier request: to be sent again at once.
    Stale,
    /// Refused because of some event in it: to be divided until that event stands alone.
    Divide,
    /// Refused for good.
    Refused,
    /// The server does not know this protocol.
    NoSuchRoute,
}

/// An answer, read.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    pub(crate) answer: Answer,
    /// When to send again, as far as the server says.
    pub(crate) retry_after: Option<Duration>,
    /// The same as an outcome: for messages and for `on_error`.
    pub(crate) outcome: Outcome,
    /// Bytes of the request's body.
    pub(crate) body_bytes: usize,
}

/// Reads what came of a batch. Total, like `interpret`.
pub(crate) fn read_batch(request: &Request, seen: &Seen, now: Timestamp) -> Answered {
    let seen = &*answer::without_key_echoed(request, seen);
    let usual = usual_answer(request, seen);
    let mut outcome = match (&usual, seen) {
        (Some(_), Ok(response)) => answer::interpret_whole(request, &Ok(without_verdicts(response)), now),
        _ => answer::interpret_whole(request, seen, now),
    };
    let retry_after = match seen {
        Ok(response) => answer::retry_after(response, now),
        Err(_) => None,
    };
    let answer = match seen {
        Err(_) if answer::is_stale(seen) => Answer::Stale,
        Err(_) => Answer::Again,
        Ok(response) => match (response.status, request.protocol) {
            (200..=299, Protocol::V1) => {
                let results = || v1::results(&outcome.data).map(read_results);
                match usual.or_else(results) {
                    Some(verdicts) if verdicts.is_empty() && !outcome.is_ok() => Answer::Refused,
                    Some(verdicts) => Answer::Verdicts(verdicts),
                    None if outcome.is_ok() => Answer::Accepted,
                    None => Answer::Refused,
                }
            }
            (200..=299, Protocol::V0) if outcome.is_ok() => Answer::Accepted,
            (400 | 413, _) => Answer::Divide,
            (404, Protocol::V1) => Answer::NoSuchRoute,
            (429, Protocol::V0) => Answer::Again,
            // A queue has time, so it also waits for the end of what direct calls do not retry, as the 52x of a proxy without its server.
            (500..=599, _) => Answer::Again,
            _ if answer::is_worth_retrying(seen) => Answer::Again,
            _ => Answer::Refused,
        },
    };
    if let Answer::Verdicts(verdicts) = &answer {
        outcome.delivery = Delivery::Stored;
        // The verdicts go into the report; `on_error` has no use for a thousand of them.
        outcome.data.clear();
        if verdicts.is_empty() {
            let message = "the answer has a verdict on no event";
            let warning = Warning::new(WarningCode::UnexpectedAnswer, "Data", message);
            outcome.warnings.push(warning);
        }
    }
    Answered {
        answer,
        retry_after,
        outcome,
        body_bytes: request.body.len(),
    }
}

/// The sentence about a verdict of a word that is not known.
pub(crate) fn unknown_verdict(word: &str) -> String {
    format!("the server's verdict \"{word}\" is none that is known; the event is taken as accepted.")
}

/// What the server says of each event it names.
pub(crate) type Verdicts = HashMap<Uuid, Verdict>;

fn read_results(results: &serde_json::Map<String, Value>) -> Verdicts {
    results
        .iter()
        .filter_map(|(uuid, result)| Some((Uuid::try_parse(uuid).ok()?, Verdict::read(result))))
        .collect()
}

/// The verdicts of a v1 answer in the form servers usually write, read without a tree of values in between; `None` for any other form.
fn usual_answer(request: &Request, seen: &Seen) -> Option<Verdicts> {
    let response = seen.as_ref().ok()?;
    let is_whole = !response.truncated && response.body.len() <= MAX_ANSWER_BYTES;
    if request.protocol != Protocol::V1 || !(200..=299).contains(&response.status) || !is_whole {
        return None;
    }
    let answer: UsualAnswer = serde_json::from_slice(&response.body).ok()?;
    Some(answer.results).filter(|verdicts| !verdicts.is_empty())
}

/// The answer with its verdicts, which were read already, left out.
fn without_verdicts(response: &Response) -> Response {
    Response {
        body: br#"{"results":{}}"#.to_vec(),
        ..response.clone_head()
    }
}

#[derive(Deserialize)]
struct UsualAnswer {
    #[serde(deserialize_with = "usual_results")]
    results: Verdicts,
}

#[derive(Deserialize)]
struct UsualResult<'a> {
    result: &'a str,
    details: Option<&'a str>,
}

fn usual_results<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Verdicts, D::Error> {
    deserializer.deserialize_map(UsualResults)
}

struct UsualResults;

impl<'de> Visitor<'de> for UsualResults {
    type Value = Verdicts;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a verdict for each uuid")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Verdicts, A::Error> {
        let mut verdicts = Verdicts::new();
        while let Some((uuid, said)) = map.next_entry::<&str, UsualResult<'_>>()? {
            if let Ok(uuid) = Uuid::try_parse(uuid) {
                verdicts.insert(uuid, Verdict::of(said.result, said.details));
            }
        }
        Ok(verdicts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Option<Verdicts> {
        let answer: Option<UsualAnswer> = serde_json::from_str(body).ok();
        answer.map(|answer| answer.results)
    }

    #[test]
    fn the_quick_way_reads_what_the_thorough_one_does_or_nothing() {
        let uuid = "0190a0d8-6b2e-7c3a-9d0e-1f2a3b4c5d6e";
        for (result, is_usual) in [
            (r#"{"result":"ok"}"#, true),
            (r#"{"result":"warning","details":"late","more":[1]}"#, true),
            (r#"{"result":"limited","details":null}"#, true),
            (r#"{"result":"drop","details":""}"#, true),
            (r#"{"details":"billing","result":"drop"}"#, true),
            (r#"{"result":"retry"}"#, true),
            (r#"{"result":"new word"}"#, true),
            (r#"{"result":"drop","details":"a \"quote\""}"#, false),
            (r#"{"result":"ok","details":7}"#, false),
            (r#"{"result":7}"#, false),
            (r#"{}"#, false),
            (r#""ok""#, false),
        ] {
            let body = format!(r#"{{"quota":1,"results":{{"{uuid}":{result},"no uuid":{{"result":"ok"}}}}}}"#);
            let tree: Value = serde_json::from_str(&body).unwrap();
            let thorough = read_results(tree["results"].as_object().unwrap());
            assert_eq!(read(&body), is_usual.then_some(thorough), "{result}");
        }
        assert_eq!(read(r#"{"results":{"a\u0062":{"result":"ok"}}}"#), None);
        assert_eq!(read(r#"{"results":{}}{"#), None);
        assert_eq!(read(r#"{"status":"Ok"}"#), None);
    }
}
