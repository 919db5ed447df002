//! What a verified ID token says of somebody, as the configuration reads it.

use serde_json::{Map, Value};

use super::Settings;
use crate::people::Role;

/// What the provider gives somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// Nothing: the account keeps its role.
    Nothing,
    /// This role.
    Role(Role),
    /// It tells of roles, and none of them is one here.
    NoRole,
}

/// Somebody whom the provider vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouched {
    /// The provider's name of him, which never changes and is nobody else's (`sub`).
    pub subject: String,
    /// His login name there.
    pub login: String,
    /// How he is called.
    pub name: String,
    /// His role.
    pub given: Given,
}

/// Reads `claims`. Nothing without a login name.
pub(super) fn vouched(claims: &Map<String, Value>, settings: &Settings) -> Option<Vouched> {
    let text = |claim: &str| found(claims, claim)?.as_str().map(str::trim).filter(|text| !text.is_empty());
    let login = text(&settings.login_claim)?.to_owned();
    let name = text("name").unwrap_or(&login).to_owned();
    let subject = claims.get("sub")?.as_str().filter(|subject| !subject.is_empty())?.to_owned();
    Some(Vouched { subject, name, given: given(claims, settings), login })
}

/// Whether `claims` have all that the configuration asks for.
pub(super) fn complete(claims: &Map<String, Value>, settings: &Settings) -> bool {
    let wanted = [Some(&settings.login_claim), settings.role_claim.as_ref()];
    wanted.into_iter().flatten().all(|claim| found(claims, claim).is_some())
}

/// Of several roles the one that stands last in the order of rights.
fn given(claims: &Map<String, Value>, settings: &Settings) -> Given {
    let Some(claim) = &settings.role_claim else { return Given::Nothing };
    let values: Vec<&str> = match found(claims, claim) {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let is_given =
        |role: &Role| settings.roles.iter().any(|(value, known)| known == role && values.contains(&value.as_str()));
    Role::ALL.into_iter().rev().find(is_given).map_or(Given::NoRole, Given::Role)
}

/// The claim of this name, or else the one that its parts between dots lead to (`realm_access.roles`).
fn found<'c>(claims: &'c Map<String, Value>, claim: &str) -> Option<&'c Value> {
    claims.get(claim).or_else(|| {
        let (first, rest) = claim.split_once('.')?;
        found(claims.get(first)?.as_object()?, rest)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn settings(role_claim: Option<&str>) -> Settings {
        Settings {
            issuer: "https://sso.tinh.example".to_owned(),
            client_id: "dondoc".to_owned(),
            client_secret: "of-no-value".into(),
            scopes: Vec::new(),
            login_claim: "preferred_username".to_owned(),
            role_claim: role_claim.map(ToOwned::to_owned),
            roles: vec![("xem".to_owned(), Role::Viewer), ("duyet".to_owned(), Role::Approver)],
            password: true,
            button: None,
            allow_private: false,
            ca_file: None,
            timeout: std::time::Duration::from_secs(1),
        }
    }

    fn read(claims: &Value, settings: &Settings) -> Option<Vouched> {
        vouched(claims.as_object().unwrap(), settings)
    }

    #[test]
    fn the_login_name_and_the_name_are_read_from_their_claims() {
        let settings = settings(None);
        let read = |mut claims: Value| {
            claims["sub"] = json!("7");
            read(&claims, &settings)
        };
        let read = |claims: Value| read(claims).map(|vouched| (vouched.login, vouched.name, vouched.given));
        let both = ("an.nguyen".to_owned(), "Văn thư".to_owned(), Given::Nothing);
        assert_eq!(read(json!({"preferred_username": " an.nguyen ", "name": "Văn thư", "roles": "duyet"})), Some(both));
        let without = ("an.nguyen".to_owned(), "an.nguyen".to_owned(), Given::Nothing);
        assert_eq!(read(json!({"preferred_username": "an.nguyen", "name": ""})), Some(without));
        for none in [json!({}), json!({"preferred_username": ""}), json!({"preferred_username": 7})] {
            assert_eq!(read(none), None);
        }
    }

    #[test]
    fn without_a_subject_nobody_is_vouched_for() {
        for claims in [
            json!({"preferred_username": "an"}),
            json!({"preferred_username": "an", "sub": ""}),
            json!({"preferred_username": "an", "sub": 7}),
        ] {
            assert_eq!(read(&claims, &settings(None)), None, "{claims}");
        }
    }

    #[test]
    fn the_role_is_the_last_of_those_that_the_values_mean() {
        let cases = [
            (json!({"roles": "xem"}), Given::Role(Role::Viewer)),
            (json!({"roles": ["duyet", "xem", "khac"]}), Given::Role(Role::Approver)),
            (json!({"roles": ["khac"]}), Given::NoRole),
            (json!({"roles": []}), Given::NoRole),
            (json!({"roles": true}), Given::NoRole),
            (json!({"roles": ["XEM", "admin"]}), Given::NoRole),
            (json!({}), Given::NoRole),
        ];
        for (mut claims, given) in cases {
            claims["preferred_username"] = json!("an.nguyen");
            claims["sub"] = json!("7");
            assert_eq!(read(&claims, &settings(Some("roles"))).unwrap().given, given, "{claims}");
        }
        let nested = json!({"sub": "7", "preferred_username": "an", "realm_access": {"roles": ["xem"]}});
        assert_eq!(read(&nested, &settings(Some("realm_access.roles"))).unwrap().given, Given::Role(Role::Viewer));
        let dotted = json!({"sub": "7", "preferred_username": "an", "https://tinh.example/roles": ["xem"]});
        let claim = "https://tinh.example/roles";
        assert_eq!(read(&dotted, &settings(Some(claim))).unwrap().given, Given::Role(Role::Viewer));
    }
}
