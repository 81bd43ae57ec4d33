//! The attacker has just taken an administrator over: mailbox, password, a talked-into reset, and an own phone bound. Within
//! the hour the attacker asks for the next resets, and approves those of others.
//!
//! The advisory of an identity provider of August 2023 tells of it: once a service desk had reset the factors of a highly
//! privileged user, that user's rights were used to reset those of other administrators. CWE-269, CWE-863. Here, within 24
//! hours of an own reset, every request one makes needs an approver, and one approves none (5.6).

use super::{changes_nothing, state_for};
use crate::{
    mfa_reset::{
        accept, ask, denied,
        guards::{Guarded, approve, guarded, has_factor, preview, reject, unmailed_link},
        refused_as,
    },
    support::{Browser, HOUR, MINUTE, MS, Person, World},
};
use backend::mfa_reset;
use domain::{
    guards::{ApprovalReason, FRESHLY_RESET},
    mfa_reset::State,
    person::{EmailAddress, Reason},
    policy::Denied,
    roles::Role,
    sessions::Standing,
    time::Timestamp,
};

/// Chiara's reset was approved and accepted, and whoever did so has bound a new phone: the browser, and when it took effect.
async fn taken_over<'w>(world: &'w World, story: &mut Guarded) -> (Browser<'w>, Timestamp) {
    let (scope, chiara) = (story.scope(), &mut story.base.chiara);
    ask(&world.signed_in(&story.base.olga).await, scope, chiara).await.unwrap();
    approve(&world.signed_in(&story.bruno).await, scope, chiara).await.unwrap();
    let mut phone = world.browser();
    phone.accept(&world.reset_link(chiara).await).await.unwrap();
    let at = world.now();
    enrol(world, &mut phone, chiara).await;
    (phone, at)
}

/// Goes on in the browser that accepted, and binds a new phone there.
async fn enrol(world: &World, phone: &mut Browser<'_>, person: &mut Person) {
    assert_eq!(phone.password(person).await.unwrap(), Standing::EnrolOnly);
    person.totp_seed = Some(phone.enrol().await.unwrap());
    assert_eq!(phone.me().await.standing(), Standing::Enter);
    world.deliver().await;
}

on_each_database!(what_a_freshly_reset_administrator_asks_for_needs_another, async |world| {
    let mut story = guarded(world).await;
    let (phone, at) = taken_over(world, &mut story).await;
    let (scope, marta) = (story.scope(), &story.base.marta);
    // Marta is a Manager, for whom nobody has to approve otherwise.
    assert_eq!(preview(&phone, scope, marta).await.demands.approval, Some(ApprovalReason::AskerReset));
    ask(&phone, scope, marta).await.unwrap();
    assert_eq!(state_for(world, marta).await, State::AwaitingApproval);
    assert!(world.subjects_to(marta).await.is_empty(), "no link leaves");
    assert_eq!(denied(approve(&phone, scope, marta).await), Denied::OwnRequest);
    // A wave of requests is a wave of questions to the others, who say no.
    let dora = world.user("Dora").with_totp().manager_of(&story.base.account).await;
    ask(&phone, scope, &dora).await.unwrap();
    ask(&phone, scope, &story.bruno).await.unwrap();
    let olga = world.signed_in(&story.base.olga).await;
    for target in [marta, &dora, &story.bruno] {
        assert_eq!(state_for(world, target).await, State::AwaitingApproval);
        reject(&olga, scope, target).await.unwrap();
        assert!(has_factor(world, target, scope).await);
    }
    // A day later, to the millisecond, it is an administrator like any other.
    world.clock.set(at + FRESHLY_RESET - 2 * MINUTE);
    let later = world.signed_in(&story.base.chiara).await;
    world.clock.set(at + FRESHLY_RESET - MS);
    ask(&later, scope, marta).await.unwrap();
    assert_eq!(state_for(world, marta).await, State::AwaitingApproval);
    world.advance(MS);
    ask(&later, scope, marta).await.unwrap();
    assert_eq!(state_for(world, marta).await, State::Open);
    world.deliver().await;
});

