//! `/sign-in`: address and password, one form. Whole without any script.

use super::api;
use crate::{
    next::{NextField, use_done, use_next},
    paths,
    ui::{
        Entry, LinkButton, Notice, PageHead, PostForm, Submit, TextField, Tone,
        form::{FormError, problem},
        remember_time_zone, use_post,
    },
};
use domain::errors::Field;
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub(crate) fn SignInPage() -> impl IntoView {
    let sign_in = use_post::<api::SignIn>();
    let error = sign_in.error();
    let next = use_next();
    let by_passkey = next.carried_by(paths::sign_in_passkey());
    // A mail or a session names times in the zone in which the person reads them.
    Effect::new(|_| remember_time_zone());
    view! {
        <Title text=tr!("sign_in.title")/>
        <main class="main" id="main" data-page="sign_in" data-state="open">
            <PageHead title=tr!("sign_in.title")/>
            <Welcome returning=next.path().is_some()/>
            <PostForm post=sign_in>
                <FormError error/>
                <TextField
                    name="email"
                    label=tr!("sign_in.email")
                    entry=Entry::Email
                    problem=problem(error, Field::Email)
                    required=true
                    autofocus=true
                />
                <TextField
                    name="password"
                    label=tr!("sign_in.password")
                    entry=Entry::Password
                    problem=problem(error, Field::Password)
                    required=true
                >
                    <a href=paths::forgot_password()>{tr!("sign_in.forgot")}</a>
                </TextField>
                <NextField next/>
                <Submit label=tr!("sign_in.submit") weight=crate::ui::Weight::Primary wide=true pending=sign_in.pending()/>
            </PostForm>
            <LinkButton href=by_passkey label=tr!("sign_in.by_passkey") wide=true/>
        </main>
    }
}

/// Why one is here again.
#[component]
fn Welcome(
    /// Whether a page was asked for that needs somebody to be signed in.
    returning: bool,
) -> impl IntoView {
    let done = use_done();
    move || {
        let text = match done.read().as_deref() {
            Some("password_set") => Some((Tone::Good, tr!("sign_in.password_was_set"))),
            Some("signed_out") => Some((Tone::Good, tr!("sign_in.signed_out"))),
            _ if returning => Some((Tone::Neutral, tr!("sign_in.session_over"))),
            _ => None,
        };
        text.map(|(tone, title)| view! { <div role="status"><Notice tone title/></div> })
    }
}
