//! Who is calling, and what the browser is told besides the page: the one place that knows a request. A server function
//! begins with [`caller`], or with [`anonymous`] where a stranger may knock, so that one search lists the public doors.
//!
//! Compiled for both sides; in the browser there is no request, and what is for pages does nothing.

#[cfg(feature = "ssr")]
mod device;

#[cfg(feature = "ssr")]
pub use server_side::*;

/// The status of the page being rendered. In the browser a page has none.
pub fn set_page_status(status: u16) {
    #[cfg(feature = "ssr")]
    server_side::set_status(status);
    #[cfg(not(feature = "ssr"))]
    let _ = status;
}

/// Light or dark, where the reader has said which: for the document, so that no page is first the one and then the other.
#[cfg(feature = "ssr")]
pub(crate) fn theme() -> domain::theme::Theme {
    server_side::kept_theme()
}

/// Tells scripts and impatient browsers when to come back.
pub fn set_page_retry_after(seconds: u32) {
    #[cfg(feature = "ssr")]
    server_side::set_retry_after(seconds);
    #[cfg(not(feature = "ssr"))]
    let _ = seconds;
}

/// Where people are sent who are stuck, if the operator has said so. On the server from the settings; in the browser from
/// the document that the server wrote.
pub fn support_url() -> Option<String> {
    let url = crate::ui::of_document("support");
    #[cfg(feature = "ssr")]
    let url = url.or_else(|| server_side::backend().ok()?.settings.support_url.clone());
    url
}

