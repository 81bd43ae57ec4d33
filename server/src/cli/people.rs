//! Commands about people.

use super::{
    Failure, Place,
    accounts::say_when,
    open,
    words::{hand_over, named},
};
use crate::config::Keys;
use backend::{
    Error, demo, mfa_reset,
    operator::{self, When},
    throttle,
};
use clap::{Args, Subcommand};
use domain::{
    ids::AccountId,
    person::{EmailAddress, Name, Reason},
    roles::Role,
    time::Timestamp,
};

#[derive(Args)]
pub struct ResetMfa {
    /// Whose second factors
    #[arg(long, value_parser = email)]
    email: EmailAddress,
    /// Why, for the activity log
    #[arg(long, value_parser = reason)]
    reason: Reason,
    #[command(flatten)]
    place: Place,
}

#[derive(Subcommand)]
pub enum User {
    /// Make a person, who is mailed a link to set a password (24 hours)
    Create {
        /// Their address
        #[arg(long, value_parser = email)]
        email: EmailAddress,
        /// Their name
        #[arg(long, value_parser = name)]
        name: Name,
        /// The account they belong to, by its id
        #[arg(long, requires = "role")]
        account: Option<AccountId>,
        /// Their role there: admin, manager, analyst, campaign_coordinator, content_creator or support
        #[arg(long, requires = "account", value_parser = role)]
        role: Option<Role>,
        /// Print the link as well
        #[arg(long)]
        print_link: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Give somebody another address to sign in with, three days later
    ///
    /// For who has lost the mailbox of the one they have. Password and second factors stay as they are; every browser is
    /// signed out. Both addresses and the administrators of their accounts are told by mail now and when it happens. Until
    /// then `--cancel` calls it off.
    SetEmail(SetEmail),
    /// Shut somebody out everywhere, until `user activate`
    ///
    /// Signing in is refused as with a wrong password; every browser is signed out, and mailed links are void.
    Deactivate {
        #[command(flatten)]
        whom: Whom,
    },
    /// Let somebody in again who was deactivated
    Activate {
        #[command(flatten)]
        whom: Whom,
    },
    /// Delete somebody's sign-in, for good
    ///
    /// Name, addresses, password, second factors and every role go, and the address is free again. Logs keep what was done,
    /// by the name of that time. Refused for an Owner: `account set-owner` comes first.
    Erase {
        #[command(flatten)]
        whom: Whom,
    },
    /// Say what is counted against somebody, and until when they have to wait
    Throttle {
        /// Their address
        #[arg(long, value_parser = email)]
        email: EmailAddress,
        #[command(flatten)]
        place: Place,
    },
    /// Let somebody try again at once who had to wait after too many misses
    ClearThrottle {
        /// Their address
        #[arg(long, value_parser = email)]
        email: EmailAddress,
        #[command(flatten)]
        place: Place,
    },
}

/// Whom, and why.
#[derive(Args)]
pub struct Whom {
    /// Their address
    #[arg(long, value_parser = email)]
    email: EmailAddress,
    /// Why, for the activity log
    #[arg(long, value_parser = reason)]
    reason: Option<Reason>,
    #[command(flatten)]
    place: Place,
}

#[derive(Args)]
pub struct SetEmail {
    /// Their present address
    #[arg(long, value_parser = email)]
    email: EmailAddress,
    /// The new one
    #[arg(long, visible_alias = "to", value_parser = email, required_unless_present = "cancel")]
    new_email: Option<EmailAddress>,
    /// Why, for the activity log and the mails
    #[arg(long, value_parser = reason, required_unless_present = "cancel")]
    reason: Option<Reason>,
    /// At once instead of three days later
    #[arg(long, conflicts_with = "cancel")]
    now: bool,
    /// Call off what waits
    #[arg(long)]
    cancel: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Args)]
pub struct Seed {
    /// How many people, at least 40
    #[arg(long, default_value_t = demo::FEWEST)]
    users: u32,
    #[command(flatten)]
    place: Place,
}

impl ResetMfa {
    pub async fn run(self, keys: &Keys) -> Result<(), Failure> {
        let backend = open(keys, &self.place).await?;
        let (id, until) = mfa_reset::request_by_operator(&backend, &self.email, &self.reason).await?;
        println!("request {id}\naccept-until {}", until.rfc3339());
        eprintln!("The mail leaves as soon as a server runs. Nothing changes until the person accepts.");
        Ok(())
    }
}

