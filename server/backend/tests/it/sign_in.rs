//! Signing in, step by step (3.1 to 3.4): what each step asks, what it hands out, and what it does not give away.

use crate::support::{MINUTE, MS, Person, World, code_in};
use backend::{
    Error, Result, Visitor, accounts, authenticators,
    crypto::{Argon2Cost, Password, PasswordHasher},
    personal, sessions, sign_in,
    store::entity::{authenticator, throttle},
    users,
};
use domain::{
    errors::{Conflict, Field, Problem},
    person::EmailAddress,
    roles::Role,
    sessions::Standing,
    users::UserQuery,
};
use std::time::Duration;

/// What is wrong with `field`.
pub fn problem<T: std::fmt::Debug>(answer: Result<T>, field: Field) -> Problem {
    match answer {
        Err(Error::Invalid(fields)) => fields.of(field).unwrap_or_else(|| panic!("{fields:?}")),
        other => panic!("{other:?}"),
    }
}

/// Somebody in a free account, without a second factor.
async fn bruno(world: &World) -> Person {
    let account = world.account("Freehold").free().await;
    world.user("Bruno").manager_of(&account).await
}

/// Six digits that are not these.
fn wrong(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

// ── the steps ─────────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(a_new_device_gives_the_code_that_was_mailed_and_is_known_then, async |world| {
    let bruno = bruno(world).await;
    let mut laptop = world.browser();
    assert_eq!(laptop.password(&bruno).await.unwrap(), Standing::AwaitingDeviceCode);
    assert!(laptop.visitor.known_device.is_none());
    let challenge = sign_in::device_challenge(&world.backend, &laptop.me().await).await.unwrap();
    assert_eq!((challenge.email.as_str(), challenge.expires_at), ("bruno@postern.example", world.now() + 30 * MINUTE));
    let mail = world.mail_to(&bruno).await;
    for said in ["Firefox on Linux", "192.0.2.7"] {
        assert!(mail.text.contains(said), "the mail names device and place: {}", mail.text);
    }
    assert_eq!(laptop.device_code(&code_in(&mail.text)).await.unwrap(), Standing::Enter);
    assert!(laptop.visitor.known_device.is_some());
    // The next time the browser is recognised, and there is no mail.
    laptop.visitor.session = None;
    assert_eq!(laptop.password(&bruno).await.unwrap(), Standing::Enter);
    assert_eq!(world.mails().await.len(), 1);
});

on_each_database!(a_factor_that_exists_is_asked_for_required_or_not, async |world| {
    let account = world.account("Freehold").free().await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let mut laptop = world.browser();
    assert_eq!(laptop.password(&marta).await.unwrap(), Standing::AwaitingMfa);
    assert_eq!(laptop.code(&marta.code(world)).await.unwrap(), Standing::Enter);
    // A known device does not stand in for it.
    laptop.visitor.session = None;
    assert_eq!(laptop.password(&marta).await.unwrap(), Standing::AwaitingMfa);
    assert!(world.mails().await.is_empty(), "and no code is mailed to who has a factor");
});

on_each_database!(who_must_enrol_can_do_nothing_else, async |world| {
    let account = world.account("Northwind").await;
    let bruno = world.user("Bruno").admin_of(&account).await;
    let mut laptop = world.browser();
    assert_eq!(laptop.sign_in(&bruno).await, Standing::EnrolOnly);
    let (caller, backend) = (laptop.me().await, &world.backend);
    let enrol_only = |answer: Result<()>| assert!(matches!(answer, Err(Error::Unfinished(Standing::EnrolOnly))));
    enrol_only(users::list(backend, &caller, account.scope, &UserQuery::default()).await.map(drop));
    enrol_only(accounts::console(backend, &caller, account.scope).await.map(drop));
    enrol_only(accounts::scopes(backend, &caller).await.map(drop));
    enrol_only(sessions::mine(backend, &caller).await.map(drop));
    enrol_only(sessions::end_others(backend, &caller).await);
    enrol_only(authenticators::make_backup_codes(backend, &caller).await);
    enrol_only(sign_in::device_challenge(backend, &caller).await.map(drop));
    laptop.enrol().await.unwrap();
    assert_eq!(laptop.me().await.standing(), Standing::Enter);
    users::list(backend, &laptop.me().await, account.scope, &UserQuery::default()).await.unwrap();
    world.deliver().await;
});

