//! The HTTP interface that Twilio made and other gateways speak too: messages are posted to
//! `/2010-04-01/Accounts/{account}/Messages.json`, and the answer says by what each is known.
//!
//! The URL carries what signs in, `https://ACCOUNT:TOKEN@HOST`, and http is taken for this very machine only. The sender is a
//! number, or a messaging service (`MG…`).

use super::{Failure, Text};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use std::{sync::Arc, time::Duration};
use ureq::{
    Agent,
    http::Response,
    tls::{RootCerts, TlsConfig},
};
use url::{Host, Url};
use zeroize::Zeroizing;

/// More than any answer has.
const ANSWER: u64 = 64 * 1024;
/// What the gateway says of numbers that it sends nothing to: no number, no mobile one, a landline, not from here, not
/// wanted there.
const OF_THE_NUMBER: [u32; 9] = [21211, 21214, 21217, 21408, 21610, 21612, 21614, 21635, 60205];

/// Why a URL does not name a gateway.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "the gateway must be given as https://ACCOUNT:TOKEN@HOST (percent-encoded), and the sender as a number or service"
)]
pub struct GatewayUrlProblem;

/// How long a gateway may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// To take a message, while somebody waits.
    pub send: Duration,
    /// To say what became of one.
    pub ask: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { send: Duration::from_secs(10), ask: Duration::from_secs(3) }
    }
}

/// A gateway.
pub struct Twilio {
    messages: String,
    authorization: Zeroizing<String>,
    from: String,
    patience: Patience,
    agent: Agent,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Answer {
    sid: String,
    /// Of a message a word, of an error the HTTP status.
    status: serde_json::Value,
    code: u32,
}

impl Twilio {
    /// The gateway at `url`.
    pub fn new(url: &str, from: &str, patience: Patience) -> Result<Self, GatewayUrlProblem> {
        let url = Url::parse(url).map_err(|_| GatewayUrlProblem)?;
        let is_here = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        };
        if !(url.scheme() == "https" || (url.scheme() == "http" && is_here)) {
            return Err(GatewayUrlProblem);
        }
        let decoded = |text| percent_decode_str(text).decode_utf8().map_err(|_| GatewayUrlProblem);
        let (account, token) = (decoded(url.username())?, decoded(url.password().unwrap_or_default())?);
        let from = from.trim();
        let is_account = !account.is_empty() && account.chars().all(|c| c.is_ascii_alphanumeric());
        if !is_account || token.is_empty() || from.is_empty() || url.query().is_some() {
            return Err(GatewayUrlProblem);
        }
        let signed = Zeroizing::new(format!("{account}:{token}"));
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let base = format!("{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path());
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        let config = Agent::config_builder()
            .timeout_global(Some(patience.send))
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .tls_config(tls)
            .build();
        Ok(Self {
            messages: format!("{}/2010-04-01/Accounts/{account}/Messages", base.trim_end_matches('/')),
            authorization: Zeroizing::new(format!("Basic {}", data_encoding::BASE64.encode(signed.as_bytes()))),
            from: from.to_owned(),
            patience,
            agent: config.into(),
        })
    }

    pub(super) async fn send(self: Arc<Self>, text: Text) -> Result<String, Failure> {
        off_the_runtime(move || {
            let sender = if self.from.starts_with("MG") { "MessagingServiceSid" } else { "From" };
            let form = [("To", text.to.as_str()), (sender, self.from.as_str()), ("Body", text.body.as_str())];
            let request = self.agent.post(format!("{}.json", self.messages));
            let answer = request.header("Authorization", self.authorization.as_str()).send_form(form);
            read(answer).map(|answer| answer.sid)
        })
        .await
    }

    pub(super) async fn is_lost(self: Arc<Self>, id: String) -> bool {
        // It goes into the address.
        if !id.chars().all(|c| c.is_ascii_alphanumeric()) {
            return false;
        }
        let found = off_the_runtime(move || self.get(&format!("{}/{id}.json", self.messages))).await;
        found.is_ok_and(|answer| matches!(answer.status.as_str(), Some("failed" | "undelivered")))
    }

    pub(super) async fn check(self: Arc<Self>) -> Result<(), Failure> {
        off_the_runtime(move || self.get(&format!("{}.json?PageSize=1", self.messages)).map(drop)).await
    }

    fn get(&self, url: &str) -> Result<Answer, Failure> {
        let request = self.agent.get(url).config().timeout_global(Some(self.patience.ask)).build();
        read(request.header("Authorization", self.authorization.as_str()).call())
    }
}

fn read(answer: Result<Response<ureq::Body>, ureq::Error>) -> Result<Answer, Failure> {
    let mut answer = answer.map_err(|_| Failure::Unreachable)?;
    let status = answer.status();
    let body = answer.body_mut().with_config().limit(ANSWER).read_to_string().map_err(|_| Failure::Unreachable)?;
    let said: Answer = serde_json::from_str(&body).unwrap_or_default();
    match status.as_u16() {
        200..=299 => Ok(said),
        400 if OF_THE_NUMBER.contains(&said.code) => Err(Failure::Number { code: said.code }),
        status => Err(Failure::Refused { status }),
    }
}

/// The client waits for the network with its thread.
async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(Failure::Unreachable))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_is_reached_by_https_and_signs_in() {
        let gateway = |url, from| Twilio::new(url, from, Patience::default());
        for good in
            ["https://AC1:token@api.example.com", "https://AC1:t%40ken@sms.example:8443/", "http://AC1:t@127.0.0.1:9"]
        {
            assert!(gateway(good, "+15005550006").is_ok(), "{good}");
        }
        for bad in [
            "",
            "api.example.com",
            "http://AC1:token@api.example.com",
            "https://api.example.com",
            "https://AC1@api.example.com",
            "https://A/C:token@api.example.com",
            "https://AC1:token@api.example.com/?x=1",
            "ftp://AC1:token@127.0.0.1",
        ] {
            assert!(gateway(bad, "+15005550006").is_err(), "{bad}");
        }
        assert!(gateway("https://AC1:token@api.example.com", " ").is_err());
        let made = gateway("https://AC1:t%40ken@sms.example:8443/x/", "MG1").unwrap();
        assert_eq!(made.messages, "https://sms.example:8443/x/2010-04-01/Accounts/AC1/Messages");
        assert_eq!(made.authorization.as_str(), "Basic QUMxOnRAa2Vu");
    }
}
