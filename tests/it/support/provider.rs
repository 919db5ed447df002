//! A small single sign-on (OIDC) on loopback: discovery, keys, a door that lets everybody through, and a token endpoint
//! that takes a code once and looks at client, redirect address and PKCE. What it signs can be twisted.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use dondoc::oidc::Settings;
use dondoc::people::Role;
use hmac::{Hmac, KeyInit as _, Mac as _};
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;

use super::mailbox::start;

/// What the installation proves itself with.
pub const SECRET: &str = "OIDC-SECRET-0123456789abcdef";
const CLIENT: &str = "dondoc";

/// How a token is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed {
    /// By the key that it names.
    Well,
    /// By another one under the same name.
    ByAnother,
    /// With the client's own secret.
    WithSecret,
    /// Not at all.
    NotAtAll,
}

struct Key {
    id: String,
    pair: Pair,
}

enum Pair {
    Curve(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl Key {
    fn new(id: &str) -> Self {
        let dice = SystemRandom::new();
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &dice).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, made.as_ref(), &dice).unwrap();
        Self { id: id.to_owned(), pair: Pair::Curve(pair) }
    }

    fn rsa(id: &str, pem: &str) -> Self {
        let der = PrivateKeyDer::from_pem_slice(pem.as_bytes()).unwrap();
        let pair = RsaKeyPair::from_pkcs8(der.secret_der()).or_else(|_| RsaKeyPair::from_der(der.secret_der()));
        Self { id: id.to_owned(), pair: Pair::Rsa(pair.unwrap()) }
    }

    fn kind(&self) -> &'static str {
        if matches!(self.pair, Pair::Curve(_)) { "ES256" } else { "RS256" }
    }

    fn public(&self) -> Value {
        let (id, encoded) = (&self.id, |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes));
        match &self.pair {
            Pair::Curve(pair) => {
                let point = pair.public_key().as_ref();
                let (x, y) = (encoded(&point[1..33]), encoded(&point[33..]));
                json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": id, "x": x, "y": y})
            }
            Pair::Rsa(pair) => {
                let PublicKeyComponents::<Vec<u8>> { n, e } = pair.public().into();
                json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": id, "n": encoded(&n), "e": encoded(&e)})
            }
        }
    }

    fn sign(&self, text: &str) -> Vec<u8> {
        let dice = SystemRandom::new();
        match &self.pair {
            Pair::Curve(pair) => pair.sign(&dice, text.as_bytes()).unwrap().as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &dice, text.as_bytes(), &mut signature).unwrap();
                signature
            }
        }
    }
}

/// What belongs to a code.
struct Grant {
    nonce: String,
    challenge: String,
    redirect: String,
}

struct Script {
    /// Signs; published unless a test says otherwise.
    key: Key,
    is_published: bool,
    signed: Signed,
    /// Laid over what it would say of somebody; `null` takes a claim out.
    claims: Map<String, Value>,
    codes: HashMap<String, Grant>,
    given: usize,
    /// What its user info endpoint says, where it has one.
    info: Option<Value>,
    /// Whether it announces where sessions end.
    ends: bool,
    /// How often its keys were asked for.
    asked_for_keys: usize,
    is_broken: bool,
}

struct Json(Value);

impl IntoResponse for Json {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, "application/json")], self.0.to_string()).into_response()
    }
}

/// The provider; dropping it stops it.
pub struct Provider {
    address: SocketAddr,
    script: Arc<Mutex<Script>>,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

#[derive(Clone)]
struct Served {
    issuer: String,
    script: Arc<Mutex<Script>>,
}

impl Served {
    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }
}

