//! What only a browser can do: timers, the clipboard, the reader's own clock, focus. The one place here that is compiled
//! differently for the two sides; on the server each function does nothing, and none is called outside an effect or a
//! handler, which the server never runs.

#[cfg(feature = "hydrate")]
pub(crate) use in_browser::*;
#[cfg(not(feature = "hydrate"))]
pub(crate) use on_server::*;

#[cfg(feature = "hydrate")]
mod in_browser {
    use domain::{
        passwords::{Guessed, Weakness},
        time::Timestamp,
    };
    use gloo_timers::callback::{Interval, Timeout};
    use leptos::{
        prelude::*,
        wasm_split::{SplitLoaderError, wasm_split},
        web_sys::{
            self, Element, HtmlFormElement, MouseEvent,
            js_sys::{Array, Date, Function, Intl, JSON, Object, Promise, Reflect, Uint8Array},
        },
    };
    use send_wrapper::SendWrapper;
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use zxcvbn::{feedback::Warning, zxcvbn};

    /// Whether this is the browser's side.
    pub(crate) const IS_HERE: bool = true;

    /// Calls `tick` every so many seconds, for as long as the component lives.
    pub(crate) fn every(seconds: u32, tick: impl Fn() + 'static) {
        StoredValue::new_local(Interval::new(seconds * 1000, tick));
    }

    /// Calls `then` once after so many seconds, if the component still lives.
    pub(crate) fn after(seconds: u32, then: impl FnOnce() + 'static) {
        StoredValue::new_local(Timeout::new(seconds * 1000, then));
    }

    /// A clock that only goes forward by what has passed; its zero means nothing.
    pub(crate) fn ticks_ms() -> i64 {
        Date::now() as i64
    }

    /// The reader's own zone: its IANA name, and how far east of UTC it is at that time, in seconds.
    pub(crate) fn zone(at: Timestamp) -> Option<(String, i32)> {
        let options = Intl::DateTimeFormat::new(&Array::new(), &Object::new()).resolved_options();
        let name = Reflect::get(&options, &"timeZone".into()).ok()?.as_string()?;
        let minutes_west = Date::new(&JsValue::from_f64(at.ms() as f64)).get_timezone_offset();
        Some((name, -60 * minutes_west as i32))
    }

    /// A part of `navigator`.
    fn navigators(part: &str) -> Result<JsValue, JsValue> {
        Reflect::get(&Reflect::get(&window(), &"navigator".into())?, &part.into())
    }

    /// Puts a text on the clipboard; false where the browser has none to give.
    pub(crate) fn copy(text: &str) -> bool {
        let copied = || -> Option<()> {
            let clipboard = navigators("clipboard").ok()?;
            let write: Function = Reflect::get(&clipboard, &"writeText".into()).ok()?.dyn_into().ok()?;
            write.call1(&clipboard, &text.into()).ok().map(drop)
        };
        copied().is_some()
    }

    /// The boxes that belong to the form with this id, wherever they stand.
    fn boxes(form: &str) -> Vec<web_sys::HtmlInputElement> {
        let elements = document()
            .get_element_by_id(form)
            .and_then(|form| Reflect::get(&form, &"elements".into()).ok())
            .map(|elements| Array::from(&elements))
            .unwrap_or_default();
        let inputs = elements.iter().filter_map(|element| element.dyn_into::<web_sys::HtmlInputElement>().ok());
        inputs.filter(|input| input.type_() == "checkbox" && !input.name().is_empty()).collect()
    }

    /// How many boxes of a form are checked.
    pub(crate) fn checked(form: &str) -> usize {
        boxes(form).iter().filter(|input| input.checked()).count()
    }

    /// Checks every box of a form, or none.
    pub(crate) fn check_all(form: &str, on: bool) {
        for input in boxes(form) {
            input.set_checked(on);
        }
    }

    /// Closes the popover that was clicked in, when a link or button of it was meant: what is rendered in place of this
    /// page may keep the element.
    pub(crate) fn close_popover(event: MouseEvent) {
        let meant =
            event.target().and_then(|target| target.unchecked_into::<Element>().closest("a[href], button").ok()?);
        if let (Some(_), Some(popover)) = (meant, event.current_target()) {
            // Refused by a popover that is not open, as the areas of a wide screen.
            call(&popover, "hidePopover", &JsValue::UNDEFINED);
        }
    }

