//! What the codes of eSMS mean.

use super::super::super::exchange::Meaning;

/// Code, meaning, and what it says.
pub(super) const CODES: [(i32, Meaning, &str); 35] = [
    (100, Meaning::Sent, "accepted"),
    (124, Meaning::Sent, "accepted before, under the same RequestId"),
    (101, Meaning::Broken, "ApiKey or SecretKey is refused"),
    (140, Meaning::Broken, "the IP address of this machine is not whitelisted at eSMS"),
    (143, Meaning::Broken, "the account is locked"),
    (102, Meaning::Broken, "the account has no price list"),
    (103, Meaning::Broken, "the balance does not suffice"),
    // One name for all messages: none of them is to blame, and all can go when it is mended.
    (104, Meaning::Broken, "the brandname is not registered"),
    // A network or a template that is not registered yet: for this recipient another channel is left.
    (146, Meaning::Recipient, "the text fits no registered template"),
    (177, Meaning::Recipient, "the brandname is not registered with the recipient's network"),
    (201, Meaning::Recipient, "the text is not let through"),
    (204, Meaning::Recipient, "the official account does not exist"),
    (300, Meaning::Recipient, "the kind of message is missing"),
    (301, Meaning::Recipient, "the kind of service is not supported"),
    (789, Meaning::Recipient, "the template is not set up for this account"),
    (790, Meaning::Recipient, "the template is wrong"),
    (791, Meaning::Recipient, "the account or the template is missing"),
    (799, Meaning::Recipient, "the official account is not active"),
    (801, Meaning::Recipient, "the registration is not valid"),
    (802, Meaning::Recipient, "the registration is not valid"),
    (99, Meaning::Recipient, "the number is blocked"),
    (108, Meaning::Recipient, "the number is wrong"),
    (105, Meaning::Transient, "the message is not known yet"),
    (160, Meaning::Throttled, "too many messages a second"),
    (107, Meaning::Permanent, "the request is wrong"),
    (110, Meaning::Permanent, "the request is wrong"),
    (115, Meaning::Permanent, "the request is wrong"),
    (118, Meaning::Permanent, "the request is wrong"),
    (120, Meaning::Permanent, "the request is wrong"),
    (163, Meaning::Permanent, "the request is wrong"),
    (210, Meaning::Permanent, "the request is wrong"),
    (687, Meaning::Permanent, "the request is wrong"),
    // Answers to questions about a message; as an answer to a message they say nothing of its fate.
    (199, Meaning::Unknown, "in process"),
    (851, Meaning::Unknown, "the id is missing"),
    (854, Meaning::Unknown, "there are no data"),
];

/// The meaning of a code, and its words.
pub(super) fn meaning(code: i32) -> (Meaning, &'static str) {
    let found = CODES.iter().find(|(known, _, _)| *known == code);
    found.map_or((Meaning::Unknown, "a code that is not known"), |(_, meaning, words)| (*meaning, *words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_providers_table_has_its_meaning() {
        let rows: [(&[i32], Meaning); 9] = [
            (&[100, 124], Meaning::Sent),
            (&[101, 140, 143], Meaning::Broken),
            (&[102, 103, 104], Meaning::Broken),
            (&[146, 177, 201, 204, 300, 301, 789, 790, 791, 799, 801, 802], Meaning::Recipient),
            (&[99, 108], Meaning::Recipient),
            (&[105], Meaning::Transient),
            (&[160], Meaning::Throttled),
            (&[107, 110, 115, 118, 120, 163, 210, 687], Meaning::Permanent),
            (&[199, 851, 854], Meaning::Unknown),
        ];
        for (codes, expected) in rows {
            for code in codes {
                assert_eq!(meaning(*code).0, expected, "{code}");
            }
        }
        assert_eq!(meaning(-1).0, Meaning::Unknown);
        assert_eq!(meaning(9_999).0, Meaning::Unknown);
        let mut codes: Vec<i32> = CODES.iter().map(|(code, _, _)| *code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), CODES.len(), "no code stands twice");
    }
}
