//! What a template may say: every field is finished text, so that nobody can format a figure wrongly.
//!
//! Four further fields are derived where the template is rendered: `unit` (the first of `units`), `indicators` (those
//! of all units in one list), `indicator_count` and `largest` (all figures, each with the short name of its `unit`, the
//! largest shortfall first); the SMS line also has `sms_units` and `sms_left_out`.

use serde::{Deserialize, Serialize};

/// Everything that one message is made of. Holds only what its recipient may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// Who speaks.
    pub sender: SenderContext,
    /// Who is addressed.
    pub recipient: RecipientContext,
    /// The figures' last day: `31/10/2022`.
    pub as_of: String,
    /// The same without the year: `31/10`.
    pub as_of_short: String,
    /// The code of the figures, to ask about them: `bc56a73d`; empty when unknown.
    pub figures: String,
    /// The figures' first day: `01/01/2022`.
    pub year_from: String,
    /// The how-manieth reminder, from 1.
    pub step: u32,
    /// Date of the reminder before this one: `24/10/2022`.
    pub previous: Option<String>,
    /// The units below target that the recipient answers for; never empty.
    pub units: Vec<UnitContext>,
    /// What has to be done, each sentence once, in the order of the indicators.
    pub actions: Vec<String>,
    /// The same with who is responsible.
    pub assignments: Vec<AssignmentContext>,
    /// Why the figures are low, each sentence once, in the order of the indicators.
    pub causes: Vec<String>,
    /// Names of figures that are on target again since the last reminder.
    pub recovered: Vec<String>,
    /// The acts that the targets rest on, each once.
    pub bases: Vec<BasisContext>,
    /// The person to call, when there is one.
    pub contact: Option<ContactContext>,
    /// Where the recipient can answer without an account, when that is set up.
    pub link: Option<String>,
}

/// What has to be done by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignmentContext {
    /// One sentence in the imperative.
    pub action: String,
    /// `Bộ phận một cửa`; empty when nobody is named.
    pub role: String,
    /// Whether the roles still fit into a letter that is read at a glance and are news to its reader: all or none.
    pub role_fits: bool,
}

/// Who speaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SenderContext {
    /// `Sở Thông tin và Truyền thông`.
    pub name: String,
    /// `So TTTT`.
    pub sms_name: String,
    /// The act that the follow-up rests on: `Thông báo Kết luận số 464/TB-UBND ngày 22/10/2022`.
    pub occasion: String,
    /// Whether it still fits into a letter that is read at a glance.
    pub occasion_fits: bool,
}

/// Who is addressed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipientContext {
    /// `Chủ tịch UBND xã Song Mai`.
    pub title: String,
    /// The person's name, when known.
    pub person: Option<String>,
}

/// One unit and its figures below target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitContext {
    /// Official code: `07201`.
    pub code: String,
    /// `Xã Song Mai`.
    pub name: String,
    /// `UBND xã Song Mai`.
    pub authority: String,
    /// The same for narrow places: `Sở TT&TT`.
    pub short: String,
    /// A commune's district without its kind word: `Yên Thế`. Tells apart units that are called alike.
    pub district: Option<String>,
    /// Its figures below target; never empty.
    pub indicators: Vec<IndicatorContext>,
}

