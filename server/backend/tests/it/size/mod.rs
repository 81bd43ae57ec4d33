//! At size (6.1, 14): a crowd is as consistent as a handful, search finds what `LIKE` would, and nobody reads everybody.

mod crowd;
mod plans;
mod search;

use crate::support::World;
use backend::{
    Backend, Caller, Visitor,
    crypto::Password,
    demo::{self, Demo, DemoUser},
    sessions, sign_in,
};
use domain::{ids::PortfolioId, person::EmailAddress, scope::Scope};

/// More in the first account than are looked through for what many share.
const PEOPLE: u32 = 8_000;

/// A crowd, and its mail delivered.
async fn fill(world: &World, people: u32) -> Demo {
    let demo = demo::fill(&world.backend, people).await.unwrap();
    world.deliver().await;
    demo
}

/// The account of most people, which the first of a demo is the Owner of, and the portfolio that is theirs too.
fn scopes(demo: &Demo) -> [Scope; 2] {
    [Scope::Account(demo.accounts[0].id), Scope::Portfolio(PortfolioId(demo.users[0].memberships[1].id))]
}

/// Signs somebody of a demo in, second factor included.
async fn enter(backend: &Backend, person: &DemoUser) -> Caller {
    let mut visitor = Visitor::default();
    let address = EmailAddress::parse(&person.email).unwrap();
    let password = Password::new(person.password.clone());
    visitor.session = Some(sign_in::sign_in(backend, &visitor, &address, password).await.unwrap().session);
    let caller = sessions::caller(backend, &visitor).await.unwrap();
    let code = demo::code_of(person.totp_secret.as_deref().unwrap(), backend.now()).unwrap();
    visitor.session = Some(sign_in::submit_totp(backend, &caller, &code, false).await.unwrap().session);
    sessions::caller(backend, &visitor).await.unwrap()
}