impl User {
    pub async fn run(self, keys: &Keys) -> Result<(), Failure> {
        match self {
            Self::Create { email, name, account, role, print_link, place } => {
                let backend = open(keys, &place).await?;
                let (id, link) = operator::create_user(&backend, &email, &name, account.zip(role)).await?;
                println!("user {id}");
                print(&backend, Some(link).filter(|_| print_link))
            }
            Self::SetEmail(set_email) => set_email.run(keys).await,
            Self::Deactivate { whom } => {
                let (backend, reason) = whom.open(keys).await?;
                let owned = operator::deactivate(&backend, &whom.email, &reason).await?;
                println!("deactivated {}", whom.email);
                for scope in &owned {
                    eprintln!("They are the Owner of {}: {}", named(*scope), hand_over(*scope));
                }
                Ok(())
            }
            Self::Activate { whom } => {
                let (backend, reason) = whom.open(keys).await?;
                operator::activate(&backend, &whom.email, &reason).await?;
                println!("activated {}", whom.email);
                Ok(())
            }
            Self::Erase { whom } => {
                let (backend, reason) = whom.open(keys).await?;
                operator::erase(&backend, &whom.email, &reason).await?;
                println!("erased {}", whom.email);
                Ok(())
            }
            Self::Throttle { email, place } => {
                let backend = open(keys, &place).await?;
                for tally in throttle::of_person(&backend, &email, backend.now()).await? {
                    println!("{} misses {}{}", tally.kind.key(), tally.misses, wait(tally.until));
                }
                Ok(())
            }
            Self::ClearThrottle { email, place } => {
                let backend = open(keys, &place).await?;
                println!("cleared {}", operator::clear_throttle(&backend, &email).await?);
                Ok(())
            }
        }
    }
}

impl Whom {
    async fn open(&self, keys: &Keys) -> Result<(backend::Backend, Reason), Failure> {
        Ok((open(keys, &self.place).await?, self.reason.clone().unwrap_or_else(Reason::none)))
    }
}

impl SetEmail {
    async fn run(self, keys: &Keys) -> Result<(), Failure> {
        let backend = open(keys, &self.place).await?;
        if self.cancel {
            operator::call_off_email(&backend, &self.email).await?;
            println!("cancelled set-email");
            return Ok(());
        }
        let (Some(new), Some(reason)) = (self.new_email, self.reason) else { return Ok(()) };
        let when = if self.now { When::Now } else { When::WithNotice };
        let due = operator::set_email(&backend, &self.email, &new, &reason, when).await?;
        println!("email {new}");
        say_when(due);
        Ok(())
    }
}

/// What is counted, whoever it is.
pub async fn throttles(keys: &Keys, place: &Place) -> Result<(), Failure> {
    let backend = open(keys, place).await?;
    for overall in throttle::overall(&backend, backend.now()).await? {
        let throttle::Overall { kind, counted, waiting, misses, until } = overall;
        println!("{} counted {counted} waiting {waiting} most-misses {misses}{}", kind.key(), wait(until));
    }
    Ok(())
}

fn wait(until: Option<Timestamp>) -> String {
    until.map(|until| format!(" wait-until {}", until.rfc3339())).unwrap_or_default()
}

impl Seed {
    pub async fn run(self, keys: &Keys) -> Result<(), Failure> {
        let backend = open(keys, &self.place).await?;
        let made = demo::fill(&backend, self.users).await.map_err(|error| match error {
            Error::Conflict(_) => {
                Failure::Refused("somebody is in this database already; `seed` fills an empty one.".to_owned())
            }
            other => other.into(),
        })?;
        if made.others > 0 {
            let people = made.users.len();
            eprintln!("{people} people are listed below; {} more are in, by the same password.", made.others);
        }
        let json = super::demo::json(&made, &backend.settings.public_url)?;
        println!("{json}");
        Ok(())
    }
}

pub fn print(backend: &backend::Backend, link: Option<backend::crypto::LinkToken>) -> Result<(), Failure> {
    if let Some(link) = link {
        println!("link {}/password-reset/{}", backend.settings.public_url, link.expose());
    }
    Ok(())
}

pub fn email(text: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(text).map_err(|problem| problem.to_string())
}

pub fn name(text: &str) -> Result<Name, String> {
    Name::parse(text).map_err(|problem| problem.to_string())
}

pub fn reason(text: &str) -> Result<Reason, String> {
    let reason = Reason::parse(text).map_err(|problem| problem.to_string())?;
    if reason.given().is_none() { Err("say why, in a few words".to_owned()) } else { Ok(reason) }
}

fn role(text: &str) -> Result<Role, String> {
    Role::of_key(text).ok_or_else(|| "no such role; see --help for the names".to_owned())
}
