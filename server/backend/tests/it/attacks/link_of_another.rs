//! The attacker has a link, or a cookie, that is good for something: of the own reset, of another door, of a request that was
//! replaced, or nearly the right one. It is tried at every door it was not made for.
//!
//! A token that is looked up without its purpose or its person is CWE-639, a guessable one CWE-340, one that outlives what it
//! stood for CWE-613. Here each link is derived for one purpose and one row and looked up by its digest (5.4), and whose it is
//! says the row, never who sends it.

use super::{changes_nothing, forgot, set_password, state_for};
use crate::{
    mfa_reset::{ask, asked, guards::has_factor, northwind, refused_as},
    support::{Browser, Person, World},
};
use backend::{
    Error, Result,
    crypto::{LinkToken, Password},
    locked_out, mfa_reset, password_reset,
};
use domain::{ids::MfaResetId, mfa_reset::State, sessions::Standing};
use std::collections::BTreeSet;

const NEW: &str = "seven loaves before dawn";

fn is_unknown<T: std::fmt::Debug>(answer: Result<T>) {
    assert!(matches!(answer, Err(Error::NotFound)), "{answer:?}");
}

/// No door of a reset knows this link.
async fn resets_nothing(world: &World, link: &LinkToken) {
    let visitor = world.visitor();
    is_unknown(mfa_reset::peek(&world.backend, link).await);
    is_unknown(changes_nothing(world, mfa_reset::accept(&world.backend, &visitor, link, "")).await.map(drop));
    is_unknown(changes_nothing(world, mfa_reset::decline(&world.backend, &visitor, link)).await);
}

/// No door of a password knows this link.
async fn sets_no_password(world: &World, link: &LinkToken) {
    is_unknown(password_reset::peek(&world.backend, &world.visitor(), link).await);
    is_unknown(changes_nothing(world, set_password(world, link, NEW)).await);
}

/// No door of a call for help knows this link.
async fn disowns_nothing(world: &World, link: &LinkToken) {
    is_unknown(locked_out::peek(&world.backend, link).await);
    is_unknown(changes_nothing(world, locked_out::disown(&world.backend, &world.visitor(), link)).await);
}

/// The link by which Marta disowns a call for help that was made with her password.
async fn help_link(world: &World, marta: &Person) -> LinkToken {
    let mut browser = world.browser();
    assert_eq!(browser.password(marta).await.unwrap(), Standing::AwaitingMfa);
    locked_out::ask(&world.backend, &browser.me().await).await.unwrap();
    world.link_to(marta, "sign-in/not-me").await
}

on_each_database!(a_link_opens_the_door_it_was_made_for_and_no_other, async |world| {
    let story = northwind(world).await;
    let password = forgot(world, &story.marta).await.unwrap();
    let help = help_link(world, &story.marta).await;
    let reset = asked(world, &story).await;
    for foreign in [&password, &help] {
        resets_nothing(world, foreign).await;
    }
    for foreign in [&reset, &help] {
        sets_no_password(world, foreign).await;
    }
    for foreign in [&reset, &password] {
        disowns_nothing(world, foreign).await;
    }
    assert_eq!(world.state_of(&reset).await, State::Open);
    world.deliver().await;
});

on_each_database!(a_link_with_one_other_character_is_another_link, async |world| {
    let story = northwind(world).await;
    let link = asked(world, &story).await.expose();
    let mut tried = BTreeSet::new();
    for at in 0..link.len() {
        for other in ["A", "_", "7"] {
            let mut near = link.clone();
            near.replace_range(at..=at, other);
            // The last character has bits to spare: what spells no token is none.
            if let Some(near) = LinkToken::parse(&near).filter(|near| near.expose() != link) {
                is_unknown(mfa_reset::peek(&world.backend, &near).await);
                is_unknown(mfa_reset::accept(&world.backend, &world.visitor(), &near, "").await.map(drop));
                tried.insert(near.expose());
            }
        }
    }
    assert!(tried.len() > 100, "{}", tried.len());
    for (swapped, cut) in [(link.to_uppercase(), &link[..42]), (link.to_lowercase(), &link[1..])] {
        assert!(LinkToken::parse(cut).is_none());
        if let Some(swapped) = LinkToken::parse(&swapped) {
            resets_nothing(world, &swapped).await;
        }
    }
    assert_eq!(state_for(world, &story.marta).await, State::Open);
});

