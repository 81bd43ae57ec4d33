//! `postern demo`: Postern to be looked at, with nothing to set up and nothing to lose.

use super::{Failure, backend, serve, up};
use crate::{
    config::{Config, ConfigError, Keys},
    router, telemetry,
};
use backend::{
    Backend, Settings,
    clock::SystemClock,
    crypto::{MasterKey, Random},
    demo::{self, DemoState},
    mail::Mailer,
    sms::Gateway,
    store::Database,
};
use clap::Args;
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

#[derive(Args)]
pub struct Demo {
    /// Where its files go [default: a new temporary folder]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Let its clock run ahead, e.g. 13h or 90m: how expiry is looked at
    #[arg(long, value_name = "SPAN", default_value = "0s", value_parser = span)]
    clock_offset: Duration,
}

impl Demo {
    pub async fn run(self, keys: &Keys) -> Result<(), Failure> {
        let config = Config::load(keys)?;
        if config.names_database() {
            let remedy = "Unset it, or run `postern serve`.";
            return Err(ConfigError::new(
                "POSTERN_DATABASE_URL",
                "is set, and a demo never touches a real database",
                remedy,
            )
            .into());
        }
        let listen = config.listen()?;
        if !listen.ip().is_loopback() {
            let remedy = "Listen on 127.0.0.1: everybody's password is known.";
            return Err(ConfigError::new("POSTERN_LISTEN", "a demo is for this machine alone", remedy).into());
        }
        let dir = self.data_dir.clone().unwrap_or_else(new_folder);
        fs::create_dir_all(&dir).map_err(|problem| file(&dir, problem))?;
        let base_url = format!("http://{listen}");
        let backend = prepare(&config, &dir, self.clock_offset, &base_url).await?;
        let mailbox = dir.join("mailbox");
        let mailer = Mailer::folder(&mailbox).map_err(|problem| file(&mailbox, problem))?;
        let gateway = Gateway::folder(&mailbox).map_err(|problem| file(&mailbox, problem))?;
        let backend = backend.texting_by(Some(gateway));
        telemetry::start();
        welcome(&dir, &base_url)?;
        let parts = router::Parts {
            demo: Some(router::DemoFiles { dir, ahead: self.clock_offset }),
            ..router::Parts::default()
        };
        serve::listen_and_work(listen, backend, mailer, parts).await
    }
}

/// Opens the folder, and fills it when it is new.
async fn prepare(config: &Config, dir: &Path, ahead: Duration, base_url: &str) -> Result<Backend, Failure> {
    let path = dir.join("demo.json");
    let is_new = !path.exists();
    if is_new {
        write(&path, &json!({ "base_url": base_url }).to_string())?;
    }
    let backend = open(config, dir, ahead).await?;
    if is_new {
        eprintln!("Making people …");
        let made = demo::fill(&backend, demo::FEWEST).await?;
        demo::mark(&backend).await?;
        write(&path, &json(&made, base_url)?)?;
    } else if read_json(&path)?["base_url"] != base_url {
        let mut known = read_json(&path)?;
        known["base_url"] = base_url.into();
        write(&path, &known.to_string())?;
        return open(config, dir, ahead).await;
    }
    if demo::is_marked(&backend).await? {
        return Ok(backend);
    }
    Err(Failure::Refused(format!("{} holds a database that is no demo's.", dir.display())))
}

/// A backend on a demo's folder.
pub async fn open(config: &Config, dir: &Path, ahead: Duration) -> Result<Backend, Failure> {
    let base_url = read_json(&dir.join("demo.json"))?["base_url"].as_str().unwrap_or_default().to_owned();
    let key_file = dir.join("master.key");
    let master = if key_file.exists() {
        let text = fs::read_to_string(&key_file).map_err(|problem| file(&key_file, problem))?;
        MasterKey::parse(&text).map_err(|problem| Failure::Refused(format!("{}: {problem}", key_file.display())))?
    } else {
        let master = MasterKey::generate(&Random::from_system());
        write(&key_file, &master.expose())?;
        master
    };
    let database = Database::open(&database_url(dir)).await?;
    up(&database).await?;
    let settings = Settings {
        public_url: base_url,
        mail_from: "Postern <postern@localhost>".to_owned(),
        support_url: None,
        breaches: config.breaches()?,
        places: config.places()?,
        sessions: config.sessions(),
        throttle: config.throttle(),
    };
    Ok(backend(database, SystemClock { ahead }, &master, settings))
}

pub fn database_url(dir: &Path) -> String {
    format!("sqlite:{}", dir.join("postern.db").display())
}

/// What was made, as `demo.json`.
pub fn json(made: &demo::Demo, base_url: &str) -> Result<String, Failure> {
    let mut value = serde_json::to_value(made).map_err(|problem| Failure::Refused(problem.to_string()))?;
    value["base_url"] = base_url.into();
    Ok(value.to_string())
}

fn welcome(dir: &Path, base_url: &str) -> Result<(), Failure> {
    let known = read_json(&dir.join("demo.json"))?;
    let people = known["users"].as_array().cloned().unwrap_or_default();
    let one = |role: &str, state: DemoState| {
        let state = json!(state);
        let found = people.iter().find(|one| one["memberships"][0]["role"] == role && one["state"] == state);
        found.and_then(|one| one["email"].as_str()).unwrap_or("nobody").to_owned()
    };
    eprintln!(
        "\n  Postern demo, in {dir}\n\n  \
         Sign in      {base_url}/sign-in\n  \
         As           {admin} (Admin)\n               {owner} (Owner)\n  \
         Password     {password}\n  \
         Codes        {base_url}/demo/authenticator\n  \
         Mail         {base_url}/demo/mailbox\n  \
         Passkeys     {named}/sign-in (they belong to a name)\n\n  \
         {locked} has lost the phone: reset their MFA under Settings > Users.\n",
        dir = dir.display(),
        named = base_url.replace("127.0.0.1", "localhost"),
        admin = one("admin", DemoState::Active),
        owner = one("owner", DemoState::Active),
        locked = one("analyst", DemoState::LockedOut),
        password = demo::PASSWORD,
    );
    Ok(())
}

fn new_folder() -> PathBuf {
    let name = uuid::Builder::from_random_bytes(Random::from_system().bytes()).into_uuid();
    std::env::temp_dir().join(format!("postern-demo-{}", name.simple()))
}

fn span(text: &str) -> Result<Duration, String> {
    let said = || "a number with s, m, h or d behind it, e.g. 13h".to_owned();
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(said)?;
    let number: u64 = number.parse().map_err(|_| said())?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(said()),
    };
    Ok(Duration::from_secs(number.saturating_mul(seconds)))
}

/// Written whole or not at all, and readable by its owner alone.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    let part = path.with_extension("part");
    let done = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part);
    done.and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| fs::rename(&part, path))
        .map_err(|problem| file(path, problem))
}

fn read_json(path: &Path) -> Result<Value, Failure> {
    let text = fs::read_to_string(path).map_err(|problem| file(path, problem))?;
    serde_json::from_str(&text).map_err(|problem| Failure::Refused(format!("{}: {problem}", path.display())))
}

fn file(path: &Path, problem: std::io::Error) -> Failure {
    Failure::File { path: path.display().to_string(), problem }
}
