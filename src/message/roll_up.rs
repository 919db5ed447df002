//! What the templates of roll-ups may say: the digest for a superior, the leaders' sheet, the admins' note, the correction of
//! a letter. As in reminders every field is finished text.

use serde::{Deserialize, Serialize};

use super::context::{ContactContext, RecipientContext, SenderContext};
use super::correction::CorrectionContext;

/// The digest of a superior's units, or of the whole province.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestContext {
    /// Who speaks.
    pub sender: SenderContext,
    /// Who is addressed.
    pub recipient: RecipientContext,
    /// Above which the units stand: `UBND huyện Tân Yên`; for the leaders `tỉnh Bắc Giang`.
    pub scope: String,
    /// The same for a subject line.
    pub scope_short: String,
    /// The figures' last day: `31/10/2022`.
    pub as_of: String,
    /// The same without the year: `31/10`.
    pub as_of_short: String,
    /// The figures' first day: `01/01/2022`.
    pub year_from: String,
    /// The code of the figures, to ask about them: `bc56a73d`; empty when unknown.
    pub figures: String,
    /// Last day of the figures that these are compared with: `24/10/2022`; none without earlier figures of the year.
    pub compared_with: Option<String>,
    /// How many units were judged: `24`.
    pub units: String,
    /// How many of them are below a target: `17`.
    pub below: String,
    /// Whether nobody is.
    pub all_met: bool,
    /// One per indicator that somebody was judged on.
    pub indicators: Vec<DigestIndicatorContext>,
    /// Units that were not judged, the first of them.
    pub not_assessed: Vec<NotAssessedContext>,
    /// How many more there are.
    pub not_assessed_left_out: usize,
    /// Promises that were not kept, the oldest of them.
    pub promises: Vec<PromiseContext>,
    /// How many more there are.
    pub promises_left_out: usize,
    /// The person to call, when there is one.
    pub contact: Option<ContactContext>,
}

/// One indicator over the units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestIndicatorContext {
    /// `online_filing`.
    pub id: String,
    /// As the act behind the target names it: `Hồ sơ xử lý trực tuyến`.
    pub name: String,
    /// For narrow places, lower case: `trực tuyến`.
    pub short_name: String,
    /// What is counted: `hồ sơ`.
    pub counted: String,
    /// `50%`; none when the units have different targets.
    pub target: Option<String>,
    /// `chỉ tiêu` for a goal, `yêu cầu` for an order.
    pub demand_word: String,
    /// All units' counts: `1.150/2.480`; none when they cannot be added up.
    pub figure: Option<String>,
    /// `46,37%`.
    pub rate: Option<String>,
    /// Since the figures that these are compared with, in percentage points: `+1,20`.
    pub change: Option<String>,
    /// How many units were judged on it.
    pub assessed: String,
    /// How many are below.
    pub below_count: String,
    /// Whether any is.
    pub any_below: bool,
    /// Those that are below, the largest shortfalls first.
    pub below: Vec<BelowContext>,
    /// How many more are below.
    pub below_left_out: usize,
    /// Names of those that fell below since.
    pub newly_below: Vec<String>,
    /// How many more did.
    pub newly_below_left_out: usize,
    /// Names of those that were below and are on target now.
    pub recovered: Vec<String>,
    /// How many more are.
    pub recovered_left_out: usize,
    /// Those that rose most, the largest rise first.
    pub improved: Vec<ImprovedContext>,
}

/// A unit below target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BelowContext {
    /// Official code.
    pub code: String,
    /// `xã Song Mai`.
    pub name: String,
    /// `214/640`.
    pub figure: String,
    /// `33,44%`; never shown as equal to a target that it misses.
    pub rate: String,
    /// `50%`.
    pub target: String,
    /// How many more are needed.
    pub missing: String,
    /// Whether it fell below since.
    pub newly: bool,
}

/// A unit whose rate rose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImprovedContext {
    /// Official code.
    pub code: String,
    /// `xã Song Mai`.
    pub name: String,
    /// Where it stood: `30,00%`.
    pub before: String,
    /// Where it stands: `33,44%`.
    pub rate: String,
    /// In percentage points: `+3,44`.
    pub change: String,
}

