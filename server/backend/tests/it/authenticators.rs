//! One's own second factors (4.1, 4.2, 4.5, 4.6): binding, removing, backup codes.

use crate::{
    sign_in::problem,
    support::{Browser, MINUTE, MS, Person, World, code_of},
};
use backend::{
    Error, Result, authenticators, sign_in,
    store::entity::{authenticator, recovery_code},
};
use domain::{
    authenticators::FactorKind,
    errors::{Conflict, Field, Problem},
    ids::AuthenticatorId,
    person::Name,
    policy::Denied,
    sessions::{Standing, StepUp},
    time::Timestamp,
};
use std::{collections::HashSet, time::Duration};
use uuid::Uuid;

const STEP: Duration = Duration::from_secs(30);

/// Somebody in a free account, where nothing is required.
async fn ann(world: &World) -> Person {
    let account = world.account("Freehold").free().await;
    world.user("Ann").manager_of(&account).await
}

/// Somebody in a paid account, with an app.
async fn marta(world: &World) -> Person {
    let account = world.account("Northwind").await;
    world.user("Marta").with_totp().manager_of(&account).await
}

async fn only_authenticator(world: &World) -> AuthenticatorId {
    let rows = world.rows::<authenticator::Entity>().await;
    assert_eq!(rows.len(), 1);
    AuthenticatorId(rows[0].id)
}

async fn unbind(browser: &mut Browser<'_>, id: AuthenticatorId) -> Result<Standing> {
    let step = authenticators::unbind(&browser.backend, &browser.me().await, id).await?;
    Ok(browser.take(step))
}

/// The seed that this browser is shown, without binding it.
async fn shown_seed(browser: &Browser<'_>) -> Vec<u8> {
    let shown = authenticators::totp_enrolment(&browser.backend, &browser.me().await).await.unwrap();
    data_encoding::BASE32_NOPAD.decode(shown.key.replace(' ', "").as_bytes()).unwrap()
}

async fn bind(browser: &mut Browser<'_>, code: &str) -> Result<Standing> {
    let name = Name::parse("Tablet").unwrap();
    let step = authenticators::bind_totp(&browser.backend, &browser.me().await, &name, code).await?;
    Ok(browser.take(step))
}

// ── RFC 6238 ──────────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(the_vectors_of_rfc_6238_are_accepted, async |world| {
    // Appendix B, SHA-1: six digits are the last six of its eight.
    let vectors = [
        (59, "94287082"),
        (1_111_111_109, "07081804"),
        (1_111_111_111, "14050471"),
        (1_234_567_890, "89005924"),
        (2_000_000_000, "69279037"),
        (20_000_000_000, "65353130"),
    ];
    let account = world.account("Northwind").await;
    for (number, (seconds, eight)) in vectors.into_iter().enumerate() {
        world.clock.set(Timestamp::from_ms(seconds * 1000));
        let name = format!("Rita {number}");
        let rita = world.user(&name).with_totp_seed(b"12345678901234567890".to_vec()).manager_of(&account).await;
        let mut browser = world.browser();
        browser.password(&rita).await.unwrap();
        assert_eq!(problem(browser.code(&eight[..6]).await, Field::Code), Problem::WrongCode);
        assert_eq!(browser.code(&eight[2..]).await.unwrap(), Standing::Enter, "at {seconds}");
    }
});

on_each_database!(a_clock_may_be_one_step_off_each_way_and_not_two, async |world| {
    let account = world.account("Northwind").await;
    for (off, accepted) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
        let marta = world.user(&format!("Marta {off}")).with_totp().manager_of(&account).await;
        let mut browser = world.browser();
        browser.password(&marta).await.unwrap();
        let code = marta.code_at(Timestamp::from_ms(world.now().ms() + off * 30_000));
        assert_eq!(browser.code(&code).await.is_ok(), accepted, "{off} steps");
    }
});

