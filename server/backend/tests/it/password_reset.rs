//! A forgotten password, and the first one (3.8, 3.4).

use crate::{
    sign_in::problem,
    support::{Account, HOUR, MINUTE, MS, Person, World},
};
use backend::{
    Backend, Error, Result,
    crypto::{BreachList, LinkToken, Password, breach_list},
    mfa_reset, operator, password_reset, sessions,
};
use domain::{
    errors::{Conflict, Field, Problem},
    passwords::{LinkState, PasswordProblem},
    person::{EmailAddress, Name, Reason},
    roles::Role,
    sessions::Standing,
};
use sha1::{Digest, Sha1};
use std::sync::Arc;

const NEW: &str = "seven loaves before dawn";

async fn forgot(world: &World, person: &Person) -> LinkToken {
    request(world, &person.email).await.unwrap();
    world.password_link(person).await
}

async fn request(world: &World, email: &str) -> Result<()> {
    let email = EmailAddress::parse(email).unwrap();
    password_reset::request(&world.backend, &world.visitor(), &email).await
}

async fn set(world: &World, link: &LinkToken, password: &str) -> Result<()> {
    password_reset::set(&world.backend, &world.visitor(), link, Password::new(password.into())).await
}

async fn is_void(world: &World, link: &LinkToken) {
    let answer = set(world, link, NEW).await;
    assert!(matches!(answer, Err(Error::Conflict(Conflict::LinkVoid))), "{answer:?}");
}

async fn marta(world: &World) -> Person {
    let account = world.account("Northwind").await;
    world.user("Marta").with_totp().manager_of(&account).await
}

on_each_database!(a_new_password_replaces_the_old_and_signs_everybody_out, async |world| {
    let account = world.account("Freehold").free().await;
    let bruno = world.user("Bruno").manager_of(&account).await;
    let mut laptop = world.signed_in(&bruno).await;
    let link = forgot(world, &bruno).await;
    assert_eq!(password_reset::peek(&world.backend, &Default::default(), &link).await.unwrap(), LinkState::Open);
    set(world, &link, NEW).await.unwrap();
    assert!(matches!(laptop.caller().await, Err(Error::NotSignedIn)));
    assert_eq!(world.number("SELECT COUNT(*) FROM sessions", []).await, 0, "it does not sign in");
    assert!(laptop.password(&bruno).await.is_err());
    // The device is not known any more either.
    assert_eq!(laptop.type_in(&bruno.email, NEW).await.unwrap(), Standing::AwaitingDeviceCode);
    world.see_to_knocks().await;
    assert!(world.mails().await.contains(&"password_changed to Bruno".into()));
    assert_eq!(world.log_of(account.scope).await, ["system: sign_in_failed → Bruno", "Bruno: password_set → Bruno"]);
    world.deliver().await;
});

on_each_database!(it_never_removes_or_skips_a_second_factor, async |world| {
    let marta = marta(world).await;
    let codes = world.signed_in(&marta).await.make_backup_codes().await;
    let link = forgot(world, &marta).await;
    set(world, &link, NEW).await.unwrap();
    let mut laptop = world.browser();
    assert_eq!(laptop.type_in(&marta.email, NEW).await.unwrap(), Standing::AwaitingMfa);
    world.advance(MINUTE);
    assert_eq!(laptop.code(&marta.code(world)).await.unwrap(), Standing::Enter);
    let mut tablet = world.browser();
    tablet.type_in(&marta.email, NEW).await.unwrap();
    assert_eq!(tablet.backup_code(&codes[0]).await.unwrap(), Standing::Enter, "backup codes are a factor's");
    world.deliver().await;
});

on_each_database!(looking_at_the_link_changes_nothing, async |world| {
    let marta = marta(world).await;
    let link = forgot(world, &marta).await;
    let before = world.dump().await;
    for _ in 0..50 {
        assert_eq!(password_reset::peek(&world.backend, &Default::default(), &link).await.unwrap(), LinkState::Open);
    }
    assert_eq!(world.dump().await, before);
});

