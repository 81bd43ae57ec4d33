//! The attacker is an Admin, or has an Admin's session, and wants to be another Admin as well. A peer's reset needs a second
//! administrator, so the peer is made a Manager first, reset as any member, and raised again.
//!
//! Changing the target so that the check sees another one is CWE-269 and CWE-841. In August 2023 an identity provider warned of
//! service desks talked into resetting all factors of highly privileged users: the second pair of eyes is for exactly these.
//! Here the guards look at the highest rank of the last seven days (5.6), whatever it is now.

use super::state_for;
use crate::{
    mfa_reset::{
        accept, ask, denied,
        guards::{Guarded, approve, guarded, has_factor, preview, reject, unmailed_link},
        refused_as,
    },
    support::{HOUR, MINUTE, MS, Person, World},
};
use domain::{
    guards::{ApprovalReason, MEMORY},
    mfa_reset::State,
    policy::Denied,
    roles::{Area, Level, Role},
};

/// Chiara is the attacker, Bruno the peer; Olga, Chiara, Bruno and Dora are administrators for long.
async fn four_administrators(world: &World) -> (Guarded, Person) {
    let story = guarded(world).await;
    let dora = world.user("Dora").with_totp().admin_of(&story.base.account).await;
    world.advance(8 * 24 * HOUR);
    (story, dora)
}

on_each_database!(a_peer_who_was_demoted_a_moment_ago_is_an_administrator_still, async |world| {
    let (story, dora) = four_administrators(world).await;
    let scope = story.scope();
    let chiara = world.signed_in(&story.base.chiara).await;
    world.set_role_by(Some(&story.base.chiara), &story.bruno, scope, Role::Manager).await;
    let seen = preview(&chiara, scope, &story.bruno).await;
    assert_eq!(seen.demands.approval, Some(ApprovalReason::Administrator), "though {:?} now", seen.target.rank);
    ask(&chiara, scope, &story.bruno).await.unwrap();
    // No link leaves, and one that was made up from the row would not do.
    assert!(world.subjects_to(&story.bruno).await.is_empty());
    let link = unmailed_link(world, &story.bruno).await;
    assert_eq!(refused_as(accept(&world.backend, &link).await), State::AwaitingApproval);
    // Nor can Chiara agree with herself. The others are called, and one of them says no.
    assert_eq!(denied(approve(&chiara, scope, &story.bruno).await), Denied::OwnRequest);
    let called = world.mails().await.into_iter().filter(|mail| mail.starts_with("mfa_reset_approval_wanted"));
    let called: Vec<String> = called.collect();
    assert_eq!(called, ["mfa_reset_approval_wanted to Dora", "mfa_reset_approval_wanted to Olga"]);
    reject(&world.signed_in(&dora).await, scope, &story.bruno).await.unwrap();
    assert!(has_factor(world, &story.bruno, scope).await);
    world.deliver().await;
});

on_each_database!(raising_the_peer_again_in_time_does_not_help_either, async |world| {
    let (story, _) = four_administrators(world).await;
    let (scope, me) = (story.scope(), Some(&story.base.chiara));
    let chiara = world.signed_in(&story.base.chiara).await;
    world.set_role_by(me, &story.bruno, scope, Role::Support).await;
    ask(&chiara, scope, &story.bruno).await.unwrap();
    world.set_role_by(me, &story.bruno, scope, Role::Admin).await;
    assert_eq!(state_for(world, &story.bruno).await, State::AwaitingApproval);
    world.deliver().await;
    world.advance(12 * HOUR);
    assert_eq!(state_for(world, &story.bruno).await, State::Expired);
    world.deliver().await;
    assert_eq!(world.ends_of(&story.bruno).await, ["expired: time_up"]);
});

on_each_database!(the_rank_is_remembered_for_seven_days_to_the_millisecond, async |world| {
    let (story, _) = four_administrators(world).await;
    let scope = story.scope();
    let demoted = world.now();
    world.set_role_by(Some(&story.base.chiara), &story.bruno, scope, Role::Manager).await;
    world.clock.set(demoted + MEMORY - 2 * MINUTE);
    let chiara = world.signed_in(&story.base.chiara).await;
    world.clock.set(demoted + MEMORY - MS);
    ask(&chiara, scope, &story.bruno).await.unwrap();
    assert_eq!(state_for(world, &story.bruno).await, State::AwaitingApproval);
    // After that the peer is a Manager like any other, and everybody has had a week to notice.
    world.advance(MS);
    ask(&chiara, scope, &story.bruno).await.unwrap();
    assert_eq!(state_for(world, &story.bruno).await, State::Open);
    assert_eq!(world.ends_of(&story.bruno).await, ["superseded: newer", "live"]);
    world.deliver().await;
});

on_each_database!(demoting_who_would_approve_leaves_the_request_without_them, async |world| {
    let (story, dora) = four_administrators(world).await;
    let (scope, me) = (story.scope(), Some(&story.base.chiara));
    let chiara = world.signed_in(&story.base.chiara).await;
    ask(&chiara, scope, &story.bruno).await.unwrap();
    let of_dora = world.signed_in(&dora).await;
    world.set_role_by(me, &dora, scope, Role::Manager).await;
    let lacks = Denied::RoleLacks { area: Area::MfaReset, level: Level::Edit };
    assert_eq!(denied(approve(&of_dora, scope, &story.bruno).await), lacks);
    // Raised again by the attacker, or by somebody who means well: seven days have to go by.
    world.set_role_by(me, &dora, scope, Role::Admin).await;
    assert_eq!(denied(approve(&of_dora, scope, &story.bruno).await), Denied::MadeByAsker);
    world.set_role(&dora, scope, Role::Manager).await;
    world.set_role_by(Some(&story.base.olga), &story.base.marta, scope, Role::Admin).await;
    let marta = world.signed_in(&story.base.marta).await;
    assert_eq!(denied(approve(&marta, scope, &story.bruno).await), Denied::NotSeasoned);
    assert_eq!(state_for(world, &story.bruno).await, State::AwaitingApproval);
    world.deliver().await;
});
