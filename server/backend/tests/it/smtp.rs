//! Over real connections, to a mail server that agrees or does not.

use crate::support::{Difficulty, SmtpServer, Step};
use backend::{
    mail::{Failure, Mailer, Message, Patience, Smtp},
    mfa_reset,
    outbox::{self, MailKind},
    worker,
};
use domain::{mfa_reset::Delivery, person::Reason, time::Timestamp};
use std::{sync::Arc, time::Duration};

fn mail() -> Message {
    Message {
        from: "Postern <postern@postern.example>".into(),
        to: "dmitri@postern.example".into(),
        to_name: "Dmitri Volkov".into(),
        subject: "MFA reset request".into(),
        text: "Hello Dmitri,\n.\nhttps://postern.example/mfa-reset/abc\n".into(),
        html: "<p>Hello Dmitri,</p>".into(),
        message_id: "<k7q2m4xw9p@postern.example>".into(),
        at: Timestamp::from_ms(1_795_334_400_000),
    }
}

/// A mailer with so much patience for every step.
fn patient(url: &str, milliseconds: u64) -> Mailer {
    let span = Duration::from_millis(milliseconds);
    Mailer::Smtp(Arc::new(Smtp::new(url, Patience { greeting: span, mail: span }).unwrap()))
}

fn mailer(server: &SmtpServer) -> Mailer {
    patient(&server.url(), 5_000)
}

/// Waits, but not long.
async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(3), what).await.expect("an answer within seconds")
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_written() {
    let server = SmtpServer::start().await;
    mailer(&server).send(mail()).await.unwrap();
    let taken = server.taken().remove(0);
    assert_eq!(
        (taken.from.as_str(), taken.to.as_str()),
        ("FROM:<postern@postern.example>", "TO:<dmitri@postern.example>")
    );
    let (headers, body) = taken.bytes.split_once("\n\n").unwrap();
    for line in [
        "From: Postern <postern@postern.example>",
        "To: \"Dmitri Volkov\" <dmitri@postern.example>",
        "Subject: MFA reset request",
        "Date: Sun, 22 Nov 2026 08:00:00 +0000",
        "Message-ID: <k7q2m4xw9p@postern.example>",
        "Auto-Submitted: auto-generated",
    ] {
        assert!(headers.lines().any(|header| header == line), "{line} in\n{headers}");
    }
    assert!(headers.contains("Content-Type: multipart/alternative"), "{headers}");
    assert!(body.contains("text/plain") && body.contains("text/html"), "{body}");
    assert!(body.contains("https://postern.example/mfa-reset/abc"), "{body}");
    assert!(taken.bytes.lines().any(|line| line == "."), "a line of one dot does not end the mail: {body}");
}

#[tokio::test]
async fn a_refusal_at_any_step_keeps_its_code() {
    for step in [Step::Mail, Step::Rcpt, Step::Data, Step::Dot] {
        let server = SmtpServer::start().await;
        server.at(step, Difficulty::Answer(550));
        assert_eq!(mailer(&server).send(mail()).await, Err(Failure::Refused { code: 550 }), "{step:?}");
        server.at(step, Difficulty::Answer(452));
        assert_eq!(mailer(&server).send(mail()).await, Err(Failure::PutOff { code: 452 }), "{step:?}");
        assert!(server.taken().is_empty());
        server.agree();
        mailer(&server).send(mail()).await.unwrap();
    }
}

#[tokio::test]
async fn who_is_turned_away_at_the_door_may_come_again() {
    for (step, code) in [(Step::Greeting, 554), (Step::Greeting, 421), (Step::Ehlo, 550)] {
        let server = SmtpServer::start().await;
        server.at(step, Difficulty::Answer(code));
        assert_eq!(mailer(&server).send(mail()).await, Err(Failure::TurnedAway { code }), "{step:?}");
    }
}

#[tokio::test]
async fn a_conversation_that_breaks_off_is_tried_again() {
    for step in [Step::Greeting, Step::Ehlo, Step::Mail, Step::Rcpt, Step::Data, Step::Dot] {
        for difficulty in [Difficulty::HangUp, Difficulty::Babble] {
            let server = SmtpServer::start().await;
            server.at(step, difficulty);
            let failure = mailer(&server).send(mail()).await.unwrap_err();
            assert!(!failure.is_final(), "{step:?} {difficulty:?} {failure:?}");
            assert_eq!(failure.code(), None);
        }
    }
}

