//! The few signs there are. Always beside a word, or on a button that has a name of its own: none is read aloud.

use leptos::prelude::*;

/// A sign of 16 px.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Icon {
    /// Three dots above each other: more can be done here.
    More,
    /// This opens downwards.
    Down,
    /// This is one of several, to be switched.
    UpDown,
    /// The list of areas.
    Bars,
    /// Close.
    Cross,
    /// Look for something.
    Search,
}

impl IntoRender for Icon {
    type Output = AnyView;

    fn into_render(self) -> AnyView {
        let path = match self {
            Self::More => "M8 3h.01M8 8h.01M8 13h.01",
            Self::Down => "m4.5 6.5 3.5 3.5 3.5-3.5",
            Self::UpDown => "m5 6 3-3 3 3M5 10l3 3 3-3",
            Self::Bars => "M2.5 4h11M2.5 8h11M2.5 12h11",
            Self::Cross => "m4 4 8 8m0-8-8 8",
            Self::Search => "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9Zm3.2-1.3 3.3 3.3",
        };
        let width = if self == Self::More { "2.75" } else { "1.5" };
        view! {
            <svg
                width="16"
                height="16"
                viewBox="0 0 16 16"
                fill="none"
                stroke="currentColor"
                stroke-width=width
                stroke-linecap="round"
                stroke-linejoin="round"
                aria-hidden="true"
            >
                <path d=path></path>
            </svg>
        }
        .into_any()
    }
}
