//! The attack book: a file for each way in that somebody has taken elsewhere, or could take here. Each reads as a story,
//! the attacker's steps in order and what Postern answers to each, and says at its head what the attacker has, which
//! published weakness it is, and which link of the chain stops it.
//!
//! An attack is told by what the attacker gains in the end, not by which line refuses: so the rule may move, and the
//! story stays.

mod another_door;
mod approves_through_a_puppet;
mod asks_from_where_the_owner_is_only_support;
mod asks_through_the_portfolio;
mod bad_input;
mod demotes_a_peer_then_resets;
mod driven_past_a_step;
mod freshly_reset_administrator;
mod guesses_the_number;
mod hides_the_twentieth_miss;
mod link_of_another;
mod loosens_the_guard_first;
mod removes_one_to_get_below_three;
mod session_in_flight;
mod stolen_mailbox;
mod thief_enrols_first;

use crate::{
    mfa_reset::guards::{preview, unmailed_link},
    support::{Browser, Person, World},
};
use backend::{
    Error, Result,
    crypto::{LinkToken, Password},
    mfa_reset::{self, Accepted},
    password_reset,
    store::{self, entity::membership},
};
use domain::{
    errors::{Field, Problem},
    mfa_reset::State,
    person::EmailAddress,
    roles::Role,
    scope::Scope,
    users::MembershipStatus,
};

/// What an attempt answers, which leaves the database as it was. When a session was last seen does not count.
async fn changes_nothing<T>(world: &World, attempt: impl Future<Output = T>) -> T {
    let seen = ["sessions.last_seen_at", "sessions.place"];
    let before = world.dump().await.without(&seen);
    let answer = attempt.await;
    let after = world.dump().await.without(&seen);
    assert!(before == after, "changed: {:?}", before.tables_that_differ(&after));
    answer
}

/// Where the latest request for this person stands.
async fn state_for(world: &World, person: &Person) -> State {
    world.state_of(&unmailed_link(world, person).await).await
}

// ── the mailbox ───────────────────────────────────────────────────────────────────────────────────────────────────

/// Whoever reads this person's mail says that the password is forgotten: the link that arrives, if there is one in it.
async fn forgot(world: &World, person: &Person) -> Option<LinkToken> {
    world.deliver().await;
    let email = EmailAddress::parse(&person.email).unwrap();
    password_reset::request(&world.backend, &world.visitor(), &email).await.unwrap();
    match world.mail_to(person).await.subject.as_str() {
        "Set a new password" => Some(world.password_link(person).await),
        "No new password for now" => None,
        other => panic!("{other}"),
    }
}

/// Sets a password by a mailed link, in a browser that holds no cookie.
async fn set_password(world: &World, link: &LinkToken, password: &str) -> Result<()> {
    password_reset::set(&world.backend, &world.visitor(), link, Password::new(password.into())).await
}

// ── the number ────────────────────────────────────────────────────────────────────────────────────────────────────

/// The number that the asker of the pending request sees.
async fn number_of(asker: &Browser<'_>, scope: Scope, target: &Person) -> String {
    preview(asker, scope, target).await.number.unwrap()
}

/// Presses “Accept” with this number, in a browser that holds no cookie.
async fn accept_with(world: &World, link: &LinkToken, number: &str) -> Result<Accepted> {
    mfa_reset::accept(&world.backend, &world.visitor(), link, number).await
}

/// Another number than this one, and with each `step` another.
fn other_than(number: &str, step: u16) -> String {
    format!("{:04}", (number.parse::<u16>().unwrap() + step) % 10_000)
}

/// What is wrong with the number that was typed.
fn problem(answer: Result<Accepted>) -> Problem {
    match answer {
        Err(Error::Invalid(fields)) => fields.of(Field::Number).unwrap(),
        other => panic!("{other:?}"),
    }
}

// ── administrators ────────────────────────────────────────────────────────────────────────────────────────────────

/// Somebody invites a person who is there into a scope, who has not answered yet.
async fn invite(world: &World, by: &Person, person: &Person, scope: Scope, role: Role) {
    let like = world.place_of(by, scope).await;
    let row = membership::Model {
        id: world.backend.random.uuid(world.now()),
        user_id: person.id.0,
        role: role.key().into(),
        status: MembershipStatus::Invited.key().into(),
        name: person.name.clone(),
        name_folded: backend::fold::text(&person.name),
        search_folded: backend::fold::text(&format!("{} {}", person.name, person.email)),
        last_used_at: 0,
        created_at: world.now().ms(),
        invited_by: Some(by.id.0),
        ..like
    };
    store::membership::insert(world.backend.database.write(), row).await.unwrap();
}
