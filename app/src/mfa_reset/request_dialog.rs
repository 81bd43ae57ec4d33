//! “Reset MFA” over the list: the form of [`super::request_page`] without leaving the list. Who has no script, or wants
//! a tab of its own, gets the page.

use super::{api, request_form::RequestForm};
use crate::ui::{Dialog, Notice, Skeleton, Tone, Weight};
use domain::{ids::UserId, scope::Scope};
use leptos::{either::Either, prelude::*};

/// By which a list opens its dialog.
#[derive(Clone, Copy)]
pub(crate) struct RequestDialogHandle {
    open: RwSignal<bool>,
    of: RwSignal<Option<(Scope, UserId)>>,
    opener: RwSignal<String>,
}

impl RequestDialogHandle {
    /// Closed.
    pub(crate) fn new() -> Self {
        Self { open: RwSignal::new(false), of: RwSignal::new(None), opener: RwSignal::new(String::new()) }
    }

    /// Opens it for a member; the focus returns to the element with the id `opener`.
    pub(crate) fn open_for(&self, scope: Scope, user: UserId, opener: String) {
        self.opener.set(opener);
        self.of.set(Some((scope, user)));
        self.open.set(true);
    }
}

#[component]
pub(crate) fn RequestDialog(handle: RequestDialogHandle) -> impl IntoView {
    let RequestDialogHandle { open, of, opener } = handle;
    view! {
        <Dialog open name=tr!("mfa_reset_request.dialog") opener>
            {move || of.get().map(|(scope, user)| view! { <Content scope user open/> })}
        </Dialog>
    }
}

#[component]
fn Content(scope: Scope, user: UserId, open: RwSignal<bool>) -> impl IntoView {
    let preview = LocalResource::new(move || api::preview(scope, user));
    let cancel = move || {
        view! {
            <button type="button" class=Weight::Secondary.class() on:click=move |_| open.set(false)>
                {tr!("mfa_reset_request.cancel")}
            </button>
        }
        .into_any()
    };
    view! {
        <Suspense fallback=|| view! { <Skeleton label=tr!("mfa_reset_request.loading")/> }>
            {move || Suspend::new(async move {
                match preview.await {
                    Ok(preview) => {
                        let title = tr!("mfa_reset_request.title", name = preview.name);
                        Either::Left(view! {
                            <h2>{title}</h2>
                            <RequestForm preview cancel=cancel()/>
                        })
                    }
                    Err(error) => {
                        Either::Right(view! {
                            <Notice tone=Tone::Bad title=error.text()>
                                <div class="actions">{cancel()}</div>
                            </Notice>
                        })
                    }
                }
            })}
        </Suspense>
    }
}
