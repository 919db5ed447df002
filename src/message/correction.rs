//! What the template of a correction may say: what an earlier letter said and what is true. Every field is finished text.

use serde::{Deserialize, Serialize};

use super::context::{ContactContext, RecipientContext, SenderContext};

/// The correction of a letter whose figures were restated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectionContext {
    /// Who speaks.
    pub sender: SenderContext,
    /// Who is addressed.
    pub recipient: RecipientContext,
    /// When the letter left: `01/11/2022`.
    pub letter_on: String,
    /// Last day of the figures in it: `31/10/2022`.
    pub as_of: String,
    /// The same without the year: `31/10`.
    pub as_of_short: String,
    /// The code of the right figures, to ask about them: `bc56a73d`; empty when unknown.
    pub figures: String,
    /// About whom, for narrow places: `UBND xã Song Mai`, `2 đơn vị`.
    pub who: String,
    /// The units whose figures were wrong; never empty.
    pub units: Vec<CorrectedUnitContext>,
    /// The person to call, when there is one.
    pub contact: Option<ContactContext>,
}

/// A unit and its figures that were wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectedUnitContext {
    /// Official code: `07201`.
    pub code: String,
    /// `Xã Song Mai`.
    pub name: String,
    /// `UBND xã Song Mai`.
    pub authority: String,
    /// The same for narrow places: `Sở TT&TT`.
    pub short: String,
    /// The figures; never empty.
    pub figures: Vec<CorrectedFigureContext>,
}

/// One figure as the letter had it and as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectedFigureContext {
    /// `online_filing`.
    pub id: String,
    /// As the act behind the target names it: `Hồ sơ xử lý trực tuyến`.
    pub name: String,
    /// For narrow places, lower case: `trực tuyến`.
    pub short_name: String,
    /// What is counted: `hồ sơ`.
    pub counted: String,
    /// `chỉ tiêu` for a goal, `yêu cầu` for an order.
    pub demand_word: String,
    /// `50%`.
    pub target: String,
    /// What the letter said: `214/640`.
    pub said: String,
    /// `33,44%`.
    pub said_rate: String,
    /// How many more the letter said were needed: `106`.
    pub said_missing: String,
    /// What is true: `414/640`; none without figures.
    pub now: Option<String>,
    /// `64,69%`; none without figures.
    pub rate: Option<String>,
    /// How many more are needed; none when the unit is not below target, or cannot be judged.
    pub missing: Option<String>,
    /// Whether the unit is on target; neither this nor `missing` means that it cannot be judged.
    pub met: bool,
}
