//! The attacker is an Admin with a second mailbox. The reset of another administrator needs a second administrator, so the
//! attacker makes one: raises the second mailbox, or invites it, at once or well before, and lets it approve.
//!
//! One person in two roles defeats the separation of duties: CWE-863, CWE-269. Here who approves has been able to reset MFA
//! for seven days, and was neither invited nor raised by who asks (5.6), however long ago and through whichever steps.

use super::{changes_nothing, invite, state_for};
use crate::{
    mfa_reset::{
        ask, denied,
        guards::{Guarded, approve, guarded, has_factor},
    },
    support::{HOUR, MINUTE, MS, Person, World},
};
use domain::{guards::MEMORY, mfa_reset::State, policy::Denied, roles::Role, users::MembershipStatus};

/// What the puppet is told when it approves the attacker's request for Bruno, made now.
async fn is_refused(world: &World, story: &Guarded, puppet: &Person) -> Denied {
    let scope = story.scope();
    let chiara = world.signed_in(&story.base.chiara).await;
    ask(&chiara, scope, &story.bruno).await.unwrap();
    let of_puppet = world.signed_in(puppet).await;
    let refused = denied(changes_nothing(world, approve(&of_puppet, scope, &story.bruno)).await);
    assert_eq!(state_for(world, &story.bruno).await, State::AwaitingApproval);
    assert!(has_factor(world, &story.bruno, scope).await);
    // It is not even called to approve.
    world.deliver().await;
    let called = format!("mfa_reset_approval_wanted to {}", puppet.name);
    assert!(!world.mails().await.contains(&called));
    refused
}

on_each_database!(a_puppet_that_was_raised_approves_neither_at_once_nor_later, async |world| {
    let story = guarded(world).await;
    let (me, puppet) = (Some(&story.base.chiara), &story.base.marta);
    world.set_role_by(me, puppet, story.scope(), Role::Admin).await;
    assert_eq!(is_refused(world, &story, puppet).await, Denied::MadeByAsker);
    world.advance(8 * 24 * HOUR);
    assert_eq!(is_refused(world, &story, puppet).await, Denied::MadeByAsker, "time does not wash it off");
});

on_each_database!(somebody_whom_others_raised_needs_seven_days_to_the_millisecond, async |world| {
    let story = guarded(world).await;
    let (scope, marta) = (story.scope(), &story.base.marta);
    let raised = world.now();
    world.set_role_by(Some(&story.base.olga), marta, scope, Role::Admin).await;
    assert_eq!(is_refused(world, &story, marta).await, Denied::NotSeasoned);
    world.clock.set(raised + MEMORY - 2 * MINUTE);
    let (chiara, of_marta) = (world.signed_in(&story.base.chiara).await, world.signed_in(marta).await);
    world.clock.set(raised + MEMORY - MS);
    ask(&chiara, scope, &story.bruno).await.unwrap();
    assert_eq!(denied(approve(&of_marta, scope, &story.bruno).await), Denied::NotSeasoned);
    world.advance(MS);
    approve(&of_marta, scope, &story.bruno).await.unwrap();
    assert_eq!(state_for(world, &story.bruno).await, State::Open);
    world.deliver().await;
});

on_each_database!(a_puppet_that_was_invited_does_not_approve_whoever_raised_it, async |world| {
    let story = guarded(world).await;
    let scope = story.scope();
    let puppet = world.user("Petra").with_totp().await;
    invite(world, &story.base.chiara, &puppet, scope, Role::Manager).await;
    world.set_status(&puppet, scope, MembershipStatus::Active).await;
    // Olga, who knows nothing, makes the diligent new colleague an Admin.
    world.set_role_by(Some(&story.base.olga), &puppet, scope, Role::Admin).await;
    world.advance(8 * 24 * HOUR);
    assert_eq!(is_refused(world, &story, &puppet).await, Denied::MadeByAsker);
});

