//! What mails say: each is a file under `snapshots/` that a review reads as a diff, and the same on both databases.
//! Secrets and references are redacted; times stand still by themselves.

use crate::support::{Account, PUBLIC_URL, Person, World, code_in};
use backend::{
    Caller,
    crypto::LinkToken,
    email_change, guards, invitations, locked_out,
    mail::Message,
    mfa_policy, mfa_requirement, mfa_reset, notice_email, operator,
    outbox::{self, MailKind},
    password_reset, personal, portfolios, roll_out,
    store::entity::{authenticator, recovery_code, recovery_code_set, user},
    users,
};
use domain::{
    guards::{ApproverFor, Guards},
    mfa_policy::{MfaPolicy, TrustDays},
    person::{EmailAddress, Name, Reason},
    roles::Role,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use std::{collections::BTreeSet, time::Duration};
use uuid::Uuid;

/// Compares a mail, headers and text, with its file, and its HTML with its text.
macro_rules! assert_mail {
    ($name:literal, $mail:expr) => {
        let mail = $mail;
        says_the_same_twice(&mail);
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!($name, shown(&mail));
        });
    };
}

/// A mail as its reader sees it, without what differs every time.
fn shown(mail: &Message) -> String {
    let Message { from, to, to_name, subject, .. } = mail;
    format!("From: {from}\nTo: {to_name} <{to}>\nSubject: {subject}\n\n{}", redacted(mail, &mail.text))
}

fn redacted(mail: &Message, text: &str) -> String {
    let reference = reference_of(mail);
    let mut text = text.replace(&reference, "[REFERENCE]");
    for page in ["mfa-reset", "password-reset", "invitation"] {
        let start = format!("{PUBLIC_URL}/{page}/");
        while let Some(at) =
            text.match_indices(&start).map(|(at, _)| at + start.len()).find(|at| !text[*at..].starts_with('['))
        {
            text.replace_range(at..at + 43, "[TOKEN]");
        }
    }
    if ["Your sign-in code", "Your code for this address", "Ihr Code für diese Adresse"]
        .contains(&mail.subject.as_str())
    {
        text = text.replace(&code_in(&mail.text), "[CODE]");
    }
    text
}

/// As it is printed: `K7Q2M-4XW9P`.
fn reference_of(mail: &Message) -> String {
    let reference = mail.message_id.trim_start_matches('<').split('@').next().unwrap().to_uppercase();
    format!("{}-{}", &reference[..5], &reference[5..])
}

/// HTML and text are made of the same words, no key or hole is left in either, and both are of a bearable size.
fn says_the_same_twice(mail: &Message) {
    let words = |text: &str| -> BTreeSet<String> {
        text.to_lowercase().split_whitespace().map(|word| word.trim_matches(['/', ':']).to_owned()).collect()
    };
    let (html, text) = (words(&visible(&mail.html)), words(&mail.text));
    let only_in_html: Vec<_> =
        html.difference(&text).filter(|word| !mail.subject.to_lowercase().contains(*word)).collect();
    let only_in_text: Vec<_> = text.difference(&html).filter(|word| !word.trim_matches('-').is_empty()).collect();
    assert!(only_in_html.is_empty() && only_in_text.is_empty(), "{only_in_html:?} {only_in_text:?}");
    for part in [&mail.text, &mail.html, &mail.subject] {
        assert!(!part.contains("%{") && !has_key(part), "{part}");
    }
    assert!(mail.text.lines().all(|line| line.chars().count() <= 78 || line.contains("://")), "{}", mail.text);
    assert!(mail.html.len() <= 12 * 1024, "{} bytes", mail.html.len());
    assert!(mail.text.contains(&reference_of(mail)));
    for outside in ["<img", "<script", "@import", "url(", "<link", "http-equiv"] {
        assert!(!mail.html.contains(outside), "{outside}");
    }
}

/// Whether a text that was not found stands in the mail as its key.
fn has_key(text: &str) -> bool {
    let files = [
        "mail",
        "mfa_reset",
        "sign_in",
        "password_reset",
        "authenticators",
        "email_change",
        "notice_email",
        "operator",
        "erasure",
        "guards",
        "portfolios",
        "locked_out",
        "time",
        "role",
        "factor",
    ];
    let key = |file: &str, at: usize| text[at + file.len()..].starts_with(|c: char| c.is_ascii_lowercase());
    files.map(|file| format!("{file}.")).iter().any(|file| text.match_indices(file).any(|(at, _)| key(file, at)))
}

/// What of the HTML is shown.
fn visible(html: &str) -> String {
    let body = &html[html.find("<body").unwrap()..];
    let mut text = String::new();
    for part in body.split('<') {
        text.push(' ');
        text.push_str(part.split_once('>').map_or(part, |(_, after)| after));
    }
    let entities = [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")];
    entities.iter().fold(text, |text, (entity, character)| text.replace(entity, character))
}

fn link_in(mail: &Message, page: &str) -> LinkToken {
    let start = format!("{PUBLIC_URL}/{page}/");
    let line = mail.text.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("{}", mail.text));
    assert!(mail.html.contains(&format!("href=\"{line}\"")), "the same link in HTML");
    LinkToken::parse(line[start.len()..].split('?').next().unwrap()).unwrap()
}

async fn enqueue(world: &World, kind: MailKind, to: &Person, about: Option<Uuid>) {
    let on = world.backend.database.begin().await.unwrap();
    outbox::enqueue(&on, &world.backend, world.now(), kind, to.id, about).await.unwrap();
    on.commit().await.unwrap();
}

