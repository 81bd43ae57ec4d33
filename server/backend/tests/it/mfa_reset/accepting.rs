//! What accepting does, what it leaves alone, and the next sign-in (5.5).

use super::{accept, ask, asked, northwind, refused_as};
use crate::support::{HOUR, MS};
use backend::{
    Error, authenticators, mfa_reset, password_reset, sessions,
    store::entity::{authenticator, device_code, known_device, recovery_code, recovery_code_set, session},
    users,
};
use domain::{
    errors::{Conflict, Problem},
    mfa_reset::{EndReason, State},
    passwords::LinkState,
    person::{EmailAddress, Name},
    roles::Role,
    sessions::Standing,
    users::UserQuery,
};

on_each_database!(everything_that_can_be_held_is_gone, async |world| {
    let story = northwind(world).await;
    let other = world.account("Contoso").free().await;
    world.join(&story.marta, &other, Role::Manager).await;
    let carlo = world.user("Carlo").with_totp().admin_of(&other).await;
    // What Marta has: two browsers signed in, one that stopped half way, a second app half enrolled, backup codes of which
    // one was looked at, a password link, and a request from another account.
    let mut laptop = world.signed_in(&story.marta).await;
    let tablet = world.signed_in(&story.marta).await;
    let codes = laptop.make_backup_codes().await;
    let mut half_way = world.browser();
    half_way.password(&story.marta).await.unwrap();
    let half_enrolled = authenticators::totp_enrolment(&world.backend, &laptop.me().await).await.unwrap();
    let email = EmailAddress::parse(&story.marta.email).unwrap();
    password_reset::request(&world.backend, &world.visitor(), &email).await.unwrap();
    let password_link = world.password_link(&story.marta).await;
    let carlo = world.signed_in(&carlo).await;
    ask(&carlo, other.scope, &story.marta).await.unwrap();
    let elsewhere = world.reset_link(&story.marta).await;
    let held_before = laptop.me().await;
    let link = asked(world, &story).await;
    let others = world.number("SELECT COUNT(*) FROM sessions WHERE user_id <> ?", [story.marta.id.0.into()]).await;

    accept(&world.backend, &link).await.unwrap();

    for browser in [&laptop, &tablet, &half_way] {
        assert!(matches!(browser.caller().await, Err(Error::NotSignedIn)));
    }
    assert!(world.rows::<authenticator::Entity>().await.iter().all(|row| row.user_id != story.marta.id.0));
    assert!(world.rows::<recovery_code::Entity>().await.is_empty());
    assert!(world.rows::<recovery_code_set::Entity>().await.is_empty());
    assert!(world.rows::<session::Entity>().await.iter().all(|row| row.user_id != story.marta.id.0));
    assert!(world.rows::<known_device::Entity>().await.iter().all(|row| row.user_id != story.marta.id.0));
    assert!(world.rows::<device_code::Entity>().await.is_empty());
    assert_eq!(
        password_reset::peek(&world.backend, &Default::default(), &password_link).await.unwrap(),
        LinkState::Expired
    );
    let new = backend::crypto::Password::new("a stranger in the mailbox".into());
    let set = password_reset::set(&world.backend, &world.visitor(), &password_link, new).await;
    assert!(matches!(set, Err(Error::Conflict(Conflict::LinkVoid))));
    assert_eq!(world.ends_of(&story.marta).await, ["cancelled: done_elsewhere", "done: accepted"]);
    assert_eq!(refused_as(accept(&world.backend, &elsewhere).await), State::Cancelled);
    let peeked = mfa_reset::peek(&world.backend, &elsewhere).await.unwrap();
    assert_eq!(peeked.reason, Some(EndReason::DoneElsewhere));
    for scope in [story.account.scope, other.scope] {
        assert_eq!(world.place_of(&story.marta, scope).await.factor_kinds, 0);
    }
    // A caller that was looked up before and acts after.
    let name = Name::parse("Late").unwrap();
    let code = crate::support::code_of(
        &data_encoding::BASE32_NOPAD.decode(half_enrolled.key.replace(' ', "").as_bytes()).unwrap(),
        world.now(),
    );
    let late = authenticators::bind_totp(&world.backend, &held_before, &name, &code).await;
    assert!(matches!(late, Err(Error::Conflict(Conflict::EnrolmentVoid))), "{late:?}");
    assert!(authenticators::make_backup_codes(&world.backend, &held_before).await.is_err());
    assert!(backend::sign_in::submit_backup_code(&world.backend, &held_before, &codes[1]).await.is_err());
    let factor = backend::sign_in::submit_totp(&world.backend, &held_before, &story.marta.code(world), false).await;
    assert!(factor.is_err());
    assert!(users::list(&world.backend, &held_before, story.account.scope, &UserQuery::default()).await.is_err());
    assert!(world.rows::<recovery_code::Entity>().await.is_empty());
    // Nobody else lost anything.
    let left = world.number("SELECT COUNT(*) FROM sessions WHERE user_id <> ?", [story.marta.id.0.into()]).await;
    assert_eq!(left, others);
    assert!(carlo.caller().await.is_ok());
    world.deliver().await;
});

