//! What the twin remembers.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use serde_json::{Value, json};

/// How one message goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is refused with this error.
    Code(i32),
    /// The same, with the error as a text.
    CodeAsText(i32),
    /// It is taken, and the answer is 50 MB long.
    Huge,
    /// It is taken, and the connection ends without an answer.
    LostAfterTaking,
    /// It is taken, and the answer is a page.
    Html,
    /// It is taken, and the answer is HTTP 500.
    Http500,
    /// It is taken, and no answer ever comes.
    Silent,
}

/// How one refresh goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefreshFault {
    /// The pair is made, and its answer lost.
    Lost,
    /// The pair is made, and no answer ever comes.
    Silent,
    /// It is refused with this error.
    Refused(i32),
}

/// What the use of a spent refresh token does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnReuse {
    /// It is refused.
    Reject,
    /// The whole grant ends.
    Revoke,
}

/// A message that was taken.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Taken {
    pub(crate) path: String,
    pub(crate) to: String,
    pub(crate) template_id: String,
    pub(crate) data: Value,
    pub(crate) tracking_id: String,
    pub(crate) id: String,
    pub(crate) development: bool,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) generation: u32,
    pub(crate) spent: HashSet<String>,
    pub(crate) on_reuse: OnReuse,
    /// Whether an access token ends with the next pair.
    pub(crate) one_access: bool,
    pub(crate) good_access: HashSet<String>,
    pub(crate) refresh_faults: VecDeque<RefreshFault>,
    pub(crate) refreshes: u32,
    pub(crate) refresh_reused: u32,
    /// Of the next messages to somebody, by phone or user id.
    pub(crate) faults: HashMap<String, VecDeque<Fault>>,
    pub(crate) taken: Vec<Taken>,
    pub(crate) calls: u32,
    /// `-1`, `0` or `1` by message id; 0 where nothing is said.
    pub(crate) statuses: HashMap<String, i64>,
    pub(crate) quota_left: i64,
    /// What is told of free text to a user; eight more where nothing is said, and with a code that it is not told.
    pub(crate) windows: HashMap<String, Result<Value, i32>>,
    /// Calls that carry free text to a user, refused ones too.
    pub(crate) text_calls: u32,
    pub(crate) quality: &'static str,
    pub(crate) templates: BTreeMap<String, Value>,
    /// Whether pages come instead of answers, whatever is asked.
    pub(crate) is_hidden: bool,
    /// What was written to the bot and not fetched yet: chat and text.
    pub(crate) updates: VecDeque<(String, String)>,
    /// What the bot wrote: chat and text.
    pub(crate) written: Vec<(String, String)>,
}

impl State {
    pub(super) fn new() -> Self {
        let parameter = |(name, longest): &(&str, u64)| json!({ "name": name, "require": true, "type": "STRING", "maxLength": longest, "minLength": 1, "acceptNull": false });
        let parameters: Vec<Value> = [
            ("unit", 30),
            ("as_of", 20),
            ("count", 30),
            ("step", 30),
            ("row_1", 90),
            ("row_2", 90),
            ("row_3", 90),
            ("row_4", 90),
            ("contact", 50),
        ]
        .iter()
        .map(parameter)
        .collect();
        let template = json!({ "templateId": 300_001, "status": "ENABLE", "templateQuality": "HIGH", "price_sdt": "300", "price_uid": "200", "listParams": parameters });
        Self {
            access: "ZALO-AT-1".to_owned(),
            refresh: "ZALO-RT-1".to_owned(),
            generation: 1,
            spent: HashSet::new(),
            on_reuse: OnReuse::Revoke,
            one_access: false,
            good_access: HashSet::from(["ZALO-AT-1".to_owned()]),
            refresh_faults: VecDeque::new(),
            refreshes: 0,
            refresh_reused: 0,
            faults: HashMap::new(),
            taken: Vec::new(),
            calls: 0,
            statuses: HashMap::new(),
            quota_left: 500,
            windows: HashMap::new(),
            text_calls: 0,
            quality: "HIGH",
            templates: BTreeMap::from([(super::TEMPLATE.to_owned(), template)]),
            is_hidden: false,
            updates: VecDeque::new(),
            written: Vec::new(),
        }
    }

    /// The next message to `to` goes wrong in this way.
    pub(crate) fn fail(&mut self, to: &str, fault: Fault) {
        self.faults.entry(to.to_owned()).or_default().push_back(fault);
    }

    /// Every access token ends at once, as if a day had passed.
    pub(crate) fn end_access(&mut self) {
        self.good_access.clear();
    }

    /// A person consents anew: there is another pair.
    pub(crate) fn consent(&mut self) {
        self.generation += 1;
        self.access = format!("ZALO-AT-{}", self.generation);
        self.refresh = format!("ZALO-RT-{}", self.generation);
        self.good_access.insert(self.access.clone());
    }

    /// The messages that somebody got twice.
    pub(crate) fn sent_twice(&self) -> Vec<&Taken> {
        let mut seen = HashSet::new();
        self.taken.iter().filter(|taken| !seen.insert((&taken.to, taken.data.to_string()))).collect()
    }
}