impl Provider {
    /// Starts one that says `an.nguyen` of everybody.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let claims = json!({"preferred_username": "an.nguyen", "name": "Văn thư"}).as_object().unwrap().clone();
        let script = Arc::new(Mutex::new(Script {
            key: Key::new("one"),
            is_published: true,
            signed: Signed::Well,
            claims,
            codes: HashMap::new(),
            given: 0,
            info: None,
            ends: false,
            asked_for_keys: 0,
            is_broken: false,
        }));
        let served = Served { issuer: issuer(address), script: Arc::clone(&script) };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .with_state(served);
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, script, serving }
    }

    /// What an installation is told of it.
    pub fn settings(&self) -> Settings {
        Settings {
            issuer: issuer(self.address),
            client_id: CLIENT.to_owned(),
            client_secret: SECRET.into(),
            scopes: vec!["profile".to_owned()],
            login_claim: "preferred_username".to_owned(),
            role_claim: None,
            roles: Vec::new(),
            password: true,
            button: None,
            allow_private: true,
            ca_file: None,
            timeout: Duration::from_secs(10),
        }
    }

    /// The same where it gives roles.
    pub fn giving_roles(&self) -> Settings {
        let roles = [("dvc-xem", Role::Viewer), ("dvc-sua", Role::Editor), ("dvc-quan-tri", Role::Admin)];
        let roles = roles.map(|(value, role)| (value.to_owned(), role)).to_vec();
        Settings { role_claim: Some("realm_access.roles".to_owned()), roles, ..self.settings() }
    }

    /// From now on it says this of a claim; `null`: nothing.
    pub fn says(&self, claim: &str, value: Value) {
        self.script.lock().unwrap().claims.insert(claim.to_owned(), value);
    }

    /// From now on it says only this of who comes.
    pub fn says_only(&self, claims: &Value) {
        self.script.lock().unwrap().claims.clone_from(claims.as_object().unwrap());
    }

    /// It has a user info endpoint, which says this beside who it is about.
    pub fn tells(&self, claims: Value) {
        self.script.lock().unwrap().info = Some(claims);
    }

    /// It announces where its sessions end.
    pub fn ends_sessions(&self) {
        self.script.lock().unwrap().ends = true;
    }

    /// From now on its tokens are signed like this.
    pub fn signs(&self, signed: Signed) {
        self.script.lock().unwrap().signed = signed;
    }

    /// It takes another key, and publishes it or not.
    pub fn rotates(&self, id: &str, is_published: bool) {
        let mut script = self.script.lock().unwrap();
        (script.key, script.is_published) = (Key::new(id), is_published);
    }

    /// It takes this RSA key.
    pub fn takes_rsa(&self, id: &str, pem: &str) {
        self.script.lock().unwrap().key = Key::rsa(id, pem);
    }

    /// It publishes the key that it signs with.
    pub fn publishes(&self) {
        self.script.lock().unwrap().is_published = true;
    }

    /// Its token endpoint is out of order.
    pub fn breaks(&self) {
        self.script.lock().unwrap().is_broken = true;
    }

    pub fn asked_for_keys(&self) -> usize {
        self.script.lock().unwrap().asked_for_keys
    }

    /// Somebody proves himself at `address`. Where that leads: the path of the pages, with its query.
    pub fn lets_through(&self, address: &str) -> String {
        let query = address.strip_prefix(&format!("{}/authorize?", issuer(self.address))).expect("its own door");
        let back = through(&issuer(self.address), &mut self.script.lock().unwrap(), query);
        back.splitn(4, '/').nth(3).map(|path| format!("/{path}")).unwrap()
    }
}

/// By name, so that a browser takes it for another site than the pages, which are at a number.
fn issuer(address: SocketAddr) -> String {
    format!("http://localhost:{}", address.port())
}

/// The fields of a query or of a form.
pub fn fields(text: &str) -> HashMap<String, String> {
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

async fn discovery(State(served): State<Served>) -> Json {
    let (issuer, script) = (&served.issuer, served.script());
    let endpoint = |is_there: bool, path: &str| if is_there { json!(format!("{issuer}/{path}")) } else { Value::Null };
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        // What it says of itself is not what is believed: only signatures with keys of its own are.
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "userinfo_endpoint": endpoint(script.info.is_some(), "userinfo"),
        "end_session_endpoint": endpoint(script.ends, "logout"),
    });
    document.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    Json(document)
}

async fn userinfo(State(served): State<Served>, headers: HeaderMap) -> Response {
    let script = served.script();
    if headers.get(header::AUTHORIZATION).is_none_or(|said| said != "Bearer OIDC-ACCESS-1") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let mut said = json!({"sub": script.subject()});
    for (claim, value) in script.info.as_ref().unwrap().as_object().unwrap() {
        said[claim] = value.clone();
    }
    Json(said).into_response()
}

