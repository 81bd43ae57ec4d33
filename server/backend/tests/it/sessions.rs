//! Sessions (3.2, 3.6, 3.7): how long they last, what ends them, and when identity counts as freshly proven.

use crate::support::{Browser, HOUR, MINUTE, MS, Person, World};
use backend::{Error, accounts, sessions, store::entity::session, worker};
use domain::{
    ids::{DeviceId, SessionId},
    roles::Role,
    sessions::{ProofKind, Standing, StepUp},
    users::MembershipStatus,
};
use uuid::Uuid;

async fn marta(world: &World) -> Person {
    let account = world.account("Northwind").await;
    world.user("Marta").with_totp().manager_of(&account).await
}

async fn is_in(browser: &Browser<'_>) -> bool {
    match browser.caller().await {
        Ok(_) => true,
        Err(Error::NotSignedIn) => false,
        Err(other) => panic!("{other:?}"),
    }
}

// ── how long ──────────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(a_session_ends_after_twelve_idle_hours, async |world| {
    let marta = marta(world).await;
    let browser = world.signed_in(&marta).await;
    world.advance(12 * HOUR - MS);
    assert!(is_in(&browser).await);
    // That was a use.
    world.advance(12 * HOUR - MS);
    assert!(is_in(&browser).await);
    world.advance(12 * HOUR);
    assert!(!is_in(&browser).await);
});

on_each_database!(a_session_ends_after_fourteen_days_used_or_not, async |world| {
    let marta = marta(world).await;
    let browser = world.signed_in(&marta).await;
    let begun = world.now();
    for _ in 0..28 {
        assert!(is_in(&browser).await);
        world.advance(12 * HOUR - MINUTE);
    }
    assert!(is_in(&browser).await);
    world.clock.set(begun + 14 * 24 * HOUR - MS);
    assert!(is_in(&browser).await);
    world.advance(MS);
    assert!(!is_in(&browser).await);
});

on_each_database!(what_time_has_ended_is_swept, async |world| {
    let marta = marta(world).await;
    let browser = world.signed_in(&marta).await;
    world.advance(11 * HOUR);
    let fresh = world.signed_in(&marta).await;
    world.advance(HOUR);
    worker::run_due(&world.backend, &world.mailer).await.unwrap();
    assert_eq!(world.rows::<session::Entity>().await.len(), 1);
    assert!(!is_in(&browser).await && is_in(&fresh).await);
});

// ── tokens ────────────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(every_rise_of_privilege_hands_out_a_new_token_and_voids_the_old, async |world| {
    let marta = marta(world).await;
    let mut browser = world.browser();
    browser.password(&marta).await.unwrap();
    let before = browser.twin();
    browser.code(&marta.code(world)).await.unwrap();
    assert!(!is_in(&before).await && is_in(&browser).await);
    // Step-up is a rise as well.
    let before = browser.twin();
    world.advance(MINUTE);
    browser.code(&marta.code(world)).await.unwrap();
    assert!(!is_in(&before).await && is_in(&browser).await);
    // A sign-in in the same browser is a session of its own.
    let before = browser.twin();
    browser.sign_in(&marta).await;
    assert!(is_in(&before).await && is_in(&browser).await);
});

on_each_database!(a_planted_device_cookie_is_never_made_a_known_one, async |world| {
    let account = world.account("Freehold").free().await;
    let (marta, mallory) =
        (world.user("Marta").manager_of(&account).await, world.user("Mallory").analyst_of(&account).await);
    let of_mallory = world.signed_in(&mallory).await;
    let mut victim = world.browser();
    victim.visitor.known_device = of_mallory.visitor.known_device.clone();
    victim.sign_in(&marta).await;
    // Mallory still holds what was planted; it is not recognised as Marta's.
    let mut thief = of_mallory.twin();
    assert_eq!(thief.password(&marta).await.unwrap(), Standing::AwaitingDeviceCode);
    world.deliver().await;
});

