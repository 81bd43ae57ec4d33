//! The attacker reads a person's mailbox and has nothing else: no password, no second factor. Both are given back by mail, a
//! forgotten password by its link and the second factor by an accepted reset, so the attacker asks for both, in the one order
//! or the other, and talks an administrator into the reset.
//!
//! Recovery that rests on one channel is CWE-640; that a service desk can be talked into it was seen in the break-ins at casino
//! operators of 2023. Here one mailbox does not give back both within three days (5.12): what comes second takes a number that
//! only the administrator can tell, or is withheld until a second factor is bound again.

use super::{accept_with, forgot, number_of, other_than, problem, set_password};
use crate::{
    mfa_reset::{Northwind, ask, guards::set, northwind, refused_as},
    support::{Browser, HOUR, Person, World},
};
use backend::{Error, crypto::Password, mfa_reset, password_reset};
use domain::{
    errors::{Conflict, Problem},
    guards::Guards,
    mfa_reset::{EndReason, State},
    passwords::LinkState,
    roles::Role,
    sessions::Standing,
};

const STOLEN: &str = "a stranger in the mailbox";

/// The password stays what it was, by this link and in whatever browser holds no cookie.
async fn sets_nothing(world: &World, person: &Person, link: &backend::crypto::LinkToken) {
    let before = world.row_of(person).await.password_hash;
    let set = set_password(world, link, STOLEN).await;
    assert!(matches!(set, Err(Error::Conflict(Conflict::LinkVoid))), "{set:?}");
    assert_eq!(world.row_of(person).await.password_hash, before);
}

async fn desk<'w>(world: &'w World, story: &Northwind) -> Browser<'w> {
    world.signed_in(&story.chiara).await
}

// ── first the password, then the reset ────────────────────────────────────────────────────────────────────────────

on_each_database!(after_a_mailed_password_the_reset_takes_a_number_that_no_mail_tells, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    // The thief has the password set by mail; the second factor stands in the way.
    let link = forgot(world, &story.marta).await.unwrap();
    set_password(world, &link, STOLEN).await.unwrap();
    let mut thief = world.browser();
    assert_eq!(thief.type_in(&story.marta.email, STOLEN).await.unwrap(), Standing::AwaitingMfa);

    // "I am Marta, I lost my phone": Chiara is talked into the reset, and its link arrives where the thief reads.
    let chiara = desk(world, &story).await;
    ask(&chiara, scope, &story.marta).await.unwrap();
    let number = number_of(&chiara, scope, &story.marta).await;
    let link = world.reset_link(&story.marta).await;
    for left in [2, 1] {
        let guess = other_than(&number, left.into());
        assert_eq!(problem(accept_with(world, &link, &guess).await), Problem::WrongNumber { left });
    }
    assert_eq!(refused_as(accept_with(world, &link, &other_than(&number, 3)).await), State::Cancelled);
    assert_eq!(mfa_reset::peek(&world.backend, &link).await.unwrap().reason, Some(EndReason::WrongNumbers));
    assert!(
        world.mail_to(&story.chiara).await.subject.contains("wrong numbers"),
        "and Chiara hears that it was not Marta"
    );
    // Nothing is gained: the factor is asked for, and it is Marta's.
    assert_eq!(thief.type_in(&story.marta.email, STOLEN).await.unwrap(), Standing::AwaitingMfa);
    assert_ne!(world.place_of(&story.marta, scope).await.factor_kinds, 0);
});

// ── first the reset, then the password ────────────────────────────────────────────────────────────────────────────

on_each_database!(while_a_reset_is_asked_for_no_mail_sets_a_password, async |world| {
    let story = northwind(world).await;
    // A link from before lies in the mailbox already.
    let before = forgot(world, &story.marta).await.unwrap();
    ask(&desk(world, &story).await, story.account.scope, &story.marta).await.unwrap();
    let reset = world.reset_link(&story.marta).await;
    sets_nothing(world, &story.marta, &before).await;
    assert!(forgot(world, &story.marta).await.is_none(), "the mail says whom to ask, and has no link");
    // The thief presses “Accept”: the factor is gone, and the way to a password with it.
    world.browser().accept(&reset).await.unwrap();
    sets_nothing(world, &story.marta, &before).await;
    assert!(forgot(world, &story.marta).await.is_none());
    for late in [24 * HOUR, 48 * HOUR] {
        world.advance(late);
        assert!(forgot(world, &story.marta).await.is_none(), "a second factor has to be bound, and none was");
    }
    // Marta still has her password, and binds a new phone: only then is the mailbox good for a password again.
    let mut laptop = world.browser();
    assert_eq!(laptop.sign_in(&story.marta).await, Standing::EnrolOnly);
    laptop.enrol().await.unwrap();
    world.deliver().await;
    world.advance(HOUR);
    let link = forgot(world, &story.marta).await.unwrap();
    set_password(world, &link, STOLEN).await.unwrap();
    assert_eq!(world.browser().type_in(&story.marta.email, STOLEN).await.unwrap(), Standing::AwaitingMfa);
    world.deliver().await;
});

