//! `/sign-in/mfa/help`: two ways back in for who cannot give the second factor. Changes nothing and asks for nothing.

use crate::{
    help::Support,
    paths,
    ui::{LinkButton, PageHead},
};
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub(crate) fn MfaHelpPage() -> impl IntoView {
    view! {
        <Title text=tr!("sign_in.mfa_help.title")/>
        <main class="main" id="main" data-page="mfa_help" data-state="open">
            <PageHead title=tr!("sign_in.mfa_help.title")>{tr!("sign_in.mfa_help.sentence")}</PageHead>
            <section class="prose">
                <h2>{tr!("sign_in.mfa_help.backup_title")}</h2>
                <p>{tr!("sign_in.mfa_help.backup")}</p>
                <p>
                    <LinkButton href=paths::sign_in_mfa() label=tr!("sign_in.mfa_help.backup_link")/>
                </p>
            </section>
            <section class="prose">
                <h2>{tr!("sign_in.mfa_help.ask_title")}</h2>
                <p>{tr!("sign_in.mfa_help.ask")}</p>
                <p>{tr!("sign_in.mfa_help.ask_what")}</p>
                <p>{tr!("sign_in.mfa_help.nobody")}</p>
                <p>{tr!("sign_in.mfa_help.never")}</p>
            </section>
            <Support/>
            <p>
                <a href=paths::sign_in()>{tr!("sign_in.mfa_help.back")}</a>
            </p>
        </main>
    }
}
