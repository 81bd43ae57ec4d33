//! The demo's mailbox: a folder that is read back.

use backend::mail::{Failure, Mailer, Message, folder};
use domain::time::Timestamp;
use std::path::PathBuf;

/// A folder of this test's own, gone when it is dropped.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("postern-mailbox-{}-{name}", std::process::id())))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn mail(number: i64) -> Message {
    Message {
        from: "Postern <postern@localhost>".into(),
        to: "dmitri@postern.example".into(),
        to_name: "Dmitri Volkov".into(),
        subject: format!("Mail {number}"),
        text: "“Hello”\n".into(),
        html: "<p>“Hello”</p>".into(),
        message_id: format!("<{number}k7q2m4xw9@localhost>"),
        at: Timestamp::from_ms(1_795_334_400_000 + number * 7),
    }
}

#[tokio::test]
async fn mails_are_read_back_oldest_first_after_a_restart_too() {
    let place = Place::new("restart");
    let path = place.0.join("mail");
    for number in [2, 1] {
        Mailer::folder(&path).unwrap().send(mail(number)).await.unwrap();
    }
    let mails = folder::list(&path).unwrap();
    assert_eq!(mails.iter().map(|mail| mail.subject.as_str()).collect::<Vec<_>>(), ["Mail 1", "Mail 2"]);
    let first = &mails[0];
    assert_eq!(
        (first.to.as_str(), first.text.as_str(), first.html.as_str()),
        ("dmitri@postern.example", "“Hello”\n", "<p>“Hello”</p>")
    );
    assert_eq!(first.sent_at, "2026-11-22T08:00:00.007Z");
}

#[tokio::test]
async fn a_mail_is_there_for_mail_programs_too() {
    let place = Place::new("eml");
    Mailer::folder(&place.0).unwrap().send(mail(1)).await.unwrap();
    let files: Vec<_> = std::fs::read_dir(&place.0).unwrap().map(|file| file.unwrap().path()).collect();
    let eml = files.iter().find(|file| file.extension().is_some_and(|extension| extension == "eml")).unwrap();
    let eml = std::fs::read_to_string(eml).unwrap();
    assert!(eml.contains("To: \"Dmitri Volkov\" <dmitri@postern.example>\r\n"), "{eml}");
    assert_eq!(files.len(), 2, "{files:?}");
}

#[tokio::test]
async fn what_is_no_mail_is_passed_over() {
    let place = Place::new("other");
    assert!(folder::list(&place.0).unwrap().is_empty(), "a folder that is not there is an empty mailbox");
    let mailer = Mailer::folder(&place.0).unwrap();
    std::fs::write(place.0.join("half.part"), "{").unwrap();
    assert!(folder::list(&place.0).unwrap().is_empty());
    let nobody = Message { to: "nobody".into(), ..mail(1) };
    assert_eq!(mailer.send(nobody).await, Err(Failure::Refused { code: 553 }));
    mailer.check().await.unwrap();
}
