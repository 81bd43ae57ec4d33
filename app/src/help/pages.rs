//! `/help/mfa`, `/help/account-security`, `/help/phishing`: what goes wrong, what matters, and how to tell a fraud. Each
//! says only what Postern really does.

use super::{Support, Trouble};
use crate::{
    paths,
    ui::{PageHead, Text},
};
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub(crate) fn MfaHelpPage() -> impl IntoView {
    view! {
        <Help page="help_mfa" title=tr!("help.mfa.title") sentence=tr!("help.mfa.sentence")>
            <Part title=tr!("help.mfa.clock") id=Trouble::CodeRefused.id()>
                <p>{tr!("help.mfa.clock_1")}</p>
                <p>{tr!("help.mfa.clock_2")}</p>
                <p>{tr!("help.mfa.clock_3")}</p>
            </Part>
            <Part title=tr!("help.mfa.passkey") id=Trouble::PasskeyNotFound.id()>
                <p>{tr!("help.mfa.passkey_1")}</p>
                <p>{tr!("help.mfa.passkey_2")}</p>
                <p>{tr!("help.mfa.passkey_3")}</p>
            </Part>
            <Part title=tr!("help.mfa.sms") id=Trouble::NoTextMessage.id()>
                <p>{tr!("help.mfa.sms_1")}</p>
                <p>{tr!("help.mfa.sms_2")}</p>
                <p>{tr!("help.mfa.sms_3")}</p>
            </Part>
            <Part title=tr!("help.mfa.lost") id=Trouble::PhoneLost.id()>
                <p>{tr!("help.mfa.lost_1")}</p>
                <p>{tr!("help.mfa.lost_2")}</p>
            </Part>
            <Part title=tr!("help.mfa.no_codes") id=Trouble::NoBackupCodes.id()>
                <p>{tr!("help.mfa.no_codes_1")}</p>
                <p>{tr!("help.mfa.no_codes_2")}</p>
            </Part>
            <Part title=tr!("help.mfa.shared") id=Trouble::NeverSetUp.id()>
                <p>{tr!("help.mfa.shared_1")}</p>
                <p>{tr!("help.mfa.shared_2")}</p>
            </Part>
            <Part title=tr!("help.mfa.again") id=Trouble::AskedAgain.id()>
                <p>{tr!("help.mfa.again_1")}</p>
                <p>{tr!("help.mfa.again_2")}</p>
                <p>{tr!("help.mfa.again_3")}</p>
                <p>{tr!("help.mfa.again_4")}</p>
            </Part>
        </Help>
    }
}

#[component]
pub(crate) fn AccountSecurityHelpPage() -> impl IntoView {
    view! {
        <Help
            page="help_account_security"
            title=tr!("help.account_security.title")
            sentence=tr!("help.account_security.sentence")
        >
            <Part title=tr!("help.account_security.password") id="password">
                <p>{tr!("help.account_security.password_1")}</p>
            </Part>
            <Part title=tr!("help.account_security.factor") id="factor">
                <p>{tr!("help.account_security.factor_1")}</p>
            </Part>
            <Part title=tr!("help.account_security.mail") id="mail">
                <p>{tr!("help.account_security.mail_1")}</p>
            </Part>
            <Part title=tr!("help.account_security.look") id="look">
                <p>{tr!("help.account_security.look_1")}</p>
            </Part>
            <Part title=tr!("help.account_security.happened") id="happened">
                <p>{tr!("help.account_security.happened_1")}</p>
                <p>{tr!("help.account_security.happened_2")}</p>
                <p>{tr!("help.account_security.happened_3")}</p>
            </Part>
        </Help>
    }
}

#[component]
pub(crate) fn PhishingHelpPage() -> impl IntoView {
    view! {
        <Help page="help_phishing" title=tr!("help.phishing.title") sentence=tr!("help.phishing.sentence")>
            <Part title=tr!("help.phishing.address") id="address">
                <p>{tr!("help.phishing.address_1")}</p>
            </Part>
            <Part title=tr!("help.phishing.never") id="never">
                <p>{tr!("help.phishing.never_1")}</p>
            </Part>
            <Part title=tr!("help.phishing.expect") id="expect">
                <p>{tr!("help.phishing.expect_1")}</p>
                <p>{tr!("help.phishing.expect_2")}</p>
            </Part>
            <Part title=tr!("help.phishing.ask") id="ask">
                <p>{tr!("help.phishing.ask_1")}</p>
            </Part>
        </Help>
    }
}

/// The frame of a page of help, with the way to the others.
#[component]
fn Help(
    /// As `data-page`.
    page: &'static str,
    #[prop(into)] title: Text,
    sentence: &'static str,
    children: Children,
) -> impl IntoView {
    let others = [
        ("help_mfa", paths::help_mfa(), tr!("help.mfa.title")),
        ("help_account_security", paths::help_account_security(), tr!("help.account_security.title")),
        ("help_phishing", paths::help_phishing(), tr!("help.phishing.title")),
    ];
    let others = others
        .into_iter()
        .filter(|(key, ..)| *key != page)
        .map(|(_, href, title)| {
            view! {
                <li>
                    <a href=href>{title}</a>
                </li>
            }
        })
        .collect_view();
    view! {
        <Title text=title.to_string()/>
        <main class="main" id="main" data-page=page data-state="open">
            <PageHead eyebrow=tr!("help.eyebrow") title>
                {sentence}
            </PageHead>
            {children()}
            <Support/>
            <nav class="stack tight" aria-label=tr!("help.more")>
                <h2>{tr!("help.more")}</h2>
                <ul class="stack tight">
                    {others}
                    <li>
                        <a href=paths::sign_in()>{tr!("help.sign_in")}</a>
                    </li>
                </ul>
            </nav>
        </main>
    }
}

#[component]
fn Part(
    #[prop(into)] title: Text,
    /// To be linked to from where the trouble is.
    id: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <section class="prose" id=id>
            <h2>{title}</h2>
            {children()}
        </section>
    }
}
