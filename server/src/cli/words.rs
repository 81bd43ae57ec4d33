//! Why a command did nothing, for somebody at a terminal: what happened, and what to do next.

use super::Failure;
use backend::{Error, operator::Refused};
use domain::{
    errors::{Conflict, Field, Problem},
    policy::Denied,
    scope::Scope,
};

/// Why the operator's command did nothing, for somebody at a terminal.
pub fn refused(refused: Refused) -> Failure {
    let said = match refused {
        Refused::Backend(error) => return in_words(error),
        Refused::NoSuchPerson => {
            "nobody has this address. Look for a typing error; addresses are compared without case.".to_owned()
        }
        Refused::NoSuchAccount(id) => format!("there is no account {id}. `postern account list` lists all."),
        Refused::NoSuchPortfolio(id) => format!("there is no portfolio {id}."),
        Refused::Closed => "this account is closed.".to_owned(),
        Refused::OwnerAlready => "they are the Owner already.".to_owned(),
        Refused::SameAddress => "this is the address that they have.".to_owned(),
        Refused::AddressTaken => "somebody has this address already.".to_owned(),
        Refused::Waits(due) => format!(
            "one waits already, until {}: `postern pending` lists what waits. Call it off first by the same command with \
             `--cancel`.",
            due.rfc3339()
        ),
        Refused::NothingWaits => "nothing waits: it took effect, or was called off.".to_owned(),
        Refused::Deactivated => "this person is deactivated.".to_owned(),
        Refused::NotDeactivated => "this person is not deactivated.".to_owned(),
        Refused::OwnerOf(scopes) => {
            let each = scopes.iter().map(|scope| format!("\n  {}: {}", named(*scope), hand_over(*scope)));
            format!("they are an Owner, and no place is left without one. First:{}", each.collect::<String>())
        }
    };
    Failure::Refused(said)
}

/// What went wrong, for somebody at a terminal.
pub fn in_words(error: Error) -> Failure {
    let said = match &error {
        Error::Invalid(fields) if fields.of(Field::Email) == Some(Problem::Unknown) => {
            "nobody has this address. Look for a typing error; addresses are compared without case."
        }
        Error::Invalid(fields) if fields.of(Field::Account) == Some(Problem::Unknown) => {
            "there is no account with this id, or it is closed. `postern account list` lists all."
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

/// A scope, as a command names it.
pub fn named(scope: Scope) -> String {
    match scope {
        Scope::Account(id) => format!("account {id}"),
        Scope::Portfolio(id) => format!("portfolio {id}"),
    }
}

/// How a scope gets another Owner.
pub fn hand_over(scope: Scope) -> String {
    format!("`postern account set-owner --{} --email ADDRESS --reason …`", named(scope))
}
