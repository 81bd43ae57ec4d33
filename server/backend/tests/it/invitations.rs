//! Invitations (6.2): sent, sent again, called off, accepted, declined; and nobody learns of a person before they accept.

use crate::support::{Account, Browser, HOUR, MINUTE, MS, Person, World};
use backend::{
    Error, Result,
    crypto::{LinkToken, Password},
    invitations, sessions,
    store::entity::{invitation, membership, user},
    users,
};
use domain::{
    errors::{Conflict, Field, Problem},
    ids::InvitationId,
    invitations::{InvitationState, PeekedInvitation, PendingInvitation},
    mfa_reset::Delivery,
    passwords::PasswordProblem,
    person::{EmailAddress, TextProblem},
    policy::Denied,
    roles::{Area, Level, Role},
    scope::Scope,
    sessions::Standing,
    users::{MembershipStatus, UserQuery},
};
use std::sync::{Arc, Mutex};

const PASSWORD: &str = "a lantern under the arch";

async fn invite(admin: &Browser<'_>, scope: Scope, email: &str, role: Role) -> Result<InvitationId> {
    let email = EmailAddress::parse(email).unwrap();
    invitations::invite(&admin.backend, &admin.me().await, scope, &email, "en", role).await
}

async fn pending(admin: &Browser<'_>, scope: Scope) -> Vec<PendingInvitation> {
    invitations::list(&admin.backend, &admin.me().await, scope).await.unwrap().pending
}

/// The link in the newest mail to an address.
async fn link_to(world: &World, email: &str) -> LinkToken {
    world.deliver().await;
    let mails = world.mailbox.mails();
    let start = "https://postern.example/invitation/";
    let mail = mails.iter().rfind(|mail| mail.to == email && mail.text.contains(start)).unwrap();
    let rest = &mail.text[mail.text.find(start).unwrap() + start.len()..];
    LinkToken::parse(&rest[..43]).unwrap()
}

async fn accept(world: &World, link: &LinkToken, name: &str, password: &str) -> Result<()> {
    let password = Password::new(password.into());
    invitations::accept(&world.backend, &world.visitor(), link, name, password).await
}

async fn peek(world: &World, link: &LinkToken) -> PeekedInvitation {
    invitations::peek(&world.other_server, link).await.unwrap()
}

fn problem<T: std::fmt::Debug>(field: Field, answer: Result<T>) -> Problem {
    match answer {
        Err(Error::Invalid(fields)) => fields.of(field).unwrap(),
        other => panic!("{other:?}"),
    }
}

fn denied<T: std::fmt::Debug>(answer: Result<T>) -> Denied {
    match answer {
        Err(Error::Denied(denied)) => denied,
        other => panic!("{other:?}"),
    }
}

fn is<T: std::fmt::Debug>(answer: Result<T>) -> InvitationState {
    match answer {
        Err(Error::Conflict(Conflict::InvitationIs(state))) => state,
        other => panic!("{other:?}"),
    }
}

async fn northwind(world: &World) -> (Account, Person) {
    let account = world.account("Northwind").await;
    let olga = world.user("Olga").with_totp().owner_of(&account).await;
    (account, olga)
}

on_each_database!(somebody_new_gets_a_sign_in_by_accepting, async |world| {
    let (account, olga) = northwind(world).await;
    let admin = world.signed_in(&olga).await;
    invite(&admin, account.scope, "Nina@New.example", Role::Analyst).await.unwrap();
    let seen = pending(&admin, account.scope).await;
    assert_eq!(
        (seen[0].email.as_str(), seen[0].role.role, seen[0].state),
        ("Nina@New.example", Role::Analyst, InvitationState::Open)
    );
    let link = link_to(world, "Nina@New.example").await;
    assert_eq!(pending(&admin, account.scope).await[0].delivery, Delivery::Sent);
    // Opening it changes nothing, however often.
    let before = world.dump().await;
    for _ in 0..3 {
        let seen = peek(world, &link).await;
        assert_eq!((seen.state, seen.has_sign_in, seen.requires_mfa), (InvitationState::Open, false, true));
        assert_eq!((seen.invited_by.as_str(), seen.scope_name.as_str()), ("Olga", "Northwind"));
    }
    assert_eq!(world.dump().await, before);
    // What will not do is said, and changes nothing.
    assert_eq!(problem(Field::Name, accept(world, &link, " ", PASSWORD).await), Problem::Text(TextProblem::Empty));
    let short = problem(Field::Password, accept(world, &link, "Nina", "short").await);
    assert_eq!(short, Problem::Password(PasswordProblem::TooShort));
    let own = problem(Field::Password, accept(world, &link, "Nina Novak", "nina novak northwind").await);
    assert_eq!(own, Problem::Password(PasswordProblem::OwnName));
    assert_eq!(world.dump().await, before);

    accept(world, &link, "Nina", PASSWORD).await.unwrap();
    assert_eq!(peek(world, &link).await.state, InvitationState::Accepted);
    assert!(pending(&admin, account.scope).await.is_empty());
    let mut browser = world.browser();
    assert_eq!(browser.type_in("nina@new.example", PASSWORD).await.unwrap(), Standing::AwaitingDeviceCode);
    let rows = world.rows::<user::Entity>().await;
    let nina = rows.iter().find(|row| row.name == "Nina").unwrap();
    let places = world.rows::<membership::Entity>().await;
    let place = places.iter().find(|row| row.user_id == nina.id).unwrap();
    assert_eq!((place.role.as_str(), place.invited_by), ("analyst", Some(olga.id.0)));
    let log = world.log_of(account.scope).await;
    assert_eq!(log[0], "Olga: user_invited (Nina@New.example, analyst)");
    assert!(log.contains(&"Nina: invitation_accepted → Nina (Nina@New.example, analyst)".to_owned()), "{log:?}");
    world.deliver().await;
});