    /// Calls a method that the browser may not have.
    fn call(object: &JsValue, method: &str, with: &JsValue) {
        if let Ok(method) = Reflect::get(object, &method.into())
            && let Some(method) = method.dyn_ref::<Function>()
        {
            let _ = method.call1(object, with);
        }
    }

    /// Opens the popover with this id, or closes it.
    pub(crate) fn toggle_popover(id: &str) {
        if let Some(popover) = document().get_element_by_id(id) {
            call(&popover, "togglePopover", &JsValue::UNDEFINED);
        }
    }

    /// Whether the popover with this id is open.
    pub(crate) fn is_open(id: &str) -> bool {
        document().get_element_by_id(id).is_some_and(|popover| popover.matches(":popover-open").unwrap_or(false))
    }

    /// Follows the link with this id, as a click does.
    pub(crate) fn press(id: &str) {
        if let Some(element) = document().get_element_by_id(id) {
            call(&element, "click", &JsValue::UNDEFINED);
        }
    }

    /// Scrolls as far as needed for the element with this id to be seen.
    pub(crate) fn reveal(id: &str) {
        if let Some(element) = document().get_element_by_id(id) {
            let options = Object::new();
            let _ = Reflect::set(&options, &"block".into(), &"nearest".into());
            call(&element, "scrollIntoView", &options);
        }
    }

    /// Whether this keyboard has a ⌘.
    pub(crate) fn on_mac() -> bool {
        let platform = navigators("platform").ok().and_then(|platform| platform.as_string());
        platform.is_some_and(|platform| platform.starts_with("Mac") || platform.starts_with("iP"))
    }

    /// Moves the focus to the input with this id, so that typing replaces what is in it.
    pub(crate) fn retype(id: &str) {
        if let Some(input) = input(id) {
            let _ = input.focus();
            input.select();
        }
    }

    /// Asks the server for the present page afresh, unless that was tried a moment ago and did not help: then the page as
    /// the server made it is all there is.
    pub(crate) fn reload_once() {
        const TRIED: &str = "postern-reloaded";
        // The tab's name outlives the page and nothing else.
        let tried = window().name().is_ok_and(|name| name == TRIED);
        let _ = window().set_name(if tried { "" } else { TRIED });
        if !tried {
            let _ = window().location().reload();
        }
    }

    /// What a form would send now.
    pub(crate) fn entered(form: &HtmlFormElement) -> String {
        let data = web_sys::FormData::new_with_form(form).ok();
        let body = data.and_then(|data| web_sys::UrlSearchParams::new_with_str_sequence_sequence(&data).ok());
        body.map_or_else(String::new, |body| body.to_string().into())
    }

    /// Sends what a form would without leaving its page, and then leaves it for where the answer leads. An answer that
    /// is an error is handed back: the page stays as it is, with what was typed. None where there was no answer.
    pub(crate) fn send(url: &'static str, body: String) -> impl Future<Output = Result<(), Option<String>>> + Send {
        SendWrapper::new(answer(url, body))
    }

    async fn answer(url: &str, body: String) -> Result<(), Option<String>> {
        let unanswered = |_: JsValue| None;
        let headers = web_sys::Headers::new().map_err(unanswered)?;
        headers.set("Accept", "application/json").map_err(unanswered)?;
        headers.set("Content-Type", "application/x-www-form-urlencoded").map_err(unanswered)?;
        let options = web_sys::RequestInit::new();
        options.set_method("POST");
        options.set_headers(&headers);
        options.set_body(&body.into());
        let request = web_sys::Request::new_with_str_and_init(url, &options).map_err(unanswered)?;
        let answer = JsFuture::from(window().fetch_with_request(&request)).await.map_err(unanswered)?;
        let answer: web_sys::Response = answer.unchecked_into();
        if let (true, Ok(Some(path))) = (answer.ok(), answer.headers().get("location")) {
            window().location().assign(&path).map_err(unanswered)?;
            // The form stays on its way until the next page is there, so that it is not sent twice.
            return std::future::pending().await;
        }
        let text = JsFuture::from(answer.text().map_err(unanswered)?).await.map_err(unanswered)?;
        Err(text.as_string())
    }

