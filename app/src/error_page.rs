//! The page shown in place of one that cannot be: says what happened and what to do next, with the right status.

use crate::{
    caller,
    error::AppError,
    help::Support,
    layout::StrangerFrame,
    next::{Next, use_this_address, use_this_page},
    paths,
    sign_in::SignOut,
    ui::{LinkButton, PageHead, Weight},
};
use domain::{errors::Conflict, policy::Denied};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;
use leptos_router::components::Redirect;

/// Instead of a page whose data was refused. Who has to sign in first, or to finish signing in, is sent there: this is
/// the one place that knows it, and each such page comes by here.
#[component]
pub(crate) fn ErrorPage(error: AppError) -> impl IntoView {
    match way_back(&error, &use_this_page(), &use_this_address()) {
        Some(path) => Either::Left(view! { <Redirect path/> }),
        None => Either::Right(view! { <Refusal error/> }),
    }
}

/// The step that comes first, if one does. A step of the sign-in that is not this session's leads to the start, which
/// knows the one that is.
fn way_back(error: &AppError, page: &Next, address: &Next) -> Option<String> {
    match error {
        AppError::NotSignedIn => Some(page.carried_by(paths::sign_in())),
        AppError::Unfinished(standing) => Some(page.step(*standing, None)),
        AppError::Denied(Denied::StepUpNeeded(_)) => Some(address.carried_by(paths::step_up())),
        AppError::Conflict(Conflict::OutOfOrder) => Some(paths::home()),
        _ => None,
    }
}

/// Says what happened and what to do next.
#[component]
pub(crate) fn Refusal(error: AppError) -> impl IntoView {
    caller::set_page_status(error.status());
    if let AppError::Throttled { retry_after_seconds } = error {
        caller::set_page_retry_after(retry_after_seconds);
    }
    let title = match error {
        _ if error.status() == 404 => tr!("error.page.title_not_found"),
        AppError::Denied(_) => tr!("error.page.title_denied"),
        _ => tr!("error.page.title_failed"),
    };
    let text = error.text();
    let signed_out = matches!(error, AppError::Denied(Denied::SignedOutHere));
    let weight = if signed_out { Weight::Secondary } else { Weight::Primary };
    view! {
        <Title text=title/>
        <main class="main" id="main" data-page="error" data-state=error.status().to_string()>
            <PageHead title>{text}</PageHead>
            <div class="actions">
                {signed_out.then(|| view! { <SignOut label=tr!("error.page.sign_in_again") class="button primary"/> })}
                <LinkButton href=paths::home() label=tr!("error.page.home") weight/>
            </div>
            <Support/>
        </main>
    }
}

/// No page has this address.
#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    view! {
        <StrangerFrame>
            <ErrorPage error=AppError::NotFound/>
        </StrangerFrame>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::sessions::{Standing, StepUp};

    #[test]
    fn who_is_not_in_is_sent_to_the_step_that_comes_first() {
        let (page, address) = (Next::to("/me/sessions"), Next::to("/enrol?next=/me/sessions"));
        for (error, way) in [
            (AppError::NotSignedIn, Some("/sign-in?next=/me/sessions")),
            (AppError::Unfinished(Standing::AwaitingMfa), Some("/sign-in/mfa?next=/me/sessions")),
            (AppError::Unfinished(Standing::EnrolOnly), Some("/enrol?next=/me/sessions")),
            (AppError::Unfinished(Standing::EnrolPhishingResistant), Some("/enrol/passkey?next=/me/sessions")),
            (
                AppError::Denied(Denied::StepUpNeeded(StepUp::NeedsPassword)),
                Some("/step-up?next=/enrol%3Fnext%3D/me/sessions"),
            ),
            (AppError::Conflict(Conflict::OutOfOrder), Some("/")),
            (AppError::NotFound, None),
            (AppError::Internal { request_id: None }, None),
        ] {
            assert_eq!(way_back(&error, &page, &address).as_deref(), way, "{error:?}");
        }
    }
}