/// An Owner, an Admin who asked for the reset of a Manager, and the mail about it.
struct Asked {
    owner: Person,
    admin: Person,
    target: Person,
    mail: Message,
}

async fn asked(world: &World) -> Asked {
    let account = world.account("Northwind").await;
    let owner = world.user("Adaeze Okonkwo").with_totp().owner_of(&account).await;
    let admin = world.user("Chiara Marchetti").with_totp().admin_of(&account).living_in("Europe/Lisbon").await;
    let target = world.user("Dmitri Volkov").with_totp().manager_of(&account).living_in("Europe/Rome").await;
    let caller = world.sign_in(&admin).await;
    ask(world, &caller, &account, &target).await;
    let mail = world.mail_to(&target).await;
    Asked { owner, admin, target, mail }
}

async fn ask(world: &World, caller: &Caller, account: &Account, target: &Person) {
    let reason = Reason::parse("Lost the phone").unwrap();
    mfa_reset::request(&world.backend, caller, account.scope, target.id, &reason).await.unwrap();
}

on_each_database!(an_accepted_reset_is_told_to_everybody_concerned, async |world| {
    let Asked { owner, admin, target, mail, .. } = asked(world).await;
    assert_eq!(mail.subject, "MFA reset request");
    assert_mail!("mfa_reset_request", mail.clone());
    world.advance(Duration::from_secs(600));
    let link = link_in(&mail, "mfa-reset");
    mfa_reset::accept(&world.other_server, &world.visitor(), &link, "").await.unwrap();
    assert_mail!("mfa_reset_done", world.mail_to(&target).await);
    assert_mail!("mfa_reset_done_asker", world.mail_to(&admin).await);
    assert_mail!("mfa_reset_done_contact", world.mail_to(&owner).await);
    assert_eq!(world.mailbox.mails().len(), 4);
});

on_each_database!(each_is_written_to_in_their_own_language, async |world| {
    let account = world.account("Northwind").await;
    let owner = world.user("Adaeze Okonkwo").with_totp().owner_of(&account).speaking("de").await;
    let admin = world.user("Chiara Marchetti").with_totp().admin_of(&account).await;
    let target =
        world.user("Jürgen Weiß").with_totp().manager_of(&account).speaking("de").living_in("Europe/Berlin").await;
    ask(world, &world.sign_in(&admin).await, &account, &target).await;
    let mail = world.mail_to(&target).await;
    assert_mail!("mfa_reset_request_de", mail.clone());
    // The page behind the link speaks as the mail does, whatever the browser's language.
    let line = mail.text.lines().find(|line| line.contains("/mfa-reset/")).unwrap();
    let link = LinkToken::parse(line.strip_suffix("?lang=de").unwrap().rsplit('/').next().unwrap()).unwrap();
    mfa_reset::accept(&world.backend, &world.visitor(), &link, "").await.unwrap();
    assert_mail!("mfa_reset_done_de", world.mail_to(&target).await);
    assert_mail!("mfa_reset_done_contact_de", world.mail_to(&owner).await);
    assert_eq!(world.mail_to(&admin).await.subject, "MFA reset accepted");
    // A setting counts from the next mail on.
    let mut laptop = world.browser();
    laptop.sign_in(&owner).await;
    personal::set_language(&world.backend, &laptop.me().await, "en").await.unwrap();
    enqueue(world, MailKind::PasswordKnown, &owner, None).await;
    assert_eq!(world.mail_to(&owner).await.subject, "Somebody knows your password");
});

on_each_database!(a_declined_reset_is_told_to_asker_and_contact, async |world| {
    let Asked { owner, admin, mail, .. } = asked(world).await;
    world.advance(Duration::from_secs(600));
    mfa_reset::decline(&world.backend, &world.visitor(), &link_in(&mail, "mfa-reset")).await.unwrap();
    assert_mail!("mfa_reset_declined_asker", world.mail_to(&admin).await);
    assert_mail!("mfa_reset_declined_contact", world.mail_to(&owner).await);
    assert_eq!(world.mailbox.mails().len(), 3);
});

on_each_database!(other_places_learn_neither_who_asked_nor_where, async |world| {
    let account = world.account("Northwind").await;
    let elsewhere = world.account("Harbour & Vale").await;
    let admin = world.user("Chiara").with_totp().owner_of(&account).await;
    let stranger = world.user("Ulrike").with_totp().owner_of(&elsewhere).await;
    let target = world.user("Dmitri").with_totp().manager_of(&account).analyst_of(&elsewhere).await;
    let caller = world.sign_in(&admin).await;
    ask(world, &caller, &account, &target).await;
    let link = link_in(&world.mail_to(&target).await, "mfa-reset");
    mfa_reset::accept(&world.backend, &world.visitor(), &link, "").await.unwrap();
    let told = world.mail_to(&stranger).await;
    for hidden in ["Chiara", "Northwind", "Owner,", "asked you"] {
        assert!(!told.text.contains(hidden) && !told.html.contains(hidden), "{hidden} in {}", told.text);
    }
    assert_mail!("mfa_reset_done_contact_elsewhere", told);
});

on_each_database!(the_operator_asks_from_nowhere, async |world| {
    let account = world.account("Northwind").free().await;
    let owner = world.user("Adaeze Okonkwo").with_totp().owner_of(&account).living_in("America/New_York").await;
    let email = EmailAddress::parse(&owner.email).unwrap();
    let reason = Reason::parse("Called from the number in the contract").unwrap();
    mfa_reset::request_by_operator(&world.backend, &email, &reason).await.unwrap();
    assert_mail!("mfa_reset_request_by_operator", world.mail_to(&owner).await);
});

