//! Verdicts: what an answer means for the events of a batch, as far as delivery has to know.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::legible::Sent;
use super::{Protocol, Seen, answer, v1};
use crate::finding::WarningCode;
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
    /// None, because the project is over its quota of events: not kept.
    OverQuota,
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
    let seen = &*Sent::new(request).legible(seen);
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
                let results = || v1::results(&outcome.data).map(|results| Verdicts::read(results, &outcome.data));
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
            answer::warn(&mut outcome, WarningCode::UnexpectedAnswer, message);
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

/// What the server says of the events of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdicts {
    each: HashMap<Uuid, Verdict>,
    over_quota: bool,
}

impl Verdicts {
    /// Reads those of a v1 answer.
    pub(super) fn read(results: &Map<String, Value>, data: &Map<String, Value>) -> Self {
        let read = |(uuid, (_, result))| (uuid, Verdict::read(result));
        Self {
            each: v1::by_uuid(results).into_iter().map(read).collect(),
            over_quota: answer::is_over_quota(data),
        }
    }

    /// The verdict on one event, if there is any.
    pub(crate) fn on(&self, uuid: Uuid) -> Option<&Verdict> {
        self.each
            .get(&uuid)
            .or_else(|| self.over_quota.then_some(&Verdict::OverQuota))
    }

    /// Whether no event is named.
    pub(crate) fn is_empty(&self) -> bool {
        self.each.is_empty()
    }
}

/// The verdicts of a v1 answer in the form servers usually write, read without a tree of values in between; `None` for any other form.
fn usual_answer(request: &Request, seen: &Seen) -> Option<Verdicts> {
    let response = seen.as_ref().ok()?;
    let is_whole = !response.truncated && response.body.len() <= MAX_ANSWER_BYTES;
    if request.protocol != Protocol::V1 || !(200..=299).contains(&response.status) || !is_whole {
        return None;
    }
    let answer: UsualAnswer<'_> = serde_json::from_slice(&response.body).ok()?;
    Some(Verdicts::from(answer)).filter(|verdicts| !verdicts.is_empty())
}

/// The answer with its verdicts, which were read already, left out.
fn without_verdicts(response: &Response) -> Response {
    Response {
        body: br#"{"results":{}}"#.to_vec(),
        ..response.clone_head()
    }
}

#[derive(Deserialize)]
struct UsualAnswer<'a> {
    #[serde(deserialize_with = "usual_results")]
    results: HashMap<Uuid, Verdict>,
    #[serde(borrow, default)]
    quota_limited: Vec<&'a str>,
}

impl From<UsualAnswer<'_>> for Verdicts {
    fn from(answer: UsualAnswer<'_>) -> Self {
        Self {
            each: answer.results,
            over_quota: answer.quota_limited.contains(&answer::QUOTA),
        }
    }
}

#[derive(Deserialize)]
struct UsualResult<'a> {
    result: &'a str,
    details: Option<&'a str>,
}

fn usual_results<'de, D: Deserializer<'de>>(deserializer: D) -> Result<HashMap<Uuid, Verdict>, D::Error> {
    deserializer.deserialize_map(UsualResults)
}

struct UsualResults;

impl<'de> Visitor<'de> for UsualResults {
    type Value = HashMap<Uuid, Verdict>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a verdict for each uuid")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut verdicts = HashMap::new();
        while let Some((name, said)) = map.next_entry::<&str, UsualResult<'_>>()? {
            let Ok(uuid) = Uuid::try_parse(name) else { continue };
            if verdicts.insert(uuid, Verdict::of(said.result, said.details)).is_some() {
                return Err(A::Error::custom("an event is named twice"));
            }
        }
        Ok(verdicts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Option<Verdicts> {
        let answer: Option<UsualAnswer<'_>> = serde_json::from_str(body).ok();
        answer.map(Verdicts::from)
    }

    #[test]
    fn the_quick_way_reads_what_the_thorough_one_does_or_nothing() {
        let uuid = "0190a0d8-6b2e-7c3a-9d0e-1f2a3b4c5d6e";
        let answers = [
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
        ];
        let quotas = [
            (r#"["events"]"#, true),
            (r#"["recordings"]"#, true),
            (r#"["recordings","events"]"#, true),
            ("[]", true),
            ("null", false),
            (r#"[null,"events"]"#, false),
        ];
        let answers = answers.map(|answer| (answer, ("[]", true))).into_iter();
        for ((result, is_usual), (quota, is_list)) in
            answers.chain(quotas.map(|quota| ((r#"{"result":"ok"}"#, true), quota)))
        {
            let body = format!(
                r#"{{"quota":1,"results":{{"{uuid}":{result},"no uuid":{{"result":"ok"}}}},"quota_limited":{quota}}}"#
            );
            let tree: Map<String, Value> = serde_json::from_str(&body).unwrap();
            let thorough = Verdicts::read(tree["results"].as_object().unwrap(), &tree);
            assert_eq!(read(&body), (is_usual && is_list).then_some(thorough), "{body}");
        }
        let upper = uuid.to_uppercase();
        let twice = format!(r#"{{"results":{{"{uuid}":{{"result":"ok"}},"{upper}":{{"result":"drop"}}}}}}"#);
        assert_eq!(read(&twice), None);
        assert_eq!(read(r#"{"results":{"a\u0062":{"result":"ok"}}}"#), None);
        assert_eq!(read(r#"{"results":{}}{"#), None);
        assert_eq!(read(r#"{"status":"Ok"}"#), None);
    }
}
