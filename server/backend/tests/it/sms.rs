//! Codes by text message (4.3): each for one session, one purpose and one person, used once, and few enough that nobody earns
//! by them.

use crate::support::{Account, Browser, GatewayServer, HOUR, MINUTE, Person, SoftKey, World};
use backend::{
    Backend, Error, Result,
    authenticators::{self, SmsPurpose},
    mfa_policy, operator,
    settings::ThrottleLimits,
    sms::{Failure, Gateway, Patience, Text},
    store::{
        self,
        entity::{authenticator, sms_code},
    },
    throttle,
};
use domain::{
    authenticators::FactorKind,
    errors::{Conflict, Field, FieldErrors, Problem},
    ids::AuthenticatorId,
    loosening::LOOSENING,
    mfa_policy::{MfaPolicy, TrustDays},
    person::{EmailAddress, Name},
    policy::Denied,
    roles::Role,
    scope::Scope,
    sessions::{Standing, StepUp},
    sms::SMS_CODE_TTL,
};
use std::time::Duration;

const TYPED: &str = "0171 1234567";
const NUMBER: &str = "+491711234567";

/// As if it had been so for long.
pub async fn so(world: &World, scope: Scope, policy: MfaPolicy) {
    store::set_mfa_policy(world.backend.database.write(), scope, policy).await.unwrap();
}

pub const ACCEPTED: MfaPolicy = MfaPolicy {
    trust: TrustDays::NEVER,
    phishing_resistant: false,
    grace: domain::mfa_policy::Days::NEVER,
    sms: true,
    floor: false,
};

/// An account that accepts text messages, and somebody there without a method.
async fn bruno(world: &World) -> (Account, Person) {
    let account = world.account("Northwind").await;
    so(world, account.scope, ACCEPTED).await;
    let bruno = world.user("Bruno").analyst_of(&account).await;
    (account, bruno)
}

pub async fn ask(browser: &Browser<'_>, region: &str, typed: &str) -> Result<()> {
    authenticators::request_sms_binding(&browser.backend, &browser.me().await, region, typed).await
}

pub async fn bind(browser: &mut Browser<'_>, code: &str) -> Result<Standing> {
    let name = Name::parse("Phone").unwrap();
    let step = authenticators::bind_sms(&browser.backend, &browser.me().await, &name, code).await?;
    Ok(browser.take(step))
}

/// Binds a number in a browser that is signed in.
pub async fn bound(world: &World, browser: &mut Browser<'_>) {
    ask(browser, "DE", TYPED).await.unwrap();
    bind(browser, &world.phones.code()).await.unwrap();
}

pub async fn method_of(world: &World, person: &Person) -> AuthenticatorId {
    let rows = world.rows::<authenticator::Entity>().await;
    let row = rows.iter().find(|row| row.user_id == person.id.0 && row.kind == FactorKind::Sms.key()).unwrap();
    AuthenticatorId(row.id)
}

pub async fn text_to(browser: &Browser<'_>, id: AuthenticatorId) -> Result<()> {
    authenticators::request_sms_code(&browser.backend, &browser.me().await, id).await
}

pub async fn submit(browser: &mut Browser<'_>, code: &str, trust: bool) -> Result<Standing> {
    let step = authenticators::submit_sms_code(&browser.backend, &browser.me().await, code, trust).await?;
    Ok(browser.take(step))
}

/// What is wrong with a field.
fn wrong<T: std::fmt::Debug>(answer: Result<T>) -> (Field, Problem) {
    match answer {
        Err(Error::Invalid(FieldErrors(wrong))) => wrong[0],
        other => panic!("{other:?}"),
    }
}

fn conflict<T: std::fmt::Debug>(answer: Result<T>) -> Conflict {
    match answer {
        Err(Error::Conflict(conflict)) => conflict,
        other => panic!("{other:?}"),
    }
}

fn throttled<T: std::fmt::Debug>(answer: Result<T>) -> Duration {
    match answer {
        Err(Error::Throttled { retry_after }) => retry_after,
        other => panic!("{other:?}"),
    }
}