on_each_database!(a_portfolio_asks_by_its_own_name, async |world| {
    let portfolio = world.portfolio("Meridian Group").await;
    let linked = world.account("Northwind").linked_to(&portfolio).await;
    let owner = world.user("Kwame Mensah").with_totp().portfolio_owner_of(&portfolio).await;
    let target = world.user("Dmitri Volkov").with_totp().with_role(Role::PortfolioManager, portfolio.scope);
    let target = target.manager_of(&linked).await;
    let contact = world.user("Adaeze Okonkwo").with_totp().owner_of(&linked).await;
    let caller = world.sign_in(&owner).await;
    mfa_reset::request(&world.backend, &caller, portfolio.scope, target.id, &Reason::none()).await.unwrap();
    let mail = world.mail_to(&target).await;
    assert!(mail.text.contains("Portfolio: Meridian Group"), "{}", mail.text);
    assert!(mail.text.contains("Kwame Mensah, Portfolio Owner"), "{}", mail.text);
    mfa_reset::accept(&world.backend, &world.visitor(), &link_in(&mail, "mfa-reset"), "").await.unwrap();
    // A linked account is in the portfolio's reach: its contact is told the whole.
    let told = world.mail_to(&contact).await;
    assert!(told.text.contains("Kwame Mensah asked for"), "{}", told.text);
});

on_each_database!(a_call_for_help_is_told_to_who_called_and_who_may_help, async |world| {
    let account = world.account("Northwind").await;
    let owner = world.user("Adaeze Okonkwo").with_totp().owner_of(&account).await;
    let admin =
        world.user("Jürgen Weiß").with_totp().admin_of(&account).speaking("de").living_in("Europe/Berlin").await;
    let target = world.user("Dmitri Volkov").with_totp().manager_of(&account).await;
    let mut phone = world.browser();
    phone.password(&target).await.unwrap();
    locked_out::ask(&world.backend, &phone.me().await).await.unwrap();
    assert_mail!("help_asked", world.mail_to(&target).await);
    let wanted = world.mail_to(&owner).await;
    assert_mail!(
        "help_wanted",
        Message {
            text: wanted.text.replace(&account.id().0.to_string(), "[ACCOUNT]"),
            html: wanted.html.replace(&account.id().0.to_string(), "[ACCOUNT]"),
            ..wanted
        }
    );
    let call = world.link_to(&target, "sign-in/not-me").await;
    locked_out::disown(&world.backend, &world.visitor(), &call).await.unwrap();
    assert_mail!("help_disowned", world.mail_to(&owner).await);
    assert_mail!("help_disowned_de", world.mail_to(&admin).await);
});

on_each_database!(wrong_numbers_are_told_to_the_asker, async |world| {
    let account = world.account("Northwind").await;
    let admin = world.user("Chiara Marchetti").with_totp().admin_of(&account).await;
    let target = world.user("Dmitri Volkov").with_totp().manager_of(&account).await;
    let sql = "UPDATE users SET password_set_at = ?, password_set_by = 'mailed_link' WHERE id = ?";
    world.execute(sql, [world.now().ms().into(), target.id.0.into()]).await;
    let caller = world.sign_in(&admin).await;
    ask(world, &caller, &account, &target).await;
    let mail = world.mail_to(&target).await;
    assert_mail!("mfa_reset_request_with_number", mail.clone());
    let seen = mfa_reset::preview(&world.backend, &caller, account.scope, target.id).await.unwrap();
    let wrong = format!("{:04}", (seen.number.unwrap().parse::<u16>().unwrap() + 1) % 10_000);
    for _ in 0..3 {
        let link = link_in(&mail, "mfa-reset");
        mfa_reset::accept(&world.backend, &world.visitor(), &link, &wrong).await.unwrap_err();
    }
    assert_mail!("mfa_reset_wrong_numbers", world.mail_to(&admin).await);
});

on_each_database!(a_notice_of_a_new_browser_says_what_to_do, async |world| {
    world.look_at_notices();
    let ann = world.user("Ann Lee").with_totp().await;
    world.sign_in(&ann).await;
    assert_mail!("new_device", world.mail_to(&ann).await);
});

on_each_database!(a_second_address_is_asked_and_both_are_told, async |world| {
    for language in ["en", "de"] {
        let account = world.account(&format!("Northwind {language}")).await;
        let target =
            world.user(&format!("Dmitri Volkov {language}")).with_totp().manager_of(&account).speaking(language).await;
        let laptop = world.signed_in(&target).await;
        let second = format!("home-{language}@home.example");
        let caller = laptop.me().await;
        notice_email::request(&world.backend, &caller, &EmailAddress::parse(&second).unwrap()).await.unwrap();
        let to = async |email: &str| world.deliver().await.into_iter().find(|mail| mail.to == email).unwrap();
        let asked = to(&second).await;
        let code = code_in(&asked.text);
        notice_email::confirm(&world.backend, &caller, &code).await.unwrap();
        let set = to(&target.email).await;
        notice_email::remove(&world.backend, &caller).await.unwrap();
        let copy = to(&second).await;
        if language == "en" {
            assert_mail!("notice_email_code", asked);
            assert_mail!("notice_email_set", set);
            assert_mail!("notice_email_removed_copy", copy);
        } else {
            assert_mail!("notice_email_code_de", asked);
            assert_mail!("notice_email_set_de", set);
            assert_mail!("notice_email_removed_copy_de", copy);
        }
    }
});