on_each_database!(a_link_serves_once_also_of_twenty_at_the_same_moment, async |world| {
    let marta = marta(world).await;
    let link = forgot(world, &marta).await;
    let answers = world
        .at_once(20, |server, number| {
            let link = link.clone();
            let password = Password::new(format!("{NEW} {number}"));
            async move { password_reset::set(&server, &Default::default(), &link, password).await }
        })
        .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    for answer in answers.iter().filter(|answer| answer.is_err()) {
        assert!(matches!(answer, Err(Error::Conflict(Conflict::LinkVoid))), "{answer:?}");
    }
    assert_eq!(password_reset::peek(&world.backend, &Default::default(), &link).await.unwrap(), LinkState::Used);
    is_void(world, &link).await;
    let changed = world.mails().await.into_iter().filter(|mail| mail.starts_with("password_changed")).count();
    assert_eq!(changed, 1);
    world.deliver().await;
});

on_each_database!(a_link_is_good_for_three_hours, async |world| {
    let marta = marta(world).await;
    let link = forgot(world, &marta).await;
    world.advance(3 * HOUR);
    assert_eq!(password_reset::peek(&world.backend, &Default::default(), &link).await.unwrap(), LinkState::Expired);
    is_void(world, &link).await;
    world.clock.set(world.now() - MS);
    set(world, &link, NEW).await.unwrap();
    world.advance(MS);
    world.deliver().await;
});

on_each_database!(a_used_link_takes_the_others_with_it, async |world| {
    let marta = marta(world).await;
    let first = forgot(world, &marta).await;
    let second = forgot(world, &marta).await;
    set(world, &second, NEW).await.unwrap();
    assert_eq!(password_reset::peek(&world.backend, &Default::default(), &first).await.unwrap(), LinkState::Expired);
    is_void(world, &first).await;
    world.deliver().await;
});

/// Whether the newest mail to this person gives a password back.
async fn is_mailed_a_link(world: &World, person: &Person) -> bool {
    world.deliver().await;
    request(world, &person.email).await.unwrap();
    let mail = world.mail_to(person).await;
    let has_link = mail.text.contains("/password-reset/");
    assert_eq!(mail.subject, if has_link { "Set a new password" } else { "No new password for now" });
    has_link
}

async fn asked_for(world: &World) -> (Person, LinkToken) {
    let account = world.account("Northwind").await;
    asked_in(world, &account).await
}

async fn asked_in(world: &World, account: &Account) -> (Person, LinkToken) {
    let marta = world.user("Marta").with_totp().manager_of(account).await;
    let chiara = world.user("Chiara").with_totp().admin_of(account).await;
    let chiara = world.signed_in(&chiara).await;
    let reason = Reason::parse("lost the phone").unwrap();
    mfa_reset::request(&world.backend, &chiara.me().await, account.scope, marta.id, &reason).await.unwrap();
    let link = world.reset_link(&marta).await;
    (marta, link)
}

on_each_database!(one_mailbox_does_not_give_back_password_and_second_factor, async |world| {
    let (marta, link) = asked_for(world).await;
    assert!(!is_mailed_a_link(world, &marta).await, "while it can be accepted");
    world.browser().accept(&link).await.unwrap();
    assert!(!is_mailed_a_link(world, &marta).await, "while there is no second factor");
    let mut laptop = world.browser();
    laptop.password(&marta).await.unwrap();
    laptop.device_code(&world.mailed_code(&marta).await).await.unwrap();
    laptop.enrol().await.unwrap();
    world.deliver().await;
    assert!(is_mailed_a_link(world, &marta).await, "once there is one again");
});

on_each_database!(a_reset_that_comes_to_nothing_gives_the_link_back, async |world| {
    let (marta, link) = asked_for(world).await;
    mfa_reset::decline(&world.backend, &world.visitor(), &link).await.unwrap();
    world.deliver().await;
    assert!(is_mailed_a_link(world, &marta).await);
});

on_each_database!(who_has_to_enrol_has_no_link_before, async |world| {
    let (marta, link) = asked_for(world).await;
    world.browser().accept(&link).await.unwrap();
    world.deliver().await;
    world.advance(72 * HOUR);
    assert!(!is_mailed_a_link(world, &marta).await);
});

on_each_database!(who_need_not_enrol_has_the_link_back_after_three_days, async |world| {
    let account = world.account("Freehold").free().await;
    let (marta, link) = asked_in(world, &account).await;
    world.browser().accept(&link).await.unwrap();
    world.deliver().await;
    world.advance(72 * HOUR - MS);
    assert!(!is_mailed_a_link(world, &marta).await);
    world.advance(MS);
    assert!(is_mailed_a_link(world, &marta).await);
});

