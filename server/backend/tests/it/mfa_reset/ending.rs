//! Every other end: time, “This wasn't me”, a ground that is gone, and links that were never made (5.4, 5.6, 5.7, 5.11).

use super::{accept, ask, asked, northwind, refused_as};
use crate::support::{HOUR, MS, World};
use backend::{
    Error, authenticators,
    crypto::{LinkToken, Nonce, Password, Purpose},
    mfa_reset, password_reset,
};
use domain::{
    errors::Conflict,
    ids::{AuthenticatorId, MfaResetId},
    mfa_reset::{EndReason, State},
    person::EmailAddress,
    roles::Role,
    users::MembershipStatus,
};
use std::time::Duration;

async fn reason_of(world: &World, link: &LinkToken) -> Option<EndReason> {
    mfa_reset::peek(&world.backend, link).await.unwrap().reason
}

// ── time ──────────────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(twelve_hours_are_too_late_to_the_millisecond, async |world| {
    let story = northwind(world).await;
    let link = asked(world, &story).await;
    world.advance(12 * HOUR);
    let before = world.dump().await;
    assert_eq!(world.state_of(&link).await, State::Expired);
    assert_eq!(refused_as(accept(&world.backend, &link).await), State::Expired);
    assert_eq!(refused_as(mfa_reset::decline(&world.backend, &world.visitor(), &link).await), State::Expired);
    assert_eq!(world.dump().await, before);
    world.clock.set(world.now() - MS);
    accept(&world.backend, &link).await.unwrap();
    world.deliver().await;
});

on_each_database!(expiry_needs_no_worker_and_is_written_down_once, async |world| {
    let story = northwind(world).await;
    let link = asked(world, &story).await;
    world.advance(12 * HOUR);
    assert_eq!(world.state_of(&link).await, State::Expired);
    assert_eq!(world.ends_of(&story.marta).await, ["live"]);
    let finished = world.at_once(6, |server, _| async move { mfa_reset::finish_due(&server).await }).await;
    assert!(finished.iter().all(Result::is_ok), "{finished:?}");
    assert_eq!(world.ends_of(&story.marta).await, ["expired: time_up"]);
    let log = ["Chiara: mfa_reset_requested → Marta", "system: mfa_reset_expired → Marta (time_up)"];
    assert_eq!(world.log_of(story.account.scope).await, log);
    assert_eq!(reason_of(world, &link).await, Some(EndReason::TimeUp));
});

on_each_database!(an_expired_request_is_asked_again, async |world| {
    let story = northwind(world).await;
    let link = asked(world, &story).await;
    world.advance(13 * HOUR);
    let again = asked(world, &story).await;
    assert_eq!((world.state_of(&link).await, world.state_of(&again).await), (State::Expired, State::Open));
    accept(&world.backend, &again).await.unwrap();
    world.deliver().await;
});

on_each_database!(the_outcome_is_shown_for_thirty_days_after_the_decision, async |world| {
    let story = northwind(world).await;
    let link = asked(world, &story).await;
    world.advance(11 * HOUR);
    mfa_reset::decline(&world.backend, &world.visitor(), &link).await.unwrap();
    world.deliver().await;
    world.advance(30 * 24 * HOUR - MS);
    assert_eq!(world.state_of(&link).await, State::Declined);
    world.advance(MS);
    assert!(matches!(mfa_reset::peek(&world.backend, &link).await, Err(Error::NotFound)));
});

// ── “This wasn't me” ──────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(declining_tells_asker_and_contact_and_locks_nobody_out, async |world| {
    let story = northwind(world).await;
    let marta = world.signed_in(&story.marta).await;
    let link = asked(world, &story).await;
    let before = world.row_of(&story.marta).await;
    assert_eq!(mfa_reset::decline(&world.backend, &world.visitor(), &link).await.unwrap(), State::Declined);
    assert_eq!(world.row_of(&story.marta).await, before);
    assert!(marta.caller().await.is_ok());
    assert_eq!(world.place_of(&story.marta, story.account.scope).await.factor_kinds, 2);
    assert_eq!(
        world.mails().await,
        ["mfa_reset_declined_asker to Chiara", "mfa_reset_declined_contact to Olga", "mfa_reset_request to Marta"]
    );
    let log = ["Chiara: mfa_reset_requested → Marta", "Marta: mfa_reset_declined → Marta (target)"];
    assert_eq!(world.log_of(story.account.scope).await, log);
    assert_eq!(refused_as(accept(&world.backend, &link).await), State::Declined);
    assert_eq!(refused_as(mfa_reset::decline(&world.backend, &world.visitor(), &link).await), State::Declined);
    world.deliver().await;
});