// ── one's own ─────────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(one_sees_and_ends_ones_own_sessions, async |world| {
    let marta = marta(world).await;
    let (laptop, tablet) = (world.signed_in(&marta).await, world.signed_in(&marta).await);
    let mine = sessions::mine(&world.backend, &laptop.me().await).await.unwrap();
    assert_eq!(mine.sessions.iter().map(|session| session.is_present).collect::<Vec<_>>(), [true, false]);
    assert_eq!((mine.sessions[0].device.as_str(), mine.sessions[0].place.as_str()), ("Firefox on Linux", "192.0.2.7"));
    assert_eq!(mine.devices.iter().filter(|device| device.is_present).count(), 1);
    sessions::end(&world.backend, &laptop.me().await, mine.sessions[1].id).await.unwrap();
    assert!(!is_in(&tablet).await && is_in(&laptop).await);
    let again = sessions::end(&world.backend, &laptop.me().await, mine.sessions[1].id).await;
    assert!(matches!(again, Err(Error::NotFound)));
});

on_each_database!(anothers_session_and_device_are_not_there, async |world| {
    let marta = marta(world).await;
    let bea = world.user("Bea").with_totp().await;
    let (of_marta, of_bea) = (world.signed_in(&marta).await, world.signed_in(&bea).await);
    let caller = of_marta.me().await;
    let theirs = sessions::mine(&world.backend, &of_bea.me().await).await.unwrap();
    for id in [theirs.sessions[0].id, SessionId(Uuid::from_u128(1))] {
        assert!(matches!(sessions::end(&world.backend, &caller, id).await, Err(Error::NotFound)));
    }
    for id in [theirs.devices[0].id, DeviceId(Uuid::from_u128(1))] {
        assert!(matches!(sessions::forget_device(&world.backend, &caller, id).await, Err(Error::NotFound)));
    }
    assert!(is_in(&of_bea).await);
    assert_eq!(sessions::mine(&world.backend, &caller).await.unwrap().sessions.len(), 1);
});

on_each_database!(signing_out_elsewhere_keeps_this_one, async |world| {
    let marta = marta(world).await;
    let bea = world.user("Bea").with_totp().await;
    let (laptop, tablet, phone) =
        (world.signed_in(&marta).await, world.signed_in(&marta).await, world.signed_in(&marta).await);
    let of_bea = world.signed_in(&bea).await;
    sessions::end_others(&world.backend, &laptop.me().await).await.unwrap();
    assert!(is_in(&laptop).await && !is_in(&tablet).await && !is_in(&phone).await && is_in(&of_bea).await);
    sessions::sign_out(&world.backend, &laptop.visitor).await.unwrap();
    assert!(!is_in(&laptop).await);
    sessions::sign_out(&world.backend, &laptop.visitor).await.unwrap();
    sessions::sign_out(&world.backend, &world.visitor()).await.unwrap();
    assert!(is_in(&of_bea).await);
});

on_each_database!(a_forgotten_device_is_a_new_one, async |world| {
    let account = world.account("Freehold").free().await;
    let marta = world.user("Marta").manager_of(&account).await;
    let mut laptop = world.signed_in(&marta).await;
    let device = sessions::mine(&world.backend, &laptop.me().await).await.unwrap().devices.remove(0);
    sessions::forget_device(&world.backend, &laptop.me().await, device.id).await.unwrap();
    assert_eq!(laptop.password(&marta).await.unwrap(), Standing::AwaitingDeviceCode);
    world.deliver().await;
});

