//! What the operator does on the host: accounts, people, and the reset for who has nobody else to ask (5.8, 12.5).

mod accounts;
mod delayed;
mod people;

use crate::{
    mfa_reset::{accept, ask, northwind},
    sign_in::problem,
    support::{HOUR, Person, World},
};
use backend::{
    Error,
    crypto::LinkToken,
    mfa_reset,
    operator::{self, Refused},
    store::entity::{account, audit_entry, membership, user},
};
use domain::{
    accounts::Plan,
    errors::{Conflict, Field, Problem},
    ids::AccountId,
    mfa_reset::State,
    person::{EmailAddress, Name, Reason},
    policy::Denied,
    roles::Role,
};
use uuid::Uuid;

fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn because() -> Reason {
    Reason::parse("as agreed on the phone").unwrap()
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

async fn reset(world: &World, person: &Person) -> backend::Result<(domain::ids::MfaResetId, domain::time::Timestamp)> {
    let reason = Reason::parse("sole Owner, called back on the number we know").unwrap();
    mfa_reset::request_by_operator(&world.backend, &email(&person.email), &reason).await
}

// ── the reset ─────────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(the_operators_reset_takes_the_same_way_through_the_mailbox, async |world| {
    let story = northwind(world).await;
    let other = world.account("Contoso").await;
    let cora = world.user("Cora").with_totp().owner_of(&other).await;
    world.join(&story.olga, &other, Role::Analyst).await;
    let (_, until) = reset(world, &story.olga).await.unwrap();
    assert_eq!(until, world.now() + 12 * HOUR);
    assert_eq!(world.place_of(&story.olga, story.account.scope).await.factor_kinds, 2, "asking removes nothing");
    let link = world.reset_link(&story.olga).await;
    let shown = mfa_reset::peek(&world.backend, &link).await.unwrap();
    assert_eq!((shown.state, shown.asked_by, shown.scope_name), (State::Open, None, None));
    assert!(!world.mail_to(&story.olga).await.text.contains("sole Owner"), "the reason is for the log");
    accept(&world.backend, &link).await.unwrap();
    for scope in [story.account.scope, other.scope] {
        assert_eq!(
            world.log_of(scope).await,
            [
                "operator: mfa_reset_requested → Olga (sole Owner, called back on the number we know)",
                "Olga: mfa_reset_done → Olga"
            ]
        );
    }
    assert_eq!(
        world.mails().await,
        ["mfa_reset_done to Olga", "mfa_reset_done_contact to Cora", "mfa_reset_request to Olga"]
    );
    world.mail_to(&cora).await;
});

on_each_database!(the_operators_reset_replaces_every_other, async |world| {
    let story = northwind(world).await;
    let chiara = world.signed_in(&story.chiara).await;
    ask(&chiara, story.account.scope, &story.marta).await.unwrap();
    // Each mail leaves before the next, so that the newest link is the newest mail's.
    for _ in 0..2 {
        world.deliver().await;
        world.advance(HOUR);
        reset(world, &story.marta).await.unwrap();
    }
    assert_eq!(world.ends_of(&story.marta).await, ["superseded: newer", "superseded: newer", "live"]);
    accept(&world.backend, &world.reset_link(&story.marta).await).await.unwrap();
    assert_eq!(world.ends_of(&story.marta).await, ["superseded: newer", "superseded: newer", "done: accepted"]);
    world.deliver().await;
});

on_each_database!(declining_the_operators_reset_tells_the_contacts, async |world| {
    let story = northwind(world).await;
    reset(world, &story.marta).await.unwrap();
    let link = world.reset_link(&story.marta).await;
    mfa_reset::decline(&world.backend, &world.visitor(), &link).await.unwrap();
    assert_eq!(world.mails().await, ["mfa_reset_declined_contact to Olga", "mfa_reset_request to Marta"]);
    assert_eq!(world.ends_of(&story.marta).await, ["declined: target"]);
    world.deliver().await;
});

on_each_database!(the_operator_too_resets_only_who_is_there_and_has_something, async |world| {
    let story = northwind(world).await;
    let bare = world.user("Bruno").analyst_of(&story.account).await;
    let nobody = Person { email: "nobody@postern.example".into(), ..story.marta.clone() };
    assert_eq!(problem(reset(world, &nobody).await, Field::Email), Problem::Unknown);
    assert!(matches!(reset(world, &bare).await, Err(Error::Denied(Denied::NothingToReset))));
    world.shut_out(&story.marta).await;
    assert!(matches!(reset(world, &story.marta).await, Err(Error::Denied(Denied::NotActive))));
    assert!(world.mails().await.is_empty() && world.rows::<audit_entry::Entity>().await.is_empty());
});

on_each_database!(who_belongs_nowhere_is_reset_and_it_is_on_record, async |world| {
    let ann = world.user("Ann").with_totp().await;
    reset(world, &ann).await.unwrap();
    accept(&world.backend, &world.reset_link(&ann).await).await.unwrap();
    let mut recorded: Vec<String> =
        world.rows::<audit_entry::Entity>().await.into_iter().map(|entry| entry.action).collect();
    recorded.sort();
    assert_eq!(recorded, ["mfa_reset_done", "mfa_reset_requested"]);
    world.deliver().await;
});