on_each_database!(a_step_is_taken_only_when_it_is_its_turn, async |world| {
    let bruno = bruno(world).await;
    let mut laptop = world.browser();
    laptop.password(&bruno).await.unwrap();
    let awaiting = |answer: Result<Standing>| {
        assert!(matches!(answer, Err(Error::Unfinished(Standing::AwaitingDeviceCode))), "{answer:?}");
    };
    awaiting(laptop.code("123456").await);
    awaiting(laptop.backup_code("aaaa-bbbb-cccc-dddd").await);
    awaiting(laptop.password_again(&bruno.password).await);
    let enrolment = authenticators::totp_enrolment(&world.backend, &laptop.me().await).await;
    assert!(matches!(enrolment, Err(Error::Unfinished(_))));
    laptop.device_code(&world.mailed_code(&bruno).await).await.unwrap();
    let again = laptop.device_code("123456").await;
    assert!(matches!(again, Err(Error::Unfinished(Standing::Enter))), "{again:?}");
});

on_each_database!(the_way_leads_to_the_scope_last_used, async |world| {
    let (first, second) = (world.account("Northwind").await, world.account("Contoso").await);
    let marta = world.user("Marta").with_totp().manager_of(&first).manager_of(&second).await;
    let mut laptop = world.signed_in(&marta).await;
    assert!(laptop.scope.is_some(), "any, as long as none was used");
    accounts::console(&world.backend, &laptop.me().await, second.scope).await.unwrap();
    laptop.sign_in(&marta).await;
    assert_eq!(laptop.scope, Some(second.scope));
    // Not there any more: any other.
    world.remove(&marta, second.scope).await;
    laptop.sign_in(&marta).await;
    assert_eq!(laptop.scope, Some(first.scope));
});

on_each_database!(who_belongs_nowhere_signs_in_all_the_same, async |world| {
    let ann = world.user("Ann").await;
    let mut laptop = world.browser();
    assert_eq!(laptop.sign_in(&ann).await, Standing::Enter);
    assert_eq!(laptop.scope, None);
    assert!(accounts::scopes(&world.backend, &laptop.me().await).await.unwrap().is_empty());
});

on_each_database!(zone_and_language_come_from_the_first_browser_and_stay, async |world| {
    let ann = world.user("Ann").living_in("").speaking("").await;
    let mut laptop = world.browser();
    laptop.visitor.time_zone = Some("Asia/Kathmandu".into());
    laptop.visitor.language = Some("de".into());
    laptop.sign_in(&ann).await;
    let mut phone = world.browser();
    phone.visitor.time_zone = Some("Europe/Rome".into());
    phone.visitor.language = Some("en".into());
    phone.sign_in(&ann).await;
    let row = world.row_of(&ann).await;
    assert_eq!((row.time_zone.as_str(), row.language.as_str()), ("Asia/Kathmandu", "de"));
});

on_each_database!(a_language_that_was_chosen_stays_when_the_zone_is_told_later, async |world| {
    let ann = world.user("Ann").living_in("").speaking("").await;
    let mut laptop = world.browser();
    laptop.visitor.time_zone = None;
    laptop.visitor.language = None;
    laptop.sign_in(&ann).await;
    assert_eq!(world.row_of(&ann).await.language, "");
    personal::set_language(&world.backend, &laptop.me().await, "de").await.unwrap();
    let mut phone = world.browser();
    phone.visitor.language = Some("en".into());
    phone.sign_in(&ann).await;
    let row = world.row_of(&ann).await;
    assert_eq!((row.time_zone.as_str(), row.language.as_str()), ("Europe/Rome", "de"));
});

on_each_database!(an_address_is_the_same_in_any_case_and_width, async |world| {
    let bruno = bruno(world).await;
    for typed in ["BRUNO@Postern.Example", "  bruno@postern.example ", "ｂｒｕｎｏ@postern.example"] {
        world.browser().type_in(typed, &bruno.password).await.unwrap();
    }
    world.deliver().await;
});