on_each_database!(who_administers_is_told_of_another_owner, async |world| {
    for (language, name) in [("en", "Northwind"), ("de", "Südwind")] {
        let account = world.account(name).await;
        let owner = world.user(&format!("Adaeze Okonkwo {language}")).with_totp().owner_of(&account).await;
        let admin = world.user(&format!("Chiara Marchetti {language}")).with_totp().admin_of(&account);
        let admin = admin.speaking(language).living_in("Europe/Lisbon").await;
        let heir = world.user(&format!("Dmitri Volkov {language}")).with_totp().manager_of(&account).await;
        let caller = world.sign_in(&owner).await;
        users::transfer_ownership(&world.backend, &caller, account.scope, heir.id).await.unwrap();
        let told = world.mail_to(&admin).await;
        if language == "en" {
            assert_mail!("ownership_moved", told);
        } else {
            assert_mail!("ownership_moved_de", told);
        }
    }
});

on_each_database!(what_the_operator_does_is_told_to_who_is_concerned, async |world| {
    let reason = Reason::parse("Called back on the number in the contract").unwrap();
    for language in ["en", "de"] {
        let account = world.account(&format!("Northwind {language}")).await;
        let person = |name: &str| world.user(&format!("{name} {language}")).with_totp().speaking(language);
        let owner = person("Adaeze Okonkwo").owner_of(&account).await;
        let heir = person("Dmitri Volkov").manager_of(&account).await;
        let to = EmailAddress::parse(&heir.email).unwrap();
        let new = EmailAddress::parse(&format!("dmitri.{language}@new.example")).unwrap();
        let now = operator::When::WithNotice;
        operator::set_owner(&world.backend, account.scope, &to, &reason, now).await.unwrap();
        let owner_named = world.mail_to(&owner).await;
        operator::call_off_owner(&world.backend, account.scope).await.unwrap();
        world.deliver().await;
        operator::set_email(&world.backend, &to, &new, &reason, now).await.unwrap();
        let mails = world.deliver().await;
        let sent = |to: &str| mails.iter().find(|mail| mail.to == to).unwrap().clone();
        let (to_person, to_new, to_admin) = (sent(&heir.email), sent(new.as_str()), sent(&owner.email));
        operator::call_off_email(&world.backend, &to).await.unwrap();
        world.deliver().await;
        operator::close(&world.backend, account.id(), &reason).await.unwrap();
        let closed = world.mail_to(&owner).await;
        let lumen = world.account(&format!("Lumen {language}")).await;
        let leader = person("Kwame Mensah").owner_of(&lumen).await;
        let browser = world.signed_in(&leader).await;
        let name = format!("Lumen {language}");
        backend::closing::close(&world.backend, &browser.me().await, lumen.scope, &name).await.unwrap();
        let closed_by_owner = world.mail_to(&leader).await;
        operator::erase(&world.backend, &to, &reason).await.unwrap();
        let deleted = world.mail_to(&heir).await;
        if language == "en" {
            assert_mail!("owner_to_be_set", owner_named);
            assert_mail!("address_to_be_set_person", to_person);
            assert_mail!("address_to_be_set_new", to_new);
            assert_mail!("address_to_be_set_admin", to_admin);
            assert_mail!("account_closed", closed);
            assert_mail!("account_closed_by_owner", closed_by_owner);
            assert_mail!("sign_in_deleted", deleted);
        } else {
            assert_mail!("owner_to_be_set_de", owner_named);
            assert_mail!("address_to_be_set_person_de", to_person);
            assert_mail!("address_to_be_set_new_de", to_new);
            assert_mail!("address_to_be_set_admin_de", to_admin);
            assert_mail!("account_closed_de", closed);
            assert_mail!("account_closed_by_owner_de", closed_by_owner);
            assert_mail!("sign_in_deleted_de", deleted);
        }
    }
});

on_each_database!(a_reminder_says_whether_it_must_be, async |world| {
    let (northwind, freehold) = (world.account("Northwind").await, world.account("Freehold").free().await);
    let olga = world.user("Olga").with_totp().owner_of(&northwind).owner_of(&freehold).await;
    let (ann, bea) = (world.user("Ann").analyst_of(&northwind).await, world.user("Bea").analyst_of(&freehold).await);
    let browser = world.signed_in(&olga).await;
    for scope in [northwind.scope, freehold.scope] {
        roll_out::remind(&world.backend, &browser.me().await, scope, None).await.unwrap();
    }
    assert_mail!("mfa_reminder_required", world.mail_to(&ann).await);
    assert_mail!("mfa_reminder", world.mail_to(&bea).await);
});

on_each_database!(a_device_code_names_device_and_place, async |world| {
    let ann = world.user("Ann Lee").await;
    world.sign_in(&ann).await;
    let mail = world.mail_to(&ann).await;
    assert!(mail.text.contains("Firefox on Linux") && mail.text.contains("192.0.2.7"), "{}", mail.text);
    assert_mail!("device_code", mail);
});

on_each_database!(a_forgotten_password_is_set_by_a_link, async |world| {
    let ann = world.user("Ann Lee").await;
    let email = EmailAddress::parse(&ann.email).unwrap();
    password_reset::request(&world.backend, &world.visitor(), &email).await.unwrap();
    let mail = world.mail_to(&ann).await;
    let link = link_in(&mail, "password-reset");
    assert_mail!("password_reset_forgotten", mail);
    let password = backend::crypto::Password::new("a gate of grey stone".into());
    password_reset::set(&world.backend, &world.visitor(), &link, password).await.unwrap();
    assert_mail!("password_changed", world.mail_to(&ann).await);
});

