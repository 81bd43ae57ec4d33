//! Who cannot give the second factor calls for help: who hears of it, what is said to whom, and how it is disowned.

use crate::support::{HOUR, MINUTE, World};
use backend::{
    Error,
    crypto::LinkToken,
    locked_out,
    store::entity::{help_call, session},
};
use domain::{locked_out::CallState, roles::Role, sessions::Standing};
use sea_orm::EntityTrait;

/// The link in the person's mail.
async fn link(world: &World, person: &crate::support::Person) -> LinkToken {
    let mail = world.mail_to(person).await;
    let line =
        mail.text.lines().find(|line| line.contains("/sign-in/not-me/")).unwrap_or_else(|| panic!("{}", mail.text));
    LinkToken::parse(line.rsplit('/').next().unwrap()).unwrap()
}

on_each_database!(administrators_are_told_and_the_person_is_told, async |world| {
    let account = world.account("Northwind").await;
    let other = world.account("Contoso").free().await;
    let olga = world.user("Olga").with_totp().owner_of(&account).await;
    let chiara = world.user("Chiara").with_totp().admin_of(&account).await;
    let marco = world.user("Marco").with_totp().manager_of(&account).await;
    let carlo = world.user("Carlo").with_totp().owner_of(&other).speaking("de").await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    world.join(&marta, &other, Role::Analyst).await;
    world.join(&chiara, &other, Role::Admin).await;
    let mut phone = world.browser();
    assert_eq!(phone.password(&marta).await.unwrap(), Standing::AwaitingMfa);
    locked_out::ask(&world.backend, &phone.me().await).await.unwrap();
    world.deliver().await;
    let subjects = async |person| world.subjects_to(person).await;
    assert_eq!(subjects(&marta).await, ["You asked an administrator for help"]);
    for helper in [&olga, &chiara] {
        assert_eq!(subjects(helper).await, ["Marta asks for help with signing in"], "once, in however many scopes");
    }
    assert_eq!(subjects(&carlo).await, ["Marta bittet um Hilfe beim Anmelden"]);
    assert!(subjects(&marco).await.is_empty(), "who may not reset MFA is not told");

    let to_olga = world.mail_to(&olga).await;
    for said in ["Firefox on Linux", "192.0.2.7", "Northwind", "on a number that you already have"] {
        assert!(to_olga.text.contains(said), "{said}: {}", to_olga.text);
    }
    let at_the_person = format!("/a/{}/settings/users?q=marta%40postern.example", account.id().0);
    assert!(to_olga.text.contains(&at_the_person), "{}", to_olga.text);
    assert!(!to_olga.text.contains("Contoso") && !to_olga.text.contains("not-me"), "{}", to_olga.text);
    let to_marta = world.mail_to(&marta).await;
    for hidden in ["Olga", "Chiara", "Carlo", "Northwind", "Contoso"] {
        assert!(!to_marta.text.contains(hidden), "who asks learns of nobody: {}", to_marta.text);
    }
    assert_eq!(world.log_of(account.scope).await, ["Marta: help_asked → Marta"]);
    assert_eq!(world.log_of(other.scope).await, ["Marta: help_asked → Marta"]);
    // Nothing else changed, and the call is no step on the way in.
    assert_eq!(phone.me().await.standing(), Standing::AwaitingMfa);
    assert_eq!(world.browser().sign_in(&marta).await, Standing::Enter);
});

on_each_database!(a_sole_owner_is_helped_through_the_portfolio, async |world| {
    let portfolio = world.portfolio("Meridian Group").await;
    let account = world.account("Northwind").linked_to(&portfolio).await;
    let kwame = world.user("Kwame").with_totp().portfolio_owner_of(&portfolio).await;
    let olga = world.user("Olga").with_totp().owner_of(&account).await;
    world.user("Marta").with_totp().manager_of(&account).await;
    let mut phone = world.browser();
    phone.password(&olga).await.unwrap();
    locked_out::ask(&world.backend, &phone.me().await).await.unwrap();
    let mail = world.mail_to(&kwame).await;
    assert!(mail.text.contains(&format!("/p/{}/manage/users?q=olga%40", portfolio.id)), "{}", mail.text);
    world.deliver().await;
});

on_each_database!(with_nobody_to_help_the_answer_is_the_same, async |world| {
    let account = world.account("Northwind").await;
    let olga = world.user("Olga").with_totp().owner_of(&account).await;
    let mut phone = world.browser();
    phone.password(&olga).await.unwrap();
    locked_out::ask(&world.backend, &phone.me().await).await.unwrap();
    assert_eq!(world.mails().await, ["help_asked to Olga"]);
    world.deliver().await;
});