// ── one answer ────────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(unknown_wrong_and_shut_out_get_one_answer_and_leave_the_same_behind, async |world| {
    let account = world.account("Northwind").await;
    let known = world.user("Marta").with_totp().manager_of(&account).await;
    let shut = world.user("Simon").with_totp().manager_of(&account).await;
    let fresh = world.user("Fiona").without_password().manager_of(&account).await;
    world.shut_out(&shut).await;
    for (email, password) in [
        ("nobody@postern.example", "any password at all"),
        (known.email.as_str(), "not the right one"),
        (shut.email.as_str(), shut.password.as_str()),
        (fresh.email.as_str(), ""),
        (fresh.email.as_str(), "nobody has this password"),
    ] {
        world.execute("DELETE FROM throttles", []).await;
        let mut browser = world.browser();
        let refused = browser.type_in(email, password).await;
        assert_eq!(problem(refused, Field::Password), Problem::SignInRefused, "{email}");
        assert!(browser.visitor.session.is_none());
        let kinds: Vec<String> = world.rows::<throttle::Entity>().await.into_iter().map(|row| row.kind).collect();
        assert_eq!(kinds.len(), 2, "{email}: {kinds:?}");
    }
    assert_eq!(world.number("SELECT COUNT(*) FROM sessions", []).await, 0);
    assert!(world.mails().await.is_empty());
});

on_each_database!(shut_out_of_every_scope_is_not_shut_out_of_postern, async |world| {
    // A scope owns the membership, not the person (2.8).
    let account = world.account("Northwind").await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    world.set_status(&marta, account.scope, domain::users::MembershipStatus::Deactivated).await;
    let mut laptop = world.browser();
    assert_eq!(laptop.sign_in(&marta).await, Standing::Enter);
    assert_eq!(laptop.scope, None);
    let denied = accounts::console(&world.backend, &laptop.me().await, account.scope).await;
    assert!(matches!(denied, Err(Error::Denied(domain::policy::Denied::Unseen))));
});

// ── the code for a new device ─────────────────────────────────────────────────────────────────────────────────────

on_each_database!(the_code_of_one_session_is_useless_in_another, async |world| {
    let bruno = bruno(world).await;
    let mut laptop = world.browser();
    laptop.password(&bruno).await.unwrap();
    let of_laptop = world.mailed_code(&bruno).await;
    let mut thief = world.browser();
    thief.password(&bruno).await.unwrap();
    let of_thief = world.mailed_code(&bruno).await;
    assert_ne!(of_laptop, of_thief);
    assert_eq!(problem(thief.device_code(&of_laptop).await, Field::Code), Problem::WrongCode);
    assert_eq!(laptop.device_code(&of_laptop).await.unwrap(), Standing::Enter);
});

on_each_database!(a_device_code_has_five_tries, async |world| {
    let bruno = bruno(world).await;
    let mut laptop = world.browser();
    laptop.password(&bruno).await.unwrap();
    let code = world.mailed_code(&bruno).await;
    for _ in 0..5 {
        assert_eq!(problem(laptop.device_code(&wrong(&code)).await, Field::Code), Problem::WrongCode);
    }
    world.advance(Duration::from_secs(30));
    assert_eq!(problem(laptop.device_code(&code).await, Field::Code), Problem::DeadCode);
});

on_each_database!(a_device_code_is_good_for_thirty_minutes, async |world| {
    let bruno = bruno(world).await;
    let mut laptop = world.browser();
    laptop.password(&bruno).await.unwrap();
    let code = world.mailed_code(&bruno).await;
    world.advance(30 * MINUTE);
    assert_eq!(problem(laptop.device_code(&code).await, Field::Code), Problem::DeadCode);
    world.clock.set(world.now() - MS);
    assert_eq!(laptop.device_code(&code).await.unwrap(), Standing::Enter);
});

on_each_database!(a_new_device_code_voids_the_old_and_comes_after_a_minute, async |world| {
    let bruno = bruno(world).await;
    let mut laptop = world.browser();
    laptop.password(&bruno).await.unwrap();
    let old = world.mailed_code(&bruno).await;
    let wait = sign_in::resend_device_code(&world.backend, &laptop.me().await).await;
    assert!(matches!(wait, Err(Error::Throttled { retry_after }) if retry_after == MINUTE));
    world.advance(MINUTE);
    sign_in::resend_device_code(&world.backend, &laptop.me().await).await.unwrap();
    let new = world.mailed_code(&bruno).await;
    assert_eq!(problem(laptop.device_code(&old).await, Field::Code), Problem::WrongCode);
    // Phones put a space in the middle.
    assert_eq!(laptop.device_code(&format!(" {} {} ", &new[..3], &new[3..])).await.unwrap(), Standing::Enter);
});

