//! The conservative grammar of addresses that may stand on the wire.

use lettre::Address;

/// A mail address that is safe in an envelope and in a header, or why it is not. The reason does not repeat it.
pub(super) fn checked(address: &str) -> Result<Address, &'static str> {
    if address.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err("the address contains a control character or a space");
    }
    if !address.is_ascii() {
        return Err("the address is not ASCII; write its domain as xn--…");
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
            assert!(checked(good).is_ok(), "{good}");
        }
        for bad in [
            "a@x.example>\r\nRCPT TO:<b@x.example",
            "a@x.example\n",
            "-oQ/tmp@x.example",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "\"a b\"@x.example",
            "a@x.example,b@x.example",
            "chữ@x.example",
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