on_each_database!(accepting_neither_signs_in_nor_enrols_nor_touches_the_password, async |world| {
    let story = northwind(world).await;
    let link = asked(world, &story).await;
    let before = world.row_of(&story.marta).await;
    let mut phone = world.browser();
    phone.accept(&link).await.unwrap();
    assert!(matches!(phone.caller().await, Err(Error::NotSignedIn)));
    let after = world.row_of(&story.marta).await;
    assert_eq!(after.epoch, before.epoch + 1);
    assert_eq!(backend::store::entity::user::Model { epoch: before.epoch, ..after }, before);
    assert!(world.rows::<session::Entity>().await.iter().all(|row| row.user_id != story.marta.id.0));
    world.deliver().await;
});

on_each_database!(the_headcount_knows_at_once, async |world| {
    let story = northwind(world).await;
    let chiara = world.signed_in(&story.chiara).await;
    ask(&chiara, story.account.scope, &story.marta).await.unwrap();
    accept(&world.backend, &world.reset_link(&story.marta).await).await.unwrap();
    let page =
        users::list(&world.backend, &chiara.me().await, story.account.scope, &UserQuery::default()).await.unwrap();
    assert_eq!((page.headcount.members, page.headcount.with_mfa), (3, 2));
    let marta = page.rows.iter().find(|row| row.user_id == story.marta.id).unwrap();
    assert!(marta.factors.is_empty() && marta.pending.is_none());
    world.deliver().await;
});

// ── who is told ───────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(person_asker_and_every_security_contact_are_told_once, async |world| {
    let story = northwind(world).await;
    let (second, third) = (world.account("Contoso").await, world.account("Fabrikam").await);
    let cora = world.user("Cora").with_totp().owner_of(&second).owner_of(&third).await;
    for account in [&second, &third] {
        world.join(&story.marta, account, Role::Support).await;
    }
    let link = asked(world, &story).await;
    accept(&world.backend, &link).await.unwrap();
    assert_eq!(
        world.mails().await,
        [
            "mfa_reset_done to Marta",
            "mfa_reset_done_asker to Chiara",
            "mfa_reset_done_contact to Cora",
            "mfa_reset_done_contact to Olga",
            "mfa_reset_request to Marta"
        ]
    );
    // Elsewhere nothing is said of who asked, or where.
    let mail = world.mail_to(&cora).await;
    for secret in ["Chiara", "Northwind"] {
        assert!(!mail.text.contains(secret) && !mail.html.contains(secret), "{}", mail.text);
    }
    assert!(world.mail_to(&story.olga).await.text.contains("Chiara"));
});

on_each_database!(an_owner_who_asked_is_told_once_and_not_twice, async |world| {
    let story = northwind(world).await;
    let olga = world.signed_in(&story.olga).await;
    ask(&olga, story.account.scope, &story.marta).await.unwrap();
    accept(&world.backend, &world.reset_link(&story.marta).await).await.unwrap();
    let mails = ["mfa_reset_done to Marta", "mfa_reset_done_asker to Olga", "mfa_reset_request to Marta"];
    assert_eq!(world.mails().await, mails);
    world.deliver().await;
});

// ── the next sign-in ──────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(the_next_sign_in_asks_password_device_code_and_enrolment, async |world| {
    let story = northwind(world).await;
    let mut laptop = world.signed_in(&story.marta).await;
    accept(&world.backend, &asked(world, &story).await).await.unwrap();
    // The laptop was recognised before, and is not any more.
    assert_eq!(laptop.password(&story.marta).await.unwrap(), Standing::AwaitingDeviceCode);
    let code = world.mailed_code(&story.marta).await;
    assert_eq!(laptop.device_code(&code).await.unwrap(), Standing::EnrolOnly);
    let refused = users::list(&world.backend, &laptop.me().await, story.account.scope, &UserQuery::default()).await;
    assert!(matches!(refused, Err(Error::Unfinished(Standing::EnrolOnly))));
    laptop.enrol().await.unwrap();
    assert_eq!(laptop.me().await.standing(), Standing::Enter);
    assert_eq!(world.place_of(&story.marta, story.account.scope).await.factor_kinds, 2);
    // The lost phone's codes are worth nothing now.
    let mut thief = world.browser();
    assert_eq!(thief.password(&story.marta).await.unwrap(), Standing::AwaitingMfa);
    world.advance(HOUR);
    assert!(thief.code(&story.marta.code(world)).await.is_err());
    world.deliver().await;
});

on_each_database!(where_nothing_is_required_nobody_must_enrol, async |world| {
    let account = world.account("Freehold").free().await;
    let chiara = world.user("Chiara").with_totp().admin_of(&account).await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let browser = world.signed_in(&chiara).await;
    ask(&browser, account.scope, &marta).await.unwrap();
    let mut phone = world.browser();
    let link = world.reset_link(&marta).await;
    assert!(!mfa_reset::peek(&world.backend, &link).await.unwrap().must_enrol);
    phone.accept(&link).await.unwrap();
    assert_eq!(phone.password(&marta).await.unwrap(), Standing::Enter);
    assert_eq!(phone.scope, Some(account.scope));
    world.deliver().await;
});

