//! Where somebody goes after a step in between: signing in, proving identity again. It is named in the address of the
//! step, where anyone can write, so only a plain path of this site is taken; anything else is dropped without a word,
//! and the person goes to the start. Nothing is allowed by it: the page it leads to asks for itself.

use crate::paths;
use domain::{scope::Scope, sessions::Standing};
use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_query_map};
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// A page of this site, or none.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub(crate) struct Next(Option<String>);

/// Pages that are only on the way.
const STEPS: [&str; 11] = [
    "/sign-in",
    "/sign-in/device",
    "/sign-in/mfa",
    "/sign-in/mfa/sms",
    "/sign-in/passkey",
    "/enrol",
    "/enrol/passkey",
    "/enrol/sms",
    "/enrol/sms/code",
    "/step-up",
    "/me/security/backup-codes",
];

/// Longer ones are nobody's bookmark.
const LONGEST: usize = 1024;

impl Next {
    /// To this page of ours.
    pub(crate) fn to(path: impl Into<String>) -> Self {
        Self::from(path.into())
    }

    /// The page, if one is named.
    pub(crate) fn path(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// As the value of a form's field.
    pub(crate) fn field(&self) -> String {
        self.0.clone().unwrap_or_default()
    }

    /// `path`, which names this page as the one to go to afterwards; unless it is that page.
    pub(crate) fn carried_by(&self, path: String) -> String {
        match &self.0 {
            Some(next) if next.split('?').next() == Some(path.as_str()) => next.clone(),
            Some(next) => format!("{path}?next={}", encoded(next)),
            None => path,
        }
    }

    /// The address for a session that stands so: the step that comes first, or the page; without one, `scope`.
    pub(crate) fn step(&self, standing: Standing, scope: Option<Scope>) -> String {
        match standing {
            Standing::AwaitingDeviceCode => self.carried_by(paths::sign_in_device()),
            Standing::AwaitingMfa => self.carried_by(paths::sign_in_mfa()),
            Standing::EnrolOnly => self.carried_by(paths::enrol()),
            Standing::EnrolPhishingResistant => self.carried_by(paths::enrol_passkey()),
            Standing::NeedsSso(_) => self.carried_by(paths::sign_in()),
            Standing::Enter => self.0.clone().or_else(|| scope.map(paths::overview)).unwrap_or_else(paths::home),
        }
    }
}

impl From<String> for Next {
    fn from(text: String) -> Self {
        Self(is_own_page(&text).then_some(text))
    }
}

impl From<Next> for String {
    fn from(next: Next) -> Self {
        next.0.unwrap_or_default()
    }
}

/// A path with a query at most, in the characters that RFC 3986 gives to them: no scheme, no host, no backslash that a
/// browser would read as a slash, and not a server function.
fn is_own_page(text: &str) -> bool {
    let path = text.split('?').next().unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/?&=%:@!$'()*+,;".contains(c);
    path.starts_with('/')
        && !path.contains("//")
        && !path.starts_with("/api/")
        && text.len() <= LONGEST
        && text.chars().all(plain)
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => encoded.push(byte.into()),
            _ => _ = write!(encoded, "%{byte:02X}"),
        }
        encoded
    })
}

/// The page named in the present address.
pub(crate) fn use_next() -> Next {
    Next::from(use_query_map().read_untracked().get("next").unwrap_or_default())
}

/// The present page, to come back to. A step in between is not one; what it was to lead to is.
pub(crate) fn use_this_page() -> Next {
    let path = use_location().pathname.get_untracked();
    let is_step = path == paths::home() || STEPS.iter().any(|step| path == *step);
    if is_step { use_next() } else { use_this_address() }
}

/// The present page, step or not, without what it says of the time before.
pub(crate) fn use_this_address() -> Next {
    let location = use_location();
    let (path, search) = (location.pathname.get_untracked(), location.search.get_untracked());
    let is_outcome = |pair: &&str| ["__path=", "__err=", "done="].iter().any(|name| pair.starts_with(name));
    let kept: Vec<_> = search.split('&').filter(|pair| !pair.is_empty() && !is_outcome(pair)).collect();
    Next::to(if kept.is_empty() { path } else { format!("{path}?{}", kept.join("&")) })
}

/// What was just done, as a word in the present address (see [`paths::done`]); each page knows its own.
pub(crate) fn use_done() -> Memo<Option<String>> {
    let query = use_query_map();
    Memo::new(move |_| query.read().get("done"))
}

/// The field of a form by which the page travels on.
#[component]
pub(crate) fn NextField(next: Next) -> impl IntoView {
    view! { <input type="hidden" name="next" value=next.field()/> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_this_site_are_taken() {
        for path in ["/me/security", "/a/1/settings/users?q=ada&mfa=off", "/", "/a/1/x?q=%2F%2F"] {
            assert_eq!(Next::to(path).path(), Some(path));
        }
    }

    #[test]
    fn everything_else_is_dropped() {
        let long = format!("/{}", "a".repeat(LONGEST));
        for path in [
            "",
            "me",
            "//evil.example",
            "/.//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example/",
            "javascript:alert(1)",
            " /me",
            "/me\nSet-Cookie: a=b",
            "/\t/evil.example",
            "/mé",
            "/me#top",
            "/api/app/sessions/api/end_others",
            &long,
        ] {
            assert_eq!(Next::to(path).path(), None, "{path:?}");
        }
    }

    #[test]
    fn it_travels_whole_in_the_address_of_a_step() {
        let next = Next::to("/a/1/settings/users?q=a&mfa=off");
        assert_eq!(next.carried_by(paths::sign_in()), "/sign-in?next=/a/1/settings/users%3Fq%3Da%26mfa%3Doff");
        assert_eq!(Next::default().carried_by(paths::sign_in()), "/sign-in");
        let enrolment = Next::to("/enrol?next=/me/security");
        assert_eq!(enrolment.carried_by(paths::enrol()), "/enrol?next=/me/security", "not before itself");
    }

    #[test]
    fn each_standing_has_its_step() {
        let (nowhere, page) = (Next::default(), Next::to("/me/sessions"));
        let scope: Scope = "a/0198f3a0-0000-7000-8000-000000000001".parse().unwrap();
        assert_eq!(page.step(Standing::AwaitingDeviceCode, None), "/sign-in/device?next=/me/sessions");
        assert_eq!(page.step(Standing::AwaitingMfa, Some(scope)), "/sign-in/mfa?next=/me/sessions");
        assert_eq!(nowhere.step(Standing::EnrolOnly, Some(scope)), "/enrol");
        assert_eq!(page.step(Standing::EnrolPhishingResistant, None), "/enrol/passkey?next=/me/sessions");
        assert_eq!(page.step(Standing::Enter, Some(scope)), "/me/sessions");
        assert_eq!(nowhere.step(Standing::Enter, Some(scope)), paths::overview(scope));
        assert_eq!(nowhere.step(Standing::Enter, None), "/");
    }
}
