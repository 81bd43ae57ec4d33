//! What a server function answers when it cannot do what was asked: the wire error. It carries data and never text,
//! because without script it travels in the address, where anyone can write, and the page shows what it says.
//! [`AppError::status`] is the one table from error to HTTP status.

use crate::wire;
use domain::{
    errors::{Conflict, Field, FieldErrors, Problem},
    passwords::{self, PasswordProblem},
    person::TextProblem,
    policy::Denied,
    sessions::{Standing, StepUp},
};
use leptos::{
    prelude::FromServerFnError,
    server_fn::{codec::JsonEncoding, error::ServerFnErrorErr},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use std::sync::OnceLock;

/// What policy and the state of things say, and what is wrong with fields, as far as the first page does not meet it. These
/// words come with the first area that is opened ([`bring_words`]), so that nobody's first visit carries them.
static WORDS: OnceLock<Words> = OnceLock::new();

#[derive(Clone, Copy)]
struct Words {
    refusal: fn(&AppError) -> Option<&'static str>,
    problem: fn(Problem) -> String,
}

/// From now on every error has its own words. Called by each area, and by the server before it renders anything.
pub(crate) fn bring_words() {
    _ = WORDS.set(Words { refusal: refusal_text, problem: rarer_problem_text });
}

fn refusal_text(error: &AppError) -> Option<&'static str> {
    match error {
        AppError::Denied(denied) => Some(denied_text(*denied)),
        AppError::Conflict(conflict) => Some(conflict_text(*conflict)),
        _ => None,
    }
}

/// Why a request was not fulfilled.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
pub enum AppError {
    /// Nobody is signed in, or no longer.
    NotSignedIn,
    /// Somebody is half signed in: this step comes first.
    Unfinished(Standing),
    /// Policy says no.
    Denied(Denied),
    /// Not there, or not the asker's to know.
    NotFound,
    /// The state of things says no.
    Conflict(Conflict),
    /// Fields are wrong.
    Invalid(FieldErrors),
    /// What was sent is not what the form sends.
    Malformed,
    /// More was sent than any form sends.
    TooLarge,
    /// It was not sent as a form.
    NotAForm,
    /// Another site sent it, or a browser that does not say which site did.
    Foreign,
    /// Too many attempts.
    Throttled {
        /// When to try again.
        retry_after_seconds: u32,
    },
    /// Our fault; the log tells more under this id.
    Internal {
        /// The request in the log, where there is one.
        request_id: Option<String>,
    },
    /// The server could not be reached. Made by the browser only.
    Unreachable,
}

impl AppError {
    /// The HTTP status of an answer that carries this error.
    pub fn status(&self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::NotSignedIn | Self::Unfinished(_) => 401,
            Self::NotFound | Self::Denied(Denied::Unseen) => 404,
            Self::Denied(_) | Self::Foreign => 403,
            Self::Conflict(_) => 409,
            Self::TooLarge => 413,
            Self::NotAForm => 415,
            Self::Invalid(_) => 422,
            Self::Throttled { .. } => 429,
            Self::Internal { .. } => 500,
            Self::Unreachable => 503,
        }
    }

    /// From the body of an answer, which is one text in JSON.
    pub fn of_answer(body: &str) -> Self {
        wire::read(body.trim_matches('"'), |reader| Self::deserialize(reader)).unwrap_or(Self::Malformed)
    }

    /// What is wrong with one field.
    pub fn of(&self, field: Field) -> Option<Problem> {
        match self {
            Self::Invalid(fields) => fields.of(field),
            _ => None,
        }
    }

    /// What to tell the person, ending in what to do next.
    pub fn text(&self) -> String {
        match self {
            Self::NotSignedIn => tr!("error.not_signed_in").into(),
            Self::Unfinished(_) => tr!("error.unfinished").into(),
            Self::Malformed => tr!("error.malformed").into(),
            Self::TooLarge => tr!("error.too_large").into(),
            Self::NotAForm => tr!("error.not_a_form").into(),
            Self::Foreign => tr!("error.foreign").into(),
            Self::NotFound => tr!("error.not_found").into(),
            Self::Denied(_) | Self::Conflict(_) => {
                let words = WORDS.get().and_then(|words| (words.refusal)(self));
                words.unwrap_or_else(|| tr!("error.malformed")).into()
            }
            Self::Invalid(_) => tr!("error.invalid").into(),
            Self::Throttled { retry_after_seconds: seconds @ ..120 } => tr_n!("error.throttled", *seconds),
            Self::Throttled { retry_after_seconds } => {
                tr_n!("error.throttled_minutes", retry_after_seconds.div_ceil(60))
            }
            // Anybody can write an error into an address: a number may stand in it, and no words.
            Self::Internal { request_id: Some(id) } if id.len() == 16 && id.bytes().all(|b| b.is_ascii_hexdigit()) => {
                tr!("error.internal_with_id", id = id)
            }
            Self::Internal { .. } => tr!("error.internal").into(),
            Self::Unreachable => tr!("error.unreachable").into(),
        }
    }
}

