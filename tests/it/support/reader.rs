//! Somebody with a browser before the pages: keeps cookies, sends forms, follows nothing by itself.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use tower::ServiceExt as _;

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
    /// The same as it came over the wire.
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Where it leads on to.
    pub fn leads_to(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        self.header("location")
    }

    /// Every cookie that it sets, as it stands.
    pub fn cookies(&self) -> Vec<String> {
        self.headers.get_all(header::SET_COOKIE).iter().map(|one| one.to_str().unwrap().to_owned()).collect()
    }

    /// The value of a field in a form of the page.
    pub fn field(&self, name: &str) -> String {
        let field = format!("name=\"{name}\" value=\"");
        let rest = self.body.split(&field).nth(1).unwrap_or_else(|| panic!("no field {name}: {}", self.body));
        rest.split('"').next().unwrap().to_owned()
    }
}

/// The browser.
#[derive(Debug, Clone)]
pub struct Reader {
    router: Router,
    pub cookies: BTreeMap<String, String>,
    pub address: SocketAddr,
    /// Sent with every request.
    pub headers: Vec<(&'static str, String)>,
}

impl Reader {
    /// At an address of the office.
    pub fn new(router: &Router) -> Self {
        Self::at(router, "203.0.113.7")
    }

    /// At this address.
    pub fn at(router: &Router, address: &str) -> Self {
        let address = SocketAddr::new(address.parse().unwrap(), 40_000);
        Self { router: router.clone(), cookies: BTreeMap::new(), address, headers: Vec::new() }
    }

    /// The same browser with another header.
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub async fn ask(&mut self, method: Method, path: &str, kind: Option<&str>, body: Body) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if !self.cookies.is_empty() {
            let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, pairs.join("; "));
        }
        let mut request = request.body(body).unwrap();
        request.extensions_mut().insert(ConnectInfo(self.address));
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let body = to_bytes(body, 10_000_000).await.unwrap();
        let (bytes, body) = (body.to_vec(), String::from_utf8_lossy(&body).into_owned());
        let answer = Answer { status: parts.status, headers: parts.headers, body, bytes };
        for cookie in answer.cookies() {
            let (pair, attributes) = cookie.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.ask(Method::GET, path, None, Body::empty()).await
    }

    /// Sends a form as it is, without the mark of the session.
    pub async fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let kind = Some("application/x-www-form-urlencoded");
        self.ask(Method::POST, path, kind, Body::from(pairs.join("&"))).await
    }

    /// Sends a form of a page of this session.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mark = self.mark().await;
        let mut all = vec![("mark", mark.as_str())];
        all.extend_from_slice(fields);
        self.send(path, &all).await
    }

    /// Sends a form of a page of this session that brings a file.
    pub async fn bring(&mut self, path: &str, field: &str, name: &str, bytes: &[u8]) -> Answer {
        let mark = self.mark().await;
        let head = format!(
            "--grenze\r\nContent-Disposition: form-data; name=\"mark\"\r\n\r\n{mark}\r\n--grenze\r\n\
             Content-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        let body = [head.as_bytes(), bytes, b"\r\n--grenze--\r\n"].concat();
        self.ask(Method::POST, path, Some("multipart/form-data; boundary=grenze"), Body::from(body)).await
    }

    /// What the forms of this session carry.
    pub async fn mark(&mut self) -> String {
        self.get("/tai-khoan").await.field("mark")
    }
}

fn encoded(text: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    text.bytes().map(|byte| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// Whether a page brings script that is not one of our files: written into it, or from elsewhere.
pub fn brings_script(body: &str) -> bool {
    body.replace("<script src=\"/static/", "").contains("<script")
}