on_each_database!(a_call_is_for_the_second_factor_only_and_seldom, async |world| {
    let account = world.account("Northwind").await;
    let olga = world.user("Olga").with_totp().owner_of(&account).await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let entered = world.signed_in(&marta).await;
    assert!(matches!(
        locked_out::ask(&world.backend, &entered.me().await).await,
        Err(Error::Unfinished(Standing::Enter))
    ));
    let mut phone = world.browser();
    phone.password(&marta).await.unwrap();
    // From however many browsers at once: one call.
    let caller = phone.me().await;
    let answers = world
        .at_once(12, |server, _| {
            let caller = caller.clone();
            async move { locked_out::ask(&server, &caller).await }
        })
        .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert!(answers.iter().all(|answer| matches!(answer, Ok(()) | Err(Error::Throttled { .. }))));
    assert_eq!(world.subjects_to(&olga).await.len(), 1);
    for (wait, expected) in [(HOUR - MINUTE, false), (MINUTE, true), (HOUR * 3, false), (HOUR, true), (HOUR * 5, false)]
    {
        world.advance(wait);
        let mut again = world.browser();
        again.password(&marta).await.unwrap();
        assert_eq!(locked_out::ask(&world.backend, &again.me().await).await.is_ok(), expected, "{wait:?}");
    }
    world.deliver().await;
});

on_each_database!(this_wasnt_me_ends_that_session_and_tells_who_was_asked, async |world| {
    let account = world.account("Northwind").await;
    let olga = world.user("Olga").with_totp().owner_of(&account).await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let laptop = world.signed_in(&marta).await;
    let mut stranger = world.browser();
    stranger.password(&marta).await.unwrap();
    locked_out::ask(&world.backend, &stranger.me().await).await.unwrap();
    let link = link(world, &marta).await;
    for _ in 0..3 {
        assert_eq!(locked_out::peek(&world.other_server, &link).await.unwrap(), CallState::Open);
    }
    let answers = world
        .at_once(12, |server, _| {
            let link = link.clone();
            async move { locked_out::disown(&server, &Default::default(), &link).await }
        })
        .await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(locked_out::peek(&world.backend, &link).await.unwrap(), CallState::Disowned);
    assert!(matches!(stranger.caller().await, Err(Error::NotSignedIn)));
    assert!(laptop.caller().await.is_ok(), "only that session");
    assert_eq!(world.rows::<session::Entity>().await.len(), 1);
    assert_eq!(
        world.subjects_to(&olga).await,
        ["Marta asks for help with signing in", "It was not Marta who asked for help"]
    );
    let log = world.log_of(account.scope).await;
    assert_eq!(log.iter().filter(|line| line.contains("help_")).count(), 2, "{log:?}");
});

on_each_database!(a_session_that_went_on_after_the_call_is_ended_too, async |world| {
    let account = world.account("Northwind").await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let mut stranger = world.browser();
    stranger.password(&marta).await.unwrap();
    locked_out::ask(&world.backend, &stranger.me().await).await.unwrap();
    let call = link(world, &marta).await;
    world.advance(std::time::Duration::from_secs(30));
    assert_eq!(stranger.code(&marta.code(world)).await.unwrap(), Standing::Enter);
    locked_out::disown(&world.backend, &Default::default(), &call).await.unwrap();
    assert!(matches!(stranger.caller().await, Err(Error::NotSignedIn)));
    world.deliver().await;
});

on_each_database!(a_link_of_another_kind_or_age_disowns_nothing, async |world| {
    let account = world.account("Northwind").await;
    let olga = world.user("Olga").with_totp().owner_of(&account).await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let mut phone = world.browser();
    phone.password(&marta).await.unwrap();
    locked_out::ask(&world.backend, &phone.me().await).await.unwrap();
    let own = link(world, &marta).await;
    let desk = world.signed_in(&olga).await;
    let reason = domain::person::Reason::none();
    backend::mfa_reset::request(&world.backend, &desk.me().await, account.scope, marta.id, &reason).await.unwrap();
    let reset = world.reset_link(&marta).await;
    assert!(matches!(locked_out::disown(&world.backend, &Default::default(), &reset).await, Err(Error::NotFound)));
    assert!(matches!(
        backend::mfa_reset::accept(&world.backend, &Default::default(), &own, "").await,
        Err(Error::NotFound)
    ));
    world.advance(HOUR * 24 * 30);
    assert!(matches!(locked_out::disown(&world.backend, &Default::default(), &own).await, Err(Error::NotFound)));
    let calls = help_call::Entity::find().all(world.backend.database.read()).await.unwrap();
    assert!(calls.iter().all(|call| call.disowned_at.is_none()));
    world.deliver().await;
});

on_each_database!(a_stranger_uses_up_nobodys_calls, async |world| {
    let account = world.account("Northwind").await;
    let olga = world.user("Olga").with_totp().owner_of(&account).await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let mut laptop = world.signed_in(&marta).await;
    let mut thief = world.browser();
    thief.password(&marta).await.unwrap();
    locked_out::ask(&world.backend, &thief.me().await).await.unwrap();
    // A browser that is known as hers has a counter of its own.
    laptop.password(&marta).await.unwrap();
    locked_out::ask(&world.backend, &laptop.me().await).await.unwrap();
    // And who disowns a call has theirs back, also on a new phone. Who was told is told, whoever may help by now.
    let mails = world.mail_to(&marta).await;
    assert!(mails.text.contains("/sign-in/not-me/"));
    world.set_role(&olga, account.scope, Role::Support).await;
    let call = link(world, &marta).await;
    locked_out::disown(&world.backend, &Default::default(), &call).await.unwrap();
    let mut phone = world.browser();
    phone.password(&marta).await.unwrap();
    locked_out::ask(&world.backend, &phone.me().await).await.unwrap();
    world.deliver().await;
});