on_each_database!(a_device_code_serves_once, async |world| {
    let bruno = bruno(world).await;
    let mut laptop = world.browser();
    laptop.password(&bruno).await.unwrap();
    let code = world.mailed_code(&bruno).await;
    let caller = laptop.me().await;
    let answers = world
        .at_once(10, |server, _| {
            let (caller, code) = (caller.clone(), code.clone());
            async move { sign_in::submit_device_code(&server, &caller, &code).await }
        })
        .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    assert_eq!(world.number("SELECT COUNT(*) FROM known_devices", []).await, 1);
});

// ── passwords ─────────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(a_hash_of_older_parameters_is_renewed_at_the_next_sign_in, async |world| {
    let bruno = bruno(world).await;
    let before = world.row_of(&bruno).await;
    let dearer = PasswordHasher::new(Argon2Cost { memory_kib: 128, passes: 2 }, 2, world.backend.random.clone());
    let server = world.server_with(8, dearer).await;
    let mut laptop = world.browser();
    laptop.backend = server.clone();
    assert!(laptop.type_in(&bruno.email, "not the right one").await.is_err());
    assert_eq!(world.row_of(&bruno).await.password_hash, before.password_hash);
    laptop.password(&bruno).await.unwrap();
    let after = world.row_of(&bruno).await;
    assert!(after.password_hash.as_deref().unwrap().contains("m=128,t=2"), "{:?}", after.password_hash);
    assert_eq!(after.epoch, before.epoch, "nobody is signed out by that");
    laptop.password(&bruno).await.unwrap();
    server.database.clone().close().await.unwrap();
    world.deliver().await;
});

on_each_database!(a_password_is_taken_as_it_was_typed, async |world| {
    let bruno = bruno(world).await;
    for typed in [
        format!(" {}", bruno.password),
        format!("{} ", bruno.password),
        bruno.password.to_uppercase(),
        "x".repeat(100_000),
        "\0".into(),
        String::new(),
    ] {
        world.execute("DELETE FROM throttles", []).await;
        let refused = world.browser().type_in(&bruno.email, &typed).await;
        assert_eq!(problem(refused, Field::Password), Problem::SignInRefused);
    }
});

// ── the second factor ─────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(a_code_of_the_app_is_accepted_once, async |world| {
    let account = world.account("Northwind").await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let code = marta.code(world);
    let (mut first, mut second) = (world.browser(), world.browser());
    first.password(&marta).await.unwrap();
    second.password(&marta).await.unwrap();
    assert_eq!(first.code(&code).await.unwrap(), Standing::Enter);
    assert_eq!(problem(second.code(&code).await, Field::Code), Problem::WrongCode);
    // Nor as the step-up of the session that used it.
    assert_eq!(problem(first.code(&code).await, Field::Code), Problem::WrongCode);
    // And none that is older than one that was accepted.
    world.advance(Duration::from_secs(30));
    second.code(&marta.code(world)).await.unwrap();
    let older = marta.code_at(world.now() - Duration::from_secs(30));
    assert_eq!(problem(first.code(&older).await, Field::Code), Problem::WrongCode);
});

on_each_database!(a_code_sent_twice_at_the_same_moment_is_accepted_once, async |world| {
    let account = world.account("Northwind").await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    for requests in [2, 20] {
        world.execute("DELETE FROM throttles", []).await;
        world.advance(Duration::from_secs(60));
        // One browser sends the form twice.
        let mut browser = world.browser();
        browser.password(&marta).await.unwrap();
        let (caller, code) = (browser.me().await, marta.code(world));
        let answers = world
            .at_once(requests, |server, _| {
                let (caller, code) = (caller.clone(), code.clone());
                async move { sign_in::submit_totp(&server, &caller, &code, false).await }
            })
            .await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{requests}: {answers:?}");
    }
});

