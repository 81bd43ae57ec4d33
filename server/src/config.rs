//! What the operator sets (spec 12.2): flags over the environment (`POSTERN_…`) over `postern.toml` in the present folder.
//! Every error names the key and the remedy, and never shows a secret. A secret may also stand in a file of its own:
//! `POSTERN_MASTER_KEY_FILE` and so on.

use crate::network::Network;
use backend::{
    crypto::{BreachList, MasterKey, breach_list::NoBreachList},
    places::{NoPlaces, Places},
    settings::{SessionLimits, ThrottleLimits},
    sms::{Gateway, Patience},
};
use clap::Args;
use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, sync::Arc};
use zeroize::Zeroizing;

/// The keys, as flags. All of them may come from the environment or from `postern.toml` as well.
#[derive(Args, Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// Where to listen [POSTERN_LISTEN] [default: 127.0.0.1:3000]
    #[arg(long, value_name = "ADDRESS:PORT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<String>,

    /// The address in every link: https, or http on loopback [POSTERN_PUBLIC_URL]
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,

    /// sqlite:FILE or postgres://… [POSTERN_DATABASE_URL, …_FILE] [default: sqlite:postern.db]
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_url: Option<String>,

    /// smtp://USER:PASSWORD@HOST:PORT or smtps://… [POSTERN_SMTP_URL, …_FILE]
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smtp_url: Option<String>,

    /// https://ACCOUNT:TOKEN@HOST of a gateway for text messages that speaks as Twilio does [POSTERN_SMS_URL, …_FILE]
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sms_url: Option<String>,

    /// The number or messaging service that text messages come from [POSTERN_SMS_FROM]
    #[arg(long, value_name = "NUMBER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sms_from: Option<String>,

    /// The sender of every mail: Postern <postern@example.org> [POSTERN_MAIL_FROM]
    #[arg(long, value_name = "MAILBOX")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail_from: Option<String>,

    /// 32 bytes in base64; better in the environment or a file than on the command line [POSTERN_MASTER_KEY, …_FILE]
    #[arg(long, value_name = "BASE64", hide = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub master_key: Option<String>,

    /// The file that holds the master key [POSTERN_MASTER_KEY_FILE]
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub master_key_file: Option<PathBuf>,

    /// The file that holds the database's URL.
    #[arg(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_url_file: Option<PathBuf>,

    /// The file that holds the mail server's URL.
    #[arg(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smtp_url_file: Option<PathBuf>,

    /// The file that holds the gateway's URL.
    #[arg(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sms_url_file: Option<PathBuf>,

    /// Proxies whose X-Forwarded-For is believed, as addresses or ranges [POSTERN_TRUSTED_PROXIES]
    #[arg(long, value_name = "10.0.0.0/8,…")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trusted_proxies: Option<String>,

    /// Where people who are stuck are sent [POSTERN_SUPPORT_URL]
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub support_url: Option<String>,

    /// Passwords that nobody may choose: a file of `postern breach-list build` [POSTERN_BREACH_LIST]
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breach_list: Option<PathBuf>,

    /// Where network addresses are: a file of MaxMind's format, of countries or towns [POSTERN_PLACES]
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub places: Option<PathBuf>,

    /// How often may be tried: `[throttle]` in postern.toml, or POSTERN_THROTTLE_FREE_MISSES and so on.
    #[arg(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throttle: Option<ThrottleLimits>,

    /// How long sessions last: `[sessions]` in postern.toml, or POSTERN_SESSIONS_IDLE and so on.
    #[arg(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sessions: Option<SessionLimits>,
}

const ENVIRONMENT: [&str; 16] = [
    "listen",
    "public_url",
    "database_url",
    "smtp_url",
    "mail_from",
    "master_key",
    "master_key_file",
    "database_url_file",
    "smtp_url_file",
    "sms_url",
    "sms_url_file",
    "sms_from",
    "trusted_proxies",
    "support_url",
    "breach_list",
    "places",
];

