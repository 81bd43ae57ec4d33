//! `/sign-in/passkey`: signing in by a passkey alone. Asks at once; who has none goes back to address and password.

use super::{Ceremony, PasskeyButton};
use crate::{
    help::Trouble,
    next::use_next,
    paths,
    ui::{PageHead, remember_time_zone},
};
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub(crate) fn PasskeySignInPage() -> impl IntoView {
    let next = use_next();
    let by_password = next.carried_by(paths::sign_in());
    Effect::new(|_| remember_time_zone());
    view! {
        <Title text=tr!("passkeys.sign_in.title")/>
        <main class="main" id="main" data-page="passkey_sign_in" data-state="open">
            <PageHead title=tr!("passkeys.sign_in.title")>{tr!("passkeys.sign_in.sentence")}</PageHead>
            <PasskeyButton
                label=tr!("passkeys.sign_in.submit")
                ceremony=move || Ceremony::SignIn(next.clone())
                at_once=true
            />
            <ul class="stack tight">
                <li>
                    <a href=by_password>{tr!("passkeys.sign_in.by_password")}</a>
                </li>
                <li>
                    <a href=Trouble::PasskeyNotFound.href()>{tr!("passkeys.help")}</a>
                </li>
            </ul>
        </main>
    }
}
