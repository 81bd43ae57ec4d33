//! The mails of signing in.

use super::Pen;
use crate::{
    Result,
    crypto::{Nonce, Purpose},
    mail::{
        letter::{Letter, Section},
        plain::plain,
    },
    store::mail as rows,
};

impl Pen<'_> {
    pub(super) async fn device_code(&self) -> Result<Option<Letter>> {
        let on = self.backend.database.read();
        let Some(id) = self.row.subject_id else { return Ok(None) };
        let Some((code, session)) = rows::device_code(on, id).await? else { return Ok(None) };
        if code.used_at.is_some() || self.now.ms() >= code.expires_at || code.epoch != self.to.epoch {
            return Ok(None);
        }
        let say = |key: &str| self.say(&format!("sign_in.device_code.{key}"), &[]);
        let digits = self.backend.keys.digits(Purpose::DeviceCode, code.id, Nonce::from_slice(&code.nonce), 6);
        let mut facts = vec![self.fact("mail.fact.device", plain(&session.device))];
        facts.extend(session.place.map(|place| self.fact("mail.fact.place", plain(&place))));
        facts.push(self.at("mail.fact.at", code.created_at));
        facts.push(self.at("mail.fact.until", code.expires_at));
        let wasnt_you = Section {
            heading: say("wasnt_you.heading"),
            text: say("wasnt_you.text"),
            link: Some(self.page("forgot-password")),
        };
        Ok(Some(Letter {
            lead: vec![say("lead")],
            code: Some(digits.to_string()),
            facts,
            sections: vec![wasnt_you],
            ..self.letter(say("subject"))
        }))
    }

    /// Of a device that was removed by now only the time is told.
    pub(super) async fn new_device(&self, kind: &str) -> Result<Letter> {
        let say = |key: &str| self.say(&format!("sign_in.new_device.{key}"), &[]);
        let device = match self.row.subject_id {
            Some(id) => rows::known_device(self.backend.database.read(), id).await?,
            None => None,
        };
        let mut facts = Vec::new();
        if let Some(device) = device {
            facts.push(self.fact("mail.fact.device", plain(&device.device)));
            facts.extend(device.place.map(|place| self.fact("mail.fact.place", plain(&place))));
        }
        facts.push(self.at("mail.fact.at", self.row.enqueued_at));
        let section = |of: &str, page: &str| Section {
            heading: say(&format!("{of}.heading")),
            text: say(&format!("{of}.text")),
            link: Some(self.page(page)),
        };
        let sections = vec![section("was_you", "me/sessions"), section("wasnt_you", "forgot-password"), self.fraud()];
        let own = |key: &str| self.say(&format!("sign_in.{kind}.{key}"), &[]);
        Ok(Letter { lead: vec![own("lead")], facts, sections, ..self.letter(own("subject")) })
    }

    pub(super) fn password_known(&self) -> Letter {
        let say = |key: &str| self.say(&format!("sign_in.password_known.{key}"), &[]);
        let wasnt_you = Section {
            heading: say("wasnt_you.heading"),
            text: say("wasnt_you.text"),
            link: Some(self.page("forgot-password")),
        };
        Letter {
            lead: vec![say("lead")],
            facts: vec![self.at("mail.fact.at", self.row.enqueued_at)],
            sections: vec![wasnt_you, self.fraud()],
            ..self.letter(say("subject"))
        }
    }
}