/// A code that is not the one.
fn another(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

on_each_database!(a_number_is_bound_by_a_code_and_serves_as_the_second_step, async |world| {
    let (account, bruno) = bruno(world).await;
    let mut phone = world.signed_in(&bruno).await;
    assert_eq!(phone.me().await.standing(), Standing::EnrolOnly);
    ask(&phone, "DE", TYPED).await.unwrap();
    let text = world.phones.texts().pop().unwrap();
    let code = world.phones.code();
    assert_eq!(text.to, NUMBER);
    assert!(text.body.starts_with(&code) && text.body.ends_with(&format!("\n\n@postern.example #{code}")), "{text:?}");
    assert!(text.body.chars().count() <= 160, "one message: {}", text.body.chars().count());
    let seen = authenticators::sms_challenge(&world.backend, &phone.me().await, SmsPurpose::Binding).await.unwrap();
    assert_eq!(seen.unwrap().number.to_string(), "•••• 67");
    assert_eq!(bind(&mut phone, &code).await.unwrap(), Standing::Enter);
    assert!(!phone.make_backup_codes().await.is_empty(), "it comes with backup codes as any first method does");
    let place = world.place_of(&bruno, account.scope).await;
    assert_eq!(place.factors().iter().collect::<Vec<_>>(), [FactorKind::Sms]);

    let mut laptop = world.browser();
    assert_eq!(laptop.password(&bruno).await.unwrap(), Standing::AwaitingMfa);
    let challenge = backend::sign_in::challenge(&world.backend, &laptop.me().await).await.unwrap();
    let id = method_of(world, &bruno).await;
    assert_eq!(challenge.offered, [(id, FactorKind::Sms)]);
    assert_eq!(challenge.numbers[0].1.to_string(), "•••• 67");
    text_to(&laptop, id).await.unwrap();
    assert_eq!(submit(&mut laptop, &world.phones.code(), false).await.unwrap(), Standing::Enter);
    // Nowhere in the clear.
    let dump = world.dump().await;
    for part in [NUMBER, "1711234567", "1234567"] {
        assert!(dump.find(part).is_empty(), "{:?}", dump.find(part));
    }
    world.deliver().await;
});

on_each_database!(a_code_is_good_once_here_for_this_and_for_ten_minutes, async |world| {
    let (_, bruno) = bruno(world).await;
    let mut phone = world.signed_in(&bruno).await;
    bound(world, &mut phone).await;
    let id = method_of(world, &bruno).await;
    let mut laptop = world.browser();
    let mut other = world.browser();
    laptop.password(&bruno).await.unwrap();
    other.password(&bruno).await.unwrap();
    world.advance(MINUTE);
    text_to(&laptop, id).await.unwrap();
    let code = world.phones.code();
    assert_eq!(wrong(submit(&mut other, &code, false).await), (Field::Code, Problem::DeadCode), "another session");
    world.advance(MINUTE);
    text_to(&other, id).await.unwrap();
    assert_eq!(wrong(submit(&mut other, &code, false).await), (Field::Code, Problem::WrongCode));
    // For another purpose: Bruno's other browser binds a second number.
    ask(&phone, "DE", "0172 7654321").await.unwrap();
    let binding = world.phones.code();
    assert_eq!(wrong(submit(&mut phone, &binding, false).await), (Field::Code, Problem::DeadCode));
    assert_eq!(wrong(submit(&mut laptop, &binding, false).await), (Field::Code, Problem::WrongCode));
    // Spaces and hyphens do not matter; used, it is dead.
    let typed = format!("{} - {}", &code[..3], &code[3..]);
    assert_eq!(submit(&mut laptop, &typed, false).await.unwrap(), Standing::Enter);
    assert_eq!(wrong(submit(&mut laptop, &code, false).await), (Field::Code, Problem::DeadCode));
    // Another one voids it; so do ten minutes.
    let mut late = world.browser();
    late.password(&bruno).await.unwrap();
    world.advance(MINUTE);
    text_to(&late, id).await.unwrap();
    let first = world.phones.code();
    world.advance(MINUTE);
    text_to(&late, id).await.unwrap();
    let second = world.phones.code();
    assert_eq!(wrong(submit(&mut late, &first, false).await), (Field::Code, Problem::WrongCode));
    world.advance(SMS_CODE_TTL);
    assert_eq!(wrong(submit(&mut late, &second, false).await), (Field::Code, Problem::DeadCode));
    world.deliver().await;
});

on_each_database!(five_tries_are_all_a_code_has, async |world| {
    let (_, bruno) = bruno(world).await;
    let mut phone = world.signed_in(&bruno).await;
    ask(&phone, "DE", TYPED).await.unwrap();
    let code = world.phones.code();
    for _ in 0..5 {
        assert_eq!(wrong(bind(&mut phone, &another(&code)).await), (Field::Code, Problem::WrongCode));
    }
    // The person has to wait as well; after that the code is dead all the same.
    throttled(bind(&mut phone, &code).await);
    world.advance(MINUTE);
    assert_eq!(wrong(bind(&mut phone, &code).await), (Field::Code, Problem::DeadCode));
    assert!(world.rows::<authenticator::Entity>().await.is_empty(), "nothing is bound");
});

on_each_database!(of_all_who_give_one_code_at_once_one_gets_in, async |world| {
    let (_, bruno) = bruno(world).await;
    let mut phone = world.signed_in(&bruno).await;
    ask(&phone, "DE", TYPED).await.unwrap();
    let (caller, code) = (phone.me().await, world.phones.code());
    let answers = world
        .at_once(5, |backend, _| {
            let (caller, code) = (caller.clone(), code.clone());
            async move { authenticators::bind_sms(&backend, &caller, &Name::parse("Phone").unwrap(), &code).await }
        })
        .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    assert_eq!(world.rows::<authenticator::Entity>().await.len(), 1);
    phone.take(answers.into_iter().find_map(Result::ok).unwrap());

    world.advance(MINUTE);
    let mut laptop = world.browser();
    laptop.password(&bruno).await.unwrap();
    text_to(&laptop, method_of(world, &bruno).await).await.unwrap();
    let (caller, code) = (laptop.me().await, world.phones.code());
    let answers = world
        .at_once(5, |backend, _| {
            let (caller, code) = (caller.clone(), code.clone());
            async move { authenticators::submit_sms_code(&backend, &caller, &code, false).await }
        })
        .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    let broken = answers.iter().find(|answer| matches!(answer, Err(Error::Internal(_))));
    assert!(broken.is_none(), "{broken:?}");
    world.deliver().await;
});

on_each_database!(nobody_earns_by_them, async |world| {
    let (account, bruno) = bruno(world).await;
    let phone = world.signed_in(&bruno).await;
    // A person: one a minute, five an hour.
    ask(&phone, "DE", TYPED).await.unwrap();
    assert_eq!(throttled(ask(&phone, "DE", TYPED).await), MINUTE);
    for _ in 0..4 {
        world.advance(MINUTE);
        ask(&phone, "DE", TYPED).await.unwrap();
    }
    world.advance(MINUTE);
    assert!(throttled(ask(&phone, "DE", TYPED).await) > 50 * MINUTE);
    // A number, by many: twenty a day.
    let sent = world.phones.texts().len();
    for number in sent..20 {
        let one = world.user(&format!("Una{number}")).analyst_of(&account).await;
        ask(&world.signed_in(&one).await, "DE", TYPED).await.unwrap();
    }
    let last = world.user("Ultima").analyst_of(&account).await;
    let last = world.signed_in(&last).await;
    throttled(ask(&last, "DE", TYPED).await);
    world.advance(MINUTE);
    ask(&last, "DE", "0172 7654321").await.unwrap();
    assert_eq!(world.phones.texts().len(), 21);
    world.deliver().await;
});

on_each_database!(a_stranger_with_the_password_does_not_use_up_the_persons_own_browser, async |world| {
    let (_, bruno) = bruno(world).await;
    let mut laptop = world.signed_in(&bruno).await;
    bound(world, &mut laptop).await;
    let id = method_of(world, &bruno).await;
    let mut stranger = world.browser();
    stranger.password(&bruno).await.unwrap();
    for _ in 0..5 {
        world.advance(MINUTE);
        text_to(&stranger, id).await.unwrap();
    }
    world.advance(MINUTE);
    throttled(text_to(&stranger, id).await);
    assert_eq!(laptop.password(&bruno).await.unwrap(), Standing::AwaitingMfa);
    text_to(&laptop, id).await.unwrap();
    assert_eq!(submit(&mut laptop, &world.phones.code(), false).await.unwrap(), Standing::Enter);
    world.deliver().await;
});

on_each_database!(of_many_who_press_at_once_one_message_leaves, async |world| {
    let (_, bruno) = bruno(world).await;
    let phone = world.signed_in(&bruno).await;
    let caller = phone.me().await;
    let answers = world
        .at_once(16, |backend, _| {
            let caller = caller.clone();
            async move { authenticators::request_sms_binding(&backend, &caller, "DE", TYPED).await }
        })
        .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    assert_eq!(world.phones.texts().len(), 1);
});

on_each_database!(the_people_of_an_account_get_so_many_a_day, async |world| {
    let (account, _) = bruno(world).await;
    let server = world.server_set_up(7, |settings| settings.throttle.sms_a_day_per_scope = 3).await;
    let server = server.texting_by(world.backend.sms.clone());
    for number in 0..4 {
        let one = world.user(&format!("Una{number}")).analyst_of(&account).await;
        let caller = world.signed_in(&one).await.me().await;
        let typed = format!("0171 123456{number}");
        let asked = authenticators::request_sms_binding(&server, &caller, "DE", &typed).await;
        if number < 3 { asked.unwrap() } else { assert!(throttled(asked) > 23 * HOUR) }
    }
    // Elsewhere they go on.
    let other = world.account("Contoso").await;
    so(world, other.scope, ACCEPTED).await;
    let ann = world.user("Ann").analyst_of(&other).await;
    let caller = world.signed_in(&ann).await.me().await;
    authenticators::request_sms_binding(&server, &caller, "DE", TYPED).await.unwrap();
    world.deliver().await;
});

on_each_database!(what_is_typed_wrong_is_said_in_place_and_costs_nothing, async |world| {
    let (_, bruno) = bruno(world).await;
    let mut phone = world.signed_in(&bruno).await;
    for (region, typed, field, problem) in [
        ("DE", "", Field::PhoneNumber, Problem::NotANumber),
        ("DE", "call me", Field::PhoneNumber, Problem::NotANumber),
        ("DE", "030 123456", Field::PhoneNumber, Problem::TakesNoTexts),
        ("DE", "0800 1234567", Field::PhoneNumber, Problem::TakesNoTexts),
        ("", TYPED, Field::Country, Problem::Unknown),
        ("ZZ", TYPED, Field::Country, Problem::Unknown),
    ] {
        assert_eq!(wrong(ask(&phone, region, typed).await), (field, problem), "{region} {typed}");
    }
    bound(world, &mut phone).await;
    world.advance(MINUTE);
    assert_eq!(wrong(ask(&phone, "FR", "+49 171 1234567").await), (Field::PhoneNumber, Problem::NumberTaken));
    world.deliver().await;
});

on_each_database!(a_gateway_that_fails_leaves_nothing_behind, async |world| {
    let (_, bruno) = bruno(world).await;
    let mut phone = world.signed_in(&bruno).await;
    world.phones.fail(Failure::Unreachable);
    assert_eq!(conflict(ask(&phone, "DE", TYPED).await), Conflict::SmsNotSent);
    let seen = authenticators::sms_challenge(&world.backend, &phone.me().await, SmsPurpose::Binding).await.unwrap();
    assert_eq!(seen, None, "no code waits");
    world.advance(MINUTE);
    world.phones.fail(Failure::Number { code: 21614 });
    assert_eq!(wrong(ask(&phone, "DE", TYPED).await), (Field::PhoneNumber, Problem::TakesNoTexts));
    world.phones.fail(None);
    world.advance(MINUTE);
    bound(world, &mut phone).await;

    // The gateway says later that it did not arrive: the page says so.
    let mut laptop = world.browser();
    laptop.password(&bruno).await.unwrap();
    text_to(&laptop, method_of(world, &bruno).await).await.unwrap();
    world.phones.lose(true);
    world.advance(Duration::from_secs(10));
    let seen = authenticators::sms_challenge(&world.backend, &laptop.me().await, SmsPurpose::Proof).await.unwrap();
    assert!(seen.unwrap().is_lost);
    world.phones.lose(false);
    world.advance(MINUTE);
    authenticators::resend_sms_code(&world.backend, &laptop.me().await, SmsPurpose::Proof).await.unwrap();
    let seen = authenticators::sms_challenge(&world.backend, &laptop.me().await, SmsPurpose::Proof).await.unwrap();
    assert!(!seen.unwrap().is_lost);
    assert_eq!(submit(&mut laptop, &world.phones.code(), false).await.unwrap(), Standing::Enter);
    world.deliver().await;
});

on_each_database!(it_is_offered_where_operator_and_account_say_so, async |world| {
    let account = world.account("Northwind").await;
    let bruno = world.user("Bruno").analyst_of(&account).await;
    let phone = world.signed_in(&bruno).await;
    assert_eq!(conflict(ask(&phone, "DE", TYPED).await), Conflict::SmsNotOffered, "the account does not");
    let offers = async |browser: &Browser<'_>| {
        authenticators::totp_enrolment(&world.backend, &browser.me().await).await.unwrap().or_sms
    };
    assert!(!offers(&phone).await);
    so(world, account.scope, ACCEPTED).await;
    assert!(offers(&phone).await);
    let without = world.backend.texting_by(None);
    let asked = authenticators::request_sms_binding(&without, &phone.me().await, "DE", TYPED).await;
    assert_eq!(conflict(asked), Conflict::SmsNotOffered, "the operator has no gateway");
    // One strict place of several is enough.
    let strict = world.account("Contoso").await;
    world.join(&bruno, &strict, Role::Support).await;
    assert_eq!(conflict(ask(&phone, "DE", TYPED).await), Conflict::SmsNotOffered);
    // One that requires no second factor says nothing of which.
    world.remove(&bruno, strict.scope).await;
    let free = world.account("Freehold").free().await;
    world.join(&bruno, &free, Role::Support).await;
    ask(&phone, "DE", TYPED).await.unwrap();
    so(world, account.scope, MfaPolicy { phishing_resistant: true, ..ACCEPTED }).await;
    assert!(matches!(ask(&phone, "DE", TYPED).await, Err(Error::Unfinished(Standing::EnrolPhishingResistant))));
    // Not a floor below which it is accepted.
    let portfolio = world.portfolio("Meridian").await;
    let linked = world.account("Linked").linked_to(&portfolio).await;
    so(world, linked.scope, ACCEPTED).await;
    so(world, portfolio.scope, MfaPolicy { floor: true, ..MfaPolicy::default() }).await;
    let ann = world.user("Ann").analyst_of(&linked).await;
    assert_eq!(conflict(ask(&world.signed_in(&ann).await, "DE", TYPED).await), Conflict::SmsNotOffered);
    world.deliver().await;
});

