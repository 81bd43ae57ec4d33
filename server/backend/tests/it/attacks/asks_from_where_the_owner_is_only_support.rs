//! The attacker is Admin of a small account and invites somebody there as Support who owns a large one. Over a Support the
//! attacker may ask for anything; but a second factor is the person's, so what is removed here is gone there too.
//!
//! Acting on the same object from where it is less protected is CWE-863 and CWE-639. Here the effect waits 24 hours when the
//! person has rank 2 or more outside the asker's reach (5.6): the administrators there are told and may call it off, and who
//! asked sees that it was accepted, without a time, and never why.

use super::{changes_nothing, state_for};
use crate::{
    mfa_reset::{
        accept, ask, asked,
        guards::{guarded, has_factor, preview},
        northwind, refused_as,
    },
    support::{Account, HOUR, MS, Person, World},
};
use backend::{Error, accounts, mfa_reset, users};
use domain::{
    errors::Conflict,
    guards::{Demands, ELSEWHERE},
    mfa_reset::State,
    roles::Role,
    users::{MembershipStatus, UserQuery},
};

/// The attacker's account and the other one.
struct TwoAccounts {
    northwind: Account,
    contoso: Account,
    /// Admin of Northwind, the attacker.
    chiara: Person,
    /// Support in Northwind, Owner of Contoso.
    carlo: Person,
    /// Admin of Contoso.
    cora: Person,
}

async fn two_accounts(world: &World) -> TwoAccounts {
    let (northwind, contoso) = (world.account("Northwind").await, world.account("Contoso").await);
    let chiara = world.user("Chiara").with_totp().admin_of(&northwind).await;
    let carlo = world.user("Carlo").with_totp().owner_of(&contoso).with_role(Role::Support, northwind.scope).await;
    let cora = world.user("Cora").with_totp().admin_of(&contoso).await;
    world.advance(8 * 24 * HOUR);
    TwoAccounts { northwind, contoso, chiara, carlo, cora }
}

/// Nothing that the attacker can read says when it takes effect, or where else the person is.
async fn tells_nothing(world: &World, story: &TwoAccounts, state: State) {
    let (scope, carlo) = (story.northwind.scope, &story.carlo);
    let chiara = world.signed_in(&story.chiara).await;
    let seen = preview(&chiara, scope, carlo).await;
    assert_eq!(seen.demands, Demands::default());
    let pending = seen.pending.unwrap();
    assert_eq!((pending.state, pending.effective_at, pending.is_elsewhere), (state, None, false));
    let page = users::list(&world.backend, &chiara.me().await, scope, &UserQuery::default()).await.unwrap();
    let row = page.rows.iter().find(|row| row.user_id == carlo.id).unwrap();
    assert_eq!(row.pending.as_ref().unwrap().effective_at, None);
    let overview = accounts::overview(&world.backend, &chiara.me().await, scope).await.unwrap();
    assert!(!format!("{overview:?}").contains("Contoso"));
    for line in world.log_of(scope).await {
        assert!(!line.contains("Contoso") && !line.contains("Cora"), "{line}");
    }
    world.deliver().await;
    for mail in world.mailbox.mails().iter().filter(|mail| mail.to == story.chiara.email) {
        let told = [&mail.subject, &mail.text, &mail.html];
        assert!(told.iter().all(|part| !part.contains("Contoso") && !part.contains("Takes effect")), "{}", mail.text);
    }
}

on_each_database!(the_effect_waits_a_day_and_who_asked_learns_nothing, async |world| {
    let story = two_accounts(world).await;
    let (scope, carlo) = (story.northwind.scope, &story.carlo);
    ask(&world.signed_in(&story.chiara).await, scope, carlo).await.unwrap();
    tells_nothing(world, &story, State::Open).await;
    // Carlo is called by somebody who says to be of the bank, and presses “Accept”.
    let link = world.reset_link(carlo).await;
    let accepted_at = world.now();
    accept(&world.backend, &link).await.unwrap();
    tells_nothing(world, &story, State::Waiting).await;
    assert!(world.subjects_to(&story.chiara).await.contains(&"MFA reset of Carlo accepted".to_owned()));
    // Carlo reads when; his other place reads that, when, and neither who nor where.
    let seen = mfa_reset::peek(&world.backend, &link).await.unwrap();
    assert!(seen.effective_at.is_some());
    let mail = world.mail_to(&story.cora).await;
    assert_eq!(mail.subject, "Second factors of Carlo will be removed");
    assert!(!mail.text.contains("Northwind") && !mail.text.contains("Chiara"), "{}", mail.text);
    let cora = world.signed_in(&story.cora).await;
    let pending = preview(&cora, story.contoso.scope, carlo).await.pending.unwrap();
    assert_eq!((pending.is_elsewhere, pending.effective_at), (true, Some(accepted_at + ELSEWHERE)));
    assert_eq!(pending.asked_by, None);
    // To the millisecond, and asking again does not hasten it.
    let chiara = world.signed_in(&story.chiara).await;
    assert_eq!(refused_as(changes_nothing(world, ask(&chiara, scope, carlo)).await), State::Waiting);
    world.wait_out((accepted_at + ELSEWHERE - MS).since(world.now())).await;
    assert!(has_factor(world, carlo, story.contoso.scope).await);
    world.wait_out(MS).await;
    assert!(!has_factor(world, carlo, story.contoso.scope).await, "nobody called it off");
    let told = ["system: factors_leaving_elsewhere → Carlo", "system: factors_removed_elsewhere → Carlo"];
    assert_eq!(world.log_of(story.contoso.scope).await, told);
    world.deliver().await;
});