on_each_database!(an_own_session_shows_the_request_and_can_decline_it, async |world| {
    let story = northwind(world).await;
    let marta = world.signed_in(&story.marta).await;
    let link = asked(world, &story).await;
    let shown = mfa_reset::of_mine(&world.backend, &marta.me().await).await.unwrap().unwrap();
    assert_eq!((shown.asked_by.as_deref(), shown.scope_name.as_deref()), (Some("Chiara"), Some("Northwind")));
    // Nobody else's session shows it, or may decline it.
    let olga = world.signed_in(&story.olga).await;
    assert_eq!(mfa_reset::of_mine(&world.backend, &olga.me().await).await.unwrap(), None);
    let answer = mfa_reset::decline_mine(&world.backend, &olga.me().await, shown.id).await;
    assert!(matches!(answer, Err(Error::NotFound)));
    let unknown = MfaResetId(uuid::Uuid::from_u128(4));
    assert!(matches!(mfa_reset::decline_mine(&world.backend, &marta.me().await, unknown).await, Err(Error::NotFound)));
    mfa_reset::decline_mine(&world.backend, &marta.me().await, shown.id).await.unwrap();
    assert_eq!(world.state_of(&link).await, State::Declined);
    assert_eq!(mfa_reset::of_mine(&world.backend, &marta.me().await).await.unwrap(), None);
    world.deliver().await;
});

on_each_database!(a_half_done_sign_in_declines_nothing, async |world| {
    let story = northwind(world).await;
    asked(world, &story).await;
    let mut thief = world.browser();
    thief.password(&story.marta).await.unwrap();
    let id = MfaResetId(world.resets_of(&story.marta).await[0].id);
    let answer = mfa_reset::decline_mine(&world.backend, &thief.me().await, id).await;
    assert!(matches!(answer, Err(Error::Unfinished(_))));
    assert_eq!(world.ends_of(&story.marta).await, ["live"]);
});

// ── no ground any more ────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(a_request_dies_when_its_asker_is_demoted, async |world| {
    let story = northwind(world).await;
    let link = asked(world, &story).await;
    world.set_role(&story.chiara, story.account.scope, Role::Manager).await;
    assert_eq!(world.state_of(&link).await, State::Cancelled);
    assert_eq!(reason_of(world, &link).await, Some(EndReason::AskerLostRight));
    assert_eq!(refused_as(accept(&world.backend, &link).await), State::Cancelled);
    assert_eq!(world.ends_of(&story.marta).await, ["cancelled: asker_lost_right"]);
    let log = ["Chiara: mfa_reset_requested → Marta", "system: mfa_reset_cancelled → Marta (asker_lost_right)"];
    assert_eq!(world.log_of(story.account.scope).await, log);
    assert_eq!(world.place_of(&story.marta, story.account.scope).await.factor_kinds, 2);
    // Dead is dead: an Admin again does not bring it back.
    world.set_role(&story.chiara, story.account.scope, Role::Admin).await;
    assert_eq!(refused_as(accept(&world.backend, &link).await), State::Cancelled);
});

on_each_database!(what_lost_its_ground_is_ended_without_anybody_accepting, async |world| {
    let story = northwind(world).await;
    let link = asked(world, &story).await;
    mfa_reset::end_groundless(&world.backend).await.unwrap();
    assert_eq!(world.ends_of(&story.marta).await, ["live"], "it has its ground");
    world.set_role(&story.chiara, story.account.scope, Role::Manager).await;
    let ended = world.at_once(6, |server, _| async move { mfa_reset::end_groundless(&server).await }).await;
    assert!(ended.iter().all(Result::is_ok), "{ended:?}");
    assert_eq!(world.ends_of(&story.marta).await, ["cancelled: asker_lost_right"]);
    let log = ["Chiara: mfa_reset_requested → Marta", "system: mfa_reset_cancelled → Marta (asker_lost_right)"];
    assert_eq!(world.log_of(story.account.scope).await, log);
    world.set_role(&story.chiara, story.account.scope, Role::Admin).await;
    assert_eq!(refused_as(accept(&world.backend, &link).await), State::Cancelled, "dead is dead");
});

on_each_database!(a_request_dies_when_its_asker_leaves, async |world| {
    let story = northwind(world).await;
    let link = asked(world, &story).await;
    world.remove(&story.chiara, story.account.scope).await;
    assert_eq!(refused_as(accept(&world.backend, &link).await), State::Cancelled);
    assert_eq!(reason_of(world, &link).await, Some(EndReason::AskerLostRight));
});

on_each_database!(a_request_dies_when_its_asker_is_shut_out, async |world| {
    let story = northwind(world).await;
    let link = asked(world, &story).await;
    world.set_status(&story.chiara, story.account.scope, MembershipStatus::Deactivated).await;
    assert_eq!(reason_of(world, &link).await, Some(EndReason::AskerLostRight));
    world.set_status(&story.chiara, story.account.scope, MembershipStatus::Active).await;
    world.shut_out(&story.chiara).await;
    assert_eq!(reason_of(world, &link).await, Some(EndReason::AskerLostRight), "of everywhere");
    assert_eq!(refused_as(accept(&world.backend, &link).await), State::Cancelled);
});

