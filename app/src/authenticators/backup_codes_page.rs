//! `/me/security/backup-codes`: the codes that were just made, until the person says that they are saved.

use super::api;
use crate::{
    error_page::ErrorPage,
    next::{Next, NextField, use_next},
    paths,
    ui::{
        BackupCodeList, CopyButton, LinkButton, PageHead, PrintButton, Submit, Weight,
        form::{FormError, form_error},
    },
};
use leptos::{either::EitherOf4, prelude::*};
use leptos_meta::Title;
use leptos_router::components::Redirect;

#[component]
pub(crate) fn BackupCodesPage() -> impl IntoView {
    let codes = Resource::new(|| (), |()| api::fresh_backup_codes());
    let next = use_next();
    view! {
        <Title text=tr!("authenticators.backup.title")/>
        <Suspense>
            {move || {
                let next = next.clone();
                Suspend::new(async move {
                    match (codes.await, next.path()) {
                        (Err(error), _) => EitherOf4::A(view! { <ErrorPage error/> }),
                        (Ok(Some(codes)), _) => EitherOf4::B(view! { <Save codes=codes.codes next/> }),
                        (Ok(None), Some(next)) => EitherOf4::C(view! { <Redirect path=next.to_owned()/> }),
                        (Ok(None), None) => EitherOf4::D(view! { <NothingToShow/> }),
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn Save(codes: Vec<String>, next: Next) -> impl IntoView {
    let saved = ServerAction::<api::AcknowledgeBackupCodes>::new();
    let text = codes.join("\n");
    view! {
        <main class="main" id="main" data-page="backup_codes" data-state="open">
            <PageHead eyebrow=tr!("authenticators.backup.eyebrow") title=tr!("authenticators.backup.title")>
                {tr!("authenticators.backup.sentence")}
            </PageHead>
            <section class="stack" aria-label=tr!("authenticators.backup.list")>
                <BackupCodeList codes/>
                <div class="actions row">
                    <a class="button" href=as_file(&text) download="postern-backup-codes.txt">
                        {tr!("authenticators.backup.download")}
                    </a>
                    <CopyButton
                        text
                        label=tr!("authenticators.backup.copy")
                        done=tr!("authenticators.backup.copied")
                    />
                    <PrintButton label=tr!("authenticators.backup.print")/>
                </div>
            </section>
            <ActionForm action=saved attr:class="form actions">
                <FormError error=form_error(saved)/>
                <NextField next/>
                <Submit
                    label=tr!("authenticators.backup.saved")
                    weight=Weight::Primary
                    wide=true
                    pending=saved.pending()
                />
            </ActionForm>
        </main>
    }
}

/// The codes as a file that the page itself holds: they are on no second address, and it works without script.
fn as_file(text: &str) -> String {
    format!("data:text/plain;charset=utf-8,{}", text.replace('\n', "%0D%0A"))
}

#[component]
fn NothingToShow() -> impl IntoView {
    view! {
        <main class="main" id="main" data-page="backup_codes" data-state="none">
            <PageHead title=tr!("authenticators.backup.none")>{tr!("authenticators.backup.none_sentence")}</PageHead>
            <p>
                <LinkButton href=paths::me_security() label=tr!("authenticators.backup.none_link")/>
            </p>
        </main>
    }
}
