//! What each error of Zalo means for the message and for the channel. Data; the code speaks for a host.

/// Who answered: the same number means different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Host {
    /// `openapi.zalo.me`: the official account.
    Account,
    /// `business.openapi.zalo.me`: templates by phone number.
    Template,
}

/// What follows from an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The access token is not good (any more).
    Token,
    /// Too many calls.
    Rate,
    /// Later.
    Transient,
    /// Later, and only once: it is not clear what it means.
    OnceMore,
    /// Not at night.
    Night,
    /// Not today.
    Quota,
    /// Configuration, money or rights: a person must act, and no message is to blame.
    Human,
    /// This recipient cannot get Zalo.
    Recipient,
    /// The message or its parameters are wrong.
    Payload,
}

use Meaning::{Human, Night, OnceMore, Payload, Quota, Rate, Recipient, Token, Transient};

const BOTH: &[Host] = &[Host::Account, Host::Template];
const ACCOUNT: &[Host] = &[Host::Account];
const TEMPLATE: &[Host] = &[Host::Template];

/// Every documented code. A code that is not here is a person's to judge.
const TABLE: [(Meaning, &[Host], &[i32]); 11] = [
    (Token, BOTH, &[-124, -216, -220, 452]),
    (Rate, BOTH, &[-32]),
    (Transient, BOTH, &[-211]),
    (Transient, TEMPLATE, &[-100]),
    (OnceMore, BOTH, &[-200]),
    (Night, BOTH, &[-133, -234]),
    (Quota, BOTH, &[-144, -147, -1441, -1471, -1472]),
    (
        Human,
        BOTH,
        &[
            -101, -102, -103, -104, -105, -115, -117, -120, -125, -126, -127, -128, -129, -135, -1351, -136, -137,
            -138, -1381, -204, -205, -209, -212, -219, -221, -223, -224, -241, -242, -1241, -320, -321, 112,
            // The template itself is not in force: nothing is wrong with any message, all of them wait.
            -131, -146,
        ],
    ),
    (Recipient, BOTH, &[-108, -110, -114, -118, -119, -139, -140, -141, -213, -217, -218, -227, -230, -232, -244]),
    (
        Payload,
        BOTH,
        &[
            -106, -107, -109, -111, -112, -1121, -1122, -1123, -1124, -113, -1131, -116, -121, -122, -123, -130, -132,
            -142, -143, -145, -148, -149, -150, -151, -152, -153, -158, -159, -160, -161, -162, -1091, -1201, -1202,
            -201, -210, -214, -233, -235, -237, -238, -240, -248, -249, -403,
        ],
    ),
    // An attachment that is too old.
    (Payload, ACCOUNT, &[-100]),
];

/// What to do about the ones that people meet most.
const REMEDIES: [(&[i32], &str); 8] = [
    (&[-115], "top up the wallet of the account in Zalo Cloud"),
    (&[-124, -216, -220, 452], "consent again and hand the new pair to `dondoc zalo seed`"),
    (&[-126, -127], "set `development = false`, or write to a person of the app only"),
    (&[-131, -146], "have the template approved again, or name another one in `template_id`"),
    (&[-209, -221], "make the app active and link it to the account"),
    (&[-212, -320, -321], "register the interface for the app and pay its package"),
    (&[-204, -205], "the account is gone or closed: see it in Zalo's console"),
    (&[-101, -102, -103, -104, -105], "check `app_id` and the app's rights in Zalo's console"),
];

/// What `code` of `host` means; nothing for one that is not documented.
pub(super) fn meaning(host: Host, code: i32) -> Option<Meaning> {
    TABLE.iter().find(|(_, hosts, codes)| hosts.contains(&host) && codes.contains(&code)).map(|(meaning, ..)| *meaning)
}

/// What to do about `code`.
pub(super) fn remedy(code: i32) -> &'static str {
    let known = REMEDIES.iter().find(|(codes, _)| codes.contains(&code)).map(|(_, remedy)| *remedy);
    known.unwrap_or("look the code up in Zalo's documentation and mend what it says in Zalo's console")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_of_the_documentation_means_one_thing() {
        let rows: [(Meaning, &[i32]); 9] = [
            (Token, &[-124, -216, -220, 452]),
            (Rate, &[-32]),
            (Transient, &[-211]),
            (OnceMore, &[-200]),
            (Night, &[-133, -234]),
            (Quota, &[-144, -147, -1441, -1471, -1472]),
            (
                Human,
                &[
                    -101, -102, -103, -104, -105, -115, -117, -120, -125, -135, -1351, -136, -137, -138, -1381, -219,
                    -221, -223, -224, -320, -321, 112, -209, -212, -126, -127, -128, -129, -241, -242, -1241, -204,
                    -205,
                ],
            ),
            (Recipient, &[-108, -110, -114, -118, -119, -139, -140, -141, -213, -217, -218, -227, -230, -232, -244]),
            (
                Payload,
                &[
                    -106, -107, -109, -111, -112, -1121, -1122, -1123, -1124, -113, -1131, -116, -121, -122, -123,
                    -130, -132, -142, -143, -145, -148, -149, -150, -151, -152, -153, -158, -159, -160, -161, -162,
                    -1091, -1201, -1202, -201, -210, -214, -233, -235, -237, -238, -240, -248, -249, -403,
                ],
            ),
        ];
        for (wanted, codes) in rows {
            for code in codes {
                for host in BOTH {
                    assert_eq!(meaning(*host, *code), Some(wanted), "{host:?} {code}");
                }
            }
        }
    }

    #[test]
    fn one_number_means_two_things_on_two_hosts() {
        assert_eq!(meaning(Host::Template, -100), Some(Transient));
        assert_eq!(meaning(Host::Account, -100), Some(Payload));
    }

    #[test]
    fn no_code_stands_in_two_rows_of_a_host_and_an_unknown_one_in_none() {
        for host in BOTH {
            let mut codes: Vec<i32> = TABLE
                .iter()
                .filter(|(_, hosts, _)| hosts.contains(host))
                .flat_map(|(.., codes)| *codes)
                .copied()
                .collect();
            let all = codes.len();
            codes.sort_unstable();
            codes.dedup();
            assert_eq!(codes.len(), all, "{host:?}");
        }
        for code in [0, 1, -1, -99_999, -14_014] {
            assert_eq!(meaning(Host::Template, code), None);
        }
    }

    #[test]
    fn a_template_that_is_not_in_force_stops_the_channel_and_fails_no_message() {
        for code in [-131, -146] {
            assert_eq!(meaning(Host::Template, code), Some(Human));
            assert!(remedy(code).contains("template"));
        }
    }
}
