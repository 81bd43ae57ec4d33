//! The attacker leaves the reset alone and looks for another way to the same end: to remove the second factor, to bind one
//! more, to make new backup codes, from a session that is only half way in, from somebody else's, from an administrator's, or
//! by taking the person out of the account and putting them back.
//!
//! An alternate path around a protected step is CWE-288. Here second factors are removed in two places, by their person in a
//! session that has proven them, and by an accepted reset; the operator's request goes through the same mailbox.

use super::{changes_nothing, forgot, set_password};
use crate::{
    mfa_reset::{Northwind, accept, ask, asked, denied, guards::has_factor, northwind},
    sign_in::problem,
    support::{Browser, HOUR, Person, World, code_of},
};
use backend::{Error, Result, authenticators, mfa_reset, store::entity::authenticator};
use domain::{
    errors::{Conflict, Field, Problem},
    ids::AuthenticatorId,
    mfa_reset::State,
    person::{EmailAddress, Name, Reason},
    policy::Denied,
    roles::Role,
    sessions::{Standing, StepUp},
    users::MembershipStatus,
};
use std::{fs, path::Path};

async fn factor_of(world: &World, person: &Person) -> AuthenticatorId {
    let rows = world.rows::<authenticator::Entity>().await;
    AuthenticatorId(rows.iter().find(|row| row.user_id == person.id.0).unwrap().id)
}

/// Every door to the second factors, from this browser, as far as it leads.
async fn tries_every_door(world: &World, thief: &Browser<'_>, factor: AuthenticatorId) -> Vec<Error> {
    let (on, caller) = (&world.backend, thief.me().await);
    let name = Name::parse("Mine").unwrap();
    let code = code_of(&[7; 20], world.now());
    let answers: [Result<()>; 6] = changes_nothing(world, async {
        [
            authenticators::mine(on, &caller).await.map(drop),
            authenticators::totp_enrolment(on, &caller).await.map(drop),
            authenticators::bind_totp(on, &caller, &name, &code).await.map(drop),
            authenticators::unbind(on, &caller, factor).await.map(drop),
            authenticators::make_backup_codes(on, &caller).await,
            authenticators::fresh_backup_codes(on, &caller).await.map(drop),
        ]
    })
    .await;
    answers.into_iter().filter_map(Result::err).collect()
}

on_each_database!(before_the_second_factor_was_given_no_door_is_open, async |world| {
    let story = northwind(world).await;
    let factor = factor_of(world, &story.marta).await;
    let mut thief = world.browser();
    assert_eq!(thief.password(&story.marta).await.unwrap(), Standing::AwaitingMfa);
    let answers = tries_every_door(world, &thief, factor).await;
    assert_eq!(answers.len(), 6, "{answers:?}");
    assert!(answers.iter().all(|error| matches!(error, Error::Unfinished(Standing::AwaitingMfa))), "{answers:?}");
});

on_each_database!(before_enrolment_only_enrolling_is_possible, async |world| {
    let story = northwind(world).await;
    let factor = factor_of(world, &story.olga).await;
    let mut phone = world.browser();
    phone.accept(&asked(world, &story).await).await.unwrap();
    assert_eq!(phone.password(&story.marta).await.unwrap(), Standing::EnrolOnly);
    // Of six doors the key for the own phone is shown; a code that was not made with it binds nothing.
    let answers = tries_every_door(world, &phone, factor).await;
    let (unfinished, wrong): (Vec<Error>, Vec<Error>) =
        answers.into_iter().partition(|error| matches!(error, Error::Unfinished(Standing::EnrolOnly)));
    assert_eq!((unfinished.len(), wrong.len()), (4, 1));
    assert!(matches!(&wrong[0], Error::Invalid(fields) if fields.of(Field::Code) == Some(Problem::WrongCode)));
    let asks = ask(&phone, story.account.scope, &story.chiara).await;
    assert!(matches!(asks, Err(Error::Unfinished(Standing::EnrolOnly))), "{asks:?}");
    world.deliver().await;
});

on_each_database!(in_another_persons_session_the_factor_is_not_there, async |world| {
    let story = northwind(world).await;
    let factor = factor_of(world, &story.marta).await;
    let codes = world.signed_in(&story.marta).await.make_backup_codes().await;
    // Not even of an administrator, nor of the Owner.
    for person in [&story.chiara, &story.olga] {
        let mut browser = world.signed_in(person).await;
        let caller = browser.me().await;
        let unbound = changes_nothing(world, authenticators::unbind(&world.backend, &caller, factor)).await;
        assert!(matches!(unbound, Err(Error::NotFound)), "{unbound:?}");
        // Marta's saved codes prove nothing here, and are not used up by it.
        assert_eq!(problem(browser.backup_code(&codes[0]).await, Field::BackupCode), Problem::WrongCode);
    }
    let mut marta = world.browser();
    marta.password(&story.marta).await.unwrap();
    assert_eq!(marta.backup_code(&codes[0]).await.unwrap(), Standing::Enter);
    world.deliver().await;
});

