//! Pages behind a mailed link: what the secret in the address leads to, read again after each decision, and never decided by
//! opening the page. Here is what they have in common: [`mailed_page`] around everything, [`Decide`] for its buttons,
//! [`Outcome`] for what became of it, [`UnknownLink`].

use crate::{
    caller,
    error::AppError,
    error_page::ErrorPage,
    help::Support,
    ui::{PageHead, Text},
};
use leptos::{either::EitherOf3, prelude::*, server_fn::ServerFn};
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_params_map;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Which of a page's two buttons was pressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Decision {
    /// Yes, in the page's words.
    Accept,
    /// No: “Decline”, “This wasn't me”.
    Decline,
}

/// What `peek` says of the secret in the page's address, now and after each `decide`, as `shown`; or as `unknown`, where it
/// leads to nothing. No search engine lists it.
pub(crate) fn mailed_page<T, D, F, S, U>(
    title: &'static str,
    decide: ServerAction<D>,
    peek: fn(String) -> F,
    shown: impl Fn(T, String) -> S + Copy + Send + Sync + 'static,
    unknown: fn() -> U,
) -> impl IntoView
where
    T: Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
    D: ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
    D::Output: Send + Sync + 'static,
    F: Future<Output = Result<T, AppError>> + Send + 'static,
    S: IntoView + 'static,
    U: IntoView + 'static,
{
    let token = use_params_map().read_untracked().get("token").unwrap_or_default();
    let of = token.clone();
    let read = Resource::new(move || (of.clone(), decide.version().get()), move |(token, _)| peek(token));
    view! {
        <Title text=title/>
        <Meta name="robots" content="noindex, nofollow"/>
        <Transition>
            {move || {
                let token = token.clone();
                Suspend::new(async move {
                    match read.await {
                        Ok(read) => EitherOf3::A(shown(read, token)),
                        Err(AppError::NotFound) => EitherOf3::B(unknown()),
                        Err(error) => EitherOf3::C(view! { <ErrorPage error/> }),
                    }
                })
            }}
        </Transition>
    }
}

/// In the form of a page: its two buttons. Which was pressed is what is sent, as a [`Decision`].
#[component]
pub(crate) fn Decide(
    token: String,
    /// In the words of this page.
    accept: &'static str,
    decline: &'static str,
    #[prop(into)] pending: Signal<bool>,
) -> impl IntoView {
    let busy = move || pending.get().then_some("true");
    view! {
        <input type="hidden" name="token" value=token/>
        <div class="actions">
            <button type="submit" class="button primary wide" name="decision" value="accept" aria-busy=busy>
                {accept}
            </button>
            <button type="submit" class="button wide" name="decision" value="decline">
                {decline}
            </button>
        </div>
    }
}

/// The page once there is nothing to decide: what became of it, and in `children` what to do next.
#[component]
pub(crate) fn Outcome(
    /// As `data-page`.
    page: &'static str,
    /// As `data-state`.
    state: &'static str,
    eyebrow: &'static str,
    #[prop(into)] title: Text,
    #[prop(into)] sentence: Text,
    children: Children,
) -> impl IntoView {
    if state == "expired" {
        caller::set_page_status(410);
    }
    view! {
        <main class="main" id="main" data-page=page data-state=state>
            <div role="status">
                <PageHead eyebrow title>
                    {sentence}
                </PageHead>
            </div>
            {children()}
            <Support/>
        </main>
    }
}

/// A link that leads to nothing: cut off, mistyped, or older than outcomes are kept.
#[component]
pub(crate) fn UnknownLink(
    page: &'static str,
    eyebrow: &'static str,
    #[prop(default = tr!("mailed.unknown.title"))] title: &'static str,
    #[prop(default = tr!("mailed.unknown.sentence"))] sentence: &'static str,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    caller::set_page_status(404);
    view! {
        <Outcome page state="unknown" eyebrow title sentence>
            {children.map(|children| children())}
        </Outcome>
    }
}
