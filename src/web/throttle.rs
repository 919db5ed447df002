//! A gentle limit for pages that anybody on the Internet may ask for: so many requests a minute from one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

/// Requests a minute: more than an office behind one address makes on a Monday morning with its mail scanner.
const A_MINUTE: u32 = 600;

/// Addresses remembered within a minute; beyond that the minute begins anew.
const ADDRESSES: usize = 100_000;

/// Counts requests by address, minute by minute.
#[derive(Debug, Default)]
pub(super) struct Throttle(Mutex<Minute>);

#[derive(Debug, Default)]
struct Minute {
    number: i64,
    requests: HashMap<IpAddr, u32>,
}

impl Throttle {
    /// Whether one more request from `address` is answered. This machine is a proxy's, behind which everybody has one
    /// address.
    pub(super) fn lets(&self, address: IpAddr, now: DateTime<Utc>) -> bool {
        if address.to_canonical().is_loopback() {
            return true;
        }
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = now.timestamp().div_euclid(60);
        if minute.number != number || minute.requests.len() >= ADDRESSES {
            *minute = Minute { number, requests: HashMap::new() };
        }
        let count = minute.requests.entry(address).or_default();
        *count += 1;
        *count <= A_MINUTE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_asks_without_end_waits_for_the_next_minute_and_nobody_else_does() {
        let throttle = Throttle::default();
        let now: DateTime<Utc> = "2026-11-26T01:00:59Z".parse().unwrap();
        let [one, other, own] = ["203.0.113.7", "203.0.113.8", "127.0.0.1"].map(|text| text.parse::<IpAddr>().unwrap());
        assert!((0..A_MINUTE).all(|_| throttle.lets(one, now)));
        assert!(!throttle.lets(one, now) && throttle.lets(other, now));
        assert!((0..=A_MINUTE).all(|_| throttle.lets(own, now)));
        assert!(throttle.lets(one, now + chrono::TimeDelta::seconds(1)));
    }
}
