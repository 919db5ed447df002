//! What a provider may have beside its door: the user info endpoint, and where its sessions end.

use chrono::{DateTime, Utc};
use openidconnect::{ClientId, LogoutRequest, PostLogoutRedirectUrl, http as types};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value};

use super::provider::{OidcError, Provider, not_proved, unusable};

impl Provider {
    /// What the user info endpoint says of whom `access` was given for; he must be the one of the ID token.
    pub(super) async fn told(
        &self,
        endpoint: &str,
        access: &SecretString,
        known: &Map<String, Value>,
    ) -> Result<Map<String, Value>, OidcError> {
        let bearer = format!("Bearer {}", access.expose_secret());
        let request = types::Request::builder()
            .uri(endpoint)
            .header(types::header::ACCEPT, "application/json")
            .header(types::header::AUTHORIZATION, bearer)
            .body(Vec::new());
        let request = request.map_err(|_| unusable("its `userinfo_endpoint` is no address"))?;
        let answer = self.sent(request).await.map_err(|error| unusable(&error.to_string()))?;
        if answer.status() != types::StatusCode::OK {
            return Err(unusable(&format!("its user info endpoint answered {}", answer.status().as_u16())));
        }
        let said: Map<String, Value> = serde_json::from_slice(answer.body())
            .map_err(|_| unusable("its user info endpoint answered with something else than a JSON object"))?;
        match (said.get("sub"), known.get("sub")) {
            (Some(told), Some(proved)) if told == proved => Ok(said),
            _ => Err(not_proved("the user info is about another person than the ID token")),
        }
    }

    /// The address at the provider that ends the session there and leads back to `home`; nothing where the provider has none.
    ///
    /// # Errors
    /// [`OidcError::Unusable`].
    pub async fn way_out(&self, home: &str, now: DateTime<Utc>) -> Result<Option<String>, OidcError> {
        let metadata = self.metadata(now).await?;
        let Some(endpoint) = metadata.additional_metadata().end_session_endpoint.clone() else { return Ok(None) };
        if !self.is_covered(endpoint.url().scheme()) {
            return Err(unusable("its `end_session_endpoint` is on plain http"));
        }
        let home =
            PostLogoutRedirectUrl::new(home.to_owned()).map_err(|_| unusable("`public_url` is not an address"))?;
        let request = LogoutRequest::from(endpoint)
            .set_client_id(ClientId::new(self.settings().client_id.clone()))
            .set_post_logout_redirect_uri(home);
        Ok(Some(request.http_get_url().into()))
    }
}