on_each_database!(where_it_is_not_accepted_any_more_it_serves_to_bind_something_better, async |world| {
    let (account, bruno) = bruno(world).await;
    let mut phone = world.signed_in(&bruno).await;
    bound(world, &mut phone).await;
    so(world, account.scope, MfaPolicy { sms: false, ..ACCEPTED }).await;
    assert_eq!(phone.me().await.standing(), Standing::EnrolOnly, "at once, in open sessions too");
    let mut laptop = world.browser();
    assert_eq!(laptop.password(&bruno).await.unwrap(), Standing::AwaitingMfa);
    let id = method_of(world, &bruno).await;
    text_to(&laptop, id).await.unwrap();
    assert_eq!(submit(&mut laptop, &world.phones.code(), false).await.unwrap(), Standing::EnrolOnly);
    // The proof grows old meanwhile: another code is one too.
    world.advance(11 * MINUTE);
    assert!(matches!(laptop.enrol().await, Err(Error::Denied(Denied::StepUpNeeded(_)))));
    text_to(&laptop, id).await.unwrap();
    submit(&mut laptop, &world.phones.code(), false).await.unwrap();
    laptop.enrol().await.unwrap();
    assert_eq!(laptop.me().await.standing(), Standing::Enter);
    // From now on the text message is none.
    let mut tablet = world.browser();
    tablet.password(&bruno).await.unwrap();
    let challenge = backend::sign_in::challenge(&world.backend, &tablet.me().await).await.unwrap();
    assert_eq!(challenge.offered.iter().map(|(_, kind)| *kind).collect::<Vec<_>>(), [FactorKind::Totp]);
    assert_eq!(conflict(text_to(&tablet, id).await), Conflict::OutOfOrder);
    // And the app cannot be removed for it.
    let bound = world.rows::<authenticator::Entity>().await;
    let app = bound.iter().find(|row| row.kind == FactorKind::Totp.key()).unwrap();
    let removed = authenticators::unbind(&world.backend, &laptop.me().await, AuthenticatorId(app.id)).await;
    assert_eq!(conflict(removed), Conflict::LastMethod);
    world.deliver().await;
});

