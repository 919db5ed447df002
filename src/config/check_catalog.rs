//! What configuration and catalog do not say to each other: units nobody receives for, targets that end, measures
//! that no source delivers.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};

use super::Config;
use super::problem::Problem;
use crate::catalog::{Calendar, Catalog, Indicator, Office, Pack, Target, Unit};
use crate::channel::Kind;
use crate::decision::PolicyRule;

/// A target that ends this soon is told of.
const SOON: Days = Days::new(30);
/// How many of many are called by name.
const NAMED: usize = 5;

/// Everything between `config` and `pack` as of `today`.
pub(super) fn check(config: &Config, pack: &Pack, today: NaiveDate) -> Vec<Problem> {
    let catalog = Catalog::of(pack, today, today);
    let mut problems = Vec::new();
    problems.extend(units_without_recipient(&catalog));
    problems.extend(contacts_without_address(pack, &catalog, today));
    problems.extend(unreachable_recipients(config, &catalog));
    problems.extend(unused_channels(config, &catalog));
    problems.extend(missing_focal_points(&catalog));
    problems.extend(missing_sender(pack, &catalog, today));
    let mut ids = BTreeSet::new();
    let once = pack.indicators.iter().filter(|indicator| ids.insert(&indicator.id));
    problems.extend(once.filter_map(|indicator| targets(indicator, &pack.targets, today)));
    problems.extend(missing_calendar(pack, today));
    problems.extend(unmapped_measures(config, pack, today));
    problems.extend(rules_that_fit_nobody(config, &catalog));
    problems
}

/// A misspelt code or indicator makes a rule that never applies.
fn rules_that_fit_nobody(config: &Config, catalog: &Catalog) -> Vec<Problem> {
    let fits = |rule: &PolicyRule, unit: &Unit| {
        let mut indicators = catalog.indicators.iter();
        indicators.any(|indicator| rule.fits.covers(catalog, unit, &indicator.id))
    };
    let idle = config.rules.policy.rules.iter().filter(|rule| !catalog.units.iter().any(|unit| fits(rule, unit)));
    let problem = |rule: &PolicyRule| {
        let message = format!("the rule {:?} of the policy fits no unit and indicator", rule.name);
        let hint = "look at its kinds, levels, codes and indicators; `dondoc report` shows the codes";
        Problem::warning("rule_fits_nobody", message, hint)
    };
    idle.map(problem).collect()
}