on_each_database!(a_request_dies_when_its_target_leaves, async |world| {
    let story = northwind(world).await;
    let link = asked(world, &story).await;
    world.remove(&story.marta, story.account.scope).await;
    assert_eq!(world.state_of(&link).await, State::Cancelled);
    assert_eq!(refused_as(accept(&world.backend, &link).await), State::Cancelled);
    assert_eq!(world.ends_of(&story.marta).await, ["cancelled: target_left"]);
    let kept = world.number("SELECT COUNT(*) FROM authenticators WHERE user_id = ?", [story.marta.id.0.into()]).await;
    assert_eq!(kept, 1);
});

on_each_database!(a_request_dies_when_its_target_is_shut_out_of_the_scope, async |world| {
    let story = northwind(world).await;
    let link = asked(world, &story).await;
    world.set_status(&story.marta, story.account.scope, MembershipStatus::Deactivated).await;
    assert_eq!(refused_as(accept(&world.backend, &link).await), State::Cancelled);
    assert_eq!(reason_of(world, &link).await, Some(EndReason::TargetLeft));
});

on_each_database!(a_dead_request_can_still_be_declined_or_called_off_or_asked_anew, async |world| {
    let story = northwind(world).await;
    let link = asked(world, &story).await;
    world.set_role(&story.chiara, story.account.scope, Role::Manager).await;
    let olga = world.signed_in(&story.olga).await;
    ask(&olga, story.account.scope, &story.marta).await.unwrap();
    let again = world.reset_link(&story.marta).await;
    assert_ne!(world.state_of(&link).await, State::Open);
    accept(&world.backend, &again).await.unwrap();
    world.deliver().await;
});

on_each_database!(removing_the_lost_method_oneself_ends_the_request, async |world| {
    let story = northwind(world).await;
    let mut marta = world.signed_in(&story.marta).await;
    let lost = world.rows::<backend::store::entity::authenticator::Entity>().await;
    let lost = AuthenticatorId(lost.iter().find(|row| row.user_id == story.marta.id.0).unwrap().id);
    world.advance(Duration::from_secs(30));
    marta.enrol().await.unwrap();
    let link = asked(world, &story).await;
    let step = authenticators::unbind(&world.backend, &marta.me().await, lost).await.unwrap();
    marta.take(step);
    assert_eq!(reason_of(world, &link).await, Some(EndReason::DoneElsewhere));
    assert_eq!(refused_as(accept(&world.backend, &link).await), State::Cancelled);
    assert!(marta.caller().await.is_ok());
    world.deliver().await;
});

// ── links that are none ───────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(a_link_that_was_never_made_is_unknown_to_every_door, async |world| {
    let story = northwind(world).await;
    let email = EmailAddress::parse(&story.marta.email).unwrap();
    password_reset::request(&world.backend, &world.visitor(), &email).await.unwrap();
    let password_link = world.password_link(&story.marta).await;
    let link = asked(world, &story).await;
    let row = world.resets_of(&story.marta).await.remove(0);
    let keys = &world.backend.keys;
    let nonce = Nonce::from_slice(&row.nonce);
    let mut near = link.expose();
    near.replace_range(..1, if near.starts_with('A') { "B" } else { "A" });
    let before = world.dump().await;
    for foreign in [
        password_link,
        // Of the same row for another purpose, of another row, of another nonce.
        keys.link_token(Purpose::PasswordReset, row.id, nonce),
        keys.link_token(Purpose::MfaReset, uuid::Uuid::from_u128(1), nonce),
        keys.link_token(Purpose::MfaReset, row.id, Nonce([0; 16])),
        LinkToken::parse(&"A".repeat(43)).unwrap(),
        LinkToken::parse(&near).unwrap(),
    ] {
        assert!(matches!(mfa_reset::peek(&world.backend, &foreign).await, Err(Error::NotFound)));
        assert!(matches!(accept(&world.backend, &foreign).await, Err(Error::NotFound)));
        let declined = mfa_reset::decline(&world.backend, &world.visitor(), &foreign).await;
        assert!(matches!(declined, Err(Error::NotFound)));
    }
    // Nor does the link of a reset set a password.
    assert!(matches!(password_reset::peek(&world.backend, &Default::default(), &link).await, Err(Error::NotFound)));
    let new = Password::new("seven loaves before dawn".into());
    let set = password_reset::set(&world.backend, &world.visitor(), &link, new).await;
    assert!(matches!(set, Err(Error::NotFound)));
    assert_eq!(world.dump().await, before);
    for malformed in ["", "A", &"A".repeat(42), &"A".repeat(44), &"ä".repeat(43), &format!("{}=", "A".repeat(42))] {
        assert!(LinkToken::parse(malformed).is_none(), "{malformed}");
    }
});

on_each_database!(cancelling_what_is_over_says_so, async |world| {
    let story = northwind(world).await;
    let link = asked(world, &story).await;
    accept(&world.backend, &link).await.unwrap();
    let chiara = world.signed_in(&story.chiara).await;
    let answer = mfa_reset::cancel(&world.backend, &chiara.me().await, story.account.scope, story.marta.id).await;
    assert!(matches!(answer, Err(Error::Conflict(Conflict::NoOpenReset))));
    world.deliver().await;
});