on_each_database!(to_accept_it_is_looser_and_holds_a_day_later, async |world| {
    let account = world.account("Northwind").await;
    let olga = world.user("Olga").with_totp().owner_of(&account).await;
    let browser = world.signed_in(&olga).await;
    mfa_policy::set(&world.backend, &browser.me().await, account.scope, ACCEPTED).await.unwrap();
    let get = async |browser: &Browser<'_>| {
        mfa_policy::get(&world.backend, &browser.me().await, account.scope).await.unwrap()
    };
    let seen = get(&browser).await;
    assert_eq!((seen.own.policy.sms, seen.loosening.is_some()), (false, true));
    assert!(seen.has_sms_gateway);
    world.deliver().await;
    world.advance(LOOSENING);
    world.deliver().await;
    let browser = world.signed_in(&olga).await;
    assert!(get(&browser).await.own.policy.sms);
    mfa_policy::set(&world.backend, &browser.me().await, account.scope, MfaPolicy::default()).await.unwrap();
    assert!(!get(&browser).await.own.policy.sms, "stricter at once");
});

on_each_database!(the_strongest_is_asked_for_and_a_browser_is_trusted_by_this_one_too, async |world| {
    let (account, bruno) = bruno(world).await;
    let trust = TrustDays::try_from(7).unwrap();
    so(world, account.scope, MfaPolicy { trust, ..ACCEPTED }).await;
    let mut phone = world.signed_in(&bruno).await;
    bound(world, &mut phone).await;
    phone.bind_passkey(&mut SoftKey::new(&world.backend.random), false).await.unwrap();
    let mut laptop = world.browser();
    laptop.password(&bruno).await.unwrap();
    let challenge = backend::sign_in::challenge(&world.backend, &laptop.me().await).await.unwrap();
    assert_eq!(
        challenge.offered.iter().map(|(_, kind)| *kind).collect::<Vec<_>>(),
        [FactorKind::Passkey, FactorKind::Sms]
    );
    text_to(&laptop, method_of(world, &bruno).await).await.unwrap();
    let seen = authenticators::sms_challenge(&world.backend, &laptop.me().await, SmsPurpose::Proof).await.unwrap();
    assert_eq!(seen.unwrap().trust, Some(trust));
    assert_eq!(submit(&mut laptop, &world.phones.code(), true).await.unwrap(), Standing::Enter);
    assert_eq!(laptop.password(&bruno).await.unwrap(), Standing::Enter, "trusted");
    world.deliver().await;
});

