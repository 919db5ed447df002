//! The words that parameters take, as the description lists them: from where they are defined, so that none is forgotten.

use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{RefOr, schema};
use utoipa::{PartialSchema, ToSchema};

use crate::catalog::Kind;
use crate::outbox::{Standing, State};

fn words(words: impl IntoIterator<Item = &'static str>) -> RefOr<Schema> {
    let words = ObjectBuilder::new().schema_type(schema::SchemaType::Type(Type::String)).enum_values(Some(words));
    RefOr::T(Schema::Object(words.build()))
}

/// What kind of body a unit is.
pub(in crate::web) struct KindWord;

impl PartialSchema for KindWord {
    fn schema() -> RefOr<Schema> {
        words(Kind::ALL.map(Kind::word))
    }
}

impl ToSchema for KindWord {}

/// Where messages stand.
pub(in crate::web) struct StandingWord;

impl PartialSchema for StandingWord {
    fn schema() -> RefOr<Schema> {
        let states = State::ALL.map(State::word);
        words([Standing::All, Standing::Problems, Standing::Returned].map(Standing::word).into_iter().chain(states))
    }
}

impl ToSchema for StandingWord {}

/// How the feed is written.
pub(in crate::web) struct FormatWord;

impl PartialSchema for FormatWord {
    fn schema() -> RefOr<Schema> {
        words(["json", "csv"])
    }
}

impl ToSchema for FormatWord {}