on_each_database!(who_was_told_of_a_call_is_told_of_its_end, async |world| {
    let account = world.account("Northwind").await;
    let olga = world.user("Olga").with_totp().owner_of(&account).await;
    let chiara = world.user("Chiara").with_totp().admin_of(&account).await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let mut thief = world.browser();
    thief.password(&marta).await.unwrap();
    locked_out::ask(&world.backend, &thief.me().await).await.unwrap();
    let call = link(world, &marta).await;
    let late = world.user("Late").with_totp().admin_of(&account).await;
    locked_out::disown(&world.backend, &Default::default(), &call).await.unwrap();
    for told in [&olga, &chiara] {
        assert_eq!(world.subjects_to(told).await.len(), 2, "{}", told.name);
    }
    assert!(world.subjects_to(&late).await.is_empty(), "who heard nothing of it hears nothing of its end");
});

on_each_database!(names_of_every_kind_are_only_names, async |world| {
    let account = world.account("Northwind").await;
    let olga = world.user("Olga").with_totp().owner_of(&account).await;
    let odd = world.user("Dmitri").with_totp().manager_of(&account).await;
    let name = "Dmitri\r\nBcc: all@evil.example %{name} <b>Eve</b>";
    world.execute("UPDATE memberships SET name = ? WHERE user_id = ?", [name.into(), odd.id.0.into()]).await;
    let mut phone = world.browser();
    phone.password(&odd).await.unwrap();
    locked_out::ask(&world.backend, &phone.me().await).await.unwrap();
    let mail = world.mail_to(&olga).await;
    assert!(!mail.subject.contains(['\r', '\n']) && !mail.html.contains("<b>Eve"), "{} {}", mail.subject, mail.html);
    world.deliver().await;
});

on_each_database!(who_may_help_is_told_once_by_any_number_of_servers, async |world| {
    let account = world.account("Northwind").await;
    let olga = world.user("Olga").with_totp().owner_of(&account).await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let mut phone = world.browser();
    phone.password(&marta).await.unwrap();
    locked_out::ask(&world.backend, &phone.me().await).await.unwrap();
    assert_eq!(world.mails().await, ["help_asked to Marta"], "not by who asks");
    let called = world.at_once(8, |server, _| async move { locked_out::call_helpers(&server).await }).await;
    assert!(called.iter().all(Result::is_ok), "{called:?}");
    assert_eq!(world.mails().await, ["help_asked to Marta", "help_wanted to Olga"]);
    world.advance(HOUR);
    locked_out::call_helpers(&world.backend).await.unwrap();
    assert_eq!(world.subjects_to(&olga).await.len(), 1);
});

on_each_database!(a_call_that_is_disowned_before_anybody_was_told_is_told_to_nobody, async |world| {
    let account = world.account("Northwind").await;
    world.user("Olga").with_totp().owner_of(&account).await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let mut stranger = world.browser();
    stranger.password(&marta).await.unwrap();
    locked_out::ask(&world.backend, &stranger.me().await).await.unwrap();
    let row = world.rows::<help_call::Entity>().await.remove(0);
    let nonce = backend::crypto::Nonce::from_slice(&row.nonce);
    let link = world.backend.keys.link_token(backend::crypto::Purpose::HelpCall, row.id, nonce);
    locked_out::disown(&world.backend, &Default::default(), &link).await.unwrap();
    locked_out::call_helpers(&world.backend).await.unwrap();
    assert_eq!(world.mails().await, ["help_asked to Marta"]);
    world.deliver().await;
});

on_each_database!(of_telling_and_disowning_at_once_whoever_heard_of_a_call_hears_of_its_end, async |world| {
    let account = world.account("Northwind").await;
    let olga = world.user("Olga").with_totp().owner_of(&account).await;
    for number in 0..4 {
        let una = world.user(&format!("Una {number}")).with_totp().manager_of(&account).await;
        let mut stranger = world.browser();
        stranger.password(&una).await.unwrap();
        locked_out::ask(&world.backend, &stranger.me().await).await.unwrap();
        let rows = world.rows::<help_call::Entity>().await;
        let row = rows.iter().find(|row| row.user_id == una.id.0).unwrap();
        let nonce = backend::crypto::Nonce::from_slice(&row.nonce);
        let link = world.backend.keys.link_token(backend::crypto::Purpose::HelpCall, row.id, nonce);
        let answers = world
            .at_once(2, |server, number| {
                let link = link.clone();
                async move {
                    match number {
                        0 => locked_out::call_helpers(&server).await,
                        _ => locked_out::disown(&server, &Default::default(), &link).await,
                    }
                }
            })
            .await;
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    }
    let mails = world.mails().await;
    let of = |kind: &str| mails.iter().filter(|mail| mail.starts_with(kind)).count();
    assert_eq!(of("help_wanted"), of("help_disowned"), "{mails:?}");
    world.subjects_to(&olga).await;
});