on_each_database!(who_is_made_and_deleted_and_belongs_nowhere_is_on_record, async |world| {
    let address = email("ann@postern.example");
    operator::create_user(&world.backend, &address, &name("Ann"), None).await.unwrap();
    operator::erase(&world.backend, &address, &Reason::parse("asked for").unwrap()).await.unwrap();
    let mut recorded: Vec<_> = world.rows::<audit_entry::Entity>().await;
    recorded.sort_by_key(|entry| entry.id);
    let recorded: Vec<_> = recorded.iter().map(|entry| (entry.action.as_str(), entry.target_name.as_deref())).collect();
    assert_eq!(recorded, [("user_created", Some("Ann")), ("sign_in_deleted", None)], "of whom is not kept");
    world.deliver().await;
});

on_each_database!(no_account_is_made_for_who_cannot_sign_in, async |world| {
    let ann = world.user("Ann").with_totp().await;
    world.execute("UPDATE users SET deactivated_at = 1 WHERE id = ?", [ann.id.0.into()]).await;
    let (account, owner) = (name("Northwind"), email(&ann.email));
    let made = operator::create_account(&world.backend, &account, Plan::Paid, &owner, &name("Ann")).await;
    assert!(matches!(made, Err(Refused::Deactivated)), "{made:?}");
    assert!(world.rows::<account::Entity>().await.is_empty());
});

// ── accounts and people ───────────────────────────────────────────────────────────────────────────────────────────

async fn create(
    world: &World,
    account: &str,
    plan: Plan,
    owner: &str,
    owner_name: &str,
) -> (AccountId, Option<LinkToken>) {
    let (account, owner, owner_name) = (name(account), email(owner), name(owner_name));
    operator::create_account(&world.backend, &account, plan, &owner, &owner_name).await.unwrap()
}

on_each_database!(a_paid_account_requires_mfa_from_the_beginning_and_its_owner_gets_a_link, async |world| {
    let (id, link) = create(world, "Northwind", Plan::Paid, "olga@postern.example", "Olga").await;
    let row = world.rows::<account::Entity>().await.remove(0);
    assert_eq!((row.id, row.plan.as_str(), row.require_mfa), (id.0, "paid", true));
    let place = world.rows::<membership::Entity>().await.remove(0);
    assert_eq!((place.role.as_str(), place.status.as_str(), place.scope_id), ("owner", "active", id.0));
    let person = world.rows::<user::Entity>().await.remove(0);
    assert_eq!((person.email.as_str(), person.password_hash), ("olga@postern.example", None));
    assert_eq!(world.mails().await, ["password_reset to Olga"]);
    assert!(link.is_some());
    let scope = domain::scope::Scope::Account(id);
    assert_eq!(world.log_of(scope).await, ["operator: account_created", "operator: user_created → Olga (owner)"]);
    assert_eq!(world.number("SELECT members FROM headcounts", []).await, 1);
    world.deliver().await;
});

on_each_database!(an_owner_who_is_there_already_keeps_their_sign_in, async |world| {
    let olga = world.user("Olga").with_totp().await;
    let (id, link) = create(world, "Freehold", Plan::Free, "OLGA@postern.example", "Another name").await;
    assert!(link.is_none() && world.mails().await.is_empty());
    let place = world.place_of(&olga, domain::scope::Scope::Account(id)).await;
    assert_eq!((place.role.as_str(), place.factor_kinds), ("owner", 2));
    assert_eq!(world.number("SELECT with_mfa FROM headcounts", []).await, 1);
    assert!(!world.rows::<account::Entity>().await[0].require_mfa);
});

on_each_database!(an_address_belongs_to_one_person, async |world| {
    let story = northwind(world).await;
    let taken = operator::create_user(&world.backend, &email("MARTA@postern.example"), &name("Marta II"), None).await;
    assert!(matches!(taken, Err(Error::Conflict(Conflict::AddressTaken))));
    let made = world
        .at_once(6, |server, _| async move {
            operator::create_user(&server, &email("dora@postern.example"), &name("Dora"), None).await
        })
        .await;
    assert_eq!(made.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert_eq!(world.rows::<user::Entity>().await.len(), 4);
    assert!(world.place_of(&story.marta, story.account.scope).await.status == "active");
    world.deliver().await;
});

on_each_database!(a_person_is_added_with_an_account_role_below_owner, async |world| {
    let account = world.account("Northwind").await;
    let dora = email("dora@postern.example");
    for role in [Role::Owner, Role::PortfolioOwner, Role::PortfolioAdmin, Role::PortfolioAnalyst] {
        let answer = operator::create_user(&world.backend, &dora, &name("Dora"), Some((account.id(), role))).await;
        assert_eq!(problem(answer, Field::Role), Problem::Unknown, "{role:?}");
    }
    let nowhere = AccountId(Uuid::from_u128(5));
    let answer = operator::create_user(&world.backend, &dora, &name("Dora"), Some((nowhere, Role::Admin))).await;
    assert_eq!(problem(answer, Field::Account), Problem::Unknown);
    assert!(operator::is_empty(&world.backend).await.unwrap(), "nothing is left of what was refused");
    assert!(world.mails().await.is_empty());
    operator::create_user(&world.backend, &dora, &name("Dora"), Some((account.id(), Role::Admin))).await.unwrap();
    assert!(!operator::is_empty(&world.backend).await.unwrap());
    assert_eq!(world.log_of(account.scope).await, ["operator: user_created → Dora (admin)"]);
    world.deliver().await;
});