on_each_database!(a_change_of_address_is_told_to_both_mailboxes_and_at_last_to_the_former, async |world| {
    let ann = world.user("Ann Lee").with_totp().await;
    let caller = world.sign_in(&ann).await;
    let new = EmailAddress::parse("ann@new.example").unwrap();
    email_change::request(&world.backend, &caller, &new).await.unwrap();
    let mut mails = world.deliver().await;
    mails.sort_by_key(|mail| mail.to != ann.email);
    let [present, new] = mails.try_into().unwrap();
    let links = [link_in(&present, "email-change"), link_in(&new, "email-change")];
    assert_mail!("email_change_present", present);
    assert_mail!("email_change_new", new);
    for link in &links {
        email_change::confirm(&world.backend, &world.visitor(), link).await.unwrap();
    }
    assert_mail!("email_changed", world.mail_to(&ann).await);
});

on_each_database!(a_change_of_address_is_told_in_the_persons_language, async |world| {
    let jo = world.user("Jürgen Weiß").with_totp().speaking("de").living_in("Europe/Berlin").await;
    let new = EmailAddress::parse("juergen@new.example").unwrap();
    email_change::request(&world.backend, &world.sign_in(&jo).await, &new).await.unwrap();
    let mut mails = world.deliver().await;
    mails.sort_by_key(|mail| mail.to != jo.email);
    let [present, new] = mails.try_into().unwrap();
    for link in [link_in(&present, "email-change"), link_in(&new, "email-change")] {
        email_change::confirm(&world.backend, &world.visitor(), &link).await.unwrap();
    }
    assert_mail!("email_change_present_de", present);
    assert_mail!("email_change_new_de", new);
    assert_mail!("email_changed_de", world.mail_to(&jo).await);
});

on_each_database!(a_first_password_is_set_by_a_link, async |world| {
    let (email, name) = (EmailAddress::parse("wen@postern.example").unwrap(), Name::parse("Wen Zhang").unwrap());
    operator::create_user(&world.backend, &email, &name, None).await.unwrap();
    let mail = world.deliver().await.remove(0);
    link_in(&mail, "password-reset");
    assert_mail!("password_reset_first", mail);
});

on_each_database!(while_a_reset_is_under_way_no_link_is_mailed, async |world| {
    let ann = world.user("Ann Lee").with_totp().await;
    let email = EmailAddress::parse(&ann.email).unwrap();
    password_reset::request(&world.backend, &world.visitor(), &email).await.unwrap();
    let reason = Reason::parse("").unwrap();
    mfa_reset::request_by_operator(&world.backend, &email, &reason).await.unwrap();
    // Also of a mail that had not left when it was asked for.
    let mails = world.deliver().await;
    let mail = mails.into_iter().find(|mail| mail.subject == "No new password for now").unwrap();
    assert_mail!("password_reset_withheld", mail);
    let link = world.reset_link(&ann).await;
    mfa_reset::accept(&world.backend, &world.visitor(), &link, "").await.unwrap();
    world.deliver().await;
    password_reset::request(&world.backend, &world.visitor(), &email).await.unwrap();
    assert_mail!("password_reset_withheld_done", world.mail_to(&ann).await);
});

on_each_database!(own_second_factors_are_told_of, async |world| {
    let ann = world.user("Ann Lee").with_totp().await;
    let bound = authenticator::Entity::find().filter(authenticator::Column::UserId.eq(ann.id.0));
    let bound = bound.one(world.backend.database.read()).await.unwrap().unwrap();
    enqueue(world, MailKind::AuthenticatorBound, &ann, Some(bound.id)).await;
    assert_mail!("authenticator_bound", world.mail_to(&ann).await);
    enqueue(world, MailKind::AuthenticatorUnbound, &ann, None).await;
    assert_mail!("authenticator_unbound", world.mail_to(&ann).await);
    enqueue(world, MailKind::PasskeyCopied, &ann, Some(bound.id)).await;
    assert_mail!("passkey_copied", world.mail_to(&ann).await);
    enqueue(world, MailKind::BackupCodesMade, &ann, None).await;
    assert_mail!("backup_codes_made", world.mail_to(&ann).await);
    enqueue(world, MailKind::PasswordKnown, &ann, None).await;
    assert_mail!("password_known", world.mail_to(&ann).await);
});

on_each_database!(a_used_backup_code_says_how_many_are_left, async |world| {
    let ann = world.user("Ann Lee").with_totp().await;
    backup_codes(world, &ann, 3).await;
    for (left, words) in [(2, "2 are left"), (1, "One is left"), (0, "None is left")] {
        use_one(world, &ann).await;
        enqueue(world, MailKind::BackupCodeUsed, &ann, None).await;
        world.advance(Duration::from_secs(1));
        let mail = world.mail_to(&ann).await;
        assert!(mail.text.contains(words), "{left}: {}", mail.text);
        if left == 2 {
            assert_mail!("backup_code_used", mail);
        }
    }
});

on_each_database!(a_late_mail_counts_the_backup_codes_of_its_own_time, async |world| {
    let ann = world.user("Ann Lee").with_totp().await;
    backup_codes(world, &ann, 3).await;
    use_one(world, &ann).await;
    enqueue(world, MailKind::BackupCodeUsed, &ann, None).await;
    world.advance(Duration::from_secs(1));
    use_one(world, &ann).await;
    assert!(world.mail_to(&ann).await.text.contains("2 are left"));
});

