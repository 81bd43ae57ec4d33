//! Commands about accounts.

use super::{Failure, Place, confirm::confirm, open, people};
use crate::config::Keys;
use backend::operator::{self, AccountOverview, Change, Waiting, When};
use clap::{Args, Subcommand};
use domain::{
    accounts::Plan,
    ids::{AccountId, PortfolioId},
    person::{EmailAddress, Name, Reason},
    scope::Scope,
    time::Timestamp,
};

#[derive(Subcommand)]
pub enum Account {
    /// Make an account with its Owner, who is mailed a link to set a password (24 hours)
    Create {
        /// The account's name
        #[arg(long, value_parser = people::name)]
        name: Name,
        /// free or paid; a paid account requires MFA of everybody
        #[arg(long, value_parser = plan)]
        plan: Plan,
        /// The Owner's address
        #[arg(long, value_parser = people::email)]
        owner_email: EmailAddress,
        /// The Owner's name
        #[arg(long, value_parser = people::name)]
        owner_name: Name,
        /// Print the link as well
        #[arg(long)]
        print_link: bool,
        #[command(flatten)]
        place: Place,
    },
    /// List all accounts, oldest first: several lines each, the first with its id
    ///
    /// Of each: account, name, plan, people, and where there is one, owner, portfolio, closed; next-owner and
    /// next-owner-at while another Owner waits to take over.
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Put an account on another plan
    ///
    /// A paid account requires MFA of everybody from now on. A free one keeps what it requires and stays in its portfolio.
    SetPlan {
        /// Which account, by its id
        #[arg(long)]
        account: AccountId,
        /// free or paid
        #[arg(long, value_parser = plan)]
        plan: Plan,
        #[command(flatten)]
        place: Place,
    },
    /// Make somebody else the Owner, three days later
    ///
    /// For an Owner who is gone. Needs a sign-in (`user create`); who is not a member becomes one. Old and new Owner and all
    /// Admins are told by mail now and when it happens. Until then `--cancel` calls it off.
    SetOwner(SetOwner),
    /// Close an account: nobody can enter it any more
    ///
    /// Says what will happen and asks for its name, unless `--yes` is given. Its people and its log are kept.
    Close {
        /// Which account, by its id
        #[arg(long)]
        account: AccountId,
        /// Why, for the activity log and the mail to its administrators
        #[arg(long, value_parser = people::reason)]
        reason: Reason,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Args)]