// ── binding ───────────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(the_first_authenticator_renews_only_this_session_and_brings_backup_codes, async |world| {
    let ann = ann(world).await;
    let (mut laptop, mut tablet) = (world.signed_in(&ann).await, world.signed_in(&ann).await);
    let before = laptop.twin();
    let epoch = world.row_of(&ann).await.epoch;
    laptop.enrol().await.unwrap();
    assert_eq!(laptop.me().await.standing(), Standing::Enter);
    assert_eq!(world.row_of(&ann).await.epoch, epoch + 1);
    assert!(matches!(before.caller().await, Err(Error::NotSignedIn)), "a new token");
    assert!(matches!(tablet.caller().await, Err(Error::NotSignedIn)));
    assert_eq!(tablet.password(&ann).await.unwrap(), Standing::AwaitingMfa);
    assert_eq!(laptop.shown_backup_codes().await.unwrap().len(), 10);
    let mine = authenticators::mine(&world.backend, &laptop.me().await).await.unwrap();
    assert_eq!((mine.authenticators[0].kind, mine.authenticators[0].name.as_str()), (FactorKind::Totp, "Phone"));
    assert_eq!((mine.backup_codes_left, mine.required), (10, false));
    // The browser in which it was bound is recognised, under the new epoch.
    assert_eq!(world.number("SELECT COUNT(*) FROM known_devices", []).await, 1);
    assert!(world.subjects_to(&ann).await.len() > 2, "told by mail");
    assert!(world.mails().await.contains(&"authenticator_bound to Ann".into()));
});

on_each_database!(the_key_is_the_same_when_it_is_looked_at_again_and_of_this_session, async |world| {
    let ann = ann(world).await;
    let (laptop, tablet) = (world.signed_in(&ann).await, world.signed_in(&ann).await);
    let before = world.dump().await;
    let seed = shown_seed(&laptop).await;
    assert_eq!(seed.len(), 20);
    assert_eq!(shown_seed(&laptop).await, seed);
    assert_ne!(shown_seed(&tablet).await, seed);
    assert_eq!(world.dump().await, before, "a half-done enrolment is not a row");
    let shown = authenticators::totp_enrolment(&world.backend, &laptop.me().await).await.unwrap();
    assert!(shown.uri.starts_with("otpauth://totp/Postern:ann"), "{}", shown.uri);
    assert!(shown.uri.contains(&shown.key.replace(' ', "")));
    assert!(shown.qr_size > 20 && shown.qr_path.starts_with('M'));
});

on_each_database!(a_wrong_first_code_binds_nothing, async |world| {
    let ann = ann(world).await;
    let (mut laptop, tablet) = (world.signed_in(&ann).await, world.signed_in(&ann).await);
    let of_tablet = code_of(&shown_seed(&tablet).await, world.now());
    for code in ["", "123456", "abcdef", &of_tablet] {
        assert_eq!(problem(bind(&mut laptop, code).await, Field::Code), Problem::WrongCode, "{code}");
    }
    assert!(world.rows::<authenticator::Entity>().await.is_empty());
    assert!(laptop.caller().await.is_ok() && tablet.caller().await.is_ok());
});

on_each_database!(the_code_that_bound_does_not_sign_in, async |world| {
    let ann = ann(world).await;
    let mut laptop = world.signed_in(&ann).await;
    let seed = laptop.enrol().await.unwrap();
    let mut thief = world.browser();
    thief.password(&ann).await.unwrap();
    assert_eq!(problem(thief.code(&code_of(&seed, world.now())).await, Field::Code), Problem::WrongCode);
    world.advance(STEP);
    assert_eq!(thief.code(&code_of(&seed, world.now())).await.unwrap(), Standing::Enter);
    world.deliver().await;
});

on_each_database!(of_two_first_authenticators_at_once_one_is_bound, async |world| {
    let ann = ann(world).await;
    let mut callers = Vec::new();
    for _ in 0..8 {
        let browser = world.signed_in(&ann).await;
        callers.push((browser.me().await, code_of(&shown_seed(&browser).await, world.now())));
    }
    for (_, code) in &mut callers {
        code.truncate(6);
    }
    // Codes were made over some minutes: make them anew for now.
    let mut ready = Vec::new();
    for (caller, _) in callers {
        let shown = authenticators::totp_enrolment(&world.backend, &caller).await.unwrap();
        let seed = data_encoding::BASE32_NOPAD.decode(shown.key.replace(' ', "").as_bytes()).unwrap();
        ready.push((caller, code_of(&seed, world.now())));
    }
    let answers = world
        .at_once(8, |server, number| {
            let (caller, code) = ready[number].clone();
            let name = Name::parse("Phone").unwrap();
            async move { authenticators::bind_totp(&server, &caller, &name, &code).await }
        })
        .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    assert_eq!(world.rows::<authenticator::Entity>().await.len(), 1);
    assert_eq!(world.rows::<recovery_code::Entity>().await.len(), 10);
    world.deliver().await;
});

