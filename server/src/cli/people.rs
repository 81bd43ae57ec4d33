//! Commands about people and accounts.

use super::{Failure, Place, open};
use crate::config::Keys;
use backend::{Error, demo, mfa_reset, operator, throttle};
use clap::{Args, Subcommand};
use domain::{
    accounts::Plan,
    errors::{Conflict, Field, Problem},
    ids::AccountId,
    person::{EmailAddress, Name, Reason},
    policy::Denied,
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
pub enum Account {
    /// Make an account with its Owner, who is mailed a link to set a password (24 hours)
    Create {
        /// The account's name
        #[arg(long, value_parser = name)]
        name: Name,
        /// free or paid; a paid account requires MFA of everybody
        #[arg(long, value_parser = plan)]
        plan: Plan,
        /// The Owner's address
        #[arg(long, value_parser = email)]
        owner_email: EmailAddress,
        /// The Owner's name
        #[arg(long, value_parser = name)]
        owner_name: Name,
        /// Print the link as well
        #[arg(long)]
        print_link: bool,
        #[command(flatten)]
        place: Place,
    },
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

impl Account {
    pub async fn run(self, keys: &Keys) -> Result<(), Failure> {
        let Self::Create { name, plan, owner_email, owner_name, print_link, place } = self;
        let backend = open(keys, &place).await?;
        let (id, link) = operator::create_account(&backend, &name, plan, &owner_email, &owner_name).await?;
        println!("account {id}");
        print(&backend, link.filter(|_| print_link))
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
        let json = super::demo::json(&made, &backend.settings.public_url)?;
        println!("{json}");
        Ok(())
    }
}

fn print(backend: &backend::Backend, link: Option<backend::crypto::LinkToken>) -> Result<(), Failure> {
    if let Some(link) = link {
        println!("link {}/password-reset/{}", backend.settings.public_url, link.expose());
    }
    Ok(())
}

fn email(text: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(text).map_err(|problem| problem.to_string())
}

fn name(text: &str) -> Result<Name, String> {
    Name::parse(text).map_err(|problem| problem.to_string())
}

fn reason(text: &str) -> Result<Reason, String> {
    let reason = Reason::parse(text).map_err(|problem| problem.to_string())?;
    if reason.given().is_none() { Err("say why, in a few words".to_owned()) } else { Ok(reason) }
}

fn plan(text: &str) -> Result<Plan, String> {
    Plan::of_key(text).ok_or_else(|| "free or paid".to_owned())
}

fn role(text: &str) -> Result<Role, String> {
    Role::of_key(text).ok_or_else(|| "no such role; see --help for the names".to_owned())
}

/// What went wrong, for somebody at a terminal.
pub fn in_words(error: Error) -> Failure {
    let said = match &error {
        Error::Invalid(fields) if fields.of(Field::Email) == Some(Problem::Unknown) => {
            "nobody has this address. Look for a typing error; addresses are compared without case."
        }
        Error::Invalid(fields) if fields.of(Field::Account) == Some(Problem::Unknown) => {
            "there is no account with this id. `account create` prints the id of the one it makes."
        }
        Error::Invalid(fields) if fields.of(Field::Role) == Some(Problem::Unknown) => {
            "this role cannot be given here: an account has exactly one Owner, and portfolio roles belong to portfolios."
        }
        Error::Conflict(Conflict::AddressTaken) => "somebody has this address already.",
        Error::Denied(Denied::NothingToReset) => "this person has no second factor: there is nothing to reset.",
        Error::Denied(Denied::NotActive) => "this person is deactivated.",
        _ => return Failure::Backend(error),
    };
    Failure::Refused(said.to_owned())
}