#[cfg(feature = "ssr")]
mod server_side {
    use super::device::device;
    use crate::{error::AppError, messages::Language};
    use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
    use backend::{
        Backend, Caller, Visitor,
        crypto::{DeviceToken, ReturnToken, SessionToken},
        sign_in::SignedIn,
    };
    use domain::theme::Theme;
    use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header, request::Parts};
    use leptos::prelude::use_context;
    use leptos_axum::ResponseOptions;
    use std::{net::IpAddr, time::Duration};

    /// The sender's network address, as `server` worked it out; put into the request's extensions by it.
    #[derive(Clone, Copy, Debug)]
    pub struct ClientAddress(pub IpAddr);

    /// The number under which the log knows a request; put into the request's extensions by `server`.
    #[derive(Clone, Debug)]
    pub struct RequestId(pub String);

    /// Somebody who is signed in, perhaps halfway: what they may do is asked of policy, by the use case.
    pub async fn caller() -> Result<Caller, AppError> {
        Ok(backend::sessions::caller(&backend()?, &anonymous()).await?)
    }

    /// Anybody: what the request says of itself.
    pub fn anonymous() -> Visitor {
        let Some(parts) = use_context::<Parts>() else { return Visitor::default() };
        let jar = CookieJar::from_headers(&parts.headers);
        let names = names();
        let cookie = |name: &str| jar.get(name).map(|cookie| cookie.value().to_owned());
        let visitor = Visitor {
            address: parts.extensions.get::<ClientAddress>().map(|address| address.0),
            device: device(header(&parts.headers, header::USER_AGENT).unwrap_or_default()),
            session: cookie(names.session).and_then(|value| SessionToken::parse(&value)),
            known_device: cookie(names.device).and_then(|value| DeviceToken::parse(&value)),
            returning: cookie(names.returning).and_then(|value| ReturnToken::parse(&value)),
            language: header(&parts.headers, header::ACCEPT_LANGUAGE)
                .map(|accepted| Language::chosen(None, None, Some(accepted)).tag().to_owned()),
            time_zone: cookie(TIME_ZONE),
            ..Visitor::default()
        };
        match use_context::<Backend>() {
            Some(backend) => visitor.located_by(&backend),
            None => visitor,
        }
    }

    /// The use cases.
    pub fn backend() -> Result<Backend, AppError> {
        use_context::<Backend>().ok_or(AppError::Internal { request_id: None })
    }

    /// In which language to answer: what the address says (`?lang=de`, as mailed links do), then what the browser keeps,
    /// then what it accepts.
    pub fn language_of(uri: &Uri, headers: &HeaderMap) -> Language {
        let accepted = header(headers, header::ACCEPT_LANGUAGE);
        Language::chosen(said_language(uri), kept_language(headers).as_deref(), accepted)
    }

    /// Called while a page is rendered: the language that its address says is kept for the pages after it.
    pub fn keep_said_language() {
        let Some(parts) = use_context::<Parts>() else { return };
        let said = said_language(&parts.uri).and_then(Language::of).map(Language::tag);
        if let Some(said) = said.filter(|said| kept_language(&parts.headers).as_deref() != Some(*said)) {
            set_cookie(LANGUAGE, said.to_owned(), Some(LANGUAGE_TTL));
        }
    }

    /// Keeps a person's language, if it is known, in the browser, which from then on is answered in it: also where the address
    /// says another. Where it was set elsewhere, the page after this one is the first to speak it.
    pub fn keep_language(tag: &str) {
        let Some(parts) = use_context::<Parts>() else { return };
        // What the address says is about to be kept, see [`keep_said_language`].
        let said = said_language(&parts.uri).and_then(Language::of).map(|said| said.tag().to_owned());
        let kept = said.or_else(|| kept_language(&parts.headers));
        if !tag.is_empty() && kept.as_deref() != Some(tag) {
            set_cookie(LANGUAGE, tag.to_owned(), Some(LANGUAGE_TTL));
        }
    }

    /// Keeps how pages look to a person in the browser, which from then on is answered so. Where it was set elsewhere, the page
    /// after this one is the first to show it.
    pub fn keep_theme(theme: Theme) {
        if theme == kept_theme() {
            return;
        }
        match theme {
            Theme::Device => set_cookie(THEME, String::new(), Some(Duration::ZERO)),
            Theme::Light | Theme::Dark => set_cookie(THEME, theme.key().to_owned(), Some(THEME_TTL)),
        }
    }

    pub(super) fn kept_theme() -> Theme {
        let Some(parts) = use_context::<Parts>() else { return Theme::Device };
        let jar = CookieJar::from_headers(&parts.headers);
        jar.get(THEME).map_or(Theme::Device, |cookie| Theme::of_key(cookie.value()))
    }

    fn said_language(uri: &Uri) -> Option<&str> {
        uri.query()?.split('&').find_map(|pair| pair.strip_prefix("lang="))
    }

    fn kept_language(headers: &HeaderMap) -> Option<String> {
        CookieJar::from_headers(headers).get(LANGUAGE).map(|cookie| cookie.value().to_owned())
    }

    /// Keeps what a step of the sign-in gave: the session in its new cookie, the device in its own, language and theme.
    pub fn keep(signed_in: &SignedIn) {
        let names = names();
        keep_language(&signed_in.language);
        keep_theme(signed_in.theme);
        set_cookie(names.session, signed_in.session.expose(), None);
        if let Some(device) = &signed_in.known_device {
            set_cookie(names.device, device.expose(), Some(KNOWN_DEVICE_TTL));
        }
        if signed_in.used_return {
            set_cookie(names.returning, String::new(), Some(Duration::ZERO));
        }
    }

    /// Remembers that this browser accepted an MFA reset.
    pub fn keep_return(token: &ReturnToken) {
        set_cookie(names().returning, token.expose(), Some(RETURN_TTL));
    }

    /// Forgets the session.
    pub fn forget_session() {
        set_cookie(names().session, String::new(), Some(Duration::ZERO));
    }

    /// Forgets all that this browser keeps of a person who is no more.
    pub fn forget_person() {
        let names = names();
        for name in [names.session, names.device, names.returning, THEME] {
            set_cookie(name, String::new(), Some(Duration::ZERO));
        }
    }

    /// The browser keeps its name for a year; the server may forget it sooner.
    const KNOWN_DEVICE_TTL: Duration = Duration::from_secs(365 * 24 * 3600);
    /// A day for the sign-in, after up to three for the waiting time; the server looks at the day itself.
    const RETURN_TTL: Duration = Duration::from_secs(4 * 24 * 3600);
    const LANGUAGE: &str = "language";
    const LANGUAGE_TTL: Duration = KNOWN_DEVICE_TTL;
    const THEME: &str = "theme";
    const THEME_TTL: Duration = KNOWN_DEVICE_TTL;
    /// Written by the page; says nothing that a script may not know.
    const TIME_ZONE: &str = "time_zone";

    struct Names {
        session: &'static str,
        device: &'static str,
        returning: &'static str,
    }

    /// `__Host-` binds a cookie to https and to this very host; browsers refuse it on plain http, which is allowed for
    /// loopback only.
    fn names() -> Names {
        if is_https() {
            Names { session: "__Host-postern", device: "__Host-postern-device", returning: "__Host-postern-return" }
        } else {
            Names { session: "postern", device: "postern-device", returning: "postern-return" }
        }
    }

    fn is_https() -> bool {
        use_context::<Backend>().is_none_or(|backend| backend.settings.public_url.starts_with("https:"))
    }

    fn set_cookie(name: &'static str, value: String, keep: Option<Duration>) {
        let mut cookie =
            Cookie::build((name, value)).path("/").http_only(true).same_site(SameSite::Lax).secure(is_https());
        if let Some(keep) = keep.and_then(|keep| keep.try_into().ok()) {
            cookie = cookie.max_age(keep);
        }
        let header = HeaderValue::from_str(&cookie.build().to_string());
        if let (Some(response), Ok(header)) = (use_context::<ResponseOptions>(), header) {
            response.append_header(header::SET_COOKIE, header);
        }
    }

    pub(super) fn set_status(status: u16) {
        if let (Some(response), Ok(status)) = (use_context::<ResponseOptions>(), StatusCode::from_u16(status)) {
            response.set_status(status);
        }
    }

    pub(super) fn set_retry_after(seconds: u32) {
        if let Some(response) = use_context::<ResponseOptions>() {
            response.insert_header(header::RETRY_AFTER, seconds.into());
        }
    }

    fn header(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
        headers.get(name)?.to_str().ok()
    }

    impl From<backend::Error> for AppError {
        fn from(error: backend::Error) -> Self {
            use backend::Error as E;
            match error {
                E::NotSignedIn => Self::NotSignedIn,
                E::Unfinished(standing) => Self::Unfinished(standing),
                E::Denied(denied) => Self::Denied(denied),
                E::NotFound => Self::NotFound,
                E::Conflict(conflict) => Self::Conflict(conflict),
                E::Invalid(fields) => Self::Invalid(fields),
                E::Throttled { retry_after } => {
                    Self::Throttled { retry_after_seconds: retry_after.as_secs().try_into().unwrap_or(u32::MAX).max(1) }
                }
                E::Internal(source) => {
                    let request_id = use_context::<Parts>()
                        .and_then(|parts| parts.extensions.get::<RequestId>().map(|id| id.0.clone()));
                    tracing::error!(request_id, error = %source, "internal error");
                    Self::Internal { request_id }
                }
            }
        }
    }
}