on_each_database!(what_its_owner_prefers_is_asked_for_before_others_but_a_passkey, async |world| {
    let (_, bruno) = bruno(world).await;
    let mut phone = world.signed_in(&bruno).await;
    bound(world, &mut phone).await;
    phone.enrol().await.unwrap();
    let order = async || {
        let mut laptop = world.browser();
        laptop.password(&bruno).await.unwrap();
        let challenge = backend::sign_in::challenge(&world.backend, &laptop.me().await).await.unwrap();
        challenge.offered.iter().map(|(_, kind)| *kind).collect::<Vec<_>>()
    };
    assert_eq!(order().await, [FactorKind::Totp, FactorKind::Sms], "by strength");
    let id = method_of(world, &bruno).await;
    authenticators::prefer(&world.backend, &phone.me().await, id).await.unwrap();
    assert_eq!(order().await, [FactorKind::Sms, FactorKind::Totp]);
    phone.bind_passkey(&mut SoftKey::new(&world.backend.random), false).await.unwrap();
    assert_eq!(order().await, [FactorKind::Passkey, FactorKind::Sms, FactorKind::Totp]);
    // One at a time, and one's own.
    let mine = authenticators::mine(&world.backend, &phone.me().await).await.unwrap();
    let app = mine.authenticators.iter().find(|method| method.kind == FactorKind::Totp).unwrap();
    authenticators::prefer(&world.backend, &phone.me().await, app.id).await.unwrap();
    assert_eq!(order().await, [FactorKind::Passkey, FactorKind::Totp, FactorKind::Sms]);
    assert_eq!(world.rows::<authenticator::Entity>().await.iter().filter(|row| row.is_default).count(), 1);
    let ann = world.user("Ann").with_totp().await;
    let foreign = authenticators::prefer(&world.backend, &world.signed_in(&ann).await.me().await, app.id).await;
    assert!(matches!(foreign, Err(Error::NotFound)));
    world.advance(11 * MINUTE);
    let stale = authenticators::prefer(&world.backend, &phone.me().await, id).await;
    assert!(matches!(stale, Err(Error::Denied(Denied::StepUpNeeded(_)))), "{stale:?}");
    world.deliver().await;
});

