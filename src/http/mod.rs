//! The one way out by HTTP: no redirects, no proxy from the environment, limits on time and size, and a guard that
//! keeps addresses typed by people from reaching this machine or its network.

mod guard;

use std::error::Error as _;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::HeaderMap;

use guard::{NOT_PUBLIC, PublicOnly, is_public};

/// Sends requests. Cheap to clone; clones share their connections.
#[derive(Debug, Clone)]
pub struct Http {
    guarded: reqwest::Client,
    open: reqwest::Client,
}

/// One request.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// `http://…` or `https://…`, without user name or password.
    pub url: &'a str,
    /// The body to POST; without one the request is a GET.
    pub body: Option<Vec<u8>>,
    /// Header names and values.
    pub headers: &'a [(&'a str, &'a str)],
    /// Time for the whole exchange, the answer's body included.
    pub timeout: Duration,
    /// Bytes of the answer's body that are read at most.
    pub max_bytes: usize,
    /// Whether a private or loopback address may be reached.
    pub allow_private: bool,
}

/// What the peer answered.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The body, decompressed, at most as long as the request allowed.
    pub body: Vec<u8>,
    /// How the reading of the body ended.
    pub end: End,
    headers: HeaderMap,
}

/// How the reading of an answer's body ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// With its last byte; length and checksum are right, where the answer has them.
    Whole,
    /// At the limit of the request: there is more.
    CutAtLimit,
    /// Before its end, with the reason.
    Broken(String),
}

impl Answer {
    /// A header's value, when it is there and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Why there is no answer. The text names the host, never the rest of the address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// The address or a header cannot be used; nothing was sent.
    #[error("{0}")]
    Refused(String),
    /// No connection came about; nothing was sent.
    #[error("{0}")]
    Unreachable(String),
    /// The request may have arrived, but no answer came.
    #[error("{0}")]
    Unanswered(String),
}

impl Http {
    /// A client that gives up on connecting after `connect_timeout`.
    ///
    /// # Errors
    /// When the machine's trusted certificates cannot be loaded.
    pub fn new(connect_timeout: Duration) -> Result<Self, HttpError> {
        Self::trusting(connect_timeout, None)
    }

    /// The same, trusting also the authorities in the PEM file `ca_file`.
    ///
    /// # Errors
    /// When the certificates cannot be loaded; the text names the file.
    pub fn trusting(connect_timeout: Duration, ca_file: Option<&Path>) -> Result<Self, HttpError> {
        let authorities = ca_file.map_or_else(|| Ok(Vec::new()), authorities)?;
        // Already installed is as good: there is one provider in the program.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = || {
            reqwest::Client::builder()
                .user_agent(concat!("dondoc/", env!("CARGO_PKG_VERSION")))
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .connect_timeout(connect_timeout)
                .pool_idle_timeout(Duration::from_secs(30))
                .tls_certs_merge(authorities.clone())
        };
        let built = |builder: reqwest::ClientBuilder| {
            builder.build().map_err(|error| HttpError::Refused(format!("HTTP client: {}", root(&error))))
        };
        Ok(Self { guarded: built(client().dns_resolver(PublicOnly))?, open: built(client())? })
    }

    /// Whether requests to `url` can be sent at all, as far as that shows without the network.
    ///
    /// # Errors
    /// [`HttpError::Refused`] with the reason.
    pub fn check(url: &str, allow_private: bool) -> Result<(), HttpError> {
        checked(url, allow_private).map(drop)
    }

    /// Sends one request and reads the answer.
    ///
    /// # Errors
    /// [`HttpError`]; a status code is never an error here.
    pub async fn send(&self, request: Request<'_>) -> Result<Answer, HttpError> {
        let url = checked(request.url, request.allow_private)?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let client = if request.allow_private { &self.open } else { &self.guarded };
        let mut call = match request.body {
            Some(body) => client.post(url).body(body),
            None => client.get(url),
        };
        for (name, value) in request.headers {
            call = call.header(*name, *value);
        }
        let call = call.timeout(request.timeout).send().await;
        let response = call.map_err(|error| classified(&host, error))?;
        Ok(read(&host, response, request.max_bytes).await)
    }

    /// Finds out whether the host of `url` accepts connections, without sending a request.
    ///
    /// # Errors
    /// [`HttpError::Refused`] or [`HttpError::Unreachable`].
    pub async fn reach(url: &str, timeout: Duration, allow_private: bool) -> Result<SocketAddr, HttpError> {
        let url = checked(url, allow_private)?;
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let port = url.port_or_known_default().unwrap_or(80);
        let unreachable = |what: String| HttpError::Unreachable(format!("{host}: {what}"));
        let connecting = async {
            let found = tokio::net::lookup_host((host.as_str(), port)).await?;
            let usable: Vec<SocketAddr> = found.filter(|at| allow_private || is_public(at.ip())).collect();
            if usable.is_empty() {
                return Err(std::io::Error::other(NOT_PUBLIC));
            }
            tokio::net::TcpStream::connect(usable.as_slice()).await?.peer_addr()
        };
        match tokio::time::timeout(timeout, connecting).await {
            Ok(reached) => reached.map_err(|error| unreachable(error.to_string())),
            Err(_) => Err(unreachable("no connection in time".to_owned())),
        }
    }
}

