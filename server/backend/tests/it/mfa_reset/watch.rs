//! The watch (5.10): what somebody does within a day of having their own second factors reset is marked, and told.

use super::{
    ask,
    guards::{Guarded, approve, guarded, hours, set},
};
use crate::support::{Browser, HOUR, MINUTE, MS, World, code_of};
use backend::{audit, email_change, store::entity::audit_entry};
use domain::{
    audit::{AuditAction, AuditQuery},
    guards::{ApprovalReason, Guards},
    person::EmailAddress,
    scope::Scope,
    time::Timestamp,
};
use std::time::Duration;

/// Bruno has his second factors reset, and enrols again.
async fn bruno_was_reset<'w>(world: &'w World, story: &mut Guarded) -> Browser<'w> {
    let chiara = world.signed_in(&story.base.chiara).await;
    ask(&chiara, story.scope(), &story.bruno).await.unwrap();
    approve(&world.signed_in(&story.base.olga).await, story.scope(), &story.bruno).await.unwrap();
    let mut phone = world.browser();
    phone.accept(&world.reset_link(&story.bruno).await).await.unwrap();
    world.deliver().await;
    phone.password(&story.bruno).await.unwrap();
    let seed = phone.enrol().await.unwrap();
    world.advance(Duration::from_secs(30));
    phone.code(&code_of(&seed, world.now())).await.unwrap();
    story.bruno.totp_seed = Some(seed);
    world.deliver().await;
    phone
}

async fn marked(world: &World, scope: Scope) -> Vec<String> {
    let rows = world.rows::<audit_entry::Entity>().await;
    let marked = rows.into_iter().filter(|row| row.marks != 0 && row.scope_id == Some(scope.uuid()));
    let mut marked: Vec<String> = marked.map(|row| row.action).collect();
    marked.sort();
    marked
}

on_each_database!(who_was_just_reset_is_watched_for_a_day, async |world| {
    let mut story = guarded(world).await;
    let scope = story.scope();
    let bruno = bruno_was_reset(world, &mut story).await;
    assert!(marked(world, scope).await.is_empty());
    set(&bruno, scope, Guards { wait: hours(1), ..Guards::default() }).await.unwrap();
    ask(&bruno, scope, &story.base.marta).await.unwrap();
    let address = EmailAddress::parse("bruno@new.example").unwrap();
    email_change::request(&world.backend, &bruno.me().await, &address).await.unwrap();
    assert_eq!(marked(world, scope).await, ["email_change_asked", "guards_tightened", "mfa_reset_requested"]);
    // The security contact is told of each, the log shows the mark.
    let subjects = world.subjects_to(&story.base.olga).await;
    assert_eq!(subjects.iter().filter(|subject| *subject == "Bruno acted shortly after an MFA reset").count(), 3);
    let olga = world.signed_in(&story.base.olga).await;
    let page = audit::list(&world.backend, &olga.me().await, scope, &AuditQuery::default()).await.unwrap();
    let marked_lines: Vec<_> = page.lines.iter().filter(|line| line.is_marked).map(|line| line.action).collect();
    assert_eq!(marked_lines.len(), 3);
    assert!(marked_lines.contains(&AuditAction::MfaResetRequested));
    // And it takes somebody else's approval, though Marta is no administrator.
    let seen = super::guards::preview(&bruno, scope, &story.base.marta).await;
    assert_eq!(seen.demands.approval, Some(ApprovalReason::AskerReset));
});

on_each_database!(a_day_later_it_is_as_with_everybody, async |world| {
    let mut story = guarded(world).await;
    let scope = story.scope();
    let bruno = bruno_was_reset(world, &mut story).await;
    drop(bruno);
    let done_at = Timestamp::from_ms(world.resets_of(&story.bruno).await.pop().unwrap().ended_at.unwrap());
    // Nobody else is watched meanwhile.
    let chiara = world.signed_in(&story.base.chiara).await;
    set(&chiara, scope, Guards { wait: hours(1), ..Guards::default() }).await.unwrap();
    assert!(marked(world, scope).await.is_empty());
    for (at, expected) in [(done_at + 24 * HOUR - MS, 1), (done_at + 24 * HOUR, 1)] {
        world.clock.set(at - MINUTE);
        let bruno = world.signed_in(&story.bruno).await;
        world.clock.set(at);
        let wait = hours(if at < done_at + 24 * HOUR { 4 } else { 12 });
        set(&bruno, scope, Guards { wait, ..Guards::default() }).await.unwrap();
        assert_eq!(marked(world, scope).await.len(), expected);
    }
    world.deliver().await;
});

on_each_database!(where_the_contact_was_reset_the_other_administrators_are_told, async |world| {
    let story = guarded(world).await;
    let scope = story.scope();
    let chiara = world.signed_in(&story.base.chiara).await;
    ask(&chiara, scope, &story.base.olga).await.unwrap();
    approve(&world.signed_in(&story.bruno).await, scope, &story.base.olga).await.unwrap();
    let mut phone = world.browser();
    phone.accept(&world.reset_link(&story.base.olga).await).await.unwrap();
    phone.password(&story.base.olga).await.unwrap();
    let seed = phone.enrol().await.unwrap();
    world.advance(Duration::from_secs(30));
    phone.code(&code_of(&seed, world.now())).await.unwrap();
    set(&phone, scope, Guards { number: true, ..Guards::default() }).await.unwrap();
    world.deliver().await;
    let told: Vec<String> = world.mails().await.into_iter().filter(|mail| mail.starts_with("watched")).collect();
    assert_eq!(told, ["watched to Bruno", "watched to Chiara"]);
});