const NUMBERS: &str = "In the environment throttle.first_wait is POSTERN_THROTTLE_FIRST_WAIT, and so on. Write durations as \
                       90s, 15min or 12h and counts as numbers; leave one out for its default.";

/// The environment as it is: what looks like a number, as a telephone number does, stays a text.
fn environment() -> Serialized<BTreeMap<&'static str, String>> {
    let set = |key: &'static str| Some((key, std::env::var(format!("POSTERN_{}", key.to_uppercase())).ok()?));
    Serialized::defaults(ENVIRONMENT.into_iter().filter_map(set).collect())
}

/// A key that is missing or means nothing, with the remedy.
#[derive(Debug, thiserror::Error)]
#[error("{key}: {problem}\n  {remedy}")]
pub struct ConfigError {
    key: String,
    problem: String,
    remedy: &'static str,
}

impl ConfigError {
    /// About one key.
    pub fn new(key: &str, problem: impl Into<String>, remedy: &'static str) -> Self {
        Self { key: key.to_owned(), problem: problem.into(), remedy }
    }
}

/// The keys, all sources merged.
#[derive(Clone, Debug)]
pub struct Config(Keys);

impl Config {
    /// Merges flags over the environment over `postern.toml`. A variable whose name nobody knows is somebody else's,
    /// unless it names a table: there a slip of the pen would leave a limit as it was, and is refused.
    pub fn load(flags: &Keys) -> Result<Self, ConfigError> {
        let figment = Figment::new()
            .merge(Toml::file("postern.toml"))
            .merge(environment())
            .merge(table("throttle"))
            .merge(table("sessions"))
            .merge(Serialized::defaults(flags));
        let keys: Keys = figment.extract().map_err(|error| {
            let path = error.path.join(".");
            let key = if path.is_empty() { "postern.toml".to_owned() } else { path };
            let known = "postern.toml knows: listen, public_url, database_url, smtp_url, mail_from, master_key, \
                         master_key_file, database_url_file, smtp_url_file, sms_url, sms_url_file, sms_from, trusted_proxies, support_url, breach_list, places, [throttle], \
                         [sessions].";
            let remedy = if ["throttle", "sessions"].iter().any(|table| key.starts_with(table)) { NUMBERS } else { known };
            ConfigError::new(&key, error.kind.to_string(), remedy)
        })?;
        let wrong = [
            ("throttle", keys.throttle.as_ref().and_then(ThrottleLimits::wrong)),
            ("sessions", keys.sessions.as_ref().and_then(SessionLimits::wrong)),
        ];
        for (table, wrong) in wrong {
            if let Some((name, why)) = wrong {
                return Err(ConfigError::new(&format!("{table}.{name}"), why, NUMBERS));
            }
        }
        Ok(Self(keys))
    }

    /// How often may be tried.
    pub fn throttle(&self) -> ThrottleLimits {
        self.0.throttle.clone().unwrap_or_default()
    }

    /// How long sessions last.
    pub fn sessions(&self) -> SessionLimits {
        self.0.sessions.clone().unwrap_or_default()
    }

    /// Where to listen.
    pub fn listen(&self) -> Result<SocketAddr, ConfigError> {
        let text = self.0.listen.as_deref().unwrap_or("127.0.0.1:3000");
        text.parse().map_err(|_| {
            ConfigError::new(
                "POSTERN_LISTEN",
                format!("“{text}” is no address and port"),
                "Write it as 127.0.0.1:3000.",
            )
        })
    }

    /// The base of every link, without a slash at the end.
    pub fn public_url(&self) -> Result<String, ConfigError> {
        let remedy = "Set the address that people type, e.g. POSTERN_PUBLIC_URL=https://postern.example.org.";
        let key = "POSTERN_PUBLIC_URL";
        let Some(text) = &self.0.public_url else { return Err(ConfigError::new(key, "is not set", remedy)) };
        let text = text.trim_end_matches('/');
        let uri: http::Uri =
            text.parse().map_err(|_| ConfigError::new(key, format!("“{text}” is no address"), remedy))?;
        let plain = uri.path().len() <= 1 && uri.query().is_none();
        match (uri.scheme_str(), uri.host()) {
            (Some("https"), Some(_)) if plain => Ok(text.to_owned()),
            (Some("http"), Some(host)) if plain && is_loopback(host) => Ok(text.to_owned()),
            (Some("http"), Some(_)) => Err(ConfigError::new(key, "http is taken for loopback only", remedy)),
            _ => Err(ConfigError::new(key, format!("“{text}” is not https://HOST"), remedy)),
        }
    }