/// What was typed into a field, or what is wrong with it.
pub fn entered<T>(field: Field, parsed: Result<T, TextProblem>) -> Result<T, AppError> {
    parsed.map_err(|problem| AppError::Invalid(FieldErrors::one(field, Problem::Text(problem))))
}

/// One of the choices that there are, or that it is none of them.
pub fn one_of<T>(field: Field, choice: Option<T>) -> Result<T, AppError> {
    choice.ok_or_else(|| AppError::Invalid(FieldErrors::one(field, Problem::Unknown)))
}

/// Why policy says no: the sentence that a disabled button shows.
pub fn denied_text(denied: Denied) -> &'static str {
    match denied {
        Denied::Unseen => tr!("error.not_found"),
        Denied::RoleLacks { .. } => tr!("error.denied.role_lacks"),
        Denied::Outranked => tr!("error.denied.outranked"),
        Denied::Oneself => tr!("error.denied.oneself"),
        Denied::NotActive => tr!("error.denied.not_active"),
        Denied::NothingToReset => tr!("error.denied.nothing_to_reset"),
        Denied::DailyLimit => tr!("error.denied.daily_limit"),
        Denied::OwnAuthenticatorNeeded => tr!("error.denied.own_authenticator_needed"),
        Denied::OwnRequest => tr!("error.denied.own_request"),
        Denied::MadeByAsker => tr!("error.denied.made_by_asker"),
        Denied::MadeTheAsker => tr!("error.denied.made_the_asker"),
        Denied::NotSeasoned => tr!("error.denied.not_seasoned"),
        Denied::FreshlyReset => tr!("error.denied.freshly_reset"),
        Denied::GrantsMore => tr!("error.denied.grants_more"),
        Denied::OwnMembership => tr!("error.denied.own_membership"),
        Denied::SignedOutHere => tr!("error.denied.signed_out_here"),
        Denied::OwnersAlone => tr!("error.denied.owners_alone"),
        Denied::OwnerStays => tr!("error.denied.owner_stays"),
        Denied::PaidPlanNeeded => tr!("error.denied.paid_plan_needed"),
        Denied::PlanRequiresMfa => tr!("error.plan_requires_mfa"),
        Denied::StepUpNeeded(StepUp::NeedsPassword) => tr!("error.denied.step_up_password"),
        Denied::StepUpNeeded(_) => tr!("error.denied.step_up"),
    }
}

