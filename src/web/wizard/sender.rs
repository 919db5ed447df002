//! Who speaks in the messages, from which day on.

use askama::Template;
use chrono::NaiveDate;

use super::super::catalogue::Tongue;
use super::super::form::Form;
use super::super::page::{Failure, Frame};
use super::{Outcome, Seen, Shell, wrong};
use crate::app::{App, today};
use crate::catalog::{self, Sender, Validity};
use crate::people::{By, Step};

#[derive(Template)]
#[template(path = "wizard_sender.html")]
pub(super) struct SenderStep {
    frame: Frame,
    shell: Shell,
    name: String,
    sms_name: String,
    occasion: String,
    from: String,
    /// Until when somebody spoke, where nobody speaks today.
    ended: Option<String>,
    /// Which addresses mail comes from, as the configuration says.
    addresses: Vec<String>,
}

pub(super) fn page(seen: &Seen<'_>) -> SenderStep {
    let known = seen.found.sender.as_ref().or(seen.found.former_sender.as_ref());
    let typed = !seen.form.text("name").is_empty();
    let field = |name: &str, of: fn(&Sender) -> &str| {
        if typed { seen.form.text(name).to_owned() } else { known.map(of).unwrap_or_default().to_owned() }
    };
    let day = today(seen.app.clock.now());
    let mails = seen.app.config.channels.iter().filter_map(|channel| match &channel.kind {
        crate::channel::Kind::Email(email) => Some(email.from.clone()),
        _ => None,
    });
    SenderStep {
        name: field("name", |sender| &sender.name),
        sms_name: field("sms_name", |sender| &sender.sms_name),
        occasion: field("occasion", |sender| &sender.occasion),
        from: if typed { seen.form.text("from").to_owned() } else { day.to_string() },
        ended: match &seen.found.sender {
            Some(_) => None,
            None => known.and_then(|sender| sender.valid.to).map(|to| to.format("%d/%m/%Y").to_string()),
        },
        addresses: mails.collect(),
        frame: seen.frame(Step::Sender),
        shell: seen.shell(Step::Sender),
    }
}

pub(super) async fn take(app: &App, form: &Form, by: &By, t: Tongue) -> Result<Outcome, Failure> {
    let text = |name: &str| form.text(name).split_whitespace().collect::<Vec<_>>().join(" ");
    let Ok(from) = form.text("from").parse::<NaiveDate>() else {
        return Ok(wrong(t.say("wizard.sender_no_day")));
    };
    let (name, sms_name, occasion) = (text("name"), text("sms_name"), text("occasion"));
    if name.is_empty() || sms_name.is_empty() || occasion.is_empty() {
        return Ok(wrong(t.say("wizard.sender_lacks")));
    }
    if !sms_name.is_ascii() || sms_name.len() > 30 {
        return Ok(wrong(t.say("wizard.sender_sms_form")));
    }
    let mut new = catalog::load(&app.db).await?;
    let sender = Sender { name, sms_name, occasion, valid: Validity { from: Some(from), to: None } };
    new.senders = succeeded(std::mem::take(&mut new.senders), sender);
    let files = new.files();
    let (new, changes) = match app.with_files(&files).await? {
        Ok(checked) => checked,
        Err(error) => {
            let why = error.problems.first().map(|problem| problem.message.clone()).unwrap_or_default();
            return Ok(wrong(t.with("wizard.catalog_refused", t.retold(&why).text)));
        }
    };
    if app.put_pack(&new, &changes, by).await? { Ok(Outcome::On) } else { Ok(wrong(t.say("wizard.meanwhile"))) }
}

/// The senders with `next` from its day on: whoever speaks then ends the day before, whoever would begin later is left out.
fn succeeded(senders: Vec<Sender>, next: Sender) -> Vec<Sender> {
    let Some(from) = next.valid.from else { return senders };
    let before = senders.into_iter().filter(|sender| sender.valid.from.is_none_or(|day| day < from));
    let ended = before.map(|sender| {
        let last = from.pred_opt();
        let to = if sender.valid.to.is_none_or(|to| to >= from) { last } else { sender.valid.to };
        Sender { valid: Validity { to, ..sender.valid }, ..sender }
    });
    ended.chain([next]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sender(name: &str, from: &str, to: Option<&str>) -> Sender {
        let day = |text: &str| text.parse().unwrap();
        let valid = Validity { from: Some(day(from)), to: to.map(day) };
        Sender { name: name.to_owned(), sms_name: "So".to_owned(), occasion: "Thông báo".to_owned(), valid }
    }

    #[test]
    fn whoever_spoke_before_ends_the_day_before_and_history_stays() {
        let known = vec![sender("a", "2021-01-01", Some("2021-12-31")), sender("b", "2022-01-01", None)];
        let both = succeeded(known.clone(), sender("c", "2025-03-01", None));
        let expected =
            vec![known[0].clone(), sender("b", "2022-01-01", Some("2025-02-28")), sender("c", "2025-03-01", None)];
        assert_eq!(both, expected);
        let again = succeeded(both, sender("d", "2025-03-01", None));
        assert_eq!(again.len(), 3, "the same day is a correction: {again:?}");
        assert_eq!(again[2].name, "d");
    }
}