    /// The database.
    pub fn database_url(&self) -> Result<Zeroizing<String>, ConfigError> {
        let set = secret("POSTERN_DATABASE_URL", self.0.database_url.as_ref(), self.0.database_url_file.as_ref())?;
        Ok(set.unwrap_or_else(|| Zeroizing::new("sqlite:postern.db".to_owned())))
    }

    /// Whether a database was named at all.
    pub fn names_database(&self) -> bool {
        self.0.database_url.is_some() || self.0.database_url_file.is_some()
    }

    /// The mail server.
    pub fn smtp_url(&self) -> Result<Zeroizing<String>, ConfigError> {
        secret("POSTERN_SMTP_URL", self.0.smtp_url.as_ref(), self.0.smtp_url_file.as_ref())?.ok_or_else(|| {
            let remedy = "Name the server that takes your mail, e.g. POSTERN_SMTP_URL=smtp://user:password@mail.example.org:587.";
            ConfigError::new("POSTERN_SMTP_URL", "is not set", remedy)
        })
    }

    /// How text messages leave, where that is set up.
    pub fn sms(&self) -> Result<Option<Gateway>, ConfigError> {
        let set = secret("POSTERN_SMS_URL", self.0.sms_url.as_ref(), self.0.sms_url_file.as_ref())?;
        let Some(url) = set else { return Ok(None) };
        let remedy = "E.g. POSTERN_SMS_URL=https://ACCOUNT:TOKEN@api.twilio.com and POSTERN_SMS_FROM=+15005550006, or leave both out.";
        let from = self.0.sms_from.as_deref();
        let from = from.ok_or_else(|| ConfigError::new("POSTERN_SMS_FROM", "is not set", remedy))?;
        let gateway = Gateway::twilio(&url, from, Patience::default());
        gateway.map(Some).map_err(|problem| ConfigError::new("POSTERN_SMS_URL", problem.to_string(), remedy))
    }

    /// The sender of every mail.
    pub fn mail_from(&self) -> Result<String, ConfigError> {
        let remedy = "Name the sender, e.g. POSTERN_MAIL_FROM='Postern <postern@example.org>'.";
        let from =
            self.0.mail_from.clone().ok_or_else(|| ConfigError::new("POSTERN_MAIL_FROM", "is not set", remedy))?;
        backend::mail::check_sender(&from)
            .map_err(|_| ConfigError::new("POSTERN_MAIL_FROM", format!("“{from}” is no mailbox"), remedy))?;
        Ok(from)
    }

    /// The master key.
    pub fn master_key(&self) -> Result<MasterKey, ConfigError> {
        let remedy = "Make one with `openssl rand -base64 32`, keep it safe, and set POSTERN_MASTER_KEY or POSTERN_MASTER_KEY_FILE.";
        let set = secret("POSTERN_MASTER_KEY", self.0.master_key.as_ref(), self.0.master_key_file.as_ref())?;
        let text = set.ok_or_else(|| ConfigError::new("POSTERN_MASTER_KEY", "is not set", remedy))?;
        MasterKey::parse(&text).map_err(|problem| ConfigError::new("POSTERN_MASTER_KEY", problem.to_string(), remedy))
    }