on_each_database!(a_link_that_was_mailed_before_the_reset_was_asked_for_does_not_help, async |world| {
    let account = world.account("Northwind").await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let before = forgot(world, &marta).await;
    operator_asks(world, &marta).await;
    assert_eq!(password_reset::peek(&world.backend, &Default::default(), &before).await.unwrap(), LinkState::Expired);
    is_void(world, &before).await;
    let link = world.reset_link(&marta).await;
    world.browser().accept(&link).await.unwrap();
    is_void(world, &before).await;
    world.deliver().await;
});

on_each_database!(of_a_password_and_a_reset_at_the_same_moment_one_waits_for_the_other, async |world| {
    let marta = marta(world).await;
    let link = forgot(world, &marta).await;
    let email = EmailAddress::parse(&marta.email).unwrap();
    let (set, asked) = tokio::join!(set(world, &link, NEW), async {
        mfa_reset::request_by_operator(&world.other_server, &email, &Reason::parse("x").unwrap()).await
    });
    // Either the password came first, and the reset asks under the new epoch; or the reset did, and the link is void.
    asked.unwrap();
    let changed = world.mails().await.iter().any(|mail| mail.starts_with("password_changed"));
    assert_eq!(set.is_ok(), changed);
    is_void(world, &link).await;
    assert_eq!(world.ends_of(&marta).await, ["live"]);
    world.deliver().await;
});

async fn operator_asks(world: &World, person: &Person) {
    let email = EmailAddress::parse(&person.email).unwrap();
    mfa_reset::request_by_operator(&world.backend, &email, &Reason::parse("came by").unwrap()).await.unwrap();
}

on_each_database!(a_link_that_was_never_made_is_unknown, async |world| {
    let marta = marta(world).await;
    forgot(world, &marta).await;
    let made_up = LinkToken::parse(&"A".repeat(43)).unwrap();
    assert!(matches!(password_reset::peek(&world.backend, &Default::default(), &made_up).await, Err(Error::NotFound)));
    assert!(matches!(set(world, &made_up, NEW).await, Err(Error::NotFound)));
});

on_each_database!(nobody_is_mailed_a_link_who_is_not_there, async |world| {
    let marta = marta(world).await;
    world.shut_out(&marta).await;
    request(world, &marta.email).await.unwrap();
    request(world, "nobody@postern.example").await.unwrap();
    assert!(world.mails().await.is_empty());
    assert_eq!(world.number("SELECT COUNT(*) FROM password_resets", []).await, 0);
});

on_each_database!(who_is_shut_out_meanwhile_sets_nothing, async |world| {
    let marta = marta(world).await;
    let link = forgot(world, &marta).await;
    let before = world.row_of(&marta).await.password_hash;
    world.shut_out(&marta).await;
    assert_eq!(password_reset::peek(&world.backend, &Default::default(), &link).await.unwrap(), LinkState::Expired);
    is_void(world, &link).await;
    assert_eq!(world.row_of(&marta).await.password_hash, before);
});

on_each_database!(three_mails_an_hour_known_or_not, async |world| {
    let marta = marta(world).await;
    for email in [marta.email.as_str(), "nobody@postern.example"] {
        for _ in 0..3 {
            request(world, email).await.unwrap();
        }
        let fourth = request(world, email).await;
        assert!(matches!(fourth, Err(Error::Throttled { retry_after }) if retry_after == HOUR), "{email}: {fourth:?}");
        // Typed in another way it is the same address.
        assert!(request(world, &email.to_uppercase()).await.is_err());
    }
    assert_eq!(world.subjects_to(&marta).await.len(), 3);
    world.advance(HOUR);
    request(world, &marta.email).await.unwrap();
    world.deliver().await;
});

on_each_database!(a_bad_password_is_refused_with_the_reason_and_the_link_stays_good, async |world| {
    let account = world.account("Northwind Traders").await;
    let marta = world.user("Marta Gualtieri").at("martha.g@postern.example").manager_of(&account).await;
    let link = forgot(world, &marta).await;
    for (password, reason) in [
        ("", PasswordProblem::TooShort),
        ("elevenchars", PasswordProblem::TooShort),
        (&"long enough ".repeat(11) as &str, PasswordProblem::TooLong),
        ("passwordpassword", PasswordProblem::Common),
        ("zzzzzzzzzzzzzz", PasswordProblem::Common),
        ("MartaGualtieri1", PasswordProblem::OwnName),
        ("martha.g@postern.example", PasswordProblem::OwnName),
        ("northwindtraders", PasswordProblem::OwnName),
    ] {
        let refused = problem(set(world, &link, password).await, Field::Password);
        assert_eq!(refused, Problem::Password(reason), "{password}");
    }
    assert_eq!(password_reset::peek(&world.backend, &Default::default(), &link).await.unwrap(), LinkState::Open);
    for fine in ["päröl äus zwölf", "            ", "a 1 ! very good one"] {
        let link = forgot(world, &marta).await;
        let answer = set(world, &link, fine).await;
        assert!(answer.is_ok() || fine.trim().is_empty(), "{fine}: {answer:?}");
        world.execute("DELETE FROM throttles", []).await;
    }
    world.deliver().await;
});

