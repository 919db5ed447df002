//! The second factor: codes of six digits by time (RFC 6238), and codes on paper for a lost phone.

use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::password::grouped;
use crate::seal;

/// Seconds of a step, as every app has it.
const STEP: i64 = 30;
/// How many steps a phone's clock may be off, each way.
const DRIFT: i64 = 1;
/// Codes on paper.
const RECOVERY_CODES: usize = 8;

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A new secret of 160 bits, in base32 as apps take it. Nothing without randomness.
pub fn secret() -> Option<SecretString> {
    let digest = Sha256::digest(seal::code(32)?);
    let bytes: Vec<u8> = digest.iter().copied().take(20).collect();
    Some(base32(&bytes).into())
}

/// What an app is told, as a link.
pub fn address(login: &str, secret: &SecretString) -> String {
    format!("otpauth://totp/dondoc:{login}?secret={}&issuer=dondoc", secret.expose_secret())
}

/// The step whose code `typed` is, at `now` (seconds since 1970) give or take one step; only steps after `used`.
pub fn step_of(secret: &SecretString, typed: &str, now: i64, used: i64) -> Option<i64> {
    let typed: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let key = unbase32(secret.expose_secret())?;
    let now = now.div_euclid(STEP);
    let fits = |step: &i64| {
        let expected = code(&key, *step).map(|code| format!("{code:06}"));
        expected.is_some_and(|expected| seal::same(expected.as_bytes(), typed.as_bytes()))
    };
    // Every step is looked at, so that the time does not tell which one fits.
    let fitting: Vec<i64> = (now - DRIFT..=now + DRIFT).filter(fits).collect();
    fitting.into_iter().find(|step| *step > used)
}

/// The code of `step` (RFC 4226).
fn code(key: &[u8], step: i64) -> Option<u32> {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).ok()?;
    mac.update(&step.to_be_bytes());
    let bytes = mac.finalize().into_bytes();
    let offset = usize::from(bytes.last()? & 15);
    let four: [u8; 4] = bytes.get(offset..offset + 4)?.try_into().ok()?;
    Some((u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000)
}

/// Codes to write down. Nothing without randomness.
pub fn recovery_codes() -> Option<Vec<String>> {
    (0..RECOVERY_CODES).map(|_| grouped()).collect()
}

/// As they are stored: their hashes.
pub(super) fn recovery_hashes(codes: &[String]) -> String {
    codes.iter().map(|code| recovery_hash(code)).collect::<Vec<_>>().join(" ")
}

/// `stored` without the code that was typed; nothing when it is none of them.
pub(super) fn without_recovery(stored: &str, typed: &str) -> Option<String> {
    let typed = recovery_hash(typed);
    let (used, left): (Vec<&str>, Vec<&str>) =
        stored.split_whitespace().partition(|hash| seal::same(hash.as_bytes(), typed.as_bytes()));
    (!used.is_empty()).then(|| left.join(" "))
}

/// How many are left.
pub(super) fn recovery_left(stored: &str) -> usize {
    stored.split_whitespace().count()
}

fn recovery_hash(code: &str) -> String {
    let letters: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    super::digest("recovery", &letters.to_ascii_uppercase())
}

fn base32(bytes: &[u8]) -> String {
    let bit = |at: usize| bytes.get(at / 8).map_or(0, |byte| usize::from(byte >> (7 - at % 8) & 1));
    let letter = |group: usize| (0..5).fold(0, |value, at| value << 1 | bit(group * 5 + at));
    let letters = (0..(bytes.len() * 8).div_ceil(5)).filter_map(|group| BASE32.get(letter(group)));
    letters.map(|letter| char::from(*letter)).collect()
}

fn unbase32(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut value, mut bits) = (0_u32, 0);
    for letter in text.bytes() {
        let place = BASE32.iter().position(|known| *known == letter)?;
        value = (value << 5 | u32::try_from(place).ok()?) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(value >> bits & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238's appendix B, `12345678901234567890`.
    fn known() -> SecretString {
        base32(b"12345678901234567890").into()
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        assert_eq!(known().expose_secret(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        // Its last six of eight digits.
        let table = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ];
        for (at, code) in table {
            assert_eq!(step_of(&known(), code, at, 0), Some(at / 30), "{at}");
            assert_eq!(step_of(&known(), &format!("{} {}", &code[..3], &code[3..]), at, 0), Some(at / 30));
        }
    }

    #[test]
    fn a_code_is_good_once_and_half_a_minute_around_its_time() {
        let (at, code) = (1_234_567_890, "005924");
        for off in [-30, 0, 30] {
            assert_eq!(step_of(&known(), code, at + off, 0), Some(at / 30), "{off}");
        }
        for off in [-600, -90, 90, 600] {
            assert_eq!(step_of(&known(), code, at + off, 0), None, "{off}");
        }
        assert_eq!(step_of(&known(), code, at, at / 30), None, "used");
        for wrong in ["", "5924", "000000", "00592４"] {
            assert_eq!(step_of(&known(), wrong, at, 0), None, "{wrong}");
        }
    }

    #[test]
    fn a_code_on_paper_is_good_once_however_it_is_typed() {
        let codes = recovery_codes().unwrap();
        let stored = recovery_hashes(&codes);
        assert_eq!(recovery_left(&stored), 8);
        let typed = codes[3].to_lowercase().replace('-', " ");
        let left = without_recovery(&stored, &typed).unwrap();
        assert_eq!(recovery_left(&left), 7);
        assert_eq!(without_recovery(&left, &typed), None);
        assert_eq!(without_recovery(&stored, ""), None);
        assert!(!stored.contains(&codes[0]));
    }

    #[test]
    fn base32_goes_there_and_back() {
        for length in 0..40_u8 {
            let bytes: Vec<u8> = (0..length).map(|n| n.wrapping_mul(37)).collect();
            assert_eq!(unbase32(&base32(&bytes)), Some(bytes));
        }
        assert_eq!(unbase32("1"), None);
        assert_eq!(secret().unwrap().expose_secret().len(), 32);
    }
}