    /// Has the browser ask an authenticator (WebAuthn §5.1): `create` makes a passkey, `get` has one answer. Options and
    /// answer are JSON in which bytes are base64url; what goes wrong is the name of the exception.
    pub(crate) fn passkey(
        method: &'static str,
        options: String,
    ) -> impl Future<Output = Result<String, String>> + Send {
        let named = |exception: JsValue| {
            Reflect::get(&exception, &"name".into()).ok().and_then(|name| name.as_string()).unwrap_or_default()
        };
        SendWrapper::new(async move { credential(method, &options).await.map_err(named) })
    }

    async fn credential(method: &str, options: &str) -> Result<String, JsValue> {
        let options = JSON::parse(options)?;
        let [user, exclude, allow] =
            ["user", "excludeCredentials", "allowCredentials"].map(|name| Reflect::get(&options, &name.into()));
        let listed = [exclude?, allow?].into_iter().filter(Array::is_array).flat_map(|list| Array::from(&list));
        for described in listed.chain(user).filter(JsValue::is_object) {
            into_bytes(&described, "id")?;
        }
        into_bytes(&options, "challenge")?;
        let (asked, credentials) = (Object::new(), navigators("credentials")?);
        Reflect::set(&asked, &"publicKey".into(), &options)?;
        let call: Function = Reflect::get(&credentials, &method.into())?.dyn_into()?;
        let promise: Promise = call.call1(&credentials, &asked)?.dyn_into()?;
        let credential = JsFuture::from(promise).await?;
        let answer = Object::new();
        for name in ["id", "type"] {
            Reflect::set(&answer, &name.into(), &Reflect::get(&credential, &name.into())?)?;
        }
        from_bytes(&credential, "rawId", &answer)?;
        let (said, response) = (Object::new(), Reflect::get(&credential, &"response".into())?);
        for name in ["attestationObject", "clientDataJSON", "authenticatorData", "signature", "userHandle"] {
            from_bytes(&response, name, &said)?;
        }
        Reflect::set(&answer, &"response".into(), &said)?;
        Ok(JSON::stringify(&answer)?.into())
    }

    /// Base64url becomes bytes, in its place.
    fn into_bytes(object: &JsValue, name: &str) -> Result<(), JsValue> {
        let text = Reflect::get(object, &name.into())?.as_string().unwrap_or_default();
        let bytes: Vec<u8> =
            window().atob(&text.replace('-', "+").replace('_', "/"))?.chars().map(|c| c as u8).collect();
        Reflect::set(object, &name.into(), &Uint8Array::from(bytes.as_slice())).map(drop)
    }

    /// Bytes, where there are some, become base64url in another object.
    fn from_bytes(object: &JsValue, name: &str, into: &Object) -> Result<(), JsValue> {
        let bytes = Reflect::get(object, &name.into())?;
        if bytes.is_object() {
            let latin: String = Uint8Array::new(&bytes).to_vec().into_iter().map(char::from).collect();
            let text = window().btoa(&latin)?.replace('+', "-").replace('/', "_");
            Reflect::set(into, &name.into(), &text.trim_end_matches('=').into())?;
        }
        Ok(())
    }

    fn input(id: &str) -> Option<web_sys::HtmlInputElement> {
        document().get_element_by_id(id)?.dyn_into().ok()
    }

    /// What is typed into the input with this id.
    pub(crate) fn typed(id: &str) -> String {
        input(id).map(|input| input.value()).unwrap_or_default()
    }

    /// Whether the box with this id is checked.
    pub(crate) fn is_checked(id: &str) -> bool {
        input(id).is_some_and(|input| input.checked())
    }

    /// How hard a password is to guess, by code that is loaded with the first one that is asked about. Nothing where it cannot
    /// be loaded.
    pub(crate) async fn guessed(password: String) -> Option<Guessed> {
        estimate(password).await.ok()
    }

