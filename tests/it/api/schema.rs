//! Whether a JSON value is as its `OpenAPI` schema says: a validator for the keywords that our description uses, strict where
//! the standard is lenient. A property that is not described is a mistake, and so is a keyword that is not known here.

use serde_json::{Map, Value};

/// Keywords that say nothing about whether a value fits.
const WORDS: [&str; 4] = ["description", "example", "examples", "title"];

/// What is wrong with `value`; `document` is the whole description, in which references are looked up.
pub fn problems(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    look(document, schema, value, "$", &mut found);
    found
}

fn look(document: &Value, schema: &Value, value: &Value, place: &str, found: &mut Vec<String>) {
    let Some(schema) = schema.as_object() else {
        found.push(format!("{place}: the schema is no object: {schema}"));
        return;
    };
    for (keyword, asked) in schema {
        let fits = match keyword.as_str() {
            "$ref" => {
                look(document, referred(document, asked), value, place, found);
                true
            }
            "oneOf" => {
                let fitting = |one: &&Value| problems(document, one, value).is_empty();
                asked.as_array().unwrap().iter().filter(fitting).count() == 1
            }
            "type" => is_of(asked, value),
            "format" => has_format(asked.as_str().unwrap(), value),
            "enum" => asked.as_array().unwrap().contains(value),
            "minimum" => value.as_f64().is_none_or(|number| number >= asked.as_f64().unwrap()),
            "maximum" => value.as_f64().is_none_or(|number| number <= asked.as_f64().unwrap()),
            "required" => {
                let has = |name: &Value| value.get(name.as_str().unwrap()).is_some();
                !value.is_object() || asked.as_array().unwrap().iter().all(has)
            }
            "items" => {
                for (at, item) in value.as_array().into_iter().flatten().enumerate() {
                    look(document, asked, item, &format!("{place}[{at}]"), found);
                }
                true
            }
            "properties" | "additionalProperties" | "propertyNames" => true,
            known if WORDS.contains(&known) => true,
            unknown => {
                found.push(format!("{place}: this test does not know the keyword `{unknown}`"));
                true
            }
        };
        if !fits {
            found.push(format!("{place}: {value} does not fit {keyword} {asked}"));
        }
    }
    if let Some(object) = value.as_object() {
        members(document, schema, object, place, found);
    }
}

/// Every member is described, under its name or as any other.
fn members(
    document: &Value,
    schema: &Map<String, Value>,
    object: &Map<String, Value>,
    place: &str,
    found: &mut Vec<String>,
) {
    let (named, other) = (schema.get("properties"), schema.get("additionalProperties"));
    if named.is_none() && other.is_none() {
        return;
    }
    for (name, value) in object {
        match named.and_then(|named| named.get(name)).or(other) {
            Some(schema) if schema.is_object() => look(document, schema, value, &format!("{place}.{name}"), found),
            _ => found.push(format!("{place}.{name} is not described")),
        }
    }
}

fn referred<'d>(document: &'d Value, reference: &Value) -> &'d Value {
    let path = reference.as_str().unwrap().strip_prefix('#').unwrap();
    document.pointer(path).unwrap_or_else(|| panic!("{reference} leads nowhere"))
}

fn is_of(asked: &Value, value: &Value) -> bool {
    if let Some(several) = asked.as_array() {
        return several.iter().any(|one| is_of(one, value));
    }
    match asked.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("a type that this test does not know: {other}"),
    }
}

fn has_format(format: &str, value: &Value) -> bool {
    match (format, value.as_str()) {
        (_, None) => true,
        ("date", Some(text)) => text.parse::<chrono::NaiveDate>().is_ok(),
        ("date-time", Some(text)) => chrono::DateTime::parse_from_rfc3339(text).is_ok(),
        (other, _) => panic!("a format that this test does not know: {other}"),
    }
}

#[test]
fn what_does_not_fit_its_schema_is_found() {
    let document = serde_json::json!({"components": {"schemas": {
        "Unit": {"type": "object", "required": ["code"], "properties": {
            "code": {"type": "string"},
            "since": {"type": ["string", "null"], "format": "date"},
            "above": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Unit"}]},
            "counts": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}},
        }},
    }}});
    let unit = serde_json::json!({"$ref": "#/components/schemas/Unit"});
    let wrong = |value: Value| problems(&document, &unit, &value);
    for good in [
        serde_json::json!({"code": "07201", "since": null, "above": null, "counts": {"sent": 3}}),
        serde_json::json!({"code": "07201", "since": "2022-10-31", "above": {"code": "24"}}),
    ] {
        assert_eq!(wrong(good), Vec::<String>::new());
    }
    for bad in [
        serde_json::json!({"since": null}),
        serde_json::json!({"code": 7201}),
        serde_json::json!({"code": "07201", "name": "Song Mai"}),
        serde_json::json!({"code": "07201", "since": "31/10/2022"}),
        serde_json::json!({"code": "07201", "above": {"name": "x"}}),
        serde_json::json!({"code": "07201", "counts": {"sent": -1}}),
        serde_json::json!([]),
    ] {
        assert!(!wrong(bad.clone()).is_empty(), "{bad}");
    }
}
