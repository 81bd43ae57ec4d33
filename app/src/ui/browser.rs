//! What only a browser can do: timers, the clipboard, the reader's own clock, focus. The one place here that is compiled
//! differently for the two sides; on the server each function does nothing, and none is called outside an effect or a
//! handler, which the server never runs.

#[cfg(feature = "hydrate")]
pub(crate) use in_browser::*;
#[cfg(not(feature = "hydrate"))]
pub(crate) use on_server::*;

#[cfg(feature = "hydrate")]
mod in_browser {
    use domain::time::Timestamp;
    use gloo_timers::callback::{Interval, Timeout};
    use leptos::{
        prelude::*,
        web_sys::{
            self, Element, HtmlFormElement, MouseEvent,
            js_sys::{Array, Date, Function, Intl, Object, Reflect},
        },
    };
    use send_wrapper::SendWrapper;
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;

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

    /// Puts a text on the clipboard; false where the browser has none to give.
    pub(crate) fn copy(text: &str) -> bool {
        let copied = || -> Option<()> {
            let clipboard =
                Reflect::get(&Reflect::get(&window(), &"navigator".into()).ok()?, &"clipboard".into()).ok()?;
            let write: Function = Reflect::get(&clipboard, &"writeText".into()).ok()?.dyn_into().ok()?;
            write.call1(&clipboard, &text.into()).ok().map(drop)
        };
        copied().is_some()
    }

    /// Closes the popover that was clicked in, when a link or button of it was meant: what is rendered in place of this
    /// page may keep the element.
    pub(crate) fn close_popover(event: MouseEvent) {
        let meant =
            event.target().and_then(|target| target.unchecked_into::<Element>().closest("a[href], button").ok()?);
        if let (Some(_), Some(popover)) = (meant, event.current_target()) {
            let hide =
                Reflect::get(&popover, &"hidePopover".into()).ok().and_then(|hide| hide.dyn_into::<Function>().ok());
            if let Some(hide) = hide {
                // Refused by a popover that is not open, as the areas of a wide screen.
                let _ = hide.call0(&popover);
            }
        }
    }

    /// Moves the focus to the input with this id, so that typing replaces what is in it.
    pub(crate) fn retype(id: &str) {
        if let Some(input) =
            document().get_element_by_id(id).and_then(|element| element.dyn_into::<web_sys::HtmlInputElement>().ok())
        {
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
    use domain::time::Timestamp;
    use leptos::{ev::MouseEvent, web_sys::HtmlFormElement};

    pub(crate) fn close_popover(_event: MouseEvent) {}

    pub(crate) fn every(_seconds: u32, _tick: impl Fn() + 'static) {}

    pub(crate) fn after(_seconds: u32, _then: impl FnOnce() + 'static) {}

    pub(crate) fn ticks_ms() -> i64 {
        0
    }

    pub(crate) fn zone(_at: Timestamp) -> Option<(String, i32)> {
        None
    }

    pub(crate) fn copy(_text: &str) -> bool {
        false
    }

    pub(crate) fn retype(_id: &str) {}

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