on_each_database!(a_texted_code_steps_up_in_a_session_that_is_in, async |world| {
    let (_, bruno) = bruno(world).await;
    let mut phone = world.signed_in(&bruno).await;
    bound(world, &mut phone).await;
    let id = method_of(world, &bruno).await;
    world.advance(11 * MINUTE);
    assert_eq!(phone.me().await.standing(), Standing::Enter);
    assert_eq!(phone.me().await.step_up(world.now()), StepUp::NeedsAuthenticator);
    let make = async |phone: &Browser<'_>| authenticators::make_backup_codes(&world.backend, &phone.me().await).await;
    assert!(matches!(make(&phone).await, Err(Error::Denied(Denied::StepUpNeeded(_)))));
    text_to(&phone, id).await.unwrap();
    let seen = authenticators::sms_challenge(&world.backend, &phone.me().await, SmsPurpose::Proof).await.unwrap();
    assert_eq!(seen.unwrap().trust, None, "nobody signs in here");
    // A wrong one proves nothing; the right one makes the token of before worthless.
    let (before, code) = (phone.twin(), world.phones.code());
    assert_eq!(wrong(submit(&mut phone, &another(&code), false).await), (Field::Code, Problem::WrongCode));
    assert!(make(&phone).await.is_err());
    assert_eq!(submit(&mut phone, &code, false).await.unwrap(), Standing::Enter);
    assert!(matches!(before.caller().await, Err(Error::NotSignedIn)));
    assert_eq!(phone.me().await.step_up(world.now()), StepUp::FreshByAuthenticator);
    make(&phone).await.unwrap();
    world.deliver().await;
});

on_each_database!(parallel_guesses_of_texted_codes_are_five_however_many_there_are, async |world| {
    let (_, bruno) = bruno(world).await;
    bound(world, &mut world.signed_in(&bruno).await).await;
    let id = method_of(world, &bruno).await;
    // Whoever knows the password has a code texted to each of three sessions.
    let (mut callers, mut right) = (Vec::new(), Vec::new());
    for number in 0..3u8 {
        world.advance(MINUTE);
        let mut stranger = world.browser().at([198, 51, 100, number]);
        stranger.password(&bruno).await.unwrap();
        text_to(&stranger, id).await.unwrap();
        callers.push(stranger.me().await);
        right.push(world.phones.code().parse::<u32>().unwrap());
    }
    let guess = |server: Backend, number: usize| {
        let code = format!("{:06}", (right[number % 3] + 1 + number as u32) % 1_000_000);
        let caller = callers[number % 3].clone();
        async move { authenticators::submit_sms_code(&server, &caller, &code, false).await.map(drop) }
    };
    let answers = world.at_once(60, guess).await;
    let looked_at = answers.iter().filter(|answer| !matches!(answer, Err(Error::Throttled { .. }))).count();
    assert_eq!(looked_at, 5, "{answers:?}");
    assert!(answers.iter().all(Result::is_err));

    // And where waiting did not hold anybody up, each code has five tries.
    let loose = ThrottleLimits { free_misses: 1_000, network_misses: 1_000, ..ThrottleLimits::default() };
    let servers = [
        world.server_set_up(7, |settings| settings.throttle = loose.clone()).await,
        world.server_set_up(8, |settings| settings.throttle = loose.clone()).await,
    ];
    world.execute("DELETE FROM throttles", []).await;
    world.execute("UPDATE sms_codes SET tries = 0", []).await;
    let answers = world.at_once(60, |_, number| guess(servers[number % 2].clone(), number)).await;
    let mut wrong: Vec<_> = answers.into_iter().map(wrong).collect();
    wrong.retain(|wrong| *wrong == (Field::Code, Problem::WrongCode));
    assert_eq!(wrong.len(), 15);
    world.deliver().await;
});

on_each_database!(what_nobody_finishes_is_swept_with_its_number, async |world| {
    let (_, bruno) = bruno(world).await;
    let mut phone = world.signed_in(&bruno).await;
    ask(&phone, "DE", TYPED).await.unwrap();
    let kept = async || {
        world.deliver().await;
        world.rows::<sms_code::Entity>().await.len()
    };
    world.advance(SMS_CODE_TTL);
    assert_eq!(kept().await, 1, "from its page another is asked for");
    phone.password_again(&bruno.password).await.unwrap();
    authenticators::resend_sms_code(&world.backend, &phone.me().await, SmsPurpose::Binding).await.unwrap();
    world.advance(SMS_CODE_TTL + HOUR);
    assert_eq!(kept().await, 0);
    assert!(phone.caller().await.is_ok(), "its session goes on");
});

