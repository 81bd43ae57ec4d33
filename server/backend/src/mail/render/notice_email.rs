//! The mails about a second address for notices: the code that proves it, and what became of it.

use super::Pen;
use crate::{
    Result,
    crypto::{Nonce, Purpose},
    mail::letter::{Letter, Section},
    store::{self, mail as rows},
};
use domain::ids::UserId;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

/// The address to be proven, or nothing that a mail could be sent to.
pub(super) async fn address(on: &impl ConnectionTrait, id: Option<Uuid>) -> Result<String> {
    let Some(id) = id else { return Ok(String::new()) };
    Ok(rows::notice_email_code(on, id).await?.map(|code| code.email).unwrap_or_default())
}

impl Pen<'_> {
    /// Who reads there may be a stranger: it says nothing of the person.
    pub(super) async fn notice_email_code(&self) -> Result<Option<Letter>> {
        let on = self.backend.database.read();
        let Some(id) = self.row.subject_id else { return Ok(None) };
        let Some(code) = rows::notice_email_code(on, id).await? else { return Ok(None) };
        let Some(person) = store::user::by_id(on, UserId(code.user_id)).await? else { return Ok(None) };
        if code.used_at.is_some() || self.now.ms() >= code.expires_at || code.epoch != person.epoch {
            return Ok(None);
        }
        let host = self.host();
        let say = |key: &str| self.say(&format!("notice_email.code.{key}"), &[("host", &host)]);
        let digits = self.backend.keys.digits(Purpose::NoticeEmail, code.id, Nonce::from_slice(&code.nonce), 6);
        let unknown = Section { heading: say("unknown.heading"), text: say("unknown.text"), link: None };
        Ok(Some(Letter {
            lead: vec![say("lead")],
            code: Some(digits.to_string()),
            facts: vec![self.at("mail.fact.until", code.expires_at)],
            sections: vec![unknown, self.fraud()],
            ..self.letter(say("subject"))
        }))
    }

    /// Where the session that proved it has ended since, only the time is told.
    pub(super) async fn notice_email_set(&self) -> Result<Letter> {
        let code = match self.row.subject_id {
            Some(id) => rows::notice_email_code(self.backend.database.read(), id).await?,
            None => None,
        };
        let mut facts: Vec<_> =
            code.map(|code| self.fact("notice_email.fact.second", code.email)).into_iter().collect();
        facts.push(self.at("mail.fact.at", self.row.enqueued_at));
        let say = |key: &str| self.say(&format!("notice_email.set.{key}"), &[]);
        Ok(Letter { lead: vec![say("lead")], facts, sections: vec![self.wasnt_you()], ..self.letter(say("subject")) })
    }

    pub(super) fn notice_email_removed(&self) -> Letter {
        let say = |key: &str| self.say(&format!("notice_email.removed.{key}"), &[]);
        Letter {
            lead: vec![say("lead")],
            facts: vec![self.at("mail.fact.at", self.row.enqueued_at)],
            sections: vec![self.wasnt_you()],
            ..self.letter(say("subject"))
        }
    }
}