/// `3 units …: Xã A (07201), Xã B (07204), Xã C (07207)`, at most [`NAMED`] of them.
fn some(names: &[String]) -> String {
    let shown = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn called(unit: &Unit) -> String {
    format!("{} ({})", unit.name, unit.code)
}

fn many(count: usize, one: &str, several: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {several}") }
}

fn about_units(units: &[String], code: &'static str, what: &str, hint: &str) -> Option<Problem> {
    let message = format!("{} {what}: {}", many(units.len(), "unit", "units"), some(units));
    (!units.is_empty()).then(|| Problem::warning(code, message, hint))
}

fn units_without_recipient(catalog: &Catalog) -> Option<Problem> {
    let alone = catalog.judged_units().filter(|unit| catalog.recipient_of(&unit.id).is_none());
    let names: Vec<String> = alone.map(called).collect();
    let hint = "add a head with an address to contacts.csv; until then these units are judged but not reminded";
    about_units(&names, "unit_without_recipient", "without anybody who receives for them", hint)
}

fn contacts_without_address(pack: &Pack, catalog: &Catalog, today: NaiveDate) -> Option<Problem> {
    let bare = pack.contacts.iter().filter(|contact| {
        let addresses = [&contact.email, &contact.phone, &contact.zalo_user_id];
        contact.valid.covers(today) && addresses.iter().all(|address| address.is_none())
    });
    let name = |contact: &crate::catalog::Contact| {
        let unit = catalog.unit(&contact.unit).map_or_else(|| contact.unit.to_string(), called);
        let office = match contact.office {
            Office::Head => "head",
            Office::Deputy(_) => "deputy",
            Office::FocalPoint => "focal point",
            Office::Bureau => "secretariat",
        };
        format!("{office} of {unit}")
    };
    let names: Vec<String> = bare.map(name).collect();
    let message = format!("{} without any address: {}", many(names.len(), "contact", "contacts"), some(&names));
    let hint = "fill in email or phone in contacts.csv, or end the row with valid_to";
    (!names.is_empty()).then(|| Problem::warning("contact_without_address", message, hint))
}

fn unreachable_recipients(config: &Config, catalog: &Catalog) -> Option<Problem> {
    let beyond = catalog
        .recipients
        .iter()
        .filter(|recipient| !config.channels.iter().any(|channel| channel.address_for(recipient).is_some()));
    let units = beyond.flat_map(|recipient| &recipient.units).filter_map(|unit| catalog.unit(unit));
    let names: Vec<String> = units.map(called).collect();
    let hint = "add the address that a channel needs to contacts.csv, or a [[channel]] that reaches the present one";
    about_units(&names, "unreachable_recipient", "whose head no channel reaches", hint)
}

fn unused_channels(config: &Config, catalog: &Catalog) -> Vec<Problem> {
    let reaches_nobody = |(_, channel): &(usize, &crate::channel::Settings)| {
        !matches!(channel.kind, Kind::Webhook(_))
            && !catalog.recipients.is_empty()
            && !catalog.recipients.iter().any(|recipient| channel.address_for(recipient).is_some())
    };
    let problem = |(at, channel): (usize, &crate::channel::Settings)| {
        let message = format!("channel {:?} reaches nobody: no contact has an address for it", channel.name);
        let hint = "fill in the addresses in contacts.csv, or remove the channel";
        config.located(&format!("channel[{at}]")).of(Problem::warning("channel_unused", message, hint))
    };
    config.channels.iter().enumerate().filter(reaches_nobody).map(problem).collect()
}

fn missing_focal_points(catalog: &Catalog) -> Option<Problem> {
    let without = catalog.judged_units().filter(|unit| catalog.focal_point_for(&unit.id).is_none());
    let names: Vec<String> = without.map(called).collect();
    let hint = "add a focal_point of a unit above them to contacts.csv: messages name the person to call";
    about_units(&names, "no_focal_point", "without a focal point above them", hint)
}

fn missing_sender(pack: &Pack, catalog: &Catalog, today: NaiveDate) -> Option<Problem> {
    let hint = "add a [[sender]] that holds on that day to sender.toml";
    let date = today.format("%d/%m/%Y");
    match (&catalog.sender, pack.senders.is_empty()) {
        (Some(_), _) => None,
        (None, true) => {
            Some(Problem::error("no_sender", "the catalog names no sender: no message can be signed", hint))
        }
        (None, false) => Some(Problem::warning("no_sender", format!("no sender holds on {date}"), hint)),
    }
}

fn targets(indicator: &Indicator, targets: &[Target], today: NaiveDate) -> Option<Problem> {
    let own: Vec<&Target> = targets.iter().filter(|target| target.indicator == indicator.id).collect();
    let hint = "add the row that follows to targets.toml, with its legal basis";
    let current: Vec<&&Target> = own.iter().filter(|target| target.valid.covers(today)).collect();
    let id = &indicator.id;
    if current.is_empty() {
        let ended = own.iter().filter_map(|target| target.valid.to).filter(|to| *to < today).max();
        let message = match ended {
            Some(ended) => {
                format!("indicator `{id}` has no target now: the last one ended on {}", ended.format("%d/%m/%Y"))
            }
            None => format!("indicator `{id}` has no target on {}", today.format("%d/%m/%Y")),
        };
        return Some(Problem::warning(
            "indicator_without_target",
            format!("{message}; nobody is reminded of it"),
            hint,
        ));
    }
    let horizon = today + SOON;
    let goes_on = own.iter().any(|target| target.valid.covers(horizon));
    let ends = current.iter().filter_map(|target| target.valid.to).max()?;
    let message = format!("the target of indicator `{id}` ends on {}", ends.format("%d/%m/%Y"));
    (!goes_on).then(|| Problem::warning("target_expires", message, hint))
}

fn missing_calendar(pack: &Pack, today: NaiveDate) -> Vec<Problem> {
    let problem = |year: i32| {
        let message = format!("the days off of {year} are reckoned, not announced: exchanged working days are unknown");
        let hint = "add the year's announcement to calendar.toml";
        Problem::warning("calendar_missing", message, hint)
    };
    Calendar::of(&pack.calendar).unannounced(today).into_iter().map(problem).collect()
}

fn unmapped_measures(config: &Config, pack: &Pack, today: NaiveDate) -> Vec<Problem> {
    let mapped: BTreeSet<&str> = config
        .sources
        .iter()
        .flat_map(|source| &source.columns.measures)
        .map(|(measure, _)| measure.as_str())
        .collect();
    let problem = |indicator: &Indicator| {
        let needed = indicator.measures().map(crate::catalog::Measure::as_str);
        let absent: BTreeSet<&str> = needed.filter(|measure| !mapped.contains(measure)).collect();
        let names = absent.iter().map(|measure| format!("`{measure}`")).collect::<Vec<_>>().join(", ");
        let message = format!("indicator `{}` needs {names}, which no source maps", indicator.versioned());
        let hint = "add it to [source.columns.measures]: measure = \"header of its column\"";
        let problem = Problem::error("measure_unmapped", message, hint);
        (!absent.is_empty()).then(|| config.located("source[0].columns.measures").of(problem))
    };
    // A definition that no target of today or later names is not judged by.
    let judged = |indicator: &&Indicator| {
        indicator.definition.version.is_empty()
            || pack.targets.iter().any(|target| {
                target.indicator == indicator.id
                    && target.version == indicator.definition.version
                    && target.valid.to.is_none_or(|to| to >= today)
            })
    };
    pack.indicators.iter().filter(judged).filter_map(problem).collect()
}