on_each_database!(a_new_password_lifts_the_delay_of_wrong_ones, async |world| {
    let marta = marta(world).await;
    for _ in 0..5 {
        assert!(world.browser().type_in(&marta.email, "not the right one").await.is_err());
    }
    assert!(matches!(world.browser().password(&marta).await, Err(Error::Throttled { .. })));
    let link = forgot(world, &marta).await;
    set(world, &link, NEW).await.unwrap();
    assert_eq!(world.browser().type_in(&marta.email, NEW).await.unwrap(), Standing::AwaitingMfa);
    world.deliver().await;
});

on_each_database!(the_first_password_comes_by_a_link_of_24_hours, async |world| {
    let account = world.account("Northwind").await;
    let (email, name) = (EmailAddress::parse("fiona@postern.example").unwrap(), Name::parse("Fiona").unwrap());
    let (id, link) =
        operator::create_user(&world.backend, &email, &name, Some((account.id(), Role::Analyst))).await.unwrap();
    let fiona = Person { id, name: "Fiona".into(), email: email.to_string(), password: NEW.into(), totp_seed: None };
    assert_eq!(world.password_link(&fiona).await.expose(), link.expose());
    assert!(world.browser().type_in(&fiona.email, "").await.is_err());
    world.advance(24 * HOUR - MS);
    set(world, &link, NEW).await.unwrap();
    let mut laptop = world.browser();
    assert_eq!(laptop.sign_in(&fiona).await, Standing::EnrolOnly);
    assert_eq!(sessions::caller(&world.backend, &laptop.visitor).await.unwrap().time_zone, "Europe/Rome");
    world.deliver().await;
});

// ── the breach list ───────────────────────────────────────────────────────────────────────────────────────────────

/// A server with a list of these passwords, and the list.
async fn server_that_refuses(world: &World, passwords: &[&str]) -> (Backend, tempfile::NamedTempFile) {
    let mut lines: Vec<String> = passwords
        .iter()
        .map(|password| format!("{}:7", data_encoding::HEXUPPER.encode(&Sha1::digest(password.as_bytes()))))
        .collect();
    lines.sort_unstable();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    breach_list::build(lines.join("\n").as_bytes(), &mut file, 1).unwrap();
    let breaches = Some(Arc::new(BreachList::open(file.path()).unwrap()));
    (world.server_set_up(9, |settings| settings.breaches = breaches).await, file)
}

on_each_database!(a_breached_password_is_refused_and_the_link_stays_good, async |world| {
    let marta = marta(world).await;
    let (server, _file) = server_that_refuses(world, &["another sentence", NEW]).await;
    let link = forgot(world, &marta).await;
    let set = async |password: &str| {
        password_reset::set(&server, &world.visitor(), &link, Password::new(password.into())).await
    };
    let refused = set(NEW).await;
    assert_eq!(problem(refused, Field::Password), Problem::Password(PasswordProblem::Breached));
    // One that is too short is told so first, whatever else it is.
    assert_eq!(problem(set("short").await, Field::Password), Problem::Password(PasswordProblem::TooShort));
    set("seven loaves before dusk").await.unwrap();
    world.deliver().await;
    server.database.clone().close().await.unwrap();
});

on_each_database!(a_breach_list_that_cannot_be_read_refuses_and_loses_nothing, async |world| {
    let marta = marta(world).await;
    let (server, file) = server_that_refuses(world, &["one", "two", "three"]).await;
    let link = forgot(world, &marta).await;
    file.as_file().set_len(8).unwrap();
    let answer = password_reset::set(&server, &world.visitor(), &link, Password::new(NEW.into())).await;
    assert!(matches!(answer, Err(Error::Internal(_))), "{answer:?}");
    set(world, &link, NEW).await.unwrap();
    world.deliver().await;
    server.database.clone().close().await.unwrap();
});