on_each_database!(while_an_accepted_reset_waits_no_mail_sets_a_password, async |world| {
    let story = northwind(world).await;
    let before = forgot(world, &story.olga).await.unwrap();
    // The Owner's reset waits a day, because nobody else could approve it.
    ask(&desk(world, &story).await, story.account.scope, &story.olga).await.unwrap();
    let reset = world.reset_link(&story.olga).await;
    world.browser().accept(&reset).await.unwrap();
    assert_eq!(world.state_of(&reset).await, State::Waiting);
    sets_nothing(world, &story.olga, &before).await;
    assert!(forgot(world, &story.olga).await.is_none());
    world.wait_out(24 * HOUR).await;
    assert_eq!(world.state_of(&reset).await, State::Done);
    assert!(forgot(world, &story.olga).await.is_none(), "nor once it took effect");
    sets_nothing(world, &story.olga, &before).await;
});

on_each_database!(a_request_that_nobody_accepts_withholds_the_link_no_longer_than_it_lives, async |world| {
    let story = northwind(world).await;
    ask(&desk(world, &story).await, story.account.scope, &story.marta).await.unwrap();
    assert!(forgot(world, &story.marta).await.is_none());
    world.advance(12 * HOUR);
    // The password may be forgotten again, and then the next reset takes a number.
    let link = forgot(world, &story.marta).await.unwrap();
    set_password(world, &link, STOLEN).await.unwrap();
    let chiara = desk(world, &story).await;
    ask(&chiara, story.account.scope, &story.marta).await.unwrap();
    let link = world.reset_link(&story.marta).await;
    assert_eq!(number_of(&chiara, story.account.scope, &story.marta).await.len(), 4);
    assert!(accept_with(world, &link, "").await.is_err());
});

// ── a request that takes a number ─────────────────────────────────────────────────────────────────────────────────

on_each_database!(once_the_number_was_told_the_link_is_good_where_it_was_typed, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let chiara = desk(world, &story).await;
    set(&chiara, scope, Guards { number: true, ..Guards::default() }).await.unwrap();
    ask(&chiara, scope, &story.marta).await.unwrap();
    let (link, number) = (world.reset_link(&story.marta).await, number_of(&chiara, scope, &story.marta).await);
    // Marta is called on the telephone, and accepts.
    let mut phone = world.browser();
    phone.visitor.returning = Some(accept_with(world, &link, &number).await.unwrap().returning);
    // The thief has no factor in the way any more, and asks for a password.
    let link = forgot(world, &story.marta).await.unwrap();
    let seen = password_reset::peek(&world.backend, &world.visitor(), &link).await.unwrap();
    assert_eq!(seen, LinkState::WhereAccepted);
    sets_nothing(world, &story.marta, &link).await;
    // With the cookie of a reset of somebody else it is no other.
    let mut forged = world.browser();
    let bruno = world.user("Bruno").with_totp().manager_of(&story.account).await;
    ask(&chiara, scope, &bruno).await.unwrap();
    let (of_bruno, told) = (world.reset_link(&bruno).await, number_of(&chiara, scope, &bruno).await);
    forged.visitor.returning = Some(accept_with(world, &of_bruno, &told).await.unwrap().returning);
    let set = password_reset::set(&world.backend, &forged.visitor, &link, Password::new(STOLEN.into())).await;
    assert!(matches!(set, Err(Error::Conflict(Conflict::LinkVoid))), "{set:?}");
    // Marta sets one where she accepted.
    let chosen = Password::new("two herons stand in the moat".into());
    password_reset::set(&world.backend, &phone.visitor, &link, chosen).await.unwrap();
    let entered = phone.type_in(&story.marta.email, "two herons stand in the moat").await.unwrap();
    assert_eq!(entered, Standing::EnrolOnly);
    world.deliver().await;
});

on_each_database!(a_request_without_a_number_beside_one_with_withholds_the_link_all_the_same, async |world| {
    let story = northwind(world).await;
    let other = world.account("Contoso").await;
    let carlo = world.user("Carlo").with_totp().admin_of(&other).await;
    world.join(&story.marta, &other, Role::Support).await;
    let chiara = desk(world, &story).await;
    set(&chiara, story.account.scope, Guards { number: true, ..Guards::default() }).await.unwrap();
    ask(&chiara, story.account.scope, &story.marta).await.unwrap();
    assert!(forgot(world, &story.marta).await.is_some(), "accepting takes more than the mailbox");
    // Another place asks as well, and for no number: what the mailbox can accept counts.
    let carlo = world.signed_in(&carlo).await;
    ask(&carlo, other.scope, &story.marta).await.unwrap();
    assert!(forgot(world, &story.marta).await.is_none());
    mfa_reset::cancel(&world.backend, &carlo.me().await, other.scope, story.marta.id).await.unwrap();
    let link = forgot(world, &story.marta).await.unwrap();
    // A password by mail ends the request that is open: the next one asks for a number because of it, set or not.
    set_password(world, &link, STOLEN).await.unwrap();
    assert_eq!(world.ends_of(&story.marta).await, ["cancelled: done_elsewhere", "cancelled: asker"]);
    world.deliver().await;
});
