//! What is known of other people's systems, as data: each is a `[[source]]` without a name, in the folder `presets/`.

/// All presets: name and TOML.
pub const ALL: [(&str, &str); 11] = [
    ("bieu-06", include_str!("../../presets/bieu-06.toml")),
    ("dvctt-766", include_str!("../../presets/dvctt-766.toml")),
    ("so-hoa", include_str!("../../presets/so-hoa.toml")),
    ("thanh-toan", include_str!("../../presets/thanh-toan.toml")),
    ("thu-phi", include_str!("../../presets/thu-phi.toml")),
    ("dvcqg-766", include_str!("../../presets/dvcqg-766.toml")),
    ("dvcqg-766-payment", include_str!("../../presets/dvcqg-766-payment.toml")),
    ("dvcqg-766-result", include_str!("../../presets/dvcqg-766-result.toml")),
    ("dvcqg-rest-jsp", include_str!("../../presets/dvcqg-rest-jsp.toml")),
    ("dvcqg-dossiers", include_str!("../../presets/dvcqg-dossiers.toml")),
    ("vnpt-igate", include_str!("../../presets/vnpt-igate.toml")),
];

/// The TOML of a preset.
pub fn text(name: &str) -> Option<&'static str> {
    ALL.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
