//! The provider: its discovery document and keys, the way to its door, and what it answers for a code.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdToken, CoreJwsSigningAlgorithm,
    CoreRequestTokenError,
};
use openidconnect::{
    AsyncHttpClient, AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken,
    DiscoveryError, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce,
    OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, ProviderMetadataWithLogout, RedirectUrl, Scope,
    SignatureVerificationError, TokenResponse as _, http as types,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value};

use super::Settings;
use super::claims::{Vouched, complete, vouched};
use super::flow::Flow;
use crate::http::{End, Http, HttpError, Request};

/// Bytes of an answer that are read at most.
const ANSWER: usize = 1 << 20;
/// How long document and keys are used before they are read again; a key that is missing is looked for at once.
const FRESH: Duration = Duration::from_hours(1);
/// How far the clocks of two machines may differ.
const CLOCKS: Duration = Duration::from_mins(1);

/// Signatures that only the provider can make. Those by our own secret are not among them, and none is none.
const SIGNATURES: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// What the provider gives for a code: who that is, and what opens the user info endpoint.
type Answered = (CoreIdToken, SecretString);

/// Why nobody is vouched for. For the log: no secret, no code, nothing of a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OidcError {
    /// The provider cannot be reached, or does not answer as one.
    #[error("the single sign-on cannot be used: {0}")]
    Unusable(String),
    /// What came back does not prove who it is.
    #[error("the single sign-on proved nobody: {0}")]
    NotProved(String),
}

/// The province's single sign-on.
#[derive(Debug)]
pub struct Provider {
    settings: Settings,
    http: Result<Http, HttpError>,
    known: Mutex<Option<Known>>,
}

#[derive(Debug, Clone)]
struct Known {
    metadata: Arc<ProviderMetadataWithLogout>,
    read_at: DateTime<Utc>,
}

impl Provider {
    /// The one that `settings` name. Nothing is asked of it yet.
    pub fn new(settings: Settings) -> Self {
        let http = Http::trusting(settings.timeout, settings.ca_file.as_deref());
        Self { settings, http, known: Mutex::default() }
    }

