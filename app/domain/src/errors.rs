//! What can go wrong, as data. The texts are in the message files; here are the cases, one closed list for browser and
//! server. Statuses: [`crate::policy::Denied`] 403 or 404, [`Conflict`] 409, [`FieldErrors`] 422.

use crate::{mfa_reset, passwords::PasswordProblem, person::TextProblem};
use serde::{Deserialize, Serialize};

/// The state of things says no, though the person may ask.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Conflict {
    /// The reset is no longer, or not yet, in a state that allows this.
    #[error("the reset is {0:?}")]
    ResetIs(mfa_reset::State),
    /// There is no open reset to act on.
    #[error("no open reset")]
    NoOpenReset,
    /// The last method cannot be removed where one is required.
    #[error("the last method cannot be removed")]
    LastMethod,
    /// The last phishing-resistant method cannot be removed where only such are accepted.
    #[error("the last phishing-resistant method cannot be removed")]
    LastPhishingResistant,
    /// A first authenticator exists already; another one is added after step-up.
    #[error("an authenticator exists already")]
    AlreadyEnrolled,
    /// The enrolment was begun elsewhere, too long ago, or under an older epoch: begin again.
    #[error("the enrolment is void")]
    EnrolmentVoid,
    /// The link was used, replaced, or is too old: ask for a new one.
    #[error("the link is void")]
    LinkVoid,
    /// The step is not what this session waits for.
    #[error("not what this session waits for")]
    OutOfOrder,
    /// The invitation is no longer in a state that allows this.
    #[error("the invitation is {0:?}")]
    InvitationIs(crate::invitations::InvitationState),
    /// What was to be loosened was called off, or took effect.
    #[error("nothing is to be loosened")]
    NothingToCallOff,
    /// Paid accounts keep the requirement.
    #[error("the plan keeps the requirement on")]
    PlanRequiresMfa,
    /// The address belongs to a user already.
    #[error("the address is taken")]
    AddressTaken,
    /// Who lets in only phishing-resistant methods has proven who they are by one.
    #[error("a proof by an own phishing-resistant method comes first")]
    NeedsPasskeyFirst,
    /// Passkeys belong to a name, and this server is reached by a number.
    #[error("passkeys need a host name")]
    PasskeysNeedAName,
    /// No text messages: the operator has set up no gateway, or some place of the person does not accept them.
    #[error("text messages are not offered")]
    SmsNotOffered,
    /// The gateway did not take the message, or did not say so in time.
    #[error("the text message did not leave")]
    SmsNotSent,
    /// Members have the role, or are invited as that: it is not done away with.
    #[error("{holders} have the role or are invited as that")]
    RoleInUse {
        /// So many.
        holders: u64,
    },
    /// Accounts are linked to the portfolio: it is not closed over their heads.
    #[error("{accounts} accounts are linked")]
    StillLinked {
        /// So many.
        accounts: u64,
    },
    /// Somebody else changed it meanwhile: look again.
    #[error("changed meanwhile")]
    ChangedMeanwhile,
}

/// A field of a form.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "named as the fields of the forms are")]
pub enum Field {
    Email,
    Password,
    Code,
    BackupCode,
    Name,
    Description,
    Permissions,
    Reason,
    Number,
    Approver,
    Wait,
    OwnerWait,
    Users,
    Account,
    Role,
    Language,
    TimeZone,
    Passkey,
    TrustDays,
    Country,
    PhoneNumber,
    /// For how many days somebody may go on without a second factor.
    GraceDays,
}

/// What is wrong with a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// The text is not of its form.
    Text(TextProblem),
    /// The new password is refused.
    Password(PasswordProblem),
    /// Address and password do not belong together. Unknown, locked and deactivated look the same.
    SignInRefused,
    /// The code is wrong or used; for an authenticator app, the device's clock may be off.
    WrongCode,
    /// The code was right once: it is too old, or had too many tries. A new one is needed.
    DeadCode,
    /// The passkey's answer does not fit: another challenge, place or key, or too late. Beginning again helps.
    PasskeyRefused,
    /// The passkey is bound already, here or by somebody else.
    PasskeyTaken,
    /// The passkey is a second step only, as its owner chose.
    PasskeySecondStep,
    /// The passkey's counter did not grow: it may have been copied (WebAuthn §6.1.1).
    PasskeyCopied,
    /// The address is the one in use.
    SameAddress,
    /// Another role has this name.
    NameTaken,
    /// Nothing known by this value.
    Unknown,
    /// Who has this address is a member here.
    AlreadyMember,
    /// Who has this address is a member here, and shut out.
    DeactivatedMember,
    /// An invitation to this address is pending here.
    AlreadyInvited,
    /// No telephone number of this country.
    NotANumber,
    /// A number that takes no text messages: a landline, say, or one that costs whoever writes to it.
    TakesNoTexts,
    /// The number is among the person's methods already.
    NumberTaken,
    /// The number that the asker tells is another one.
    WrongNumber {
        /// How many tries there are still.
        left: u8,
    },
}

/// Every field that is wrong, with what is wrong with it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FieldErrors(pub Vec<(Field, Problem)>);

impl FieldErrors {
    /// One field is wrong.
    pub fn one(field: Field, problem: Problem) -> Self {
        Self(vec![(field, problem)])
    }

    /// What is wrong with `field`, if anything is.
    pub fn of(&self, field: Field) -> Option<Problem> {
        self.0.iter().find(|(at, _)| *at == field).map(|(_, problem)| *problem)
    }
}
