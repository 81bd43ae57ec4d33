//! The attacker has a person's password, guessed or used again from another site, and waits for the person's reset: once
//! the second factor is gone, whoever signs in first binds their own phone.
//!
//! CISA advisory AA22-074A (March 2022) tells of it: with a guessed password a new device was enrolled for a dormant account
//! whose old one had been dropped. CWE-308, CWE-288. Here the first sign-in after “Accept” needs the code that is mailed to a
//! new device, except once in the browser that accepted: the mailbox is asked again before anybody enrols (5.5).

use super::changes_nothing;
use crate::{
    mfa_reset::{
        ask, asked,
        guards::{hours, set},
        northwind,
    },
    sign_in::problem,
    support::{Browser, HOUR, MINUTE, MS, Person, World},
};
use backend::{Error, Result, authenticators};
use domain::{
    errors::{Field, Problem},
    guards::Guards,
    mfa_reset::State,
    person::Name,
    policy::Denied,
    sessions::Standing,
};

/// Tries to bind an own phone in this browser, without having been shown anything.
async fn enrol_blindly(thief: &Browser<'_>) -> Result<()> {
    let name = Name::parse("Mine").unwrap();
    authenticators::bind_totp(&thief.backend, &thief.me().await, &name, "123456").await.map(drop)
}

/// What a thief with the password meets once the second factor is gone.
async fn has_to_show_the_mailbox(world: &World, marta: &Person) {
    world.deliver().await;
    let mut thief = world.browser().at([203, 0, 113, 9]);
    assert_eq!(thief.password(marta).await.unwrap(), Standing::AwaitingDeviceCode);
    let shown = authenticators::totp_enrolment(&world.backend, &thief.me().await).await;
    assert!(matches!(shown, Err(Error::Unfinished(Standing::AwaitingDeviceCode))), "{shown:?}");
    let bound = changes_nothing(world, enrol_blindly(&thief)).await;
    assert!(matches!(bound, Err(Error::Unfinished(Standing::AwaitingDeviceCode))), "{bound:?}");
    // The code is in the mailbox, which the thief has not; the mail says which place asked.
    let code = world.mailed_code(marta).await;
    assert!(world.mail_to(marta).await.text.contains("203.0.113.9"));
    let guess = format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000);
    for _ in 0..5 {
        assert_eq!(problem(thief.device_code(&guess).await, Field::Code), Problem::WrongCode);
    }
    assert!(matches!(thief.device_code(&guess).await, Err(Error::Throttled { .. })), "five guesses, whatever is tried");
    world.advance(MINUTE);
    assert_eq!(
        problem(thief.device_code(&code).await, Field::Code),
        Problem::DeadCode,
        "then even the right one is dead"
    );
    assert_eq!(thief.me().await.standing(), Standing::AwaitingDeviceCode);
}

on_each_database!(who_has_only_the_password_does_not_enrol_before_the_person, async |world| {
    let story = northwind(world).await;
    // The thief is at the second factor already, and waits there.
    let mut early = world.browser();
    assert_eq!(early.password(&story.marta).await.unwrap(), Standing::AwaitingMfa);
    let link = asked(world, &story).await;
    let mut phone = world.browser();
    phone.accept(&link).await.unwrap();
    assert!(matches!(early.caller().await, Err(Error::NotSignedIn)), "what was begun before is over");

    has_to_show_the_mailbox(world, &story.marta).await;
    // Marta, in the browser in which she accepted, goes on undisturbed.
    assert_eq!(phone.password(&story.marta).await.unwrap(), Standing::EnrolOnly);
    phone.enrol().await.unwrap();
    assert_eq!(phone.me().await.standing(), Standing::Enter);
    // From now on the password is worth as little as before.
    assert_eq!(early.password(&story.marta).await.unwrap(), Standing::AwaitingMfa);
    world.deliver().await;
});