on_each_database!(the_browser_that_accepted_needs_no_device_code_once, async |world| {
    let story = northwind(world).await;
    let link = asked(world, &story).await;
    let mut phone = world.browser();
    phone.accept(&link).await.unwrap();
    let mut copy = phone.twin();
    assert_eq!(phone.password(&story.marta).await.unwrap(), Standing::EnrolOnly);
    assert!(phone.visitor.returning.is_none(), "it is taken away");
    assert_eq!(copy.password(&story.marta).await.unwrap(), Standing::AwaitingDeviceCode, "once");
    world.deliver().await;
});

on_each_database!(the_cookie_of_an_accepted_reset_is_good_for_24_hours, async |world| {
    let story = northwind(world).await;
    let link = asked(world, &story).await;
    let mut phone = world.browser();
    phone.accept(&link).await.unwrap();
    let mut late = phone.twin();
    world.advance(24 * HOUR);
    assert_eq!(late.password(&story.marta).await.unwrap(), Standing::AwaitingDeviceCode);
    world.deliver().await;
    world.clock.set(world.now() - MS);
    assert_eq!(phone.password(&story.marta).await.unwrap(), Standing::EnrolOnly);
    world.deliver().await;
});

on_each_database!(the_cookie_of_an_accepted_reset_is_its_persons_alone, async |world| {
    let story = northwind(world).await;
    let bruno = world.user("Bruno").analyst_of(&story.account).await;
    let link = asked(world, &story).await;
    let mut phone = world.browser();
    phone.accept(&link).await.unwrap();
    let mut copy = phone.twin();
    assert_eq!(copy.password(&bruno).await.unwrap(), Standing::AwaitingDeviceCode);
    // It was not used up by that.
    assert_eq!(phone.password(&story.marta).await.unwrap(), Standing::EnrolOnly);
    world.deliver().await;
});

on_each_database!(the_cookie_of_an_accepted_reset_dies_with_the_next_epoch, async |world| {
    let story = northwind(world).await;
    let link = asked(world, &story).await;
    let mut phone = world.browser();
    phone.accept(&link).await.unwrap();
    assert_eq!(world.execute("UPDATE users SET epoch = epoch + 1 WHERE id = ?", [story.marta.id.0.into()]).await, 1);
    assert_eq!(phone.password(&story.marta).await.unwrap(), Standing::AwaitingDeviceCode);
    world.deliver().await;
});

on_each_database!(accepting_on_one_device_lets_another_sign_in_with_a_code, async |world| {
    let story = northwind(world).await;
    let link = asked(world, &story).await;
    world.browser().accept(&link).await.unwrap();
    let mut laptop = world.browser();
    assert_eq!(laptop.sign_in(&story.marta).await, Standing::EnrolOnly);
    let seed = laptop.enrol().await.unwrap();
    assert_ne!(Some(seed), story.marta.totp_seed);
    world.deliver().await;
});

// ── what it does not do ───────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(looking_changes_nothing_however_often, async |world| {
    let story = northwind(world).await;
    let link = asked(world, &story).await;
    let before = world.dump().await;
    for _ in 0..200 {
        assert_eq!(world.state_of(&link).await, State::Open);
    }
    assert_eq!(world.dump().await, before);
});

on_each_database!(what_was_accepted_is_not_accepted_again, async |world| {
    let story = northwind(world).await;
    let link = asked(world, &story).await;
    accept(&world.backend, &link).await.unwrap();
    // Marta is in again, with a new app; the old link must not take it away.
    let mut laptop = world.browser();
    laptop.sign_in(&story.marta).await;
    laptop.enrol().await.unwrap();
    world.deliver().await;
    let before = world.dump().await;
    assert_eq!(refused_as(accept(&world.backend, &link).await), State::Done);
    assert_eq!(refused_as(mfa_reset::decline(&world.backend, &world.visitor(), &link).await), State::Done);
    assert_eq!(world.dump().await, before);
    assert_eq!(world.state_of(&link).await, State::Done);
    assert!(sessions::caller(&world.backend, &laptop.visitor).await.is_ok());
});

on_each_database!(a_wrong_password_does_not_use_the_cookie_up, async |world| {
    let story = northwind(world).await;
    let link = asked(world, &story).await;
    let mut phone = world.browser();
    phone.accept(&link).await.unwrap();
    let refused = phone.type_in(&story.marta.email, "not the right one").await;
    let Err(Error::Invalid(fields)) = refused else { panic!("{refused:?}") };
    assert_eq!(fields.of(domain::errors::Field::Password), Some(Problem::SignInRefused));
    assert_eq!(phone.password(&story.marta).await.unwrap(), Standing::EnrolOnly);
    world.deliver().await;
});
