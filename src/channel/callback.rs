//! What a provider tells by calling us: a hint that is verified by the channel before anything follows from it.

/// A call as it came, at `/callback/<channel>/…`.
#[derive(Debug)]
pub struct Callback<'a> {
    /// What follows the channel's name in the path.
    pub rest: &'a str,
    /// The query, without `?`, still encoded.
    pub query: &'a str,
    /// Header names, in small letters, and values; those that are text.
    pub headers: &'a [(String, String)],
    /// The body, at most 64 KiB.
    pub body: &'a [u8],
}

impl Callback<'_> {
    /// The value of the header `name`, which is in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Why a call counts for nothing. The caller learns no more than a status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// This channel hears no calls, or not at this path.
    #[error("nothing is heard there")]
    NotHere,
    /// It is not proved that the provider calls.
    #[error("{0}")]
    NotGenuine(String),
    /// It could not be stored; the provider may call again.
    #[error("{0}")]
    NotStored(String),
}
