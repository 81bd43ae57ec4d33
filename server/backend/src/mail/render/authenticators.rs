//! The mails about a person's own second factors.

use super::Pen;
use crate::{
    Result,
    mail::{
        letter::{Fact, Letter, Section},
        plain::plain,
    },
    store::{self, entity::membership, mail as rows},
};
use domain::{authenticators::FactorKind, users::MembershipStatus};

impl Pen<'_> {
    /// Of a method that is gone by now only the time is told.
    pub(super) async fn authenticator(&self, what: &str) -> Result<Letter> {
        let say = |key: &str| self.say(&format!("authenticators.authenticator_{what}.{key}"), &[]);
        let facts = self.method_facts().await?;
        Ok(Letter { lead: vec![say("lead")], facts, sections: vec![self.wasnt_you()], ..self.letter(say("subject")) })
    }

    /// What to do is to remove it: its page asks for another proof.
    pub(super) async fn passkey_copied(&self) -> Result<Letter> {
        let say = |key: &str| self.say(&format!("authenticators.passkey_copied.{key}"), &[]);
        let what_to_do = Section { heading: say("do_heading"), text: say("do"), link: Some(self.page("me/security")) };
        let facts = self.method_facts().await?;
        Ok(Letter {
            lead: vec![say("lead"), say("meaning")],
            facts,
            sections: vec![what_to_do, self.wasnt_you()],
            ..self.letter(say("subject"))
        })
    }

    /// To a member who still has no second factor when the mail leaves.
    pub(super) async fn mfa_reminder(&self) -> Result<Option<Letter>> {
        let on = self.backend.database.read();
        let place = match self.row.subject_id {
            Some(id) => rows::membership(on, id).await?,
            None => None,
        };
        let is_without =
            |place: &membership::Model| place.status() == MembershipStatus::Active && place.factors().is_empty();
        let Some(place) = place.filter(is_without) else { return Ok(None) };
        let scope = store::scope_facts(on, place.scope()).await?;
        let scope_name = plain(&scope.name);
        let say = |key: &str| self.say(&format!("authenticators.mfa_reminder.{key}"), &[("scope", &scope_name)]);
        let section =
            |of: &str, link| Section { heading: say(&format!("{of}.heading")), text: say(&format!("{of}.text")), link };
        let why = if scope.mfa_rules().required { "required" } else { "why" };
        Ok(Some(Letter {
            lead: vec![say("lead")],
            sections: vec![section(why, None), section("how", Some(self.page("me/security"))), self.fraud()],
            ..self.letter(say("subject"))
        }))
    }

    async fn method_facts(&self) -> Result<Vec<Fact>> {
        let on = self.backend.database.read();
        let mut facts = vec![self.at("mail.fact.at", self.row.enqueued_at)];
        let method = match self.row.subject_id {
            Some(id) => rows::authenticator(on, id).await?,
            None => None,
        };
        facts.extend(method.map(|method| {
            let kind = FactorKind::of_key(&method.kind).map(|kind| self.words.factor(kind)).unwrap_or_default();
            self.fact("mail.fact.method", format!("{kind}, {}", plain(&method.name)))
        }));
        Ok(facts)
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