fn conflict_text(conflict: Conflict) -> &'static str {
    match conflict {
        Conflict::ResetIs(_) => tr!("error.conflict.reset_is"),
        Conflict::NoOpenReset => tr!("error.conflict.no_open_reset"),
        Conflict::LastMethod => tr!("error.conflict.last_method"),
        Conflict::AlreadyEnrolled => tr!("error.conflict.already_enrolled"),
        Conflict::EnrolmentVoid => tr!("error.conflict.enrolment_void"),
        Conflict::LinkVoid => tr!("error.conflict.link_void"),
        Conflict::OutOfOrder => tr!("error.conflict.out_of_order"),
        Conflict::PlanRequiresMfa => tr!("error.plan_requires_mfa"),
        Conflict::AddressTaken => tr!("error.conflict.address_taken"),
        Conflict::InvitationIs(_) => tr!("error.conflict.invitation_is"),
        Conflict::NothingToCallOff => tr!("error.conflict.nothing_to_call_off"),
        Conflict::LastPhishingResistant => tr!("error.conflict.last_phishing_resistant"),
        Conflict::NeedsPasskeyFirst => tr!("error.conflict.needs_passkey_first"),
        Conflict::PasskeysNeedAName => tr!("error.conflict.passkeys_need_a_name"),
        Conflict::SmsNotOffered => tr!("error.conflict.sms_not_offered"),
        Conflict::SmsNotSent => tr!("error.conflict.sms_not_sent"),
        // Their pages say how many: these words are loaded with the first visit.
        Conflict::RoleInUse { .. } | Conflict::StillLinked { .. } | Conflict::ChangedMeanwhile => {
            tr!("error.conflict.changed_meanwhile")
        }
    }
}

/// What is wrong with a field, and how to mend it.
pub fn problem_text(problem: Problem) -> String {
    match problem {
        Problem::Text(TextProblem::Empty) => tr!("error.field.empty").into(),
        Problem::Text(TextProblem::TooLong { max }) => tr!("error.field.too_long", max = max),
        Problem::SignInRefused => tr!("error.field.sign_in_refused").into(),
        Problem::PasskeyRefused => tr!("error.field.passkey_refused").into(),
        other => WORDS.get().map_or_else(|| tr!("error.field.malformed").into(), |words| (words.problem)(other)),
    }
}

/// The same, of what no field of the first page has.
fn rarer_problem_text(problem: Problem) -> String {
    match problem {
        // Said by [`problem_text`]; and the pages that ask for telephone numbers and names of roles have better words.
        Problem::Text(_)
        | Problem::SignInRefused
        | Problem::PasskeyRefused
        | Problem::NotANumber
        | Problem::TakesNoTexts
        | Problem::NumberTaken
        | Problem::NameTaken => tr!("error.field.malformed").into(),
        Problem::Password(PasswordProblem::TooShort) => tr!("error.field.password_short", min = passwords::MIN),
        Problem::Password(PasswordProblem::TooLong) => tr!("error.field.too_long", max = passwords::MAX),
        Problem::Password(PasswordProblem::Common) => tr!("error.field.password_common").into(),
        Problem::Password(PasswordProblem::Breached) => tr!("error.field.password_breached").into(),
        Problem::Password(PasswordProblem::OwnName) => tr!("error.field.password_own_name").into(),
        Problem::WrongCode => tr!("error.field.wrong_code").into(),
        Problem::WrongNumber { left } => tr_n!("error.field.wrong_number", left),
        Problem::PasskeyTaken => tr!("error.field.passkey_taken").into(),
        Problem::PasskeySecondStep => tr!("error.field.passkey_second_step").into(),
        Problem::PasskeyCopied => tr!("error.field.passkey_copied").into(),
        Problem::DeadCode => tr!("error.field.dead_code").into(),
        Problem::SameAddress => tr!("error.field.same_address").into(),
        Problem::Unknown => tr!("error.field.unknown").into(),
        Problem::AlreadyMember => tr!("error.field.already_member").into(),
        Problem::DeactivatedMember => tr!("error.field.deactivated_member").into(),
        Problem::AlreadyInvited => tr!("error.field.already_invited").into(),
    }
}

