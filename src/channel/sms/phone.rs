//! Numbers of mobile phones in Vietnam.

/// A mobile number: the nine digits behind the 0.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

impl Phone {
    /// Reads `0900 000 123`, `+84 900.000.123` and their like. Nothing of a landline, a foreign number or anything else.
    pub fn mobile(text: &str) -> Option<Self> {
        let text = text.trim();
        let (plus, rest) = text.strip_prefix('+').map_or((false, text), |rest| (true, rest));
        if rest.chars().any(|c| !(c.is_ascii_digit() || c.is_whitespace() || "().-\u{a0}".contains(c))) {
            return None;
        }
        let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
        let behind = match digits.strip_prefix("84").or_else(|| digits.strip_prefix("0084").filter(|_| !plus)) {
            Some(behind) if behind.len() == NINE => behind,
            _ if plus => return None,
            _ => digits.strip_prefix('0')?,
        };
        let is_mobile = behind.len() == NINE && behind.starts_with(['3', '5', '7', '8', '9']);
        is_mobile.then(|| Self(behind.to_owned()))
    }

    /// `0900000123`.
    pub fn national(&self) -> String {
        format!("0{}", self.0)
    }

    /// `84900000123`.
    pub fn international(&self) -> String {
        format!("84{}", self.0)
    }
}

const NINE: usize = 9;

impl std::fmt::Debug for Phone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&crate::catalog::mask_phone(&self.national()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_has_many_spellings() {
        for text in [
            "0900000123",
            "0900 000 123",
            " 090.000.0123 ",
            "(090) 000-0123",
            "+84900000123",
            "+84 900 000 123",
            "84900000123",
            "0084 900 000 123",
            "0900\u{a0}000\u{a0}123",
        ] {
            let phone = Phone::mobile(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(
                (phone.national(), phone.international()),
                ("0900000123".into(), "84900000123".into()),
                "{text}"
            );
            assert_eq!(format!("{phone:?}"), "0900***123");
        }
        assert_eq!(
            Phone::mobile("0841000123").unwrap().international(),
            "84841000123",
            "a number that begins with 084"
        );
    }

    #[test]
    fn what_no_text_message_reaches_is_no_mobile_number() {
        for text in [
            "02403555123",
            "0240 3555 123",
            "900000123",
            "+65 9000 0123",
            "113",
            "1900 1009",
            "090000012",
            "09000001234",
            "0900000123;0900000124",
            "0900000123 (VP)",
            "090000012x",
            "",
            "+0900000123",
            "+840900000123",
            "0100000123",
        ] {
            assert_eq!(Phone::mobile(text), None, "{text}");
        }
    }
}
