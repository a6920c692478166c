//! Uuids: those of events, fresh or made of a caller's key, and those of requests.

use rand_pcg::rand_core::Rng;
use uuid::Uuid;

use crate::event::Event;
use crate::protocol::Protocol;
use crate::time::Timestamp;

/// The namespace of [`uuid_from`], `c01386c0-6d19-5603-8487-dc4903a8d854`: the UUIDv5 of the DNS name `hogwire` in RFC 9562's DNS namespace.
pub const UUID_NAMESPACE: Uuid = Uuid::from_u128(0xc01386c0_6d19_5603_8487_dc4903a8d854);

/// A uuid made of a key of the caller's, always the same for the same key: a UUIDv5 in [`UUID_NAMESPACE`].
///
/// An import that is run again then does not duplicate its events, as long as each event's Timestamp, name and distinct id are
/// the same again too: the server drops repeats of all four.
///
/// ```
/// let uuid = hogwire::uuid_from("order-1234-paid");
/// assert_eq!(uuid, hogwire::uuid_from("order-1234-paid"));
/// # let event = hogwire::CreateEvent::new("user-1", "paid");
/// let event = event.uuid(uuid.to_string()).timestamp("2025-01-02T03:04:05Z");
/// ```
#[must_use]
pub fn uuid_from(key: &str) -> Uuid {
    Uuid::new_v5(&UUID_NAMESPACE, key.as_bytes())
}

/// A fresh uuid v7 of this moment.
pub(crate) fn fresh_uuid(now: Timestamp, rng: &mut impl Rng) -> Uuid {
    let mut random = [0; 10];
    rng.fill_bytes(&mut random);
    let ms = u64::try_from(now.unix_ms()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(ms, &random).into_uuid()
}

/// The request id of a direct call, which v1 wants. It is made of the events' uuids, names and distinct ids, so that it is the same for every
/// attempt, without being kept, and in every language. The uuids alone are not enough, because a program may give two events the same one.
/// The times are left out, because a caller of `build` makes the event again for each attempt.
pub(crate) fn request_id(protocol: Protocol, events: &[&Event]) -> Uuid {
    if protocol == Protocol::V0 {
        return Uuid::nil();
    }
    let mut name = Vec::new();
    for event in events {
        name.extend_from_slice(event.uuid.as_bytes());
        name.extend_from_slice(event.name_and_id());
    }
    Uuid::new_v5(&UUID_NAMESPACE, &name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_namespace_is_what_its_page_says() {
        assert_eq!(UUID_NAMESPACE, Uuid::new_v5(&Uuid::NAMESPACE_DNS, b"hogwire"));
    }
}
