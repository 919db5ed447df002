//! Reads the causes of an indicator: `[[indicator.cause]]`.

use std::collections::HashMap;

use super::condition::Condition;
use super::indicator::{Cause, Definition, KNOWN_MEASURES, Measure, WhatIf};
use super::read_definitions::refuse_second;
use super::read_toml::Fields;

/// The causes of an indicator that is made of the measures `made_of` and those of its `definition`.
pub(super) fn read_causes(
    fields: &mut Fields<'_, '_>,
    definition: &Definition,
    made_of: [Option<&str>; 2],
) -> Vec<Cause> {
    let declared = definition.also.iter().chain(&definition.measures).map(Measure::as_str);
    let mut known: Vec<&str> = made_of.into_iter().flatten().chain(declared).chain(KNOWN_MEASURES).collect();
    known.sort_unstable();
    known.dedup();
    let mut lines: HashMap<String, u64> = HashMap::new();
    let mut always: Option<String> = None;
    fields.items("cause", &mut |fields| {
        let id = fields.name("id");
        refuse_second(fields, id.as_deref(), &mut lines);
        if let Some(before) = &always {
            let message =
                format!("this cause is never reached: `{before}` above it has no condition and always matches");
            fields.wrong("id", message, "move the cause without `when` to the end");
        }
        let has_condition = fields.has("when");
        let when = read_condition(fields, &known);
        let (text, action, role) = (fields.text("text"), fields.text("action"), fields.text("role"));
        let what_if = fields.table("what_if", &mut |fields| read_what_if(fields, &known));
        let id = id.unwrap_or_default();
        if !has_condition && always.is_none() {
            always = Some(id.clone());
        }
        Some(Cause {
            id,
            when,
            text: text.unwrap_or_default(),
            action: action.unwrap_or_default(),
            role: role.unwrap_or_default(),
            what_if,
        })
    })
}

fn read_condition(fields: &mut Fields<'_, '_>, known: &[&str]) -> Option<Condition> {
    if fields.has_table("when") {
        let hint = fields.table("when", &mut |fields| {
            let (measure, of) = (fields.optional_name("measure"), fields.optional_name("of"));
            let percent =
                if fields.has("at_least_percent") { fields.number("at_least_percent", &(0..=u64::MAX)) } else { None };
            Some(match (measure, of, percent) {
                (Some(measure), Some(of), Some(percent)) => {
                    format!("write when = \"{of} > 0 && {measure} * 100 >= {of} * {percent}\"")
                }
                _ => "write when = \"paid_cashless_other * 5 >= fee_transactions\" and its like".to_owned(),
            })
        });
        fields.wrong("when", "`when` is a condition in CEL, not a table", hint.unwrap_or_default());
        return None;
    }
    let text = fields.optional_text("when")?;
    match Condition::new(&text, known) {
        Ok(condition) => Some(condition),
        Err(error) => {
            let at = fields.offset_within("when", &text, error.at);
            fields.wrong_at(at, format!("when: {}", error.message), error.hint);
            None
        }
    }
}

fn read_what_if(fields: &mut Fields<'_, '_>, known: &[&str]) -> Option<WhatIf> {
    let (count, name) = (fields.names("count"), fields.text("name"));
    if count.is_empty() {
        fields.wrong("count", "`count` names no measure", "write count = [\"paid_cashless_other\"] and its like");
    }
    for measure in count.iter().filter(|measure| !known.contains(&measure.as_str())) {
        let near = super::finding::one_of(measure, known);
        let hint = format!("{near}. Another measure is declared on the indicator: measures = [\"{measure}\"]");
        fields.wrong("count", format!("unknown measure `{measure}`"), hint);
    }
    Some(WhatIf { count: count.iter().map(|measure| Measure::new(measure)).collect(), name: name? })
}
