//! The form of the first visit: posts like an `ActionForm`, stays with what was typed when it is refused, and brings a
//! tenth of its code along. After success it always leads to another page, which the server renders; where a page goes on
//! living after its form, `ActionForm` is the right one.

use super::browser;
use crate::error::AppError;
use leptos::{
    prelude::*,
    server::ServerActionError,
    server_fn::{ServerFn, error::ServerFnUrlError},
};

/// A form on its way to a server function.
#[derive(Clone, Copy)]
pub(crate) struct Post {
    url: &'static str,
    sent: Action<String, Result<(), AppError>>,
}

/// For the server function `S`. Begins with the error that a plain post left in the address, if it did.
pub(crate) fn use_post<S: ServerFn<Error = AppError>>() -> Post {
    let posted = use_context::<ServerActionError>().filter(|error| error.path() == S::PATH);
    let refused = posted.map(|error| Err(ServerFnUrlError::<AppError>::decode_err(error.err())));
    let send = |body: &String| {
        let answer = browser::send(S::PATH, body.clone());
        async { answer.await.map_err(|body| body.map_or(AppError::Unreachable, |body| AppError::of_answer(&body))) }
    };
    Post { url: S::PATH, sent: Action::new_with_value(refused, send) }
}

impl Post {
    /// Why it was refused last.
    pub(crate) fn error(self) -> Signal<Option<AppError>> {
        let value = self.sent.value();
        Signal::derive(move || value.with(|value| value.as_ref().and_then(|result| result.as_ref().err().cloned())))
    }

    /// Whether it is on its way.
    pub(crate) fn pending(self) -> Memo<bool> {
        self.sent.pending()
    }
}

/// The form itself.
#[component]
pub(crate) fn PostForm(
    post: Post,
    /// Where a field of it stands elsewhere.
    #[prop(optional)]
    id: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    let form = NodeRef::new();
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let Some(form) = form.get_untracked() {
            post.sent.dispatch(browser::entered(&form));
        }
    };
    view! {
        <form class="form" method="post" id=id action=post.url node_ref=form on:submit=send>
            {children()}
        </form>
    }
}