    #[wasm_split(strength, wasm_split_path = ::leptos::wasm_split, fallible)]
    fn estimate(password: String) -> Result<Guessed, SplitLoaderError> {
        let found = zxcvbn(&password, &["postern"]);
        let weakness = found.feedback().and_then(|feedback| feedback.warning()).map(|warning| match warning {
            Warning::StraightRowsOfKeysAreEasyToGuess | Warning::ShortKeyboardPatternsAreEasyToGuess => Weakness::Keys,
            Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => {
                Weakness::Repeats
            }
            Warning::ThisIsATop10Password | Warning::ThisIsATop100Password | Warning::ThisIsACommonPassword => {
                Weakness::Common
            }
            Warning::ThisIsSimilarToACommonlyUsedPassword => Weakness::Similar,
            Warning::SequencesLikeAbcAreEasyToGuess => Weakness::Sequence,
            Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess => Weakness::Date,
            Warning::AWordByItselfIsEasyToGuess => Weakness::Word,
            Warning::NamesAndSurnamesByThemselvesAreEasyToGuess | Warning::CommonNamesAndSurnamesAreEasyToGuess => {
                Weakness::Name
            }
        });
        Ok(Guessed { score: u8::from(found.score()), weakness })
    }

    /// Opens the print dialog.
    pub(crate) fn print() {
        let _ = window().print();
    }

    /// Tells the server, by a cookie, in which zone this person reads times. Worth nothing to anybody else.
    pub(crate) fn remember_time_zone() {
        let zone = zone(Timestamp::from_ms(0)).map(|(name, _)| name);
        if let Some(zone) = zone {
            let cookie = format!("time_zone={zone}; Path=/; Max-Age=31536000; SameSite=Lax");
            let _ = Reflect::set(&document(), &"cookie".into(), &cookie.into());
        }
    }

    /// What the document's head says under this name.
    pub(crate) fn of_document(name: &str) -> Option<String> {
        let meta = document().query_selector(&format!("meta[name={name}]")).ok()??;
        meta.get_attribute("content")
    }

    /// Moves the focus to the element with this id.
    pub(crate) fn focus(id: &str) {
        if let Some(element) = document().get_element_by_id(id) {
            let _ = element.unchecked_into::<web_sys::HtmlElement>().focus();
        }
    }
}

#[cfg(not(feature = "hydrate"))]
mod on_server {
    use domain::{passwords::Guessed, time::Timestamp};
    use leptos::{ev::MouseEvent, web_sys::HtmlFormElement};

    pub(crate) const IS_HERE: bool = false;

    pub(crate) fn close_popover(_event: MouseEvent) {}

    pub(crate) fn toggle_popover(_id: &str) {}

    pub(crate) fn is_open(_id: &str) -> bool {
        false
    }

    pub(crate) fn press(_id: &str) {}

    pub(crate) fn reveal(_id: &str) {}

    pub(crate) fn on_mac() -> bool {
        false
    }

    pub(crate) fn every(_seconds: u32, _tick: impl Fn() + 'static) {}

    pub(crate) fn after(_seconds: u32, _then: impl FnOnce() + 'static) {}

    pub(crate) fn ticks_ms() -> i64 {
        0
    }

    pub(crate) fn zone(_at: Timestamp) -> Option<(String, i32)> {
        None
    }

    pub(crate) fn checked(_: &str) -> usize {
        0
    }

    pub(crate) fn check_all(_: &str, _: bool) {}

    pub(crate) fn copy(_text: &str) -> bool {
        false
    }

    pub(crate) fn retype(_id: &str) {}

    pub(crate) async fn passkey(_method: &'static str, _options: String) -> Result<String, String> {
        Err(String::new())
    }

    pub(crate) fn typed(_id: &str) -> String {
        String::new()
    }

    pub(crate) fn is_checked(_id: &str) -> bool {
        false
    }

    pub(crate) async fn guessed(_password: String) -> Option<Guessed> {
        None
    }

    pub(crate) fn print() {}

    pub(crate) fn reload_once() {}

    pub(crate) fn entered(_form: &HtmlFormElement) -> String {
        String::new()
    }

    pub(crate) async fn send(_url: &'static str, _body: String) -> Result<(), Option<String>> {
        Err(None)
    }

    pub(crate) fn remember_time_zone() {}

    pub(crate) fn of_document(_name: &str) -> Option<String> {
        None
    }

    pub(crate) fn focus(_id: &str) {}
}