on_each_database!(a_puppet_that_was_invited_as_an_admin_does_not_approve_either, async |world| {
    let story = guarded(world).await;
    let puppet = world.user("Petra").with_totp().await;
    invite(world, &story.base.chiara, &puppet, story.scope(), Role::Admin).await;
    world.set_status(&puppet, story.scope(), MembershipStatus::Active).await;
    assert_eq!(is_refused(world, &story, &puppet).await, Denied::MadeByAsker);
    world.advance(8 * 24 * HOUR);
    assert_eq!(is_refused(world, &story, &puppet).await, Denied::MadeByAsker);
});

on_each_database!(handing_the_puppet_through_another_hand_does_not_wash_it_off, async |world| {
    let story = guarded(world).await;
    let (scope, puppet) = (story.scope(), &story.base.marta);
    world.set_role_by(Some(&story.base.chiara), puppet, scope, Role::Admin).await;
    world.advance(HOUR);
    // Demoted, and raised again by the Owner; shut out, and let in again by the operator.
    world.set_role_by(Some(&story.base.olga), puppet, scope, Role::Manager).await;
    world.set_role_by(Some(&story.base.olga), puppet, scope, Role::Admin).await;
    world.set_status(puppet, scope, MembershipStatus::Deactivated).await;
    world.set_status(puppet, scope, MembershipStatus::Active).await;
    world.advance(8 * 24 * HOUR);
    assert_eq!(is_refused(world, &story, puppet).await, Denied::MadeByAsker);
});

on_each_database!(a_seasoned_administrator_who_leaves_and_returns_begins_anew, async |world| {
    let story = guarded(world).await;
    let scope = story.scope();
    let dora = world.user("Dora").with_totp().admin_of(&story.base.account).await;
    world.advance(8 * 24 * HOUR);
    // The attacker holds the password of a former colleague's mailbox: let in again, she is no approver today.
    world.set_status(&dora, scope, MembershipStatus::Deactivated).await;
    world.advance(MS);
    world.set_status(&dora, scope, MembershipStatus::Active).await;
    assert_eq!(is_refused(world, &story, &dora).await, Denied::NotSeasoned);
});

on_each_database!(who_raised_the_asker_a_moment_ago_does_not_approve, async |world| {
    let story = guarded(world).await;
    let scope = story.scope();
    world.set_role_by(Some(&story.base.chiara), &story.base.marta, scope, Role::Admin).await;
    ask(&world.signed_in(&story.base.marta).await, scope, &story.bruno).await.unwrap();
    world.deliver().await;
    let answer = approve(&world.signed_in(&story.base.chiara).await, scope, &story.bruno).await;
    world.deliver().await;
    assert!(answer.is_err(), "the attacker approved what the own puppet asked for");
});

on_each_database!(who_was_just_reset_does_not_ask_through_somebody_just_raised, async |world| {
    let story = guarded(world).await;
    let scope = story.scope();
    let dora = world.user("Dora").with_totp().manager_of(&story.base.account).await;
    ask(&world.signed_in(&story.base.olga).await, scope, &story.base.chiara).await.unwrap();
    approve(&world.signed_in(&story.bruno).await, scope, &story.base.chiara).await.unwrap();
    let mut phone = world.browser();
    phone.accept(&world.reset_link(&story.base.chiara).await).await.unwrap();
    phone.password(&story.base.chiara).await.unwrap();
    phone.enrol().await.unwrap();
    world.set_role_by(Some(&story.base.chiara), &dora, scope, Role::Admin).await;
    ask(&world.signed_in(&dora).await, scope, &story.base.marta).await.unwrap();
    world.deliver().await;
    assert_eq!(state_for(world, &story.base.marta).await, State::AwaitingApproval);
});

on_each_database!(a_puppet_of_a_puppet_does_not_approve, async |world| {
    let story = guarded(world).await;
    let scope = story.scope();
    let petra = world.user("Petra").with_totp().manager_of(&story.base.account).await;
    world.set_role_by(Some(&story.base.chiara), &story.base.marta, scope, Role::Admin).await;
    world.set_role_by(Some(&story.base.marta), &petra, scope, Role::Admin).await;
    world.advance(8 * 24 * HOUR);
    ask(&world.signed_in(&story.base.chiara).await, scope, &story.bruno).await.unwrap();
    let answer = approve(&world.signed_in(&petra).await, scope, &story.bruno).await;
    world.deliver().await;
    assert!(answer.is_err());
});
