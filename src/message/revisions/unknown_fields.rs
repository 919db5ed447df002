//! Fields that do not exist, also where no sample leads: behind `{% if step > 5 %}` an unknown field would be found by the
//! sixth reminder only.

use std::collections::BTreeSet;

use tera::Value;

use super::used_fields::{Named, used_fields};
use crate::message::job::RenderFailure;
use crate::message::template::{TemplateProblem, Templates};

/// The fields that the template `name` names and no sample has. Of parts nothing is said: they speak of whatever the
/// templates around them have at hand.
pub(super) fn unknown_fields(templates: &Templates, name: &str) -> Vec<TemplateProblem> {
    let source = templates.source(name).unwrap_or_default();
    let jobs = templates.trials().into_iter().filter(|job| job.template == name);
    let samples: Vec<tera::Context> = jobs.filter_map(|job| job.words.fields().ok()).collect();
    if samples.is_empty() || source.contains("macro") {
        return Vec::new();
    }
    let used = used_fields(source);
    let asked = used.iter().filter(|(_, named)| !named.may_be_missing);
    asked
        .filter_map(|(field, named)| Some(failure(name, source, named, &missing(&samples, field)?)))
        .map(|failure| templates.explained(&failure))
        .collect()
}

/// Every field that the template `name` may name, with its way through lists left out: `units.indicators.rate`. Of parts
/// nothing, as in `unknown_fields`.
pub fn known_fields(templates: &Templates, name: &str) -> Vec<String> {
    let mut known = BTreeSet::new();
    for job in templates.trials().into_iter().filter(|job| job.template == name) {
        let Ok(sample) = job.words.fields() else { continue };
        for root in job.words.roots() {
            if let Some(value) = sample.get(&root) {
                collect(&root, value, &mut known);
            }
            known.insert(root);
        }
    }
    known.into_iter().collect()
}

fn collect(path: &str, value: &Value, known: &mut BTreeSet<String>) {
    for (key, below) in elements(value).into_iter().filter_map(Value::as_map).flatten() {
        let path = format!("{path}.{key}");
        collect(&path, below, known);
        known.insert(path);
    }
}

/// A part of a field that no sample has.
struct Missing {
    /// The part.
    part: String,
    /// Parts behind it.
    behind: usize,
    /// Parts that stand beside the place where it was looked for.
    known: Vec<String>,
}

fn missing(samples: &[tera::Context], field: &str) -> Option<Missing> {
    let mut last = None;
    for sample in samples {
        last = Some(missing_in(sample, field)?);
    }
    last
}

fn missing_in(sample: &tera::Context, field: &str) -> Option<Missing> {
    let parts: Vec<&str> = field.split('.').collect();
    let (first, rest) = parts.split_first()?;
    let of = |part: &str, behind: usize, known| Missing { part: part.to_owned(), behind, known };
    let Some(root) = sample.get(first) else { return Some(of(first, rest.len(), Vec::new())) };
    let mut values = vec![root];
    for (at, part) in rest.iter().enumerate() {
        let objects: Vec<&Value> =
            values.iter().flat_map(|value| elements(value)).filter(|value| value.is_map()).collect();
        // An empty list, or nothing at all: it cannot be told what would stand in it.
        if objects.is_empty() {
            return None;
        }
        values = objects.iter().filter_map(|object| object.get_from_path(part)).collect();
        if values.is_empty() {
            let maps = objects.iter().filter_map(|object| object.as_map());
            let mut known: Vec<String> = maps.flat_map(|map| map.keys().map(ToString::to_string)).collect();
            known.sort_unstable();
            known.dedup();
            return Some(of(part, rest.len() - at - 1, known));
        }
    }
    None
}

/// What a list holds, or the value itself.
fn elements(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |list| list.iter().flat_map(elements).collect())
}