on_each_database!(the_link_of_a_replaced_request_opens_neither_that_one_nor_the_new, async |world| {
    let story = northwind(world).await;
    let old = asked(world, &story).await;
    let new = asked(world, &story).await;
    assert_ne!(old.expose(), new.expose());
    let accepted = changes_nothing(world, mfa_reset::accept(&world.backend, &world.visitor(), &old, "")).await;
    assert_eq!(refused_as(accepted), State::Superseded);
    let declined = changes_nothing(world, mfa_reset::decline(&world.backend, &world.visitor(), &old)).await;
    assert_eq!(refused_as(declined), State::Superseded);
    assert_eq!((world.state_of(&old).await, world.state_of(&new).await), (State::Superseded, State::Open));
});

/// Presses “Accept” in a browser in which somebody may be signed in.
async fn accept_in(browser: &mut Browser<'_>, link: &LinkToken) {
    browser.accept(link).await.unwrap();
}

on_each_database!(whose_reset_it_is_says_the_link_and_not_the_browser, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let bruno = world.user("Bruno").with_totp().manager_of(&story.account).await;
    let of_marta = asked(world, &story).await;
    // Bruno, signed in as himself, presses the button behind a link that was forwarded to him.
    let mut laptop = world.signed_in(&bruno).await;
    let before = world.row_of(&bruno).await;
    accept_in(&mut laptop, &of_marta).await;
    assert!(!has_factor(world, &story.marta, scope).await);
    assert!(has_factor(world, &bruno, scope).await, "nothing of his own changed");
    assert_eq!(world.row_of(&bruno).await, before);
    assert_eq!(laptop.me().await.user_id, bruno.id, "nor did it sign him in as Marta");
    world.deliver().await;
});

on_each_database!(the_cookie_of_ones_own_reset_lets_nobody_in_as_another, async |world| {
    let story = northwind(world).await;
    let thief = world.user("Bruno").with_totp().manager_of(&story.account).await;
    let chiara = world.signed_in(&story.chiara).await;
    ask(&chiara, story.account.scope, &thief).await.unwrap();
    let mut laptop = world.browser();
    accept_in(&mut laptop, &world.reset_link(&thief).await).await;
    // Marta is reset as well, and the thief knows her password.
    world.browser().accept(&asked(world, &story).await).await.unwrap();
    let cookie = laptop.visitor.returning.clone();
    assert_eq!(laptop.password(&story.marta).await.unwrap(), Standing::AwaitingDeviceCode);
    // It was not used up by trying either, and serves once, him alone.
    laptop.visitor.returning = cookie;
    laptop.visitor.session = None;
    assert_eq!(laptop.password(&thief).await.unwrap(), Standing::EnrolOnly);
    world.deliver().await;
});

on_each_database!(another_persons_request_is_not_there_to_be_declined, async |world| {
    let story = northwind(world).await;
    let link = asked(world, &story).await;
    let id = MfaResetId(world.resets_of(&story.marta).await[0].id);
    for person in [&story.olga, &story.chiara] {
        let browser = world.signed_in(person).await;
        let caller = browser.me().await;
        is_unknown(changes_nothing(world, mfa_reset::decline_mine(&world.backend, &caller, id)).await);
    }
    assert_eq!(world.state_of(&link).await, State::Open);
});

on_each_database!(a_password_link_of_one_sets_no_password_of_another, async |world| {
    let story = northwind(world).await;
    let link = forgot(world, &story.chiara).await.unwrap();
    let (marta, chiara) = (world.row_of(&story.marta).await, world.row_of(&story.chiara).await);
    // Marta's browser, with all that it holds.
    let laptop = world.signed_in(&story.marta).await;
    password_reset::set(&world.backend, &laptop.visitor, &link, Password::new(NEW.into())).await.unwrap();
    assert_eq!(world.row_of(&story.marta).await, marta);
    assert_ne!(world.row_of(&story.chiara).await.password_hash, chiara.password_hash);
    assert_eq!(laptop.me().await.user_id, story.marta.id);
    world.deliver().await;
});