/// One figure below target.
#[expect(clippy::struct_excessive_bools, reason = "a template asks for each by its name")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndicatorContext {
    /// `online_filing`.
    pub id: String,
    /// As the act behind the target names it: `Hồ sơ xử lý trực tuyến`.
    pub name: String,
    /// For narrow places, lower case: `trực tuyến`.
    pub short_name: String,
    /// What is counted: `hồ sơ`.
    pub counted: String,
    /// Count on top: `1.150`.
    pub numerator: String,
    /// Count below: `2.480`.
    pub denominator: String,
    /// `46,37%`; never shown as equal to a target that it misses.
    pub rate: String,
    /// `50%`; of a pro-rated target what is demanded by now: `70,83%`.
    pub target: String,
    /// `đến tháng 10, cả năm 85%`; none where the whole value is demanded.
    pub pro_rated: Option<String>,
    /// `chỉ tiêu` for a goal, `yêu cầu` for an order.
    pub demand_word: String,
    /// How many more are needed: `106`.
    pub missing: String,
    /// The same as a number, for comparing.
    pub missing_number: u64,
    /// Number of its act in `bases`; none for an order.
    pub footnote: Option<usize>,
    /// Why the figure is low, one sentence, when a rule applies.
    pub cause: Option<String>,
    /// What has to be done, one sentence, when a rule applies.
    pub action: Option<String>,
    /// Who is responsible for the action: `Bộ phận một cửa`.
    pub role: Option<String>,
    /// What the rate would be, had what the cause leaves out counted, one sentence, when that is known.
    pub what_if: Option<String>,
    /// Whether that sentence still fits; it comes in before anything else that is optional.
    pub what_if_fits: bool,
    /// How the last months lie to the whole: `tăng`, `giảm`, `không đổi`.
    pub trend: Option<String>,
    /// Whether one dossier more would reach the target: the figure says little.
    pub turns_on_one: bool,
    /// Whether the sentence about that still fits.
    pub turns_on_one_fits: bool,
    /// Whether the year's target is out of reach.
    pub out_of_reach: bool,
    /// One sentence on whether and how the year's target can still be reached; none where old dossiers can be repaired.
    pub reach: Option<String>,
    /// Whether the cause still fits into a letter that is read at a glance; the largest shortfalls come first.
    pub cause_fits: bool,
    /// Whether the sentence on the year's target still fits.
    pub reach_fits: bool,
    /// One sentence on the best rate that is still possible, when the year's target is out of reach.
    pub interim: Option<String>,
    /// Whether that sentence still fits.
    pub interim_fits: bool,
    /// Rates of the last months, oldest first; empty for services counted over the year.
    pub months: Vec<MonthContext>,
    /// The services that weigh most, heaviest first.
    pub services: Vec<ServiceContext>,
    /// Place among all figures of the message, 0 for the largest shortfall: decides what an SMS leaves out.
    pub rank: usize,
}

/// A month's rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthContext {
    /// `tháng 10`.
    pub label: String,
    /// `35,21%`.
    pub rate: String,
}

/// A service that weighs much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceContext {
    /// Its code in the source.
    pub code: String,
    /// How many of its dossiers fall short.
    pub missing: String,
}

/// An act that targets rest on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BasisContext {
    /// Its footnote number, from 1.
    pub number: usize,
    /// `Kế hoạch số 1780/KH-BCĐCĐS ngày 25/4/2022`.
    pub text: String,
}

/// The person to call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactContext {
    /// The person's name, when known.
    pub person: Option<String>,
    /// `Phó Giám đốc Trung tâm CNTT&TT`.
    pub title: String,
    /// Whether the title still fits; where no person is named it stands in any case.
    pub title_fits: bool,
    /// As it is written.
    pub phone: Option<String>,
    /// The same as a dialler takes it.
    pub phone_dial: Option<String>,
}

/// A figure beside the name of its unit.
#[derive(Debug, Serialize)]
pub(super) struct OneFigure<'a> {
    unit: &'a str,
    #[serde(flatten)]
    figure: &'a IndicatorContext,
}

impl Context {
    /// How many figures are below target.
    pub fn indicator_count(&self) -> usize {
        self.units.iter().map(|unit| unit.indicators.len()).sum()
    }

    /// All figures with their unit's short name, the largest shortfall first.
    pub(super) fn by_shortfall(&self) -> Vec<OneFigure<'_>> {
        let mut figures = Vec::with_capacity(self.indicator_count());
        for unit in &self.units {
            figures.extend(unit.indicators.iter().map(|figure| OneFigure { unit: &unit.short, figure }));
        }
        figures.sort_by_key(|one| one.figure.rank);
        figures
    }

    /// The units with their `kept` largest shortfalls, and how many figures that leaves out.
    pub(super) fn largest(&self, kept: usize) -> (Vec<UnitContext>, usize) {
        let mut units = self.units.clone();
        for unit in &mut units {
            unit.indicators.retain(|indicator| indicator.rank < kept);
        }
        units.retain(|unit| !unit.indicators.is_empty());
        (units, self.indicator_count().saturating_sub(kept))
    }
}