on_each_database!(who_has_a_sign_in_joins_with_it_and_nothing_of_them_was_told_before, async |world| {
    let (account, olga) = northwind(world).await;
    let other = world.account("Contoso").await;
    let carlo = world.user("Carlo").with_totp().analyst_of(&other).await;
    let admin = world.signed_in(&olga).await;
    invite(&admin, account.scope, &carlo.email, Role::Support).await.unwrap();
    invite(&admin, account.scope, "nobody@nowhere.example", Role::Support).await.unwrap();
    // Both are pending in the same words; the list of members has neither.
    let seen = pending(&admin, account.scope).await;
    let strip = |one: &PendingInvitation| (one.role.role, one.invited_by.clone(), one.state, one.delivery, one.sent_at);
    assert_eq!(strip(&seen[0]), strip(&seen[1]));
    let page = users::list(&world.backend, &admin.me().await, account.scope, &UserQuery::default()).await.unwrap();
    assert_eq!(page.rows.len(), 1);
    assert_eq!(page.headcount.members, 1);
    let rows = world.rows::<invitation::Entity>().await;
    assert!(rows.iter().all(|row| row.decided_at.is_none() && row.language == "en"));
    // The two mails differ in the address alone.
    let link = link_to(world, &carlo.email).await;
    let text = |email: &str| {
        let mails = world.mailbox.mails();
        let mail = mails.iter().rfind(|mail| mail.to == email).unwrap();
        let lines: Vec<String> = mail
            .text
            .lines()
            .filter(|line| !line.contains("://") && !line.contains("Reference") && !line.contains(email))
            .map(str::to_owned)
            .collect();
        lines
    };
    assert_eq!(text(&carlo.email), text("nobody@nowhere.example"));

    let before = world.row_of(&carlo).await;
    assert!(peek(world, &link).await.has_sign_in);
    // Name and password that are sent along are passed over.
    accept(world, &link, "Somebody Else", "another password for him").await.unwrap();
    let after = world.row_of(&carlo).await;
    assert_eq!((after.password_hash, after.name, after.epoch), (before.password_hash, before.name, before.epoch));
    let place = world.place_of(&carlo, account.scope).await;
    assert_eq!(place.role, "support");
    assert_ne!(place.factor_kinds, 0, "with the second factor that he has");
    let browser = world.signed_in(&carlo).await;
    assert_eq!(sessions::caller(&world.backend, &browser.visitor).await.unwrap().standing(), Standing::Enter);
    world.deliver().await;
});

on_each_database!(inviting_takes_the_same_statements_whether_or_not_there_is_a_sign_in, async |world| {
    let (account, olga) = northwind(world).await;
    let other = world.account("Contoso").await;
    let carlo = world.user("Carlo").with_totp().analyst_of(&other).await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let telling = told.clone();
    let server = world.server_telling(9, move |sql| telling.lock().unwrap().push(sql.to_owned())).await;
    let caller = world.signed_in(&olga).await.me().await;
    let mut statements = Vec::new();
    for email in ["nobody@nowhere.example", carlo.email.as_str()] {
        told.lock().unwrap().clear();
        let email = EmailAddress::parse(email).unwrap();
        invitations::invite(&server, &caller, account.scope, &email, "en", Role::Support).await.unwrap();
        statements.push(told.lock().unwrap().clone());
    }
    assert!(statements[0].len() > 5);
    assert_eq!(statements[0], statements[1]);
    world.deliver().await;
});

