//! The one HTTP client that all services share: one TLS stack, one set of roots, one set of time-outs.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// What we call ourselves; GitHub refuses requests without a name.
pub const USER_AGENT: &str = concat!("automata/", env!("CARGO_PKG_VERSION"));

/// The client; further uses share its connections.
pub type Client = reqwest::Client;

/// How to reach the outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Certificates to trust beside the built-in roots, as PEM: a company's own authority.
    pub extra_roots: Option<Vec<u8>>,
    /// Whether `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` count. Tests on loopback say no.
    pub proxy_from_environment: bool,
    /// Whether redirects are followed. Credentials in a header that only its service knows would travel along.
    pub follow_redirects: bool,
    /// How long a connection may take to be made.
    pub connect: Duration,
    /// How long an answer may say nothing, the time that the request takes to be sent included; none where whoever asks
    /// sees to that.
    pub silence: Option<Duration>,
    /// How long a request may take altogether.
    pub total: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            extra_roots: None,
            proxy_from_environment: true,
            follow_redirects: true,
            // A handshake across the world takes under a second; ten leave room for lost packets.
            connect: Duration::from_secs(10),
            // git prepares a large pack in silence; GitHub gives up on it after about this long.
            silence: Some(Duration::from_secs(60)),
            // A whole history of a million events comes in well under that.
            total: Duration::from_secs(300),
        }
    }
}

/// Whether a text is the address of a server.
#[must_use]
pub fn is_address(text: &str) -> bool {
    reqwest::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The PEM holds no certificate, or a broken one.
    #[error("the extra certificates cannot be read: {0}")]
    Roots(String),
    /// TLS could not be set up.
    #[error("TLS could not be set up")]
    Tls(#[from] rustls::Error),
    /// The client could not be made.
    #[error("the HTTP client could not be made")]
    Client(#[from] reqwest::Error),
}

/// The TLS configuration behind [`client`], for vendor crates that bring their own connector.
/// It offers no application protocol; whoever speaks HTTP/2 adds it.
///
/// # Errors
/// [`Error::Roots`] and [`Error::Tls`].
pub fn tls(extra_roots: Option<&[u8]>) -> Result<ClientConfig, Error> {
    // A static binary in a bare container finds no roots on the machine, so they are built in.
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(pem) = extra_roots {
        let before = roots.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| Error::Roots(error.to_string()))?;
            roots.add(certificate).map_err(|error| Error::Roots(error.to_string()))?;
        }
        if roots.len() == before {
            return Err(Error::Roots("there is no certificate in them".to_owned()));
        }
    }
    Ok(ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

/// Makes the client. Where it follows redirects, it drops the `Authorization` header when one leads to another host.
///
/// # Errors
/// See [`Error`].
pub fn client(settings: &Settings) -> Result<reqwest::Client, Error> {
    Ok(builder(settings)?.build()?)
}

/// As [`client`], with names looked up by `resolver`.
///
/// # Errors
/// See [`Error`].
pub fn resolving(
    settings: &Settings,
    resolver: impl reqwest::dns::Resolve + 'static,
) -> Result<reqwest::Client, Error> {
    Ok(builder(settings)?.dns_resolver(resolver).build()?)
}

fn builder(settings: &Settings) -> Result<reqwest::ClientBuilder, Error> {
    let mut tls = tls(settings.extra_roots.as_deref())?;
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(USER_AGENT)
        .connect_timeout(settings.connect)
        .timeout(settings.total);
    if let Some(silence) = settings.silence {
        builder = builder.read_timeout(silence);
    }
    if !settings.proxy_from_environment {
        builder = builder.no_proxy();
    }
    if !settings.follow_redirects {
        builder = builder.redirect(reqwest::redirect::Policy::none());
    }
    Ok(builder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_made_and_bad_certificates_are_told() {
        assert!(client(&Settings::default()).is_ok());
        let with = |pem: &str| {
            let settings = Settings { extra_roots: Some(pem.into()), ..Settings::default() };
            client(&settings).map(|_| ()).unwrap_err().to_string()
        };
        insta::assert_snapshot!(with("nothing"), @"the extra certificates cannot be read: there is no certificate in them");
        insta::assert_snapshot!(
            with("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
            @"the extra certificates cannot be read: invalid peer certificate: BadEncoding"
        );
    }
}
