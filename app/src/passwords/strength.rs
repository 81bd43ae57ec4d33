//! How hard a new password is to guess, and why, while it is typed (3.4). Only shown: what is refused, the server says. The
//! password stays in the browser; the code that looks at it is loaded with the first character.

use crate::ui::guessed;
use domain::passwords::{Guessed, Weakness};
use leptos::prelude::*;

/// Around the field for the password. Nothing without script, or before anything is typed.
#[component]
pub(crate) fn Strength(children: Children) -> impl IntoView {
    let guess = Action::new_unsync(|password: &String| guessed(password.clone()));
    let said = move || {
        guess.value().get().flatten().map(|Guessed { score, weakness }| {
            let why = weakness.map(weakness_text).or((score < 3).then(|| tr!("passwords.strength.more")));
            view! {
                <div class="bar" aria-hidden="true">
                    {(0..4).map(|part| view! { <span class:on=part < score.max(1)></span> }).collect_view()}
                </div>
                <p class="hint">{score_text(score)} " " {why}</p>
            }
        })
    };
    view! {
        <div
            class="field"
            on:input=move |event| {
                guess.dispatch_local(event_target_value(&event));
            }
        >
            {children()}
            <div data-part="strength" role="status">
                {said}
            </div>
        </div>
    }
}

fn score_text(score: u8) -> &'static str {
    match score {
        0 => tr!("passwords.strength.very_weak"),
        1 => tr!("passwords.strength.weak"),
        2 => tr!("passwords.strength.fair"),
        3 => tr!("passwords.strength.good"),
        _ => tr!("passwords.strength.strong"),
    }
}

fn weakness_text(weakness: Weakness) -> &'static str {
    match weakness {
        Weakness::Keys => tr!("passwords.strength.keys"),
        Weakness::Repeats => tr!("passwords.strength.repeats"),
        Weakness::Common => tr!("passwords.strength.common"),
        Weakness::Similar => tr!("passwords.strength.similar"),
        Weakness::Sequence => tr!("passwords.strength.sequence"),
        Weakness::Date => tr!("passwords.strength.date"),
        Weakness::Word => tr!("passwords.strength.word"),
        Weakness::Name => tr!("passwords.strength.name"),
    }
}
