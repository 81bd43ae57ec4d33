//! Changing one's own password in a session (3.4, 3.6, 3.7).

use crate::support::{Browser, MINUTE, Person, World};
use backend::{Error, Result, crypto::Password, passwords};
use domain::{
    errors::{Field, Problem},
    passwords::PasswordProblem,
    policy::Denied,
    sessions::{Standing, StepUp},
};

const NEW: &str = "seven loaves before dawn";

async fn change(browser: &mut Browser<'_>, password: &str) -> Result<()> {
    let step = passwords::change(&browser.backend, &browser.me().await, Password::new(password.into())).await?;
    browser.take(step);
    Ok(())
}

async fn marta(world: &World) -> Person {
    let account = world.account("Northwind").await;
    world.user("Marta Nowak").with_totp().manager_of(&account).await
}

on_each_database!(this_session_goes_on_and_everything_else_ends, async |world| {
    let marta = marta(world).await;
    let (mut laptop, mut phone) = (world.signed_in(&marta).await, world.signed_in(&marta).await);
    let before = laptop.visitor.clone();
    change(&mut laptop, NEW).await.unwrap();
    assert_eq!(laptop.me().await.standing(), Standing::Enter);
    assert!(matches!(phone.caller().await, Err(Error::NotSignedIn)));
    laptop.visitor.session = before.session;
    assert!(matches!(laptop.caller().await, Err(Error::NotSignedIn)), "not even its own token of before");
    assert!(phone.password(&marta).await.is_err(), "the old one");
    assert_eq!(phone.type_in(&marta.email, NEW).await.unwrap(), Standing::AwaitingMfa);
    assert_eq!(world.mail_to(&marta).await.subject, "Your password was changed");
    assert_eq!(world.number("SELECT COUNT(*) FROM audit_entries WHERE action = 'password_set'", []).await, 1);
    world.see_to_knocks().await;
    world.deliver().await;
});

on_each_database!(it_takes_a_fresh_proof_and_a_backup_code_is_none, async |world| {
    let marta = marta(world).await;
    let mut laptop = world.signed_in(&marta).await;
    let codes = laptop.make_backup_codes().await;
    world.advance(11 * MINUTE);
    let stale = change(&mut laptop, NEW).await;
    assert!(matches!(stale, Err(Error::Denied(Denied::StepUpNeeded(StepUp::NeedsAuthenticator)))), "{stale:?}");
    laptop.backup_code(&codes[0]).await.unwrap();
    let by_code = change(&mut laptop, NEW).await;
    assert!(matches!(by_code, Err(Error::Denied(Denied::StepUpNeeded(StepUp::FreshByRecoveryCode)))), "{by_code:?}");
    // Who is not in yet changes nothing.
    let mut thief = world.browser();
    thief.password(&marta).await.unwrap();
    let outside = change(&mut thief, NEW).await;
    assert!(matches!(outside, Err(Error::Unfinished(Standing::AwaitingMfa))), "{outside:?}");
    let account = world.account("Contoso").await;
    let ann = world.user("Ann").manager_of(&account).await;
    for standing in [Standing::AwaitingDeviceCode, Standing::EnrolOnly] {
        match standing {
            Standing::EnrolOnly => assert_eq!(thief.sign_in(&ann).await, standing),
            _ => assert_eq!(thief.password(&ann).await.unwrap(), standing),
        }
        let outside = change(&mut thief, NEW).await;
        assert!(matches!(outside, Err(Error::Unfinished(at)) if at == standing), "{outside:?}");
        world.deliver().await;
    }
});

on_each_database!(it_ends_known_and_trusted_devices_and_open_resets, async |world| {
    let story = crate::mfa_reset::northwind(world).await;
    let link = crate::mfa_reset::asked(world, &story).await;
    let mut laptop = world.signed_in(&story.marta).await;
    world.signed_in(&story.marta).await;
    world.execute("UPDATE known_devices SET trusted_at = 1, trusted_until = 9000000000000", []).await;
    change(&mut laptop, NEW).await.unwrap();
    let theirs = "SELECT COUNT(*) FROM known_devices WHERE user_id = ?";
    assert_eq!(world.number(theirs, [story.marta.id.0.into()]).await, 1, "the one in which it was changed");
    let trusted = "SELECT COUNT(*) FROM known_devices WHERE user_id = ? AND trusted_at IS NOT NULL";
    assert_eq!(world.number(trusted, [story.marta.id.0.into()]).await, 0);
    assert!(crate::mfa_reset::accept(&world.backend, &link).await.is_err());
    world.deliver().await;
});

on_each_database!(it_has_to_be_a_good_one, async |world| {
    let marta = marta(world).await;
    let mut laptop = world.signed_in(&marta).await;
    for (password, wrong) in [
        ("short", PasswordProblem::TooShort),
        ("password1234", PasswordProblem::Common),
        ("marta nowak 12", PasswordProblem::OwnName),
    ] {
        match change(&mut laptop, password).await {
            Err(Error::Invalid(fields)) => assert_eq!(fields.of(Field::Password), Some(Problem::Password(wrong))),
            other => panic!("{password}: {other:?}"),
        }
    }
    assert_eq!(laptop.password(&marta).await.unwrap(), Standing::AwaitingMfa, "the old one stands");
});

on_each_database!(one_that_came_by_mail_stays_so_unless_more_than_it_was_proven, async |world| {
    let account = world.account("Freehold").free().await;
    let bruno = world.user("Bruno").manager_of(&account).await;
    let ann = world.user("Ann").with_totp().manager_of(&account).await;
    world.execute("UPDATE users SET password_set_by = 'mailed_link'", []).await;
    change(&mut world.signed_in(&bruno).await, NEW).await.unwrap();
    change(&mut world.signed_in(&ann).await, NEW).await.unwrap();
    let set_by = async |person: &Person| world.row_of(person).await.password_set_by;
    assert_eq!(set_by(&bruno).await.as_deref(), Some("mailed_link"));
    assert_eq!(set_by(&ann).await.as_deref(), Some("self"));
    world.deliver().await;
});

on_each_database!(of_many_at_once_one_holds, async |world| {
    let marta = marta(world).await;
    let held = world.signed_in(&marta).await.me().await;
    let words = |number: usize| format!("{number} loaves before the dawn");
    let done = world
        .at_once(8, |server, number| {
            let (held, password) = (held.clone(), Password::new(words(number)));
            async move { passwords::change(&server, &held, password).await.is_ok() }
        })
        .await;
    let winners: Vec<usize> = (0..done.len()).filter(|number| done[*number]).collect();
    assert_eq!(winners.len(), 1, "{done:?}");
    let mut phone = world.browser();
    assert_eq!(phone.type_in(&marta.email, &words(winners[0])).await.unwrap(), Standing::AwaitingMfa);
    assert_eq!(world.number("SELECT epoch FROM users", []).await, held.epoch + 1);
    world.deliver().await;
});