on_each_database!(an_administrator_there_calls_it_off, async |world| {
    let story = two_accounts(world).await;
    let (scope, carlo) = (story.northwind.scope, &story.carlo);
    ask(&world.signed_in(&story.chiara).await, scope, carlo).await.unwrap();
    let cora = world.signed_in(&story.cora).await;
    // Before “Accept” it is none of her business, and she neither sees nor stops it.
    assert_eq!(preview(&cora, story.contoso.scope, carlo).await.pending, None);
    let stops = changes_nothing(world, cancel(world, &story, &cora)).await;
    assert!(matches!(stops, Err(Error::Conflict(Conflict::NoOpenReset))), "{stops:?}");
    let link = world.reset_link(carlo).await;
    accept(&world.backend, &link).await.unwrap();
    world.deliver().await;
    cancel(world, &story, &cora).await.unwrap();
    assert_eq!(world.state_of(&link).await, State::Cancelled);
    world.wait_out(ELSEWHERE).await;
    assert!(has_factor(world, carlo, scope).await);
    world.deliver().await;
    assert_eq!(world.log_of(story.contoso.scope).await.last().unwrap(), "Cora: factors_stay_elsewhere → Carlo");
    let mail = world.mail_to(&story.chiara).await;
    assert_eq!(mail.subject, "MFA reset of Carlo called off");
    assert!(!mail.text.contains("Contoso") && !mail.text.contains("Cora"), "{}", mail.text);
});

async fn cancel(world: &World, story: &TwoAccounts, who: &crate::support::Browser<'_>) -> backend::Result<()> {
    mfa_reset::cancel(&world.backend, &who.me().await, story.contoso.scope, story.carlo.id).await
}

on_each_database!(a_sole_owner_calls_it_off_in_a_session_or_by_the_link, async |world| {
    let story = two_accounts(world).await;
    let (scope, carlo) = (story.northwind.scope, &story.carlo);
    world.remove(&story.cora, story.contoso.scope).await;
    for by_link in [true, false] {
        ask(&world.signed_in(&story.chiara).await, scope, carlo).await.unwrap();
        let link = world.reset_link(carlo).await;
        accept(&world.backend, &link).await.unwrap();
        // Whoever pressed it: Carlo is told by mail, and everywhere he is signed in.
        let laptop = world.signed_in(carlo).await;
        let mine = mfa_reset::of_mine(&world.backend, &laptop.me().await).await.unwrap().unwrap();
        assert_eq!(mine.state, State::Waiting);
        match by_link {
            true => drop(mfa_reset::decline(&world.backend, &world.visitor(), &link).await.unwrap()),
            false => mfa_reset::decline_mine(&world.backend, &laptop.me().await, mine.id).await.unwrap(),
        }
        assert_eq!(world.state_of(&link).await, State::Cancelled);
        world.wait_out(ELSEWHERE).await;
        assert!(has_factor(world, carlo, scope).await);
        world.deliver().await;
    }
});

on_each_database!(who_was_demoted_there_lately_is_protected_still, async |world| {
    let story = two_accounts(world).await;
    world.set_role(&story.cora, story.contoso.scope, Role::Support).await;
    world.join(&story.cora, &story.northwind, Role::Support).await;
    world.advance(6 * 24 * HOUR);
    let chiara = world.signed_in(&story.chiara).await;
    ask(&chiara, story.northwind.scope, &story.cora).await.unwrap();
    let link = world.reset_link(&story.cora).await;
    accept(&world.backend, &link).await.unwrap();
    assert_eq!(world.state_of(&link).await, State::Waiting);
    mfa_reset::cancel(&world.backend, &chiara.me().await, story.northwind.scope, story.cora.id).await.unwrap();
    world.deliver().await;
    world.advance(24 * HOUR);
    ask(&world.signed_in(&story.chiara).await, story.northwind.scope, &story.cora).await.unwrap();
    accept(&world.backend, &world.reset_link(&story.cora).await).await.unwrap();
    assert!(!has_factor(world, &story.cora, story.contoso.scope).await, "a Support here and there");
    world.deliver().await;
});

on_each_database!(shutting_the_person_out_there_first_gives_no_way_around, async |world| {
    let story = guarded(world).await;
    let small = world.account("Small").await;
    world.join(&story.base.chiara, &small, Role::Owner).await;
    world.join(&story.bruno, &small, Role::Support).await;
    world.set_status(&story.bruno, story.scope(), MembershipStatus::Deactivated).await;
    ask(&world.signed_in(&story.base.chiara).await, small.scope, &story.bruno).await.unwrap();
    accept(&world.backend, &world.reset_link(&story.bruno).await).await.unwrap();
    world.deliver().await;
    assert_eq!(state_for(world, &story.bruno).await, State::Waiting);
});

on_each_database!(the_log_of_where_it_was_asked_does_not_say_elsewhere, async |world| {
    let story = northwind(world).await;
    let other = world.account("Contoso").await;
    let carlo = world.user("Carlo").with_totp().owner_of(&other).await;
    world.join(&story.marta, &other, Role::Admin).await;
    accept(&world.backend, &asked(world, &story).await).await.unwrap();
    let carlo = world.signed_in(&carlo).await;
    backend::mfa_reset::cancel(&world.backend, &carlo.me().await, other.scope, story.marta.id).await.unwrap();
    world.deliver().await;
    assert!(world.log_of(story.account.scope).await.iter().all(|line| !line.contains("elsewhere")));
});