/// As words, see [`crate::wire`]; `remote` above makes serde derive what is wrapped here.
impl Serialize for AppError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let words = wire::write(self, |error, writer| Self::serialize(error, writer)).map_err(ser::Error::custom)?;
        serializer.serialize_str(&words)
    }
}

impl<'de> Deserialize<'de> for AppError {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = String::deserialize(deserializer)?;
        wire::read(&words, |reader| Self::deserialize(reader)).map_err(de::Error::custom)
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        use ServerFnErrorErr as E;
        match error {
            E::Args(_) | E::MissingArg(_) | E::Deserialization(_) | E::Serialization(_) => Self::Malformed,
            E::Request(_) | E::UnsupportedRequestMethod(_) => Self::Unreachable,
            E::Registration(_) | E::ServerError(_) | E::MiddlewareError(_) | E::Response(_) => {
                Self::Internal { request_id: None }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_has_its_status() {
        let lacks = Denied::RoleLacks { area: domain::roles::Area::MfaReset, level: domain::roles::Level::Edit };
        for (error, status) in [
            (AppError::NotSignedIn, 401),
            (AppError::Unfinished(Standing::AwaitingMfa), 401),
            (AppError::Denied(lacks), 403),
            (AppError::Denied(Denied::StepUpNeeded(StepUp::NeedsPassword)), 403),
            (AppError::Denied(Denied::Unseen), 404),
            (AppError::NotFound, 404),
            (AppError::Conflict(Conflict::NoOpenReset), 409),
            (AppError::Invalid(FieldErrors::default()), 422),
            (AppError::Malformed, 400),
            (AppError::TooLarge, 413),
            (AppError::NotAForm, 415),
            (AppError::Foreign, 403),
            (AppError::Throttled { retry_after_seconds: 30 }, 429),
            (AppError::Internal { request_id: None }, 500),
        ] {
            assert_eq!(error.status(), status, "{error:?}");
            assert_eq!(AppError::de(error.ser()), error, "the wire keeps it: {:?}", error.ser());
        }
    }

    #[test]
    fn it_travels_as_words() {
        let two = FieldErrors(vec![
            (Field::Name, Problem::Text(TextProblem::TooLong { max: 80 })),
            (Field::Password, Problem::Password(PasswordProblem::Common)),
        ]);
        let sso = Standing::NeedsSso(domain::ids::SsoConnectionId(uuid_of(7)));
        let lacks = Denied::RoleLacks { area: domain::roles::Area::MfaReset, level: domain::roles::Level::Edit };
        for (error, words) in [
            (AppError::NotSignedIn, "not_signed_in"),
            (AppError::Denied(lacks), "denied role_lacks mfa_reset edit"),
            (AppError::Invalid(two), "invalid 2 name text too_long 80 password password common"),
            (AppError::Throttled { retry_after_seconds: 30 }, "throttled 30"),
            (AppError::Internal { request_id: Some("a 1".into()) }, "internal some x612031"),
            (AppError::Internal { request_id: None }, "internal none"),
            (
                AppError::Unfinished(sso),
                "unfinished needs_sso x30303030303030302d303030302d303030302d303030302d303030303030303030303037",
            ),
        ] {
            assert_eq!(error.ser(), format!("{words:?}"));
            assert_eq!(AppError::of_answer(&format!("{words:?}")), error);
            assert_eq!(AppError::de(error.ser()), error);
        }
    }

    fn uuid_of(number: u128) -> uuid::Uuid {
        uuid::Uuid::from_u128(number)
    }

    #[test]
    fn what_is_no_error_of_ours_is_read_as_malformed() {
        assert_eq!(AppError::de("<script>".into()), AppError::Malformed);
        for words in
            ["", "<script>", "throttled", "throttled x", "throttled 1 2", "internal some 41", "invalid 9", "denied"]
        {
            assert_eq!(AppError::de(format!("{words:?}").into()), AppError::Malformed, "{words}");
        }
    }
}
