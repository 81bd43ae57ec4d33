//! `postern doctor`: looks at each thing that a server needs, and says of each whether it is there.

use super::{Failure, backend, settings};
use crate::config::{Config, Keys};
use backend::{clock::SystemClock, health, mail::Mailer, store::Database};

pub async fn run(keys: &Keys) -> Result<(), Failure> {
    let config = Config::load(keys)?;
    let mut findings = Vec::new();
    findings
        .push(("public-url", config.public_url().map(|url| format!("links begin with {url}")).map_err(Failure::from)));
    findings.push(("key", config.master_key().map(|_| "a master key of 32 bytes".to_owned()).map_err(Failure::from)));
    findings.push(("sender", config.mail_from().map_err(Failure::from)));
    findings.push(("database", database(&config).await));
    findings.push(("mail", mail(&config).await));
    findings.push(("breach-list", breaches(&config)));
    findings.push(("sms", sms(&config).await));
    findings.push(("places", places(&config)));
    let mut failed = 0;
    for (what, found) in findings {
        match found {
            Ok(said) => {
                println!("{what} ok");
                eprintln!("  {said}");
            }
            Err(failure) => {
                failed += 1;
                println!("{what} failed");
                eprintln!("  {failure}");
            }
        }
    }
    if failed == 0 { Ok(()) } else { Err(Failure::Refused(format!("{failed} of 6 need a look, see above."))) }
}

async fn database(config: &Config) -> Result<String, Failure> {
    let url = config.database_url()?;
    if let Some(file) = Database::missing_file(&url) {
        let said = format!("{file} is not there. `postern migrate` makes it; or name another in POSTERN_DATABASE_URL.");
        return Err(Failure::Refused(said));
    }
    let database = Database::open(&url).await?;
    let kind = if database.is_sqlite() { "SQLite" } else { "PostgreSQL" };
    let any_key = backend::crypto::MasterKey::generate(&backend::crypto::Random::from_system());
    let backend =
        backend(database, SystemClock::default(), &any_key, settings(String::new(), String::new(), None, config));
    match health::ready(&backend).await {
        Ok(()) => Ok(format!("{kind}, with the schema of this version, its clock within 2 s of this machine's")),
        Err(health::NotReady::Schema) => {
            Err(Failure::Refused("the schema is of another version: run `postern migrate`.".to_owned()))
        }
        Err(other) => Err(Failure::Refused(other.to_string())),
    }
}

async fn sms(config: &Config) -> Result<String, Failure> {
    let Some(gateway) = config.sms()? else {
        return Ok("none; POSTERN_SMS_URL would name a gateway".to_owned());
    };
    let failed = |failure| Failure::Refused(format!("POSTERN_SMS_URL: {failure}"));
    gateway.check().await.map(|()| "the gateway answers".to_owned()).map_err(failed)
}

fn places(config: &Config) -> Result<String, Failure> {
    Ok(match config.places()? {
        Some(places) => format!("addresses are looked up in {}", places.kind()),
        None => "none; POSTERN_PLACES would name a database of where addresses are".to_owned(),
    })
}

fn breaches(config: &Config) -> Result<String, Failure> {
    Ok(match config.breaches()? {
        Some(list) => format!("{} breached passwords that nobody may choose", list.entries()),
        None => "none; POSTERN_BREACH_LIST would name one, see `postern breach-list --help`".to_owned(),
    })
}

async fn mail(config: &Config) -> Result<String, Failure> {
    let mailer = Mailer::smtp(&config.smtp_url()?)
        .map_err(|problem| Failure::Refused(format!("POSTERN_SMTP_URL: {problem}")))?;
    match mailer.check().await {
        Ok(()) => Ok("the mail server answers and takes the name and password".to_owned()),
        Err(failure) => Err(Failure::Refused(format!("POSTERN_SMTP_URL: {failure}"))),
    }
}