async fn keys(State(served): State<Served>) -> Json {
    let mut script = served.script();
    script.asked_for_keys += 1;
    let old = json!({"kty": "oct", "kid": "of-no-use", "k": "AAAA"});
    let keys = if script.is_published { vec![script.key.public(), old] } else { vec![old] };
    Json(json!({"keys": keys}))
}

async fn authorize(State(served): State<Served>, RawQuery(query): RawQuery) -> Redirect {
    let back = through(&served.issuer, &mut served.script(), &query.unwrap());
    Redirect::to(&back)
}

fn through(issuer: &str, script: &mut Script, query: &str) -> String {
    let asked = fields(query);
    assert_eq!((asked["response_type"].as_str(), asked["client_id"].as_str()), ("code", CLIENT));
    assert_eq!((asked["scope"].as_str(), asked["code_challenge_method"].as_str()), ("openid profile", "S256"));
    assert!(asked["state"].len() >= 32 && asked["nonce"].len() >= 32 && asked["code_challenge"].len() == 43);
    script.given += 1;
    let code = format!("OIDC-CODE-{}", script.given);
    let redirect = asked["redirect_uri"].clone();
    let grant =
        Grant { nonce: asked["nonce"].clone(), challenge: asked["code_challenge"].clone(), redirect: redirect.clone() };
    script.codes.insert(code.clone(), grant);
    format!("{redirect}?code={code}&state={}&iss={}", asked["state"], issuer.replace(':', "%3A").replace('/', "%2F"))
}

async fn token(State(served): State<Served>, headers: HeaderMap, body: String) -> Response {
    let mut script = served.script();
    if script.is_broken {
        return (StatusCode::BAD_GATEWAY, "<html>out of order</html>").into_response();
    }
    let refused = |status, error: &str| (status, Json(json!({"error": error}))).into_response();
    let known = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{SECRET}")));
    if headers.get(header::AUTHORIZATION).is_none_or(|said| said.as_bytes() != known.as_bytes()) {
        return refused(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let asked = fields(&body);
    let grant = script.codes.remove(&asked["code"]).filter(|grant| {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&asked["code_verifier"]));
        grant.challenge == challenge && grant.redirect == asked["redirect_uri"]
    });
    let Some(grant) = grant else { return refused(StatusCode::BAD_REQUEST, "invalid_grant") };
    let id_token = script.token(&served.issuer, &grant.nonce);
    Json(json!({"access_token": "OIDC-ACCESS-1", "token_type": "Bearer", "expires_in": 60, "id_token": id_token}))
        .into_response()
}

impl Script {
    /// Who it is, for ever: another one for each login name, unless a test says it.
    fn subject(&self) -> Value {
        let login = self.claims.get("preferred_username").and_then(Value::as_str).unwrap_or("nobody");
        self.claims.get("sub").cloned().unwrap_or_else(|| json!(format!("sub-of-{login}")))
    }

    fn token(&self, issuer: &str, nonce: &str) -> String {
        let at = start().timestamp();
        let mut claims = json!({
            "iss": issuer, "aud": CLIENT, "sub": self.subject(), "nonce": nonce, "iat": at, "exp": at + 12 * 3_600,
        });
        for (claim, value) in &self.claims {
            let all = claims.as_object_mut().unwrap();
            if value.is_null() {
                all.remove(claim)
            } else {
                all.insert(claim.clone(), value.clone())
            };
        }
        let kind = match self.signed {
            Signed::Well => self.key.kind(),
            Signed::ByAnother => "ES256",
            Signed::WithSecret => "HS256",
            Signed::NotAtAll => "none",
        };
        let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", encoded(&json!({"alg": kind, "kid": self.key.id})), encoded(&claims));
        let signature = match self.signed {
            Signed::Well => self.key.sign(&text),
            Signed::ByAnother => Key::new("x").sign(&text),
            Signed::WithSecret => {
                let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
                mac.update(text.as_bytes());
                mac.finalize().into_bytes().to_vec()
            }
            Signed::NotAtAll => Vec::new(),
        };
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}
