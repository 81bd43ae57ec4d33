//! The mails of a change of address: to both mailboxes before, and to the former one after.

use super::Pen;
use crate::{
    Result, email_change,
    mail::{
        letter::{Action, Letter, Section},
        plain::plain,
    },
    store::{self, entity::outbox, mail as rows},
};
use domain::{
    email_change::{EmailChangeState, Mailbox},
    ids::UserId,
};
use sea_orm::ConnectionTrait;

/// The address of one of the two mailboxes, or nothing that a mail could be sent to.
pub(super) async fn mailbox(on: &impl ConnectionTrait, row: &outbox::Model, which: Mailbox) -> Result<String> {
    let Some(id) = row.subject_id else { return Ok(String::new()) };
    let change = rows::email_change(on, id).await?;
    Ok(change.map_or_else(String::new, |change| match which {
        Mailbox::Present => change.present_email,
        Mailbox::New => change.new_email,
    }))
}

impl Pen<'_> {
    /// To one of the two, where it says yes or no.
    pub(super) async fn email_change(&self, mailbox: Mailbox) -> Result<Option<Letter>> {
        let on = self.backend.database.read();
        let Some(id) = self.row.subject_id else { return Ok(None) };
        let Some(change) = rows::email_change(on, id).await? else { return Ok(None) };
        let Some(person) = store::user::by_id(on, UserId(change.user_id)).await? else { return Ok(None) };
        if email_change::state(&change, &person, mailbox, self.now) != EmailChangeState::Open
            || (mailbox == Mailbox::New && email_change::is_taken(on, &change).await?)
        {
            return Ok(None);
        }
        let which = match mailbox {
            Mailbox::Present => "present",
            Mailbox::New => "new",
        };
        let host = self.host();
        let values = [("host", host.as_str()), ("email", change.new_email.as_str())];
        let say = |key: &str| self.say(&format!("email_change.{which}.{key}"), &values);
        let token = email_change::link(self.backend, &change, mailbox);
        let mut facts = vec![self.fact("email_change.fact.new", change.new_email.clone())];
        // Who reads there may be a stranger.
        if mailbox == Mailbox::Present {
            facts.push(self.fact("mail.fact.device", plain(&change.device)));
            facts.extend(change.place.as_deref().map(|place| self.fact("mail.fact.place", plain(place))));
        }
        facts.push(self.at("mail.fact.until", change.expires_at));
        let other = Section { heading: say("other.heading"), text: say("other.text"), link: None };
        Ok(Some(Letter {
            lead: vec![say("lead")],
            facts,
            action: Some(Action {
                link: self.link("email-change", &token),
                label: self.say("email_change.confirm", &[]),
                other: Some(self.say("email_change.decline", &[])),
                note: self.say("email_change.note", &[]),
            }),
            sections: vec![other, self.fraud()],
            ..self.letter(say("subject"))
        }))
    }

    /// To the former one.
    pub(super) async fn email_changed(&self) -> Result<Option<Letter>> {
        let on = self.backend.database.read();
        let Some(id) = self.row.subject_id else { return Ok(None) };
        let Some(change) = rows::email_change(on, id).await? else { return Ok(None) };
        let host = self.host();
        let say = |key: &str| self.say(&format!("email_change.changed.{key}"), &[("host", &host)]);
        Ok(Some(Letter {
            lead: vec![say("lead")],
            facts: vec![
                self.fact("email_change.fact.new", change.new_email),
                self.at("mail.fact.at", self.row.enqueued_at),
            ],
            sections: vec![Section { heading: say("not_you.heading"), text: say("not_you.text"), link: None }],
            ..self.letter(say("subject"))
        }))
    }
}
