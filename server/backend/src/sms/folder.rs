//! Into a folder: in the demo, text messages are read in the same mailbox as mails.

use super::{Failure, Text};
use crate::mail::folder::{DemoMail, Folder, to_the_millisecond};

pub(super) async fn send(folder: &Folder, text: Text) -> Result<(), Failure> {
    let Text { to, body, at } = text;
    let html = format!(
        "<!doctype html><meta name=\"color-scheme\" content=\"light dark\">\
         <body style=\"font:16px/1.5 system-ui;padding:16px;white-space:pre-line\">{body}"
    );
    let digits: String = to.chars().filter(char::is_ascii_digit).collect();
    let name = format!("{:015}-sms-{digits}", at.ms());
    let mail = DemoMail { to, subject: "Text message".to_owned(), text: body, html, sent_at: to_the_millisecond(at) };
    folder.put(&name, &mail).await.map_err(|_| Failure::Unreachable)
}