#[tokio::test]
async fn a_server_that_is_too_slow_is_left() {
    for step in [Step::Greeting, Step::Ehlo, Step::Mail, Step::Rcpt, Step::Data, Step::Dot] {
        let server = SmtpServer::start().await;
        server.at(step, Difficulty::Slow(Duration::from_secs(60)));
        let outcome = soon(patient(&server.url(), 200).send(mail())).await;
        assert_eq!(outcome, Err(Failure::TimedOut), "{step:?}");
    }
}

#[tokio::test]
async fn a_server_may_think_about_a_mail() {
    let server = SmtpServer::start().await;
    server.at(Step::Dot, Difficulty::Slow(Duration::from_millis(300)));
    mailer(&server).send(mail()).await.unwrap();
}

#[tokio::test]
async fn a_farewell_that_hangs_undoes_nothing() {
    let server = SmtpServer::start().await;
    server.at(Step::Quit, Difficulty::Slow(Duration::from_secs(60)));
    soon(mailer(&server).send(mail())).await.unwrap();
    server.at(Step::Rcpt, Difficulty::Answer(550));
    assert_eq!(soon(mailer(&server).send(mail())).await, Err(Failure::Refused { code: 550 }));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unreachable() {
    let port = {
        let server = SmtpServer::start().await;
        server.port
    };
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(patient(&format!("smtp://127.0.0.1:{port}"), 5_000).send(mail()).await, Err(Failure::Unreachable));
}

#[tokio::test]
async fn name_and_password_are_given_where_they_are_asked_for() {
    let server = SmtpServer::start().await;
    server.offer("AUTH PLAIN LOGIN");
    let url = format!("smtp://postern:p%40ss@127.0.0.1:{}", server.port);
    patient(&url, 5_000).send(mail()).await.unwrap();
    // base64 of NUL postern NUL p@ss
    assert!(server.said().contains(&"AUTH PLAIN AHBvc3Rlcm4AcEBzcw==".to_owned()), "{:?}", server.said());
    server.at(Step::Auth, Difficulty::Answer(535));
    assert_eq!(patient(&url, 5_000).send(mail()).await, Err(Failure::TurnedAway { code: 535 }));
    assert_eq!(patient(&url, 5_000).check().await, Err(Failure::TurnedAway { code: 535 }));
}

#[tokio::test]
async fn who_has_a_password_sends_nothing_where_none_is_asked_for() {
    let server = SmtpServer::start().await;
    let url = format!("smtp://postern:secret@127.0.0.1:{}", server.port);
    assert!(!patient(&url, 5_000).send(mail()).await.unwrap_err().is_final());
    assert!(server.taken().is_empty());
}

#[tokio::test]
async fn without_an_offer_of_tls_a_mail_goes_unencrypted_unless_tls_is_required() {
    let server = SmtpServer::start().await;
    mailer(&server).send(mail()).await.unwrap();
    let required = format!("{}?tls=required", server.url());
    assert_eq!(patient(&required, 5_000).send(mail()).await, Err(Failure::Encryption));
    assert_eq!(patient(&required, 5_000).check().await, Err(Failure::Encryption));
    assert_eq!(server.taken().len(), 1);
}

#[tokio::test]
async fn what_is_offered_as_tls_and_is_none_gets_no_mail() {
    let server = SmtpServer::start().await;
    server.offer("STARTTLS");
    // It agrees to STARTTLS and then goes on in plain text.
    assert!(matches!(mailer(&server).send(mail()).await, Err(Failure::Encryption | Failure::TimedOut)));
    server.at(Step::StartTls, Difficulty::Answer(454));
    assert_eq!(mailer(&server).send(mail()).await, Err(Failure::Encryption));
    assert!(server.taken().is_empty());
    assert!(!server.said().iter().any(|line| line.starts_with("MAIL")), "{:?}", server.said());
}

#[tokio::test]
async fn tls_from_the_first_byte_does_not_fall_back() {
    let server = SmtpServer::start().await;
    let url = format!("smtps://127.0.0.1:{}", server.port);
    assert!(!patient(&url, 2_000).send(mail()).await.unwrap_err().is_final());
    assert!(server.taken().is_empty());
}

#[tokio::test]
async fn nothing_in_a_mail_becomes_a_header_or_a_command() {
    let server = SmtpServer::start().await;
    let evil = "x\r\nBcc: all@evil.example\r\n\r\n.\r\nRSET";
    for message in [
        Message { to_name: evil.into(), ..mail() },
        Message { subject: evil.into(), ..mail() },
        Message { text: "x\r\n.\r\nMAIL FROM:<a@evil.example>\r\n".into(), ..mail() },
    ] {
        mailer(&server).send(message).await.unwrap();
        let taken = server.taken().pop().unwrap();
        let headers = taken.bytes.split("\n\n").next().unwrap();
        assert!(!headers.lines().any(|line| line.starts_with("Bcc")), "{headers}");
    }
    for to in ["a@postern.example>\r\nRCPT TO:<b@evil.example", "a b@postern.example", "nobody", "@", ""] {
        let failure = mailer(&server).send(Message { to: to.into(), ..mail() }).await.unwrap_err();
        assert_eq!(failure, Failure::Refused { code: 553 }, "{to}");
    }
    assert_eq!(server.taken().len(), 3);
    assert!(!server.said().iter().any(|line| line.contains("evil") || line.contains("RSET")), "{:?}", server.said());
}

#[tokio::test]
async fn letters_of_every_script_arrive() {
    let server = SmtpServer::start().await;
    let message = Message { to_name: "李小龍 שרה".into(), text: "“Grüße” ".repeat(400), ..mail() };
    mailer(&server).send(Message { to: "juergen@bücher.example".into(), ..message.clone() }).await.unwrap();
    let taken = server.taken().remove(0);
    assert_eq!(taken.to, "TO:<juergen@xn--bcher-kva.example>");
    assert!(taken.bytes.is_ascii());
    assert!(taken.bytes.lines().all(|line| line.len() <= 998), "RFC 5322, 2.1.1");
    // Before the @ there is no way around SMTPUTF8, which this server does not offer.
    let failure = mailer(&server).send(Message { to: "jürgen@postern.example".into(), ..message }).await;
    assert_eq!(failure, Err(Failure::Refused { code: 553 }));
}

on_each_database!(a_refusal_at_any_step_is_shown_to_the_administrator, async |world| {
    let server = SmtpServer::start().await;
    let account = world.account("Northwind").await;
    let chiara = world.user("Chiara").with_totp().admin_of(&account).await;
    let dmitri = world.user("Dmitri").with_totp().manager_of(&account).await;
    let admin = world.sign_in(&chiara).await;
    let on = world.backend.database.read();
    let id = mfa_reset::request(&world.backend, &admin, account.scope, dmitri.id, &Reason::none()).await.unwrap().0;
    for (step, code) in [(Step::Mail, 553), (Step::Rcpt, 550), (Step::Data, 554), (Step::Dot, 552)] {
        server.agree();
        server.at(step, Difficulty::Answer(code));
        worker::run_due(&world.backend, &mailer(&server)).await.unwrap();
        let delivery = outbox::delivery(on, MailKind::MfaResetRequest, &[id]).await.unwrap();
        assert_eq!(delivery[&id], Delivery::Refused { code }, "{step:?}");
        world.advance(Duration::from_secs(61));
        mfa_reset::resend(&world.backend, &admin, account.scope, dmitri.id).await.unwrap();
    }
    server.agree();
    worker::run_due(&world.backend, &mailer(&server)).await.unwrap();
    let delivery = outbox::delivery(on, MailKind::MfaResetRequest, &[id]).await.unwrap();
    assert_eq!(delivery[&id], Delivery::Sent);
    assert_eq!(server.taken().len(), 1);
});

on_each_database!(a_process_that_dies_before_it_noted_the_250_sends_the_same_mail_again, async |world| {
    let server = SmtpServer::start().await;
    server.at(Step::Dot, Difficulty::Slow(Duration::from_secs(60)));
    let ann = world.user("Ann").await;
    let on = world.backend.database.begin().await.unwrap();
    outbox::enqueue(&on, &world.backend, world.now(), MailKind::PasswordChanged, ann.id, None).await.unwrap();
    on.commit().await.unwrap();
    let (dying, taker) = (world.backend.clone(), mailer(&server));
    let dying = tokio::spawn(async move { worker::run_due(&dying, &taker).await });
    while server.taken().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    dying.abort();
    server.agree();
    world.advance(Duration::from_secs(20));
    assert_eq!(worker::run_due(&world.other_server, &mailer(&server)).await.unwrap(), 1);
    let ids: Vec<String> = server
        .taken()
        .iter()
        .map(|mail| mail.bytes.lines().find(|line| line.starts_with("Message-ID:")).unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
});
