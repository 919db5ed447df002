//! Offices and the people who hold them. A reminder is addressed to the office; the person is optional.

use super::unit::{UnitId, Validity};

/// A post in a unit that can be addressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Office {
    /// The head: receives reminders.
    Head,
    /// A deputy head; a unit may have several.
    Deputy(Seat),
    /// Đầu mối: the person to call, named in the messages to the units below.
    FocalPoint,
    /// Văn phòng: the desk of the unit itself, whoever sits there.
    Bureau,
}

/// Which of several deputies. The number tells their offices apart over time and says nothing of rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Seat(u8);

impl Seat {
    /// The first, or the only one.
    pub const FIRST: Self = Self(1);

    /// As many as a unit may have.
    pub const ALL: [Self; 9] = [Self(1), Self(2), Self(3), Self(4), Self(5), Self(6), Self(7), Self(8), Self(9)];

    /// From 1 on.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The one with this number.
    pub fn numbered(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|seat| seat.0 == number)
    }
}

impl Office {
    /// Every office.
    pub const ALL: [Self; 12] = [
        Self::Head,
        Self::Deputy(Seat(1)),
        Self::Deputy(Seat(2)),
        Self::Deputy(Seat(3)),
        Self::Deputy(Seat(4)),
        Self::Deputy(Seat(5)),
        Self::Deputy(Seat(6)),
        Self::Deputy(Seat(7)),
        Self::Deputy(Seat(8)),
        Self::Deputy(Seat(9)),
        Self::FocalPoint,
        Self::Bureau,
    ];

    /// The word a pack's `office` column uses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Deputy(Seat(2)) => "deputy_2",
            Self::Deputy(Seat(3)) => "deputy_3",
            Self::Deputy(Seat(4)) => "deputy_4",
            Self::Deputy(Seat(5)) => "deputy_5",
            Self::Deputy(Seat(6)) => "deputy_6",
            Self::Deputy(Seat(7)) => "deputy_7",
            Self::Deputy(Seat(8)) => "deputy_8",
            Self::Deputy(Seat(9)) => "deputy_9",
            Self::Deputy(_) => "deputy",
            Self::FocalPoint => "focal_point",
            Self::Bureau => "bureau",
        }
    }

    /// The office that `word` names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|office| office.word() == word)
    }
}

/// Who holds an office over a time, and how that office is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// The unit the office belongs to.
    pub unit: UnitId,
    /// Which office.
    pub office: Office,
    /// The person's name, when the pack gives one.
    pub person: Option<String>,
    /// How the office is written: `Chủ tịch UBND xã Song Mai`.
    pub title: String,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone number as written in the pack.
    pub phone: Option<String>,
    /// Zalo user id.
    pub zalo_user_id: Option<String>,
    /// When this row holds.
    pub valid: Validity,
}

/// One addressed person or office with all the units answered for: gets one message per round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Stable id made of the offices held (`07201/head`), never of addresses.
    pub id: String,
    /// The units answered for, in code order; never empty.
    pub units: Vec<UnitId>,
    /// How the office is written.
    pub title: String,
    /// The person's name, when known.
    pub person: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// Zalo user id.
    pub zalo_user_id: Option<String>,
}

/// Who speaks in the messages and on what occasion; dated, because departments are renamed and plans end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// `Sở Thông tin và Truyền thông`.
    pub name: String,
    /// Name in an SMS, without diacritics: `So TTTT`.
    pub sms_name: String,
    /// The act that the follow-up rests on: `Thông báo Kết luận số 464/TB-UBND ngày 22/10/2022`.
    pub occasion: String,
    /// When this row holds.
    pub valid: Validity,
}

/// `b***@sct.example`: enough to recognise, not enough to use.
pub fn mask_email(address: &str) -> String {
    let (local, domain) = address.split_once('@').unwrap_or((address, ""));
    let first: String = local.chars().take(1).collect();
    format!("{first}***@{domain}")
}

/// `0900***123`: first four and last three digits.
pub fn mask_phone(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    let head: String = digits.iter().take(4).collect();
    let tail: String = digits.iter().skip(digits.len().saturating_sub(3).max(4)).collect();
    format!("{head}***{tail}")
}