// ── what closes what ──────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(shutting_out_closes_this_scope_at_once_and_no_other, async |world| {
    let (first, second) = (world.account("Northwind").await, world.account("Contoso").await);
    let marta = world.user("Marta").with_totp().manager_of(&first).manager_of(&second).await;
    let browser = world.signed_in(&marta).await;
    let old_page = browser.me().await;
    world.set_status(&marta, first.scope, MembershipStatus::Deactivated).await;
    let closed = accounts::console(&world.backend, &old_page, first.scope).await;
    assert!(matches!(closed, Err(Error::Denied(domain::policy::Denied::Unseen))), "open pages included");
    accounts::console(&world.backend, &browser.me().await, second.scope).await.unwrap();
    let open: Vec<_> = accounts::scopes(&world.backend, &browser.me().await).await.unwrap();
    assert_eq!(open.iter().map(|entry| entry.scope).collect::<Vec<_>>(), [second.scope]);
});

on_each_database!(a_changed_role_acts_on_open_sessions, async |world| {
    let account = world.account("Northwind").await;
    let chiara = world.user("Chiara").with_totp().admin_of(&account).await;
    let browser = world.signed_in(&chiara).await;
    let caller = browser.me().await;
    world.set_role(&chiara, account.scope, Role::Support).await;
    let page = backend::users::list(&world.backend, &caller, account.scope, &Default::default()).await;
    assert!(matches!(page, Err(Error::Denied(domain::policy::Denied::RoleLacks { .. }))));
});

on_each_database!(who_is_shut_out_everywhere_is_signed_out, async |world| {
    let account = world.account("Northwind").await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let mut browser = world.signed_in(&marta).await;
    let caller = browser.me().await;
    world.shut_out(&marta).await;
    assert!(!is_in(&browser).await);
    let late = accounts::console(&world.backend, &caller, account.scope).await;
    assert!(matches!(late, Err(Error::NotSignedIn)));
    world.advance(MINUTE);
    let late = backend::sign_in::submit_totp(&world.backend, &caller, &marta.code(world), false).await;
    assert!(matches!(late, Err(Error::NotSignedIn)), "{late:?}");
    assert!(browser.password(&marta).await.is_err());
});

// ── step-up ───────────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(a_proof_is_fresh_for_ten_minutes, async |world| {
    let marta = marta(world).await;
    let mut browser = world.signed_in(&marta).await;
    assert_eq!(browser.me().await.step_up(world.now()), StepUp::FreshByAuthenticator, "the sign-in's own proof counts");
    world.advance(10 * MINUTE - MS);
    assert_eq!(browser.me().await.step_up(world.now()), StepUp::FreshByAuthenticator);
    world.advance(MS);
    assert_eq!(browser.me().await.step_up(world.now()), StepUp::NeedsAuthenticator);
    browser.code(&marta.code(world)).await.unwrap();
    assert_eq!(browser.me().await.step_up(world.now()), StepUp::FreshByAuthenticator);
    // In this session only.
    let mut other = world.browser();
    other.password(&marta).await.unwrap();
    assert_eq!(other.me().await.step_up(world.now()), StepUp::NeedsAuthenticator);
});

on_each_database!(a_known_device_is_never_a_proof, async |world| {
    let account = world.account("Freehold").free().await;
    let bruno = world.user("Bruno").manager_of(&account).await;
    let mut browser = world.signed_in(&bruno).await;
    browser.password(&bruno).await.unwrap();
    let caller = browser.me().await;
    assert!(caller.proofs.iter().any(|proof| proof.kind == ProofKind::KnownDevice));
    assert_eq!(caller.step_up(world.now() + 10 * MINUTE), StepUp::NeedsPassword);
    world.deliver().await;
});

on_each_database!(use_is_written_down_to_the_minute, async |world| {
    let marta = marta(world).await;
    let browser = world.signed_in(&marta).await;
    let seen = async |world: &World| world.rows::<session::Entity>().await[0].last_seen_at;
    let first = seen(world).await;
    world.advance(MINUTE - MS);
    browser.me().await;
    assert_eq!(seen(world).await, first);
    world.advance(MS);
    browser.me().await;
    assert_eq!(seen(world).await, world.now().ms());
});