/// In the words of the engine, so that it is explained like what the engine finds.
fn failure(name: &str, source: &str, named: &Named, missing: &Missing) -> RenderFailure {
    let behind: usize = named.written.rsplit('.').take(missing.behind + 1).map(|part| part.len() + 1).sum();
    let at = place(source, &named.written) + named.written.len().saturating_sub(behind.saturating_sub(1));
    let before = source.get(..at).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    RenderFailure {
        template: name.to_owned(),
        line: before.matches('\n').count() + 1,
        column: line.chars().count() + 1,
        message: format!("Field `{}` does not exist: {}", missing.part, missing.known.join(", ")),
    }
}

/// Where `written` stands first as a whole, in bytes.
fn place(source: &str, written: &str) -> usize {
    let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    let whole = |at: &usize| {
        let (before, after) = (source.get(..*at), source.get(at + written.len()..));
        let free = |c: Option<char>| !c.is_some_and(goes_on);
        free(before.and_then(|text| text.chars().next_back())) && free(after.and_then(|text| text.chars().next()))
    };
    source.match_indices(written).map(|(at, _)| at).find(whole).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(from: &str, to: &str) -> Vec<String> {
        let mut templates = Templates::built_in();
        let shipped = templates.source("commune_repeat.md").unwrap_or_default().to_owned();
        assert!(shipped.contains(from), "{shipped}");
        templates.overlay("commune_repeat.md", &shipped.replacen(from, to, 1));
        unknown_fields(&templates, "commune_repeat.md").iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_shipped_templates_name_only_fields_that_exist() {
        let shipped = Templates::built_in();
        for name in shipped.names() {
            assert_eq!(unknown_fields(&shipped, name), [], "{name}");
        }
    }

    #[test]
    fn whatever_a_shipped_template_names_is_known() {
        let shipped = Templates::built_in();
        for name in shipped.names() {
            let known = known_fields(&shipped, name);
            assert_eq!(known.is_empty(), name.starts_with('_') || name == "shell.html", "{name}");
            let used = used_fields(shipped.source(name).unwrap());
            let asked = used.iter().filter(|(_, named)| !named.may_be_missing && !known.is_empty());
            let unknown: Vec<&String> = asked.map(|(field, _)| field).filter(|field| !known.contains(field)).collect();
            assert_eq!(unknown, Vec::<&String>::new(), "{name}");
        }
        let reminder = known_fields(&shipped, "commune_first.md");
        for field in ["unit.name", "units.indicators.rate", "largest.missing", "contact.phone", "step"] {
            assert!(reminder.iter().any(|known| known == field), "{field}: {reminder:?}");
        }
    }

    #[test]
    fn a_field_in_a_branch_that_no_sample_takes_is_found_with_its_place() {
        let branch = "{% if step > 5 %}{{ recipient.titel }}{% endif %}\nTrân trọng";
        let found = found("Trân trọng", branch);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found.iter().all(|said| said.contains(":31: Không có trường `titel`. Có phải bạn muốn viết `title`?")),
            "{found:?}"
        );
    }

    #[test]
    fn parts_of_lists_are_looked_for_in_their_elements() {
        let looped = |field: &str| {
            format!("{{% if step > 5 %}}{{% for u in units %}}{{{{ u.{field} }}}}{{% endfor %}}{{% endif %}}Trân trọng")
        };
        assert_eq!(found("Trân trọng", &looped("name")), [""; 0]);
        let wrong = found("Trân trọng", &looped("nam"));
        assert!(
            wrong.iter().all(|said| said.contains("Có phải bạn muốn viết `name`?")) && wrong.len() == 1,
            "{wrong:?}"
        );
    }

    #[test]
    fn what_may_be_missing_and_own_variables_are_let_be() {
        let careful = "{% set x = 1 %}{{ x }}{% if nobody is defined %}x{% endif %}{{ sender.x | default(value=\"\") }}Trân trọng";
        assert_eq!(found("Trân trọng", careful), [""; 0]);
    }
}