on_each_database!(another_method_needs_a_fresh_proof_and_ends_no_session, async |world| {
    let marta = marta(world).await;
    let (mut laptop, tablet) = (world.signed_in(&marta).await, world.signed_in(&marta).await);
    world.advance(10 * MINUTE);
    let needed = |answer: Result<()>| {
        let needed = Denied::StepUpNeeded(StepUp::NeedsAuthenticator);
        assert!(matches!(answer, Err(Error::Denied(denied)) if denied == needed), "{answer:?}");
    };
    let caller = laptop.me().await;
    needed(authenticators::totp_enrolment(&world.backend, &caller).await.map(drop));
    needed(bind(&mut laptop, "123456").await.map(drop));
    needed(authenticators::unbind(&world.backend, &caller, only_authenticator(world).await).await.map(drop));
    needed(authenticators::make_backup_codes(&world.backend, &caller).await);
    laptop.code(&marta.code(world)).await.unwrap();
    laptop.enrol().await.unwrap();
    assert_eq!(world.rows::<authenticator::Entity>().await.len(), 2);
    assert!(tablet.caller().await.is_ok());
    world.deliver().await;
});

on_each_database!(either_of_two_apps_serves, async |world| {
    let marta = marta(world).await;
    let mut laptop = world.signed_in(&marta).await;
    let second = laptop.enrol().await.unwrap();
    world.advance(STEP);
    for code in [code_of(&second, world.now()), marta.code(world)] {
        let mut browser = world.browser();
        browser.password(&marta).await.unwrap();
        assert_eq!(browser.code(&code).await.unwrap(), Standing::Enter);
    }
    world.deliver().await;
});

// ── removing ──────────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(the_last_method_stays_where_one_is_required, async |world| {
    let marta = marta(world).await;
    let mut laptop = world.signed_in(&marta).await;
    let lost = only_authenticator(world).await;
    let refused = unbind(&mut laptop, lost).await;
    assert!(matches!(refused, Err(Error::Conflict(Conflict::LastMethod))), "{refused:?}");
    // The second is added before the first is removed.
    laptop.enrol().await.unwrap();
    assert_eq!(unbind(&mut laptop, lost).await.unwrap(), Standing::Enter);
    assert_ne!(only_authenticator(world).await, lost);
    world.deliver().await;
});

on_each_database!(removing_a_method_ends_every_other_session, async |world| {
    let ann = ann(world).await;
    let mut laptop = world.signed_in(&ann).await;
    laptop.enrol().await.unwrap();
    world.advance(STEP);
    let epoch = world.row_of(&ann).await.epoch;
    let mut tablet = world.browser();
    tablet.password(&ann).await.unwrap();
    assert_eq!(unbind(&mut laptop, only_authenticator(world).await).await.unwrap(), Standing::Enter);
    assert_eq!(world.row_of(&ann).await.epoch, epoch + 1);
    assert!(matches!(tablet.caller().await, Err(Error::NotSignedIn)));
    assert_eq!(laptop.me().await.standing(), Standing::Enter);
    // With the last one its backup codes go, and every scope knows.
    assert!(world.rows::<recovery_code::Entity>().await.is_empty());
    assert_eq!(world.number("SELECT SUM(factor_kinds) FROM memberships", []).await, 0);
    assert_eq!(world.number("SELECT CAST(SUM(with_mfa) AS BIGINT) FROM headcounts", []).await, 0);
    world.deliver().await;
});

on_each_database!(anothers_method_is_not_there, async |world| {
    let (marta, ann) = (marta(world).await, ann(world).await);
    let mut of_ann = world.signed_in(&ann).await;
    let of_marta = only_authenticator(world).await;
    for id in [of_marta, AuthenticatorId(Uuid::from_u128(3))] {
        assert!(matches!(unbind(&mut of_ann, id).await, Err(Error::NotFound)));
    }
    assert_eq!(only_authenticator(world).await, of_marta);
    world.signed_in(&marta).await;
});

on_each_database!(two_last_methods_removed_at_once_leave_one_where_it_is_required, async |world| {
    let marta = marta(world).await;
    let mut laptop = world.signed_in(&marta).await;
    laptop.enrol().await.unwrap();
    let caller = laptop.me().await;
    let ids: Vec<_> = world.rows::<authenticator::Entity>().await.iter().map(|row| AuthenticatorId(row.id)).collect();
    let answers = world
        .at_once(2, |server, number| {
            let (caller, id) = (caller.clone(), ids[number]);
            async move { authenticators::unbind(&server, &caller, id).await }
        })
        .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    assert_eq!(world.rows::<authenticator::Entity>().await.len(), 1);
    world.deliver().await;
});