on_each_database!(a_code_sent_from_twenty_sessions_at_once_lets_one_in, async |world| {
    let account = world.account("Northwind").await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let mut callers = Vec::new();
    for number in 0..20u8 {
        let mut browser = world.browser().at([198, 51, 100, number]);
        browser.password(&marta).await.unwrap();
        callers.push(browser.me().await);
    }
    let code = marta.code(world);
    let answers = world
        .at_once(20, |server, number| {
            let (caller, code) = (callers[number].clone(), code.clone());
            async move { sign_in::submit_totp(&server, &caller, &code, false).await }
        })
        .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    let entered = world.number("SELECT COUNT(*) FROM session_proofs WHERE kind = 'authenticator'", []).await;
    assert_eq!(entered, 1);
});

on_each_database!(nonsense_is_a_wrong_code_and_nothing_worse, async |world| {
    let account = world.account("Northwind").await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let mut browser = world.browser();
    browser.password(&marta).await.unwrap();
    for nonsense in ["", "12345", "1234567", "abcdef", "\0\0\0\0\0\0", "１２３４５６", "-1", &"9".repeat(10_000)]
    {
        world.execute("DELETE FROM throttles", []).await;
        assert_eq!(problem(browser.code(nonsense).await, Field::Code), Problem::WrongCode, "{nonsense:?}");
        assert_eq!(problem(browser.backup_code(nonsense).await, Field::BackupCode), Problem::WrongCode);
    }
});

on_each_database!(another_persons_code_is_a_wrong_code, async |world| {
    let account = world.account("Northwind").await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let bea = world.user("Bea").with_totp().manager_of(&account).await;
    let mut browser = world.browser();
    browser.password(&marta).await.unwrap();
    assert_eq!(problem(browser.code(&bea.code(world)).await, Field::Code), Problem::WrongCode);
    assert!(world.rows::<authenticator::Entity>().await.iter().all(|row| row.last_step == 0));
});

on_each_database!(the_password_again_is_for_who_has_nothing_better, async |world| {
    let account = world.account("Freehold").free().await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let mut of_marta = world.signed_in(&marta).await;
    let refused = of_marta.password_again(&marta.password).await;
    assert!(matches!(refused, Err(Error::Conflict(Conflict::OutOfOrder))), "{refused:?}");
    let bruno = world.user("Bruno").manager_of(&account).await;
    let mut of_bruno = world.signed_in(&bruno).await;
    world.advance(10 * MINUTE);
    assert_eq!(problem(of_bruno.password_again("not the right one").await, Field::Password), Problem::SignInRefused);
    assert_eq!(of_bruno.password_again(&bruno.password).await.unwrap(), Standing::Enter);
    assert!(of_bruno.me().await.step_up(world.now()).is_fresh());
    world.deliver().await;
});

on_each_database!(nobody_is_signed_in_without_a_cookie_or_with_a_made_up_one, async |world| {
    let visitor = Visitor::default();
    assert!(matches!(sessions::caller(&world.backend, &visitor).await, Err(Error::NotSignedIn)));
    let made_up = backend::crypto::SessionToken::parse(&"A".repeat(43));
    let visitor = Visitor { session: made_up, ..Visitor::default() };
    assert!(matches!(sessions::caller(&world.backend, &visitor).await, Err(Error::NotSignedIn)));
    assert!(EmailAddress::parse("nobody@postern.example").is_ok());
    let password = Password::new("any".into());
    assert_eq!(format!("{password:?}"), "Password(…)");
});

on_each_database!(a_requirement_turned_on_acts_on_open_sessions, async |world| {
    let free = world.account("Freehold").free().await;
    let paid = world.account("Northwind").await;
    let bruno = world.user("Bruno").manager_of(&free).await;
    let browser = world.signed_in(&bruno).await;
    assert_eq!(browser.me().await.standing(), Standing::Enter);
    // A scope joined …
    world.join(&bruno, &paid, Role::Analyst).await;
    assert_eq!(browser.me().await.standing(), Standing::EnrolOnly);
    let refused = users::list(&world.backend, &browser.me().await, free.scope, &UserQuery::default()).await;
    assert!(matches!(refused, Err(Error::Unfinished(Standing::EnrolOnly))));
    // … and left again.
    world.remove(&bruno, paid.scope).await;
    assert_eq!(browser.me().await.standing(), Standing::Enter);
    // A requirement of a scope that is closed to the person asks nothing.
    world.join(&bruno, &paid, Role::Analyst).await;
    world.set_status(&bruno, paid.scope, domain::users::MembershipStatus::Deactivated).await;
    assert_eq!(browser.me().await.standing(), Standing::Enter);
});
