//! Whom a protected connection to a relay trusts: the machine's authorities, and those of a file.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls_platform_verifier::Verifier;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Protects connections to one host.
#[derive(Clone)]
pub(super) struct Tls {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl Tls {
    /// For `host`, trusting the machine's authorities and those in `ca_file`; the error is a reason for people.
    pub(super) fn new(host: &str, ca_file: Option<&Path>) -> Result<Self, String> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| format!("`{host}` is no host name"))?;
        let extra = ca_file.map_or_else(|| Ok(Vec::new()), authorities)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = Verifier::new_with_extra_roots(extra, Arc::clone(&provider))
            .map_err(|error| format!("trusted certificates: {error}"))?;
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        Ok(Self { connector: TlsConnector::from(Arc::new(config)), name })
    }

    /// Shakes hands; a certificate that is not trusted for the host ends it.
    pub(super) async fn connect(&self, socket: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let protected = self.connector.connect(self.name.clone(), socket).await;
        protected.map_err(|error| io::Error::new(error.kind(), format!("TLS: {error}")))
    }
}

fn authorities(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let shown = path.display();
    let read = CertificateDer::pem_file_iter(path).map_err(|error| format!("`ca_file` {shown}: {error}"))?;
    let found: Result<Vec<_>, _> = read.collect();
    let found = found.map_err(|error| format!("`ca_file` {shown}: {error}"))?;
    if found.is_empty() { Err(format!("`ca_file` {shown} holds no certificate")) } else { Ok(found) }
}