// ── backup codes ──────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(ten_codes_of_64_bits_and_more_each_serve_once, async |world| {
    let marta = marta(world).await;
    let mut laptop = world.signed_in(&marta).await;
    let codes = laptop.make_backup_codes().await;
    assert_eq!(codes.iter().collect::<HashSet<_>>().len(), 10);
    for code in &codes {
        let letters: String = code.chars().filter(|c| *c != '-').collect();
        assert!(letters.len() * 5 >= 64 && letters.chars().all(|c| "abcdefghijklmnopqrstuvwxyz234567".contains(c)));
    }
    for (number, code) in codes.iter().enumerate() {
        let mut browser = world.browser();
        browser.password(&marta).await.unwrap();
        assert_eq!(browser.backup_code(code).await.unwrap(), Standing::Enter);
        let mail = world.mail_to(&marta).await;
        let left = 9 - number;
        assert!(mail.text.contains(&left.to_string()) || left == 0, "{left} left: {}", mail.text);
        let mut again = world.browser();
        again.password(&marta).await.unwrap();
        assert_eq!(problem(again.backup_code(code).await, Field::BackupCode), Problem::WrongCode);
        world.execute("DELETE FROM throttles", []).await;
    }
    let told = world.mails().await.into_iter().filter(|mail| mail == "backup_code_used to Marta");
    assert_eq!(told.count(), 10);
});

on_each_database!(a_backup_code_is_read_as_people_type_it, async |world| {
    let marta = marta(world).await;
    let mut laptop = world.signed_in(&marta).await;
    let code = laptop.make_backup_codes().await.remove(0);
    let mut browser = world.browser();
    browser.password(&marta).await.unwrap();
    let typed = format!("  {} ", code.to_uppercase().replace('-', " "));
    assert_eq!(browser.backup_code(&typed).await.unwrap(), Standing::Enter);
    world.deliver().await;
});

on_each_database!(a_backup_code_sent_twenty_times_at_once_serves_once, async |world| {
    let marta = marta(world).await;
    let mut laptop = world.signed_in(&marta).await;
    let code = laptop.make_backup_codes().await.remove(0);
    let mut callers = Vec::new();
    for number in 0..20u8 {
        let mut browser = world.browser().at([198, 51, 100, number]);
        browser.password(&marta).await.unwrap();
        callers.push(browser.me().await);
    }
    let answers = world
        .at_once(20, |server, number| {
            let (caller, code) = (callers[number].clone(), code.clone());
            async move { sign_in::submit_backup_code(&server, &caller, &code).await }
        })
        .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    assert_eq!(world.mails().await, ["backup_code_used to Marta", "backup_codes_made to Marta"]);
    world.deliver().await;
});

on_each_database!(a_backup_code_is_its_persons_alone, async |world| {
    let account = world.account("Northwind").await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let bea = world.user("Bea").with_totp().manager_of(&account).await;
    let code = world.signed_in(&marta).await.make_backup_codes().await.remove(0);
    let mut of_bea = world.browser();
    of_bea.password(&bea).await.unwrap();
    assert_eq!(problem(of_bea.backup_code(&code).await, Field::BackupCode), Problem::WrongCode);
    let mut of_marta = world.browser();
    of_marta.password(&marta).await.unwrap();
    assert_eq!(of_marta.backup_code(&code).await.unwrap(), Standing::Enter);
    world.deliver().await;
});

on_each_database!(a_new_set_voids_the_old, async |world| {
    let marta = marta(world).await;
    let mut laptop = world.signed_in(&marta).await;
    let old = laptop.make_backup_codes().await;
    let new = laptop.make_backup_codes().await;
    assert!(old.iter().all(|code| !new.contains(code)));
    let mut browser = world.browser();
    browser.password(&marta).await.unwrap();
    assert_eq!(problem(browser.backup_code(&old[0]).await, Field::BackupCode), Problem::WrongCode);
    assert_eq!(browser.backup_code(&new[0]).await.unwrap(), Standing::Enter);
    world.deliver().await;
});