on_each_database!(names_that_people_chose_stay_names, async |world| {
    let account = world.account("Win\r\nBcc: all@evil.example").await;
    let admin = world.user("<b>Eve</b> https://evil.example/now").with_totp().at("eve@postern.example");
    let admin = admin.admin_of(&account).await;
    let target = world.user("Dmitri\r\nSubject: hi \u{202E}drowssap %{asker}").with_totp().at("d@postern.example");
    let target = target.manager_of(&account).await;
    let caller = world.sign_in(&admin).await;
    ask(world, &caller, &account, &target).await;
    let mail = world.mail_to(&target).await;
    assert_eq!(mail.to_name, "Dmitri  Subject: hi drowssap %{asker}");
    assert!(!mail.html.contains("<b>") && mail.html.contains("&#60;b&#62;Eve"), "{}", mail.html);
    assert!(!mail.text.contains("https://evil") && !mail.text.contains("evil.example"), "{}", mail.text);
    assert!(mail.text.contains("Account: Win  Bcc") || mail.text.contains("Account: Win Bcc"), "{}", mail.text);
    assert_eq!(mail.text.matches("%{asker}").count(), 1, "a name is not a text with holes");
    world.deliver().await;
});

on_each_database!(an_unknown_language_and_zone_are_no_obstacle, async |world| {
    let ann = world.user("Ann").living_in("Mars/Olympus").await;
    let odd = user::ActiveModel { id: Set(ann.id.0), language: Set("tlh".into()), ..Default::default() };
    odd.update(world.backend.database.write()).await.unwrap();
    enqueue(world, MailKind::PasswordKnown, &ann, None).await;
    let mail = world.mail_to(&ann).await;
    assert!(mail.html.contains("<html lang=\"en\""));
    assert!(mail.text.contains("22 November 2026, 08:00 (UTC)"), "{}", mail.text);
});

on_each_database!(every_mail_has_a_reference_of_its_own, async |world| {
    let ann = world.user("Ann").await;
    for _ in 0..20 {
        enqueue(world, MailKind::PasswordKnown, &ann, None).await;
    }
    let references: BTreeSet<String> = world.deliver().await.iter().map(reference_of).collect();
    assert_eq!(references.len(), 20);
    assert!(references.iter().all(|reference| !reference.contains(['I', 'L', 'O', 'U'])), "{references:?}");
});

async fn backup_codes(world: &World, person: &Person, how_many: u8) {
    let on = world.backend.database.write();
    let set = recovery_code_set::ActiveModel {
        id: Set(Uuid::from_u128(1)),
        user_id: Set(person.id.0),
        epoch: Set(1),
        session_id: Set(Uuid::nil()),
        key_id: Set(1),
        nonce: Set(vec![0; 16]),
        made_at: Set(0),
        acknowledged_at: Set(None),
    };
    set.insert(on).await.unwrap();
    for number in 0..how_many {
        let code = recovery_code::ActiveModel {
            id: Set(Uuid::from_u128(number.into())),
            user_id: Set(person.id.0),
            set_id: Set(Uuid::from_u128(1)),
            code_digest: Set(vec![number; 32]),
            used_at: Set(None),
        };
        code.insert(on).await.unwrap();
    }
}

async fn use_one(world: &World, person: &Person) {
    let on = world.backend.database.write();
    let unused = recovery_code::Entity::find()
        .filter(recovery_code::Column::UserId.eq(person.id.0))
        .filter(recovery_code::Column::UsedAt.is_null());
    let code = unused.one(on).await.unwrap().unwrap();
    let update = recovery_code::Entity::update_many()
        .col_expr(recovery_code::Column::UsedAt, Expr::value(world.now().ms()))
        .filter(recovery_code::Column::Id.eq(code.id));
    update.exec(on).await.unwrap();
}

// ── the guards ────────────────────────────────────────────────────────────────────────────────────────────────────

/// The newest mail to a person with this subject, without the ids in its links.
async fn mail_with(world: &World, person: &Person, subject: &str) -> Message {
    world.deliver().await;
    let mails = world.mailbox.mails();
    let found = mails.into_iter().rfind(|mail| mail.to == person.email && mail.subject == subject);
    let mail = found.unwrap_or_else(|| panic!("no mail “{subject}” to {}", person.name));
    Message { text: without_ids(&mail.text), html: without_ids(&mail.html), ..mail }
}

fn without_ids(text: &str) -> String {
    let is_id = |part: &str| part.len() == 36 && Uuid::parse_str(part).is_ok();
    let mut parts: Vec<&str> = text.split_inclusive(['/', '"', '\n', '?', '<', ' ']).collect();
    for part in &mut parts {
        let bare = part.trim_end_matches(['/', '"', '\n', '?', '<', ' ']);
        if is_id(bare) {
            *part = match &part[bare.len()..] {
                "/" => "[ID]/",
                "\"" => "[ID]\"",
                "<" => "[ID]<",
                "?" => "[ID]?",
                " " => "[ID] ",
                _ => "[ID]\n",
            };
        }
    }
    parts.concat()
}

struct ThreeAdministrators {
    account: Account,
    owner: Person,
    admin: Person,
    target: Person,
}

async fn three_administrators(world: &World, language: &str) -> ThreeAdministrators {
    let account = world.account("Northwind").await;
    let owner = world.user("Adaeze Okonkwo").with_totp().owner_of(&account).speaking(language).await;
    let admin = world.user("Chiara Marchetti").with_totp().admin_of(&account).speaking(language).await;
    let target = world.user("Dmitri Volkov").with_totp().admin_of(&account).speaking(language).await;
    world.advance(Duration::from_secs(8 * 24 * 3600));
    ThreeAdministrators { account, owner, admin, target }
}