#[group(skip)]
pub struct SetOwner {
    /// Which account, by its id
    #[arg(long, required_unless_present = "portfolio", conflicts_with = "portfolio")]
    account: Option<AccountId>,
    /// Or which portfolio
    #[arg(long)]
    portfolio: Option<PortfolioId>,
    /// The new Owner's address
    #[arg(long, visible_alias = "owner-email", value_parser = people::email, required_unless_present = "cancel")]
    email: Option<EmailAddress>,
    /// Why, for the activity log and the mails
    #[arg(long, value_parser = people::reason, required_unless_present = "cancel")]
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

impl Account {
    pub async fn run(self, keys: &Keys) -> Result<(), Failure> {
        match self {
            Self::Create { name, plan, owner_email, owner_name, print_link, place } => {
                let backend = open(keys, &place).await?;
                let (id, link) = operator::create_account(&backend, &name, plan, &owner_email, &owner_name).await?;
                println!("account {id}");
                if link.is_none() {
                    eprintln!(
                        "This address has a sign-in already, which owns the account from now on. The name given here was not \
                         used, and no mail was sent: tell them."
                    );
                }
                people::print(&backend, link.filter(|_| print_link))
            }
            Self::List { place } => {
                let backend = open(keys, &place).await?;
                operator::list(&backend).await?.iter().for_each(print);
                Ok(())
            }
            Self::SetPlan { account, plan, place } => {
                let backend = open(keys, &place).await?;
                let set = operator::set_plan(&backend, account, plan).await?;
                println!("plan {}", plan.key());
                if set.was == plan {
                    eprintln!("It was on this plan already.");
                }
                if set.requires_mfa {
                    eprintln!("It requires MFA of everybody from now on.");
                }
                if let (Plan::Free, Some(portfolio)) = (plan, set.portfolio) {
                    eprintln!("It stays in the portfolio “{portfolio}”, and what that asks of it still holds.");
                }
                Ok(())
            }
            Self::SetOwner(set_owner) => set_owner.run(keys).await,
            Self::Close { account, reason, yes, place } => close(keys, account, &reason, yes, &place).await,
        }
    }
}

impl SetOwner {
    async fn run(self, keys: &Keys) -> Result<(), Failure> {
        let scope = self.account.map(Scope::Account).or(self.portfolio.map(Scope::Portfolio));
        let Some(scope) = scope else { return Ok(()) };
        let backend = open(keys, &self.place).await?;
        if self.cancel {
            operator::call_off_owner(&backend, scope).await?;
            println!("cancelled set-owner");
            return Ok(());
        }
        let (Some(email), Some(reason)) = (self.email, self.reason) else { return Ok(()) };
        let when = if self.now { When::Now } else { When::WithNotice };
        let due = operator::set_owner(&backend, scope, &email, &reason, when).await?;
        println!("owner {email}");
        say_when(due);
        Ok(())
    }
}

/// When it takes effect, as a result, and what can be done until then.
pub fn say_when(due: Option<Timestamp>) {
    match due {
        Some(due) => {
            println!("takes-effect {}", due.rfc3339());
            eprintln!(
                "Everybody concerned is told by mail. It takes effect by itself while a server runs; `--cancel` calls it \
                 off until then, and `postern pending` lists what waits."
            );
        }
        None => {
            println!("takes-effect now");
            eprintln!("Everybody concerned is told by mail.");
        }
    }
}

async fn close(keys: &Keys, id: AccountId, reason: &Reason, yes: bool, place: &Place) -> Result<(), Failure> {
    let backend = open(keys, place).await?;
    let closing = operator::closing(&backend, id).await?;
    eprintln!(
        "“{}” is closed to everybody at once: {} people lose their access to it, {} invitations and {} MFA resets end. Their \
         sign-ins, and what they have elsewhere, stay. The people and the activity log are kept.",
        closing.name, closing.people, closing.invitations, closing.resets
    );
    if let Some(portfolio) = &closing.portfolio {
        eprintln!("It leaves the portfolio “{portfolio}”.");
    }
    confirm(&closing.name, yes)?;
    operator::close(&backend, id, reason).await?;
    println!("closed {id}");
    Ok(())
}

/// Everything that waits to take effect, whoever it concerns.
pub async fn pending(keys: &Keys, place: &Place) -> Result<(), Failure> {
    let backend = open(keys, place).await?;
    for Waiting { change, due_at } in operator::pending(&backend).await? {
        match change {
            Change::Owner { scope: Scope::Account(id), email } => println!("set-owner account {id} to {email}"),
            Change::Owner { scope: Scope::Portfolio(id), email } => println!("set-owner portfolio {id} to {email}"),
            Change::Address { from, to } => println!("set-email {from} to {to}"),
        }
        println!("takes-effect {}", due_at.rfc3339());
    }
    Ok(())
}

fn print(account: &AccountOverview) {
    let AccountOverview { id, name, plan, people, owner, portfolio, closed_at, waiting } = account;
    println!("account {id}\nname {name}\nplan {}\npeople {people}", plan.key());
    if let Some(owner) = owner {
        println!("owner {owner}");
    }
    if let Some(portfolio) = portfolio {
        println!("portfolio {portfolio}");
    }
    if let Some(closed_at) = closed_at {
        println!("closed {}", closed_at.rfc3339());
    }
    if let Some(Waiting { change: Change::Owner { email, .. }, due_at }) = waiting {
        println!("next-owner {email}\nnext-owner-at {}", due_at.rfc3339());
    }
}

fn plan(text: &str) -> Result<Plan, String> {
    Plan::of_key(text).ok_or_else(|| "free or paid".to_owned())
}