/// A unit that was not judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotAssessedContext {
    /// `xã Song Mai`.
    pub name: String,
    /// On what: `trực tuyến, thanh toán`.
    pub indicators: String,
    /// `quá ít hồ sơ`.
    pub reason: String,
}

/// A promise that was not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromiseContext {
    /// `xã Song Mai`.
    pub name: String,
    /// `trực tuyến`.
    pub indicator: String,
    /// `25/10/2022`.
    pub promised_for: String,
}

/// The admins' daily note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteContext {
    /// Who speaks.
    pub sender: SenderContext,
    /// The day: `31/10/2022`.
    pub as_of: String,
    /// How many things there are.
    pub item_count: usize,
    /// What waits for somebody; never empty.
    pub items: Vec<NoteItemContext>,
}

/// One thing that waits for somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteItemContext {
    /// One line: `2 thư gửi không thành`.
    pub text: String,
    /// The first of what it is about, one line each.
    pub details: Vec<String>,
    /// How many more there are.
    pub left_out: usize,
    /// What to do.
    pub remedy: String,
    /// Whether the note before said the same.
    pub still: bool,
}

/// A roll-up with the template that it is written by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RollUp {
    /// A superior's digest.
    Superior(Box<DigestContext>),
    /// The leaders' sheet.
    Leaders(Box<DigestContext>),
    /// The admins' note.
    Note(Box<NoteContext>),
    /// The correction of a letter.
    Correction(Box<CorrectionContext>),
}

impl RollUp {
    /// File names of the templates.
    pub(super) const TEMPLATES: [&'static str; 4] =
        ["superior_digest.md", "leaders_sheet.md", "admin_note.md", "correction.md"];

    /// The one that this is written by.
    pub(super) const fn template(&self) -> &'static str {
        let [superior, leaders, note, correction] = Self::TEMPLATES;
        match self {
            Self::Superior(_) => superior,
            Self::Leaders(_) => leaders,
            Self::Note(_) => note,
            Self::Correction(_) => correction,
        }
    }
}

impl NoteItemContext {
    /// Marks what the note before, whose text is `earlier`, already said in the same words.
    #[must_use]
    pub fn beside(mut self, earlier: &str) -> Self {
        let lines: Vec<&str> = earlier.lines().map(said).collect();
        let told = |line: &String| lines.contains(&line.trim());
        self.still = told(&self.text) && self.details.iter().all(told);
        self
    }
}

/// The words of a line without its mark.
fn said(line: &str) -> &str {
    let line = line.trim();
    let line = line.strip_prefix("- ").unwrap_or(line);
    line.strip_prefix(STILL).unwrap_or(line).trim()
}

/// In front of what the note before already said.
pub(super) const STILL: &str = "Vẫn còn: ";

#[cfg(test)]
mod tests {
    use super::*;

    fn item(text: &str, details: &[&str]) -> NoteItemContext {
        NoteItemContext {
            text: text.to_owned(),
            details: details.iter().map(|detail| (*detail).to_owned()).collect(),
            left_out: 0,
            remedy: "dondoc release".to_owned(),
            still: false,
        }
    }

    #[test]
    fn only_what_stands_word_for_word_in_the_note_before_is_still_there() {
        let earlier = "Kính gửi\n\n- 2 thư gửi không thành\n  thư A\n- Vẫn còn: 1 đợt đang bị giữ\n  ngày 24/10/2022\n";
        for (text, details, still) in [
            ("2 thư gửi không thành", &["thư A"][..], true),
            ("2 thư gửi không thành", &["thư B"][..], false),
            ("thư gửi không thành", &[][..], false),
            ("1 đợt đang bị giữ", &["ngày 24/10/2022"][..], true),
            ("3 tên đơn vị", &[][..], false),
        ] {
            assert_eq!(item(text, details).beside(earlier).still, still, "{text} {details:?}");
        }
    }
}
