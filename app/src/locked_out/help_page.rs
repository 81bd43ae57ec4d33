//! `/sign-in/mfa/help`: two ways back in for who cannot give the second factor. Opening it changes nothing; its button has
//! Postern tell the administrators.

use super::api;
use crate::{
    help::{Support, Trouble},
    next::use_done,
    paths,
    ui::{
        Done, LinkButton, PageHead, Submit, Weight,
        form::{FormError, form_error},
    },
};
use leptos::{either::EitherOf3, prelude::*};
use leptos_meta::Title;

#[component]
pub(crate) fn HelpPage() -> impl IntoView {
    let done = use_done();
    let may_ask = Resource::new(|| (), |()| api::may_ask());
    view! {
        <Title text=tr!("locked_out.title")/>
        <main class="main" id="main" data-page="mfa_help" data-state="open">
            <PageHead title=tr!("locked_out.title")>{tr!("locked_out.sentence")}</PageHead>
            <Done says=done_text/>
            <section class="prose">
                <h2>{tr!("locked_out.backup_title")}</h2>
                <p>{tr!("locked_out.backup")}</p>
                <p>
                    <LinkButton href=paths::sign_in_mfa() label=tr!("locked_out.backup_link")/>
                </p>
            </section>
            <section class="prose">
                <h2>{tr!("locked_out.ask_title")}</h2>
                <p>{tr!("locked_out.ask")}</p>
                <p>{tr!("locked_out.ask_what")}</p>
                <Suspense>
                    {move || Suspend::new(async move {
                        let is_asked = done.read().as_deref() == Some("asked");
                        match may_ask.await {
                            Ok(true) if !is_asked => EitherOf3::A(view! { <Call/> }),
                            Ok(true) => EitherOf3::B(view! { <p>{tr!("locked_out.asked")}</p> }),
                            Ok(false) => EitherOf3::C(()),
                            Err(_) => EitherOf3::B(view! { <p>{tr!("locked_out.sign_in_first")}</p> }),
                        }
                    })}
                </Suspense>
                <p>{tr!("locked_out.nobody")}</p>
                <p>{tr!("locked_out.never")}</p>
            </section>
            <Support/>
            <ul class="stack tight">
                <li>
                    <a href=Trouble::NeverSetUp.href()>{tr!("locked_out.never_set_up")}</a>
                </li>
                <li>
                    <a href=paths::sign_in()>{tr!("locked_out.back")}</a>
                </li>
            </ul>
        </main>
    }
}

/// The button, for who has given the password.
#[component]
fn Call() -> impl IntoView {
    let ask = ServerAction::<api::Ask>::new();
    view! {
        <p>{tr!("locked_out.tell")}</p>
        <ActionForm action=ask attr:class="form">
            <FormError error=form_error(ask)/>
            <div class="actions">
                <Submit label=tr!("locked_out.ask_button") weight=Weight::Primary pending=ask.pending()/>
            </div>
        </ActionForm>
    }
}

fn done_text(done: &str) -> Option<&'static str> {
    (done == "asked").then(|| tr!("locked_out.asked_title"))
}