on_each_database!(the_last_method_is_not_removed_where_one_is_required, async |world| {
    let story = northwind(world).await;
    let (factor, laptop) = (factor_of(world, &story.marta).await, world.signed_in(&story.marta).await);
    let last = changes_nothing(world, authenticators::unbind(&world.backend, &laptop.me().await, factor)).await;
    assert!(matches!(last, Err(Error::Conflict(Conflict::LastMethod))), "{last:?}");
    // A session left open does nothing about factors at all: the proof is ten minutes old.
    world.advance(HOUR / 6);
    let answers = tries_every_door(world, &laptop, factor).await;
    let needed = |error: &Error| matches!(error, Error::Denied(Denied::StepUpNeeded(StepUp::NeedsAuthenticator)));
    assert_eq!(answers.iter().filter(|error| needed(error)).count(), 4, "{answers:?}");
    assert_eq!(answers.len(), 4, "{answers:?}");
});

on_each_database!(taking_somebody_out_and_back_in_unbinds_nothing, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    world.set_status(&story.marta, scope, MembershipStatus::Deactivated).await;
    world.set_status(&story.marta, scope, MembershipStatus::Active).await;
    world.remove(&story.marta, scope).await;
    world.join(&story.marta, &story.account, Role::Manager).await;
    world.set_role(&story.marta, scope, Role::Support).await;
    assert!(has_factor(world, &story.marta, scope).await);
    assert_eq!(world.browser().password(&story.marta).await.unwrap(), Standing::AwaitingMfa);
    // Nor does a password by mail.
    let link = forgot(world, &story.marta).await.unwrap();
    set_password(world, &link, "seven loaves before dawn").await.unwrap();
    let standing = world.browser().type_in(&story.marta.email, "seven loaves before dawn").await.unwrap();
    assert_eq!(standing, Standing::AwaitingMfa);
    world.deliver().await;
});

async fn operator_asks(world: &World, person: &Person) -> Result<()> {
    let email = EmailAddress::parse(&person.email).unwrap();
    mfa_reset::request_by_operator(&world.backend, &email, &Reason::none()).await.map(drop)
}

on_each_database!(whoever_talks_the_operator_into_it_needs_the_mailbox_all_the_same, async |world| {
    let Northwind { account, olga, chiara, .. } = northwind(world).await;
    let session = world.signed_in(&olga).await;
    operator_asks(world, &olga).await.unwrap();
    assert!(has_factor(world, &olga, account.scope).await, "asking removes nothing, whoever asks");
    assert!(session.caller().await.is_ok());
    // The link goes to the stored address; with the password alone nobody gets further than before.
    assert_eq!(world.browser().password(&olga).await.unwrap(), Standing::AwaitingMfa);
    let link = world.reset_link(&olga).await;
    assert!(world.subjects_to(&chiara).await.is_empty());
    // And Olga, who is there, says that it was not her.
    let mine = mfa_reset::of_mine(&world.backend, &session.me().await).await.unwrap().unwrap();
    assert_eq!((mine.state, mine.asked_by), (State::Open, None));
    mfa_reset::decline_mine(&world.backend, &session.me().await, mine.id).await.unwrap();
    assert_eq!(crate::mfa_reset::refused_as(accept(&world.backend, &link).await), State::Declined);
    // Who has nothing to reset is not made somebody who has.
    world.execute("DELETE FROM authenticators WHERE user_id = ?", [olga.id.0.into()]).await;
    assert_eq!(denied(operator_asks(world, &olga).await), Denied::NothingToReset);
    world.deliver().await;
});

// ── what the source says ──────────────────────────────────────────────────────────────────────────────────────────

/// Where a line of the use cases has one of these words, as `file: line`; comments do not count.
fn lines_with(words: &[&str]) -> Vec<String> {
    fn read(folder: &Path, words: &[&str], found: &mut Vec<String>) {
        let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                read(&path, words, found);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let file =
                    path.strip_prefix(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).unwrap().display().to_string();
                let source = fs::read_to_string(&path).unwrap();
                let lines = source.lines().map(str::trim).filter(|line| !line.starts_with("//"));
                let said = lines.filter(|line| words.iter().any(|word| line.contains(word)));
                found.extend(said.map(|line| format!("{file}: {line}")));
            }
        }
    }
    let mut found = Vec::new();
    read(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), words, &mut found);
    found
}

#[test]
fn all_factors_are_unbound_by_an_accepted_reset_or_with_the_sign_in_and_by_nothing_else() {
    let expected = [
        "authenticators.rs: pub(crate) async fn unbind_all(on: &impl ConnectionTrait, user: UserId, now: Timestamp) -> Result<()> {",
        "erasure.rs: authenticators::unbind_all(on, user, now).await?;",
        "mfa_reset/accepting.rs: authenticators::unbind_all(on, user, now).await?;",
    ];
    assert_eq!(lines_with(&["unbind_all"]), expected);
    let carried_out = lines_with(&["carry_out(", "accepting::complete(", "fn complete("]);
    let files: Vec<&str> = carried_out.iter().filter_map(|line| line.split(':').next()).collect();
    assert!(files.iter().all(|file| ["mfa_reset/accepting.rs", "mfa_reset/ending.rs"].contains(file)), "{files:?}");
}

#[test]
fn authenticators_are_deleted_in_one_story() {
    let words = ["authenticator::Entity::delete", "FROM authenticators", "recovery_code::Entity::delete"];
    let deleting: Vec<String> = lines_with(&words).into_iter().filter(|line| !line.contains("SELECT")).collect();
    let theirs = |line: &String| {
        ["authenticators.rs: ", "authenticators/backup_codes.rs: "].iter().any(|file| line.starts_with(file))
    };
    assert!(deleting.iter().all(theirs), "{deleting:#?}");
    assert_eq!(deleting.len(), 3, "one by its person, all and their codes by a reset: {deleting:#?}");
}
