//! Through a mail server (RFC 5321), by lettre.
//!
//! The URL says how: `smtp://host` encrypts where the server offers it (STARTTLS), `smtp://host?tls=required` insists,
//! `smtps://host` encrypts from the first byte; `user:password@` in front of the host signs in. A certificate is always
//! checked, against the system's store or the one named by `SSL_CERT_FILE`, and a password is sent unencrypted to this
//! very machine only.
//!
//! Every mail has a connection of its own: there are few, and a pool would hold connections that went stale. lettre's
//! connection is driven directly, because what happened before a mail was spoken of says nothing about the mail, and
//! because a farewell that hangs must not undo a mail that was taken.

use super::{
    Failure, Message,
    mime::{self, NO_SUCH_ADDRESS},
};
use lettre::{
    address::Envelope,
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::{ClientId, Extension, MailParameter},
    },
};
use percent_encoding::percent_decode_str;
use std::{future::Future, net::IpAddr, sync::OnceLock, time::Duration};
use url::{Host, Url};

/// How long a mail server may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Patience {
    /// For a connection; then for encryption; then for signing in.
    pub greeting: Duration,
    /// For taking a mail: the last answer is allowed to be slow, since whoever gives up too early sends twice.
    pub mail: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { greeting: Duration::from_secs(10), mail: Duration::from_secs(60) }
    }
}

/// Why a URL does not name a mail server.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "the mail server must be given as smtp://host:port, smtp://host:port?tls=required or smtps://host:port, with \
     user:password@ before the host if it asks for them (percent-encoded)"
)]
pub struct SmtpUrlProblem;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Encryption {
    WhereOffered,
    Required,
    FromTheFirstByte,
}

/// A mail server.
pub struct Smtp {
    host: String,
    port: u16,
    encryption: Encryption,
    credentials: Option<Credentials>,
    patience: Patience,
    /// Made when first needed: it reads the system's certificates.
    tls: OnceLock<TlsParameters>,
}

impl Smtp {
    /// The mail server at `url`.
    pub fn new(url: &str, patience: Patience) -> Result<Self, SmtpUrlProblem> {
        let url = Url::parse(url).map_err(|_| SmtpUrlProblem)?;
        let required = match url.query() {
            None | Some("tls=opportunistic") => false,
            Some("tls=required") => true,
            Some(_) => return Err(SmtpUrlProblem),
        };
        let (encryption, usual_port) = match (url.scheme(), required) {
            ("smtp", false) => (Encryption::WhereOffered, 25),
            ("smtp", true) => (Encryption::Required, 587),
            ("smtps", _) => (Encryption::FromTheFirstByte, 465),
            _ => return Err(SmtpUrlProblem),
        };
        let host = match url.host() {
            Some(Host::Domain(name)) if !name.is_empty() => name.to_owned(),
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            _ => return Err(SmtpUrlProblem),
        };
        let decoded = |text| percent_decode_str(text).decode_utf8().map_err(|_| SmtpUrlProblem);
        let credentials = match url.password() {
            Some(password) => Some(Credentials::new(decoded(url.username())?.into(), decoded(password)?.into())),
            None if url.username().is_empty() => None,
            None => return Err(SmtpUrlProblem),
        };
        let port = url.port().unwrap_or(usual_port);
        Ok(Self { host, port, encryption, credentials, patience, tls: OnceLock::new() })
    }

    pub(super) async fn send(&self, message: Message) -> Result<(), Failure> {
        let (envelope, bytes) = mime::of(&message)?;
        let mut connection = self.connect().await?;
        let outcome = within(self.patience.mail, hand_over(&mut connection, &envelope, &bytes)).await;
        farewell(connection);
        outcome
    }

    pub(super) async fn check(&self) -> Result<(), Failure> {
        self.connect().await.map(farewell)
    }

    /// Connected, encrypted and signed in as far as the URL asks and the server offers.
    async fn connect(&self) -> Result<AsyncSmtpConnection, Failure> {
        let name = ClientId::default();
        let wrapper = match self.encryption {
            Encryption::FromTheFirstByte => Some(self.tls()?),
            _ => None,
        };
        let address = (self.host.as_str(), self.port);
        let connecting =
            AsyncSmtpConnection::connect_tokio1(address, Some(self.patience.greeting), &name, wrapper, None);
        let mut connection = within(self.patience.greeting, async { connecting.await.map_err(turned_away) }).await?;
        if self.encryption == Encryption::Required
            || self.encryption == Encryption::WhereOffered && connection.can_starttls()
        {
            let tls = self.tls()?;
            let starting = async { connection.starttls(tls, &name).await.map_err(|_| Failure::Encryption) };
            within(self.patience.greeting, starting).await?;
        }
        if let Some(credentials) = &self.credentials {
            if !connection.is_encrypted() && !is_this_machine(&self.host) {
                return Err(Failure::Encryption);
            }
            let signing_in = connection.auth(DEFAULT_MECHANISMS, credentials);
            within(self.patience.greeting, async { signing_in.await.map(drop).map_err(turned_away) }).await?;
        }
        Ok(connection)
    }