/// `text` as a query or a form carries it: everything but letters, digits and `-._~` percent-encoded.
pub fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

/// The certificates of a PEM file.
fn authorities(path: &Path) -> Result<Vec<reqwest::Certificate>, HttpError> {
    let refused = |what: String| HttpError::Refused(format!("`ca_file` {}: {what}", path.display()));
    let pem = std::fs::read(path).map_err(|error| refused(error.to_string()))?;
    let found = reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| refused(root(&error)))?;
    if found.is_empty() { Err(refused("holds no certificate".to_owned())) } else { Ok(found) }
}

async fn read(host: &str, mut response: reqwest::Response, max_bytes: usize) -> Answer {
    let (status, headers) = (response.status().as_u16(), std::mem::take(response.headers_mut()));
    let mut body = Vec::new();
    let end = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                let room = max_bytes.saturating_sub(body.len());
                body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
                if chunk.len() > room {
                    break End::CutAtLimit;
                }
            }
            Ok(None) => break End::Whole,
            Err(error) => break End::Broken(reason(host, &error.without_url())),
        }
    };
    Answer { status, body, end, headers }
}

/// The address, parsed, or why it may not be called.
fn checked(url: &str, allow_private: bool) -> Result<Url, HttpError> {
    let refused = |what: &str| HttpError::Refused(what.to_owned());
    let url = Url::parse(url).map_err(|_| refused("the address is not a URL"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refused("the address is neither http:// nor https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("the address carries a user name or password; give a secret or a header instead"));
    }
    let host = url.host_str().unwrap_or_default();
    // The resolver is never asked about a literal address, so it is judged here.
    if let Ok(literal) = host.trim_matches(['[', ']']).parse::<IpAddr>()
        && !allow_private
        && !is_public(literal)
    {
        return Err(HttpError::Refused(format!("{host} {NOT_PUBLIC}")));
    }
    Ok(url)
}

fn reason(host: &str, error: &reqwest::Error) -> String {
    if error.is_timeout() { format!("{host}: no answer in time") } else { format!("{host}: {}", root(error)) }
}

fn classified(host: &str, error: reqwest::Error) -> HttpError {
    let error = error.without_url();
    let reason = reason(host, &error);
    if error.is_builder() {
        HttpError::Refused(reason)
    } else if error.is_connect() {
        HttpError::Unreachable(reason)
    } else {
        HttpError::Unanswered(reason)
    }
}

/// The innermost cause: the sentence that says what happened.
fn root(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    let mut text = error.to_string();
    while let Some(inner) = cause {
        text = inner.to_string();
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_not_plain_http_to_a_public_host_is_refused() {
        for url in [
            "http://169.254.169.254/latest/meta-data",
            "http://127.0.0.1:5432",
            "http://[::1]/",
            "http://0x7f.1/",
            "http://2130706433/",
            "file:///etc/passwd",
            "gopher://host.example/",
            "https://user:word@host.example/",
            "host.example",
            "http://[::ffff:127.0.0.1]/",
        ] {
            let refusal = checked(url, false);
            assert!(matches!(refusal, Err(HttpError::Refused(_))), "{url}: {refusal:?}");
        }
        assert!(checked("https://host.example/hook?key=word", false).is_ok());
        assert!(checked("http://127.0.0.1:8080/hook", true).is_ok());
    }

    #[test]
    fn a_query_carries_every_letter() {
        assert_eq!(encoded("a b+&=/ạ-._~"), "a%20b%2B%26%3D%2F%E1%BA%A1-._~");
    }

    #[test]
    fn a_refusal_repeats_neither_the_query_nor_the_password() {
        for url in ["https://user:word@host.example/?key=word", "http://127.0.0.1/?key=word"] {
            let refusal = checked(url, false).unwrap_err().to_string();
            assert!(!refusal.contains("word") || refusal.contains("password"), "{refusal}");
            assert!(!refusal.contains("key="), "{refusal}");
        }
    }

    #[tokio::test]
    async fn a_name_that_resolves_to_this_machine_is_refused_by_the_resolver() {
        let http = Http::new(Duration::from_secs(2)).unwrap();
        let request = Request {
            url: "http://localhost:9/",
            body: None,
            headers: &[],
            timeout: Duration::from_secs(4),
            max_bytes: 1000,
            allow_private: false,
        };
        let refusal = http.send(request).await.unwrap_err();
        assert!(matches!(refusal, HttpError::Unreachable(_)), "{refusal:?}");
        assert!(refusal.to_string().contains("private or local address"), "{refusal}");
    }
}
