//! What is known of other people's systems, as data: each is a `[[source]]` without a name, in the folder `presets/`.

/// All presets: name and TOML.
pub const ALL: [(&str, &str); 5] = [
    ("dvcqg-766", include_str!("../../presets/dvcqg-766.toml")),
    ("dvcqg-766-payment", include_str!("../../presets/dvcqg-766-payment.toml")),
    ("dvcqg-766-result", include_str!("../../presets/dvcqg-766-result.toml")),
    ("dvcqg-rest-jsp", include_str!("../../presets/dvcqg-rest-jsp.toml")),
    ("vnpt-igate", include_str!("../../presets/vnpt-igate.toml")),
];

/// The TOML of a preset.
pub fn text(name: &str) -> Option<&'static str> {
    ALL.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