    fn tls(&self) -> Result<TlsParameters, Failure> {
        if let Some(tls) = self.tls.get() {
            return Ok(tls.clone());
        }
        let tls = TlsParameters::new(self.host.clone()).map_err(|_| Failure::Encryption)?;
        Ok(self.tls.get_or_init(|| tls).clone())
    }
}

async fn within<T>(limit: Duration, step: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::time::timeout(limit, step).await.unwrap_or(Err(Failure::TimedOut))
}

/// MAIL, RCPT, DATA and the mail itself. Not lettre's `send`, which after a refusal waits for an answer to QUIT.
async fn hand_over(connection: &mut AsyncSmtpConnection, envelope: &Envelope, bytes: &[u8]) -> Result<(), Failure> {
    let mut parameters = Vec::new();
    if envelope.from().into_iter().chain(envelope.to()).any(|address| !address.to_string().is_ascii()) {
        // An address that this server cannot take (RFC 6531).
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            return Err(NO_SUCH_ADDRESS);
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    connection.command(Mail::new(envelope.from().cloned(), parameters)).await.map_err(refusal)?;
    for to in envelope.to() {
        connection.command(Rcpt::new(to.clone(), Vec::new())).await.map_err(refusal)?;
    }
    connection.command(Data).await.map_err(refusal)?;
    connection.message(bytes).await.map_err(refusal)?;
    Ok(())
}

fn refusal(error: Error) -> Failure {
    match error.status().map(u16::from) {
        Some(code) if code >= 500 => Failure::Refused { code },
        Some(code) => Failure::PutOff { code },
        None => Failure::BrokenOff,
    }
}

fn turned_away(error: Error) -> Failure {
    match error.status().map(u16::from) {
        Some(code) => Failure::TurnedAway { code },
        None if error.is_timeout() => Failure::TimedOut,
        None if error.is_tls() => Failure::Encryption,
        None if error.is_response() || error.is_client() => Failure::BrokenOff,
        None => Failure::Unreachable,
    }
}

/// Says goodbye without waiting for it.
fn farewell(mut connection: AsyncSmtpConnection) {
    tokio::spawn(async move { tokio::time::timeout(Duration::from_secs(2), connection.quit()).await.map(drop) });
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(url: &str) -> Option<(String, u16, Encryption, bool)> {
        let smtp = Smtp::new(url, Patience::default()).ok()?;
        Some((smtp.host, smtp.port, smtp.encryption, smtp.credentials.is_some()))
    }

    #[test]
    fn the_url_says_how() {
        let host = || "mail.example".to_owned();
        assert_eq!(parsed("smtp://mail.example"), Some((host(), 25, Encryption::WhereOffered, false)));
        assert_eq!(parsed("smtp://a:b@mail.example:587"), Some((host(), 587, Encryption::WhereOffered, true)));
        assert_eq!(parsed("smtp://mail.example?tls=required"), Some((host(), 587, Encryption::Required, false)));
        assert_eq!(parsed("smtps://mail.example"), Some((host(), 465, Encryption::FromTheFirstByte, false)));
        assert_eq!(parsed("smtp://[::1]:2525"), Some(("::1".into(), 2525, Encryption::WhereOffered, false)));
        for wrong in
            ["mail.example", "http://mail.example", "smtp://", "smtp://mail.example?tls=no", "smtp://me@mail.example"]
        {
            assert_eq!(parsed(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn name_and_password_are_decoded() {
        let smtp = Smtp::new("smtp://me%40here:p%2Fw%3F@mail.example", Patience::default()).unwrap();
        assert_eq!(smtp.credentials, Some(Credentials::new("me@here".into(), "p/w?".into())));
    }

    #[test]
    fn a_password_goes_unencrypted_to_this_machine_only() {
        assert!(["localhost", "127.0.0.1", "127.1.2.3", "::1"].into_iter().all(is_this_machine));
        assert!(
            !["mail.example", "192.0.2.1", "localhost.example", "127.0.0.1.example"].into_iter().any(is_this_machine)
        );
    }
}