on_each_database!(the_operator_sees_a_number_that_got_too_many_and_clears_it, async |world| {
    let (_, bruno) = bruno(world).await;
    let server = world.server_set_up(7, |settings| settings.throttle.sms_a_day_per_number = 1).await;
    let server = server.texting_by(world.backend.sms.clone());
    let mut phone = world.signed_in(&bruno).await;
    authenticators::request_sms_binding(&server, &phone.me().await, "DE", TYPED).await.unwrap();
    bind(&mut phone, &world.phones.code()).await.unwrap();
    let id = method_of(world, &bruno).await;
    let text = async |phone: &Browser<'_>| authenticators::request_sms_code(&server, &phone.me().await, id).await;
    throttled(text(&phone).await);
    let email = EmailAddress::parse(&bruno.email).unwrap();
    let counted = throttle::of_person(&server, &email, world.now()).await.unwrap();
    let of_number = counted.iter().find(|tally| tally.kind == throttle::Kind::SmsOfNumber);
    assert_eq!(of_number.unwrap().until, Some(world.now() + 24 * HOUR), "{counted:?}");
    world.advance(MINUTE);
    operator::clear_throttle(&server, &email).await.unwrap();
    text(&phone).await.unwrap();
    world.deliver().await;
});

on_each_database!(a_message_whose_code_was_right_is_no_miss_of_its_network, async |world| {
    let (_, bruno) = bruno(world).await;
    let mut phone = world.signed_in(&bruno).await;
    bound(world, &mut phone).await;
    let id = method_of(world, &bruno).await;
    for _ in 0..3 {
        world.advance(MINUTE);
        let mut laptop = world.browser();
        laptop.password(&bruno).await.unwrap();
        text_to(&laptop, id).await.unwrap();
        submit(&mut laptop, &world.phones.code(), false).await.unwrap();
    }
    let of_networks = "SELECT CAST(COALESCE(SUM(misses), 0) AS BIGINT) FROM throttles WHERE kind = 'network'";
    assert_eq!(world.number(of_networks, []).await, 0);
    // One that nobody answers is.
    world.advance(MINUTE);
    let mut laptop = world.browser();
    laptop.password(&bruno).await.unwrap();
    text_to(&laptop, id).await.unwrap();
    assert_eq!(world.number(of_networks, []).await, 1);
    world.deliver().await;
});

on_each_database!(nobody_elses_number_is_written_to_or_guessed, async |world| {
    let (account, bruno) = bruno(world).await;
    let mut phone = world.signed_in(&bruno).await;
    bound(world, &mut phone).await;
    let mallory = world.user("Mallory").with_totp().analyst_of(&account).await;
    let mallory = world.signed_in(&mallory).await;
    let id = method_of(world, &bruno).await;
    assert!(matches!(text_to(&mallory, id).await, Err(Error::NotFound)));
    assert_eq!(world.phones.texts().len(), 1);
    // Nor is Bruno's code hers.
    world.advance(MINUTE);
    text_to(&phone, id).await.unwrap();
    let stolen =
        authenticators::submit_sms_code(&world.backend, &mallory.me().await, &world.phones.code(), false).await;
    assert_eq!(conflict(stolen), Conflict::OutOfOrder, "she has no number");
    world.deliver().await;
});

on_each_database!(an_accepted_reset_takes_the_number_too, async |world| {
    let (account, bruno) = bruno(world).await;
    let mut phone = world.signed_in(&bruno).await;
    bound(world, &mut phone).await;
    let admin = world.user("Chiara").with_totp().admin_of(&account).await;
    let admin = world.signed_in(&admin).await;
    crate::mfa_reset::ask(&admin, account.scope, &bruno).await.unwrap();
    // One that was texted before is void with it.
    world.advance(MINUTE);
    text_to(&phone, method_of(world, &bruno).await).await.unwrap();
    let before = phone.me().await;
    world.browser().accept(&world.reset_link(&bruno).await).await.unwrap();
    assert!(world.rows::<authenticator::Entity>().await.iter().all(|row| row.user_id != bruno.id.0));
    let late = authenticators::submit_sms_code(&world.backend, &before, &world.phones.code(), false).await;
    assert!(late.is_err(), "{late:?}");
    world.deliver().await;
});

// ── the gateway itself ────────────────────────────────────────────────────────────────────────────────────────────

fn text() -> Text {
    Text {
        to: NUMBER.into(),
        body: "123456 is your code.\n\n@postern.example #123456".into(),
        at: crate::support::MORNING,
    }
}