on_each_database!(of_parallel_answers_one_wins, async |world| {
    let (account, olga) = northwind(world).await;
    let admin = world.signed_in(&olga).await;
    for round in 0..3 {
        let email = format!("round{round}@new.example");
        invite(&admin, account.scope, &email, Role::Analyst).await.unwrap();
        let link = link_to(world, &email).await;
        let done = world
            .at_once(6, |server, number| {
                let link = link.clone();
                async move {
                    match number % 3 {
                        0 => invitations::decline(&server, &link).await.is_ok(),
                        _ => {
                            let (visitor, password) = (backend::Visitor::default(), Password::new(PASSWORD.into()));
                            invitations::accept(&server, &visitor, &link, "Nina", password).await.is_ok()
                        }
                    }
                }
            })
            .await;
        assert_eq!(done.iter().filter(|done| **done).count(), 1, "round {round}: {done:?}");
        let members = world.rows::<membership::Entity>().await.len();
        let people = world.rows::<user::Entity>().await.len();
        assert_eq!(members, people, "nobody is half made");
    }
    world.deliver().await;
});

on_each_database!(a_link_is_good_for_a_day_and_can_be_sent_again, async |world| {
    let (account, olga) = northwind(world).await;
    let admin = world.signed_in(&olga).await;
    let id = invite(&admin, account.scope, "nina@new.example", Role::Analyst).await.unwrap();
    let link = link_to(world, "nina@new.example").await;
    world.advance(24 * HOUR - MS);
    assert_eq!(peek(world, &link).await.state, InvitationState::Open);
    world.advance(MS);
    assert_eq!(peek(world, &link).await.state, InvitationState::Expired);
    assert_eq!(is(accept(world, &link, "Nina", PASSWORD).await), InvitationState::Expired);
    assert_eq!(is(invitations::decline(&world.backend, &link).await), InvitationState::Expired);
    let admin = world.signed_in(&olga).await;
    assert_eq!(pending(&admin, account.scope).await[0].state, InvitationState::Expired);
    invitations::resend(&world.backend, &admin.me().await, account.scope, id).await.unwrap();
    assert_eq!(link_to(world, "nina@new.example").await.expose(), link.expose(), "the same link");
    world.advance(23 * HOUR);
    accept(world, &link, "Nina", PASSWORD).await.unwrap();
    let admin = world.signed_in(&olga).await;
    let again = invitations::resend(&world.backend, &admin.me().await, account.scope, id).await;
    assert_eq!(is(again), InvitationState::Accepted);
    // The outcome is shown for thirty days, then nothing is known of it.
    world.advance(30 * 24 * HOUR);
    assert!(matches!(invitations::peek(&world.backend, &link).await, Err(Error::NotFound)));
    world.deliver().await;
    assert!(world.rows::<invitation::Entity>().await.is_empty(), "swept");
});

on_each_database!(sending_again_has_an_end, async |world| {
    let (account, olga) = northwind(world).await;
    let admin = world.signed_in(&olga).await;
    let id = invite(&admin, account.scope, "nina@new.example", Role::Analyst).await.unwrap();
    for _ in 0..2 {
        invitations::resend(&world.backend, &admin.me().await, account.scope, id).await.unwrap();
    }
    let more = invitations::resend(&world.backend, &admin.me().await, account.scope, id).await;
    assert!(matches!(more, Err(Error::Throttled { .. })));
    world.deliver().await;
});

on_each_database!(called_off_or_declined_the_link_does_nothing, async |world| {
    let (account, olga) = northwind(world).await;
    let admin = world.signed_in(&olga).await;
    let id = invite(&admin, account.scope, "nina@new.example", Role::Analyst).await.unwrap();
    let link = link_to(world, "nina@new.example").await;
    invitations::cancel(&world.backend, &admin.me().await, account.scope, id).await.unwrap();
    assert_eq!(peek(world, &link).await.state, InvitationState::Cancelled);
    assert_eq!(is(accept(world, &link, "Nina", PASSWORD).await), InvitationState::Cancelled);
    let again = invitations::cancel(&world.backend, &admin.me().await, account.scope, id).await;
    assert_eq!(is(again), InvitationState::Cancelled);
    // Who was called off can be invited anew, by another link.
    invite(&admin, account.scope, "nina@new.example", Role::Analyst).await.unwrap();
    let other = link_to(world, "nina@new.example").await;
    assert_ne!(other.expose(), link.expose());
    invitations::decline(&world.backend, &other).await.unwrap();
    assert_eq!(is(accept(world, &other, "Nina", PASSWORD).await), InvitationState::Declined);
    assert_eq!(world.rows::<user::Entity>().await.len(), 1);
    assert_eq!(
        world.log_of(account.scope).await.last().unwrap(),
        "system: invitation_declined (nina@new.example, analyst)"
    );
});

