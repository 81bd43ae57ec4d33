//! The last mail: the sign-in is deleted. There is nothing left to open, so no link is in it.

use super::Pen;
use crate::mail::letter::{Letter, Section};

impl Pen<'_> {
    pub(super) fn sign_in_deleted(&self) -> Letter {
        let host = self.host();
        let say = |key: &str| self.say(&format!("erasure.{key}"), &[("host", &host)]);
        let mut letter = self.letter(say("subject"));
        // Reference and sender; what else stands there is where to go.
        letter.footer.truncate(2);
        Letter {
            lead: vec![say("lead")],
            facts: vec![self.at("mail.fact.at", self.row.enqueued_at)],
            sections: vec![Section { heading: say("not_you.heading"), text: say("not_you.text"), link: None }],
            ..letter
        }
    }
}