#[tokio::test]
async fn a_message_is_posted_as_twilio_takes_it() {
    let server = GatewayServer::start().await;
    let gateway = Gateway::twilio(&server.url("AC1", "to%3Aken"), "+15005550006", Patience::default()).unwrap();
    server.answer(201, r#"{"sid":"SM77","status":"queued"}"#);
    assert_eq!(gateway.send(text()).await, Ok(Some("SM77".to_owned())));
    let said = server.said();
    let (head, body) = said[0].split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /2010-04-01/Accounts/AC1/Messages.json HTTP/1.1\r\n"), "{head}");
    assert!(head.to_lowercase().contains("authorization: basic qumxonrvomtlbg=="), "{head}");
    assert!(head.to_lowercase().contains("content-type: application/x-www-form-urlencoded"), "{head}");
    let form: Vec<(String, String)> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let expected = [("To", NUMBER), ("From", "+15005550006"), ("Body", &text().body)];
    assert_eq!(form, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));

    let by_service =
        Gateway::twilio(&server.url("AC1", "token"), "MG9752274e9e519418a7406176694466fa", Patience::default())
            .unwrap();
    by_service.send(text()).await.unwrap();
    assert!(server.said()[1].contains("MessagingServiceSid=MG9752274e9e519418a7406176694466fa"));

    server.answer(200, r#"{"sid":"SM77","status":"undelivered","error_code":30003}"#);
    assert!(gateway.is_lost("SM77").await);
    assert!(server.said()[2].starts_with("GET /2010-04-01/Accounts/AC1/Messages/SM77.json "));
    server.answer(200, r#"{"sid":"SM77","status":"delivered"}"#);
    assert!(!gateway.is_lost("SM77").await);
    assert!(!gateway.is_lost("../../x").await, "and nobody is asked");
    assert_eq!(server.said().len(), 4);
    assert_eq!(gateway.check().await, Ok(()));
}

#[tokio::test]
async fn every_way_to_fail_is_told_apart() {
    let server = GatewayServer::start().await;
    let gateway = Gateway::twilio(&server.url("AC1", "token"), "+15005550006", Patience::default()).unwrap();
    for (status, body, failure) in [
        (400, r#"{"code":21614,"message":"is not a mobile number","status":400}"#, Failure::Number { code: 21614 }),
        (400, r#"{"code":21606,"message":"our own sender is wrong"}"#, Failure::Refused { status: 400 }),
        (401, r#"{"code":20003}"#, Failure::Refused { status: 401 }),
        (429, "", Failure::Refused { status: 429 }),
        (500, "<html>", Failure::Refused { status: 500 }),
        (302, "", Failure::Refused { status: 302 }),
    ] {
        server.answer(status, body);
        assert_eq!(gateway.send(text()).await, Err(failure), "{status} {body}");
    }
    server.answer(0, "");
    assert_eq!(gateway.send(text()).await, Err(Failure::Unreachable), "it hangs up");
    let url = server.url("AC1", "token");
    drop(server);
    let gone = Gateway::twilio(&url, "+15005550006", Patience::default()).unwrap();
    assert_eq!(gone.send(text()).await, Err(Failure::Unreachable));
    assert_eq!(gone.check().await, Err(Failure::Unreachable));
}

#[tokio::test]
async fn one_that_does_not_answer_is_not_waited_for() {
    let server = GatewayServer::start().await;
    let short = Duration::from_millis(50);
    let patience = Patience { send: short, ask: Duration::from_secs(600) };
    let gateway = Gateway::twilio(&server.url("AC1", "token"), "+15005550006", patience).unwrap();
    server.hold();
    assert_eq!(gateway.send(text()).await, Err(Failure::Unreachable));
    let patience = Patience { send: Duration::from_secs(600), ask: short };
    let gateway = Gateway::twilio(&server.url("AC1", "token"), "+15005550006", patience).unwrap();
    assert_eq!(gateway.check().await, Err(Failure::Unreachable));
    assert!(!gateway.is_lost("SM77").await, "nothing is known of it");
}

on_each_database!(while_a_gateway_is_slow_nobody_else_waits, async |world| {
    let (account, bruno) = bruno(world).await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let phone = world.signed_in(&bruno).await;
    let server = GatewayServer::start().await;
    server.hold();
    let patience = Patience { send: Duration::from_secs(600), ask: Duration::from_secs(600) };
    let gateway = Gateway::twilio(&server.url("AC1", "token"), "+15005550006", patience).unwrap();
    let slow = world.backend.texting_by(Some(gateway));
    let caller = phone.me().await;
    let mut asks = std::pin::pin!(authenticators::request_sms_binding(&slow, &caller, "DE", TYPED));
    tokio::select! {
        answer = &mut asks => panic!("{answer:?}"),
        () = server.asked() => {}
    }
    // Neither a writer, nor the very person.
    let mut marta_signs_in = std::pin::pin!(world.signed_in(&marta));
    tokio::select! {
        answer = &mut asks => panic!("{answer:?}"),
        _ = &mut marta_signs_in => {}
    }
    let mut bruno_signs_in = std::pin::pin!(world.signed_in(&bruno));
    tokio::select! {
        answer = &mut asks => panic!("{answer:?}"),
        _ = &mut bruno_signs_in => {}
    }
    // It hangs up in the end: no code waits.
    drop(server);
    assert_eq!(conflict(asks.await), Conflict::SmsNotSent);
    let seen = authenticators::sms_challenge(&world.backend, &phone.me().await, SmsPurpose::Binding).await.unwrap();
    assert_eq!(seen, None);
    world.deliver().await;
});
