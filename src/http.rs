//! The one way out by HTTP: no redirects, no proxy from the environment, limits on time and size, and a guard that
//! keeps addresses typed by people from reaching this machine or its network.

use std::error::Error as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::HeaderMap;

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
    /// The body, at most as long as the request allowed.
    pub body: Vec<u8>,
    /// Whether the body was read to its end: not cut at the limit, not broken off.
    pub complete: bool,
    headers: HeaderMap,
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
        // Already installed is as good: there is one provider in the program.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = || {
            reqwest::Client::builder()
                .user_agent(concat!("dondoc/", env!("CARGO_PKG_VERSION")))
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .connect_timeout(connect_timeout)
                .pool_idle_timeout(Duration::from_secs(30))
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
        Ok(read(response, request.max_bytes).await)
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

const NOT_PUBLIC: &str = "leads to a private or local address, which the configuration does not allow";

async fn read(mut response: reqwest::Response, max_bytes: usize) -> Answer {
    let (status, headers) = (response.status().as_u16(), std::mem::take(response.headers_mut()));
    let (mut body, mut complete) = (Vec::new(), false);
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                let room = max_bytes.saturating_sub(body.len());
                body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
                if chunk.len() > room {
                    break;
                }
            }
            Ok(None) => {
                complete = true;
                break;
            }
            Err(_) => break,
        }
    }
    Answer { status, body, complete, headers }
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

fn classified(host: &str, error: reqwest::Error) -> HttpError {
    let error = error.without_url();
    let reason =
        if error.is_timeout() { format!("{host}: no answer in time") } else { format!("{host}: {}", root(&error)) };
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

/// Resolves names, and forgets the addresses that a stranger's URL must not lead to.
#[derive(Debug)]
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|at| is_public(at.ip())).collect();
            if public.is_empty() {
                return Err(NOT_PUBLIC.into());
            }
            let addresses: Addrs = Box::new(public.into_iter());
            Ok(addresses)
        })
    }
}

/// Whether an address belongs to the public network: not this machine, not a private, shared, link-local, multicast,
/// reserved or documentation range, and not one of these in IPv6 clothes.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let benchmark = a == 198 && (b == 18 || b == 19);
    let protocol = a == 192 && b == 0 && c == 0;
    !(a == 0
        || a >= 224
        || shared
        || benchmark
        || protocol
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_documentation())
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, .., seventh, eighth] = address.segments();
    let [a, b] = seventh.to_be_bytes();
    let [c, d] = eighth.to_be_bytes();
    let embedded = Ipv4Addr::new(a, b, c, d);
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    if first == 0x64 && second == 0xff9b {
        return is_public_v4(embedded);
    }
    // Only global unicast; of it not documentation, 6to4 and Teredo, which carry IPv4 addresses of others.
    (0x2000..0x4000).contains(&first) && first != 0x2002 && !(first == 0x2001 && matches!(second, 0 | 0xdb8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_this_machine_and_its_networks_are_not_public() {
        for text in [
            "127.0.0.1",
            "127.9.9.9",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "192.0.2.1",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2001::1",
        ] {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
        for text in ["1.1.1.1", "113.160.0.1", "203.113.131.1", "2400:cb00::1", "::ffff:1.1.1.1", "64:ff9b::101:101"] {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }

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
        for url in ["http://localhost:9/", "http://localhost.:9/"] {
            let request = Request {
                url,
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
}
