//! The main job, told from every side: who may ask, what the link does, what accepting leaves behind, and what happens
//! when everybody acts at once.

mod accepting;
mod any_order;
mod asking;
mod bulk;
mod ending;
pub mod guards;
mod number;
mod races;
mod watch;

use crate::support::{Account, Browser, Person, World};
use backend::{Backend, Result, Visitor, crypto::LinkToken, mfa_reset};
use domain::{ids::MfaResetId, person::Reason, policy::Denied, scope::Scope};

/// A paid account with an Owner, an Admin and a Manager, each with an authenticator app.
pub struct Northwind {
    pub account: Account,
    /// The Owner, and so the security contact.
    pub olga: Person,
    /// An Admin.
    pub chiara: Person,
    /// A Manager, who has lost the phone.
    pub marta: Person,
}

pub async fn northwind(world: &World) -> Northwind {
    let account = world.account("Northwind").await;
    let olga = world.user("Olga").with_totp().owner_of(&account).await;
    let chiara = world.user("Chiara").with_totp().admin_of(&account).await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    Northwind { account, olga, chiara, marta }
}

/// Asks for a reset, without a reason.
pub async fn ask(asker: &Browser<'_>, scope: Scope, target: &Person) -> Result<MfaResetId> {
    mfa_reset::request(&asker.backend, &asker.me().await, scope, target.id, &Reason::none()).await
}

/// The link that a fresh request of Chiara's puts into Marta's mailbox.
pub async fn asked(world: &World, story: &Northwind) -> LinkToken {
    let chiara = world.signed_in(&story.chiara).await;
    ask(&chiara, story.account.scope, &story.marta).await.unwrap();
    world.reset_link(&story.marta).await
}

pub async fn accept(backend: &Backend, link: &LinkToken) -> Result<()> {
    mfa_reset::accept(backend, &Visitor::default(), link, "").await.map(drop)
}

/// What policy said.
pub fn denied<T: std::fmt::Debug>(answer: Result<T>) -> Denied {
    match answer {
        Err(backend::Error::Denied(denied)) => denied,
        other => panic!("{other:?}"),
    }
}

/// In which state the reset refused.
pub fn refused_as<T: std::fmt::Debug>(answer: Result<T>) -> domain::mfa_reset::State {
    match answer {
        Err(backend::Error::Conflict(domain::errors::Conflict::ResetIs(state))) => state,
        other => panic!("{other:?}"),
    }
}