on_each_database!(the_cookie_of_the_accepting_browser_is_good_once_also_when_it_was_copied, async |world| {
    let story = northwind(world).await;
    let mut phone = world.browser();
    phone.accept(&asked(world, &story).await).await.unwrap();
    let mut copy = phone.twin();
    assert_eq!(phone.password(&story.marta).await.unwrap(), Standing::EnrolOnly);
    assert_eq!(copy.password(&story.marta).await.unwrap(), Standing::AwaitingDeviceCode);
    // Of two at the same moment one is let by, and the code is asked of the other.
    let again = world.user("Bruno").with_totp().manager_of(&story.account).await;
    let chiara = world.signed_in(&story.chiara).await;
    ask(&chiara, story.account.scope, &again).await.unwrap();
    let mut tablet = world.browser();
    tablet.accept(&world.reset_link(&again).await).await.unwrap();
    let (email, visitor) = (domain::person::EmailAddress::parse(&again.email).unwrap(), tablet.visitor.clone());
    let standings = world
        .at_once(8, |server, _| {
            let (email, visitor, password) = (email.clone(), visitor.clone(), again.password.clone());
            async move {
                let password = backend::crypto::Password::new(password);
                backend::sign_in::sign_in(&server, &visitor, &email, password).await.map(|step| step.standing)
            }
        })
        .await;
    let let_by = standings.iter().filter(|standing| matches!(standing, Ok(Standing::EnrolOnly))).count();
    assert_eq!(let_by, 1, "{standings:?}");
    world.deliver().await;
});

on_each_database!(a_day_after_accepting_the_browser_is_like_any_other, async |world| {
    for (late, expected) in [(24 * HOUR - MS, Standing::EnrolOnly), (24 * HOUR, Standing::AwaitingDeviceCode)] {
        let account = world.account(&format!("Northwind {expected:?}")).await;
        let chiara = world.user(&format!("Chiara {expected:?}")).with_totp().admin_of(&account).await;
        let marta = world.user(&format!("Marta {expected:?}")).with_totp().manager_of(&account).await;
        ask(&world.signed_in(&chiara).await, account.scope, &marta).await.unwrap();
        let mut phone = world.browser();
        phone.accept(&world.reset_link(&marta).await).await.unwrap();
        world.deliver().await;
        world.advance(late);
        assert_eq!(phone.password(&marta).await.unwrap(), expected);
        world.deliver().await;
    }
});

on_each_database!(a_waiting_time_gives_the_thief_nothing_either, async |world| {
    let story = northwind(world).await;
    let chiara = world.signed_in(&story.chiara).await;
    set(&chiara, story.account.scope, Guards { wait: hours(36), ..Guards::default() }).await.unwrap();
    let link = asked(world, &story).await;
    let mut phone = world.browser();
    phone.accept(&link).await.unwrap();
    assert_eq!(world.state_of(&link).await, State::Waiting);
    // While it waits the factor stands, and accepting has made nobody known: neither the thief nor the phone.
    let mut thief = world.browser();
    assert_eq!(thief.password(&story.marta).await.unwrap(), Standing::AwaitingMfa);
    assert_eq!(phone.twin().password(&story.marta).await.unwrap(), Standing::AwaitingMfa);
    world.deliver().await;
    world.wait_out(36 * HOUR).await;
    world.deliver().await;
    assert!(matches!(thief.caller().await, Err(Error::NotSignedIn)));
    has_to_show_the_mailbox(world, &story.marta).await;
    // The day of the accepting browser begins with the effect.
    world.advance(24 * HOUR - 2 * MINUTE);
    assert_eq!(phone.password(&story.marta).await.unwrap(), Standing::EnrolOnly);
    phone.enrol().await.unwrap();
    world.deliver().await;
});

on_each_database!(where_no_factor_is_required_the_thief_is_asked_for_the_code_as_well, async |world| {
    let account = world.account("Freehold").free().await;
    let chiara = world.user("Chiara").with_totp().admin_of(&account).await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let desk = world.signed_in(&chiara).await;
    ask(&desk, account.scope, &marta).await.unwrap();
    world.browser().accept(&world.reset_link(&marta).await).await.unwrap();
    world.deliver().await;
    has_to_show_the_mailbox(world, &marta).await;
    let mut thief = world.browser();
    thief.password(&marta).await.unwrap();
    world.deliver().await;
    let asks = ask(&thief, account.scope, &chiara).await;
    assert!(matches!(asks, Err(Error::Unfinished(Standing::AwaitingDeviceCode))), "{asks:?}");
    // The person's own session would not do either: without a factor nobody resets another's. The thief's guesses keep a new
    // device of theirs waiting for a while, and never the browser that accepted.
    world.advance(HOUR);
    let mut laptop = world.browser();
    assert_eq!(laptop.sign_in(&marta).await, Standing::Enter);
    world.set_role(&marta, account.scope, domain::roles::Role::Admin).await;
    let asks = crate::mfa_reset::denied(ask(&laptop, account.scope, &chiara).await);
    assert_eq!(asks, Denied::OwnAuthenticatorNeeded);
    world.deliver().await;
});