    /// What was configured.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The address at the provider that `flow` begins at; it leads back to `redirect`.
    ///
    /// # Errors
    /// [`OidcError::Unusable`].
    pub async fn door(&self, redirect: &str, flow: &Flow, now: DateTime<Utc>) -> Result<String, OidcError> {
        let client = self.client(&*self.metadata(now).await?, redirect)?;
        let (state, nonce) = (CsrfToken::new(flow.state.clone()), Nonce::new(flow.nonce.clone()));
        let verifier = PkceCodeVerifier::new(flow.verifier.clone());
        let scopes = self.settings.scopes.iter().map(|scope| Scope::new(scope.clone()));
        let (address, ..) = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || state, || nonce)
            .add_scopes(scopes)
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(address.into())
    }

    /// Whom the provider vouches for, by the `code` that it gave the browser of `flow`.
    ///
    /// # Errors
    /// [`OidcError`].
    pub async fn vouched(
        &self,
        redirect: &str,
        flow: &Flow,
        code: &str,
        now: DateTime<Utc>,
    ) -> Result<Vouched, OidcError> {
        let metadata = self.metadata(now).await?;
        let client = self.client(&metadata, redirect)?;
        let (token, access) = self.exchanged(&client, flow, code).await?;
        let verified = match verified(&client, &token, flow, now) {
            // The provider may have changed its keys since they were read.
            Err(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey
                | SignatureVerificationError::AmbiguousKeyId(_)
                | SignatureVerificationError::CryptoError(_),
            )) => verified(&self.client(&*self.read(now).await?, redirect)?, &token, flow, now),
            verified => verified,
        };
        verified.map_err(|error| not_proved(&error.to_string()))?;
        let mut claims = payload(&token).ok_or_else(|| not_proved("the ID token cannot be read"))?;
        if !complete(&claims, &self.settings)
            && let Some(endpoint) = metadata.userinfo_endpoint()
        {
            // What the token says itself stands.
            for (claim, value) in self.told(endpoint.as_str(), &access, &claims).await? {
                claims.entry(claim).or_insert(value);
            }
        }
        let wanted = &self.settings.login_claim;
        vouched(&claims, &self.settings).ok_or_else(|| not_proved(&format!("nothing says `{wanted}` of this person")))
    }

    async fn exchanged(&self, client: &Client, flow: &Flow, code: &str) -> Result<Answered, OidcError> {
        let asked = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|_| unusable("its discovery document names no `token_endpoint`"))?
            .set_pkce_verifier(PkceCodeVerifier::new(flow.verifier.clone()));
        let answer = asked.request_async(self).await.map_err(|error| match error {
            CoreRequestTokenError::ServerResponse(said) => not_proved(&format!("it answered `{}`", said.error())),
            CoreRequestTokenError::Request(error) => unusable(&error.to_string()),
            CoreRequestTokenError::Parse(error, _) => {
                not_proved(&format!("its answer to a code cannot be read at `{}`", error.path()))
            }
            CoreRequestTokenError::Other(what) => unusable(&what),
        })?;
        let token = answer.id_token().cloned().ok_or_else(|| unusable("it answered without an ID token"))?;
        Ok((token, answer.access_token().secret().clone().into()))
    }

    fn client(&self, metadata: &ProviderMetadataWithLogout, redirect: &str) -> Result<Client, OidcError> {
        let (id, secret) = (&self.settings.client_id, self.settings.client_secret.expose_secret());
        let secret = ClientSecret::new(secret.to_owned());
        let redirect = RedirectUrl::new(redirect.to_owned()).map_err(|_| unusable("`public_url` is not an address"))?;
        let methods = metadata.token_endpoint_auth_methods_supported();
        let knows = |method| methods.is_some_and(|methods| methods.contains(&method));
        let basic = methods.is_none() || knows(CoreClientAuthMethod::ClientSecretBasic);
        let by = if basic || !knows(CoreClientAuthMethod::ClientSecretPost) {
            AuthType::BasicAuth
        } else {
            AuthType::RequestBody
        };
        let client = CoreClient::from_provider_metadata(metadata.clone(), ClientId::new(id.clone()), Some(secret));
        Ok(client.set_redirect_uri(redirect).set_auth_type(by))
    }

    /// Document and keys, as they were read within the hour.
    pub(super) async fn metadata(&self, now: DateTime<Utc>) -> Result<Arc<ProviderMetadataWithLogout>, OidcError> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match known.filter(|known| now < known.read_at + FRESH) {
            Some(known) => Ok(known.metadata),
            None => self.read(now).await,
        }
    }

    /// Document and keys as they are now.
    async fn read(&self, now: DateTime<Utc>) -> Result<Arc<ProviderMetadataWithLogout>, OidcError> {
        let issuer =
            IssuerUrl::new(self.settings.issuer.clone()).map_err(|_| unusable("`issuer` is not an address"))?;
        let metadata = ProviderMetadataWithLogout::discover_async(issuer, self).await.map_err(|error| match error {
            DiscoveryError::Request(error) => unusable(&error.to_string()),
            DiscoveryError::Parse(error) => unusable(&format!("its document cannot be read at `{}`", error.path())),
            error => unusable(&error.to_string()),
        })?;
        if !self.is_covered(metadata.authorization_endpoint().url().scheme()) {
            return Err(unusable("its `authorization_endpoint` is on plain http"));
        }
        let metadata = Arc::new(metadata);
        let known = Known { metadata: Arc::clone(&metadata), read_at: now };
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
        Ok(metadata)
    }

    /// Whether an address with this scheme is no weaker than the issuer's own.
    pub(super) fn is_covered(&self, scheme: &str) -> bool {
        scheme == "https" || !self.settings.issuer.starts_with("https://")
    }

    /// What the library asks for, by the one way out.
    pub(super) async fn sent(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let http = self.http.as_ref().map_err(Clone::clone)?;
        let refused = |what: &str| HttpError::Refused(what.to_owned());
        if !self.is_covered(request.uri().scheme_str().unwrap_or_default()) {
            return Err(refused("an address of the provider is on plain http"));
        }
        let (parts, body) = request.into_parts();
        let headers: Vec<(&str, &str)> =
            parts.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
        let url = parts.uri.to_string();
        let answer = http
            .send(Request {
                url: &url,
                body: (parts.method == types::Method::POST).then_some(body),
                headers: &headers,
                timeout: self.settings.timeout,
                max_bytes: ANSWER,
                allow_private: self.settings.allow_private,
            })
            .await?;
        if answer.status >= 500 {
            return Err(HttpError::Unanswered(format!("the provider answered {}", answer.status)));
        }
        let kind = answer.header("content-type").unwrap_or("application/json").to_owned();
        match answer.end {
            End::Whole => {}
            End::CutAtLimit => return Err(HttpError::Unanswered("an answer of the provider is too long".to_owned())),
            End::Broken(why) => return Err(HttpError::Unanswered(why)),
        }
        let response = types::Response::builder().status(answer.status).header(types::header::CONTENT_TYPE, kind);
        response.body(answer.body).map_err(|_| refused("an answer of the provider is none"))
    }
}

impl<'c> AsyncHttpClient<'c> for Provider {
    type Error = HttpError;
    type Future = BoxFuture<'c, Result<HttpResponse, HttpError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.sent(request))
    }
}

/// Signature, issuer, audience, expiry and nonce, by the library; and that the token was made for us.
fn verified(
    client: &Client,
    token: &CoreIdToken,
    flow: &Flow,
    now: DateTime<Utc>,
) -> Result<(), ClaimsVerificationError> {
    let verifier = client
        .id_token_verifier()
        .set_allowed_algs(SIGNATURES)
        .set_time_fn(move || now - CLOCKS)
        .set_issue_time_verifier_fn(move |at| {
            if at <= now + CLOCKS { Ok(()) } else { Err("the ID token is from the future".to_owned()) }
        });
    let claims = token.claims(&verifier, &Nonce::new(flow.nonce.clone()))?;
    match claims.authorized_party() {
        Some(party) if party != client.client_id() => {
            Err(ClaimsVerificationError::InvalidAudience("the ID token was made for another".to_owned()))
        }
        _ => Ok(()),
    }
}

/// All claims of a verified token, those among them that the library has no name for.
fn payload(token: &CoreIdToken) -> Option<Map<String, Value>> {
    let Ok(Value::String(text)) = serde_json::to_value(token) else { return None };
    let bytes = URL_SAFE_NO_PAD.decode(text.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&bytes).ok()
}

pub(super) fn unusable(what: &str) -> OidcError {
    OidcError::Unusable(one_line(what))
}

pub(super) fn not_proved(what: &str) -> OidcError {
    OidcError::NotProved(one_line(what))
}

/// What strangers wrote, as the log takes it.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect()
}
