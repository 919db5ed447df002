//! Cells of MySQL's binary protocol, each by the type of its column; nothing is guessed.

use serde_json::{Number, Value};
use sqlx::mysql::types::{MySqlTime, MySqlTimeSign};
use sqlx::mysql::{MySql, MySqlRow};
use sqlx::{Row as _, Type, TypeInfo as _, ValueRef as _};

use crate::source::FRACTION;

/// What stands in the cell. A date of nothing but zeros is null.
pub(super) fn cell(row: &MySqlRow, at: usize) -> Result<Value, sqlx::Error> {
    let raw = row.try_get_raw(at)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let info = raw.type_info();
    match info.name() {
        "BIT" => row.try_get_unchecked::<u64, _>(at).map(Value::from),
        "FLOAT" => row.try_get_unchecked::<f32, _>(at).map(|number| fraction(&number.to_string())),
        "DOUBLE" => row.try_get_unchecked::<f64, _>(at).map(|number| fraction(&number.to_string())),
        "DECIMAL" => row.try_get_unchecked::<String, _>(at).map(decimal),
        "DATE" | "DATETIME" | "TIMESTAMP" => row.try_get_unchecked::<&[u8], _>(at).map(instant).map(Value::from),
        "TIME" => row.try_get_unchecked::<MySqlTime, _>(at).map(|time| Value::from(clock_time(time))),
        "JSON" => row.try_get_unchecked::<String, _>(at).map(Value::from),
        // TINYINT(1) is called BOOLEAN here, and holds any small number.
        _ if <u64 as Type<MySql>>::compatible(&info) => row.try_get_unchecked::<u64, _>(at).map(Value::from),
        "BOOLEAN" | "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INT" | "BIGINT" => {
            row.try_get_unchecked::<i64, _>(at).map(Value::from)
        }
        // Bytes are told from text by their collation; what only compares as bytes (utf8mb4_bin) is text.
        _ if <String as Type<MySql>>::compatible(&info) => row.try_get_unchecked::<String, _>(at).map(Value::from),
        _ => Ok(Value::from("(bytes)")),
    }
}

/// A decimal number is a whole one when its column has no decimals: sums are such.
fn decimal(text: String) -> Value {
    if text.contains('.') { fraction(&text) } else { Value::from(text) }
}

/// As a number with a fraction is shown everywhere, so that `1.234` is never taken for thousands.
fn fraction(text: &str) -> Value {
    let number = text.parse().ok().and_then(Number::from_f64);
    number.map_or_else(|| Value::from(format!("{text}{FRACTION}")), Value::Number)
}

/// `08:15:00`; a length of time may have more hours, or be negative.
fn clock_time(time: MySqlTime) -> String {
    let sign = if time.sign() == MySqlTimeSign::Negative { "-" } else { "" };
    format!("{sign}{:02}:{:02}:{:02}", time.hours(), time.minutes(), time.seconds())
}

/// `2022-10-31`, and with an hour `2022-10-31T08:15:00`: length, year, month, day, hour, minute, second, millionths.
fn instant(bytes: &[u8]) -> String {
    match *bytes {
        [_, low, high, month, day] => format!("{:04}-{month:02}-{day:02}", u16::from_le_bytes([low, high])),
        [_, low, high, month, day, hour, minute, second, ..] => {
            let year = u16::from_le_bytes([low, high]);
            format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
        }
        _ => "(no date)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_number_is_a_count_only_without_decimals() {
        assert_eq!(decimal("1234".to_owned()), Value::from("1234"));
        for (text, shown) in [("1234.0", "1234.0"), ("1.234", "1.234"), ("0.25", "0.25"), ("-3.50", "-3.5")] {
            let Value::Number(number) = decimal(text.to_owned()) else { panic!("{text} is a number") };
            assert_eq!(number.to_string(), shown);
        }
        assert_eq!(fraction("inf"), Value::from("inf (a number)"));
    }

    #[test]
    fn a_date_has_no_hour_and_an_instant_has_one() {
        assert_eq!(instant(&[4, 0xe6, 0x07, 10, 31]), "2022-10-31");
        assert_eq!(instant(&[7, 0xe6, 0x07, 10, 31, 8, 15, 0]), "2022-10-31T08:15:00");
        assert_eq!(instant(&[11, 0xe6, 0x07, 1, 2, 23, 59, 59, 1, 0, 0, 0]), "2022-01-02T23:59:59");
        assert_eq!(instant(&[1, 2]), "(no date)");
    }
}