    /// Proxies whose word on the sender's address is taken.
    pub fn trusted_proxies(&self) -> Result<Vec<Network>, ConfigError> {
        let text = self.0.trusted_proxies.as_deref().unwrap_or_default();
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts
            .map(|part| {
                part.parse().map_err(|problem: crate::network::NotANetwork| {
                    let remedy = "List addresses or ranges with commas between, e.g. 10.0.0.0/8,192.0.2.7.";
                    ConfigError::new("POSTERN_TRUSTED_PROXIES", format!("“{part}” is {problem}"), remedy)
                })
            })
            .collect()
    }

    /// The operator's list of breached passwords, open.
    pub fn breaches(&self) -> Result<Option<Arc<BreachList>>, ConfigError> {
        let remedy = "Make the file with `postern breach-list build`, or leave POSTERN_BREACH_LIST out.";
        let wrong = |problem: NoBreachList| ConfigError::new("POSTERN_BREACH_LIST", problem.to_string(), remedy);
        self.0.breach_list.as_deref().map(|path| BreachList::open(path).map(Arc::new).map_err(wrong)).transpose()
    }

    /// The operator's database of where network addresses are, open.
    pub fn places(&self) -> Result<Option<Arc<Places>>, ConfigError> {
        let remedy = "Name a file as GeoLite2-Country.mmdb or GeoLite2-City.mmdb, or leave POSTERN_PLACES out.";
        let wrong = |problem: NoPlaces| ConfigError::new("POSTERN_PLACES", problem.to_string(), remedy);
        self.0.places.as_deref().map(|path| Places::open(path).map(Arc::new).map_err(wrong)).transpose()
    }

    /// Where people who are stuck are sent.
    pub fn support_url(&self) -> Option<String> {
        self.0.support_url.clone()
    }
}

/// The variables that fill a table of `postern.toml`: `POSTERN_THROTTLE_FREE_MISSES` is `throttle.free_misses`.
fn table(name: &'static str) -> Env {
    let prefix = format!("{name}_");
    Env::prefixed("POSTERN_").filter_map(move |key| {
        let key = key.as_str().to_ascii_lowercase();
        key.strip_prefix(&prefix).map(|rest| format!("{name}.{rest}").into())
    })
}

fn secret(key: &str, value: Option<&String>, file: Option<&PathBuf>) -> Result<Option<Zeroizing<String>>, ConfigError> {
    match (value, file) {
        (Some(_), Some(_)) => {
            Err(ConfigError::new(key, format!("is set, and so is {key}_FILE"), "Keep one of the two."))
        }
        (Some(value), None) => Ok(Some(Zeroizing::new(value.clone()))),
        (None, Some(file)) => {
            let read = std::fs::read_to_string(file).map_err(|problem| {
                let said = format!("{} cannot be read: {problem}", file.display());
                ConfigError::new(&format!("{key}_FILE"), said, "Name a file that this user may read.")
            })?;
            Ok(Some(Zeroizing::new(read.trim().to_owned())))
        }
        (None, None) => Ok(None),
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(change: impl FnOnce(&mut Keys)) -> Config {
        let mut keys = Keys::default();
        change(&mut keys);
        Config(keys)
    }

    #[test]
    fn a_public_address_is_https_or_loopback() {
        let of = |url: &str| config(|keys| keys.public_url = Some(url.to_owned())).public_url();
        for good in
            ["https://postern.example.org", "http://127.0.0.1:3000", "http://localhost:3000/", "http://[::1]:3000"]
        {
            assert!(of(good).is_ok(), "{good}");
        }
        for bad in ["http://postern.example.org", "https://x.example/path", "https://x.example?a", "postern", ""] {
            let said = of(bad).unwrap_err().to_string();
            assert!(said.contains("POSTERN_PUBLIC_URL") && said.contains("https://postern.example.org"), "{said}");
        }
    }

    #[test]
    fn a_missing_or_short_key_says_how_to_make_one() {
        for keys in [config(|_| ()), config(|keys| keys.master_key = Some("c2hvcnQ=".to_owned()))] {
            let said = keys.master_key().unwrap_err().to_string();
            assert!(said.contains("openssl rand -base64 32"), "{said}");
            assert!(!said.contains("c2hvcnQ="), "{said}");
        }
    }
}