on_each_database!(an_approval_is_asked_for_given_and_refused_by_mail, async |world| {
    let ThreeAdministrators { account, owner, admin, target } = three_administrators(world, "en").await;
    let (scope, user) = (account.scope, target.id);
    let caller = world.sign_in(&admin).await;
    ask(world, &caller, &account, &target).await;
    assert_mail!(
        "mfa_reset_approval_wanted",
        mail_with(world, &owner, "MFA reset of Dmitri Volkov needs your approval").await
    );
    let approver = world.sign_in(&owner).await;
    mfa_reset::reject(&world.backend, &approver, scope, user).await.unwrap();
    assert_mail!("mfa_reset_rejected", mail_with(world, &admin, "MFA reset of Dmitri Volkov not approved").await);
    ask(world, &caller, &account, &target).await;
    mfa_reset::approve(&world.backend, &approver, scope, user).await.unwrap();
    assert_mail!("mfa_reset_approved", mail_with(world, &admin, "MFA reset of Dmitri Volkov approved").await);
});

on_each_database!(an_approval_is_asked_for_in_german_too, async |world| {
    let ThreeAdministrators { account, owner, admin, target } = three_administrators(world, "de").await;
    ask(world, &world.sign_in(&admin).await, &account, &target).await;
    let subject = "MFA von Dmitri Volkov zurücksetzen: Ihre Freigabe wird gebraucht";
    assert_mail!("mfa_reset_approval_wanted_de", mail_with(world, &owner, subject).await);
});

on_each_database!(what_waits_is_told_with_the_link_that_calls_it_off, async |world| {
    let account = world.account("Northwind").await;
    let elsewhere = world.account("Harbour & Vale").await;
    let stranger = world.user("Ulrike").with_totp().owner_of(&elsewhere).await;
    let owner = world.user("Adaeze Okonkwo").with_totp().owner_of(&account).await;
    let admin = world.user("Chiara Marchetti").with_totp().admin_of(&account).await;
    world.join(&owner, &elsewhere, Role::Admin).await;
    let caller = world.sign_in(&admin).await;
    ask(world, &caller, &account, &owner).await;
    let link = link_in(&world.mail_to(&owner).await, "mfa-reset");
    mfa_reset::accept(&world.backend, &world.visitor(), &link, "").await.unwrap();
    assert_mail!("mfa_reset_waiting", mail_with(world, &owner, "Your second factors will be removed").await);
    assert_mail!("mfa_reset_accepted", mail_with(world, &admin, "MFA reset of Adaeze Okonkwo accepted").await);
    let told = mail_with(world, &stranger, "Second factors of Adaeze Okonkwo will be removed").await;
    for hidden in ["Chiara", "Northwind"] {
        assert!(!told.text.contains(hidden) && !told.html.contains(hidden), "{hidden} in {}", told.text);
    }
    assert_mail!("mfa_reset_elsewhere", told);
    mfa_reset::decline(&world.backend, &world.visitor(), &link).await.unwrap();
    assert_mail!("mfa_reset_stopped", mail_with(world, &owner, "Your MFA reset was called off").await);
    assert_mail!("mfa_reset_stopped_asker", mail_with(world, &admin, "MFA reset of Adaeze Okonkwo called off").await);
});

on_each_database!(what_is_loosened_is_told_to_every_administrator, async |world| {
    let account = world.account("Freehold").free().requiring_mfa().await;
    let owner = world.user("Adaeze Okonkwo").with_totp().owner_of(&account).await;
    let admin = world.user("Chiara Marchetti").with_totp().admin_of(&account).await;
    let caller = world.sign_in(&admin).await;
    let loose = Guards { approver: ApproverFor::Nobody, ..Guards::default() };
    guards::set(&world.backend, &caller, account.scope, loose).await.unwrap();
    assert_mail!("loosening_guards", mail_with(world, &owner, "Security of Freehold will be loosened").await);
    mfa_requirement::set(&world.backend, &caller, account.scope, false).await.unwrap();
    assert_mail!("loosening_requirement", mail_with(world, &owner, "Security of Freehold will be loosened").await);
    let loose = MfaPolicy { trust: TrustDays::try_from(30).unwrap(), ..MfaPolicy::default() };
    mfa_policy::set(&world.backend, &caller, account.scope, loose).await.unwrap();
    assert_mail!("loosening_methods", mail_with(world, &owner, "Security of Freehold will be loosened").await);
});

on_each_database!(what_is_loosened_above_is_told_to_the_administrators_below, async |world| {
    let portfolio = world.portfolio("Meridian").await;
    let account = world.account("Freehold").free().linked_to(&portfolio).await;
    let manuel = world.user("Manuel Rivera").with_totp().portfolio_owner_of(&portfolio).await;
    let owner = world.user("Adaeze Okonkwo").with_totp().owner_of(&account).await;
    let other = world.user("Jürgen Weiß").with_totp().admin_of(&account).speaking("de").await;
    let caller = world.sign_in(&manuel).await;
    let floor = MfaPolicy { floor: true, ..MfaPolicy::default() };
    mfa_policy::set(&world.backend, &caller, portfolio.scope, floor).await.unwrap();
    let loose = MfaPolicy { trust: TrustDays::try_from(30).unwrap(), ..floor };
    mfa_policy::set(&world.backend, &caller, portfolio.scope, loose).await.unwrap();
    assert_mail!("loosening_below", mail_with(world, &owner, "Security of Freehold will be loosened").await);
    let subject = "Die Sicherheit von Freehold wird gelockert";
    assert_mail!("loosening_below_de", mail_with(world, &other, subject).await);
});

