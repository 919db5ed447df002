//! A `[[channel]]` of kind `sms`.

use super::section::Section;
use super::{address, channel_exchange, channels, value};
use crate::channel::{Esms, Provider, Sms};

/// Where the methods of eSMS are.
const ESMS: &str = "https://rest.esms.vn/MainService.svc/json";

#[derive(Clone, Copy)]
enum Word {
    Esms,
    Http,
}

/// Who carries text messages, and what they cost.
pub(super) fn sms(section: &Section<'_>) -> Option<Sms> {
    channels::known_preset(section);
    let providers = [("esms", Word::Esms), ("http", Word::Http)];
    let provider = section.required("provider", "provider = \"esms\"", |text| value::word(text, &providers));
    let diacritics = section.flag("diacritics", false);
    let price_per_segment = section.number("price_per_segment", 0, 0..=100_000);
    let (max_connections, timeout, allow_private) = channel_exchange::timing(section);
    let provider = match provider? {
        Word::Esms => Provider::Esms(esms(section)?),
        Word::Http => Provider::Http(Box::new(channel_exchange::exchange(section, false)?)),
    };
    Some(Sms { provider, diacritics, price_per_segment, max_connections, timeout, allow_private })
}

fn esms(section: &Section<'_>) -> Option<Esms> {
    let url = section.value("url", ESMS.to_owned(), address::http_url);
    let key = |key, file| {
        let secret = section.secret(key, file);
        if secret.is_none() && !section.has(key) && !section.has(file) {
            section.report_key(
                file,
                "missing_key",
                "is missing",
                &format!("add: {file} = \"…\", the file that holds the key"),
            );
        }
        secret
    };
    let api_key = key("api_key", "api_key_file");
    let secret_key = key("secret_key", "secret_key_file");
    let brandname = section.required("brandname", "brandname = \"SO TTTT BG\"", value::filled);
    let sandbox = section.flag("sandbox", false);
    let callback_token = section.secret("callback_token", "callback_token_file");
    let low_balance = section.number("low_balance", 200_000, 0..=1_000_000_000);
    Some(Esms {
        url,
        api_key: api_key?,
        secret_key: secret_key?,
        brandname: brandname?,
        sandbox,
        callback_token,
        callback_url: None,
        low_balance,
    })
}