on_each_database!(it_dies_with_the_right_of_who_sent_it, async |world| {
    let (account, olga) = northwind(world).await;
    let chiara = world.user("Chiara").with_totp().admin_of(&account).await;
    let of_chiara = world.signed_in(&chiara).await;
    let id = invite(&of_chiara, account.scope, "puppet@new.example", Role::Admin).await.unwrap();
    let link = link_to(world, "puppet@new.example").await;
    world.remove(&chiara, account.scope).await;
    assert_eq!(peek(world, &link).await.state, InvitationState::Cancelled);
    assert_eq!(is(accept(world, &link, "Puppet", PASSWORD).await), InvitationState::Cancelled);
    // Sent again by somebody who may, it is good again, and still says who invited.
    let of_olga = world.signed_in(&olga).await;
    invitations::resend(&world.backend, &of_olga.me().await, account.scope, id).await.unwrap();
    accept(world, &link, "Puppet", PASSWORD).await.unwrap();
    let places = world.rows::<membership::Entity>().await;
    assert!(places.iter().any(|place| place.invited_by == Some(chiara.id.0)));
    world.deliver().await;
});

on_each_database!(addresses_that_do_not_do_are_refused_in_words, async |world| {
    let (account, olga) = northwind(world).await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let admin = world.signed_in(&olga).await;
    assert_eq!(
        problem(Field::Email, invite(&admin, account.scope, &marta.email, Role::Support).await),
        Problem::AlreadyMember
    );
    // However it is written.
    let loud = marta.email.to_uppercase();
    assert_eq!(
        problem(Field::Email, invite(&admin, account.scope, &loud, Role::Support).await),
        Problem::AlreadyMember
    );
    world.set_status(&marta, account.scope, MembershipStatus::Deactivated).await;
    let shut_out = invite(&admin, account.scope, &marta.email, Role::Support).await;
    assert_eq!(problem(Field::Email, shut_out), Problem::DeactivatedMember);
    invite(&admin, account.scope, "nina@new.example", Role::Support).await.unwrap();
    let twice = invite(&admin, account.scope, "NINA@new.example", Role::Admin).await;
    assert_eq!(problem(Field::Email, twice), Problem::AlreadyInvited);
    let wide = invite(&admin, account.scope, "ｎｉｎａ@new.example", Role::Support).await;
    assert_eq!(problem(Field::Email, wide), Problem::AlreadyInvited);
    assert_eq!(
        EmailAddress::parse(&format!("{}@new.example", "n".repeat(300))),
        Err(TextProblem::TooLong { max: 254 })
    );
    for odd in ["nina\u{202e}@new.example\n", "ni na@new.example", "nina@new..example", "nina@@new.example"] {
        assert!(EmailAddress::parse(odd).is_err() || odd.contains('\u{202e}'), "{odd:?}");
    }
    // After it expired it can be invited anew, and the one before shows no more than that.
    world.advance(25 * HOUR);
    let admin = world.signed_in(&olga).await;
    invite(&admin, account.scope, "nina@new.example", Role::Support).await.unwrap();
    assert_eq!(pending(&admin, account.scope).await.len(), 1);
    world.deliver().await;
});

on_each_database!(nobody_gives_more_than_they_have, async |world| {
    let (account, olga) = northwind(world).await;
    let portfolio = world.portfolio("Meridian Group").await;
    let leilani = world.user("Leilani").with_totp().portfolio_admin_of(&portfolio).await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let lacks = Denied::RoleLacks { area: Area::UserManagement, level: Level::Edit };
    let of_marta = world.signed_in(&marta).await;
    assert_eq!(denied(invite(&of_marta, account.scope, "x@new.example", Role::Support).await), lacks);
    let of_leilani = world.signed_in(&leilani).await;
    assert_eq!(denied(invite(&of_leilani, portfolio.scope, "x@new.example", Role::PortfolioAnalyst).await), lacks);
    assert_eq!(denied(invite(&of_leilani, account.scope, "x@new.example", Role::Support).await), Denied::Unseen);
    let admin = world.signed_in(&olga).await;
    for role in [Role::Owner, Role::PortfolioAdmin, Role::PortfolioAnalyst] {
        assert_eq!(denied(invite(&admin, account.scope, "x@new.example", role).await), Denied::GrantsMore);
    }
    world.advance(11 * MINUTE);
    for role in [Role::Admin, Role::Manager] {
        assert!(matches!(denied(invite(&admin, account.scope, "x@new.example", role).await), Denied::StepUpNeeded(_)));
    }
    invite(&admin, account.scope, "x@new.example", Role::Analyst).await.unwrap();
    // Another place can neither see, send nor cancel it.
    let other = world.account("Contoso").await;
    let carlo = world.signed_in(&world.user("Carlo").with_totp().owner_of(&other).await).await;
    let id = pending(&admin, account.scope).await[0].id;
    for tried in [
        invitations::cancel(&world.backend, &carlo.me().await, other.scope, id).await,
        invitations::resend(&world.backend, &carlo.me().await, other.scope, id).await,
    ] {
        assert!(matches!(tried, Err(Error::NotFound)));
    }
    world.deliver().await;
});