on_each_database!(what_somebody_did_who_was_just_reset_is_told, async |world| {
    let account = world.account("Northwind").await;
    let owner = world.user("Adaeze Okonkwo").with_totp().owner_of(&account).await;
    let mut admin = world.user("Chiara Marchetti").with_totp().admin_of(&account).await;
    let email = EmailAddress::parse(&admin.email).unwrap();
    mfa_reset::request_by_operator(&world.backend, &email, &Reason::none()).await.unwrap();
    let link = link_in(&world.mail_to(&admin).await, "mfa-reset");
    let mut phone = world.browser();
    phone.accept(&link).await.unwrap();
    phone.password(&admin).await.unwrap();
    admin.totp_seed = Some(phone.enrol().await.unwrap());
    let strict = Guards { number: true, ..Guards::default() };
    guards::set(&world.backend, &phone.me().await, account.scope, strict).await.unwrap();
    let subject = "Chiara Marchetti acted shortly after an MFA reset";
    assert_mail!("watched", mail_with(world, &owner, subject).await);
});

on_each_database!(an_invitation_is_the_same_to_everybody, async |world| {
    let account = world.account("Northwind").await;
    let owner = world.user("Adaeze Okonkwo").with_totp().owner_of(&account).await;
    let caller = world.sign_in(&owner).await;
    for (address, language) in [("wen@new.example", "en"), ("jürgen@new.example", "de")] {
        let email = EmailAddress::parse(address).unwrap();
        let role = Role::CampaignCoordinator;
        invitations::invite(&world.backend, &caller, account.scope, &email, language, role).await.unwrap();
        world.deliver().await;
        let mails = world.mailbox.mails();
        let mail = mails.into_iter().rfind(|mail| mail.to == address).unwrap();
        if language == "en" {
            assert_mail!("invitation", mail);
        } else {
            assert_mail!("invitation_de", mail);
        }
    }
});

on_each_database!(a_link_is_told_of_from_its_asking_to_its_end, async |world| {
    let portfolio = world.portfolio("Meridian Group").await;
    let account = world.account("Northwind").await;
    let above = world.user("Adaeze Okonkwo").with_totp().portfolio_owner_of(&portfolio).admin_of(&account).await;
    let owner = world.user("Chiara Marchetti").with_totp().owner_of(&account).living_in("Europe/Lisbon").await;
    let german = world.user("Jürgen Weiß").with_totp().speaking("de").living_in("Europe/Berlin");
    let german = german.with_role(Role::PortfolioAdmin, portfolio.scope).await;
    let caller = world.sign_in(&above).await;
    let asked = portfolios::ask(&world.backend, &caller, portfolio.scope, account.id()).await.unwrap();
    assert_mail!("link_asked", mail_with(world, &owner, "Meridian Group asks Northwind to join").await);
    let answering = world.sign_in(&owner).await;
    portfolios::decline(&world.backend, &answering, account.scope, asked.id).await.unwrap();
    assert_mail!("link_declined", mail_with(world, &above, "Northwind does not join Meridian Group").await);
    let asked = portfolios::ask(&world.backend, &caller, portfolio.scope, account.id()).await.unwrap();
    portfolios::agree(&world.backend, &answering, account.scope, asked.id).await.unwrap();
    assert_mail!("account_linked", mail_with(world, &owner, "Northwind and Meridian Group are linked").await);
    assert_mail!("account_linked_de", mail_with(world, &german, "Northwind und Meridian Group sind verbunden").await);
    portfolios::leave(&world.backend, &answering, account.scope).await.unwrap();
    let subject = "Northwind and Meridian Group are no longer linked";
    assert_mail!("account_unlinked", mail_with(world, &owner, subject).await);
    let subject = "Northwind und Meridian Group sind nicht mehr verbunden";
    assert_mail!("account_unlinked_de", mail_with(world, &german, subject).await);
});

on_each_database!(a_link_that_is_in_doubt_is_told_of_in_both_languages, async |world| {
    let portfolio = world.portfolio("Meridian Group").await;
    let account = world.account("Northwind").await;
    let above = world.user("Adaeze Okonkwo").with_totp().portfolio_owner_of(&portfolio).admin_of(&account).await;
    let owner = world.user("Jürgen Weiß").with_totp().speaking("de").living_in("Europe/Berlin");
    let owner = owner.owner_of(&account).await;
    let admin = world.user("Chiara Marchetti").with_totp().admin_of(&account).await;
    let caller = world.sign_in(&above).await;
    let declined = portfolios::ask(&world.backend, &caller, portfolio.scope, account.id()).await.unwrap();
    assert_mail!("link_asked_de", mail_with(world, &owner, "Meridian Group bittet Northwind beizutreten").await);
    portfolios::cancel(&world.backend, &caller, portfolio.scope, declined.id).await.unwrap();
    let asked = portfolios::ask(&world.backend, &caller, portfolio.scope, account.id()).await.unwrap();
    portfolios::agree(&world.backend, &world.sign_in(&owner).await, account.scope, asked.id).await.unwrap();
    world.deliver().await;
    world.set_role(&above, account.scope, Role::Manager).await;
    let subject = "Soll Northwind in Meridian Group bleiben?";
    assert_mail!("link_to_confirm_de", mail_with(world, &owner, subject).await);
    // The same in English.
    enqueue(world, MailKind::LinkToConfirm, &admin, Some(account.scope.uuid())).await;
    assert_mail!("link_to_confirm", mail_with(world, &admin, "Is Northwind to stay in Meridian Group?").await);
    world.advance(domain::portfolios::CONFIRM_WITHIN);
    let subject = "Northwind and Meridian Group are no longer linked";
    assert_mail!("link_ran_out", mail_with(world, &admin, subject).await);
    let subject = "Northwind und Meridian Group sind nicht mehr verbunden";
    assert_mail!("link_ran_out_de", mail_with(world, &owner, subject).await);
});
