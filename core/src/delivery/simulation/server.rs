//! Server: what the made-up server does with a request, and what the client sees of it. It fails as real ones do, only more often.

use super::World;
use crate::delivery::Job;
use crate::delivery::tests::answered;
use crate::http::{Failure, Response, TransportError};
use crate::protocol::verdict::Answered;
use crate::protocol::{Protocol, Seen};

impl World {
    pub(super) fn serve(&mut self, job: &Job) -> Answered {
        let seen = self.answer(job);
        answered(job, &seen, self.at())
    }

    fn answer(&mut self, job: &Job) -> Seen {
        let poison = job
            .events
            .iter()
            .find_map(|event| self.poison.get(&event.uuid).copied());
        if let Some(status) = poison
            && (self.healthy || !self.one_in(8))
        {
            return Ok(Response::new(status, "poison"));
        }
        if job.protocol == Protocol::V1 && self.policy.falls_back {
            return Ok(Response::new(404, ""));
        }
        let fault = if self.healthy { 0 } else { self.up_to(100) };
        let failed = |failure, sent| Err(TransportError::new(failure).with_sent(sent));
        let seen = match fault {
            0..=49 => Ok(self.success(job)),
            // Lost before the server stored it, and after: the client cannot tell.
            50..=55 => failed(Failure::Network, true),
            56..=57 => Err(TransportError::new(Failure::Network).with_stale(true)),
            58..=63 => failed(Failure::Timeout, true),
            64 => failed(Failure::Tls, false),
            65 => failed(Failure::Internal, false),
            66 => Ok(Response::new(200, "<html>")),
            67 => Ok(Response::new(200, r#"{"status":1,"quota_limited":["events"]}"#)),
            68..=92 => Ok(Response::new(self.one_of(&[408, 500, 502, 503, 504, 429]), "")),
            93..=95 => Ok(Response::new(self.one_of(&[400, 413]), "")),
            _ => Ok(Response::new(
                self.one_of(&[301, 401, 402, 403, 404, 415, 501, 999]),
                "",
            )),
        };
        match seen {
            Ok(response) if self.one_in(3) => {
                let seconds = self.up_to(90).to_string();
                Ok(response.with_header("Retry-After", seconds))
            }
            other => other,
        }
    }

    fn success(&mut self, job: &Job) -> Response {
        let mut results = serde_json::Map::new();
        for event in job.events.iter() {
            let word = match self.up_to(24) {
                0..6 if !self.healthy => self.one_of(&["warning", "limited", "drop", "retry", "retry", "surprise"]),
                6 if !self.healthy => continue,
                _ => "ok",
            };
            results.insert(event.uuid.to_string(), serde_json::json!({"result": word}));
        }
        let limited = if !self.healthy && self.one_in(8) {
            &["events"][..]
        } else {
            &[]
        };
        let answer = serde_json::json!({"status": 1, "results": results, "quota_limited": limited});
        Response::new(200, answer.to_string())
    }
}
