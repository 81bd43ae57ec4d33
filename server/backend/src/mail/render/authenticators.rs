//! The mails about a person's own second factors.

use super::Pen;
use crate::{
    Result,
    mail::{
        letter::{Letter, Section},
        plain::plain,
    },
    store::mail as rows,
};
use domain::authenticators::FactorKind;

impl Pen<'_> {
    /// Of a method that is gone by now only the time is told.
    pub(super) async fn authenticator(&self, what: &str) -> Result<Letter> {
        let on = self.backend.database.read();
        let say = |key: &str| self.say(&format!("authenticators.authenticator_{what}.{key}"), &[]);
        let mut facts = vec![self.at("mail.fact.at", self.row.enqueued_at)];
        let method = match self.row.subject_id {
            Some(id) => rows::authenticator(on, id).await?,
            None => None,
        };
        facts.extend(method.map(|method| {
            let kind = FactorKind::of_key(&method.kind).map(|kind| self.words.factor(kind)).unwrap_or_default();
            self.fact("mail.fact.method", format!("{kind}, {}", plain(&method.name)))
        }));
        Ok(Letter { lead: vec![say("lead")], facts, sections: vec![self.wasnt_you()], ..self.letter(say("subject")) })
    }

    pub(super) fn backup_codes_made(&self) -> Letter {
        let say = |key: &str| self.say(&format!("authenticators.backup_codes_made.{key}"), &[]);
        Letter {
            lead: vec![say("lead")],
            facts: vec![self.at("mail.fact.at", self.row.enqueued_at)],
            sections: vec![self.wasnt_you()],
            ..self.letter(say("subject"))
        }
    }

    pub(super) async fn backup_code_used(&self) -> Result<Letter> {
        let on = self.backend.database.read();
        let left = rows::backup_codes_left(on, self.to.id, self.row.enqueued_at).await?;
        let say =
            |key: &str| self.say(&format!("authenticators.backup_code_used.{key}"), &[("left", &left.to_string())]);
        let how_many = say(match left {
            0 => "left_0",
            1 => "left_1",
            _ => "left_many",
        });
        let left = Section { heading: say("left_heading"), text: how_many, link: Some(self.page("me/security")) };
        Ok(Letter {
            lead: vec![say("lead")],
            facts: vec![self.at("mail.fact.at", self.row.enqueued_at)],
            sections: vec![left, self.wasnt_you()],
            ..self.letter(say("subject"))
        })
    }
}
