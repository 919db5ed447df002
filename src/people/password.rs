//! Passwords: which are taken, and Argon2id over them, two at a time and off the threads that answer requests.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization as _;

use super::error::{NO_DICE, PeopleError, Refusal};
use crate::seal;

/// OWASP's least for Argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Hashes at once: a crowd at the door takes 38 MiB and two cores, and no more.
const AT_ONCE: usize = 2;

const SHORTEST: usize = 12;
const DIFFERENT: usize = 5;
/// Bytes; hashing is not fed more.
const LONGEST: usize = 1024;

/// A hash that no password has, so that an unknown name takes as long as a known one.
static NOBODYS: LazyLock<Option<String>> =
    LazyLock::new(|| hashed(&seal::code(32)?.into()).map_err(|error| tracing::error!(%error, "no hash")).ok());

/// Hashes and checks passwords. Cheap to clone; clones share their turns.
#[derive(Debug, Clone)]
pub struct Hasher {
    turns: Arc<Semaphore>,
    checks: Arc<AtomicU64>,
}

impl Default for Hasher {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)), checks: Arc::default() }
    }
}

impl Hasher {
    /// How many passwords were checked, whether the name was known or not.
    pub fn checks(&self) -> u64 {
        self.checks.load(Ordering::Relaxed)
    }

    /// The hash of `password`, with its parameters and a salt of its own.
    ///
    /// # Errors
    /// [`PeopleError::Machine`].
    pub async fn hash(&self, password: &SecretString) -> Result<String, PeopleError> {
        let password = password.clone();
        self.in_turn(move || hashed(&password)).await?
    }

    /// Whether `password` is the one that `stored` is the hash of; without one it takes as long and is not.
    pub(super) async fn check(&self, stored: Option<&str>, password: &SecretString) -> Result<bool, PeopleError> {
        self.checks.fetch_add(1, Ordering::Relaxed);
        let known = stored.is_some();
        let stored = stored.map(ToOwned::to_owned).or_else(|| NOBODYS.clone()).ok_or(NO_DICE)?;
        let password = password.clone();
        let fits = self
            .in_turn(move || {
                argon2().is_some_and(|argon2| argon2.verify_password(&bytes(&password), stored.as_str()).is_ok())
            })
            .await?;
        Ok(fits && known)
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, PeopleError> {
        const CLOSED: PeopleError = PeopleError::Machine("passwords cannot be hashed while the program stops");
        let _turn = self.turns.acquire().await.map_err(|_| CLOSED)?;
        tokio::task::spawn_blocking(work).await.map_err(|_| CLOSED)
    }
}

/// Whether `password` may be the password of `login`.
///
/// # Errors
/// [`Refusal::PasswordWeak`], [`Refusal::PasswordLong`].
pub fn acceptable(login: &str, password: &SecretString) -> Result<(), Refusal> {
    let text = password.expose_secret();
    if text.len() > LONGEST {
        return Err(Refusal::PasswordLong);
    }
    let mut letters: Vec<char> = text.nfc().collect();
    let length = letters.len();
    letters.sort_unstable();
    letters.dedup();
    let holds_login = login.len() >= 4 && text.to_lowercase().contains(login);
    if length < SHORTEST || letters.len() < DIFFERENT || holds_login { Err(Refusal::PasswordWeak) } else { Ok(()) }
}

/// Whether `password` is longer than what is looked at.
pub(super) fn too_long(password: &SecretString) -> bool {
    password.expose_secret().len() > LONGEST
}

/// A password for somebody who is to choose another at once: 80 bits in four groups.
pub fn generated() -> Option<SecretString> {
    grouped().map(SecretString::from)
}

/// Sixteen letters and digits that nobody guesses, in four groups.
pub(super) fn grouped() -> Option<String> {
    let letters: Vec<char> = seal::code(16)?.chars().collect();
    Some(letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
}

fn argon2() -> Option<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Composed, because Vietnamese typing tools differ in how they write the same letter.
fn bytes(password: &SecretString) -> Vec<u8> {
    password.expose_secret().nfc().collect::<String>().into_bytes()
}

fn hashed(password: &SecretString) -> Result<String, PeopleError> {
    const FAILED: PeopleError = PeopleError::Machine("a password could not be hashed");
    let salt = seal::code(26).ok_or(NO_DICE)?;
    let argon2 = argon2().ok_or(FAILED)?;
    let hash = argon2.hash_password_with_salt(&bytes(password), salt.as_bytes()).map_err(|_| FAILED)?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_long_varied_and_not_the_login_name() {
        for good in ["bốn chữ dễ nhớ", "correct horse 7", "ĐềnghịnộphồSơ"] {
            assert_eq!(acceptable("an.nguyen", &good.into()), Ok(()), "{good}");
        }
        for weak in ["", "ngắn", "aaaaaaaaaaaaaaa", "121212121212", "an.nguyen12345", "AN.NGUYEN-mat-khau"] {
            assert_eq!(acceptable("an.nguyen", &weak.into()), Err(Refusal::PasswordWeak), "{weak}");
        }
        assert_eq!(acceptable("an", &"dài ".repeat(300).into()), Err(Refusal::PasswordLong));
    }

    #[tokio::test]
    async fn a_hash_is_argon2id_salted_and_fits_its_password_however_it_is_composed() {
        let hasher = Hasher::default();
        let (one, other) = (SecretString::from("đề nghị \u{1ed3}"), SecretString::from("đề nghị o\u{302}\u{300}"));
        let hash = hasher.hash(&one).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(hash, hasher.hash(&one).await.unwrap());
        assert!(hasher.check(Some(&hash), &one).await.unwrap());
        assert!(hasher.check(Some(&hash), &other).await.unwrap());
        assert!(!hasher.check(Some(&hash), &"đề nghị ô".into()).await.unwrap());
        assert!(!hasher.check(Some("no hash"), &one).await.unwrap());
        assert!(!hasher.check(None, &one).await.unwrap());
        assert_eq!(hasher.checks(), 5, "an unknown name is checked too");
    }
}
