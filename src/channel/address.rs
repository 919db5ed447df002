//! The conservative grammar of addresses that may stand on the wire.

use lettre::Address;

/// As [`checked`], and of ASCII alone: what every relay takes.
pub(super) fn ascii(address: &str) -> Result<Address, &'static str> {
    if address.is_ascii() { checked(address) } else { Err("the address is not ASCII; write its domain as xn--…") }
}

/// A mail address that is safe in an envelope and in a header, or why it is not. The reason does not repeat it.
pub(super) fn checked(address: &str) -> Result<Address, &'static str> {
    if address.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err("the address contains a control character or a space");
    }
    if address.chars().any(|c| !c.is_ascii() && !c.is_alphanumeric()) {
        return Err("the address has a mark that is neither a letter nor a digit");
    }
    if address.len() > 254 {
        return Err("the address is longer than 254 characters");
    }
    if address.starts_with('-') || address.contains(['"', '[', ']', '<', '>', ',', ';', ':', '(', ')', '\\', '|']) {
        return Err("the address has a form that is not accepted");
    }
    let parsed: Address = address.parse().map_err(|_| "the address is not of the form name@domain")?;
    if parsed.domain().parse::<std::net::IpAddr>().is_ok() {
        return Err("the address names a machine by number instead of a domain");
    }
    Ok(parsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_addresses_pass() {
        for good in ["ubnd.songmai@bacgiang.example", "a@b.example", "a+b_c@sub.domain.example"] {
            assert!(checked(good).is_ok() && ascii(good).is_ok(), "{good}");
        }
        for only_where_offered in ["chữ@x.example", "a@tỉnh.example"] {
            assert!(checked(only_where_offered).is_ok() && ascii(only_where_offered).is_err());
        }
        for bad in [
            "a@x.example>\r\nRCPT TO:<b@x.example",
            "a@x.example\n",
            "-oQ/tmp@x.example",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "\"a b\"@x.example",
            "a@x.example,b@x.example",
            "ch\u{202e}u@x.example",
            "a\u{2028}b@x.example",
            "no-at-sign",
            "@x.example",
            "a@",
            "",
            "a@@x.example",
            "|cat@x.example",
        ] {
            assert!(checked(bad).is_err(), "{bad}");
        }
        assert!(checked(&format!("{}@x.example", "a".repeat(400))).is_err());
    }
}
