//! Whose address an event is stored with: the server trusts whatever proxy header it finds first, else the connection.

use crate::http::Head;
use std::net::IpAddr;

/// Headers with one address, in the order they are trusted after `X-Forwarded-For`.
const SINGLE: [&str; 4] = ["x-real-ip", "fly-client-ip", "true-client-ip", "cf-connecting-ip"];

/// The client's address.
pub(super) fn of(head: &Head, peer: IpAddr) -> String {
    let parse = |text: &str| text.trim().parse::<IpAddr>().ok();
    let forwarded = head
        .header("x-forwarded-for")
        .and_then(|list| list.split(',').find_map(parse));
    let address = forwarded.or_else(|| SINGLE.iter().find_map(|name| head.header(name).and_then(parse)));
    address.unwrap_or(peer).to_string()
}