on_each_database!(
    codes_are_shown_in_the_session_that_made_them_until_they_are_saved_or_ten_minutes_old,
    async |world| {
        let marta = marta(world).await;
        let (mut laptop, tablet) = (world.signed_in(&marta).await, world.signed_in(&marta).await);
        let codes = laptop.make_backup_codes().await;
        assert_eq!(tablet.shown_backup_codes().await, None);
        world.advance(10 * MINUTE - MS);
        assert_eq!(laptop.shown_backup_codes().await, Some(codes));
        world.advance(MS);
        assert_eq!(laptop.shown_backup_codes().await, None);
        laptop.code(&marta.code(world)).await.unwrap();
        laptop.make_backup_codes().await;
        authenticators::acknowledge_backup_codes(&world.backend, &tablet.me().await).await.unwrap();
        assert!(laptop.shown_backup_codes().await.is_some(), "another session acknowledges nothing");
        authenticators::acknowledge_backup_codes(&world.backend, &laptop.me().await).await.unwrap();
        assert_eq!(laptop.shown_backup_codes().await, None);
    }
);

on_each_database!(a_session_by_backup_code_binds_and_removes_and_does_nothing_else_that_is_sensitive, async |world| {
    let marta = marta(world).await;
    let mut laptop = world.signed_in(&marta).await;
    let codes = laptop.make_backup_codes().await;
    let mut rescue = world.browser();
    rescue.password(&marta).await.unwrap();
    rescue.backup_code(&codes[0]).await.unwrap();
    assert_eq!(rescue.me().await.step_up(world.now()), StepUp::FreshByRecoveryCode);
    let more = authenticators::make_backup_codes(&world.backend, &rescue.me().await).await;
    assert!(matches!(more, Err(Error::Denied(Denied::StepUpNeeded(StepUp::FreshByRecoveryCode)))), "{more:?}");
    let lost = only_authenticator(world).await;
    let seed = rescue.enrol().await.unwrap();
    unbind(&mut rescue, lost).await.unwrap();
    assert!(matches!(laptop.caller().await, Err(Error::NotSignedIn)));
    world.advance(STEP);
    assert_eq!(rescue.code(&code_of(&seed, world.now())).await.unwrap(), Standing::Enter);
    // The other codes still back the new app.
    let mut browser = world.browser();
    browser.password(&marta).await.unwrap();
    assert_eq!(browser.backup_code(&codes[1]).await.unwrap(), Standing::Enter);
    world.deliver().await;
});

on_each_database!(who_has_no_authenticator_has_nothing_to_back, async |world| {
    let ann = ann(world).await;
    let browser = world.signed_in(&ann).await;
    let answer = authenticators::make_backup_codes(&world.backend, &browser.me().await).await;
    assert!(matches!(answer, Err(Error::Denied(Denied::OwnAuthenticatorNeeded))));
    assert!(world.rows::<recovery_code::Entity>().await.is_empty());
});

on_each_database!(the_challenge_offers_what_there_is, async |world| {
    let marta = marta(world).await;
    let mut browser = world.browser();
    browser.password(&marta).await.unwrap();
    let offered = sign_in::challenge(&world.backend, &browser.me().await).await.unwrap();
    assert_eq!((offered.offered.len(), offered.offered[0].1, offered.has_backup_codes), (1, FactorKind::Totp, false));
    world.signed_in(&marta).await.make_backup_codes().await;
    assert!(sign_in::challenge(&world.backend, &browser.me().await).await.unwrap().has_backup_codes);
});

on_each_database!(every_change_is_told_by_mail_and_in_every_scope, async |world| {
    let (first, second) = (world.account("Northwind").free().await, world.account("Contoso").free().await);
    let ann = world.user("Ann").manager_of(&first).manager_of(&second).await;
    let mut browser = world.signed_in(&ann).await;
    let seed = browser.enrol().await.unwrap();
    world.advance(STEP);
    browser.code(&code_of(&seed, world.now())).await.unwrap();
    browser.make_backup_codes().await;
    unbind(&mut browser, only_authenticator(world).await).await.unwrap();
    for scope in [first.scope, second.scope] {
        assert_eq!(
            world.log_of(scope).await,
            ["Ann: authenticator_bound → Ann", "Ann: authenticator_unbound → Ann", "Ann: backup_codes_made → Ann"]
        );
    }
    let mails = world.mails().await;
    assert!(mails.contains(&"authenticator_bound to Ann".into()), "{mails:?}");
    assert!(mails.contains(&"authenticator_unbound to Ann".into()), "{mails:?}");
    world.deliver().await;
});