on_each_database!(a_freshly_reset_administrator_approves_nothing, async |world| {
    let mut story = guarded(world).await;
    let scope = story.scope();
    let (phone, at) = taken_over(world, &mut story).await;
    ask(&world.signed_in(&story.base.olga).await, scope, &story.bruno).await.unwrap();
    let decided = changes_nothing(world, approve(&phone, scope, &story.bruno)).await;
    assert_eq!(denied(decided), Denied::FreshlyReset);
    world.deliver().await;
    let called = world.mails().await;
    assert_eq!(called.iter().filter(|mail| *mail == "mfa_reset_approval_wanted to Chiara").count(), 0, "{called:?}");
    world.clock.set(at + FRESHLY_RESET - 2 * MINUTE);
    let (olga, later) = (world.signed_in(&story.base.olga).await, world.signed_in(&story.base.chiara).await);
    ask(&olga, scope, &story.bruno).await.unwrap();
    world.clock.set(at + FRESHLY_RESET - MS);
    assert_eq!(denied(approve(&later, scope, &story.bruno).await), Denied::FreshlyReset);
    world.advance(MS);
    approve(&later, scope, &story.bruno).await.unwrap();
    world.deliver().await;
});

on_each_database!(two_who_were_just_reset_do_not_vouch_for_each_other, async |world| {
    let mut story = guarded(world).await;
    let scope = story.scope();
    let fiona = world.user("Fiona").with_totp().admin_of(&story.base.account).await;
    world.advance(8 * 24 * HOUR);
    let (chiara, _) = taken_over(world, &mut story).await;
    // The second mailbox is taken the same way, before anybody wonders.
    ask(&world.signed_in(&story.base.olga).await, scope, &story.bruno).await.unwrap();
    approve(&world.signed_in(&fiona).await, scope, &story.bruno).await.unwrap();
    let mut bruno = world.browser();
    bruno.accept(&world.reset_link(&story.bruno).await).await.unwrap();
    enrol(world, &mut bruno, &mut story.bruno).await;
    ask(&bruno, scope, &story.base.marta).await.unwrap();
    assert_eq!(denied(approve(&chiara, scope, &story.base.marta).await), Denied::FreshlyReset);
    assert_eq!(state_for(world, &story.base.marta).await, State::AwaitingApproval);
    world.deliver().await;
});

on_each_database!(a_reset_by_the_operator_or_of_another_place_counts_as_well, async |world| {
    let mut story = guarded(world).await;
    let scope = story.scope();
    let other = world.account("Contoso").await;
    let carlo = world.user("Carlo").with_totp().owner_of(&other).await;
    world.join(&story.base.olga, &other, Role::Support).await;
    // Chiara by the operator, Olga from a place in which she is nobody.
    let email = EmailAddress::parse(&story.base.chiara.email).unwrap();
    mfa_reset::request_by_operator(&world.backend, &email, &Reason::none()).await.unwrap();
    let mut phone = world.browser();
    phone.accept(&world.reset_link(&story.base.chiara).await).await.unwrap();
    enrol(world, &mut phone, &mut story.base.chiara).await;
    ask(&phone, scope, &story.base.marta).await.unwrap();
    assert_eq!(state_for(world, &story.base.marta).await, State::AwaitingApproval);

    ask(&world.signed_in(&carlo).await, other.scope, &story.base.olga).await.unwrap();
    let mut tablet = world.browser();
    tablet.accept(&world.reset_link(&story.base.olga).await).await.unwrap();
    world.deliver().await;
    world.wait_out(24 * HOUR).await;
    enrol(world, &mut tablet, &mut story.base.olga).await;
    ask(&tablet, scope, &story.base.marta).await.unwrap();
    assert_eq!(state_for(world, &story.base.marta).await, State::AwaitingApproval);
    let link = unmailed_link(world, &story.base.marta).await;
    assert_eq!(refused_as(accept(&world.backend, &link).await), State::AwaitingApproval);
    world.deliver().await;
});
